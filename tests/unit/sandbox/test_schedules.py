# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: what may be created, once, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox import VirtualClock

if TYPE_CHECKING:
    from .conftest import Api

SCHEDULES = "addons/postgres-main/backup-schedules"
HOURLY = {"interval": "hourly", "minute": [15]}
DAILY = {"interval": "daily", "minute": [0, 30], "hour": [3]}
WEEKLY = {"interval": "weekly", "minute": [0], "hour": [3], "day": [0, 6]}


def request(scheduling: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"backupType": "snapshot", "retentionTime": 7, "scheduling": scheduling, **other}


def copies(days: int) -> list[dict[str, Any]]:
    return [{"destinationId": "offsite-s3", "type": "custom", "retentionTime": days}]


@pytest.mark.parametrize("scheduling", [HOURLY, DAILY, WEEKLY])
def test_a_schedule_is_created_shown_and_deleted(clock: VirtualClock, api: Api, scheduling: dict[str, Any]) -> None:
    clock.advance(60)
    body = request(scheduling, backupType="dump", compressionType="zstd", customDestinationId="offsite-s3")
    schedule_id = api.post(SCHEDULES, body).json()["data"]["id"]
    assert api.get(SCHEDULES).json()["data"]["schedules"] == [
        {
            "id": schedule_id,
            "backupType": "dump",
            "backupCompressionType": "zstd",
            "customDestinationId": "offsite-s3",
            "scheduling": scheduling,
            "retentionTime": 7,
            "createdAt": "2026-03-01T12:01:00.000Z",
            "updatedAt": "2026-03-01T12:01:00.000Z",
        }
    ]
    assert api.delete(f"{SCHEDULES}/{schedule_id}").json() == {"data": {}}
    assert api.delete(f"{SCHEDULES}/{schedule_id}").json()["error"]["id"] == "schedule_not_found"
    assert api.get(SCHEDULES).json()["data"]["schedules"] == []


def test_there_is_one_of_each_interval_and_type(api: Api) -> None:
    assert api.post(SCHEDULES, request(DAILY)).status_code == 200
    assert api.post(SCHEDULES, request(DAILY, backupType="dump")).status_code == 200
    assert api.post(SCHEDULES, request(HOURLY)).status_code == 200
    again = api.post(SCHEDULES, request({**DAILY, "hour": [5]}))
    assert (again.status_code, again.json()["error"]["id"]) == (409, "schedule_exists")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"backupType": "snapshot", "scheduling": DAILY}, "retentionTime"),
        (request({"interval": "yearly", "minute": [0]}), "scheduling.interval"),
        (request({**HOURLY, "minute": [60]}), "scheduling.minute.0"),
        (request({**HOURLY, "minute": []}), "scheduling.minute"),
        (request({**HOURLY, "hour": [3]}), "scheduling.hour"),
        (request({**HOURLY, "day": [3]}), "scheduling.day"),
        (request({"interval": "daily", "minute": [0]}), "scheduling.hour"),
        (request({**DAILY, "day": [1]}), "scheduling.day"),
        (request({"interval": "weekly", "minute": [0], "hour": [3]}), "scheduling.day"),
        (request({"interval": "weekly", "minute": [0], "day": [3]}), "scheduling.hour"),
        (request({**DAILY, "minute": [0, 0]}), "scheduling.minute"),
        (request({**DAILY, "hour": [3, 3]}), "scheduling.hour"),
        (request({**WEEKLY, "day": [6, 6]}), "scheduling.day"),
        (request({**DAILY, "second": [1]}), "scheduling.second"),
        (request(DAILY, surprise=1), "surprise"),
        (request({**WEEKLY, "day": [7]}), "scheduling.day.0"),
        (request(DAILY, retentionTime=121), "retentionTime"),
        (request(DAILY, compressionType="gz"), "compressionType"),
        (request(DAILY, customDestinationId="offsite-s3"), "customDestinationId"),
        (request(DAILY, backupType="dump", additionalDestinations=copies(1)), "additionalDestinations"),
        (request(HOURLY, additionalDestinations=copies(8)), "additionalDestinations.0.retentionTime"),
        (request(DAILY, additionalDestinations=copies(61)), "additionalDestinations.0.retentionTime"),
        (request(HOURLY, retentionTime=8), "retentionTime"),
        (request({**HOURLY, "minute": [0, 15, 30, 45]}, retentionTime=6), "retentionTime"),
        (request(DAILY, retentionTime=61), "retentionTime"),
        (request({**DAILY, "hour": list(range(24))}, retentionTime=11), "retentionTime"),
    ],
)
def test_a_schedule_that_breaks_a_rule_is_refused(api: Api, body: dict[str, Any], path: str) -> None:
    answer = api.post(SCHEDULES, body)
    assert answer.status_code == 400
    assert path in answer.json()["error"]["details"]
    assert api.get(SCHEDULES).json()["data"]["schedules"] == []


@pytest.mark.parametrize(
    "body",
    [
        request(HOURLY, retentionTime=7, additionalDestinations=copies(7)),
        request(DAILY, retentionTime=60, additionalDestinations=copies(60)),
        request(WEEKLY, retentionTime=120, additionalDestinations=copies(120)),
        request({**DAILY, "minute": [0], "hour": list(range(8))}, retentionTime=60),
    ],
)
def test_what_just_keeps_the_rules_is_taken(api: Api, body: dict[str, Any]) -> None:
    assert api.post(SCHEDULES, body).status_code == 200
