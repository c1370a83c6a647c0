# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is deployed, written, taken back, pruned, killed or failed, in whatever order: no data is lost unsaid.

``make test`` plays 300 sequences, and ``make soak`` 10,000. A failure says its seed, and the shortest sequence.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from sandbox import Assumptions

from .interpreter import compiled_once
from .model import Broken, play
from .sequences import THEMES, Run, Step, Write

ASKED_FOR = int(os.environ.get("SOAK_SCHEDULES", "0"))
SEED = int(os.environ.get("MODEL_SEED", "1"))
LEAST = "at its least helpful"
# Where little is told, much is asked for: that takes longer.
AT_ITS_LEAST = ("one job after the other", "what fails")
PROFILES = {
    "as documented": Assumptions(list_last_restore="absent", not_running="schedule", list_order="shuffled"),
    "at its most helpful": Assumptions(list_last_restore="present"),
    LEAST: Assumptions.spartan(),
}
CELLS = [(theme, profile) for theme in THEMES for profile in PROFILES if profile != LEAST or theme in AT_ITS_LEAST]
EACH = max(16, -(-ASKED_FOR // len(CELLS)))


@pytest.fixture(scope="module", autouse=True)
def compiled() -> Iterator[None]:
    with compiled_once():
        yield


@cache
def commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


@pytest.mark.parametrize(("theme", "profile"), CELLS)
def test_no_sequence_loses_data(theme: str, profile: str) -> None:
    @seed(SEED)
    @settings(max_examples=EACH, database=None, suppress_health_check=list(HealthCheck))
    @given(steps=THEMES[theme], addons=st.integers(2, 3))
    def check(steps: list[Step], addons: int) -> None:
        try:
            play(steps, addons, PROFILES[profile])
        except Broken as broken:
            raise Broken(f"{broken}\nWith MODEL_SEED={SEED}, commit {commit()}") from broken

    check()


# What was found, before it was mended. Each stays.
FOUND: dict[str, tuple[str, list[Step]]] = {
    "lists do not tell of restores, so a set was used again after it had been put back": (
        "as documented",
        [Run("deploy", works=False), Write(), Run("deploy", works=False)],
    ),
    "a set was used again after another release had been taken back, to before what was written since": (
        "at its most helpful",
        [Run("deploy"), Write(), Run("deploy", "v2", works=False), Write(), Run("deploy", works=False)],
    ),
    "a restore failed, and the next set was taken of data that was half put back": (
        "as documented",
        [
            Run("deploy", works=False, restore_outcomes=((1, "failed", 0.4),)),
            Run("snapshot"),
            Run("snapshot", "v2"),
            Run("rollback"),
            Run("deploy", "v2"),
        ],
    ),
    "a run was killed after it had taken a set, and the set was used again after another release had been deployed": (
        "as documented",
        [
            Run("deploy", works=False),
            Run("deploy", "v2", works=False, kill=(11, "after")),
            Run("deploy"),
            Run("deploy", "v2", works=False),
        ],
    ),
}


@pytest.mark.parametrize(("profile", "steps"), FOUND.values(), ids=FOUND)
def test_what_was_found_stays_mended(profile: str, steps: list[Step]) -> None:
    play(steps, 2, PROFILES[profile])
