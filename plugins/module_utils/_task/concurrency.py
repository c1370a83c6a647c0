# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks on several addons have in common: side by side, all or nothing, and one text for what failed."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import Any, Callable, Iterator, Optional, Sequence

from . import messages

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
    """The simplest way to run a number of calls."""
    for call in calls:
        call()


def all_or_nothing(works: Sequence[Any], none: str) -> None:
    """Where one member cannot be served, nothing is started for the others either, and each says why.

    :param works: each with a ``member`` (``addon_id``, ``error``) and a way to ``note`` what became of it.
    :param none: the name of the action that is none.
    """
    broken = [work.member.addon_id for work in works if work.member.error is not None]
    for work in works:
        if broken and work.member.error is None:
            reason = messages.others_in_the_way(work.member.addon_id, broken)
            work.note(error=reason, held_back=True, action=none, changed=False)


def failure(members: Sequence[Any], several: Callable[[Sequence[str], int, int], str]) -> Optional[str]:
    """What a task fails with, if it fails.

    :param members: each with ``error`` and ``held_back``.
    :param several: makes one text of the errors, given them, how many members there are, and how many were held back.
    """
    errors = [member.error for member in members if member.error is not None and not member.held_back]
    if len(members) == 1 or not errors:
        return errors[0] if errors else None
    return several(errors, len(members), sum(member.held_back for member in members))


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
        """Waits for all, and lets a fault of the program itself come through."""
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
