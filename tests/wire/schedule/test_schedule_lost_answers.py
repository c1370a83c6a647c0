# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: no addon loses its schedule by a change that did not work, whatever happens to the answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_schedule

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task
from .conftest import (
    CREATE,
    DELETE,
    DUMPS,
    FULL,
    FULL_HELD,
    LOST,
    MODULE,
    NIGHTLY,
    NOWHERE,
    READ,
    SNAPSHOT,
    SOON,
    WHEN,
    body,
    copy,
    held,
    in_between,
    methods,
    pasted,
    shown,
)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("kind", LOST)
def test_a_creation_whose_answer_is_lost_leaves_exactly_one(
    sandbox: Sandbox, schedule: Task, kind: str, when: str
) -> None:
    sandbox.fault(CREATE(kind=kind, when=when))
    ran = schedule(**NIGHTLY)
    assert not ran.failed, ran.result
    (one,) = sandbox.schedules(ADDON)
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "created")
    assert ran.result["schedule"]["id"] == one["id"]
    assert len(sandbox.writes) == (1 if when == "after" else 2)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("request_", ["read", "delete", "create", "look"])
@pytest.mark.parametrize("kind", LOST)
def test_a_replacement_survives_any_answer_that_is_lost(
    sandbox: Sandbox, schedule: Task, kind: str, request_: str, when: str
) -> None:
    old = sandbox.add_schedule(ADDON, body())
    fault = {"read": READ(turn=1, kind=kind, when=when), "look": READ(turn=2, kind=kind, when=when)}
    fault |= {"delete": DELETE(kind=kind, when=when), "create": CREATE(kind=kind, when=when)}
    sandbox.fault(fault[request_])
    ran = schedule(**SOON)
    assert held(sandbox) in ([body(scheduling={"minute": [45]})], [body()])
    if ran.failed:
        # A listing that makes no sense is an answer, and is not asked for again.
        assert (kind, request_) == ("wrong-type", "read")
        assert "Nothing was started or changed" in ran.msg
        assert [one["id"] for one in sandbox.schedules(ADDON)] == [old["id"]]
        return
    (one,) = sandbox.schedules(ADDON)
    assert one["scheduling"]["minute"] == [45]
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert ran.result["schedule"]["minute"] == [45]
    assert sorted(act.what for act in sandbox.acts) == ["schedule", "unschedule"]


@pytest.mark.parametrize("delay", [1.0, 20.0, 55.0])
@pytest.mark.parametrize("fault", [CREATE, DELETE], ids=["create", "delete"])
def test_what_takes_effect_late_is_not_done_twice(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task, fault: Callable[..., Fault], delay: float
) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(fault(kind="late-commit", when="before", delay=delay))
    ran = schedule(**SOON)
    assert not ran.failed, ran.result
    clock.advance(300)
    assert held(sandbox) == [body(scheduling={"minute": [45]})]
    assert ran.result["schedule"]["id"] == sandbox.schedules(ADDON)[0]["id"]


def test_a_creation_that_takes_effect_later_than_it_is_looked_for_is_still_the_only_one(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task
) -> None:
    """The API takes one of each interval and type, so the late one is refused."""
    sandbox.fault(CREATE(kind="late-commit", when="before", delay=200.0))
    assert not schedule(**NIGHTLY).failed
    clock.advance(300)
    assert held(sandbox) == [body()]


def test_a_second_request_that_is_refused_because_the_first_has_worked_is_understood(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    """It takes effect between the last look and the second request."""
    sandbox.fault(CREATE(kind="503", when="before"))
    task = in_between(sandbox, clock, "POST", lambda: sandbox.add_schedule(ADDON, body()), turn=2)
    ran = task(**NIGHTLY)
    assert not ran.failed, ran.result
    assert ran.changed
    assert len(sandbox.writes) == 2
    assert held(sandbox) == [body()]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_nothing_that_can_be_known_is_left_out_where_no_answer_comes_at_all(
    sandbox: Sandbox, schedule: Task, state: str
) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(DELETE(kind="504", when="before", times=None))
    ran = schedule(**SNAPSHOT, state="absent") if state == "absent" else schedule(**SOON)
    assert ran.failed
    assert ran.changed
    assert held(sandbox) == [body()]
    assert "Run the same task again" in ran.msg
    if state == "present":
        assert (
            "It is not known whether the old daily snapshot schedule of addon postgres-main is still there" in ran.msg
        )
        assert pasted(ran.msg) == {"project_id": "default-project", "addon_id": ADDON, **NIGHTLY}


def test_a_creation_without_any_answer_fails_and_claims_nothing(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.fault(CREATE(kind="504", when="before", times=None))
    ran = schedule(**NIGHTLY)
    assert ran.failed
    assert (ran.changed, ran.result["schedule"]["action"], "id" in ran.result["schedule"]) == (True, "none", False)
    assert "It is not known whether the daily snapshot schedule of addon postgres-main was created" in ran.msg
    assert len(sandbox.writes) == 2


def test_a_schedule_that_was_created_and_cannot_be_read_is_there(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.fault(READ(turn=2, times=None, kind="503", when="before"))
    ran = schedule(**NIGHTLY, api_retries=1)
    assert not ran.failed, ran.result
    (one,) = sandbox.schedules(ADDON)
    told = ran.result["schedule"]
    assert (told["id"], told["created_at"], told["minute"]) == (one["id"], None, [30])


# The new one is refused.


@pytest.mark.assume(optional_fields="present")
def test_when_the_new_one_is_refused_the_old_one_is_put_back(sandbox: Sandbox, schedule: Task) -> None:
    old = sandbox.add_schedule(ADDON, FULL)
    ran = schedule(**NOWHERE, _diff=True)
    assert ran.failed
    assert held(sandbox) == [FULL_HELD]
    (back,) = sandbox.schedules(ADDON)
    told = ran.result["schedule"]
    assert (ran.changed, told["action"], told["id"]) == (True, "put_back", back["id"])
    assert f"The old one was created again as it was (ID {back['id']}, before {old['id']})" in ran.msg
    assert 'There is no backup destination "nowhere"' in ran.msg
    assert "Addon postgres-main exists" in ran.msg
    assert MODULE not in ran.msg
    assert ran.result["diff"]["before"] == ran.result["diff"]["after"]
    assert [write.method for write in sandbox.writes] == ["DELETE", "POST", "POST"]


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.assume(optional_fields="present")
def test_the_old_one_is_put_back_also_when_that_answer_is_lost(
    sandbox: Sandbox, schedule: Task, kind: str, when: str
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    sandbox.fault(CREATE(turn=2, kind=kind, when=when))
    ran = schedule(**NOWHERE)
    assert ran.failed
    assert held(sandbox) == [FULL_HELD]
    assert ran.result["schedule"]["action"] == "put_back"
    assert "was created again as it was" in ran.msg


@pytest.mark.assume(optional_fields="present")
def test_when_it_is_not_known_whether_the_new_one_was_created_the_old_one_is_put_back(
    sandbox: Sandbox, schedule: Task
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    sandbox.fault(CREATE(times=2, kind="504", when="before"))
    ran = schedule(**DUMPS)
    assert ran.failed
    assert held(sandbox) == [FULL_HELD]
    assert ran.result["schedule"]["action"] == "put_back"
    assert "the request was sent twice" in ran.msg


def test_a_new_one_that_comes_late_is_found_when_the_old_one_is_to_be_put_back(
    sandbox: Sandbox, clock: VirtualClock, schedule: Task
) -> None:
    sandbox.add_schedule(ADDON, body())
    # Of three requests, the first takes effect after the second was given up, while the third is under way.
    sandbox.fault(CREATE(turn=1, kind="late-commit", when="before", delay=121.0))
    sandbox.fault(CREATE(turn=2, kind="504", when="before"))
    sandbox.fault(CREATE(turn=3, kind="504", when="before"))
    ran = schedule(**SOON)
    assert not ran.failed, ran.result
    assert held(sandbox) == [body(scheduling={"minute": [45]})]
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert clock.monotonic() > 120


@pytest.mark.parametrize("kind", ["redirect", "504"])
@pytest.mark.assume(optional_fields="present")
def test_when_the_old_one_cannot_be_put_back_the_message_holds_it_whole(
    sandbox: Sandbox, schedule: Task, kind: str
) -> None:
    sandbox.add_schedule(ADDON, FULL)
    sandbox.fault(CREATE(times=None, kind=kind, when="before"))
    ran = schedule(**DUMPS)
    assert ran.failed
    assert (ran.changed, "id" in ran.result["schedule"], sandbox.schedules(ADDON)) == (True, False, [])
    assert "may be gone" in ran.msg
    assert "The attempt to restore the old one failed, too" in ran.msg
    assert "addon_backup_schedule_info -a 'project_id=default-project addon_id=postgres-main'" in ran.msg
    # Pasted, it makes what was there.
    sandbox.clear_faults()
    made = schedule(**pasted(ran.msg))
    assert not made.failed, made.result
    assert held(sandbox) == [FULL_HELD]


@pytest.mark.assume(optional_fields="present")
def test_the_task_in_the_message_holds_copies_too(sandbox: Sandbox, schedule: Task) -> None:
    old = body(additionalDestinations=[copy(retentionTime=3), copy("example-destination")])
    sandbox.add_schedule(ADDON, old)
    sandbox.fault(CREATE(times=None, kind="redirect", when="before"))
    ran = schedule(**SOON)
    assert '"' not in ran.msg[ran.msg.index("- {") :]
    sandbox.clear_faults()
    assert not schedule(**pasted(ran.msg)).failed
    assert held(sandbox) == [old]


@pytest.mark.assume(optional_fields="present")
def test_a_late_new_one_is_not_taken_for_an_old_one_of_which_less_is_known(sandbox: Sandbox, schedule: Task) -> None:
    """As before, but the API has not told how the old one compresses, so that less tells it from the new one."""
    old = sandbox.add_schedule(ADDON, body(backupType="dump"))
    sandbox.fault(READ(kind="wrong-type", body=shown({key: old[key] for key in old if key != "backupCompressionType"})))
    sandbox.fault(CREATE(turn=1, kind="late-commit", when="before", delay=121.0))
    sandbox.fault(CREATE(turn=2, times=2, kind="504", when="before"))
    ran = schedule(**{**DUMPS, "minute": [45]}, compression_type="zstd")
    assert not ran.failed, ran.result
    assert (ran.changed, ran.result["schedule"]["action"]) == (True, "replaced")
    assert ran.result["schedule"]["minute"] == [45]
    assert ran.result["schedule"]["compression_type"] == "zstd"


@pytest.mark.parametrize(
    ("kind", "words"), [("redirect", "the API never redirects"), ("504", "it shows no effect yet"), (None, "")]
)
def test_an_old_one_that_is_still_there_is_not_said_to_be_gone(
    sandbox: Sandbox, schedule: Task, kind: str | None, words: str
) -> None:
    """Nor is it taken for the new one, or for another user's, also where only the API's refusal tells of it."""
    old = sandbox.add_schedule(ADDON, body())
    sandbox.fault(DELETE(kind="wrong-type", body={"data": {}}, when="before"))
    if kind is not None:
        sandbox.fault(CREATE(kind=kind, when="before"))
    ran = schedule(**SOON)
    assert ran.failed
    assert (ran.changed, ran.result["schedule"]["id"]) == (True, old["id"])
    assert "answered that the daily snapshot schedule of addon postgres-main was deleted, but still lists it" in ran.msg
    assert pasted(ran.msg)["minute"] == [30]
    assert words in ran.msg
    assert held(sandbox) == [body()]


def test_a_fault_of_the_program_itself_does_not_hide_the_old_one(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_schedule(ADDON, body())
    sandbox.fault(CREATE(kind="503", when="before"))

    def broken(_seconds: float) -> None:
        raise RuntimeError("nobody thought of this")

    ran = harness.run_task(addon_backup_schedule, sandbox, clock, on_sleep=broken, addon_id=ADDON, **SOON)
    assert ran.failed
    assert ran.changed
    assert "Please report this" in ran.msg
    assert pasted(ran.msg)["minute"] == [30]


def test_a_second_request_that_is_refused_for_another_reason_is_told(sandbox: Sandbox, schedule: Task) -> None:
    sandbox.fault(CREATE(turn=1, kind="503", when="before"))
    sandbox.fault(CREATE(turn=2, kind="403"))
    ran = schedule(**NIGHTLY)
    assert ran.failed
    assert ran.changed
    assert "It is not known whether" in ran.msg
    assert "HTTP 403" in ran.msg
    assert "it shows no effect yet" not in ran.msg


def test_a_token_that_may_only_read_deletes_nothing(sandbox: Sandbox, schedule: Task) -> None:
    old = sandbox.add_schedule(ADDON, body())
    ran = schedule(**SOON, api_token=sandbox.read_token)
    assert ran.failed
    assert not ran.changed
    assert "Project > Addons > General > Update" in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert MODULE not in ran.msg
    assert ran.result["schedule"]["id"] == old["id"]
    assert held(sandbox) == [body()]


def test_a_new_one_that_is_refused_where_there_was_none_changes_nothing(sandbox: Sandbox, schedule: Task) -> None:
    ran = schedule(**NOWHERE)
    assert ran.failed
    assert not ran.changed
    assert 'There is no backup destination "nowhere"' in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert sandbox.schedules(ADDON) == []
    # Only a conflict is a reason to look for what is in the way.
    after = sandbox.requests[methods(sandbox).index("POST") + 1 :]
    assert [request.path for request in after if request.path.endswith("/backup-schedules")] == []
