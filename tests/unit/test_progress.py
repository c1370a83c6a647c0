# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The line that a person sees while a task waits: it never says more than was seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import OutcomeUnknown
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Restore
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Deadline, Timing
from ansible_collections.northflank.cloud.plugins.module_utils._task.expectation import Expectation
from ansible_collections.northflank.cloud.plugins.module_utils._task.watch import Poll
from ansible_collections.northflank.cloud.plugins.plugin_utils import _progress

NOON = 1_774_440_000.0
DEADLINE = Deadline(Timing(monotonic=lambda: 0.0, wall=lambda: NOON), 60.0)


def poll(name: str, *answers: Any) -> Poll:
    """Something that has been looked at; an answer is a state, or the error that came instead of one."""
    coming = list(answers)

    def ask(_known: Any) -> Any:
        answer = coming.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(status=answer)

    watched = Poll(name, ask(None), ask, lambda _known: "odd", lambda _known, _reason: "lost")
    watched.plan(DEADLINE, 1.0)
    for _look in range(len(coming)):
        watched.look()
        watched.plan(DEADLINE, 1.0)
    return watched


LOST = OutcomeUnknown("the connection broke")


def restore(name: str, status: str) -> Poll:
    watched = Poll(
        name,
        Restore("r", status, "", None, "b"),
        lambda known: known,
        lambda _known: "odd",
        lambda _known, _reason: "lost",
    )
    watched.plan(DEADLINE, 1.0)
    return watched


def test_a_line_tells_a_restore_from_a_backup() -> None:
    assert _progress.state([restore("main", "in-progress")]) == "main  restore in-progress"
    assert _progress.state([restore("a", "completed"), restore("b", "in-progress")]) == "1 of 2 restored, 1 in progress"


@pytest.mark.parametrize(
    ("waited", "line"),
    [
        (42.0, "main  in-progress  42 s of about 1 m 10 s"),
        (75.0, "main  in-progress  1 m 15 s of about 1 m 10 s"),
        (190.0, "main  in-progress  3 m 10 s, usually about 1 m 10 s"),
    ],
)
def test_a_line_says_how_long_it_usually_takes(waited: float, line: str) -> None:
    said: list[str] = []
    watched = poll("main", "in-progress")
    watched.expected = Expectation(70.0, 60.0, 80.0)
    _progress.Progress(said.append)([watched], waited)
    assert said == [line]


def test_the_line_of_a_set_says_how_long_the_slowest_still_takes_where_each_is_expected() -> None:
    said: list[str] = []
    watched = [poll("a", "completed"), poll("b", "in-progress"), poll("c", "in-progress")]
    watched[1].expected = Expectation(30.0, 25.0, 35.0)
    _progress.Progress(said.append)(watched, 20.0)
    watched[2].expected = Expectation(60.0, 50.0, 70.0)
    _progress.Progress(said.append)(watched, 20.0)
    _progress.Progress(said.append)(watched, 62.0)
    assert said == [
        "1 of 3 completed, 2 in progress  20 s",
        "1 of 3 completed, 2 in progress  20 s, about 40 s left",
        "1 of 3 completed, 2 in progress  1 m 2 s",
    ]


@pytest.mark.parametrize(
    ("watched", "line"),
    [
        ([poll("main", "in-progress")], "main  in-progress"),
        ([poll("main", "in-progress", LOST)], "main  no answer since 2026-03-25T12:00:00Z, last seen as in-progress"),
        ([poll("main", "scheduled", LOST, "in-progress")], "main  in-progress"),
        ([poll("a", "completed"), poll("b", "in-progress")], "1 of 2 completed, 1 in progress"),
        (
            [poll("a", "in-progress", LOST), poll("b", "in-progress")],
            "0 of 2 completed, 1 in progress, no answer about 1",
        ),
        ([poll("a", "in-progress", LOST), poll("b", "failed")], "0 of 2 completed, no answer about 1, 1 failed (b)"),
    ],
)
def test_a_line_says_what_was_seen(watched: list[Poll], line: str) -> None:
    assert _progress.state(watched) == line
