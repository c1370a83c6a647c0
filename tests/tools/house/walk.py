# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far somebody has to walk through the files to follow one task from its arguments to its result."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

# As Python finds them: through a link, so not by the path of the checkout.
OURS = "/ansible_collections/northflank/cloud/plugins/"


class Walk(NamedTuple):
    """What a task has run of our code, waits and repetitions included.

    :ivar functions: how many different functions.
    :ivar files: in how many files.
    :ivar changes: how often the next line was one of another file than the last one: calls and returns.
    """

    functions: int
    files: int
    changes: int


class _Steps:
    """Takes notes of each thread of a task by itself."""

    def __init__(self) -> None:
        self.functions: set[tuple[str, int]] = set()
        self.changes = 0
        self._here: dict[int, list[str]] = {}

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        file = frame.f_code.co_filename
        # Comprehensions and lambdas stand where they are used, so nobody has to look for them.
        if event not in ("call", "return") or OURS not in file or frame.f_code.co_name.startswith("<"):
            return
        stack = self._here.setdefault(threading.get_ident(), [])
        if event == "call":
            self.functions.add((file, frame.f_code.co_firstlineno))
            self.changes += bool(stack) and stack[-1] != file
            stack.append(file)
        elif stack:
            left = stack.pop()
            self.changes += bool(stack) and stack[-1] != left


def walk(task: Callable[[], object]) -> Walk:
    """Run a task in this process, and follow it.

    :param task: runs it against a server that is ready at once, so that one poll is enough.
    """
    steps = _Steps()
    threading.setprofile(steps)
    sys.setprofile(steps)
    try:
        task()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return Walk(len(steps.functions), len({file for file, _line in steps.functions}), steps.changes)
