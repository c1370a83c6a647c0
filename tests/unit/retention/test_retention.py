# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decision of addon_backup_prune as tables, and what holds for any backups and any policy."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, Restore
from ansible_collections.northflank.cloud.plugins.module_utils._retention.decisions import Decision, decide_retention
from ansible_collections.northflank.cloud.plugins.module_utils._retention.policy import Policy
from hypothesis import given
from hypothesis import strategies as st

Found = list[tuple[str, Backup]]


def backup(name: str, time: str, status: str = "completed", kind: str | None = "snapshot", **more: Any) -> Backup:
    """A backup whose ID is its name, created at a time such as ``03-01 12:00`` of 2026."""
    if "T" not in time:
        time = f"2026-{time.replace(' ', 'T')}:00.000Z"
    return Backup(id=more.pop("id", name), name=name, status=status, created_at=time, backup_type=kind, **more)


def kept(found: list[Backup], **policy: Any) -> list[str]:
    """Names of what is kept of one addon, newest first."""
    return [one.backup.name for one in decided(found, **policy) if one.keep]


def decided(found: list[Backup], **policy: Any) -> list[Decision]:
    return decide_retention([("a", one) for one in found], Policy(**{"name_prefix": "pre-", **policy}))


def reasons(found: list[Backup], **policy: Any) -> dict[str, str]:
    return {one.backup.name: one.reason for one in decided(found, **policy)}


COUNTED = ["keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly"]
# Sunday 1 March 2026 belongs to week 9, which began on Monday 23 February.
TIMES = {
    "pre-1": "03-01 12:30",
    "pre-2": "03-01 12:10",
    "pre-3": "03-01 11:50",
    "pre-4": "02-28 23:00",
    "pre-5": "02-26 08:00",
    "pre-6": "02-23 00:00",
    "pre-7": "02-22 23:59",
    "pre-8": "01-31 09:00",
    "pre-9": "01-01 09:00",
}
HISTORY = [backup(name, time) for name, time in TIMES.items()]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"keep_last": 1}, "1"),
        ({"keep_last": 3}, "123"),
        ({"keep_last": 99}, "123456789"),
        ({"keep_hourly": 1}, "1"),
        ({"keep_hourly": 2}, "13"),
        ({"keep_hourly": 3}, "134"),
        # restic's documentation: "for the last n days which have one or more snapshots", so days without do not count.
        ({"keep_daily": 1}, "1"),
        ({"keep_daily": 3}, "145"),
        ({"keep_daily": 5}, "14567"),
        ({"keep_weekly": 1}, "1"),
        ({"keep_weekly": 2}, "17"),
        ({"keep_weekly": 3}, "178"),
        ({"keep_monthly": 1}, "1"),
        ({"keep_monthly": 2}, "14"),
        ({"keep_monthly": 3}, "148"),
        ({"keep_monthly": 9}, "148"),
        ({"keep_yearly": 1}, "1"),
        ({"keep_yearly": 9}, "1"),
        ({"keep_within": 20 * 60.0}, "12"),
        ({"keep_within": 20 * 60.0 - 1}, "1"),
        ({"keep_within": 86400.0}, "1234"),
        # Each rule looks at all backups, also at those that another rule keeps.
        ({"keep_last": 2, "keep_daily": 2}, "124"),
        ({"keep_last": 2, "keep_hourly": 2, "keep_weekly": 2, "keep_monthly": 3, "keep_within": 3600.0}, "123478"),
    ],
)
def test_rules_keep_what_restic_documents(policy: dict[str, Any], expected: str) -> None:
    assert kept(HISTORY, **policy) == [f"pre-{number}" for number in expected]


def test_the_week_is_the_one_of_iso_8601_over_the_turn_of_the_year() -> None:
    found = [backup(f"pre-{day}", f"{day}T12:00:00Z") for day in ("2027-01-03", "2026-12-28", "2026-12-27")]
    assert reasons(found, keep_weekly=2)["pre-2027-01-03"] == "weekly 2026-W53, newest completed"
    assert kept(found, keep_weekly=2) == ["pre-2027-01-03", "pre-2026-12-27"]


def test_the_year_is_the_one_of_the_calendar_and_not_of_the_week() -> None:
    days = ("2027-01-03", "2026-12-31", "2026-01-01", "2025-12-31", "2023-06-01", "2022-06-01")
    found = [backup(f"pre-{day}", f"{day}T12:00:00Z") for day in days]
    # Years without a backup do not count, and the newest of each year stays.
    assert {name: why for name, why in reasons(found, keep_yearly=4).items() if why != "kept by no rule"} == {
        "pre-2027-01-03": "yearly 2027, newest completed",
        "pre-2026-12-31": "yearly 2026",
        "pre-2025-12-31": "yearly 2025",
        "pre-2023-06-01": "yearly 2023",
    }


def test_the_day_is_the_one_in_utc() -> None:
    found = [
        backup("pre-late", "2026-03-02T00:30:00+02:00"),
        backup("pre-early", "2026-03-01T01:00:00Z"),
        backup("pre-before", "2026-03-01T00:30:00+0100"),
    ]
    assert reasons(found, keep_daily=2) == {
        "pre-late": "daily 2026-03-01, newest completed",
        "pre-early": "kept by no rule",
        "pre-before": "daily 2026-02-28",
    }


def test_reasons_tell_each_rule() -> None:
    policy = dict.fromkeys(COUNTED, 1)
    assert reasons(HISTORY[:1], **policy, keep_within=86400.0) == {
        "pre-1": "last 1, hourly 2026-03-01 12h, daily 2026-03-01, weekly 2026-W09, monthly 2026-03, yearly 2026, "
        "within 1d, newest completed"
    }
    assert reasons(HISTORY[:1], keep_within=5400.0)["pre-1"] == "within 1.5h, newest completed"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"status": "scheduled"}, "active"),
        ({"status": "in-progress"}, "active"),
        ({"status": "aborting"}, "active"),
        ({"status": "failed"}, "failed, and delete_failed is not set"),
        ({"status": "aborted"}, "aborted, and delete_failed is not set"),
        ({"status": "not-supported"}, "not-supported, and delete_failed is not set"),
        ({"status": "melting"}, "in the unknown state 'melting'"),
        ({"kind": "import"}, "an import"),
        ({"last_restore": {"status": "scheduled"}}, "being restored"),
        ({"last_restore": {"status": "in-progress"}}, "being restored"),
        ({"last_restore": {"status": "aborting"}}, "being restored"),
        ({"last_restore": {"status": "melting"}}, "being restored"),
        ({"last_restore": {"status": "completed"}}, None),
        ({"last_restore": {"status": "failed"}}, None),
        ({"kind": None}, None),
        ({"kind": "dump"}, None),
        ({}, None),
    ],
)
def test_what_no_rule_keeps_goes_unless_something_guards_it(other: dict[str, Any], reason: str | None) -> None:
    found = [backup("pre-new", "03-01 12:00"), backup("pre-old", "02-01 12:00", **other)]
    assert reasons(found, keep_last=1)["pre-old"] == (reason or "kept by no rule")
    assert ("pre-old" in kept(found, keep_last=1)) == (reason is not None)


def restore(backup_id: str | None, day: str, status: str) -> Restore:
    return Restore(f"r-{day}", status, f"2026-{day}T13:00:00.000Z", None, backup_id)


RESTORING = [
    ("it is not", [], None),
    ("it is about to be", [restore("pre-old", "02-02", "scheduled")], "being restored"),
    ("it is", [restore("pre-old", "02-02", "in-progress")], "being restored"),
    ("that is being stopped", [restore("pre-old", "02-02", "aborting")], "being restored"),
    ("a state nobody knows goes on", [restore("pre-old", "02-02", "melting")], "being restored"),
    ("it was", [restore("pre-old", "02-02", "completed")], None),
    ("it failed", [restore("pre-old", "02-02", "failed")], None),
    ("another is", [restore("pre-new", "03-02", "in-progress")], None),
    ("the ID was an earlier backup's", [restore("pre-old", "01-01", "in-progress")], None),
    (
        "one is, and nobody says which",
        [restore(None, "02-02", "in-progress")],
        "perhaps being restored: the API does not say which backup is",
    ),
    ("it is an older one that is", [restore(None, "01-01", "in-progress")], None),
]


@pytest.mark.parametrize(("why", "restores", "reason"), RESTORING, ids=[row[0] for row in RESTORING])
def test_what_the_addons_restores_tell_guards_a_backup(why: str, restores: list[Restore], reason: str | None) -> None:
    found = [("a", backup("pre-new", "03-01 12:00")), ("a", backup("pre-old", "02-01 12:00"))]
    policy = Policy("pre-", keep_last=1)
    told = {one.backup.name: one.reason for one in decide_retention(found, policy, {"a": restores})}
    assert told["pre-old"] == (reason or "kept by no rule"), why
    # Those of another addon say nothing.
    assert not decide_retention(found, policy, {"b": restores})[1].keep


@pytest.mark.parametrize("status", ["failed", "aborted", "not-supported", "scheduled", "in-progress", "aborting", "x"])
@pytest.mark.parametrize("rule", COUNTED)
@pytest.mark.parametrize("delete_failed", [True, False])
def test_only_completed_ones_use_up_a_rule(status: str, rule: str, delete_failed: bool) -> None:
    dead = backup("pre-dead", "05-01 12:00", status)
    result = kept([dead, *HISTORY], **{rule: 2}, delete_failed=delete_failed)
    assert [name for name in result if name != "pre-dead"] == kept(HISTORY, **{rule: 2})


def test_keep_within_counts_back_from_the_newest_completed_one() -> None:
    failed = backup("pre-0", "05-01 12:00", "failed")
    assert kept([failed, *HISTORY], keep_within=86400.0, delete_failed=True) == ["pre-1", "pre-2", "pre-3", "pre-4"]


@pytest.mark.parametrize("status", ["failed", "aborted", "not-supported"])
def test_failed_ones_go_when_asked(status: str) -> None:
    found = [backup("pre-new", "03-01 12:00"), backup("pre-bad", "03-01 13:00", status)]
    assert reasons(found, keep_last=9, delete_failed=True) == {"pre-new": "last 9, newest completed", "pre-bad": status}
    assert kept(found, keep_last=9, delete_failed=True) == ["pre-new"]


def test_failed_ones_are_guarded_also_when_asked_to_go() -> None:
    found = [backup("pre-bad", "03-01 13:00", "failed")]
    assert kept(found, keep_last=1, delete_failed=True, protect=frozenset({"pre-bad"})) == ["pre-bad"]


def test_protected_by_name_or_id_and_counted() -> None:
    found = [*HISTORY[:3], backup("pre-x", "01-01 00:00", id="other-id")]
    assert kept(found, keep_last=2, protect=frozenset({"pre-1", "other-id"})) == ["pre-1", "pre-2", "pre-x"]
    assert kept(found, keep_last=2, protect=frozenset({"pre-x"})) == ["pre-1", "pre-2", "pre-x"]
    assert reasons(found, keep_last=2, protect=frozenset({"pre-x"}))["pre-x"] == "protected"


def test_only_the_naming_scheme_is_looked_at() -> None:
    found = [backup(name, "01-01 00:00") for name in ("Pre-1", "pre", "x-pre-1", "pre-a", "pre-1x", "pre-1")]
    newest = backup("pre-2", "03-01 00:00")
    pattern = re.compile("[0-9]|[0-9]+")
    assert [one.backup.name for one in decided([newest, *found], keep_last=1, name_pattern=pattern)] == [
        "pre-2",
        "pre-1",
    ]
    assert [one.backup.name for one in decided([newest, *found], keep_last=1)] == ["pre-2", "pre-a", "pre-1x", "pre-1"]


def test_other_types_neither_count_nor_go() -> None:
    found = [
        backup("pre-dump", "03-05 00:00", kind="dump"),
        backup("pre-unknown", "03-04 00:00", kind=None),
        backup("pre-import", "03-03 00:00", kind="import"),
        *HISTORY[:2],
    ]
    assert reasons(found, keep_last=1, backup_type="snapshot") == {
        "pre-dump": "no snapshot",
        "pre-unknown": "of a type that the API does not tell",
        "pre-import": "an import",
        "pre-1": "last 1, newest completed",
        "pre-2": "kept by no rule",
    }
    assert kept(found, keep_last=1) == ["pre-dump", "pre-import"]


def test_the_newest_completed_one_of_each_addon_is_kept() -> None:
    found = [("a", HISTORY[0]), ("b", HISTORY[8]), ("c", HISTORY[7]), ("c", HISTORY[8])]
    decisions = decide_retention(found, Policy("pre-", keep_last=1))
    assert [(one.addon_id, one.backup.name) for one in decisions if not one.keep] == [("c", "pre-9")]


def test_each_addon_is_decided_on_for_itself() -> None:
    found = [(addon, one) for addon in "ab" for one in HISTORY[:4]]
    decisions = decide_retention(found, Policy("pre-", keep_last=2))
    assert sorted((one.addon_id, one.backup.name) for one in decisions if one.keep) == [
        (addon, name) for addon in "ab" for name in ("pre-1", "pre-2")
    ]


def test_a_backup_that_was_listed_twice_counts_once() -> None:
    assert kept([*HISTORY, *HISTORY[:2]], keep_last=3) == ["pre-1", "pre-2", "pre-3"]
    running = HISTORY[4]._replace(status="in-progress")
    for found in ([*HISTORY, running], [running, *HISTORY]):
        assert "pre-5" in kept(found, keep_last=1)


GROUPS: dict[str, Any] = {"group_pattern": re.compile(r"pre-([0-9]+)(?:-[a-z])?")}


def grouped(*found: tuple[str, str, str, str]) -> Found:
    """Backups from addon, name, time and status."""
    return [(addon, backup(name, time, status)) for addon, name, time, status in found]


def gone(found: Found, **policy: Any) -> list[tuple[str, str]]:
    decisions = decide_retention(found, Policy(**{"name_prefix": "pre-", **GROUPS, **policy}))
    return sorted((one.addon_id, one.backup.name) for one in decisions if not one.keep)


THREE_SETS = grouped(
    ("a", "pre-3", "03-03 00:00", "completed"),
    ("b", "pre-3-x", "03-03 00:10", "completed"),
    ("a", "pre-2", "03-02 00:00", "completed"),
    ("b", "pre-2", "03-02 00:10", "completed"),
    ("a", "pre-1", "03-01 00:00", "completed"),
    ("b", "pre-1-y", "03-01 00:10", "completed"),
)


def test_a_group_over_several_addons_counts_as_one() -> None:
    assert gone(THREE_SETS, keep_last=2) == [("a", "pre-1"), ("b", "pre-1-y")]
    assert gone(THREE_SETS, keep_daily=1) == [("a", "pre-1"), ("a", "pre-2"), ("b", "pre-1-y"), ("b", "pre-2")]


def test_a_group_has_the_time_of_its_newest_completed_member() -> None:
    found = grouped(
        ("a", "pre-2", "03-02 00:00", "completed"),
        ("a", "pre-1", "03-01 00:00", "completed"),
        ("b", "pre-1", "03-09 00:00", "completed"),
        ("b", "pre-2", "03-08 00:00", "completed"),
        ("a", "pre-0", "03-03 00:00", "completed"),
        ("b", "pre-0", "03-03 00:00", "completed"),
    )
    assert {
        one.reason
        for one in decide_retention(found, Policy("pre-", keep_last=1, **GROUPS))
        if one.backup.name == "pre-1"
    } == {"group 1: last 1, newest completed"}


@pytest.mark.parametrize("status", ["scheduled", "in-progress", "aborting", "failed", "aborted", "melting"])
def test_a_group_is_kept_whole_with_a_member_that_may_not_go(status: str) -> None:
    assert gone([*THREE_SETS, *grouped(("c", "pre-1", "03-01 00:00", status))], keep_last=2) == []


def test_a_group_is_kept_whole_with_a_protected_or_restoring_or_newest_member() -> None:
    assert gone(THREE_SETS, keep_last=2, protect=frozenset({"pre-1-y"})) == []
    restoring = THREE_SETS[5][1]._replace(last_restore={"status": "in-progress"})
    assert gone([*THREE_SETS[:5], ("b", restoring)], keep_last=2) == []
    assert gone([*THREE_SETS, *grouped(("c", "pre-1", "03-01 00:00", "completed"))], keep_last=2) == []


def test_a_group_is_kept_whole_with_a_member_of_a_type_that_is_not_told() -> None:
    for status in ("completed", "in-progress"):
        untold = [("c", backup("pre-1", "03-01 00:00", status, kind=None))]
        assert gone([*THREE_SETS, *untold], keep_last=2, backup_type="snapshot") == []
    # It does not count as a backup to rely on either.
    untold = [(addon, backup("pre-9", "03-09 00:00", kind=None)) for addon in "ab"]
    assert gone([*THREE_SETS, *untold], keep_last=1, backup_type="snapshot") == gone(THREE_SETS, keep_last=1)


def test_members_of_another_type_do_not_belong_to_a_group() -> None:
    for kind in ("dump", "import"):
        other = [("c", backup("pre-1", "03-01 00:00", "in-progress", kind=kind))]
        assert gone([*THREE_SETS, *other], keep_last=2, backup_type="snapshot") == gone(THREE_SETS, keep_last=2)


def test_a_set_that_failed_in_part_uses_up_nothing() -> None:
    found = [*THREE_SETS, *grouped(("a", "pre-4", "03-04 00:00", "completed"), ("b", "pre-4", "03-04 00:00", "failed"))]
    assert gone(found, keep_last=1, delete_failed=True) == gone(THREE_SETS, keep_last=1)
    assert gone(found, keep_daily=2, delete_failed=True) == gone(THREE_SETS, keep_daily=2)


def test_what_failed_and_was_taken_again_is_whole() -> None:
    found = [*THREE_SETS, *grouped(("a", "pre-3", "03-02 23:00", "failed"))]
    assert gone(found, keep_last=1, delete_failed=True) == gone(THREE_SETS, keep_last=1)


def test_a_group_of_failed_ones_goes_when_asked() -> None:
    found = [*THREE_SETS, *grouped(("a", "pre-9", "03-09 00:00", "failed"), ("b", "pre-9", "03-09 00:00", "aborted"))]
    assert gone(found, keep_last=9, delete_failed=True) == [("a", "pre-9"), ("b", "pre-9")]
    assert gone(found, keep_last=9) == []


def test_what_gives_no_group_is_kept_and_does_not_count() -> None:
    names = ("pre-x", "pre-1-xy", "pre-")
    found = [*THREE_SETS, *grouped(*(("a", name, "03-09 00:00", "completed") for name in names))]
    told = {one.backup.name: one.reason for one in decide_retention(found, Policy("pre-", keep_last=2, **GROUPS))}
    assert {told[name] for name in names} == {"of no group"}
    assert gone(found, keep_last=2) == [("a", "pre-1"), ("b", "pre-1-y")]


def test_a_pattern_without_parentheses_groups_by_the_whole_name() -> None:
    found = [(addon, one) for addon in "ab" for one in HISTORY[:3]]
    assert gone(found, keep_last=2, group_pattern=re.compile("pre-.*")) == [("a", "pre-3"), ("b", "pre-3")]


# Properties, over any backups and any policy.

EPOCH = datetime(2025, 12, 25, tzinfo=timezone.utc)
ZONES = [timezone(timedelta(minutes=minutes)) for minutes in (0, 60, -300, 345, 840)]
STATUSES = ["completed"] * 5 + ["scheduled", "in-progress", "aborting", "aborted", "failed", "not-supported", "odd"]
NAMES = ["pre-1", "pre-2", "pre-2-a", "pre-3", "pre-3-b", "pre-x", "other-1", "pr"]


@st.composite
def founds(draw: st.DrawFn) -> Found:
    """Backups of two addons over ten weeks, often in the same hour or moment."""
    found: Found = []
    for number in range(draw(st.integers(0, 14))):
        hours = draw(st.one_of(st.integers(0, 5), st.integers(0, 1700)))
        time = EPOCH + timedelta(hours=hours, minutes=draw(st.sampled_from([0, 0, 30])))
        restore = draw(st.sampled_from([None] * 6 + ["completed", "in-progress", "aborting", "scheduled"]))
        one = Backup(
            id=f"id-{number}",
            name=draw(st.sampled_from(NAMES)),
            status=draw(st.sampled_from(STATUSES)),
            created_at=time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            uid=draw(st.sampled_from([f"u-{number}", None])),
            backup_type=draw(st.sampled_from(["snapshot", "snapshot", "dump", "import", None])),
            last_restore=None if restore is None else {"status": restore},
        )
        found.append((draw(st.sampled_from(["a", "b"])), one))
    return found


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    count = st.one_of(st.none(), st.integers(1, 4))
    return Policy(
        name_prefix="pre-",
        name_pattern=draw(st.sampled_from([None, re.compile("[0-9].*")])),
        keep_last=draw(count),
        keep_hourly=draw(count),
        keep_daily=draw(count),
        keep_weekly=draw(count),
        keep_monthly=draw(count),
        keep_yearly=draw(count),
        keep_within=draw(st.sampled_from([None, None, 3600.0, 86400.0, 9e6])),
        backup_type=draw(st.sampled_from([None, None, "snapshot", "dump"])),
        protect=draw(st.sampled_from([frozenset(), frozenset({"pre-2", "id-3"})])),
        delete_failed=draw(st.booleans()),
        group_pattern=draw(st.sampled_from([None, GROUPS["group_pattern"], re.compile("pre-.*")])),
    )


def deleted(found: Found, policy: Policy) -> Found:
    return [(one.addon_id, one.backup) for one in decide_retention(found, policy) if not one.keep]


def counts(one: Backup, policy: Policy) -> bool:
    """Whether it can be a newest completed one: told here in other words than in the code."""
    types = ["snapshot", "dump", None] if policy.backup_type is None else [policy.backup_type]
    in_a_group = policy.group_pattern is None or policy.group_pattern.fullmatch(one.name)
    return one.status == "completed" and one.backup_type in types and bool(in_a_group)


@given(founds(), policies())
def test_nothing_goes_that_must_stay(found: Found, policy: Policy) -> None:
    for addon_id, one in deleted(found, policy):
        assert one.name.startswith("pre-")
        assert policy.name_pattern is None or one.name[4].isdigit()
        assert not policy.protect & {one.name, one.id}
        assert one.status in ("completed", "failed", "aborted", "not-supported")
        assert one.status == "completed" or policy.delete_failed
        assert one.last_restore is None or one.last_restore["status"] == "completed"
        assert one.backup_type != "import"
        assert policy.backup_type in (None, one.backup_type)
        if one.status == "completed":
            siblings = [
                other
                for addon, other in found
                if addon == addon_id and other.name.startswith("pre-") and counts(other, policy)
            ]
            assert any(other.created_at >= one.created_at and other.id != one.id for other in siblings)


RESTORED = st.builds(
    lambda addon, number, status, hours: (
        addon,
        Restore("r", status, (EPOCH + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"), None, number),
    ),
    st.sampled_from(["a", "b"]),
    st.sampled_from([None, *(f"id-{number}" for number in range(8))]),
    st.sampled_from(["completed", "failed", "in-progress", "scheduled", "odd"]),
    st.integers(0, 1700),
)


@given(founds(), policies(), st.lists(RESTORED, max_size=4))
def test_what_is_being_restored_only_keeps_more(
    found: Found, policy: Policy, restored: list[tuple[str, Restore]]
) -> None:
    """A prune asks what is being restored only where something would go, and stops where it keeps more by then."""
    restores = {addon: [one for other, one in restored if other == addon] for addon in "ab"}
    told = [(one.addon_id, one.backup) for one in decide_retention(found, policy, restores) if not one.keep]
    assert all(pair in deleted(found, policy) for pair in told)
    for addon_id, one in told:
        for other in restores[addon_id]:
            if other.backup_id == one.id and other.status in ("in-progress", "scheduled", "odd"):
                assert other.started_at < one.created_at


@given(founds(), policies())
def test_the_newest_completed_one_of_each_addon_stays(found: Found, policy: Policy) -> None:
    left = decide_retention(found, policy)
    for addon_id in "ab":
        mine = [one for one in left if one.addon_id == addon_id and counts(one.backup, policy)]
        assert not mine or any(one.keep and one.backup.created_at == mine[0].backup.created_at for one in mine)


@given(founds(), policies())
def test_a_second_run_deletes_nothing_more(found: Found, policy: Policy) -> None:
    gone_now = deleted(found, policy)
    left = [pair for pair in found if pair not in gone_now]
    assert len(left) == len(found) - len(gone_now)
    assert deleted(left, policy) == []


@given(founds(), policies())
def test_an_interrupted_run_is_finished_by_the_next(found: Found, policy: Policy) -> None:
    gone_now = deleted(found, policy)
    half = len(gone_now) // 2
    left = [pair for pair in found if pair not in gone_now[half:]]
    assert deleted(left, policy) == gone_now[:half]


@given(st.data(), founds(), policies())
def test_the_order_of_input_changes_nothing(data: st.DataObject, found: Found, policy: Policy) -> None:
    shuffled = data.draw(st.permutations(found + found[:3]))
    assert decide_retention(shuffled, policy) == decide_retention(found, policy)


@given(st.data(), founds(), policies())
def test_the_way_a_moment_is_written_changes_nothing(data: st.DataObject, found: Found, policy: Policy) -> None:
    def elsewhere(one: Backup) -> Backup:
        time = datetime.strptime(one.created_at, "%Y-%m-%dT%H:%M:%S%z").astimezone(data.draw(st.sampled_from(ZONES)))
        return one._replace(created_at=time.isoformat())

    told = [(addon_id, elsewhere(one)) for addon_id, one in found]

    def verdicts(pairs: Found) -> set[tuple[str, str, bool, str]]:
        return {(one.addon_id, one.backup.id, one.keep, one.reason) for one in decide_retention(pairs, policy)}

    assert verdicts(told) == verdicts(found)


@given(founds(), policies())
def test_failed_ones_use_up_nothing(found: Found, policy: Policy) -> None:
    """Without those that failed, all that is completed and stays alone still stays, and the other way round."""
    if policy.group_pattern is None:
        completed = [pair for pair in found if pair[1].status == "completed"]
        with_all = [pair for pair in deleted(found, policy) if pair[1].status == "completed"]
        assert with_all == deleted(completed, policy)


@given(founds(), policies())
def test_groups_stay_or_go_whole(found: Found, policy: Policy) -> None:
    if policy.group_pattern is None:
        return
    verdicts: dict[str, set[bool]] = {}
    for one in decide_retention(found, policy):
        match = policy.group_pattern.fullmatch(one.backup.name)
        right_type = policy.backup_type in (None, one.backup.backup_type) and one.backup.backup_type != "import"
        if match is not None and right_type:
            verdicts.setdefault(match.group(policy.group_pattern.groups), set()).add(one.keep)
    assert all(len(group) == 1 for group in verdicts.values())
