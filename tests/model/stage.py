# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server, and jobs that take turns on it: each request and each pause is a moment at which another may go on.

Only one job runs at a time, and which one is drawn. So a sequence plays the same way each time. A job can be killed at
any request: nothing that it would have sent after that reaches the server, as if its machine had lost its power.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Timing
from ansible_collections.northflank.cloud.plugins.module_utils._task import module

from sandbox import Assumptions, Sandbox, VirtualClock
from sandbox.errors import ConnectionCut
from sandbox.records import Act, Addon, Backup, Restore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PROJECT = "shop"
_RESTORE = re.compile(r"/addons/([^/]+)/backups/([^/]+)/restore$")
# The first rows are those that each addon begins with.
_FIRST = 1000
# For so long, what a rollback has left half-way holds nothing that has to be kept.
_IN_ONE_GO = 3600
# What no job should ever take: the longest way round is some hours of waiting, and these are seconds.
_MOST_REQUESTS = 3000


class Killed(BaseException):
    """The job's process is gone. Nothing may catch it, as nothing can catch SIGKILL."""


@dataclass
class Job:
    """A run of a play.

    :ivar kill: at which request it is killed, from 1, and whether that is "before" or "after" the server acts.
    :ivar others: what somebody else does, one thing at each of its pauses.
    :ivar acts: what its requests have really done.
    :ivar wake: until when it sleeps, on the server's clock.
    """

    label: str
    kill: tuple[int, str] | None = None
    others: Iterator[Callable[[], object]] = field(default_factory=lambda: iter(()))
    requests: int = 0
    writes: int = 0
    acts: list[Act] = field(default_factory=list)
    killed: bool = False
    ended: bool = False
    wake: float = 0.0


@dataclass(frozen=True)
class Put:
    """A restore that a request has started.

    :ivar before: what the addon held at that moment; for one that completes what a rollback has left half-way shortly
        before, what it held when the first restore of that began.
    :ivar kept: whether a completed backup of the addon held just that.
    """

    job: str
    restore: Restore
    before: frozenset[int]
    kept: bool


class Stage:
    """A sandbox with one project, and the jobs on it."""

    def __init__(self, addon_ids: Sequence[str], assumptions: Assumptions) -> None:
        self.clock = VirtualClock(start="2026-03-01T12:00:00Z")
        self.sandbox = Sandbox(clock=self.clock, assumptions=assumptions, latency=0.05, duration=0.4)
        self.addon_ids = list(addon_ids)
        self.puts: list[Put] = []
        # What requests have deleted, by uid: the server forgets it.
        self.deleted: dict[str, Backup] = {}
        self._front = self.sandbox.wsgi_app.wsgi_app
        self.sandbox.wsgi_app.wsgi_app = self._answer  # type: ignore[method-assign]  # Flask's own way
        self._turn = threading.Condition()
        self._running: Job | None = None
        self._jobs: list[Job] = []
        self._switches: Iterator[int] = iter(())
        self._until_switch = 0
        for addon_id in addon_ids:
            self.sandbox.add_addon(addon_id, project_id=PROJECT)

    @contextmanager
    def open(self) -> Iterator[Stage]:
        """Serve requests, and let modules in this process run on this time."""
        timing = Timing(
            monotonic=self._alive(self.clock.monotonic),
            sleep=self._sleep,
            chance=lambda: 0.5,
            wall=self._alive(self.clock.now),
        )
        before, module.TIMING = module.TIMING, timing
        try:
            with self.sandbox:
                yield self
        finally:
            module.TIMING = before

    # What the server holds

    def addon(self, addon_id: str) -> Addon:
        self.sandbox.world.settle()
        return self.sandbox.world.addon(PROJECT, addon_id)

    def backups(self, addon_id: str) -> list[Backup]:
        return sorted(self.addon(addon_id).backups.values(), key=lambda one: (one.created_at, one.number))

    def held(self, addon_id: str) -> frozenset[int]:
        """What has been written into an addon and is still there."""
        rows = self.sandbox.query(addon_id, f"SELECT id FROM customers WHERE id >= {_FIRST}", PROJECT)  # noqa: S608
        return frozenset(row[0] - _FIRST for row in rows)

    def write(self, addon_id: str, number: int) -> None:
        row = f"({_FIRST + number}, 'written', '{number}@example.com')"
        self.sandbox.execute(addon_id, f"INSERT INTO customers VALUES {row}", PROJECT)  # noqa: S608

    def status(self, one: Backup | Restore) -> str:
        return one.life.status(self.clock.now())

    # Jobs

    def run(self, jobs: Sequence[Job], bodies: Sequence[Callable[[], None]], switches: Sequence[int] = ()) -> None:
        """Run jobs to their ends. Each goes on until its next switch, for as many requests as that says."""
        self._jobs = list(jobs)
        self._switches = itertools.chain(switches, itertools.repeat(_MOST_REQUESTS))
        self._until_switch = next(self._switches)
        self._running = self._jobs[0]
        problems: list[BaseException] = []
        if len(jobs) == 1:
            self._body(jobs[0], bodies[0], problems)
        else:
            threads = [
                threading.Thread(target=self._body, args=(job, body, problems)) for job, body in zip(jobs, bodies)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self._running = None
        self._jobs = []
        if problems:
            raise problems[0]

    def _body(self, job: Job, body: Callable[[], None], problems: list[BaseException]) -> None:
        self._wait_for_turn(job)
        try:
            body()
        except Killed:
            job.killed = True
        except BaseException as problem:  # noqa: BLE001  # raised again in the thread that waits for all
            problems.append(problem)
        finally:
            job.ended = True
            self._hand_over(None)

    def _wait_for_turn(self, job: Job) -> None:
        with self._turn:
            self._turn.wait_for(lambda: self._running is job)

    def _hand_over(self, me: Job | None) -> None:
        """Let the job go on that is the first to wake; of two that are awake, the other one."""
        waiting = [job for job in self._jobs if not job.ended]
        if not waiting:
            return
        now = self.clock.now()
        following = min(waiting, key=lambda job: (max(job.wake, now), job is me))
        if following.wake > now:
            self.clock.advance(following.wake - now)
        with self._turn:
            self._running = following
            self._turn.notify_all()
        if me is not None:
            self._wait_for_turn(me)

    def _alive(self, read: Callable[[], float]) -> Callable[[], float]:
        def reading() -> float:
            if self._running is not None and self._running.killed:
                raise Killed
            return read()

        return reading

    def _sleep(self, seconds: float) -> None:
        job = self._running
        if job is None:
            self.clock.sleep(seconds)
            return
        if job.killed:
            raise Killed
        next(job.others, lambda: None)()
        job.wake = self.clock.now() + seconds
        self._hand_over(job)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Everything that is sent comes through here."""
        job = self._running
        if job is None:
            return self._front(environ, start_response)
        if job.killed:
            raise ConnectionCut("who sent this is gone")
        job.requests += 1
        if job.requests > _MOST_REQUESTS:
            raise ConnectionCut("this job never ends")
        self._until_switch -= 1
        if self._until_switch <= 0:
            self._until_switch = next(self._switches)
            job.wake = 0.0
            self._hand_over(job)
        if job.kill == (job.requests, "before"):
            job.killed = True
            raise ConnectionCut("killed", reset=True)
        answer = self._acted(job, environ, start_response)
        if job.kill == (job.requests, "after"):
            job.killed = True
            raise ConnectionCut("killed", reset=True)
        return answer

    def _acted(self, job: Job, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        restore = _RESTORE.search(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        known = restore is not None and restore[1] in self.addon_ids
        replaced = self.held(restore[1]) if restore is not None and known else frozenset()
        job.writes += environ["REQUEST_METHOD"] != "GET"
        begin = len(self.sandbox.world.acts)
        there = [one for addon_id in self.addon_ids for one in self.backups(addon_id)]
        try:
            return self._front(environ, start_response)
        finally:
            acts = self.sandbox.world.acts[begin:]
            job.acts += acts
            gone = {act.subject for act in acts if act.what == "delete"}
            self.deleted.update({one.uid: one for one in there if one.uid in gone})
            if restore is not None and any(act.what == "restore" for act in acts):
                self.puts.append(self._put(job, restore[1], replaced))

    def _put(self, job: Job, addon_id: str, replaced: frozenset[int]) -> Put:
        restore = self.addon(addon_id).restores[-1]
        before = next((put.before for put in reversed(self.puts) if self._is_completed_by(put, restore)), replaced)
        completed = [one for one in self.backups(addon_id) if self.status(one) == "completed"]
        kept = any(written_in(one.image) == before for one in completed)
        return Put(job.label, restore, before, kept)

    def _is_completed_by(self, put: Put, restore: Restore) -> bool:
        """Whether a restore goes on with what the one before it was to do."""
        earlier = put.restore
        if [earlier] != restore.target.restores[-2:-1] or earlier.backup is not restore.backup:
            return False
        since = [one for one in self.backups(restore.target.id) if one.created_at > earlier.created_at]
        is_past = any(one.name.startswith("pre-deploy-") for one in since)
        until = max(earlier.created_at, earlier.life.end[0])
        return self.status(earlier) != "completed" and not is_past and restore.created_at - until <= _IN_ONE_GO


_KNOWN: dict[bytes, frozenset[int]] = {}


def written_in(image: bytes) -> frozenset[int]:
    """What of all that was written a backup holds."""
    if image not in _KNOWN:
        database: Any = sqlite3.connect(":memory:")
        with closing(database):
            database.deserialize(image)
            rows = database.execute("SELECT id FROM customers WHERE id >= ?", (_FIRST,)).fetchall()
        _KNOWN[image] = frozenset(row[0] - _FIRST for row in rows)
    return _KNOWN[image]
