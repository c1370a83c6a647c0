# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The house in figures, and its picture for docs/architecture.md. Started by ``make house``.

The walks tell how the ways through the code grow: run it before and after a change of structure, and compare.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Run as a folder, this is no package yet.
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("", "support", "tools")]
importlib.import_module("conftest")

from ansible_collections.northflank.cloud.plugins.modules import (  # noqa: E402  # as above
    addon_backup,
    addon_backup_download,
    addon_backup_prune,
    addon_backup_restore,
)

import harness  # noqa: E402  # needs the lines above
from house import picture  # noqa: E402  # as above
from house.imports import UTILS, edges  # noqa: E402  # as above
from house.walk import walk  # noqa: E402  # as above
from sandbox import Sandbox, VirtualClock  # noqa: E402  # as above

ADDON = "postgres-main"


def main() -> int:
    """Write the picture, and print the figures."""
    picture.write()
    rooms = sorted(path.name for path in UTILS.iterdir() if path.name.startswith("_") and path.name != "__pycache__")
    between = [pair for pair in edges() if set(pair) <= set(rooms)]
    sys.stdout.write(f"{len(rooms)} rooms, {len(between)} edges between them, {len(edges())} with the plugins\n\n")
    sys.stdout.write(f"{'one ...':28}{'functions':>10}{'files':>8}{'changes of file':>18}\n")
    for name, run in _tasks().items():
        clock = VirtualClock()
        with Sandbox(clock=clock, duration=0.0) as sandbox, tempfile.TemporaryDirectory() as folder:
            sandbox.add_backup(ADDON, name="Good", age=60, backup_type="dump")
            functions, files, changes = walk(partial(run, sandbox, clock, folder))
        sys.stdout.write(f"{name:28}{functions:>10}{files:>8}{changes:>18}\n")
    return 0


def _tasks() -> dict[str, Callable[[Sandbox, VirtualClock, str], harness.Ran]]:
    task = harness.run_task
    return {
        "named backup": lambda box, clock, _: task(addon_backup, box, clock, addon_id=ADDON, name="Before release"),
        "restore of a backup by name": lambda box, clock, _: task(
            addon_backup_restore, box, clock, addon_id=ADDON, name="Good"
        ),
        "download": lambda box, clock, folder: task(
            addon_backup_download, box, clock, addon_id=ADDON, name="Good", dest=folder
        ),
        "prune with nothing to do": lambda box, clock, _: task(
            addon_backup_prune, box, clock, addon_id=ADDON, name_prefix="nightly-", keep_last=3
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
