# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long something should take, by how long it took before, and when to look. Pure."""

from __future__ import annotations

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
# Before that, the first look, in seconds, finds what fails at once, and the next ones follow after this part of the
# time taken. Rarer looks would save requests that nobody needs, and see what ends sooner than ever hours too late.
_FIRST, _EARLY = 5.0, 0.4


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
        if taken > self.end:
            # The history was wrong.
            return plain
        if taken >= self.begin:
            return min(plain, max(_LEAST, _CLOSE * taken))
        until = self.begin + max(_LEAST, _CLOSE * self.begin) - taken
        return min(until, max(_FIRST, _EARLY * taken))


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
