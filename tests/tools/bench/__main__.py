# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection costs, measured side by side in one run on one machine. Started by ``make bench``.

Compare the rows with one another, not with those of another machine. With ``--write``, the page docs/performance.md and
its plots are written. With words as arguments, only those parts run; of these, only ``waits`` can be written.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Run as a folder, this is no package yet.
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("", "support", "tools")]
importlib.import_module("conftest")

from bench import growth, page, sets, simulation, tasks, waits  # noqa: E402  # needs the lines above
from bench.runs import Row  # noqa: E402

PARTS = {
    "tasks": ("A task with nothing to do", tasks.measure),
    "sets": ("A set of 40 addons, 20 s each, at 50 ms latency", sets.measure),
    "growth": ("Growth: backups of 3 s each", growth.measure),
    "waits": ("How late, how many polls: simulated", waits.measure),
    "simulation": ("A day on the virtual clock", simulation.measure),
}


def main(arguments: list[str]) -> int:
    """0 if all goals are met."""
    chosen = [name for name in PARTS if name in arguments] or list(PARTS)
    measured: dict[str, list[Row]] = {}
    for name in chosen:
        title, measure = PARTS[name]
        measured[title] = measure()
        print(f"\n{title}")
        for row in measured[title]:
            goal = "" if row.goal is None else f"goal {row.goal:g}"
            print(f"  {row.what:<75} {row.value:>9.2f} {row.unit:<14} {goal:<10} {row.verdict}")
    if "--write" in arguments and chosen == list(PARTS):
        page.write(ROOT / "docs", measured, simulation.pace(), versions())
    if "--write" in arguments and "waits" in chosen:
        page.write_waits(ROOT / "docs", waits.compare(), versions())
    missed = [row.what for rows in measured.values() for row in rows if row.verdict == "NOT MET"]
    print(f"\n{len(missed)} goals not met" if missed else "\nAll goals met")
    return 1 if missed else 0


def versions() -> str:
    """What was measured with."""
    from ansible.release import __version__ as ansible

    today = datetime.now(timezone.utc).date()
    return f"{today}, ansible-core {ansible}, Python {platform.python_version()}, {os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
