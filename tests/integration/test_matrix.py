# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job as a user types it, with the real programs: what must hold on every supported version.

``MATRIX_ANSIBLE`` names the ansible program to run, ``MATRIX_PYTHON`` the interpreter that the module runs on; without
them, both are those that run the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import harness
from sandbox import Sandbox

ANSIBLE = os.environ.get("MATRIX_ANSIBLE") or str(Path(sys.executable).parent / "ansible")
PYTHON = os.environ.get("MATRIX_PYTHON") or sys.executable


def ansible(sandbox: Sandbox, home: Path, arguments: str, *flags: str) -> tuple[int, str]:
    ended = subprocess.run(
        [ANSIBLE, "localhost", "-m", "northflank.cloud.addon_backup", "-a", arguments, *flags],
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
        timeout=120,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_twice_by_name_is_changed_then_ok_and_one_post(sandbox: Sandbox, tmp_path: Path) -> None:
    arguments = f'project_id={sandbox.project_id} addon_id={sandbox.addon_ids[0]} name="Example Backup"'
    interpreter = ["-e", f"ansible_python_interpreter={PYTHON}"]
    code, planned = ansible(sandbox, tmp_path, arguments, *interpreter, "--check")
    assert code == 0, planned
    assert sandbox.writes == []
    code, first = ansible(sandbox, tmp_path, arguments, *interpreter)
    assert code == 0, first
    assert "localhost | CHANGED" in first
    code, second = ansible(sandbox, tmp_path, arguments, *interpreter, "-vvv")
    assert code == 0, second
    assert "localhost | SUCCESS" in second
    assert PYTHON in second
    assert [(write.method, write.body["name"]) for write in sandbox.writes] == [("POST", "Example Backup")]
    assert sandbox.token not in planned + first + second


def test_a_mistake_ends_with_its_rule(sandbox: Sandbox, tmp_path: Path) -> None:
    json_arguments = json.dumps({"project_id": sandbox.project_id, "addon_id": sandbox.addon_ids[0], "name": "a  b"})
    code, output = ansible(sandbox, tmp_path, json_arguments, "-e", f"ansible_python_interpreter={PYTHON}")
    assert code == 2, output
    assert "in groups joined by one hyphen, blank, slash or colon each" in output
    assert sandbox.requests == []
