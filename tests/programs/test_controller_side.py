# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that run in the controller's worker: the same as the module in all that a playbook can see, and shown live."""

from __future__ import annotations

import gzip
import importlib
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants
from plays import Plays, runs

import harness
from sandbox import Fault, Sandbox, StoreFault, SystemClock, VirtualClock

MODULES = "ansible_collections.northflank.cloud.plugins.modules"
ROOT = Path(__file__).resolve().parents[2]
SET = ["postgres-main", "mysql-orders", "mongo-events"]
NIGHTLY: dict[str, Any] = {
    "interval": "daily",
    "backup_type": "snapshot",
    "hour": [2],
    "minute": [0],
    "retention_time": 7,
}
# What differs from one run to the next, whoever does it.
# Which answer is the last to tell the budget is chance where several requests are under way.
OWN = {"api_url", "api_token", "uid", "link", "rate_limit"}


def prepared(sandbox: Sandbox) -> None:
    sandbox.add_backup("postgres-main", name="nightly-1", age=90_000.0)
    sandbox.add_backup("postgres-main", name="nightly-2", age=3600.0)
    sandbox.add_backup("mysql-orders", name="Broken", status="failed")
    sandbox.next_outcome("mongo-events", "failed", duration=3.0)
    scheduling = {"interval": "daily", "minute": [0], "hour": [2]}
    sandbox.add_schedule("mysql-orders", {"backupType": "snapshot", "retentionTime": 7, "scheduling": scheduling})
    sandbox.add_backup("postgres-main", name="A dump", backup_type="dump", age=7200.0)


TASKS: list[tuple[str, dict[str, Any]]] = [
    ("addon_backup", {"addon_id": "postgres-main", "name": "Example"}),
    ("addon_backup", {"addon_id": "postgres-main", "name": "nightly-2"}),
    ("addon_backup", {"addon_id": SET, "name": "Example"}),
    ("addon_backup", {"addon_id": SET, "name": "Example", "_check_mode": True, "_diff": True}),
    ("addon_backup", {"addon_id": ["postgres-paused", "mysql-order"], "name": "Example"}),
    ("addon_backup", {"addon_id": "postgres-main", "name": "nightly-1", "state": "absent", "_diff": True}),
    ("addon_backup", {"addon_id": "postgres-main", "name": "a  b"}),
    ("addon_backup", {"name": "Example"}),
    ("addon_backup", {"addon_id": "postgres-main", "state": "gone"}),
    ("addon_backup", {"addon_id": "postgres-main", "name": "Example", "api_url": "http://api.northflank.com"}),
    ("addon_backup_info", {"addon_id": "postgres-main", "name_prefix": "nightly"}),
    ("addon_backup_info", {}),
    ("addon_backup_report", {"dest": ".", "max_age": "1d", "_check_mode": True}),
    ("addon_backup_report", {"dest": ".", "max_age": "1d", "fail_if_stale": True, "_check_mode": True}),
    ("addon_backup_restore", {"addon_id": "postgres-main", "name": "nightly-2"}),
    ("addon_backup_download", {"addon_id": "postgres-main", "latest": True, "dest": "dump.gz"}),
    ("addon_backup_download", {"addon_id": "postgres-main", "latest": True, "dest": "old.gz", "_diff": True}),
    ("addon_backup_download", {"addon_id": "postgres-main", "latest": True, "dest": "link.gz"}),
    ("addon_backup_download", {"addon_id": "postgres-main", "latest": True, "dest": "old.gz", "_check_mode": True}),
    ("addon_backup_download", {"addon_id": "postgres-main", "latest": True, "dest": "new.gz", "_check_mode": True}),
    ("addon_backup_download", {"addon_id": "postgres-main", "name": "nightly-2", "dest": "dump.gz"}),
    ("addon_backup_mirror", {"dest": "/nowhere"}),
    ("addon_backup_mirror", {"dest": "/", "_check_mode": True, "_diff": True}),
    ("addon_backup_prune", {"addon_id": "postgres-main", "name_prefix": "nightly", "keep_last": 1, "_diff": True}),
    ("addon_backup_schedule", {"addon_id": "postgres-main", **NIGHTLY, "_diff": True}),
    ("addon_backup_schedule", {"addon_id": "mysql-orders", **NIGHTLY, "minute": ["30"]}),
    ("addon_backup_schedule", {"addon_id": "mysql-orders", **NIGHTLY, "hour": []}),
    ("addon_backup_schedule_info", {"addon_id": ["mysql-orders", "postgres-main"]}),
    ("addon_backup_schedule_info", {"table": False}),
    ("addon_backup_freshness_info", {"max_age": "1d", "exclude": ["redis-cache"]}),
    ("addon_credentials_info", {"addon_id": "no-such-addon"}),
    ("addon_fork", {"source_addon_id": "postgres-main", "name": "nightly-2", "_diff": True}),
    ("addon_fork", {"source_addon_id": "postgres-main", "latest": True, "_check_mode": True, "_diff": True}),
    ("addon_fork", {"source_addon_id": "postgres-main", "name": "A dump"}),
    ("addon_fork", {"source_addon_id": "postgres-main", "backup_id": "nightly-2", "fork_name": "x-y"}),
    ("addon_info", {"tags": ["orders"]}),
    ("backup_destination_info", {}),
    ("backup_destination_info", {"destination_id": "no-such-place"}),
    ("addon_info", {"project_id": "defualt-project"}),
    ("pre_deploy_options", {"release": "build-1", "variables": {"rollback_safety": "false", "addon_ids": "a,b"}}),
    ("pre_deploy_options", {"release": "build-1", "names": ["pre_deploy_snapshot_addons"]}),
    ("pre_deploy_set_info", {"release": "build-1", "purpose": "snapshot", "addon_ids": ["postgres-main"]}),
    ("pre_deploy_set_info", {"purpose": "list"}),
    ("pre_deploy_set_prune", {"release": "build-1", "keep_last": 3}),
    (
        "restore_drill_evidence",
        {"addon_id": "postgres-main", "dest": "drills", "fork": {"changed": True}, "_check_mode": True},
    ),
    ("restore_drill_info", {"sample": 1, "days": 1, "dest": "drills"}),
    ("restore_drill_info", {"dest": "drills"}),
]


def seen(run: Callable[..., harness.Ran], module: str, arguments: dict[str, Any]) -> tuple[Any, list[str], list[str]]:
    """What a task returns, warns of, and does, on a sandbox of its own."""
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, duration=8.0) as sandbox:
        prepared(sandbox)
        given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token, **arguments}
        ran = run(module, harness.virtual(clock), given)
        requests = sorted(f"{request.method} {request.path}" for request in sandbox.requests)
    documented = set(yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").RETURN))
    beside = {"changed", "failed", "msg", "diff", "invocation"}
    assert set(ran.result) - {"warnings"} <= documented | beside
    # Each sandbox has a port of its own.
    told = documented | beside if ran.failed else (documented | beside) - {"msg"}
    result = json.dumps({key: ran.result.get(key) for key in told}).replace(sandbox.url, "URL")
    return plain(json.loads(result)), ran.warnings, requests


def plain(value: Any) -> Any:
    """A result without what differs from run to run."""
    if isinstance(value, dict):
        # The ID of a restore is drawn at random.
        own = OWN | {"id"} if "started_at" in value else OWN
        return {key: plain(part) for key, part in value.items() if key not in own}
    return [plain(part) for part in value] if isinstance(value, list) else value


def files(place: Path) -> list[tuple[str, int, bytes]]:
    """What stands in a folder, with modes."""
    return sorted((path.name, path.lstat().st_mode, path.read_bytes()) for path in place.iterdir())


def as_module(module: str, timing: Any, given: dict[str, Any]) -> harness.Ran:
    return harness.run_main(importlib.import_module(f"{MODULES}.{module}").main, timing, given)


@pytest.mark.parametrize(("module", "arguments"), TASKS, ids=lambda value: json.dumps(value) if value else "")
def test_both_ways_come_to_the_same(
    module: str, arguments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = []
    for run in (as_module, harness.run_action):
        # At the same place each time, as its path is in the results.
        place = tmp_path / "files"
        place.mkdir()
        (place / "old.gz").write_bytes(b"what was here before")
        (place / "old.gz").chmod(0o604)
        (place / "link.gz").symlink_to("old.gz")
        monkeypatch.chdir(place)
        came.append((seen(run, module, arguments), files(place)))
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(place)
    (one, left), (other, also_left) = came
    assert left == also_left
    # In process, a module does not know by what name it was called.
    text = json.dumps(one).replace("(basic.py) module", f"(northflank.cloud.{module}) module")
    assert json.loads(text) == json.loads(json.dumps(other))


@pytest.mark.parametrize("wanted", [True, False])
def test_a_result_holds_what_the_task_was_called_with_where_ansible_wants_it(sandbox: Sandbox, wanted: bool) -> None:
    """Since ansible-core 2.21, a setting says so. Before, it always does."""
    given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
    timing = harness.virtual(VirtualClock())
    ran = harness.run_action("addon_info", timing, given, variables={"ansible_inject_invocation": wanted})
    assert not ran.failed, ran.result
    is_setting = "INJECT_INVOCATION" in constants.config.get_configuration_definitions()
    assert ("invocation" in ran.result) == (wanted or not is_setting)


def test_every_module_has_its_action_plugin_and_every_one_is_compared() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert modules == {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    assert modules == {module for module, _arguments in TASKS}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=SystemClock(), duration=0.0) as server:
        yield server


def backup(**more: Any) -> dict[str, Any]:
    given = {"project_id": "default-project", "addon_id": "postgres-main", "name": "Before release"}
    return {"name": "Back up", "northflank.cloud.addon_backup": given, **more}


OFF = {"northflank_run_in_controller": False}
# How it is run, and whether a module is started for it.
WAYS: dict[str, tuple[dict[str, Any], bool]] = {
    "as it is": ({}, False),
    "delegated": ({"delegate_to": "localhost"}, False),
    "switched off": ({"vars": OFF}, True),
    "in the background": ({"async": 60, "poll": 1, "vars": {"ansible_async_dir": "{{ playbook_dir }}"}}, True),
    "as another user": ({"become": True, "become_method": "ansible.builtin.su", "become_user": "root"}, True),
    "in a loop": ({"loop": [1, 2]}, False),
    "until it is good": ({"register": "got", "until": "got.backup.status == 'completed'", "retries": 2}, False),
    "only to look": ({"check_mode": True}, False),
}


@pytest.mark.parametrize(("how", "is_module"), WAYS.values(), ids=WAYS)
def test_a_module_is_started_only_where_it_has_to_be(
    sandbox: Sandbox, plays: Plays, how: dict[str, Any], is_module: bool
) -> None:
    ran = plays.tasks([backup(**how)], "-vvv")
    assert ran.ok, ran.output
    assert ("AnsiballZ_addon_backup" in ran.output or "Using module file" in ran.output) == is_module
    assert len(sandbox.backups("postgres-main")) == (0 if how.get("check_mode") else 1)


@pytest.mark.parametrize(("more", "is_module"), [({}, False), ({"mode": "0640"}, True), ({"owner": "root"}, True)])
def test_modes_and_owners_are_left_to_the_module(
    sandbox: Sandbox, plays: Plays, more: dict[str, Any], is_module: bool
) -> None:
    """Also where they come from module_defaults."""
    sandbox.add_backup("postgres-main", name="A dump", backup_type="dump")
    given = {
        "project_id": "default-project",
        "addon_id": "postgres-main",
        "latest": True,
        "dest": "{{ playbook_dir }}/x",
    }
    task = {"name": "Download", "northflank.cloud.addon_backup_download": given}
    defaults = {"northflank.cloud.addon_backup_download": more}
    ran = plays.tasks([task], "-vvv", module_defaults=defaults)
    assert ran.ok, ran.output
    assert ("Using module file" in ran.output) == is_module
    assert (plays.folder / "x").stat().st_mode & 0o777 == int(more.get("mode", "0600"), 8)


def test_the_environment_of_a_task_counts(sandbox: Sandbox, plays: Plays) -> None:
    """Over the worker's own, and for one task only."""
    in_a_team = backup(environment={"NORTHFLANK_TEAM_ID": "{{ 'example-team' }}"})
    without_a_token = backup(environment={"NORTHFLANK_API_TOKEN": "a-token-that-nobody-has"})
    ran = plays.tasks([in_a_team, backup(), without_a_token])
    assert not ran.ok
    assert sandbox.requests[0].path.startswith("/v1/teams/example-team/projects/")
    # After a refusal, the API is asked what the token may do.
    assert [request.status for request in sandbox.requests[-3:]] == [200, 401, 401]
    assert sandbox.requests[-3].path.startswith("/v1/projects/")
    assert sandbox.requests[-1].path == "/v1/auth"


def test_after_the_keyword_timeout_nothing_more_is_sent(sandbox: Sandbox, plays: Plays) -> None:
    here = sandbox.hold("GET", "/backups$")
    task = backup(timeout=1)
    task["northflank.cloud.addon_backup"]["addon_id"] = SET
    (plays.folder / "play.yml").write_text(
        yaml.safe_dump([{"name": "x", "hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8"
    )
    ran = plays.start("play.yml").end()
    here.release()
    assert not ran.ok
    assert "timed out" in ran.output.lower() or "timeout" in ran.output.lower()
    assert sandbox.writes == []


def ad_hoc(sandbox: Sandbox, folder: Path, *flags: str, name: str = "By hand") -> subprocess.CompletedProcess[str]:
    arguments = f'project_id=default-project addon_id=postgres-main name="{name}"'
    program = str(Path(sys.executable).parent / "ansible")
    return subprocess.run(
        [program, "localhost", "-m", "northflank.cloud.addon_backup", "-a", arguments, *flags],
        env=harness.clean_environment(
            HOME=str(folder),
            NORTHFLANK_API_URL=sandbox.url,
            NORTHFLANK_API_TOKEN=sandbox.token,
            ANSIBLE_NOCOLOR="1",
            ANSIBLE_DEPRECATION_WARNINGS="0",
            ANSIBLE_LOCALHOST_WARNING="0",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="0",
        ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_wait_is_shown_beside_the_result_and_not_in_it(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = ad_hoc(sandbox, tmp_path, "-o")
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 1
    assert [line.split("  ")[:2] for line in ran.stderr.splitlines()] == [
        ["postgres-main", "scheduled"],
        ["postgres-main", "completed"],
    ]


def test_a_task_that_has_nothing_to_wait_for_shows_what_it_stands_on(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_backup("postgres-main", name="By hand", age=11_100)
    line = "postgres-main: snapshot By hand is complete (20.5 kB; used again, 3 h 5 m old)"
    ran = ad_hoc(sandbox, tmp_path)
    assert ran.stderr == f"{line}\n"
    assert json.loads(ran.stdout.split("=> ", 1)[1])["msg"] == line
    assert ad_hoc(sandbox, tmp_path, "-e", "northflank_progress=false").stderr == ""
    assert ad_hoc(sandbox, tmp_path, "--check", name="Another").stderr == ""
    # As a module, the time is told instead of the age, which only the API's clock tells.
    ran = ad_hoc(sandbox, tmp_path, "-e", "northflank_run_in_controller=false")
    begun = "postgres-main: snapshot By hand is complete (20.5 kB; used again, taken at 20"
    assert json.loads(ran.stdout.split("=> ", 1)[1])["msg"].startswith(begun)


@pytest.mark.parametrize("where", ["true", "false"], ids=["in the worker", "as a module"])
def test_an_option_that_is_misspelt_is_told_with_the_right_one(sandbox: Sandbox, tmp_path: Path, where: str) -> None:
    ran = ad_hoc(sandbox, tmp_path, "-e", f"northflank_run_in_controller={where}", name='x" nmae=y backupType="dump')
    told = "backupType is written backup_type here. There is no option nmae. Did you mean name? Nothing was started."
    assert f'"msg": "{told} All options: ansible-doc northflank.cloud.addon_backup"' in ran.stdout
    assert "Supported parameters" not in ran.stdout
    assert sandbox.requests == []


def test_a_variable_makes_it_quiet(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = ad_hoc(sandbox, tmp_path, "-e", "northflank_progress=false")
    assert ran.returncode == 0
    assert ran.stderr == ""


def test_what_is_shown_while_a_set_is_waited_for() -> None:
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, duration=100.0) as sandbox:
        sandbox.next_outcome("mysql-orders", "failed", duration=3.0)
        sandbox.next_outcome("mongo-events", "completed", duration=200.0)
        given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
        ran = harness.run_action("addon_backup", harness.virtual(clock), {**given, "addon_id": SET, "name": "Example"})
    assert ran.failed
    shown = [line for line in ran.said.splitlines() if " completed" in line]
    assert shown[0] == "0 of 3 completed, 3 in progress  0 s"
    assert shown[1].startswith("0 of 3 completed, 2 in progress, 1 failed (mysql-orders)  ")
    # Something calm each minute where nothing changes, and what changed in the end.
    assert [line.rpartition("  ")[0] for line in shown[-2:]] == [
        "1 of 3 completed, 1 in progress, 1 failed (mysql-orders)",
        "2 of 3 completed, 1 failed (mysql-orders)",
    ]
    assert 5 <= len(shown) <= 8


def test_what_is_shown_while_dumps_come(tmp_path: Path) -> None:
    """A line now and then, with all that come together."""
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock) as sandbox:
        for addon_id in SET:
            sandbox.add_backup(addon_id, name="Nightly", backup_type="dump")
            sandbox.set_file(addon_id, "nightly", gzip.compress(bytes(700_000), 0))
        sandbox.store_fault(StoreFault(kind="slow", at=70_000, delay=4.0, times=None))
        given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
        arguments = {**given, "dest": str(tmp_path), "concurrency": 1}
        ran = harness.run_action("addon_backup_mirror", harness.virtual(clock), arguments)
        quiet = harness.run_action(
            "addon_backup_mirror", harness.virtual(clock), arguments, {"northflank_progress": False}
        )
    assert not ran.failed, ran.result
    shown = [line for line in ran.said.splitlines() if " dumps " in line]
    # Each takes 44 s, and how much of it comes at once is not the test's to say.
    assert 3 <= len(shown) <= 8
    matches = [re.fullmatch(r"[0-2] of 3 dumps  [0-2] of [1-3] MB  (?:(\d) m )?(\d+) s", line) for line in shown]
    times = [60 * int(match[1] or 0) + int(match[2]) for match in matches if match]
    assert len(times) == len(shown)
    assert all(later - earlier >= 14 for earlier, later in zip([0, *times], times))
    assert quiet.said == ""


def test_a_task_that_shall_not_be_logged_says_nothing_while_it_runs() -> None:
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, duration=100.0) as sandbox:
        given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
        arguments = {**given, "addon_id": "postgres-main", "name": "Example"}
        for no_log, name in ((False, "Example"), (True, "Another")):
            ran = harness.run_action(
                "addon_backup",
                harness.virtual(clock),
                {**arguments, "name": name},
                keywords={"no_log": no_log},
            )
            assert not ran.failed, ran.result
            assert (ran.said == "") == no_log


def test_a_home_that_the_task_s_environment_names_is_the_one_that_is_meant(tmp_path: Path) -> None:
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock) as sandbox:
        sandbox.add_backup("postgres-main", name="Nightly", backup_type="dump")
        given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
        arguments = {**given, "addon_id": "postgres-main", "latest": True}
        for dest in ("~/one.gz", "$DUMPS/two.gz"):
            ran = harness.run_action(
                "addon_backup_download",
                harness.virtual(clock),
                {**arguments, "dest": dest},
                keywords={"environment": [{"HOME": str(tmp_path), "DUMPS": str(tmp_path)}]},
            )
            assert not ran.failed, ran.result
        assert {path.name for path in tmp_path.iterdir()} == {"one.gz", "two.gz"}
        ran = harness.run_action(
            "addon_info",
            harness.virtual(clock),
            {**given, "ca_path": "$DUMPS/one.gz"},
            keywords={"environment": [{"DUMPS": str(tmp_path / "nowhere")}]},
        )
        assert f"{tmp_path}/nowhere/one.gz" in ran.msg


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP], ids=lambda how: how.name)
def test_a_worker_that_has_lost_its_parent_deletes_nothing_more(
    sandbox: Sandbox, plays: Plays, how: signal.Signals
) -> None:
    """SIGKILL, or SIGHUP, to the main process only: nobody learns what the worker goes on to do."""
    for number in range(4):
        sandbox.add_backup("postgres-main", name=f"nightly-{number}", age=3600.0 * (number + 1))
    given = {"project_id": sandbox.project_id, "addon_id": "postgres-main", "name_prefix": "nightly-", "keep_last": 1}
    here = sandbox.hold("DELETE", ".", "before")
    task = {"name": "Prune", "northflank.cloud.addon_backup_prune": given}
    book = [{"name": "Test", "hosts": "localhost", "gather_facts": False, "tasks": [task]}]
    (plays.folder / "play.yml").write_text(yaml.safe_dump(book), encoding="utf-8")
    job = plays.start("play.yml")
    here.wait_for(1)
    left = job.orphan(how)
    acted = sandbox.hold("DELETE", ".", "after")
    here.release()
    acted.wait_for(1)
    acted.release()
    while any(map(runs, left)):
        pass
    assert len(sandbox.backups("postgres-main")) == 3
    assert len(sandbox.writes) == 1


def test_an_api_that_sends_escapes_reaches_no_terminal() -> None:
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, duration=8.0) as sandbox:
        held = {**sandbox.add_backup("postgres-main", name="Example", status="in-progress"), "status": "\x1b[31mdone"}
        sandbox.fault(Fault(method="GET", path="/backups/", kind="wrong-type", body={"data": held}, times=None))
        given = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
        arguments = {**given, "addon_id": "postgres-main", "name": "Example"}
        ran = harness.run_action("addon_backup", harness.virtual(clock), arguments)
    assert ran.failed
    assert "can no longer be watched" in ran.said
    assert "\x1b" not in ran.said + json.dumps(ran.result)
