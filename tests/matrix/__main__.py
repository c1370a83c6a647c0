# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the collection with each supported ansible-core and Python. Started by ``make matrix``.

With words as arguments, only what they name is run: versions of ansible-core, versions of Python for the modules, or
checks (see ``cells.py``). Without words all of it is run, and ``docs/matrix.md`` is written if nothing fails. What this
machine has no interpreter for is said; it is a failure only with ``--complete``.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from matrix.cells import Cell, cells  # needs the line above, as this folder is run, not imported
from matrix.environments import CACHE, ROOT, run
from matrix.jobs import job, missing
from matrix.page import PAGE, written

# Who follows the README builds into the checkout, so they do it one after another.
README = threading.Lock()


def log_of(cell: Cell) -> Path:
    return CACHE / f"{cell.core.version}-{cell.what}.log"


def outcome(cell: Cell) -> str:
    """Run a cell that can be run; tells in a few words how that ended."""
    log, this = log_of(cell), job(cell)
    with README if cell.what == "readme" else threading.Lock(), log.open("w", encoding="utf-8") as file:
        environ = {**os.environ, **this.variables}
        status = subprocess.run(
            this.command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if status != 0:
        return f"FAILED, see {log.relative_to(ROOT)}"
    count = re.search(r"\d+ passed", log.read_text(encoding="utf-8")) if cell.what == "tests" else None
    return count[0] if count else "passed"


def outcomes(wanted: list[Cell]) -> Iterator[tuple[Cell, str]]:
    """Each cell with how it ended, in the order in which they end."""
    possible = []
    for cell in wanted:
        why = missing(cell)
        if why is None:
            possible.append(cell)
            # Makes its environment. Not side by side, as cells share them.
            job(cell)
        else:
            yield cell, f"not run: {why}"
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(outcome, cell): cell for cell in possible}
        for ended in as_completed(running):
            yield running[ended], ended.result()


def main() -> int:
    """0 if nothing has failed."""
    parser = argparse.ArgumentParser(prog="tests/matrix", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--complete", action="store_true", help="what cannot be run is a failure")
    parser.add_argument("words", nargs="*", help="versions and checks; all if there are none")
    asked = parser.parse_args()
    wanted = cells(asked.words)
    run([ROOT / ".ci" / "build", CACHE / "dist"])
    found = {}
    for cell, ended in outcomes(wanted):
        found[cell] = ended
        print(f"{cell.core.version:6} {cell.what:8} {ended}", flush=True)
        if ended.startswith("FAILED"):
            print(*log_of(cell).read_text(encoding="utf-8").splitlines()[-40:], sep="\n", flush=True)
    bad = ("FAILED", "not run") if asked.complete else ("FAILED",)
    if any(ended.startswith(bad) for ended in found.values()):
        return 1
    if not asked.words:
        PAGE.write_text(written(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
