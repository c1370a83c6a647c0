# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""addon_backup_freshness_info: what it says of which server, from how many requests, and what it never says."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_freshness_info

import harness
from sandbox import Assumptions, Fault, Sandbox, VirtualClock, assume

from ..conftest import ADDON
from ..task.test_examples import examples

OTHER, STAGING = "mysql-orders", "postgres-staging"
READ = "Project > Addons > General > Read"
DAY = 86_400.0
TOLD = pytest.mark.assume(types_told=True)
WHOLE_PAGES = pytest.mark.assume(max_page_size_served=None)
PROFILES = {"usual": Assumptions(), "spartan": Assumptions.spartan()}

Look = Callable[..., harness.Ran]


def look_at(sandbox: Sandbox, clock: VirtualClock, **arguments: Any) -> harness.Ran:
    ran = harness.run_task(addon_backup_freshness_info, sandbox, clock, **{"max_age": "1d", **arguments})
    assert not ran.changed
    assert {request.method for request in sandbox.requests} <= {"GET"}
    return ran


@pytest.fixture
def look(sandbox: Sandbox, clock: VirtualClock) -> Look:
    return partial(look_at, sandbox, clock)


def reasons(ran: harness.Ran) -> dict[str, str | None]:
    return {one["addon_id"]: one["reason"] for one in ran.result["addons"]}


def row(ran: harness.Ran, addon_id: str = ADDON) -> dict[str, Any]:
    (found,) = [one for one in ran.result["addons"] if one["addon_id"] == addon_id]
    return dict(found)


def all_backed_up(sandbox: Sandbox) -> None:
    for addon_id in sandbox.addon_ids:
        sandbox.add_backup(addon_id, name="Nightly", age=3600)


@TOLD
def test_all_addons_are_told_and_the_worst_come_first(sandbox: Sandbox, look: Look) -> None:
    all_backed_up(sandbox)
    for addon_id, days in (("never", None), ("old", 9), ("older", 30)):
        sandbox.add_addon(addon_id)
        if days:
            sandbox.add_backup(addon_id, name="Nightly", age=days * DAY)
    ran = look()
    ids = [one["addon_id"] for one in ran.result["addons"]]
    assert ids == ["never", "older", "old", *sorted(set(sandbox.addon_ids) - {"never", "old", "older"})]
    assert ran.result["stale"] == ids[:3]
    assert not ran.result["fresh"]
    assert ran.result["headline"] == "7 of 10 databases have a backup younger than 24 hours"
    assert ran.result["summary"] == {"addons": 10, "fresh": 7, "stale": 3, "unread": 0, "running": 0}
    assert list(reasons(ran).values())[:4] == [
        "no backup at all",
        "newest completed backup is 30 days old",
        "newest completed backup is 9 days old",
        None,
    ]


@TOLD
def test_where_all_are_fresh_it_says_so(sandbox: Sandbox, look: Look) -> None:
    all_backed_up(sandbox)
    ran = look()
    assert ran.result["fresh"]
    assert ran.result["stale"] == []
    assert row(ran)["newest"]["name"] == "Nightly"
    assert row(ran)["age"] == pytest.approx(3600, abs=2)


@TOLD
@pytest.mark.parametrize(
    ("backups", "reason"),
    [
        ([{"source_type": "fileUpload"}, {"source_type": "externalDump"}], "only imports"),
        ([{"status": "failed"}, {"status": "aborted"}], "no completed backup, the last 2 backups failed"),
        ([{"status": "in-progress"}], "no completed backup, one is running"),
        ([{"name": "pre-rollback-0af060-260301120000"}], "only snapshots that rollbacks took"),
        ([{"age": 3 * DAY}, {"status": "failed"}], "newest completed backup is 3 days old, the last backup failed"),
    ],
    ids=["imports only", "failed only", "running only", "safety only", "old"],
)
def test_what_does_not_count_is_told(sandbox: Sandbox, look: Look, backups: list[dict[str, Any]], reason: str) -> None:
    for number, backup in enumerate(backups):
        sandbox.add_backup(ADDON, **{"name": f"Number {number}", "age": 60.0, **backup})
    ran = look(addon_id=[ADDON])
    assert not ran.failed
    assert ran.result["stale"] == [ADDON]
    assert str(row(ran)["reason"]).startswith(reason)
    told = row(ran)
    assert (told["running"] is not None) == ("running" in reason)
    assert (told["last_failed"] is not None) == ("failed" in reason)
    assert told["backups"] == sum(backup.get("status", "completed") == "completed" for backup in backups)


@TOLD
def test_a_paused_addon_is_told_with_the_state_that_explains_it(look: Look) -> None:
    told = row(look(addon_id=["postgres-paused"]), "postgres-paused")
    assert (told["status"], told["reason"]) == ("paused", "no backup at all, the addon is paused")


def test_a_project_without_addons_is_not_taken_for_a_safe_one(sandbox: Sandbox, look: Look) -> None:
    for addon_id in sandbox.addon_ids:
        sandbox.remove_addon(addon_id)
    ran = look()
    assert (ran.failed, ran.result["fresh"], ran.result["addons"], ran.result["table"]) == (False, False, [], [])
    assert ran.result["headline"] == "no database was looked at"
    assert any("No addon was looked at" in warning for warning in ran.warnings)


@pytest.mark.parametrize("order", ["newest", "oldest", "id", "shuffled"])
def test_of_1500_backups_in_any_order_the_newest_is_right(clock: VirtualClock, order: str) -> None:
    assumptions = assume(list_order=order, max_page_size_served=None, types_told=True)
    with Sandbox(clock=clock, assumptions=assumptions) as sandbox:
        for number in range(1500):
            status = "completed" if number % 3 else "failed"
            sandbox.add_backup(ADDON, name=f"Number {number}", status=status, age=10.0 + (number * 7919) % 100_003)
        ran = look_at(sandbox, clock, addon_id=[ADDON], max_age="1h")
        held = [one for one in sandbox.backups(ADDON) if one["status"] == "completed"]
        assert row(ran)["newest"]["id"] == held[-1]["id"]
        assert (ran.result["fresh"], row(ran)["backups"]) == (True, 1000)
        assert ran.result["requests"] == len(sandbox.requests) == 1 + 15


@pytest.mark.parametrize("profile", PROFILES)
def test_both_kinds_of_servers_are_understood(clock: VirtualClock, profile: str) -> None:
    """One that tells all, and one that leaves out whatever it may: there, no backup is certainly no import."""
    with Sandbox(clock=clock, assumptions=PROFILES[profile]) as sandbox:
        all_backed_up(sandbox)
        sandbox.add_addon("empty")
        ran = look_at(sandbox, clock, require_schedule=False)
        told = reasons(ran)
        assert not ran.failed
        assert set(told) == set(sandbox.addon_ids)
        assert told["empty"] == "no backup at all"
        if profile == "usual":
            assert set(told) - set(ran.result["stale"]) == set(sandbox.addon_ids) - {"empty"}
        else:
            assert set(ran.result["stale"]) == set(told)
            assert "may be imports" in str(told[ADDON])


@TOLD
def test_what_is_optional_may_be_null(sandbox: Sandbox, look: Look) -> None:
    bare = {
        "id": "x",
        "name": "x",
        "status": "completed",
        "createdAt": "2026-03-01T11:59:00.000Z",
        "completedAt": None,
        "uid": None,
        "config": {"source": {"type": "snapshot"}, "size": None},
        "lastRestore": None,
    }
    sandbox.fault(Fault(path="/backups$", kind="wrong-type", body={"data": {"backups": [bare]}}))
    told = row(look(addon_id=[ADDON]))
    assert (told["fresh"], told["total_size"]) == (True, None)
    sandbox.fault(Fault(path="/backups$", kind="wrong-type", body={"data": {"backups": [{**bare, "config": None}]}}))
    assert "may be imports" in row(look(addon_id=[ADDON]))["reason"]


@TOLD
def test_an_addon_that_cannot_be_read_is_not_fresh_and_hides_no_other(sandbox: Sandbox, look: Look) -> None:
    all_backed_up(sandbox)
    sandbox.fault(Fault(path=f"/{OTHER}/backups$", times=None, kind="500"))
    ran = look()
    assert not ran.failed
    assert ran.result["stale"] == [OTHER]
    told = row(ran, OTHER)
    assert told["reason"].startswith("cannot be read: ")
    assert "HTTP 500" in told["reason"]
    assert [told[key] for key in ("newest", "age", "backups", "total_size")] == [None] * 4
    assert ran.result["summary"]["unread"] == 1


@TOLD
def test_an_addon_that_the_token_may_not_read_hides_no_other(sandbox: Sandbox, look: Look) -> None:
    all_backed_up(sandbox)
    sandbox.fault(Fault(path=f"/{OTHER}/backups$", times=None, kind="403"))
    assert look().result["stale"] == [OTHER]


@TOLD
def test_an_addon_that_goes_meanwhile_hides_no_other(sandbox: Sandbox, clock: VirtualClock) -> None:
    all_backed_up(sandbox)
    with harness.meanwhile(sandbox.hold("GET", f"/{OTHER}/backups$"), lambda: sandbox.remove_addon(OTHER)):
        ran = look_at(sandbox, clock)
    assert ran.result["stale"] == [OTHER]
    assert row(ran, OTHER)["reason"].startswith("cannot be read: Project default-project has no addon 'mysql-orders'")


def test_an_addon_that_is_named_and_not_there_is_not_fresh(look: Look) -> None:
    ran = look(addon_id=[ADDON, "gone"])
    assert reasons(ran)["gone"] == "there is no such addon"
    assert row(ran, "gone")["project_id"] == "default-project"
    ran = look(project_id=["default-project", "staging-project"], addon_id=[STAGING, "gone"])
    assert [one["project_id"] for one in ran.result["addons"]] == [None, "staging-project"]


@TOLD
def test_several_projects_are_told_together(sandbox: Sandbox, look: Look) -> None:
    all_backed_up(sandbox)
    ran = look(project_id=["default-project", "staging-project"], types=["postgresql"])
    assert [(one["project_id"], one["addon_id"]) for one in ran.result["addons"]] == [
        ("staging-project", STAGING),
        ("default-project", ADDON),
        ("default-project", "postgres-paused"),
    ]
    assert [line.split()[0] for line in ran.result["table"]] == [
        "PROJECT",
        "staging-project",
        "default-project",
        "default-project",
    ]


@TOLD
@pytest.mark.parametrize("kind", ["403", "500"])
def test_a_project_that_may_not_be_read_hides_no_other_and_nothing_of_it_is_fresh(
    sandbox: Sandbox, look: Look, kind: str
) -> None:
    all_backed_up(sandbox)
    sandbox.fault(Fault(path="/staging-project/addons$", times=None, kind=kind))
    ran = look(project_id=["staging-project", "default-project"])
    assert not ran.failed
    assert list(ran.result["unread"]) == ["staging-project"]
    assert f"HTTP {kind}" in ran.result["unread"]["staging-project"]
    assert (ran.result["stale"], ran.result["fresh"]) == ([], False)
    assert any(warning.startswith("Project staging-project could not be read") for warning in ran.warnings)


def test_where_no_project_may_be_read_the_task_fails(sandbox: Sandbox, look: Look) -> None:
    sandbox.deny(READ)
    ran = look(project_id=["staging-project", "default-project"])
    assert ran.failed
    assert f"The token lacks the permission '{READ}'" in ran.msg
    assert "addons" not in ran.result


def test_a_project_that_is_misspelt_is_told(look: Look) -> None:
    ran = look(project_id=["defualt-project"])
    assert ran.failed
    assert "Did you mean 'default-project'?" in ran.msg


def test_where_no_addon_can_be_read_the_task_fails(sandbox: Sandbox, look: Look) -> None:
    sandbox.fault(Fault(path="/backups$", times=None, kind="403"))
    ran = look()
    assert ran.failed
    assert "HTTP 403" in ran.msg


@WHOLE_PAGES
def test_a_token_that_is_revoked_half_way_sends_no_request_more_than_are_under_way(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    for number in range(40):
        sandbox.add_addon(f"db-{number:02}")
    with harness.meanwhile(sandbox.hold("GET", "/backups$"), sandbox.revoke_token):
        ran = look_at(sandbox, clock)
    assert ran.failed
    assert sum(request.path.endswith("/backups") for request in sandbox.requests) <= 8


@TOLD
@WHOLE_PAGES
def test_a_budget_that_is_used_up_half_way_hides_nothing_that_was_read(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, rate_limit=25, assumptions=assume(max_page_size_served=None, types_told=True)) as sandbox:
        for number in range(40):
            sandbox.add_addon(f"db-{number:02}")
        all_backed_up(sandbox)
        ran = look_at(sandbox, clock)
        assert not ran.failed
        assert len(ran.result["addons"]) == len(sandbox.addon_ids)
        assert ran.result["summary"]["fresh"] == 24
        assert all(str(reason).startswith("cannot be read: ") for reason in list(reasons(ran).values())[:20])
        assert sum(request.status == 429 for request in sandbox.requests) <= 8


@pytest.mark.parametrize(("addons", "requests"), [(1, 2), (40, 41), (300, 306)])
def test_it_takes_a_request_for_each_addon_and_a_few_for_all(clock: VirtualClock, addons: int, requests: int) -> None:
    assumptions = assume(max_page_size_served=None, types_told=True)
    with Sandbox(clock=clock, assumptions=assumptions, rate_limit=1000) as sandbox:
        for addon_id in sandbox.addon_ids:
            sandbox.remove_addon(addon_id)
        for number in range(addons):
            sandbox.add_addon(f"db-{number:03}")
        all_backed_up(sandbox)
        ran = look_at(sandbox, clock)
        assert ran.result["fresh"]
        assert ran.result["requests"] == len(sandbox.requests) == requests
        if addons == 300:
            assert look_at(sandbox, clock, require_schedule=True).result["requests"] == requests + addons < 1000


@WHOLE_PAGES
def test_the_addons_are_read_side_by_side(sandbox: Sandbox, clock: VirtualClock) -> None:
    one, other = (sandbox.hold("GET", f"/{addon_id}/backups$") for addon_id in (OTHER, ADDON))

    def both() -> None:
        # The first one waits already. A second request to it would be a repetition after a timeout.
        try:
            other.wait_for(1, seconds=5.0)
        finally:
            other.release()

    with harness.meanwhile(one, both):
        assert not look_at(sandbox, clock).failed


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"types": ["mysql", "redis"]}, [OTHER, "redis-cache"]),
        ({"tags": ["orders"]}, [OTHER, ADDON]),
        ({"tags": ["orders"], "exclude": [ADDON]}, [OTHER]),
        ({"addon_id": [ADDON, "redis-cache"], "types": ["redis"]}, ["redis-cache"]),
        ({"addon_id": [ADDON, "gone"], "exclude": ["gone"]}, [ADDON]),
    ],
)
@pytest.mark.assume(optional_fields="present")
def test_addons_are_narrowed_by_what_is_asked(look: Look, asked: dict[str, Any], found: list[str]) -> None:
    assert sorted(reasons(look(**asked))) == sorted(found)


@TOLD
def test_a_type_is_asked_for(sandbox: Sandbox, look: Look) -> None:
    sandbox.add_backup(ADDON, name="Nightly", age=60)
    assert look(addon_id=[ADDON], backup_type="snapshot").result["fresh"]
    ran = look(addon_id=[ADDON], backup_type="dump")
    assert row(ran)["reason"] == "no completed dump, only backups of other types"


@TOLD
def test_a_schedule_is_asked_for(sandbox: Sandbox, look: Look) -> None:
    all_backed_up(sandbox)
    sandbox.add_schedule(
        ADDON,
        {
            "backupType": "snapshot",
            "retentionTime": 7,
            "scheduling": {"interval": "daily", "minute": [0], "hour": [2]},
        },
    )
    ran = look(addon_id=[ADDON, OTHER], require_schedule=True)
    assert reasons(ran) == {ADDON: None, OTHER: "no schedule takes a backup at least once in 24 hours"}
    assert [one["interval"] for one in row(ran)["schedules"]] == ["daily"]
    assert row(ran, OTHER)["schedules"] == []
    assert row(look(addon_id=[ADDON]))["schedules"] is None


@TOLD
def test_the_clock_is_the_servers(sandbox: Sandbox, clock: VirtualClock, look: Look) -> None:
    sandbox.add_backup(ADDON, name="Nightly", age=60)
    assert look(addon_id=[ADDON], max_age="2m").result["fresh"]
    clock.advance(120)
    assert not look(addon_id=[ADDON], max_age="2m").result["fresh"]


@TOLD
@pytest.mark.parametrize("ahead", [-365 * DAY, 5 * 365 * DAY, 1.1 * DAY])
def test_a_clock_that_is_far_away_decides_nothing(sandbox: Sandbox, look: Look, ahead: float) -> None:
    sandbox.add_backup(ADDON, name="Old", age=300 * DAY)
    sandbox.skew_dates(ahead)
    ran = look(addon_id=[ADDON])
    assert ran.failed
    assert "One of them is wrong" in ran.msg


@TOLD
def test_a_clock_that_is_behind_makes_no_old_backup_fresh(sandbox: Sandbox, look: Look) -> None:
    sandbox.add_backup(ADDON, name="Old", age=25 * 3600)
    sandbox.add_backup(ADDON, name="Bad", status="failed", age=60)
    sandbox.skew_dates(-20 * 3600.0)
    assert row(look(addon_id=[ADDON]))["reason"].startswith("age not known, because the API's clock is behind")


@TOLD
def test_the_table_is_short_lines_for_people(sandbox: Sandbox, look: Look) -> None:
    sandbox.add_backup(ADDON, name="Nightly", age=76 * 3600, size=1234)
    sandbox.add_backup(OTHER, name="Nightly", age=60, size=3_456_789_012)
    lines = look(addon_id=[ADDON, OTHER, "redis-cache"]).result["table"]
    assert lines == [
        "ADDON          TYPE        AGE      SIZE    BACKUPS  STATE",
        "redis-cache    redis       -        -       0        no backup at all",
        "postgres-main  postgresql  3 d 4 h  1.2 kB  1        newest completed backup is 3 days old",
        "mysql-orders   mysql       1 m 0 s  3.5 GB  1        fresh",
    ]
    assert "table" not in look(table=False).result


@pytest.mark.parametrize("arguments", [{"max_age": "soon"}, {"project_id": ["a/b"]}, {"exclude": ["a b"]}])
def test_a_mistake_is_told_before_the_first_request(sandbox: Sandbox, look: Look, arguments: dict[str, Any]) -> None:
    assert look(**arguments).failed
    assert sandbox.requests == []


def test_the_examples_work(sandbox: Sandbox, clock: VirtualClock) -> None:
    name = "northflank.cloud.addon_backup_freshness_info"
    for _title, arguments in examples(addon_backup_freshness_info.EXAMPLES, name):
        assert not look_at(sandbox, clock, **arguments).failed
