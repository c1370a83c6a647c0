# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching backups and restores until they are final, or stopping a backup."""

from __future__ import annotations

from typing import Optional

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, NorthflankError
from .._api.models import Backup
from .._api.recovery import may_have_acted, retry_idempotent
from .._api.states import BACKUP_RUNS, BLOCKED_STATES, RUNNING, SCHEDULED
from .._task.watch import Poll, wait_for
from . import messages


class Blocked(BackupError):
    """A backup is scheduled, and its addon is in a state in which it does not begin.

    The API's guide says both: that only a running addon can be backed up, and that a backup of another one is scheduled
    and begins once the addon runs.

    :ivar backup: as last seen.
    :ivar status: the addon's.
    """

    def __init__(self, backup: Backup, status: str) -> None:
        self.backup = backup
        self.status = status
        super().__init__()


class CanBegin:
    """Whether a scheduled backup can begin, which only its addon's state tells.

    Asked once where the addon runs, as almost always. While the addon is in another transitional state, or in one that
    nobody documented, it is asked again with each look at the backup.

    :param patience: at which look that shows the backup as scheduled the addon is asked for.
    """

    def __init__(self, api: Api, addon_id: str, patience: int = 1) -> None:
        self._api = api
        self._addon_id = addon_id
        self._patience = patience
        self._is_known = False

    def check(self, backup: Backup) -> None:
        """Look at the addon if the backup is scheduled.

        :raises Blocked: it does not begin.
        """
        if backup.status != SCHEDULED or self._is_known:
            return
        self._patience -= 1
        if self._patience > 0:
            return
        try:
            status = self._api.get_addon(self._addon_id, repeat=False).status
        except NorthflankError:
            # It only explains what is scheduled. What is wrong shows in the looks at the backup.
            return
        if status in BLOCKED_STATES:
            raise Blocked(backup, status)
        self._is_known = status in (RUNNING, BACKUP_RUNS)


def watch_backup(api: Api, addon_id: str, backup: Backup, can_begin: Optional[CanBegin] = None) -> Poll:
    """Wait for a backup.

    :param backup: its last known state.
    :param can_begin: ends the wait with :class:`Blocked` where the backup does not begin; None to go on waiting.
    """

    def ask(known: Backup) -> Backup:
        now = _same_backup(api, addon_id, known, repeat=False).informed_by(known)
        if can_begin is not None:
            can_begin.check(now)
        return now

    return Poll(
        addon_id,
        backup,
        ask,
        on_unknown_status=lambda known: messages.unknown_status(addon_id, known),
        on_lost=lambda known, reason: messages.lost_sight(addon_id, known, reason),
    )


def _same_backup(api: Api, addon_id: str, known: Backup, repeat: bool = True) -> Backup:
    """Return the backup as it is now.

    :raises BackupError: it is not there any more, or its ID is another's.
    """
    try:
        now = api.get_backup(addon_id, known.id, repeat=repeat)
    except ApiError as error:
        if error.status == 404:
            raise BackupError(messages.vanished(addon_id, known)) from error
        raise
    if not now.is_same_as(known):
        raise BackupError(messages.exchanged(addon_id, known))
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
        retry_idempotent(api.client.deadline, lambda: api.abort_backup(addon_id, backup.id, check), check)
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
