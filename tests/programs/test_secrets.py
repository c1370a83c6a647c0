# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret in anything that a run leaves: what it shows at the highest verbosity, its processes, its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from plays import Plays
from rawserver import raw

from sandbox import Fault, Sandbox, StoreFault

LOUD = "-vvvvvv"
MARKER = "a-secret-of-the-api-that-nobody-may-see"
LEAKY: dict[str, Any] = {
    "downloadLink": f"https://storage.example/file?signature={MARKER}",
    "connectionString": f"postgres://admin:{MARKER}@db.example/app",
    "apiToken": MARKER,
    "notes": [f"https://storage.example/other?signature={MARKER}"],
}
LEAKY_WORDS = f"no: https://storage.example/f?signature={MARKER} and postgres://admin:{MARKER}@db.example/app"


def backup(**arguments: Any) -> dict[str, Any]:
    given = {"project_id": "default-project", "addon_id": "postgres-main", "name": "Before release", **arguments}
    return {"name": "Back up", "northflank.cloud.addon_backup": given, "diff": True}


def files_with(folder: Path, secret: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def leaks(plays: Plays, folder: Path, task: dict[str, Any], *secrets: str) -> bool:
    """Run a task as loud as it gets, and look for secrets. Returns whether the run succeeded."""
    ran = plays.tasks([task], LOUD)
    for secret in secrets:
        assert secret not in ran.output
        assert files_with(folder, secret) == []
    return ran.ok


def test_a_run_that_succeeds(sandbox: Sandbox, plays: Plays, tmp_path: Path) -> None:
    assert leaks(plays, tmp_path, backup(), sandbox.token)
    assert len(sandbox.backups("postgres-main")) == 1


def test_a_token_that_comes_as_an_option(sandbox: Sandbox, plays: Plays, tmp_path: Path) -> None:
    option = {"api_token": "{{ lookup('ansible.builtin.env', 'NORTHFLANK_API_TOKEN') }}"}
    task = backup(**option)
    assert leaks(plays, tmp_path, task, sandbox.token)


def test_a_token_that_comes_from_a_context(sandbox: Sandbox, plays: Plays, tmp_path: Path) -> None:
    file = tmp_path / ".northflank" / "config.json"
    file.parent.mkdir()
    contexts = [
        {"name": "work", "host": sandbox.url, "token": sandbox.token},
        {"name": "home", "host": "x", "token": MARKER},
    ]
    file.write_text(json.dumps({"contexts": contexts, "current": "work"}), encoding="utf-8")
    file.chmod(0o600)
    ran = plays.tasks([backup(context="current", api_url=sandbox.url)], LOUD)
    assert ran.ok, ran.output
    assert MARKER not in ran.output
    assert files_with(tmp_path, sandbox.token) == files_with(tmp_path, MARKER) == [file]


def test_a_token_that_is_refused(sandbox: Sandbox, plays: Plays, tmp_path: Path) -> None:
    sandbox.revoke_token()
    assert not leaks(plays, tmp_path, backup(), sandbox.token)


@pytest.mark.parametrize("kind", ["500", "wrong-type"])
def test_an_api_that_says_secrets_aloud(sandbox: Sandbox, plays: Plays, tmp_path: Path, kind: str) -> None:
    body = {"error": {"message": f"{LEAKY_WORDS} {sandbox.token}", "details": LEAKY}}
    sandbox.fault(Fault(method="POST", kind=kind, body=body, when="before", times=None))
    sandbox.fault(Fault(method="GET", turn=2, kind=kind, body=body, when="before", times=None))
    assert not leaks(plays, tmp_path, backup(api_retries=0, wait_timeout=3), sandbox.token, MARKER)


def test_keys_that_the_api_adds_some_day(sandbox: Sandbox, plays: Plays, tmp_path: Path) -> None:
    held = {**sandbox.add_backup("postgres-main", name="Before release"), **LEAKY}
    page = {"data": {"backups": [held]}, "pagination": {"hasNextPage": False, "count": 1}}
    sandbox.fault(Fault(method="GET", path="/backups$", kind="wrong-type", body=page, times=None))
    show = {"name": "Show", "ansible.builtin.debug": {"var": "found"}}
    listed = {"project_id": "default-project", "addon_id": "postgres-main"}
    info = {"name": "List", "northflank.cloud.addon_backup_info": listed, "register": "found"}
    ran = plays.tasks([backup(), info, show], LOUD)
    assert ran.ok, ran.output
    assert "before-release" in ran.output
    assert MARKER not in ran.output
    assert files_with(tmp_path, MARKER) == []


@pytest.mark.parametrize("loud", [f"-{'v' * count}" for count in range(1, 7)], ids=len)
@pytest.mark.parametrize("in_controller", [True, False], ids=["in the controller", "as a module"])
def test_a_token_that_the_api_repeats_is_masked_at_every_verbosity(
    sandbox: Sandbox, plays: Plays, tmp_path: Path, loud: str, in_controller: bool
) -> None:
    """Names are returned as they are, and no option holds this token, so that Ansible has to be told of it."""
    held = {**sandbox.add_backup("postgres-main", name="x"), "name": f"Nightly {sandbox.token}"}
    page = {"data": {"backups": [held]}, "pagination": {"hasNextPage": False, "count": 1}}
    sandbox.fault(Fault(method="GET", path="/backups$", kind="wrong-type", body=page, times=None))
    given = {"project_id": "default-project", "addon_id": "postgres-main"}
    info = {"name": "List", "northflank.cloud.addon_backup_info": given, "register": "found"}
    show = {"name": "Show", "ansible.builtin.debug": {"var": "found"}}
    way = json.dumps({"northflank_run_in_controller": in_controller})
    ran = plays.tasks([info, show], loud, "-e", way)
    assert ran.ok, ran.output
    assert "Nightly" in ran.output
    assert ("Using module file" in ran.output) == (not in_controller and len(loud) > 3)
    assert sandbox.token not in ran.output
    assert files_with(tmp_path, sandbox.token) == []


# What stands in each link of the sandbox's storage, and nowhere in the collection.
SIGNED = "signature="
DOWNLOADS = {
    "addon_backup_download": {"addon_id": "postgres-main", "latest": True, "dest": "dump.gz", "api_retries": 0},
    "addon_backup_mirror": {"dest": ".", "api_retries": 0},
}


def download(module: str) -> list[dict[str, Any]]:
    """A download as a task, and its whole result shown."""
    given = {
        "project_id": "default-project",
        **DOWNLOADS[module],
        "dest": f"{{{{ playbook_dir }}}}/{DOWNLOADS[module]['dest']}",
    }
    task = {"name": "Download", f"northflank.cloud.{module}": given, "diff": True, "register": "got"}
    show = {"name": "Show", "ansible.builtin.debug": {"var": "got"}}
    return [{"name": "Both", "block": [task], "always": [show]}]


@pytest.mark.parametrize("module", DOWNLOADS)
@pytest.mark.parametrize("fault", [None, "cut", "reset", "redirect", "error", "no-length"])
def test_a_download_tells_neither_link_nor_token(
    sandbox: Sandbox, plays: Plays, tmp_path: Path, module: str, fault: str | None
) -> None:
    sandbox.add_backup("postgres-main", name="Nightly", backup_type="dump")
    if fault is not None:
        location = f"http://127.0.0.2:1/elsewhere?{SIGNED}{MARKER}"
        sandbox.store_fault(StoreFault(kind=fault, status=404, location=location, times=None))
    ran = plays.tasks(download(module), LOUD)
    assert ran.ok == (fault is None), ran.output
    assert sandbox.store_requests
    for secret in (SIGNED, MARKER, sandbox.token):
        assert secret not in ran.output
        assert files_with(tmp_path, secret) == []
    assert not any(request.authorization for request in sandbox.store_requests)


@pytest.mark.parametrize("module", DOWNLOADS)
def test_a_link_that_is_not_followed_is_not_told(sandbox: Sandbox, plays: Plays, tmp_path: Path, module: str) -> None:
    sandbox.add_backup("postgres-main", name="Nightly", backup_type="dump")
    link = f"ftp://storage.example/{MARKER}?{SIGNED}{MARKER}"
    sandbox.fault(Fault(path="/download-link$", kind="wrong-type", body={"data": {"downloadLink": link}}, times=None))
    ran = plays.tasks(download(module), LOUD)
    assert not ran.ok
    assert "The download link was not followed" in ran.output
    assert MARKER not in ran.output
    assert files_with(tmp_path, MARKER) == []


@pytest.mark.parametrize("module", DOWNLOADS)
def test_what_urllib3_logs_about_a_link_is_not_in_ansible_s_log(
    sandbox: Sandbox, plays: Plays, tmp_path: Path, module: str
) -> None:
    """At a malformed header, it logs the whole link as a warning."""
    log = plays.folder / "ansible.log"
    (plays.folder / "ansible.cfg").write_text(f"[defaults]\nlog_path={log}\n", encoding="utf-8")
    sandbox.add_backup("postgres-main", name="Nightly", backup_type="dump")
    answer = b"HTTP/1.1 200 OK\r\nthis is no header\r\nContent-Length: 2\r\n\r\n{}"
    with raw(lambda _asked: [answer]) as storage:
        body = {"data": {"downloadLink": f"{storage.url}/file?{SIGNED}{MARKER}"}}
        sandbox.fault(Fault(path="/download-link$", kind="wrong-type", body=body, times=None))
        ran = plays.tasks(download(module), LOUD)
        assert storage.seen
    assert not ran.ok
    assert "Download" in log.read_text(encoding="utf-8")
    for secret in (SIGNED, MARKER, sandbox.token):
        assert secret not in ran.output
        assert files_with(tmp_path, secret) == []


@pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="only Linux shows the arguments of processes as files"
)
def test_no_process_has_the_link_among_its_arguments(sandbox: Sandbox, plays: Plays) -> None:
    """After the storage has refused it, the backup is read again: there it is looked."""
    sandbox.add_backup("postgres-main", name="Nightly", backup_type="dump")
    sandbox.store_fault(StoreFault(kind="error", status=403))
    here = sandbox.hold("GET", r"/backups/nightly$")
    given = {"project_id": "default-project", **DOWNLOADS["addon_backup_download"]}
    play = {"name": "x", "hosts": "localhost", "gather_facts": False}
    tasks = [{"name": "x", "northflank.cloud.addon_backup_download": given}]
    (plays.folder / "play.yml").write_text(json.dumps([{**play, "tasks": tasks}]), encoding="utf-8")
    job = plays.start("play.yml")
    here.wait_for(1)
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    here.release()
    assert job.end().ok
    assert any(b"ansible-playbook" in one for one in arguments)
    assert not any(SIGNED.encode() in one or sandbox.token.encode() in one for one in arguments)


def test_terminal_escapes_that_the_api_sends_reach_no_terminal(sandbox: Sandbox, plays: Plays) -> None:
    held = {**sandbox.add_backup("postgres-main", name="nightly"), "name": "nightly-\x1b[2J\x07", "status": "failed"}
    page = {"data": {"backups": [held]}, "pagination": {"hasNextPage": False, "count": 1}}
    sandbox.fault(Fault(method="GET", path="/backups$", kind="wrong-type", body=page, times=None))
    given = {"project_id": "default-project", "addon_id": "postgres-main", "name_prefix": "nightly", "keep_last": 1}
    prune = {
        "name": "Prune",
        "northflank.cloud.addon_backup_prune": {**given, "delete_failed": True},
        "check_mode": True,
    }
    ran = plays.tasks([{**prune, "diff": True}], "-v")
    assert ran.ok, ran.output
    assert "[2J" in ran.output
    assert "\x1b" not in ran.output
    assert "\x07" not in ran.output


@pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="only Linux shows the arguments of processes as files"
)
def test_no_process_has_the_token_among_its_arguments(sandbox: Sandbox, plays: Plays) -> None:
    here = sandbox.hold("POST", r"/backups$")
    job = plays.job("snapshot", addon_ids=["postgres-main"])
    here.wait_for(1)
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    here.release()
    assert job.end().ok
    assert any(b"northflank.cloud.snapshot" in one for one in arguments)
    assert not any(sandbox.token.encode() in one for one in arguments)


@pytest.mark.parametrize("loud", ["-v", "-vvvvvv"])
def test_a_token_that_the_api_repeats_is_masked_in_the_inventory(
    sandbox: Sandbox, plays: Plays, tmp_path: Path, loud: str
) -> None:
    sandbox.add_addon("tagged", tags=[f"tag {sandbox.token}"])
    source = tmp_path / "addons.northflank.yml"
    source.write_text(json.dumps({"plugin": "northflank.cloud.addons", "projects": ["default-project"]}))
    show = {
        "name": "Show",
        "ansible.builtin.debug": {"msg": "{{ groups.northflank | map('extract', hostvars, 'northflank_tags') }}"},
    }
    ran = plays.tasks([show], loud, "-i", str(source))
    assert ran.ok, ran.output
    assert '"tag ' in ran.output
    assert sandbox.token not in ran.output
