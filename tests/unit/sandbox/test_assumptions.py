# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each switch changes on the wire, where no other file of this folder shows it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Assumptions, Sandbox, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"
Start = Callable[..., "AbstractContextManager[Api]"]


@pytest.fixture
def under(clock: VirtualClock, connect: Callable[..., Api]) -> Start:
    """A client of a sandbox with these assumptions."""

    @contextmanager
    def start(**assumptions: Any) -> Iterator[Api]:
        with Sandbox(clock=clock, assumptions=Assumptions(**assumptions), duration=10.0) as sandbox:
            yield connect(sandbox)

    return start


def listed(api: Api) -> list[dict[str, Any]]:
    backups: list[dict[str, Any]] = api.get(BACKUPS).json()["data"]["backups"]
    return backups


@pytest.mark.parametrize("shown", ["absent", "present"])
def test_lists_may_tell_the_last_restore(clock: VirtualClock, under: Start, shown: str) -> None:
    with under(list_last_restore=shown) as api:
        held = api.sandbox.add_backup(ADDON, name="abc")
        api.post(f"{BACKUPS}/abc/restore")
        clock.advance(10)
        assert ("lastRestore" in listed(api)[0]) is (shown == "present")
        assert api.get(f"{BACKUPS}/{held['id']}").json()["data"]["lastRestore"]["status"] == "completed"
        assert api.sandbox.backups(ADDON)[0]["lastRestore"]["status"] == "completed"


@pytest.mark.parametrize(("reading", "told"), [("missing", ()), ("null", (None,)), ("empty", ("",))])
def test_what_lists_tell_of_the_end_of_what_runs(
    clock: VirtualClock, under: Start, reading: str, told: tuple[object, ...]
) -> None:
    with under(running_completed_at=reading) as api:
        api.start(name="abc")
        for _state in ("scheduled", "in-progress"):
            assert tuple(held["completedAt"] for held in listed(api) if "completedAt" in held) == told
            assert "completedAt" not in api.get(f"{BACKUPS}/abc").json()["data"]
            clock.advance(5)
        clock.advance(5)
        assert listed(api)[0]["completedAt"] == "2026-03-01T12:00:10.000Z"


def test_whether_there_is_another_page_may_only_show_in_the_cursor(under: Start) -> None:
    with under(has_next_page="missing") as api:
        for number in range(3):
            api.sandbox.add_backup(ADDON, name=f"Backup {number}")
        first = api.get(BACKUPS, per_page=2).json()["pagination"]
        last = api.get(BACKUPS, per_page=2, cursor=first["cursor"]).json()["pagination"]
        assert (set(first), last) == ({"count", "cursor"}, {"count": 1})


@pytest.mark.parametrize("shown", ["present", "missing"])
@pytest.mark.parametrize("path", [f"addons/{ADDON}/backup-schedules", f"{BACKUPS}/abc/restores"])
def test_an_empty_list_may_have_no_key(under: Start, shown: str, path: str) -> None:
    with under(schedules_key_when_empty=shown, restores_key_when_empty=shown) as api:
        api.sandbox.add_backup(ADDON, name="abc")
        data = api.get(path).json()["data"]
        assert list(data.values()) == ([[]] if shown == "present" else [])


@pytest.mark.parametrize("status", ["paused", "scaling", "failed"])
def test_a_backup_of_an_addon_that_does_not_run_may_be_refused(under: Start, status: str) -> None:
    with under(not_running="refuse") as api:
        api.sandbox.set_addon_status(ADDON, status)
        answer = api.post(BACKUPS, {"name": "abc"})
        assert (answer.status_code, answer.json()["error"]["id"]) == (409, "addon_not_running")
        assert listed(api) == []


def test_a_backup_of_an_addon_that_does_not_run_may_wait_for_it(clock: VirtualClock, under: Start) -> None:
    with under(not_running="schedule") as api:
        api.sandbox.set_addon_status(ADDON, "paused")
        for name in ("abc", "given up"):
            assert api.start(name=name)["status"] == "scheduled"
        assert api.post(f"{BACKUPS}/given-up/abort").status_code == 200
        clock.advance(86400)
        assert {held["id"]: held["status"] for held in listed(api)} == {"abc": "scheduled", "given-up": "aborted"}
        # What is written until it begins is in it.
        api.sandbox.execute(ADDON, "DELETE FROM orders")
        api.sandbox.set_addon_status(ADDON, "running")
        seen = []
        for _turn in range(3):
            seen.append({held["id"]: held["status"] for held in listed(api)}["abc"])
            clock.advance(5)
        assert seen == ["scheduled", "in-progress", "completed"]
        api.post(f"{BACKUPS}/abc/restore")
        clock.advance(10)
        assert api.sandbox.query(ADDON, "SELECT count(*) FROM orders") == [(0,)]


def test_an_addon_that_is_being_deleted_schedules_nothing(under: Start) -> None:
    with under(not_running="schedule") as api:
        api.sandbox.set_addon_status(ADDON, "deleting")
        assert api.post(BACKUPS, {}).status_code == 409


def test_cursors_have_the_length_that_the_contract_asks_for_and_repeat(under: Start) -> None:
    with under() as api:
        for number in range(4):
            api.sandbox.add_backup(ADDON, name=f"Backup {number}")
        first, again, other = (api.get(BACKUPS, per_page=size).json()["pagination"]["cursor"] for size in (1, 1, 2))
        assert len(first) == 24
        assert (first == again, first == other) == (True, False)
