# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role, as playbooks run it: what a deployment destroys is back, and what is said about it is true."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import harness
from sandbox import Sandbox, SystemClock

ADDONS = ["postgres-main", "mysql-orders"]
VARIABLES = {
    "pre_deploy_snapshot_project_id": "default-project",
    "pre_deploy_snapshot_release": "build-117",
    "pre_deploy_snapshot_addon_ids": ADDONS,
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Backups and restores are complete at the first look: the playbooks run as programs, on the real clock."""
    with Sandbox(clock=SystemClock(), duration=0.0) as server:
        yield server


def role(entry: str) -> dict[str, Any]:
    task: dict[str, Any] = {"name": "northflank.cloud.pre_deploy_snapshot"}
    return {"name": entry, "ansible.builtin.include_role": {**task, "tasks_from": entry}}


def play(sandbox: Sandbox, folder: Path, tasks: list[dict[str, Any]], *flags: str, **extra: Any) -> tuple[int, str]:
    """Run tasks as a play of a process of its own."""
    book = [{"name": "Test", "hosts": "localhost", "gather_facts": False, "vars": VARIABLES, "tasks": tasks, **extra}]
    (folder / "play.yml").write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
    ended = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "play.yml", *flags],
        cwd=folder,
        env=harness.clean_environment(
            HOME=str(folder),
            NORTHFLANK_API_URL=sandbox.url,
            NORTHFLANK_API_TOKEN=sandbox.token,
            ANSIBLE_NOCOLOR="1",
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert sandbox.token not in ended.stdout + ended.stderr
    return ended.returncode, ended.stdout + ended.stderr


def rows(sandbox: Sandbox) -> list[Any]:
    return [sandbox.query(addon_id, "SELECT * FROM customers ORDER BY 1") for addon_id in ADDONS]


def names(sandbox: Sandbox, addon_id: str = "postgres-main") -> list[str]:
    return [backup["name"] for backup in sandbox.backups(addon_id)]


def destroy(sandbox: Sandbox) -> None:
    for addon_id in ADDONS:
        sandbox.execute(addon_id, "DELETE FROM customers")


def test_a_snapshot_then_a_rollback_from_another_process_then_the_same_again(sandbox: Sandbox, tmp_path: Path) -> None:
    before = rows(sandbox)
    code, output = play(sandbox, tmp_path, [role("main")])
    assert code == 0, output
    (taken,) = names(sandbox)
    assert taken.startswith("pre-deploy-build-117-")
    assert names(sandbox, "mysql-orders") == [taken]
    destroy(sandbox)
    code, output = play(sandbox, tmp_path, [role("rollback")])
    assert code == 0, output
    assert rows(sandbox) == before
    assert "loses everything that was written since" in output
    assert [name.split("-")[1] for name in names(sandbox)] == ["deploy", "rollback"]
    restores = len(sandbox.restores("postgres-main"))
    code, output = play(sandbox, tmp_path, [role("rollback")])
    assert code == 0, output
    assert "nothing put back" in output
    assert len(sandbox.restores("postgres-main")) == restores
    code, output = play(sandbox, tmp_path, [role("main")])
    assert code == 0, output
    assert names(sandbox)[-1] == f"{taken}-2"


def test_a_deployment_that_fails_is_put_back_in_the_same_play(sandbox: Sandbox, tmp_path: Path) -> None:
    before = rows(sandbox)
    migrate = {
        "name": "A migration that destroys data",
        "become": False,
        "ansible.builtin.command": {
            "argv": [
                sys.executable,
                "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM customers'); c.commit()",
                str(sandbox.database("postgres-main")),
            ]
        },
    }
    fail = {"name": "It fails", "ansible.builtin.fail": {"msg": "on purpose"}}
    deploy = {"name": "Deploy", "block": [migrate, fail], "rescue": [role("rollback")]}
    code, output = play(sandbox, tmp_path, [role("main"), deploy], become=True)
    assert code == 0, output
    assert rows(sandbox) == before
    assert "postgres-main" in output


def test_when_the_snapshot_fails_nothing_is_deployed_and_nothing_restored(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.next_outcome("mysql-orders", "failed")
    code, output = play(sandbox, tmp_path, [{"name": "x", "block": [role("main")], "rescue": [role("rollback")]}])
    assert code != 0
    assert "of addon mysql-orders ended as 'failed'" in output
    assert "there is nothing of its own to go back to" in output
    assert sandbox.restores("postgres-main") == []
    assert len(sandbox.backups("postgres-main")) == 1


def test_check_mode_works_from_end_to_end_and_sends_only_get_requests(sandbox: Sandbox, tmp_path: Path) -> None:
    code, output = play(sandbox, tmp_path, [role("main"), role("rollback")], "--check")
    assert code == 0, output
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_a_rollback_that_cannot_keep_what_is_there_stops_and_prints_the_command(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    play(sandbox, tmp_path, [role("main")])
    sandbox.next_outcome("postgres-main", "failed")
    code, output = play(sandbox, tmp_path, [role("rollback")])
    assert code != 0
    assert sandbox.restores("postgres-main") == []
    assert "-e pre_deploy_snapshot_rollback_safety=false" in output


def test_a_rollback_that_fails_half_way_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    play(sandbox, tmp_path, [role("main")])
    sandbox.next_restore_outcome("mysql-orders", "failed")
    code, output = play(sandbox, tmp_path, [role("rollback")])
    assert code != 0
    assert "1 of 2 addons are NOT put back. Put back: postgres-main." in output


def test_one_set_for_many_hosts_in_batches(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[all]\na\nb\nc\n[all:vars]\nansible_connection=local\n", encoding="utf-8")
    show = {"name": "x", "ansible.builtin.assert": {"that": "pre_deploy_snapshot_backups | length == 2"}}
    code, output = play(sandbox, tmp_path, [role("main"), show], "-i", "hosts", hosts="all", serial=2)
    assert code == 0, output
    assert len(sandbox.backups("postgres-main")) == 1


@pytest.mark.parametrize("release", ["", 1.10])
def test_a_release_that_names_nothing_is_refused_before_anything_is_sent(
    sandbox: Sandbox, tmp_path: Path, release: Any
) -> None:
    code, output = play(sandbox, tmp_path, [role("main")], vars={**VARIABLES, "pre_deploy_snapshot_release": release})
    assert code != 0
    assert "release must" in output
    assert sandbox.requests == []


def test_the_playbooks_run_by_name(sandbox: Sandbox, tmp_path: Path) -> None:
    """Over all addons of the project, for a release with characters that no backup's name can have."""
    question = "SELECT * FROM customers ORDER BY 1"
    before = sandbox.query("redis-cache", question)
    variables = '{"project_id": "default-project", "pre_deploy_snapshot_exclude": ["postgres-paused"]}'
    for name in ("snapshot", "rollback"):
        ended = subprocess.run(
            [
                str(Path(sys.executable).parent / "ansible-playbook"),
                f"northflank.cloud.{name}",
                *("-e", variables, "-e", "release=v2.4/\u00e4_x"),
            ],
            cwd=tmp_path,
            env=harness.clean_environment(
                HOME=str(tmp_path), NORTHFLANK_API_URL=sandbox.url, NORTHFLANK_API_TOKEN=sandbox.token
            ),
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        if name == "snapshot":
            sandbox.execute("redis-cache", "DELETE FROM customers")
    assert len(sandbox.restores("redis-cache")) == 1
    assert sandbox.query("redis-cache", question) == before
