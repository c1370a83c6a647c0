# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several addons in one task: all or none are started, and each result is told."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Fault, Sandbox, VirtualClock, assume

from ..conftest import Task, backup_task

NAME = "Before release"
SET = ["postgres-main", "mysql-orders", "mongo-events"]


def by_addon(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {backup["addon_id"]: backup for backup in result["backups"]}


def held(sandbox: Sandbox) -> dict[str, list[str]]:
    return {addon_id: [backup["status"] for backup in sandbox.backups(addon_id)] for addon_id in SET}


def test_a_set_is_started_and_waited_for_together_and_told_in_the_given_order(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    began = clock.monotonic()
    ran = task(addon_id=SET, name=NAME)
    assert not ran.failed, ran.result
    assert ran.changed
    assert [backup["addon_id"] for backup in ran.result["backups"]] == SET
    assert {backup["action"] for backup in ran.result["backups"]} == {"created"}
    assert {backup["status"] for backup in ran.result["backups"]} == {"completed"}
    assert "backup" not in ran.result
    assert held(sandbox) == {addon_id: ["completed"] for addon_id in SET}
    assert clock.monotonic() - began < 12
    again = task(addon_id=SET, name=NAME)
    assert (again.failed, again.changed) == (False, False)
    assert {backup["action"] for backup in again.result["backups"]} == {"reused"}


def test_a_set_that_is_partly_there_starts_only_what_is_missing(sandbox: Sandbox, task: Task) -> None:
    there = sandbox.add_backup("mysql-orders", name=NAME)
    sandbox.add_backup("mongo-events", name=NAME, status="in-progress", age=1)
    ran = task(addon_id=SET, name=NAME)
    actions = {addon_id: backup["action"] for addon_id, backup in by_addon(ran.result).items()}
    assert actions == {"postgres-main": "created", "mysql-orders": "reused", "mongo-events": "joined"}
    assert {addon_id: one["changed"] for addon_id, one in by_addon(ran.result).items()} == {
        "postgres-main": True,
        "mysql-orders": False,
        "mongo-events": False,
    }
    assert by_addon(ran.result)["mysql-orders"]["id"] == there["id"]
    assert len(sandbox.writes) == 1


def test_a_set_with_a_paused_a_missing_and_a_good_addon_starts_nothing_and_names_both(
    sandbox: Sandbox, task: Task
) -> None:
    ran = task(addon_id=["postgres-main", "postgres-paused", "mysql-order"], name=NAME)
    assert ran.failed
    assert not ran.changed
    assert sandbox.writes == []
    assert ran.msg == (
        "Nothing was started or changed, because 2 of 3 addons cannot be served.\n"
        "postgres-paused: The addon is 'paused', and only a running addon can be backed up. "
        "Start the addon, or remove it from addon_id.\n"
        "mysql-order: Project default-project has no such addon. Did you mean 'mysql-orders'? "
        "To list them: ansible localhost -m northflank.cloud.addon_info -a project_id=default-project"
    )
    nothing = {"action": "none", "changed": False, "failed": True}
    assert ran.result["backups"] == [{"addon_id": one, **nothing} for one in ("postgres-paused", "mysql-order")]


@pytest.mark.parametrize("status", ["failed", "error", "errorAllocating", "deleting", "deleted"])
def test_a_set_with_an_addon_in_a_bad_state_starts_nothing(sandbox: Sandbox, task: Task, status: str) -> None:
    sandbox.set_addon_status("mysql-orders", status)
    ran = task(addon_id=SET, name=NAME)
    assert ran.failed
    assert f"(mysql-orders): The addon is '{status}'" in ran.msg
    assert sandbox.writes == []


@pytest.mark.assume(types_told=True)
def test_a_set_in_which_a_name_is_taken_by_another_type_starts_nothing(sandbox: Sandbox, task: Task) -> None:
    sandbox.add_backup("mysql-orders", name=NAME, backup_type="dump")
    ran = task(addon_id=SET, name=NAME)
    assert ran.failed
    assert "(mysql-orders): The addon already has a dump" in ran.msg
    assert sandbox.writes == []


@pytest.mark.assume(optional_fields="present")
def test_a_set_of_dumps_with_a_type_that_has_none_starts_nothing(sandbox: Sandbox, task: Task) -> None:
    ran = task(addon_id=["postgres-main", "redis-cache"], name=NAME, backup_type="dump")
    assert ran.failed
    assert "(redis-cache): The addon is of type redis, which does not support dump backups" in ran.msg
    assert sandbox.writes == []


def test_a_set_of_dumps_whose_types_cannot_be_read_starts_nothing(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(Fault(method="GET", path="/v1/addon-types$", times=None, kind="wrong-type", body={"data": {}}))
    ran = task(addon_id=SET, name=NAME, backup_type="dump")
    assert (ran.failed, ran.changed) == (True, False)
    assert "the API's answer cannot be used: there is no list of addonTypes. Nothing was started or changed." in ran.msg
    assert sandbox.writes == []


def test_a_set_in_a_project_that_does_not_exist_is_told(task: Task) -> None:
    ran = task(addon_id=SET, project_id="defualt-project")
    assert ran.failed
    assert "Did you mean 'default-project'?" in ran.msg


@pytest.mark.parametrize("status", ["scaling", "upgrading", "restore", "allocating", "backup"])
def test_an_addon_in_a_passing_state_is_waited_for_before_any_is_started(
    sandbox: Sandbox, clock: VirtualClock, status: str
) -> None:
    sandbox.set_addon_status("mysql-orders", status)
    polls = 0

    def settle(_seconds: float) -> None:
        nonlocal polls
        polls += 1
        if polls == 3:
            assert sandbox.writes == []
            sandbox.set_addon_status("mysql-orders", "running")

    ran = backup_task(sandbox, clock, on_sleep=settle, addon_id=SET, name=NAME)
    assert not ran.failed, ran.result
    assert held(sandbox) == {addon_id: ["completed"] for addon_id in SET}


def test_a_set_that_is_never_ready_fails_at_the_deadline_and_starts_nothing(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.set_addon_status("mysql-orders", "scaling")
    began = clock.monotonic()
    ran = task(addon_id=SET, name=NAME, wait_timeout=60)
    assert ran.failed
    assert not ran.changed
    assert "mysql-orders (scaling)" in ran.msg
    assert clock.monotonic() - began <= 61
    assert sandbox.writes == []


def test_a_single_addon_in_a_passing_state_is_waited_for_too(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.set_addon_status("postgres-main", "scaling")
    polls = 0

    def settle(_seconds: float) -> None:
        nonlocal polls
        polls += 1
        if polls == 3:
            sandbox.set_addon_status("postgres-main", "running")

    ran = backup_task(sandbox, clock, on_sleep=settle, name=NAME)
    assert (ran.failed, ran.changed) == (False, True), ran.result


@pytest.mark.assume(not_running="refuse")
def test_a_single_addon_that_is_never_ready_fails_at_the_deadline(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.set_addon_status("postgres-main", "upgrading")
    began = clock.monotonic()
    ran = task(name=NAME, wait_timeout=60)
    assert ran.failed
    assert not ran.changed
    assert "still 'upgrading' after the 60 s" in ran.msg
    assert clock.monotonic() - began <= 61


def test_a_busy_addon_is_waited_for_where_the_api_refuses_a_second_backup(clock: VirtualClock) -> None:
    with Sandbox(
        clock=clock, assumptions=assume(addon_busy_refuses=True, addon_status_follows_backup=True), duration=8.0
    ) as sandbox:
        backup_task(sandbox, clock, name="Another", wait=False)
        ran = backup_task(sandbox, clock, name=NAME)
        assert (ran.failed, ran.backup["action"]) == (False, "created"), ran.result
        assert [backup["status"] for backup in sandbox.backups("postgres-main")] == ["completed", "completed"]


def test_when_one_fails_half_way_all_results_are_told(sandbox: Sandbox, task: Task) -> None:
    sandbox.next_outcome("mysql-orders", "failed", duration=3.0)
    ran = task(addon_id=SET, name=NAME)
    assert ran.failed
    assert ran.changed
    (failed,) = sandbox.backups("mysql-orders")
    assert ran.msg == (
        f"1 of 3 addons failed (mysql-orders): The backup 'Before release' (ID {failed['id']}) ended as 'failed'. "
        "No usable backup was created, and no operation is still running. Run the task again to start a new one."
    )
    results = by_addon(ran.result)
    assert {addon_id: one["status"] for addon_id, one in results.items()} == {
        "postgres-main": "completed",
        "mysql-orders": "failed",
        "mongo-events": "completed",
    }
    assert ["failed" in results[addon_id] for addon_id in SET] == [False, True, False]
    again = task(addon_id=SET, name=NAME)
    assert not again.failed, again.result
    assert [by_addon(again.result)[addon_id]["action"] for addon_id in SET] == ["reused", "created", "reused"]


def test_one_deadline_holds_for_all_and_what_is_complete_by_then_is_told(
    sandbox: Sandbox, clock: VirtualClock, task: Task
) -> None:
    sandbox.next_outcome("mysql-orders", "stuck")
    sandbox.next_outcome("mongo-events", "stuck")
    began = clock.monotonic()
    ran = task(addon_id=SET, name=NAME, wait_timeout=60, on_timeout="abort")
    assert clock.monotonic() - began <= 60 + 30
    assert ran.failed
    assert ran.changed
    assert held(sandbox) == {"postgres-main": ["completed"], "mysql-orders": ["aborted"], "mongo-events": ["aborted"]}
    assert ran.msg.startswith("2 of 3 addons failed (mysql-orders, mongo-events): The backup 'Before release'")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_in_a_set_leaves_one_backup_each(sandbox: Sandbox, task: Task, when: str) -> None:
    sandbox.fault(Fault(method="POST", path="/mysql-orders/backups$", kind="reset", when=when))
    ran = task(addon_id=SET, name=NAME)
    assert not ran.failed, ran.result
    assert held(sandbox) == {addon_id: ["completed"] for addon_id in SET}


def test_check_mode_of_a_set_sends_only_get_requests(sandbox: Sandbox, clock: VirtualClock, task: Task) -> None:
    sandbox.add_backup("mysql-orders", name=NAME)
    now = clock.now()
    ran = task(addon_id=SET, name=NAME, _check_mode=True, _diff=True)
    assert ran.changed
    assert {request.method for request in sandbox.requests} == {"GET"}
    assert clock.now() == now
    assert [one["action"] for one in ran.result["backups"]] == ["created", "reused", "created"]
    assert ran.result["diff"]["before"]["postgres-main"] is None


def test_a_fault_of_the_program_itself_in_one_member_does_not_lose_the_others(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    """The only one that pauses at that point is the one whose answer was lost."""
    sandbox.fault(Fault(method="POST", path="/mysql-orders/backups$", kind="reset", when="before"))
    faults = [ZeroDivisionError("a bug")]

    def faulty(_seconds: float) -> None:
        if faults:
            raise faults.pop()

    ran = backup_task(sandbox, clock, on_sleep=faulty, addon_id=SET, name=NAME)
    assert ran.failed
    assert "ZeroDivisionError: a bug" in ran.msg
    assert "Please report this" in ran.msg
    assert held(sandbox) == {"postgres-main": ["completed"], "mysql-orders": [], "mongo-events": ["completed"]}
    assert ran.changed


# A refusal that holds for all: told once, with one request

STRANGER = "a-token-that-the-server-does-not-know"
NOTHING = {"action": "none", "changed": False, "failed": True}
ALL = ", ".join(SET)
STATES: dict[str, dict[str, Any]] = {
    "present": {},
    "absent": {"state": "absent"},
    "aborted": {"state": "aborted"},
    "retained": {"state": "retained"},
}


def sent(sandbox: Sandbox) -> list[str]:
    """Without what is asked to explain a refusal."""
    return [f"{one.method} {one.path.split('/')[-1]}" for one in sandbox.requests if one.path != "/v1/auth"]


@pytest.mark.parametrize("how", STATES.values(), ids=STATES)
def test_a_token_that_is_not_accepted_is_told_once_after_one_request(
    sandbox: Sandbox, task: Task, how: dict[str, Any]
) -> None:
    ran = task(addon_id=SET, name=NAME, api_token=STRANGER, **how)
    assert (ran.failed, ran.changed) == (True, False)
    assert ran.msg == (
        f"3 of 3 addons failed ({ALL}): The API does not accept the token: HTTP 401: The token is missing or not "
        "valid. Nothing was started or changed. Check api_token, context, or NORTHFLANK_API_TOKEN where the task runs. "
        "To set it anew: read -rs NORTHFLANK_API_TOKEN && export NORTHFLANK_API_TOKEN"
    )
    assert len(sent(sandbox)) == 1
    assert ran.result["backups"] == [{"addon_id": one, **NOTHING} for one in SET]


@pytest.mark.parametrize("how", STATES.values(), ids=STATES)
@pytest.mark.parametrize("concurrency", [1, 2, 16])
def test_a_token_that_may_not_write_is_told_once_after_one_request_to_write(
    sandbox: Sandbox, task: Task, how: dict[str, Any], concurrency: int
) -> None:
    if how:
        for addon_id in SET:
            sandbox.add_backup(addon_id, name=NAME, status="in-progress" if how["state"] == "aborted" else "completed")
    ran = task(addon_id=SET, name=NAME, api_token=sandbox.read_token, concurrency=concurrency, **how)
    assert (ran.failed, ran.changed) == (True, False)
    assert ran.msg == (
        f"3 of 3 addons failed ({ALL}): The API refused the request: HTTP 403. Nothing was started or changed. "
        "The token lacks the permission 'Project > Addons > General > Update'. Use a token whose role grants it."
    )
    assert len([one for one in sent(sandbox) if not one.startswith("GET")]) == 1


def test_what_was_there_before_leads_nobody(sandbox: Sandbox, task: Task) -> None:
    """The first addon needs no request, so the next one goes ahead."""
    sandbox.add_backup(SET[0], name=NAME)
    ran = task(addon_id=SET, name=NAME, api_token=sandbox.read_token)
    assert ran.msg.startswith(f"2 of 3 addons failed ({', '.join(SET[1:])}): The API refused the request: HTTP 403. ")
    assert len(sandbox.writes) == 1
    assert [(one["addon_id"], one["action"]) for one in ran.result["backups"]] == [
        (SET[0], "reused"),
        (SET[1], "none"),
        (SET[2], "none"),
    ]


@pytest.mark.parametrize("how", STATES.values(), ids=STATES)
def test_a_project_that_does_not_exist_is_told_once(sandbox: Sandbox, task: Task, how: dict[str, Any]) -> None:
    ran = task(addon_id=SET, name=NAME, project_id="defualt-project", **how)
    assert ran.msg == (
        f"3 of 3 addons failed ({ALL}): There is no project 'defualt-project' that the token may see. "
        "Did you mean 'default-project'? If it belongs to a team, or the token to an organisation, give team_id. "
        "Nothing was started or changed."
    )
    # One for the first addon, one to see whether it is the project, and one for its name.
    assert len(sent(sandbox)) <= 3


def test_nobody_there_is_told_once_and_tried_for_one_addon_only(task: Task, clock: VirtualClock) -> None:
    began = clock.monotonic()
    ran = task(addon_id=SET, name=NAME, state="retained", api_url="http://127.0.0.1:9")
    assert ran.msg == (
        f"3 of 3 addons failed ({ALL}): no connection to http://127.0.0.1:9: [Errno 111] Connection refused. "
        "Nothing was started or changed. To see whether anybody answers there: curl -sSI http://127.0.0.1:9"
    )
    assert ran.result["requests"] == 6
    assert clock.monotonic() - began < 20


def test_addons_of_another_project_are_told_once(task: Task) -> None:
    ran = task(addon_id=["aaaa", "bbbb", "cccc"], name=NAME)
    assert ran.msg == (
        "3 of 3 addons failed (aaaa, bbbb, cccc): Project default-project has no such addon. "
        "There are: minio-files, mongo-events, mysql-orders, postgres-main, postgres-paused, rabbitmq-jobs, "
        "redis-cache. To list them: ansible localhost -m northflank.cloud.addon_info -a project_id=default-project"
    )


def test_the_others_do_not_wait_for_what_the_first_one_waits_for(sandbox: Sandbox, task: Task) -> None:
    """A backup that is slow to abort holds up no other abort."""
    for addon_id in SET:
        sandbox.add_backup(addon_id, name=NAME, status="in-progress", age=1)
    sandbox.fault(Fault(method="GET", path=rf"/{SET[0]}/backups/", times=None, kind="503"))
    ran = task(addon_id=SET, name=NAME, state="aborted", wait_timeout=60)
    assert ran.failed
    assert [one["action"] for one in ran.result["backups"]] == ["aborted"] * 3
    assert len(sandbox.writes) == 3
