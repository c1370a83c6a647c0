# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to look next at something that takes a while, and how many looks the account's request budget pays for. Pure.

Polling slows down in proportion to the time already waited, so that the detection delay is a fraction of the whole wait
and not a fixed time. Where the budget is small, they are spread so that they last until
the deadline, or until the API gives new ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from .._api.timing import RateLimit

_JITTER = 0.05
# A wait for one thing may spend this part of what remains to look sooner, but no sooner than at this growth.
_FOR_FRESHNESS, _FRESHEST = 0.1, 0.082
_TO_AIM = 40
# Whoever spends more than this task has spent on looks, and this, is one of many: then nothing is to spare.
_OTHERS_MAY = 5
# Looks at the single backups are rarer in a set: its requests add up.
_RARER_FROM, _RAREST_FROM = 4, 8
# Answers overtake each other, so a reset that is a little later than the last one is no new hour.
_NEW_HOUR = 60


class Pace(NamedTuple):
    """How looks follow one another.

    :ivar first: seconds until the first one.
    :ivar least: seconds between two, from the second one on.
    :ivar growth: the part of the time already waited that may pass until the next one.
    :ivar jitter: the part of a pause that chance may take off; spreads the looks of jobs that started together.
    """

    first: float
    least: float
    growth: float
    jitter: float = _JITTER


# A backup of 2 hours is found complete within a quarter of that and with less than 40 requests, one of 8 seconds
# within 2 seconds; docs/performance.md has the table.
SINGLE = Pace(first=1.0, least=2.0, growth=0.25)
# Beside a listing that shows it busy, as a listing is a hint and no proof.
BESIDE = Pace(first=60.0, least=60.0, growth=1.0)


def one_of(members: int) -> Pace:
    """Return the pace for each of several that are looked at one by one."""
    factor = max(1.0, min(_RAREST_FROM, members) / _RARER_FROM)
    return Pace(SINGLE.first, SINGLE.least * factor, SINGLE.growth * factor)


def shared(requests: int, members: int) -> Pace:
    """Return the pace for looks at all members at once.

    :param requests: how many one look takes.
    :param members: how many are still waited for; looks for many may come more often than looks for one.
    """
    growth = min(SINGLE.growth, max(0.07, SINGLE.growth * requests / max(1, members)))
    return Pace(first=1.5, least=1.5, growth=growth, jitter=0.0)


def next_pause(
    pace: Pace,
    waited: float,
    looks: Optional[float],
    ahead: float,
    chance: float,
    spare: float = 0.0,
    expected: Any = None,
) -> float:
    """Return how long to wait before the next look.

    :param waited: seconds waited so far.
    :param looks: how many looks the budget pays for; None where it is not known.
    :param ahead: seconds that these have to last.
    :param chance: from 0 to 1.
    :param spare: how many looks may be spent, until then, to be less late.
    :param expected: an ``Expectation``, if there is one; it counts where there is enough to spare.
    :returns: seconds.
    """
    pause = max(pace.least, pace.growth * waited) if waited > 0 else pace.first
    if waited > 0 and spare >= 1:
        pause = max(pace.least, min(pause, max(_FRESHEST * waited, _spread(waited, spare, ahead))))
    if expected is not None and spare >= _TO_AIM:
        pause = expected.pause(waited, pause)
    if looks is not None and ahead > 0:
        pause = max(pause, _spread(max(waited, pace.least), looks, ahead))
    return pause * (1.0 - pace.jitter * chance)


def _spread(waited: float, looks: float, ahead: float) -> float:
    """Return the pause that lets each of so many looks be later than the one before by the same factor."""
    if looks < 1:
        return ahead
    factor: float = ((waited + ahead) / waited) ** (1.0 / looks)
    return min(ahead, waited * (factor - 1.0))


class RequestBudget:
    """The part of the account's request budget that looking may use.

    What is needed to confirm an end is not part of it, and never held back.

    :param share: above 0, at most 1.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._allowed: Optional[float] = None
        self._first = self._free = 0.0
        self._spent = 0
        self._reset = 0

    def spend(self, requests: int) -> None:
        """Count requests that were used to look, and brought no end."""
        self._spent += requests

    def left(self, rate: RateLimit, owed: int) -> Optional[float]:
        """Return how many requests may still be used to look, until the API gives new ones.

        None where it does not tell.

        :param rate: the account's budget as last told; others use it as well.
        :param owed: requests that will be needed to confirm ends.
        """
        if rate.remaining is None or rate.reset is None:
            return None
        free = max(0.0, float(rate.remaining - owed))
        if self._allowed is None or rate.reset > self._reset + _NEW_HOUR:
            self._allowed, self._spent, self._first = self._share * free, 0, free
        self._reset, self._free = rate.reset, free
        return min(max(0.0, self._allowed - self._spent), free)

    def spare(self, left: Optional[float]) -> float:
        """Return how many of the requests that are left (see :meth:`left`) may buy freshness.

        Nothing where others spend as well: of a hundred tasks that run side by side, each would spend a tenth.
        """
        by_others = self._first - self._free - self._spent
        if left is None or by_others > self._spent + _OTHERS_MAY:
            return 0.0
        return min(left, _FOR_FRESHNESS * self._first - self._spent)
