# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An answer about something else than what was asked for is no answer, and nobody acts upon it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import MalformedAnswer

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

MEANT, OTHER = "Before release", "Somebody else"
OTHER_ADDON = "mysql-orders"


@pytest.fixture(autouse=True)
def held(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """Two dumps, by name. The second is what the API tells of where it should tell of the first."""
    return {name: sandbox.add_backup(ADDON, name=name, age=60, backup_type="dump") for name in (MEANT, OTHER)}


def confuse(sandbox: Sandbox, held: dict[str, dict[str, Any]], times: int | None, turn: int = 1) -> str:
    """Let the API answer reads of the one with the other. Returns the ID of the one."""
    meant = held[MEANT]["id"]
    body = {"data": held[OTHER]}
    path = rf"/backups/{re.escape(meant)}$"
    sandbox.fault(Fault(method="GET", path=path, turn=turn, times=times, kind="wrong-type", body=body))
    return str(meant)


def run(what: str, task: Task, put: Task, backup_id: str) -> harness.Ran:
    if what == "restored":
        return put(addon_id=ADDON, backup_id=backup_id)
    return task(state=what, backup_id=backup_id)


TASKS = ("absent", "retained", "restored")


@pytest.mark.parametrize("what", TASKS)
def test_another_backup_in_the_answer_is_never_acted_upon(
    sandbox: Sandbox, task: Task, put: Task, held: dict[str, dict[str, Any]], what: str
) -> None:
    backup_id = confuse(sandbox, held, times=None)
    ran = run(what, task, put, backup_id)
    assert (ran.failed, ran.changed) == (True, False), ran.result
    asked_for = f"backup '{backup_id}' was asked for, and it is about '{held[OTHER]['id']}'"
    assert f"the API's answer cannot be used: {asked_for}" in ran.msg
    assert sandbox.writes == []


@pytest.mark.parametrize("what", TASKS)
def test_after_one_such_answer_the_backup_is_read_again(
    sandbox: Sandbox, task: Task, put: Task, held: dict[str, dict[str, Any]], what: str
) -> None:
    backup_id = confuse(sandbox, held, times=1)
    ran = run(what, task, put, backup_id)
    assert (ran.failed, ran.changed) == (False, True), ran.result
    assert {write.path.split("/backups/")[1].split("/")[0] for write in sandbox.writes} <= {backup_id}
    if what == "absent":
        assert [one["id"] for one in sandbox.backups(ADDON)] == [held[OTHER]["id"]]


def test_a_poll_that_is_told_of_another_backup_learns_nothing(
    sandbox: Sandbox, task: Task, held: dict[str, dict[str, Any]]
) -> None:
    sandbox.fault(Fault(method="GET", path=r"/backups/[^/]+$", kind="wrong-type", body={"data": held[OTHER]}))
    ran = task(name="Another")
    assert (ran.failed, ran.backup["name"], ran.backup["status"]) == (False, "Another", "completed"), ran.result


def test_another_addon_in_the_answer_is_not_taken_for_the_one_that_is_restored(
    sandbox: Sandbox, put: Task, held: dict[str, dict[str, Any]]
) -> None:
    sandbox.set_addon_status(ADDON, "paused")
    body = {"data": {"id": OTHER_ADDON, "name": OTHER_ADDON, "spec": {"type": "mysql"}, "status": "running"}}
    path = rf"/addons/{ADDON}$"
    sandbox.fault(Fault(method="GET", path=path, times=None, kind="wrong-type", body=body))
    ran = put(addon_id=ADDON, backup_id=held[MEANT]["id"])
    assert (ran.failed, ran.changed) == (True, False)
    assert f"addon '{ADDON}' was asked for, and it is about '{OTHER_ADDON}'" in ran.msg
    assert sandbox.writes == []


def other_than_sent(name: str, kind: str) -> dict[str, Any]:
    created = "2026-03-01T12:00:00Z"
    return {
        "id": "odd",
        "name": name,
        "status": "completed",
        "createdAt": created,
        "config": {"source": {"type": kind}},
    }


ODD = [("Somebody else", "snapshot"), ("Mine", "sameAddon")]


@pytest.mark.parametrize(("name", "kind"), ODD, ids=["name", "type"])
def test_the_answer_to_a_create_that_tells_of_another_backup_is_looked_behind(
    sandbox: Sandbox, task: Task, name: str, kind: str
) -> None:
    body = {"data": other_than_sent(name, kind)}
    sandbox.fault(Fault(method="POST", path=r"/backups$", kind="wrong-type", body=body))
    ran = task(name="Mine")
    assert (ran.failed, ran.changed, ran.backup["name"]) == (False, True, "Mine"), ran.result
    assert ran.backup["id"] != "odd"
    assert len(sandbox.writes) == 1
    assert [one["name"] for one in sandbox.backups(ADDON)].count("Mine") == 1


@pytest.mark.parametrize(("name", "kind"), ODD, ids=["name", "type"])
def test_a_create_that_did_nothing_and_told_of_another_backup_is_sent_again_once(
    sandbox: Sandbox, task: Task, name: str, kind: str
) -> None:
    body = {"data": other_than_sent(name, kind)}
    sandbox.fault(Fault(method="POST", path=r"/backups$", times=2, when="before", kind="wrong-type", body=body))
    ran = task(name="Mine")
    assert (ran.failed, ran.changed) == (True, True)
    assert "It is not known whether the backup 'Mine'" in ran.msg
    assert "was asked for, and it is about" in ran.msg
    assert len(sandbox.writes) == 2


def test_a_backup_that_was_there_is_not_new_because_its_uid_is_left_out(sandbox: Sandbox, task: Task) -> None:
    sandbox.add_backup(ADDON, name="Mine", status="failed", age=60)
    held = [{key: one[key] for key in one if key != "uid"} for one in sandbox.backups(ADDON)]
    page = {"data": {"backups": held}, "pagination": {"hasNextPage": False, "count": len(held)}}
    sandbox.fault(Fault(method="POST", path=r"/backups$", kind="reset", when="before"))
    sandbox.fault(Fault(method="GET", path=r"/backups$", turn=2, times=None, kind="wrong-type", body=page))
    ran = task(name="Mine")
    assert (ran.failed, ran.changed, ran.backup["status"]) == (False, True, "completed"), ran.result
    assert len(sandbox.writes) == 2


def test_whatever_goes_wrong_with_reading_the_answer_to_a_write_it_may_have_acted(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    """A mistake in what reads it is no proof that nothing was started."""
    api = harness.api_of(sandbox, harness.virtual(clock), seconds=60.0, timeout=5.0)

    def mistaken(data: dict[str, Any]) -> str:
        return str(data["no such key"])

    path = f"/v1/projects/default-project/addons/{ADDON}/backups"
    with pytest.raises(MalformedAnswer, match="no such key"):
        api.client.post(path, {"backupType": "snapshot"}, read=mistaken)
    assert [act.what for act in sandbox.acts] == ["start"]
