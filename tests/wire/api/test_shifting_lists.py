# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in pages: each is read to its end, and what slipped from one page to another is missed or counted by nobody."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import PAGE_SIZE
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup_download,
    addon_backup_info,
    addon_backup_schedule,
)

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

NAME = "Before release"
BACKUPS, RESTORES, SCHEDULES = r"/backups$", r"/restores$", r"/backup-schedules$"
NIGHTLY: dict[str, Any] = {"interval": "daily", "backup_type": "snapshot", "hour": [2], "minute": [30]}


def cursor(number: int) -> str:
    return f"{number:024d}"


def page(key: str, items: list[dict[str, Any]], following: int | None, **pagination: Any) -> dict[str, Any]:
    """A page as the API sends it; ``following`` numbers the next one."""
    more: dict[str, Any] = {"hasNextPage": following is not None, "count": len(items)}
    if following is not None:
        more["cursor"] = cursor(following)
    more.update(pagination)
    return {"data": {key: items}, "pagination": {name: value for name, value in more.items() if value != "leave out"}}


def tell(sandbox: Sandbox, path: str, *pages: dict[str, Any], turn: int = 1) -> None:
    """Let the next readings of a list be these pages, and then again what the server holds."""
    for number, body in enumerate(pages):
        sandbox.fault(Fault(method="GET", path=path, turn=turn + number, kind="wrong-type", body=body))


def slip(sandbox: Sandbox, path: str, key: str, held: list[dict[str, Any]], missed: str, turn: int = 1) -> None:
    """Let a list be read once in two pages, while one of its items slips from the second to the first."""
    told = [item for item in held if item["id"] != missed]
    assert len(told) < len(held)
    tell(sandbox, path, page(key, told[:1], 1), page(key, told[1:], None), turn=turn)


def gets(sandbox: Sandbox, path: str) -> int:
    return sum(request.method == "GET" and request.path.endswith(path.strip("$")) for request in sandbox.requests)


def others(sandbox: Sandbox, addon_id: str = ADDON, count: int = 3) -> None:
    for number in range(count):
        sandbox.add_backup(addon_id, name=f"Another {number}", age=7000 + number)


@pytest.mark.parametrize("more", ["leave out", None], ids=["missing", "null"])
def test_where_nothing_says_whether_there_is_another_page_the_cursor_does(
    sandbox: Sandbox, task: Task, more: Any
) -> None:
    held = [sandbox.add_backup(ADDON, name=name, age=60) for name in ("Another", NAME)]
    first = page("backups", held[:1], 1, hasNextPage=more)
    tell(sandbox, BACKUPS, first, page("backups", held[1:], None, hasNextPage=more))
    ran = task(name=NAME)
    assert (ran.failed, ran.changed, ran.backup["id"]) == (False, False, held[1]["id"]), ran.result
    assert sandbox.writes == []


@pytest.mark.parametrize("last", ["leave out", None, ""], ids=["missing", "null", "empty"])
def test_a_page_without_a_cursor_is_the_last_one(sandbox: Sandbox, task: Task, last: Any) -> None:
    held = sandbox.add_backup(ADDON, name=NAME, age=60)
    tell(sandbox, BACKUPS, page("backups", [held], None, hasNextPage="leave out", cursor=last))
    assert task(name=NAME).backup["id"] == held["id"]
    assert gets(sandbox, BACKUPS) == 1


def test_what_slipped_between_two_pages_is_not_started_a_second_time(sandbox: Sandbox, task: Task) -> None:
    others(sandbox)
    held = sandbox.add_backup(ADDON, name=NAME, age=60)
    slip(sandbox, BACKUPS, "backups", sandbox.backups(ADDON), held["id"])
    ran = task(name=NAME)
    assert (ran.failed, ran.changed, ran.backup["id"]) == (False, False, held["id"]), ran.result
    assert sandbox.writes == []


@pytest.mark.assume(max_page_size_served=None)
def test_a_list_of_one_page_is_read_once(sandbox: Sandbox, task: Task) -> None:
    others(sandbox, count=PAGE_SIZE)
    assert task(name=NAME, wait=False).changed
    assert gets(sandbox, BACKUPS) == 1


@pytest.mark.assume(max_page_size_served=None)
def test_a_list_of_two_pages_at_rest_is_read_twice_before_anything_is_started(sandbox: Sandbox, task: Task) -> None:
    others(sandbox, count=PAGE_SIZE + 1)
    assert task(name=NAME, wait=False).changed
    assert gets(sandbox, BACKUPS) == 4
    assert len(sandbox.writes) == 1


def test_what_is_told_on_two_pages_is_one_backup(sandbox: Sandbox, task: Task, put: Task) -> None:
    held = sandbox.add_backup(ADDON, name=NAME, age=60)
    twice = (page("backups", [held], 1), page("backups", [held], None))
    tell(sandbox, BACKUPS, *twice)
    assert task(name=NAME).backup["duplicates"] == []
    sandbox.clear_faults()
    tell(sandbox, BACKUPS, *twice)
    ran = put(addon_id=ADDON, name=NAME)
    assert (ran.failed, ran.changed) == (False, True), ran.result


def test_a_list_shows_each_backup_once_as_it_was_told_last(sandbox: Sandbox, clock: VirtualClock) -> None:
    held = sandbox.add_backup(ADDON, name=NAME, age=60)
    running = {**held, "status": "in-progress", "completedAt": ""}
    tell(sandbox, BACKUPS, page("backups", [running], 1), page("backups", [held], None))
    ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON)
    assert [(one["id"], one["status"]) for one in ran.result["backups"]] == [(held["id"], "completed")]


@pytest.mark.parametrize("state", ["absent", "retained"])
def test_a_name_is_no_less_ambiguous_when_one_of_two_slipped(sandbox: Sandbox, task: Task, state: str) -> None:
    others(sandbox)
    first, _second = (sandbox.add_backup(ADDON, name=NAME, age=age) for age in (90, 60))
    slip(sandbox, BACKUPS, "backups", sandbox.backups(ADDON), first["id"])
    ran = task(name=NAME, state=state)
    assert ran.failed
    assert f"has 2 backups named '{NAME}'" in ran.msg
    assert sandbox.writes == []


def test_what_slipped_is_not_taken_for_gone(sandbox: Sandbox, task: Task) -> None:
    others(sandbox)
    held = sandbox.add_backup(ADDON, name=NAME, age=60)
    slip(sandbox, BACKUPS, "backups", sandbox.backups(ADDON), held["id"])
    assert task(name=NAME, state="absent").changed
    assert held["id"] not in [one["id"] for one in sandbox.backups(ADDON)]


def test_the_latest_backup_is_restored_though_it_slipped(sandbox: Sandbox, put: Task) -> None:
    others(sandbox)
    latest = sandbox.add_backup(ADDON, name=NAME, age=60)
    slip(sandbox, BACKUPS, "backups", sandbox.backups(ADDON), latest["id"])
    ran = put(addon_id=ADDON, latest=True)
    assert not ran.failed, ran.msg
    assert [restore["backupId"] for restore in sandbox.restores(ADDON)] == [latest["id"]]


@pytest.mark.assume(types_told=True)
def test_the_latest_dump_is_downloaded_though_it_slipped(sandbox: Sandbox, clock: VirtualClock, tmp_path: Path) -> None:
    for age in (9000, 60, 7000):
        sandbox.add_backup(ADDON, name=f"Dump {age}", backup_type="dump", age=age)
    slip(sandbox, BACKUPS, "backups", sandbox.backups(ADDON), "dump-60")
    dest = str(tmp_path / "latest")
    ran = harness.run_task(addon_backup_download, sandbox, clock, addon_id=ADDON, latest=True, dest=dest)
    assert (ran.failed, ran.backup["id"]) == (False, "dump-60"), ran.result


def test_a_restore_that_slipped_is_still_under_way(sandbox: Sandbox, put: Task) -> None:
    good, other = (sandbox.add_backup(ADDON, name=name, age=60) for name in ("Good", "Other"))
    for backup_id in (good["id"], other["id"]):
        sandbox.start_restore(ADDON, backup_id)
        if backup_id == good["id"]:
            sandbox.clock.sleep(60)
    under_way = sandbox.restores(ADDON)[-1]
    assert under_way["status"] != "completed"
    slip(sandbox, RESTORES, "restores", sandbox.restores(ADDON), under_way["id"])
    ran = put(addon_id=ADDON, backup_id=good["id"])
    assert ran.failed
    assert f"a restore of {other['id']} is" in ran.msg
    assert sandbox.writes == []


def test_a_restore_that_slips_while_it_is_watched_has_not_vanished(sandbox: Sandbox, put: Task) -> None:
    good = sandbox.add_backup(ADDON, name="Good", age=60)
    tell(sandbox, RESTORES, page("restores", [], 1), page("restores", [], None), turn=3)
    ran = put(addon_id=ADDON, backup_id=good["id"])
    assert not ran.failed, ran.msg
    assert ran.result["restore"]["status"] == "completed"


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_schedule_that_slipped_is_not_created_again_nor_taken_for_gone(
    sandbox: Sandbox, clock: VirtualClock, state: str
) -> None:
    schedule = partial(harness.run_task, addon_backup_schedule, sandbox, clock, addon_id=ADDON)
    assert schedule(**NIGHTLY, retention_time=7).changed
    assert schedule(interval="hourly", backup_type="snapshot", minute=[5], retention_time=1).changed
    sandbox.clear_log()
    nightly = sandbox.schedules(ADDON)[0]
    slip(sandbox, SCHEDULES, "schedules", sandbox.schedules(ADDON), nightly["id"])
    if state == "present":
        assert not schedule(**NIGHTLY, retention_time=7).changed
        assert sandbox.writes == []
    else:
        assert schedule(interval="daily", backup_type="snapshot", state="absent").changed
        assert [one["id"] for one in sandbox.schedules(ADDON) if one["id"] == nightly["id"]] == []


@pytest.mark.parametrize("data", [{}, {"schedules": None}, {"schedules": []}], ids=["missing", "null", "empty"])
def test_an_addon_without_schedules_may_have_no_list_of_them(
    sandbox: Sandbox, clock: VirtualClock, data: dict[str, Any]
) -> None:
    schedule = partial(harness.run_task, addon_backup_schedule, sandbox, clock, addon_id=ADDON)
    sandbox.fault(Fault(method="GET", path=SCHEDULES, kind="wrong-type", body={"data": data}))
    ran = schedule(**NIGHTLY, retention_time=7)
    assert (ran.failed, ran.changed, len(sandbox.schedules(ADDON))) == (False, True, 1), ran.result


@pytest.mark.parametrize("data", [{}, {"restores": None}], ids=["missing", "null"])
def test_an_addon_that_was_never_restored_may_have_no_list_of_restores(
    sandbox: Sandbox, put: Task, data: dict[str, Any]
) -> None:
    good = sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.fault(Fault(method="GET", path=RESTORES, kind="wrong-type", body={"data": data}))
    assert not put(addon_id=ADDON, backup_id=good["id"]).failed
    assert len(sandbox.restores(ADDON)) == 1


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": []}, {"data": {"schedules": {}}}], ids=str)
def test_an_answer_without_data_is_no_empty_list(sandbox: Sandbox, clock: VirtualClock, answer: Any) -> None:
    schedule = partial(harness.run_task, addon_backup_schedule, sandbox, clock, addon_id=ADDON)
    sandbox.fault(Fault(method="GET", path=SCHEDULES, times=None, kind="wrong-type", body=answer))
    assert "the API's answer cannot be used" in schedule(**NIGHTLY, retention_time=7).msg
    assert sandbox.writes == []
