# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a schedule against a sandbox, and judges what the task says by what the server has really done."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.northflank.cloud.plugins.module_utils._backup import engine
from ansible_collections.northflank.cloud.plugins.module_utils._backup.plan import BackupSpec
from ansible_collections.northflank.cloud.plugins.module_utils._restore import engine as restore_engine
from ansible_collections.northflank.cloud.plugins.module_utils._restore.plan import RestoreTarget
from ansible_collections.northflank.cloud.plugins.module_utils._task.members import RunOptions
from ansible_collections.northflank.cloud.plugins.module_utils._task.task import READING_SECONDS

import harness
from sandbox import Assumptions, Sandbox, VirtualClock

from . import others, timetables
from .schedules import LATE, NAME, OTHER_TASKS, REQUESTS, Cell, Schedule

PROJECT = "default-project"

USABLE = ("completed", "scheduled", "in-progress")
_NUMBERS = itertools.count(1)
_TABLES: dict[Assumptions, tuple[Sandbox, VirtualClock]] = {}


def table(assumptions: Assumptions) -> tuple[Sandbox, VirtualClock]:
    """A server of this process for one reading of the contract; each schedule gets addons of its own on it."""
    if assumptions not in _TABLES:
        clock = VirtualClock(start="2026-03-01T12:00:00Z")
        sandbox = Sandbox(clock=clock, assumptions=assumptions)
        sandbox.start()
        _TABLES[assumptions] = (sandbox, clock)
    return _TABLES[assumptions]


def clear_tables() -> None:
    """Stop all servers."""
    for sandbox, _clock in _TABLES.values():
        sandbox.stop()
    _TABLES.clear()


@dataclass
class Game:
    """One schedule under way.

    :ivar strangers: uids of backups that other users made.
    :ivar seen: those of them that were there before the task has deleted anything, so that it may have meant
        them. A start that the API refused is none of that: the task reads the list again after it.
    :ivar lost: uids of backups that other users took away.
    :ivar meddled: another user changed the schedule of backups that the task is about.
    """

    schedule: Schedule
    cell: Cell
    sandbox: Sandbox
    clock: VirtualClock
    addon_ids: list[str]
    strangers: set[str]
    seen: set[str]
    lost: set[str]
    todo: Iterator[str]
    meddled: bool = False

    @property
    def name(self) -> str | None:
        return NAME if self.schedule.named or self.cell.task in ("absent", "aborted", "restore") else None

    def on_sleep(self, _seconds: float) -> None:
        action = next(self.todo, "nothing")
        if self.cell.task == "schedule" and action != "rate":
            self.meddled |= timetables.meddle(self.sandbox, self.addon_ids[0], action)
        elif action != "nothing":
            getattr(self, f"_{action}")(self.addon_ids[0])

    def add(self, addon_id: str, name: str, **known: Any) -> None:
        uid = str(self.sandbox.add_backup(addon_id, name=name, **known)["uid"])
        self.strangers.add(uid)
        if name == self.name and all(seen.method == "POST" and seen.status == 409 for seen in self.sandbox.writes):
            self.seen.add(uid)

    def _same(self, addon_id: str) -> None:
        if not self.schedule.assumptions.names_unique:
            self.add(addon_id, NAME, age=0.0)

    def _noise(self, addon_id: str) -> None:
        self.add(addon_id, "Somebody else", age=0.0)

    def _delete(self, addon_id: str) -> dict[str, Any] | None:
        held = [one for one in self.sandbox.backups(addon_id) if one["name"] == self.name]
        busy = {one["backupId"] for one in self.sandbox.restores(addon_id)}
        if not held or held[-1]["id"] in busy:
            return None
        self.lost.add(held[-1]["uid"])
        self.sandbox.remove_backup(addon_id, held[-1]["id"])
        return held[-1]

    def _exchange(self, addon_id: str) -> None:
        if self.schedule.assumptions.ids_reused:
            gone = self._delete(addon_id)
            if gone is not None:
                self.add(addon_id, gone["name"], id=gone["id"], age=0.0, status=gone["status"])

    def _rate(self, _addon_id: str) -> None:
        self.sandbox.set_rate(remaining=1)


@contextmanager
def game(cell: Cell, schedule: Schedule) -> Iterator[Game]:
    """Addons with what was there before, and the faults set."""
    sandbox, clock = table(schedule.assumptions)
    number = next(_NUMBERS)
    addon_ids = [f"addon-{number}", f"second-{number}"][: 2 if cell.task == "set" else 1]
    for addon_id in addon_ids:
        sandbox.add_addon(addon_id)
        sandbox.next_outcome(addon_id, schedule.outcome, schedule.duration)
        sandbox.next_restore_outcome(addon_id, schedule.outcome, schedule.duration)
    one = Game(schedule, cell, sandbox, clock, addon_ids, set(), set(), set(), iter(schedule.others))
    prepare(one)
    sandbox.clear_log()
    if schedule.remaining is not None:
        sandbox.set_rate(schedule.remaining)
    for fault in (cell.fault(schedule.late), *schedule.faults):
        sandbox.fault(fault)
    try:
        yield one
    finally:
        sandbox.clear_faults()
        clock.advance(2 * 3600)
        sandbox.backups(addon_ids[0])
        for addon_id in addon_ids:
            sandbox.remove_addon(addon_id)


def prepare(one: Game) -> None:
    """What was there before the task."""
    cell, schedule, addon_id = one.cell, one.schedule, one.addon_ids[0]
    names = set()
    for earlier in schedule.earlier:
        unique = schedule.assumptions.names_unique and earlier.name in names
        if cell.task in ("present", "set", "absent") and not unique:
            names.add(earlier.name)
            one.add(addon_id, earlier.name, status=earlier.status, age=earlier.age)
    if cell.task in ("absent", "aborted", "restore") and NAME not in names:
        status = "in-progress" if cell.task == "aborted" else "completed"
        one.add(addon_id, NAME, status=status, age=50.0)
    if cell.task in OTHER_TASKS:
        others.prepare(cell.task, one.sandbox, addon_id)
    if cell.task == "schedule":
        one.sandbox.add_schedule(addon_id, timetables.OLD.to_api())


def play(cell: Cell, schedule: Schedule) -> bool:
    """Play and judge. Returns whether the cell's fault has struck."""
    with game(cell, schedule) as one:
        before = {addon_id: one.sandbox.backups(addon_id) for addon_id in one.addon_ids}
        began = one.clock.monotonic()
        members = run(one)
        elapsed = one.clock.monotonic() - began
        struck = _struck(one)
        one.sandbox.clear_faults()
        one.clock.advance(2 * LATE + 100)
        assert one.sandbox.token not in repr(members), "the token is shown"
        if cell.task in OTHER_TASKS:
            most = READING_SECONDS if cell.task == "read" else schedule.wait_timeout
            assert elapsed <= most + 1.0, "the deadline does not hold"
            others.judge(cell.task, members[0], one.sandbox, one.addon_ids[0])
            return struck
        if cell.task == "schedule":
            assert elapsed <= schedule.wait_timeout + timetables.TO_FINISH, "the deadline does not hold"
            timetables.judge(members[0], one.sandbox, one.meddled)
            one.clock.advance(3700)
            timetables.judge_next_run(run(one, tidy=True)[0], one.sandbox)
            return struck
        judge(one, members, before, elapsed)
        if cell.task == "present" and one.name is not None:
            judge_next_run(one, members[0])
    return struck


def run(one: Game, tidy: bool = False) -> list[Any]:
    """The task, as its module would run it; the next run, without anything that goes wrong, where ``tidy``."""
    schedule, task = one.schedule, one.cell.task
    clock = one.clock
    timing = harness.virtual(clock, None if tidy else one.on_sleep)
    timing = timing._replace(wall=lambda: clock.now() + schedule.skew)
    timeout = 0.5 if one.cell.kind == "timeout" and not tidy else 30.0
    seconds = 7200 if tidy else schedule.wait_timeout
    api = harness.api_of(one.sandbox, timing, seconds=seconds, retries=2, timeout=timeout)
    if task == "schedule":
        return [timetables.run(api, one.addon_ids[0])]
    if task in OTHER_TASKS:
        return [others.run(task, one.sandbox, timing, one.addon_ids[0], schedule.wait_timeout)]
    if task == "restore":
        how = RunOptions(wait=schedule.wait, concurrency=1, budget_share=0.5)
        return list(restore_engine.run_restores(api, [RestoreTarget(one.addon_ids[0], name=NAME)], how))
    settings = RunOptions(wait=schedule.wait or tidy, abort_on_timeout=schedule.abort and not tidy, concurrency=1)
    state = task if task in ("absent", "aborted") else "present"
    wanted = [BackupSpec(addon_id, name=one.name, all_matches=state == "absent") for addon_id in one.addon_ids]
    return list(engine.run_backups(api, wanted, settings, state))


def _struck(one: Game) -> bool:
    method, path = REQUESTS[one.cell.request]
    return any(
        seen.fault == one.cell.kind and seen.method == method and re.search(path, seen.path)
        for seen in one.sandbox.requests
    )


def judge(one: Game, members: list[Any], before: dict[str, list[dict[str, Any]]], elapsed: float) -> None:
    """What must hold after any schedule."""
    schedule = one.schedule
    # A pause may begin a moment before the deadline, and an abort may follow it.
    assert elapsed <= schedule.wait_timeout + (31.0 if schedule.abort else 1.0), "the deadline does not hold"
    for member in members:
        acts = [act for act in one.sandbox.acts if act.addon_id == member.addon_id]
        writes = [seen for seen in one.sandbox.writes if f"/{member.addon_id}/" in seen.path]
        if not member.changed:
            assert acts == [], "something was done that is not told"
        else:
            assert writes, "nothing was sent, and a change is told"
        if member.error is None:
            assert member.held_back is False
        judge_deletes(one, acts, before[member.addon_id])
        if one.cell.task == "absent" and member.error is None:
            judge_absent(one, member, before[member.addon_id])
        if one.cell.task == "restore":
            judge_restore(one, member, acts, before[member.addon_id])
        elif one.cell.task in ("present", "set"):
            judge_present(one, member, acts, before[member.addon_id])


def judge_deletes(one: Game, acts: list[Any], before: list[dict[str, Any]]) -> None:
    """Only what was there under the name, or what the task itself has started, is ever deleted or aborted."""
    started = {act.subject for act in acts if act.what == "start"}
    named = {str(held["uid"]) for held in before if held["name"] == one.name}
    for act in acts:
        # What is queued somewhere cannot be called back when the ID changes hands.
        is_queued = any(seen.fault == "late-commit" for seen in one.sandbox.writes)
        if act.what in ("delete", "abort") and not is_queued:
            assert act.subject in started | named | one.seen, "another's backup was deleted or aborted"
        if act.what == "delete" and one.cell.task in ("present", "set") and act.subject in named:
            (held,) = [held for held in before if held["uid"] == act.subject]
            assert held["status"] not in USABLE, "a usable backup was deleted to make its name free"


def judge_absent(one: Game, member: Any, before: list[dict[str, Any]]) -> None:
    """Success says that what was there under the name is gone."""
    named = {held["uid"] for held in before if held["name"] == one.name}
    left = {held["uid"] for held in one.sandbox.backups(member.addon_id)} & named
    assert left == set(), "what is told to be deleted is there"


def judge_present(one: Game, member: Any, acts: list[Any], before: list[dict[str, Any]]) -> None:
    """Exactly one backup, and the one that is told."""
    started = [act.subject for act in acts if act.what == "start"]
    deleted = {act.subject for act in acts if act.what == "delete"}
    alive = [uid for uid in started if uid not in deleted | one.lost]
    assert len(alive) <= (2 if one.schedule.is_late_beyond else 1), "two backups were started"
    if member.error is not None:
        assert member.action in ("none", "created", "replaced", "joined", "reused")
        return
    assert member.backup is not None
    if member.action in ("created", "replaced"):
        assert member.changed
        # Under a name that others use as well, what another user starts at that moment may be taken for the own one.
        is_shared = one.name is not None and member.backup.uid in one.strangers - {held["uid"] for held in before}
        is_lost = any(seen.fault for seen in one.sandbox.writes)
        if not (is_shared and is_lost):
            assert member.backup.uid in started, "the backup that is told is not the one that was started"
            if not one.schedule.is_late_beyond:
                assert set(alive) <= {member.backup.uid}
    else:
        assert started == [], "a backup was started, and another one is told"
    if one.schedule.wait:
        assert member.backup.status == "completed"


def judge_restore(one: Game, member: Any, acts: list[Any], before: list[dict[str, Any]]) -> None:
    """Never two restores, never to another backup, and success only where the data is back."""
    meant = {str(held["uid"]) for held in before if held["name"] == NAME} | one.seen
    is_queued = any(seen.fault == "late-commit" for seen in one.sandbox.writes)
    with one.sandbox.world.lock:
        taken = {restore.backup.uid for restore in one.sandbox.world.addon(PROJECT, member.addon_id).restores}
    assert is_queued or taken <= meant, "another backup was restored"
    started = [act.subject for act in acts if act.what == "restore"]
    assert len(started) <= (2 if one.schedule.is_late_beyond else 1), "two restores were started"
    if member.error is None and one.schedule.wait:
        assert member.restore.status == "completed"
    if member.error is None and member.action == "restored":
        assert member.restore.id in started


def judge_next_run(one: Game, first: Any) -> None:
    """Run again, with nothing going wrong: there is one backup in the end, and no second one of ours."""
    had = {act.subject for act in one.sandbox.acts if act.what == "start"}
    usable = [
        held for held in one.sandbox.backups(one.addon_ids[0]) if held["name"] == NAME and held["status"] in USABLE
    ]
    # What never ends cannot be waited for.
    if any(held["status"] != "completed" for held in usable):
        return
    (again,) = run(one, tidy=True)
    started = {act.subject for act in one.sandbox.acts if act.what == "start"} - had
    if usable:
        assert again.error is None, again.error
        assert (again.changed, started) == (False, set()), "there was one already"
    if first.error is None and first.backup.uid in {held["uid"] for held in usable}:
        assert again.backup.status == "completed"
