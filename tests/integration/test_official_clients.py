# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Northflank's own clients, at work on the sandbox: what they take for the API cannot be far from it."""

from __future__ import annotations

import base64
import fcntl
import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests

import harness
from sandbox import Sandbox, TickingClock

from .test_readme import CLIENT_ONLY, MIGRATING, blocks

HERE = Path(__file__).resolve().parent / "clients"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "node"
ADDON = "postgres-main"
# Nothing but the sandbox is to be asked, also not by a client that looks for updates of itself.
NO_WAY_OUT = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="Northflank's own clients need Node.js with npm")


@pytest.fixture(scope="module")
def clients() -> Path:
    """The folder with the clients, installed once for each version of package.json."""
    package = (HERE / "package.json").read_bytes()
    place = CACHE / sha256(package).hexdigest()[:12]
    place.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / ".complete").exists():
            (place / "package.json").write_bytes(package)
            command = [
                "npm",
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--no-package-lock",
            ]
            ended = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=300)
            if ended.returncode != 0:
                pytest.skip("Northflank's own clients could not be installed; is the network reachable?")
            (place / ".complete").touch()
    return place


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Its clock moves on with each request, so that nobody has to wait for a backup."""
    with Sandbox(clock=TickingClock(step=1.0), duration=3.0) as server:
        yield server


def run(sandbox: Sandbox, clients: Path, home: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    env = harness.clean_environment(
        HOME=str(home),
        CLIENTS=str(clients),
        SANDBOX_URL=sandbox.url,
        SANDBOX_TOKEN=sandbox.token,
        SANDBOX_READ_TOKEN=sandbox.read_token,
        **NO_WAY_OUT,
    )
    return subprocess.run(
        command, cwd=home, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
    )


def paths(sandbox: Sandbox, method: str) -> list[str]:
    """The ends of the paths behind the addon that were asked for with a method, one after the other."""
    marker = f"/addons/{ADDON}"
    found = [request.path for request in sandbox.requests if request.method == method and request.status == 200]
    return [path.split(marker, 1)[1] for path in found if marker in path]


def check_dump(compressed: bytes) -> None:
    dump = gzip.decompress(compressed).decode()
    assert "CREATE TABLE" in dump
    assert "INSERT INTO" in dump


def test_a_whole_life_through_the_javascript_client(sandbox: Sandbox, clients: Path, tmp_path: Path) -> None:
    ended = run(sandbox, clients, tmp_path, ["node", str(HERE / "life.cjs")])
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    backup = said["backup"]["id"]
    assert said["backup"]["config"]["compressionType"] == "gz"
    assert said["read"] == backup
    assert (said["restore"]["status"], said["restore"]["backupId"]) == ("completed", backup)
    assert [schedule["backupType"] for schedule in said["schedules"]] == ["dump"]
    assert said["deleted"] == 200
    assert said["refusals"] == {"stranger": 401, "reader": 403, "name": 400, "missing": 404, "paused": 409}
    assert sandbox.backups(ADDON) == []
    assert [restore["status"] for restore in sandbox.restores(ADDON)] == ["completed"]
    assert paths(sandbox, "POST") == ["/backups", f"/backups/{backup}/restore", "/backup-schedules"]
    assert paths(sandbox, "DELETE") == [f"/backup-schedules/{said['schedules'][0]['id']}", f"/backups/{backup}"]
    check_dump(base64.b64decode(said["file"]))
    assert [request.authorization for request in sandbox.store_requests] == [False]


def test_a_whole_life_through_the_command_line_client(sandbox: Sandbox, clients: Path, tmp_path: Path) -> None:
    program = str(clients / "node_modules" / ".bin" / "northflank")
    addon = ["--projectId", sandbox.project_id, "--addonId", ADDON]

    def northflank(*words: str, refused: str = "") -> Any:
        ended = run(sandbox, clients, tmp_path, [program, *words, "-o", "json"])
        if refused:
            assert ended.returncode != 0
            assert refused in ended.stdout + ended.stderr
            return None
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip().startswith("{") else None

    login = [program, "login", "-n", "test", "-t", sandbox.token, "--host", sandbox.url]
    assert run(sandbox, clients, tmp_path, login).returncode == 0
    dump = json.dumps({"name": "A dump", "backupType": "dump", "compressionType": "gz"})
    backup = northflank("backup", "addon", *addon, "-i", dump)["id"]
    one = [*addon, "--backupId", backup]
    northflank("get", "addon", "backup", *one)
    northflank("get", "addon", "backup", *one)
    (listed,) = northflank("get", "addon", "backups", *addon)["backups"]
    assert (listed["id"], listed["status"]) == (backup, "completed")
    link = northflank("get", "addon", "backup", "download", *one)["downloadLink"]
    check_dump(requests.get(link, timeout=10).content)
    northflank("restore", "addon", "backup", *one)
    schedule = {
        "scheduling": {"interval": "daily", "minute": [0], "hour": [3]},
        "backupType": "dump",
        "retentionTime": 7,
    }
    schedule_id = northflank("create", "addon", "backup-schedule", *addon, "-i", json.dumps(schedule))["id"]
    assert len(northflank("get", "addon", "backup-schedules", *addon)["schedules"]) == 1
    northflank("delete", "addon", "backup-schedule", *addon, "--scheduleId", schedule_id, "--force")
    northflank("get", "addon", "restores", *addon)
    northflank("delete", "backup", *one, "--force")
    assert sandbox.backups(ADDON) == []
    assert [restore["status"] for restore in sandbox.restores(ADDON)] == ["completed"]

    northflank("backup", "addon", *addon, "-i", '{"name": "a  b"}', refused="400")
    northflank("get", "addon", "backups", "--projectId", sandbox.project_id, "--addonId", "nowhere", refused="404")
    paused = ["--projectId", sandbox.project_id, "--addonId", "postgres-paused"]
    northflank("backup", "addon", *paused, "-i", '{"name": "Paused"}', refused="409")
    sandbox.revoke_token()
    northflank("get", "addon", "backups", *addon, refused="401")


def test_the_client_forgets_what_the_page_about_migrating_says(sandbox: Sandbox, clients: Path, tmp_path: Path) -> None:
    """The script of that page, word for word: it does not wait, a second run makes a second backup, 429 is the end."""
    (script,) = [block.text for block in blocks(MIGRATING) if CLIENT_ONLY.fullmatch(block.text)]
    folder = clients / "node_modules" / ".bin"
    login = [str(folder / "northflank"), "login", "-n", "test", "-t", sandbox.token, "--host", sandbox.url]
    assert run(sandbox, clients, tmp_path, login).returncode == 0
    command = ["bash", "-c", f'PATH="{folder}:$PATH"\n{script}']
    for number in (1, 2):
        ended = run(sandbox, clients, tmp_path, command)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "scheduled" in ended.stdout
        assert [backup["name"] for backup in sandbox.backups(ADDON)] == ["Before build-117"] * number
    sandbox.set_rate(0)
    ended = run(sandbox, clients, tmp_path, command)
    assert ended.returncode != 0
    assert "429" in ended.stdout + ended.stderr


def test_the_clients_configuration_is_the_one_that_contexts_are_read_from(
    sandbox: Sandbox, clients: Path, tmp_path: Path
) -> None:
    """What the client writes today is what the option ``context`` reads."""
    from ansible_collections.northflank.cloud.plugins.module_utils._context import read_context

    program = str(clients / "node_modules" / ".bin" / "northflank")
    login = [program, "login", "-n", "work", "-t", sandbox.token, "--host", sandbox.url]
    assert run(sandbox, clients, tmp_path, login).returncode == 0
    context = read_context("context", "current", tmp_path)
    assert (context.name, context.host, context.token) == ("work", sandbox.url, sandbox.token)
    assert os.environ.get("HOME") != str(tmp_path)
