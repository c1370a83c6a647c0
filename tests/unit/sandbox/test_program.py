# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox as a program, and the path by which another process drives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox import Assumptions, ContractViolation, Sandbox, SystemClock, VirtualClock, cli, handlers
from sandbox.assumptions import parse_assumptions
from sandbox.calls import Answer, Call
from sandbox.server import require_loopback

if TYPE_CHECKING:
    from .conftest import Api

PROGRAM = Path(__file__).resolve().parents[2] / "sandbox"
ADDON = "postgres-main"
BACKUPS = f"/v1/projects/default-project/addons/{ADDON}/backups"


def next_line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline()


@contextmanager
def running(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(PROGRAM), "--port", "0", *options]
    # Its data goes where the test can look whether it was removed.
    env = {**os.environ, "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, text=True, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        try:
            yield program
        finally:
            program.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_line_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "--json") as program:
        facts = json.loads(next_line(program))
        assert set(facts) == {"url", "token", "project_id", "addon_ids"}
        assert facts["addon_ids"][0] == ADDON
        assert len(facts["token"]) > 32
        headers = {"Authorization": f"Bearer {facts['token']}"}
        assert requests.get(facts["url"] + BACKUPS, headers=headers, timeout=10).status_code == 200
        assert requests.get(facts["url"] + "/_sandbox/state", headers=headers, timeout=10).status_code == 404
        assert len(list(tmp_path.iterdir())) == 1
        program.send_signal(number)
        rest, errors = program.communicate(timeout=10)
        assert (program.returncode, rest, errors) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_it_tells_a_human_what_to_export_and_takes_its_options(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.yml"
    seeds.write_text("- {addon_id: mysql-orders, name: From file, status: failed}\n", encoding="utf-8")
    token = "a-token-of-my-own-that-is-quite-long"  # noqa: S105  # of this test only
    options = ["--token", token, "--backups", "3", "--seed-file", str(seeds), "--assume", "list_order=oldest"]
    with running(tmp_path, "--admin", "--clock", "virtual", "--rate-limit", "50", *options) as program:
        lines = [next_line(program) for _turn in range(15)]
        (url,) = [line.split("=")[1].strip() for line in lines if "NORTHFLANK_API_URL=" in line]
        assert any(f"NORTHFLANK_API_TOKEN={token}" in line for line in lines)
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(url + BACKUPS, headers=headers, timeout=10)
        assert [held["name"] for held in answer.json()["data"]["backups"]] == ["Seed 3", "Seed 2", "Seed 1"]
        assert answer.headers["x-ratelimit-limit"] == "50"
        state = requests.get(f"{url}/_sandbox/state", headers=headers, timeout=10).json()["data"]
        assert state["default-project"]["mysql-orders"]["backups"][0]["status"] == "failed"
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=10)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "0.0.0.0"], "not a loopback address"),  # noqa: S104  # that it is refused is the test
        (["--host", "example.com"], "not an address"),
        (["--assume", "colour=blue"], "list_order"),
        (["--assume", "names_unique=perhaps"], "true or false"),
        (["--seed-file", "missing.json"], "missing.json"),
        (["--seed-file", __file__], "line"),
        (["--seed-file", "{folder}/object.yml"], "a list of objects"),
        (["--seed-file", "{folder}/seeds.yml"], "no-such-addon"),
        (["--port", "99999"], "0-65535"),
    ],
)
def test_what_it_cannot_do_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, options: list[str], words: str
) -> None:
    (tmp_path / "object.yml").write_text("addon_id: postgres-main\n", encoding="utf-8")
    (tmp_path / "seeds.yml").write_text("- addon_id: no-such-addon\n", encoding="utf-8")
    # This process is pytest's, and keeps its signals.
    monkeypatch.setattr(signal, "signal", lambda *_arguments: None)
    assert cli.main(["--port", "0", *(option.format(folder=tmp_path) for option in options)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1


def test_a_port_that_is_taken_is_said_in_a_line(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_arguments: None)
    assert cli.main(["--port", sandbox.url.rpartition(":")[2]]) == 2
    assert "in use" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "10.0.0.1", "example.com", ""])  # noqa: S104  # refused
def test_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(ValueError, match="address"):
        require_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_has_several_names(host: str) -> None:
    require_loopback(host)


def test_it_can_listen_on_another_loopback_address(clock: VirtualClock, connect: Callable[..., Api]) -> None:
    with Sandbox(clock=clock, host="localhost") as sandbox:
        assert sandbox.url.startswith("http://localhost:")
        assert connect(sandbox).get("/v1/login").status_code == 200


def test_assumptions_from_words() -> None:
    words = [
        "list_order=shuffled",
        "names_unique=true",
        "dump_source_type=none",
        "max_page_size_served=7",
        "shuffle_seed=3",
    ]
    expected = Assumptions("shuffled", names_unique=True, dump_source_type=None, max_page_size_served=7, shuffle_seed=3)
    assert parse_assumptions(words) == expected
    for wrong in ("list_order=random", "delete_active=maybe", "max_page_size_served=0", "list_order"):
        with pytest.raises(ValueError, match=r"must be|KEY=VALUE"):
            parse_assumptions([wrong])


def test_without_admin_there_is_no_such_path(sandbox: Sandbox, api: Api) -> None:
    for path in ("state", "log"):
        assert api.get(f"/_sandbox/{path}").status_code == 404
    assert api.post("/_sandbox/sql", {"addon_id": ADDON, "sql": "SELECT 1"}).status_code == 404
    assert sandbox.contract_violations == []


@pytest.fixture
def driven(clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, with_admin=True, duration=10.0) as sandbox:
        yield sandbox


def drive(api: Api, command: str, **arguments: Any) -> Any:
    answer = api.post(f"/_sandbox/{command}", arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_another_process_can_drive_it(driven: Sandbox, connect: Callable[..., Api]) -> None:
    api = connect(driven)
    drive(api, "backup", addon_id=ADDON, name="Earlier", age=60)
    drive(api, "backup-status", addon_id=ADDON, backup_id="earlier", status="failed")
    drive(api, "outcome", addon_id=ADDON, outcome="aborted", duration=2)
    drive(api, "restore-outcome", addon_id=ADDON, outcome="failed")
    drive(api, "fault", method="POST", path="/backups$", kind="503", when="before")
    drive(api, "rate", remaining=5)
    assert api.post(BACKUPS, {"name": "abc"}).status_code == 503
    assert api.post(BACKUPS, {"name": "abc"}).headers["x-ratelimit-remaining"] == "4"
    drive(api, "advance", seconds=5)
    drive(api, "addon-status", addon_id=ADDON, status="paused")
    drive(api, "sql", addon_id=ADDON, sql="DELETE FROM orders", write=True)
    assert drive(api, "sql", addon_id=ADDON, sql="SELECT count(*) FROM orders") == {"rows": [[0]]}
    state = api.get("/_sandbox/state").json()["data"]["default-project"][ADDON]
    assert state["status"] == "paused"
    assert [held["status"] for held in state["backups"]] == ["failed", "aborted"]
    log = api.get("/_sandbox/log").json()["data"]
    assert [(each["method"], each["status"]) for each in log["requests"]] == [("POST", 503), ("POST", 200)]
    drive(api, "clear")
    assert driven.requests == []


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("fault", {"kind": "explode"}),
        ("fault", {"colour": "blue"}),
        ("outcome", {"addon_id": "unknown", "outcome": "failed"}),
        ("sql", {"addon_id": ADDON}),
        ("advance", {"seconds": -1}),
        ("rate", []),
    ],
)
def test_a_wrong_command_is_refused(driven: Sandbox, connect: Callable[..., Api], command: str, arguments: Any) -> None:
    assert connect(driven).post(f"/_sandbox/{command}", arguments).status_code == 400


def test_the_machines_time_cannot_be_moved(connect: Callable[..., Api]) -> None:
    with Sandbox(clock=SystemClock(), with_admin=True) as sandbox:
        answer = connect(sandbox).post("/_sandbox/advance", {"seconds": 1})
        assert answer.status_code == 400


def test_driving_takes_the_token_too(driven: Sandbox, connect: Callable[..., Api]) -> None:
    assert connect(driven, "wrong").get("/_sandbox/state").status_code == 401
    reader = connect(driven, driven.read_token)
    assert reader.get("/_sandbox/state").status_code == 200
    assert reader.post("/_sandbox/clear").status_code == 403


def test_a_bug_of_the_sandbox_does_not_pass_in_silence(
    clock: VirtualClock, connect: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(handlers.HANDLERS, "listProjects", lambda _call: {"data": {"projects": [{"id": 1}]}})
    sandbox = Sandbox(clock=clock)
    sandbox.start()
    answer = connect(sandbox).get("/v1/projects")
    assert (answer.status_code, answer.json()["error"]["id"]) == (500, "sandbox_bug")
    with pytest.raises(ContractViolation, match="listProjects"):
        sandbox.__exit__(None, None, None)


def test_a_crash_of_the_sandbox_does_not_pass_in_silence(
    clock: VirtualClock, connect: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_call: Call) -> Answer:
        raise ZeroDivisionError

    monkeypatch.setitem(handlers.HANDLERS, "listProjects", crash)
    sandbox = Sandbox(clock=clock)
    sandbox.start()
    assert connect(sandbox).get("/v1/projects").status_code == 500
    with pytest.raises(ContractViolation, match="ZeroDivisionError"):
        sandbox.__exit__(None, None, None)
