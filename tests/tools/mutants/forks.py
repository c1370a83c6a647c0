# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that are forked from this one, so that what it has imported is there already."""

from __future__ import annotations

import multiprocessing
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from typing import NamedTuple

# The status of a call that raised an error.
BROKEN = 70
# Said, as it is the default on no system any more. This program has one thread only, so it is safe.
_FORK = multiprocessing.get_context("fork")


class _Running(NamedTuple):
    number: int
    process: ForkProcess
    until: float


class Call(NamedTuple):
    """What to do, and how long that may take.

    :ivar patience: seconds.
    """

    function: Callable[[], int]
    patience: float


def statuses(calls: Sequence[Call], side_by_side: int) -> list[int | None]:
    """Make each call in a process of its own.

    :param side_by_side: how many at once.
    :returns: of each call, the number that it returned, 0 to 69; None where it did not end in time, and was killed.
    """
    ended: list[int | None] = [None] * len(calls)
    waiting = deque(enumerate(calls))
    running: list[_Running] = []
    while waiting or running:
        while waiting and len(running) < side_by_side:
            number, call = waiting.popleft()
            process = _FORK.Process(target=_exit_with, args=(call.function,))
            process.start()
            running.append(_Running(number, process, time.monotonic() + call.patience))
        left = min(one.until for one in running) - time.monotonic()
        wait([one.process.sentinel for one in running], max(left, 0))
        still = []
        for one in running:
            status = one.process.exitcode
            if status is None and time.monotonic() < one.until:
                still.append(one)
            elif status is None:
                one.process.kill()
                one.process.join()
            ended[one.number] = status
        running = still
    return ended


def _exit_with(call: Callable[[], int]) -> None:
    try:
        status = call()
    except Exception:  # noqa: BLE001  # the process would end with 1, which is a status of pytest's
        traceback.print_exc()
        status = BROKEN
    sys.exit(status)
