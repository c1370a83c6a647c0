# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder of all dumps: what is missing comes, what is gone goes, and what a person put there is never touched."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_mirror

import harness
from sandbox import Fault, Sandbox, StoreFault, VirtualClock

from ..conftest import ADDON, Task

# Without that, no dump is known for one.
pytestmark = pytest.mark.assume(types_told=True)
LIST, LOCK = ".northflank-mirror.json", ".northflank-mirror.lock"
ONE = "default-project_postgres-main_20260301T110000Z_one.gz"
TWO = "default-project_postgres-main_20260301T113000Z_two.zst"
OTHER_TWO = "default-project_mysql-orders_20260301T113000Z_two.gz"
OTHER = "default-project_mysql-orders_20260301T110000Z_one.gz"


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


def lines(*names: str) -> str:
    """Names as a diff has them."""
    return "".join(f"{name}\n" for name in sorted(names))


def actions(ran: harness.Ran) -> dict[str, str]:
    return {file["name"]: file["action"] for file in ran.result["files"]}


def reasons(ran: harness.Ran) -> dict[str, Any]:
    return {file["name"]: file.get("reason") for file in ran.result["files"]}


def listed(folder: Path) -> dict[str, Any]:
    files: dict[str, Any] = json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]
    return files


def tampered(folder: Path, **files: Any) -> None:
    """Change the list by hand."""
    text = json.dumps({"version": 2, "files": {**listed(folder), **files}})
    (folder / LIST).write_text(text, encoding="utf-8")


@pytest.mark.assume(max_page_size_served=None)
def test_all_completed_dumps_come_and_a_second_run_changes_nothing(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    ran = mirror(_diff=True)
    assert not ran.failed, ran.result
    assert actions(ran) == {ONE: "downloaded", TWO: "downloaded", OTHER: "downloaded"}
    assert names(folder) == {ONE, TWO, OTHER}
    assert (folder / TWO).read_bytes() == sandbox.file(ADDON, "two")
    assert (folder / OTHER).read_bytes() == sandbox.file("mysql-orders", "one")
    assert ran.result["diff"] == {"before": "", "after": lines(ONE, TWO, OTHER)}
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
    assert ran.result["diff"] == {"before": lines(ONE, TWO, OTHER), "after": lines(TWO, OTHER)}
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
    # One cause is told once, with all files that it hit.
    assert ran.msg == (
        f"The mirror in {folder} is not complete: 2 of 3 files are not as they should be ({ONE}, {TWO}): another file, "
        "which no mirror created, has its name. Complete files were kept. Run the same task again to continue."
    )
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
    assert "was changed after it was downloaded" in reasons(ran)[ONE]
    assert (folder / ONE).read_bytes() == content


EMPTY = {"data": {"backups": []}, "pagination": {"hasNextPage": False, "count": 0}}


def many(sandbox: Sandbox, count: int = 5) -> None:
    """Further dumps of one addon."""
    for number in range(count):
        sandbox.add_backup("mongo-events", name=f"Nightly {number}", backup_type="dump", age=7200 + 60 * number)


def all_gone(sandbox: Sandbox) -> None:
    for request in ("one", "two"):
        sandbox.remove_backup(ADDON, request)
    sandbox.remove_backup("mysql-orders", "one")
    for number in range(5):
        sandbox.remove_backup("mongo-events", f"nightly-{number}")


@pytest.mark.parametrize("addon_id", [None, ["mongo-events", ADDON]])
def test_a_list_that_is_empty_by_a_fault_takes_no_file_away(
    sandbox: Sandbox, mirror: Task, folder: Path, addon_id: list[str] | None
) -> None:
    many(sandbox)
    mirror()
    before = names(folder)
    sandbox.fault(Fault(method="GET", path="/backups$", kind="wrong-type", body=EMPTY, times=None))
    for check_mode in (True, False):
        ran = mirror(addon_id=addon_id, max_delete_share=1, _check_mode=check_mode)
        assert (ran.failed, ran.changed, set(actions(ran).values())) == (False, False, {"kept"}), ran.result
        assert "the API still has it" in reasons(ran)[ONE]
    assert names(folder) == before


def test_where_all_is_gone_a_run_stops_and_names_the_option(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    many(sandbox)
    mirror()
    before = names(folder)
    all_gone(sandbox)
    for check_mode in (True, False):
        ran = mirror(_check_mode=check_mode)
        assert (ran.failed, ran.changed, set(actions(ran).values())) == (True, False, {"kept"}), ran.result
        assert "4 of 5 files of mongo-events" in ran.msg
        assert "max_delete_share" in ran.msg
        assert "too many files" in reasons(ran)["default-project_mongo-events_20260301T095600Z_nightly-4.gz"]
    assert names(folder) == before


def test_with_the_option_all_but_the_newest_of_each_addon_goes(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    many(sandbox)
    mirror()
    all_gone(sandbox)
    ran = mirror(max_delete_share=1)
    assert not ran.failed, ran.result
    left = {TWO, OTHER, "default-project_mongo-events_20260301T100000Z_nightly-0.gz"}
    assert names(folder) == left
    assert {name for name, action in actions(ran).items() if action == "kept"} == left
    assert "newest dump of its addon" in reasons(ran)[TWO]
    assert not mirror().changed


def test_what_is_new_comes_also_where_too_much_would_go(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    many(sandbox)
    mirror(addon_id=["mongo-events"])
    for number in range(5):
        sandbox.remove_backup("mongo-events", f"nightly-{number}")
    ran = mirror()
    assert (ran.failed, ran.changed) == (True, True)
    assert {ONE, TWO, OTHER} < names(folder)
    assert len(names(folder)) == 8


@pytest.mark.parametrize(("share", "is_right"), [(0, False), (-0.5, False), (1.01, False), (1, True), (0.01, True)])
def test_a_share_is_above_0_and_at_most_1(sandbox: Sandbox, mirror: Task, share: float, is_right: bool) -> None:
    ran = mirror(max_delete_share=share)
    assert ran.failed != is_right
    assert ("max_delete_share must be above 0" in ran.result.get("msg", "")) != is_right
    assert bool(sandbox.requests) == is_right


@pytest.mark.assume(max_page_size_served=None)
def test_one_backup_is_asked_for_where_a_file_is_to_go(sandbox: Sandbox, mirror: Task) -> None:
    mirror()
    sandbox.remove_backup(ADDON, "one")
    sandbox.clear_log()
    assert mirror().result["requests"] == 1 + 7 + 1
    assert [request.path for request in sandbox.requests if request.path.endswith("/one")] != []


@pytest.mark.parametrize("status", ["500", "403"])
def test_where_it_cannot_be_asked_nothing_goes_and_what_is_new_comes(
    sandbox: Sandbox, mirror: Task, folder: Path, status: str
) -> None:
    mirror(addon_id=[ADDON])
    sandbox.remove_backup(ADDON, "one")
    sandbox.fault(Fault(method="GET", path="/backups/one$", kind=status, times=None))
    ran = mirror(api_retries=0)
    assert (ran.failed, ran.changed) == (True, True)
    assert names(folder) == {ONE, TWO, OTHER}
    assert f"HTTP {status}" in reasons(ran)[ONE]


def test_a_folder_of_another_api_is_left_alone(mirror: Task, folder: Path, clock: VirtualClock) -> None:
    """The same IDs, as after an export of the sandbox's address that was left in a shell."""
    mirror()
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with Sandbox(clock=clock) as other:
        for check_mode in (True, False):
            ran = harness.run_task(addon_backup_mirror, other, clock, dest=str(folder), _check_mode=check_mode)
            assert (ran.failed, ran.changed) == (True, False)
            assert f"connected to {other.url}" in ran.msg
        assert other.requests == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert not mirror().failed


def test_a_folder_of_another_team_is_left_alone(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    mirror()
    sandbox.clear_log()
    ran = mirror(team_id="other-team")
    assert ran.failed
    assert "(team other-team)" in ran.msg
    assert sandbox.requests == []
    assert names(folder) == {ONE, TWO, OTHER}


def first_version(folder: Path) -> None:
    """Let the list be as version 0.9 of the collection wrote it."""
    files = {
        name: {
            **{key: facts[key] for key in ("project_id", "addon_id", "backup_id", "size", "checksum")},
            "key": facts["uid"] or "2026-03-01T11:00:00.000Z",
        }
        for name, facts in listed(folder).items()
    }
    (folder / LIST).write_text(json.dumps({"version": 1, "files": files}), encoding="utf-8")


def test_a_list_of_version_0_9_is_read_and_then_belongs_to_the_api(
    sandbox: Sandbox, mirror: Task, folder: Path, clock: VirtualClock
) -> None:
    mirror()
    new = listed(folder)
    first_version(folder)
    sandbox.remove_backup(ADDON, "one")
    ran = mirror()
    assert (ran.failed, actions(ran)) == (False, {ONE: "deleted", TWO: "present", OTHER: "present"}), ran.result
    assert listed(folder) == {name: new[name] for name in (TWO, OTHER)}
    with Sandbox(clock=clock) as other:
        assert harness.run_task(addon_backup_mirror, other, clock, dest=str(folder)).failed


def test_a_list_of_version_0_9_that_nothing_proves_is_not_relied_on(
    mirror: Task, folder: Path, clock: VirtualClock
) -> None:
    mirror()
    first_version(folder)
    before = (folder / LIST).read_bytes()
    with Sandbox(clock=clock) as other:
        other.add_backup(ADDON, name="Three", backup_type="dump", age=5)
        ran = harness.run_task(addon_backup_mirror, other, clock, dest=str(folder))
    assert ran.failed
    assert "holds 3 dumps of project default-project that version 0.9 put there" in ran.msg
    assert names(folder) == {ONE, TWO, OTHER}
    assert (folder / LIST).read_bytes() == before


def test_a_list_that_was_lost_is_made_anew_from_the_files_that_prove_right(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    mirror()
    before = listed(folder)
    (folder / LIST).unlink()
    content = (folder / OTHER).read_bytes()
    (folder / OTHER).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    planned = mirror(_check_mode=True)
    ran = mirror()
    assert actions(ran) == actions(planned) == {OTHER: "failed"}
    assert (ran.failed, ran.changed) == (True, False)
    assert listed(folder) == {name: before[name] for name in (ONE, TWO)}
    # What was a mirror's is so again.
    (folder / OTHER).unlink()
    sandbox.remove_backup(ADDON, "one")
    assert actions(mirror()) == {ONE: "deleted", TWO: "present", OTHER: "downloaded"}


def test_what_the_api_no_longer_has_is_nobody_s_after_the_list_was_lost(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    mirror()
    (folder / LIST).unlink()
    sandbox.remove_backup(ADDON, "one")
    assert ONE not in actions(mirror())
    assert ONE in names(folder)
    assert ONE not in listed(folder)


def test_a_uid_that_the_api_sends_no_longer_changes_nothing(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    mirror(addon_id=[ADDON])
    held = [backup for backup in sandbox.backups(ADDON) if backup["config"]["source"]["type"] != "snapshot"]
    told = [{key: value for key, value in backup.items() if key != "uid"} for backup in held]
    page = {"data": {"backups": told}, "pagination": {"hasNextPage": False, "count": len(told)}}
    sandbox.fault(Fault(method="GET", path="/postgres-main/backups$", kind="wrong-type", body=page, times=None))
    ran = mirror(addon_id=[ADDON])
    assert (ran.failed, ran.changed) == (False, False), ran.result
    assert actions(ran)[ONE] == "present"
    assert ONE in names(folder)


def test_a_list_that_is_no_file_keeps_nobody_waiting(
    sandbox: Sandbox, mirror: Task, folder: Path, tmp_path: Path
) -> None:
    for place in (folder / LIST, tmp_path / "pipe"):
        os.mkfifo(place)
        for check_mode in (True, False):
            ran = mirror(_check_mode=check_mode)
            assert ran.failed
            assert "it is not a regular file" in ran.msg
        (folder / LIST).unlink()
        (folder / LIST).symlink_to(tmp_path / "pipe")
    assert sandbox.requests == []


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
    sandbox.add_backup("mysql-orders", name="Two", backup_type="dump", age=1800)
    mirror(addon_id=["mysql-orders"])
    sandbox.remove_backup("mysql-orders", "one")
    sandbox.set_file(ADDON, "one", b"\x1f\x8b broken")
    ran = mirror()
    assert ran.failed
    assert ran.changed
    assert actions(ran) == {ONE: "failed", TWO: "downloaded", OTHER: "kept"}
    assert "failed verification" in ran.msg
    assert names(folder) == {TWO, OTHER, OTHER_TWO}
    assert "another dump could not be downloaded" in reasons(ran)[OTHER]


def test_a_run_that_ends_while_dumps_come_leaves_no_part_of_them(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    """As by Ctrl-C or the keyword timeout: they end the main thread, and no other."""
    here = sandbox.hold("GET", r"/download-link$")
    sandbox.store_fault(StoreFault(kind="slow", at=100, delay=1.0, times=None))

    def interrupted() -> None:
        here.wait_for(3)
        here.release()
        while len(list(folder.glob("*.part"))) < 3:
            pass
        signal.raise_signal(signal.SIGINT)

    watcher = threading.Thread(target=interrupted)
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        mirror(concurrency=3)
    watcher.join()
    assert list(folder.glob("*.part")) == []


def test_what_a_run_that_was_killed_has_left_is_swept(mirror: Task, folder: Path) -> None:
    (folder / ".northflank-left.part").write_bytes(b"half a dump")
    mirror(_check_mode=True)
    assert (folder / ".northflank-left.part").exists()
    mirror()
    assert names(folder) == {ONE, TWO, OTHER}


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
    assert "another file, which no mirror created, has its name" in ran.msg
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
    "another version": '{"version": 3, "files": {}}',
    "no version": '{"version": true, "files": {}}',
    "no files": '{"version": 1}',
    "a file without facts": json.dumps({"version": 1, "files": {ONE: {}}}),
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
        assert "Another run is using" in ran.msg
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
    assert "Not enough space" in mirror(_check_mode=True).msg
    assert "Not enough space" in mirror().msg
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
