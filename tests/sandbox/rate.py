# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account's requests in an hour that starts with the first of them."""

from __future__ import annotations

import math
import threading

from .clock import Clock

HOUR = 3600.0


class RateLimit:
    """Counts requests. Safe to use from several threads.

    :ivar limit: requests in an hour.
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._started: float | None = None
        self._used = 0
        self._pretended: dict[str, str] = {}

    def pretend(self, headers: dict[str, str]) -> None:
        """From now on, say these things about the budget, whatever is so."""
        with self._lock:
            self._pretended = headers

    def take(self) -> bool:
        """Use up one request, if there is one left."""
        with self._lock:
            self._turn_hour()
            if self._started is None:
                self._started = self._clock.now()
            if self._used >= self.limit:
                return False
            self._used += 1
            return True

    def set_remaining(self, remaining: int) -> None:
        """Pretend that others have used the budget up to this."""
        with self._lock:
            self._turn_hour()
            if self._started is None:
                self._started = self._clock.now()
            self._used = max(0, self.limit - remaining)

    def headers(self) -> dict[str, str]:
        """The three headers of every answer."""
        with self._lock:
            self._turn_hour()
            ahead = HOUR if self._started is None else self._started + HOUR - self._clock.now()
            return {
                "x-ratelimit-limit": str(self.limit),
                "x-ratelimit-remaining": str(max(0, self.limit - self._used)),
                "x-ratelimit-reset": str(math.ceil(ahead)),
                **self._pretended,
            }

    def _turn_hour(self) -> None:
        if self._started is not None and self._clock.now() >= self._started + HOUR:
            self._started, self._used = None, 0
