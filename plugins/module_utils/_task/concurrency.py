# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks on several addons have in common: side by side, all or nothing, and one text for what failed."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

from .._api.client import Client
from .._api.errors import BY_TOKEN, ApiError, NorthflankError, NotSent, RateLimited
from .not_found import NoProject

# Runs a number of calls, side by side, and returns when all are done.
RunAll = Callable[[Sequence[Callable[[], None]]], None]


@contextlib.contextmanager
def side_by_side(most: int, members: int) -> Iterator[RunAll]:
    """Run calls side by side inside of a block, with the same threads (and so connections) for all of them.

    :param most: how many at once.
    :param members: how many there are at most.
    """
    if min(most, members) == 1:
        yield one_by_one
        return
    workers = _Workers(min(most, members))
    try:
        yield workers.run_all
    finally:
        workers.dismiss()


def one_by_one(calls: Sequence[Callable[[], None]]) -> None:
    """Run a number of calls in the simplest way."""
    for call in calls:
        call()


def holds_for_all(error: NorthflankError) -> bool:
    """Return whether a failure is about the token, the project or the way to the API, so the same for each addon."""
    if isinstance(error, ApiError):
        return error.status in BY_TOKEN
    return isinstance(error, (NotSent, NoProject, RateLimited))


def led(
    works: Sequence[Any],
    act: Callable[[Any], None],
    client: Client,
    run_all: RunAll,
    answered: Optional[threading.Event] = None,
) -> None:
    """Act for all side by side, behind the first that asks the API; a failure of it that holds for all ends them.

    :param answered: set once the others may follow; without it, they do at the end of the first.
    """
    left, leaders = deque(works), []
    may_follow, has_ended = answered or threading.Event(), threading.Event()

    def lead() -> None:
        before = client.requests
        try:
            while left and client.requests == before and not may_follow.is_set():
                leaders.append(left.popleft())
                act(leaders[-1])
        finally:
            has_ended.set()
            may_follow.set()
        follow()

    def follow() -> None:
        may_follow.wait()
        if client.refusals & BY_TOKEN:
            # Its answer is there. What it comes to will be, in a moment.
            has_ended.wait()
        # Several threads take from it, so that it is not empty says nothing.
        with contextlib.suppress(IndexError):
            while True:
                after_the_first(left.popleft())

    def after_the_first(work: Any) -> None:
        if leaders and leaders[-1].holds_for_all and work.member.error is None:
            work.note(error=leaders[-1].member.error)
        act(work)

    run_all([lead, *[follow] * (len(works) - 1)])


def all_or_nothing(works: Sequence[Any], none: str) -> None:
    """Where one member cannot be served, nothing is started for the others either.

    :param works: each with a ``member`` (``addon_id``, ``error``) and a way to ``note`` what became of it.
    :param none: the name of the action that is none.
    """
    if any(work.member.error is not None for work in works):
        for work in works:
            if work.member.error is None:
                work.note(error="", held_back=True, action=none, changed=False)


def failure(members: Sequence[Any], several: Callable[[Mapping[str, str], int, int], str]) -> Optional[str]:
    """Return what a task fails with, if it fails.

    :param members: each with ``addon_id``, ``error`` and ``held_back``.
    :param several: makes one text of the errors by addon, given them, how many members there are, and how many were
        held back.
    """
    errors = {one.addon_id: one.error for one in members if one.error is not None and not one.held_back}
    if len(members) == 1 or not errors:
        return next(iter(errors.values()), None)
    return several(errors, len(members), sum(member.held_back for member in members))


def results(members: Sequence[Any], one: str, several: str) -> dict[str, Any]:
    """Return what a task returns of its members: all of each, or after a failure what is not fine and what was done."""
    changed = {"changed": any(member.changed for member in members)}
    if all(member.error is None for member in members):
        told = [member.to_result() for member in members]
        return {**changed, **({one: told[0]} if len(told) == 1 else {}), several: told}
    return {**changed, several: [member.to_failure() for member in members if not member.held_back]}


class _Workers:
    """Threads that do what is handed to them. As daemons, they hold up no end of the program.

    Those of the standard library take longer to import than a whole task to run.
    """

    def __init__(self, number: int) -> None:
        self._todo: queue.SimpleQueue[Optional[Callable[[], None]]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Optional[BaseException]] = queue.SimpleQueue()
        self._number = number
        for _number in range(number):
            threading.Thread(target=self._work, daemon=True).start()

    def run_all(self, calls: Sequence[Callable[[], None]]) -> None:
        """Wait for all, and let a fault of the program itself come through."""
        for call in calls:
            self._todo.put(call)
        faults = [self._done.get() for _call in calls]
        for fault in faults:
            if fault is not None:
                raise fault

    def dismiss(self) -> None:
        """Let go what nobody has begun. On Ctrl-C, none goes on with what it was about to do."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._todo.get_nowait()
        for _number in range(self._number):
            self._todo.put(None)

    def _work(self) -> None:
        while True:
            call = self._todo.get()
            if call is None:
                return
            try:
                call()
            except BaseException as fault:  # noqa: BLE001  # handed over to the thread that waits for all
                self._done.put(fault)
            else:
                self._done.put(None)
