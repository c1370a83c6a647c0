# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Break the collection in one place at a time, and demand that a test notices each time. Started by ``make mutants``.

Works on copies in a temporary folder. With words as arguments, only mutants whose name holds one of them are run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from catalogue import MUTANTS, Mutant  # needs the line above, as this folder is run, not imported

ROOT = Path(__file__).resolve().parents[2]
TESTS_FAILED = 1
# A fault that makes the tests run on for ever is noticed, too.
PATIENCE = 300
WORKERS = os.cpu_count() or 1


def copy_of_the_collection(place: Path) -> Path:
    """A copy that comes before the real one on Python's path."""
    tree = place / "ansible_collections" / "northflank" / "cloud"
    tree.mkdir(parents=True)
    skip = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for name in ("plugins", "tests", "meta"):
        shutil.copytree(ROOT / name, tree / name, ignore=skip)
    for name in ("pyproject.toml", "galaxy.yml"):
        shutil.copy(ROOT / name, tree / name)
    return tree


def run_tests(tree: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy, up to the first that fails; tests that do not end have failed."""
    environment = {**os.environ, "PYTHONPATH": str(tree.parents[2]), "HYPOTHESIS_STORAGE_DIRECTORY": str(tree / "h")}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:xdist"]
    command += ["-p", "no:pytest-ansible", "-p", "no:cov", "-o", "addopts=", *tests.split()]
    try:
        return subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, TESTS_FAILED)


def try_mutant(mutant: Mutant) -> str:
    """Returns "caught", or why that cannot be said."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as place:
        tree = copy_of_the_collection(Path(place))
        target = tree / mutant.file
        text = target.read_text(encoding="utf-8")
        if text.count(mutant.old) != 1:
            return f"cannot be made: its text stands {text.count(mutant.old)} times in {mutant.file}"
        target.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        status = run_tests(tree, mutant.tests).returncode
    if status == TESTS_FAILED:
        return "caught"
    return "SURVIVED" if status == 0 else f"cannot be judged: the tests ended with status {status}"


def baseline(mutants: list[Mutant]) -> bool:
    """Whether all tests pass where nothing is broken; otherwise "caught" would mean nothing."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as place:
        tree = copy_of_the_collection(Path(place))
        for tests in sorted({mutant.tests for mutant in mutants}):
            ended = run_tests(tree, tests)
            if ended.returncode != 0:
                print(ended.stdout, ended.stderr, sep="\n", file=sys.stderr)
                return False
    return True


def main(words: list[str]) -> int:
    """Run the catalogue; 0 only if every mutant was caught."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    began = time.monotonic()
    if not baseline(chosen):
        print("The tests fail already where nothing is broken.", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(WORKERS) as pool:
        outcomes = list(pool.map(try_mutant, chosen))
    bad = [(mutant, outcome) for mutant, outcome in zip(chosen, outcomes) if outcome != "caught"]
    for mutant, outcome in bad:
        print(f"{mutant.name}: {outcome}")
    print(f"{len(chosen) - len(bad)} of {len(chosen)} mutants caught in {time.monotonic() - began:.0f} s")
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
