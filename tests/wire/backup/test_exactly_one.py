# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exactly one backup, whatever happens to the answer of the request that starts it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._backup.engine import run_backups
from ansible_collections.northflank.cloud.plugins.module_utils._backup.plan import BackupSpec
from ansible_collections.northflank.cloud.plugins.module_utils._task.members import RunOptions

import harness
from sandbox import Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON, Task, backup_task

NAME = "Before release"


def start_fails(**how: Any) -> Fault:
    """A fault of the request that starts a backup."""
    return Fault(method="POST", path=r"/backups$", **how)


LOST = ["reset", "close", "500", "502", "503", "504", "cut", "garbage", "empty"]


@pytest.mark.parametrize("name", [NAME, None], ids=["named", "nameless"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_leaves_exactly_one_backup(
    sandbox: Sandbox, task: Task, kind: str, when: str, name: str | None
) -> None:
    sandbox.fault(start_fails(kind=kind, when=when))
    ran = task(name=name)
    assert not ran.failed, ran.result
    (held,) = sandbox.backups(ADDON)
    assert (ran.backup["id"], ran.backup["uid"]) == (held["id"], harness.told_uid(sandbox, held))
    assert (ran.changed, ran.backup["action"], ran.backup["status"]) == (True, "created", "completed")
    assert len(sandbox.writes) == (1 if when == "after" else 2)


@pytest.mark.parametrize("delay", [1.0, 20.0, 55.0])
@pytest.mark.parametrize("name", [NAME, None], ids=["named", "nameless"])
def test_a_start_that_takes_effect_late_is_waited_for_and_not_repeated(
    sandbox: Sandbox, task: Task, delay: float, name: str | None
) -> None:
    sandbox.fault(start_fails(kind="late-commit", when="before", delay=delay))
    ran = task(name=name)
    assert not ran.failed, ran.result
    assert len(sandbox.writes) == 1
    (held,) = sandbox.backups(ADDON)
    assert (ran.backup["id"], ran.changed) == (held["id"], True)


def test_a_start_later_than_that_leaves_a_twin_which_is_removed_where_only_this_task_can_have_made_it(
    sandbox: Sandbox, task: Task
) -> None:
    sandbox.fault(start_fails(kind="late-commit", when="before", delay=64.0))
    ran = task()
    assert not ran.failed, ran.result
    (held,) = sandbox.backups(ADDON)
    assert ran.backup["id"] == held["id"]
    assert ran.backup["duplicates"] == []
    assert any("was removed" in warning for warning in ran.warnings)


def test_under_a_name_of_the_users_both_twins_are_kept_and_reported(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(start_fails(kind="late-commit", when="before", delay=64.0))
    ran = task(name=NAME)
    assert not ran.failed, ran.result
    ids = {held["id"] for held in sandbox.backups(ADDON)}
    assert len(ids) == 2
    assert {ran.backup["id"], *ran.backup["duplicates"]} == ids
    assert any("both are kept" in warning for warning in ran.warnings)


def test_an_earlier_backup_of_the_name_is_not_taken_for_the_new_one(sandbox: Sandbox, task: Task) -> None:
    sandbox.add_backup(ADDON, name=NAME, age=7200)
    sandbox.fault(start_fails(kind="reset", when="before"))
    ran = task(name=NAME, max_age="1h")
    assert ran.backup["action"] == "created"
    assert len(sandbox.backups(ADDON)) == 2
    assert ran.backup["id"] == sandbox.backups(ADDON)[-1]["id"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_does_not_answer_in_time_leaves_exactly_one_backup(
    sandbox: Sandbox, clock: VirtualClock, when: str
) -> None:
    """The only wait on a real clock: the operating system's, for an answer that does not come."""
    sandbox.fault(start_fails(kind="timeout", when=when))
    api = harness.api_of(sandbox, harness.virtual(clock), timeout=0.5)
    (member,) = run_backups(api, [BackupSpec(ADDON, name=NAME)], RunOptions())
    assert (member.error, member.changed, member.action) == (None, True, "created")
    assert member.backup is not None
    assert [held["id"] for held in sandbox.backups(ADDON)] == [member.backup.id]


def test_two_lost_answers_are_still_one_backup(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(start_fails(turn=1, kind="reset", when="before"))
    sandbox.fault(start_fails(turn=2, kind="reset", when="after"))
    ran = task(name=NAME)
    assert not ran.failed, ran.result
    assert [held["id"] for held in sandbox.backups(ADDON)] == [ran.backup["id"]]


def test_when_it_cannot_be_found_out_nothing_is_claimed_and_the_name_to_run_again_is_told(
    sandbox: Sandbox, task: Task
) -> None:
    sandbox.fault(start_fails(times=None, kind="504", when="before"))
    ran = task()
    assert ran.failed
    assert "id" not in ran.backup
    assert ran.backup["action"] == "none"
    # Nobody knows, and handlers had better run.
    assert ran.changed
    assert "not known whether the backup" in ran.msg
    assert 'name="ansible-20260301T120000Z-' in ran.msg
    assert len(sandbox.writes) == 2
    sandbox.clear_faults()
    name = ran.msg.split('name="')[1].split('"')[0]
    assert task(name=name).backup["action"] == "created"


def test_when_the_listing_is_down_as_well_no_second_request_is_sent(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(start_fails(kind="reset", when="after"))
    sandbox.fault(Fault(method="GET", path=r"/backups$", times=None, kind="503", when="before"))
    ran = task(api_retries=2)
    assert ran.failed
    assert len(sandbox.writes) == 1
    assert "not known whether the backup" in ran.msg


def test_a_second_request_that_is_refused_as_taken_finds_what_the_first_one_has_started(clock: VirtualClock) -> None:
    """The first one takes effect between the last look and the second request."""
    with Sandbox(clock=clock, assumptions=assume(names_unique=True)) as sandbox:
        sandbox.fault(start_fails(kind="late-commit", when="before", delay=65.0))
        with harness.meanwhile(sandbox.hold("POST", r"/backups$", turn=2), lambda: clock.advance(10)):
            ran = backup_task(sandbox, clock, name=NAME)
        assert (ran.failed, ran.changed, ran.backup["action"]) == (False, True, "created"), ran.result
        assert [held["id"] for held in sandbox.backups(ADDON)] == [ran.backup["id"]]
        assert [write.status for write in sandbox.writes] == [504, 409]


def test_a_second_request_that_is_refused_for_another_reason_leaves_the_first_one_unknown(
    sandbox: Sandbox, task: Task
) -> None:
    sandbox.fault(start_fails(kind="reset", when="before"))
    sandbox.fault(start_fails(turn=2, kind="403"))
    ran = task(name=NAME)
    assert (ran.failed, ran.changed, ran.backup["action"]) == (True, True, "none")
    assert "not known whether the backup 'Before release' of addon postgres-main was started" in ran.msg
    assert "the first request got no usable answer" in ran.msg
    assert "and then: HTTP 403" in ran.msg
    assert len(sandbox.writes) == 2


def test_whether_there_is_a_twin_that_cannot_be_looked_for_is_told(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(start_fails(kind="reset", when="before"))
    # The plan's listing, seven looks for the lost one, and then the look for a twin.
    sandbox.fault(Fault(method="GET", path=r"/backups$", turn=9, times=None, kind="redirect"))
    ran = task(name=NAME)
    assert (ran.failed, ran.changed, ran.backup["status"]) == (False, True, "completed"), ran.result
    (warning,) = ran.warnings
    assert "it could not be checked whether that made a second one: HTTP 302" in warning


@pytest.mark.parametrize("status", ["stuck", "completed"])
def test_a_twin_that_cannot_be_removed_is_told(sandbox: Sandbox, task: Task, status: str) -> None:
    """Under a name that only this task can have made, so that nobody else misses it."""
    sandbox.next_outcome(ADDON, "completed")
    sandbox.next_outcome(ADDON, status)
    sandbox.fault(start_fails(kind="late-commit", when="before", delay=64.0))
    sandbox.fault(Fault(method="DELETE", times=None, kind="redirect"))
    ran = task()
    assert (ran.failed, ran.changed) == (False, True), ran.result
    (warning,) = ran.warnings
    (other,) = ran.backup["duplicates"]
    assert f"of the second one (ID {other}), it could not be removed: HTTP 302" in warning
    assert {held["id"] for held in sandbox.backups(ADDON)} == {ran.backup["id"], other}


def test_a_refused_connection_is_tried_again(sandbox: Sandbox, clock: VirtualClock) -> None:
    ran = backup_task(sandbox, clock, name=NAME, api_url="http://127.0.0.1:1", api_retries=2)
    assert ran.failed
    assert not ran.changed
    assert "Nothing was started or changed" in ran.msg
    assert "no connection to http://127.0.0.1:1" in ran.msg
    assert ran.result["requests"] == 3


@pytest.mark.parametrize("retry_after", [True, False])
def test_a_start_that_is_refused_for_the_rate_is_sent_again_when_the_api_says(
    clock: VirtualClock, retry_after: bool
) -> None:
    with Sandbox(clock=clock, assumptions=assume(retry_after=retry_after)) as sandbox:
        backup_task(sandbox, clock, addon_id="mysql-orders")
        sandbox.set_rate(remaining=0)
        began = clock.monotonic()
        ran = backup_task(sandbox, clock, wait_timeout=4000)
        assert not ran.failed, ran.result
        assert len(sandbox.backups(ADDON)) == 1
        assert 3500 < clock.monotonic() - began < 3700


def test_a_rate_limit_past_the_deadline_fails_at_once_and_starts_nothing(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    task(addon_id="mysql-orders", wait=False)
    sandbox.set_rate(remaining=0)
    began = clock.monotonic()
    ran = task(wait_timeout=60)
    assert ran.failed
    assert not ran.changed
    assert "request limit is used up" in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert clock.monotonic() == began
    assert sandbox.backups(ADDON) == []


def test_a_rate_limit_while_waiting_does_not_lose_the_backup(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(Fault(method="GET", path=r"/backups/[^/]+$", turn=1, times=2, kind="429", when="before"))
    ran = task(name=NAME)
    assert not ran.failed, ran.result
    assert ran.backup["status"] == "completed"


def test_polling_slows_down_when_the_budget_runs_low(clock: VirtualClock) -> None:
    def polls(remaining: int) -> int:
        with Sandbox(clock=clock, duration=600.0) as sandbox:
            backup_task(sandbox, clock, addon_id="mysql-orders", wait=False)
            sandbox.set_rate(remaining=remaining)
            ran = backup_task(sandbox, clock, name=NAME)
            assert not ran.failed, ran.result
            return int(ran.result["requests"])

    assert polls(20) < polls(900) / 2


def test_a_lost_delete_is_repeated_only_for_the_same_backup(clock: VirtualClock) -> None:
    unique = assume(names_unique=True, failed_names_free=False)
    for when, deletes in (("before", 2), ("after", 1)):
        with Sandbox(clock=clock, assumptions=unique) as sandbox:
            sandbox.add_backup(ADDON, name=NAME, status="failed")
            sandbox.fault(Fault(method="DELETE", path="/backups/", kind="reset", when=when))
            ran = backup_task(sandbox, clock, name=NAME)
            assert (ran.failed, ran.backup["action"]) == (False, "replaced"), ran.result
            assert sum(write.method == "DELETE" for write in sandbox.writes) == deletes
            assert len(sandbox.backups(ADDON)) == 1
