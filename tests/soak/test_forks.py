# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task for forks after another, with faults, kills and other users.

No addon of a person is ever deleted, and no task makes two forks.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Timing
from ansible_collections.northflank.cloud.plugins.modules import addon_fork
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import harness
from sandbox import Fault, Sandbox, VirtualClock

RUNS = max(60, int(os.environ.get("SOAK_SCHEDULES", "0")) // 20)
TAG = "northflank-cloud-fork"
PATHS = {"GET": [r"/addons/[^/]+$", r"/backups/", r"/addons$"], "POST": [r"/addons$"], "DELETE": [r"/addons/[^/]+$"]}
KINDS = ["reset", "close", "cut", "garbage", "empty", "500", "502", "503", "504", "429", "redirect", "late-commit"]
# Addons of a person, which lack one thing that proves a fork.
PERSONS: list[dict[str, Any]] = [
    {"tags": []},
    {"tags": ["drill"]},
    {"tags": [TAG], "kind": "redis"},
    {"tags": [TAG], "age": 90000.0},
    {"tags": [TAG], "name": "Look"},
]


class Killed(BaseException):
    """The task's process is gone."""


@dataclass(frozen=True)
class Step:
    """A task, what goes wrong, what others do at its pauses, and when it is killed.

    :ivar kill: at which look at the clock; None for never.
    """

    state: str
    named: bool
    with_uid: bool
    wait: bool
    faults: tuple[Fault, ...]
    others: tuple[str, ...]
    kill: int | None


FAULTS = st.sampled_from([(method, path) for method, paths in PATHS.items() for path in paths]).flatmap(
    lambda place: st.builds(
        lambda kind, when, turn, times, delay: Fault(
            method=place[0],
            path=place[1],
            # Nobody can call back a DELETE that takes effect after the name has gone to another addon.
            kind="504" if kind == "late-commit" and place[0] != "POST" else kind,
            when=when,
            turn=turn,
            times=times,
            delay=delay if (place[0], kind) == ("POST", "late-commit") else 0.0,
        ),
        st.sampled_from(KINDS),
        st.sampled_from(["before", "after"]),
        st.integers(1, 3),
        st.sampled_from([1, 1, 1, 2, 3, None]),
        st.sampled_from([1.0, 30.0, 59.0]),
    )
)
OTHERS = ["exchange", "exchange-tagged", "keep", "delete", "replace-backup", "remove-backup", "rate", "nothing"]
STEPS = st.builds(
    Step,
    st.sampled_from(["present", "absent", "absent"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.lists(FAULTS, max_size=3).map(tuple),
    st.lists(st.sampled_from(OTHERS), max_size=3).map(tuple),
    st.one_of(st.none(), st.none(), st.integers(1, 60)),
)
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def clock() -> VirtualClock:
    return VirtualClock(start="2026-03-01T12:00:00Z")


@pytest.fixture(scope="module")
def sandbox(clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as server:
        yield server


@dataclass
class Story:
    """A source with a snapshot, and what is made of it over a sequence of tasks."""

    sandbox: Sandbox
    clock: VirtualClock
    source: str
    backup_id: str = ""
    uid: str | None = None
    last: str = ""
    persons: set[str] = field(default_factory=set)
    meddled: bool = False
    ran: harness.Ran | None = None

    def begin(self) -> None:
        self.sandbox.add_addon(self.source)
        self.backup_id = str(self.sandbox.add_backup(self.source, "Nightly")["id"])
        self.last = self.name

    @property
    def name(self) -> str:
        source = f"{self.sandbox.project_id}\n{self.source}\n{self.backup_id}"
        return f"look-{hashlib.sha256(source.encode()).hexdigest()[:6]}"

    def add(self, addon_id: str, tags: list[str], kind: str = "postgresql", age: float = 0.0, name: str = "") -> None:
        """A person makes an addon."""
        world = self.sandbox.world
        with world.lock:
            if addon_id in world.projects[self.sandbox.project_id].addons:
                return
            addon = world.add_addon(addon_id, kind, self.sandbox.project_id, list(tags), world.now() - age)
            addon.name = name or addon_id
            self.persons.add(addon.uid)

    def has_seen(self, target: str) -> bool:
        """Whether the task has got an answer about an addon."""
        return any(
            (seen.method, seen.status, seen.fault) == ("GET", 200, None) and seen.path.endswith(f"/{target}")
            for seen in self.sandbox.requests
        )

    def act(self, what: str, target: str) -> None:
        """Somebody else does something."""
        held = self.sandbox.world.projects[self.sandbox.project_id].addons
        backups = self.sandbox.world.projects[self.sandbox.project_id].addons[self.source].backups
        if what == "rate":
            self.sandbox.set_rate(remaining=1)
        if what in ("exchange", "exchange-tagged", "delete") and target in held:
            self.meddled = True
            self.persons.discard(held[target].uid)
            self.sandbox.remove_addon(target)
            self.clock.sleep(0.5)
        if what in ("exchange", "exchange-tagged"):
            self.meddled = True
            # Before the task has seen the fork, nobody can tell one from the other.
            tags = [TAG] if what == "exchange-tagged" and self.has_seen(target) else []
            self.add(target, tags)
        if what == "keep" and target in held:
            self.meddled = True
            with self.sandbox.world.lock:
                held[target].tags = []
                if held[target].status not in ("deleting", "deleted"):
                    self.persons.add(held[target].uid)
        if what in ("replace-backup", "remove-backup") and self.backup_id in backups:
            self.meddled = True
            self.sandbox.remove_backup(self.source, self.backup_id)
            if what == "replace-backup":
                self.sandbox.add_backup(self.source, "Nightly", id=self.backup_id, age=0.0)

    def arguments(self, step: Step, target: str) -> dict[str, Any]:
        """The task, as a playbook has it."""
        arguments: dict[str, Any] = {
            "project_id": self.sandbox.project_id,
            "api_url": self.sandbox.url,
            "api_token": self.sandbox.token,
            "api_retries": 2,
            "source_addon_id": self.source,
            "backup_id": self.backup_id,
            "state": step.state,
            "wait": step.wait,
            "wait_timeout": "2h",
        }
        if step.state == "absent" or step.named:
            arguments["fork_name"] = target
        if step.state == "absent" and step.with_uid and self.uid is not None:
            arguments["fork_uid"] = self.uid
        return arguments

    def run(self, step: Step) -> None:
        for fault in step.faults:
            self.sandbox.fault(fault)
        self.meddled, self.ran = False, None
        todo, looks = iter(step.others), itertools.count(1)
        target = self.name if step.named else self.last

        def sleep(seconds: float) -> None:
            action = next(todo, "nothing")
            self.act(action, target)
            self.clock.sleep(seconds)

        def monotonic() -> float:
            if step.kill is not None and next(looks) == step.kill:
                raise Killed
            return self.clock.monotonic()

        timing = Timing(monotonic=monotonic, sleep=sleep, chance=lambda: 0.5, wall=self.clock.now)
        try:
            self.ran = harness.run_module(addon_fork.main, timing, **self.arguments(step, target))
        except Killed:
            return
        fork = self.ran.result.get("fork") or {}
        if step.state == "present" and self.ran.changed:
            self.uid, self.last = fork.get("uid"), fork.get("name", self.last)

    def calm(self) -> None:
        self.sandbox.clear_faults()
        self.clock.advance(7300)

    def judge(self, step: Step, acts: list[Any]) -> None:
        """What must hold, whatever has happened."""
        deleted = [act.subject for act in acts if act.what == "delete-addon"]
        assert not self.persons.intersection(deleted), "an addon of a person was deleted"
        made = [act for act in acts if act.what == "create-addon"]
        assert len(made) <= (step.state == "present"), "two forks, or one that nobody asked for"
        assert not deleted or step.state == "absent"
        # Repeated after a lost answer, one deletion may be asked for twice; it is of one addon.
        assert len(set(deleted)) <= 1
        if self.ran is None:
            return
        if not self.ran.changed:
            assert (made, deleted) == ([], []), "something was done that is not told"
        if self.ran.failed or self.meddled:
            return
        held = self.sandbox.world.projects[self.sandbox.project_id].addons
        name = self.ran.result["fork"]["name"] if self.ran.result["fork"] else self.last
        if step.state == "present":
            assert held[name].status == "running", "success, and there is no fork"
        else:
            assert self.ran.result["fork"] is None or name not in held, "success, and the fork is there"

    def forget_tagged(self) -> None:
        """From the next task on, what a person made just like a fork is one."""
        held = self.sandbox.world.projects[self.sandbox.project_id].addons
        for one in held.values():
            proved = TAG in one.tags and one.type == "postgresql" and one.name == one.id
            if proved and self.clock.now() - one.created_at < 80000:
                self.persons.discard(one.uid)


@settings(
    max_examples=RUNS,
    derandomize="SOAK_SCHEDULES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(person=st.one_of(st.none(), st.sampled_from(PERSONS)), steps=st.lists(STEPS, min_size=1, max_size=4))
def test_no_addon_of_a_person_is_deleted_and_no_task_makes_two_forks(
    sandbox: Sandbox, clock: VirtualClock, person: dict[str, Any] | None, steps: list[Step]
) -> None:
    story = Story(sandbox, clock, f"source-{next(_NUMBERS)}")
    before = set(sandbox.addon_ids)
    story.begin()
    try:
        if person is not None:
            story.add(story.name, **person)
        for step in steps:
            sandbox.clear_log()
            story.run(step)
            story.calm()
            story.judge(step, sandbox.acts)
            story.forget_tagged()
    finally:
        story.calm()
        for addon_id in set(sandbox.addon_ids) - before:
            sandbox.remove_addon(addon_id)
