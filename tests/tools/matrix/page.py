# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that says where the collection was run, and what came out."""

from __future__ import annotations

import platform
import subprocess
from datetime import datetime, timezone

from .cells import CHECKS, CORES, PYTHONS, Cell, Core
from .environments import ROOT, interpreter
from .jobs import ansible_version, controller

PAGE = ROOT / "docs" / "matrix.md"
COMMIT = ["git", "describe", "--always", "--dirty= with changes", "--exclude", "*"]
NOT_NAMED = " \\*"
NOT_YET = "not run yet"
TEXT = """\
# Where it was run

`make matrix` has written this page: on {date}, {machine}, from commit {commit}. What it runs is the built collection,
installed with `ansible-galaxy`.

{table}

\\* This ansible-core does not name this Python as one that modules may run on.

- **sanity**: `ansible-test sanity`, without any exception. Each Python of the table that the ansible-core names has to
  compile and import everything. ansible-core 2.22 asks for a part of pylint that no package registry has. Where that
  cannot be had, pylint runs in the hosted workflow only.
- **unit and wire tests**: `tests/unit` less those of the sandbox, and `tests/wire`, with every module.
- **role and playbooks**: a snapshot, data that is destroyed, a rollback; with the role in a play, with the playbooks by
  name, and in check mode.
- **README**: its commands and playbooks, installed from git and from the tarball, with ansible-core and requests.
- **modules on ...**: the main job as a user types it, and a playbook that uses every module, with the modules on that
  Python.

All other tests run with the ansible-core that development uses. The hosted workflow also runs the unit and wire
tests and the main job on Python 3.14, on Linux and on macOS, and with what ansible-core and Python have in development,
which may fail. These runs are not in the table.
"""


def written(outcomes: dict[Cell, str]) -> str:
    """The page for what has been run."""
    return TEXT.format(
        date=datetime.now(tz=timezone.utc).date().isoformat(),
        machine=f"{platform.system()} on {platform.machine()}",
        commit=subprocess.run(COMMIT, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip(),
        table="\n".join(table(outcomes)),
    )


def table(outcomes: dict[Cell, str]) -> list[str]:
    """A row for each ansible-core, a column for each thing that is run."""
    head = ["ansible-core", "runs on Python", *CHECKS.values(), *(f"modules on {_full(python)}" for python in PYTHONS)]
    rows = [head, ["---"] * len(head), *(_row(core, outcomes) for core in CORES)]
    return [f"| {' | '.join(row)} |" for row in rows]


def _row(core: Core, outcomes: dict[Cell, str]) -> list[str]:
    python = controller(core)
    checks = [outcomes.get(Cell(core, check), NOT_YET) for check in CHECKS]
    modules = [
        outcomes.get(Cell(core, python), NOT_YET) + ("" if core.supports(python) else NOT_NAMED) for python in PYTHONS
    ]
    return [ansible_version(core), python.version if python else "-", *checks, *modules]


def _full(version: str) -> str:
    python = interpreter(version)
    return python.version if python else version
