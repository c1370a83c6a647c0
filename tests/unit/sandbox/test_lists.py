# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages, in every order that the contract leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Assumptions, Sandbox, VirtualClock

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"
ORDERS = ["newest", "oldest", "id", "shuffled"]


def pages(api: Api, per_page: int = 100, path: str = BACKUPS, key: str = "backups") -> Iterator[list[dict[str, Any]]]:
    query: dict[str, Any] = {"per_page": per_page}
    while True:
        answer = api.get(path, **query).json()
        assert answer["pagination"]["count"] == len(answer["data"][key])
        assert ("cursor" in answer["pagination"]) is answer["pagination"]["hasNextPage"]
        yield answer["data"][key]
        if not answer["pagination"]["hasNextPage"]:
            return
        query["cursor"] = answer["pagination"]["cursor"]


def fill(sandbox: Sandbox, count: int) -> None:
    for number in range(count):
        # Some share a timestamp: the order must be whole all the same.
        sandbox.add_backup(ADDON, name=f"Backup {number}", age=60.0 + (number * 7919) % 101)


@pytest.mark.parametrize("order", ORDERS)
def test_all_pages_together_hold_everything_once(clock: VirtualClock, connect: Callable[..., Api], order: str) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(list_order=order)) as sandbox:
        fill(sandbox, 250)
        api = connect(sandbox)
        read = list(pages(api))
        assert [len(page) for page in read] == [100, 100, 50]
        ids = [held["id"] for page in read for held in page]
        assert sorted(ids) == sorted(held["id"] for held in sandbox.backups(ADDON))
        assert ids == [held["id"] for page in pages(api, per_page=7) for held in page]
        numbered = [api.get(BACKUPS, per_page=100, page=page).json()["data"]["backups"] for page in (1, 2, 3, 4)]
        assert numbered == [*read, []]


@pytest.mark.parametrize("order", ORDERS)
def test_the_order(clock: VirtualClock, connect: Callable[..., Api], order: str) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(list_order=order)) as sandbox:
        fill(sandbox, 50)
        listed = [held for page in pages(connect(sandbox)) for held in page]
        times, ids = [held["createdAt"] for held in listed], [held["id"] for held in listed]
        assert (times == sorted(times, reverse=True)) is (order == "newest")
        assert (times == sorted(times)) is (order == "oldest")
        assert (ids == sorted(ids)) is (order == "id")


@pytest.mark.parametrize("order", ORDERS)
def test_between_two_pages_backups_may_come_and_go(
    clock: VirtualClock, connect: Callable[..., Api], order: str
) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(list_order=order)) as sandbox:
        fill(sandbox, 60)
        stay = {held["id"] for held in sandbox.backups(ADDON)}
        reading = pages(connect(sandbox), per_page=20)
        seen = [held["id"] for held in next(reading)]
        # The cursor's own backup goes, and one comes at either end.
        sandbox.remove_backup(ADDON, seen[-1])
        sandbox.add_backup(ADDON, name="AAA", age=0)
        sandbox.add_backup(ADDON, name="zzz", age=9999)
        seen += [held["id"] for page in reading for held in page]
        assert len(seen) == len(set(seen))
        assert stay <= set(seen)


def test_fifty_is_the_usual_page(sandbox: Sandbox, api: Api) -> None:
    fill(sandbox, 60)
    assert len(api.get(BACKUPS).json()["data"]["backups"]) == 50


def test_the_server_may_serve_fewer_than_asked_for(clock: VirtualClock, connect: Callable[..., Api]) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(max_page_size_served=7)) as sandbox:
        fill(sandbox, 20)
        assert [len(page) for page in pages(connect(sandbox))] == [7, 7, 6]


def test_a_cursor_is_good_for_its_list_only(sandbox: Sandbox, api: Api) -> None:
    fill(sandbox, 3)
    cursor = api.get(BACKUPS, per_page=1).json()["pagination"]["cursor"]
    assert api.get("addons/mysql-orders/backups", cursor=cursor).status_code == 400
    assert api.get(BACKUPS, cursor=cursor[:-2]).status_code == 400


@pytest.fixture
def paged(clock: VirtualClock) -> Iterator[Sandbox]:
    """A sandbox where the list of schedules has pages too."""
    with Sandbox(clock=clock, assumptions=Assumptions(schedules_pagination="present"), duration=10.0) as sandbox:
        yield sandbox


def test_every_list_has_pages(clock: VirtualClock, paged: Sandbox, connect: Callable[..., Api]) -> None:
    sandbox, api = paged, connect(paged)
    for number in range(3):
        api.start(name=f"Backup {number}")
        clock.advance(10)
        api.post(f"{BACKUPS}/backup-0/restore")
        clock.advance(10)
        kind = ("snapshot", "dump", "snapshot")[number]
        scheduling = (
            {"interval": "daily", "minute": [0], "hour": [3]} if number else {"interval": "hourly", "minute": [0]}
        )
        body = {"backupType": kind, "retentionTime": 1, "scheduling": scheduling}
        assert api.post(f"addons/{ADDON}/backup-schedules", body).status_code == 200
    for path, key, count in (
        (f"addons/{ADDON}/restores", "restores", 3),
        (f"{BACKUPS}/backup-0/restores", "restores", 3),
        (f"addons/{ADDON}/backup-schedules", "schedules", 3),
        ("addons", "addons", len(sandbox.addon_ids)),
        ("/v1/projects", "projects", 2),
        ("/v1/backup-destinations", "backupDestinations", 2),
    ):
        assert [len(page) for page in pages(api, 1, path, key)] == [1] * count
