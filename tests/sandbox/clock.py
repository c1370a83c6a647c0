# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the sandbox takes its time from: the machine, or a clock that only tests move."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timezone
from typing import Protocol


class Clock(Protocol):
    """What the sandbox asks of a clock."""

    def now(self) -> float:
        """The wall clock, in seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Come back when that many seconds have passed."""

    def tick(self) -> None:
        """Called once for each API request."""


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def tick(self) -> None:
        """Real time moves on by itself."""


class VirtualClock:
    """A time that stands still until somebody sleeps on it. Safe to use from several threads.

    :param start: the wall clock's first reading, in ISO 8601.
    """

    def __init__(self, start: str = "2026-03-01T12:00:00Z") -> None:
        self._start = posix(start)
        self._passed = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return self._start + self._passed

    def monotonic(self) -> float:
        with self._lock:
            return self._passed

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"time does not run backwards: {seconds}")
        with self._lock:
            self._passed += seconds

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def tick(self) -> None:
        """A request takes no time."""


class TickingClock:
    """A virtual clock that each API request moves on, for client programs that cannot be handed a clock.

    :param step: seconds for each request.
    """

    def __init__(self, step: float = 0.5, start: str = "2026-03-01T12:00:00Z") -> None:
        self._clock = VirtualClock(start)
        self._step = step
        self.now = self._clock.now
        self.monotonic = self._clock.monotonic
        self.advance = self._clock.advance
        self.sleep = self._clock.sleep

    def tick(self) -> None:
        self._clock.advance(self._step)


def posix(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time; UTC where it names no zone."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def iso(moment: float) -> str:
    """A time as the API writes it."""
    text = datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
