# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forks: a fork is deleted, and nothing that a person made ever is."""

from __future__ import annotations

from typing import Any

import pytest

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task
from .conftest import DELETE, LOST, TAG, WHEN, add, add_like, delete, digits, exchange, forks, refusal, sent, without

# An addon of a person, as it differs from a fork, and why it is not deleted.
PERSONS: dict[str, tuple[dict[str, Any], str]] = {
    "no tag": ({"tags": ()}, "the API does not tell that it has the tag northflank-cloud-fork"),
    "other tags": ({"tags": ("drill", "critical")}, "the API does not tell that it has the tag"),
    "a type that cannot be forked": ({"kind": "redis"}, "it is of another type"),
    "a store": ({"kind": "minio"}, "it is of another type"),
    "older than the backup": ({"age": 3601.0}, "the API does not tell that it was made after the backup"),
    "another name with the same ID": ({"name": "Look"}, "its name does not say that it is a fork"),
    "another name with the same digits": ({"name": "another-DIGITS"}, "its name does not say that it is a fork"),
}


@pytest.mark.parametrize(("facts", "words"), PERSONS.values(), ids=PERSONS)
@pytest.mark.parametrize("check_mode", [False, True])
def test_an_addon_that_is_not_proved_to_be_a_fork_is_not_deleted(
    gone: Task, sandbox: Sandbox, name: str, facts: dict[str, Any], words: str, check_mode: bool
) -> None:
    add_like(sandbox, name, facts)
    ran = gone(fork_name=name, _check_mode=check_mode)
    assert f"Addon {name} of project default-project was not deleted" in ran.msg
    assert words in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"], sandbox.writes) == (True, False, "none", [])
    assert sandbox.addon_status(name) == "running"


@pytest.mark.parametrize("age", [3600.0, 3599.0, 0.0])
def test_what_is_not_older_than_the_backup_is_deleted(gone: Task, sandbox: Sandbox, name: str, age: float) -> None:
    add(sandbox, name, age=age)
    assert gone(fork_name=name).changed
    assert name not in sandbox.addon_ids


@pytest.mark.parametrize("kind", ["mongodb", "mysql", "postgresql"])
def test_a_fork_of_each_type_is_deleted(fork: Task, sandbox: Sandbox, kind: str) -> None:
    source = {"postgresql": ADDON, "mysql": "mysql-orders", "mongodb": "mongo-events"}[kind]
    sandbox.add_backup(source, "Nightly")
    made = fork(source_addon_id=source, name="Nightly")
    back = fork(
        source_addon_id=source,
        backup_id=made.result["backup"]["id"],
        fork_name=made.result["fork"]["name"],
        fork_uid=made.result["fork"]["uid"],
        state="absent",
    )
    assert (back.failed, back.changed, forks(sandbox)) == (False, True, [])


@pytest.mark.parametrize("addon_id", ["postgres-main", "mysql-orders", "redis-cache", "postgres-paused"])
def test_no_addon_without_the_digits_is_even_looked_at(gone: Task, sandbox: Sandbox, addon_id: str) -> None:
    ran = gone(fork_name=addon_id)
    assert (ran.failed, ran.changed, sandbox.requests) == (True, False, [])


def test_the_digits_are_those_of_project_addon_and_backup(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str
) -> None:
    add(sandbox, name)
    other = sandbox.add_backup(ADDON, "Other")["id"]
    for wrong in (
        {"backup_id": other},
        {"backup_id": snapshot, "source_addon_id": "mysql-orders"},
        {"backup_id": snapshot, "source_project_id": "staging-project"},
        {"backup_id": snapshot, "project_id": "staging-project"},
    ):
        ran = fork(fork_name=name, state="absent", **wrong)
        assert "does not have the digits of this project, addon and backup" in ran.msg
    assert (sandbox.requests, forks(sandbox)) == ([], [name])


UNTOLD: dict[str, Any] = {
    "no tags": without("tags"),
    "tags of null": without(tags=None),
    "tags of text": without(tags=TAG),
    "tags that are none": without(tags=[{"name": TAG}, None]),
    "a similar tag": without(tags=[f"{TAG}s", TAG.upper(), f" {TAG}"]),
    "no time": without("createdAt"),
    "a time of null": without(createdAt=None),
    "a time that is none": without(createdAt="yesterday"),
    "a time long ago": without(createdAt="1970-01-01T00:00:00Z"),
    "another name": without(name="drill"),
}


@pytest.mark.parametrize("told", UNTOLD.values(), ids=UNTOLD)
def test_what_the_api_does_not_tell_proves_nothing(gone: Task, sandbox: Sandbox, name: str, told: Any) -> None:
    add(sandbox, name)
    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", kind="raw", times=None, raw=told))
    ran = gone(fork_name=name)
    assert "it is not proved to be a fork that this module made of this backup" in ran.msg
    assert (ran.failed, ran.changed, sandbox.writes) == (True, False, [])
    joined = gone(fork_name=name, state="present")
    assert (joined.failed, joined.changed, sandbox.writes) == (True, False, [])


UNUSABLE: dict[str, Any] = {
    "another ID": without(id=ADDON),
    "no ID": without("id"),
    "no name": without("name"),
    "no spec": without("spec"),
    "no type": without(spec={}),
    "no status": without("status"),
    "a uid that is none": without(uid=7),
}


@pytest.mark.parametrize("told", UNUSABLE.values(), ids=UNUSABLE)
def test_an_answer_that_cannot_be_used_deletes_nothing(gone: Task, sandbox: Sandbox, name: str, told: Any) -> None:
    add(sandbox, name)
    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", kind="raw", times=None, raw=told))
    ran = gone(fork_name=name)
    assert "the API's answer cannot be used" in ran.msg
    assert (ran.failed, ran.changed, sandbox.writes) == (True, False, [])


@pytest.mark.assume(with_uid=True)
def test_the_uid_that_was_returned_has_to_match(gone: Task, sandbox: Sandbox, name: str) -> None:
    uid = add(sandbox, name)
    ran = gone(fork_name=name, fork_uid="5f0c7b9e-2b1d-4a43-9c3b-3a8f0c1d2e4f")
    assert "the API does not tell that it has the uid in fork_uid" in ran.msg
    assert (ran.failed, sandbox.writes) == (True, [])
    assert gone(fork_name=name, fork_uid=uid).changed


@pytest.mark.assume(with_uid=False)
def test_a_uid_that_the_api_does_not_tell_is_not_proved(gone: Task, sandbox: Sandbox, name: str) -> None:
    uid = add(sandbox, name)
    ran = gone(fork_name=name, fork_uid=uid)
    assert "the API does not tell that it has the uid in fork_uid" in ran.msg
    assert (ran.failed, sandbox.writes) == (True, [])


@pytest.mark.assume(with_uid=True)
def test_without_the_backup_only_the_uid_proves_it(gone: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    uid = add(sandbox, name)
    sandbox.remove_backup(ADDON, snapshot)
    ran = gone(fork_name=name)
    assert (
        "the backup no longer exists, so that the addon cannot be proved to be made after it. Give fork_uid" in ran.msg
    )
    assert (ran.failed, sandbox.writes) == (True, [])
    assert gone(fork_name=name, fork_uid=uid).changed
    assert name not in sandbox.addon_ids


def test_a_later_backup_of_the_same_id_does_not_prove_it(
    gone: Task, sandbox: Sandbox, snapshot: str, name: str
) -> None:
    add(sandbox, name)
    sandbox.remove_backup(ADDON, snapshot)
    sandbox.add_backup(ADDON, "Nightly", id=snapshot, age=60)
    ran = gone(fork_name=name)
    assert "the API does not tell that it was made after the backup" in ran.msg
    assert (ran.failed, sandbox.writes) == (True, [])


def test_a_backup_that_cannot_be_read_ends_it(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    sandbox.fault(Fault(method="GET", path=r"/backups/", kind="raw", raw=refusal(403, "No.")))
    ran = gone(fork_name=name)
    assert "HTTP 403" in ran.msg
    assert (ran.failed, ran.changed, sandbox.writes) == (True, False, [])


def test_a_fork_that_is_gone_is_fine(gone: Task, sandbox: Sandbox, name: str) -> None:
    ran = gone(fork_name=name)
    assert (ran.failed, ran.changed, ran.result["action"], ran.result["fork"]) == (False, False, "none", None)
    assert ran.msg == f"{name}: there is no such fork"
    assert sandbox.writes == []


def test_a_fork_in_a_project_that_does_not_exist_is_not_gone(fork: Task, snapshot: str) -> None:
    ran = fork(
        project_id="stagnig-project",
        backup_id=snapshot,
        fork_name=f"look-{digits(snapshot, project_id='stagnig-project')}",
        state="absent",
    )
    assert "There is no project 'stagnig-project' that the token may see" in ran.msg
    assert (ran.failed, ran.changed) == (True, False)


def test_a_fork_with_another_id_is_found_by_its_name(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, "another-id", name=name)
    ran = gone(fork_name=name)
    assert (ran.failed, ran.changed) == (False, True)
    assert "another-id" not in sandbox.addon_ids


def test_a_fork_is_deleted_once_and_the_second_run_changes_nothing(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    assert gone(fork_name=name).changed
    assert not gone(fork_name=name).changed
    assert len(sandbox.writes) == 1


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("kind", LOST)
def test_a_deletion_whose_answer_is_lost_is_done_once(
    gone: Task, sandbox: Sandbox, name: str, kind: str, when: str
) -> None:
    add(sandbox, name)
    sandbox.fault(DELETE(kind=kind, when=when))
    ran = gone(fork_name=name)
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, True, "deleted"), ran.msg
    assert name not in sandbox.addon_ids
    assert [act.what for act in sandbox.acts].count("delete-addon") <= 2


@pytest.mark.parametrize("kind", [*LOST, "429"])
@pytest.mark.parametrize("tags", [(), (TAG,)])
def test_the_second_request_deletes_no_addon_that_got_the_name_meanwhile(
    gone: Task, sandbox: Sandbox, name: str, kind: str, tags: tuple[str, ...]
) -> None:
    add(sandbox, name)
    sandbox.fault(DELETE(kind=kind, when="before"))
    barrier = sandbox.hold("GET", rf"/addons/{name}$", turn=3)
    with harness.meanwhile(barrier, lambda: exchange(sandbox, name, tags)):
        ran = gone(fork_name=name)
    assert not ran.failed, ran.msg
    assert (name in sandbox.addon_ids, len(sent(sandbox, "DELETE"))) == (True, 1)
    assert ran.changed == (kind != "429")


@pytest.mark.parametrize("kind", ["503", "429"])
@pytest.mark.parametrize("turn", [2, 3])
def test_an_addon_that_may_be_another_one_by_now_is_not_deleted(
    gone: Task, sandbox: Sandbox, name: str, kind: str, turn: int
) -> None:
    add(sandbox, name)
    sandbox.fault(DELETE(kind=kind, when="before"))
    silent = without("uid", "createdAt")
    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", turn=turn, times=None, kind="raw", raw=silent))
    barrier = sandbox.hold("GET", rf"/addons/{name}$", turn=turn)
    with harness.meanwhile(barrier, lambda: exchange(sandbox, name)):
        ran = gone(fork_name=name)
    assert "the API no longer tells that it is the same addon as before" in ran.msg
    assert (ran.failed, ran.changed) == (True, turn == 3 and kind == "503")
    assert (sandbox.addon_status(name), len(sent(sandbox, "DELETE"))) == ("running", turn - 2)


@pytest.mark.parametrize("tags", [(), (TAG,)])
@pytest.mark.parametrize("kind", ["503", "429", "reset"])
def test_an_addon_that_got_the_name_while_the_backup_was_read_is_not_deleted(
    gone: Task, sandbox: Sandbox, name: str, kind: str, tags: tuple[str, ...]
) -> None:
    pauses: list[float] = []

    def on_sleep(seconds: float) -> None:
        if not pauses:
            exchange(sandbox, name, tags)
        pauses.append(seconds)

    add(sandbox, name)
    sandbox.fault(Fault(method="GET", path=r"/backups/", kind=kind, when="before"))
    ran = gone(fork_name=name, on_sleep=on_sleep)
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, False, "none"), ran.msg
    assert (sandbox.addon_status(name), sandbox.writes) == ("running", [])


def test_an_addon_that_got_the_name_while_requests_had_run_out_is_not_deleted(
    gone: Task, sandbox: Sandbox, name: str
) -> None:
    pauses: list[float] = []

    def on_sleep(seconds: float) -> None:
        if not pauses:
            exchange(sandbox, name, ())
        pauses.append(seconds)

    add(sandbox, name)
    sandbox.set_rate(remaining=1)
    ran = gone(fork_name=name, wait_timeout="2h", on_sleep=on_sleep)
    assert pauses[0] > 3000
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, False, "none"), ran.msg
    assert (sandbox.addon_status(name), sandbox.writes) == ("running", [])


@pytest.mark.parametrize("kind", ["503", "429"])
def test_the_second_request_deletes_no_fork_that_a_person_kept_meanwhile(
    gone: Task, sandbox: Sandbox, name: str, kind: str
) -> None:
    def keep() -> None:
        with sandbox.world.lock:
            sandbox.world.projects["default-project"].addons[name].tags = []

    add(sandbox, name)
    sandbox.fault(DELETE(kind=kind, when="before"))
    barrier = sandbox.hold("GET", rf"/addons/{name}$", turn=3)
    with harness.meanwhile(barrier, keep):
        ran = gone(fork_name=name)
    assert "the API does not tell that it has the tag northflank-cloud-fork" in ran.msg
    assert (ran.failed, ran.changed) == (True, kind == "503")
    assert (name in sandbox.addon_ids, len(sent(sandbox, "DELETE"))) == (True, 1)


def test_where_no_answer_comes_the_message_says_so(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    sandbox.fault(DELETE(kind="reset", when="before", times=None))
    ran = gone(fork_name=name)
    assert f"It is not known whether the fork {name} in project default-project is being deleted" in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"]) == (True, True, "deleted")


def test_a_deletion_that_is_refused_is_no_change(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    sandbox.fault(DELETE(kind="raw", when="before", raw=refusal(409, "It is in use.")))
    ran = gone(fork_name=name)
    assert "HTTP 409: It is in use." in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"], forks(sandbox)) == (True, False, "none", [name])


def test_a_fork_that_another_run_has_deleted_meanwhile_is_fine(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    barrier = sandbox.hold("DELETE", rf"/addons/{name}$")
    with harness.meanwhile(barrier, lambda: sandbox.remove_addon(name)):
        ran = gone(fork_name=name)
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, False, "none")


@pytest.mark.parametrize("delay", [1.0, 20.0])
def test_a_deletion_that_takes_effect_late_is_waited_for(
    gone: Task, sandbox: Sandbox, clock: VirtualClock, name: str, delay: float
) -> None:
    add(sandbox, name)
    sandbox.fault(DELETE(kind="late-commit", when="before", delay=delay))
    ran = gone(fork_name=name)
    assert (ran.failed, ran.changed) == (False, True), ran.msg
    clock.advance(300)
    assert name not in sandbox.addon_ids


def test_the_addon_that_the_backup_is_of_may_be_gone(gone: Task, sandbox: Sandbox, name: str) -> None:
    uid = add(sandbox, name)
    sandbox.remove_addon(ADDON)
    ran = gone(fork_name=name)
    assert "the backup no longer exists" in ran.msg
    assert (ran.failed, sandbox.writes) == (True, [])
    told = sandbox.world.assumptions.with_uid
    assert gone(fork_name=name, fork_uid=uid).changed == told


def test_nothing_is_deleted_twice_by_two_runs(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    delete(sandbox, name)
    assert not gone(fork_name=name, wait=False).changed
    assert sandbox.writes == []
