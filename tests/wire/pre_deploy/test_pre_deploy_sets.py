# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's two modules over HTTP: what would be done, and which sets of old releases go."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import set_name
from ansible_collections.northflank.cloud.plugins.modules import pre_deploy_set_info, pre_deploy_set_prune

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..api.test_shifting_lists import page, slip, tell
from ..conftest import Task
from ..task.test_examples import examples

PAIR = ["postgres-main", "mysql-orders"]
DAY = 86400.0


@pytest.fixture
def prune(sandbox: Sandbox, clock: VirtualClock) -> Task:
    return partial(harness.run_task, pre_deploy_set_prune, sandbox, clock)


@pytest.fixture
def info(sandbox: Sandbox, clock: VirtualClock) -> Task:
    return partial(harness.run_task, pre_deploy_set_info, sandbox, clock)


def taken(sandbox: Sandbox, release: str, days: float, addon_ids: list[str] | None = None) -> str:
    """A set that was taken some days ago."""
    name = set_name(release, addon_ids or PAIR, 1)
    for addon_id in addon_ids or PAIR:
        sandbox.add_backup(addon_id, name=name, age=days * DAY)
    return name


def held(sandbox: Sandbox, addon_id: str = "postgres-main") -> list[str]:
    return [str(backup["name"]) for backup in sandbox.backups(addon_id)]


@pytest.mark.assume(list_order="newest")
def test_old_sets_go_and_the_next_run_finds_nothing_to_do(sandbox: Sandbox, prune: Task) -> None:
    sandbox.add_backup("postgres-main", name="By hand", age=400 * DAY)
    old, kept, new = taken(sandbox, "one", 9), taken(sandbox, "two", 8), taken(sandbox, "three", 1)
    ran = prune(release="three", keep_last=2, _diff=True)
    assert not ran.failed, ran.result
    assert ran.changed
    assert held(sandbox) == ["By hand", kept, new]
    assert held(sandbox, "mysql-orders") == [kept, new]
    assert {(one["addon_id"], one["name"], one["reason"]) for one in ran.result["deleted"]} == {
        (addon_id, old, "kept by no rule") for addon_id in PAIR
    }
    assert [line.split(" (")[0] for line in ran.result["diff"]["after"].splitlines()] == [
        f"{addon_id}: {name}" for name in (new, kept) for addon_id in sorted(PAIR)
    ]
    assert [request.method for request in sandbox.writes] == ["DELETE"] * 2
    again = prune(release="three", keep_last=2)
    assert not again.changed
    assert len(again.result["kept"]) == 4


@pytest.mark.parametrize("moment", ["before all", "at the last moment"])
@pytest.mark.assume(optional_fields="present", list_order="newest")
def test_a_release_that_is_being_restored_stays_whole(sandbox: Sandbox, prune: Task, moment: str) -> None:
    old = taken(sandbox, "one", 9)
    taken(sandbox, "three", 1)
    backup_id = sandbox.backups("postgres-main")[0]["id"]
    if moment == "before all":
        sandbox.start_restore("postgres-main", backup_id)
        ran = prune(release="three", keep_last=1)
    else:
        here = sandbox.hold("GET", f"/postgres-main/backups/{backup_id}$")
        with harness.meanwhile(here, lambda: sandbox.start_restore("postgres-main", backup_id)):
            ran = prune(release="three", keep_last=1)
    assert (ran.failed, ran.changed, sandbox.writes) == (False, False, []), ran.result
    assert old in held(sandbox)
    reasons = {one["reason"] for one in ran.result["kept"] if one["name"] == old}
    assert {reason.split(",")[0] for reason in reasons} == {"postgres-main is being restored"}


def test_check_mode_tells_the_same_and_sends_only_get_requests(sandbox: Sandbox, prune: Task) -> None:
    old = taken(sandbox, "one", 9)
    taken(sandbox, "three", 1)
    ran = prune(release="three", keep_last=1, _check_mode=True)
    assert ran.changed
    assert {one["name"] for one in ran.result["deleted"]} == {old}
    assert sandbox.writes == []
    assert old in held(sandbox)


def test_a_prune_that_stops_half_way_says_so_and_is_finished_by_the_next(sandbox: Sandbox, prune: Task) -> None:
    old = taken(sandbox, "one", 9)
    taken(sandbox, "three", 1)
    sandbox.fault(Fault(method="DELETE", path="/postgres-main/", kind="redirect", times=None))
    ran = prune(release="three", keep_last=1)
    assert ran.failed
    assert ran.changed
    assert "Only 1 of the 2 backups that no rule keeps were deleted" in ran.msg
    assert held(sandbox).count(old) == 1
    sandbox.clear_faults()
    # One half of the set is gone; that the other half belongs to it is still proved, by the list of the other set.
    ran = prune(release="three", keep_last=1)
    assert not ran.failed, ran.result
    assert [len(held(sandbox, addon_id)) for addon_id in PAIR] == [1, 1]


def test_a_set_of_which_an_addon_is_gone_is_left_alone_and_told(sandbox: Sandbox, prune: Task) -> None:
    orphan = taken(sandbox, "one", 9, ["postgres-main", "mongo-events"])
    taken(sandbox, "three", 1)
    sandbox.remove_addon("mongo-events")
    ran = prune(release="three", keep_last=1)
    assert not ran.failed, ran.result
    assert not ran.changed
    assert orphan in held(sandbox)
    (warning,) = ran.warnings
    assert orphan in warning
    assert "state=absent" in warning


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"release": "", "keep_last": 1}, "release must not be empty"),
        ({"release": 1.10, "keep_last": 1}, "release must be text"),
        ({"release": "x", "keep_last": 0}, "keep_last must be at least 1 release"),
        ({"release": "x", "keep_last": 1, "keep_within": "30m"}, "keep_within must be a number followed by h"),
        ({"release": "x", "keep_last": 1, "wait_timeout": 0}, "wait_timeout must be at least 1"),
        ({"release": "x", "keep_last": 1, "project_id": "a/b"}, "project_id may hold only letters"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    sandbox: Sandbox, prune: Task, arguments: dict[str, Any], words: str
) -> None:
    ran = prune(**arguments)
    assert ran.failed
    assert words in ran.msg
    assert sandbox.requests == []


def test_a_project_that_does_not_exist_is_told_with_the_nearest(prune: Task) -> None:
    ran = prune(release="x", keep_last=1, project_id="defualt-project")
    assert ran.failed
    assert "Did you mean 'default-project'?" in ran.msg


def test_info_tells_which_sets_will_go(sandbox: Sandbox, info: Task) -> None:
    old = taken(sandbox, "one", 9)
    taken(sandbox, "two", 8)
    ran = info(release="three", purpose="snapshot", addon_ids=PAIR, keep_last=2)
    assert not ran.failed, ran.result
    assert ran.result["superseded"] == [old]
    assert ran.result["is_new"]


@pytest.mark.assume(max_page_size_served=None)
def test_info_tells_of_no_set_that_is_being_restored(sandbox: Sandbox, info: Task) -> None:
    old = taken(sandbox, "one", 9)
    taken(sandbox, "two", 8)
    sandbox.start_restore("mysql-orders", sandbox.backups("mysql-orders")[0]["id"])
    asked = {"release": "three", "purpose": "snapshot", "addon_ids": ["mongo-events"], "keep_last": 2}
    assert info(**asked).result["superseded"] == []
    sandbox.start_restore("postgres-main", sandbox.backups("postgres-main")[0]["id"])
    sandbox.clock.sleep(60)
    ran = info(**asked)
    assert ran.result["superseded"] == [old]
    # The lists, the restores of the addon of the set, and of those of which a set would go.
    assert ran.result["requests"] == 1 + len(sandbox.addon_ids) + 1 + len(PAIR)


@pytest.mark.assume(types_told=True)
def test_a_set_of_another_type_is_not_used_again(sandbox: Sandbox, info: Task) -> None:
    name = taken(sandbox, "three", 0.01)
    assert info(release="three", purpose="snapshot", addon_ids=PAIR).result["name"] == name
    ran = info(release="three", purpose="snapshot", addon_ids=PAIR, backup_type="dump")
    assert (ran.result["name"], ran.result["is_new"]) == (f"{name}-2", True)


def test_a_backup_that_got_the_id_of_a_published_one_is_not_taken_for_it(sandbox: Sandbox, info: Task) -> None:
    sandbox.add_backup("postgres-main", name="Later", age=60, id="slug")
    published = [{"addon_id": "postgres-main", "id": "slug", "created_at": "2026-02-01T00:00:00.000Z"}]
    ran = info(release="three", purpose="rollback", published=published)
    assert ran.failed
    assert "no longer exists. Nothing was restored." in ran.msg


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"addon_ids": ["postgres-mian"]}, "has no addon 'postgres-mian'. Did you mean 'postgres-main'?"),
        ({"addon_ids": ["postgres-main", "postgres-staging"]}, "has no addon 'postgres-staging'"),
        ({"addon_ids": ["postgres-paused"]}, "cannot be backed up now: postgres-paused (paused). Nothing was started."),
        ({}, "add to its command: -e pre_deploy_snapshot_exclude=postgres-paused"),
        (
            {"exclude": ["redis-cache"]},
            "-e pre_deploy_snapshot_exclude=redis-cache,postgres-paused",
        ),
        ({"addon_ids": ["postgres-paused", "mysql-orders"]}, "-e pre_deploy_snapshot_addon_ids=mysql-orders"),
        ({"addon_types": ["oracle"]}, "No addon of project default-project fits addon_types and addon_tags"),
        ({"addon_tags": ["orders"], "exclude": PAIR}, "or all of them are in exclude. Nothing was started."),
    ],
)
def test_a_set_that_cannot_be_taken_is_told(sandbox: Sandbox, info: Task, asked: dict[str, Any], words: str) -> None:
    ran = info(release="three", purpose="snapshot", **asked)
    assert (ran.failed, ran.changed) == (True, False)
    assert words in ran.msg
    assert not ran.msg.endswith("'.")
    assert sandbox.writes == []


@pytest.mark.parametrize(
    ("asked", "members"),
    [
        ({"exclude": ["postgres-paused", "redis-cache"], "addon_types": ["postgresql", "redis"]}, ["postgres-main"]),
        ({"addon_tags": ["orders", "no-such-tag"]}, sorted(PAIR)),
        ({"addon_ids": PAIR, "exclude": PAIR}, sorted(PAIR)),
    ],
)
def test_the_members_of_a_set_are_those_that_are_asked_for(
    info: Task, asked: dict[str, Any], members: list[str]
) -> None:
    ran = info(release="three", purpose="snapshot", **asked)
    assert not ran.failed, ran.result
    assert ran.result["addon_ids"] == members
    assert ran.result["name"] == set_name("three", members, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"release": "x\ny"}, "release must have at most 200 printable characters"),
        ({"max_age": "soon"}, "max_age must be a number of seconds"),
        ({"keep_last": 0}, "keep_last must be at least 1 release; got 0."),
        ({"keep_within": "5m"}, "keep_within must be a number followed by h, d or w, or 0"),
        ({"addon_ids": ["a/b"]}, "addon_ids may hold only letters"),
        ({"addon_ids": []}, "addon_ids must name at least one addon"),
        ({"generation": 1000}, "generation must be from 1 to 999; got 1000."),
        ({"project_id": "a/b"}, "project_id may hold only letters"),
    ],
)
@pytest.mark.parametrize("purpose", ["snapshot", "rollback"])
def test_bad_input_of_info_is_refused_before_anything_is_sent(
    sandbox: Sandbox, info: Task, purpose: str, arguments: dict[str, Any], words: str
) -> None:
    ran = info(**{"release": "three", "purpose": purpose, **arguments})
    assert (ran.failed, ran.changed) == (True, False)
    assert words in ran.msg
    assert sandbox.requests == []


def published(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The newest backup of each, as addon_backup returns it."""
    newest = {addon_id: sandbox.backups(addon_id)[-1] for addon_id in PAIR}
    return [{"addon_id": key, "id": held["id"], "created_at": held["createdAt"]} for key, held in newest.items()]


def test_what_the_play_has_taken_is_gone_back_to_whatever_else_there_is(sandbox: Sandbox, info: Task) -> None:
    name = taken(sandbox, "three", 2)
    mine = published(sandbox)
    taken(sandbox, "four", 1)
    ran = info(release="four", purpose="rollback", published=mine)
    assert not ran.failed, ran.result
    assert ran.result["name"] == name
    assert [(one["addon_id"], one["backup_id"]) for one in ran.result["targets"]] == [
        (one["addon_id"], one["id"]) for one in mine
    ]
    (warning,) = ran.warnings
    assert "loses everything that was written since" in warning
    assert f"Later snapshots of the same addons: {set_name('four', PAIR, 1)}." in warning


def test_in_check_mode_what_would_have_been_taken_is_passed_over(sandbox: Sandbox, info: Task) -> None:
    taken(sandbox, "three", 1)
    mine = published(sandbox)
    planned = [mine[0], {"addon_id": PAIR[1], "id": None, "created_at": None}]
    ran = info(release="three", purpose="rollback", published=planned, _check_mode=True)
    assert not ran.failed, ran.result
    assert [one["addon_id"] for one in ran.result["targets"]] == [PAIR[0]]
    nothing = info(release="three", purpose="rollback", published=planned[1:], _check_mode=True)
    assert (nothing.failed, nothing.result["targets"], nothing.result["name"]) == (False, [], "")


@pytest.mark.parametrize("purpose", ["rollback", "snapshot"])
def test_a_set_that_slipped_from_one_page_to_another_is_found(sandbox: Sandbox, info: Task, purpose: str) -> None:
    taken(sandbox, "three", 2)
    newer = set_name("three", PAIR, 2)
    for addon_id in PAIR:
        missed = sandbox.add_backup(addon_id, name=newer, age=3600)["id"]
        slip(sandbox, rf"/{addon_id}/backups$", "backups", sandbox.backups(addon_id), missed)
    ran = info(release="three", purpose=purpose, **({"addon_ids": PAIR} if purpose == "snapshot" else {}))
    assert not ran.failed, ran.result
    assert ran.result["name"] == newer


def test_an_addon_that_slipped_from_one_page_to_another_belongs_to_the_set(sandbox: Sandbox, info: Task) -> None:
    told = [
        {"id": addon_id, "uid": addon_id, "name": addon_id, "appId": "/a/b/c", "tags": [], "spec": {"type": "mysql"}}
        for addon_id in PAIR
    ]
    for one in told:
        one["status"] = "running"
    tell(sandbox, r"/addons$", page("addons", told[:1], 1), page("addons", [], None))
    tell(sandbox, r"/addons$", page("addons", told, None), page("addons", told, None), turn=3)
    ran = info(release="three", purpose="snapshot")
    assert ran.result["addon_ids"] == sorted(PAIR)


def test_of_two_sets_of_one_generation_none_is_chosen(sandbox: Sandbox, info: Task) -> None:
    names = [taken(sandbox, "three", 1), taken(sandbox, "three", 2, ["postgres-main", "mongo-events"])]
    ran = info(release="three", purpose="rollback")
    assert (ran.failed, ran.changed) == (True, False)
    assert "has several snapshot sets of generation 1, of other addons each" in ran.msg
    assert all(name in ran.msg for name in names)
    assert "Nothing was restored." in ran.msg


def test_of_twins_the_oldest_completed_one_is_gone_back_to_and_told(sandbox: Sandbox, info: Task) -> None:
    name = taken(sandbox, "three", 2)
    oldest = sandbox.backups("postgres-main")[-1]["id"]
    twin = sandbox.add_backup("postgres-main", name=name, age=DAY)["id"]
    ran = info(release="three", purpose="rollback")
    assert not ran.failed, ran.result
    assert {one["addon_id"]: one["backup_id"] for one in ran.result["targets"]}["postgres-main"] == oldest
    assert f"(ID {oldest}) is taken, and not {twin}." in ran.warnings[0]


@pytest.mark.parametrize("module", [pre_deploy_set_info, pre_deploy_set_prune])
def test_the_examples_work(sandbox: Sandbox, clock: VirtualClock, module: Any) -> None:
    taken(sandbox, "build-117", 1)
    named = examples(module.EXAMPLES, f"northflank.cloud.{module.__name__.rsplit('.', 1)[1]}")
    assert named
    for title, arguments in named:
        ran = harness.run_task(module, sandbox, clock, **arguments)
        assert not ran.failed, (title, ran.result)


# What there is to go back to.


def test_the_sets_are_listed_newest_first_with_what_they_lack(sandbox: Sandbox, info: Task) -> None:
    taken(sandbox, "v2.4.1", 3)
    taken(sandbox, "3f5c8a52b7e04c2b9a390f6f8f3f8f0e00000000", 2)
    broken = taken(sandbox, "build-118", 1)
    sandbox.add_backup("postgres-main", name=set_name("build-118", PAIR, 2), status="failed", age=3600)
    sandbox.add_backup("postgres-main", name="By hand")
    sandbox.remove_backup("mysql-orders", next(b["id"] for b in sandbox.backups("mysql-orders") if b["name"] == broken))
    ran = info(purpose="list")
    assert [(one["release"], one["generation"], one["complete"], one["lacks"]) for one in ran.result["sets"]] == [
        ("build-118", 2, False, "postgres-main (failed), mysql-orders (its backup is gone)"),
        ("build-118", 1, False, "mysql-orders (its backup is gone)"),
        (None, 1, True, None),
        ("v2.4.1", 1, True, None),
    ]
    lines = [line.split(maxsplit=2) for line in ran.result["table"]]
    assert [line[:2] for line in lines] == [
        ["RELEASE", "GENERATION"],
        ["build-118", "2"],
        ["build-118", "1"],
        ["3f5c8a52b7e0...", "1"],
        ["v2.4.1", "1"],
    ]
    assert ran.result["table"][1].endswith("incomplete: postgres-main (failed), mysql-orders (its backup is gone)")
    assert ran.result["table"][3].endswith("2       complete")
    assert not [request for request in sandbox.requests if request.path.endswith("/restores")]


def test_what_is_listed_as_complete_can_be_rolled_back_by_what_is_shown(sandbox: Sandbox, info: Task) -> None:
    for release in ("v2.4.1", "feature/x_1", "build-118", "2026.03.01"):
        taken(sandbox, release, 1)
    shown = [one["release"] for one in info(purpose="list").result["sets"]]
    assert sorted(shown) == ["2026.03.01", "build-118", "feature/x_1", "v2.4.1"]
    for release in shown:
        assert info(purpose="rollback", release=release).result["targets"]


def test_the_sets_of_one_release_are_listed_alone(sandbox: Sandbox, info: Task) -> None:
    name = taken(sandbox, "one", 2)
    taken(sandbox, "two", 1)
    assert [one["name"] for one in info(purpose="list", release="one").result["sets"]] == [name]
    assert info(purpose="list", release="three").result["table"] == []


@pytest.mark.parametrize("purpose", ["snapshot", "rollback"])
def test_a_decision_is_about_a_release(sandbox: Sandbox, info: Task, purpose: str) -> None:
    ran = info(purpose=purpose)
    assert ran.msg == f"release is required with purpose={purpose}."
    assert sandbox.requests == []


@pytest.mark.assume(optional_fields="present")
def test_the_size_of_a_set_is_that_of_all_its_backups(sandbox: Sandbox, info: Task) -> None:
    name = set_name("one", PAIR, 1)
    for addon_id in PAIR:
        sandbox.add_backup(addon_id, name=name, size=1_500_000_000)
    (one,) = info(purpose="list").result["sets"]
    assert one["size"] == 3 * 10**9


def test_a_size_that_is_not_known_of_one_is_not_known_of_the_set(sandbox: Sandbox, info: Task) -> None:
    name = set_name("one", PAIR[:1], 1)
    bare = {"id": "x", "name": name, "status": "completed", "createdAt": "2026-03-01T11:59:00.000Z"}
    sandbox.fault(Fault(path="/postgres-main/backups", kind="wrong-type", body={"data": {"backups": [bare]}}))
    ran = info(purpose="list")
    assert ran.result["sets"][0]["size"] is None
    assert ran.result["table"][1].split() == ["one", "1", "1", "m", "0", "s", "-", "1", "complete"]
