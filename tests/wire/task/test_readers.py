# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""addon_info and addon_backup_info: what they return, from how many requests, and what they refuse."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Callable

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_info, addon_info

import harness
from sandbox import Sandbox, VirtualClock, assume

from ..conftest import ADDON
from .test_examples import examples

Reader = Callable[..., harness.Ran]


def read(sandbox: Sandbox, clock: VirtualClock, module: ModuleType, **arguments: Any) -> harness.Ran:
    ran = harness.run_task(module, sandbox, clock, **arguments)
    assert {request.method for request in sandbox.requests} <= {"GET"}
    return ran


@pytest.fixture
def addons(sandbox: Sandbox, clock: VirtualClock) -> Reader:
    return lambda **arguments: read(sandbox, clock, addon_info, **arguments)


@pytest.fixture
def backups(sandbox: Sandbox, clock: VirtualClock) -> Reader:
    return lambda **arguments: read(sandbox, clock, addon_backup_info, **{"addon_id": ADDON, **arguments})


def ids(ran: harness.Ran, key: str) -> list[str]:
    return [entry["id"] for entry in ran.result[key]]


@pytest.mark.assume(max_page_size_served=None)
def test_all_addons_are_listed_with_their_facts(sandbox: Sandbox, addons: Reader) -> None:
    ran = addons()
    assert ids(ran, "addons") == sorted(sandbox.addon_ids)
    assert ran.result["requests"] == 1
    assert not ran.changed


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"types": ["mysql", "redis"]}, ["mysql-orders", "redis-cache"]),
        ({"status": ["paused"]}, ["postgres-paused"]),
        ({"addon_id": ["mysql-orders", "no-such-addon"]}, ["mysql-orders"]),
        ({"tags": ["special", "other"]}, ["tagged"]),
        ({"types": ["postgresql"], "status": ["running"], "tags": ["special"]}, ["tagged"]),
        ({"types": ["redis"], "status": ["paused"]}, []),
    ],
)
def test_addons_are_narrowed_by_what_is_asked(
    sandbox: Sandbox, addons: Reader, asked: dict[str, Any], found: list[str]
) -> None:
    sandbox.add_addon("tagged", type="postgresql", tags=["special"])
    assert ids(addons(**asked), "addons") == found


@pytest.mark.assume(max_page_size_served=None)
def test_300_addons_take_three_requests_and_come_once_each(sandbox: Sandbox, addons: Reader) -> None:
    for number in range(300 - len(sandbox.addon_ids)):
        sandbox.add_addon(f"db-{number:03}")
    ran = addons()
    assert (len(ran.result["addons"]), len(set(ids(ran, "addons")))) == (300, 300)
    assert ran.result["requests"] == 3


@pytest.mark.parametrize("order", ["newest", "oldest", "id", "shuffled"])
def test_of_1500_backups_in_any_order_the_newest_is_right_from_15_requests(clock: VirtualClock, order: str) -> None:
    with Sandbox(clock=clock, assumptions=assume(list_order=order, max_page_size_served=None)) as sandbox:
        for number in range(1500):
            status = "completed" if number % 3 else "failed"
            sandbox.add_backup(ADDON, name=f"Number {number}", status=status, age=10.0 + (number * 7919) % 100_003)
        ran = read(sandbox, clock, addon_backup_info, addon_id=ADDON)
        created = [entry["created_at"] for entry in ran.result["backups"]]
        assert len(created) == 1500
        assert created == sorted(created, reverse=True)
        newest_good = next(entry for entry in ran.result["backups"] if entry["status"] == "completed")
        assert ran.result["latest"] == newest_good
        assert ran.result["requests"] == len(sandbox.requests) == 15


@pytest.mark.assume(types_told=True)
def test_backups_are_narrowed_by_what_is_asked(sandbox: Sandbox, backups: Reader) -> None:
    young = sandbox.add_backup(ADDON, name="Before young", age=60)["id"]
    old = sandbox.add_backup(ADDON, name="Before old", age=7200)["id"]
    dump = sandbox.add_backup(ADDON, name="A dump", backup_type="dump", age=600)["id"]
    failed = sandbox.add_backup(ADDON, name="Before failed", status="failed", age=30)["id"]
    assert ids(backups(), "backups") == [failed, young, dump, old]
    assert ids(backups(name="Before old"), "backups") == [old]
    assert ids(backups(name_prefix="Before "), "backups") == [failed, young, old]
    assert ids(backups(backup_type="dump"), "backups") == [dump]
    assert ids(backups(status=["failed", "aborted"]), "backups") == [failed]
    assert ids(backups(newer_than="10m"), "backups") == [failed, young, dump]
    assert ids(backups(older_than="10m"), "backups") == [old]
    assert ids(backups(newer_than="1h", older_than="45s"), "backups") == [young, dump]


@pytest.mark.assume(types_told=True)
def test_latest_is_complete_and_no_import(sandbox: Sandbox, backups: Reader) -> None:
    good = sandbox.add_backup(ADDON, name="Good", age=600)["id"]
    sandbox.add_backup(ADDON, name="Failed", status="failed", age=60)
    sandbox.add_backup(ADDON, name="Imported", source_type="fileUpload", age=30)
    sandbox.add_backup(ADDON, name="Running", status="in-progress", age=1)
    ran = backups()
    assert ran.result["latest"]["id"] == good
    assert ran.result["latest"]["addon_id"] == ADDON
    assert backups(name="No such name").result["latest"] is None


def test_backups_of_several_addons_come_in_one_order(sandbox: Sandbox, backups: Reader) -> None:
    first = sandbox.add_backup("mysql-orders", name="x2", age=20)["id"]
    second = sandbox.add_backup(ADDON, name="x1", age=30)["id"]
    third = sandbox.add_backup("mysql-orders", name="x3", age=40)["id"]
    ran = backups(addon_id=[ADDON, "mysql-orders"])
    assert ids(ran, "backups") == [first, second, third]
    assert [entry["addon_id"] for entry in ran.result["backups"]] == ["mysql-orders", ADDON, "mysql-orders"]
    assert ran.result["requests"] == 2


def test_the_clock_is_the_servers(sandbox: Sandbox, clock: VirtualClock, backups: Reader) -> None:
    """The sandbox's clock stands in 2026-03; the machine's own would call this backup old or not yet made."""
    sandbox.add_backup(ADDON, name="Young", age=60)
    assert len(backups(newer_than="2m").result["backups"]) == 1
    clock.advance(120)
    assert len(backups(newer_than="2m").result["backups"]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"addon_id": []}, ["addon_id", "at least one"]),
        ({"addon_id": ["a", "a"]}, ["addon_id", "once"]),
        ({"addon_id": "a/b"}, ["addon_id", "'a/b'"]),
        ({"project_id": "a/b"}, ["project_id", "'a/b'"]),
        ({"name": "x"}, ["name", "3 to 39"]),
        ({"newer_than": "soon"}, ["newer_than", "'soon'"]),
        ({"older_than": "-1"}, ["older_than", "'-1'"]),
        ({"status": ["done"]}, ["status", "done"]),
        ({"backup_type": "copy"}, ["backup_type", "copy"]),
        ({"namePrefix": "x"}, ["namePrefix", "name_prefix"]),
    ],
)
def test_bad_input_is_refused_before_the_first_request(
    sandbox: Sandbox, backups: Reader, arguments: dict[str, Any], words: list[str]
) -> None:
    ran = backups(**arguments)
    assert ran.failed
    for word in words:
        assert word in ran.msg
    assert sandbox.requests == []


def test_an_addon_that_does_not_exist_is_told(backups: Reader) -> None:
    ran = backups(addon_id="postgres-mian")
    assert ran.failed
    assert "Did you mean 'postgres-main'?" in ran.msg


def test_a_project_that_does_not_exist_is_told(addons: Reader) -> None:
    ran = addons(project_id="defualt-project")
    assert ran.failed
    assert "Did you mean 'default-project'?" in ran.msg


def test_a_token_without_the_permission_to_read_is_told(addons: Reader) -> None:
    ran = addons(api_token="wrong-token-that-is-long-enough-to-find")  # noqa: S106  # it opens nothing
    assert ran.failed
    assert "does not accept the token" in ran.msg


@pytest.mark.parametrize("module", [addon_info, addon_backup_info], ids=["addon_info", "addon_backup_info"])
def test_the_examples_work(sandbox: Sandbox, clock: VirtualClock, module: ModuleType) -> None:
    for _title, arguments in examples(module.EXAMPLES, f"northflank.cloud.{module.__name__.rsplit('.', 1)[1]}"):
        assert not read(sandbox, clock, module, **arguments).failed
