# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decision of addon_backup as a table: given these backups, when this is wanted, then that is done."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._backup.plan import (
    BackupSpec,
    duplicates,
    needs_listing,
    plan_backup,
    replaceable,
)
from ansible_collections.northflank.cloud.plugins.module_utils._task.actions import CREATED, JOINED, REUSED
from ansible_collections.northflank.cloud.plugins.module_utils._task.backups import newest
from hypothesis import given
from hypothesis import strategies as st

NOON = posix_time("2026-03-01T12:00:00Z")


def backup(
    backup_id: str, status: str = "completed", age: float = 60, kind: str | None = "snapshot", name: str = "n"
) -> Backup:
    minutes, seconds = divmod(12 * 3600 - int(age), 60)
    hours, minutes = divmod(minutes, 60)
    created = f"2026-03-01T{hours:02}:{minutes:02}:{seconds:02}.000Z"
    return Backup(id=backup_id, name=name, status=status, created_at=created, uid=f"u-{backup_id}", backup_type=kind)


BY_NAME = BackupSpec("a", name="n")
BY_AGE = BackupSpec("a", max_age=600)
BY_BOTH = BackupSpec("a", name="n", max_age=600)
DUMP = BackupSpec("a", name="n", backup_type="dump")

TABLE = [
    # why, wanted, found, action, ID of the chosen one
    ("nothing asked for by name or age is always new", BackupSpec("a"), [backup("x")], CREATED, None),
    ("nothing there", BY_NAME, [], CREATED, None),
    ("another name does not serve", BY_NAME, [backup("x", name="m")], CREATED, None),
    ("a completed one is reused", BY_NAME, [backup("x")], REUSED, "x"),
    ("a scheduled one is joined", BY_NAME, [backup("x", "scheduled")], JOINED, "x"),
    ("one in progress is joined", BY_NAME, [backup("x", "in-progress")], JOINED, "x"),
    ("an aborting one does not count", BY_NAME, [backup("x", "aborting")], CREATED, None),
    ("an aborted one does not count", BY_NAME, [backup("x", "aborted")], CREATED, None),
    ("a failed one does not count", BY_NAME, [backup("x", "failed")], CREATED, None),
    ("one that was not supported does not count", BY_NAME, [backup("x", "not-supported")], CREATED, None),
    (
        "completed before active, though older",
        BY_NAME,
        [backup("x", "in-progress", 1), backup("y", age=9)],
        REUSED,
        "y",
    ),
    (
        "the newest of several completed",
        BY_NAME,
        [backup("x", age=9), backup("y", age=1), backup("z", age=5)],
        REUSED,
        "y",
    ),
    ("the newest of several active", BY_NAME, [backup("x", "scheduled", 9), backup("y", "scheduled", 1)], JOINED, "y"),
    ("active before failed", BY_NAME, [backup("x", "failed", 1), backup("y", "scheduled", 9)], JOINED, "y"),
    ("an old one serves a name", BY_NAME, [backup("x", age=40000)], REUSED, "x"),
    ("a type that is not told serves a name", BY_NAME, [backup("x", kind=None)], REUSED, "x"),
    ("a failed dump is no conflict for a snapshot", BY_NAME, [backup("x", "failed", kind="dump")], CREATED, None),
    ("a dump and a snapshot of one name: the asked type", DUMP, [backup("x"), backup("y", kind="dump")], REUSED, "y"),
    ("young enough", BY_AGE, [backup("x", age=599, name="other")], REUSED, "x"),
    ("exactly as old as allowed", BY_AGE, [backup("x", age=600)], REUSED, "x"),
    ("too old", BY_AGE, [backup("x", age=601)], CREATED, None),
    ("an active one that is young enough", BY_AGE, [backup("x", "in-progress", 599)], JOINED, "x"),
    ("an active one that is too old", BY_AGE, [backup("x", "in-progress", 601)], CREATED, None),
    ("a dump does not serve a snapshot by age", BY_AGE, [backup("x", kind="dump")], CREATED, None),
    ("an import never serves by age", BY_AGE, [backup("x", kind="import")], CREATED, None),
    ("a type that is not told never serves by age", BY_AGE, [backup("x", kind=None)], CREATED, None),
    ("a failed one never serves by age", BY_AGE, [backup("x", "failed")], CREATED, None),
    ("both: name and age hold", BY_BOTH, [backup("x", age=10)], REUSED, "x"),
    ("both: the name alone is too little", BY_BOTH, [backup("x", age=700)], CREATED, None),
    ("both: the age alone is too little", BY_BOTH, [backup("x", age=10, name="m")], CREATED, None),
    ("both: a type that is not told is not enough", BY_BOTH, [backup("x", age=10, kind=None)], CREATED, None),
    (
        "an unknown state beside a completed one is no reason to stop",
        BY_NAME,
        [backup("x", "odd"), backup("y")],
        REUSED,
        "y",
    ),
    ("an unknown state under another name does not matter", BY_NAME, [backup("x", "odd", name="m")], CREATED, None),
]


@pytest.mark.parametrize(("why", "wanted", "found", "action", "chosen"), TABLE, ids=[row[0] for row in TABLE])
def test_the_table(why: str, wanted: BackupSpec, found: list[Backup], action: str, chosen: str | None) -> None:
    for order in (found, found[::-1]):
        step = plan_backup(wanted, order, NOON)
        assert (step.action, step.backup and step.backup.id) == (action, chosen), why


def test_a_type_that_is_not_told_is_taken_with_a_warning_that_names_the_backup() -> None:
    (warning,) = plan_backup(BY_NAME, [backup("x", kind=None)], NOON).warnings
    assert "does not tell the type" in warning
    assert "(ID x)" in warning


def test_a_type_that_is_told_is_taken_without_a_warning() -> None:
    assert plan_backup(BY_NAME, [backup("x")], NOON).warnings == ()


REFUSED = [
    ("a completed dump has the name", BY_NAME, [backup("x", kind="dump")], ["a dump", "ID x", "a snapshot was asked"]),
    ("an active dump has the name", BY_NAME, [backup("x", "scheduled", kind="dump")], ["a dump", "scheduled"]),
    ("a completed snapshot has the name", DUMP, [backup("x")], ["a snapshot", "ID x", "a dump was asked for"]),
    ("an import has the name", BY_NAME, [backup("x", kind="import")], ["an import", "ID x"]),
    (
        "a dump has the name, only a failed one has the type",
        BY_NAME,
        [backup("x", "failed"), backup("y", kind="dump")],
        ["ID y"],
    ),
    ("a state that nobody documented", BY_NAME, [backup("x", "exploded")], ["'exploded'", "ID x"]),
    ("a state that nobody documented, by age", BY_AGE, [backup("x", "exploded")], ["'exploded'"]),
]


@pytest.mark.parametrize(("why", "wanted", "found", "words"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_would_be_a_guess_is_refused(why: str, wanted: BackupSpec, found: list[Backup], words: list[str]) -> None:
    with pytest.raises(BackupError) as refusal:
        plan_backup(wanted, found, NOON)
    for word in words:
        assert word in str(refusal.value), why


def test_without_the_servers_clock_an_age_is_never_judged() -> None:
    with pytest.raises(BackupError, match="no Date header"):
        plan_backup(BY_AGE, [backup("x")], None)


def test_without_the_servers_clock_a_name_is_enough() -> None:
    assert plan_backup(BY_NAME, [backup("x")], None).action == REUSED


@pytest.mark.parametrize(
    ("wanted", "needed"), [(BackupSpec("a"), False), (BY_NAME, True), (BY_AGE, True), (BY_BOTH, True)]
)
def test_a_listing_is_paid_for_only_when_something_can_be_found(wanted: BackupSpec, needed: bool) -> None:
    assert needs_listing(wanted) is needed


def test_duplicates_are_the_other_usable_ones_of_the_name_oldest_first() -> None:
    found = [
        backup("x", age=1),
        backup("y", age=9),
        backup("z", "failed"),
        backup("w", name="m"),
        backup("v", "scheduled", 20),
    ]
    assert [other.id for other in duplicates(found, "n", found[0])] == ["v", "y"]
    assert [other.id for other in duplicates(found, "n", None)] == ["v", "y", "x"]
    assert duplicates(found, None, None) == []


@pytest.mark.parametrize("dead", ["failed", "aborted", "not-supported"])
def test_dead_records_may_be_replaced(dead: str) -> None:
    assert [record.id for record in replaceable([backup("x", dead), backup("y", name="m")], "n")] == ["x"]


@pytest.mark.parametrize("alive", ["completed", "scheduled", "in-progress", "aborting", "exploded"])
def test_nothing_is_replaced_while_one_that_is_not_dead_has_the_name(alive: str) -> None:
    assert replaceable([backup("x", "failed"), backup("y", alive)], "n") == []


BACKUPS = st.builds(
    backup,
    backup_id=st.text("abc", min_size=1, max_size=4),
    status=st.sampled_from(["completed", "scheduled", "in-progress", "aborting", "aborted", "failed", "not-supported"]),
    age=st.integers(0, 1200),
    kind=st.sampled_from(["snapshot", "dump", "import", None]),
    name=st.sampled_from(["n", "m"]),
)


@given(found=st.lists(BACKUPS), wanted=st.sampled_from([BY_NAME, BY_AGE, BY_BOTH, DUMP]))
def test_whatever_is_there_only_a_usable_backup_of_the_asked_type_is_chosen(
    found: list[Backup], wanted: BackupSpec
) -> None:
    try:
        step = plan_backup(wanted, found, NOON)
    except BackupError:
        assert any(item.name == wanted.name and item.usable for item in found)
        return
    if step.backup is None:
        return
    assert step.backup.backup_type in (wanted.backup_type, None)
    assert step.backup.usable
    assert wanted.name in (None, step.backup.name)
    assert wanted.max_age is None or step.backup.age(NOON) <= wanted.max_age


@given(found=st.lists(BACKUPS), wanted=st.sampled_from([BY_NAME, BY_AGE, BY_BOTH, DUMP]), seed=st.randoms())
def test_the_order_of_the_listing_changes_nothing(found: list[Backup], wanted: BackupSpec, seed: object) -> None:
    unique = list({item.id: item for item in found}.values())
    shuffled = sorted(unique, key=lambda _item: seed.random())  # type: ignore[attr-defined]  # hypothesis types it loosely

    def outcome(backups: list[Backup]) -> object:
        try:
            return plan_backup(wanted, backups, NOON)
        except BackupError as refusal:
            return str(refusal)

    assert outcome(unique) == outcome(shuffled)


def test_newest_goes_by_time_not_by_text() -> None:
    zulu = backup("x")._replace(created_at="2026-03-01T12:00:00.500Z")
    offset = backup("y")._replace(created_at="2026-03-01T14:00:00+02:00")
    assert newest([zulu, offset]) is zulu
