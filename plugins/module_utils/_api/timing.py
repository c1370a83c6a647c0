# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deadlines, and which states are final.

Clock, sleep and chance come in from outside, so a test or a simulation can bring its own.
"""

from __future__ import annotations

import random
import time
from typing import Callable, NamedTuple, Optional

from .errors import DeadlineReached

_LONGEST_BACKOFF = 16.0


def _never() -> bool:
    return False


class Timing(NamedTuple):
    """Where time comes from.

    :ivar monotonic: seconds on a clock that never goes back.
    :ivar sleep: waits for a number of seconds.
    :ivar chance: a random number from 0 to 1, for jitter.
    :ivar wall: seconds since 1970; for names only, never to judge the age of anything.
    :ivar stopped: whether whoever runs the task has given it up, which ends every deadline.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    wall: Callable[[], float] = time.time
    stopped: Callable[[], bool] = _never


class Deadline:
    """One point in time after which a task does not start anything more.

    :param timing: the clock.
    :param seconds: how long from now.
    """

    def __init__(self, timing: Timing, seconds: float) -> None:
        self.timing = timing
        self.seconds = seconds
        self._end = timing.monotonic() + seconds

    def remaining(self) -> float:
        """Return seconds left, never below 0."""
        return 0.0 if self.timing.stopped() else max(0.0, self._end - self.timing.monotonic())

    def elapsed(self) -> float:
        """Return seconds since it was set, never below 0, as rounding would make of the first moment now and then."""
        return max(0.0, self.seconds - (self._end - self.timing.monotonic()))

    def extended(self, seconds: float) -> Deadline:
        """Return another deadline, so many seconds after this one."""
        other = Deadline(self.timing, 0.0)
        other._end = self._end + seconds
        other.seconds = other._end - self.timing.monotonic()
        return other

    def check(self) -> None:
        """Raise :class:`DeadlineReached` once the time is used up."""
        if self.remaining() <= 0:
            raise DeadlineReached(f"the {self.seconds:g} s that the task was given are used up")

    def pause(self, seconds: float) -> None:
        """Sleep, but not past the deadline. Raises :class:`DeadlineReached` where no time is left at all."""
        self.check()
        self.timing.sleep(min(seconds, self.remaining()))


class Clock(NamedTuple):
    """What clocks say, in seconds since 1970; see ``_ages`` for what that is good for.

    :ivar now: the API's clock; None where no answer told it.
    :ivar spread: by how many seconds the answers of the task disagree about it.
    :ivar here: the clock of this machine.
    """

    now: Optional[float]
    spread: float
    here: float


class RateLimit(NamedTuple):
    """The account's request budget as the API last told it (x-ratelimit-* headers; source: the API's reference).

    :ivar limit: requests an hour.
    :ivar remaining: requests left in this hour.
    :ivar reset: seconds until the hour is over.
    """

    limit: Optional[int] = None
    remaining: Optional[int] = None
    reset: Optional[int] = None


def backoff(failures: int, chance: float) -> float:
    """Return how long to leave a server alone after a number of failures in a row, in seconds."""
    return float(min(_LONGEST_BACKOFF, 0.5 * 2 ** (failures - 1))) * (0.75 + 0.5 * chance)
