# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forks: what is made of what, and what is refused before anything is."""

from __future__ import annotations

from sandbox import Sandbox

from ..conftest import Task
from .conftest import digits, forks


def test_a_fork_is_made_and_runs(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    made = fork(backup_id=snapshot)
    assert not made.failed, made.msg
    name = f"drill-{digits(snapshot)}-260301120000"
    assert forks(sandbox) == [name]
    gone = fork(backup_id=snapshot, fork_name=name, state="absent")
    assert not gone.failed, gone.msg
    assert forks(sandbox) == []
