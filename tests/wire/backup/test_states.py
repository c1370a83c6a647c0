# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""absent, aborted and retained: given these backups, when the task runs twice, then it changes things once."""

from __future__ import annotations

import re
from typing import Any

import pytest

import harness
from sandbox import Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON, Task, backup_task

NAME = "Before release"


def statuses(sandbox: Sandbox) -> list[str]:
    return [backup["status"] for backup in sandbox.backups(ADDON)]


def by_name(_backup: dict[str, Any]) -> dict[str, str]:
    return {"name": NAME}


def by_id(backup: dict[str, Any]) -> dict[str, str]:
    return {"backup_id": backup["id"]}


@pytest.mark.parametrize("which", [by_name, by_id])
@pytest.mark.parametrize("status", ["completed", "failed", "aborted", "not-supported", "scheduled", "in-progress"])
def test_absent_deletes_once(sandbox: Sandbox, task: Task, status: str, which: Any) -> None:
    other = sandbox.add_backup(ADDON, name="Another", age=100)
    backup = sandbox.add_backup(ADDON, name=NAME, status=status, age=1)
    planned = task(state="absent", **which(backup), _check_mode=True)
    assert (planned.changed, planned.backup["action"], planned.backup["id"]) == (True, "deleted", backup["id"])
    assert sandbox.writes == []
    ran = task(state="absent", **which(backup))
    assert (ran.failed, ran.changed, ran.backup["action"]) == (False, True, "deleted"), ran.result
    assert (ran.backup["id"], ran.backup["uid"]) == (backup["id"], harness.told_uid(sandbox, backup))
    assert [left["id"] for left in sandbox.backups(ADDON)] == [other["id"]]
    again = task(state="absent", **which(backup))
    assert (again.failed, again.changed, again.backup["action"]) == (False, False, "none")


@pytest.mark.parametrize("which", [by_name, by_id])
@pytest.mark.parametrize("status", ["scheduled", "in-progress"])
def test_aborted_stops_once(sandbox: Sandbox, task: Task, status: str, which: Any) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME, status=status, age=1)
    assert task(state="aborted", **which(backup), _check_mode=True).changed
    assert sandbox.writes == []
    ran = task(state="aborted", **which(backup))
    assert (ran.failed, ran.changed, ran.backup["action"]) == (False, True, "aborted"), ran.result
    assert ran.backup["status"] == "aborted"
    assert statuses(sandbox) == ["aborted"]
    again = task(state="aborted", **which(backup))
    assert (again.failed, again.changed, again.backup["action"]) == (False, False, "none")


@pytest.mark.parametrize("status", ["completed", "failed", "aborted"])
def test_aborted_leaves_alone_what_is_final(sandbox: Sandbox, task: Task, status: str) -> None:
    for age in (1, 2):
        sandbox.add_backup(ADDON, name=NAME, status=status, age=age)
    for check_mode in (True, False):
        ran = task(state="aborted", name=NAME, _check_mode=check_mode)
        assert (ran.failed, ran.changed, ran.backup["status"], ran.warnings) == (False, False, status, [])
    assert sandbox.writes == []


def test_aborted_without_waiting_returns_at_once(sandbox: Sandbox, clock: VirtualClock, task: Task) -> None:
    sandbox.add_backup(ADDON, name=NAME, status="in-progress", age=1)
    now = clock.now()
    ran = task(state="aborted", name=NAME, wait=False)
    assert (ran.failed, ran.changed) == (False, True)
    assert clock.now() == now
    assert statuses(sandbox) == ["aborting"]


@pytest.mark.parametrize("which", [by_name, by_id])
def test_retained_keeps_and_is_always_changed(sandbox: Sandbox, task: Task, which: Any) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME)
    assert task(state="retained", **which(backup), _check_mode=True).changed
    assert sandbox.writes == []
    for _run in range(2):
        ran = task(state="retained", **which(backup))
        assert (ran.failed, ran.changed, ran.backup["action"]) == (False, True, "retained"), ran.result
    assert [write.path.rsplit("/", 1)[1] for write in sandbox.writes] == ["retain", "retain"]


def test_what_is_not_there_cannot_be_retained(sandbox: Sandbox, task: Task) -> None:
    ran = task(state="retained", name=NAME)
    assert ran.failed
    assert not ran.changed
    assert f"no backup with the name '{NAME}'" in ran.msg
    assert sandbox.writes == []


@pytest.mark.parametrize("state", ["absent", "aborted", "retained"])
def test_a_name_that_several_share_is_an_error_that_lists_them(sandbox: Sandbox, task: Task, state: str) -> None:
    ids = [sandbox.add_backup(ADDON, name=NAME, status="in-progress", age=age)["id"] for age in (1, 2)]
    ran = task(state=state, name=NAME)
    assert ran.failed
    assert not ran.changed
    assert "2 backups named" in ran.msg
    assert "Choose one with backup_id" in ran.msg
    for backup_id in ids:
        assert f"ID {backup_id} " in ran.msg
    assert sandbox.writes == []


def test_all_matches_deletes_all_of_the_name(sandbox: Sandbox, task: Task) -> None:
    ids = {sandbox.add_backup(ADDON, name=NAME, age=age)["id"] for age in (10, 20, 30)}
    kept = sandbox.add_backup(ADDON, name="Another")
    ran = task(state="absent", name=NAME, all_matches=True)
    assert (ran.failed, ran.changed) == (False, True)
    assert {ran.backup["id"], *ran.backup["duplicates"]} == ids
    assert [left["id"] for left in sandbox.backups(ADDON)] == [kept["id"]]


@pytest.mark.parametrize(("when", "deletes"), [("before", 2), ("after", 1)])
def test_a_lost_delete_is_checked_before_it_is_repeated(sandbox: Sandbox, task: Task, when: str, deletes: int) -> None:
    sandbox.add_backup(ADDON, name=NAME)
    sandbox.fault(Fault(method="DELETE", kind="reset", when=when))
    ran = task(state="absent", name=NAME)
    assert (ran.failed, ran.changed) == (False, True), ran.result
    assert sum(write.method == "DELETE" for write in sandbox.writes) == deletes
    assert statuses(sandbox) == []


@pytest.mark.parametrize("takes", ["refuse", "ignore"])
def test_an_abort_that_comes_too_late_is_told_and_changes_nothing(clock: VirtualClock, takes: str) -> None:
    with Sandbox(clock=clock, assumptions=assume(abort_final=takes), duration=60.0) as sandbox:
        backup_task(sandbox, clock, name=NAME, wait=False)
        with harness.meanwhile(sandbox.hold("POST", r"/abort$"), lambda: clock.advance(61)):
            ran = backup_task(sandbox, clock, state="aborted", name=NAME)
    assert (ran.failed, ran.changed, ran.backup["action"], ran.backup["status"]) == (False, False, "none", "completed")
    (warning,) = ran.warnings
    assert "had ended as 'completed' before it could be aborted" in warning


def test_absent_does_not_claim_what_somebody_else_deletes_meanwhile(sandbox: Sandbox, task: Task) -> None:
    one = sandbox.add_backup(ADDON, name=NAME)["id"]
    with harness.meanwhile(sandbox.hold("DELETE", one), lambda: sandbox.remove_backup(ADDON, one)):
        ran = task(state="absent", name=NAME)
    assert (ran.failed, ran.changed, ran.backup["action"]) == (False, False, "none"), ran.result
    assert sandbox.backups(ADDON) == []


def test_a_lost_delete_never_hits_another_that_got_the_id(sandbox: Sandbox, clock: VirtualClock) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME)
    sandbox.fault(Fault(method="DELETE", kind="reset", when="after"))
    taken: list[dict[str, Any]] = []

    def somebody_takes_the_id(_seconds: float) -> None:
        if not taken:
            taken.append(sandbox.add_backup(ADDON, name=NAME, id=backup["id"], age=0))

    ran = backup_task(sandbox, clock, on_sleep=somebody_takes_the_id, state="absent", backup_id=backup["id"])
    assert (ran.failed, ran.changed) == (False, True), ran.result
    assert [left["uid"] for left in sandbox.backups(ADDON)] == [taken[0]["uid"]]


def test_without_a_uid_the_creation_time_tells_them_apart(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(with_uid=False)) as sandbox:
        backup = sandbox.add_backup(ADDON, name=NAME, age=100)
        sandbox.fault(Fault(method="DELETE", kind="reset", when="after"))
        taken: list[dict[str, Any]] = []

        def somebody_takes_the_id(_seconds: float) -> None:
            if not taken:
                taken.append(sandbox.add_backup(ADDON, name=NAME, id=backup["id"], age=0))

        backup_task(sandbox, clock, on_sleep=somebody_takes_the_id, state="absent", backup_id=backup["id"])
        assert len(sandbox.backups(ADDON)) == 1


def test_an_abort_that_comes_too_late_is_told(sandbox: Sandbox, clock: VirtualClock, task: Task) -> None:
    sandbox.add_backup(ADDON, name=NAME, status="in-progress", age=1)
    with harness.meanwhile(sandbox.hold("POST", r"/abort$"), lambda: clock.advance(60)):
        ran = task(state="aborted", name=NAME)
    assert not ran.failed, ran.result
    assert (ran.changed, ran.backup["action"]) == (False, "none")
    assert ran.backup["status"] == "completed"
    assert any("before it could be aborted" in warning for warning in ran.warnings)


def test_an_abort_that_takes_too_long_says_how_to_go_on(sandbox: Sandbox, task: Task) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME, status="in-progress", age=1)
    sandbox.fault(Fault(method="POST", path=r"/abort$", times=None, kind="503", when="before"))
    sandbox.fault(Fault(method="GET", path=r"/backups/[^/]+$", turn=2, times=None, kind="503", when="before"))
    ran = task(state="aborted", backup_id=backup["id"], wait_timeout=20, api_retries=0)
    assert ran.failed
    assert ran.changed
    # Nobody could see it since the abort was asked for.
    assert re.search(r"was last seen as 'in-progress' at \S+Z, and no look since then got a usable", ran.msg)
    assert "Run the same task again" in ran.msg


@pytest.mark.parametrize("state", ["absent", "aborted", "retained"])
@pytest.mark.parametrize("which", [by_name, by_id])
def test_a_backup_in_a_state_that_nobody_documented_is_left_alone(
    sandbox: Sandbox, task: Task, state: str, which: Any
) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME, status="exploded")
    ran = task(state=state, **which(backup))
    assert (ran.failed, ran.changed, ran.backup["action"]) == (True, False, "none")
    assert "in the state 'exploded', which this version of northflank.cloud does not know" in ran.msg
    assert sandbox.writes == []


@pytest.mark.parametrize("state", ["absent", "aborted", "retained"])
def test_a_backup_that_cannot_be_read_is_no_absent_one(sandbox: Sandbox, task: Task, state: str) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME)
    sandbox.fault(Fault(method="GET", path=r"/backups/[^/]+$", kind="redirect"))
    ran = task(state=state, backup_id=backup["id"])
    assert (ran.failed, ran.changed) == (True, False)
    assert "the API never redirects" in ran.msg
    assert "Nothing was started or changed." in ran.msg
    assert sandbox.writes == []


@pytest.mark.parametrize("state", ["absent", "aborted", "retained"])
def test_a_token_that_may_only_read_changes_nothing(sandbox: Sandbox, task: Task, state: str) -> None:
    sandbox.add_backup(ADDON, name=NAME, status="in-progress" if state == "aborted" else "completed", age=1)
    ran = task(state=state, name=NAME, api_token=sandbox.read_token)
    assert (ran.failed, ran.changed, ran.backup["action"]) == (True, False, "none")
    assert "lacks the permission 'Project > Addons > General > Update'" in ran.msg
    assert "Nothing was started or changed." in ran.msg
    assert len(statuses(sandbox)) == 1


@pytest.mark.parametrize(("state", "path"), [("absent", r"/backups/[^/]+$"), ("retained", r"/retain$")])
def test_a_request_that_is_never_answered_may_be_a_change(sandbox: Sandbox, task: Task, state: str, path: str) -> None:
    sandbox.add_backup(ADDON, name=NAME)
    method = "DELETE" if state == "absent" else "POST"
    sandbox.fault(Fault(method=method, path=path, times=None, kind="503", when="before"))
    ran = task(state=state, name=NAME)
    assert (ran.failed, ran.changed, ran.backup["action"]) == (True, True, "none")
    assert "Something was changed before that, or may have been. Run the same task again to finish it." in ran.msg


def test_a_lost_delete_whose_backup_cannot_be_read_again_may_be_a_change(sandbox: Sandbox, task: Task) -> None:
    sandbox.add_backup(ADDON, name=NAME)
    sandbox.fault(Fault(method="DELETE", kind="reset", when="before"))
    sandbox.fault(Fault(method="GET", path=r"/backups/[^/]+$", kind="403"))
    ran = task(state="absent", name=NAME)
    assert (ran.failed, ran.changed, ran.backup["action"]) == (True, True, "none")
    assert "Something was changed before that, or may have been" in ran.msg
    assert len(sandbox.writes) == 1


@pytest.mark.assume(delete_active="refuse")
def test_a_backup_that_is_being_restored_is_not_deleted(sandbox: Sandbox, task: Task) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME)
    sandbox.start_restore(ADDON, backup["id"])
    ran = task(state="absent", name=NAME)
    assert (ran.failed, ran.changed) == (True, False)
    assert "is being restored" in ran.msg
    assert statuses(sandbox) == ["completed"]


def test_when_the_second_of_two_cannot_be_deleted_the_first_one_is_a_change(sandbox: Sandbox, task: Task) -> None:
    for age in (10, 20):
        sandbox.add_backup(ADDON, name=NAME, age=age)
    sandbox.fault(Fault(method="DELETE", turn=2, times=None, kind="redirect"))
    ran = task(state="absent", name=NAME, all_matches=True)
    assert (ran.failed, ran.changed, ran.backup["action"]) == (True, True, "deleted")
    assert "Something was changed before that" in ran.msg
    assert len(statuses(sandbox)) == 1


def test_the_id_of_the_second_of_two_that_became_anothers_is_left_alone(sandbox: Sandbox, task: Task) -> None:
    ids = [sandbox.add_backup(ADDON, name=NAME, age=age)["id"] for age in (20, 10)]
    uids: list[str] = []

    def exchange() -> None:
        other = ids[1] if sandbox.writes[0].path.endswith(ids[0]) else ids[0]
        sandbox.remove_backup(ADDON, other)
        uids.append(sandbox.add_backup(ADDON, name=NAME, id=other, age=0)["uid"])

    with harness.meanwhile(sandbox.hold("DELETE", "/backups/"), exchange):
        ran = task(state="absent", name=NAME, all_matches=True)
    assert (ran.failed, ran.changed) == (False, True), ran.result
    assert [left["uid"] for left in sandbox.backups(ADDON)] == uids


def test_what_is_being_aborted_already_is_waited_for_and_no_change(sandbox: Sandbox, task: Task) -> None:
    sandbox.add_backup(ADDON, name=NAME, status="in-progress", age=1)
    assert task(state="aborted", name=NAME, wait=False).changed
    sandbox.clear_log()
    assert not task(state="aborted", name=NAME, _check_mode=True).changed
    ran = task(state="aborted", name=NAME)
    assert (ran.failed, ran.changed, ran.backup["status"]) == (False, False, "aborted")
    assert sandbox.writes == []


def test_a_lost_retain_never_hits_another_that_got_the_id(sandbox: Sandbox, clock: VirtualClock) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME)
    sandbox.fault(Fault(method="POST", path=r"/retain$", kind="reset", when="before"))

    def exchange(_seconds: float) -> None:
        sandbox.remove_backup(ADDON, backup["id"])
        sandbox.add_backup(ADDON, name=NAME, id=backup["id"], age=0)

    ran = backup_task(sandbox, clock, on_sleep=exchange, state="retained", backup_id=backup["id"])
    assert (ran.failed, ran.changed) == (True, True)
    assert "then disappeared" in ran.msg
    assert len(sandbox.writes) == 1


def test_an_addon_that_does_not_exist_is_not_an_absent_backup(task: Task) -> None:
    for which in ({"name": NAME}, {"backup_id": "x"}):
        ran = task(addon_id="postgres-mian", state="absent", **which)
        assert ran.failed
        assert "Did you mean 'postgres-main'?" in ran.msg


def test_states_work_on_sets(sandbox: Sandbox, task: Task) -> None:
    for addon_id in ("postgres-main", "mysql-orders"):
        sandbox.add_backup(addon_id, name=NAME)
    ran = task(addon_id=["postgres-main", "mysql-orders", "mongo-events"], name=NAME, state="absent")
    assert not ran.failed, ran.result
    assert [one["action"] for one in ran.result["backups"]] == ["deleted", "deleted", "none"]
    assert [one["changed"] for one in ran.result["backups"]] == [True, True, False]


def test_diff_shows_what_is_deleted(sandbox: Sandbox, task: Task) -> None:
    backup = sandbox.add_backup(ADDON, name=NAME)
    diff = task(state="absent", name=NAME, _check_mode=True, _diff=True).result["diff"]
    assert diff["before"][ADDON]["id"] == backup["id"]
    assert diff["after"][ADDON] is None
