# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: what is decided, what is refused, and that no addon loses its schedule by a change that did not work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_schedule, addon_backup_schedule_info

import harness
from sandbox import Fault, Sandbox, VirtualClock
from sandbox.schedules import schedule_id

from ..conftest import ADDON, Task
from ..task.test_examples import examples

SNAPSHOT: dict[str, Any] = {"interval": "daily", "backup_type": "snapshot"}
NIGHTLY: dict[str, Any] = {**SNAPSHOT, "hour": [2], "minute": [30], "retention_time": 14}
DUMPS: dict[str, Any] = {**NIGHTLY, "backup_type": "dump"}
SOON: dict[str, Any] = {**NIGHTLY, "minute": [45]}
MODULE = "northflank.cloud.addon_backup_schedule"


def body(**other: Any) -> dict[str, Any]:
    """What NIGHTLY comes to at the API."""
    scheduling = {"interval": "daily", "hour": [2], "minute": [30], **other.pop("scheduling", {})}
    return {"scheduling": scheduling, "backupType": "snapshot", "retentionTime": 14, **other}


def copy(destination: str = "offsite-s3", **other: Any) -> dict[str, Any]:
    return {"destinationId": destination, "type": "custom", **other}


def held(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The addon's schedules without what the API gives them."""
    given = {"id", "createdAt", "updatedAt"}
    return [{key: one[key] for key in one if key not in given} for one in sandbox.schedules(ADDON)]


def methods(sandbox: Sandbox) -> list[str]:
    return [request.method for request in sandbox.requests]


@pytest.fixture
def schedule(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run addon_backup_schedule for the first addon; arguments as in a playbook."""
    return partial(harness.run_task, addon_backup_schedule, sandbox, clock, addon_id=ADDON)


@pytest.fixture
def info(sandbox: Sandbox, clock: VirtualClock) -> Task:
    return partial(harness.run_task, addon_backup_schedule_info, sandbox, clock, addon_id=ADDON)


def shown(*schedules: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"schedules": list(schedules)}, "pagination": {"hasNextPage": False, "count": len(schedules)}}


def in_between(sandbox: Sandbox, clock: VirtualClock, method: str, act: Callable[[], object], turn: int = 1) -> Task:
    """Run the task, and let somebody else act just before it sends a request of this method."""

    def run(**arguments: Any) -> harness.Ran:
        barrier = sandbox.hold(method, r"/backup-schedules", turn=turn)

        def somebody() -> None:
            barrier.reached.wait(10)
            act()
            barrier.release()

        other = threading.Thread(target=somebody)
        other.start()
        ran = harness.run_task(addon_backup_schedule, sandbox, clock, addon_id=ADDON, **arguments)
        other.join()
        return ran

    return run


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


# Answers that are lost.

LOST = ["reset", "close", "500", "502", "503", "504", "cut", "garbage", "empty", "wrong-type"]
CREATE = partial(Fault, method="POST", path=r"/backup-schedules$")
DELETE = partial(Fault, method="DELETE", path=r"/backup-schedules/[^/]+$")
READ = partial(Fault, method="GET", path=r"/backup-schedules$")
WHEN = ["before", "after"]


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("kind", LOST)
def test_a_creation_whose_answer_is_lost_leaves_exactly_one(
    sandbox: Sandbox, schedule: Task, kind: str, when: str
) -> None:
    sandbox.fault(CREATE(kind=kind, when=when))
    ran = schedule(**NIGHTLY)
    assert not ran.failed, ran.result
    (one,) = sandbox.schedules(ADDON)
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "created")
    assert ran.result["schedule"]["id"] == one["id"]
    assert len(sandbox.writes) == (1 if when == "after" else 2)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("request_", ["read", "delete", "create", "look"])
@pytest.mark.parametrize("kind", LOST)
def test_a_replacement_survives_any_answer_that_is_lost(
    sandbox: Sandbox, schedule: Task, kind: str, request_: str, when: str
) -> None:
    old = sandbox.add_schedule(ADDON, body())
    fault = {"read": READ(turn=1, kind=kind, when=when), "look": READ(turn=2, kind=kind, when=when)}
    fault |= {"delete": DELETE(kind=kind, when=when), "create": CREATE(kind=kind, when=when)}
    sandbox.fault(fault[request_])
    ran = schedule(**SOON)
    assert held(sandbox) in ([body(scheduling={"minute": [45]})], [body()])
    if ran.failed:
        # A listing that makes no sense is an answer, and is not asked for again.
        assert (kind, request_) == ("wrong-type", "read")
        assert "Nothing was started or changed" in ran.msg
        assert [one["id"] for one in sandbox.schedules(ADDON)] == [old["id"]]
        return
    (one,) = sandbox.schedules(ADDON)
    assert one["scheduling"]["minute"] == [45]
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert ran.result["schedule"]["minute"] == [45]
    assert sorted(act.what for act in sandbox.acts) == ["schedule", "unschedule"]


@pytest.mark.parametrize("delay", [1.0, 20.0, 55.0])
@pytest.mark.parametrize("fault", [CREATE, DELETE], ids=["create", "delete"])
def test_what_takes_effect_late_is_not_done_twice(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task, fault: Callable[..., Fault], delay: float
) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(fault(kind="late-commit", when="before", delay=delay))
    ran = schedule(**SOON)
    assert not ran.failed, ran.result
    clock.advance(300)
    assert held(sandbox) == [body(scheduling={"minute": [45]})]
    assert ran.result["schedule"]["id"] == sandbox.schedules(ADDON)[0]["id"]


def test_a_creation_that_takes_effect_later_than_it_is_looked_for_is_still_the_only_one(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task
) -> None:
    """The API takes one of each interval and type, so the late one is refused."""
    sandbox.fault(CREATE(kind="late-commit", when="before", delay=200.0))
    assert not schedule(**NIGHTLY).failed
    clock.advance(300)
    assert held(sandbox) == [body()]


def test_a_second_request_that_is_refused_because_the_first_has_worked_is_understood(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    """It takes effect between the last look and the second request."""
    sandbox.fault(CREATE(kind="503", when="before"))
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, body()), turn=2)
    ran = task(**NIGHTLY)
    assert not ran.failed, ran.result
    assert ran.changed
    assert len(sandbox.writes) == 2
    assert held(sandbox) == [body()]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_nothing_that_can_be_known_is_left_out_where_no_answer_comes_at_all(
    sandbox: Sandbox, schedule: Task, state: str
) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(DELETE(kind="504", when="before", times=None))
    ran = schedule(**SNAPSHOT, state="absent") if state == "absent" else schedule(**SOON)
    assert ran.failed
    assert ran.changed
    assert held(sandbox) == [body()]
    assert "Run the same task again" in ran.msg
    if state == "present":
        assert (
            "It is not known whether the old daily snapshot schedule of addon postgres-main is still there" in ran.msg
        )
        assert pasted(ran.msg) == {"project_id": "default-project", "addon_id": ADDON, **NIGHTLY}


def test_a_creation_without_any_answer_fails_and_claims_nothing(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.fault(CREATE(kind="504", when="before", times=None))
    ran = schedule(**NIGHTLY)
    assert ran.failed
    assert (ran.changed, ran.result["schedule"]["action"], "id" in ran.result["schedule"]) == (True, "none", False)
    assert "It is not known whether the daily snapshot schedule of addon postgres-main was created" in ran.msg
    assert len(sandbox.writes) == 2


def test_a_schedule_that_was_created_and_cannot_be_read_is_there(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.fault(READ(turn=2, times=None, kind="503", when="before"))
    ran = schedule(**NIGHTLY, api_retries=1)
    assert not ran.failed, ran.result
    (one,) = sandbox.schedules(ADDON)
    told = ran.result["schedule"]
    assert (told["id"], told["created_at"], told["minute"]) == (one["id"], None, [30])


# The new one is refused.


def pasted(message: str) -> dict[str, Any]:
    """The task that a message holds, as a user pastes it into a playbook."""
    (task,) = yaml.safe_load(message[message.index("- {") :])
    arguments: dict[str, Any] = task[MODULE]
    return arguments


NOWHERE = {**DUMPS, "custom_destination_id": "nowhere"}
FULL = body(backupType="dump", compressionType="zstd", customDestinationId="offsite-s3", scheduling={"minute": [5, 7]})
FULL_HELD = {**{key: FULL[key] for key in FULL if key != "compressionType"}, "backupCompressionType": "zstd"}


@pytest.mark.assume(optional_fields="present")
def test_when_the_new_one_is_refused_the_old_one_is_put_back(sandbox: Sandbox, schedule: Task) -> None:
    old = sandbox.add_schedule(ADDON, FULL)
    ran = schedule(**NOWHERE, _diff=True)
    assert ran.failed
    assert held(sandbox) == [FULL_HELD]
    (back,) = sandbox.schedules(ADDON)
    told = ran.result["schedule"]
    assert (ran.changed, told["action"], told["id"]) == (True, "put_back", back["id"])
    assert f"The old one was created again as it was (ID {back['id']}, before {old['id']})" in ran.msg
    assert 'There is no backup destination "nowhere"' in ran.msg
    assert "Addon postgres-main exists" in ran.msg
    assert MODULE not in ran.msg
    assert ran.result["diff"]["before"] == ran.result["diff"]["after"]
    assert [write.method for write in sandbox.writes] == ["DELETE", "POST", "POST"]


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.assume(optional_fields="present")
def test_the_old_one_is_put_back_also_when_that_answer_is_lost(
    sandbox: Sandbox, schedule: Task, kind: str, when: str
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    sandbox.fault(CREATE(turn=2, kind=kind, when=when))
    ran = schedule(**NOWHERE)
    assert ran.failed
    assert held(sandbox) == [FULL_HELD]
    assert ran.result["schedule"]["action"] == "put_back"
    assert "was put back" in ran.msg


@pytest.mark.assume(optional_fields="present")
def test_when_it_is_not_known_whether_the_new_one_was_created_the_old_one_is_put_back(
    sandbox: Sandbox, schedule: Task
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    sandbox.fault(CREATE(times=2, kind="504", when="before"))
    ran = schedule(**DUMPS)
    assert ran.failed
    assert held(sandbox) == [FULL_HELD]
    assert ran.result["schedule"]["action"] == "put_back"
    assert "the request was sent twice" in ran.msg


def test_a_new_one_that_comes_late_is_found_when_the_old_one_is_to_be_put_back(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task
) -> None:
    sandbox.add_schedule(ADDON, body())
    # Of three requests, the first takes effect after the second was given up, while the third is under way.
    sandbox.fault(CREATE(turn=1, kind="late-commit", when="before", delay=121.0))
    sandbox.fault(CREATE(turn=2, kind="504", when="before"))
    sandbox.fault(CREATE(turn=3, kind="504", when="before"))
    ran = schedule(**SOON)
    assert not ran.failed, ran.result
    assert held(sandbox) == [body(scheduling={"minute": [45]})]
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert clock.monotonic() > 120


@pytest.mark.parametrize("kind", ["redirect", "504"])
@pytest.mark.assume(optional_fields="present")
def test_when_the_old_one_cannot_be_put_back_the_message_holds_it_whole(
    sandbox: Sandbox, schedule: Task, kind: str
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    sandbox.fault(CREATE(times=None, kind=kind, when="before"))
    ran = schedule(**DUMPS)
    assert ran.failed
    assert (ran.changed, "id" in ran.result["schedule"], sandbox.schedules(ADDON)) == (True, False, [])
    assert "may be gone" in ran.msg
    assert "The attempt to restore the old one failed, too" in ran.msg
    assert "addon_backup_schedule_info -a 'project_id=default-project addon_id=postgres-main'" in ran.msg
    # Pasted, it makes what was there.
    sandbox.clear_faults()
    made = schedule(**pasted(ran.msg))
    assert not made.failed, made.result
    assert held(sandbox) == [FULL_HELD]


@pytest.mark.assume(optional_fields="present")
def test_the_task_in_the_message_holds_copies_too(sandbox: Sandbox, schedule: Task) -> None:
    old = body(additionalDestinations=[copy(retentionTime=3), copy("example-destination")])
    sandbox.add_schedule(ADDON, old)
    sandbox.fault(CREATE(times=None, kind="redirect", when="before"))
    ran = schedule(**SOON)
    assert '"' not in ran.msg[ran.msg.index("- {") :]
    sandbox.clear_faults()
    assert not schedule(**pasted(ran.msg)).failed
    assert held(sandbox) == [old]


@pytest.mark.assume(optional_fields="present")
def test_a_late_new_one_is_not_taken_for_an_old_one_of_which_less_is_known(sandbox: Sandbox, schedule: Task) -> None:
    """As before, but the API has not told how the old one compresses, so that less tells it from the new one."""
    old = sandbox.add_schedule(ADDON, body(backupType="dump"))
    sandbox.fault(READ(kind="wrong-type", body=shown({key: old[key] for key in old if key != "backupCompressionType"})))
    sandbox.fault(CREATE(turn=1, kind="late-commit", when="before", delay=121.0))
    sandbox.fault(CREATE(turn=2, times=2, kind="504", when="before"))
    ran = schedule(**{**DUMPS, "minute": [45]}, compression_type="zstd")
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert ran.result["schedule"]["minute"] == [45]
    assert ran.result["schedule"]["compression_type"] == "zstd"


@pytest.mark.parametrize(
    ("kind", "words"), [("redirect", "the API never redirects"), ("504", "it shows no effect yet"), (None, "")]
)
def test_an_old_one_that_is_still_there_is_not_said_to_be_gone(
    sandbox: Sandbox, schedule: Task, kind: str | None, words: str
) -> None:
    """Nor is it taken for the new one, or for another user's, also where only the API's refusal tells of it."""
    old = sandbox.add_schedule(ADDON, body())
    sandbox.fault(DELETE(kind="wrong-type", body={"data": {}}, when="before"))
    if kind is not None:
        sandbox.fault(CREATE(kind=kind, when="before"))
    ran = schedule(**SOON)
    assert ran.failed
    assert (ran.changed, ran.result["schedule"]["id"]) == (True, old["id"])
    assert "answered that the daily snapshot schedule of addon postgres-main was deleted, but still lists it" in ran.msg
    assert pasted(ran.msg)["minute"] == [30]
    assert words in ran.msg
    assert held(sandbox) == [body()]


def test_a_fault_of_the_program_itself_does_not_hide_the_old_one(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(CREATE(kind="503", when="before"))

    def broken(_seconds: float) -> None:
        raise RuntimeError("nobody thought of this")

    ran = harness.run_task(addon_backup_schedule, sandbox, clock, on_sleep=broken, addon_id=ADDON, **SOON)
    assert ran.failed
    assert ran.changed
    assert "Please report this" in ran.msg
    assert pasted(ran.msg)["minute"] == [30]


def test_a_second_request_that_is_refused_for_another_reason_is_told(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.fault(CREATE(turn=1, kind="503", when="before"))
    sandbox.fault(CREATE(turn=2, kind="403"))
    ran = schedule(**NIGHTLY)
    assert ran.failed
    assert ran.changed
    assert "It is not known whether" in ran.msg
    assert "HTTP 403" in ran.msg
    assert "it shows no effect yet" not in ran.msg


def test_a_token_that_may_only_read_deletes_nothing(sandbox: Sandbox, schedule: Task) -> None:
    old = sandbox.add_schedule(ADDON, body())
    ran = schedule(**SOON, api_token=sandbox.read_token)
    assert ran.failed
    assert not ran.changed
    assert "Project > Addons > General > Update" in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert MODULE not in ran.msg
    assert ran.result["schedule"]["id"] == old["id"]
    assert held(sandbox) == [body()]


def test_a_new_one_that_is_refused_where_there_was_none_changes_nothing(sandbox: Sandbox, schedule: Task) -> None:
    ran = schedule(**NOWHERE)
    assert ran.failed
    assert not ran.changed
    assert 'There is no backup destination "nowhere"' in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert sandbox.schedules(ADDON) == []
    # Only a conflict is a reason to look for what is in the way.
    after = sandbox.requests[methods(sandbox).index("POST") + 1 :]
    assert [request.path for request in after if request.path.endswith("/backup-schedules")] == []


# Other users.


THEIRS = body(retentionTime=59)


def test_another_user_creates_the_same_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, body()))
    ran = task(**NIGHTLY)
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (False, "none")
    assert held(sandbox) == [body()]


def test_another_user_creates_another_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))
    ran = task(**NIGHTLY)
    assert ran.failed
    assert not ran.changed
    assert "Somebody else created another daily snapshot schedule of addon postgres-main at the same time" in ran.msg
    assert ran.result["schedule"]["retention_time"] == 59
    assert held(sandbox) == [THEIRS]


def test_what_is_found_after_a_lost_answer_may_be_another_users(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.fault(CREATE(kind="504", when="before"))
    ran = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))(**NIGHTLY)
    assert ran.failed
    assert "Somebody else created another daily snapshot schedule of addon postgres-main at the same time" in ran.msg
    assert held(sandbox) == [THEIRS]
    assert methods(sandbox).count("POST") == 1


def test_another_user_creates_another_one_while_the_old_one_is_deleted(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_schedule(ADDON, body())
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))
    ran = task(**SOON)
    assert ran.failed
    assert ran.changed
    assert held(sandbox) == [THEIRS]
    assert pasted(ran.msg)["minute"] == [30]


def test_another_user_replaces_the_old_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())

    def replace() -> None:
        sandbox.remove_schedule(ADDON, old["id"])
        sandbox.add_schedule(ADDON, THEIRS)

    ran = in_between(sandbox, clock, "DELETE", replace)(**SOON)
    assert ran.failed
    assert not ran.changed
    assert held(sandbox) == [THEIRS]
    assert sandbox.acts == []


def test_another_user_makes_the_same_change_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())

    def replace() -> None:
        sandbox.remove_schedule(ADDON, old["id"])
        sandbox.add_schedule(ADDON, body(scheduling={"minute": [45]}))

    ran = in_between(sandbox, clock, "DELETE", replace)(**SOON)
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (False, "none")


def test_another_user_deletes_the_old_one_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())
    task = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))
    ran = task(**SOON)
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert held(sandbox) == [body(scheduling={"minute": [45]})]


def test_what_another_user_has_deleted_is_not_put_back(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, FULL)
    ran = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))(**NOWHERE)
    assert ran.failed
    assert not ran.changed
    assert "Somebody else deleted the daily dump schedule" in ran.msg
    assert pasted(ran.msg)["minute"] == [5, 7]
    assert sandbox.schedules(ADDON) == []


def test_another_user_creates_one_before_the_old_one_can_be_put_back(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_schedule(ADDON, FULL)
    theirs = body(backupType="dump", retentionTime=59)
    ran = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, theirs), turn=2)(**NOWHERE)
    assert ran.failed
    assert ran.changed
    assert held(sandbox) == [{**theirs, "backupCompressionType": "gz"}]
    assert "Somebody else created another daily dump schedule" in ran.msg
    assert 'There is no backup destination "nowhere"' in ran.msg
    assert pasted(ran.msg)["minute"] == [5, 7]


def test_what_another_user_has_deleted_is_not_put_back_when_the_answer_is_lost(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    old = sandbox.add_schedule(ADDON, body())
    sandbox.fault(CREATE(times=None, kind="504", when="before"))
    ran = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))(**SOON)
    assert ran.failed
    assert ran.changed
    assert "It is not known whether the daily snapshot schedule of addon postgres-main was created" in ran.msg
    assert pasted(ran.msg)["minute"] == [30]
    assert [write.method for write in sandbox.writes] == ["DELETE", "POST", "POST"]


@pytest.mark.assume(schedules_per_addon="interval_and_type")
def test_another_one_that_is_in_the_way_and_cannot_be_read_changes_nothing(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    sandbox.fault(READ(turn=2, kind="503", when="before"))
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, THEIRS))
    ran = task(**NIGHTLY, api_retries=0)
    assert ran.failed
    assert not ran.changed
    assert "already has a daily snapshot schedule" in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert held(sandbox) == [THEIRS]


def test_another_user_deletes_what_is_to_be_absent_first(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_schedule(ADDON, body())
    task = in_between(sandbox, clock, "DELETE", lambda: sandbox.remove_schedule(ADDON, old["id"]))
    ran = task(**SNAPSHOT, state="absent")
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (False, "none")


def test_a_deletion_that_was_lost_never_hits_the_one_that_another_user_has_created(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(DELETE(kind="reset", when="after"))
    done: list[dict[str, Any]] = []

    def somebody(_seconds: float) -> None:
        if not done:
            done.append(sandbox.add_schedule(ADDON, THEIRS))

    ran = harness.run_task(
        addon_backup_schedule, sandbox, clock, on_sleep=somebody, addon_id=ADDON, **SNAPSHOT, state="absent"
    )
    assert not ran.failed, ran.result
    assert held(sandbox) == [THEIRS]
    assert sum(write.method == "DELETE" for write in sandbox.writes) == 1


# The request limit.


def test_a_replacement_does_not_begin_when_it_might_not_end(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task
) -> None:
    sandbox.add_schedule(ADDON, body())
    schedule(**NIGHTLY)
    sandbox.clear_log()
    sandbox.set_rate(remaining=12)
    ran = schedule(**SOON)
    assert ran.failed
    assert not ran.changed
    assert "Only 11 requests are left in this hour, and 12 may be needed" in ran.msg
    assert "Nothing was changed. Run the task again in 36" in ran.msg
    assert methods(sandbox) == ["GET"]
    clock.advance(3590)
    ran = schedule(**SOON)
    assert (ran.failed, ran.changed) == (False, True), ran.result


def test_with_just_enough_requests_it_begins(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.add_schedule(ADDON, body())
    schedule(**NIGHTLY)
    sandbox.set_rate(remaining=13)
    ran = schedule(**SOON)
    assert (ran.failed, ran.changed) == (False, True), ran.result


def test_a_new_schedule_takes_no_such_care(sandbox: Sandbox, schedule: Task) -> None:
    schedule(**NIGHTLY, _check_mode=True)
    sandbox.set_rate(remaining=3)
    assert not schedule(**NIGHTLY).failed


@pytest.mark.parametrize("turn", [1, 2], ids=["creating", "putting back"])
def test_where_others_use_up_the_requests_it_waits_rather_than_leave_the_addon_without_a_schedule(
    sandbox: Sandbox, clock: VirtualClock, turn: int
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    began = clock.monotonic()
    task = in_between(sandbox, clock, "POST", lambda: sandbox.set_rate(remaining=0), turn)
    ran = task(**(DUMPS if turn == 1 else NOWHERE))
    assert len(sandbox.schedules(ADDON)) == 1
    assert ran.result["schedule"]["action"] == ("replaced" if turn == 1 else "put_back"), ran.result
    assert 3500 < clock.monotonic() - began < 3700


# Answers that no API should give.


def test_two_of_a_kind_are_an_error_that_names_them(sandbox: Sandbox, schedule: Task) -> None:
    one = sandbox.add_schedule(ADDON, body())
    sandbox.fault(READ(kind="wrong-type", body=shown(one, {**one, "id": "another"})))
    ran = schedule(**SOON)
    assert ran.failed
    assert not ran.changed
    assert (
        f"Addon postgres-main has 2 daily snapshot schedules (ID {one['id']}, another), but may have only one"
        in ran.msg
    )
    assert sandbox.writes == []


def test_a_schedule_that_the_api_shows_otherwise_than_it_was_asked_for_is_told(
    sandbox: Sandbox, schedule: Task
) -> None:
    one = {**body(retentionTime=13), "id": schedule_id(1), "createdAt": "2026-03-01T12:00:00.000Z"}
    ran = schedule(**NIGHTLY)
    sandbox.remove_schedule(ADDON, ran.result["schedule"]["id"])
    # The next record of any kind is the schedule that the task creates.
    new_id = schedule_id(sandbox.world.number() + 1)
    sandbox.fault(READ(turn=2, kind="wrong-type", body=shown(one, {**one, "id": new_id})))
    ran = schedule(**NIGHTLY)
    assert not ran.failed, ran.result
    assert ran.result["schedule"]["retention_time"] == 13
    assert any("with settings that differ from the request" in warning for warning in ran.warnings)


def test_what_this_version_does_not_know_is_shown(sandbox: Sandbox, schedule: Task) -> None:
    one = sandbox.add_schedule(ADDON, body())
    odd = {**one, "pitrWindow": 3, "scheduling": {**one["scheduling"], "timeZone": "UTC"}, "accessToken": "secret-x"}
    sandbox.fault(READ(kind="wrong-type", body=shown(odd)))
    ran = schedule(**NIGHTLY)
    assert (ran.changed, ran.warnings) == (False, [])
    assert (ran.result["schedule"]["pitr_window"], ran.result["schedule"]["scheduling"]) == (3, {"time_zone": "UTC"})
    assert "secret-x" not in repr(ran.result)


# Another interval each time, as Ansible says the same warning once only in a process.
@pytest.mark.parametrize(("interval", "check"), [("daily", True), ("weekly", False)])
def test_what_this_version_does_not_know_is_warned_of_where_it_would_be_lost(
    sandbox: Sandbox, schedule: Task, interval: str, check: bool
) -> None:
    days = {"day": [1]} if interval == "weekly" else {}
    one = sandbox.add_schedule(ADDON, body(scheduling={"interval": interval, **days}))
    odd = {**one, "pitrWindow": 3, "scheduling": {**one["scheduling"], "timeZone": "UTC"}}
    sandbox.fault(READ(kind="wrong-type", body=shown(odd)))
    ran = schedule(**{**SOON, **days, "interval": interval}, _check_mode=check)
    assert ran.changed
    assert any("(pitr_window, scheduling)" in warning for warning in ran.warnings), ran.warnings


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no ID": ({"id": None}, "id is missing or not text"),
    "no type": ({"backupType": 3}, "backupType is missing or not text"),
    "no times": ({"scheduling": None}, "a schedule's scheduling is not an object"),
    "no interval": ({"scheduling": {"minute": [0]}}, "interval is missing or not text"),
    "no minute": ({"scheduling": {"interval": "daily"}}, "a schedule has no minute"),
    "a minute that is text": (
        {"scheduling": {"interval": "daily", "minute": ["0"]}},
        "minute is missing or not a whole",
    ),
    "hours that are none": ({"scheduling": {"interval": "daily", "minute": [0], "hour": 3}}, "hour is not a list"),
    "true days": ({"retentionTime": True}, "retentionTime is missing or not a whole number"),
    "copies that are none": ({"additionalDestinations": "x"}, "additionalDestinations is not a list"),
    "a copy that is none": ({"additionalDestinations": ["x"]}, "an additional destination is not an object"),
    "a copy to nowhere": ({"additionalDestinations": [{}]}, "destinationId is missing or not text"),
    "a destination that is none": ({"customDestinationId": 3}, "customDestinationId is missing or not text"),
    "a compression that is none": ({"backupCompressionType": 3}, "backupCompressionType is missing or not text"),
}


@pytest.mark.parametrize(("broken", "words"), BROKEN.values(), ids=BROKEN)
def test_an_answer_that_breaks_the_contract_is_not_acted_upon(
    sandbox: Sandbox, schedule: Task, broken: dict[str, Any], words: str
) -> None:
    one = sandbox.add_schedule(ADDON, body())
    sandbox.fault(READ(kind="wrong-type", body=shown({**one, **broken})))
    ran = schedule(**SOON)
    assert ran.failed
    assert not ran.changed
    assert words in ran.msg
    assert sandbox.writes == []


def test_an_addon_that_does_not_exist_is_told_with_the_nearest_one(schedule: Task, info: Task) -> None:
    for ran in (
        schedule(**{**NIGHTLY, "addon_id": "postgres-mian"}),
        schedule(**SNAPSHOT, state="absent", addon_id="postgres-mian"),
        info(addon_id="postgres-mian"),
    ):
        assert ran.failed
        assert "Did you mean 'postgres-main'?" in ran.msg


# Reading.


@pytest.mark.assume(schedules_per_addon="interval_and_type")
def test_info_lists_what_fits_sorted(sandbox: Sandbox, info: Task) -> None:
    hourly = {"scheduling": {"interval": "hourly", "minute": [0]}, "backupType": "snapshot", "retentionTime": 2}
    weekly = body(scheduling={"interval": "weekly", "day": [6, 0]})
    for addon_id in (ADDON, "mysql-orders"):
        for request in (weekly, body(), body(backupType="dump"), hourly):
            sandbox.add_schedule(addon_id, request)

    def listed(**arguments: Any) -> list[tuple[str, str, str]]:
        ran = info(**arguments)
        assert (ran.failed, ran.changed) == (False, False)
        return [(one["addon_id"], one["interval"], one["backup_type"]) for one in ran.result["schedules"]]

    kinds = [("hourly", "snapshot"), ("daily", "dump"), ("daily", "snapshot"), ("weekly", "snapshot")]
    assert listed(addon_id=["mysql-orders", ADDON]) == [
        (addon_id, *kind) for addon_id in ("mysql-orders", ADDON) for kind in kinds
    ]
    assert listed(interval="daily") == [(ADDON, "daily", "dump"), (ADDON, "daily", "snapshot")]
    assert listed(backup_type="dump") == [(ADDON, "daily", "dump")]
    assert listed(backup_type="dump", interval="weekly") == []
    assert listed(addon_id="mongo-events") == []
    assert info(interval="weekly").result["schedules"][0]["day"] == [0, 6]
    assert sandbox.writes == []


EXAMPLES = [
    *examples(addon_backup_schedule.EXAMPLES, MODULE),
    *examples(addon_backup_schedule_info.EXAMPLES, f"{MODULE}_info"),
]


@pytest.mark.parametrize(("_title", "arguments"), EXAMPLES, ids=[title for title, _arguments in EXAMPLES])
def test_the_example_works(
    sandbox: Sandbox, schedule: Task, info: Task, _title: str, arguments: dict[str, Any]
) -> None:
    if "backup_type" not in arguments:
        assert not info(**arguments).failed
        return
    if arguments.get("state") == "absent":
        hourly = {"scheduling": {"interval": "hourly", "minute": [0]}, "backupType": "snapshot", "retentionTime": 2}
        sandbox.add_schedule(ADDON, hourly)
    ran = schedule(**arguments)
    assert (ran.failed, ran.changed) == (False, True), ran.result
