# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that is stopped at any point: the next run finds what it has started, and starts no second one.

Real processes, stopped at barriers in the sandbox. Nothing waits for a fixed time.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import harness
from sandbox import Sandbox, SystemClock

ADDON = "postgres-main"
MODULE = "ansible_collections.northflank.cloud.plugins.modules.addon_backup"
# Where the task is when it is stopped: the request, and whether the server has acted on it.
POINTS = {
    "before the request takes effect": ("POST", r"/backups$", "before"),
    "before the answer comes": ("POST", r"/backups$", "after"),
    "while it waits": ("GET", r"/backups/[^/]+$", "before"),
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=SystemClock(), duration=3600.0) as server:
        yield server


def start(sandbox: Sandbox, folder: Path, addon_id: str | list[str] = ADDON) -> subprocess.Popen[str]:
    arguments = {"project_id": sandbox.project_id, "addon_id": addon_id, "name": "Before release", "api_timeout": 3}
    file = folder / "arguments.json"
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), encoding="utf-8")
    env = harness.clean_environment(NORTHFLANK_API_URL=sandbox.url, NORTHFLANK_API_TOKEN=sandbox.token)
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, str(file)],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _errors = process.communicate(timeout=120)
    result: dict[str, Any] = json.loads(output)
    return result


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
@pytest.mark.parametrize("point", POINTS)
def test_the_next_run_finds_the_backup(sandbox: Sandbox, tmp_path: Path, point: str, how: signal.Signals) -> None:
    method, path, when = POINTS[point]
    here = sandbox.hold(method, path, when)
    process = start(sandbox, tmp_path)
    here.wait_for(1)
    process.send_signal(how)
    output, errors = process.communicate(timeout=120)
    assert process.returncode != 0
    assert sandbox.token not in output + errors
    # A request that is on its way takes effect after its sender is gone.
    acted = sandbox.hold("POST", r"/backups$", "after") if (method, when) == ("POST", "before") else None
    here.release()
    if acted is not None:
        acted.wait_for(1)
        acted.release()
    (made,) = sandbox.backups(ADDON)
    look = sandbox.hold("GET", r"/backups/[^/]+$")
    again = start(sandbox, tmp_path)
    look.wait_for(1)
    sandbox.set_status(ADDON, made["id"], "completed")
    look.release()
    result = result_of(again)
    assert not result.get("failed"), result
    assert (result["changed"], result["backup"]["action"], result["backup"]["status"]) == (False, "joined", "completed")
    assert [held["uid"] for held in sandbox.backups(ADDON)] == [made["uid"]] == [result["backup"]["uid"]]


def test_ctrl_c_stops_all_members_of_a_set_where_they_are(sandbox: Sandbox, tmp_path: Path) -> None:
    addon_ids = [ADDON, "mysql-orders"]
    here = sandbox.hold("POST", r"/backups$", "after")
    process = start(sandbox, tmp_path, addon_ids)
    here.wait_for(2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    sandbox.clear_log()
    here.release()
    assert process.returncode != 0
    assert [len(sandbox.backups(addon_id)) for addon_id in addon_ids] == [1, 1]
    assert sandbox.requests == []


def test_two_at_once_both_succeed_keep_both_and_a_later_run_names_the_other(sandbox: Sandbox, tmp_path: Path) -> None:
    """The API has no lock, so two requests at one moment make two backups. None of them is thrown away."""
    here = sandbox.hold("POST", r"/backups$", "before")
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    both = [start(sandbox, folder) for folder in folders]
    here.wait_for(2)
    look = sandbox.hold("GET", r"/backups/[^/]+$")
    here.release()
    look.wait_for(2)
    for held in sandbox.backups(ADDON):
        sandbox.set_status(ADDON, held["id"], "completed")
    look.release()
    results = [result_of(process) for process in both]
    assert [result["changed"] for result in results] == [True, True]
    uids = {result["backup"]["uid"] for result in results}
    assert uids == {held["uid"] for held in sandbox.backups(ADDON)}
    assert len(uids) == 2
    later = result_of(start(sandbox, tmp_path))
    assert (later["changed"], later["backup"]["action"]) == (False, "reused")
    assert {later["backup"]["id"], *later["backup"]["duplicates"]} == {held["id"] for held in sandbox.backups(ADDON)}
