# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each switch changes on the wire: one probe for each, and what it sees under each value."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox import Assumptions, Sandbox, VirtualClock
from sandbox.assumptions import CHOICES
from sandbox.contract import assumption_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Api

    Start = Callable[..., AbstractContextManager[Api]]

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"
SCHEDULES = f"addons/{ADDON}/backup-schedules"
DESTINATIONS = "/v1/backup-destinations"
DAILY = {"backupType": "snapshot", "retentionTime": 7, "scheduling": {"interval": "daily", "minute": [0], "hour": [3]}}
HOURLY = {"backupType": "snapshot", "retentionTime": 1, "scheduling": {"interval": "hourly", "minute": [0]}}
COPY = {"destinationId": "offsite-s3", "type": "custom"}
NEW_ADDON = {
    "name": "New one",
    "type": "postgresql",
    "version": "latest",
    "billing": {"deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1},
}
DESTINATION = {
    "name": "Third place",
    "type": "s3",
    "prefix": "backups/",
    "credentials": {"bucketName": "third", "region": "us-west-2", "endpoint": "s3.us-west-2.amazonaws.com"},
}

Look = Callable[["Api", VirtualClock], Any]
# By switch: what to look at, and what is seen there under each value.
PROBES: dict[str, tuple[Look, dict[Any, Any]]] = {}


def probe(told: dict[Any, Any]) -> Callable[[Look], Look]:
    """Make a function the probe of the switch that has its name."""

    def keep(look: Look) -> Look:
        PROBES[look.__name__] = (look, told)
        return look

    return keep


@pytest.fixture
def under(clock: VirtualClock, connect: Callable[..., Api]) -> Start:
    """A client of a sandbox with these assumptions."""

    @contextmanager
    def start(**assumptions: Any) -> Iterator[Api]:
        with Sandbox(clock=clock, assumptions=Assumptions(**assumptions), duration=10.0) as sandbox:
            yield connect(sandbox)

    return start


def code(answer: requests.Response) -> int:
    return answer.status_code


def listed(api: Api) -> list[dict[str, Any]]:
    backups: list[dict[str, Any]] = api.get(BACKUPS).json()["data"]["backups"]
    return backups


def shown(api: Api, backup_id: str = "abc") -> dict[str, Any]:
    backup: dict[str, Any] = api.get(f"{BACKUPS}/{backup_id}").json()["data"]
    return backup


def restored(api: Api, clock: VirtualClock) -> None:
    api.sandbox.add_backup(ADDON, name="abc")
    assert code(api.post(f"{BACKUPS}/abc/restore")) == 200
    clock.advance(10)


def made(api: Api, clock: VirtualClock, **body: Any) -> None:
    api.start(name="abc", **body)
    clock.advance(10)


# Lists


@probe({"newest": "cba", "oldest": "abc", "id": "bca", "shuffled": "bac"})
def list_order(api: Api, _clock: VirtualClock) -> Any:
    for name, backup_id, age in (("aaa", "id-3", 30), ("bbb", "id-1", 20), ("ccc", "id-2", 10)):
        api.sandbox.add_backup(ADDON, name=name, id=backup_id, age=age)
    return "".join(held["name"][0] for held in listed(api))


@probe({"absent": False, "present": True})
def list_last_restore(api: Api, clock: VirtualClock) -> Any:
    restored(api, clock)
    assert shown(api)["lastRestore"]["status"] == "completed"
    return "lastRestore" in listed(api)[0]


@probe({"missing": [], "null": [None], "empty": [""]})
def running_completed_at(api: Api, clock: VirtualClock) -> Any:
    api.start(name="abc")
    first = [held["completedAt"] for held in listed(api) if "completedAt" in held]
    assert "completedAt" not in shown(api)
    clock.advance(5)
    assert [held["completedAt"] for held in listed(api) if "completedAt" in held] == first
    clock.advance(5)
    assert listed(api)[0]["completedAt"] == shown(api)["completedAt"] == "2026-03-01T12:00:10.000Z"
    return first


@probe({"present": (True, True), "missing": (False, False)})
def failed_completed_at(api: Api, _clock: VirtualClock) -> Any:
    api.sandbox.add_backup(ADDON, name="abc", status="failed")
    api.sandbox.add_backup(ADDON, name="def")
    assert "completedAt" in shown(api, "def")
    return "completedAt" in shown(api), all("completedAt" in held for held in listed(api))


@probe({"0": ("0", "0"), "empty": ("", "")})
def running_size(api: Api, clock: VirtualClock) -> Any:
    started = api.start(name="abc")["config"]["size"]
    seen = listed(api)[0]["config"]["size"]
    clock.advance(10)
    assert int(shown(api)["config"]["size"]) > 0
    return started, seen


@probe({True: [True] * 5, False: [False] * 5})
def with_uid(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    addons, projects = api.get("addons").json()["data"]["addons"], api.get("/v1/projects").json()["data"]["projects"]
    addon = api.get(f"addons/{ADDON}").json()["data"]
    return ["uid" in each for each in (shown(api), listed(api)[0], addons[0], addon, projects[0])]


@probe({"present": ([True, False], {"hasNextPage", "count"}), "missing": ([None, None], {"count"})})
def has_next_page(api: Api, _clock: VirtualClock) -> Any:
    for number in range(3):
        api.sandbox.add_backup(ADDON, name=f"Backup {number}")
    first = api.get(BACKUPS, per_page=2).json()["pagination"]
    last = api.get(BACKUPS, per_page=2, cursor=first["cursor"]).json()["pagination"]
    return [page.get("hasNextPage") for page in (first, last)], set(last)


@probe({None: 3, 2: 2})
def max_page_size_served(api: Api, _clock: VirtualClock) -> Any:
    for number in range(3):
        api.sandbox.add_backup(ADDON, name=f"Backup {number}")
    return len(listed(api))


@probe({"present": {"schedules": []}, "missing": {}})
def schedules_key_when_empty(api: Api, _clock: VirtualClock) -> Any:
    return api.get(SCHEDULES).json()["data"]


@probe({"missing": ({"data"}, 2), "present": ({"data", "pagination"}, 1)})
def schedules_pagination(api: Api, _clock: VirtualClock) -> Any:
    for body in (DAILY, HOURLY):
        api.post(SCHEDULES, body)
    answer = api.get(SCHEDULES, per_page=1).json()
    return set(answer), len(answer["data"]["schedules"])


@probe({"present": {"restores": []}, "missing": {}})
def restores_key_when_empty(api: Api, _clock: VirtualClock) -> Any:
    api.sandbox.add_backup(ADDON, name="abc")
    return api.get(f"{BACKUPS}/abc/restores").json()["data"]


@probe({"missing": [None, None], "present": ["example-destination", "offsite-s3"]})
def destination_list_id(api: Api, _clock: VirtualClock) -> Any:
    return sorted((each.get("id") for each in api.get(DESTINATIONS).json()["data"]["backupDestinations"]), key=str)


@probe({"present": ["bucketName", "endpoint", "region"], "missing": None})
def destination_list_credentials(api: Api, _clock: VirtualClock) -> Any:
    told = api.get(DESTINATIONS).json()["data"]["backupDestinations"][0].get("credentials")
    return told if told is None else sorted(told)


@probe({"ignore": 200, "refuse": 400})
def unknown_query_keys(api: Api, _clock: VirtualClock) -> Any:
    return code(api.get(BACKUPS, verbose=1))


# Starting and deleting backups


@probe({"refuse": (409, []), "schedule": (200, ["scheduled"])})
def not_running(api: Api, clock: VirtualClock) -> Any:
    api.sandbox.set_addon_status(ADDON, "paused")
    answer = code(api.post(BACKUPS, {"name": "abc"}))
    clock.advance(86400)
    return answer, [held["status"] for held in listed(api)]


@probe({False: 200, True: 409})
def names_unique(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    return code(api.post(BACKUPS, {"name": "abc"}))


@probe({True: 200, False: 409})
def failed_names_free(api: Api, _clock: VirtualClock) -> Any:
    api.sandbox.add_backup(ADDON, name="abc", status="failed")
    return code(api.post(BACKUPS, {"name": "abc"}))


@probe({True: "abc", False: "abc-2"})
def ids_reused(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    assert code(api.delete(f"{BACKUPS}/abc")) == 200
    return api.start(name="abc")["id"]


@probe({"slug": (10, "before-one"), "suffix": (15, "before-one"), "opaque": (24, None)})
def backup_id_shape(api: Api, _clock: VirtualClock) -> Any:
    backup_id = api.start(name="Before one")["id"]
    return len(backup_id), "before-one" if backup_id.startswith("before-one") else None


@probe({False: [200, 200], True: [409, 409]})
def addon_busy_refuses(api: Api, _clock: VirtualClock) -> Any:
    api.sandbox.add_backup(ADDON, name="abc")
    api.start(name="def")
    return [code(api.post(f"{BACKUPS}/abc/restore")), code(api.post(BACKUPS, {"name": "ghi"}))]


@probe({"refuse": (400, 400), "ignore": (200, 200)})
def compression_with_snapshot(api: Api, _clock: VirtualClock) -> Any:
    answers = (
        code(api.post(BACKUPS, {"compressionType": "gz"})),
        code(api.post(SCHEDULES, {**DAILY, "compressionType": "gz"})),
    )
    assert not any("compressionType" in held["config"] for held in listed(api))
    return answers


@probe({"refuse": [400, 400, 400], "ignore": [200, 200, 200]})
def destinations_of_other_type(api: Api, _clock: VirtualClock) -> Any:
    bodies = (
        (BACKUPS, {"customDestinationId": "offsite-s3"}),
        (BACKUPS, {"backupType": "dump", "additionalDestinations": [COPY]}),
        (SCHEDULES, {**DAILY, "customDestinationId": "offsite-s3"}),
    )
    answers = [code(api.post(path, body)) for path, body in bodies]
    assert api.get(f"{DESTINATIONS}/offsite-s3/backups").json()["data"] == []
    return answers


@probe({"refuse": (400, 400), "ignore": (200, 200)})
def unknown_body_keys(api: Api, _clock: VirtualClock) -> Any:
    nested = {"additionalDestinations": [{**COPY, "surprise": 1}]}
    return code(api.post(BACKUPS, {"surprise": 1})), code(api.post(BACKUPS, nested))


@probe({"status": (200, ["not-supported"]), "refuse": (409, [])})
def unsupported_dump(api: Api, clock: VirtualClock) -> Any:
    answer = api.post("addons/redis-cache/backups", {"backupType": "dump"})
    clock.advance(10)
    held = api.get("addons/redis-cache/backups").json()["data"]["backups"]
    return code(answer), [each["status"] for each in held]


@probe({"refuse": (409, 1), "allow": (200, 0)})
def delete_active(api: Api, _clock: VirtualClock) -> Any:
    api.start(name="abc")
    return code(api.delete(f"{BACKUPS}/abc")), len(listed(api))


@probe({"refuse": 409, "ignore": 200})
def abort_final(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    answer = code(api.post(f"{BACKUPS}/abc/abort"))
    clock.advance(10)
    assert shown(api)["status"] == "completed"
    return answer


@probe({"ignore": 200, "refuse": 409})
def retain_unscheduled(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    api.sandbox.add_backup(ADDON, name="def", by_schedule=True)
    assert code(api.post(f"{BACKUPS}/def/retain")) == 200
    return code(api.post(f"{BACKUPS}/abc/retain"))


# What shows


@probe({"sameAddon": {"type": "sameAddon"}, "liveInstance": {"type": "liveInstance"}, None: None})
def dump_source_type(api: Api, _clock: VirtualClock) -> Any:
    return api.start(name="abc", backupType="dump")["config"].get("source")


@probe({True: ["backup", "restore"], False: ["running", "running"]})
def addon_status_follows_backup(api: Api, clock: VirtualClock) -> Any:
    def status() -> Any:
        return api.get(f"addons/{ADDON}").json()["data"]["status"]

    api.start(name="abc")
    first = status()
    clock.advance(10)
    api.post(f"{BACKUPS}/abc/restore")
    return [first, status()]


@probe({True: [["backup"], ["restore"], []], False: [[], [], []]})
def pending_actions_follow(api: Api, clock: VirtualClock) -> Any:
    def pending() -> Any:
        spec = api.get(f"addons/{ADDON}").json()["data"]["spec"]
        return [action["type"] for action in spec["pendingActions"]]

    api.start(name="abc")
    seen = [pending()]
    clock.advance(10)
    api.post(f"{BACKUPS}/abc/restore")
    seen.append(pending())
    clock.advance(10)
    return [*seen, pending()]


@probe({False: False, True: True})
def last_restore_counts_other_addons(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    path = "/v1/projects/staging-project/addons/postgres-staging/backups/abc/restore"
    assert code(api.post(path, sourceProjectId="default-project", sourceAddonId=ADDON)) == 200
    return "lastRestore" in shown(api)


# Schedules


def schedules_of(api: Api) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = api.get(SCHEDULES).json()["data"]["schedules"]
    return held


@probe(
    {
        "replace": [(200, {"daily": 3}), (200, {"hourly": 1})],
        "merge": [(200, {"daily": 3}), (200, {"daily": 3, "hourly": 1})],
        "retention_only": [(200, {"daily": 3}), (400, {"daily": 3})],
    }
)
def patch_schedules(api: Api, _clock: VirtualClock) -> Any:
    api.post(SCHEDULES, DAILY)
    seen = []
    for body in ({**DAILY, "retentionTime": 3}, HOURLY):
        answer = api.send("PATCH", f"addons/{ADDON}", json={"backupSchedules": [body]})
        seen.append(
            (code(answer), {held["scheduling"]["interval"]: held["retentionTime"] for held in schedules_of(api)})
        )
    return seen


@probe({"kept": True, "new": False})
def patch_schedule_ids(api: Api, _clock: VirtualClock) -> Any:
    before = api.post(SCHEDULES, DAILY).json()["data"]["id"]
    answer = api.send("PATCH", f"addons/{ADDON}", json={"backupSchedules": [DAILY]})
    assert "id" not in answer.json()["data"]["backupSchedules"][0]
    return schedules_of(api)[0]["id"] == before


@probe({"interval_and_type": [200, 200, 409], "interval": [200, 409, 409]})
def schedules_per_addon(api: Api, _clock: VirtualClock) -> Any:
    return [code(api.post(SCHEDULES, body)) for body in (DAILY, {**DAILY, "backupType": "dump"}, DAILY)]


@probe({"by_interval": [400, 400], "120": [200, 400], "none": [200, 200]})
def retention_limits(api: Api, _clock: VirtualClock) -> Any:
    weekly = {**DAILY, "scheduling": {"interval": "weekly", "minute": [0], "hour": [3], "day": [0]}}
    return [
        code(api.post(SCHEDULES, {**DAILY, "retentionTime": 61})),
        code(api.post(SCHEDULES, {**weekly, "retentionTime": 121})),
    ]


# Others


@probe({"no_body": b"", "empty": {}, "empty_data": {"data": {}}, "backup": "abc"})
def import_answer(api: Api, clock: VirtualClock) -> Any:
    answer = api.post(f"addons/{ADDON}/import", {"name": "abc", "importUrl": "https://example.com/dump.sql.gz"})
    assert code(answer) == 200
    clock.advance(10)
    assert shown(api)["config"]["source"] == {"type": "externalDump"}
    if not answer.content:
        return answer.content
    return answer.json()["data"]["name"] if answer.json().get("data") else answer.json()


@probe({"data": None, "data.logs": ["logs"], "data.data": ["data"]})
def log_envelope(api: Api, clock: VirtualClock) -> Any:
    made(api, clock, backupType="dump")
    data = api.get(f"{BACKUPS}/abc/logs").json()["data"]
    lines = data if isinstance(data, list) else next(iter(data.values()))
    assert len(lines) == 3
    return None if isinstance(data, list) else list(data)


@probe({"present": True, "missing": False})
def log_container_id(api: Api, clock: VirtualClock) -> Any:
    made(api, clock, backupType="dump")
    data = api.get(f"{BACKUPS}/abc/logs").json()["data"]
    return all("containerId" in line for line in data)


@probe({"404": 404, "409": 409, "400": 400})
def download_of_snapshot(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    return code(api.get(f"{BACKUPS}/abc/download-link"))


def dump_link(api: Api, clock: VirtualClock) -> str:
    made(api, clock, backupType="dump")
    return str(api.get(f"{BACKUPS}/abc/download-link").json()["data"]["downloadLink"])


@probe({900: 200, 5: 403})
def link_lifetime(api: Api, clock: VirtualClock) -> Any:
    link = dump_link(api, clock)
    clock.advance(6)
    return code(requests.get(link, timeout=10))


@probe({True: 206, False: 200})
def store_ranges(api: Api, clock: VirtualClock) -> Any:
    return code(requests.get(dump_link(api, clock), timeout=10, headers={"Range": "bytes=1-2"}))


@probe({"etag": '"', "weak": "W", None: None})
def store_validator(api: Api, clock: VirtualClock) -> Any:
    tag = requests.get(dump_link(api, clock), timeout=10).headers.get("ETag")
    return tag and tag[0]


@probe({"needed": [403, 403], "read_is_enough": [200, 200]})
def read_spec(api: Api, clock: VirtualClock) -> Any:
    made(api, clock, backupType="dump")
    api.sandbox.deny("Project > Addons > General > Read Spec")
    return [code(api.get(f"{BACKUPS}/abc/download-link")), code(api.get(f"addons/{ADDON}/credentials"))]


@probe({"name": ["new-one"], "never": ["new-one", "new-one-2"]})
def put_addon_matches(api: Api, _clock: VirtualClock) -> Any:
    for _turn in range(2):
        assert code(api.send("PUT", "addons", json=NEW_ADDON)) == 200
    return [addon_id for addon_id in api.sandbox.addon_ids if addon_id.startswith("new")]


@probe({"accept": 200, "refuse": 404})
def fork_latest(api: Api, clock: VirtualClock) -> Any:
    made(api, clock)
    return code(api.post("addons", {**NEW_ADDON, "source": {"addonId": ADDON, "backupId": "latest"}}))


@probe({"accept": 200, "refuse": 404})
def gone_source(api: Api, _clock: VirtualClock) -> Any:
    api.sandbox.add_addon("gone", "postgresql")
    api.sandbox.add_backup("gone", name="kept", custom_destination="offsite-s3")
    api.sandbox.remove_addon("gone")
    query = f"sourceProjectId={api.sandbox.project_id}&sourceAddonId=gone"
    return code(api.post(f"addons/{ADDON}/backups/kept/restore?{query}", None))


@probe({"required": [400, 200], "unknown": [200, 400]})
def destination_usage(api: Api, _clock: VirtualClock) -> Any:
    bodies = (DESTINATION, {**DESTINATION, "name": "Other", "usage": "globalBackups"})
    return [code(api.post(DESTINATIONS, body)) for body in bodies]


@probe({True: "3600", False: None})
def retry_after(api: Api, _clock: VirtualClock) -> Any:
    api.sandbox.set_rate(remaining=0)
    return api.get(BACKUPS).headers.get("Retry-After")


def refused(api: Api) -> dict[str, Any]:
    error: dict[str, Any] = api.post(BACKUPS, {"name": 1}).json()["error"]
    return error


@probe({"nf-invalid-request-body": "nf-invalid-request-body", "other": "invalid_request", "missing": None})
def error_id(api: Api, _clock: VirtualClock) -> Any:
    return refused(api).get("id")


@probe({"paths": ["name"], "other": [["name", ['1 is not of type "string"']]], "missing": None})
def error_details(api: Api, _clock: VirtualClock) -> Any:
    told = refused(api).get("details")
    return list(told) if told is not None else None


@probe({"403": [403, 403, 200], "404": [404, 404, 200], "401": [401, 401, 200]})
def org_token_without_team(api: Api, _clock: VirtualClock) -> Any:
    api.session.headers["Authorization"] = f"Bearer {api.sandbox.org_token}"
    assert code(api.get("/v1/auth")) == 200
    paths = (BACKUPS, DESTINATIONS, f"/v1/teams/example-team/projects/default-project/{BACKUPS}")
    return [code(api.get(path)) for path in paths]


def values_of(switch: str) -> list[Any]:
    default = getattr(Assumptions(), switch)
    return list(CHOICES.get(switch, (True, False) if isinstance(default, bool) else PROBES[switch][1]))


CASES = [(switch, value) for switch in PROBES for value in values_of(switch)]
# What a switch needs of another one, to have a meaning.
TOGETHER = {"failed_names_free": {"names_unique": True}}


@pytest.mark.parametrize(("switch", "value"), CASES, ids=[f"{switch}={value}" for switch, value in CASES])
def test_each_value_of_each_switch_shows_on_the_wire(
    clock: VirtualClock, under: Start, switch: str, value: object
) -> None:
    look, told = PROBES[switch]
    with under(**{switch: value}, **TOGETHER.get(switch, {})) as api:
        assert look(api, clock) == told[value]


def test_each_assumption_of_the_contract_has_a_probe_that_tells_its_values_apart() -> None:
    assert set(PROBES) == set(assumption_keys())
    assert set(PROBES) == {field.name for field in fields(Assumptions)} - {
        "shuffle_seed",
        "optional_fields",
        "types_told",
    }
    for switch, (_look, told) in PROBES.items():
        assert set(told) == set(values_of(switch)), switch
        assert len({repr(seen) for seen in told.values()}) == len(told), switch


@pytest.mark.parametrize("status", ["paused", "scaling", "failed"])
def test_a_backup_of_an_addon_that_does_not_run_may_be_refused(under: Start, status: str) -> None:
    with under(not_running="refuse") as api:
        api.sandbox.set_addon_status(ADDON, status)
        answer = api.post(BACKUPS, {"name": "abc"})
        assert (answer.status_code, answer.json()["error"]["id"]) == (409, "addon_not_running")
        assert listed(api) == []


def test_a_backup_of_an_addon_that_does_not_run_may_wait_for_it(clock: VirtualClock, under: Start) -> None:
    with under(not_running="schedule") as api:
        api.sandbox.set_addon_status(ADDON, "paused")
        for name in ("abc", "given up"):
            assert api.start(name=name)["status"] == "scheduled"
        assert api.post(f"{BACKUPS}/given-up/abort").status_code == 200
        clock.advance(86400)
        assert {held["id"]: held["status"] for held in listed(api)} == {"abc": "scheduled", "given-up": "aborted"}
        # What is written until it begins is in it.
        api.sandbox.execute(ADDON, "DELETE FROM orders")
        api.sandbox.set_addon_status(ADDON, "running")
        seen = []
        for _turn in range(3):
            seen.append({held["id"]: held["status"] for held in listed(api)}["abc"])
            clock.advance(5)
        assert seen == ["scheduled", "in-progress", "completed"]
        api.post(f"{BACKUPS}/abc/restore")
        clock.advance(10)
        assert api.sandbox.query(ADDON, "SELECT count(*) FROM orders") == [(0,)]


def test_an_addon_that_is_being_deleted_schedules_nothing(under: Start) -> None:
    with under(not_running="schedule") as api:
        api.sandbox.set_addon_status(ADDON, "deleting")
        assert api.post(BACKUPS, {}).status_code == 409


def test_cursors_have_the_length_that_the_contract_asks_for_and_repeat(under: Start) -> None:
    with under() as api:
        for number in range(4):
            api.sandbox.add_backup(ADDON, name=f"Backup {number}")
        first, again, other = (api.get(BACKUPS, per_page=size).json()["pagination"]["cursor"] for size in (1, 1, 2))
        assert len(first) == 24
        assert (first == again, first == other) == (True, False)
