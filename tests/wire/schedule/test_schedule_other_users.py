# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: what other users do at the same time, and what they leave of the request limit."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_schedule

import harness
from sandbox import Sandbox, VirtualClock

from ..conftest import ADDON, Task
from .conftest import (
    CREATE,
    DELETE,
    DUMPS,
    FULL,
    NIGHTLY,
    NOWHERE,
    READ,
    SNAPSHOT,
    SOON,
    body,
    held,
    in_between,
    methods,
    pasted,
)

THEIRS = body(retentionTime=59)


def test_another_user_creates_the_same_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, body()))
    ran = task(**NIGHTLY)
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (False, "none")
    assert held(sandbox) == [body()]


def test_another_user_creates_another_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))
    ran = task(**NIGHTLY)
    assert ran.failed
    assert not ran.changed
    assert "Somebody else created another daily snapshot schedule of addon postgres-main at the same time" in ran.msg
    assert ran.result["schedule"]["retention_time"] == 59
    assert held(sandbox) == [THEIRS]


def test_what_is_found_after_a_lost_answer_may_be_another_users(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.fault(CREATE(kind="504", when="before"))
    ran = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))(**NIGHTLY)
    assert ran.failed
    assert "Somebody else created another daily snapshot schedule of addon postgres-main at the same time" in ran.msg
    assert held(sandbox) == [THEIRS]
    assert methods(sandbox).count("POST") == 1


def test_another_user_creates_another_one_while_the_old_one_is_deleted(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_schedule(ADDON, body())
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))
    ran = task(**SOON)
    assert ran.failed
    assert ran.changed
    assert held(sandbox) == [THEIRS]
    assert pasted(ran.msg)["minute"] == [30]


def test_another_user_replaces_the_old_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())

    def replace() -> None:
        sandbox.remove_schedule(ADDON, old["id"])
        sandbox.add_schedule(ADDON, THEIRS)

    ran = in_between(sandbox, clock, "DELETE", replace)(**SOON)
    assert ran.failed
    assert not ran.changed
    assert held(sandbox) == [THEIRS]
    assert sandbox.acts == []


def test_another_user_makes_the_same_change_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())

    def replace() -> None:
        sandbox.remove_schedule(ADDON, old["id"])
        sandbox.add_schedule(ADDON, body(scheduling={"minute": [45]}))

    ran = in_between(sandbox, clock, "DELETE", replace)(**SOON)
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (False, "none")


def test_another_user_deletes_the_old_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())
    task = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))
    ran = task(**SOON)
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert held(sandbox) == [body(scheduling={"minute": [45]})]


def test_what_another_user_has_deleted_is_not_put_back(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, FULL)
    ran = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))(**NOWHERE)
    assert ran.failed
    assert not ran.changed
    assert "Somebody else deleted the daily dump schedule" in ran.msg
    assert pasted(ran.msg)["minute"] == [5, 7]
    assert sandbox.schedules(ADDON) == []


def test_another_user_creates_one_before_the_old_one_can_be_put_back(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_schedule(ADDON, FULL)
    theirs = body(backupType="dump", retentionTime=59)
    ran = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, theirs), turn=2)(**NOWHERE)
    assert ran.failed
    assert ran.changed
    assert held(sandbox) == [{**theirs, "backupCompressionType": "gz"}]
    assert "Somebody else created another daily dump schedule" in ran.msg
    assert 'There is no backup destination "nowhere"' in ran.msg
    assert pasted(ran.msg)["minute"] == [5, 7]


def test_what_another_user_has_deleted_is_not_put_back_when_the_answer_is_lost(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    old = sandbox.add_schedule(ADDON, body())
    sandbox.fault(CREATE(times=None, kind="504", when="before"))
    ran = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))(**SOON)
    assert ran.failed
    assert ran.changed
    assert "It is not known whether the daily snapshot schedule of addon postgres-main was created" in ran.msg
    assert pasted(ran.msg)["minute"] == [30]
    assert [write.method for write in sandbox.writes] == ["DELETE", "POST", "POST"]


@pytest.mark.assume(schedules_per_addon="interval_and_type")
def test_another_one_that_is_in_the_way_and_cannot_be_read_changes_nothing(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    sandbox.fault(READ(turn=2, kind="503", when="before"))
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))
    ran = task(**NIGHTLY, api_retries=0)
    assert ran.failed
    assert not ran.changed
    assert "already has a daily snapshot schedule" in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert held(sandbox) == [THEIRS]


def test_another_user_deletes_what_is_to_be_absent_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())
    task = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))
    ran = task(**SNAPSHOT, state="absent")
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (False, "none")


def test_a_deletion_that_was_lost_never_hits_the_one_that_another_user_has_created(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(DELETE(kind="reset", when="after"))
    done: list[dict[str, Any]] = []

    def somebody(_seconds: float) -> None:
        if not done:
            done.append(sandbox.add_schedule(ADDON, THEIRS))

    ran = harness.run_task(
        addon_backup_schedule, sandbox, clock, on_sleep=somebody, addon_id=ADDON, **SNAPSHOT, state="absent"
    )
    assert not ran.failed, ran.result
    assert held(sandbox) == [THEIRS]
    assert sum(write.method == "DELETE" for write in sandbox.writes) == 1


# The request limit.


def test_a_replacement_does_not_begin_when_it_might_not_end(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task
) -> None:
    sandbox.add_schedule(ADDON, body())
    schedule(**NIGHTLY)
    sandbox.clear_log()
    sandbox.set_rate(remaining=12)
    ran = schedule(**SOON)
    assert ran.failed
    assert not ran.changed
    assert "Only 11 requests are left in this hour, and 12 may be needed" in ran.msg
    assert "Nothing was changed. Run the task again in 36" in ran.msg
    assert methods(sandbox) == ["GET"]
    clock.advance(3590)
    ran = schedule(**SOON)
    assert (ran.failed, ran.changed) == (False, True), ran.result


def test_with_just_enough_requests_it_begins(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.add_schedule(ADDON, body())
    schedule(**NIGHTLY)
    sandbox.set_rate(remaining=13)
    ran = schedule(**SOON)
    assert (ran.failed, ran.changed) == (False, True), ran.result


def test_a_new_schedule_takes_no_such_care(sandbox: Sandbox, schedule: Task) -> None:
    schedule(**NIGHTLY, _check_mode=True)
    sandbox.set_rate(remaining=3)
    assert not schedule(**NIGHTLY).failed


@pytest.mark.parametrize("turn", [1, 2], ids=["creating", "putting back"])
def test_where_others_use_up_the_requests_it_waits_rather_than_leave_the_addon_without_a_schedule(
    sandbox: Sandbox, clock: VirtualClock, turn: int
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    began = clock.monotonic()
    task = in_between(sandbox, clock, "POST", lambda: sandbox.set_rate(remaining=0), turn)
    ran = task(**(DUMPS if turn == 1 else NOWHERE))
    assert len(sandbox.schedules(ADDON)) == 1
    assert ran.result["schedule"]["action"] == ("replaced" if turn == 1 else "put_back"), ran.result
    assert 3500 < clock.monotonic() - began < 3700
