# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which safety snapshot holds what was there before a rollback, as tables, and whether another one has to be taken."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, Restore, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.commands import Commands
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import (
    is_safety_of,
    release_in,
    safety_name,
    set_name,
)
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.rollback import plan_rollback, rollback_facts
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.safety import unused
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.snapshot import Wish, plan_snapshot

NOON = posix_time("2026-03-01T12:00:00Z")
HERE = Commands({"project_id": "p", "team_id": "t"})
SET = set_name("one", ["a"], 1)


def at(minute: int) -> str:
    return f"2026-03-01T11:{minute:02}:00Z"


def safety(minute: int, release: str = "one", status: str = "completed") -> Backup:
    return Backup(f"s-{minute}", name_at(minute, release), status, at(minute))


def name_at(minute: int, release: str = "one") -> str:
    return safety_name(release, posix_time(at(minute)))


def restore(minute: int, status: str = "completed", backup: str = SET, ended: int | None = None) -> Restore:
    return Restore(f"r-{minute}", status, at(minute), None if ended is None else at(ended), backup)


def taken(minute: int, generation: int) -> Backup:
    return Backup(f"set-{minute}", set_name("one", ["a"], generation), "completed", at(minute))


FAILED, ABORTED, ODD = restore(20, "failed"), restore(20, "aborted"), restore(20, "odd")
# Beside the set of minute 10 and a safety snapshot of minute 19: other backups, the restores, the minute of the backup
# that undoes the rollback, and whether a new one is taken at minute 50. NEW stands for that.
NEW = 50
CASES: list[tuple[str, list[Backup], list[Restore], int, bool]] = [
    ("nothing was restored", [], [], NEW, True),
    ("it failed", [], [FAILED], 19, False),
    ("it was aborted", [], [ABORTED], 19, False),
    ("nobody knows what it did", [], [ODD], 19, False),
    ("it is under way", [], [restore(20, "in-progress")], 19, False),
    ("it is back", [], [restore(20)], 19, False),
    ("it failed, and is back", [], [FAILED, restore(30)], 19, False),
    (
        "it failed twice, and the second try kept what was half-way",
        [safety(29)],
        [FAILED, restore(30, "failed")],
        19,
        False,
    ),
    ("the same, and is back", [safety(29)], [FAILED, restore(30, "aborted"), restore(31)], 19, False),
    ("it was undone", [], [restore(20), restore(30, backup="s-19")], NEW, True),
    (
        "it was undone, and the next rollback failed",
        [safety(39)],
        [restore(20), restore(30, backup="s-19"), restore(40, "failed")],
        39,
        False,
    ),
    (
        "it was undone, and the next one kept nothing",
        [],
        [restore(20), restore(30, backup="s-19"), restore(40, "failed")],
        NEW,
        True,
    ),
    ("it was back, and the next rollback to it failed", [safety(39)], [restore(20), restore(40, "failed")], 39, False),
    ("a set was taken since", [taken(30, 2)], [FAILED], NEW, True),
    ("a set was taken between two tries", [taken(30, 2), safety(39)], [FAILED, restore(40, "failed")], 39, False),
    ("something else was put back since", [], [FAILED, restore(30, backup="nightly")], NEW, True),
    ("something else failed since", [], [FAILED, restore(30, "failed", backup="nightly")], NEW, True),
    ("it failed after something else", [], [restore(15, backup="nightly"), FAILED], 19, False),
    (
        "what is kept is from before something else",
        [],
        [restore(25, backup="nightly"), restore(31, "failed")],
        NEW,
        True,
    ),
]


@pytest.mark.parametrize(("why", "more", "restores", "minute", "takes"), CASES, ids=[row[0] for row in CASES])
def test_the_backup_that_undoes_a_rollback_is_the_one_from_before_it_began(
    why: str, more: list[Backup], restores: list[Restore], minute: int, takes: bool
) -> None:
    facts = decided([safety(19), *more], restores)
    wanted = {"addon_id": "a", "name": name_at(minute)}
    assert (facts["undo"], bool(facts["safety_addon_ids"])) == ([wanted], takes), why
    assert shlex.split(facts["undo_command"])[-1] == f"project_id=p team_id=t addon_id=a name={wanted['name']}"


def decided(backups: list[Backup], restores: list[Restore], with_safety: bool = True, minute: int = NEW) -> Any:
    members = {"a": Backup(SET, SET, "completed", at(10))}
    found = {"a": [*members.values(), *backups]}
    plan = plan_rollback(members, SET, 1, found, {"a": restores}, False)
    return rollback_facts(plan, "one", posix_time(at(minute)), with_safety, HERE)


UNFIT = {
    "there is none": [],
    "it failed": [safety(19, status="failed")],
    "it is not complete": [safety(19, status="in-progress")],
    "it is of another release": [safety(19, "two")],
    "it is from before the set": [safety(9)],
    "it was taken after the restore began": [safety(21)],
    "it is no safety snapshot": [Backup("x", "nightly", "completed", at(19))],
}


@pytest.mark.parametrize("backups", UNFIT.values(), ids=UNFIT)
def test_where_nothing_holds_it_what_is_there_is_kept(backups: list[Backup]) -> None:
    facts = decided(backups, [FAILED])
    assert facts["safety_addon_ids"] == ["a"]
    assert facts["undo"] == [{"addon_id": "a", "name": name_at(NEW)}]
    without = decided(backups, [FAILED], with_safety=False)
    assert (without["safety_addon_ids"], without["undo"], without["undo_command"]) == ([], [], "")


@pytest.mark.parametrize(("last", "takes"), [(restore(20, "failed"), True), (restore(20, "failed", ended=59), False)])
def test_who_comes_after_an_hour_may_have_written_something(last: Restore, takes: bool) -> None:
    members = {"a": Backup(SET, SET, "completed", at(10))}
    plan = plan_rollback(members, SET, 1, {"a": [*members.values(), safety(19)]}, {"a": [last]}, False)
    facts = rollback_facts(plan, "one", posix_time("2026-03-01T12:21:00Z"), True, HERE)
    assert bool(facts["safety_addon_ids"]) == takes
    # All the same, what undoes it is what was there before.
    assert facts["undo"] == [{"addon_id": "a", "name": name_at(19)}]


def test_what_is_put_back_once_more_is_another_rollback() -> None:
    members = {"a": Backup(SET, SET, "completed", at(10))}
    found = {"a": [*members.values(), safety(19)]}
    plan = plan_rollback(members, SET, 1, found, {"a": [restore(20)]}, restore_again=True)
    facts = rollback_facts(plan, "one", posix_time(at(NEW)), True, HERE)
    assert facts["undo"] == [{"addon_id": "a", "name": name_at(NEW)}]


def test_addons_that_are_kept_under_several_names_are_undone_one_after_the_other() -> None:
    one, other = HERE.undo({"b": "x", "a": "x", "c": "y"}).split(" && ")
    assert shlex.split(one)[-1] == "project_id=p team_id=t addon_id=a,b name=x"
    assert shlex.split(other)[-1] == "project_id=p team_id=t addon_id=c name=y"
    assert HERE.undo({}) == ""


# The first 24 bits of the digest of "one" as hexadecimal digits, as version 0.9 wrote them.
OF_0_9 = "pre-rollback-7692c3-260301111900"


def test_a_safety_snapshot_is_of_the_release_whose_digest_it_has() -> None:
    assert is_safety_of(name_at(1), SET)
    assert is_safety_of(OF_0_9, SET)
    assert is_safety_of(OF_0_9, "pre-deploy-one-7692c3-7e18f7")
    assert is_safety_of(name_at(1), "pre-deploy-one-7692c3-7e18f7")
    assert not is_safety_of(name_at(1, "two"), SET)
    assert not is_safety_of(name_at(1, "two"), "pre-deploy-one-7692c3-7e18f7")
    assert not is_safety_of(SET, SET)
    assert not is_safety_of(name_at(1), "nightly")


@pytest.mark.parametrize("release", ["build-117", "v1.2.3", "a/b_c:d", "1.10", "x y", "2026.03.01"])
def test_a_release_that_fits_into_the_name_of_its_sets_is_known_by_it(release: str) -> None:
    assert release_in(set_name(release, ["a"], 1)) == release
    assert release_in(set_name(release, ["a"], 2)) == release


@pytest.mark.parametrize(
    "release", ["release-2026-01624", "3f786850e387550fdab836ed7e6dc881de23001b", "\u00fcber", "-x-", "a--b"]
)
def test_of_another_one_nothing_is_guessed(release: str) -> None:
    assert release_in(set_name(release, ["a"], 1)) is None
    assert release_in("nightly") is None
    assert release_in("pre-deploy-one-7692c3-7e18f7") is None


# Beside a set of minute 10, whether a rollback may have been stopped before it restored anything.
STOPPED: list[tuple[str, list[Backup], list[Restore], bool]] = [
    ("nothing came after", [safety(19)], [], True),
    ("what was restored before does not count", [safety(19)], [restore(15)], True),
    ("it was restored", [safety(19)], [restore(20)], False),
    ("the restore failed", [safety(19)], [restore(20, "failed")], False),
    ("a set was taken since", [safety(19), taken(30, 2)], [], False),
    ("there is no safety snapshot", [Backup("x", "nightly", "completed", at(19))], [], False),
    ("an earlier one was used", [safety(19), safety(29)], [restore(20)], True),
]


@pytest.mark.parametrize(("why", "backups", "restores", "told"), STOPPED, ids=[row[0] for row in STOPPED])
def test_a_rollback_that_was_stopped_before_it_restored_is_told(
    why: str, backups: list[Backup], restores: list[Restore], told: bool
) -> None:
    found = {"a": [Backup(SET, SET, "completed", at(10)), *backups]}
    assert bool(unused(["a"], found, {"a": restores})) == told, why
    wish = Wish(HERE, "two", ["a"], 60, ignore_incomplete=True)
    warnings = plan_snapshot(wish, found, {"a": restores}, NOON).warnings
    assert any("If it was stopped before its first restore" in one for one in warnings) == told
