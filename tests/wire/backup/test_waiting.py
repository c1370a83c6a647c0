# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting and its ends: every one is told truthfully, and none comes later than the deadline allows."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Callable

import pytest

import harness
from sandbox import Assumptions, Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON, Task, backup_task

NAME = "Before release"


@pytest.mark.parametrize("duration", [0.0, 1.0, 8.0, 60.0, 600.0, 1700.0])
def test_a_wait_ends_soon_after_the_backup_and_asks_seldom(clock: VirtualClock, duration: float) -> None:
    # So few in an hour that a tenth of them buys nothing.
    with Sandbox(clock=clock, duration=duration, rate_limit=200) as sandbox:
        began = clock.monotonic()
        ran = backup_task(sandbox, clock, name=NAME)
        took = clock.monotonic() - began
        assert ran.backup["status"] == "completed"
        assert took <= duration + max(2.0, 0.3 * duration)
        assert ran.result["requests"] <= 40


@pytest.mark.parametrize("duration", [8.0, 60.0, 600.0, 1500.0])
def test_where_the_budget_is_full_a_tenth_of_it_makes_the_news_fresher(clock: VirtualClock, duration: float) -> None:
    with Sandbox(clock=clock, duration=duration) as sandbox:
        began = clock.monotonic()
        ran = backup_task(sandbox, clock, name=NAME)
        took = clock.monotonic() - began
        assert ran.backup["status"] == "completed"
        assert took <= duration + max(2.5, 0.1 * duration)
        assert ran.result["requests"] <= 75


@pytest.mark.parametrize("duration", [60.0, 300.0, 1200.0])
def test_after_backups_that_took_as_long_the_end_is_seen_soon_and_with_few_looks(
    clock: VirtualClock, duration: float
) -> None:
    with Sandbox(clock=clock, duration=duration, assumptions=Assumptions()) as sandbox:
        for number in range(3):
            assert not backup_task(sandbox, clock, name=f"Earlier {number}").failed
            # The hours between them give the account its requests back.
            clock.advance(7200.0)
        began = clock.monotonic()
        ran = backup_task(sandbox, clock, name=NAME)
        assert ran.backup["status"] == "completed"
        assert clock.monotonic() - began <= duration + max(2.0, 0.035 * duration)
        # One lists the backups, and one starts the new one.
        assert ran.result["requests"] <= 2 + 21


def test_backups_of_another_type_say_nothing(clock: VirtualClock) -> None:
    counts = []
    for backup_type in ("dump", "snapshot"):
        with Sandbox(clock=clock, duration=300.0, assumptions=Assumptions()) as sandbox:
            for number in range(3):
                assert not backup_task(sandbox, clock, name=f"Earlier {number}", backup_type=backup_type).failed
                clock.advance(7200.0)
            counts.append(backup_task(sandbox, clock, name=NAME).result["requests"])
    assert counts[0] > 2 * counts[1]


def test_the_wait_ends_at_the_deadline_and_says_what_is_still_running(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.next_outcome(ADDON, "stuck")
    began = clock.monotonic()
    ran = task(name=NAME, wait_timeout=120)
    assert 118 <= clock.monotonic() - began <= 120
    assert ran.failed
    assert ran.changed
    assert (ran.backup["action"], ran.backup["status"]) == ("created", "in-progress")
    assert "still 'in-progress' after the 120 s of wait_timeout, and goes on running" in ran.msg
    assert "Run the same task again" in ran.msg
    assert sandbox.backups(ADDON)[0]["status"] == "in-progress"


ONE = r"/backups/[^/?]+$"


def test_what_nobody_could_see_is_not_said_to_be_still_running(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.next_outcome(ADDON, "stuck")
    sandbox.fault(Fault(method="GET", path=ONE, turn=4, times=None, kind="503"))
    began = clock.now()
    ran = task(name=NAME, wait_timeout=75)
    assert ran.failed
    found = re.fullmatch(
        rf"The backup '{NAME}' \(ID \S+\) of addon {ADDON} was last seen as 'in-progress' at (\S+), and no look since "
        r"then got a usable answer: HTTP 503.*\. It may still be running\. To look: ansible localhost -m "
        rf"northflank\.cloud\.addon_backup_info -a '[^']*addon_id={ADDON}'\. Run the same task again to go on waiting "
        r"for it\.",
        ran.msg,
    )
    assert found, ran.msg
    seen = datetime.fromisoformat(found[1].replace("Z", "+00:00")).timestamp()
    assert began + 1 <= seen <= began + 10


def test_a_look_that_succeeds_after_others_is_news(sandbox: Sandbox, task: Task) -> None:
    sandbox.next_outcome(ADDON, "stuck")
    sandbox.fault(Fault(method="GET", path=ONE, turn=2, times=3, kind="reset"))
    ran = task(name=NAME, wait_timeout=120)
    assert "is still 'in-progress' after the 120 s of wait_timeout, and goes on running" in ran.msg


def test_of_a_set_each_addon_is_last_seen_when_it_was(sandbox: Sandbox, task: Task) -> None:
    for addon_id in (ADDON, "mysql-orders"):
        sandbox.next_outcome(addon_id, "stuck")
    sandbox.fault(Fault(method="GET", path=rf"/{ADDON}{ONE}", turn=2, times=None, kind="reset"))
    ran = task(addon_id=[ADDON, "mysql-orders"], name=NAME, wait_timeout=75)
    lines = ran.msg.splitlines()
    assert [line.count("was last seen as") for line in lines if line.startswith(f"{ADDON}:")] == [1], ran.msg
    assert [line.count("goes on running") for line in lines if line.startswith("mysql-orders:")] == [1], ran.msg


def test_what_is_complete_just_before_the_deadline_is_not_missed(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, duration=119.0) as sandbox:
        assert not backup_task(sandbox, clock, name=NAME, wait_timeout=120).failed


def test_after_a_timeout_without_a_name_the_message_holds_the_name_to_join_it(sandbox: Sandbox, task: Task) -> None:
    sandbox.next_outcome(ADDON, "stuck")
    ran = task(wait_timeout=10)
    name = sandbox.backups(ADDON)[0]["name"]
    assert f'with name="{name}"' in ran.msg
    sandbox.set_status(ADDON, sandbox.backups(ADDON)[0]["id"], "completed")
    assert task(name=name).backup["action"] == "reused"


def test_on_timeout_abort_stops_what_the_task_started_and_fails(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.next_outcome(ADDON, "stuck")
    began = clock.monotonic()
    ran = task(name=NAME, wait_timeout=60, on_timeout="abort")
    assert clock.monotonic() - began <= 60 + 30
    assert ran.failed
    assert ran.changed
    assert ran.backup["status"] == "aborted"
    assert "aborted, as on_timeout=abort asks for" in ran.msg
    assert sandbox.backups(ADDON)[0]["status"] == "aborted"


def test_on_timeout_abort_leaves_alone_what_the_task_had_joined(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.next_outcome(ADDON, "stuck")
    task(name=NAME, wait=False)
    clock.advance(5)
    sandbox.clear_log()
    ran = task(name=NAME, wait_timeout=60, on_timeout="abort")
    assert ran.failed
    assert not ran.changed
    assert "goes on running" in ran.msg
    assert sandbox.writes == []
    assert sandbox.backups(ADDON)[0]["status"] == "in-progress"


def test_an_abort_that_the_api_does_not_answer_is_not_claimed(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(Fault(method="POST", path=r"/abort$", times=None, kind="503", when="before"))
    sandbox.next_outcome(ADDON, "stuck")
    ran = task(name=NAME, wait_timeout=60, on_timeout="abort", api_retries=0)
    assert ran.failed
    assert ran.changed
    assert "not certain that it was aborted" in ran.msg
    assert ran.backup["status"] == "in-progress"


@pytest.mark.parametrize("outcome", ["failed", "aborted"])
def test_a_backup_that_ends_badly_fails_the_task(sandbox: Sandbox, task: Task, outcome: str) -> None:
    sandbox.next_outcome(ADDON, outcome, duration=3.0)
    ran = task(name=NAME)
    assert ran.failed
    assert ran.changed
    assert (ran.backup["status"], ran.backup["action"]) == (outcome, "created")
    assert f"ended as '{outcome}'" in ran.msg
    assert "Run the task again to start a new one" in ran.msg
    assert ran.backup["failed"] is True
    assert str(ran.result["backups"]).count(ran.msg) == 0
    again = task(name=NAME)
    assert (again.failed, again.changed, again.backup["action"]) == (False, True, "created")


def test_a_joined_backup_that_ends_badly_fails_the_task_without_a_change(sandbox: Sandbox, task: Task) -> None:
    sandbox.next_outcome(ADDON, "failed", duration=30.0)
    task(name=NAME, wait=False)
    ran = task(name=NAME)
    assert ran.failed
    assert not ran.changed
    assert "which another run had started, ended as 'failed'" in ran.msg


def test_a_dump_that_failed_brings_the_last_lines_of_its_log(sandbox: Sandbox, task: Task) -> None:
    sandbox.next_outcome(ADDON, "failed", duration=3.0)
    ran = task(name="A dump", backup_type="dump")
    assert "The last lines of its log: " in ran.msg
    assert any(request.path.endswith("/logs") for request in sandbox.requests)


@pytest.mark.parametrize("kind", ["500", "redirect", "wrong-type"])
def test_a_dump_that_failed_is_told_also_when_its_log_cannot_be_read(sandbox: Sandbox, task: Task, kind: str) -> None:
    sandbox.next_outcome(ADDON, "failed", duration=3.0)
    sandbox.fault(Fault(method="GET", path=r"/logs$", times=None, kind=kind, when="before"))
    ran = task(name="A dump", backup_type="dump")
    assert "ended as 'failed'" in ran.msg
    assert "last lines" not in ran.msg


def test_a_type_of_addon_without_dumps_is_told(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(unsupported_dump="status")) as sandbox:
        ran = backup_task(sandbox, clock, addon_id="redis-cache", backup_type="dump", name="A dump")
        assert ran.failed
        assert ran.changed
        assert "does not support dump backups" in ran.msg
        assert ran.backup["status"] == "not-supported"


def test_a_state_that_nobody_documented_ends_the_wait_and_is_named(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.next_outcome(ADDON, "exploded", duration=5.0)
    began = clock.monotonic()
    ran = task(name=NAME)
    assert ran.failed
    assert ran.changed
    assert "'exploded'" in ran.msg
    assert clock.monotonic() - began < 20


def during_the_wait(sandbox: Sandbox, what: Callable[[], object]) -> AbstractContextManager[None]:
    """Let something happen on the server between two looks at the backup."""
    return harness.meanwhile(sandbox.hold("GET", r"/backups/[^/]+$"), what)


def test_a_backup_that_is_deleted_while_it_is_waited_for_is_an_error(sandbox: Sandbox, task: Task) -> None:
    with during_the_wait(sandbox, lambda: sandbox.remove_backup(ADDON, sandbox.backups(ADDON)[0]["id"])):
        ran = task(name=NAME)
    assert ran.failed
    assert ran.changed
    assert "then disappeared" in ran.msg


def test_a_backup_whose_id_became_anothers_is_an_error(sandbox: Sandbox, task: Task) -> None:
    def exchange() -> None:
        backup_id = sandbox.backups(ADDON)[0]["id"]
        sandbox.remove_backup(ADDON, backup_id)
        sandbox.add_backup(ADDON, name=NAME, id=backup_id, age=0)

    with during_the_wait(sandbox, exchange):
        ran = task(name=NAME)
    assert ran.failed
    assert "its ID now belongs to another backup" in ran.msg


def test_looks_without_an_answer_are_tolerated_while_waiting(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(Fault(method="GET", path=r"/backups/[^/]+$", turn=1, times=9, kind="502", when="before"))
    ran = task(name=NAME, api_retries=0)
    assert not ran.failed, ran.result
    assert ran.backup["status"] == "completed"


def test_an_api_that_is_gone_is_waited_for_until_the_deadline(clock: VirtualClock) -> None:
    with Sandbox(clock=clock) as sandbox:
        sandbox.next_outcome(ADDON, "stuck")
        ran = backup_task(sandbox, clock, on_sleep=lambda _seconds: sandbox.stop(), name=NAME, wait_timeout=60)
    assert (ran.failed, ran.changed, ran.backup["action"]) == (True, True, "created")
    assert "was last seen as 'scheduled' at 20" in ran.msg
    assert "goes on running" not in ran.msg
    assert ran.msg.count("Nobody is listening") + ran.msg.count("refused") >= 1


def test_a_token_that_is_taken_away_while_waiting_ends_the_wait_and_says_what_is_running(
    sandbox: Sandbox, task: Task
) -> None:
    with during_the_wait(sandbox, sandbox.revoke_token):
        ran = task(name=NAME)
    assert ran.failed
    assert ran.changed
    assert "may still be running, but it can no longer be watched" in ran.msg
    assert "HTTP 401" in ran.msg
