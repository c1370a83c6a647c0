# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job as a user types it, with the real programs: what must hold on every supported version.

``MATRIX_PROGRAMS`` names the folder of the Ansible to run, ``MATRIX_COLLECTIONS`` where the collection is installed,
``MATRIX_PYTHON`` the interpreter that the modules run on; without them, all are those that run the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import harness
from sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("MATRIX_PYTHON") or sys.executable


# Each module once, with what a user may rely on whatever the version.
PLAY = ROOT / "tests" / "integration" / "targets" / "modules" / "play.yml"


def command(sandbox: Sandbox, home: Path, *words: str, in_controller: bool = False) -> tuple[int, str]:
    """Run a program. What is not to run in the controller are modules on the interpreter of the matrix's cell."""
    variables = {"ansible_python_interpreter": PYTHON, "northflank_run_in_controller": in_controller}
    ended = subprocess.run(
        [*words, "-e", json.dumps(variables)],
        env=harness.clean_environment(
            HOME=str(home),
            NORTHFLANK_API_URL=sandbox.url,
            NORTHFLANK_API_TOKEN=sandbox.token,
            ANSIBLE_NOCOLOR="1",
        ),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    output = ended.stdout + ended.stderr
    assert sandbox.token not in output
    return ended.returncode, output


def ansible(sandbox: Sandbox, home: Path, arguments: str, *flags: str) -> tuple[int, str]:
    return command(
        sandbox, home, "ansible", "localhost", "-m", "northflank.cloud.addon_backup", "-a", arguments, *flags
    )


def test_twice_by_name_is_changed_then_ok_and_one_post(sandbox: Sandbox, tmp_path: Path) -> None:
    arguments = f'project_id={sandbox.project_id} addon_id={sandbox.addon_ids[0]} name="Example Backup"'
    code, planned = ansible(sandbox, tmp_path, arguments, "--check")
    assert code == 0, planned
    assert sandbox.writes == []
    code, first = ansible(sandbox, tmp_path, arguments)
    assert code == 0, first
    assert "localhost | CHANGED" in first
    code, second = ansible(sandbox, tmp_path, arguments, "-vvv")
    assert code == 0, second
    assert "localhost | SUCCESS" in second
    assert PYTHON in second
    assert [(write.method, write.body["name"]) for write in sandbox.writes] == [("POST", "Example Backup")]


def test_a_mistake_ends_with_its_rule(sandbox: Sandbox, tmp_path: Path) -> None:
    json_arguments = json.dumps({"project_id": sandbox.project_id, "addon_id": sandbox.addon_ids[0], "name": "a  b"})
    code, output = ansible(sandbox, tmp_path, json_arguments)
    assert code == 2, output
    assert "in groups joined by one hyphen, space, slash or colon each" in output
    assert sandbox.requests == []


@pytest.mark.parametrize("in_controller", [False, True], ids=["as modules", "in the controller"])
def test_every_module_does_its_work(sandbox: Sandbox, tmp_path: Path, in_controller: bool) -> None:
    modules = {f"northflank.cloud.{path.stem}" for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert modules == {
        word for task in yaml.safe_load(PLAY.read_text(encoding="utf-8"))[0]["tasks"] for word in task if "." in word
    }
    shutil.copy(PLAY, tmp_path)
    code, output = command(sandbox, tmp_path, "ansible-playbook", "play.yml", "-vvv", in_controller=in_controller)
    assert code == 0, output
    # The worker's own interpreter is that of ansible-core, whatever the cell's is.
    assert in_controller or PYTHON in output
    assert ("Using module file" in output) != in_controller
    assert [backup["name"].split("-")[0] for backup in sandbox.backups("postgres-main")] == ["ansible"]
    assert [backup["name"] for backup in sandbox.backups("mysql-orders")] == ["First"]
    assert [len(sandbox.restores(addon_id)) for addon_id in ("postgres-main", "mysql-orders")] == [1, 1]
