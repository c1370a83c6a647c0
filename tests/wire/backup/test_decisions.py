# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What addon_backup does, row by row: given this server, when the task runs, then the server holds that."""

from __future__ import annotations

from typing import Any, Callable

import pytest

import harness
from sandbox import Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON, Task, backup_task

NAME = "Before release"


def statuses(sandbox: Sandbox) -> list[str]:
    return [backup["status"] for backup in sandbox.backups(ADDON)]


def methods(sandbox: Sandbox) -> list[str]:
    return [request.method for request in sandbox.requests]


ROWS: list[tuple[str, Callable[[Sandbox], object], dict[str, Any], str, list[str]]] = [
    ("nothing there", lambda _server: None, {"name": NAME}, "created", ["completed"]),
    ("neither name nor age", lambda server: server.add_backup(ADDON, name=NAME), {}, "created", ["completed"] * 2),
    ("completed", lambda server: server.add_backup(ADDON, name=NAME), {"name": NAME}, "reused", ["completed"]),
    (
        "young enough",
        lambda server: server.add_backup(ADDON, name="Another", age=1700),
        {"max_age": "30m"},
        "reused",
        ["completed"],
    ),
    (
        "too old",
        lambda server: server.add_backup(ADDON, name="Another", age=1900),
        {"max_age": "30m"},
        "created",
        ["completed"] * 2,
    ),
    (
        "the name, but too old",
        lambda server: server.add_backup(ADDON, name=NAME, age=1900),
        {"max_age": "30m", "name": NAME},
        "created",
        ["completed"] * 2,
    ),
    (
        "in progress",
        lambda server: server.add_backup(ADDON, name=NAME, status="in-progress", age=1),
        {"name": NAME},
        "joined",
        ["completed"],
    ),
    (
        "scheduled",
        lambda server: server.add_backup(ADDON, name=NAME, status="scheduled", age=0),
        {"name": NAME},
        "joined",
        ["completed"],
    ),
    (
        "failed",
        lambda server: server.add_backup(ADDON, name=NAME, status="failed"),
        {"name": NAME},
        "created",
        ["failed", "completed"],
    ),
    (
        "aborted",
        lambda server: server.add_backup(ADDON, name=NAME, status="aborted"),
        {"name": NAME},
        "created",
        ["aborted", "completed"],
    ),
    (
        "a failed one by age",
        lambda server: server.add_backup(ADDON, name="Another", status="failed", age=5),
        {"max_age": 600},
        "created",
        ["failed", "completed"],
    ),
]
IDS = [row[0] for row in ROWS]


@pytest.mark.parametrize(("_why", "before", "arguments", "action", "held"), ROWS, ids=IDS)
@pytest.mark.assume(types_told=True)
def test_the_row_then_a_second_run(
    sandbox: Sandbox,
    task: Task,
    _why: str,
    before: Callable[[Sandbox], object],
    arguments: dict[str, Any],
    action: str,
    held: list[str],
) -> None:
    before(sandbox)
    ran = task(**arguments)
    assert not ran.failed, ran.result
    started = action == "created"
    assert (ran.backup["action"], ran.changed, ran.backup["changed"]) == (action, started, started)
    assert ran.backup["status"] == "completed"
    assert statuses(sandbox) == held
    assert [write.path for write in sandbox.writes] == [
        f"/v1/projects/{sandbox.project_id}/addons/{ADDON}/backups"
    ] * started
    assert ran.result["requests"] == len(sandbox.requests)
    if arguments:
        again = task(**arguments)
        assert (again.backup["action"], again.changed, again.backup["id"]) == ("reused", False, ran.backup["id"])
        assert statuses(sandbox) == held


@pytest.mark.parametrize(("_why", "before", "arguments", "action", "_held"), ROWS, ids=IDS)
@pytest.mark.assume(types_told=True)
def test_the_row_in_check_mode_sends_only_get_requests_and_never_waits(
    sandbox: Sandbox,
    clock: VirtualClock,
    task: Task,
    _why: str,
    before: Callable[[Sandbox], object],
    arguments: dict[str, Any],
    action: str,
    _held: list[str],
) -> None:
    before(sandbox)
    holds, now = sandbox.backups(ADDON), clock.now()
    ran = task(**arguments, _check_mode=True)
    assert not ran.failed, ran.result
    assert (ran.backup["action"], ran.changed) == (action, action == "created")
    assert set(methods(sandbox)) <= {"GET"}
    assert clock.now() == now
    assert sandbox.backups(ADDON) == holds
    if action == "created":
        assert (ran.backup["id"], ran.backup["status"], ran.backup["name"]) == (None, None, arguments.get("name"))


@pytest.mark.assume(optional_fields="present", with_uid=True)
def test_the_facts_are_those_after_the_wait_and_complete(sandbox: Sandbox, task: Task) -> None:
    ran = task(name=NAME)
    (held,) = sandbox.backups(ADDON)
    assert ran.backup == {
        "addon_id": ADDON,
        "project_id": sandbox.project_id,
        "changed": True,
        "action": "created",
        "error": None,
        "duplicates": [],
        "id": held["id"],
        "uid": held["uid"],
        "name": NAME,
        "status": "completed",
        "created_at": held["createdAt"],
        "completed_at": held["completedAt"],
        "backup_type": "snapshot",
        "purpose": None,
        "size": int(held["config"]["size"]),
        "duration": 8.0,
        "config": ran.backup["config"],
        "last_restore": None,
    }
    assert ran.backup["size"] > 0
    assert ran.backup["config"]["source"] == {"type": "snapshot"}
    assert ran.result["backups"] == [ran.backup]
    assert ran.result["rate_limit"]["limit"] == 1000
    assert ran.result["rate_limit"]["remaining"] == 1000 - ran.result["requests"]


def test_a_dump_carries_what_was_asked_for_though_the_api_only_lists_it(sandbox: Sandbox, task: Task) -> None:
    arguments = {
        "name": "A dump",
        "backup_type": "dump",
        "compression_type": "zstd",
        "custom_destination_id": "example-destination",
    }
    ran = task(**arguments)
    assert sandbox.writes[0].body == {
        "name": "A dump",
        "backupType": "dump",
        "compressionType": "zstd",
        "customDestinationId": "example-destination",
    }
    assert ran.backup["backup_type"] == "dump"
    assert ran.backup["config"]["compression_type"] == "zstd"
    assert ran.backup["config"]["custom_destination_id"] == "example-destination"
    assert not task(**arguments).changed


@pytest.mark.parametrize("source", ["sameAddon", "liveInstance", None])
def test_a_dump_is_known_again_whatever_the_api_calls_its_source(clock: VirtualClock, source: str | None) -> None:
    with Sandbox(clock=clock, assumptions=assume(dump_source_type=source, types_told=True)) as sandbox:
        first = backup_task(sandbox, clock, name="A dump", backup_type="dump", compression_type="gz")
        second = backup_task(sandbox, clock, name="A dump", backup_type="dump")
        assert (first.backup["backup_type"], first.changed) == ("dump", True)
        # A compression alone proves no dump: the name does, and its user is told.
        told = "dump" if source is not None else None
        assert (second.backup["backup_type"], second.changed) == (told, False)
        doubts = ["does not tell the type" in warning for warning in second.warnings]
        assert doubts == [] if source is not None else [True]


def test_a_backup_whose_type_is_not_told_is_not_young_enough_for_either_type(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(dump_source_type=None)) as sandbox:
        sandbox.add_backup(ADDON, name="A dump", backup_type="dump", age=60)
        for backup_type in ("dump", "snapshot"):
            ran = backup_task(sandbox, clock, max_age="1h", backup_type=backup_type)
            assert (ran.failed, ran.backup["action"]) == (False, "created"), ran.result


def test_a_snapshot_with_further_destinations_sends_them_in_the_apis_spelling(sandbox: Sandbox, task: Task) -> None:
    ran = task(name=NAME, additional_destinations=[{"destination_id": "offsite-s3", "retention_time": 14}])
    destinations = [{"destinationId": "offsite-s3", "type": "custom", "retentionTime": 14}]
    assert sandbox.writes[0].body == {"name": NAME, "backupType": "snapshot", "additionalDestinations": destinations}
    assert ran.backup["config"]["additional_destinations"] == [
        {"destination_id": "offsite-s3", "type": "custom", "retention_time": 14}
    ]


def test_without_a_name_the_backup_gets_one_that_holds_the_date(sandbox: Sandbox, task: Task) -> None:
    first, second = task(), task()
    assert first.backup["name"].startswith("ansible-20260301T120000Z-")
    assert first.backup["name"] != second.backup["name"]
    assert len(sandbox.backups(ADDON)) == 2


def test_without_name_and_age_nothing_is_listed(sandbox: Sandbox, task: Task) -> None:
    task(wait=False)
    addon = f"/v1/projects/{sandbox.project_id}/addons/{ADDON}"
    # The second asks whether the addon runs, as nobody will look at the backup later.
    assert [(request.method, request.path) for request in sandbox.requests] == [
        ("POST", f"{addon}/backups"),
        ("GET", addon),
    ]


def test_without_waiting_the_answer_is_what_is_known_at_once(sandbox: Sandbox, clock: VirtualClock, task: Task) -> None:
    now = clock.now()
    ran = task(name=NAME, wait=False)
    assert (ran.backup["action"], ran.changed, ran.backup["status"]) == ("created", True, "scheduled")
    again = task(name=NAME, wait=False)
    assert (again.backup["action"], again.changed, again.backup["status"]) == ("joined", False, "scheduled")
    assert clock.now() == now
    assert len(sandbox.writes) == 1


def test_a_run_that_joins_does_not_return_before_the_backup_is_complete(sandbox: Sandbox, task: Task) -> None:
    task(name=NAME, wait=False)
    assert statuses(sandbox) == ["scheduled"]
    joined = task(name=NAME)
    assert (joined.backup["action"], joined.backup["status"]) == ("joined", "completed")
    assert (joined.backup["completed_at"] is not None) is harness.tells_all(sandbox)
    assert statuses(sandbox) == ["completed"]


def test_other_backups_of_the_name_are_reported(sandbox: Sandbox, task: Task) -> None:
    older = sandbox.add_backup(ADDON, name=NAME, age=90)
    newer = sandbox.add_backup(ADDON, name=NAME, age=30)
    ran = task(name=NAME)
    assert (ran.backup["id"], ran.backup["duplicates"]) == (newer["id"], [older["id"]])


@pytest.mark.assume(types_told=True)
def test_a_usable_backup_of_another_type_with_the_name_is_refused(sandbox: Sandbox, task: Task) -> None:
    dump = sandbox.add_backup(ADDON, name=NAME, backup_type="dump", compression_type="gz")
    ran = task(name=NAME)
    assert ran.failed
    assert not ran.changed
    for word in ("dump", "snapshot", dump["id"], ADDON):
        assert word in ran.msg
    assert sandbox.writes == []


@pytest.mark.parametrize("imported", ["fileUpload", "externalDump"])
@pytest.mark.assume(types_told=True)
def test_an_import_is_never_reused(sandbox: Sandbox, task: Task, imported: str) -> None:
    sandbox.add_backup(ADDON, name=NAME, source_type=imported, age=5)
    assert task(max_age="1h").backup["action"] == "created"
    refused = task(name=NAME)
    assert refused.failed
    assert "import" in refused.msg


@pytest.mark.parametrize("order", ["newest", "oldest", "id", "shuffled"])
def test_in_a_long_list_of_any_order_the_newest_is_found_with_one_request_for_each_hundred(
    clock: VirtualClock, order: str
) -> None:
    with Sandbox(clock=clock, assumptions=assume(list_order=order, max_page_size_served=None)) as sandbox:
        for number in range(1500):
            name = NAME if number % 5 == 0 else "Another"
            sandbox.add_backup(ADDON, name=name, age=100.0 + (number * 7919) % 90_000, status="completed")
        youngest = min(
            (backup for backup in sandbox.backups(ADDON) if backup["name"] == NAME),
            key=lambda backup: -_sortable(backup["createdAt"]),
        )
        ran = backup_task(sandbox, clock, name=NAME)
        assert (ran.backup["id"], ran.backup["action"]) == (youngest["id"], "reused")
        assert methods(sandbox) == ["GET"] * 15
        assert len(ran.backup["duplicates"]) == 299


def _sortable(created_at: str) -> float:
    from ansible_collections.northflank.cloud.plugins.module_utils._api.models import posix_time

    return posix_time(created_at)


def test_pages_that_are_smaller_than_asked_for_are_read_to_the_end(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(max_page_size_served=7)) as sandbox:
        wanted = sandbox.add_backup(ADDON, name=NAME, age=9000)
        for number in range(30):
            sandbox.add_backup(ADDON, name="Another", age=number)
        assert backup_task(sandbox, clock, name=NAME).backup["id"] == wanted["id"]


def test_a_failed_record_that_holds_a_unique_name_is_replaced(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(names_unique=True, failed_names_free=False)) as sandbox:
        failed = sandbox.add_backup(ADDON, name=NAME, status="failed")
        ran = backup_task(sandbox, clock, name=NAME)
        assert (ran.backup["action"], ran.changed, ran.backup["status"]) == ("replaced", True, "completed")
        assert ran.backup["uid"] != failed["uid"]
        assert statuses(sandbox) == ["completed"]
        assert [write.method for write in sandbox.writes] == ["POST", "DELETE", "POST"]


def test_a_record_that_was_deleted_in_vain_is_a_change_and_is_told(clock: VirtualClock) -> None:
    with Sandbox(
        clock=clock, assumptions=assume(names_unique=True, failed_names_free=False, not_running="refuse")
    ) as sandbox:
        failed = sandbox.add_backup(ADDON, name=NAME, status="failed")
        deleted = sandbox.hold("DELETE", "/backups/", when="after")
        with harness.meanwhile(deleted, lambda: sandbox.set_addon_status(ADDON, "paused")):
            ran = backup_task(sandbox, clock, name=NAME)
        assert ran.failed
        assert ran.changed
        assert f"failed records of that name (ID {failed['id']}) were deleted" in ran.msg
        assert "No backup was started" in ran.msg


@pytest.mark.parametrize(("kind", "changed"), [("403", False), ("503", True), ("redirect", True)])
def test_a_record_that_cannot_be_deleted_is_told_and_nothing_is_started(
    clock: VirtualClock, kind: str, changed: bool
) -> None:
    with Sandbox(clock=clock, assumptions=assume(names_unique=True, failed_names_free=False)) as sandbox:
        sandbox.add_backup(ADDON, name=NAME, status="failed")
        sandbox.fault(Fault(method="DELETE", times=None, kind=kind, when="before"))
        ran = backup_task(sandbox, clock, name=NAME)
        assert (ran.failed, ran.changed, ran.backup["action"]) == (True, changed, "none")
        assert ("Something was changed before that, or may have been" in ran.msg) == changed
        assert ("Nothing was started or changed" in ran.msg) != changed
        assert statuses(sandbox) == ["failed"]


def test_nothing_is_deleted_when_the_refusal_has_another_reason_than_the_name(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(not_running="refuse")) as sandbox:
        sandbox.add_backup(ADDON, name=NAME, status="failed")
        sandbox.set_addon_status(ADDON, "paused")
        ran = backup_task(sandbox, clock, name=NAME)
        assert ran.failed
        assert not ran.changed
        assert "'paused'" in ran.msg
        assert statuses(sandbox) == ["failed"]
        assert [write.method for write in sandbox.writes] == ["POST"]


def test_a_unique_name_that_a_completed_backup_holds_is_not_touched(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(names_unique=True)) as sandbox:
        old = sandbox.add_backup(ADDON, name=NAME, age=7200)
        ran = backup_task(sandbox, clock, name=NAME, max_age="1h")
        assert ran.failed
        assert not ran.changed
        assert old["id"] in ran.msg
        assert "Choose another name" in ran.msg
        assert statuses(sandbox) == ["completed"]


def test_when_another_job_was_faster_with_a_unique_name_its_backup_is_joined(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=assume(names_unique=True), duration=8.0) as sandbox:

        def other_job() -> None:
            sandbox.add_backup(ADDON, name=NAME, status="in-progress", age=1)

        with harness.meanwhile(sandbox.hold("POST", r"/backups$"), other_job):
            ran = backup_task(sandbox, clock, name=NAME)
        assert not ran.failed, ran.result
        assert (ran.backup["action"], ran.changed) == ("joined", False)
        assert statuses(sandbox) == ["completed"]


def test_diff_shows_what_was_missing_and_what_is_there_now(task: Task) -> None:
    planned = task(name=NAME, _check_mode=True, _diff=True).result["diff"]
    assert planned["before"] == {ADDON: None}
    assert planned["after"] == {ADDON: {"name": NAME, "backup_type": "snapshot", "status": None, "id": None}}
    done = task(name=NAME, _diff=True)
    assert done.result["diff"]["after"][ADDON]["id"] == done.backup["id"]
    nothing = task(name=NAME, _diff=True).result["diff"]
    assert nothing["before"] == nothing["after"]


def test_a_team_has_its_own_paths(sandbox: Sandbox, task: Task) -> None:
    task(name=NAME, team_id="example-team", wait=False)
    assert sandbox.writes[0].path == f"/v1/teams/example-team/projects/{sandbox.project_id}/addons/{ADDON}/backups"
