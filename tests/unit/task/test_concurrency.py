# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of several addons goes ahead, where the moments between threads decide."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, NamedTuple

from ansible_collections.northflank.cloud.plugins.module_utils._task.concurrency import side_by_side
from ansible_collections.northflank.cloud.plugins.module_utils._task.members import AddonRun, RunOptions, led


class Result(NamedTuple):
    """As much of an addon's result as is looked at."""

    error: str | None = None


def test_what_the_first_was_refused_is_known_before_any_other_is_acted_for() -> None:
    """Its answer has come, and its thread has yet to make sense of it."""
    answered, another = threading.Event(), threading.Event()
    nowhere: Any = None
    runs = [AddonRun(nowhere, RunOptions(), Result()) for _number in range(3)]
    client: Any = SimpleNamespace(requests=0, refusals=frozenset())

    def act(run: AddonRun[Result]) -> None:
        if run is not runs[0]:
            another.set()
            return
        client.requests, client.refusals = 1, frozenset({403})
        answered.set()
        assert not another.wait(0.2)
        run.holds_for_all = True
        run.note(error="refused")

    with side_by_side(3, 3) as run_all:
        led(runs, act, client, run_all, answered)
    assert [run.result.error for run in runs] == ["refused"] * 3
