# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each command that the role and its playbooks can print is typed as it stands there, and does what is said about it.

Where commands come from is gathered from the code, so a new one needs a row here.
"""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy import messages
from ansible_collections.northflank.cloud.plugins.module_utils._task import variable_messages
from plays import ADDONS, PROJECT, Played, Plays, checksums, destroy, first_set, names, taken

import harness
from sandbox import Sandbox, VirtualClock

ROLE = Path(__file__).resolve().parents[2] / "roles" / "pre_deploy_snapshot" / "tasks"
POSTGRES, MYSQL = ADDONS
DAY = 86400.0
# What functions of messages call a command that they are given.
_GIVEN = {"command_line", "completing", "undo", "going_on", "earlier", "variable"}
# What is made by modules and put into messages by the role.
_MADE = re.compile(r"_pre_deploy_snapshot_again|_pre_deploy_snapshot_plan\.(?:undo|rollback)_command")
_VALUE = r"(?:'(?:[^']|'\"'\"')*'|[^\s'\"]+)+"
_COMMAND = (
    rf"ansible-playbook northflank\.cloud\.\w+(?: -e {_VALUE})+|ansible localhost -m northflank\.cloud\.\w+ -a {_VALUE}"
    rf"|ansible-doc -t role northflank\.cloud\.\w+|-e {_VALUE}"
)
_RUN = re.compile(rf"(?:{_COMMAND})(?: && (?:{_COMMAND}))*")
_RUN = re.compile(rf"(?:{_COMMAND})(?: && (?:{_COMMAND}))*")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start=f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}")


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, assumptions=harness.assumed(request), duration=0.0) as server:
        yield server


class Terminal:
    """Where somebody works: plays, and commands that are copied from what they have shown.

    :ivar before: what the data came to at first.
    :ivar destroyed: what it came to after the migration that went wrong.
    """

    def __init__(self, sandbox: Sandbox, plays: Plays, clock: VirtualClock) -> None:
        self.sandbox, self.plays, self.clock = sandbox, plays, clock
        self.before = self.destroyed = checksums(sandbox)

    def taken(self, release: str = "build-117", age: float = 0.0) -> None:
        taken(self.sandbox, release, age=age)
        destroy(self.sandbox)
        self.destroyed = checksums(self.sandbox)

    def half_way(self) -> Played:
        """A rollback that has put back one addon of two."""
        self.taken()
        self.sandbox.next_restore_outcome(MYSQL, "failed")
        ran = self.plays.rollback()
        assert not ran.ok
        self.clock.advance(60)
        return ran

    def type(self, ran: Played, behind: str, *begun: str) -> Played:
        """Type what was printed behind some words, up to its end.

        :param begun: the words that were typed before, where it is to be added to them.
        """
        shown = re.sub(r"(?<=\S)- ", "-", ran.output).replace('\\"', '"')
        assert behind in shown, shown
        lines = _RUN.match(shown.rsplit(behind, 1)[1])
        assert lines, shown
        ended = [self._run([*begun, *shlex.split(line)]) for line in lines.group().split(" && ")]
        self.clock.advance(60)
        return ended[-1]

    def _run(self, words: list[str]) -> Played:
        ended = self.plays.start(*words[1:], program=words[0]).end()
        assert ended.ok, ended.output
        return ended

    def is_back(self) -> bool:
        return checksums(self.sandbox) == self.before

    def is_undone(self) -> bool:
        return checksums(self.sandbox) == self.destroyed


def nothing_selected(at: Terminal) -> None:
    ran = at.plays.snapshot(addon_ids=None, addon_types=["oracle"])
    assert POSTGRES in at.type(ran, "To list them: ").output


def all_but_what_is_paused(at: Terminal) -> None:
    ran = at.plays.snapshot(addon_ids=None, exclude=["redis-cache"])
    given = ["ansible-playbook", "northflank.cloud.snapshot", "-e", f"project_id={PROJECT}", "-e", "release=build-117"]
    at.type(ran, "add to its command: ", *given)
    assert [len(names(at.sandbox, one)) for one in (POSTGRES, "redis-cache", "postgres-paused")] == [1, 0, 0]


def others_than_what_is_paused(at: Terminal) -> None:
    ran = at.plays.snapshot(addon_ids=["postgres-paused", POSTGRES])
    given = ["ansible-playbook", "northflank.cloud.snapshot", "-e", f"project_id={PROJECT}", "-e", "release=build-117"]
    at.type(ran, "add to its command: ", *given)
    assert [len(names(at.sandbox, one)) for one in (POSTGRES, MYSQL)] == [1, 0]


def an_earlier_set(at: Terminal) -> None:
    at.taken(age=7 * 3600)
    ran = at.plays.snapshot()
    assert ran.ok, ran.output
    at.clock.advance(60)
    at.type(ran, "To go back to it: ")
    assert at.is_back()


def completed_by_main(at: Terminal) -> None:
    at.half_way()
    at.type(at.plays.snapshot("build-118"), "To complete what is half-way: ")
    assert at.is_back()
    assert at.plays.snapshot("build-118").ok


def undone_by_main(at: Terminal) -> None:
    at.half_way()
    at.type(at.plays.snapshot("build-118"), "To restore what the rollback has replaced: ")
    assert at.is_undone()
    assert at.plays.snapshot("build-118").ok


def repaired(at: Terminal) -> Played:
    """A set of what somebody has repaired by hand."""
    at.half_way()
    ran = at.type(at.plays.snapshot(), "after which this runs again: ")
    assert f"{first_set()}-2" in ran.output
    assert f"2 of 2 snapshots {first_set()}-2 are complete (41.0 kB; used again" in at.plays.snapshot().output
    refused = at.plays.rollback()
    assert not refused.ok
    return refused


def repaired_and_gone_back_to(at: Terminal) -> None:
    ran = at.type(repaired(at), "If its data is right, to go back to it: ")
    assert f"Restored from {first_set()}-2: " in ran.output


def repaired_and_gone_back_to_what_was_before(at: Terminal) -> None:
    at.type(repaired(at), "To go back to what the earlier rollback was to restore: ")
    assert at.is_back()


def shared_name(at: Terminal) -> None:
    """As version 0.9 named it; its digits are those of two releases."""
    for addon_id in ADDONS:
        at.sandbox.add_backup(addon_id, name="pre-deploy-release-20-bb9544-583b5e", age=60)
    taken(at.sandbox, "release-2026-03328", age=30)
    destroy(at.sandbox)
    at.type(at.plays.rollback("release-2026-01624"), "If it is this release's: ")
    assert at.is_back()


def sets_that_nobody_can_verify(at: Terminal) -> None:
    taken(at.sandbox, "build-1", [POSTGRES, "mongo-events"], age=9 * DAY)
    at.sandbox.remove_addon("mongo-events")
    ran = at.plays.snapshot(keep_last=1)
    assert ran.ok, ran.output
    at.type(ran, "to delete them: ")
    assert names(at.sandbox) == [first_set()]


def a_slip(at: Terminal) -> None:
    ran = at.plays.job("snapshot", "build-117", addons="x").end()
    assert "pre_deploy_snapshot_addon_ids" in at.type(ran, "To list them: ").output


def finished(at: Terminal) -> None:
    ran = at.type(at.half_way(), "To finish the rollback, type this: ")
    assert at.is_back()
    at.type(ran, "To undo the rollback: ")
    assert at.is_undone()


def undone_instead(at: Terminal) -> None:
    at.type(at.half_way(), "To undo it instead, type this: ")
    assert at.is_undone()
    assert at.plays.snapshot("build-118").ok


def unkept(at: Terminal) -> Played:
    """A rollback that could not keep what it was about to replace."""
    at.taken()
    at.sandbox.next_outcome(POSTGRES, "failed")
    ran = at.plays.rollback()
    assert not ran.ok
    assert at.is_undone()
    at.clock.advance(60)
    return ran


def unkept_and_run_again(at: Terminal) -> None:
    at.type(unkept(at), "run the rollback again: ")
    assert at.is_back()
    assert len([name for name in names(at.sandbox) if name.startswith("pre-rollback-")]) == 2


def unkept_and_done_all_the_same(at: Terminal) -> None:
    at.type(unkept(at), "To restore without keeping it, type this: ")
    assert at.is_back()
    assert len([name for name in names(at.sandbox) if name.startswith("pre-rollback-")]) == 1


def rolled_back(at: Terminal) -> None:
    ran = at.plays.snapshot()
    assert ran.ok, ran.output
    destroy(at.sandbox)
    at.clock.advance(60)
    at.type(ran, "To roll back: ")
    assert at.is_back()


# By where a command comes from, what leads to it and types it.
TYPED: dict[str, list[Callable[[Terminal], None]]] = {
    "nothing_selected.command_line": [nothing_selected],
    "cannot_be_in_a_set.variable": [all_but_what_is_paused, others_than_what_is_paused],
    "earlier_set.command_line": [an_earlier_set],
    "incomplete_rollback.completing": [completed_by_main],
    "incomplete_rollback.undo": [undone_by_main],
    "incomplete_rollback.going_on": [repaired_and_gone_back_to],
    "half_way_not_restored.going_on": [repaired_and_gone_back_to],
    "half_way_not_restored.earlier": [repaired_and_gone_back_to_what_was_before],
    "shared_name.command_line": [shared_name],
    "sets_unproved.command_line": [sets_that_nobody_can_verify],
    "unknown_variable": [a_slip],
    "main.yml _pre_deploy_snapshot_plan.rollback_command": [rolled_back],
    "rollback.yml _pre_deploy_snapshot_plan.rollback_command": [finished],
    "rollback.yml _pre_deploy_snapshot_again": [finished, unkept_and_run_again, unkept_and_done_all_the_same],
    "rollback.yml _pre_deploy_snapshot_plan.undo_command": [finished, undone_instead],
}


def sources() -> set[str]:
    """Where commands come from: arguments of messages, texts of messages, and templates of the role."""
    found = set()
    for module in (messages, variable_messages):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            found |= {f"{name}.{one}" for one in inspect.signature(function).parameters if one in _GIVEN}
            if re.search(r"ansible(-\w+)? |command\(", inspect.getsource(function)):
                found.add(name)
    for path in ROLE.glob("*.yml"):
        used = re.sub(r"^ +_pre_deploy_snapshot_again:", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found |= {f"{path.name} {one}" for one in _MADE.findall(used)}
    return found


def test_each_command_that_can_be_printed_has_a_row() -> None:
    assert sources() == set(TYPED)


@pytest.mark.parametrize("story", dict.fromkeys(one for stories in TYPED.values() for one in stories))
def test_what_is_printed_can_be_typed(
    story: Callable[[Terminal], None], sandbox: Sandbox, plays: Plays, clock: VirtualClock
) -> None:
    story(Terminal(sandbox, plays, clock))
