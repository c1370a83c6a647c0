# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching backups and restores until they are final, or stopping a backup."""

from __future__ import annotations

from ansible_collections.northflank.cloud.plugins.module_utils import _hints_backup
from ansible_collections.northflank.cloud.plugins.module_utils._api import Api
from ansible_collections.northflank.cloud.plugins.module_utils._backup_start import insist, may_have_acted
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, BackupError, NorthflankError
from ansible_collections.northflank.cloud.plugins.module_utils._models import Backup
from ansible_collections.northflank.cloud.plugins.module_utils._watch import Watch, wait_for


def watch_backup(api: Api, addon_id: str, backup: Backup) -> Watch:
    """Wait for a backup.

    :param backup: its last known state.
    """

    def ask(known: Backup) -> Backup:
        return _same_backup(api, addon_id, known, repeat=False).informed_by(known)

    return Watch(
        addon_id,
        backup,
        ask,
        odd=lambda known: _hints_backup.unknown_status(addon_id, known),
        lost=lambda known, reason: _hints_backup.lost_sight(addon_id, known, reason),
    )


def _same_backup(api: Api, addon_id: str, known: Backup, repeat: bool = True) -> Backup:
    """The backup as it is now.

    :raises BackupError: it is not there any more, or its ID is another's.
    """
    try:
        now = api.get_backup(addon_id, known.id, repeat=repeat)
    except ApiError as error:
        if error.status == 404:
            raise BackupError(_hints_backup.vanished(addon_id, known)) from error
        raise
    if not now.is_same_as(known):
        raise BackupError(_hints_backup.exchanged(addon_id, known))
    return now


def abort(api: Api, addon_id: str, backup: Backup) -> bool:
    """Ask to abort a backup. Whether that worked shows in its state, some time later.

    Before it is asked for a second time, the backup is read again: its ID may be another's by then.

    :returns: False where the API says that there is nothing to abort, and no earlier request can be the reason.
    :raises ApiError: the API refused for another reason.
    :raises BackupError: the backup is not there any more, before the API took a request.
    """

    def check() -> None:
        _same_backup(api, addon_id, backup)

    try:
        insist(api.client.deadline, lambda: api.abort_backup(addon_id, backup.id, check), check)
    except NorthflankError as error:
        if may_have_acted(error):
            # What became of it, the wait after this finds out.
            return True
        if isinstance(error, ApiError) and error.status == 409:
            return False
        raise
    return True


def until_final(api: Api, addon_id: str, backup: Backup) -> Backup:
    """Watch one backup until it is final, as :func:`wait_for` does."""
    final: Backup = wait_for(watch_backup(api, addon_id, backup), api.client)
    return final


def stop(api: Api, addon_id: str, backup: Backup) -> Backup:
    """Abort a backup and watch until it is final.

    :returns: the final state; not always aborted, as it may have ended by itself a moment before.
    """
    abort(api, addon_id, backup)
    return until_final(api, addon_id, backup)
