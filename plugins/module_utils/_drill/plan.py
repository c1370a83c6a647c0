# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addons are drilled next, and which addons are forks that an earlier drill has left. Pure."""

from __future__ import annotations

import calendar
import re
import time
from typing import Iterable, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import BackupError, InvalidInput
from .._api.models import Addon
from .._fork.names import FORK_TAG, bears_digits, fork_digits
from .._fork.plan import FORKABLE_TYPES
from . import messages

_FORK_NAME = re.compile(r"drill-[0-9a-f]{6}-([0-9]{12})")


class Leftover(NamedTuple):
    """A fork that nobody has deleted.

    :ivar age: seconds; None where it is not known.
    :ivar source: addon and backup that it was made of, by their IDs; None where neither is there any more.
    """

    name: str
    age: Optional[float]
    source: Optional[tuple[str, str]] = None


def is_fork(addon: Addon) -> bool:
    """Return whether an addon is a fork of a drill. Where the API tells no tags at all, the name alone says so."""
    return FORK_TAG in addon.tags or (not addon.tags and _FORK_NAME.fullmatch(addon.name) is not None)


def candidates(found: Iterable[Addon], wanted: Optional[Sequence[str]]) -> list[str]:
    """Return the IDs of the addons that may be drilled.

    :param wanted: those that were named; None for all that can be forked.
    :raises BackupError: there is none.
    """
    able = {one.id for one in found if one.type in FORKABLE_TYPES and not is_fork(one)}
    # Of one that is named and cannot be forked, the fork itself says why.
    chosen = sorted(able) if wanted is None else list(wanted)
    if not chosen:
        raise BackupError(messages.nothing_to_drill(FORKABLE_TYPES))
    return chosen


def next_drills(ids: Sequence[str], drilled_at: Mapping[str, str], sample: Optional[int]) -> list[str]:
    """Return who comes next: never drilled first, then who was drilled longest ago.

    :param drilled_at: when each was drilled last, as texts that sort like times.
    :param sample: how many; None for all.
    """
    ordered = sorted(ids, key=lambda addon_id: (drilled_at.get(addon_id, ""), addon_id))
    return ordered[:sample]


def too_few(count: int, sample: Optional[int], days: int) -> str:
    """Return what is wrong with a sample that breaks the promise; empty if nothing is.

    :param count: of addons to choose from.
    :param days: within which each of them has to be drilled, with one run a day.
    """
    if sample is None or -(-count // sample) <= days:
        return ""
    return messages.sample_too_small(count, sample, days, -(-count // days))


def check_number(option: str, value: Optional[int]) -> None:
    """Refuse what is no number of things.

    :raises InvalidInput: it is below 1.
    """
    if value is not None and value < 1:
        raise InvalidInput(option, "must be at least 1", value)


def leftovers(found: Iterable[Addon], now: float) -> list[Leftover]:
    """Return the forks in a project, oldest first.

    :param now: seconds since 1970.
    """
    names = [one.name for one in found if is_fork(one) and one.name.startswith("drill-")]
    forks = [Leftover(name, _age(name, now)) for name in names]
    return sorted(forks, key=lambda fork: (-(fork.age or 0.0), fork.name))


def source_of_leftover(fork: Leftover, project_id: str, backup_ids: Mapping[str, Iterable[str]]) -> Leftover:
    """Return the fork with what it was made of, as far as its name proves that.

    :param backup_ids: by addon.
    """
    for addon_id, ids in backup_ids.items():
        for backup_id in ids:
            if bears_digits(fork.name, fork_digits(project_id, addon_id, backup_id)):
                return fork._replace(source=(addon_id, backup_id))
    return fork


def _age(name: str, now: float) -> Optional[float]:
    told = _FORK_NAME.fullmatch(name)
    if told is None:
        return None
    try:
        return now - calendar.timegm(time.strptime(told[1], "%y%m%d%H%M%S"))
    except ValueError:
        return None
