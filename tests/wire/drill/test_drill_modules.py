# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of restore drills, over HTTP: whom they choose, what they find left over, and which files they write."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_credentials_info,
    restore_drill_evidence,
    restore_drill_info,
)

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task
from ..fork.conftest import add, digits

FORKABLE = ["mongo-events", "mysql-orders", "postgres-main", "postgres-paused"]
MADE = {"changed": True, "fork": {"name": "drill-1"}, "backup": {"id": "nightly"}, "elapsed": 1.0, "requests": 2}
GONE = {"changed": True}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the task runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def choose(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run restore_drill_info."""
    return partial(harness.run_task, restore_drill_info, sandbox, clock, dest="drills")


@pytest.fixture
def note(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run restore_drill_evidence about a drill that has passed, but for the arguments."""
    return partial(
        harness.run_task, restore_drill_evidence, sandbox, clock, addon_id=ADDON, dest="drills", fork=MADE, deleted=GONE
    )


def chosen(ran: harness.Ran) -> list[str]:
    assert not ran.failed, ran.msg
    return [one["addon_id"] for one in ran.result["addons"]]


def test_who_was_never_drilled_or_longest_ago_comes_next(choose: Task, note: Task, clock: VirtualClock) -> None:
    assert chosen(choose(sample=10)) == FORKABLE
    for addon_id in ("mysql-orders", "mongo-events"):
        assert not note(addon_id=addon_id).failed
        clock.sleep(60)
    assert chosen(choose(sample=3)) == ["postgres-main", "postgres-paused", "mysql-orders"]
    assert chosen(choose(addon_id=["mongo-events", "mysql-orders"])) == ["mysql-orders", "mongo-events"]


def test_a_drill_that_failed_counts_so_that_it_holds_up_no_other(choose: Task, note: Task) -> None:
    assert not note(addon_id="mongo-events", deleted={}).failed
    assert chosen(choose(sample=1)) == ["mysql-orders"]


def test_the_next_drill_gets_what_the_last_has_measured(choose: Task, note: Task) -> None:
    assert choose(addon_id=[ADDON]).result["addons"] == [{"addon_id": ADDON, "drilled_at": None, "measured": None}]
    assert not note(measured={"orders": 7}).failed
    assert choose(addon_id=[ADDON]).result["addons"][0]["measured"] == {"orders": 7}


def test_a_sample_that_is_too_small_is_a_warning(choose: Task) -> None:
    (warning,) = choose(sample=1, days=2).warnings
    assert "set restore_drill_sample to 2 or more" in warning
    assert choose(sample=2, days=2).warnings == []


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "Say what to drill"),
    ({"sample": 0}, "sample must be at least 1"),
    ({"sample": 1, "days": 0}, "days must be at least 1"),
    ({"sample": 1, "leftover_age": "old"}, "leftover_age must be"),
    ({"sample": 1, "check_files": ["no-such.yml"]}, "no-such.yml does not exist, so nothing was restored"),
    ({"sample": 1, "dest": "a/b/c"}, "a/b/c is neither"),
]


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_what_cannot_work_is_refused_before_the_first_request(
    choose: Task, sandbox: Sandbox, given: dict[str, Any], words: str
) -> None:
    ran = choose(**given)
    assert ran.failed
    assert words in ran.msg
    assert sandbox.requests == []


def test_a_file_that_is_none_of_ours_is_not_replaced(choose: Task, note: Task, folder: Path) -> None:
    (folder / "drills").mkdir()
    (folder / "drills" / "drill.md").write_text("My notes", encoding="utf-8")
    for ran in (choose(sample=1), note()):
        assert ran.failed
        assert "was not written by a restore drill" in ran.msg
    assert (folder / "drills" / "drill.md").read_text(encoding="utf-8") == "My notes"


def test_a_fork_that_a_drill_has_left_is_told_with_the_command_that_removes_it(choose: Task, sandbox: Sandbox) -> None:
    backup_id = str(sandbox.add_backup(ADDON, "Nightly", age=86400)["id"])
    name = f"drill-{digits(backup_id)}-260301020000"
    add(sandbox, name, age=36000)
    add(sandbox, "drill-000000-260301020000", age=36000)
    ran = choose(sample=10)
    assert chosen(ran) == FORKABLE
    command = (
        f"ansible localhost -m northflank.cloud.addon_fork -a 'state=absent project_id=default-project "
        f"fork_name={name} source_addon_id={ADDON} backup_id={backup_id}'"
    )
    unknown, known = ran.result["leftovers"]
    assert known == {"name": name, "addon_id": ADDON, "backup_id": backup_id, "command": command}
    assert unknown["command"] == ""
    told = " ".join(ran.warnings)
    assert "made 10 h 0 m ago" in told
    assert f"To remove it: {command}" in told
    assert "delete it in Northflank's web interface" in told
    assert sandbox.writes == []


def test_a_fork_of_a_drill_that_may_still_run_is_not_left_over(choose: Task, sandbox: Sandbox) -> None:
    add(sandbox, "drill-000000-260301115000", age=600)
    assert choose(sample=1).result["leftovers"] == []
    assert len(choose(sample=1, leftover_age="5m").result["leftovers"]) == 1


def test_a_drill_leaves_two_files_and_the_run_two(note: Task, sandbox: Sandbox, folder: Path) -> None:
    first = note(addon_id="mysql-orders", deleted={})
    assert (first.changed, first.result["passed"]) == (True, False)
    second = note(earlier=[first.result["file"]], checks=[{"name": "a.yml", "passed": True}], expected=["a.yml"])
    assert second.result["passed"]
    place = folder / "drills"
    told = json.loads((place / "drill.json").read_text(encoding="utf-8"))
    assert not told["passed"]
    assert [one["addon_id"] for one in told["drills"]] == ["mysql-orders", ADDON]
    assert sorted(path.name for path in (place / "default-project" / ADDON).iterdir()) == [
        "20260301T120000Z.json",
        "20260301T120000Z.md",
    ]
    assert "# 1 of 2 restore drills passed" in (place / "drill.md").read_text(encoding="utf-8")
    assert sandbox.requests == []


def test_evidence_is_never_replaced(note: Task) -> None:
    first, second = note(), note()
    assert first.result["file"] != second.result["file"]
    assert Path(first.result["file"]).exists()


def test_a_check_that_did_not_run_is_no_success(note: Task) -> None:
    ran = note(expected=["a.yml"])
    assert ran.result["reasons"] == ["Checks did not run: a.yml."]


def test_check_mode_writes_nothing(note: Task, folder: Path) -> None:
    assert note(_check_mode=True).result["file"] is None
    assert list(folder.iterdir()) == []


def test_secrets_of_the_connection_are_in_no_file(note: Task, folder: Path, sandbox: Sandbox) -> None:
    check = {"name": "a.yml", "passed": False, "detail": f"correct-horse at {sandbox.token}"}
    ran = note(checks=[check], connection={"secrets": {"password": "correct-horse"}}, measured={"x": "correct-horse"})
    assert not ran.failed
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.is_file()]
    assert len(texts) == 4
    assert [text for text in texts if "correct-horse" in text or sandbox.token in text] == []


def test_evidence_that_cannot_be_written_fails_the_task(note: Task, folder: Path) -> None:
    (folder / "drills").mkdir()
    (folder / "drills" / "default-project").write_text("", encoding="utf-8")
    ran = note()
    assert ran.failed
    assert "The evidence of the drill could not be written" in ran.msg


def test_credentials_are_what_the_api_tells(sandbox: Sandbox, clock: VirtualClock) -> None:
    ran = harness.run_task(addon_credentials_info, sandbox, clock, addon_id=ADDON)
    assert set(ran.result["secrets"]) == {"username", "password", "database"}
    assert ran.result["envs"] == {}
    assert [request.method for request in sandbox.requests] == ["GET"]


@pytest.mark.assume(read_spec="needed")
def test_a_refusal_names_the_permission(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.deny("Project > Addons > General > Read Spec")
    ran = harness.run_task(addon_credentials_info, sandbox, clock, addon_id=ADDON)
    assert ran.failed
    assert "Project > Addons > General > Read Spec" in ran.msg


def test_an_answer_that_is_no_credentials_fails_and_is_not_shown(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.fault(Fault(path="/credentials", kind="wrong-type", times=None))
    ran = harness.run_task(addon_credentials_info, sandbox, clock, addon_id=ADDON)
    assert ran.failed


def test_without_no_log_no_secret_is_read(sandbox: Sandbox, clock: VirtualClock) -> None:
    given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token, "addon_id": ADDON}
    ran = harness.run_action("addon_credentials_info", harness.virtual(clock), given, keywords={"no_log": False})
    assert ran.failed
    assert "needs no_log: true" in ran.msg
    assert sandbox.requests == []
