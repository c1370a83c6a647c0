# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task reads before it decides: the source, its backup, and the addon that has the fork's name."""

from __future__ import annotations

from typing import Optional

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError
from .._api.fork_endpoints import read_addon
from .._api.models import Backup
from .._task.not_found import explain_not_found
from . import messages
from .models import AddonFacts, ForkSpec, meant_addon
from .plan import choose_snapshot


def source_of(api: Api, spec: ForkSpec) -> Api:
    """Return the endpoints of the project that the backup is from."""
    return Api(api.client, spec.source_project_id, api.team_id)


def addon_facts(api: Api, addon_id: str, repeat: bool = True) -> AddonFacts:
    """Return all that the API tells of one addon.

    :param repeat: False for one attempt only.
    """
    return read_addon(api, addon_id, lambda data: meant_addon(AddonFacts.of_answer(data), addon_id), repeat)


def find_addon(api: Api, name: str) -> Optional[AddonFacts]:
    """Return the addon that has a name; None only where it is certain that the project, which exists, has none.

    :param name: one that is its own slug, so that it should be the addon's ID.
    """
    found = addon_or_none(api, name)
    if found is not None:
        return found
    with explain_not_found(api, ""):
        listed = api.confirm_addons(api.list_addons())
    held = next((one.id for one in listed if name in (one.name, one.id)), None)
    return None if held is None else addon_or_none(api, held)


def addon_or_none(api: Api, addon_id: str) -> Optional[AddonFacts]:
    """Return all that the API tells of one addon, if there is one of the ID."""
    try:
        return addon_facts(api, addon_id)
    except ApiError as error:
        if error.status != 404:
            raise
        return None


def backup_to_fork(api: Api, spec: ForkSpec) -> Backup:
    """Return the backup that the task means, as the API tells of it now.

    :param api: of the source's project.
    :raises BackupError: there is none, or a name could mean several.
    """
    if spec.backup_id is None:
        # The latest, or the only one of a name, is what it is because there is no other.
        addon_id = spec.source_addon_id
        return choose_snapshot(spec, api.confirm_backups(addon_id, api.list_backups(addon_id)))
    found = backup_or_none(api, spec.source_addon_id, spec.backup_id)
    if found is None:
        raise BackupError(messages.no_backup_to_fork(spec.source_addon_id, spec.backup_id, spec.source_project_id))
    return found


def backup_or_none(api: Api, addon_id: str, backup_id: str) -> Optional[Backup]:
    """Return a backup, if there is one of the ID."""
    try:
        return api.get_backup(addon_id, backup_id)
    except ApiError as error:
        if error.status != 404:
            raise
        return None
