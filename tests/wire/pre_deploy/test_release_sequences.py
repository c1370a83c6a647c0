# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release over several runs, as the role's modules do it in a row: what counts is the data that is there in the end.

The same with playbooks, processes that are killed and jobs side by side is in test_sequences.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup,
    addon_backup_restore,
    pre_deploy_set_info,
    pre_deploy_set_prune,
)

import harness
from sandbox import Sandbox, VirtualClock

PAIR = ["mysql-orders", "postgres-main"]
RELEASE = "build-117"


class Role:
    """What the role's entry points do, without Ansible around it."""

    def __init__(self, sandbox: Sandbox, clock: VirtualClock) -> None:
        self.sandbox, self.clock = sandbox, clock

    def run(self, module: Any, **arguments: Any) -> harness.Ran:
        self.clock.sleep(60)
        return harness.run_task(module, self.sandbox, self.clock, **arguments)

    def plan(self, purpose: str, release: str = RELEASE, **more: Any) -> harness.Ran:
        return self.run(pre_deploy_set_info, release=release, purpose=purpose, **more)

    def snapshot(self, release: str = RELEASE, **more: Any) -> dict[str, Any]:
        """Entry point main: which set it stands on, all of it complete."""
        decided = self.plan("snapshot", release, addon_ids=PAIR, **more)
        assert not decided.failed, decided.msg
        taken = self.run(addon_backup, addon_id=decided.result["addon_ids"], name=decided.result["name"])
        assert not taken.failed, taken.msg
        return decided.result

    def rollback(self, release: str = RELEASE, **more: Any) -> harness.Ran:
        """Entry point rollback, as another run does it, without keeping what is replaced; its plan, or its failure."""
        decided = self.plan("rollback", release, **more)
        if decided.failed or not decided.result["targets"]:
            return decided
        restored = self.run(addon_backup_restore, targets=decided.result["targets"])
        return restored if restored.failed else decided

    def write(self, text: str) -> None:
        for addon_id in PAIR:
            self.sandbox.execute(addon_id, f"UPDATE customers SET name = '{text}'")  # noqa: S608  # our own words

    def data(self) -> list[Any]:
        return [self.sandbox.query(addon_id, "SELECT * FROM customers ORDER BY 1") for addon_id in PAIR]

    def sets(self, addon_id: str = PAIR[0]) -> list[str]:
        return [str(one["name"]) for one in self.sandbox.backups(addon_id)]


@pytest.fixture(params=["absent", "present"])
def role(request: pytest.FixtureRequest, clock: VirtualClock) -> Iterator[Role]:
    """On a server that keeps to its documentation, and on one whose lists tell more."""
    assumptions = replace(harness.assumed(request), list_last_restore=request.param)
    with Sandbox(clock=clock, assumptions=assumptions, duration=8.0) as server:
        yield Role(server, clock)


def test_what_was_written_between_two_rollbacks_of_a_release_comes_back(role: Role) -> None:
    first = role.data()
    assert role.snapshot()["is_new"]
    role.write("destroyed")
    assert not role.rollback().failed
    assert role.data() == first
    role.write("written in between")
    second = role.data()
    again = role.snapshot()
    assert (again["is_new"], again["generation"]) == (True, 2)
    role.write("destroyed again")
    assert not role.rollback().failed
    assert role.data() == second
    assert len(role.sets()) == len(role.sets(PAIR[1])) == 2


def test_a_set_whose_restore_is_under_way_is_not_stood_on(role: Role) -> None:
    role.snapshot()
    role.sandbox.next_restore_outcome(PAIR[1], "completed", 3600)
    role.sandbox.start_restore(PAIR[1], role.sandbox.backups(PAIR[1])[0]["id"])
    decided = role.plan("snapshot", addon_ids=PAIR)
    assert decided.failed
    assert re.search("not restored: .* is '(scheduled|in-progress)'", decided.msg)
    assert role.plan("snapshot", addon_ids=PAIR, ignore_incomplete_rollback=True).result["is_new"]


def test_a_set_is_not_stood_on_once_another_release_was_put_back(role: Role) -> None:
    """Its data is what the other rollback has replaced: going back to it would lose what was written since."""
    role.snapshot("build-1")
    role.write("of build 1")
    role.snapshot("build-2")
    role.write("of build 2")
    assert not role.rollback("build-1").failed
    role.write("after the rollback")
    present = role.data()
    again = role.snapshot("build-2")
    assert (again["is_new"], again["generation"]) == (True, 2)
    role.write("destroyed")
    assert not role.rollback("build-2").failed
    assert role.data() == present


@pytest.mark.assume(max_page_size_served=None)
def test_a_young_set_is_stood_on_again_at_one_request_for_each_member(role: Role) -> None:
    lists = 1 + len(role.sandbox.addon_ids)
    assert role.plan("snapshot", addon_ids=PAIR).result["requests"] == lists + len(PAIR)
    name = role.snapshot()["name"]
    again = role.plan("snapshot", addon_ids=PAIR)
    assert (again.result["is_new"], again.result["name"]) == (False, name)
    assert again.result["requests"] == lists + len(PAIR)


def half_way(role: Role) -> list[Any]:
    """A deployment failed, and of its rollback the restore of the first addon; what the data was before."""
    before = role.data()
    role.snapshot()
    role.write("destroyed")
    role.sandbox.next_restore_outcome(PAIR[0], "failed")
    ran = role.rollback()
    assert ran.failed
    assert "NOT restored" in ran.msg
    return before


@pytest.mark.parametrize("release", [RELEASE, "build-118"])
def test_after_a_restore_that_failed_nothing_is_stood_on_until_it_is_completed(role: Role, release: str) -> None:
    """CI names releases by commit, so the fix comes as another one, with the destroyed data as its way back."""
    before = half_way(role)
    role.sandbox.clear_log()
    stopped = role.plan("snapshot", release, addon_ids=PAIR)
    assert (stopped.failed, stopped.changed, role.sandbox.writes) == (True, False, [])
    assert f"restored: {PAIR[1]}; not restored: {PAIR[0]} (restore " in stopped.msg
    assert "is 'failed')" in stopped.msg
    command = shlex.split(stopped.msg.split("To complete what is half-way: ")[1].split(" (2) ")[0])
    assert command[1] == "northflank.cloud.rollback"
    assert f"release={RELEASE}" in command
    assert command[-1] == "generation=1"
    completed = role.rollback(generation=1)
    assert not completed.failed, completed.msg
    assert role.data() == before
    again = role.snapshot(release)
    assert (again["is_new"], again["generation"]) == (True, 2 if release == RELEASE else 1)
    role.write("destroyed again")
    assert not role.rollback(release).failed
    assert role.data() == before


def test_who_has_repaired_the_data_goes_on_and_a_later_rollback_asks_which_data_is_right(role: Role) -> None:
    before = half_way(role)
    repaired = "repaired by hand"
    role.write(repaired)
    right = role.data()
    assert role.snapshot(ignore_incomplete_rollback=True)["generation"] == 2
    # It was said once, and the set that was taken since remembers it.
    assert role.plan("snapshot", addon_ids=PAIR).result["generation"] == 2
    role.write("destroyed again")
    refused = role.rollback()
    assert refused.failed
    assert "Nothing was restored. (1) If its data is right, to go back to it: " in refused.msg
    assert refused.msg.endswith("-e generation=1")
    named = role.rollback(generation=2)
    assert not named.failed, named.msg
    assert "was taken while an earlier rollback was not complete" in named.warnings[0]
    assert role.data() == right
    assert not role.rollback(generation=1).failed
    assert role.data() == before


def test_what_a_rollback_still_needs_is_never_pruned(role: Role) -> None:
    before = half_way(role)
    for number in range(3):
        role.clock.sleep(2 * 86400)
        role.snapshot(f"build-20{number}", ignore_incomplete_rollback=True)
        role.write(f"of build 20{number}")
    pruned = role.run(pre_deploy_set_prune, release="build-202", keep_last=1)
    assert not pruned.failed, pruned.msg
    assert {one["name"].split("-")[3] for one in pruned.result["deleted"]} == {"200", "201"}
    kept = [one for one in pruned.result["kept"] if one["name"].startswith("pre-deploy-build-117-")]
    assert {one["reason"] for one in kept} == {"its last rollback is not complete"}
    assert not role.rollback(restore_again=True).failed
    assert role.data() == before


def test_a_rollback_that_was_killed_between_two_addons_is_completed_first(role: Role) -> None:
    before = role.data()
    role.snapshot()
    role.write("destroyed")
    role.sandbox.start_restore(PAIR[1], role.sandbox.backups(PAIR[1])[0]["id"])
    role.clock.sleep(60)
    stopped = role.plan("snapshot", "build-118", addon_ids=PAIR)
    assert stopped.failed
    assert f"restored: {PAIR[1]}; not restored: {PAIR[0]} (no restore was started)" in stopped.msg
    assert not role.rollback().failed
    assert role.data() == before
    assert role.snapshot("build-118")["is_new"]


# As version 0.9.0 named it; its digits are those of two releases.
OF_0_9 = "pre-deploy-release-20-bb9544-583b5e"
ONE, OTHER = "release-2026-01624", "release-2026-03328"


def test_two_releases_whose_names_were_one_are_taken_back_apart(role: Role) -> None:
    before_one = role.data()
    role.snapshot(ONE)
    role.write("of the one")
    before_other = role.data()
    assert role.snapshot(OTHER)["is_new"]
    role.write("of the other")
    assert not role.rollback(OTHER).failed
    assert role.data() == before_other
    assert not role.rollback(ONE).failed
    assert role.data() == before_one


def test_a_set_of_version_0_9_is_found_told_taken_back_and_pruned(role: Role) -> None:
    first = role.data()
    for addon_id in PAIR:
        role.sandbox.add_backup(addon_id, name=OF_0_9, age=60)
    role.write("of version 0.9")
    second = role.data()
    # It may be the other release's, so nothing stands on it.
    assert role.snapshot(ONE)["generation"] == 2
    role.write("destroyed")
    assert not role.rollback(ONE).failed
    assert role.data() == second
    old = role.rollback(ONE, generation=1)
    assert not old.failed, old.msg
    assert OF_0_9 in old.warnings[0]
    assert "Its name does not tell this release from every other one that begins alike" in old.warnings[0]
    assert role.data() == first
    # Its 24 bits are all there is to find it by.
    assert role.snapshot(OTHER)["generation"] == 2
    stopped = role.plan("rollback", ONE)
    assert stopped.result["name"].endswith("-2")
    role.clock.sleep(2 * 86400)
    role.snapshot("build-117")
    pruned = role.run(pre_deploy_set_prune, release="build-117", keep_last=1)
    assert not pruned.failed, pruned.msg
    assert OF_0_9 not in {one["name"] for one in pruned.result["deleted"]}
    assert len(pruned.result["deleted"]) == 2 * len(PAIR)


def test_where_the_other_release_is_known_a_shared_name_has_to_be_chosen(role: Role) -> None:
    first = role.data()
    for addon_id in PAIR:
        role.sandbox.add_backup(addon_id, name=OF_0_9, age=60)
    role.write("later")
    assert role.snapshot(OTHER)["generation"] == 2
    refused = role.rollback(ONE)
    assert refused.failed
    assert OF_0_9 in refused.msg
    assert role.sandbox.restores(PAIR[0]) == []
    named = role.rollback(ONE, generation=1)
    assert not named.failed, named.msg
    assert role.data() == first
