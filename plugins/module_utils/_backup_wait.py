# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching backups until they are final, or stopping one."""

from __future__ import annotations

from typing import Callable, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils import _hints
from ansible_collections.northflank.cloud.plugins.module_utils._api import Api
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
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import (
    FINAL_STATES,
    KNOWN_STATES,
    Deadline,
    backoff,
    poll_interval,
)

# The last look is taken this long before the deadline, so that what was done in time is not missed.
_LAST_LOOK = 0.5
_ABORT_ATTEMPTS = 3
# Sums of times are never exact: what is due in a microsecond is due.
_TOLERANCE = 1e-6

# Runs a number of looks, one after the other or side by side, and returns when all are done.
RunAll = Callable[[Sequence[Callable[[], None]]], None]


class OutOfTime(DeadlineReached):
    """The deadline came before the backup was final."""


class Watch:
    """One backup that is waited for.

    Looks that get no usable answer are tolerated until the deadline: they say nothing about the backup.

    :param backup: its last known state.
    :param share: the part of the request budget, above 0 to 1, that the looks may use.
    :ivar backup: its state as the last look told it.
    :ivar due: when to look next, in seconds on the deadline's clock (``elapsed``).
    :ivar error: why there is no point in looking on.
    """

    def __init__(self, api: Api, deadline: Deadline, addon_id: str, backup: Backup, share: float) -> None:
        self.backup = backup
        self.error: Optional[NorthflankError] = None
        self._api = api
        self._deadline = deadline
        self._addon_id = addon_id
        self._share = share
        self._began = deadline.elapsed()
        self.due = self._began
        self._plan_next()

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for any more."""
        return self.error is not None or self.backup.status in FINAL_STATES

    def look(self) -> None:
        """Ask the API once. What goes wrong is kept in ``error``."""
        pause = None
        try:
            pause = self._ask()
        except NorthflankError as error:
            self.error = error
        self._plan_next(pause)

    def result(self) -> Backup:
        """The final state.

        :raises OutOfTime: the deadline came first.
        :raises BackupError: it disappeared, is in a state that nobody documented, or can no longer be watched.
        """
        if self.error is not None:
            raise self.error
        return self.backup

    def _plan_next(self, pause: Optional[float] = None) -> None:
        if self.over:
            return
        if self.backup.status not in KNOWN_STATES:
            self.error = BackupError(_hints.unknown_status(self._addon_id, self.backup))
            return
        left = self._deadline.remaining() - _LAST_LOOK
        if left <= 0:
            self.error = OutOfTime("the deadline came before the backup was final")
            return
        now = self._deadline.elapsed()
        if pause is None:
            chance = self._deadline.timing.chance()
            pause = poll_interval(now - self._began, self._api.client.rate, self._share, chance)
        self.due = now + min(left, pause)

    def _ask(self) -> Optional[float]:
        """Take the new state, if there is one. Returns how long to leave the API alone, where it said so."""
        try:
            now = self._api.get_backup(self._addon_id, self.backup.id, repeat=False)
        except RateLimited as limited:
            return limited.pause
        except (DeadlineReached, OutcomeUnknown):
            return None
        except NotSent as error:
            if error.passing:
                return None
            raise BackupError(_hints.lost_sight(self._addon_id, self.backup, str(error))) from error
        except ApiError as error:
            if error.status == 404:
                raise BackupError(_hints.vanished(self._addon_id, self.backup)) from error
            raise BackupError(_hints.lost_sight(self._addon_id, self.backup, _hints.refused(error))) from error
        if not now.is_same_as(self.backup):
            raise BackupError(_hints.exchanged(self._addon_id, self.backup))
        self.backup = now.informed_by(self.backup)
        return None


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


def one_by_one(looks: Sequence[Callable[[], None]]) -> None:
    """The simplest way to run a number of looks."""
    for look in looks:
        look()


def abort(api: Api, deadline: Deadline, addon_id: str, backup: Backup) -> bool:
    """Ask to abort a backup. Whether that worked shows in its state, some time later.

    :returns: False where the API says that there is nothing to abort any more.
    :raises ApiError: the API refused for another reason.
    """
    for attempt in range(1, _ABORT_ATTEMPTS + 1):
        try:
            api.abort_backup(addon_id, backup.id)
            return True
        except OutcomeUnknown:
            # Asking twice does no harm.
            deadline.pause(backoff(attempt, deadline.timing.chance()))
        except ApiError as error:
            if error.status != 409:
                raise
            return False
    return True


def until_final(api: Api, deadline: Deadline, addon_id: str, backup: Backup) -> Backup:
    """Watch one backup until it is final; not held back to save requests.

    :raises OutOfTime: the deadline came first.
    :raises BackupError: as :meth:`Watch.result`.
    """
    watch = Watch(api, deadline, addon_id, backup, 1.0)
    watch_all([watch], deadline, one_by_one)
    return watch.result()


def stop(api: Api, deadline: Deadline, addon_id: str, backup: Backup) -> Backup:
    """Abort a backup and watch until it is final.

    :returns: the final state; not always aborted, as it may have ended by itself a moment before.
    """
    abort(api, deadline, addon_id, backup)
    return until_final(api, deadline, addon_id, backup)
