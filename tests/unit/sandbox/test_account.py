# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is around backups: addons come, change and go; backup destinations; tokens."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, VirtualClock
from sandbox.world import World

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"
COUNT = "SELECT count(*) FROM orders"
BILLING = {"deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1}
NEW = {"name": "Drill one", "type": "postgresql", "version": "16-latest", "billing": BILLING}
COPY = {"destinationId": "offsite-s3", "type": "custom", "retentionTime": 2}
DAILY = {"backupType": "snapshot", "retentionTime": 7, "scheduling": {"interval": "daily", "minute": [0], "hour": [3]}}


def status(api: Api, addon: str) -> Any:
    answer = api.get(f"addons/{addon}")
    return answer.json()["data"]["status"] if answer.status_code == 200 else answer.status_code


def test_a_new_addon_is_not_what_the_get_shows_and_runs_after_a_while(clock: VirtualClock, api: Api) -> None:
    answer = api.post("addons", {**NEW, "tags": ["drill"], "backupSchedules": [DAILY]})
    data = answer.json()["data"]
    assert (data["id"], data["name"], data["status"], data["version"]) == (
        "drill-one",
        "Drill one",
        "preDeployment",
        "16.4.0",
    )
    assert not {"uid", "spec"} & set(data)
    assert data["backupSchedules"] == [DAILY]
    assert api.post("addons", NEW).json()["error"]["id"] == "name_taken"
    seen = []
    for _turn in range(4):
        seen.append(status(api, "drill-one"))
        clock.advance(3.5)
    assert seen == ["preDeployment", "allocating", "postDeployment", "running"]
    assert uuid.UUID(api.get("addons/drill-one").json()["data"]["uid"]).version == 4


@pytest.mark.parametrize("by_uid", [True, False])
def test_a_fork_begins_with_a_snapshots_data_and_a_reset_brings_it_back(
    sandbox: Sandbox, clock: VirtualClock, api: Api, by_uid: bool
) -> None:
    sandbox.execute(ADDON, "DELETE FROM orders WHERE id > 5")
    held = sandbox.add_backup(ADDON, name="abc")
    sandbox.execute(ADDON, "DELETE FROM orders")
    source = {"backupUid": held["uid"]} if by_uid else {"addonId": ADDON, "backupId": "abc"}
    assert api.post("addons", {**NEW, "source": source}).json()["data"]["source"] == source
    clock.advance(10)
    assert sandbox.query("drill-one", COUNT) == [(5,)]
    sandbox.execute("drill-one", "DELETE FROM orders")
    assert api.post("addons/drill-one/reset").status_code == 200
    assert sandbox.query("drill-one", COUNT) == [(5,)]
    assert sandbox.query(ADDON, COUNT) == [(0,)]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"source": {"addonId": ADDON, "backupId": "gone"}}, 404, "backup_not_found"),
        ({"source": {"addonId": "gone", "backupId": "abc"}}, 404, "addon_not_found"),
        ({"source": {"addonId": ADDON, "backupId": "running"}}, 409, "backup_not_usable"),
        ({"source": {"addonId": ADDON, "backupId": "dump"}}, 409, "backup_not_usable"),
        ({"type": "mysql", "version": "latest", "source": {"addonId": ADDON, "backupId": "abc"}}, 409, "addon_type"),
        ({"source": {"addonId": ADDON}}, 400, "nf-invalid-request-body"),
        ({"source": {"backupUid": str(uuid.UUID(int=0))}}, 404, "backup_not_found"),
        ({"source": {"addonId": ADDON, "backupId": "latest"}, "surprise": 1}, 400, "nf-invalid-request-body"),
        ({"version": "9.1"}, 400, "nf-invalid-request-body"),
        ({"type": "oracle"}, 400, "nf-invalid-request-body"),
    ],
)
def test_what_cannot_be_created_is_refused(
    sandbox: Sandbox, api: Api, body: dict[str, Any], status: int, told: str
) -> None:
    sandbox.add_backup(ADDON, name="abc")
    sandbox.add_backup(ADDON, name="dump", backup_type="dump")
    sandbox.add_backup(ADDON, name="running", status="in-progress")
    answer = api.post("addons", {**NEW, **body})
    assert answer.status_code == status
    assert answer.json()["error"]["id"].startswith(told)
    assert "drill-one" not in sandbox.addon_ids


def test_a_deleted_addon_is_gone_after_a_moment_and_its_copies_elsewhere_are_not(
    sandbox: Sandbox, clock: VirtualClock, api: Api
) -> None:
    sandbox.execute(ADDON, "DELETE FROM orders WHERE id > 5")
    api.start(name="Stays", additionalDestinations=[COPY])
    api.start(name="Goes")
    clock.advance(10)
    assert api.delete(f"addons/{ADDON}").json() == {"data": {}}
    assert status(api, ADDON) == "deleting"
    clock.advance(1)
    assert status(api, ADDON) == 404
    (kept,) = api.get("/v1/backup-destinations/offsite-s3/backups").json()["data"]
    assert (kept["id"], kept["addon"]["id"], kept["config"]["source"]) == ("stays", ADDON, {"type": "global"})
    assert kept["expiredBy"] == (World.now(sandbox.world) - 11 + 2 * 86400) * 1000
    assert "uid" not in kept
    path = "/v1/projects/staging-project/addons/postgres-staging/backups/{}/restore"
    source = {"sourceProjectId": "default-project", "sourceAddonId": ADDON}
    assert api.post(path.format("goes"), **source).status_code == 404
    assert api.post(path.format("stays"), **source).status_code == 200
    clock.advance(10)
    assert sandbox.query("postgres-staging", COUNT) == [(5,)]


def test_a_patch_changes_what_it_names_only(api: Api) -> None:
    schedule_id = api.post(f"addons/{ADDON}/backup-schedules", DAILY).json()["data"]["id"]
    data = api.send("PATCH", f"addons/{ADDON}", json={"tags": ["new"], "description": "Other words"}).json()["data"]
    assert (data["tags"], data["description"], len(data["backupSchedules"])) == (["new"], "Other words", 1)
    held = api.get(f"addons/{ADDON}/backup-schedules").json()["data"]["schedules"]
    assert [each["id"] for each in held] == [schedule_id]
    twice = {"backupSchedules": [DAILY, DAILY]}
    assert api.send("PATCH", f"addons/{ADDON}", json=twice).status_code == 400
    assert api.send("PATCH", f"addons/{ADDON}", json={"backups": []}).status_code == 400


def test_an_addon_is_paused_and_runs_again(api: Api) -> None:
    seen = [
        (api.post(f"addons/{ADDON}/{action}").status_code, status(api, ADDON))
        for action in ("pause", "resume", "restart")
    ]
    assert seen == [(200, "paused"), (200, "running"), (200, "running")]
    assert api.post("addons/postgres-paused/restart").status_code == 409
    assert api.get(f"addons/{ADDON}/version").json()["data"]["version"] == "16.4.0"
    assert set(api.get(f"addons/{ADDON}/credentials").json()["data"]) == {"secrets", "envs"}


def test_what_is_imported_is_a_dump(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    path = f"addons/{ADDON}/import"
    assert api.post(path, {"name": "abc", "connectionString": "postgresql://user@example.com/db"}).status_code == 200
    assert api.post(path, {"name": "abc"}).status_code == 400
    assert api.post(path, {"importUrl": "https://example.com/a.gz", "connectionString": "x"}).status_code == 400
    assert api.post("addons/redis-cache/import", {"importUrl": "https://example.com/a.gz"}).status_code == 409
    clock.advance(10)
    (held,) = sandbox.backups(ADDON)
    assert (held["status"], held["config"]["source"]) == ("completed", {"type": "liveInstance"})
    assert api.get(f"{BACKUPS}/abc/download-link").status_code == 200


def test_the_life_of_a_destination(sandbox: Sandbox, api: Api) -> None:
    path = "/v1/backup-destinations"
    secrets = {"accessKey": "AKIAEXAMPLE", "secretKey": "very secret"}
    place = {"bucketName": "third", "region": "us-west-2", "endpoint": "s3.us-west-2.amazonaws.com"}
    body = {
        "name": "Third place",
        "type": "s3",
        "prefix": "backups/",
        "usage": "globalBackups",
        "credentials": {**place, **secrets},
    }
    assert api.post(path, body).json()["data"]["credentials"] == {**place, **secrets}
    assert "very secret" not in api.get(path).text
    assert api.get(f"{path}/third-place").json()["data"]["credentials"]["secretKey"] == "very secret"
    assert api.post(path, body).status_code == 409
    assert api.send("PATCH", f"{path}/third-place", json={"description": "Other words"}).json() == {"data": {}}
    assert api.get(f"{path}/third-place").json()["data"]["description"] == "Other words"
    sandbox.add_backup(ADDON, name="abc", backup_type="dump", custom_destination="third-place")
    twin = "/v1/teams/example-team/backup-destinations/third-place/backups"
    assert [each["id"] for each in api.get(twin).json()["data"]] == ["abc"]
    assert api.delete(f"{path}/third-place").status_code == 200
    assert api.get(f"{path}/third-place").status_code == 404


@pytest.mark.parametrize("query", [{"sourceProjectId": "staging-project"}, {"sourceAddonId": "mysql-orders"}, {}])
def test_a_wrong_source_of_a_restore_is_noticed(
    sandbox: Sandbox, clock: VirtualClock, api: Api, query: dict[str, str]
) -> None:
    """A backup of postgres-staging with the ID of one of postgres-main is another backup."""
    sandbox.add_backup("postgres-staging", name="abc", project_id="staging-project")
    path = f"{BACKUPS}/abc"
    right = {"sourceProjectId": "staging-project", "sourceAddonId": "postgres-staging"}
    restore_id = api.post(f"{path}/restore", **right).json()["data"]["restoreId"]
    assert [each["id"] for each in api.get(f"{path}/restores", **right).json()["data"]["restores"]] == [restore_id]
    assert api.get(f"{path}/restores", **query).status_code == 404
    assert api.post(f"{path}/restore", **query).status_code == 404
    assert api.post(f"{path}/abort-restore", {"restoreId": restore_id}, **query).status_code == 404
    sandbox.add_backup(ADDON, name="abc")
    assert api.get(f"{path}/restores").json()["data"]["restores"] == []
    assert api.post(f"{path}/abort-restore", {"restoreId": restore_id}).status_code == 404
    assert sandbox.restores(ADDON)[0]["status"] == "scheduled"
    assert api.post(f"{path}/abort-restore", {"restoreId": restore_id}, **right).status_code == 200
    clock.advance(1)
    assert sandbox.restores(ADDON)[0]["status"] == "aborted"


def test_a_token_is_told_what_it_may_do(sandbox: Sandbox, connect: Callable[..., Api]) -> None:
    sandbox.deny("Project > Addons > General > Create")
    told = [connect(sandbox, token).get("/v1/auth").json()["data"] for token in (sandbox.token, sandbox.read_token)]
    granted = [each["permissions"]["projectScope"] for each in told]
    assert ["Project > Addons > General > Update" in each for each in granted] == [True, False]
    assert ["Project > Addons > General > Read Spec" in each for each in granted] == [True, True]
    assert not any("Project > Addons > General > Create" in each for each in granted)
    organisation = connect(sandbox, sandbox.org_token).get("/v1/auth").json()["data"]
    assert (told[0]["entityType"], organisation["entityType"]) == ("team", "org")
