# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups that were made before a test began, many at once, and clocks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Assumptions, Sandbox, TickingClock, VirtualClock

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"


def status(api: Api, backup_id: str) -> str:
    return str(api.get(f"{BACKUPS}/{backup_id}").json()["data"]["status"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {},
            {"status": "completed", "createdAt": "2026-03-01T11:00:00.000Z", "completedAt": "2026-03-01T11:00:10.000Z"},
        ),
        ({"age": 5.0, "id": "other"}, {"id": "other", "completedAt": "2026-03-01T12:00:00.000Z"}),
        ({"status": "failed", "size": 77}, {"status": "failed"}),
        ({"uid": "00000000-0000-4000-8000-000000000001"}, {"uid": "00000000-0000-4000-8000-000000000001"}),
    ],
)
def test_earlier_backups_can_be_made_up(sandbox: Sandbox, given: dict[str, Any], expected: dict[str, Any]) -> None:
    made = sandbox.add_backup(ADDON, name="abc", **given)
    assert {key: made[key] for key in expected} == expected
    assert sandbox.backups(ADDON) == [made]


def test_earlier_backups_can_have_any_size_and_source(sandbox: Sandbox) -> None:
    made = sandbox.add_backup(ADDON, name="abc", backup_type="dump", size=10**12, source_type="fileUpload")
    assert made["config"]["size"] == str(10**12)
    assert made["config"]["source"] == {"type": "fileUpload"}
    assert made["config"]["compressionType"] == "gz"


def test_a_made_up_running_backup_goes_on_to_complete(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    sandbox.add_backup(ADDON, name="young", status="in-progress", age=4)
    sandbox.add_backup(ADDON, name="old", status="scheduled", age=400)
    assert [status(api, name) for name in ("young", "old")] == ["in-progress", "scheduled"]
    clock.advance(6)
    assert [status(api, name) for name in ("young", "old")] == ["completed", "scheduled"]
    clock.advance(4)
    assert status(api, "old") == "completed"


def test_forty_at_once_make_forty_backups(sandbox: Sandbox, connect: Callable[..., Api]) -> None:
    clients = [connect(sandbox) for _turn in range(40)]
    with ThreadPoolExecutor(40) as pool:
        ids = list(pool.map(lambda api: api.start(name="Same name")["id"], clients))
    assert len(set(ids)) == 40
    assert sorted(ids) == sorted(held["id"] for held in sandbox.backups(ADDON))
    assert [request.number for request in sandbox.requests] == list(range(1, 41))


def test_with_unique_names_one_of_forty_wins(clock: VirtualClock, connect: Callable[..., Api]) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(names_unique=True)) as sandbox:
        clients = [connect(sandbox) for _turn in range(40)]
        with ThreadPoolExecutor(40) as pool:
            statuses = list(pool.map(lambda api: api.post(BACKUPS, {"name": "abc"}).status_code, clients))
        assert sorted(statuses) == [200] + [409] * 39
        assert len(sandbox.backups(ADDON)) == 1


def test_a_ticking_clock_moves_on_with_each_request(connect: Callable[..., Api]) -> None:
    with Sandbox(clock=TickingClock(step=0.5), duration=2.0) as sandbox:
        api = connect(sandbox)
        api.start(name="abc")
        seen = [status(api, "abc") for _turn in range(5)]
        assert seen == ["in-progress"] * 3 + ["completed"] * 2


def test_latency_takes_time_of_the_clock(clock: VirtualClock, connect: Callable[..., Api]) -> None:
    with Sandbox(clock=clock, latency=0.25) as sandbox:
        connect(sandbox).get("/v1/login")
        assert clock.monotonic() == 0.25
