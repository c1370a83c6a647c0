# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection under another name, as a vendor may want it: it builds, explains itself, and does its work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import harness
from sandbox import Sandbox, SystemClock

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def test_the_renamed_collection_builds_and_works(tmp_path: Path) -> None:
    subprocess.run([ROOT / ".ci" / "rename", "acme", "backups", tmp_path], check=True, capture_output=True)
    tree = tmp_path / "ansible_collections" / "acme" / "backups"
    plugins = [path for path in (tree / "plugins").rglob("*") if path.is_file()]
    plugins += [path for name in ("roles", "playbooks") for path in (tree / name).rglob("*.yml")]
    old = [path for path in plugins if "northflank.cloud." in path.read_text(encoding="utf-8")]
    assert old == []
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        env = harness.clean_environment(
            HOME=str(tmp_path),
            ANSIBLE_COLLECTIONS_PATH=str(tmp_path),
            NORTHFLANK_API_URL=sandbox.url,
            NORTHFLANK_API_TOKEN=sandbox.token,
        )

        def run(*command: str) -> str:
            ended = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert ended.returncode == 0, ended.stdout + ended.stderr
            return ended.stdout

        run(str(BIN / "ansible-galaxy"), "collection", "build", "--output-path", str(tmp_path / "dist"), str(tree))
        assert "acme.backups.addon_backup" in run(str(BIN / "ansible-doc"), "acme.backups.addon_backup")
        arguments = 'project_id=default-project addon_id=postgres-main name="By hand"'
        run(str(BIN / "ansible"), "localhost", "-m", "acme.backups.addon_backup", "-a", arguments)
        assert [backup["name"] for backup in sandbox.backups("postgres-main")] == ["By hand"]
        run(str(BIN / "ansible-playbook"), "acme.backups.backups", "-e", "project_id=default-project")
    assert [path.name.startswith("acme-backups-") for path in (tmp_path / "dist").glob("*.tar.gz")] == [True]


def test_a_name_that_galaxy_would_refuse_is_refused(tmp_path: Path) -> None:
    ended = subprocess.run(
        [ROOT / ".ci" / "rename", "Ac-me", "backups", tmp_path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "Give a namespace" in ended.stderr
    assert list(tmp_path.iterdir()) == []
