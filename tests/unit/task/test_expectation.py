# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier durations say of the next one, and when to look at it therefore."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Optional

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._task.expectation import Expectation, expect
from ansible_collections.northflank.cloud.plugins.module_utils._task.polling_pace import SINGLE, next_pause
from hypothesis import given
from hypothesis import strategies as st

TENTH = 100.0
AHEAD = 7200.0


def told(seconds: float) -> str:
    return datetime.fromtimestamp(1_700_000_000 + seconds, timezone.utc).isoformat().replace("+00:00", "Z")


def after(*spans: Optional[float]) -> Optional[Expectation]:
    """What is expected after these, the newest last; None is an end that was not told."""
    days = [86_400.0 * day for day in range(len(spans))]
    return expect((told(day), None if span is None else told(day + span)) for day, span in zip(days, spans))


def looks(expected: Optional[Expectation], duration: float, chance: float = 0.0, spare: float = TENTH) -> list[float]:
    """The times of the looks, up to the first that finds it done."""
    times = [0.0]
    while times[-1] < duration:
        left = spare - len(times) + 1
        pause = next_pause(SINGLE, times[-1], None, AHEAD, chance, left, expected)
        assert pause > 0
        times.append(times[-1] + pause)
    return times[1:]


def test_what_is_usual_is_the_median_and_one_odd_duration_among_many_does_not_count() -> None:
    expected = after(60, 62, 58, 600, 61, 59, 60)
    assert expected is not None
    assert expected.usual == 60
    assert 50 < expected.begin < 58
    assert 62 < expected.end < 70


@pytest.mark.parametrize(
    "spans", [(), (60,), (60, 61), (60, None, 61), (None, None, None, None), (0, 0, 0), (-5, 60, 60)]
)
def test_too_few_that_are_told_say_nothing(spans: tuple[Optional[float], ...]) -> None:
    assert after(*spans) is None


def test_durations_that_differ_widely_say_nothing() -> None:
    assert after(60, 240, 60, 240, 61, 239, 62) is None


def test_only_the_newest_ten_count() -> None:
    expected = after(*[5] * 30, *[60] * 10)
    assert expected is not None
    assert expected.usual == 60


def test_what_grows_is_expected_to_grow_on() -> None:
    expected = after(*[100 + 10 * number for number in range(10)])
    assert expected is not None
    assert expected.usual == pytest.approx(200)
    assert expected.begin < 200 < expected.end


@pytest.mark.parametrize("duration", [60.0, 300.0, 1200.0, 3600.0])
@given(parts=st.lists(st.floats(0.97, 1.03), min_size=4, max_size=12), chance=st.floats(0.0, 1.0))
def test_what_takes_as_long_as_before_is_seen_soon_and_with_few_looks(
    duration: float, parts: list[float], chance: float
) -> None:
    *before, now = parts
    times = looks(after(*[duration * part for part in before]), duration * now, chance)
    assert times[-1] - duration * now <= max(2.0, 0.04 * duration)
    assert len(times) <= 26


@given(
    usual=st.floats(2.0, 7200.0),
    parts=st.lists(st.floats(0.75, 1.25), min_size=3, max_size=10),
    factor=st.floats(0.05, 20.0),
    chance=st.floats(0.0, 1.0),
)
def test_a_misleading_history_costs_little(usual: float, parts: list[float], factor: float, chance: float) -> None:
    expected, duration = after(*[usual * part for part in parts]), min(AHEAD, usual * factor)
    plain, aimed = looks(None, duration, chance), looks(expected, duration, chance)
    if expected is None:
        assert aimed == plain
        return
    assert len(aimed) <= len(plain) + 2
    late = aimed[-1] - duration
    if duration >= expected.begin:
        assert late <= max(2.0, 0.25 * duration) + 2.0
    else:
        # It ended sooner than ever: late by no more than a part of what it took.
        assert late <= max(5.0, 0.4 * duration)
        assert len(aimed) <= len(plain)


def test_where_little_is_to_spare_the_history_changes_nothing() -> None:
    expected = after(60, 61, 62)
    assert looks(expected, 60.0, spare=39.0) == looks(None, 60.0, spare=39.0)
