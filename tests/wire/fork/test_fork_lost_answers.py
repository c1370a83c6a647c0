# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forks: exactly one is made, whatever happens to the answers, and whoever makes one at the same time."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_fork

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task
from .conftest import CREATE, LOST, WHEN, add, forks, refusal, sent


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("named", [True, False])
def test_a_fork_whose_answer_is_lost_is_made_exactly_once(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str, kind: str, when: str, named: bool
) -> None:
    sandbox.fault(CREATE(kind=kind, when=when))
    ran = fork(backup_id=snapshot, fork_name=name if named else None)
    assert not ran.failed, ran.msg
    assert forks(sandbox) == [ran.result["fork"]["name"]]
    assert (ran.changed, ran.result["action"], ran.result["fork"]["status"]) == (True, "created", "running")
    assert len(sandbox.writes) == (1 if when == "after" else 2)


@pytest.mark.parametrize("delay", [1.0, 20.0, 55.0])
def test_a_request_that_takes_effect_late_is_not_sent_again(
    fork: Task, sandbox: Sandbox, clock: VirtualClock, snapshot: str, delay: float
) -> None:
    sandbox.fault(CREATE(kind="late-commit", when="before", delay=delay))
    ran = fork(backup_id=snapshot)
    assert not ran.failed, ran.msg
    clock.advance(300)
    assert (len(forks(sandbox)), len(sandbox.writes)) == (1, 1)


def test_where_nothing_can_be_found_out_the_message_has_name_and_command(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str
) -> None:
    sandbox.fault(CREATE(kind="reset", times=None, when="before"))
    ran = fork(backup_id=snapshot, fork_name=name, wait_timeout="600")
    assert f"It is not known whether the fork {name} was made in project default-project" in ran.msg
    assert f"fork_name={name}. To delete it if it is there: ansible localhost -m" in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"], ran.result["fork"]["name"]) == (True, True, "created", name)
    assert len(sandbox.writes) == 2


def test_a_refusal_of_the_second_request_does_not_say_that_nothing_was_made(
    fork: Task, sandbox: Sandbox, snapshot: str
) -> None:
    sandbox.fault(CREATE(kind="reset", when="before"))
    sandbox.fault(CREATE(kind="raw", when="before", turn=2, raw=refusal(400, "No.")))
    ran = fork(backup_id=snapshot)
    assert "It is not known whether the fork" in ran.msg
    assert (ran.failed, ran.changed) == (True, True)


def test_a_run_that_is_killed_and_run_again_makes_one_fork(
    fork: Task, sandbox: Sandbox, clock: VirtualClock, snapshot: str, name: str
) -> None:
    class Killed(BaseException):
        pass

    def kill(_seconds: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        harness.run_task(addon_fork, sandbox, clock, kill, source_addon_id=ADDON, backup_id=snapshot, fork_name=name)
    ran = fork(backup_id=snapshot, fork_name=name)
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, False, "joined")
    assert (forks(sandbox), len(sandbox.writes)) == ([name], 1)


def taken_meanwhile(sandbox: Sandbox, fork: Task, tags: tuple[str, ...], **arguments: str) -> harness.Ran:
    """Run the task while somebody else makes an addon of the name, just before its own request comes."""
    barrier = sandbox.hold("POST", r"/addons$")
    with harness.meanwhile(barrier, lambda: add(sandbox, arguments["fork_name"], tags, age=0.0)):
        return fork(**arguments)


def test_a_name_that_another_run_took_meanwhile_is_joined(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str
) -> None:
    ran = taken_meanwhile(sandbox, fork, ("northflank-cloud-fork",), backup_id=snapshot, fork_name=name)
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, False, "joined")
    assert [write.status for write in sandbox.writes] == [409]


def test_a_name_that_a_person_took_meanwhile_is_not_joined(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str
) -> None:
    ran = taken_meanwhile(sandbox, fork, (), backup_id=snapshot, fork_name=name)
    assert f"already has an addon '{name}', and this task does not join it" in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"]) == (True, False, "none")


def test_a_default_name_that_another_run_took_meanwhile_is_not_joined(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str
) -> None:
    default = f"drill-{name[-6:]}-260301120000"
    barrier = sandbox.hold("POST", r"/addons$")
    with harness.meanwhile(barrier, lambda: add(sandbox, default, age=0.0)):
        ran = fork(backup_id=snapshot)
    assert "and this task does not join it: it was there before this task" in ran.msg
    assert (ran.failed, ran.changed, len(sent(sandbox, "POST"))) == (True, False, 1)


@pytest.mark.parametrize("tags", [(), ("northflank-cloud-fork",)])
def test_after_a_lost_answer_only_the_fork_is_taken_for_the_fork(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str, tags: tuple[str, ...]
) -> None:
    sandbox.fault(CREATE(kind="503", when="before"))
    ran = taken_meanwhile(sandbox, fork, tags, backup_id=snapshot, fork_name=name)
    if tags:
        # Nobody can tell it from the one that was asked for.
        assert (ran.failed, ran.result["action"]) == (False, "created")
    else:
        assert "It is not known whether the fork" in ran.msg
        assert "and this task does not join it: the API does not tell that it has the tag" in ran.msg
    assert len(sent(sandbox, "POST")) == 1


@pytest.mark.parametrize("kind", ["reset", "429"])
def test_the_request_is_not_sent_again_for_another_backup_of_the_id(
    fork: Task, sandbox: Sandbox, name: str, snapshot: str, kind: str
) -> None:
    def replace() -> None:
        sandbox.remove_backup(ADDON, snapshot)
        sandbox.add_backup(ADDON, "Another", id=snapshot, age=0.0)

    sandbox.fault(CREATE(kind=kind, when="before"))
    barrier = sandbox.hold("POST", r"/addons$")
    with harness.meanwhile(barrier, replace):
        ran = fork(backup_id=snapshot, fork_name=name)
    assert "was deleted while the task ran, and its ID may be that of another one" in ran.msg
    assert (ran.failed, ran.changed, len(sandbox.writes)) == (True, kind == "reset", 1)


def test_an_answer_about_another_fork_is_none(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    def other(honest: bytes) -> list[bytes]:
        return [honest.replace(name.encode(), name[::-1].encode())]

    sandbox.fault(CREATE(kind="raw", when="after", raw=other))
    ran = fork(backup_id=snapshot, fork_name=name)
    assert (ran.failed, ran.result["fork"]["name"], len(sandbox.writes)) == (False, name, 1)


def test_an_answer_about_another_type_is_none(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    def other(honest: bytes) -> list[bytes]:
        return [honest.replace(b"postgresql", b"postgres!!")]

    sandbox.fault(CREATE(kind="raw", when="after", raw=other))
    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", turn=2, times=None, kind="503"))
    ran = fork(backup_id=snapshot, fork_name=name, wait=False, api_retries=0)
    assert "It is not known whether the fork" in ran.msg
    sandbox.clear_faults()
    assert fork(backup_id=snapshot, fork_name=name).result["action"] == "joined"
    assert len(sandbox.writes) == 1


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_read_that_gets_no_answer_is_sent_again(fork: Task, sandbox: Sandbox, snapshot: str, turn: int) -> None:
    sandbox.fault(Fault(method="GET", turn=turn, kind="503"))
    assert not fork(backup_id=snapshot).failed
    assert len(sandbox.writes) == 1


def test_a_read_that_is_refused_before_anything_is_made(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    sandbox.fault(Fault(method="GET", path=rf"/addons/{name}$", kind="raw", raw=refusal(403, "No.")))
    ran = fork(backup_id=snapshot, fork_name=name)
    assert "HTTP 403" in ran.msg
    assert "Nothing was started or changed." in ran.msg
    assert (ran.failed, ran.changed, sandbox.writes) == (True, False, [])
