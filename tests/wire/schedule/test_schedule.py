# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: what is decided, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox

from ..conftest import ADDON, Task
from .conftest import DUMPS, NIGHTLY, READ, SNAPSHOT, SOON, body, copy, held, methods, shown

# What is there, what is asked for, what is done, and what is there then.
TABLE: dict[str, tuple[dict[str, Any] | None, dict[str, Any], str, dict[str, Any]]] = {
    "nothing": (None, NIGHTLY, "created", body()),
    "the same": (body(), NIGHTLY, "none", body()),
    "another minute": (body(), SOON, "replaced", body(scheduling={"minute": [45]})),
    "another hour": (body(), {**NIGHTLY, "hour": [3]}, "replaced", body(scheduling={"hour": [3]})),
    "one more hour": (body(), {**NIGHTLY, "hour": [2, 3]}, "replaced", body(scheduling={"hour": [2, 3]})),
    "the same hours in another order": (
        body(scheduling={"hour": [14, 2], "minute": [40, 10]}),
        {**NIGHTLY, "hour": [2, 14], "minute": [10, 40]},
        "none",
        body(scheduling={"hour": [14, 2], "minute": [40, 10]}),
    ),
    "another retention time": (body(), {**NIGHTLY, "retention_time": 15}, "replaced", body(retentionTime=15)),
    "one of another type": (body(backupType="dump"), NIGHTLY, "created", body()),
    "one of another interval": (
        body(scheduling={"interval": "weekly", "day": [0]}),
        NIGHTLY,
        "created",
        body(),
    ),
    "weekly, other days": (
        body(scheduling={"interval": "weekly", "day": [0]}),
        {**NIGHTLY, "interval": "weekly", "day": [6, 2]},
        "replaced",
        body(scheduling={"interval": "weekly", "day": [2, 6]}),
    ),
    "weekly, the same days in another order": (
        body(scheduling={"interval": "weekly", "day": [5, 1]}),
        {**NIGHTLY, "interval": "weekly", "day": [1, 5]},
        "none",
        body(scheduling={"interval": "weekly", "day": [5, 1]}),
    ),
    "weekly, days by name": (
        body(scheduling={"interval": "weekly", "day": [0]}),
        {**NIGHTLY, "interval": "weekly", "day": ["Sunday", "wed", "0", 4]},
        "replaced",
        body(scheduling={"interval": "weekly", "day": [0, 2, 4, 6]}),
    ),
    "weekly, the same day by name": (
        body(scheduling={"interval": "weekly", "day": [0]}),
        {**NIGHTLY, "interval": "weekly", "day": "monday"},
        "none",
        body(scheduling={"interval": "weekly", "day": [0]}),
    ),
    "hourly": (
        None,
        {"interval": "hourly", "backup_type": "snapshot", "minute": [0], "retention_time": 2},
        "created",
        {"scheduling": {"interval": "hourly", "minute": [0]}, "backupType": "snapshot", "retentionTime": 2},
    ),
    "a dump, and the API fills in gz": (None, DUMPS, "created", body(backupType="dump", backupCompressionType="gz")),
    "gz that the API has filled in": (
        body(backupType="dump"),
        DUMPS,
        "none",
        body(backupType="dump", backupCompressionType="gz"),
    ),
    "gz that was asked for": (
        body(backupType="dump"),
        {**DUMPS, "compression_type": "gz"},
        "none",
        body(backupType="dump", backupCompressionType="gz"),
    ),
    "zstd in place of gz": (
        body(backupType="dump"),
        {**DUMPS, "compression_type": "zstd"},
        "replaced",
        body(backupType="dump", backupCompressionType="zstd"),
    ),
    "zstd, which nobody speaks of": (
        body(backupType="dump", compressionType="zstd"),
        {**DUMPS, "minute": [45]},
        "replaced",
        body(backupType="dump", backupCompressionType="zstd", scheduling={"minute": [45]}),
    ),
    "another destination": (
        body(backupType="dump", customDestinationId="offsite-s3"),
        {**DUMPS, "custom_destination_id": "example-destination"},
        "replaced",
        body(backupType="dump", backupCompressionType="gz", customDestinationId="example-destination"),
    ),
    "a destination that nobody speaks of": (
        body(backupType="dump", customDestinationId="offsite-s3"),
        DUMPS,
        "none",
        body(backupType="dump", backupCompressionType="gz", customDestinationId="offsite-s3"),
    ),
    "a destination that nobody speaks of, and another minute": (
        body(backupType="dump", customDestinationId="offsite-s3"),
        {**DUMPS, "minute": [45]},
        "replaced",
        body(
            backupType="dump",
            backupCompressionType="gz",
            customDestinationId="offsite-s3",
            scheduling={"minute": [45]},
        ),
    ),
    "no destination any more": (
        body(backupType="dump", customDestinationId="offsite-s3"),
        {**DUMPS, "custom_destination_id": ""},
        "replaced",
        body(backupType="dump", backupCompressionType="gz"),
    ),
    "no destination, as before": (
        body(backupType="dump"),
        {**DUMPS, "custom_destination_id": ""},
        "none",
        body(backupType="dump", backupCompressionType="gz"),
    ),
    "copies in another order": (
        body(additionalDestinations=[copy(retentionTime=3), copy("example-destination")]),
        {
            **NIGHTLY,
            "additional_destinations": [
                {"destination_id": "example-destination"},
                {"destination_id": "offsite-s3", "retention_time": 3},
            ],
        },
        "none",
        body(additionalDestinations=[copy(retentionTime=3), copy("example-destination")]),
    ),
    "a copy that is kept longer": (
        body(additionalDestinations=[copy(retentionTime=3)]),
        {**NIGHTLY, "additional_destinations": [{"destination_id": "offsite-s3", "retention_time": 4}]},
        "replaced",
        body(additionalDestinations=[copy(retentionTime=4)]),
    ),
    "a copy whose retention time nobody speaks of": (
        body(additionalDestinations=[copy(retentionTime=3)]),
        {**NIGHTLY, "additional_destinations": [{"destination_id": "offsite-s3"}]},
        "none",
        body(additionalDestinations=[copy(retentionTime=3)]),
    ),
    "one copy more": (
        body(additionalDestinations=[copy(retentionTime=3)]),
        {
            **NIGHTLY,
            "additional_destinations": [{"destination_id": "offsite-s3"}, {"destination_id": "example-destination"}],
        },
        "replaced",
        body(additionalDestinations=[copy(retentionTime=3), copy("example-destination")]),
    ),
    "one copy less": (
        body(additionalDestinations=[copy(), copy("example-destination")]),
        {**NIGHTLY, "additional_destinations": [{"destination_id": "offsite-s3"}]},
        "replaced",
        body(additionalDestinations=[copy()]),
    ),
    "a copy elsewhere": (
        body(additionalDestinations=[copy()]),
        {**NIGHTLY, "additional_destinations": [{"destination_id": "example-destination"}]},
        "replaced",
        body(additionalDestinations=[copy("example-destination")]),
    ),
    "copies that nobody speaks of": (
        body(additionalDestinations=[copy(retentionTime=3)]),
        SOON,
        "replaced",
        body(additionalDestinations=[copy(retentionTime=3)], scheduling={"minute": [45]}),
    ),
    "no copies any more": (
        body(additionalDestinations=[copy()]),
        {**NIGHTLY, "additional_destinations": []},
        "replaced",
        body(),
    ),
    "no copies, as before": (body(), {**NIGHTLY, "additional_destinations": []}, "none", body()),
    "to be gone": (body(), {**SNAPSHOT, "state": "absent"}, "deleted", {}),
    "gone already": (None, {**SNAPSHOT, "state": "absent"}, "none", {}),
    "to be gone, and of another type": (body(backupType="dump"), {**SNAPSHOT, "state": "absent"}, "none", {}),
}
WRITES = {"none": [], "created": ["POST"], "replaced": ["DELETE", "POST"], "deleted": ["DELETE"]}


def about_what_is_optional(before: dict[str, Any] | None, arguments: dict[str, Any]) -> bool:
    """Whether a row is about what a schedule shows only if the API likes: its compression and its destinations."""
    names = ("compression_type", "custom_destination_id", "additional_destinations")
    return set(before or {}) > set(body()) or any(arguments.get(name) for name in names)


ROWS = [
    pytest.param(
        *row, id=name, marks=[pytest.mark.assume(optional_fields="present")] if about_what_is_optional(*row[:2]) else []
    )
    for name, row in TABLE.items()
]


@pytest.mark.parametrize(("before", "arguments", "action", "after"), ROWS)
@pytest.mark.assume(schedules_per_addon="interval_and_type")
def test_the_decision(
    sandbox: Sandbox,
    schedule: Task,
    before: dict[str, Any] | None,
    arguments: dict[str, Any],
    action: str,
    after: dict[str, Any],
) -> None:
    """In check mode nothing is written and the same is told; a second run finds nothing to do."""
    others = [] if before is None else [sandbox.add_schedule(ADDON, before)]
    is_of_another_kind = bool(others) and action in ("created", "none") and after != held(sandbox)[0]
    kept = held(sandbox) if is_of_another_kind else []
    planned = schedule(**arguments, _check_mode=True, _diff=True)
    assert methods(sandbox) == ["GET"]
    ran = schedule(**arguments, _diff=True)
    assert not ran.failed, ran.result
    assert ran.result["schedule"]["action"] == action
    assert ran.result["changed"] == ran.result["schedule"]["changed"] == (action != "none")
    assert [write.method for write in sandbox.writes] == WRITES[action]
    assert held(sandbox) == kept + ([after] if after else [])
    assert planned.result["schedule"]["action"] == action
    assert planned.changed == ran.changed
    assert ran.warnings == planned.warnings == []
    sandbox.clear_log()
    again = schedule(**arguments, _diff=True)
    assert (again.failed, again.changed, again.result["schedule"]["action"]) == (False, False, "none")
    assert methods(sandbox) == ["GET"]
    assert again.result["diff"]["before"] == again.result["diff"]["after"]


@pytest.mark.parametrize("arguments", [NIGHTLY, {**SOON, "retention_time": 3}, {**SNAPSHOT, "state": "absent"}])
@pytest.mark.parametrize("before", [None, body(additionalDestinations=[copy(retentionTime=3)])])
def test_check_mode_shows_the_difference_that_is_then_made(
    sandbox: Sandbox, schedule: Task, before: dict[str, Any] | None, arguments: dict[str, Any]
) -> None:
    if before is not None:
        sandbox.add_schedule(ADDON, before)
    planned = schedule(**arguments, _check_mode=True, _diff=True)
    ran = schedule(**arguments, _diff=True)
    assert planned.result["diff"] == ran.result["diff"]


def test_the_difference_shows_the_settings_before_and_after(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.add_schedule(ADDON, body())
    before, after = schedule(**SOON, _diff=True).result["diff"].values()
    assert before == {
        **NIGHTLY,
        "day": [],
        "compression_type": None,
        "custom_destination_id": None,
        "additional_destinations": [],
    }
    assert after == {**before, "minute": [45]}
    assert schedule(**SNAPSHOT, state="absent", _diff=True).result["diff"] == {"before": after, "after": {}}
    assert schedule(**SNAPSHOT, state="absent", _diff=True).result["diff"] == {"before": {}, "after": {}}


@pytest.mark.assume(optional_fields="present")
def test_what_is_returned_is_what_the_api_tells(sandbox: Sandbox, schedule: Task) -> None:
    told = schedule(**DUMPS).result["schedule"]
    (one,) = sandbox.schedules(ADDON)
    assert (told["id"], told["created_at"], told["updated_at"]) == (one["id"], one["createdAt"], one["updatedAt"])
    assert told["compression_type"] == "gz"
    assert told["error"] is None


def test_what_was_deleted_is_returned_as_it_was(sandbox: Sandbox, schedule: Task) -> None:
    one = sandbox.add_schedule(ADDON, body())
    told = schedule(**SNAPSHOT, state="absent").result["schedule"]
    assert (told["id"], told["minute"], told["retention_time"]) == (one["id"], [30], 14)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no minute": ({"minute": None}, "minute is required with state=present and interval=daily"),
    "an empty minute": ({"minute": []}, "minute is required with state=present and interval=daily"),
    "minute 60": ({"minute": [0, 60]}, "minute must be from 0 to 59; got 60."),
    "minute -1": ({"minute": [-1]}, "minute must be from 0 to 59; got -1."),
    "a minute twice": ({"minute": [5, 10, 5]}, "minute must name each minute once only; got 5."),
    "a minute that is no number": ({"minute": ["noon"]}, "minute"),
    "no hour": ({"hour": None}, "hour is required with state=present and interval=daily"),
    "no hour, weekly": (
        {"interval": "weekly", "day": [1], "hour": None},
        "hour is required with state=present and interval=weekly",
    ),
    "hour 24": ({"hour": [24]}, "hour must be from 0 to 23; got 24."),
    "an hour twice": ({"hour": [2, 2]}, "hour must name each hour once only; got 2."),
    "hourly with an hour": ({"interval": "hourly"}, "hour cannot be used with interval=hourly; got [2]."),
    "hourly with no hours": (
        {"interval": "hourly", "hour": []},
        "hour cannot be used with interval=hourly; got [].",
    ),
    "daily with a day": ({"day": [0]}, "day cannot be used with interval=daily; got [0]."),
    "hourly with a day": (
        {"interval": "hourly", "hour": None, "day": [0]},
        "day cannot be used with interval=hourly; got [0].",
    ),
    "no day": ({"interval": "weekly"}, "day is required with state=present and interval=weekly"),
    "day 7": (
        {"interval": "weekly", "day": [7]},
        "day must be monday to sunday, mon to sun, or 0 to 6, where 0 is Monday; got 7.",
    ),
    "no name of a day": ({"interval": "weekly", "day": "mo"}, "mon to sun, or 0 to 6, where 0 is Monday; got 'mo'."),
    "true for a day": ({"interval": "weekly", "day": [True]}, "mon to sun, or 0 to 6, where 0 is Monday; got True."),
    "a day twice, by name": (
        {"interval": "weekly", "day": [0, "mon"]},
        "day must name each day once only; got 'mon'.",
    ),
    "a day twice": ({"interval": "weekly", "day": [1, 1]}, "day must name each day once only; got 1."),
    "no retention time": ({"retention_time": None}, "retention_time is required with state=present."),
    "retention time 0": ({"retention_time": 0}, "retention_time must be from 1 to 36500 days; got 0."),
    "retention time of a thousand years": (
        {"retention_time": 365_000},
        "retention_time must be from 1 to 36500 days; got 365000.",
    ),
    "too many hourly": (
        {"interval": "hourly", "hour": None, "retention_time": 21},
        "must not let more than 500 backups be made before the first one expires, and 24 a day for 21 days are 504",
    ),
    "too many daily": ({"hour": list(range(5)), "retention_time": 101}, "5 a day for 101 days are 505; got 101."),
    "too many weekly": (
        {"interval": "weekly", "day": list(range(7)), "minute": [0, 30], "hour": [1, 2, 3], "retention_time": 84},
        "42 a week for 84 days are 504; got 84.",
    ),
    "too many by a part of one": (
        {"interval": "weekly", "day": [0], "minute": [0, 30], "hour": list(range(24)), "retention_time": 73},
        "48 a week for 73 days are 500.571; got 73.",
    ),
    "compression of a snapshot": ({"compression_type": "gz"}, "compression_type can be used with backup_type=dump"),
    "destination of a snapshot": (
        {"custom_destination_id": "offsite-s3"},
        "custom_destination_id can be used with backup_type=dump only, not with snapshot; got 'offsite-s3'.",
    ),
    "no destination of a snapshot": (
        {"custom_destination_id": ""},
        "custom_destination_id can be used with backup_type=dump only, not with snapshot; got ''.",
    ),
    "copies of a dump": (
        {"backup_type": "dump", "additional_destinations": [{"destination_id": "offsite-s3"}]},
        "additional_destinations can be used with backup_type=snapshot only, not with dump",
    ),
    "a destination of two characters": (
        {"backup_type": "dump", "custom_destination_id": "s3"},
        "custom_destination_id must have 3 to 100 characters, not 2; got 's3'.",
    ),
    "a copy in a place of two characters": (
        {"additional_destinations": [{"destination_id": "s3"}]},
        "additional_destinations[0].destination_id must have 3 to 100 characters",
    ),
    "a copy twice": (
        {"additional_destinations": [{"destination_id": "offsite-s3"}, {"destination_id": "offsite-s3"}]},
        "additional_destinations[1].destination_id must name each destination once only; got 'offsite-s3'.",
    ),
    "two addons": ({"addon_id": "postgres-main,mysql-orders"}, "addon_id may hold only letters, digits and hyphens"),
    "no addon": ({"addon_id": " "}, "addon_id must not be empty."),
    "no interval": ({"interval": None}, "missing required arguments: interval"),
    "no type": ({"backup_type": None}, "missing required arguments: backup_type"),
    "yearly": ({"interval": "yearly"}, "value of interval must be one of: hourly, daily, weekly, got: yearly"),
}


@pytest.mark.parametrize(("changed", "words"), REFUSED.values(), ids=REFUSED)
def test_what_breaks_a_rule_is_refused_before_the_first_request(
    sandbox: Sandbox, schedule: Task, changed: dict[str, Any], words: str
) -> None:
    ran = schedule(**{**NIGHTLY, **changed})
    assert ran.failed
    assert words in ran.msg
    assert sandbox.requests == []


def copies(days: int) -> dict[str, Any]:
    return {"additional_destinations": [{"destination_id": "offsite-s3", "retention_time": days}]}


HOURLY: dict[str, Any] = {"interval": "hourly", "hour": None, "retention_time": 7}
WEEKLY: dict[str, Any] = {"interval": "weekly", "day": [1], "retention_time": 120}
# What some sources of the API forbid: the settings, the option, its days, and what these sources allow.
DOUBTFUL: dict[str, tuple[dict[str, Any], str, int, int]] = {
    "hourly": ({**HOURLY, "retention_time": 8}, "retention_time", 8, 7),
    "daily": ({"retention_time": 61}, "retention_time", 61, 60),
    "weekly": ({**WEEKLY, "retention_time": 121}, "retention_time", 121, 120),
    "hourly copies": ({**HOURLY, **copies(8)}, "additional_destinations[0].retention_time", 8, 7),
    "daily copies": (copies(61), "additional_destinations[0].retention_time", 61, 60),
    "weekly copies": ({**WEEKLY, **copies(121)}, "additional_destinations[0].retention_time", 121, 120),
}


@pytest.mark.parametrize(("changed", "option", "days", "longest"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_time_that_only_some_sources_forbid_is_left_to_the_api_with_a_warning(
    sandbox: Sandbox, schedule: Task, changed: dict[str, Any], option: str, days: int, longest: int
) -> None:
    wanted = {**NIGHTLY, **changed}
    planned = schedule(**wanted, _check_mode=True)
    ran = schedule(**wanted)
    for one in (planned, ran):
        (warning,) = one.warnings
        assert warning.startswith(f"{option} is {days} days.")
        assert f"at most {longest} days with interval={wanted['interval']}" in warning
    # It was sent, whatever this API says to it.
    assert len(sandbox.writes) == 1
    assert ran.failed == (sandbox.schedules(ADDON) == [])


@pytest.mark.parametrize("longest", [HOURLY, {"retention_time": 60, **copies(60)}, {**WEEKLY, **copies(120)}])
@pytest.mark.assume(optional_fields="present")
def test_a_time_that_all_sources_allow_brings_no_warning(schedule: Task, longest: dict[str, Any]) -> None:
    ran = schedule(**{**NIGHTLY, **longest})
    assert (ran.failed, [warning for warning in ran.warnings if "Some versions" in warning]) == (False, [])


LEFT_OUT: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "compression": ({**DUMPS, "compression_type": "zstd"}, {"backupCompressionType": None}, "compression_type"),
    "days of a copy": (
        {**NIGHTLY, **copies(9)},
        {"additionalDestinations": [{"destinationId": "offsite-s3", "type": "custom"}]},
        "additional_destinations[0].retention_time",
    ),
}


@pytest.mark.parametrize(("wanted", "told", "option"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_the_api_leaves_out_is_no_reason_to_replace_a_schedule_at_each_run(
    sandbox: Sandbox, schedule: Task, wanted: dict[str, Any], told: dict[str, Any], option: str
) -> None:
    assert schedule(**wanted).changed
    (one,) = sandbox.schedules(ADDON)
    sandbox.clear_log()
    sandbox.fault(READ(kind="wrong-type", body=shown({**one, **told})))
    ran = schedule(**wanted)
    assert (ran.failed, ran.changed) == (False, False), ran.result
    (warning,) = ran.warnings
    assert warning.startswith(f"The API does not show {option} of the daily")
    assert sandbox.writes == []


@pytest.mark.parametrize("option", ["minute", "hour", "retention_time", "day", *("compression_type",)])
def test_absent_takes_interval_and_type_only(sandbox: Sandbox, schedule: Task, option: str) -> None:
    given = {**NIGHTLY, "day": [1], "compression_type": "gz"}[option]
    ran = schedule(**SNAPSHOT, state="absent", **{option: given})
    assert ran.failed
    assert ran.msg == f"{option} can be used with state=present only, not with absent; got {given!r}."
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"interval": "hourly", "hour": None, "retention_time": 20, "minute": [59]},
        {"hour": list(range(24)), "minute": [0], "retention_time": 20},
        {"minute": [0], "hour": [0, 23], "retention_time": 120},
        {"interval": "weekly", "day": [0, 6], "minute": [0, 59], "retention_time": 120},
        {"additional_destinations": [{"destination_id": "offsite-s3", "retention_time": 60}]},
    ],
)
@pytest.mark.assume(retention_limits="120")
def test_what_just_keeps_the_rules_is_taken_by_the_api_as_well(schedule: Task, arguments: dict[str, Any]) -> None:
    """The sources of the limits differ. Here, the API has the longest that one of them knows."""
    ran = schedule(**{**NIGHTLY, **arguments})
    assert (ran.failed, ran.changed) == (False, True), ran.result
