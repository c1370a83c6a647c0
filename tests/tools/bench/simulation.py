# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be waited for: hours on the virtual clock, with the engine itself and real HTTP."""

from __future__ import annotations

from ansible_collections.northflank.cloud.plugins.module_utils._backup.engine import run_backups
from ansible_collections.northflank.cloud.plugins.module_utils._backup.plan import BackupSpec
from ansible_collections.northflank.cloud.plugins.module_utils._task.members import RunOptions
from ansible_collections.northflank.cloud.plugins.module_utils._task.polling_pace import SINGLE, next_pause

import harness
from sandbox import Sandbox, VirtualClock

from .runs import Row

ADDONS = 1000
DURATION = 300.0
LIMITS = (1000, 10_000)
# From a second to two hours.
DURATIONS = (1, 2, 5, 10, 20, 60, 300, 1200, 3600, 7200)


def measure() -> list[Row]:
    """1,000 addons in one task, under small and large request limits."""
    rows = []
    for limit in LIMITS:
        seconds, requests, refused = _simulate(limit)
        under = f"{ADDONS} addons of {DURATION / 60:g} min under {limit} requests an hour"
        rows += [
            Row(f"{under}: time on the clock", seconds / 3600, "h"),
            Row(f"{under}: requests an addon", requests / ADDONS),
            Row(f"{under}: refused for the rate", refused),
        ]
    return rows


def _simulate(limit: int) -> tuple[float, int, int]:
    clock = VirtualClock()
    with Sandbox(clock=clock, duration=DURATION, rate_limit=limit) as sandbox:
        wanted = []
        for number in range(ADDONS):
            sandbox.add_addon(f"db-{number}")
            wanted.append(BackupSpec(f"db-{number}", name="Simulation"))
        api = harness.api_of(sandbox, harness.virtual(clock), seconds=24 * 3600.0)
        # One after the other: a virtual clock has one sleeper.
        members = run_backups(api, wanted, RunOptions(concurrency=1))
        problem = next((member.error for member in members if member.error is not None), None)
        if problem is not None:
            raise SystemExit(f"the simulation failed: {problem}")
        return clock.monotonic(), len(sandbox.requests), sum(one.status == 429 for one in sandbox.requests)


def pace() -> list[tuple[int, float, int]]:
    """For a single backup of each duration: seconds, how late its end is seen, and requests in all."""
    table = []
    for duration in DURATIONS:
        late, looks = 0.0, 0
        # Chance makes pauses shorter by up to a twentieth, so the whole range is tried.
        for chance in (0.0, 0.25, 0.5, 0.75, 1.0):
            at, count = 0.0, 0
            while at < duration:
                at += next_pause(SINGLE, at, None, 7200.0, chance, 100.0 - count)
                count += 1
            late, looks = max(late, at - duration), max(looks, count)
        table.append((duration, late, looks + 2))
    return table
