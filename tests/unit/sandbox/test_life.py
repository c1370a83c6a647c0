# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of backups, on a clock that only the test moves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sandbox import Assumptions, Sandbox, SystemClock, VirtualClock

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"


def status(api: Api, backup_id: str) -> str:
    return str(api.get(f"{BACKUPS}/{backup_id}").json()["data"]["status"])


def test_a_backup_is_scheduled_then_in_progress_then_completed(clock: VirtualClock, api: Api) -> None:
    started = api.start(name="Before release")
    assert (started["id"], started["status"], started["config"]["size"]) == ("before-release", "scheduled", "0")
    assert started["createdAt"] == "2026-03-01T12:00:00.000Z"
    assert "completedAt" not in started
    seen = []
    for _turn in range(12):
        seen.append(status(api, "before-release"))
        clock.advance(1)
    assert seen == ["scheduled"] + ["in-progress"] * 9 + ["completed"] * 2
    done = api.get(f"{BACKUPS}/before-release").json()["data"]
    assert done["completedAt"] == "2026-03-01T12:00:10.000Z"
    assert int(done["config"]["size"]) > 0


def test_what_is_new_is_scheduled_even_where_backups_take_no_time(connect: Callable[..., Api]) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        api = connect(sandbox)
        assert api.start(name="abc")["status"] == "scheduled"
        assert status(api, "abc") == "completed"


@pytest.mark.parametrize("outcome", ["completed", "failed", "aborted", "not-supported", "exploded"])
def test_the_next_outcome_can_be_chosen(sandbox: Sandbox, clock: VirtualClock, api: Api, outcome: str) -> None:
    sandbox.next_outcome(ADDON, outcome, duration=3.0)
    api.start(name="abc")
    clock.advance(2.9)
    assert status(api, "abc") == "in-progress"
    clock.advance(0.2)
    assert status(api, "abc") == outcome
    api.start(name="def")
    clock.advance(10)
    assert status(api, "def") == "completed"


def test_a_stuck_backup_never_ends_and_can_be_forced(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    sandbox.next_outcome(ADDON, "stuck")
    api.start(name="abc")
    clock.advance(1_000_000)
    assert status(api, "abc") == "in-progress"
    sandbox.set_status(ADDON, "abc", "completed")
    assert status(api, "abc") == "completed"


def test_an_abort_takes_a_moment_and_a_final_backup_cannot_be_aborted(clock: VirtualClock, api: Api) -> None:
    api.start(name="abc")
    clock.advance(2)
    assert api.post(f"{BACKUPS}/abc/abort").json() == {"data": {}}
    assert status(api, "abc") == "aborting"
    assert api.post(f"{BACKUPS}/abc/abort").status_code == 200
    clock.advance(1)
    assert status(api, "abc") == "aborted"
    clock.advance(100)
    assert status(api, "abc") == "aborted"
    answer = api.post(f"{BACKUPS}/abc/abort")
    assert (answer.status_code, answer.json()["error"]["id"]) == (409, "backup_not_active")
    assert api.post(f"{BACKUPS}/unknown/abort").status_code == 404


def test_a_final_backup_can_be_deleted_once(clock: VirtualClock, api: Api) -> None:
    api.start(name="abc")
    refused = api.delete(f"{BACKUPS}/abc")
    assert (refused.status_code, refused.json()["error"]["id"]) == (409, "backup_active")
    clock.advance(10)
    assert api.delete(f"{BACKUPS}/abc").json() == {"data": {}}
    assert api.delete(f"{BACKUPS}/abc").status_code == 404
    assert api.get(f"{BACKUPS}/abc").status_code == 404


def test_deleting_an_active_backup_can_be_allowed(clock: VirtualClock, connect: Callable[..., Api]) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(delete_active="allow")) as sandbox:
        api = connect(sandbox)
        api.start(name="abc")
        assert api.delete(f"{BACKUPS}/abc").status_code == 200


def test_without_a_name_the_api_makes_one_that_holds_the_date(api: Api) -> None:
    name = api.start()["name"]
    assert "2026-03-01" in name
    assert 3 <= len(name) <= 39
    assert re.fullmatch(r"[a-zA-Z0-9]+([-\s/:][a-zA-Z0-9]+)*", name)


def test_ids_are_slugs_and_differ(api: Api) -> None:
    ids = [api.start(name=name)["id"] for name in ("Nightly/One", "nightly one", "Nightly:One")]
    assert ids == ["nightly-one", "nightly-one-2", "nightly-one-3"]


@pytest.mark.parametrize(("reused", "expected"), [(True, "abc"), (False, "abc-2")])
def test_the_id_of_a_deleted_backup(
    clock: VirtualClock, connect: Callable[..., Api], reused: bool, expected: str
) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(ids_reused=reused)) as sandbox:
        first = sandbox.add_backup(ADDON, name="abc")
        sandbox.remove_backup(ADDON, first["id"])
        second = connect(sandbox).start(name="abc")
        assert second["id"] == expected
        assert second["uid"] != first["uid"]


@pytest.mark.parametrize(
    ("assumptions", "held", "expected"),
    [
        (Assumptions(), "completed", 200),
        (Assumptions(names_unique=True), "completed", 409),
        (Assumptions(names_unique=True), "in-progress", 409),
        (Assumptions(names_unique=True), "failed", 200),
        (Assumptions(names_unique=True), "aborted", 200),
        (Assumptions(names_unique=True, failed_names_free=False), "failed", 409),
    ],
)
def test_whether_two_backups_may_share_a_name(
    clock: VirtualClock, connect: Callable[..., Api], assumptions: Assumptions, held: str, expected: int
) -> None:
    with Sandbox(clock=clock, assumptions=assumptions) as sandbox:
        sandbox.add_backup(ADDON, name="abc", status=held, age=1)
        answer = connect(sandbox).post(BACKUPS, {"name": "abc"})
        assert answer.status_code == expected
        if expected == 409:
            assert answer.json()["error"]["id"] == "name_taken"


def test_what_only_lists_tell(api: Api) -> None:
    dump = {"backupType": "dump", "compressionType": "zstd", "customDestinationId": "example-destination"}
    destinations = [{"destinationId": "offsite-s3", "type": "custom", "retentionTime": 14}]
    answers = [api.start(name="dump", **dump), api.start(name="snapshot", additionalDestinations=destinations)]
    answers += [api.get(f"{BACKUPS}/{name}").json()["data"] for name in ("dump", "snapshot")]
    for answer in answers:
        assert not {"compressionType", "additionalDestinations"} & set(answer["config"])
        assert "customDestinationId" not in answer
    listed = {each["id"]: each for each in api.get(BACKUPS).json()["data"]["backups"]}
    assert listed["dump"]["config"]["compressionType"] == "zstd"
    assert listed["dump"]["customDestinationId"] == "example-destination"
    assert listed["snapshot"]["config"]["additionalDestinations"] == destinations
    assert "compressionType" not in listed["snapshot"]["config"]


@pytest.mark.parametrize("source", ["sameAddon", "liveInstance", None])
def test_what_the_source_of_a_dump_is_called(
    clock: VirtualClock, connect: Callable[..., Api], source: str | None
) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(dump_source_type=source)) as sandbox:
        api = connect(sandbox)
        assert api.start(name="a snapshot")["config"]["source"] == {"type": "snapshot"}
        assert api.start(backupType="dump")["config"].get("source") == (None if source is None else {"type": source})


def test_backups_can_be_without_a_uid(clock: VirtualClock, connect: Callable[..., Api]) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(with_uid=False)) as sandbox:
        assert "uid" not in connect(sandbox).start()


def test_only_a_running_addon_is_backed_up(sandbox: Sandbox, api: Api) -> None:
    for addon, state in (("postgres-paused", "paused"), (ADDON, "failed")):
        sandbox.set_addon_status(addon, state)
        answer = api.post(f"addons/{addon}/backups", {})
        assert (answer.status_code, answer.json()["error"]["id"]) == (409, "addon_not_running")
        assert state in answer.json()["error"]["message"]
    assert sandbox.backups(ADDON) == []


@pytest.mark.parametrize(("follows", "busy"), [(True, "backup"), (False, "running")])
def test_the_addons_status_while_a_backup_runs(
    clock: VirtualClock, connect: Callable[..., Api], follows: bool, busy: str
) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(addon_status_follows_backup=follows), duration=10) as sandbox:
        api = connect(sandbox)
        api.start(name="abc")
        listed = {each["id"]: each["status"] for each in api.get("addons").json()["data"]["addons"]}
        assert listed[ADDON] == api.get(f"addons/{ADDON}").json()["data"]["status"] == busy
        assert listed["mysql-orders"] == "running"
        assert api.post(BACKUPS, {}).status_code == 200
        clock.advance(10)
        assert api.get(f"addons/{ADDON}").json()["data"]["status"] == "running"


def test_a_second_backup_while_one_runs_can_be_refused(clock: VirtualClock, connect: Callable[..., Api]) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(addon_busy_refuses=True)) as sandbox:
        api = connect(sandbox)
        api.start()
        assert api.post(BACKUPS, {}).json()["error"]["id"] == "addon_busy"


@pytest.mark.parametrize("addon", ["redis-cache", "minio-files", "rabbitmq-jobs"])
def test_types_without_dumps(clock: VirtualClock, connect: Callable[..., Api], addon: str) -> None:
    with Sandbox(clock=clock, duration=10) as sandbox:
        api = connect(sandbox)
        api.start(addon, backupType="dump", name="abc")
        clock.advance(10)
        assert sandbox.backups(addon)[0]["status"] == "not-supported"
        assert api.start(addon, name="a snapshot")["status"] == "scheduled"
    with Sandbox(clock=clock, assumptions=Assumptions(unsupported_dump="refuse")) as sandbox:
        answer = connect(sandbox).post(f"addons/{addon}/backups", {"backupType": "dump"})
        assert (answer.status_code, answer.json()["error"]["id"]) == (409, "dump_not_supported")


def test_the_types_tell_whether_they_have_dumps(api: Api) -> None:
    types = {each["type"]: each["features"] for each in api.get("/v1/addon-types").json()["data"]["addonTypes"]}
    assert [name for name, features in types.items() if features["backupsDump"]] == ["postgresql", "mysql", "mongodb"]


def test_dumps_have_logs_and_snapshots_have_none(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    sandbox.next_outcome(ADDON, "failed")
    api.start(name="abc", backupType="dump")
    assert len(api.get(f"{BACKUPS}/abc/logs").json()["data"]) == 1
    clock.advance(10)
    lines = api.get(f"{BACKUPS}/abc/logs").json()["data"]
    assert "failed" in lines[-1]["log"]
    assert [line["ts"] for line in lines] == sorted(line["ts"] for line in lines)
    assert api.get(f"{BACKUPS}/abc/logs", direction="backward", lineLimit=2).json()["data"] == lines[:0:-1]
    for query in ({"direction": "up"}, {"queryType": "all"}, {"lineLimit": "x"}, {"lineLimit": 0}):
        assert api.get(f"{BACKUPS}/abc/logs", **query).status_code == 400
    api.start(name="def")
    answer = api.get(f"{BACKUPS}/def/logs")
    assert (answer.status_code, answer.json()["error"]["id"]) == (400, "not_a_dump")


def test_retaining_is_not_shown(sandbox: Sandbox, api: Api) -> None:
    held = sandbox.add_backup(ADDON, name="abc")
    assert api.post(f"{BACKUPS}/abc/retain").json() == {"data": {}}
    assert sandbox.backups(ADDON) == [held]
    assert api.post(f"{BACKUPS}/unknown/retain").status_code == 404
