# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault switchboard: what shall go wrong, with which request, and at what point."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Union

KINDS = (
    "reset",
    "close",
    "timeout",
    "late-commit",
    "403",
    "429",
    "500",
    "502",
    "503",
    "504",
    "cut",
    "garbage",
    "empty",
    "redirect",
    "slow",
    "wrong-type",
    "raw",
)
# What a test writes itself: bytes, or text in latin-1; and real seconds to pause.
Piece = Union[bytes, str, float]
# A server that refuses or sends elsewhere has not acted; late-commit acts, but at its own time.
_NEVER_ACT = frozenset({"403", "429", "redirect", "late-commit"})


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    :ivar method: of the requests it matches; None for any.
    :ivar path: a regular expression that is searched in the path.
    :ivar turn: from which matching request on, counted from 1 and from the moment the fault is set.
    :ivar times: with how many matching requests; None for all of them.
    :ivar kind: one of KINDS.
    :ivar when: "before" the server has acted, or "after".
    :ivar delay: timeout: real seconds to hold on, 0 until the client gives up. late-commit: seconds of the sandbox's
        clock until the server acts. slow: real seconds between two bytes.
    :ivar retry_after: the Retry-After of a 429; None for none.
    :ivar location: where a redirect leads.
    :ivar body: what the answer holds instead of its usual content: text as it is, anything else as JSON.
    :ivar raw: of the kind raw, what is sent: the pieces, or a function that makes them from the honest answer's bytes,
        which are none if the server has not acted. Nothing is added, not even a status line.
    :ivar keep_open: of the kind raw, whether the connection is kept after that for the next request.
    """

    method: str | None = None
    path: str = "."
    turn: int = 1
    times: int | None = 1
    kind: str = "reset"
    when: str = "after"
    delay: float = 0.0
    retry_after: float | None = 1.0
    location: str = "http://127.0.0.1:9/"
    body: Any = None
    raw: Iterable[Piece] | Callable[[bytes], Iterable[Piece]] = ()
    keep_open: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.when not in ("before", "after"):
            raise ValueError(f"when must be before or after, not {self.when!r}")
        if self.turn < 1 or (self.times is not None and self.times < 1) or self.delay < 0:
            raise ValueError("turn and times count from 1, and delay is not negative")
        re.compile(self.path)

    def pieces(self, honest: bytes) -> Iterable[bytes | float]:
        """What the kind raw sends."""
        written = self.raw(honest) if callable(self.raw) else self.raw
        return (piece.encode("latin-1") if isinstance(piece, str) else piece for piece in written)

    @property
    def acts(self) -> bool:
        """Whether the server acts before things go wrong."""
        # A slow answer is an answer.
        return self.kind == "slow" or (self.when == "after" and self.kind not in _NEVER_ACT)


class Barrier:
    """Stops matching requests, from the ``turn``-th on, until it is released.

    :ivar reached: is set as soon as it stops a request.
    """

    def __init__(self, method: str | None, path: str, when: str, turn: int = 1) -> None:
        if when not in ("before", "after"):
            raise ValueError(f"when must be before or after, not {when!r}")
        self.reached = threading.Event()
        self._stopped = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._to_pass = turn - 1
        self._method = method
        self._path = re.compile(path)
        self._when = when
        self._released = threading.Event()

    def release(self) -> None:
        """Let go on what waits, and let pass what comes later."""
        self._released.set()

    def wait_for(self, count: int, seconds: float = 120.0) -> None:
        """Wait until so many requests stand here, at most some real seconds.

        :raises TimeoutError: they have not come.
        """
        for number in range(count):
            if not self._stopped.acquire(timeout=seconds):
                raise TimeoutError(f"of {count} requests, only {number} have come to the barrier")

    def stop(self, method: str, path: str, when: str) -> None:
        """Wait here if this is the place."""
        if when != self._when or self._released.is_set() or not _matches(self._method, self._path, method, path):
            return
        with self._lock:
            self._to_pass -= 1
            if self._to_pass >= 0:
                return
        self.reached.set()
        self._stopped.release()
        self._released.wait()


class Switchboard:
    """The faults and barriers that are set. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[_Set] = []
        self._barriers: list[Barrier] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._set.append(_Set(fault))

    def clear(self) -> None:
        with self._lock:
            self._set.clear()

    def match(self, method: str, path: str) -> Fault | None:
        """The fault of a request, if it has one. Every fault that matches counts the request."""
        with self._lock:
            # Each has to count, so this may not end with the first that applies.
            applying = [each.fault for each in self._set if each.applies(method, path)]
        return applying[0] if applying else None

    def hold(self, method: str | None, path: str, when: str, turn: int) -> Barrier:
        barrier = Barrier(method, path, when, turn)
        with self._lock:
            self._barriers.append(barrier)
        return barrier

    def stop_at(self, method: str, path: str, when: str) -> None:
        """Wait at each barrier that stands here."""
        with self._lock:
            barriers = list(self._barriers)
        for barrier in barriers:
            barrier.stop(method, path, when)

    def release_all(self) -> None:
        with self._lock:
            for barrier in self._barriers:
                barrier.release()


class _Set:
    """A fault with its count."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._path = re.compile(fault.path)
        self._seen = 0

    def applies(self, method: str, path: str) -> bool:
        if not _matches(self.fault.method, self._path, method, path):
            return False
        self._seen += 1
        turn, times = self.fault.turn, self.fault.times
        return self._seen >= turn and (times is None or self._seen < turn + times)


def _matches(wanted: str | None, pattern: re.Pattern[str], method: str, path: str) -> bool:
    return (wanted is None or wanted == method) and pattern.search(path) is not None
