# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module says where the one library that it needs is not there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import harness
from sandbox import Sandbox

MODULE = "ansible_collections.northflank.cloud.plugins.modules.addon_backup"


def test_without_requests_the_module_says_what_to_install_and_where(sandbox: Sandbox, tmp_path: Path) -> None:
    """The folder comes before the place where the library is."""
    (tmp_path / "requests.py").write_text("raise ImportError(name='requests')", encoding="utf-8")
    arguments = {"project_id": sandbox.project_id, "addon_id": "postgres-main", "api_token": sandbox.token}
    file = tmp_path / "arguments.json"
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, "api_url": sandbox.url}}), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", MODULE, str(file)],
        env=harness.clean_environment(PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    result = json.loads(ended.stdout)
    assert result["failed"]
    assert "Failed to import the required Python library (requests)" in result["msg"]
    assert sys.executable in result["msg"]
    # What the controller has to mask it is told, and shows to nobody.
    result.pop("_ansible_new_secrets", None)
    assert sandbox.token not in json.dumps(result) + ended.stderr
    assert sandbox.requests == []
