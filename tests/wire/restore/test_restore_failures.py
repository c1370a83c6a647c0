# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Putting addons back, or stopping that, at a bad hour: what went wrong and what was changed is told as it is."""

from __future__ import annotations

from typing import Any

import pytest

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

OTHER = "mysql-orders"
RESTORES = r"/restores$"
START, ABORT = r"/restore$", r"/abort-restore$"


@pytest.fixture(autouse=True)
def good(sandbox: Sandbox) -> str:
    """The ID of a backup to go back to, which both addons have."""
    for addon_id in (ADDON, OTHER):
        sandbox.add_backup(addon_id, name="Good", age=60)
    return "good"


def sent(sandbox: Sandbox, path: str) -> int:
    return sum(write.path.endswith(path.removesuffix("$")) for write in sandbox.writes)


# Before anything is started


@pytest.mark.parametrize("path", [rf"/addons/{ADDON}$", r"/backups/good$", RESTORES])
def test_what_cannot_be_read_before_is_told_and_nothing_is_started(
    sandbox: Sandbox, put: Task, good: str, path: str
) -> None:
    sandbox.fault(Fault(method="GET", path=path, kind="redirect"))
    ran = put(addon_id=ADDON, backup_id=good)
    assert (ran.failed, ran.changed, ran.restore["action"]) == (True, False, "none")
    assert "the API never redirects" in ran.msg
    assert "Nothing was started or changed." in ran.msg
    assert sandbox.writes == []


def test_an_addon_that_is_paused_while_it_was_scaling_is_told(sandbox: Sandbox, put: Task) -> None:
    sandbox.set_addon_status(ADDON, "scaling")
    ran = put(on_sleep=lambda _seconds: sandbox.set_addon_status(ADDON, "paused"), addon_id=ADDON, name="Good")
    assert (ran.failed, ran.changed) == (True, False)
    assert "is 'paused', and only a running addon can be restored" in ran.msg
    assert sandbox.writes == []


def test_an_addon_that_scales_until_the_deadline_is_told(sandbox: Sandbox, put: Task) -> None:
    sandbox.set_addon_status(ADDON, "scaling")
    ran = put(addon_id=ADDON, name="Good", wait_timeout=60)
    assert (ran.failed, ran.changed) == (True, False)
    assert "the 60 s that the task was given are used up. Nothing was started or changed." in ran.msg
    assert sandbox.writes == []


# While it is started


def test_a_token_that_may_only_read_is_told_the_permission_it_lacks(sandbox: Sandbox, put: Task) -> None:
    ran = put(addon_id=ADDON, name="Good", api_token=sandbox.read_token)
    assert (ran.failed, ran.changed, ran.restore["action"]) == (True, False, "none")
    assert "lacks the permission 'Project > Addons > General > Update'" in ran.msg
    assert "Nothing was started or changed." in ran.msg
    assert sandbox.restores(ADDON) == []


@pytest.mark.assume(addon_busy_refuses=True)
def test_when_another_run_was_faster_than_the_second_request_there_is_one_restore(
    sandbox: Sandbox, put: Task, good: str
) -> None:
    sandbox.fault(Fault(method="POST", path=START, kind="reset", when="before"))
    with harness.meanwhile(sandbox.hold("POST", START, turn=2), lambda: sandbox.start_restore(ADDON, good)):
        ran = put(addon_id=ADDON, name="Good")
    assert (ran.failed, ran.changed) == (False, True), ran.result
    (held,) = sandbox.restores(ADDON)
    assert (ran.restore["id"], ran.restore["status"]) == (held["id"], "completed")
    assert sent(sandbox, START) == 2


def test_a_second_request_that_is_refused_leaves_the_first_one_unknown(sandbox: Sandbox, put: Task) -> None:
    sandbox.fault(Fault(method="POST", path=START, kind="reset", when="before"))
    sandbox.fault(Fault(method="POST", path=START, turn=2, kind="redirect"))
    ran = put(addon_id=ADDON, name="Good")
    assert (ran.failed, ran.changed, ran.restore["action"]) == (True, True, "none")
    assert "It is not known whether a restore of addon postgres-main to backup 'Good' (ID good) was started" in ran.msg
    assert "Run the same task again: it joins the restore if it is under way" in ran.msg


def test_when_nobody_can_be_asked_after_a_lost_answer_that_is_told(sandbox: Sandbox, put: Task) -> None:
    sandbox.fault(Fault(method="POST", path=START, kind="reset", when="after"))
    sandbox.fault(Fault(method="GET", path=RESTORES, turn=3, times=None, kind="redirect"))
    ran = put(addon_id=ADDON, name="Good")
    assert (ran.failed, ran.changed) == (True, True)
    assert ran.msg.startswith(
        f"It is not known whether a restore of addon {ADDON} to backup 'Good' (ID good) was started:"
    )
    assert "the first request got no usable answer (" in ran.msg
    assert ran.msg.endswith("Run the same task again: it joins the restore if it is under way, and starts it if not.")
    assert "?." not in ran.msg
    assert sent(sandbox, START) == 1


def test_a_fault_of_the_program_itself_in_one_target_does_not_lose_the_other(sandbox: Sandbox, put: Task) -> None:
    """The only one that pauses at that point is the one whose answer was lost."""
    sandbox.fault(Fault(method="POST", path=rf"/{OTHER}/backups/good/restore$", kind="reset", when="before"))
    faults = [ZeroDivisionError("a bug")]

    def faulty(_seconds: float) -> None:
        if faults:
            raise faults.pop()

    ran = put(on_sleep=faulty, addon_id=[ADDON, OTHER], name="Good")
    assert (ran.failed, ran.changed) == (True, True)
    assert ran.msg.startswith(f"1 of 2 addons are NOT restored ({OTHER}). Restored: {ADDON}. ")
    assert "ZeroDivisionError: a bug" in ran.msg
    assert "Please report this" in ran.msg
    assert [restore["status"] for restore in sandbox.restores(ADDON)] == ["completed"]


# While it is waited for


def test_a_restore_that_is_no_longer_listed_is_told(sandbox: Sandbox, put: Task) -> None:
    nothing = {"data": {"restores": []}, "pagination": {"hasNextPage": False, "count": 0}}
    sandbox.fault(Fault(method="GET", path=RESTORES, turn=4, times=None, kind="wrong-type", body=nothing))
    ran = put(addon_id=ADDON, name="Good")
    assert (ran.failed, ran.changed) == (True, True)
    assert "is no longer listed. Whether the data was restored is not known: look at the addon" in ran.msg


def test_a_restore_that_is_never_listed_is_told(sandbox: Sandbox, clock: VirtualClock, put: Task) -> None:
    nothing = {"data": {"restores": []}, "pagination": {"hasNextPage": False, "count": 0}}
    sandbox.fault(Fault(method="GET", path=RESTORES, turn=3, times=None, kind="wrong-type", body=nothing))
    began = clock.monotonic()
    ran = put(addon_id=ADDON, name="Good")
    assert 60 <= clock.monotonic() - began <= 90
    assert (ran.failed, ran.changed) == (True, True)
    assert "and does not list it after 60 s. Whether the data was restored is not known: look at the addon" in ran.msg


def test_a_restore_that_is_listed_late_is_waited_for(sandbox: Sandbox, put: Task, good: str) -> None:
    nothing = {"data": {"restores": []}, "pagination": {"hasNextPage": False, "count": 0}}
    sandbox.fault(Fault(method="GET", path=RESTORES, turn=3, times=3, kind="wrong-type", body=nothing))
    ran = put(addon_id=ADDON, backup_id=good)
    assert (ran.failed, ran.restore["status"]) == (False, "completed"), ran.result
    assert ran.restore["id"] == sandbox.restores(ADDON)[0]["id"]


@pytest.mark.parametrize("late", [0, 3])
@pytest.mark.parametrize("tells", [True, False], ids=["names the backup", "does not"])
def test_an_id_of_another_form_than_the_lists_is_found_by_what_is_new(
    sandbox: Sandbox, clock: VirtualClock, put: Task, good: str, late: int, tells: bool
) -> None:
    sandbox.start_restore(ADDON, good)
    clock.sleep(60)
    (earlier,) = sandbox.restores(ADDON)
    answer = {"data": {"restoreId": "1611305397038"}}
    sandbox.fault(Fault(method="POST", path=START, kind="wrong-type", body=answer))
    old = {"data": {"restores": [earlier]}, "pagination": {"hasNextPage": False, "count": 1}}
    if late:
        sandbox.fault(Fault(method="GET", path=RESTORES, turn=3, times=late, kind="wrong-type", body=old))
    if not tells:
        sandbox.next_restore_outcome(ADDON, "completed", duration=0.0)
        new = {**earlier, "id": "668596c647fed81696a8a82c", "restoreTimestamp": "2026-03-01T12:01:00Z"}
        body = {"data": {"restores": [earlier, {key: new[key] for key in new if key != "backupId"}]}}
        sandbox.fault(Fault(method="GET", path=RESTORES, turn=3 + late, times=None, kind="wrong-type", body=body))
    ran = put(addon_id=ADDON, backup_id=good)
    assert (ran.failed, ran.restore["status"]) == (False, "completed"), ran.result
    expected = "668596c647fed81696a8a82c" if not tells else sandbox.restores(ADDON)[-1]["id"]
    assert ran.restore["id"] == expected != earlier["id"]


def test_while_the_list_lags_a_restore_of_the_same_form_is_another_runs(
    sandbox: Sandbox, clock: VirtualClock, put: Task, good: str
) -> None:
    sandbox.start_restore(ADDON, good)
    clock.sleep(60)
    (earlier,) = sandbox.restores(ADDON)
    other = {**earlier, "id": "a" * 24, "status": "aborted", "restoreTimestamp": "2026-03-01T12:01:00Z"}
    lagging = {"data": {"restores": [earlier, other]}, "pagination": {"hasNextPage": False, "count": 2}}
    sandbox.fault(Fault(method="GET", path=RESTORES, turn=3, times=2, kind="wrong-type", body=lagging))
    ran = put(addon_id=ADDON, backup_id=good)
    assert (ran.failed, ran.restore["status"]) == (False, "completed"), ran.result
    assert ran.restore["id"] == sandbox.restores(ADDON)[-1]["id"]


def test_a_token_that_is_taken_away_ends_the_wait_and_says_what_is_running(sandbox: Sandbox, put: Task) -> None:
    with harness.meanwhile(sandbox.hold("GET", RESTORES, turn=3), sandbox.revoke_token):
        ran = put(addon_id=ADDON, name="Good")
    assert (ran.failed, ran.changed, ran.restore["action"]) == (True, True, "restored")
    assert "may still be running, but it can no longer be watched" in ran.msg
    assert "HTTP 401" in ran.msg


def test_looks_without_an_answer_are_tolerated(sandbox: Sandbox, put: Task) -> None:
    sandbox.fault(Fault(method="GET", path=RESTORES, turn=3, times=9, kind="502"))
    ran = put(addon_id=ADDON, name="Good", api_retries=0)
    assert not ran.failed, ran.result
    assert ran.restore["status"] == "completed"


# Stopping it


@pytest.fixture
def under_way(sandbox: Sandbox, good: str) -> str:
    """The ID of a restore that takes a minute."""
    sandbox.next_restore_outcome(ADDON, "completed", duration=60.0)
    sandbox.start_restore(ADDON, good)
    restore_id: str = sandbox.restores(ADDON)[0]["id"]
    return restore_id


def stop(put: Task, **arguments: Any) -> harness.Ran:
    return put(**{"addon_id": ADDON, "state": "aborted", **arguments})


@pytest.mark.usefixtures("under_way")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("passes", [0.0, 30.0], ids=["at once", "after some time"])
def test_an_abort_whose_answer_was_lost_is_asked_for_again_and_told_once(
    sandbox: Sandbox, clock: VirtualClock, put: Task, when: str, passes: float
) -> None:
    """Some time later, what was aborted by the first request cannot be aborted any more, and that is no failure."""
    sandbox.fault(Fault(method="POST", path=ABORT, kind="reset", when=when))
    pauses = iter([passes])
    ran = stop(put, on_sleep=lambda _seconds: clock.advance(next(pauses, 0.0)))
    assert (ran.failed, ran.changed, ran.warnings) == (False, True, [])
    assert (ran.restore["action"], ran.restore["status"]) == ("aborted", "aborted")
    assert sent(sandbox, ABORT) == 2


@pytest.mark.usefixtures("under_way")
def test_an_abort_that_comes_too_late_is_told_and_changes_nothing(
    sandbox: Sandbox, clock: VirtualClock, put: Task
) -> None:
    with harness.meanwhile(sandbox.hold("POST", ABORT), lambda: clock.advance(61)):
        ran = stop(put)
    assert (ran.failed, ran.changed, ran.restore["action"]) == (False, False, "none")
    assert ran.restore["status"] == "completed"
    (warning,) = ran.warnings
    assert "had ended as 'completed' before it could be aborted" in warning


@pytest.mark.usefixtures("under_way")
def test_an_abort_that_the_token_may_not_ask_for_is_told(sandbox: Sandbox, put: Task) -> None:
    ran = stop(put, api_token=sandbox.read_token)
    assert (ran.failed, ran.changed, ran.restore["action"]) == (True, False, "none")
    assert "lacks the permission" in ran.msg
    assert "Nothing was started or changed." in ran.msg
    assert sandbox.restores(ADDON)[0]["status"] == "scheduled"


@pytest.mark.usefixtures("under_way")
def test_an_abort_that_is_never_answered_may_be_a_change_and_ends_at_the_deadline(
    sandbox: Sandbox, clock: VirtualClock, put: Task
) -> None:
    sandbox.fault(Fault(method="POST", path=ABORT, times=None, kind="503", when="before"))
    began = clock.monotonic()
    ran = stop(put, wait_timeout=20, api_retries=0)
    assert clock.monotonic() - began <= 21
    assert (ran.failed, ran.changed) == (True, True)
    assert "still 'in-progress' after the 20 s of wait_timeout" in ran.msg


@pytest.mark.usefixtures("under_way")
def test_what_is_being_aborted_already_is_waited_for_and_no_change(sandbox: Sandbox, put: Task) -> None:
    assert stop(put, wait=False).changed
    sandbox.clear_log()
    assert not stop(put, _check_mode=True).changed
    ran = stop(put)
    assert (ran.failed, ran.changed, ran.restore["status"]) == (False, False, "aborted")
    assert sandbox.writes == []


def test_a_restore_in_a_state_that_nobody_documented_is_named_and_not_aborted(sandbox: Sandbox, put: Task) -> None:
    sandbox.next_restore_outcome(ADDON, "exploded", duration=0.0)
    sandbox.start_restore(ADDON, "good")
    for check_mode in (True, False):
        ran = stop(put, _check_mode=check_mode)
        assert (ran.failed, ran.changed) == (True, False)
        assert "in the state 'exploded', which this version of northflank.cloud does not know" in ran.msg
    assert sandbox.writes == []


def test_a_restore_of_a_backup_that_the_api_does_not_name_is_aborted_where_the_task_names_it(
    sandbox: Sandbox, put: Task, under_way: str
) -> None:
    held = {key: value for key, value in sandbox.restores(ADDON)[0].items() if key != "backupId"}
    nameless = {"data": {"restores": [held]}, "pagination": {"hasNextPage": False, "count": 1}}
    sandbox.fault(Fault(method="GET", path=RESTORES, times=2, kind="wrong-type", body=nameless))
    ran = stop(put)
    assert (ran.failed, ran.changed) == (True, False)
    assert f"(ID {under_way}) is 'scheduled', and the API does not tell of which backup it is" in ran.msg
    assert "Name the backup with backup_id" in ran.msg
    ran = stop(put, backup_id="good")
    assert (ran.failed, ran.changed, ran.restore["status"]) == (False, True, "aborted"), ran.result


def test_the_restore_of_another_addons_backup_is_aborted_with_its_source(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_addon("postgres-fork", "postgresql")
    source = {"source_project_id": sandbox.project_id, "source_addon_id": ADDON}
    sandbox.next_restore_outcome("postgres-fork", "completed", duration=600.0)
    started = put(addon_id="postgres-fork", backup_id="good", wait=False, **source)
    assert started.changed, started.result
    sandbox.clear_log()
    ran = put(addon_id="postgres-fork", backup_id="good", state="aborted", **source)
    assert (ran.failed, ran.changed, ran.restore["status"]) == (False, True, "aborted"), ran.result
    assert [write.query for write in sandbox.writes] == [
        {"sourceProjectId": sandbox.project_id, "sourceAddonId": ADDON}
    ]


def test_of_two_that_are_to_be_stopped_the_one_that_failed_is_told(sandbox: Sandbox, put: Task) -> None:
    for addon_id in (ADDON, OTHER):
        sandbox.next_restore_outcome(addon_id, "completed", duration=60.0)
        sandbox.start_restore(addon_id, "good")
    sandbox.fault(Fault(method="POST", path=rf"/{OTHER}/.*{ABORT}", times=None, kind="403"))
    ran = put(addon_id=[ADDON, OTHER], state="aborted")
    assert (ran.failed, ran.changed) == (True, True)
    assert ran.msg.startswith(f"1 of 2 addons failed ({OTHER}): The API refused the request: HTTP 403")
    assert "back" not in ran.msg
    assert [one["action"] for one in ran.result["restores"]] == ["aborted", "none"]
