# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command of each cell, and the variables it needs. The first call makes the environment that it runs in."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .cells import PYTHONS, Cell, Core
from .environments import CACHE, ROOT, Python, environment, install_collection, interpreter, link_checkout

# Runs the tests; what they test is an ansible-core beside it.
OURS: list[str | Path] = [ROOT / ".venv" / "bin" / "python", "-m", "pytest", "-q"]
# Runs the tests within an ansible-core, where pytest-ansible is not, whose option would not be known.
WITHIN: list[str | Path] = ["-m", "pytest", "-q", "-o", "addopts=-ra --strict-markers --strict-config"]


@dataclass(frozen=True)
class Job:
    """A command, and variables beside those that are set already."""

    command: list[str | Path]
    variables: dict[str, str]


@cache
def controller(core: Core) -> Python | None:
    """The Python that an ansible-core runs on: the first that is here."""
    return next((found for version in core.controllers if (found := interpreter(version))), None)


@cache
def programs(core: Core) -> Path:
    """The programs of an ansible-core, installed as a user does it, with nothing beside it but requests."""
    return environment(f"core-{core.version}", _here(controller(core)), f"core-{core.version}.txt")


@cache
def ansible_version(core: Core) -> str:
    """The full version of an ansible-core, or what is asked for where no Python is here for it."""
    if controller(core) is None:
        return core.version
    told = subprocess.run([programs(core) / "ansible", "--version"], capture_output=True, text=True, check=True).stdout
    return told.split("core ", 1)[1].split("]", 1)[0]


@cache
def collections(core: Core) -> Path:
    """Where that ansible-core's own ansible-galaxy has installed the built collection."""
    return install_collection(programs(core), CACHE / f"collections-{core.version}")


@cache
def modules(python: str) -> Path:
    """A Python of that version as a host has it, with requests for the modules."""
    return environment(f"python-{python}", _here(interpreter(python)), "modules.txt") / "python"


@cache
def tests(core: Core) -> Path:
    """A Python with that ansible-core, what the tests need, and this checkout."""
    there = environment(f"tests-{core.version}", _here(controller(core)), f"core-{core.version}.txt", "tests.txt")
    link_checkout(there)
    return there / "python"


def missing(cell: Cell) -> str | None:
    """Why a cell cannot be run on this machine."""
    if controller(cell.core) is None:
        return f"no Python {' or '.join(cell.core.controllers)} here"
    if cell.what in PYTHONS and interpreter(cell.what) is None:
        return f"no Python {cell.what} here"
    return None


def job(cell: Cell) -> Job:
    """What to run for a cell that can be run."""
    core = cell.core
    if cell.what == "sanity":
        return sanity(core)
    if cell.what == "tests":
        # The sandbox's own know nothing of Ansible.
        selected = ["tests/unit", "--ignore", "tests/unit/sandbox", "tests/wire"]
        return Job([tests(core), *WITHIN, "-o", f"cache_dir={CACHE / 'pytest'}-{core.version}", *selected], {})
    if cell.what == "readme":
        # With an Ansible that has no collection: its reader installs it, from git and from the tarball.
        selected = ["tests/programs/test_readme.py", "-k", "newcomer"]
        return Job([*OURS, *selected], {"MATRIX_PROGRAMS": str(programs(core))})
    user = {"MATRIX_PROGRAMS": str(programs(core)), "MATRIX_COLLECTIONS": str(collections(core))}
    if cell.what == "plays":
        selected = ["tests/programs/test_role.py", "-k", "same_play or by_name or check_mode"]
        return Job([*OURS, *selected], user)
    return Job([*OURS, "tests/programs/test_matrix.py"], {**user, "MATRIX_PYTHON": str(modules(cell.what))})


def sanity(core: Core) -> Job:
    """What can be compiled and imported, is so with each Python that is here and that this ansible-core supports."""
    found = {version: interpreter(version) for version in PYTHONS if core.supports(version)}
    targets = {version: python for version, python in found.items() if python is not None}
    arguments = [word for version in targets for word in ("--target-python", version)]
    path = [str(python.program.parent) for python in targets.values()]
    return Job(
        [ROOT / ".ci" / "ansible-test", "sanity", *arguments],
        {"ANSIBLE_TEST_PYTHON": str(programs(core) / "python"), "PATH": os.pathsep.join([*path, os.environ["PATH"]])},
    )


def _here(python: Python | None) -> Path:
    if python is None:
        raise LookupError("what is missing was not asked for beforehand")
    return python.program
