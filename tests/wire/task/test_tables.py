# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists for people: the lines as a whole, of some addons and of a whole project, also where not all can be read."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup_info,
    addon_backup_prune,
    addon_backup_schedule_info,
    addon_info,
)

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON

OTHER = "mysql-orders"
SIX = ["mongo-events", "mysql-orders", "postgres-main", "postgres-paused", "redis-cache"]
READERS = [addon_backup_info, addon_backup_schedule_info]
WHOLE_PAGES = pytest.mark.assume(max_page_size_served=None)
# What a server that tells all tells of types and sizes.
TOLD = pytest.mark.assume(types_told=True)


def some_backups(sandbox: Sandbox) -> None:
    sandbox.add_backup(ADDON, name="Before release 2.4", age=3 * 3600 + 5 * 60, size=1234)
    sandbox.add_backup(OTHER, name="nightly-20260226", age=3 * 86400 + 9 * 3600, size=3_456_789_012)
    sandbox.add_backup(OTHER, name="nightly-20260301", age=42, status="failed", backup_type="dump")


def weekly(**scheduling: Any) -> dict[str, Any]:
    return {"backupType": "snapshot", "retentionTime": 28, "scheduling": {"interval": "weekly", **scheduling}}


@TOLD
def test_backups_are_lines_with_a_heading(sandbox: Sandbox, clock: VirtualClock) -> None:
    some_backups(sandbox)
    ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=[ADDON, OTHER])
    assert ran.result["table"] == [
        "ADDON          NAME                TYPE      STATE      AGE      SIZE",
        "mysql-orders   nightly-20260301    dump      failed     42 s     0 bytes",
        "postgres-main  Before release 2.4  snapshot  completed  3 h 5 m  1.2 kB",
        "mysql-orders   nightly-20260226    snapshot  completed  3 d 9 h  3.5 GB",
    ]


def test_what_is_not_told_is_a_hyphen(sandbox: Sandbox, clock: VirtualClock) -> None:
    bare = {"id": "x", "name": "x", "status": "completed", "createdAt": "2026-03-01T11:59:00.000Z"}
    sandbox.fault(Fault(path="/backups", kind="wrong-type", body={"data": {"backups": [bare]}}))
    ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON)
    assert ran.result["table"] == [
        "ADDON          NAME  TYPE  STATE      AGE      SIZE",
        "postgres-main  x     -     completed  1 m 0 s  -",
    ]


def test_an_age_is_not_told_by_a_clock_that_is_wrong_by_far(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_backup(ADDON, name="Old")
    sandbox.skew_dates(3 * 86400)
    ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON)
    assert "  -  " in ran.result["table"][1]


@pytest.mark.parametrize("module", READERS)
def test_where_there_is_nothing_there_is_no_heading(sandbox: Sandbox, clock: VirtualClock, module: ModuleType) -> None:
    assert harness.run_task(module, sandbox, clock, addon_id=ADDON).result["table"] == []


@TOLD
def test_what_the_api_sends_cannot_break_a_line_or_reach_the_terminal(sandbox: Sandbox, clock: VirtualClock) -> None:
    name = "x\nmysql-orders  \x1b[2Jforged" + "y" * 100
    bare = {"id": "x", "name": name, "status": "completed", "createdAt": "2026-03-01T11:59:00.000Z"}
    sandbox.fault(Fault(path="/backups", kind="wrong-type", body={"data": {"backups": [bare]}}))
    (_heading, line) = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON).result["table"]
    assert line.isprintable()
    assert len(line) < 120


@pytest.mark.assume(schedules_per_addon="interval_and_type")
def test_schedules_are_lines_with_a_heading(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_schedule(ADDON, weekly(minute=[0, 30], hour=[4], day=[2, 6]))
    sandbox.add_schedule(
        OTHER, {**weekly(minute=[0]), "scheduling": {"interval": "hourly", "minute": [0]}, "retentionTime": 2}
    )
    ran = harness.run_task(addon_backup_schedule_info, sandbox, clock)
    assert ran.result["table"] == [
        "ADDON          INTERVAL  TYPE      DAY      HOUR   MINUTE  KEPT",
        "mysql-orders   hourly    snapshot  every    every  0       2 d",
        "postgres-main  weekly    snapshot  wed,sun  4      0,30    28 d",
    ]


def test_times_of_a_schedule_that_the_api_does_not_tell_are_a_hyphen(sandbox: Sandbox, clock: VirtualClock) -> None:
    told = {**weekly(minute=[5], day=[7]), "id": "x"}
    sandbox.fault(Fault(path="/backup-schedules", kind="wrong-type", body={"data": {"schedules": [told]}}))
    ran = harness.run_task(addon_backup_schedule_info, sandbox, clock, addon_id=ADDON)
    assert ran.result["table"][1].split() == [ADDON, "weekly", "snapshot", "7", "-", "5", "28", "d"]


def test_addons_are_lines_with_a_heading(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.add_addon("tagged", type="postgresql", tags=["special", "blue"])
    ran = harness.run_task(addon_info, sandbox, clock, addon_id=["tagged", "postgres-paused"])
    assert ran.result["table"] == [
        "ADDON            TYPE        STATE    TAGS",
        "postgres-paused  postgresql  paused   -",
        "tagged           postgresql  running  special, blue",
    ]


@pytest.mark.parametrize("check", [True, False])
def test_a_prune_says_of_each_backup_what_became_of_it_and_why(
    sandbox: Sandbox, clock: VirtualClock, check: bool
) -> None:
    for days in (1, 2, 3):
        sandbox.add_backup(ADDON, name=f"nightly-{days}", age=86400.0 * days, size=10**6)
    given: dict[str, Any] = {"addon_id": ADDON, "name_prefix": "nightly-", "keep_last": 2, "_check_mode": check}
    ran = harness.run_task(addon_backup_prune, sandbox, clock, **given)
    gone = "would delete" if check else "deleted"
    assert [line.split() for line in ran.result["table"]] == [
        ["ADDON", "NAME", "AGE", "SIZE", "WHAT", "WHY"],
        f"{ADDON} nightly-1 1 d 0 h 1.0 MB kept last 2, newest completed".split(),
        f"{ADDON} nightly-2 2 d 0 h 1.0 MB kept last 2".split(),
        f"{ADDON} nightly-3 3 d 0 h 1.0 MB {gone} kept by no rule".split(),
    ]


def test_a_prune_that_fails_lists_what_is_left(sandbox: Sandbox, clock: VirtualClock) -> None:
    for days in (1, 2):
        sandbox.add_backup(ADDON, name=f"nightly-{days}", age=86400.0 * days)
    sandbox.fault(Fault(method="DELETE", times=None, kind="403"))
    ran = harness.run_task(addon_backup_prune, sandbox, clock, addon_id=ADDON, name_prefix="nightly-", keep_last=1)
    assert ran.failed
    assert ran.result["table"][2].endswith("kept  to be deleted, but that failed")


@pytest.mark.parametrize("module", READERS)
def test_without_a_table_there_is_none(sandbox: Sandbox, clock: VirtualClock, module: ModuleType) -> None:
    assert "table" not in harness.run_task(module, sandbox, clock, addon_id=ADDON, table=False).result


@WHOLE_PAGES
@pytest.mark.parametrize("module", READERS)
def test_a_whole_project_takes_its_addons_once_and_a_listing_of_each(
    sandbox: Sandbox, clock: VirtualClock, module: ModuleType
) -> None:
    for number in range(20):
        sandbox.add_addon(f"db-{number:02}")
    ran = harness.run_task(module, sandbox, clock)
    assert not ran.failed
    paths = sorted(request.path for request in sandbox.requests)
    assert len(paths) == ran.result["requests"] == len(set(paths)) == 1 + len(sandbox.addon_ids)
    assert ran.result["unread"] == {}


def test_a_whole_project_is_all_of_its_addons(sandbox: Sandbox, clock: VirtualClock) -> None:
    """Whatever the server leaves out, and however small its pages are."""
    for addon_id in sandbox.addon_ids:
        sandbox.add_backup(addon_id, name="Nightly")
    ran = harness.run_task(addon_backup_info, sandbox, clock)
    assert sorted(one["addon_id"] for one in ran.result["backups"]) == sorted(sandbox.addon_ids)


def test_the_listings_of_a_project_are_read_side_by_side(sandbox: Sandbox, clock: VirtualClock) -> None:
    one, other = (sandbox.hold("GET", f"/{addon_id}/backups$") for addon_id in (OTHER, ADDON))

    def both() -> None:
        # The first one waits already. A second request to it would be a repetition after a timeout.
        try:
            other.wait_for(1, seconds=5.0)
        finally:
            other.release()

    with harness.meanwhile(one, both):
        assert not harness.run_task(addon_backup_info, sandbox, clock).failed


@pytest.mark.parametrize(("module", "path"), list(zip(READERS, ["/backups$", "/backup-schedules$"])))
def test_an_addon_that_cannot_be_read_is_told_and_hides_no_other(
    sandbox: Sandbox, clock: VirtualClock, module: ModuleType, path: str
) -> None:
    some_backups(sandbox)
    sandbox.fault(Fault(path=f"/{OTHER}{path}", times=None, kind="500"))
    ran = harness.run_task(module, sandbox, clock)
    assert not ran.failed
    assert list(ran.result["unread"]) == [OTHER]
    assert "HTTP 500" in ran.result["unread"][OTHER]
    (warning,) = ran.warnings
    assert warning.startswith(f"The list is without addon {OTHER}, which could not be read: ")
    if module is addon_backup_info:
        assert [one["addon_id"] for one in ran.result["backups"]] == [ADDON]


def test_an_addon_that_goes_meanwhile_hides_no_other(sandbox: Sandbox, clock: VirtualClock) -> None:
    some_backups(sandbox)
    with harness.meanwhile(sandbox.hold("GET", f"/{OTHER}/backups$"), lambda: sandbox.remove_addon(OTHER)):
        ran = harness.run_task(addon_backup_info, sandbox, clock)
    assert list(ran.result["unread"]) == [OTHER]
    assert [one["addon_id"] for one in ran.result["backups"]] == [ADDON]


def test_an_addon_that_is_named_has_to_be_readable(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.fault(Fault(path=f"/{OTHER}/backups$", times=None, kind="500"))
    assert harness.run_task(addon_backup_info, sandbox, clock, addon_id=[ADDON, OTHER]).failed


def test_where_nothing_can_be_read_the_task_fails(sandbox: Sandbox, clock: VirtualClock) -> None:
    sandbox.fault(Fault(path="/backups$", times=None, kind="500"))
    ran = harness.run_task(addon_backup_info, sandbox, clock)
    assert ran.failed
    assert "HTTP 500" in ran.msg


@WHOLE_PAGES
@pytest.mark.parametrize("addon_ids", [None, SIX])
@pytest.mark.parametrize("is_revoked", [True, False])
def test_a_refusal_that_holds_for_all_ends_it_after_the_first(
    sandbox: Sandbox, clock: VirtualClock, addon_ids: list[str] | None, is_revoked: bool
) -> None:
    def refuse() -> None:
        if is_revoked:
            sandbox.revoke_token()
        else:
            sandbox.deny("Project > Addons > General > Read")

    with harness.meanwhile(sandbox.hold("GET", "/backups$"), refuse):
        ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=addon_ids)
    assert ran.failed
    assert sum(request.path.endswith("/backups") for request in sandbox.requests) == 1


@WHOLE_PAGES
def test_a_budget_that_is_used_up_half_way_is_told_and_no_gap_is_shown(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, rate_limit=12) as sandbox:
        for number in range(40):
            sandbox.add_addon(f"db-{number:02}")
        ran = harness.run_task(addon_backup_info, sandbox, clock)
        assert ran.failed
        assert "backups" not in ran.result
        # Those that were under way side by side, and no others.
        assert sum(request.status == 429 for request in sandbox.requests) <= 8
