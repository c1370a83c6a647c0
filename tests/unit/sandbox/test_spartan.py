# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The spartan profile: answers without anything that the contract calls optional, and no assumption that helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Assumptions, Sandbox, VirtualClock, assume, contract
from sandbox.assumptions import parse_assumptions

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"
DAILY = {"backupType": "dump", "retentionTime": 7, "scheduling": {"interval": "daily", "minute": [0], "hour": [3]}}
RESTORE = {"id", "status", "restoreTimestamp"}


@pytest.fixture
def spartan(clock: VirtualClock, connect: Callable[..., Api]) -> Iterator[Api]:
    """A client of a spartan sandbox, with a backup abc that was restored, and a schedule."""
    with Sandbox(clock=clock, assumptions=Assumptions.spartan(), duration=10.0) as sandbox:
        api = connect(sandbox)
        copy = {"destinationId": "offsite-s3", "type": "custom", "retentionTime": 2}
        sandbox.add_backup(ADDON, name="abc", additional_destinations=[copy])
        sandbox.add_backup(ADDON, name="def", backup_type="dump", custom_destination="offsite-s3", age=60)
        assert api.post(f"{BACKUPS}/abc/restore").status_code == 200
        assert api.post(f"addons/{ADDON}/backup-schedules", DAILY).status_code == 200
        clock.advance(10)
        yield api


def all_keys(node: Any) -> Any:
    """The keys of an answer, in lists those of their first item."""
    if isinstance(node, list):
        return [all_keys(node[0])] if node else []
    return {key: all_keys(value) for key, value in node.items()} if isinstance(node, dict) else None


CONFIG = {"size": None}
DETAIL = {"id": None, "name": None, "status": None, "createdAt": None, "config": CONFIG}
SUMMARY = {"id": None, "name": None, "appId": None, "tags": [None], "spec": {"type": None}, "status": None}
DEPLOYMENT = {"replicas": None, "storageClass": None, "storageSize": None, "planId": None, "region": None}
NETWORKING = {"tlsEnabled": None, "externalAccessEnabled": None}
NATIVE = {"versionTag": None, "lifecycleStatus": None, "deployment": DEPLOYMENT, "networking": NETWORKING}
# What is left of each answer. Written out, so that it is not the program that says what it should do.
LEFT: dict[str, Any] = {
    f"{BACKUPS}/abc": DETAIL,
    BACKUPS: {"backups": [{**DETAIL, "completedAt": None}]},
    f"addons/{ADDON}/restores": {"restores": [{**dict.fromkeys(RESTORE), "backupId": None}]},
    f"{BACKUPS}/abc/restores": {"restores": [dict.fromkeys(RESTORE)]},
    f"addons/{ADDON}/backup-schedules": {
        "schedules": [
            {
                **dict.fromkeys(("id", "backupType", "retentionTime", "createdAt", "updatedAt")),
                # By the contract's words, a daily schedule has an hour.
                "scheduling": {"interval": None, "minute": [None], "hour": [None]},
            }
        ]
    },
    f"{BACKUPS}/def/logs": {"data": [{"ts": None, "log": None}]},
    f"addons/{ADDON}": {
        **SUMMARY,
        "spec": {"type": None, "config": NATIVE, "pendingActions": []},
        "createdAt": None,
        "cluster": {"id": None, "name": None},
    },
    "/v1/projects": {"projects": [dict.fromkeys(("id", "name", "lifecycleStatus"))]},
    "/v1/backup-destinations": {"backupDestinations": [dict.fromkeys(("name", "type", "prefix"))]},
    "/v1/backup-destinations/offsite-s3/backups": [
        {**DETAIL, "expiredBy": None},
    ],
    "/v1/auth": dict.fromkeys(("id", "tokenKind", "entityType", "entityId", "entityUid", "createdAt")),
}


@pytest.mark.parametrize("path", LEFT)
def test_what_is_optional_is_in_no_answer(spartan: Api, path: str) -> None:
    answer = spartan.get(path)
    assert answer.status_code == 200, answer.text
    assert all_keys(answer.json()["data"]) == LEFT[path]
    # Another page shows in the cursor, and nothing else.
    assert set(answer.json()) - {"data"} in (set(), {"pagination"})
    if "pagination" in answer.json():
        assert set(answer.json()["pagination"]) == {"count", "cursor"}


def test_addon_types_do_not_tell_what_they_can(spartan: Api) -> None:
    types = spartan.get("/v1/addon-types").json()["data"]["addonTypes"]
    assert len(types) == 6
    assert not any("features" in each for each in types)


def test_a_running_backup_shows_what_means_nothing_yet(spartan: Api, clock: VirtualClock) -> None:
    started = spartan.start(name="ghi")
    assert (set(started), started["config"], started["status"]) == (set(DETAIL), {"size": ""}, "scheduled")
    (held,) = [each for each in whole(spartan, BACKUPS) if each["name"] == "ghi"]
    assert held["completedAt"] == ""
    clock.advance(10)
    (held,) = [each for each in whole(spartan, BACKUPS) if each["name"] == "ghi"]
    assert held["completedAt"] == "2026-03-01T12:00:20.000Z"


def whole(api: Api, path: str, key: str = "backups") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    query: dict[str, Any] = {}
    while True:
        answer = api.get(path, **query).json()
        items += answer["data"][key]
        if "pagination" not in answer:
            return items
        query = {"cursor": answer["pagination"]["cursor"]}


def test_all_pages_can_be_read_all_the_same(spartan: Api) -> None:
    for number in range(5):
        spartan.sandbox.add_backup(ADDON, name=f"Backup {number}")
    assert sorted(each["name"] for each in whole(spartan, BACKUPS)) == sorted(
        each["name"] for each in spartan.sandbox.backups(ADDON)
    )


def test_an_error_is_a_status_and_a_message(spartan: Api) -> None:
    for answer in (spartan.get(f"{BACKUPS}/gone"), spartan.post(BACKUPS, {"name": 1})):
        assert set(answer.json()["error"]) == {"status", "message"}


def test_what_the_server_holds_is_told_to_tests_all_the_same(spartan: Api) -> None:
    held = spartan.sandbox.backups(ADDON)[0]
    assert {"uid", "completedAt", "lastRestore"} <= set(held)
    assert {"source", "addonVersion", "additionalDestinations"} <= set(held["config"])


def test_the_profile_chooses_each_assumption_and_few_as_they_are_by_default() -> None:
    usual, spartan = Assumptions(), Assumptions.spartan()
    same = {each.name for each in fields(Assumptions) if getattr(usual, each.name) == getattr(spartan, each.name)}
    assert same == {
        "list_last_restore",
        "schedules_pagination",
        "destination_list_id",
        # To refuse is what a client has to be ready for, and to allow is what protects nobody.
        "compression_with_snapshot",
        "destinations_of_other_type",
        "unknown_body_keys",
        "names_unique",
        "ids_reused",
        "addon_busy_refuses",
        "unsupported_dump",
        "dump_source_type",
        "retain_unscheduled",
        "retention_limits",
        "import_answer",
        "read_spec",
        "destination_usage",
        "shuffle_seed",
    }


def test_the_environment_and_the_command_line_choose_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDBOX_PROFILE", raising=False)
    assert assume() == Assumptions()
    assert parse_assumptions(["names_unique=true", "spartan"]) == replace(Assumptions.spartan(), names_unique=True)
    monkeypatch.setenv("SANDBOX_PROFILE", "spartan")
    assert assume() == Assumptions.spartan()
    # What a test names wins, and nothing else changes.
    assert assume(with_uid=True) == replace(Assumptions.spartan(), with_uid=True)
    assert parse_assumptions(["usual"]) == Assumptions()
    assert Assumptions() != Assumptions.spartan()
    with Sandbox(clock=VirtualClock(), start_server=False) as sandbox:
        assert sandbox.world.assumptions == Assumptions.spartan()
    monkeypatch.setenv("SANDBOX_PROFILE", "luxury")
    with pytest.raises(ValueError, match="a profile must be one of usual, spartan, not 'luxury'"):
        assume()


def test_of_the_answer_without_a_schema_nothing_is_taken() -> None:
    (operation,) = [each for each in contract.operations() if each.id == "login"]
    assert contract.without_optional(operation, {"data": {}}) == {"data": {}}
