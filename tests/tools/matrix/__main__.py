# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the collection with each supported ansible-core and Python. Started by ``make matrix``.

With words as arguments, only what they name is run: versions of ansible-core, versions of Python for the modules, or
checks (see ``cells.py``). Without words all of it is run, and ``docs/matrix.md`` is written if nothing fails. What this
machine has no interpreter for is said; it is a failure only with ``--complete``. A run that was stopped goes on with
``--resume``; with ``--page``, nothing is run and the page says what has passed so far.
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
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from matrix.cells import Cell, cells  # needs the line above, as this folder is run, not imported
from matrix.environments import CACHE, ROOT, build
from matrix.jobs import job, missing
from matrix.page import PAGE, written

# Who follows the README builds into the checkout, so they do it one after another.
README = threading.Lock()


@dataclass(frozen=True)
class Run:
    """One run of the matrix, on a collection that its digest tells from any other."""

    digest: str
    resume: bool
    workers: int

    def before(self, cell: Cell) -> str | None:
        """How a cell has passed in an earlier run on this very collection."""
        note = _note(cell)
        digest, _line, told = note.read_text(encoding="utf-8").partition("\n") if note.exists() else ("", "", "")
        return told if self.resume and digest == self.digest else None

    def outcome(self, cell: Cell) -> str:
        """Run a cell that can be run; tells in a few words how that ended."""
        log, this = _log(cell), job(cell)
        _note(cell).unlink(missing_ok=True)
        with README if cell.what == "readme" else nullcontext(), log.open("w", encoding="utf-8") as file:
            status = subprocess.run(
                this.command,
                cwd=ROOT,
                env={**os.environ, **this.variables},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        if status != 0:
            return f"FAILED, see {log.relative_to(ROOT)}"
        count = re.search(r"\d+ passed", log.read_text(encoding="utf-8")) if cell.what == "tests" else None
        told = count[0] if count else "passed"
        _note(cell).write_text(f"{self.digest}\n{told}", encoding="utf-8")
        return told

    def outcomes(self, wanted: list[Cell]) -> Iterator[tuple[Cell, str]]:
        """Each cell with how it ended, in the order in which they end."""
        todo = []
        for cell in wanted:
            why, before = missing(cell), self.before(cell)
            if why is not None:
                yield cell, f"not run: {why}"
            elif before is not None:
                yield cell, before
            else:
                todo.append(cell)
                # Makes its environment. Not side by side, as cells share them.
                job(cell)
        with ThreadPoolExecutor(self.workers) as pool:
            running = {pool.submit(self.outcome, cell): cell for cell in todo}
            for ended in as_completed(running):
                yield running[ended], ended.result()


def _log(cell: Cell) -> Path:
    return CACHE / f"{cell.core.version}-{cell.what}.log"


def _note(cell: Cell) -> Path:
    return _log(cell).with_suffix(".passed")


def main() -> int:
    """0 if nothing has failed."""
    parser = argparse.ArgumentParser(prog="tests/tools/matrix", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--complete", action="store_true", help="what cannot be run is a failure")
    parser.add_argument("--resume", action="store_true", help="leave out what has passed since the collection changed")
    parser.add_argument("--page", action="store_true", help="run nothing; write the page from what has passed so far")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many cells run side by side")
    parser.add_argument("words", nargs="*", help="versions and checks; all if there are none")
    asked = parser.parse_args()
    this = Run(build(without=PAGE.relative_to(ROOT).as_posix()), asked.resume or asked.page, asked.workers)
    if asked.page:
        passed = {cell: told for cell in cells([]) if (told := this.before(cell))}
        PAGE.write_text(written(passed), encoding="utf-8")
        return 0
    found = {}
    for cell, ended in this.outcomes(cells(asked.words)):
        found[cell] = ended
        print(f"{cell.core.version:6} {cell.what:8} {ended}", flush=True)
        if ended.startswith("FAILED"):
            print(*_log(cell).read_text(encoding="utf-8").splitlines()[-40:], sep="\n", flush=True)
    bad = ("FAILED", "not run") if asked.complete else ("FAILED",)
    if any(ended.startswith(bad) for ended in found.values()):
        return 1
    if not asked.words:
        PAGE.write_text(written(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
