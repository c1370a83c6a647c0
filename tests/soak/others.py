# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the soak about tasks that start nothing: one that prunes, one that reads, one that downloads."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Timing
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup_download,
    addon_backup_info,
    addon_backup_prune,
)

import harness
from sandbox import Sandbox

HELD, KEPT = 4, 2
_MODULES: dict[str, ModuleType] = {
    "prune": addon_backup_prune,
    "read": addon_backup_info,
    "download": addon_backup_download,
}


@dataclass(frozen=True)
class Ended:
    """What a task has come to.

    :ivar file: what it left in its folder; None for nothing.
    """

    ran: harness.Ran
    file: bytes | None


def prepare(task: str, sandbox: Sandbox, addon_id: str) -> None:
    """Some backups of different ages."""
    backup_type = "dump" if task == "download" else "snapshot"
    for night in range(HELD):
        sandbox.add_backup(addon_id, name=f"nightly-{night}", age=3600.0 + 86400.0 * night, backup_type=backup_type)


def run(task: str, sandbox: Sandbox, timing: Timing, addon_id: str, seconds: int) -> Ended:
    """The task, as a playbook has it."""
    folder = Path(tempfile.mkdtemp())
    connection = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
    arguments: dict[str, dict[str, Any]] = {
        "prune": {"name_prefix": "nightly-", "keep_last": KEPT, "wait_timeout": seconds},
        "read": {},
        "download": {"name": "nightly-1", "dest": str(folder / "dump"), "wait_timeout": seconds},
    }
    try:
        ran = harness.run_main(
            _MODULES[task].main, timing, {**connection, "addon_id": addon_id, "api_retries": 2, **arguments[task]}
        )
        files = sorted(folder.iterdir())
        assert [path.name for path in files] in ([], ["dump"]), "something was left behind"
        return Ended(ran, files[0].read_bytes() if files else None)
    finally:
        shutil.rmtree(folder)


def judge(task: str, ended: Ended, sandbox: Sandbox, addon_id: str) -> None:
    """What must hold after any schedule."""
    ran, acts = ended.ran, [act for act in sandbox.acts if act.addon_id == addon_id]
    assert "signature" not in ran.result.get("msg", ""), "the signed link is shown"
    if not ran.changed:
        assert acts == [], "something was done that is not told"
    held = {one["name"]: one["id"] for one in sandbox.backups(addon_id) if one["name"].startswith("nightly-")}
    if task == "prune":
        youngest = {f"nightly-{night}" for night in range(KEPT)}
        assert youngest <= set(held), "what the policy keeps is deleted"
        if not ran.failed:
            assert set(held) == youngest, "what is told to be deleted is there"
        return
    assert (len(held), sandbox.writes) == (HELD, [])
    if task == "read" and not ran.failed:
        told = {one["name"] for one in ran.result["backups"]}
        assert set(held) <= told, "a backup is missing in what is told"
    if task == "download":
        assert ended.file in ({None} if ran.failed else set()) | {sandbox.file(addon_id, held["nightly-1"])}
