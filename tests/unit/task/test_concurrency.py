# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of several addons goes ahead, where the moments between threads decide."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from ansible_collections.northflank.cloud.plugins.module_utils._task.concurrency import led, side_by_side


@dataclass
class Work:
    """One addon's part, as :func:`led` knows it."""

    holds_for_all: bool = False
    member: Any = field(default_factory=lambda: SimpleNamespace(error=None))

    def note(self, error: str) -> None:
        self.member.error = error


def test_what_the_first_was_refused_is_known_before_any_other_is_acted_for() -> None:
    """Its answer has come, and its thread has yet to make sense of it."""
    works, answered, another = [Work(), Work(), Work()], threading.Event(), threading.Event()
    client: Any = SimpleNamespace(requests=0, refusals=frozenset())

    def act(work: Work) -> None:
        if work is not works[0]:
            another.set()
            return
        client.requests, client.refusals = 1, frozenset({403})
        answered.set()
        assert not another.wait(0.2)
        work.holds_for_all = True
        work.note("refused")

    with side_by_side(3, 3) as run_all:
        led(works, act, client, run_all, answered)
    assert [work.member.error for work in works] == ["refused"] * 3
