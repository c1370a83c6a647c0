# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to look next: late by a bounded part of the wait, with a bounded number of looks, within the budget."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import RateLimit
from ansible_collections.northflank.cloud.plugins.module_utils._task.polling_pace import (
    BESIDE,
    SINGLE,
    RequestBudget,
    next_pause,
    one_of,
    shared,
)
from hypothesis import given
from hypothesis import strategies as st

DURATIONS = [1, 2, 5, 8, 20, 60, 300, 1200, 3600, 7200]
CHANCES = st.floats(0.0, 1.0)


def looks_until(duration: float, chances: list[float]) -> list[float]:
    """The times of the looks at one backup, up to the first that finds it complete."""
    times = [0.0]
    while times[-1] < duration:
        chance = chances[len(times) % len(chances)]
        times.append(times[-1] + next_pause(SINGLE, times[-1], None, 7200.0, chance))
    return times[1:]


@pytest.mark.parametrize("duration", DURATIONS)
@given(chances=st.lists(CHANCES, min_size=1, max_size=50))
def test_a_single_backup_is_found_complete_soon_and_with_few_requests(duration: int, chances: list[float]) -> None:
    looks = looks_until(duration, chances)
    assert looks[-1] - duration <= max(2.0, 0.25 * duration)
    # One request to list what there is and one to start it come first.
    assert len(looks) + 2 <= 40


@given(
    pace=st.sampled_from([SINGLE, BESIDE, one_of(8), shared(1, 40), shared(3, 3)]),
    waited=st.floats(0.0, 1e6),
    looks=st.one_of(st.none(), st.floats(0.0, 1e9)),
    ahead=st.floats(0.0, 1e6),
    chance=CHANCES,
)
def test_no_pause_is_so_short_that_it_spins_and_none_is_longer_than_what_there_is_to_wait_for(
    pace: object, waited: float, looks: float, ahead: float, chance: float
) -> None:
    assert isinstance(pace, type(SINGLE))
    pause = next_pause(pace, waited, looks, ahead, chance)
    assert 0.9 <= pause <= max(ahead, pace.first, pace.least, waited) + 1e-6


@given(looks=st.integers(1, 60), ahead=st.floats(60.0, 7200.0))
def test_a_small_budget_lasts_until_the_end(looks: int, ahead: float) -> None:
    waited, left = 0.0, float(looks)
    while waited < ahead and left >= 1:
        waited += next_pause(SINGLE, waited, left, ahead - waited, 0.0)
        left -= 1
    assert waited >= 0.99 * ahead or left >= 1


def test_a_look_at_many_may_come_more_often_than_one_at_few() -> None:
    assert [round(shared(1, members).growth, 3) for members in (1, 2, 3, 40)] == [0.25, 0.125, 0.083, 0.07]
    assert shared(3, 12) == shared(1, 4)
    assert [one_of(members).growth for members in (1, 4, 6, 8, 500)] == [0.25, 0.25, 0.375, 0.5, 0.5]


def rate(remaining: int | None, reset: int | None = 3000) -> RateLimit:
    return RateLimit(1000, remaining, reset)


def test_the_purse_holds_a_share_of_what_is_free_when_the_wait_begins() -> None:
    purse = RequestBudget(0.5)
    assert purse.left(rate(940), owed=40) == 450
    purse.spend(440)
    assert purse.left(rate(500), owed=40) == 10
    purse.spend(20)
    assert purse.left(rate(480), owed=40) == 0


def test_what_others_use_is_not_there_any_more() -> None:
    purse = RequestBudget(0.5)
    purse.left(rate(940), owed=40)
    assert purse.left(rate(43), owed=40) == 3
    assert purse.left(rate(12), owed=40) == 0


def test_a_new_hour_fills_the_purse_anew_and_an_answer_that_was_overtaken_does_not() -> None:
    purse = RequestBudget(0.5)
    purse.left(rate(100, reset=20), owed=0)
    purse.spend(50)
    assert purse.left(rate(50, reset=25), owed=0) == 0
    assert purse.left(rate(1000, reset=3600), owed=0) == 500


@pytest.mark.parametrize("told", [rate(None), rate(900, None), RateLimit()])
def test_where_the_api_tells_no_budget_nothing_is_held_back(told: RateLimit) -> None:
    assert RequestBudget(0.5).left(told, owed=1) is None


@given(
    share=st.floats(0.01, 1.0),
    remaining=st.integers(0, 2000),
    spends=st.lists(st.integers(1, 20), max_size=200),
    others=st.lists(st.integers(0, 20), min_size=200, max_size=200),
)
def test_never_more_than_the_share_is_spent(share: float, remaining: int, spends: list[int], others: list[int]) -> None:
    purse, spent, now = RequestBudget(share), 0, remaining
    for cost, other in zip(spends, others):
        left = purse.left(rate(now), owed=3)
        assert left is not None
        if left < cost:
            break
        purse.spend(cost)
        spent += cost
        now = max(0, now - cost - other)
    assert spent <= share * max(0, remaining - 3) + 1e-6


@given(spare=st.floats(0.0, 1000.0), chances=st.lists(CHANCES, min_size=1, max_size=50))
def test_what_may_be_spent_on_freshness_is_not_exceeded_and_never_makes_it_later(
    spare: float, chances: list[float]
) -> None:
    waited, left, ahead = 0.0, spare, 1800.0
    while waited < ahead:
        chance = chances[int(left) % len(chances)]
        plain = next_pause(SINGLE, waited, None, ahead - waited, chance)
        fresh = next_pause(SINGLE, waited, None, ahead - waited, chance, left)
        assert 0.9 <= fresh <= plain
        if left < 1:
            assert fresh == plain
        if waited > 2:
            assert fresh >= 0.95 * min(plain, max(SINGLE.least, 0.08 * waited))
        waited, left = waited + fresh, left - 1


@pytest.mark.parametrize(("spare", "pause"), [(0.0, 25.0), (0.9, 25.0), (10.0, 25.0), (100.0, 8.2)])
def test_what_is_spare_makes_it_fresher(spare: float, pause: float) -> None:
    assert next_pause(SINGLE, 100.0, None, 1700.0, 0.0, spare) == pytest.approx(pause)


def test_a_wait_may_spend_a_tenth_of_what_remains_and_no_more_than_its_share() -> None:
    purse = RequestBudget(0.5)
    assert purse.spare(None) == 0
    assert purse.spare(purse.left(rate(1000), owed=0)) == 100
    purse.spend(60)
    assert purse.spare(purse.left(rate(940), owed=0)) == 40
    small = RequestBudget(0.05)
    assert small.spare(small.left(rate(1000), owed=0)) == 50


def test_one_of_many_tasks_has_nothing_to_spare() -> None:
    purse = RequestBudget(0.5)
    assert purse.spare(purse.left(rate(1000), owed=0)) == 100
    purse.spend(10)
    # One other task that spends as much may go on like this.
    assert purse.spare(purse.left(rate(975), owed=0)) == 90
    assert purse.spare(purse.left(rate(974), owed=0)) == 0
