# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forks: waiting until one runs, or is gone, by its own answer and under one deadline."""

from __future__ import annotations

import shlex

import pytest

import harness
from sandbox import Fault, Sandbox

from ..conftest import ADDON, Task
from .conftest import add, delete, exchange, forks, refusal, sent


def command_of(message: str) -> dict[str, str]:
    """The arguments of the command with which a message ends."""
    words = shlex.split(message.split("ansible localhost -m northflank.cloud.addon_fork -a ")[1])
    return dict(word.split("=", 1) for word in words[0].split())


@pytest.mark.parametrize("status", ["failed", "error", "errorAllocating", "paused"])
def test_a_fork_that_does_not_come_up_is_an_error_with_the_command_that_deletes_it(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str, status: str
) -> None:
    barrier = sandbox.hold("GET", rf"/addons/{name}$", turn=3)
    with harness.meanwhile(barrier, lambda: sandbox.set_addon_status(name, status)):
        ran = fork(backup_id=snapshot, fork_name=name)
    assert f"The fork {name} in project default-project is '{status}', so it will not run by itself" in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"]) == (True, True, "created")
    assert (ran.result["fork"]["name"], ran.result["fork"]["status"]) == (name, status)
    back = fork(**command_of(ran.msg))
    assert (back.failed, forks(sandbox)) == (False, [])


def test_a_state_that_nobody_documented_ends_the_wait(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    def odd(honest: bytes) -> list[bytes]:
        return [honest.replace(b'"allocating"', b'"dreaming!!"').replace(b'"preDeployment"', b'"dreamingAgain"')]

    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", turn=3, kind="raw", raw=odd))
    ran = fork(backup_id=snapshot, fork_name=name)
    assert f"The fork {name} in project default-project is in the state 'dreaming" in ran.msg
    assert (ran.failed, ran.changed) == (True, True)
    assert command_of(ran.msg)["fork_name"] == name


@pytest.mark.parametrize("status", ["allocating", "scaling", "upgrading", "backup"])
def test_after_the_deadline_the_fork_stays_and_its_command_is_told(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str, status: str
) -> None:
    add(sandbox, name, status=status)
    ran = fork(backup_id=snapshot, fork_name=name, wait_timeout="60")
    assert f"The fork {name} in project default-project is still '{status}' after the 60 s of wait_timeout" in ran.msg
    assert "It costs money by the hour until it is deleted: ansible localhost" in ran.msg
    assert 55 <= ran.result["elapsed"] <= 61
    assert (ran.failed, ran.changed, ran.result["action"], forks(sandbox)) == (True, False, "joined", [name])
    assert command_of(ran.msg) == {
        "state": "absent",
        "project_id": "default-project",
        "fork_name": name,
        "source_addon_id": ADDON,
        "backup_id": snapshot,
    }


def test_the_command_names_the_project_of_the_source_where_that_is_another(
    fork: Task, sandbox: Sandbox, snapshot: str
) -> None:
    where = {"project_id": "staging-project", "source_project_id": "default-project"}
    ran = fork(backup_id=snapshot, wait_timeout="2", **where)
    assert ran.failed
    assert {key: command_of(ran.msg)[key] for key in where} == where
    sandbox.clock.sleep(60)
    assert not fork(**command_of(ran.msg)).failed
    assert forks(sandbox, "staging-project") == []


def test_what_is_not_seen_is_not_said_to_be_so(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", turn=3, times=None, kind="503"))
    ran = fork(backup_id=snapshot, fork_name=name, wait_timeout="60")
    assert f"The fork {name} in project default-project was last seen as 'preDeployment' at 2026-03-01T12:00" in ran.msg
    assert command_of(ran.msg)["fork_name"] == name


def test_looks_that_get_no_answer_are_tolerated(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", turn=3, times=3, kind="reset"))
    ran = fork(backup_id=snapshot, fork_name=name)
    assert (ran.failed, ran.result["fork"]["status"]) == (False, "running")


def test_a_look_that_is_refused_ends_the_wait(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    look = Fault(method="GET", path=rf"/addons/{name}$", turn=3, kind="raw", raw=refusal(403, "No."))
    sandbox.fault(look)
    ran = fork(backup_id=snapshot, fork_name=name)
    assert "but it can no longer be watched: The API refused the request: HTTP 403" in ran.msg
    assert (ran.failed, ran.changed) == (True, True)


def test_a_fork_that_somebody_deletes_while_it_comes_up(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    barrier = sandbox.hold("GET", rf"/addons/{name}$", turn=3)
    with harness.meanwhile(barrier, lambda: sandbox.remove_addon(name)):
        ran = fork(backup_id=snapshot, fork_name=name)
    assert f"The fork {name} in project default-project was 'preDeployment', and the API no longer has it" in ran.msg
    assert (ran.failed, ran.changed) == (True, True)


def test_another_addon_of_the_name_is_not_waited_for(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    barrier = sandbox.hold("GET", rf"/addons/{name}$", turn=3)
    with harness.meanwhile(barrier, lambda: exchange(sandbox, name, ())):
        ran = fork(backup_id=snapshot, fork_name=name)
    assert "and the API no longer has it" in ran.msg


def test_absent_waits_until_the_fork_is_gone(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    ran = gone(fork_name=name)
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, True, "deleted")
    assert ran.result["fork"]["status"] == "deleted"
    assert name not in sandbox.addon_ids


def test_without_wait_absent_ends_when_the_deletion_has_begun(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    ran = gone(fork_name=name, wait=False)
    assert (ran.changed, ran.result["action"], sandbox.addon_status(name)) == (True, "deleted", "deleting")
    assert len(sandbox.requests) == 4


def test_a_fork_that_is_going_is_only_waited_for(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    delete(sandbox, name)
    ran = gone(fork_name=name)
    assert (ran.failed, ran.changed, ran.result["action"], sandbox.writes) == (False, False, "none", [])
    assert name not in sandbox.addon_ids


def test_a_fork_whose_deletion_does_not_end_is_told(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name, status="deleting")
    ran = gone(fork_name=name, wait_timeout="60")
    assert f"The fork {name} in project default-project is still 'deleting' after the 60 s of wait_timeout" in ran.msg
    assert (ran.failed, ran.changed) == (True, False)
    assert command_of(ran.msg)["fork_name"] == name


def test_a_fork_is_gone_once_the_name_is_another_addons(gone: Task, sandbox: Sandbox, name: str) -> None:
    add(sandbox, name)
    barrier = sandbox.hold("GET", rf"/addons/{name}$", turn=3)
    with harness.meanwhile(barrier, lambda: exchange(sandbox, name, ())):
        ran = gone(fork_name=name)
    assert (ran.failed, ran.changed, ran.result["fork"]["status"]) == (False, True, "deleted")
    assert name in sandbox.addon_ids
    assert len(sent(sandbox, "DELETE")) == 1
