# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""addon_backup_restore with source_destination_id: the addon and the project that the backup comes from are gone."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_restore

import harness
from sandbox import Assumptions, Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

PLACE, OLD, NEW = "offsite-s3", "old-shop", "postgres-new"
FROM = {"source_project_id": OLD, "source_addon_id": ADDON, "source_destination_id": PLACE}
MISSING = b'{"error": {"status": 404, "message": "Not found", "id": "not-found"}}'
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(MISSING),
    MISSING,
)
# Nobody documented whether the API does this.
RESTORES_WHAT_IS_GONE = pytest.mark.assume(gone_source="accept")
STORED = f"/backup-destinations/{PLACE}/backups$"
START = "/backups/nightly/restore$"


@pytest.fixture
def put(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Restores to a new addon, after the old one and its project were deleted by the API."""
    sandbox.add_addon(ADDON, "postgresql", project_id=OLD)
    sandbox.add_addon(NEW, "postgresql")
    sandbox.execute(ADDON, "DELETE FROM customers WHERE id = 1", project_id=OLD)
    store(sandbox, "Nightly")
    return partial(harness.run_task, addon_backup_restore, sandbox, clock, addon_id=NEW)


def store(sandbox: Sandbox, name: str, **more: Any) -> dict[str, Any]:
    return sandbox.add_backup(ADDON, name=name, project_id=OLD, age=60, custom_destination=PLACE, **more)


def delete_it(sandbox: Sandbox) -> None:
    """Let the old addon be gone, as after somebody deleted it by mistake."""
    sandbox.remove_addon(ADDON, OLD)
    sandbox.clear_log()


def rows(sandbox: Sandbox, addon_id: str, **more: Any) -> list[tuple[Any, ...]]:
    return sandbox.query(addon_id, "SELECT * FROM customers ORDER BY 1", **more)


@RESTORES_WHAT_IS_GONE
def test_the_data_of_an_addon_that_is_gone_comes_back(sandbox: Sandbox, put: Task) -> None:
    lost = rows(sandbox, ADDON, project_id=OLD)
    assert rows(sandbox, NEW) != lost
    delete_it(sandbox)
    ran = put(backup_id="nightly", **FROM)
    assert (ran.failed, ran.changed, ran.restore["status"]) == (False, True, "completed"), ran.result
    assert rows(sandbox, NEW) == lost
    (write,) = sandbox.writes
    assert write.query == {"sourceProjectId": OLD, "sourceAddonId": ADDON}
    again = put(backup_id="nightly", skip_if_restored_since="created", **FROM)
    assert (again.failed, again.changed) == (False, False), again.result


def test_check_mode_looks_and_sends_nothing(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    ran = put(backup_id="nightly", _check_mode=True, **FROM)
    assert (ran.failed, ran.changed, sandbox.writes) == (False, True, [])


def test_without_the_destination_the_message_says_where_to_look(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    ran = put(backup_id="nightly", source_project_id=OLD, source_addon_id=ADDON)
    assert (ran.failed, sandbox.writes) == (True, [])
    assert "source_destination_id" in ran.msg
    assert ran.msg.endswith("ansible localhost -m northflank.cloud.backup_destination_info")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"backup_id": "weekly"}, "has no backup with the ID 'weekly'"),
        ({"backup_id": "broken"}, "it is 'failed', not completed"),
    ],
)
def test_what_cannot_be_restored_is_refused_before_anything_is_sent(
    sandbox: Sandbox, put: Task, wanted: dict[str, str], words: str
) -> None:
    store(sandbox, "Broken", status="failed")
    delete_it(sandbox)
    ran = put(**wanted, **FROM)
    assert (ran.failed, ran.changed, sandbox.writes) == (True, False, [])
    assert words in ran.msg


@pytest.mark.assume(optional_fields="present")
def test_a_backup_of_another_type_is_refused(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    ran = put(addon_id="mysql-orders", backup_id="nightly", **FROM)
    assert (ran.failed, sandbox.writes) == (True, [])
    assert "it is of type postgresql, and the addon of type mysql" in ran.msg


@pytest.mark.assume(optional_fields="present")
@RESTORES_WHAT_IS_GONE
def test_of_several_with_one_id_that_of_the_addon_is_taken(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Nightly", age=10, status="failed", custom_destination=PLACE)
    delete_it(sandbox)
    ran = put(backup_id="nightly", **FROM)
    assert not ran.failed, ran.result
    assert ran.warnings == []


@pytest.mark.assume(optional_fields="present")
def test_what_is_known_to_be_anothers_is_not_taken(sandbox: Sandbox, put: Task) -> None:
    sandbox.add_backup(ADDON, name="Weekly", age=10, custom_destination=PLACE)
    delete_it(sandbox)
    ran = put(backup_id="weekly", **FROM)
    assert (ran.failed, sandbox.writes) == (True, [])
    assert "has no backup with the ID 'weekly'" in ran.msg


def test_where_the_list_does_not_say_whose_it_is_only_the_single_one_is_taken(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions.spartan()) as sandbox:
        sandbox.add_addon(ADDON, "postgresql", project_id=OLD)
        sandbox.add_addon(NEW, "postgresql")
        store(sandbox, "Nightly")
        delete_it(sandbox)
        wanted: dict[str, Any] = {"addon_id": NEW, "backup_id": "nightly", **FROM}
        run = partial(harness.run_task, addon_backup_restore, sandbox, clock, **wanted)
        ran = run(_check_mode=True)
        assert (ran.failed, ran.changed) == (False, True), ran.result
        assert any("does not say which addon" in warning for warning in ran.warnings)
        sandbox.add_backup(ADDON, name="Nightly", age=10, custom_destination=PLACE)
        ran = run()
        assert (ran.failed, sandbox.writes) == (True, [])
        assert "has 2 backups with the ID 'nightly'" in ran.msg


@RESTORES_WHAT_IS_GONE
@pytest.mark.parametrize("gone", [True, False], ids=["gone", "still there"])
@pytest.mark.parametrize("under_way", [True, False], ids=["under way", "done"])
def test_a_restore_of_the_addons_own_backup_of_the_same_id_is_another(
    sandbox: Sandbox, put: Task, gone: bool, under_way: bool
) -> None:
    meant, wanted = rows(sandbox, ADDON, project_id=OLD), {**FROM}
    if gone:
        delete_it(sandbox)
    else:
        del wanted["source_destination_id"]
    sandbox.add_backup(NEW, name="Nightly", age=30)
    put(backup_id="nightly", wait=not under_way)
    ran = put(backup_id="nightly", skip_if_restored_since="created", **wanted)
    if under_way:
        assert (ran.failed, ran.changed) == (True, False)
        assert "because a restore of another backup is" in ran.msg
    else:
        assert (ran.failed, ran.changed) == (False, True), ran.result
        assert rows(sandbox, NEW) == meant
        assert not put(backup_id="nightly", skip_if_restored_since="created", **wanted).changed


@RESTORES_WHAT_IS_GONE
def test_where_nobody_says_whose_a_restore_was_nothing_is_started(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    put(backup_id="nightly", **FROM)
    sandbox.clear_log()
    sandbox.fault(Fault(method="GET", path="/backups/nightly/restores$", kind="raw", raw=[NOT_FOUND]))
    ran = put(backup_id="nightly", **FROM)
    assert (ran.failed, ran.changed, sandbox.writes) == (True, False, [])
    assert "does not say whether it was the one of addon" in ran.msg


@RESTORES_WHAT_IS_GONE
def test_a_restore_of_the_same_backup_that_is_under_way_is_joined(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    put(backup_id="nightly", wait=False, **FROM)
    ran = put(backup_id="nightly", **FROM)
    assert (ran.failed, ran.changed, ran.restore["action"]) == (False, False, "joined"), ran.result


@RESTORES_WHAT_IS_GONE
def test_a_lost_answer_leads_to_one_restore(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    sandbox.fault(Fault(method="POST", kind="reset", when="after"))
    ran = put(backup_id="nightly", **FROM)
    assert (ran.failed, ran.changed, len(sandbox.restores(NEW))) == (False, True, 1), ran.result


@RESTORES_WHAT_IS_GONE
def test_the_id_is_looked_up_again_before_a_second_request(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    sandbox.fault(Fault(method="POST", kind="reset", when="before"))
    ran = put(backup_id="nightly", **FROM)
    assert (ran.failed, ran.changed, len(sandbox.restores(NEW))) == (False, True, 1), ran.result
    looks = [request.path.endswith(f"{PLACE}/backups") for request in sandbox.requests]
    second = max(number for number, request in enumerate(sandbox.requests) if request.method == "POST")
    assert any(looks[:second])
    assert sum(looks) >= 3


@pytest.mark.assume(gone_source="refuse")
def test_an_api_that_does_not_restore_what_is_gone_is_told_and_where_to_go(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    ran = put(backup_id="nightly", **FROM)
    assert (ran.failed, ran.changed) == (True, False)
    assert "The API does not restore backup 'Nightly' (ID nightly) to addon postgres-new" in ran.msg
    assert "HTTP 404" in ran.msg


def test_a_destination_that_cannot_be_read_is_told(sandbox: Sandbox, put: Task) -> None:
    delete_it(sandbox)
    sandbox.fault(Fault(method="GET", path=STORED, kind="403", times=None))
    ran = put(backup_id="nightly", **FROM)
    assert (ran.failed, sandbox.writes) == (True, [])
    assert "Account > Platform > BackupDestinations > Read" in ran.msg


def test_a_destination_without_an_addon_is_refused(sandbox: Sandbox, put: Task) -> None:
    sandbox.clear_log()
    ran = put(backup_id="nightly", source_destination_id=PLACE)
    assert ran.failed
    assert "source_destination_id needs source_addon_id beside it" in ran.msg
    assert sandbox.requests == []


@RESTORES_WHAT_IS_GONE
@pytest.mark.parametrize("gone", [True, False], ids=["gone", "still there"])
def test_after_a_lost_answer_a_restore_of_the_addons_own_backup_is_not_taken_for_the_lost_one(
    sandbox: Sandbox, put: Task, gone: bool
) -> None:
    wanted = {**FROM}
    if gone:
        delete_it(sandbox)
    else:
        del wanted["source_destination_id"]
    sandbox.add_backup(NEW, name="Nightly", age=30)
    sandbox.fault(Fault(method="POST", path=START, kind="reset", when="before"))
    held = sandbox.hold("GET", f"/{NEW}/restores$", turn=3)
    with harness.meanwhile(held, lambda: sandbox.start_restore(NEW, "nightly")):
        ran = put(backup_id="nightly", **wanted)
    assert (ran.failed, ran.changed, len(sandbox.restores(NEW))) == (True, True, 1), ran.result
    assert "does not say whose backup a new restore is of" in ran.msg
    assert len(sandbox.writes) == 1
