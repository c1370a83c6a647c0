# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""addon_backup_report: which files it writes of which server, and what it refuses before the first request."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_report
from prometheus_client.parser import text_string_to_metric_families

import harness
from sandbox import Assumptions, Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON
from ..task.test_examples import examples

FILES = ["report.html", "report.json", "report.md", "report.prom"]
OTHER = "mysql-orders"
TOLD = pytest.mark.assume(types_told=True)
PROFILES = {"usual": Assumptions(), "spartan": Assumptions.spartan()}

Write = Callable[..., harness.Ran]


def write_of(sandbox: Sandbox, clock: VirtualClock, **arguments: Any) -> harness.Ran:
    ran = harness.run_task(addon_backup_report, sandbox, clock, **{"max_age": "1d", "dest": "report", **arguments})
    assert sandbox.writes == []
    return ran


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the task runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(sandbox: Sandbox, clock: VirtualClock) -> Write:
    return partial(write_of, sandbox, clock)


def all_backed_up(sandbox: Sandbox) -> None:
    for addon_id in sandbox.addon_ids:
        sandbox.add_backup(addon_id, name="Nightly", age=3600)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def told(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "report.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("profile", PROFILES)
def test_four_files_are_written_of_each_kind_of_server(clock: VirtualClock, place: Path, profile: str) -> None:
    with Sandbox(clock=clock, assumptions=PROFILES[profile]) as sandbox:
        all_backed_up(sandbox)
        sandbox.add_addon("empty")
        ran = write_of(sandbox, clock)
        assert not ran.failed
        assert ran.changed
        assert ran.result["files"] == [str(place / "report" / name) for name in FILES]
        assert names(place / "report") == FILES
        assert [one["addon_id"] for one in told(place / "report")["addons"] if not one["fresh"]] == ran.result["stale"]
        assert "empty" in (place / "report" / "report.html").read_text(encoding="utf-8")
        assert "| empty |" in (place / "report" / "report.md").read_text(encoding="utf-8")
        families = text_string_to_metric_families((place / "report" / "report.prom").read_text(encoding="utf-8"))
        (fresh,) = [family for family in families if family.name == "northflank_backup_fresh"]
        found = {sample.labels["addon"] for sample in fresh.samples if not sample.value}
        assert found == set(ran.result["stale"])
        assert ("empty" in found, len(found) == 1) == (True, profile == "usual")


@TOLD
def test_the_next_report_replaces_the_files(sandbox: Sandbox, clock: VirtualClock, place: Path, write: Write) -> None:
    write()
    (place / "report" / "notes.txt").write_text("mine", encoding="utf-8")
    clock.advance(3600)
    all_backed_up(sandbox)
    assert not write().failed
    assert names(place / "report") == ["notes.txt", *FILES]
    assert told(place / "report")["fresh"]
    assert told(place / "report")["generated_at"].startswith("2026-03-01T13:00")


def test_a_path_is_told_as_short_as_it_can_be(place: Path, write: Write) -> None:
    assert write(dest="../x/../report/.").failed
    assert write(dest=f"../{place.name}/report").result["folder"] == str(place / "report")


def test_files_can_be_read_by_a_monitor_that_is_another_user(place: Path, write: Write) -> None:
    before = os.umask(0o022)
    try:
        write()
    finally:
        os.umask(before)
    assert {(place / "report" / name).stat().st_mode & 0o777 for name in FILES} == {0o644}


def test_check_mode_reads_and_writes_nothing(sandbox: Sandbox, place: Path, write: Write) -> None:
    ran = write(_check_mode=True)
    assert (ran.failed, ran.changed, names(place)) == (False, True, [])
    assert ran.result["files"] == [str(place / "report" / name) for name in FILES]
    assert sandbox.requests


@TOLD
def test_a_task_that_is_told_to_fails_after_the_files_are_written(sandbox: Sandbox, place: Path, write: Write) -> None:
    all_backed_up(sandbox)
    sandbox.add_addon("empty")
    ran = write(fail_if_stale=True)
    assert ran.failed
    assert ran.msg == (
        "Not all is known to be fresh: 7 of 8 databases have a backup younger than 24 hours. "
        f"Without: empty (no backup at all). The report is in {place / 'report'}."
    )
    assert names(place / "report") == FILES
    assert ran.result["stale"] == ["empty"]
    assert not write(fail_if_stale=True, exclude=["empty"]).failed


def test_it_fails_where_nothing_was_looked_at(write: Write) -> None:
    ran = write(fail_if_stale=True, types=["postgres"])
    assert ran.failed
    assert "no database was looked at" in ran.msg
    assert not write(types=["postgres"]).failed


@TOLD
def test_it_fails_where_a_project_could_not_be_read(sandbox: Sandbox, write: Write) -> None:
    all_backed_up(sandbox)
    sandbox.fault(Fault(path="/staging-project/addons$", times=None, kind="403"))
    ran = write(project_id=["default-project", "staging-project"], fail_if_stale=True)
    assert ran.failed
    assert "Projects that could not be read: staging-project." in ran.msg


@TOLD
def test_an_addon_that_cannot_be_read_hides_no_other(sandbox: Sandbox, place: Path, write: Write) -> None:
    all_backed_up(sandbox)
    sandbox.fault(Fault(path=f"/{OTHER}/backups$", times=None, kind="500"))
    assert write().result["stale"] == [OTHER]
    assert "cannot be read: " in (place / "report" / "report.html").read_text(encoding="utf-8")


@TOLD
def test_schedules_that_cannot_be_read_make_nothing_stale_unless_they_are_required(
    sandbox: Sandbox, place: Path, write: Write
) -> None:
    all_backed_up(sandbox)
    sandbox.fault(Fault(path=f"/{OTHER}/backup-schedules$", times=None, kind="403"))
    assert write().result["stale"] == []
    schedules = {one["addon_id"]: one["schedules"] for one in told(place / "report")["addons"]}
    assert (schedules[OTHER], schedules[ADDON]) == (None, [])
    assert OTHER in write(require_schedule=True).result["stale"]


def test_where_nothing_can_be_read_the_last_report_stays(sandbox: Sandbox, place: Path, write: Write) -> None:
    write()
    before = told(place / "report")
    sandbox.revoke_token()
    assert write().failed
    assert told(place / "report") == before


def a_file(place: Path) -> str:
    (place / "report").write_text("mine", encoding="utf-8")
    return "dest must be a folder"


def no_parent(place: Path) -> str:
    (place / "report").symlink_to(place / "nowhere")
    return "dest must be a folder"


def foreign(place: Path) -> str:
    (place / "report").mkdir()
    (place / "report" / "report.json").write_text('{"mine": true}', encoding="utf-8")
    return "was not written by a report, so it is not replaced"


def a_link(place: Path) -> str:
    (place / "report").mkdir()
    (place / "mine.md").write_text("<!-- northflank.cloud backup report -->", encoding="utf-8")
    (place / "report" / "report.md").symlink_to(place / "mine.md")
    return "was not written by a report, so it is not replaced"


def a_folder(place: Path) -> str:
    (place / "report" / "report.prom").mkdir(parents=True)
    return "was not written by a report, so it is not replaced"


def an_empty_one(place: Path) -> str:
    (place / "report").mkdir()
    (place / "report" / "report.html").touch()
    return "was not written by a report, so it is not replaced"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("there", [a_file, no_parent, foreign, a_link, a_folder, an_empty_one])
def test_what_is_somebody_else_s_is_refused_before_the_first_request(
    sandbox: Sandbox, place: Path, write: Write, there: Callable[[Path], str], check: bool
) -> None:
    message = there(place)
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    ran = write(_check_mode=check)
    assert (ran.failed, ran.changed) == (True, False)
    assert message in ran.msg
    assert sandbox.requests == []
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_a_folder_that_nobody_can_write_to_is_refused_before_the_first_request(sandbox: Sandbox, write: Write) -> None:
    ran = write(dest="/proc")
    assert ran.failed
    assert ran.msg.startswith("The report cannot be written to /proc: ")
    assert sandbox.requests == []


@pytest.mark.parametrize("arguments", [{"max_age": "soon"}, {"project_id": ["a/b"]}])
def test_a_mistake_is_told_before_the_first_request(
    sandbox: Sandbox, place: Path, write: Write, arguments: dict[str, Any]
) -> None:
    assert write(**arguments).failed
    assert sandbox.requests == []
    assert names(place) == []


def test_a_file_that_comes_meanwhile_is_not_replaced(sandbox: Sandbox, clock: VirtualClock, place: Path) -> None:
    def put() -> None:
        (place / "report").mkdir()
        (place / "report" / "report.md").write_text("mine", encoding="utf-8")

    with harness.meanwhile(sandbox.hold("GET", f"/{ADDON}/backups$"), put):
        ran = write_of(sandbox, clock)
    assert ran.failed
    assert names(place / "report") == ["report.md"]
    assert (place / "report" / "report.md").read_text(encoding="utf-8") == "mine"


@TOLD
def test_text_that_is_no_text_is_written_all_the_same(sandbox: Sandbox, place: Path, write: Write) -> None:
    half = json.loads('"\\ud800"')
    bare = {"id": ADDON, "name": half, "spec": {"type": half}, "status": "running", "tags": [half]}
    sandbox.fault(Fault(path="/addons$", kind="wrong-type", body={"data": {"addons": [bare]}}))
    assert not write().failed
    assert names(place / "report") == FILES


@TOLD
def test_a_token_that_the_api_repeats_in_names_and_tags_reaches_no_file(
    sandbox: Sandbox, place: Path, write: Write
) -> None:
    sandbox.add_addon("tagged", tags=[f"tag {sandbox.token}"])
    sandbox.add_backup("tagged", name=f"Nightly {sandbox.token}", age=60)
    assert not write().failed
    found = told(place / "report")["addons"]
    assert [one["tags"] for one in found if one["addon_id"] == "tagged"] == [["tag ********"]]
    for name in FILES:
        assert sandbox.token not in (place / "report" / name).read_text(encoding="utf-8")


def test_a_secret_that_the_api_sends_reaches_no_file(sandbox: Sandbox, place: Path, write: Write) -> None:
    link = "https://storage.example.com/dump?X-Amz-Signature=0123456789abcdef0123456789abcdef"
    bare = {
        "id": "x",
        "name": link,
        "status": "completed",
        "createdAt": "2026-03-01T11:59:00.000Z",
        "config": {"source": {"type": "snapshot"}, "password": "hunter2-hunter2", "link": link},
        "accessToken": "hunter2-hunter2",
    }
    sandbox.fault(Fault(path="/backups$", times=None, kind="wrong-type", body={"data": {"backups": [bare]}}))
    assert not write(addon_id=[ADDON]).failed
    for name in FILES:
        text = (place / "report" / name).read_text(encoding="utf-8")
        assert "hunter2" not in text
        assert sandbox.token not in text


@pytest.mark.parametrize(("addons", "requests"), [(1, 3), (40, 81), (300, 606)])
def test_it_takes_two_requests_for_each_addon_and_a_few_for_all(
    clock: VirtualClock, place: Path, addons: int, requests: int
) -> None:
    assumptions = assume(max_page_size_served=None, types_told=True)
    with Sandbox(clock=clock, assumptions=assumptions, rate_limit=1000) as sandbox:
        for addon_id in sandbox.addon_ids:
            sandbox.remove_addon(addon_id)
        for number in range(addons):
            sandbox.add_addon(f"db-{number:03}")
        ran = write_of(sandbox, clock)
        assert ran.result["requests"] == len(sandbox.requests) == requests < 1000
        assert len(told(place / "report")["addons"]) == addons


def test_the_examples_work(sandbox: Sandbox, clock: VirtualClock) -> None:
    name = "northflank.cloud.addon_backup_report"
    for _title, arguments in examples(addon_backup_report.EXAMPLES, name):
        ran = write_of(sandbox, clock, **arguments)
        assert ran.failed == arguments.get("fail_if_stale", False)
