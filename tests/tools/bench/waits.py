# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How late the end of a backup is seen, and what that takes in polls: this collection beside the usual schedules.

The engine runs as it is, against answers made here, on a clock of its own: no network, no sleep. Chance has a seed, so
each run gives the same figures.
"""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._api.endpoints import Api
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Deadline, RateLimit, Timing
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Reply
from ansible_collections.northflank.cloud.plugins.module_utils._backup.engine import run_backups
from ansible_collections.northflank.cloud.plugins.module_utils._backup.plan import BackupSpec
from ansible_collections.northflank.cloud.plugins.module_utils._task.members import RunOptions

from sandbox import VirtualClock
from sandbox.clock import iso

from .runs import Row

# What is usual, in seconds.
DURATIONS = (1, 2, 5, 10, 20, 60, 300, 1200, 3600, 7200)
HOUR = 3600
WAITS = 40
EARLIER = 10
FULL, SHORT = 1000, 50
DAY = 86_400.0
LONGEST = 6 * 3600.0

# Those of amazon.aws and of Google's libraries.
EVERY_15_S = "every 15 s"
BY_HALF = "1 s, then 1.5 times as long, to 20 s"


class Wait(NamedTuple):
    """How one wait went.

    :ivar took: seconds that the backup took.
    :ivar late: seconds from its end until the task knew.
    :ivar polls: how often the task asked for it.
    :ivar requests: all that the task sent.
    """

    took: float
    late: float
    polls: int
    requests: int


class Waits(list[Wait]):
    """Many waits for backups that usually take as long."""

    @property
    def mean(self) -> float:
        """Seconds that the end is seen late."""
        return statistics.fmean(wait.late for wait in self)

    @property
    def late(self) -> float:
        """The same, of 95 in 100 waits at most."""
        return _percentile(wait.late for wait in self)

    @property
    def polls(self) -> float:
        """Polls of 95 in 100 waits at most."""
        return _percentile(wait.polls for wait in self)

    def compared(self, least: float, part: float) -> float:
        """How late 95 in 100 are at most, as a multiple of what they may be: seconds, or a part of the duration."""
        return _percentile(wait.late / max(least, part * wait.took) for wait in self)


def _percentile(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[round(0.95 * (len(ordered) - 1))]


# How long the earlier backups and this one took, the newest last. The first argument is what is usual.
Draw = Callable[[float, Random], "list[float]"]


def _around(usual: float, part: float, chance: Random) -> float:
    return usual * chance.uniform(1 - part, 1 + part)


def _steady(usual: float, chance: Random) -> list[float]:
    return [_around(usual, 0.02, chance) for _number in range(EARLIER + 1)]


def _growing(usual: float, chance: Random) -> list[float]:
    return [_around(usual * 1.02 ** (number - EARLIER), 0.005, chance) for number in range(EARLIER + 1)]


def _noisy(usual: float, chance: Random) -> list[float]:
    return [_around(usual, 0.2, chance) for _number in range(EARLIER + 1)]


def _bimodal(usual: float, chance: Random) -> list[float]:
    return [_around(chance.choice([usual, usual / 4]), 0.02, chance) for _number in range(EARLIER + 1)]


def _absent(usual: float, chance: Random) -> list[float]:
    return [_around(usual, 0.2, chance)]


def _misleading(usual: float, chance: Random) -> list[float]:
    # What it is compared with draws the same durations.
    (now,) = _absent(usual, chance)
    told = usual * chance.choice([1 / 3, 3])
    return [*(_around(told, 0.02, chance) for _number in range(EARLIER)), now]


HISTORIES: dict[str, Draw] = {
    "steady": _steady,
    "growing": _growing,
    "noisy (20 %)": _noisy,
    "bimodal": _bimodal,
    "misleading": _misleading,
    "absent": _absent,
}
# For these, the history is a guide.
GUIDES = ("steady", "growing", "noisy (20 %)")


class _Server:
    """Answers as the API does, in the place of the transport, about an addon with one backup a day."""

    def __init__(self, clock: VirtualClock, took: Sequence[float], budget: int) -> None:
        self._clock = clock
        self._budget = budget
        self._own: dict[str, Any] | None = None
        self._duration = took[-1]
        days = range(len(took) - 1, 0, -1)
        self._earlier = [
            _backup(f"of-day-{day}", clock.now() - day * DAY, seconds)
            for day, seconds in zip(days, took[:-1], strict=True)
        ]
        self.ends = 0.0
        self.polls = 0

    def send(self, method: str, path: str, _query: Any, body: Any, _shares: bool = False) -> Reply:
        data = self._answer(method, path.rsplit("/", 1)[1], body)
        self._budget -= 1
        rate = RateLimit(FULL, max(0, self._budget), HOUR - int(self._clock.monotonic()) % HOUR)
        return Reply(200, {"data": data}, rate, self._clock.now())

    def _answer(self, method: str, last: str, body: Any) -> Any:
        if method == "POST":
            self._own = _backup(str(body["name"]), self._clock.now(), None)
            self.ends = self._clock.monotonic() + self._duration
        if self._own is not None and self._clock.monotonic() >= self.ends:
            self._own = {**self._own, "status": "completed"}
        if last == "backups":
            return self._own if method == "POST" else {"backups": self._earlier}
        if last == "restores":
            return {"restores": []}
        if self._own is not None and last == self._own["id"]:
            self.polls += 1
            return self._own
        return {"id": last, "name": last, "status": "running", "spec": {"type": "postgresql"}}


def _backup(name: str, began: float, seconds: float | None) -> dict[str, Any]:
    made = {"id": name, "name": name, "createdAt": iso(began), "config": {"source": {"type": "snapshot"}}}
    if seconds is None:
        return {**made, "status": "in-progress"}
    return {**made, "status": "completed", "completedAt": iso(began + seconds)}


def ours(took: Sequence[float], chance: Random, budget: int = FULL) -> Wait:
    """Take a backup with the engine itself.

    :param took: how long the earlier ones and this one take, in seconds.
    :param budget: requests that are left in this hour.
    """
    clock = VirtualClock()
    server = _Server(clock, took, budget)
    timing = Timing(monotonic=clock.monotonic, sleep=clock.sleep, chance=chance.random, wall=clock.now)
    transport: Any = server
    client = Client(transport, Deadline(timing, LONGEST))
    (found,) = run_backups(Api(client, "project"), [BackupSpec("addon", name="now")], RunOptions())
    if found.error is not None:
        raise SystemExit(f"the simulation failed: {found.error}")
    return Wait(took[-1], clock.monotonic() - server.ends, server.polls, client.requests)


def _by_schedule(first: float, factor: float, most: float) -> Callable[[float], Wait]:
    def wait(duration: float) -> Wait:
        at, pause, polls = first, first, 1
        while at < duration:
            pause = min(most, pause * factor)
            at, polls = at + pause, polls + 1
        return Wait(duration, at - duration, polls, polls + 2)

    return wait


OTHERS = {EVERY_15_S: _by_schedule(15.0, 1.0, 15.0), BY_HALF: _by_schedule(1.0, 1.5, 20.0)}


class Table(NamedTuple):
    """Waits by what is usual, in seconds.

    :ivar ours: by history.
    :ivar others: by schedule, for the durations of the noisy history.
    """

    ours: dict[str, dict[int, Waits]]
    others: dict[str, dict[int, Waits]]


@functools.cache
def compare() -> Table:
    """Simulate all of it. The limit needs no simulation: who knows the end asks once, and is not late."""
    own = {name: {usual: _many(draw, usual) for usual in DURATIONS} for name, draw in HISTORIES.items()}
    others = {
        name: {usual: Waits(map(wait, [took[-1] for took, _chance in _drawn(_noisy, usual)])) for usual in DURATIONS}
        for name, wait in OTHERS.items()
    }
    return Table(own, others)


def _many(draw: Draw, usual: int) -> Waits:
    return Waits(ours(took, chance) for took, chance in _drawn(draw, usual))


def _drawn(draw: Draw, usual: int) -> list[tuple[list[float], Random]]:
    """Durations and the chance of the wait itself, which is the same for each history."""
    seeds = [f"{usual} {number}" for number in range(WAITS)]
    return [(draw(usual, Random(seed)), Random(seed)) for seed in seeds]  # noqa: S311  # nothing here is secret


def measure() -> list[Row]:
    """What is promised, and what came of it, at the worst of all durations."""
    table = compare()
    found: list[Row] = []
    for name in GUIDES:
        found += _promised(name, table.ours[name], 0.03, 12.0)
    found += _promised("absent", table.ours["absent"], 0.08, 75.0, HOUR)
    found += [replace(row, goal=None) for row in _promised("bimodal", table.ours["bimodal"], 0.03, 12.0)]
    pairs = [(table.ours["misleading"][usual], table.ours["absent"][usual]) for usual in DURATIONS]
    more = max(wrong.polls - none.polls for wrong, none in pairs)
    later = max(wrong.late - none.late for wrong, none in pairs)
    short = [ours([60.0] * EARLIER + [usual], Random(usual), SHORT) for usual in DURATIONS]  # noqa: S311  # no secret
    beyond = max(max(0, wait.requests - SHORT) for wait in short)
    return [
        *found,
        Row("history misleading: more polls than without one", more, "", 2),
        Row("history misleading: later than without one", later, "s", 2),
        Row(f"history misleading, {SHORT} requests left: requests beyond them", beyond, "", 0),
    ]


def _promised(name: str, waits: dict[int, Waits], part: float, most: float, longest: int = DURATIONS[-1]) -> list[Row]:
    late = max(each.compared(2.0, part) for each in waits.values())
    polls = max(each.polls for usual, each in waits.items() if usual <= longest)
    up_to = "" if longest == DURATIONS[-1] else f" up to {longest / HOUR:g} h"
    return [
        Row(f"history {name}: delay, 95th percentile", late, f"x 2 s or {100 * part:g} %", 1),
        Row(f"history {name}: polls{up_to}, 95th percentile", polls, "", most),
    ]
