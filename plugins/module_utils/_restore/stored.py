# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup that outlives its addon and its project, found where it is stored."""

from __future__ import annotations

from .._api.endpoints import Api
from .._api.errors import BackupError
from .._api.models import Backup
from .._destination.engine import read_stored
from .._destination.models import StoredBackup
from . import messages
from .plan import RestoreTarget, choose_stored


def stored_backup(api: Api, target: RestoreTarget) -> Backup:
    """Return the backup that the task means, as its destination lists it now.

    Its ``extra`` has the project and the addon that it comes from, where the list tells both.

    The API answers for an addon that does not exist with 404, so nothing is asked of it. One request for each 100
    backups of the destination.

    :raises BackupError: there is none, or it could be several.
    """
    place = target.source_destination_id or ""
    found: list[StoredBackup] = read_stored(api, place, [])
    chosen = choose_stored(target, api.project_id, found)
    if chosen is None:
        raise BackupError(messages.not_stored(target.backup_id or "", place, *owner_of_source(api, target)))
    config = {"addon_type": chosen.addon_type, "addon_version": chosen.addon_version}
    owner = {"project_id": chosen.project_id, "addon_id": chosen.addon_id}
    return Backup(
        chosen.id,
        chosen.name,
        chosen.status,
        chosen.created_at,
        completed_at=chosen.completed_at,
        size=chosen.size,
        config={key: value for key, value in config.items() if value is not None},
        extra={} if None in owner.values() else owner,
    )


def owner_of_source(api: Api, target: RestoreTarget) -> tuple[str, str]:
    """Return the project and the addon that a backup comes from."""
    return target.source_project_id or api.project_id, target.source_addon_id or target.addon_id
