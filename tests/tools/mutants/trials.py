# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests in a copy of the collection: all of them where nothing is broken, the likeliest first where something is."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

# What the tests import beside the collection. A process that is forked from this one has it already.
_HEAVY = (
    "ansible.module_utils.basic",
    "ansible.module_utils.testing",
    "ansible.plugins.loader",
    "ansible.template",
    "flask",
    "hypothesis.strategies",
    "jsonschema_rs",
    "requests",
    "trustme",
    "yaml",
    "zstandard",
)
# Only whether a test fails counts here: not how its assertion reads, nor what its simplest example is.
_OPTIONS = "-x -q --no-header --assert=plain -p hypothesispytest --hypothesis-profile=rough -o addopts="


def import_what_is_heavy() -> None:
    for name in _HEAVY:
        importlib.import_module(name)


def copy_of_the_collection(source: Path, place: Path) -> Path:
    """A copy that comes before the real one on Python's path."""
    tree = place / "ansible_collections" / "northflank" / "cloud"
    tree.mkdir(parents=True)
    for name in ("plugins", "roles", "playbooks", "tests", "meta"):
        # What is broken must be read anew; what tests it need not.
        skip = shutil.ignore_patterns("__pycache__") if name == "plugins" else None
        shutil.copytree(source / name, tree / name, ignore=skip)
    for name in ("pyproject.toml", "galaxy.yml"):
        shutil.copy(source / name, tree / name)
    return tree


def run_tests(tree: Path, tests: str, plugin: object, place: Path) -> int:
    """Run tests in a copy, up to the first that fails. For a process that ends with it.

    :param place: a folder for what is printed (``output``) and for other files.
    :returns: pytest's exit status.
    """
    with (place / "output").open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.chdir(tree)
    sys.path.insert(0, str(tree.parents[2]))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # Programs that tests start would take the real collection otherwise, in which nothing is broken.
    os.environ["MATRIX_COLLECTIONS"] = str(tree.parents[2])
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(place / "examples")
    # For the copies of this copy.
    sys.dont_write_bytecode = False
    try:
        return int(pytest.main([*_OPTIONS.split(), *tests.split()], [plugin]))
    except Exception:  # noqa: BLE001  # what escapes pytest counts as it does where pytest is run as a program
        traceback.print_exc()
        return int(pytest.ExitCode.TESTS_FAILED)


class Watcher:
    """Pytest plugin: writes down which lines of the collection each test runs, and how long it takes."""

    def __init__(self, tree: Path, place: Path) -> None:
        self._seconds: dict[str, float] = {}
        self._place = place
        self._coverage = Coverage(str(place / "lines"), config_file=False, source=[str(tree / "plugins")])
        # The newest way to trace does not tell tests apart.
        self._coverage.set_option("run:core", "ctrace")

    def pytest_sessionstart(self) -> None:
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._coverage.switch_context(item.nodeid)
        began = time.monotonic()
        ended = yield
        self._seconds[item.nodeid] = time.monotonic() - began
        return ended

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        (self._place / "seconds").write_text(json.dumps(self._seconds), encoding="utf-8")


class Watched:
    """What a :class:`Watcher` has written down."""

    def __init__(self, place: Path) -> None:
        self._seconds: dict[str, float] = json.loads((place / "seconds").read_text(encoding="utf-8"))
        self._data = CoverageData(str(place / "lines"))
        self._data.read()

    @property
    def seconds(self) -> float:
        """How long the tests took, one after the other."""
        return sum(self._seconds.values())

    def who_runs(self, file: Path, lines: Sequence[int]) -> list[str]:
        """The tests that run one of these lines, the quickest first."""
        by_line = self._data.contexts_by_lineno(str(file))
        tests = {test for line in lines for test in by_line.get(line, ())}
        return sorted(tests & self._seconds.keys(), key=self._seconds.__getitem__)


class Order:
    """Pytest plugin: runs some tests before all others."""

    def __init__(self, first: Sequence[str]) -> None:
        self._places = {test: place for place, test in enumerate(first)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._places.get(item.nodeid, len(self._places)))
