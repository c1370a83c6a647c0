# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: answers that no API should give, what is listed, and the examples."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_schedule, addon_backup_schedule_info

from sandbox import Sandbox
from sandbox.schedules import schedule_id

from ..conftest import ADDON, Task
from ..task.test_examples import examples
from .conftest import MODULE, NIGHTLY, READ, SNAPSHOT, SOON, body, shown


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
