# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behind the API there is real data: what is backed up is what comes back."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
import zstandard
from werkzeug.test import Client

from sandbox import Assumptions, Sandbox, VirtualClock, dumps

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"
# How the dumps of each type begin and end.
PROGRAMS = {
    ADDON: (b"--\n-- PostgreSQL database dump\n--\n", b"\n-- PostgreSQL database dump complete\n--\n\n"),
    "mysql-orders": (b"-- MySQL dump 10.13 ", b"\n-- Dump completed\n"),
    "mongo-events": (b"\x6d\xe2\x99\x81", b"\0\xff\xff\xff\xff"),
}
COUNT = "SELECT count(*), sum(total_cents) FROM orders"


def completed(api: Api, clock: VirtualClock, name: str = "abc", addon: str = ADDON, **body: Any) -> str:
    backup_id = str(api.start(addon, name=name, **body)["id"])
    clock.advance(10)
    return backup_id


def restore(api: Api, backup_id: str, addon: str = ADDON, **query: str) -> str:
    answer = api.post(f"addons/{addon}/backups/{backup_id}/restore", **query)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["restoreId"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"backupType": "dump"},
        {"backupType": "dump", "compressionType": "gz"},
        {"backupType": "dump", "compressionType": "zstd"},
    ],
)
def test_what_was_destroyed_comes_back(sandbox: Sandbox, clock: VirtualClock, api: Api, body: dict[str, str]) -> None:
    before = sandbox.query(ADDON, COUNT)
    backup_id = completed(api, clock, **body)
    sandbox.execute(ADDON, "DROP TABLE orders; DELETE FROM customers")
    restore(api, backup_id)
    clock.advance(9.9)
    assert sandbox.query(ADDON, "SELECT count(*) FROM customers") == [(0,)]
    clock.advance(0.1)
    assert sandbox.query(ADDON, COUNT) == before
    with closing(sqlite3.connect(sandbox.database(ADDON))) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'index'").fetchone()[0] >= 1


def test_the_copy_is_taken_when_the_backup_starts(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    before = sandbox.query(ADDON, COUNT)
    api.start(name="abc")
    sandbox.execute(ADDON, "DELETE FROM orders")
    clock.advance(10)
    restore(api, "abc")
    clock.advance(10)
    assert sandbox.query(ADDON, COUNT) == before


@pytest.mark.parametrize(("compression", "ending"), [("gz", ".sql.gz"), ("zstd", ".sql.zst")])
def test_a_dump_is_a_file_of_sql(
    sandbox: Sandbox, clock: VirtualClock, api: Api, compression: str, ending: str
) -> None:
    backup_id = completed(api, clock, backupType="dump", compressionType=compression)
    link = api.get(f"{BACKUPS}/{backup_id}/download-link").json()["data"]["downloadLink"]
    assert urlsplit(link).netloc != urlsplit(sandbox.url).netloc
    assert urlsplit(link).path.endswith(ending)
    content = requests.get(link, timeout=10).content
    assert str(len(content)) == sandbox.backups(ADDON)[0]["config"]["size"]
    plain = gzip.decompress(content) if compression == "gz" else zstandard.ZstdDecompressor().decompress(content)
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(plain.decode())
        assert database.execute(COUNT).fetchall() == sandbox.query(ADDON, COUNT)


@pytest.mark.parametrize("addon", [ADDON, "mysql-orders", "mongo-events"])
@pytest.mark.parametrize("compression", ["gz", "zstd"])
def test_each_type_has_dumps_of_its_own_program(
    sandbox: Sandbox, clock: VirtualClock, api: Api, addon: str, compression: str
) -> None:
    sandbox.execute(addon, "CREATE TABLE odd (a, b, c, d); INSERT INTO odd VALUES (NULL, 1.5, x'00ff', 'ü')")
    before = [sandbox.query(addon, sql) for sql in (COUNT, "SELECT * FROM odd")]
    backup_id = completed(api, clock, addon=addon, backupType="dump", compressionType=compression)
    content = sandbox.file(addon, backup_id)
    plain = gzip.decompress(content) if compression == "gz" else zstandard.ZstdDecompressor().decompress(content)
    begin, end = PROGRAMS[addon]
    assert (plain[: len(begin)], plain[-len(end) :]) == (begin, end)
    sandbox.execute(addon, "DROP TABLE odd; DELETE FROM orders")
    restore(api, backup_id, addon)
    clock.advance(10)
    assert [sandbox.query(addon, sql) for sql in (COUNT, "SELECT * FROM odd")] == before


def test_the_check_sum_of_an_archive_is_that_of_mongodump() -> None:
    # The check value of CRC-64/XZ, which Go calls ECMA.
    assert dumps._crc64(b"123456789") == 0x995DC9BBDF1939FA - (1 << 64)  # noqa: SLF001  # nobody else shows it


def test_a_link_is_for_those_who_have_it_whole_and_for_a_while(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    backup_id = completed(api, clock, backupType="dump")
    link = api.get(f"{BACKUPS}/{backup_id}/download-link").json()["data"]["downloadLink"]
    assert sandbox.token not in link
    bearer = {"Authorization": f"Bearer {sandbox.token}"}
    for bad in (
        link.partition("?")[0],
        link.replace("expires=1", "expires=2"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link.replace(".sql.gz", ".sql.gx"),
    ):
        assert requests.get(bad, timeout=10, headers=bearer).status_code == 403
    assert requests.post(link, timeout=10).status_code == 405
    assert requests.get(link, timeout=10).status_code == 200
    assert [seen.authorization for seen in sandbox.store_requests] == [True] * 4 + [False] * 2
    clock.advance(901)
    assert requests.get(link, timeout=10).status_code == 403


def test_a_download_can_be_taken_up_again(clock: VirtualClock, api: Api) -> None:
    backup_id = completed(api, clock, backupType="dump")
    link = api.get(f"{BACKUPS}/{backup_id}/download-link").json()["data"]["downloadLink"]
    whole = requests.get(link, timeout=10).content
    part = requests.get(link, timeout=10, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert requests.get(link, timeout=10, headers={"Range": "bytes=9999999-"}).status_code == 416


def test_only_complete_dumps_can_be_downloaded(clock: VirtualClock, api: Api) -> None:
    completed(api, clock)
    answer = api.get(f"{BACKUPS}/abc/download-link")
    assert (answer.status_code, answer.json()["error"]["id"]) == (404, "not_a_dump")
    api.start(name="def", backupType="dump")
    answer = api.get(f"{BACKUPS}/def/download-link")
    assert (answer.status_code, answer.json()["error"]["id"]) == (409, "backup_not_completed")


def test_a_deleted_backup_has_no_file(clock: VirtualClock, api: Api) -> None:
    backup_id = completed(api, clock, backupType="dump")
    link = api.get(f"{BACKUPS}/{backup_id}/download-link").json()["data"]["downloadLink"]
    api.delete(f"{BACKUPS}/{backup_id}")
    assert requests.get(link, timeout=10).status_code == 404


def test_the_storage_can_be_used_in_process(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, start_server=False) as sandbox:
        sandbox.add_backup(ADDON, name="abc", backup_type="dump")
        client = Client(sandbox.wsgi_app)
        path = f"/v1/projects/default-project/{BACKUPS}/abc/download-link"
        answer = client.get(path, headers={"Authorization": f"Bearer {sandbox.token}"})
        link = urlsplit(json.loads(answer.data)["data"]["downloadLink"])
        served = Client(sandbox.store_app).get(link.path, query_string=link.query)
        assert str(len(served.data)) == sandbox.backups(ADDON)[0]["config"]["size"]


def test_the_life_of_a_restore(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    backup_id = completed(api, clock)
    restore_id = restore(api, backup_id)
    seen = []
    for _turn in range(3):
        (shown,) = api.get(f"addons/{ADDON}/restores").json()["data"]["restores"]
        seen.append((shown["status"], sandbox.addon_status(ADDON)))
        clock.advance(5)
    assert seen == [("scheduled", "restore"), ("in-progress", "restore"), ("completed", "running")]
    shown = api.get(f"addons/{ADDON}/restores").json()["data"]["restores"][0]
    assert (shown["id"], shown["backupId"]) == (restore_id, backup_id)
    last = api.get(f"{BACKUPS}/{backup_id}").json()["data"]["lastRestore"]
    assert last == {
        "restoreTimestamp": "2026-03-01T12:00:10.000Z",
        "status": "completed",
        "completedAt": "2026-03-01T12:00:20.000Z",
    }
    # In the list of one backup, they do not name it.
    del shown["backupId"]
    assert api.get(f"{BACKUPS}/{backup_id}/restores").json()["data"]["restores"] == [shown]
    assert api.get(f"{BACKUPS}/unknown/restores").status_code == 404


@pytest.mark.parametrize("refuses", [True, False])
def test_while_a_restore_runs_the_addon_may_take_nothing_else(
    clock: VirtualClock, connect: Callable[..., Api], refuses: bool
) -> None:
    assumptions = Assumptions(addon_busy_refuses=refuses)
    with Sandbox(clock=clock, assumptions=assumptions, duration=10) as sandbox:
        api = connect(sandbox)
        backup_id = completed(api, clock)
        restore(api, backup_id)
        for answer in (api.post(f"{BACKUPS}/{backup_id}/restore"), api.post(BACKUPS, {})):
            told = answer.json().get("error", {}).get("id")
            assert (answer.status_code, told) == ((409, "addon_busy") if refuses else (200, None))
        assert len(sandbox.restores(ADDON)) == (1 if refuses else 2)


@pytest.mark.parametrize("allows", [True, False])
def test_what_is_being_restored_may_be_deleted_and_then_the_restore_fails(
    clock: VirtualClock, connect: Callable[..., Api], allows: bool
) -> None:
    assumptions = Assumptions(delete_active="allow" if allows else "refuse")
    with Sandbox(clock=clock, assumptions=assumptions, duration=10) as sandbox:
        api = connect(sandbox)
        backup_id = completed(api, clock)
        sandbox.execute(ADDON, "DELETE FROM orders")
        restore(api, backup_id)
        answer = api.delete(f"{BACKUPS}/{backup_id}")
        assert answer.status_code == (200 if allows else 409)
        assert answer.json().get("error", {}).get("id") == (None if allows else "backup_restoring")
        clock.advance(10)
        assert sandbox.restores(ADDON)[0]["status"] == ("failed" if allows else "completed")
        assert (sandbox.query(ADDON, COUNT) == [(0, None)]) is allows


@pytest.mark.parametrize("status", ["in-progress", "failed", "aborted"])
def test_only_a_completed_backup_is_restored(sandbox: Sandbox, api: Api, status: str) -> None:
    sandbox.add_backup(ADDON, name="abc", status=status, age=1)
    answer = api.post(f"{BACKUPS}/abc/restore")
    assert (answer.status_code, answer.json()["error"]["id"]) == (409, "backup_not_completed")
    assert sandbox.restores(ADDON) == []


@pytest.mark.parametrize("outcome", ["failed", "aborted", "stuck", "exploded"])
def test_a_restore_that_does_not_complete_changes_nothing(
    sandbox: Sandbox, clock: VirtualClock, api: Api, outcome: str
) -> None:
    backup_id = completed(api, clock)
    sandbox.execute(ADDON, "DELETE FROM orders WHERE id > 5")
    sandbox.next_restore_outcome(ADDON, outcome, duration=3.0)
    restore(api, backup_id)
    clock.advance(100)
    expected = "in-progress" if outcome == "stuck" else outcome
    assert api.get(f"addons/{ADDON}/restores").json()["data"]["restores"][0]["status"] == expected
    assert sandbox.query(ADDON, "SELECT count(*) FROM orders") == [(5,)]


def test_a_restore_can_be_aborted(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    backup_id = completed(api, clock)
    sandbox.execute(ADDON, "DELETE FROM orders WHERE id > 5")
    restore_id = restore(api, backup_id)
    clock.advance(5)
    path = f"{BACKUPS}/{backup_id}/abort-restore"
    assert api.post(path, {"restoreId": "unknown"}).json()["error"]["id"] == "restore_not_found"
    assert api.post(path, {"restoreId": 1}).status_code == 400
    assert api.post(path, {"restoreId": restore_id}).json() == {"data": {}}
    assert sandbox.restores(ADDON)[0]["status"] == "aborting"
    clock.advance(100)
    assert sandbox.restores(ADDON)[0]["status"] == "aborted"
    assert sandbox.query(ADDON, "SELECT count(*) FROM orders") == [(5,)]
    assert api.post(path, {"restoreId": restore_id}).json()["error"]["id"] == "restore_not_active"


def test_a_snapshot_brings_the_addons_version_back_and_a_dump_does_not(
    sandbox: Sandbox, clock: VirtualClock, api: Api
) -> None:
    snapshot, dump = completed(api, clock), completed(api, clock, name="def", backupType="dump")
    sandbox.set_addon_version(ADDON, "17.0.0")

    def version() -> str:
        return str(api.get(f"addons/{ADDON}").json()["data"]["spec"]["config"]["versionTag"])

    restore(api, dump)
    clock.advance(10)
    assert version() == "17.0.0"
    restore(api, snapshot)
    clock.advance(10)
    assert version() == "16.4.0"


@pytest.mark.parametrize("counts", [True, False])
def test_a_backup_can_be_restored_into_another_addon(
    clock: VirtualClock, connect: Callable[..., Api], counts: bool
) -> None:
    assumptions = Assumptions(last_restore_counts_other_addons=counts)
    with Sandbox(clock=clock, assumptions=assumptions, duration=10) as sandbox:
        api = connect(sandbox)
        backup_id = completed(api, clock)
        path = f"/v1/projects/staging-project/addons/postgres-staging/backups/{backup_id}"
        source = {"sourceProjectId": "default-project", "sourceAddonId": ADDON}
        sandbox.execute("postgres-staging", "DELETE FROM orders")
        assert api.post(f"{path}/restore").status_code == 404
        restore_id = api.post(f"{path}/restore", **source).json()["data"]["restoreId"]
        clock.advance(10)
        assert sandbox.query("postgres-staging", COUNT) == sandbox.query(ADDON, COUNT)
        assert [each["id"] for each in api.get(f"{path}/restores", **source).json()["data"]["restores"]] == [restore_id]
        assert api.get(f"{path}/restores").status_code == 404
        assert sandbox.restores(ADDON) == []
        assert ("lastRestore" in sandbox.backups(ADDON)[0]) is counts
        wrong_type = api.post(f"addons/mysql-orders/backups/{backup_id}/restore", sourceAddonId=ADDON)
        assert wrong_type.json()["error"]["id"] == "addon_type_differs"


def test_the_restore_of_a_dump_has_a_log(clock: VirtualClock, api: Api) -> None:
    backup_id = completed(api, clock, backupType="dump")
    restore_id = restore(api, backup_id)
    clock.advance(10)
    lines = api.get(f"{BACKUPS}/{backup_id}/restores/{restore_id}/logs").json()["data"]
    assert len(lines) == 3
    assert api.get(f"{BACKUPS}/{backup_id}/restores/unknown/logs").status_code == 404


def test_addons_come_and_go(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_addon("mysql-new", type="mysql", tags=["fresh"])
    assert api.get("addons/mysql-new").json()["data"]["tags"] == ["fresh"]
    assert sandbox.addon_ids[-1] == "mysql-new"
    sandbox.remove_addon("mysql-new")
    assert api.get("addons/mysql-new").status_code == 404
    with pytest.raises(KeyError, match="mysql-new"):
        sandbox.backups("mysql-new")


def test_the_data_is_gone_when_the_sandbox_is(clock: VirtualClock) -> None:
    with Sandbox(clock=clock) as sandbox:
        database = sandbox.database(ADDON)
        assert database.is_file()
    assert not database.parent.exists()
