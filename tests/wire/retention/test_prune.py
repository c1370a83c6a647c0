# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""addon_backup_prune: given these backups, when the task runs, then the server holds those and saw these requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._retention import prune as deletion
from ansible_collections.northflank.cloud.plugins.module_utils._retention.policy import Policy
from ansible_collections.northflank.cloud.plugins.module_utils._retention.prune import Pruned
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_prune

import harness
from sandbox import Fault, Sandbox, VirtualClock, assume

from ..api.test_shifting_lists import slip
from ..conftest import ADDON
from ..task.test_examples import examples

OTHER = "mysql-orders"
DAY = 86400.0

Prune = Callable[..., harness.Ran]


def prune_task(
    sandbox: Sandbox, clock: VirtualClock, on_sleep: Callable[[float], None] | None = None, **arguments: Any
) -> harness.Ran:
    """Run addon_backup_prune; what is not said is the sandbox's, and the prefix is ``nightly-``."""
    given = {"addon_id": ADDON, "name_prefix": "nightly-", **arguments}
    return harness.run_task(addon_backup_prune, sandbox, clock, on_sleep, **given)


@pytest.fixture
def prune(sandbox: Sandbox, clock: VirtualClock) -> Prune:
    return lambda **arguments: prune_task(sandbox, clock, **arguments)


@pytest.fixture
def nightly(sandbox: Sandbox) -> list[str]:
    """Ten backups, one a night; their IDs, newest first."""
    return [sandbox.add_backup(ADDON, name=f"nightly-{day}", age=3600 + day * DAY)["id"] for day in range(10)]


def held(sandbox: Sandbox, addon_id: str = ADDON) -> list[str]:
    """Names of what the server holds, newest first."""
    return [backup["name"] for backup in reversed(sandbox.backups(addon_id))]


def names(ran: harness.Ran, key: str) -> list[str]:
    return [backup["name"] for backup in ran.result[key]]


def deletes(sandbox: Sandbox) -> list[str]:
    """IDs that a DELETE was sent for; nothing else may have been written."""
    assert {write.method for write in sandbox.writes} <= {"DELETE"}
    return [write.path.rsplit("/", 1)[1] for write in sandbox.writes]


@pytest.mark.assume(max_page_size_served=None)
def test_what_no_rule_keeps_is_deleted_and_nothing_else(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    others = ["weekly-1", "night", "Before build 1"]
    for name in others:
        sandbox.add_backup(ADDON, name=name, age=100 * DAY)
    sandbox.add_backup(OTHER, name="nightly-1", age=100 * DAY)
    sandbox.add_backup(ADDON, name="nightly-bad", status="failed", age=60 * DAY)
    ran = prune(keep_last=3, keep_weekly=2)
    assert (ran.failed, ran.changed) == (False, True), ran.result
    # The clock stands at noon of Sunday 1 March: the week before ended seven days ago.
    stay = ["nightly-0", "nightly-1", "nightly-2", "nightly-7"]
    assert [name for name in held(sandbox) if name not in others] == [*stay, "nightly-bad"]
    assert set(others) <= set(held(sandbox))
    assert held(sandbox, OTHER) == ["nightly-1"]
    assert names(ran, "kept") == [*stay, "nightly-bad"]
    assert names(ran, "deleted") == [f"nightly-{day}" for day in (3, 4, 5, 6, 8, 9)]
    assert deletes(sandbox) == [nightly[day] for day in (9, 8, 6, 5, 4, 3)]
    # The list, the restores, and for each that goes a look at it and the DELETE.
    assert ran.result["requests"] == len(sandbox.requests) == 2 + 2 * 6


def test_the_second_run_changes_nothing(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    first = prune(keep_last=2, keep_daily=4)
    assert first.changed
    sandbox.clear_log()
    again = prune(keep_last=2, keep_daily=4)
    assert (again.failed, again.changed, again.result["deleted"]) == (False, False, [])
    assert again.result["kept"] == first.result["kept"]
    assert sandbox.writes == []
    assert len(held(sandbox)) == len(nightly) - 6


@pytest.mark.usefixtures("nightly")
def test_check_mode_and_diff_show_the_same_and_only_read(sandbox: Sandbox, prune: Prune) -> None:
    planned = prune(keep_last=3, _check_mode=True, _diff=True)
    assert (planned.failed, planned.changed) == (False, True)
    assert sandbox.writes == []
    ran = prune(keep_last=3, _diff=True)
    for key in ("deleted", "kept", "diff", "changed"):
        assert planned.result[key] == ran.result[key]
    before, after = (ran.result["diff"][side].splitlines() for side in ("before", "after"))
    assert len(before) == 10
    assert after == before[:3]
    assert after[0].startswith(f"{ADDON}: nightly-0 (ID nightly-0, completed, 2026-03-01T11:00")
    assert prune(keep_last=3, _check_mode=True).changed is False


def test_each_decision_tells_its_reasons(prune: Prune, nightly: list[str]) -> None:
    ran = prune(keep_last=len(nightly) - 1, keep_daily=1, keep_within="2d")
    for key in ("deleted", "kept"):
        assert {one["addon_id"] for one in ran.result[key]} == {ADDON}
    assert ran.result["deleted"][0]["reason"] == "kept by no rule"
    assert ran.result["kept"][0]["reason"] == "last 9, daily 2026-03-01, within 2d, newest completed"


def test_one_of_each_year_stays(sandbox: Sandbox, prune: Prune) -> None:
    for days in (0, 366, 2 * 366, 2 * 366 + 1, 3 * 366):
        sandbox.add_backup(ADDON, name=f"nightly-{days}", age=days * DAY)
    ran = prune(keep_yearly=3)
    assert (ran.changed, names(ran, "deleted")) == (True, ["nightly-733", "nightly-1098"])
    assert sorted(held(sandbox)) == ["nightly-0", "nightly-366", "nightly-732"]


@pytest.mark.usefixtures("nightly")
def test_failed_ones_go_only_when_asked(sandbox: Sandbox, prune: Prune) -> None:
    bad = [
        sandbox.add_backup(ADDON, name="nightly-bad", status=status, age=60)["id"]
        for status in ("failed", "aborted", "not-supported")
    ]
    running = sandbox.add_backup(ADDON, name="nightly-now", status="in-progress", age=1)["id"]
    assert not prune(keep_last=10).changed
    ran = prune(keep_last=10, delete_failed=True)
    assert {one["id"] for one in ran.result["deleted"]} == set(bad) == set(deletes(sandbox))
    assert running in {one["id"] for one in sandbox.backups(ADDON)}


@pytest.mark.assume(types_told=True)
def test_the_pattern_and_protect_and_the_type_are_heeded(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    sandbox.add_backup(ADDON, name="nightly-by hand", age=50 * DAY)
    sandbox.add_backup(ADDON, name="nightly-11", backup_type="dump", age=51 * DAY)
    sandbox.add_backup(ADDON, name="nightly-12", source_type="fileUpload", age=52 * DAY)
    ran = prune(
        keep_last=1, name_pattern="[0-9]+", protect=["nightly-5", nightly[6]], backup_type="snapshot", addon_id=[ADDON]
    )
    assert not ran.failed, ran.result
    stay = ["nightly-0", "nightly-5", "nightly-6", "nightly-by hand", "nightly-11", "nightly-12"]
    assert held(sandbox) == stay
    assert names(ran, "kept") == [name for name in stay if name != "nightly-by hand"]


def test_a_backup_that_is_being_restored_stays(sandbox: Sandbox, clock: VirtualClock, nightly: list[str]) -> None:
    sandbox.start_restore(ADDON, nightly[5])
    ran = prune_task(sandbox, clock, keep_last=1)
    assert not ran.failed, ran.result
    assert held(sandbox) == ["nightly-0", "nightly-5"]
    assert ran.result["kept"][1]["reason"] == "being restored"
    assert nightly[5] not in deletes(sandbox)
    clock.advance(3600)
    assert names(prune_task(sandbox, clock, keep_last=1), "deleted") == ["nightly-5"]


def asked(sandbox: Sandbox, ending: str) -> int:
    """How many requests read what a path ends with."""
    return len([one for one in sandbox.requests if one.method == "GET" and one.path.split("?")[0].endswith(ending)])


def test_what_is_restored_is_asked_for_only_where_something_goes(sandbox: Sandbox, prune: Prune) -> None:
    for addon_id, number in ((ADDON, 3), (OTHER, 1)):
        for day in range(number):
            sandbox.add_backup(addon_id, name=f"nightly-{day}", age=3600 + day * DAY)
    ran = prune(addon_id=[ADDON, OTHER], keep_last=3)
    assert (ran.changed, asked(sandbox, "/restores")) == (False, 0)
    ran = prune(addon_id=[ADDON, OTHER], keep_last=2, _check_mode=True)
    assert (ran.changed, asked(sandbox, f"/{ADDON}/restores"), asked(sandbox, "/restores")) == (True, 1, 1)
    sandbox.fault(Fault(method="GET", path="/restores$", times=None, kind="503", when="before"))
    ran = prune(addon_id=[ADDON, OTHER], keep_last=2)
    assert (ran.failed, ran.changed) == (True, False)
    assert sandbox.writes == []


@pytest.mark.parametrize("shown", ["absent", "present"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_restore_that_begins_while_others_are_deleted_keeps_its_backup(
    clock: VirtualClock, shown: str, moment: str
) -> None:
    """Of the two that should go, the older one is gone when somebody begins to put the other back."""
    with Sandbox(clock=clock, assumptions=assume(list_last_restore=shown, optional_fields="present")) as sandbox:
        ids = [sandbox.add_backup(ADDON, name=f"nightly-{day}", age=3600 + day * DAY)["id"] for day in range(3)]
        here = sandbox.hold("DELETE", ids[2], "after") if moment == "after" else sandbox.hold("GET", f"/{ids[1]}$")
        with harness.meanwhile(here, lambda: sandbox.start_restore(ADDON, ids[1])):
            ran = prune_task(sandbox, clock, keep_last=1)
        assert (ran.failed, ran.changed) == (False, True), ran.result
        assert names(ran, "deleted") == ["nightly-2"]
        assert held(sandbox) == names(ran, "kept") == ["nightly-0", "nightly-1"]
        assert ran.result["kept"][1]["reason"] == "being restored"
        assert deletes(sandbox) == [ids[2]]


def test_after_ten_seconds_it_is_asked_again_what_is_restored(sandbox: Sandbox, clock: VirtualClock) -> None:
    """Somebody puts one back while the request limit makes the task wait, and its answer tells nothing of that."""
    for days in (3, 2, 1):
        one = sandbox.add_backup(ADDON, name=f"nightly-{days}", age=days * DAY)
        silent = Fault(method="GET", path=f"/{one['id']}$", kind="wrong-type", times=None, body={"data": one})
        sandbox.fault(silent)
    sandbox.fault(Fault(method="DELETE", kind="429", retry_after=60.0))
    sandbox.next_restore_outcome(ADDON, "completed", 3600)
    ran = prune_task(sandbox, clock, lambda _seconds: sandbox.start_restore(ADDON, "nightly-2"), keep_last=1)
    assert not ran.failed, ran.result
    assert names(ran, "deleted") == ["nightly-3"]
    assert held(sandbox) == ["nightly-1", "nightly-2"]
    assert asked(sandbox, "/restores") == 2


@pytest.mark.assume(optional_fields="present")
def test_a_lost_delete_is_not_sent_again_once_the_backup_is_being_restored(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    for days in (2, 1):
        sandbox.add_backup(ADDON, name=f"nightly-{days}", age=days * DAY)
    sandbox.fault(Fault(method="DELETE", kind="reset", when="before"))
    restored: list[str] = []

    def somebody(_seconds: float) -> None:
        if not restored:
            restored.append("nightly-2")
            sandbox.start_restore(ADDON, "nightly-2")

    ran = prune_task(sandbox, clock, somebody, keep_last=1)
    # Whether the first DELETE still takes effect is not known.
    assert (ran.failed, ran.changed, deletes(sandbox)) == (True, True, ["nightly-2"])
    assert ran.result["kept"][-1]["reason"] == "to be deleted; whether it is gone is not known"
    assert "now it is kept: being restored" in ran.msg


@pytest.mark.assume(optional_fields="present")
def test_a_group_is_kept_together_once_one_of_it_is_being_restored(sandbox: Sandbox, prune: Prune) -> None:
    for build in (1, 2):
        for addon_id in (ADDON, OTHER):
            sandbox.add_backup(addon_id, name=f"build-{build}", age=(10 - build) * DAY)
    first = min(ADDON, OTHER)
    with harness.meanwhile(
        sandbox.hold("GET", f"/{first}/backups/build-1$"), lambda: sandbox.start_restore(first, "build-1")
    ):
        ran = prune(addon_id=[ADDON, OTHER], name_prefix="build-", group_pattern="build-([0-9]+)", keep_last=1)
    assert (ran.failed, ran.changed, sandbox.writes) == (False, False, []), ran.result
    assert held(sandbox) == held(sandbox, OTHER) == ["build-2", "build-1"]
    assert {one["reason"] for one in ran.result["kept"] if one["name"] == "build-1"} == {"group 1: being restored"}


def test_what_slipped_from_one_page_to_another_still_keeps_its_group(sandbox: Sandbox, prune: Prune) -> None:
    for build in (1, 2):
        for addon_id in (ADDON, OTHER):
            sandbox.add_backup(addon_id, name=f"build-{build}", age=(10 - build) * DAY)
    running = sandbox.add_backup(OTHER, name="build-1", status="in-progress", age=1)["id"]
    slip(sandbox, rf"/{OTHER}/backups$", "backups", sandbox.backups(OTHER), running)
    ran = prune(addon_id=[ADDON, OTHER], name_prefix="build-", group_pattern="build-([0-9]+)", keep_last=1)
    assert (ran.failed, ran.changed, sandbox.writes) == (False, False, []), ran.result


def test_a_restore_that_slipped_from_one_page_to_another_still_keeps_its_backup(sandbox: Sandbox, prune: Prune) -> None:
    ids = [sandbox.add_backup(ADDON, name=f"nightly-{day}", age=3600 + day * DAY)["id"] for day in range(2)]
    for backup_id in (ids[0], ids[1]):
        sandbox.start_restore(ADDON, backup_id)
        sandbox.clock.sleep(4 if backup_id == ids[1] else 60)
    running = sandbox.restores(ADDON)[-1]
    sandbox.fault(Fault(method="GET", path=rf"/{ids[1]}$", kind="wrong-type", body={"data": sandbox.backups(ADDON)[0]}))
    slip(sandbox, r"/restores$", "restores", sandbox.restores(ADDON), running["id"])
    ran = prune(keep_last=1)
    assert (ran.failed, ran.changed, sandbox.writes) == (False, False, []), ran.result


def test_each_addon_is_decided_on_for_itself(sandbox: Sandbox, prune: Prune) -> None:
    for number in range(3):
        sandbox.add_backup(ADDON, name=f"nightly-{number}", age=number * DAY)
        sandbox.add_backup(OTHER, name=f"nightly-{number}", age=(number + 20) * DAY)
    prune(addon_id=[ADDON, OTHER], keep_last=2)
    assert held(sandbox) == held(sandbox, OTHER) == ["nightly-0", "nightly-1"]


def test_groups_over_two_addons_stay_or_go_together(sandbox: Sandbox, prune: Prune) -> None:
    for build, extra in ((1, ""), (2, "-2"), (3, ""), (4, "")):
        sandbox.add_backup(ADDON, name=f"build-{build}", age=(10 - build) * DAY)
        sandbox.add_backup(OTHER, name=f"build-{build}{extra}", age=(10 - build) * DAY - 60)
    sandbox.set_status(OTHER, "build-1", "in-progress")
    sandbox.add_backup(ADDON, name="build-5", age=60)
    sandbox.add_backup(OTHER, name="build-5", status="failed", age=60)
    ran = prune(
        addon_id=[ADDON, OTHER],
        name_prefix="build-",
        group_pattern="build-([0-9]+)(?:-[0-9]+)?",
        keep_last=1,
        delete_failed=True,
    )
    assert not ran.failed, ran.result
    # 5 holds the newest one, 4 is the last that is whole and 1 is under way; a set is not torn apart.
    assert held(sandbox) == ["build-5", "build-4", "build-1"]
    assert held(sandbox, OTHER) == ["build-5", "build-4", "build-1"]
    assert sorted(names(ran, "deleted")) == ["build-2", "build-2-2", "build-3", "build-3"]
    assert {one["reason"] for one in ran.result["kept"] if one["name"] == "build-1"} == {"group 1: active"}


def test_nothing_is_deleted_before_all_is_read(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    sandbox.add_backup(OTHER, name="nightly-0")
    sandbox.fault(Fault(method="GET", path=OTHER, times=None, kind="503", when="before"))
    ran = prune(addon_id=[ADDON, OTHER], keep_last=1)
    assert (ran.failed, ran.changed) == (True, False)
    assert sandbox.writes == []
    assert len(held(sandbox)) == len(nightly)


def test_an_addon_that_does_not_exist_is_told_before_anything_goes(
    sandbox: Sandbox, prune: Prune, nightly: list[str]
) -> None:
    ran = prune(addon_id=[ADDON, "mysql-odrers"], keep_last=1)
    assert (ran.failed, ran.changed) == (True, False)
    assert "Did you mean 'mysql-orders'?" in ran.msg
    assert len(held(sandbox)) == len(nightly)


def test_one_that_cannot_be_deleted_does_not_hide_the_others(
    sandbox: Sandbox, prune: Prune, nightly: list[str]
) -> None:
    sandbox.fault(Fault(method="DELETE", path=f"/{nightly[7]}$", times=None, kind="503", when="before"))
    ran = prune(keep_last=6)
    assert (ran.failed, ran.changed) == (True, True)
    assert names(ran, "deleted") == ["nightly-6", "nightly-8", "nightly-9"]
    assert held(sandbox) == [f"nightly-{day}" for day in (0, 1, 2, 3, 4, 5, 7)]
    (left,) = ran.result["kept"]
    assert (left["name"], left["reason"]) == ("nightly-7", "to be deleted; whether it is gone is not known")
    assert None not in left.values()
    assert "Only 3 of the 4 backups that no rule keeps were deleted (backup 'nightly-7'" in ran.msg
    assert f" of {ADDON}): " in ran.msg
    assert "503" in ran.msg
    assert "Run the same task again" in ran.msg
    assert "ansible localhost -m northflank.cloud.addon_backup_info -a 'project_id=default-project" in ran.msg
    sandbox.clear_faults()
    assert names(prune(keep_last=6), "deleted") == ["nightly-7"]


def test_a_token_that_may_only_read_changes_nothing_and_is_tried_once(
    sandbox: Sandbox, prune: Prune, nightly: list[str]
) -> None:
    ran = prune(keep_last=1, api_token=sandbox.read_token)
    assert (ran.failed, ran.changed, ran.result["deleted"]) == (True, False, [])
    assert deletes(sandbox) == [nightly[9]]
    assert "lacks the permission" in ran.msg
    assert "8 more were not tried" in ran.msg
    assert {one["reason"] for one in ran.result["kept"]} == {
        "to be deleted, but that failed",
        "to be deleted, but not tried, because others failed before",
    }
    assert len(held(sandbox)) == len(nightly)


@pytest.mark.assume(delete_active="refuse")
def test_a_refusal_of_one_does_not_stop_the_others(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    """A backup is put back between the listing and its DELETE: the API refuses, and rightly."""
    with harness.meanwhile(sandbox.hold("DELETE", nightly[9]), lambda: sandbox.start_restore(ADDON, nightly[9])):
        ran = prune(keep_last=8)
    assert (ran.failed, ran.changed) == (True, True)
    assert names(ran, "deleted") == ["nightly-8"]
    assert "HTTP 409" in ran.msg
    assert "not tried" not in ran.msg
    assert nightly[9] in {one["id"] for one in sandbox.backups(ADDON)}


def test_after_three_failures_the_others_are_not_tried(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    sandbox.fault(Fault(method="DELETE", turn=2, times=None, kind="503", when="before"))
    ran = prune(keep_last=2)
    assert (ran.failed, ran.changed) == (True, True)
    assert names(ran, "deleted") == ["nightly-9"]
    assert set(deletes(sandbox)) == set(nightly[6:])
    assert "Only 1 of the 8 backups that no rule keeps were deleted (backup 'nightly-6'" in ran.msg
    assert ran.msg.count("503") == 1
    assert "4 more were not tried." in ran.msg
    reasons = {one["name"]: one["reason"] for one in ran.result["kept"]}
    assert reasons["nightly-5"] == "to be deleted, but not tried, because others failed before"


@pytest.mark.parametrize(("when", "sent"), [("before", 2), ("after", 1)])
def test_a_lost_answer_is_checked_before_the_delete_is_repeated(
    sandbox: Sandbox, prune: Prune, nightly: list[str], when: str, sent: int
) -> None:
    sandbox.fault(Fault(method="DELETE", kind="reset", when=when))
    ran = prune(keep_last=9)
    assert (ran.failed, ran.changed) == (False, True), ran.result
    assert deletes(sandbox) == [nightly[9]] * sent
    assert len(held(sandbox)) == 9


def test_a_lost_delete_never_hits_another_that_got_the_id(sandbox: Sandbox, clock: VirtualClock) -> None:
    old = sandbox.add_backup(ADDON, name="nightly-1", age=DAY)
    sandbox.add_backup(ADDON, name="nightly-2", age=60)
    sandbox.fault(Fault(method="DELETE", kind="reset", when="after"))
    taken: list[dict[str, Any]] = []

    def somebody_takes_the_id(_seconds: float) -> None:
        if not taken:
            taken.append(sandbox.add_backup(ADDON, name="nightly-3", id=old["id"], age=0))

    ran = prune_task(sandbox, clock, on_sleep=somebody_takes_the_id, keep_last=1)
    assert not ran.failed, ran.result
    assert held(sandbox) == ["nightly-3", "nightly-2"]


def test_the_deadline_holds_and_tells_what_is_done(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    sandbox.fault(Fault(method="DELETE", turn=3, times=None, kind="429", when="before", retry_after=60))
    ran = prune(keep_last=1, wait_timeout=20)
    assert (ran.failed, ran.changed) == (True, True)
    assert names(ran, "deleted") == ["nightly-8", "nightly-9"]
    assert len(deletes(sandbox)) == 3
    assert "request limit is used up" in ran.msg
    assert "6 more were not tried" in ran.msg
    assert len(held(sandbox)) == len(nightly) - 2


@pytest.mark.usefixtures("nightly")
def test_changed_is_true_only_if_something_can_have_gone(sandbox: Sandbox, prune: Prune) -> None:
    sandbox.fault(Fault(method="DELETE", times=None, kind="429", when="before", retry_after=60))
    assert not prune(keep_last=1, wait_timeout=20).changed
    sandbox.clear_faults()
    sandbox.fault(Fault(method="DELETE", times=None, kind="reset", when="before"))
    again = Fault(method="GET", path=r"/backups/[^/]+$", turn=2, times=None, kind="429", when="before", retry_after=60)
    sandbox.fault(again)
    ran = prune(keep_last=1, wait_timeout=20)
    assert (ran.failed, ran.changed, ran.result["deleted"]) == (True, True, [])
    assert ran.result["kept"][-1]["reason"] == "to be deleted; whether it is gone is not known"


def test_what_somebody_else_deleted_meanwhile_is_fine_and_not_claimed(
    sandbox: Sandbox, prune: Prune, nightly: list[str]
) -> None:
    with harness.meanwhile(sandbox.hold("DELETE", nightly[9]), lambda: sandbox.remove_backup(ADDON, nightly[9])):
        ran = prune(keep_last=9)
    assert (ran.failed, ran.changed, names(ran, "deleted")) == (False, False, [])
    assert len(names(ran, "kept")) == 9
    assert len(held(sandbox)) == 9


@pytest.mark.parametrize("order", ["newest", "oldest", "id", "shuffled"])
def test_250_backups_in_any_order_are_told_right(clock: VirtualClock, order: str) -> None:
    with Sandbox(clock=clock, assumptions=assume(list_order=order, max_page_size_served=None)) as sandbox:
        for number in range(250):
            sandbox.add_backup(ADDON, name=f"nightly-{number:03}", age=60.0 * (number + 1))
        ran = prune_task(sandbox, clock, keep_last=245)
        assert names(ran, "deleted") == [f"nightly-{number}" for number in range(245, 250)]
        assert held(sandbox) == [f"nightly-{number:03}" for number in range(245)]
        assert ran.result["requests"] == 2 * 3 + 1 + 2 * 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name_prefix": "ab"}, ["name_prefix", "at least 3", "'ab'"]),
        ({"name_prefix": ""}, ["name_prefix", "at least 3", "''"]),
        ({"name_pattern": "(a"}, ["name_pattern", "regular expression", "'(a'"]),
        ({"name_pattern": "(a+)+b"}, ["name_pattern", "can take forever", "(a+)+b"]),
        ({"group_pattern": "((?:a|aa)+)b"}, ["group_pattern", "can take forever"]),
        ({"group_pattern": "a("}, ["group_pattern", "regular expression", "'a('"]),
        ({"group_pattern": "(a)(b)"}, ["group_pattern", "one group", "'(a)(b)'"]),
        ({"keep_last": None}, ["keep_last", "keep_hourly", "keep_within", "required"]),
        ({"keep_last": None, "keep_within": 0}, ["keep_last", "keep_hourly", "keep_within", "required"]),
        ({"keep_last": 0}, ["keep_last", "at least 1", "0"]),
        ({"keep_hourly": -1}, ["keep_hourly", "at least 1", "-1"]),
        ({"keep_daily": 0}, ["keep_daily", "at least 1", "0"]),
        ({"keep_weekly": 0}, ["keep_weekly", "at least 1", "0"]),
        ({"keep_monthly": 0}, ["keep_monthly", "at least 1", "0"]),
        ({"keep_yearly": 0}, ["keep_yearly", "at least 1", "0"]),
        ({"keep_within": "90m"}, ["keep_within", "h, d or w", "'90m'"]),
        ({"keep_within": "90s"}, ["keep_within", "h, d or w", "'90s'"]),
        ({"keep_within": "90"}, ["keep_within", "h, d or w", "'90'"]),
        ({"keep_within": "0d"}, ["keep_within", "above 0", "'0d'"]),
        ({"backup_type": "import"}, ["backup_type", "import"]),
        ({"addon_id": []}, ["addon_id", "at least one"]),
        ({"addon_id": ["a", "a"]}, ["addon_id", "once"]),
        ({"project_id": "a/b"}, ["project_id", "'a/b'"]),
        ({"wait_timeout": 0}, ["wait_timeout", "at least 1"]),
        ({"keepLast": 3}, ["keepLast", "keep_last"]),
    ],
)
def test_bad_input_is_refused_before_the_first_request(
    sandbox: Sandbox, prune: Prune, arguments: dict[str, Any], words: list[str]
) -> None:
    ran = prune(**{"keep_last": 1, **arguments})
    assert ran.failed
    for word in words:
        assert word in ran.msg
    assert sandbox.requests == []


EXAMPLES = examples(addon_backup_prune.EXAMPLES, "northflank.cloud.addon_backup_prune")


@pytest.mark.parametrize(("_title", "arguments"), EXAMPLES, ids=[title for title, _arguments in EXAMPLES])
@pytest.mark.assume(types_told=True)
def test_the_example_works(sandbox: Sandbox, prune: Prune, _title: str, arguments: dict[str, Any]) -> None:
    addon_ids = [arguments["addon_id"]] if isinstance(arguments["addon_id"], str) else arguments["addon_id"]
    for addon_id in addon_ids:
        for number in range(1, 13):
            name = f"{arguments['name_prefix']}{number}"
            sandbox.add_backup(addon_id, name=name, age=(99 - number) * DAY)
            sandbox.add_backup(addon_id, name=f"{name}-2", status="failed", age=(99 - number) * DAY)
    ran = prune(**arguments)
    assert not ran.failed, ran.result
    assert ran.changed
    left = {one["name"] for addon_id in addon_ids for one in sandbox.backups(addon_id)}
    assert {f"{arguments['name_prefix']}{number}" for number in (10, 11, 12)} <= left


def test_what_was_listed_some_time_ago_is_read_again_before_it_is_deleted(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    """The request limit makes the task wait, and meanwhile an ID that it is about to delete becomes another's."""
    for days in (3, 2, 1):
        sandbox.add_backup(ADDON, name=f"nightly-{days}", age=days * DAY)
    sandbox.fault(Fault(method="DELETE", kind="429", retry_after=60.0))
    exchanged: list[str] = []

    def other_user(_seconds: float) -> None:
        sandbox.remove_backup(ADDON, "nightly-2")
        exchanged.append(sandbox.add_backup(ADDON, name="By hand", id="nightly-2", age=0.0)["uid"])

    ran = prune_task(sandbox, clock, other_user, keep_last=1)
    assert not ran.failed, ran.result
    assert [held["uid"] for held in sandbox.backups(ADDON) if held["name"] == "By hand"] == exchanged
    assert len(exchanged) == 1


@pytest.mark.parametrize("runs", [2, 4])
def test_runs_at_the_same_moment_claim_each_deletion_once(
    sandbox: Sandbox, clock: VirtualClock, nightly: list[str], runs: int
) -> None:
    """All have read and decided before the first DELETE arrives."""
    barrier = sandbox.hold("DELETE", r"/backups/")

    def run(_number: int) -> Pruned:
        api = harness.api_of(sandbox, harness.virtual(clock), seconds=600.0, timeout=30.0)
        found = {ADDON: api.list_backups(ADDON)}
        return deletion.prune(deletion.by_policy(api, found, Policy("nightly-", keep_last=4)))

    with ThreadPoolExecutor(runs) as pool:
        ended = [pool.submit(run, number) for number in range(runs)]
        barrier.wait_for(runs)
        barrier.release()
        pruned = [one.result() for one in ended]
    assert [one.error for one in pruned] == [None] * runs
    claimed = [decision.backup.id for one in pruned for decision in one.deleted]
    assert sorted(claimed) == sorted(nightly[4:])
    assert [one.changed for one in pruned] == [bool(one.deleted) for one in pruned]
    assert [one.kept for one in pruned] == [pruned[0].kept] * runs
    assert len(sandbox.backups(ADDON)) == 4


def test_a_deletion_whose_answer_was_lost_is_claimed(sandbox: Sandbox, prune: Prune, nightly: list[str]) -> None:
    """The next answer says 404, which the lost one may be the reason for."""
    sandbox.fault(Fault(method="DELETE", path=r"/backups/", kind="504", when="after"))
    ran = prune(keep_last=9)
    assert (ran.failed, ran.changed) == (False, True), ran.result
    assert [one["id"] for one in ran.result["deleted"]] == nightly[9:]
