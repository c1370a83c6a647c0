# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook northflank.cloud.mirror, run by its name as a cron job would."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from plays import Job, Plays, variables_of

from sandbox import Sandbox, StoreFault

# Which backups are dumps is for the API to tell; without that, a mirror has nothing to bring.
pytestmark = pytest.mark.assume(types_told=True)


@pytest.fixture
def folder(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A folder for the dumps of two projects."""
    sandbox.add_backup("postgres-main", name="Nightly", backup_type="dump", age=3600)
    sandbox.add_backup("mysql-orders", name="Nightly", backup_type="dump", compression_type="zstd", age=1800)
    sandbox.add_backup("postgres-staging", name="Nightly", backup_type="dump", project_id="staging-project")
    place = tmp_path / "dumps"
    place.mkdir()
    return place


def start(plays: Plays, folder: Path, *flags: str, **variables: Any) -> Job:
    extra = {"project_id": ["default-project", "staging-project"], "dest": str(folder), **variables}
    return plays.start("northflank.cloud.mirror", "-e", json.dumps(extra), *flags)


def dumps(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*"))


def test_two_projects_and_a_second_run_that_changes_nothing(sandbox: Sandbox, plays: Plays, folder: Path) -> None:
    ran = start(plays, folder, "--check", "--diff").end()
    assert ran.ok, ran.output
    assert "changed=1" in ran.output
    assert "+++ after" in ran.output
    assert "+default-project_mysql-orders_" in ran.output
    assert "dispatch" not in ran.output
    assert list(folder.iterdir()) == []
    ran = start(plays, folder).end()
    assert ran.ok, ran.output
    assert len(dumps(folder)) == 3
    before = [(path, path.read_bytes(), path.stat().st_mtime_ns) for path in dumps(folder)]
    sandbox.clear_log()
    ran = start(plays, folder).end()
    assert ran.ok, ran.output
    assert "changed=0" in ran.output
    assert sandbox.store_requests == []
    assert [(path, path.read_bytes(), path.stat().st_mtime_ns) for path in dumps(folder)] == before
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_its_variables_are_the_module_s_options(sandbox: Sandbox, plays: Plays, folder: Path) -> None:
    variables = {"project_id": "default-project", "addon_ids": ["mysql-orders"]}
    sandbox.add_backup("mysql-orders", name="Earlier", backup_type="dump", age=3600)
    assert start(plays, folder, **variables).end().ok
    assert {path.suffix for path in dumps(folder)} == {".zst", ".gz"}
    sandbox.remove_backup("mysql-orders", "earlier")
    assert start(plays, folder, **variables, delete=False).end().ok
    assert len(dumps(folder)) == 2
    assert not start(plays, folder, **variables, max_delete_share=0.4).end().ok
    assert len(dumps(folder)) == 2
    assert start(plays, folder, **variables, concurrency=1, wait_timeout=60).end().ok
    assert [path.suffix for path in dumps(folder)] == [".zst"]
    # It begins as PostgreSQL's, and has no end.
    sandbox.add_backup("mysql-orders", name="Half", backup_type="dump", age=60)
    sandbox.set_file("mysql-orders", "half", gzip.compress(b"--\n-- PostgreSQL database dump\n--\n"))
    ran = start(plays, folder, **variables, verify="content", min_size_share=0.9).end()
    assert "does not end so" in ran.output
    assert not ran.ok


def test_its_variables_work_as_text(sandbox: Sandbox, plays: Plays, folder: Path) -> None:
    """As -e name=value and surveys give them; what is left open is empty."""
    text = {"addon_ids": "", "delete": "false", "concurrency": "2", "wait_timeout": "5m", "dest": str(folder)}

    def run(**changes: str) -> None:
        given = {"project_id": "default-project,staging-project", **text, **changes}
        ran = plays.start("northflank.cloud.mirror", *(f"-e{name}={value}" for name, value in given.items())).end()
        assert ran.ok, ran.output

    run(addon_ids='["mysql-orders"]', project_id='["default-project"]')
    assert [path.suffix for path in dumps(folder)] == [".zst"]
    run()
    assert len(dumps(folder)) == 3
    sandbox.remove_backup("mysql-orders", "nightly")
    run(addon_ids="mysql-orders,postgres-main", project_id="default-project", wait_timeout="")
    assert len(dumps(folder)) == 3


REQUIRED = ("project_id", "dest")
OPTIONS = ("addon_ids", "delete", "max_delete_share", "verify", "min_size_share", "concurrency", "wait_timeout")


def test_each_of_its_variables_may_be_empty_or_null(sandbox: Sandbox, plays: Plays, folder: Path) -> None:
    assert variables_of("mirror") == {*REQUIRED, *OPTIONS}
    for number, empty in enumerate(("", None)):
        ran = start(plays, folder, **dict.fromkeys(OPTIONS, empty)).end()
        assert ran.ok, ran.output
        assert len(dumps(folder)) == 3
        assert f"changed={1 - number}" in ran.output
    # What it cannot do without is told, and nothing looks as if all were well.
    sandbox.clear_log()
    for name in REQUIRED:
        for nothing in ("", None, *([[], ","] if name == "project_id" else [])):
            ran = start(plays, folder, **{name: nothing}).end()
            assert not ran.ok, nothing
            assert f"{name} must not be empty" in ran.output
    assert sandbox.requests == []


def test_a_run_that_is_killed_leaves_no_half_dump_and_the_next_one_goes_on(
    sandbox: Sandbox, plays: Plays, folder: Path
) -> None:
    sandbox.store_fault(StoreFault(kind="error", status=403, turn=2))
    here = sandbox.hold("GET", r"/backups/nightly$")
    job = start(plays, folder, project_id="default-project", concurrency=1)
    here.wait_for(1)
    job.kill()
    here.release()
    assert len(dumps(folder)) == 1
    ran = start(plays, folder, project_id="default-project").end()
    assert ran.ok, ran.output
    contents = [sandbox.file(addon_id, "nightly") for addon_id in ("mysql-orders", "postgres-main")]
    assert [path.read_bytes() for path in dumps(folder)] == contents
