# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an addon has a backup that is young enough, and if not, why: the decision, without any I/O.

A backup counts if it is completed, of the type that is asked for, and certainly made of the addon's own data. So an
import does not count, and neither does a backup whose type the API does not tell, because it may be an import. The
snapshot that a rollback takes of the data that it replaces does not count either.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.models import IMPORT, Backup, posix_time
from .._api.schedule_models import Schedule
from .._api.states import ACTIVE_STATES, BLOCKED_STATES, COMPLETED, FAILED_STATES, KNOWN_STATES
from .._task import ages
from .._task.backups import newest
from . import messages
from .arguments import ANY, FreshnessSpec

_SECONDS_BETWEEN = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0}


class Verdict(NamedTuple):
    """What is known of an addon's backups.

    :ivar reason: why it is not fresh; None where it is.
    :ivar newest: the newest backup that counts.
    :ivar age: of that one, in seconds.
    :ivar running: the newest backup that is under way.
    :ivar last_failed: the newest one that failed after :attr:`newest`.
    :ivar failed: how many did.
    :ivar completed: all that are completed, whether they count or not.
    """

    reason: Optional[str]
    newest: Optional[Backup]
    age: Optional[float]
    running: Optional[Backup]
    last_failed: Optional[Backup]
    completed: tuple[Backup, ...]
    failed: int = 0


def judge(
    spec: FreshnessSpec,
    addon_status: str,
    found: Sequence[Backup],
    schedules: Sequence[Schedule],
    now: Optional[float],
) -> Verdict:
    """Judge one addon.

    :param found: all its backups, in any order.
    :param schedules: all its schedules; looked at only where one is required.
    :param now: the API's clock, in seconds since 1970; None where it never told.
    """
    completed = tuple(backup for backup in found if backup.status == COMPLETED)
    chosen = newest(backup for backup in completed if counts(spec, backup))
    later = [
        backup for backup in found if chosen is None or posix_time(backup.created_at) > posix_time(chosen.created_at)
    ]
    failed = [backup for backup in later if backup.status in FAILED_STATES]
    running = newest(backup for backup in found if backup.status in ACTIVE_STATES)
    age = None if chosen is None or not _clock_is_right(found, now) else max(0.0, chosen.age(now or 0.0))
    base = _fault(spec, found, completed, age, now)
    if base is None and spec.require_schedule and not any(suffices(spec, one) for one in schedules):
        base = messages.no_schedule(spec.backup_type, spec.max_age)
    reason = base and messages.reason(
        base,
        None if chosen is None else _newer(later),
        len(failed),
        running is not None,
        next((backup.status for backup in later if backup.status not in KNOWN_STATES), None),
        addon_status if addon_status in BLOCKED_STATES else None,
    )
    return Verdict(reason, chosen, age, running, newest(failed), completed, len(failed))


def counts(spec: FreshnessSpec, backup: Backup) -> bool:
    """Return whether a completed backup is one of those that are asked for.

    What the API does not tell counts as the worst.
    """
    if backup.backup_type in (None, IMPORT) or backup.is_safety:
        return False
    return spec.backup_type in (ANY, backup.backup_type)


def suffices(spec: FreshnessSpec, schedule: Schedule) -> bool:
    """Return whether a schedule takes backups of the type, at least one in each ``max_age``."""
    does = schedule.settings
    between = _SECONDS_BETWEEN.get(does.interval)
    return spec.backup_type in (ANY, does.backup_type) and between is not None and between <= spec.max_age


def _clock_is_right(found: Sequence[Backup], now: Optional[float]) -> bool:
    """Return whether ages can be told: no backup may be of the future, not even one that does not count."""
    try:
        ages.check_clock(now, found)
    except BackupError:
        return False
    return now is not None


def _fault(
    spec: FreshnessSpec,
    found: Sequence[Backup],
    completed: Sequence[Backup],
    age: Optional[float],
    now: Optional[float],
) -> Optional[str]:
    """Return what is wrong in the first place; None where the newest backup that counts is young enough."""
    if age is not None:
        return None if age <= spec.max_age else messages.too_old(age)
    if not found:
        return messages.NO_BACKUP
    if not completed:
        return messages.NO_COMPLETED
    if any(counts(spec, backup) for backup in completed):
        return messages.NO_CLOCK if now is None else messages.CLOCK_IS_BEHIND
    return _none_counts(spec, completed)


def _none_counts(spec: FreshnessSpec, completed: Sequence[Backup]) -> str:
    """Return why no completed backup counts: what could be one before what cannot."""
    if any(backup.backup_type is None for backup in completed):
        return messages.may_be_import(spec.backup_type)
    types = {backup.backup_type for backup in completed} - {IMPORT}
    if not types:
        return messages.ONLY_IMPORTS
    return (
        messages.ONLY_SAFETY
        if types & {spec.backup_type} or spec.backup_type == ANY
        else (messages.other_types(spec.backup_type))
    )


def _newer(later: Sequence[Backup]) -> Optional[str]:
    """Return why completed backups that are newer than the newest that counts do not count.

    None where there are none.
    """
    types = {backup.backup_type for backup in later if backup.status == COMPLETED}
    if not types:
        return None
    return messages.NEWER_MAY_BE_IMPORTS if None in types else messages.NEWER_DO_NOT_COUNT
