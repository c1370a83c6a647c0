# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role, as playbooks run it: what a deployment destroys is back, and what is said about it is true."""

from __future__ import annotations

import shlex
import sys
from typing import Any

from plays import Plays, checksums, destroy, names, role, taken

from sandbox import Fault, Sandbox


def test_a_deployment_that_fails_is_put_back_in_the_same_play(sandbox: Sandbox, plays: Plays) -> None:
    before = checksums(sandbox)
    migrate = {
        "name": "A migration that destroys data",
        "become": False,
        "ansible.builtin.command": {
            "argv": [
                sys.executable,
                "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM customers'); c.commit()",
                str(sandbox.database("postgres-main")),
            ]
        },
    }
    fail = {"name": "It fails", "ansible.builtin.fail": {"msg": "on purpose"}}
    deploy = {"name": "Deploy", "block": [migrate, fail], "rescue": [role("rollback")]}
    ran = plays.tasks([role("main"), deploy], become=True)
    assert ran.ok, ran.output
    assert checksums(sandbox) == before
    assert "postgres-main" in ran.output


def test_when_the_snapshot_fails_nothing_is_deployed_and_nothing_restored(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.next_outcome("mysql-orders", "failed")
    ran = plays.tasks([{"name": "x", "block": [role("main")], "rescue": [role("rollback")]}])
    assert not ran.ok
    assert "of addon mysql-orders ended as 'failed'" in ran.output
    assert "there is nothing of its own to go back to" in ran.output
    assert sandbox.restores("postgres-main") == []
    assert len(sandbox.backups("postgres-main")) == 1


def test_check_mode_works_from_end_to_end_and_sends_only_get_requests(sandbox: Sandbox, plays: Plays) -> None:
    ran = plays.tasks([role("main"), role("rollback")], "--check")
    assert ran.ok, ran.output
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_a_rollback_that_cannot_keep_what_is_there_stops_and_prints_the_command(sandbox: Sandbox, plays: Plays) -> None:
    """One that can be typed as it stands there, also for a release that a shell and Ansible would both take apart."""
    before, release = checksums(sandbox), "it's v 2.4"
    taken(sandbox, release)
    destroy(sandbox)
    sandbox.next_outcome("postgres-main", "failed")
    ran = plays.tasks([role("rollback")], variables={"release": release})
    assert not ran.ok
    assert sandbox.restores("postgres-main") == []
    command, last, _rest = ran.output.split("type this: ansible-playbook ")[1].partition("rollback_safety=false")
    ran = plays.start(*shlex.split(command + last)).end()
    assert ran.ok, ran.output
    assert checksums(sandbox) == before


def test_a_rollback_that_fails_half_way_says_so(sandbox: Sandbox, plays: Plays) -> None:
    taken(sandbox)
    sandbox.next_restore_outcome("mysql-orders", "failed")
    ran = plays.tasks([role("rollback")])
    assert not ran.ok
    assert "1 of 2 addons are NOT put back. Put back: postgres-main." in ran.output


def test_one_set_for_many_hosts_in_batches(sandbox: Sandbox, plays: Plays, three_hosts: list[str]) -> None:
    show = {"name": "x", "ansible.builtin.assert": {"that": "pre_deploy_snapshot_backups | length == 2"}}
    ran = plays.tasks([role("main"), show], *three_hosts, hosts="all", serial=2)
    assert ran.ok, ran.output
    assert len(sandbox.backups("postgres-main")) == 1


def test_the_playbooks_run_by_name(sandbox: Sandbox, plays: Plays) -> None:
    """Over all addons of the project, for a release with characters that no backup's name can have."""
    before = checksums(sandbox, ["redis-cache"])
    release = "v2.4/\u00e4_x"
    ran = plays.snapshot(release, addon_ids=None, exclude=["postgres-paused"])
    assert ran.ok, ran.output
    destroy(sandbox, ["redis-cache"])
    ran = plays.rollback(release)
    assert ran.ok, ran.output
    assert len(sandbox.restores("redis-cache")) == 1
    assert checksums(sandbox, ["redis-cache"]) == before
    ran = plays.rollback(release, "-e", "generation=1")
    assert ran.ok, ran.output
    assert "Left as they are, because they were put back before: " in ran.output
    assert not plays.rollback(release, "-e", "generation=2").ok


def test_where_the_strategy_ignores_run_once_all_hosts_have_the_same_set(
    sandbox: Sandbox, plays: Plays, three_hosts: list[str]
) -> None:
    ran = plays.tasks([role("main")], *three_hosts, hosts="all", strategy="free")
    assert ran.ok, ran.output
    assert len(set(names(sandbox))) == 1


def test_old_sets_go_after_the_new_one_is_complete_and_nothing_else_does(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.add_backup("postgres-main", name="By hand", age=9 * 86400)
    taken(sandbox, "build-1", age=120)
    taken(sandbox, "build-2", age=60)
    old = names(sandbox)
    ran = plays.tasks([role("main")], variables={"release": "build-3", "keep_last": 2, "keep_within": "0.0001h"})
    assert ran.ok, ran.output
    assert names(sandbox)[:2] == [old[0], old[2]]
    assert len(names(sandbox)) == 3
    assert len(names(sandbox, "mysql-orders")) == 2
    deleted = [write.number for write in sandbox.writes if write.method == "DELETE"]
    assert min(deleted) > max(write.number for write in sandbox.writes if write.method == "POST")


def test_where_old_sets_cannot_be_deleted_the_deployment_goes_on_and_it_is_said(sandbox: Sandbox, plays: Plays) -> None:
    taken(sandbox, "build-1", age=60)
    sandbox.fault(Fault(method="DELETE", kind="redirect", times=None))
    deploy = {"name": "x", "ansible.builtin.debug": {"msg": "deployed {{ pre_deploy_snapshot_backups | length }}"}}
    variables = {"release": "build-3", "keep_last": 1, "keep_within": "0.0001h"}
    ran = plays.tasks([role("main"), deploy], variables=variables)
    assert ran.ok, ran.output
    assert "The new set is complete, and the play goes on. But old sets could not be deleted" in ran.output
    assert "deployed 2" in ran.output


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"release": ""}, "release must"),
    ({"release": 1.10}, "release must"),
    ({"keep_last": 0}, "keep_"),
    ({"keep_last": 2, "keep_within": "5m"}, "keep_"),
]


def test_a_slip_in_a_variable_stops_before_anything_is_sent(sandbox: Sandbox, plays: Plays) -> None:
    for (variables, words), reason in zip(SLIPS, plays.refusals([variables for variables, _words in SLIPS])):
        assert words in reason, variables
    assert sandbox.requests == []
