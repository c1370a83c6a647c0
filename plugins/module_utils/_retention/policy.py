# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups the ``keep_*`` rules keep. Pure.

The rules are those of restic's ``forget``: each keeps backups on its own, and they add up.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Callable, Iterator, NamedTuple, Optional, Sequence

from .._api.errors import InvalidInput
from .._api.models import Backup
from .._task import validation

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY = 86400.0


class Policy(NamedTuple):
    """What to keep. All values have been checked.

    :ivar name_prefix: only backups whose name begins so are looked at.
    :ivar name_pattern: has to fit the whole rest of the name.
    :ivar keep_last: how many of the newest to keep; None keeps none by this rule.
    :ivar keep_hourly: of how many hours to keep the newest, of those that have one; the others likewise.
    :ivar keep_within: seconds back from the newest completed one within which all are kept.
    :ivar backup_type: only backups of this type are looked at; None for all but imports.
    :ivar protect: names and IDs that are never deleted.
    :ivar delete_failed: whether failed, aborted and not-supported ones may be deleted.
    :ivar group_pattern: fits a whole name; its group, or all that it fits, says which backups count as one.
    """

    name_prefix: str
    name_pattern: Optional[re.Pattern[str]] = None
    keep_last: Optional[int] = None
    keep_hourly: Optional[int] = None
    keep_daily: Optional[int] = None
    keep_weekly: Optional[int] = None
    keep_monthly: Optional[int] = None
    keep_yearly: Optional[int] = None
    keep_within: Optional[float] = None
    backup_type: Optional[str] = None
    protect: frozenset[str] = frozenset()
    delete_failed: bool = False
    group_pattern: Optional[re.Pattern[str]] = None


@dataclass(frozen=True, eq=False)
class Unit:
    """What is kept or deleted together.

    :ivar group: what the names have in common; None for a single backup.
    :ivar time: when its newest completed member was started, in seconds since 1970; None if it has none.
    :ivar whole: whether each addon that has a member in it has a completed one. Only then does it use up a ``keep_*``:
        sets that failed in part must not push out the last one that is good.
    """

    members: tuple[tuple[str, Backup], ...]
    group: Optional[str]
    time: Optional[float]
    whole: bool


def kept_by_rules(units: Sequence[Unit], policy: Policy) -> dict[Unit, list[str]]:
    """Return by which rules each unit is kept.

    :param units: newest first.
    """
    timed = [(unit, unit.time) for unit in units if unit.time is not None]
    kept: dict[Unit, list[str]] = {}
    if not timed:
        return kept
    if policy.keep_last is not None:
        for index in _last_of([(unit, number) for number, (unit, _time) in enumerate(timed)], policy.keep_last):
            kept.setdefault(timed[index][0], []).append(f"last {policy.keep_last}")
    for label, count, period in _calendar(policy):
        periods = [(unit, period(_EPOCH + timedelta(seconds=math.floor(time)))) for unit, time in timed]
        for index in _last_of(periods, count):
            kept.setdefault(timed[index][0], []).append(f"{label} {periods[index][1]}")
    for unit, time in timed:
        if policy.keep_within is not None and timed[0][1] - time <= policy.keep_within:
            kept.setdefault(unit, []).append(f"within {_span(policy.keep_within)}")
    return kept


def _calendar(policy: Policy) -> Iterator[tuple[str, int, Callable[[datetime], str]]]:
    """Return the rules by the calendar that are asked for: name, number, and the period of a time."""
    rules: list[tuple[str, Optional[int], Callable[[datetime], str]]] = [
        ("hourly", policy.keep_hourly, lambda time: f"{time:%Y-%m-%d %H}h"),
        ("daily", policy.keep_daily, lambda time: f"{time:%Y-%m-%d}"),
        ("weekly", policy.keep_weekly, lambda time: "{}-W{:02}".format(*time.isocalendar()[:2])),
        ("monthly", policy.keep_monthly, lambda time: f"{time:%Y-%m}"),
        ("yearly", policy.keep_yearly, lambda time: f"{time:%Y}"),
    ]
    for label, count, period in rules:
        if count is not None:
            yield label, count, period


def _last_of(units: Sequence[tuple[Unit, object]], count: int) -> Iterator[int]:
    """Return the newest unit of each of the last periods that have one.

    A unit that is not whole is kept where a whole one would be, but uses up nothing.

    :param units: newest first, each with its period.
    :param count: how many periods.
    :returns: indices.
    """
    used: object = None
    for index, (unit, period) in enumerate(units):
        if period == used:
            continue
        if count == 0:
            return
        yield index
        if unit.whole:
            count -= 1
            used = period


def _span(seconds: float) -> str:
    return f"{seconds / _DAY:g}d" if seconds % _DAY == 0 else f"{seconds / 3600:g}h"


def span(option: str, value: str) -> float:
    """Return a length of time in hours, days or weeks, in seconds; 0 says that there is none.

    :raises InvalidInput: it is none, or in other units: to keep backups for minutes is a slip.
    """
    if re.fullmatch(r"\s*0+(\.0+)?\s*", value):
        return 0.0
    if not re.fullmatch(r"\s*[0-9.]+[hdw]\s*", value):
        raise InvalidInput(option, "must be a number followed by h, d or w, or 0", value)
    return validation.duration_seconds(option, value)
