# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgement about one addon as a table: given these backups, when this is asked, then that is the reason."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import InvalidInput
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._api.schedule_models import Schedule, ScheduleSettings
from ansible_collections.northflank.cloud.plugins.module_utils._freshness import messages
from ansible_collections.northflank.cloud.plugins.module_utils._freshness.arguments import FreshnessSpec, freshness_spec
from ansible_collections.northflank.cloud.plugins.module_utils._freshness.plan import judge, suffices
from hypothesis import given
from hypothesis import strategies as st

NOON = posix_time("2026-03-01T12:00:00Z")
SAFETY = "pre-rollback-0af060-260301120000"
HOUR = 3600.0


def backup(
    backup_id: str, status: str = "completed", age: float = 60, kind: str | None = "snapshot", name: str = "n"
) -> Backup:
    minutes, seconds = divmod(12 * 3600 - int(age), 60)
    hours, minutes = divmod(minutes, 60)
    created = f"2026-03-01T{hours:02}:{minutes:02}:{seconds:02}.000Z"
    return Backup(id=backup_id, name=name, status=status, created_at=created, backup_type=kind)


def asked(**changes: Any) -> FreshnessSpec:
    return FreshnessSpec(project_ids=["p"], addon_ids=None, max_age=HOUR)._replace(**changes)


ANY, DUMP, SNAPSHOT = asked(), asked(backup_type="dump"), asked(backup_type="snapshot")
OLD = 5 * HOUR

TABLE: list[tuple[str, FreshnessSpec, list[Backup], str | None, str | None]] = [
    # why, asked, found, reason, ID of the newest that counts
    ("a young one", ANY, [backup("x")], None, "x"),
    ("a young dump is one, too", ANY, [backup("x", kind="dump")], None, "x"),
    ("the youngest that is young enough", ANY, [backup("x", age=HOUR)], None, "x"),
    ("the oldest that is too old", ANY, [backup("x", age=HOUR + 1)], "newest completed backup is 1 hour old", "x"),
    ("the newest of several", ANY, [backup("x", age=OLD), backup("y"), backup("z", age=HOUR)], None, "y"),
    ("nothing", ANY, [], "no backup at all", None),
    ("one that runs", ANY, [backup("x", "in-progress")], "no completed backup, one is running", None),
    ("one that waits", ANY, [backup("x", "scheduled")], "no completed backup, one is running", None),
    ("one that is being aborted", ANY, [backup("x", "aborting")], "no completed backup", None),
    ("one that failed", ANY, [backup("x", "failed")], "no completed backup, the last backup failed", None),
    (
        "several that failed",
        ANY,
        [backup("x", "failed"), backup("y", "aborted", 90), backup("z", "not-supported", 120)],
        "no completed backup, the last 3 backups failed",
        None,
    ),
    (
        "an old one, and two that failed since",
        ANY,
        [backup("v", "failed", OLD + 9), backup("w", age=OLD), backup("x", "failed"), backup("y", "failed", 90)],
        "newest completed backup is 5 hours old, the last 2 backups failed",
        "w",
    ),
    (
        "an old one, and one that runs",
        ANY,
        [backup("w", age=OLD), backup("x", "in-progress")],
        "newest completed backup is 5 hours old, one is running",
        "w",
    ),
    ("a young one, and one that failed since", ANY, [backup("w"), backup("x", "failed", 9)], None, "w"),
    (
        "a state that nobody knows",
        ANY,
        [backup("x", "dreaming")],
        "no completed backup, one is in the unknown state 'dreaming'",
        None,
    ),
    ("an import", ANY, [backup("x", kind="import")], messages.ONLY_IMPORTS, None),
    (
        "a young import beside an old one",
        ANY,
        [backup("w", age=OLD), backup("x", kind="import")],
        f"newest completed backup is 5 hours old, {messages.NEWER_DO_NOT_COUNT}",
        "w",
    ),
    ("a type that is not told", ANY, [backup("x", kind=None)], messages.may_be_import("any"), None),
    ("likewise, where a type is asked for", DUMP, [backup("x", kind=None)], messages.may_be_import("dump"), None),
    (
        "likewise, beside an import",
        ANY,
        [backup("x", kind=None), backup("y", kind="import")],
        messages.may_be_import("any"),
        None,
    ),
    (
        "a young one of no type beside an old one",
        ANY,
        [backup("w", age=OLD), backup("x", kind=None)],
        f"newest completed backup is 5 hours old, {messages.NEWER_MAY_BE_IMPORTS}",
        "w",
    ),
    ("a snapshot for a dump", DUMP, [backup("x")], messages.other_types("dump"), None),
    ("a dump for a snapshot", SNAPSHOT, [backup("x", kind="dump")], messages.other_types("snapshot"), None),
    ("a dump for a dump", DUMP, [backup("x", kind="dump"), backup("y", age=9)], None, "x"),
    ("an import for a dump", DUMP, [backup("x", kind="import")], messages.ONLY_IMPORTS, None),
    ("the data that a rollback replaced", ANY, [backup("x", name=SAFETY)], messages.ONLY_SAFETY, None),
    ("likewise, where a type is asked for", SNAPSHOT, [backup("x", name=SAFETY)], messages.ONLY_SAFETY, None),
    ("a backup of the future", ANY, [backup("x", age=-HOUR)], messages.CLOCK_IS_BEHIND, "x"),
    ("servers differ by seconds", ANY, [backup("x", age=-60)], None, "x"),
    (
        "one of the future that failed",
        ANY,
        [backup("w"), backup("x", "failed", -HOUR)],
        f"{messages.CLOCK_IS_BEHIND}, the last backup failed",
        "w",
    ),
]


@pytest.mark.parametrize(("_why", "spec", "found", "reason", "newest"), TABLE, ids=[row[0] for row in TABLE])
@pytest.mark.parametrize("order", [1, -1])
def test_an_addon_is_fresh_or_it_is_told_why_not(
    _why: str, spec: FreshnessSpec, found: list[Backup], reason: str | None, newest: str | None, order: int
) -> None:
    verdict = judge(spec, "running", found[::order], (), NOON)
    assert verdict.reason == reason
    assert (None if verdict.newest is None else verdict.newest.id) == newest


def test_without_a_clock_nothing_is_fresh() -> None:
    verdict = judge(ANY, "running", [backup("x")], (), None)
    assert (verdict.reason, verdict.age) == (messages.NO_CLOCK, None)


def test_an_age_is_never_below_zero() -> None:
    assert judge(ANY, "running", [backup("x", age=-60)], (), NOON).age == 0.0


def test_a_paused_addon_needs_a_fresh_backup_too_and_it_is_told_that_it_is_paused() -> None:
    assert judge(ANY, "paused", [backup("x")], (), NOON).reason is None
    assert judge(ANY, "paused", [], (), NOON).reason == "no backup at all, the addon is paused"
    assert judge(ANY, "scaling", [], (), NOON).reason == "no backup at all"


def test_what_runs_and_what_failed_since_is_told() -> None:
    found = [backup("a", "failed", OLD + 9), backup("b", age=OLD), backup("c", "failed", 90), backup("d", "aborted")]
    verdict = judge(ANY, "running", [*found, backup("e", "in-progress", 9), backup("f", "scheduled", 5)], (), NOON)
    assert verdict.last_failed == found[3]
    assert verdict.running is not None
    assert verdict.running.id == "f"
    assert [one.id for one in verdict.completed] == ["b"]
    assert judge(ANY, "running", found[:2], (), NOON).last_failed is None


def schedule(interval: str, backup_type: str = "snapshot") -> Schedule:
    return Schedule("s", ScheduleSettings(interval, backup_type, (0,), 7))


DAY = asked(max_age=24 * HOUR)
SCHEDULES = [
    ("daily for a day", DAY, schedule("daily"), True),
    ("hourly for a day", DAY, schedule("hourly"), True),
    ("weekly for a day", DAY, schedule("weekly"), False),
    ("daily for an hour", ANY, schedule("daily"), False),
    ("of another type", DAY._replace(backup_type="dump"), schedule("daily"), False),
    ("of the type", DAY._replace(backup_type="dump"), schedule("daily", "dump"), True),
    ("an interval that nobody knows", DAY, schedule("monthly"), False),
]


@pytest.mark.parametrize(("_why", "spec", "found", "does"), SCHEDULES, ids=[row[0] for row in SCHEDULES])
def test_a_schedule_suffices_if_it_is_of_the_type_and_often_enough(
    _why: str, spec: FreshnessSpec, found: Schedule, does: bool
) -> None:
    assert suffices(spec, found) == does
    required = spec._replace(require_schedule=True)
    verdict = judge(required, "running", [backup("x"), backup("y", kind="dump")], [found], NOON)
    expected = None if does else messages.no_schedule(spec.backup_type, spec.max_age)
    assert verdict.reason == expected
    assert judge(spec, "running", [backup("x"), backup("y", kind="dump")], [], NOON).reason is None


KINDS = st.sampled_from(["snapshot", "dump", "import", None])
STATES = st.sampled_from(["completed", "failed", "in-progress", "aborting", "dreaming"])
BACKUPS = st.lists(
    st.builds(backup, st.just("x"), STATES, st.integers(-200, 4 * 3600), KINDS, st.sampled_from(["n", SAFETY]))
)


@given(found=BACKUPS, kind=st.sampled_from(["any", "snapshot", "dump"]))
def test_fresh_is_what_a_young_completed_backup_of_a_told_type_proves(found: list[Backup], kind: str) -> None:
    verdict = judge(asked(backup_type=kind), "running", found, (), NOON)
    proofs = [
        one
        for one in found
        if one.status == "completed"
        and one.name != SAFETY
        and one.age(NOON) <= HOUR
        and one.backup_type in (("snapshot", "dump") if kind == "any" else (kind,))
    ]
    assert (verdict.reason is None) == bool(proofs)


SPANS = [
    (86_400, "24 hours"),
    (93_600, "26 hours"),
    (2 * 86_400, "2 days"),
    (7 * 86_400, "7 days"),
    (3600, "1 hour"),
    (5400, "90 minutes"),
    (60, "1 minute"),
    (90, "90 seconds"),
    (1.5, "1.5 seconds"),
]


@pytest.mark.parametrize(("seconds", "text"), SPANS)
def test_what_was_asked_for_is_told_exactly(seconds: float, text: str) -> None:
    assert messages.span_of(seconds) == text


AGES = [(59, "59 seconds"), (7199, "1 hour"), (48 * HOUR, "48 hours"), (72 * HOUR, "3 days"), (0.5, "0 seconds")]


@pytest.mark.parametrize(("seconds", "text"), AGES)
def test_an_age_is_told_in_one_unit(seconds: float, text: str) -> None:
    assert messages.too_old(seconds) == f"newest completed backup is {text} old"


HEADLINES = [
    ((38, 40, "any", 86_400.0), "38 of 40 databases have a backup younger than 24 hours"),
    ((1, 2, "dump", 86_400.0), "1 of 2 databases has a dump younger than 24 hours"),
    ((0, 1, "snapshot", 3600.0), "0 of 1 database have a snapshot younger than 1 hour"),
    ((0, 0, "any", 3600.0), "no database was looked at"),
]


@pytest.mark.parametrize(("given", "text"), HEADLINES)
def test_the_headline_counts(given: tuple[int, int, str, float], text: str) -> None:
    assert messages.headline(*given) == text


ARGUMENTS: dict[str, Any] = {
    "project_id": [" p "],
    "addon_id": None,
    "types": None,
    "tags": None,
    "exclude": None,
    "max_age": "26h",
    "backup_type": "any",
    "require_schedule": False,
}


def test_arguments_are_read() -> None:
    assert freshness_spec(ARGUMENTS) == FreshnessSpec(["p"], None, 26 * HOUR)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"project_id": []}, "project_id must name at least one project"),
        ({"project_id": ["p", "q", "p"]}, "project_id must name each project once only; got 'p'."),
        ({"project_id": ["a/b"]}, "project_id may hold only letters, digits and hyphens; got 'a/b'."),
        ({"addon_id": []}, "addon_id must name at least one addon"),
        ({"exclude": ["a b"]}, "exclude may hold only letters, digits and hyphens"),
        ({"max_age": "soon"}, "max_age must be a number of seconds"),
        ({"max_age": "0"}, "max_age must be above 0"),
    ],
)
def test_a_rule_that_is_broken_is_told(wrong: dict[str, Any], rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        freshness_spec({**ARGUMENTS, **wrong})
    assert str(caught.value).startswith(rule)
