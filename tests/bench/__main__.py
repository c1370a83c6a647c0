# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a set of 40 addons starts, by the number of requests under way at once. Started by ``make bench``.

Real time, one run after the other on one machine: compare the rows, not the seconds with those of another machine.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ansible_collections.northflank.cloud.plugins.module_utils._backup_member import Settings
from ansible_collections.northflank.cloud.plugins.module_utils._backup_plan import Wanted
from ansible_collections.northflank.cloud.plugins.module_utils._backup_set import run
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import Timing

import harness
from sandbox import Sandbox, SystemClock

ADDONS = 40
LATENCY = 0.05
DURATION = 4.0


def measure(concurrency: int) -> tuple[float, float, int]:
    """Seconds from the first start to the last, seconds over the duration of a backup, and requests."""
    with Sandbox(clock=SystemClock(), latency=LATENCY, duration=DURATION, rate_limit=10_000) as sandbox:
        wanted = []
        for number in range(ADDONS):
            sandbox.add_addon(f"db-{number}")
            wanted.append(Wanted(f"db-{number}", name="Benchmark"))
        api = harness.api_of(sandbox, Timing())
        began = time.monotonic()
        members = run(api, wanted, Settings(concurrency=concurrency))
        wall = time.monotonic() - began
        if any(member.error for member in members):
            raise SystemExit(f"the benchmark's set failed: {next(member.error for member in members if member.error)}")
        created = [datetime.fromisoformat(member.backup.created_at) for member in members if member.backup is not None]
    return (max(created) - min(created)).total_seconds(), wall - DURATION, api.client.requests


def main() -> None:
    """Print one row for each degree of concurrency."""
    print(f"{ADDONS} addons, {LATENCY * 1000:.0f} ms latency, backups of {DURATION:g} s")
    print(f"{'concurrency':>12} {'start skew':>11} {'over slowest':>13} {'requests':>9}")
    for concurrency in (1, 4, 8, 16, 32, 64):
        skew, over, requests = measure(concurrency)
        print(f"{concurrency:>12} {skew:>9.2f} s {over:>11.2f} s {requests:>9}")


if __name__ == "__main__":
    main()
