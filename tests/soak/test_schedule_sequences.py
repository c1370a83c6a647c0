# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One wish after another for the schedules of an addon, with faults and other users.

It has one of each kind at most, and never loses the one it had, unless the message holds that whole.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_schedule
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import harness
from sandbox import Fault, Sandbox, VirtualClock

# As many sequences as one for every 20 schedules of the soak, where that is asked for.
SEQUENCES = max(100, int(os.environ.get("SOAK_SCHEDULES", "0")) // 20)
PATHS = {"GET": r"/backup-schedules$", "POST": r"/backup-schedules$", "DELETE": r"/backup-schedules/[^/]+$"}
KINDS = ["reset", "close", "cut", "garbage", "empty", "502", "503", "504", "429", "redirect", "late-commit"]
MODULE = "northflank.cloud.addon_backup_schedule"
Settings = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What a task asks for.

    :ivar settings: None for no schedule.
    """

    interval: str
    backup_type: str
    settings: Settings | None

    @property
    def kind(self) -> tuple[str, str]:
        return self.interval, self.backup_type

    @property
    def arguments(self) -> dict[str, Any]:
        kind = {"interval": self.interval, "backup_type": self.backup_type}
        return {**kind, "state": "absent"} if self.settings is None else {**kind, **self.settings}


@dataclass(frozen=True)
class Step:
    """A task, what goes wrong, and what others do, one thing at each of its pauses."""

    wish: Wish
    faults: tuple[Fault, ...]
    others: tuple[str, ...]


def wish(kind: tuple[str, str], is_wanted: bool, minute: int, days: int, more: int) -> Wish:
    if not is_wanted:
        return Wish(*kind, None)
    made: Settings = {"minute": [minute], "retention_time": days}
    if kind[0] == "daily":
        made["hour"] = [3]
    extra: list[Settings] = [
        {},
        {"compression_type": "zstd"} if kind[1] == "dump" else {"additional_destinations": COPIES},
        # The API does not know this place, and refuses.
        {"custom_destination_id": "nowhere"} if kind[1] == "dump" else {"additional_destinations": NOWHERE},
    ]
    return Wish(*kind, {**made, **extra[more]})


COPIES = [{"destination_id": "offsite-s3", "type": "custom", "retention_time": 3}]
NOWHERE = [{"destination_id": "nowhere", "type": "custom"}]
WISHES = st.builds(
    wish,
    st.sampled_from([("daily", "dump"), ("hourly", "snapshot")]),
    st.sampled_from([True, True, True, False]),
    st.integers(0, 2),
    st.integers(1, 2),
    st.sampled_from([0, 0, 1, 2]),
)
FAULTS = st.builds(
    lambda method, kind, when, turn, times, delay: Fault(
        method=method,
        path=PATHS[method],
        kind="504" if (method, kind) == ("GET", "late-commit") else kind,
        when=when,
        turn=turn,
        times=times,
        delay=delay if kind == "late-commit" else 0.0,
    ),
    st.sampled_from(sorted(PATHS)),
    st.sampled_from(KINDS),
    st.sampled_from(["before", "after"]),
    st.integers(1, 3),
    st.sampled_from([1, 1, 2, 3, None]),
    st.sampled_from([1.0, 30.0, 59.0, 90.0, 140.0, 300.0]),
)
STEPS = st.builds(
    Step,
    WISHES,
    st.lists(FAULTS, max_size=3).map(tuple),
    st.lists(st.sampled_from(["create", "delete", "rate", "nothing", "nothing"]), max_size=3).map(tuple),
)


@pytest.fixture(scope="module")
def clock() -> VirtualClock:
    return VirtualClock(start="2026-03-01T12:00:00Z")


@pytest.fixture(scope="module")
def sandbox(clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as server:
        yield server


@dataclass
class Story:
    """One addon over a sequence of tasks."""

    sandbox: Sandbox
    clock: VirtualClock
    addon_id: str
    todo: Iterator[str] = field(default_factory=lambda: iter(()))
    meddled: bool = False

    def held(self) -> dict[tuple[str, str], Settings]:
        """The schedules, as the arguments that would make them."""
        found = [as_arguments(one) for one in self.sandbox.schedules(self.addon_id)]
        by_kind = {(one.pop("interval"), one.pop("backup_type")): one for one in found}
        assert len(by_kind) == len(found), "two of a kind"
        return by_kind

    def run(self, step: Step) -> harness.Ran:
        for fault in step.faults:
            self.sandbox.fault(fault)
        self.todo, self.meddled = iter(step.others), False

        def on_sleep(_seconds: float) -> None:
            action = next(self.todo, "nothing")
            if action != "nothing":
                getattr(self, f"_{action}")(step.wish)

        arguments = {"addon_id": self.addon_id, "api_retries": 2, **step.wish.arguments}
        return harness.run_task(addon_backup_schedule, self.sandbox, self.clock, on_sleep, **arguments)

    def calm(self) -> None:
        """Nothing goes wrong any more, and what was on its way has arrived."""
        self.sandbox.clear_faults()
        self.clock.advance(3700)

    def _create(self, wanted: Wish) -> None:
        if wanted.kind in self.held():
            return
        self.meddled = True
        scheduling = {
            "interval": wanted.interval,
            "minute": [55],
            **({"hour": [5]} if wanted.interval == "daily" else {}),
        }
        request = {"scheduling": scheduling, "backupType": wanted.backup_type, "retentionTime": 5}
        self.sandbox.add_schedule(self.addon_id, request)

    def _delete(self, wanted: Wish) -> None:
        for one in self.sandbox.schedules(self.addon_id):
            if (one["scheduling"]["interval"], one["backupType"]) == wanted.kind:
                self.meddled = True
                self.sandbox.remove_schedule(self.addon_id, one["id"])

    def _rate(self, _wanted: Wish) -> None:
        self.sandbox.set_rate(remaining=1)


def as_arguments(one: dict[str, Any]) -> Settings:
    """A schedule of the API as a task would ask for it."""
    copies = [
        {"destination_id": place["destinationId"], "type": place["type"], "retention_time": place["retentionTime"]}
        for place in one.get("additionalDestinations", [])
    ]
    given = {
        "interval": one["scheduling"]["interval"],
        "backup_type": one["backupType"],
        "minute": one["scheduling"]["minute"],
        "hour": one["scheduling"].get("hour"),
        "retention_time": one["retentionTime"],
        "compression_type": one.get("backupCompressionType"),
        "custom_destination_id": one.get("customDestinationId"),
        "additional_destinations": copies,
    }
    return {key: value for key, value in given.items() if value}


def is_met(wanted: Wish, held: Settings | None) -> bool:
    """Whether what there is is what was asked for; what was not asked for may be whatever it is."""
    if wanted.settings is None or held is None:
        return wanted.settings is held
    return all(held.get(key) == value for key, value in wanted.settings.items())


def pasted(message: str) -> Settings | None:
    """The schedule that a message holds, if it holds one."""
    if "- {" not in message:
        return None
    (task,) = yaml.safe_load(message[message.index("- {") :])
    arguments = task[MODULE]
    return {
        key: value
        for key, value in arguments.items()
        if key not in ("project_id", "addon_id", "interval", "backup_type")
    }


def judge(story: Story, step: Step, ran: harness.Ran, before: dict[tuple[str, str], Settings], acts: list[Any]) -> None:
    """What must hold, whatever has happened."""
    kind = step.wish.kind
    after = story.held()
    old, new = before.get(kind), after.get(kind)
    untouched = {one: before[one] for one in before if one != kind}
    assert {one: after[one] for one in after if one != kind} == untouched, "a schedule of another kind was touched"
    if not ran.changed:
        assert acts == [], "something was done that is not told"
    assert ran.result["schedule"]["changed"] == ran.changed
    if story.meddled:
        return
    if not ran.failed:
        assert is_met(step.wish, new), "success, and the schedule is not the one that was asked for"
        return
    if step.wish.settings is not None and old is not None:
        # The old one, or the new one, or the message that makes the old one again.
        assert new == old or is_met(step.wish, new) or (new is None and pasted(ran.msg) == old)
    if ran.result["schedule"]["action"] == "put_back":
        assert new == old
    if "Nothing was" in ran.msg:
        assert new == old


_NUMBERS = itertools.count(1)


@settings(
    max_examples=SEQUENCES,
    derandomize="SOAK_SCHEDULES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(STEPS, min_size=1, max_size=5))
def test_no_sequence_of_wishes_loses_a_schedule(sandbox: Sandbox, clock: VirtualClock, steps: list[Step]) -> None:
    story = Story(sandbox, clock, f"addon-{next(_NUMBERS)}")
    sandbox.add_addon(story.addon_id)
    try:
        for step in steps:
            before = story.held()
            sandbox.clear_log()
            began = clock.monotonic()
            ran = story.run(step)
            assert clock.monotonic() - began < 300 + 3900 + 60
            story.calm()
            judge(story, step, ran, before, sandbox.acts)
        # With nothing in the way, the last wish is met, and met once for all.
        ran = story.run(Step(steps[-1].wish, (), ()))
        if "nowhere" not in repr(steps[-1].wish):
            assert not ran.failed, ran.result
            assert is_met(steps[-1].wish, story.held().get(steps[-1].wish.kind))
            assert not story.run(Step(steps[-1].wish, (), ())).changed
    finally:
        story.calm()
        sandbox.remove_addon(story.addon_id)
