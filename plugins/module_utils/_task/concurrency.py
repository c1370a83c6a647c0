# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls side by side, with the same few threads for all of them."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import Callable, Iterator, Optional, Sequence

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
