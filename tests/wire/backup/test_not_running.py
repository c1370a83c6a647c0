# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An addon that does not run, on an API that takes its backup all the same and starts it some day.

No task sits out its time for that, and none leaves a pending backup behind without saying so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import harness
from sandbox import Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON, backup_task

NAME = "Before release"
OTHER = "mysql-orders"
BLOCKED = ["paused", "failed", "error", "errorAllocating"]
# Seconds within which a task has to be over that could wait for half an hour.
SOON = 10
RESUME = f"(northflank resume addon --projectId default-project --addonId {ADDON})"
DELETE = f"ansible localhost -m northflank.cloud.addon_backup -a 'project_id=default-project addon_id={ADDON}"


@pytest.fixture
def sandbox(clock: VirtualClock, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    assumed = replace(harness.assumed(request), not_running="schedule", backup_id_shape="slug")
    with Sandbox(clock=clock, duration=8.0, assumptions=assumed) as server:
        yield server


def looks_at_the_addon(sandbox: Sandbox) -> int:
    return sum(request.path.endswith(f"/addons/{ADDON}") for request in sandbox.requests)


def held(sandbox: Sandbox) -> list[str]:
    return [backup["status"] for backup in sandbox.backups(ADDON)]


@pytest.mark.parametrize("wait", [True, False], ids=["waits", "does not wait"])
@pytest.mark.parametrize("backup_type", ["snapshot", "dump"])
@pytest.mark.parametrize("status", BLOCKED)
def test_the_task_says_so_within_seconds_and_leaves_nothing_pending(
    sandbox: Sandbox, clock: VirtualClock, status: str, backup_type: str, wait: bool
) -> None:
    sandbox.set_addon_status(ADDON, status)
    began = clock.monotonic()
    ran = backup_task(sandbox, clock, name=NAME, backup_type=backup_type, wait=wait)
    assert clock.monotonic() - began <= SOON
    assert (ran.failed, ran.changed, ran.backup["action"], ran.backup["status"]) == (True, True, "created", "aborted")
    assert f"Addon {ADDON} is '{status}', so the backup '{NAME}' (ID before-release) does not start." in ran.msg
    assert "It was aborted and is now 'aborted', so nothing is pending." in ran.msg
    assert (RESUME in ran.msg) == (status == "paused")
    assert held(sandbox) == ["aborted"]
    sandbox.set_addon_status(ADDON, "running")
    again = backup_task(sandbox, clock, name=NAME, backup_type=backup_type)
    assert (again.failed, again.backup["status"]) == (False, "completed"), again.result


@pytest.mark.parametrize("wait", [True, False], ids=["waits", "does not wait"])
def test_what_another_run_started_is_left_alone_and_told(sandbox: Sandbox, clock: VirtualClock, wait: bool) -> None:
    sandbox.set_addon_status(ADDON, "paused")
    harness.api_of(sandbox, harness.virtual(clock)).create_backup(ADDON, {"name": NAME})
    sandbox.clear_log()
    began = clock.monotonic()
    ran = backup_task(sandbox, clock, name=NAME, wait=wait)
    assert clock.monotonic() - began <= SOON
    assert (ran.failed, ran.changed, ran.backup["action"], ran.backup["status"]) == (True, False, "joined", "scheduled")
    assert "Another run started it, so it was left as it is." in ran.msg
    assert RESUME in ran.msg
    assert ran.msg.endswith(f"To delete it: {DELETE} backup_id=before-release state=absent'")
    assert sandbox.writes == []
    assert held(sandbox) == ["scheduled"]


@pytest.mark.parametrize("kind", ["503", "403", "reset"])
def test_an_abort_that_is_not_confirmed_is_told_with_the_command_to_delete_it(
    sandbox: Sandbox, clock: VirtualClock, kind: str
) -> None:
    sandbox.set_addon_status(ADDON, "paused")
    sandbox.fault(Fault(method="POST", path=r"/abort$", times=None, kind=kind, when="before"))
    began = clock.monotonic()
    ran = backup_task(sandbox, clock, name=NAME)
    assert clock.monotonic() - began <= 60
    assert (ran.failed, ran.changed, ran.backup["status"]) == (True, True, "scheduled")
    assert "It may still be pending, because aborting it is not confirmed" in ran.msg
    assert f"{DELETE} backup_id=before-release state=absent'" in ran.msg
    assert held(sandbox) == ["scheduled"]


@pytest.mark.assume(abort_final="refuse")
def test_where_the_api_says_that_there_is_nothing_to_abort_it_is_not_taken_for_aborted(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    sandbox.set_addon_status(ADDON, "paused")
    # Two looks come before the abort. The API refuses it, and then tells of a backup that is scheduled all the same.
    aborted = sandbox.hold("POST", r"/abort$")
    read = sandbox.hold("GET", r"/backups/before-release$", turn=3)
    with (
        harness.meanwhile(aborted, lambda: sandbox.set_status(ADDON, "before-release", "completed")),
        harness.meanwhile(read, lambda: sandbox.set_status(ADDON, "before-release", "scheduled")),
    ):
        ran = backup_task(sandbox, clock, name=NAME)
    assert (ran.failed, ran.backup["status"]) == (True, "scheduled"), ran.result
    assert "It may still be pending" in ran.msg
    assert "the API answered that there is nothing to abort" in ran.msg


def test_where_the_backup_starts_at_once_nobody_looks_at_the_addon(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, duration=8.0) as sandbox:
        assert not backup_task(sandbox, clock, name=NAME).failed
        assert looks_at_the_addon(sandbox) == 0


@pytest.mark.parametrize("follows", [True, False], ids=["status follows", "status stays"])
def test_where_the_backup_is_scheduled_for_long_one_request_is_enough(clock: VirtualClock, follows: bool) -> None:
    assumed = assume(addon_status_follows_backup=follows)
    with Sandbox(clock=clock, duration=600.0, assumptions=assumed) as sandbox:
        assert not backup_task(sandbox, clock, name=NAME).failed
        assert looks_at_the_addon(sandbox) == 1


def test_without_waiting_it_costs_one_request(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, duration=8.0) as sandbox:
        ran = backup_task(sandbox, clock, wait=False)
        assert (ran.failed, ran.backup["status"]) == (False, "scheduled")
        assert [request.method for request in sandbox.requests] == ["POST", "GET"]


def test_a_state_that_passes_is_waited_for_and_what_comes_of_it_is_seen(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.set_addon_status(ADDON, "scaling")
    runs_at = clock.monotonic() + 120

    def turn(_seconds: float) -> None:
        if clock.monotonic() >= runs_at:
            sandbox.set_addon_status(ADDON, "running")

    ran = backup_task(sandbox, clock, turn, name=NAME)
    assert (ran.failed, ran.backup["status"]) == (False, "completed"), ran.result
    assert len(sandbox.writes) == 1


def test_an_addon_that_is_paused_while_it_was_on_its_way_is_told(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.set_addon_status(ADDON, "scaling")
    paused_at = clock.monotonic() + 20
    began = clock.monotonic()

    def turn(_seconds: float) -> None:
        if clock.monotonic() >= paused_at:
            sandbox.set_addon_status(ADDON, "paused")

    ran = backup_task(sandbox, clock, turn, name=NAME)
    assert clock.monotonic() - began <= 20 + SOON
    assert (ran.failed, ran.backup["status"]) == (True, "aborted")
    assert held(sandbox) == ["aborted"]


def test_a_look_at_the_addon_that_fails_ends_no_wait(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.set_addon_status(ADDON, "paused")
    sandbox.fault(Fault(method="GET", path=rf"/addons/{ADDON}$", kind="503", times=2))
    began = clock.monotonic()
    ran = backup_task(sandbox, clock, name=NAME)
    assert clock.monotonic() - began <= 2 * SOON
    assert (ran.failed, ran.backup["status"]) == (True, "aborted")


def test_a_member_of_a_set_that_is_paused_after_the_preflight_is_told_and_the_others_go_on(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    began = clock.monotonic()
    barrier = sandbox.hold("POST", rf"/addons/{ADDON}/backups$")
    with harness.meanwhile(barrier, lambda: sandbox.set_addon_status(ADDON, "paused")):
        ran = backup_task(sandbox, clock, addon_id=[ADDON, OTHER], name=NAME)
    assert clock.monotonic() - began <= 2 * SOON
    assert ran.failed
    assert {one["addon_id"]: one["status"] for one in ran.result["backups"]} == {ADDON: "aborted", OTHER: "completed"}


def test_after_a_lost_answer_a_second_pending_backup_is_not_ruled_out(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.set_addon_status(ADDON, "paused")
    sandbox.fault(Fault(method="POST", path=r"/backups$", kind="late-commit", delay=62.0))
    ran = backup_task(sandbox, clock, name=NAME)
    assert ran.failed
    assert any("whether that made a second one: the addon is 'paused'" in warning for warning in ran.warnings)
