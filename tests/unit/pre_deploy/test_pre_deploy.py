# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's decisions as tables: names, reuse or a new set, what a rollback puts back."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
from ansible.parsing.splitter import parse_kv
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError, InvalidInput
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, Restore, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.commands import Commands
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import (
    checked_release,
    generation_of,
    is_doubtful,
    is_of_release,
    key_of_0_9,
    members_digest,
    release_key,
    release_of,
    safety_name,
    set_name,
)
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.rollback import (
    check_name,
    choose_set,
    plan_rollback,
)
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.sets import sets_of
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.snapshot import (
    SnapshotPlan,
    Wish,
    asks_snapshot,
    plan_snapshot,
)
from ansible_collections.northflank.cloud.plugins.module_utils._task import validation
from hypothesis import given
from hypothesis import strategies as st

NOON = posix_time("2026-03-01T12:00:00Z")
HERE = Commands({"project_id": "p"})
RELEASE = "build-117"
ADDONS = ["a", "b"]
RELEASES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60)

ADDON_IDS = st.from_regex("[a-z0-9-]{1,12}", fullmatch=True)


def backup(name: str, minute: int = 0, status: str = "completed", backup_id: str = "") -> Backup:
    """As a list tells of it: nothing about restores."""
    return Backup(backup_id or f"id-{name}-{minute}", name, status, f"2026-03-01T11:{minute:02}:00Z")


def restore(backup_id: str | None, minute: int, status: str = "completed") -> Restore:
    return Restore(f"r-{minute}", status, f"2026-03-01T11:{minute:02}:30Z", None, backup_id)


def id_of(generation: int = 1, minute: int = 0) -> str:
    return backup(name(generation), minute).id


def snapshot(
    found: Any,
    restores: Any = None,
    max_age: float = 6 * 3600,
    backup_type: str = "snapshot",
    release: str = RELEASE,
    ignore: bool = False,
) -> SnapshotPlan:
    wish = Wish(HERE, release, ADDONS, max_age, backup_type, ignore)
    return plan_snapshot(wish, found, restores or {}, NOON)


def name(generation: int = 1, addons: list[str] | None = None, release: str = RELEASE) -> str:
    return set_name(release, addons or ADDONS, generation)


def whole(generation: int = 1, minute: int = 0, **changes: Any) -> dict[str, list[Backup]]:
    return {addon: [backup(name(generation), minute, **changes)] for addon in ADDONS}


def merged(*parts: dict[str, list[Backup]]) -> dict[str, list[Backup]]:
    return {
        addon: [one for part in parts for one in part.get(addon, [])]
        for addon in {key for part in parts for key in part}
    }


@given(
    RELEASES, st.lists(st.from_regex("[a-z0-9-]{1,12}", fullmatch=True), min_size=1, unique=True), st.integers(1, 999)
)
def test_every_name_of_a_set_is_one_that_the_api_takes(release: str, addons: list[str], generation: int) -> None:
    given_name = set_name(release, addons, generation)
    assert validation.backup_name("name", given_name) == given_name
    assert generation_of(given_name) == generation
    assert given_name == set_name(release, addons[::-1], generation)
    assert validation.backup_name("name", safety_name(release, NOON)) == safety_name(release, NOON)


@given(RELEASES, RELEASES)
def test_two_releases_never_share_a_name(one: str, other: str) -> None:
    assert (release_key(one) == release_key(other)) == (one == other)


@pytest.mark.parametrize(
    ("release", "parts"),
    [
        ("build-117", ["build-117", "build-117", "build-117", "build-11"]),
        ("v2.4", ["v2-4"] * 4),
        ("feature/long_branch_name", ["feature-long", "feature-lo", "feature-l", "feature"]),
        ("__", ["release"] * 4),
        ("\u00fcber", ["ber"] * 4),
        ("123456789-x", ["123456789-x", "123456789", "123456789", "12345678"]),
    ],
)
def test_a_release_is_made_fit(release: str, parts: list[str]) -> None:
    """As much of it as there is room for beside the generation; its key is the same in all."""
    for generation, part in zip((1, 2, 99, 999), parts):
        name_of_it = set_name(release, ADDONS, generation)
        assert re.fullmatch(f"pre-deploy-{part}-[a-z2-7]{{8}}-[0-9a-f]{{6}}(-[0-9]+)?", name_of_it)
        assert release_of(name_of_it) == release_key(release)
        assert is_of_release(name_of_it, release)


# As version 0.9.0 named the sets of postgres-main and mysql-orders. The two in the middle are one name.
OF_0_9 = {
    "build-117": "pre-deploy-build-117-e676d0-583b5e",
    "v2.4": "pre-deploy-v2-4-83a484-583b5e",
    "release-2026-01624": "pre-deploy-release-20-bb9544-583b5e",
    "release-2026-03328": "pre-deploy-release-20-bb9544-583b5e",
    "feature/x_1.0": "pre-deploy-feature-x-aa1fc6-583b5e",
    "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678": "pre-deploy-a1b2c3d4e5-bab98e-583b5e",
    "\u00fcber": "pre-deploy-ber-b51c85-583b5e",
    "__": "pre-deploy-release-9911f4-583b5e",
}
FROM_0_9 = ["postgres-main", "mysql-orders"]


@pytest.mark.parametrize("release", OF_0_9)
def test_the_names_of_version_0_9_are_read(release: str) -> None:
    old = OF_0_9[release]
    assert is_of_release(old, release)
    assert release_of(old) == key_of_0_9(release_key(release)) == key_of_0_9(release_of(old))
    assert (generation_of(old), generation_of(f"{old}-2"), generation_of(f"{old}-999")) == (1, 2, 999)
    assert [other for other in OF_0_9 if is_of_release(old, other) and OF_0_9[other] != old] == []
    (one,) = sets_of(release, {addon: [backup(old)] for addon in FROM_0_9})
    assert (one.proved, one.complete, one.generation) == (True, True, 1)


def test_two_releases_that_had_one_name_have_two() -> None:
    one, other = "release-2026-01624", "release-2026-03328"
    assert OF_0_9[one] == OF_0_9[other]
    assert set_name(one, FROM_0_9, 1) != set_name(other, FROM_0_9, 1)
    assert sets_of(one, {"postgres-main": [backup(set_name(other, FROM_0_9, 1))]}) == []
    assert [is_doubtful(OF_0_9[release], release) for release in (one, other, "build-117")] == [True, True, False]
    assert not is_doubtful(set_name(one, FROM_0_9, 1), one)
    # What is kept before a rollback has the same digits.
    assert safety_name(one, NOON) != safety_name(other, NOON)


def from_0_9(release: str, minute: int = 0, generation: int = 1) -> dict[str, list[Backup]]:
    suffix = "" if generation == 1 else f"-{generation}"
    return {addon: [backup(f"{OF_0_9[release]}{suffix}", minute)] for addon in FROM_0_9}


@pytest.mark.parametrize("release", ["build-117", "release-2026-01624"])
def test_a_set_of_version_0_9_is_a_generation_and_never_used_again(release: str) -> None:
    """It may be another release's, so the next one is taken."""
    plan = plan_snapshot(Wish(HERE, release, FROM_0_9, 6 * 3600), from_0_9(release), {}, NOON)
    assert (plan.is_new, plan.name) == (True, set_name(release, FROM_0_9, 2))
    assert f"has an earlier snapshot set, {OF_0_9[release]} of" in plan.warnings[0]
    told = [one for one in plan.warnings if "Its name does not tell this release from every other one" in one]
    assert len(told) == (release != "build-117")


def test_a_set_of_version_0_9_is_gone_back_to_with_a_word_about_whose_it_may_be() -> None:
    one, other = "release-2026-01624", "release-2026-03328"
    found = from_0_9(one)
    chosen = choose_set(one, found, None)
    assert chosen.name == OF_0_9[one]
    (warning,) = check_name(HERE, one, chosen, False, found)
    assert chosen.name in warning
    assert check_name(HERE, "build-117", choose_set("build-117", from_0_9("build-117"), None), False, {}) == []
    # The other release is known by a name of today: then nobody can say whose this one is.
    both = {addon: [*found[addon], backup(set_name(other, FROM_0_9, 2), 5)] for addon in FROM_0_9}
    with pytest.raises(BackupError, match="it may be of another release of this project") as refusal:
        check_name(HERE, one, choose_set(one, both, None), False, both)
    assert str(refusal.value).endswith(f"-e project_id=p -e release={one} -e generation=1")
    assert len(check_name(HERE, one, choose_set(one, both, 1), True, both)) == 1
    # Its own names of today are no reason for that.
    mine = {addon: [*found[addon], backup(set_name(one, FROM_0_9, 2), 5)] for addon in FROM_0_9}
    assert len(check_name(HERE, one, choose_set(one, mine, 1), False, mine)) == 1


# What Python makes of times that YAML has read, as text where nobody knows any more.
TIMES = ["2024-01-15 10:00:00+00:00", "2024-01-15 10:00:00", "2024-01-15 10:00:00.500000-05:00"]


@pytest.mark.parametrize("release", ["", "  ", 1.1, 7, None, True, ["x"], "a\nb", "x" * 201, *TIMES])
def test_what_names_no_release_is_refused(release: Any) -> None:
    with pytest.raises(InvalidInput, match="release must"):
        checked_release(release)


@pytest.mark.parametrize("release", ["2024-01-15T10:00:00Z", "2024-01-15T10:00:00+00:00", "2024-01-15"])
def test_a_time_as_it_was_typed_names_a_release(release: str) -> None:
    assert checked_release(release) == release


def test_the_last_generation_is_the_last() -> None:
    assert set_name(RELEASE, ADDONS, 999).endswith("-999")
    with pytest.raises(BackupError, match="a branch"):
        set_name(RELEASE, ADDONS, 1000)


SNAPSHOTS = [
    ("nothing there", {}, 1, True),
    ("a whole young one is used again", whole(), 1, False),
    ("one under way is joined", whole(status="in-progress"), 1, False),
    ("one that failed is not", {"a": whole()["a"], "b": [backup(name(), status="failed")]}, 2, True),
    ("one that lacks a member is not", {"a": whole()["a"]}, 2, True),
    ("the highest generation counts", merged(whole(1, status="failed"), whole(2, 5)), 2, False),
    ("other members are another set, but count as a generation", {"c": [backup(name(1, ["c"]))]}, 2, True),
    ("another was deployed since", merged(whole(), {"a": [backup(name(1, release="build-118"), 5)]}), 2, True),
    (
        "another is about to be",
        merged(whole(), {"b": [backup(name(1, release="x"), 5, status="in-progress")]}),
        2,
        True,
    ),
    (
        "another one's snapshot failed",
        merged(whole(), {"a": [backup(name(1, release="x"), 5, status="failed")]}),
        1,
        False,
    ),
    ("another was deployed before", merged(whole(1, 5), {"a": [backup(name(1, release="build-118"), 1)]}), 1, False),
    ("another was deployed to other addons", merged(whole(), {"c": [backup(name(1, release="x"), 5)]}), 1, False),
    ("another release does not count", {"a": [backup(name(7, release="build-118"))]}, 1, True),
    ("a name that only looks like it does not count", {"a": [backup(name() + "-x")]}, 1, True),
]


@pytest.mark.parametrize(("why", "found", "generation", "is_new"), SNAPSHOTS, ids=[row[0] for row in SNAPSHOTS])
def test_which_set_a_deployment_stands_on(why: str, found: Any, generation: int, is_new: bool) -> None:
    plan = snapshot(found)
    assert (plan.generation, plan.is_new, plan.name) == (generation, is_new, name(generation)), why


TWO = merged(whole(1), whole(2, 5))
RESTORES = [
    ("nothing was restored", {"a": [], "b": []}, True),
    ("it was put back", {"a": [restore(id_of(2, 5), 10)]}, False),
    ("it is being put back", {"b": [restore(id_of(2, 5), 10, "in-progress")]}, False),
    ("a state nobody knows may go on", {"b": [restore(id_of(2, 5), 10, "thinking")]}, False),
    ("a restore that failed may have left anything", {"b": [restore(id_of(2, 5), 10, "failed")]}, False),
    ("a restore that does not tell of which backup may be of it", {"a": [restore(None, 10)]}, False),
    ("another set was put back since", {"a": [restore(id_of(1), 10)]}, False),
    ("another backup was put back since", {"b": [restore("nightly", 10, "aborted")]}, False),
    ("what was put back before is what it holds", {"a": [restore(id_of(1), 4)]}, True),
    ("the ID was an earlier backup's", {"a": [restore(id_of(2, 5), 4)]}, True),
    ("an addon that does not belong to it", {"c": [restore(id_of(2, 5), 10)]}, True),
]


@pytest.mark.parametrize(("why", "restores", "used"), RESTORES, ids=[row[0] for row in RESTORES])
def test_a_set_is_used_again_only_if_its_addons_hold_what_they_held(why: str, restores: Any, used: bool) -> None:
    # What else speaks against a set of data that is half-way is in test_pre_deploy_unfinished.
    plan = snapshot(TWO, restores, ignore=True)
    assert (plan.is_new, plan.name) == (not used, name(2 if used else 3)), why


ASKED = [
    ("the members", {}, ["a", "b"]),
    ("those of another release's sets do not matter", {"c": [backup(name(1, ["c"], "build-118"))]}, ["a", "b"]),
    ("those of an earlier set of other members do", {"c": [backup(name(1, ["c"]))]}, ["a", "b", "c"]),
]


@pytest.mark.parametrize(("why", "found", "addons"), ASKED, ids=[row[0] for row in ASKED])
def test_restores_are_read_only_where_they_matter(why: str, found: Any, addons: list[str]) -> None:
    assert asks_snapshot(RELEASE, ADDONS, found) == addons, why


EARLIER = [
    ("never", {}, True),
    ("one of it was", {"b": [restore(id_of(), 3)]}, False),
    ("one of it is", {"b": [restore(id_of(), 3, "scheduled")]}, False),
    ("what failed put nothing back", {"b": [restore(id_of(), 3, "failed")]}, True),
    ("what was aborted neither", {"b": [restore(id_of(), 3, "aborted")]}, True),
    ("it may have been", {"b": [restore(None, 3)]}, False),
    ("another was", {"b": [restore("nightly", 3)]}, True),
]


@pytest.mark.parametrize(("why", "restores", "told"), EARLIER, ids=[row[0] for row in EARLIER])
def test_an_earlier_set_is_told_of_if_it_was_never_put_back(why: str, restores: Any, told: bool) -> None:
    plan = snapshot(merged(whole(), whole(2, 5, status="failed")), restores, ignore=True)
    assert [one for one in plan.warnings if "has an earlier snapshot set" in one] == list(plan.warnings)[-1:] * told, (
        why
    )


def test_one_of_another_type_is_not_used_again() -> None:
    typed = {addon: [one._replace(backup_type="snapshot") for one in backups] for addon, backups in whole().items()}
    assert snapshot(typed, backup_type="dump").is_new
    assert not snapshot(typed, backup_type="snapshot").is_new
    # Where the API does not tell the type, the name is believed.
    assert not snapshot(whole(), backup_type="dump").is_new


def test_one_that_is_too_old_is_not_used_again_and_is_warned_about() -> None:
    plan = snapshot(whole(), max_age=60)
    assert plan.is_new
    (warning,) = plan.warnings
    assert f"{name()} of 2026-03-01T11:00:00Z, which was never restored" in warning
    assert "generation=1" in warning


@pytest.mark.parametrize("release", ["build-117", "v2.4/x:y", "it's v 2.4", 'a "b"', "1.10", "\u00fcber"])
def test_the_command_in_a_warning_names_the_release_as_it_is(release: str) -> None:
    found = {addon: [backup(set_name(release, ADDONS, 1))] for addon in ADDONS}
    (warning,) = snapshot(found, max_age=60, release=release).warnings
    words = shlex.split(warning.split("To go back to it: ")[1])
    given = words[words.index("project_id=p") + 2]
    assert (json.loads(given) if given.startswith("{") else parse_kv(given)) == {"release": release}
    assert words[-1] == "generation=1"


def test_using_a_set_again_is_warned_about_with_its_time() -> None:
    (warning,) = snapshot(whole()).warnings
    assert "2026-03-01T11:00:00Z" in warning
    assert "loses everything" in warning


def test_without_the_servers_clock_nothing_is_decided() -> None:
    with pytest.raises(BackupError, match="no Date header"):
        plan_snapshot(Wish(HERE, RELEASE, ADDONS, 60), {}, {}, None)


def test_the_highest_generation_is_gone_back_to_unless_another_is_asked_for() -> None:
    found = merged(whole(1), whole(2, 5))
    assert choose_set(RELEASE, found, None).generation == 2
    assert choose_set(RELEASE, found, 1).generation == 1


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({}, ["no snapshots", "Nothing was restored"]),
        (
            merged(whole(1), {"a": [backup(name(2), 5)]}),
            ["not complete", "b (its backup is gone)", "by generation (1 is the first): 1 (2026"],
        ),
        (
            merged(whole(1), whole(2, 5, status="failed")),
            ["not complete", "a (failed)", "by generation (1 is the first): 1"],
        ),
        (
            {"a": [backup(name(1, ["a", "x", "y", "z"]))]},
            ["no longer has", "No generation of this release is complete"],
        ),
    ],
)
def test_what_is_not_complete_is_not_restored_and_told(found: Any, words: list[str]) -> None:
    with pytest.raises(BackupError) as refusal:
        choose_set(RELEASE, {"b": [], **found}, None)
    for word in words:
        assert word in str(refusal.value)


def test_a_generation_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BackupError, match=r"no generation 7.*by generation .1 is the first.: 1"):
        choose_set(RELEASE, whole(), 7)


def test_a_release_that_was_never_deployed_is_told_with_those_that_can_be_rolled_back() -> None:
    releases = [f"build-{number}" for number in range(110, 118)]
    found = merged(
        *({addon: [backup(name(1, None, one), minute)] for addon in ADDONS} for minute, one in enumerate(releases))
    )
    with pytest.raises(BackupError) as refusal:
        choose_set("build-171", found, None)
    assert str(refusal.value) == (
        "Release 'build-171' has no snapshots in this project. Nothing was restored. Did you mean build-117? The last "
        "ones that can be rolled back: build-117, build-116, build-115, build-114, build-113."
    )
    with pytest.raises(BackupError, match=r"No release of this project can be rolled back\.$"):
        choose_set("build-171", {}, None)


def test_of_twins_the_oldest_completed_one_counts() -> None:
    first, second = backup(name(), 5, backup_id="one"), backup(name(), 9, backup_id="two")
    dead = backup(name(), 1, "failed", "dead")
    (one,) = sets_of(RELEASE, {"a": [second, dead, first], "b": whole()["b"]})
    assert one.members["a"].id == "one"
    assert sorted(one.twins["a"]) == ["dead", "two"]
    assert one.complete


def test_the_names_alone_prove_the_members() -> None:
    (one,) = sets_of(RELEASE, {"a": whole()["a"]})
    assert not one.proved
    assert members_digest(["b", "a"]) == members_digest(["a", "b"]) != members_digest(["ab"])


GOOD = backup(name(), 10, backup_id="good")
SKIPS = [
    ("never restored", [], [GOOD], False),
    ("restored, and nothing since", [restore("good", 20)], [GOOD], True),
    ("another one restored since", [restore("good", 20), restore("other", 30)], [GOOD], False),
    ("the last restore failed", [restore("good", 20), restore("good", 30, "failed")], [GOOD], False),
    ("a deployment since", [restore("good", 20)], [GOOD, backup(name(2), 30)], False),
    ("a nightly backup since does not matter", [restore("good", 20)], [GOOD, backup("nightly", 30)], True),
    ("the ID was an earlier backup's", [restore("good", 5)], [GOOD], False),
]


@pytest.mark.parametrize(("why", "restores", "found", "skipped"), SKIPS, ids=[row[0] for row in SKIPS])
def test_what_is_back_already_is_left_alone(why: str, restores: Any, found: Any, skipped: bool) -> None:
    plan = plan_rollback({"a": GOOD}, GOOD.name, 1, {"a": found}, {"a": restores}, restore_again=False)
    assert (list(plan.skipped), list(plan.restore)) == ((["a"], []) if skipped else ([], ["a"])), why
    again = plan_rollback({"a": GOOD}, GOOD.name, 1, {"a": found}, {"a": restores}, restore_again=True)
    assert list(again.restore) == ["a"]


def test_a_restore_under_way_is_joined_and_what_is_lost_is_told() -> None:
    found = {"a": [GOOD, backup(name(2), 30)]}
    plan = plan_rollback({"a": GOOD}, GOOD.name, 1, found, {"a": [restore("good", 40, "in-progress")]}, False)
    assert (list(plan.restore), plan.joined) == (["a"], {"a": "2026-03-01T11:40:30Z"})
    assert "2026-03-01T11:10:00Z" in plan.warnings[0]
    assert name(2) in plan.warnings[0]
