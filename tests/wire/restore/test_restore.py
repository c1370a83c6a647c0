# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Putting addons back: proved by the data, not by what is said about it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._restore import engine
from ansible_collections.northflank.cloud.plugins.module_utils._restore.member import RestoreResult
from ansible_collections.northflank.cloud.plugins.module_utils._restore.plan import RestoreTarget
from ansible_collections.northflank.cloud.plugins.module_utils._task.members import RunOptions
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_restore

import harness
from sandbox import Assumptions, Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON, Task
from ..task.test_examples import examples

OTHER = "mysql-orders"


def rows(sandbox: Sandbox, addon_id: str = ADDON) -> list[Any]:
    return sandbox.query(addon_id, "SELECT * FROM customers ORDER BY 1")


def destroy(sandbox: Sandbox, *addon_ids: str) -> None:
    for addon_id in addon_ids or (ADDON,):
        sandbox.execute(addon_id, "DELETE FROM customers")


@pytest.mark.parametrize("backup_type", ["snapshot", "dump"])
@pytest.mark.parametrize("how", ["backup_id", "name", "latest", "targets"])
@pytest.mark.assume(types_told=True)
def test_the_data_is_back_row_for_row(sandbox: Sandbox, put: Task, how: str, backup_type: str) -> None:
    before = rows(sandbox)
    assert before
    backup = sandbox.add_backup(ADDON, name="Good", age=60, backup_type=backup_type)
    destroy(sandbox)
    which: dict[str, Any] = {
        "backup_id": {"addon_id": ADDON, "backup_id": backup["id"]},
        "name": {"addon_id": ADDON, "name": "Good"},
        "latest": {"addon_id": ADDON, "latest": True, "backup_type": backup_type},
        "targets": {"targets": [{"addon_id": ADDON, "backup_id": backup["id"]}]},
    }
    ran = put(**which[how])
    assert not ran.failed, ran.result
    assert ran.changed
    restore = ran.restore
    assert (restore["action"], restore["status"], restore["backup"]["id"]) == ("restored", "completed", backup["id"])
    assert restore["started_at"]
    assert bool(restore["completed_at"]) is harness.tells_all(sandbox)
    assert rows(sandbox) == before
    assert len(sandbox.writes) == 1


def test_a_restore_is_aimed_at_by_earlier_ones(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, restore_duration=300.0, assumptions=Assumptions()) as sandbox:
        sandbox.add_backup(ADDON, name="Good", age=60)
        counts = []
        for _turn in range(4):
            began = clock.monotonic()
            ran = harness.run_task(addon_backup_restore, sandbox, clock, addon_id=ADDON, name="Good")
            assert not ran.failed, ran.result
            counts.append(ran.result["requests"])
            late = clock.monotonic() - began - 300.0
            clock.advance(7200.0)
        assert late <= 0.035 * 300
        assert counts[3] < counts[0] / 2


def test_check_mode_sends_only_get_requests_and_leaves_the_data(sandbox: Sandbox, put: Task) -> None:
    backup = sandbox.add_backup(ADDON, name="Good", age=60)
    destroy(sandbox)
    ran = put(addon_id=ADDON, name="Good", _check_mode=True, _diff=True)
    assert ran.changed
    assert (ran.restore["action"], ran.restore["id"]) == ("restored", None)
    assert {request.method for request in sandbox.requests} == {"GET"}
    assert rows(sandbox) == []
    assert backup["id"] in ran.result["diff"]["after"][ADDON]


def test_several_are_put_back_together(sandbox: Sandbox, clock: VirtualClock, put: Task) -> None:
    before = {addon_id: rows(sandbox, addon_id) for addon_id in (ADDON, OTHER)}
    for addon_id in before:
        sandbox.add_backup(addon_id, name="Good", age=60)
    destroy(sandbox, *before)
    began = clock.monotonic()
    ran = put(addon_id=[OTHER, ADDON], name="Good")
    assert not ran.failed, ran.result
    assert [one["addon_id"] for one in ran.result["restores"]] == [OTHER, ADDON]
    assert {addon_id: rows(sandbox, addon_id) for addon_id in before} == before
    assert clock.monotonic() - began < 12


def test_all_targets_are_checked_before_any_is_put_back(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.add_backup(OTHER, name="Good", status="failed", age=60)
    destroy(sandbox)
    ran = put(addon_id=[ADDON, OTHER], name="Good")
    assert ran.failed
    assert not ran.changed
    assert f"({OTHER}): The addon has no completed backup named 'Good'" in ran.msg
    assert "Nothing was started or changed, because 1 of 2 addons cannot be served" in ran.msg
    assert sandbox.writes == []
    assert rows(sandbox) == []


def test_a_name_never_chooses_between_backups(sandbox: Sandbox, put: Task) -> None:
    ids = [sandbox.add_backup(ADDON, name="Good", age=age)["id"] for age in (10, 20)]
    ran = put(addon_id=ADDON, name="Good")
    assert ran.failed
    assert all(f"ID {backup_id} " in ran.msg for backup_id in ids)
    assert sandbox.writes == []


def test_failed_ones_of_the_name_are_no_choice(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", status="failed", age=5)
    good = sandbox.add_backup(ADDON, name="Good", age=60)
    assert put(addon_id=ADDON, name="Good").restore["backup"]["id"] == good["id"]


@pytest.mark.assume(types_told=True)
def test_latest_is_the_newest_completed_that_fits_and_never_an_import(sandbox: Sandbox, put: Task) -> None:
    wanted = sandbox.add_backup(ADDON, name="pre-deploy-1", age=600)
    sandbox.add_backup(ADDON, name="nightly", age=300)
    sandbox.add_backup(ADDON, name="pre-deploy-2", status="failed", age=200)
    sandbox.add_backup(ADDON, name="pre-deploy-3", source_type="fileUpload", age=100)
    ran = put(addon_id=ADDON, latest=True, name_prefix="pre-deploy-")
    assert ran.restore["backup"]["id"] == wanted["id"]
    none = put(addon_id=ADDON, latest=True, backup_type="dump")
    assert none.failed
    assert "no completed dump" in none.msg


@pytest.mark.parametrize("status", ["failed", "aborted", "in-progress", "not-supported"])
def test_what_is_not_complete_is_refused(sandbox: Sandbox, put: Task, status: str) -> None:
    backup = sandbox.add_backup(ADDON, name="Bad", status=status, age=1)
    ran = put(addon_id=ADDON, backup_id=backup["id"])
    assert ran.failed
    assert f"'{status}', not completed" in ran.msg
    assert sandbox.writes == []


@pytest.mark.assume(optional_fields="present")
def test_an_import_and_a_foreign_and_a_missing_backup_are_refused(sandbox: Sandbox, put: Task) -> None:
    imported = sandbox.add_backup(ADDON, name="Imported", source_type="fileUpload")
    foreign = sandbox.add_backup(OTHER, name="Foreign")
    for backup_id, words in (
        (imported["id"], "imported"),
        (foreign["id"], "has no backup with the ID"),
        ("x", "no backup"),
    ):
        ran = put(addon_id=ADDON, backup_id=backup_id)
        assert ran.failed
        assert words in ran.msg
    assert sandbox.writes == []


def test_another_addons_backup_is_taken_where_the_task_says_so(sandbox: Sandbox, put: Task) -> None:
    before = rows(sandbox)
    backup = sandbox.add_backup(ADDON, name="Good", age=60)
    arguments = {"backup_id": backup["id"], "source_project_id": "default-project", "source_addon_id": ADDON}
    ran = put(project_id="staging-project", addon_id="postgres-staging", **arguments)
    assert not ran.failed, ran.result
    assert (
        sandbox.query("postgres-staging", "SELECT * FROM customers ORDER BY 1", project_id="staging-project") == before
    )


@pytest.mark.parametrize(
    ("addon_id", "words"), [("postgres-mian", "Did you mean 'postgres-main'?"), ("postgres-paused", "is 'paused'")]
)
def test_an_addon_that_cannot_be_put_back_is_told(sandbox: Sandbox, put: Task, addon_id: str, words: str) -> None:
    ran = put(addon_id=addon_id, name="Good")
    assert ran.failed
    assert words in ran.msg
    assert sandbox.writes == []


def test_a_restore_of_the_same_backup_is_joined_and_of_another_is_an_error(sandbox: Sandbox, put: Task) -> None:
    backup = sandbox.add_backup(ADDON, name="Good", age=60)
    other = sandbox.add_backup(ADDON, name="Other", age=30)
    first = put(addon_id=ADDON, backup_id=backup["id"], wait=False)
    assert (first.changed, first.restore["status"]) == (True, "scheduled")
    refused = put(addon_id=ADDON, backup_id=other["id"])
    assert refused.failed
    assert f"a restore of {backup['id']} is" in refused.msg
    joined = put(addon_id=ADDON, backup_id=backup["id"])
    assert (joined.failed, joined.changed, joined.restore["action"]) == (False, False, "joined")
    assert joined.restore["status"] == "completed"
    assert joined.restore["id"] == first.restore["id"]
    assert len(sandbox.writes) == 1


def test_each_run_restores_again_unless_told_to_skip(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    assert put(addon_id=ADDON, name="Good").changed
    assert put(addon_id=ADDON, name="Good").changed
    skipped = put(addon_id=ADDON, name="Good", skip_if_restored_since="created")
    assert (skipped.failed, skipped.changed, skipped.restore["action"]) == (False, False, "skipped")
    assert not put(addon_id=ADDON, name="Good", skip_if_restored_since="2026-03-01T12:00:00Z").changed
    assert put(addon_id=ADDON, name="Good", skip_if_restored_since="2026-03-02T00:00:00Z").changed


def test_a_restore_of_another_backup_in_between_is_no_reason_to_skip(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.add_backup(ADDON, name="Other", age=30)
    put(addon_id=ADDON, name="Good")
    put(addon_id=ADDON, name="Other")
    assert put(addon_id=ADDON, name="Good", skip_if_restored_since="created").changed


@pytest.mark.parametrize("outcome", ["failed", "aborted"])
def test_a_restore_that_ends_badly_fails_and_never_says_that_it_is_done(
    sandbox: Sandbox, put: Task, outcome: str
) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.next_restore_outcome(ADDON, outcome, duration=3.0)
    ran = put(addon_id=ADDON, name="Good")
    assert ran.failed
    assert ran.changed
    assert f"ended as '{outcome}'. Its data is NOT restored" in ran.msg
    assert ran.restore["status"] == outcome


def test_one_of_two_that_fails_is_told_beside_the_one_that_is_back(sandbox: Sandbox, put: Task) -> None:
    for addon_id in (ADDON, OTHER):
        sandbox.add_backup(addon_id, name="Good", age=60)
    sandbox.next_restore_outcome(OTHER, "failed", duration=3.0)
    ran = put(addon_id=[ADDON, OTHER], name="Good")
    assert ran.failed
    assert ran.msg.startswith(f"1 of 2 addons are NOT restored ({OTHER}). Restored: {ADDON}. ")


def test_a_state_that_nobody_documented_is_named(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.next_restore_outcome(ADDON, "exploded", duration=3.0)
    ran = put(addon_id=ADDON, name="Good")
    assert ran.failed
    assert "'exploded'" in ran.msg
    for check_mode in (True, False):
        again = put(addon_id=ADDON, name="Good", _check_mode=check_mode)
        assert again.failed
        assert "'exploded'" in again.msg
    assert len(sandbox.writes) == 1


def test_the_deadline_holds_and_says_that_the_restore_goes_on(sandbox: Sandbox, clock: VirtualClock, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.next_restore_outcome(ADDON, "stuck")
    began = clock.monotonic()
    ran = put(addon_id=ADDON, name="Good", wait_timeout=60)
    assert clock.monotonic() - began <= 61
    assert ran.failed
    assert ran.changed
    assert "still 'in-progress' after the 60 s of wait_timeout, and goes on" in ran.msg


def test_a_restore_that_nobody_could_see_is_not_said_to_go_on(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.next_restore_outcome(ADDON, "stuck")
    sandbox.fault(Fault(method="GET", path=r"/restores", turn=5, times=None, kind="503"))
    ran = put(addon_id=ADDON, name="Good", wait_timeout=60)
    assert ran.failed
    assert ran.msg.startswith(f"The restore of addon {ADDON} was last seen as 'in-progress' at 20")
    assert "It may still be running; the addon is not usable until it is over. To look: ansible localhost" in ran.msg
    assert "goes on." not in ran.msg


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["reset", "502", "504", "cut", "garbage", "empty", "wrong-type"])
def test_a_lost_answer_leaves_exactly_one_restore(sandbox: Sandbox, put: Task, kind: str, when: str) -> None:
    before = rows(sandbox)
    sandbox.add_backup(ADDON, name="Good", age=60)
    destroy(sandbox)
    sandbox.fault(Fault(method="POST", path=r"/restore$", kind=kind, when=when))
    ran = put(addon_id=ADDON, name="Good")
    assert not ran.failed, ran.result
    assert ran.changed
    assert len(sandbox.writes) == (1 if when == "after" else 2)
    (held,) = sandbox.restores(ADDON)
    assert held["id"] == ran.restore["id"]
    assert rows(sandbox) == before


def test_when_it_cannot_be_found_out_nothing_is_claimed(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.fault(Fault(method="POST", path=r"/restore$", times=None, kind="504", when="before"))
    ran = put(addon_id=ADDON, name="Good")
    assert ran.failed
    assert ran.changed
    assert (ran.restore["action"], "id" in ran.restore) == ("none", False)
    assert "not known whether a restore" in ran.msg


def test_a_backup_whose_id_became_anothers_is_never_put_back(sandbox: Sandbox, put: Task) -> None:
    backup = sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.set_addon_status(ADDON, "scaling")

    def exchange(_seconds: float) -> None:
        if sandbox.addon_status(ADDON) == "scaling":
            sandbox.remove_backup(ADDON, backup["id"])
            sandbox.add_backup(ADDON, name="Good", id=backup["id"], age=1)
            sandbox.set_addon_status(ADDON, "running")

    ran = put(on_sleep=exchange, addon_id=ADDON, backup_id=backup["id"])
    assert ran.failed
    assert not ran.changed
    assert "its ID now belongs to another backup" in ran.msg
    assert sandbox.writes == []


@pytest.mark.assume(optional_fields="present")
def test_a_change_of_the_version_is_told(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.set_addon_version(ADDON, "17.0.0")
    ran = put(addon_id=ADDON, name="Good", _check_mode=True)
    change = ran.restore["version_change"]
    assert change["from"] == "17.0.0"
    assert any(f"from 17.0.0 to {change['to']}" in warning for warning in ran.warnings)


def test_aborted_stops_what_is_under_way_once(sandbox: Sandbox, put: Task) -> None:
    before = rows(sandbox)
    sandbox.add_backup(ADDON, name="Good", age=60)
    put(addon_id=ADDON, name="Good", wait=False)
    assert put(addon_id=ADDON, state="aborted", _check_mode=True).changed
    ran = put(addon_id=ADDON, state="aborted")
    assert (ran.failed, ran.changed, ran.restore["status"]) == (False, True, "aborted"), ran.result
    again = put(addon_id=ADDON, state="aborted")
    assert (again.failed, again.changed) == (False, False)
    assert rows(sandbox) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, ["targets", "addon_id"]),
        ({"addon_id": ADDON, "targets": [{"addon_id": ADDON, "backup_id": "x"}]}, ["targets", "not both"]),
        ({"addon_id": ADDON}, ["exactly one of backup_id, name and latest"]),
        ({"addon_id": ADDON, "name": "Good", "latest": True}, ["exactly one of", "name, latest"]),
        ({"addon_id": [ADDON, OTHER], "backup_id": "x"}, ["backup_id", "one addon only", "targets"]),
        ({"addon_id": [ADDON, ADDON], "name": "Good"}, ["addon_id", "once"]),
        ({"targets": []}, ["addon_id in targets must name at least one"]),
        ({"targets": [{"addon_id": "a/b", "backup_id": "x"}]}, ["addon_id in targets may hold only letters", "'a/b'"]),
        ({"targets": [{"addon_id": ADDON, "backup_id": "../x"}]}, ["targets[0].backup_id", "'../x'"]),
        ({"targets": [{"addon_id": ADDON}]}, ["backup_id"]),
        ({"targets": [{"addon_id": ADDON, "backup_id": "x"}], "latest": True}, ["latest", "targets"]),
        ({"targets": [{"addon_id": ADDON, "backup_id": "x"}], "name": "Good"}, ["name", "targets"]),
        ({"addon_id": ADDON, "name": "Good", "name_prefix": "x"}, ["name_prefix", "latest only"]),
        ({"addon_id": ADDON, "backup_id": "x", "backup_type": "dump"}, ["backup_type", "latest or name"]),
        ({"addon_id": ADDON, "backup_id": "x", "source_project_id": "y"}, ["source_project_id", "source_addon_id"]),
        ({"addon_id": ADDON, "name": "Good", "source_addon_id": "y"}, ["source_addon_id", "backup_id only"]),
        ({"addon_id": ADDON, "name": "Good", "state": "aborted"}, ["name", "state=aborted"]),
        ({"addon_id": ADDON, "name": "Good", "skip_if_restored_since": "soon"}, ["skip_if_restored_since", "'soon'"]),
        ({"addon_id": ADDON, "name": "Good", "wait_timeout": 0}, ["wait_timeout", "at least 1"]),
        ({"addon_id": ADDON, "name": "Good", "concurrency": 65}, ["concurrency", "1 to 64"]),
        ({"addon_id": ADDON, "name": "x"}, ["name", "3 to 39"]),
    ],
)
def test_bad_input_is_refused_before_the_first_request(
    sandbox: Sandbox, put: Task, arguments: dict[str, Any], words: list[str]
) -> None:
    ran = put(**arguments)
    assert ran.failed
    for word in words:
        assert word in ran.msg
    assert sandbox.requests == []


EXAMPLES = examples(addon_backup_restore.EXAMPLES, "northflank.cloud.addon_backup_restore")


@pytest.mark.parametrize(("_title", "arguments"), EXAMPLES, ids=[title for title, _arguments in EXAMPLES])
@pytest.mark.assume(types_told=True, gone_source="accept")
def test_the_example_works(sandbox: Sandbox, put: Task, _title: str, arguments: dict[str, Any]) -> None:
    for addon_id in (ADDON, OTHER):
        sandbox.add_backup(addon_id, name="Before build 117", age=60)
    sandbox.add_backup(ADDON, name="A dump", backup_type="dump", age=60)
    if "source_destination_id" in arguments:
        sandbox.add_addon(ADDON, "postgresql", project_id="new-shop")
        sandbox.add_addon(ADDON, "postgresql", project_id="old-shop")
        sandbox.add_backup(ADDON, name="Nightly", project_id="old-shop", custom_destination="offsite-s3")
        sandbox.remove_addon(ADDON, "old-shop")
    if arguments.get("state") == "aborted":
        put(addon_id=ADDON, name="Before build 117", wait=False)
    ran = put(**arguments)
    assert not ran.failed, ran.result
    assert ran.changed


@pytest.mark.parametrize(
    ("method", "path", "when", "writes"),
    [("GET", r"/restores$", "after", 0), ("POST", r"/restore$", "before", 1)],
    ids=["after all was checked", "just before the request"],
)
@pytest.mark.assume(addon_busy_refuses=True)
def test_a_restore_that_another_run_starts_meanwhile_is_joined(
    sandbox: Sandbox, put: Task, method: str, path: str, when: str, writes: int
) -> None:
    before = rows(sandbox)
    backup = sandbox.add_backup(ADDON, name="Good", age=60)
    destroy(sandbox)
    with harness.meanwhile(sandbox.hold(method, path, when), lambda: sandbox.start_restore(ADDON, backup["id"])):
        ran = put(addon_id=ADDON, name="Good")
    assert not ran.failed, ran.result
    assert not ran.changed
    assert ran.restore["action"] == "joined"
    assert len(sandbox.restores(ADDON)) == 1
    assert len(sandbox.writes) == writes
    assert rows(sandbox) == before


def test_a_version_that_changes_if_the_backup_is_a_snapshot_is_told_as_that(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(dump_source_type=None, optional_fields="present")) as sandbox:
        backup = sandbox.add_backup(ADDON, name="A dump", backup_type="dump", age=60)
        sandbox.set_addon_version(ADDON, "17.0.0")
        ran = harness.run_task(addon_backup_restore, sandbox, clock, addon_id=ADDON, backup_id=backup["id"])
        assert not ran.failed, ran.msg
        (warning,) = ran.warnings
        assert (
            "the API does not tell its type. If it is a snapshot, restoring it takes the addon from 17.0.0 to"
            in warning
        )


@pytest.mark.assume(dump_source_type=None)
def test_backups_whose_type_is_not_told_are_named_where_a_type_is_asked_for(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="A dump", backup_type="dump", age=60)
    for which in ({"latest": True}, {"name": "A dump"}):
        ran = put(addon_id=ADDON, backup_type="dump", **which)
        assert ran.failed
        assert "The API does not tell the type of 1 backups, which were left out. Leave out backup_type" in ran.msg
        assert sandbox.writes == []


@pytest.mark.parametrize("runs", [2, 4, 8])
@pytest.mark.parametrize(
    "refuses",
    [
        pytest.param(False, marks=pytest.mark.assume(addon_busy_refuses=False), id="the API accepts all"),
        pytest.param(True, marks=pytest.mark.assume(addon_busy_refuses=True), id="the API refuses the second"),
    ],
)
def test_runs_at_the_same_moment_are_done_when_nothing_replaces_the_data_any_more(
    sandbox: Sandbox, clock: VirtualClock, runs: int, refuses: bool
) -> None:
    """All have looked before the first one restores. The first restore takes an hour, and the others some seconds."""
    before = rows(sandbox)
    sandbox.add_backup(ADDON, name="Good", age=60)
    destroy(sandbox)
    sandbox.next_restore_outcome(ADDON, "completed", 3600.0)
    barrier = sandbox.hold("POST", r"/restore$")

    def run(_number: int) -> tuple[RestoreResult, set[str]]:
        api = harness.api_of(sandbox, harness.virtual(clock), seconds=20_000.0, timeout=30.0)
        target = RestoreTarget(ADDON, name="Good", since="created")
        (member,) = engine.run_restores(api, [target], RunOptions(concurrency=1))
        return member, {str(restore["status"]) for restore in sandbox.restores(ADDON)}

    with ThreadPoolExecutor(runs) as pool:
        ended = [pool.submit(run, number) for number in range(runs)]
        barrier.wait_for(runs)
        barrier.release()
        members = [one.result() for one in ended]
    assert {member.error for member, _statuses in members} == {None}
    assert [statuses for _member, statuses in members] == [{"completed"}] * runs
    started = [member for member, _statuses in members if member.changed]
    assert len(started) == len(sandbox.restores(ADDON)) == (1 if refuses else runs)
    assert rows(sandbox) == before
    warned = [text for member, _statuses in members for text in member.warnings]
    assert all("is restored more than once" in text for text in warned)
    assert bool(warned) is not refuses
