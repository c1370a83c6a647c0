# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a rollback was left half-way, as tables: by what sets and restores there are, and at which time."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from ansible.parsing.splitter import parse_kv
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, Restore, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.commands import Commands
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import safety_name, set_name
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.prune import plan_prune
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.rollback import (
    asks_rollback,
    check_taken_whole,
    choose_set,
)
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.snapshot import Wish, plan_snapshot
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.unfinished import (
    History,
    addons_to_read,
    unfinished,
)

PAIR = ("a", "b")
NOON = posix_time("2026-03-01T12:00:00Z")
HERE = Commands({"project_id": "p"})
Found = dict[str, list[Backup]]


def at(minute: int) -> str:
    return f"2026-03-01T11:{minute:02}:00Z"


def taken(
    minute: int, release: str = "one", generation: int = 1, addons: tuple[str, ...] = PAIR, status: str = "completed"
) -> Found:
    name = set_name(release, addons, generation)
    return {addon: [Backup(f"{name}-id", name, status, at(minute))] for addon in addons}


def nightly(minute: int) -> Found:
    return {addon: [Backup(f"nightly-{minute}", "nightly", "completed", at(minute))] for addon in PAIR}


def safety(minute: int, release: str = "one", addons: tuple[str, ...] = PAIR) -> Found:
    """What a rollback took of what it was about to replace."""
    name = safety_name(release, posix_time(at(minute)))
    return {addon: [Backup(f"safety-{minute}", name, "completed", at(minute))] for addon in addons}


def project(*parts: Found) -> Found:
    return {addon: [one for part in parts for one in part.get(addon, [])] for addon in ("a", "b", "c")}


def restore(backup: str | None, minute: int, status: str = "completed") -> Restore:
    return Restore(f"r-{minute}", status, at(minute), None, backup)


SET = set_name("one", PAIR, 1)
ONE, TWO = f"{SET}-id", f"{set_name('one', PAIR, 2)}-id"
OTHER = f"{set_name('two', PAIR, 1)}-id"
AGAIN = taken(30, generation=2)

# What was taken beside the first set at minute 10, the restores, and by set or None what is not put back.
CASES: list[tuple[str, Found, dict[str, list[Restore]], dict[str | None, str]]] = [
    ("nothing was restored", {}, {}, {}),
    ("all were put back", {}, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21)]}, {}),
    ("one failed", {}, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "failed")]}, {SET: "b"}),
    ("both failed", {}, {"a": [restore(ONE, 20, "failed")], "b": [restore(ONE, 21, "failed")]}, {SET: "ab"}),
    ("one was aborted", {}, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "aborted")]}, {SET: "b"}),
    ("one was not supported", {}, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "not-supported")]}, {SET: "b"}),
    ("one is under way", {}, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "in-progress")]}, {SET: "b"}),
    ("one is in a state nobody knows", {}, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "odd")]}, {SET: "b"}),
    ("one was never begun", {}, {"a": [restore(ONE, 20)]}, {SET: "b"}),
    (
        "one was put back to something before",
        {},
        {"a": [restore(ONE, 20)], "b": [restore("nightly-5", 12)]},
        {SET: "b"},
    ),
    ("one was put back to something since", {}, {"a": [restore(ONE, 20)], "b": [restore("nightly-5", 22)]}, {}),
    (
        "that failed, too",
        {},
        {"a": [restore(ONE, 20)], "b": [restore("nightly-5", 22, "failed")]},
        {SET: "b", None: "b"},
    ),
    ("it was done again", {}, {"b": [restore(ONE, 21, "failed"), restore(ONE, 25)], "a": [restore(ONE, 20)]}, {}),
    (
        "the next try failed",
        {},
        {"b": [restore(ONE, 21), restore(ONE, 25, "failed")], "a": [restore(ONE, 20)]},
        {SET: "b"},
    ),
    (
        "one was undone",
        safety(19),
        {"a": [restore(ONE, 20)], "b": [restore(ONE, 20), restore("safety-19", 30)]},
        {SET: "b"},
    ),
    (
        "the one that failed was undone",
        safety(19),
        {"a": [restore(ONE, 20)], "b": [restore(ONE, 20, "failed"), restore("safety-19", 30)]},
        {SET: "b"},
    ),
    (
        "one was undone and the other never begun",
        safety(19),
        {"b": [restore(ONE, 20), restore("safety-19", 30)]},
        {},
    ),
    (
        "all were undone",
        safety(19),
        {addon: [restore(ONE, 20), restore("safety-19", 30)] for addon in PAIR},
        {},
    ),
    (
        "one was undone, and put back again",
        safety(19),
        {"a": [restore(ONE, 20)], "b": [restore(ONE, 20), restore("safety-19", 30), restore(ONE, 40)]},
        {},
    ),
    (
        "one was put back to what another release's rollback has kept",
        safety(19, "two"),
        {"a": [restore(ONE, 20)], "b": [restore(ONE, 20), restore("safety-19", 30)]},
        {},
    ),
    ("a set was taken since", AGAIN, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "failed")]}, {}),
    (
        "a set is being taken since",
        taken(30, generation=2, status="scheduled"),
        {"b": [restore(ONE, 21, "failed")]},
        {},
    ),
    (
        "a set that failed says nothing",
        taken(30, generation=2, status="failed"),
        {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "failed")]},
        {SET: "b"},
    ),
    ("another release's set was", taken(30, "two"), {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "failed")]}, {}),
    (
        "it was of the other addon only",
        taken(30, "two", addons=("a",)),
        {"b": [restore(ONE, 21, "failed")]},
        {SET: "b"},
    ),
    (
        "a set of version 0.9 says nothing",
        {addon: [Backup("old", "pre-deploy-one-7692c3-7e18f7-2", "completed", at(30))] for addon in PAIR},
        {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "failed")]},
        {SET: "b"},
    ),
    ("a nightly backup says nothing", nightly(30), {"a": [restore(ONE, 20)]}, {SET: "b"}),
    ("a nightly one failed", nightly(5), {"b": [restore("nightly-5", 21, "failed")]}, {None: "b"}),
    ("one that is not told failed", {}, {"b": [restore(None, 21, "failed")]}, {None: "b"}),
    ("one that is not told is done", {}, {"b": [restore(None, 21)]}, {}),
    ("one of an earlier backup of the ID failed", {}, {"b": [restore(ONE, 9, "failed")]}, {}),
    ("one of another addon failed", {}, {"c": [restore(ONE, 21, "failed")]}, {}),
    (
        "the second set is half-way after the first was back",
        AGAIN,
        {"a": [restore(ONE, 20), restore(TWO, 40)], "b": [restore(ONE, 21)]},
        {set_name("one", PAIR, 2): "b"},
    ),
    (
        "another release's is half-way",
        taken(5, "two"),
        {"a": [restore(OTHER, 40)], "b": []},
        {set_name("two", PAIR, 1): "b"},
    ),
]


@pytest.mark.parametrize(("why", "later", "restores", "left"), CASES, ids=[row[0] for row in CASES])
def test_what_is_half_way(why: str, later: Found, restores: Any, left: dict[str | None, str]) -> None:
    found = project(taken(10), later)
    reports = unfinished(PAIR, History(found, restores))
    told = {None if one.target is None else one.target.name: "".join(sorted(one.left)) for one in reports}
    assert told == left, why
    if why not in ("a set was taken since", "another release's set was", "a set is being taken since"):
        wish = Wish(HERE, "one", PAIR, 6 * 3600)
        if left:
            with pytest.raises(BackupError, match="None was used, and nothing was started"):
                plan_snapshot(wish, found, restores, NOON)
            plan = plan_snapshot(wish._replace(ignore_incomplete=True), found, restores, NOON)
            assert plan.is_new
            assert "This is ignored, because ignore_incomplete_rollback is true." in plan.warnings[0]
        else:
            assert plan_snapshot(wish, found, restores, NOON).name


def test_the_other_members_of_a_set_that_was_put_back_are_asked_too() -> None:
    found = project(taken(10, "two"))
    assert addons_to_read(["a"], History(found, {"a": []})) == []
    assert addons_to_read(["a"], History(found, {"a": [restore(OTHER, 20)]})) == ["b"]
    assert addons_to_read(PAIR, History(found, {"a": [restore(OTHER, 20)], "b": []})) == []
    (report,) = unfinished(["a"], History(found, {"a": [restore(OTHER, 20)], "b": []}))
    assert list(report.left) == ["b"]


@pytest.mark.parametrize("release", ["one", "v2.4/x:y", "it's v 2.4", "1.10"])
def test_the_command_that_completes_it_is_exact(release: str) -> None:
    found = project(taken(10, release), taken(30, release, 2, status="failed"))
    restores = {"a": [restore(f"{set_name(release, PAIR, 1)}-id", 20)], "b": []}
    with pytest.raises(BackupError) as refusal:
        plan_snapshot(Wish(Commands({"project_id": "my-project"}), release, PAIR, 60), found, restores, NOON)
    command = shlex.split(str(refusal.value).split("(1) To complete what is half-way: ")[1].split(" (2) ")[0])
    assert command[:4] == ["ansible-playbook", "northflank.cloud.rollback", "-e", "project_id=my-project"]
    given = command[5]
    assert (json.loads(given) if given.startswith("{") else parse_kv(given)) == {"release": release}
    assert command[6:] == ["-e", "generation=1"]


COMMIT = "3f786850e387550fdab836ed7e6dc881de23001b"


@pytest.mark.parametrize("other", ["two", "v2.4/x:y", COMMIT])
def test_what_another_release_left_is_completed_by_its_own_rollback_where_its_name_tells_it(other: str) -> None:
    """A whole commit does not fit into the name of a set. Then each addon is restored by itself."""
    backup_id = f"{set_name(other, PAIR, 1)}-id"
    found = project(taken(10, other), {"c": [Backup("by hand", "By hand", "completed", at(5))]})
    restores = {
        "a": [restore(backup_id, 20)],
        "b": [restore(backup_id, 20, "failed")],
        "c": [restore("by hand", 20, "failed")],
    }
    with pytest.raises(BackupError) as refusal:
        plan_snapshot(Wish(HERE, "one", ["a", "b", "c"], 60), found, restores, NOON)
    one, last = str(refusal.value).split("(1) To complete what is half-way: ")[1].split(" (2) ")[0].split(" && ")
    if other == COMMIT:
        assert shlex.split(one)[:4] == ["ansible", "localhost", "-m", "northflank.cloud.addon_backup_restore"]
        assert parse_kv(shlex.split(one)[5]) == {"project_id": "p", "addon_id": "b", "backup_id": backup_id}
    else:
        assert one == HERE.rollback(other, 1)
    assert parse_kv(shlex.split(last)[5]) == {"project_id": "p", "addon_id": "c", "backup_id": "by hand"}


def test_what_a_set_puts_back_is_not_put_back_to_something_else_after_that() -> None:
    """An undo that failed is none of the set, and to complete it would take back what completes the rollback."""
    found = project(taken(10), safety(19))
    restores = {"a": [restore(ONE, 20)], "b": [restore(ONE, 20), restore("safety-19", 30, "failed")]}
    with pytest.raises(BackupError) as refusal:
        plan_snapshot(Wish(HERE, "one", PAIR, 60), found, restores, NOON)
    said = str(refusal.value)
    assert f"(1) To complete what is half-way: {HERE.rollback('one', 1)} (2) To restore what the" in said
    undo = said.split("has replaced: ")[1].split(" (3) ", maxsplit=1)[0]
    assert undo == HERE.undo({"a": safety_name("one", posix_time(at(19)))})
    assert said.endswith(
        "ansible-playbook northflank.cloud.snapshot -e project_id=p -e release=one "
        "-e pre_deploy_snapshot_addon_ids=a,b -e pre_deploy_snapshot_ignore_incomplete_rollback=true"
    )


def test_what_cannot_be_completed_says_so() -> None:
    # The last one is of an earlier backup that had the ID.
    for backup_id in (None, "gone", "nightly-25"):
        restores = {"b": [restore(backup_id, 20, "failed")]}
        with pytest.raises(BackupError, match="No command completes this"):
            plan_snapshot(Wish(HERE, "one", PAIR, 60), project(nightly(25)), restores, NOON)


FAILED = {"a": [restore(ONE, 20)], "b": [restore(ONE, 21, "failed")]}
TAKEN: list[tuple[str, dict[str, list[Restore]], str]] = [
    ("nothing was restored", {}, "back"),
    ("the rollback was complete", {"a": [restore(ONE, 20)], "b": [restore(ONE, 21)]}, "back"),
    ("it failed", FAILED, "refused"),
    ("one was never begun", {"a": [restore(ONE, 20)]}, "refused"),
    ("it was completed later only", {**FAILED, "b": [*FAILED["b"], restore(ONE, 35)]}, "refused"),
    ("it was completed before", {**FAILED, "b": [*FAILED["b"], restore(ONE, 25)]}, "back"),
    ("only the rollback to the second set failed", {"a": [restore(TWO, 40, "failed")]}, "back"),
    ("another restore had failed", {"b": [restore("nightly-5", 21, "failed")]}, "told"),
]


@pytest.mark.parametrize(("why", "restores", "outcome"), TAKEN, ids=[row[0] for row in TAKEN])
def test_a_set_that_was_taken_while_a_rollback_was_half_way_has_to_be_named(
    why: str, restores: Any, outcome: str
) -> None:
    found = project(nightly(5), taken(10), AGAIN)
    chosen = choose_set("one", found, None)
    assert (chosen.generation, asks_rollback("one", found)) == (2, ["a", "b"])
    if outcome == "refused":
        with pytest.raises(BackupError) as refusal:
            check_taken_whole(HERE, "one", chosen, False, found, restores)
        assert "(generation 2 of this release) was taken while an earlier rollback was not complete" in str(
            refusal.value
        )
        assert str(refusal.value).endswith(" -e project_id=p -e release=one -e generation=1")
    else:
        assert bool(check_taken_whole(HERE, "one", chosen, False, found, restores)) == (outcome == "told"), why
    assert bool(check_taken_whole(HERE, "one", chosen, True, found, restores)) == (outcome != "back")
    # The first one was taken before all that.
    assert check_taken_whole(HERE, "one", choose_set("one", found, 1), False, found, restores) == []


PRUNED: list[tuple[str, Found, dict[str, list[Restore]], bool]] = [
    ("never restored", {}, {"a": [], "b": []}, False),
    ("put back whole", {}, {"a": [restore(ONE, 20)], "b": [restore(ONE, 21)]}, False),
    ("half put back", {}, {"a": [restore(ONE, 20)], "b": []}, True),
    ("one failed", {}, FAILED, True),
    ("one failed and other sets were taken since", taken(40, "two"), FAILED, True),
    ("it was completed later", taken(40, "two"), {**FAILED, "b": [*FAILED["b"], restore(ONE, 50)]}, False),
    ("something else was put back later", {}, {**FAILED, "b": [*FAILED["b"], restore(OTHER, 50)]}, False),
]


@pytest.mark.parametrize(("why", "more", "restores", "stays"), PRUNED, ids=[row[0] for row in PRUNED])
def test_a_release_whose_last_rollback_is_not_complete_is_never_pruned(
    why: str, more: Found, restores: Any, stays: bool
) -> None:
    found = project(taken(10), taken(50, "new"), more)
    decisions = plan_prune("new", found, 1, 0.0, NOON, restores)
    assert {one.keep for one in decisions if one.backup.name == SET} == {stays}, why
    # As long as not all is read, nothing is said, so that the rest is asked for.
    half_read = plan_prune("new", found, 1, 0.0, NOON, {"a": restores["a"]})
    assert not any("not complete" in one.reason for one in half_read)
