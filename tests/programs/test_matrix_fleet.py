# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as a user types it, with the real programs: what must hold on every supported version of ansible-core.

``MATRIX_PROGRAMS`` names the folder of the Ansible to run; without it, it is the one that runs the tests.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

import harness
from sandbox import Sandbox

PROGRAMS = Path(os.environ.get("MATRIX_PROGRAMS") or Path(sys.executable).parent)
SOURCE = "addons.northflank.yml"
HOSTILE = ["{{ 6 * 7 }}", "{% raw %}", "a:b"]
FLEET = """
- name: Fleet
  hosts: northflank_tag_a_b
  gather_facts: false
  # As a credential does.
  environment:
    NORTHFLANK_API_TOKEN: "{{ lookup('ansible.builtin.file', 'token') }}"
  tasks:
    - name: Back up
      northflank.cloud.addon_backup:
        project_id: "{{ northflank_project_id }}"
        addon_id: "{{ northflank_addon_id }}"
        name: Nightly

    - name: Show
      ansible.builtin.debug:
        msg: "{{ northflank_tags | join(' ') }} by {{ ansible_python_interpreter }}"
"""


def run(sandbox: Sandbox, folder: Path, program: str, *arguments: str) -> str:
    """Run a program, which has to succeed. Returns all that it shows."""
    # Where the matrix has installed the collection, programs look for it there.
    collections = os.environ.get("MATRIX_COLLECTIONS")
    ended = subprocess.run(
        [str(PROGRAMS / program), *arguments],
        env=harness.clean_environment(
            HOME=str(folder),
            NORTHFLANK_API_URL=sandbox.url,
            ANSIBLE_NOCOLOR="1",
            **({"ANSIBLE_COLLECTIONS_PATH": collections} if collections else {}),
        ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output
    assert sandbox.token not in output
    return output


def test_a_fleet_is_read_with_an_encrypted_token_and_its_tags_stay_text(sandbox: Sandbox, tmp_path: Path) -> None:
    """From the inventory plugin, and from what AWX makes of it: the same, printed by a script."""
    sandbox.add_addon("hostile", tags=HOSTILE, project_id="staging-project")
    secret = VaultSecret(b"the password")
    encrypted = VaultLib([("default", secret)]).encrypt(sandbox.token, secret=secret).decode()
    lines = "".join(f"  {line}\n" for line in encrypted.splitlines())
    (tmp_path / SOURCE).write_text(f"plugin: northflank.cloud.addons\napi_token: !vault |\n{lines}", encoding="utf-8")
    (tmp_path / "password").write_text("the password", encoding="utf-8")
    unlocked = ["-i", SOURCE, "--vault-password-file", "password"]
    run(sandbox, tmp_path, "ansible-inventory", *unlocked, "--list", "--export", "--output", "listed")
    assert sandbox.token not in (tmp_path / "listed").read_text(encoding="utf-8")
    script = tmp_path / "awx"
    script.write_text(f"#!/bin/sh\ncat {shlex.quote(str(tmp_path / 'listed'))}\n", encoding="utf-8")
    script.chmod(0o755)
    (tmp_path / "token").write_text(sandbox.token, encoding="utf-8")
    (tmp_path / "fleet.yml").write_text(FLEET, encoding="utf-8")
    for inventory, outcome in ((unlocked, "changed"), (["-i", str(script)], "ok")):
        shown = run(sandbox, tmp_path, "ansible-playbook", *inventory, "fleet.yml")
        assert f"{' '.join(HOSTILE)} by {PROGRAMS}" in shown
        assert f"{outcome}: [hostile.staging-project]" in shown
    assert len(sandbox.backups("hostile", "staging-project")) == 1


def test_the_cache_is_used_until_it_is_flushed(sandbox: Sandbox, tmp_path: Path) -> None:
    source = {
        "plugin": "northflank.cloud.addons",
        "api_token": "{{ lookup('ansible.builtin.file', 'token') }}",
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    (tmp_path / SOURCE).write_text(yaml.safe_dump(source), encoding="utf-8")
    (tmp_path / "token").write_text(sandbox.token, encoding="utf-8")
    (tmp_path / "fleet.yml").write_text("- hosts: northflank\n", encoding="utf-8")
    command = ["ansible-playbook", "-i", SOURCE, "fleet.yml", "--list-hosts"]
    first = run(sandbox, tmp_path, *command)
    sandbox.add_addon("mysql-new", type="mysql")
    sandbox.clear_log()
    # Ansible lists the hosts of groups within groups in another order each time.
    assert sorted(run(sandbox, tmp_path, *command).splitlines()) == sorted(first.splitlines())
    assert sandbox.requests == []
    assert "mysql-new.default-project" in run(sandbox, tmp_path, *command, "--flush-cache")
    assert "mysql-new.default-project" in run(sandbox, tmp_path, *command)
    assert len(sandbox.requests) == 3
    # Older ones than ansible-core 2.19 have the option for playbooks only.
    if " --flush-cache" in run(sandbox, tmp_path, "ansible-inventory", "--help"):
        run(sandbox, tmp_path, "ansible-inventory", "-i", SOURCE, "--list", "--flush-cache")
        assert len(sandbox.requests) == 6
    files = [path for path in (tmp_path / "cache").iterdir() if sandbox.token in path.read_text(encoding="utf-8")]
    assert files == []
