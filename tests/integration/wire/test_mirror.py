# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder of all dumps: what is missing comes, what is gone goes, and what a person put there is never touched."""

from __future__ import annotations

import fcntl
import hashlib
import json
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_mirror

import harness
from sandbox import Fault, Sandbox, StoreFault, VirtualClock

from .conftest import ADDON, Task

LIST, LOCK = ".northflank-mirror.json", ".northflank-mirror.lock"
ONE = "default-project_postgres-main_20260301T110000Z_one.gz"
TWO = "default-project_postgres-main_20260301T113000Z_two.zst"
OTHER = "default-project_mysql-orders_20260301T110000Z_one.gz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "dumps"
    place.mkdir()
    return place


@pytest.fixture
def dumps(sandbox: Sandbox) -> None:
    """Three dumps, and what is none."""
    sandbox.add_backup(ADDON, name="One", backup_type="dump", age=3600)
    sandbox.add_backup(ADDON, name="Two", backup_type="dump", compression_type="zstd", age=1800)
    sandbox.add_backup("mysql-orders", name="One", backup_type="dump", age=3600)
    sandbox.add_backup(ADDON, name="A snapshot")
    sandbox.add_backup(ADDON, name="Failed", backup_type="dump", status="failed")
    sandbox.add_backup(ADDON, name="Under way", backup_type="dump", status="in-progress", age=1)
    sandbox.add_backup("postgres-staging", name="One", backup_type="dump", project_id="staging-project")


@pytest.fixture
def mirror(sandbox: Sandbox, clock: VirtualClock, folder: Path, dumps: None) -> Task:  # noqa: ARG001  # has to be there
    return partial(harness.run_task, addon_backup_mirror, sandbox, clock, dest=str(folder))


def names(folder: Path) -> set[str]:
    """The files in a folder, without those that a mirror has for itself."""
    return {path.name for path in folder.iterdir()} - {LIST, LOCK}


def actions(ran: harness.Ran) -> dict[str, str]:
    return {file["name"]: file["action"] for file in ran.result["files"]}


def reasons(ran: harness.Ran) -> dict[str, Any]:
    return {file["name"]: file["reason"] for file in ran.result["files"]}


def listed(folder: Path) -> dict[str, Any]:
    files: dict[str, Any] = json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]
    return files


def tampered(folder: Path, **files: Any) -> None:
    """Change the list by hand."""
    text = json.dumps({"version": 1, "files": {**listed(folder), **files}})
    (folder / LIST).write_text(text, encoding="utf-8")


def test_all_completed_dumps_come_and_a_second_run_changes_nothing(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    ran = mirror(_diff=True)
    assert not ran.failed, ran.result
    assert actions(ran) == {ONE: "downloaded", TWO: "downloaded", OTHER: "downloaded"}
    assert names(folder) == {ONE, TWO, OTHER}
    assert (folder / TWO).read_bytes() == sandbox.file(ADDON, "two")
    assert (folder / OTHER).read_bytes() == sandbox.file("mysql-orders", "one")
    assert ran.result["diff"] == {"before": [], "after": sorted([ONE, TWO, OTHER])}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    for file in ran.result["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (file["size"], file["checksum"]) == (len(content), hashlib.sha256(content).hexdigest())
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    sandbox.clear_log()
    again = mirror()
    assert (again.changed, set(actions(again).values())) == (False, {"present"})
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert sandbox.store_requests == []
    assert again.result["requests"] == 1 + 7


def test_only_the_addons_that_were_chosen(mirror: Task, folder: Path) -> None:
    assert mirror(addon_id=["mysql-orders"]).changed
    assert names(folder) == {OTHER}
    mirror(addon_id=[ADDON])
    assert names(folder) == {ONE, TWO, OTHER}


def test_several_projects_share_a_folder(mirror: Task, folder: Path) -> None:
    mirror()
    mirror(project_id="staging-project")
    assert len(names(folder)) == 4
    assert not mirror().changed
    assert len(names(folder)) == 4


def test_what_the_api_no_longer_has_goes(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    mirror()
    sandbox.remove_backup(ADDON, "one")
    ran = mirror(_diff=True)
    assert (ran.changed, actions(ran)[ONE]) == (True, "deleted")
    assert ran.result["diff"] == {"before": sorted([ONE, TWO, OTHER]), "after": sorted([TWO, OTHER])}
    assert names(folder) == {TWO, OTHER}
    assert ONE not in listed(folder)
    assert not mirror().changed


def test_without_delete_it_stays(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    mirror()
    sandbox.remove_backup(ADDON, "one")
    ran = mirror(delete=False)
    assert (ran.changed, actions(ran)[ONE]) == (False, "kept")
    assert ONE in names(folder)


def test_what_a_person_put_there_is_never_touched(sandbox: Sandbox, mirror: Task, folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / "default-project_postgres-main_20200101T000000Z_mine.gz").write_bytes(b"mine")
    (folder / ONE).write_bytes(b"mine")
    (folder / TWO).symlink_to(precious)
    ran = mirror()
    assert ran.failed
    assert ran.changed
    assert actions(ran) == {ONE: "failed", TWO: "failed", OTHER: "downloaded"}
    assert "2 of 3 files are not as they should be" in ran.msg
    assert f"{ONE}: a file that was not put there by a mirror has its name" in ran.msg
    assert (folder / ONE).read_bytes() == b"mine"
    assert precious.read_bytes() == b"precious"
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"
    for backup_id in ("one", "two"):
        sandbox.remove_backup(ADDON, backup_id)
    assert not mirror().failed
    assert len(names(folder)) == 5


@pytest.mark.parametrize("changed", [b"longer than it was" * 1000, None])
def test_what_was_changed_since_is_neither_replaced_nor_deleted(
    sandbox: Sandbox, mirror: Task, folder: Path, changed: bytes | None
) -> None:
    mirror()
    content = changed or bytes((folder / ONE).stat().st_size)
    (folder / ONE).write_bytes(content)
    # Of the same length, it is noticed only when it would be deleted.
    assert mirror().failed == (changed is not None)
    assert (folder / ONE).read_bytes() == content
    sandbox.remove_backup(ADDON, "one")
    ran = mirror()
    assert not ran.failed
    assert (ran.changed, actions(ran)[ONE]) == (False, "kept")
    assert "not as it was put there" in reasons(ran)[ONE]
    assert (folder / ONE).read_bytes() == content


def test_a_link_to_a_file_that_somebody_has_moved_is_no_file_of_a_mirror(
    sandbox: Sandbox, mirror: Task, folder: Path, tmp_path: Path
) -> None:
    mirror()
    (folder / ONE).rename(tmp_path / "moved")
    (folder / ONE).symlink_to(tmp_path / "moved")
    assert actions(mirror())[ONE] == "failed"
    sandbox.remove_backup(ADDON, "one")
    assert actions(mirror())[ONE] == "kept"
    assert (folder / ONE).is_symlink()


def test_what_was_taken_away_comes_again_or_is_forgotten(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    mirror()
    (folder / ONE).unlink()
    (folder / TWO).unlink()
    sandbox.remove_backup(ADDON, "two")
    ran = mirror()
    assert actions(ran) == {ONE: "downloaded", OTHER: "present"}
    assert set(listed(folder)) == {ONE, OTHER}


def test_the_dumps_of_an_addon_that_is_gone_are_kept_and_that_is_said(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    mirror()
    sandbox.remove_addon("mysql-orders")
    ran = mirror()
    assert (ran.changed, actions(ran)[OTHER]) == (False, "kept")
    assert "no longer exist" in str(ran.warnings)
    assert "mysql-orders" in str(ran.warnings)
    assert OTHER in names(folder)


def test_one_that_fails_keeps_no_other_from_coming_and_every_one_from_going(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    mirror(addon_id=["mysql-orders"])
    sandbox.remove_backup("mysql-orders", "one")
    sandbox.set_file(ADDON, "one", b"\x1f\x8b broken")
    ran = mirror()
    assert ran.failed
    assert ran.changed
    assert actions(ran) == {ONE: "failed", TWO: "downloaded", OTHER: "kept"}
    assert "is not to be relied on" in ran.msg
    assert names(folder) == {TWO, OTHER}
    assert "another dump could not be downloaded" in reasons(ran)[OTHER]


def test_what_has_come_before_the_deadline_is_kept(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    sandbox.store_fault(StoreFault(kind="slow", at=100, delay=60, turn=2, times=None))
    ran = mirror(wait_timeout=120, concurrency=1)
    assert ran.failed
    assert len(names(folder)) == 1
    assert "are used up" in ran.msg
    sandbox.clear_faults()
    assert not mirror().failed
    # With the one that was under way, which is complete by now.
    assert names(folder) > {ONE, TWO, OTHER}


def test_a_file_that_comes_into_being_meanwhile_is_not_replaced(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    sandbox.store_fault(StoreFault(kind="error"))
    ran = mirror(addon_id=["mysql-orders"], on_sleep=lambda _seconds: (folder / OTHER).write_bytes(b"mine"))
    assert ran.failed
    assert "a file that was not put there by a mirror has its name" in ran.msg
    assert (folder / OTHER).read_bytes() == b"mine"
    assert not (folder / LIST).exists()
    assert names(folder) == {OTHER}


def test_several_come_at_once(sandbox: Sandbox, mirror: Task) -> None:
    here = sandbox.hold("GET", r"/download-link$")
    seen: list[int] = []

    def look() -> None:
        here.wait_for(3)
        seen.append(3)
        here.release()

    watcher = threading.Thread(target=look)
    watcher.start()
    ran = mirror(concurrency=3)
    watcher.join()
    assert not ran.failed, ran.result
    assert seen == [3]


def test_check_mode_tells_and_leaves_everything_as_it_is(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    planned = mirror(_check_mode=True)
    assert (planned.changed, set(actions(planned).values())) == (True, {"downloaded"})
    assert list(folder.iterdir()) == []
    mirror()
    sandbox.remove_backup(ADDON, "one")
    planned = mirror(_check_mode=True)
    assert (planned.changed, actions(planned)[ONE]) == (True, "deleted")
    assert ONE in names(folder)
    assert {request.method for request in sandbox.requests} == {"GET"}


BAD_LISTS = {
    "no JSON": "{",
    "no object": "[]",
    "another version": '{"version": 2, "files": {}}',
    "no files": '{"version": 1}',
    "a file without facts": '{"version": 1, "files": {"a.gz": {}}}',
    "a name that leads out": json.dumps(
        {
            "version": 1,
            "files": {
                "../precious": {
                    "project_id": "default-project",
                    "addon_id": ADDON,
                    "backup_id": "x",
                    "key": "x",
                    "size": 8,
                    "checksum": hashlib.sha256(b"precious").hexdigest(),
                }
            },
        }
    ),
}


@pytest.mark.parametrize("text", BAD_LISTS.values(), ids=BAD_LISTS)
def test_a_list_that_cannot_be_trusted_stops_everything(
    sandbox: Sandbox, mirror: Task, folder: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (folder / LIST).write_text(text, encoding="utf-8")
    ran = mirror()
    assert ran.failed
    assert "cannot be used" in ran.msg
    assert (tmp_path / "precious").exists()
    assert names(folder) == set()
    assert sandbox.requests == []


@pytest.mark.parametrize("name", ["/etc/passwd", "..", ".", "", "a/b", ".hidden", "a\n", "a" * 256])
def test_no_name_of_a_list_leads_elsewhere(mirror: Task, folder: Path, name: str) -> None:
    mirror()
    tampered(folder, **{name: listed(folder)[ONE]})
    ran = mirror()
    assert ran.failed
    assert "makes no sense" in ran.msg


def test_one_run_at_a_time(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ran = mirror()
        assert ran.failed
        assert "Another run is at work" in ran.msg
        assert sandbox.requests == []
    assert not mirror().failed


def test_a_folder_that_is_none_is_refused_before_the_first_request(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    for bad, words in ((f"{folder}/nowhere", "must be a folder that exists"), ("", "must not be empty")):
        ran = mirror(dest=bad)
        assert ran.failed
        assert words in ran.msg
    assert "1 to 16" in mirror(concurrency=17).msg
    assert "at least 1 second" in mirror(wait_timeout=0).msg
    assert "addon_id" in mirror(addon_id=["a/b"]).msg
    assert sandbox.requests == []


def test_what_has_no_room_does_not_begin(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    sandbox.add_backup(ADDON, name="Huge", backup_type="dump", size=10**17)
    assert "too little room" in mirror(_check_mode=True).msg
    assert "too little room" in mirror().msg
    assert names(folder) == set()
    assert sandbox.store_requests == []


def test_an_id_that_would_lead_out_of_the_folder_gets_no_file(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    held = sandbox.add_backup("mongo-events", name="Odd", backup_type="dump")
    page = {"data": {"backups": [{**held, "id": "../../odd"}]}, "pagination": {"hasNextPage": False, "count": 1}}
    sandbox.fault(Fault(method="GET", path="/mongo-events/backups$", kind="wrong-type", body=page, times=None))
    ran = mirror()
    assert ran.failed
    assert actions(ran)["../../odd"] == "failed"
    assert names(folder) == {ONE, TWO, OTHER}
    assert [path.name for path in folder.parent.iterdir()] == ["dumps"]


def test_a_project_or_an_addon_that_does_not_exist(mirror: Task) -> None:
    assert "Did you mean 'default-project'?" in mirror(project_id="defualt-project").msg
    assert "Did you mean 'postgres-main'?" in mirror(addon_id=["postgres-mian"]).msg
