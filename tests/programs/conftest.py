# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sandbox for what runs as programs, on the real clock, and plays against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from plays import Plays

import harness
from sandbox import Sandbox, SystemClock


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Backups and restores are complete at the first look."""
    with Sandbox(clock=SystemClock(), duration=0.0, assumptions=harness.assumed(request)) as server:
        yield server


@pytest.fixture
def plays(sandbox: Sandbox, tmp_path: Path) -> Plays:
    return Plays(sandbox, tmp_path)


@pytest.fixture
def three_hosts(tmp_path: Path) -> list[str]:
    """Arguments for an inventory of three hosts."""
    (tmp_path / "hosts").write_text("[all]\na\nb\nc\n[all:vars]\nansible_connection=local\n", encoding="utf-8")
    return ["-i", "hosts"]
