# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait costs in requests, and what it does where the account has few of them left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_restore

import harness
from sandbox import Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON, Task, backup_task

NAME = "Before release"
# What these tests count are requests, and most of them are for pages of lists.
PAGES = {"max_page_size_served": None}
pytestmark = pytest.mark.assume(**PAGES)
FOLLOWING = assume(**PAGES, addon_status_follows_backup=True)
NOT_FOLLOWING = assume(**PAGES, addon_status_follows_backup=False)


@dataclass(frozen=True)
class Took:
    """What a set took: seconds on the clock, and requests by kind."""

    seconds: float
    requests: int
    listings: int
    result: dict[str, Any]


def back_up(sandbox: Sandbox, clock: VirtualClock, addons: int, **arguments: Any) -> Took:
    """Back up so many new addons together."""
    addon_ids = [f"db-{number}" for number in range(addons)]
    for addon_id in addon_ids:
        sandbox.add_addon(addon_id)
    began = clock.monotonic()
    ran = backup_task(sandbox, clock, addon_id=addon_ids, name=NAME, **arguments)
    assert not ran.failed, ran.msg
    assert all([held["status"] for held in sandbox.backups(addon_id)] == ["completed"] for addon_id in addon_ids)
    assert ran.result["requests"] == len(sandbox.requests)
    listings = sum(request.path.endswith("/addons") for request in sandbox.requests)
    return Took(clock.monotonic() - began, len(sandbox.requests), listings, ran.result)


def test_a_set_takes_three_requests_an_addon_and_a_few_for_all(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=FOLLOWING, duration=20.0) as sandbox:
        took = back_up(sandbox, clock, 40)
        assert took.requests <= 3 * 40 + 15
        assert took.seconds <= 20 + 1.5


def test_where_the_list_of_addons_does_not_follow_that_is_found_out(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=NOT_FOLLOWING, duration=20.0, rate_limit=10_000) as sandbox:
        took = back_up(sandbox, clock, 40)
        assert took.requests <= 8 * 40
        assert took.listings <= 1 + 3
        assert took.seconds <= 20 * 1.25


def test_300_addons_fit_into_the_default_budget_of_an_hour(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=FOLLOWING, duration=90.0, rate_limit=1000) as sandbox:
        took = back_up(sandbox, clock, 300)
        assert took.requests < 1000
        assert took.seconds <= 2 * 90
        assert [request for request in sandbox.requests if request.status == 429] == []


def test_300_addons_fit_into_it_also_where_the_list_does_not_follow(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=NOT_FOLLOWING, duration=90.0, rate_limit=1000) as sandbox:
        took = back_up(sandbox, clock, 300)
        assert took.requests < 1000
        assert took.seconds <= 1800


def test_a_list_of_many_pages_is_not_asked_for_the_sake_of_few(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(max_page_size_served=1), duration=60.0) as sandbox:
        ran = backup_task(sandbox, clock, addon_id=[ADDON, "mysql-orders", "mongo-events"], name=NAME)
        assert not ran.failed, ran.msg
        pages = sum(request.path.endswith("/addons") for request in sandbox.requests)
        # Once to check the set, and once to find out what it costs.
        assert pages == 2 * len([one for one in sandbox.addon_ids if one != "postgres-staging"])


def test_of_a_set_whose_last_member_takes_long_only_that_is_looked_at(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=FOLLOWING, duration=5.0) as sandbox:
        sandbox.add_addon("straggler")
        sandbox.next_outcome("straggler", "completed", duration=1200.0)
        addon_ids = ["straggler", ADDON, "mysql-orders", "mongo-events"]
        began = clock.monotonic()
        ran = backup_task(sandbox, clock, addon_id=addon_ids, name=NAME)
        assert not ran.failed, ran.msg
        assert clock.monotonic() - began <= 1.25 * 1200 + 2
        assert ran.result["requests"] <= 3 * 4 + 1 + 45


def test_a_list_that_shows_an_addon_busy_for_ever_does_not_hide_the_end(sandbox: Sandbox, clock: VirtualClock) -> None:
    """Another backup of the same addon goes on, so it stays busy after this one is complete."""

    def start_another(_seconds: float) -> None:
        if len(sandbox.backups(ADDON)) == 1:
            sandbox.next_outcome(ADDON, "stuck")
            harness.api_of(sandbox, harness.virtual(clock)).create_backup(ADDON, {"name": "Nightly"})

    began = clock.monotonic()
    ran = backup_task(sandbox, clock, start_another, addon_id=[ADDON, "mysql-orders"], name=NAME)
    assert not ran.failed, ran.msg
    assert clock.monotonic() - began <= 62


@pytest.mark.parametrize("kind", ["503", "garbage", "reset", "redirect"])
def test_without_the_list_the_backups_are_looked_at(sandbox: Sandbox, task: Task, kind: str) -> None:
    sandbox.fault(Fault(method="GET", path="/addons$", turn=2, times=None, kind=kind, when="before"))
    ran = task(addon_id=[ADDON, "mysql-orders", "mongo-events"], name=NAME)
    assert not ran.failed, ran.msg
    assert {one["status"] for one in ran.result["backups"]} == {"completed"}


def test_a_list_that_forgets_an_addon_hides_nothing(sandbox: Sandbox, task: Task) -> None:
    page = {"data": {"addons": []}, "pagination": {"hasNextPage": False, "count": 0}}
    sandbox.fault(Fault(method="GET", path="/addons$", turn=2, times=None, kind="wrong-type", body=page))
    ran = task(addon_id=[ADDON, "mysql-orders", "mongo-events"], name=NAME)
    assert not ran.failed, ran.msg


def test_a_list_that_says_too_early_that_all_is_over_is_not_believed(sandbox: Sandbox, clock: VirtualClock) -> None:
    addon_ids = [ADDON, "mysql-orders", "mongo-events"]
    looks = 0

    def flicker(_seconds: float) -> None:
        nonlocal looks
        looks += 1
        for addon_id in addon_ids:
            sandbox.set_addon_status(addon_id, "scaling" if looks == 3 else "running")

    ran = backup_task(sandbox, clock, flicker, addon_id=addon_ids, name=NAME)
    assert not ran.failed, ran.msg
    assert {one["status"] for one in ran.result["backups"]} == {"completed"}


def test_a_set_of_restores_is_watched_in_the_same_way(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=FOLLOWING, duration=0.0, restore_duration=20.0) as sandbox:
        addon_ids = [f"db-{number}" for number in range(20)]
        for addon_id in addon_ids:
            sandbox.add_addon(addon_id)
            sandbox.add_backup(addon_id, name=NAME)
        began = clock.monotonic()
        ran = harness.run_module(
            addon_backup_restore.main,
            harness.virtual(clock),
            project_id=sandbox.project_id,
            addon_id=addon_ids,
            name=NAME,
            api_url=sandbox.url,
            api_token=sandbox.token,
        )
        assert not ran.failed, ran.msg
        assert clock.monotonic() - began <= 20 + 1.5
        looks = [request for request in sandbox.requests if request.method == "GET" and request.number > last(sandbox)]
        assert len(looks) <= 20 + 15


def last(sandbox: Sandbox) -> int:
    """The number of the last request that was not a GET."""
    return max(write.number for write in sandbox.writes)


def eaten(sandbox: Sandbox, remaining: list[int]) -> Callable[[float], None]:
    """Other jobs, which use up the account's requests while this one sleeps."""
    todo = iter(remaining)

    def eat(_seconds: float) -> None:
        for left in todo:
            sandbox.set_rate(remaining=left)
            return

    return eat


def test_where_others_use_up_the_budget_the_wait_becomes_slow_and_does_not_fail(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=FOLLOWING, duration=600.0) as sandbox:
        began = clock.monotonic()
        ran = backup_task(sandbox, clock, eaten(sandbox, [500, 90, 12, 3, 0]), name=NAME, wait_timeout=7200)
        assert not ran.failed, ran.msg
        assert ran.backup["status"] == "completed"
        assert 600 <= clock.monotonic() - began <= 3700
        assert sum(request.status == 429 for request in sandbox.requests) <= 1


def test_a_wait_uses_its_share_of_the_budget_only(clock: VirtualClock) -> None:
    def looks(share: float) -> int:
        with Sandbox(clock=clock, assumptions=FOLLOWING, duration=1700.0) as sandbox:
            sandbox.next_outcome(ADDON, "stuck")
            sandbox.set_rate(remaining=23)
            backup_task(sandbox, clock, name=NAME, budget_share=share)
            return sum(request.method == "GET" for request in sandbox.requests) - 1

    # One of 23 lists, one starts, one is kept to confirm. The last look, just before the deadline, is never held back.
    assert [looks(0.25), looks(0.5), looks(1.0)] == [5 + 1, 10 + 1, 20 + 1]


NONSENSE = [
    {"remaining": "-5"},
    {"remaining": "many", "reset": "soon"},
    {"remaining": "nan"},
    {"remaining": "1e400"},
    {"reset": "-1"},
    {"reset": "99999999999"},
    {"remaining": "0", "reset": "99999999999"},
    {"limit": "-1", "remaining": "", "reset": ""},
    {"remaining": "1" * 5000},
]


@pytest.mark.parametrize("headers", NONSENSE, ids=str)
@pytest.mark.parametrize("addon_ids", [[ADDON], [ADDON, "mysql-orders", "mongo-events"]], ids=len)
def test_nonsense_about_the_budget_is_no_reason_to_crash_to_spin_or_to_stall(
    sandbox: Sandbox, clock: VirtualClock, headers: dict[str, str], addon_ids: list[str]
) -> None:
    sandbox.pretend_rate(**headers)
    began = clock.monotonic()
    ran = backup_task(sandbox, clock, addon_id=addon_ids, name=NAME)
    assert not ran.failed, ran.msg
    assert clock.monotonic() - began <= 8 + 2
    assert ran.result["requests"] <= 9 * len(addon_ids)


def test_nonsense_about_the_budget_is_told_once_with_its_value(sandbox: Sandbox, task: Task) -> None:
    sandbox.pretend_rate(remaining="-77")
    (warning,) = task(name=NAME).warnings
    assert "a header that makes no sense (x-ratelimit-remaining: -77)" in warning
