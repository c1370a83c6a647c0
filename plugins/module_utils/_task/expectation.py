# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long something should take, by how long it took before, and when to look. Pure."""

from __future__ import annotations

import math
import statistics
from typing import Iterable, NamedTuple, Optional

from .._api.models import posix_time, seconds_between

_NEWEST = 10
# Fewer say too little to look rarely before it should be done.
_ENOUGH = 3
# What a few durations that differ by up to 20 % leave out at both ends, by their number; and the least of that.
_UNSEEN, _LEAST_UNSEEN = 0.4, 0.04
# Durations that differ by more than this factor do not say when it should be done.
_WIDEST = 1.75
# Between two looks while it should be done: the part of the time taken, and the least, in seconds.
_CLOSE, _LEAST = 0.03, 1.0
# Before that, the first look, in seconds, finds what fails at once. So many looks there are until the usual end.
_FIRST, _LOOKS = 3.0, 10


class Expectation(NamedTuple):
    """When something should be done.

    :ivar usual: seconds that it usually takes.
    :ivar begin: from when on it may end, in seconds; ``end`` is until when.
    """

    usual: float
    begin: float
    end: float

    def pause(self, taken: float, plain: float) -> float:
        """Return seconds until the next look: rarely before it should be done, closely around that.

        :param taken: seconds since it began.
        :param plain: the pause where nothing is known. It is exceeded only before the window.
        """
        if taken >= self.begin:
            # After the window, the history was wrong, and the pauses grow to what they are without it.
            return min(plain, max(_LEAST, _CLOSE * taken, taken - self.end))
        until = self.begin + max(_LEAST, _CLOSE * self.begin) - taken
        early = max(3, _LOOKS - math.log(self.end / self.begin) / _CLOSE / 2)
        growth: float = max(2.0, (self.begin / _FIRST) ** (1 / early))
        return min(until, max(_FIRST, taken * (growth - 1)))


def expect(times: Iterable[tuple[str, Optional[str]]]) -> Optional[Expectation]:
    """Return what to expect of the next one.

    :param times: when earlier ones began and ended, as the API wrote it. An end may be missing.
    :returns: None where too few ends are told, or the durations differ by too much.
    """
    told = sorted((posix_time(begin), seconds_between(begin, end) or 0.0) for begin, end in times)
    spans = sorted(_without_trend([seconds for _began, seconds in told if seconds > 0][-_NEWEST:]))
    if len(spans) >= 2 * _ENOUGH:
        # One that has little to do with the others does not count.
        spans = spans[1:-1]
    if len(spans) < _ENOUGH:
        return None
    margin = max(_LEAST_UNSEEN, _UNSEEN / (len(spans) + 1))
    begin, end = spans[0] * (1 - margin), spans[-1] * (1 + margin)
    return Expectation(statistics.median(spans), begin, end) if end <= _WIDEST * begin else None


def _without_trend(spans: list[float]) -> list[float]:
    """Return durations, the newest last, as they would be now, where almost each is longer than those before.

    The data grows then; its size is not known before the end.
    """
    pairs = [(spans[later] - spans[one]) / (later - one) for later in range(len(spans)) for one in range(later)]
    slope = statistics.median(pairs) if len(spans) > _ENOUGH else 0.0
    if slope <= 0 or sum(pair > 0 for pair in pairs) < 0.9 * len(pairs):
        return spans
    return [span + slope * (len(spans) - place) for place, span in enumerate(spans)]
