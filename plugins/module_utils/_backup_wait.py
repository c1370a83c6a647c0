# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching backups and restores until they are final, or stopping a backup."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils import _hints, _hints_backup
from ansible_collections.northflank.cloud.plugins.module_utils._api import Api
from ansible_collections.northflank.cloud.plugins.module_utils._backup_start import insist, may_have_acted
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import (
    ApiError,
    BackupError,
    DeadlineReached,
    NorthflankError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
)
from ansible_collections.northflank.cloud.plugins.module_utils._models import Backup
from ansible_collections.northflank.cloud.plugins.module_utils._together import RunAll, one_by_one
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import (
    FINAL_STATES,
    KNOWN_STATES,
    Deadline,
    poll_interval,
)

# The last look is taken this long before the deadline, so that what was done in time is not missed.
_LAST_LOOK = 0.5
# Sums of times are never exact: what is due in a microsecond is due.
_TOLERANCE = 1e-6


class OutOfTime(DeadlineReached):
    """The deadline came before the end.

    :param state: what was waited for, as last seen.
    """

    def __init__(self, state: Any) -> None:
        self.state = state
        super().__init__("the deadline came before the end")


class Watch:
    """Something that is waited for: a backup, or a restore.

    Looks that get no usable answer are tolerated until the deadline: they say nothing about what is waited for.

    :param client: whose request budget and deadline count.
    :param share: the part of the request budget, above 0 to 1, that the looks may use.
    :param state: what is known of it now; has a ``status``.
    :param ask: asks the API once, given what is known, and returns what is known then.
    :param odd: the text for a status that nobody documented.
    :param lost: the text for a refusal or a broken connection, given what is known and the reason.
    :ivar state: what the last look told.
    :ivar due: when to look next, in seconds on the deadline's clock (``elapsed``).
    :ivar error: why there is no point in looking on.
    """

    def __init__(
        self,
        client: Client,
        share: float,
        state: Any,
        ask: Callable[[Any], Any],
        odd: Callable[[Any], str],
        lost: Callable[[Any, str], str],
    ) -> None:
        self.state = state
        self.error: Optional[NorthflankError] = None
        self._client = client
        self._deadline = client.deadline
        self._share = share
        self._ask = ask
        self._odd = odd
        self._lost = lost
        self._began = self._deadline.elapsed()
        self.due = self._began
        self._plan_next()

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for any more."""
        return self.error is not None or self.state.status in FINAL_STATES

    def look(self) -> None:
        """Ask the API once. What goes wrong is kept in ``error``."""
        pause = None
        try:
            pause = self._look()
        except NorthflankError as error:
            self.error = error
        self._plan_next(pause)

    def result(self) -> Any:
        """The final state.

        :raises OutOfTime: the deadline came first.
        :raises BackupError: it disappeared, is in a state that nobody documented, or can no longer be watched.
        """
        if self.error is not None:
            raise self.error
        return self.state

    def _plan_next(self, pause: Optional[float] = None) -> None:
        if self.over:
            return
        if self.state.status not in KNOWN_STATES:
            self.error = BackupError(self._odd(self.state))
            return
        left = self._deadline.remaining() - _LAST_LOOK
        if left <= 0:
            self.error = OutOfTime(self.state)
            return
        now = self._deadline.elapsed()
        if pause is None:
            chance = self._deadline.timing.chance()
            pause = poll_interval(now - self._began, self._client.rate, self._share, chance)
        self.due = now + min(left, pause)

    def _look(self) -> Optional[float]:
        """Take the new state, if there is one. Returns how long to leave the API alone, where it said so."""
        try:
            self.state = self._ask(self.state)
        except RateLimited as limited:
            return limited.pause
        except (DeadlineReached, OutcomeUnknown):
            return None
        except NotSent as error:
            if not error.passing:
                raise BackupError(self._lost(self.state, str(error))) from error
        except ApiError as error:
            raise BackupError(self._lost(self.state, _hints.refused(error))) from error
        return None


def watch_backup(api: Api, addon_id: str, backup: Backup, share: float) -> Watch:
    """Wait for a backup.

    :param backup: its last known state.
    """

    def ask(known: Backup) -> Backup:
        return _same_backup(api, addon_id, known, repeat=False).informed_by(known)

    return Watch(
        api.client,
        share,
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


def watch_all(watches: Sequence[Watch], deadline: Deadline, run_all: RunAll) -> None:
    """Look at each backup when it is due, until all are over."""
    while True:
        pending = [watch for watch in watches if not watch.over]
        if not pending:
            return
        pause = min(watch.due for watch in pending) - deadline.elapsed()
        if pause > _TOLERANCE:
            deadline.pause(pause)
        now = deadline.elapsed() + _TOLERANCE
        run_all([watch.look for watch in pending if watch.due <= now])


def wait_for(watch: Watch, deadline: Deadline) -> Any:
    """Watch one thing until it is final.

    :returns: the final state.
    :raises OutOfTime: the deadline came first.
    :raises BackupError: as :meth:`Watch.result`.
    """
    watch_all([watch], deadline, one_by_one)
    return watch.result()


def abort(api: Api, deadline: Deadline, addon_id: str, backup: Backup) -> bool:
    """Ask to abort a backup. Whether that worked shows in its state, some time later.

    Before it is asked for a second time, the backup is read again: its ID may be another's by then.

    :returns: False where the API says that there is nothing to abort, and no earlier request can be the reason.
    :raises ApiError: the API refused for another reason.
    :raises BackupError: the backup is not there any more, before the API took a request.
    """

    def check() -> None:
        _same_backup(api, addon_id, backup)

    try:
        insist(deadline, lambda: api.abort_backup(addon_id, backup.id, check), check)
    except NorthflankError as error:
        if may_have_acted(error):
            # What became of it, the wait after this finds out.
            return True
        if isinstance(error, ApiError) and error.status == 409:
            return False
        raise
    return True


def until_final(api: Api, deadline: Deadline, addon_id: str, backup: Backup) -> Backup:
    """Watch one backup until it is final, as :func:`wait_for` does; not held back to save requests."""
    final: Backup = wait_for(watch_backup(api, addon_id, backup, 1.0), deadline)
    return final


def stop(api: Api, deadline: Deadline, addon_id: str, backup: Backup) -> Backup:
    """Abort a backup and watch until it is final.

    :returns: the final state; not always aborted, as it may have ended by itself a moment before.
    """
    abort(api, deadline, addon_id, backup)
    return until_final(api, deadline, addon_id, backup)
