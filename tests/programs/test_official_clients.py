# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Northflank's own clients, at work on the sandbox: what they take for the API cannot be far from it."""

from __future__ import annotations

import base64
import fcntl
import gzip
import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

import harness
from sandbox import Assumptions, Fault, Sandbox, TickingClock

from .test_readme import CLIENT_ONLY, MIGRATING, blocks

HERE = Path(__file__).resolve().parent / "clients"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "node"
ADDON = "postgres-main"
# Nothing but the sandbox is to be asked, also not by a client that looks for updates of itself.
NO_WAY_OUT = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}


@pytest.fixture(scope="module")
def clients() -> Path:
    """The folder with the clients for Node.js, installed once for each version of package.json."""
    if shutil.which("npm") is None:
        pytest.skip("these of Northflank's own clients need Node.js with npm")
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


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The Python SDK. It reads proxies from the environment, and pauses before it sends a request again."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in NO_WAY_OUT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("northflank.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    # Imported by name: a type checker that followed it would read 60,000 generated lines.
    return importlib.import_module("northflank")


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
    from ansible_collections.northflank.cloud.plugins.module_utils._task.cli_context import read_context

    program = str(clients / "node_modules" / ".bin" / "northflank")
    login = [program, "login", "-n", "work", "-t", sandbox.token, "--host", sandbox.url]
    assert run(sandbox, clients, tmp_path, login).returncode == 0
    context = read_context("context", "current", tmp_path)
    assert (context.name, context.host, context.token) == ("work", sandbox.url, sandbox.token)
    assert os.environ.get("HOME") != str(tmp_path)


def finished(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What is read until it is final. The sandbox's clock moves on with each request."""
    for _look in range(100):
        found = read()
        if found["status"] not in ("scheduled", "in-progress", "aborting"):
            return found
    raise AssertionError(f"it never ended: {found}")


def test_a_whole_life_through_the_python_sdk(sandbox: Sandbox, sdk: Any) -> None:
    client = sdk.ApiClient(api_token=sandbox.token, base_url=sandbox.url)
    addon = {"project_id": sandbox.project_id, "addon_id": ADDON}
    assert ADDON in [each["id"] for each in client.list.addons(project_id=sandbox.project_id).data["addons"]]
    assert client.get.addon(**addon).data["status"] == "running"

    body = {"name": "A dump", "backupType": "dump", "compressionType": "gz"}
    backup = client.backup.addon(**addon, data=body).data["id"]
    one = {**addon, "backup_id": backup}
    read = finished(lambda: client.get.addon.backup(**one).data)
    assert (read["id"], read["name"], read["status"]) == (backup, "A dump", "completed")
    (listed,) = client.get.addon.backups(**addon).data["backups"]
    assert (listed["id"], listed["config"]["compressionType"]) == (backup, "gz")
    link = client.get.addon.backup.download(**one).data["downloadLink"]
    check_dump(requests.get(link, timeout=10).content)
    client.retain.addon.backup(**one)

    restore = client.restore.addon.backup(**one).data["restoreId"]
    ended = finished(lambda: client.get.addon.restores(**addon).data["restores"][0])
    assert (ended["id"], ended["backupId"], ended["status"]) == (restore, backup, "completed")
    (of_backup,) = client.get.addon.backup.restores(**one).data["restores"]
    assert (of_backup["id"], "backupId" in of_backup) == (restore, False)
    assert client.get.addon.backup(**one).data["lastRestore"]["status"] == "completed"

    scheduling = {"interval": "daily", "minute": [0], "hour": [3]}
    schedule = {"scheduling": scheduling, "backupType": "dump", "retentionTime": 7}
    schedule_id = client.create.addon.backup_schedule(**addon, data=schedule).data["id"]
    (found,) = client.get.addon.backup_schedules(**addon).data["schedules"]
    assert (found["id"], found["scheduling"]) == (schedule_id, scheduling)
    client.delete.addon.backup_schedule(**addon, schedule_id=schedule_id)

    client.delete.backup(**one)
    assert sandbox.backups(ADDON) == []
    assert [each["status"] for each in sandbox.restores(ADDON)] == ["completed"]
    assert paths(sandbox, "POST") == [
        "/backups",
        f"/backups/{backup}/retain",
        f"/backups/{backup}/restore",
        "/backup-schedules",
    ]
    assert paths(sandbox, "DELETE") == [f"/backup-schedules/{schedule_id}", f"/backups/{backup}"]
    assert [request.authorization for request in sandbox.store_requests] == [False]


def test_the_python_sdk_aborts_a_backup_and_a_restore(sandbox: Sandbox, sdk: Any) -> None:
    client = sdk.ApiClient(api_token=sandbox.token, base_url=sandbox.url)
    addon = {"team_id": "example-team", "project_id": sandbox.project_id, "addon_id": ADDON}
    first = {**addon, "backup_id": client.backup.addon(**addon, data={"name": "Stopped"}).data["id"]}
    client.abort.addon.backup(**first)
    assert finished(lambda: client.get.addon.backup(**first).data)["status"] == "aborted"
    second = {**addon, "backup_id": client.backup.addon(**addon, data={"name": "Whole"}).data["id"]}
    assert finished(lambda: client.get.addon.backup(**second).data)["status"] == "completed"
    restore = client.restore.addon.backup(**second).data["restoreId"]
    client.abort.addon.restore(**second, data={"restoreId": restore})
    assert finished(lambda: client.get.addon.restores(**addon).data["restores"][0])["status"] == "aborted"
    assert all(request.path.startswith("/v1/teams/example-team/projects/") for request in sandbox.requests)


@pytest.mark.parametrize("has_next_page", ["present", "missing"])
def test_the_python_sdk_reads_all_pages(sdk: Any, has_next_page: str) -> None:
    with Sandbox(assumptions=Assumptions(has_next_page=has_next_page)) as sandbox:
        for number in range(5):
            sandbox.add_backup(ADDON, f"Number {number}", age=60.0 * (number + 1))
        client = sdk.ApiClient(api_token=sandbox.token, base_url=sandbox.url)
        addon = {"project_id": sandbox.project_id, "addon_id": ADDON}
        names = [f"Number {number}" for number in range(5)]
        first = client.get.addon.backups(**addon, per_page=2)
        assert (first.pagination.has_next_page, first.pagination.count) == (True, 2)
        third = first.pagination.get_next_page().pagination.get_next_page()
        assert (third.pagination.has_next_page, third.pagination.count) == (False, 1)
        assert [each["name"] for each in third.data["backups"]] == names[4:]
        everything = client.get.addon.backups.all(**addon, per_page=2)
        assert [each["name"] for each in everything.data["backups"]] == names
        assert [request.query.get("per_page") for request in sandbox.requests] == ["2"] * 6


def test_the_python_sdk_reads_what_the_api_refuses(sandbox: Sandbox, sdk: Any) -> None:
    def refused(token: str, addon_id: str = ADDON, **body: Any) -> Any:
        client = sdk.ApiClient(api_token=token, base_url=sandbox.url)
        with pytest.raises(sdk.ApiCallError) as caught:
            client.backup.addon(project_id=sandbox.project_id, addon_id=addon_id, data={"name": "A snapshot", **body})
        return caught.value

    assert refused("a-token-that-nobody-has-given-out").status == 401
    assert refused(sandbox.read_token).status == 403
    assert refused(sandbox.token, "no-such-addon").status == 404
    assert refused(sandbox.token, "postgres-paused").status == 409
    name = refused(sandbox.token, name="a  b")
    assert (name.status, name.id, list(name.details)) == (400, "nf-invalid-request-body", ["name"])
    unknown = refused(sandbox.token, madeUp=True)
    assert (unknown.status, unknown.id) == (400, "nf-invalid-request-body")
    assert sandbox.backups(ADDON) == []


def test_the_python_sdk_sends_a_post_again_whose_answer_was_lost(sandbox: Sandbox, sdk: Any) -> None:
    """So one call can leave four backups of one name. No module of this collection does that."""
    sandbox.fault(Fault(method="POST", path=r"/backups$", kind="reset", when="after", times=3))
    client = sdk.ApiClient(api_token=sandbox.token, base_url=sandbox.url)
    client.backup.addon(project_id=sandbox.project_id, addon_id=ADDON, data={"name": "Before build-117"})
    assert [backup["name"] for backup in sandbox.backups(ADDON)] == ["Before build-117"] * 4
