# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting exactly one backup over a wire that loses answers, and deleting no other than the one that was meant."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import BackupError, OutcomeUnknown
from .._api.models import Backup, posix_time
from .._api.recovery import Sent, send_once
from .._task.backups import KnownBackups
from . import messages


class StartUnknown(BackupError):
    """The request was sent, and it cannot be found out what became of it."""


def start(api: Api, addon_id: str, request: Mapping[str, Any], before: KnownBackups) -> Sent[Backup]:
    """Start one backup, see :func:`send_once`. It is known by its name, type, and by not having been there before.

    :param request: the body, with a name.
    :param before: the backups that existed before.
    :raises StartUnknown: a request is out, and its effect cannot be found out.
    :raises NorthflankError: any other is about the first request, so nothing was started.
    """

    def look() -> Optional[Backup]:
        return next(iter(made_by(api.list_backups(addon_id), request, before)), None)

    try:
        return send_once(api.client.deadline, lambda: api.create_backup(addon_id, request), look)
    except OutcomeUnknown as error:
        raise StartUnknown(messages.start_unknown(addon_id, request["name"], str(error))) from error


def made_by(found: Sequence[Backup], request: Mapping[str, Any], before: KnownBackups) -> list[Backup]:
    """Return backups that a request can have made: its name and type, and not there before.

    Usable ones first, then by age.
    """
    new = [
        backup
        for backup in found
        if backup.name == request["name"]
        and backup not in before
        and backup.backup_type in (request["backupType"], None)
    ]
    return sorted(new, key=lambda backup: (not backup.usable, posix_time(backup.created_at), backup.id))
