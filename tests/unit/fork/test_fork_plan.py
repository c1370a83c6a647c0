# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forks: which snapshot is meant, what is asked for, and which addon is proved to be one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup
from ansible_collections.northflank.cloud.plugins.module_utils._fork import names, plan
from ansible_collections.northflank.cloud.plugins.module_utils._fork.models import AddonFacts, ForkSpec

SPEC = ForkSpec("p", "p", "a", backup_id="b")
NOON, LATER = "2026-03-01T12:00:00.000Z", "2026-03-01T12:00:01.000Z"
SOURCE = AddonFacts("a", "a", "postgresql", "running", version="16.4", deployment_plan="x", storage=4096, replicas=1)


def backup(backup_id: str, kind: str | None = "snapshot", status: str = "completed", **other: Any) -> Backup:
    return Backup(backup_id, other.pop("name", "N"), status, other.pop("created_at", NOON), backup_type=kind, **other)


def fork(**other: Any) -> AddonFacts:
    facts = {"name": f"x-{SPEC.digits('b')}", "type": "mysql", "tags": (names.FORK_TAG,), "created_at": LATER}
    return AddonFacts(**{"id": "i", "status": "running", **facts, **other})


# What there is, and which is the latest.
LATEST: list[tuple[list[Backup], str | None]] = [
    ([], None),
    ([backup("one")], "one"),
    ([backup("one"), backup("two", created_at=LATER)], "two"),
    ([backup("one"), backup("two", created_at=LATER, status="failed")], "one"),
    ([backup("one"), backup("two", "dump", created_at=LATER)], "one"),
    ([backup("one"), backup("two", "import", created_at=LATER)], "one"),
    # Where the type of some is told, one without it is likely to be something else.
    ([backup("one"), backup("two", None, created_at=LATER)], "one"),
    ([backup("one", None), backup("two", None, created_at=LATER)], "two"),
    ([backup("one", "dump"), backup("two", None)], "two"),
    ([backup("one", "dump"), backup("two", "import")], None),
    ([backup("one"), backup("two", created_at=LATER, name="pre-rollback-abcdefgh-260301120000")], "one"),
]


@pytest.mark.parametrize(("found", "wanted"), LATEST)
def test_the_latest_is_the_newest_completed_snapshot(found: list[Backup], wanted: str | None) -> None:
    spec = SPEC._replace(backup_id=None)
    for order in (found, found[::-1]):
        if wanted is None:
            with pytest.raises(BackupError, match="has no completed snapshot, and"):
                plan.choose_snapshot(spec, order)
        else:
            assert plan.choose_snapshot(spec, order).id == wanted


def test_a_name_takes_a_safety_snapshot_too() -> None:
    safety = backup("s", name="pre-rollback-abcdefgh-260301120000")
    assert plan.choose_snapshot(SPEC._replace(backup_id=None, name=safety.name), [safety]) == safety


@pytest.mark.parametrize(
    ("config", "source", "version"),
    [
        ({"addon_version": "15.2"}, SOURCE, "15.2"),
        ({}, SOURCE, "16.4"),
        ({"addon_version": ""}, SOURCE, "16.4"),
        ({"addon_version": 16}, SOURCE, "16.4"),
        ({"addon_version": "15.2"}, SOURCE._replace(version=None), "15.2"),
    ],
)
def test_the_version_is_that_of_the_backup(config: dict[str, Any], source: AddonFacts, version: str) -> None:
    assert plan.fork_request(SPEC, "n", source, backup("b", config=config))["version"] == version


def test_without_any_version_nothing_is_asked_for() -> None:
    with pytest.raises(BackupError, match="the API tells the version of neither"):
        plan.fork_request(SPEC, "n", SOURCE._replace(version=None), backup("b"))


@pytest.mark.parametrize("option", ["deployment_plan", "storage", "replicas"])
def test_each_part_of_the_size_is_given_or_told(option: str) -> None:
    nothing: dict[str, Any] = {option: None}
    given: dict[str, Any] = {option: {"deployment_plan": "y", "storage": 1, "replicas": 2}[option]}
    unknown = SOURCE._replace(**nothing)
    with pytest.raises(BackupError, match=f"so the fork needs the options {option}"):
        plan.fork_request(SPEC, "n", unknown, backup("b"))
    assert given[option] in plan.fork_request(SPEC._replace(**given), "n", unknown, backup("b"))["billing"].values()


def test_nothing_speaks_against_a_fork() -> None:
    assert plan.doubt(SPEC, fork().name, fork(), "b") == ""
    assert not plan.is_older(fork(), backup("b"))


def test_a_name_without_the_digits_proves_nothing() -> None:
    assert plan.doubt(SPEC, "x-ffffff", fork(name="x-ffffff"), "b") != ""
    assert plan.doubt(SPEC, fork().name, fork(), "c") != ""


@pytest.mark.parametrize(
    ("created_at", "older"), [(None, True), ("2026-03-01T11:59:59.999Z", True), (NOON, False), (LATER, False)]
)
def test_a_fork_is_not_older_than_its_backup(created_at: str | None, older: bool) -> None:
    assert plan.is_older(fork(created_at=created_at), backup("b")) == older


@pytest.mark.parametrize(
    ("name", "bears"),
    [
        ("x-abc123", True),
        ("x-y-abc123", True),
        ("x-abc123-y", True),
        ("x-abc123-abc123", True),
        ("abc123", False),
        ("abc123-x", False),
        ("xabc123", False),
        ("x-abc1234", False),
        ("x-aabc123", False),
        ("x-ABC123", False),
        ("x", False),
        ("", False),
    ],
)
def test_the_digits_stand_behind_a_hyphen(name: str, bears: bool) -> None:
    assert names.bears_digits(name, "abc123") == bears


def test_each_part_of_the_source_counts_for_the_digits() -> None:
    assert names.fork_digits("p", "a", "b") == "c51e40"
    assert len({names.fork_digits(*parts) for parts in (("p", "a", "b"), ("pa", "", "b"), ("p", "ab", ""))}) == 3


SAME: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"uid": "u"}, {"uid": "u"}, False),
    ({"uid": "u"}, {"uid": "v"}, True),
    ({"uid": "u"}, {"uid": "u", "created_at": NOON}, False),
    ({"uid": "u"}, {"uid": None}, False),
    ({"uid": "u"}, {"uid": None, "created_at": NOON}, True),
    ({}, {}, False),
    ({}, {"created_at": NOON}, True),
    ({}, {"created_at": None}, False),
    ({"created_at": None}, {"created_at": None}, False),
    ({}, {"id": "j"}, True),
]


@pytest.mark.parametrize(("one", "other", "differ"), SAME)
def test_an_addon_is_told_from_a_later_one_of_its_name(
    one: dict[str, Any], other: dict[str, Any], differ: bool
) -> None:
    assert fork(**one).is_another_than(fork(**other)) == differ
    assert fork(**other).is_another_than(fork(**one)) == differ


@pytest.mark.parametrize(
    ("told", "known"),
    [
        *[(4096, 4096), (4096.0, 4096), (1e30, 10**30)],
        *[(told, None) for told in (4096.5, 0, -1, True, "4096", None, float("inf"), float("nan"))],
    ],
)
def test_a_size_is_a_whole_number(told: Any, known: int | None) -> None:
    deployment = {"storageSize": told, "replicas": told, "planId": "x"}
    spec = {"type": "mysql", "config": {"deployment": deployment}}
    facts = AddonFacts.of_answer({"id": "i", "name": "n", "status": "running", "spec": spec})
    assert facts.storage == (None if known is None else int(told))
    assert facts.replicas == facts.storage


@pytest.mark.parametrize("config", [None, [], {}, {"deployment": None}, {"deployment": []}])
def test_an_addon_without_a_size_is_one(config: Any) -> None:
    spec = {"type": "mysql", "config": config}
    facts = AddonFacts.of_answer({"id": "i", "name": "n", "status": "running", "spec": spec})
    assert (facts.version, facts.deployment_plan, facts.storage, facts.replicas) == (None, None, None, None)
