# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which sets of old releases go: as tables, and as what must hold for anything that a project may hold."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, Restore, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import (
    release_key,
    release_of,
    set_name,
)
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.prune import (
    addons_losing_backups,
    plan_prune,
    unproved,
)
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.sets import all_sets
from hypothesis import given
from hypothesis import strategies as st

PAIR = ("a", "b")
NOW = posix_time("2026-03-20T11:00:00Z")
Found = dict[str, list[Backup]]


def backup(name: str, day: int, **changes: Any) -> Backup:
    facts = {"id": f"{name}-{day}", "status": "completed", "backup_type": "snapshot", **changes}
    return Backup(name=name, created_at=f"2026-03-{day:02}T11:00:00Z", **facts)


def taken(release: str, day: int, addons: tuple[str, ...] = PAIR, generation: int = 1, **changes: Any) -> Found:
    name = set_name(release, addons, generation)
    return {addon: [backup(name, day, **changes)] for addon in addons}


def project(*sets: Found) -> Found:
    return {addon: [one for part in sets for one in part.get(addon, [])] for addon in ("a", "b", "c")}


def goes(release: str, found: Found, keep_last: int = 1, keep_within: float = 0.0) -> set[tuple[str, str]]:
    decisions = plan_prune(release, found, keep_last, keep_within, NOW)
    return {(one.addon_id, one.backup.id) for one in decisions if not one.keep}


def ids(found: Found) -> set[tuple[str, str]]:
    return {(addon, one.id) for addon, backups in found.items() for one in backups}


OLD, NEW = taken("old", 1), taken("new", 20)
HALF = {"a": OLD["a"], "b": taken("old", 1, status="failed")["b"]}
GOES = [
    ("an old set goes, whole", [OLD, NEW], 1, OLD),
    ("as many releases are kept as asked for", [OLD, NEW], 2, {}),
    ("the next ones go", [OLD, taken("mid", 10), NEW], 2, OLD),
    ("all generations of a kept release are kept", [taken("new", 1), taken("new", 20, generation=2)], 1, {}),
    (
        "all generations of an old one go",
        [OLD, taken("old", 2, generation=2), NEW],
        1,
        [OLD, taken("old", 2, generation=2)],
    ),
    ("a release with nothing complete does not count", [OLD, taken("bad", 10, status="failed"), NEW], 2, {}),
    ("one of which a half failed does not count", [OLD, project(HALF, taken("bad", 9, status="failed")), NEW], 2, {}),
    ("an old one of which a half failed goes whole", [HALF, NEW], 1, HALF),
    ("what is under way is left alone", [taken("old", 1, status="in-progress"), NEW], 1, {}),
    ("what is being aborted is left alone", [taken("old", 1, status="aborting"), NEW], 1, {}),
    ("a state that nobody knows is left alone", [taken("old", 1, status="thinking"), NEW], 1, {}),
    ("what is being restored is left alone", [taken("old", 1, last_restore={"status": "in-progress"}), NEW], 1, {}),
    ("what was restored is not", [taken("old", 1, last_restore={"status": "completed"}), NEW], 1, OLD),
    (
        "an old generation of a release that is being taken again is left alone",
        [OLD, taken("old", 20, generation=2, status="scheduled"), NEW],
        1,
        {},
    ),
    ("a set without its other half is not proved", [{"a": taken("old", 1, ("a", "c"))["a"]}, NEW], 1, {}),
    ("it is, where another set tells the whole list", [{"a": OLD["a"]}, NEW], 1, {"a": OLD["a"]}),
    ("an addon keeps its newest complete one", [taken("old", 1, ("a", "c")), NEW], 1, {}),
    (
        "another addon's list is decided on too",
        [taken("old", 1, ("c",)), taken("mid", 2, ("c",)), NEW],
        1,
        taken("old", 1, ("c",)),
    ),
    ("imports are left alone", [taken("old", 1, backup_type="import"), NEW], 1, {}),
    ("dumps are not", [taken("old", 1, backup_type="dump"), NEW], 1, OLD),
    ("a name that only looks like a set's is nobody's", [{"a": [backup("pre-deploy-old-123", 1)]}, NEW], 1, {}),
    ("a person's backup is nobody's", [{"a": [backup("Before the big change", 1)]}, NEW], 1, {}),
    ("what a rollback kept is left alone", [{"a": [backup("pre-rollback-abcdef-260301110000", 1)]}, NEW], 1, {}),
]


@pytest.mark.parametrize(("why", "sets", "keep_last", "gone"), GOES, ids=[row[0] for row in GOES])
def test_which_sets_go(why: str, sets: list[Found], keep_last: int, gone: Any) -> None:
    assert goes("new", project(*sets), keep_last) == ids(project(*gone) if isinstance(gone, list) else gone), why


def restore(backup_id: str | None, day: int, status: str) -> Restore:
    return Restore(f"r-{day}", status, f"2026-03-{day:02}T12:00:00Z", None, backup_id)


OLD_A, OLD_2_B = OLD["a"][0].id, taken("old", 2, generation=2)["b"][0].id
RESTORING = [
    ("nothing is", {"a": [], "b": []}, False),
    ("one of the set is", {"a": [restore(OLD_A, 20, "in-progress")]}, True),
    ("one of another generation is", {"b": [restore(OLD_2_B, 20, "scheduled")]}, True),
    ("one may be", {"b": [restore(None, 20, "in-progress")]}, True),
    ("a state nobody knows goes on", {"a": [restore(OLD_A, 20, "thinking")]}, True),
    ("it was put back", {"a": [restore(OLD_A, 20, "completed")]}, False),
    ("that of another addon has the ID", {"c": [restore(OLD_A, 20, "in-progress")]}, False),
]


@pytest.mark.parametrize(("why", "restores", "stays"), RESTORING, ids=[row[0] for row in RESTORING])
def test_a_release_that_is_being_restored_is_left_alone(why: str, restores: Any, stays: bool) -> None:
    found = project(OLD, taken("old", 2, generation=2), NEW)
    decisions = plan_prune("new", found, 1, 0.0, NOW, restores)
    assert [one.keep for one in decisions if one.backup.name != NEW["a"][0].name] == [stays] * 4, why


def test_asked_are_all_addons_of_a_release_that_loses_something_and_no_others() -> None:
    """Also one whose backup stays: what is being restored keeps the whole release."""
    assert addons_losing_backups(plan_prune("new", project(OLD, NEW), 1, 0.0, NOW)) == {"a", "b"}
    assert addons_losing_backups(plan_prune("new", project(taken("old", 1, ("c",)), NEW), 1, 0.0, NOW)) == set()
    mixed = project(OLD, taken("old", 2, ("c",), 2), NEW)
    assert {one.addon_id for one in plan_prune("new", mixed, 1, 0.0, NOW) if not one.keep} == {"a", "b"}
    assert addons_losing_backups(plan_prune("new", mixed, 1, 0.0, NOW)) == {"a", "b", "c"}


# Of a and b, as version 0.9.0 named it. The digits of the second are those of two releases.
OLD_NAME, SHARED = "pre-deploy-build-117-e676d0-7e18f7", "pre-deploy-release-20-bb9544-7e18f7"
ONE, OTHER = "release-2026-01624", "release-2026-03328"


def of_0_9(name: str, day: int) -> Found:
    return {addon: [backup(name, day)] for addon in PAIR}


def test_sets_of_version_0_9_go_as_those_of_today() -> None:
    found = project(of_0_9(OLD_NAME, 1), NEW)
    assert goes("new", found) == ids(of_0_9(OLD_NAME, 1))
    assert goes("build-117", found, 2) == set()
    # Both forms of one release count as one: two are kept, and the third goes.
    mine = project(of_0_9(OLD_NAME, 2), taken("build-117", 19, generation=2))
    mixed = project(OLD, mine, NEW)
    assert goes("new", mixed, 2) == ids(OLD)
    assert goes("new", mixed, 1) == ids(project(OLD, mine))
    assert goes("build-117", mixed, 1) == ids(OLD)
    # The restores of both forms are asked for.
    halves = project(
        {"a": of_0_9(OLD_NAME, 2)["a"]}, taken("build-117", 3, ("b", "c"), 2), NEW, taken("new", 19, ("c",))
    )
    assert addons_losing_backups(plan_prune("new", halves, 1, 0.0, NOW)) == {"a", "b", "c"}


def test_sets_of_version_0_9_that_may_be_of_two_releases_are_left_alone() -> None:
    shared, one, other = of_0_9(SHARED, 1), taken(ONE, 3, generation=2), taken(OTHER, 2, generation=2)
    assert goes("new", project(shared, NEW)) == ids(shared)
    assert goes(ONE, project(shared, NEW), 2) == goes(OTHER, project(shared, NEW), 2) == set()
    assert goes("new", project(shared, other, NEW)) == ids(project(shared, other))
    both = project(shared, other, one, NEW)
    assert goes("new", both) == ids(project(other, one))
    # The release of now is one of them, though nothing of it is there yet.
    assert goes(ONE, project(shared, other, NEW)) == ids(other)
    (reason,) = {known.reason for known in plan_prune("new", both, 1, 0.0, NOW) if known.backup.name == SHARED}
    assert "may stand for several releases" in reason


def test_the_release_of_now_is_kept_and_counts_before_its_set_is_there_and_when_it_is_old() -> None:
    found = project(OLD, taken("mid", 10))
    assert goes("new", found, 2) == ids(OLD)
    assert goes("old", found, 1) == set()
    assert goes("old", project(OLD, taken("mid", 10), NEW), 1) == ids(taken("mid", 10))


def test_what_is_young_is_kept() -> None:
    found = project(taken("older", 18), taken("old", 19), NEW)
    assert goes("new", found, 1, keep_within=86400) == ids(taken("older", 18))
    (reason,) = {
        one.reason for one in plan_prune("new", found, 1, 86400, NOW) if one.backup == taken("old", 19)["a"][0]
    }
    assert reason == "young"


def test_keep_within_0_keeps_nothing_not_even_what_is_from_this_very_second() -> None:
    new = {
        addon: [one._replace(created_at="2026-03-20T11:00:01Z") for one in backups]
        for addon, backups in taken("new", 20).items()
    }
    found = project(taken("old", 20), new)
    assert goes("new", found, 1, keep_within=1.0) == set()
    assert goes("new", found, 1, keep_within=0.0) == ids(taken("old", 20))


def test_without_the_servers_clock_nothing_is_decided() -> None:
    with pytest.raises(BackupError, match="no Date header"):
        plan_prune("new", {}, 1, 86400, None)


def test_sets_that_are_left_over_for_lack_of_proof_alone_are_told() -> None:
    orphan, fresh = taken("old", 1, ("a", "z")), taken("new", 20, ("a", "y"))
    decisions = plan_prune("new", project(NEW, {"a": orphan["a"]}, {"a": fresh["a"]}), 1, 0.0, NOW)
    assert unproved(decisions) == {orphan["a"][0].name: ["a"]}


def test_of_a_backup_that_two_pages_told_of_the_state_counts_by_which_it_may_not_go() -> None:
    twice = project(OLD, {"a": [OLD["a"][0]._replace(last_restore={"status": "scheduled"})]}, NEW)
    assert goes("new", twice) == set()
    ended = {"a": [OLD["a"][0]._replace(status="failed")]}
    for only_completed_one in (project(OLD, ended), project(ended, OLD)):
        assert goes("new", only_completed_one) == set()
    same = project(OLD, OLD, NEW)
    assert len([one for one in plan_prune("new", same, 1, 0.0, NOW) if not one.keep]) == 2


STATES = st.sampled_from(["completed", "completed", "completed", "failed", "in-progress", "aborted", "unheard-of"])
LISTS = st.sampled_from([("a",), ("b",), PAIR, ("a", "c"), ("a", "b", "c"), ("a", "z")])
SETS = st.builds(
    lambda release, day, addons, generation, states: {
        addon: [one._replace(status=state) for one in backups]
        for (addon, backups), state in zip(taken(release, day, addons, generation).items(), states)
    },
    st.sampled_from(["r1", "r2", "r3", "r4", "r5"]),
    st.integers(1, 28),
    LISTS,
    st.integers(1, 3),
    st.lists(STATES, min_size=3, max_size=3),
)
OTHERS = st.builds(
    lambda addon, name, day: {addon: [backup(name, day)]},
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["nightly", "pre-deploy-r1", "pre-deploy-r1-abcdef", "pre-rollback-abcdef-260301110000"]),
    st.integers(1, 28),
)


def complete_releases(found: Found) -> dict[str, float]:
    return {
        release_of(one.name): max(float(member.created_at[8:10]) for member in one.members.values())
        for one in all_sets(found)
        if one.complete
    }


@given(st.lists(st.one_of(SETS, OTHERS), max_size=14), st.sampled_from(["r1", "r9"]), st.integers(1, 4))
def test_whatever_a_project_holds(sets: list[Found], release: str, keep_last: int) -> None:
    found = project(*sets)
    decisions = plan_prune(release, found, keep_last, 0.0, NOW)
    gone = {(one.addon_id, one.backup.identity) for one in decisions if not one.keep}
    left = {addon: [one for one in held if (addon, one.identity) not in gone] for addon, held in found.items()}
    for addon, held in found.items():
        for one in held:
            if (addon, one.identity) in gone:
                assert release_of(one.name) not in ("", release_key(release))
        done = [one for one in held if one.status == "completed" and release_of(one.name)]
        if done:
            newest = max(one.created_at for one in done)
            assert any(one.created_at == newest and one.status == "completed" for one in left[addon])
    # Of every name, all backups are there or none; of every release, either all that is proved or nothing went.
    for name in {one.backup.name for one in decisions}:
        assert len({one.keep for one in decisions if one.backup.name == name}) == 1
    before, after = complete_releases(found), complete_releases(left)
    others = len([one for one in before if one != release_key(release)])
    assert len([one for one in after if one != release_key(release)]) >= min(others, keep_last - 1)
    # A second run finds nothing to do, and the order of the lists does not matter.
    assert all(one.keep for one in plan_prune(release, left, keep_last, 0.0, NOW))
    turned = {addon: held[::-1] for addon, held in reversed(found.items())}
    assert goes(release, turned, keep_last) == {(addon, identity[0]) for addon, identity in gone}


def dated_by_completed(found: Found) -> set[str]:
    """The releases that have the age of a completed backup."""
    return {release_of(one.name) for held in found.values() for one in held if one.status == "completed"}


@given(st.lists(SETS, min_size=1, max_size=8), st.integers(1, 3), st.randoms(use_true_random=False))
def test_a_run_that_was_interrupted_is_finished_by_the_next(sets: list[Found], keep_last: int, chance: Any) -> None:
    found = project(*sets, taken("r9", 28, PAIR), taken("r9", 28, ("a", "c"), 2), taken("r9", 28, ("a", "b", "c"), 3))
    should_go = goes("r9", found, keep_last)
    went = {one for one in sorted(should_go) if chance.random() < 0.5}
    left = {addon: [one for one in held if (addon, one.id) not in went] for addon, held in found.items()}
    # A release of which only failed backups are left has their age: what is young by that stays until it is not.
    turned_young = dated_by_completed(found) - dated_by_completed(left)
    proved = {one.name for one in all_sets(found) if len(one.members) > 1 and release_of(one.name) not in turned_young}
    still = {
        pair for pair in should_go - went if any(one.id == pair[1] and one.name in proved for one in found[pair[0]])
    }
    assert still <= goes("r9", left, keep_last)
