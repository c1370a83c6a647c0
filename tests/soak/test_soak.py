# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever goes wrong on the wire, in whatever order: never twice, never lost, never lied about.

Each cell of fault, moment and request is hit in every run; what else happens is drawn. ``make soak`` draws 10,000.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from sandbox import Assumptions

from .answers import PARTS, Answer, drawn, is_true
from .referee import clear_tables, play
from .schedules import ANSWERS, CELLS, NAME, OPERATIONS, REQUESTS, SCHEDULES, Cell, Earlier, Schedule, fitted

# Of all schedules together. Two for each cell are the least: hypothesis begins with the simplest one.
ASKED_FOR = int(os.environ.get("SOAK_SCHEDULES", "0"))
EACH = max(2, -(-ASKED_FOR // (len(CELLS) + 2 * len(ANSWERS))))


@pytest.fixture(scope="module", autouse=True)
def servers() -> Iterator[None]:
    yield
    clear_tables()


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_exactly_once_and_the_truth_about_it(cell: Cell, record_property: Callable[[str, object], None]) -> None:
    hits = 0

    @settings(
        max_examples=EACH,
        derandomize=not ASKED_FOR,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(SCHEDULES)
    def check(schedule: Schedule) -> None:
        nonlocal hits
        hits += play(cell, fitted(cell, schedule))

    check()
    record_property("hits", hits)
    assert hits, "the fault never struck, so nothing was shown"


@pytest.mark.parametrize("cell", ANSWERS, ids=str)
def test_any_form_of_each_part_of_an_answer(cell: Cell, record_property: Callable[[str, object], None]) -> None:
    test_exactly_once_and_the_truth_about_it(cell, record_property)


@pytest.mark.parametrize(("task", "request_"), OPERATIONS, ids=map("/".join, OPERATIONS))
def test_each_part_is_met_in_each_form_that_is_no_lie(task: str, request_: str) -> None:
    """What is not among the answers is not met: each has to strike, or its own test fails."""
    met = set().union(
        *(cell.answer.parts for cell in ANSWERS if (cell.task, cell.request) == (task, request_) and cell.answer)
    )
    assert {(name, form) for name, forms in PARTS.items() for form in forms} - met == set()
    assert all(cell.answer and is_true(cell.answer, REQUESTS[cell.request][0]) for cell in ANSWERS)


@pytest.mark.parametrize(("task", "request_"), OPERATIONS, ids=map("/".join, OPERATIONS))
def test_any_answer_at_all(task: str, request_: str) -> None:
    @settings(
        max_examples=EACH * len(ANSWERS) // len(OPERATIONS) if ASKED_FOR else 5,
        derandomize=not ASKED_FOR,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn(REQUESTS[request_][0]), SCHEDULES)
    def check(answer: Answer, schedule: Schedule) -> None:
        cell = Cell(task, request_, "raw", "once", answer)
        play(cell, fitted(cell, schedule))

    check()


CALM = Schedule(
    named=True,
    late=1.0,
    faults=(),
    others=(),
    earlier=(),
    assumptions=Assumptions(),
    skew=0.0,
    duration=0.0,
    outcome="completed",
    remaining=None,
    wait=True,
    wait_timeout=300,
    abort=False,
)
TWO = (Earlier(NAME, "completed", 60.0), Earlier(NAME, "completed", 120.0))
# What the search has found, before it was mended. Each stays.
FOUND: dict[str, tuple[Cell, Schedule]] = {
    "an abort whose answer was lost had worked, and the second request found nothing to abort": (
        Cell("aborted", "abort", "reset", "after"),
        CALM,
    ),
    "an abort whose answer was lost had worked, and then the request limit was used up": (
        Cell("aborted", "abort", "reset", "after"),
        replace(CALM, remaining=3, wait_timeout=20),
    ),
    "a DELETE that was refused for the rate was sent again, for an ID that was another's by then": (
        Cell("absent", "delete", "429", "once"),
        replace(CALM, others=("exchange",)),
    ),
    "an abort that was refused for the rate was sent again, for an ID that was another's by then": (
        Cell("aborted", "abort", "429", "once"),
        replace(CALM, others=("exchange",)),
    ),
    "the ID of the second backup of a name was given again while the first one was deleted": (
        Cell("absent", "delete", "503", "before"),
        replace(CALM, others=("exchange",), earlier=TWO, assumptions=Assumptions(list_order="oldest")),
    ),
    "a DELETE whose answer was lost had worked, and then the request limit was used up": (
        Cell("absent", "delete", "late-commit", "once"),
        replace(CALM, others=("rate",), wait_timeout=20),
    ),
    "a start was lost, and another user started a backup of the same name": (
        Cell("present", "start", "close", "before"),
        replace(CALM, others=("same",), wait=False, wait_timeout=20),
    ),
    "a restore was refused for the rate, and its backup's ID was another's when it was sent again": (
        Cell("restore", "restore", "429", "once"),
        replace(CALM, others=("exchange",)),
    ),
}


@pytest.mark.parametrize(("cell", "schedule"), FOUND.values(), ids=FOUND)
def test_what_was_found_stays_mended(cell: Cell, schedule: Schedule) -> None:
    assert play(cell, schedule)
