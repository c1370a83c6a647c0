# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role, as playbooks run it: what a deployment destroys is back, and what is said about it is true."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.options import FACTS, KNOWN
from plays import (
    ADDONS,
    PROJECT,
    Plays,
    checksums,
    destroy,
    first_set,
    migration,
    names,
    role,
    taken,
    told_command,
    variables_of,
)

from sandbox import Fault, Sandbox


def test_a_deployment_that_fails_is_put_back_in_the_same_play(sandbox: Sandbox, plays: Plays) -> None:
    before = checksums(sandbox)
    fail = {"name": "It fails", "ansible.builtin.fail": {"msg": "on purpose"}}
    deploy = {"name": "Deploy", "block": [migration(sandbox), fail], "rescue": [role("rollback")]}
    ran = plays.tasks([role("main"), deploy], become=True)
    assert ran.ok, ran.output
    assert checksums(sandbox) == before
    assert "postgres-main" in ran.output


def test_when_the_snapshot_fails_nothing_is_deployed_and_nothing_restored(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.next_outcome("mysql-orders", "failed")
    ran = plays.tasks([{"name": "x", "block": [role("main")], "rescue": [role("rollback")]}])
    assert not ran.ok
    assert "1 of 2 addons failed (mysql-orders): The backup 'pre-deploy-" in ran.output
    assert "it has nothing of its own to restore" in ran.output
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
    _program, *again = told_command(ran.output, "run the rollback again: ")
    _program, *arguments = told_command(ran.output, "without keeping it, type this: ")
    assert arguments == [*again, "-e", "pre_deploy_snapshot_rollback_safety=false"]
    ran = plays.start(*arguments).end()
    assert ran.ok, ran.output
    assert checksums(sandbox) == before


def test_a_rollback_that_fails_half_way_says_so(sandbox: Sandbox, plays: Plays) -> None:
    taken(sandbox)
    sandbox.next_restore_outcome("mysql-orders", "failed")
    ran = plays.tasks([role("rollback")])
    assert not ran.ok
    assert "1 of 2 addons are NOT restored (mysql-orders). Restored: postgres-main." in ran.output


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
    assert "Left as they are, because they were restored before: " in ran.output
    assert not plays.rollback(release, "-e", "generation=2").ok


@pytest.mark.parametrize("strategy", ["free", "ansible.builtin.host_pinned"])
def test_a_strategy_that_ignores_run_once_is_refused_before_anything_is_written(
    sandbox: Sandbox, plays: Plays, three_hosts: list[str], strategy: str
) -> None:
    taken(sandbox)
    both = {"name": "x", "block": [role("main")], "rescue": [role("rollback")]}
    deploy = {"name": "x", "ansible.builtin.debug": {"msg": "the deployment goes on"}}
    ran = plays.tasks([both, deploy], *three_hosts, hosts="all", strategy=strategy)
    assert not ran.ok
    # One host says why, for each of the two entry points; Ansible shows a failure as an error and as a result.
    assert 2 <= ran.output.count(f"The strategy {strategy} runs every task for every host") <= 4
    assert "the deployment goes on" not in ran.output
    assert f"does not run with the strategy {strategy}: see the message for the host a." in ran.output
    assert sandbox.writes == []


def test_one_host_may_have_any_strategy(sandbox: Sandbox, plays: Plays) -> None:
    """As where ansible.cfg sets it for all plays."""
    ran = plays.tasks([role("main"), role("rollback")], strategy="free")
    assert ran.ok, ran.output
    assert len(sandbox.restores("postgres-main")) == 1


def test_no_host_goes_on_after_a_snapshot_that_failed_whatever_the_play_ignores(
    sandbox: Sandbox, plays: Plays, three_hosts: list[str]
) -> None:
    sandbox.next_outcome("mysql-orders", "failed")
    deploy = {"name": "x", "ansible.builtin.debug": {"msg": "the deployment goes on"}}
    ran = plays.tasks([role("main"), deploy], *three_hosts, hosts="all", ignore_errors=True)
    assert not ran.ok
    assert "the deployment goes on" not in ran.output


def test_each_release_goes_back_to_its_own_set_in_one_run_of_several_plays(sandbox: Sandbox, plays: Plays) -> None:
    """Two applications share a project, and both are deployed in one run."""
    postgres, mysql = checksums(sandbox, ["postgres-main"]), checksums(sandbox, ["mysql-orders"])
    shop = {"release": "shop-77", "addon_ids": ["postgres-main"], "project_id": PROJECT}
    crm = {"release": "crm-77", "addon_ids": ["mysql-orders"], "project_id": PROJECT}
    play = {"name": "x", "hosts": "localhost", "gather_facts": False}
    staging = {**shop, "project_id": "staging-project", "addon_ids": ["postgres-staging"]}
    ran = plays.book(
        [
            {**play, "tasks": [role("main", **shop), role("main", **crm), role("main", **staging)]},
            {**play, "tasks": [migration(sandbox), migration(sandbox, "mysql-orders"), role("rollback", **shop)]},
            {
                "name": "y",
                "ansible.builtin.import_playbook": "northflank.cloud.rollback",
                "vars": {"project_id": PROJECT, "release": "crm-77"},
            },
        ]
    )
    assert ran.ok, ran.output
    assert checksums(sandbox, ["postgres-main"]) == postgres
    assert checksums(sandbox, ["mysql-orders"]) == mysql
    assert [len(sandbox.restores(addon_id)) for addon_id in ADDONS] == [1, 1]
    assert sandbox.restores("postgres-staging", "staging-project") == []


def test_a_rollback_of_a_release_that_this_run_has_not_deployed_finds_its_set(sandbox: Sandbox, plays: Plays) -> None:
    """The run's own snapshot of another release is not taken for it, nor is that it failed."""
    taken(sandbox, "build-116")
    destroy(sandbox)
    sandbox.next_outcome("mysql-orders", "failed")
    back = role("rollback", release="build-116")
    ran = plays.tasks([{"name": "x", "block": [role("main")], "rescue": [back]}])
    assert ran.ok, ran.output
    assert f"Restored from {first_set('build-116')}: " in ran.output


def test_after_an_attempt_that_could_not_decide_the_one_before_is_not_restored(sandbox: Sandbox, plays: Plays) -> None:
    """Nor is anything else: what this run has taken for the release last is nothing."""
    again = {"name": "x", "block": [role("main", addon_ids=["no-such-addon"])], "rescue": [role("rollback")]}
    ran = plays.tasks([role("main"), migration(sandbox), again])
    assert not ran.ok
    assert "it has nothing of its own to restore. Nothing was restored." in ran.output
    assert [sandbox.restores(addon_id) for addon_id in ADDONS] == [[], []]


def test_a_generation_that_is_named_wins_over_what_this_run_has_taken(sandbox: Sandbox, plays: Plays) -> None:
    taken(sandbox, age=7 * 3600)
    ran = plays.tasks([role("main"), role("rollback", generation=1)])
    assert ran.ok, ran.output
    assert f"Restored from {first_set()}: " in ran.output


TAGGED = """
- name: Deploy
  hosts: localhost
  gather_facts: false
  vars:
    pre_deploy_snapshot_project_id: default-project
    pre_deploy_snapshot_addon_ids: [postgres-main, mysql-orders]
    pre_deploy_snapshot_release: "{{ release }}"
  tasks:
    - ansible.builtin.include_role:
        name: northflank.cloud.pre_deploy_snapshot
      tags: deploy
    - ansible.builtin.debug:
        msg: The deployment goes ahead
      tags: [deploy, other]
    - ansible.builtin.import_role:
        name: northflank.cloud.pre_deploy_snapshot
        tasks_from: rollback
      tags: back
"""


def test_with_tags_what_was_chosen_runs_and_nothing_else(sandbox: Sandbox, plays: Plays) -> None:
    (plays.folder / "tagged.yml").write_text(TAGGED, encoding="utf-8")
    shown: list[str] = []

    def run(release: str, *flags: str) -> list[tuple[int, int]]:
        ran = plays.start("tagged.yml", "-e", f"release={release}", *flags).end()
        assert ran.ok, ran.output
        shown.append(ran.output)
        return [(len(sandbox.backups(addon_id)), len(sandbox.restores(addon_id))) for addon_id in ADDONS]

    assert run("build-1", "--tags", "other") == [(0, 0), (0, 0)]
    assert "changed=0 " in shown[-1]
    assert "rescued=0 " in shown[-1]
    assert run("build-1", "--tags", "deploy") == [(1, 0), (1, 0)]
    # Whoever leaves out what always runs means other tasks.
    assert run("build-2", "--tags", "deploy", "--skip-tags", "always") == [(2, 0), (2, 0)]
    assert run("build-3", "--skip-tags", "back,always") == [(3, 0), (3, 0)]
    # With the backup of what is replaced.
    assert run("build-3", "--tags", "back") == [(4, 1), (4, 1)]


def test_the_play_s_module_defaults_neither_break_a_promise_nor_get_lost(sandbox: Sandbox, plays: Plays) -> None:
    """They are for other tasks of the play, but for the connection, which is for all."""
    defaults = {
        "group/northflank.cloud.all": {"team_id": "example-team", "api_token": sandbox.token, "api_retries": 3},
        "northflank.cloud.addon_backup": {"wait": False, "backup_type": "dump", "compression_type": "gz"},
        "northflank.cloud.addon_backup_restore": {"wait": False, "name": "Another", "addon_id": ["redis-cache"]},
        "northflank.cloud.pre_deploy_set_info": {"exclude": ["mysql-orders"], "backup_type": "dump"},
        "ansible.builtin.set_fact": {"cacheable": True},
        "ansible.builtin.debug": {"verbosity": 3},
    }
    environment = {"NORTHFLANK_API_TOKEN": "no-token-of-this-sandbox"}
    sandbox.next_restore_outcome("mysql-orders", "failed")
    tasks = [role("main"), migration(sandbox), role("rollback")]
    ran = plays.tasks(tasks, module_defaults=defaults, environment=environment)
    # Who does not wait does not see that.
    assert not ran.ok
    assert "NOT restored: mysql-orders." in ran.output
    assert {request.path.split("/")[2:4] == ["teams", "example-team"] for request in sandbox.requests} == {True}
    assert {write.body["backupType"] for write in sandbox.writes if write.path.endswith("/backups")} == {"snapshot"}
    assert re.search("2 of 2 (snapshots|backups) pre-deploy-", ran.output)
    command = told_command(ran.output, "To finish the rollback, type this: ")
    assert "pre_deploy_snapshot_team_id=example-team" in command
    sandbox.next_outcome("mysql-orders", "failed")
    assert not plays.tasks([role("main", release="build-118")], module_defaults=defaults).ok


def test_a_restore_that_failed_ends_with_what_is_back_and_the_command_that_finishes_it(
    sandbox: Sandbox, plays: Plays
) -> None:
    before = checksums(sandbox)
    taken(sandbox)
    destroy(sandbox)
    sandbox.next_restore_outcome("mysql-orders", "failed")
    ran = plays.rollback()
    assert not ran.ok
    assert f"The rollback to {first_set()} is not complete. NOT restored: mysql-orders." in ran.output
    assert "Restored: postgres-main." in ran.output
    kept = names(sandbox)[-1]
    assert kept.startswith("pre-rollback-")
    assert f"is kept: mysql-orders, postgres-main as {kept}." in ran.output
    end = ran.output.rsplit("To finish the rollback, type this: ", 1)[1]
    assert "TASK [" not in end
    program, *arguments = told_command(ran.output, "To finish the rollback, type this: ")
    assert [program, arguments[0]] == ["ansible-playbook", "northflank.cloud.rollback"]
    ran = plays.start(*arguments).end()
    assert ran.ok, ran.output
    assert checksums(sandbox) == before
    # And the one that undoes it.
    program, *arguments = told_command(ran.output, "To undo the rollback: ")
    undone = plays.start(*arguments, program=program).end()
    assert undone.ok, undone.output
    assert checksums(sandbox) != before


def test_in_check_mode_it_says_what_would_be_done(sandbox: Sandbox, plays: Plays) -> None:
    ran = plays.tasks([role("main"), role("rollback")], "--check")
    assert ran.ok, ran.output
    assert f"s {first_set()}: 2 would be taken (mysql-orders, postgres-main)." in ran.output
    assert "0 bytes" not in ran.output
    assert f"Would be restored from {first_set()}: mysql-orders, postgres-main." in ran.output
    taken(sandbox)
    ran = plays.tasks([role("main", keep_last=1, keep_within="0")], "--check")
    assert f"s {first_set()}: 2 would be used again (mysql-orders, postgres-main)." in ran.output
    assert sandbox.writes == []


def test_it_takes_20_lines_on_the_screen_for_any_number_of_databases(sandbox: Sandbox, plays: Plays) -> None:
    many = [f"db-{number}" for number in range(5)]
    for addon_id in many:
        sandbox.add_addon(addon_id)
    for release, addon_ids in (("build-1", ADDONS), ("build-2", many)):
        first = plays.snapshot(release, addon_ids=list(addon_ids))
        back = plays.rollback(release)
        for ran in (first, back):
            assert ran.ok, ran.output
            shown = re.search(r"^TASK \[[^\n]*Validating.*?(?=^PLAY RECAP)", ran.screen, re.MULTILINE | re.DOTALL)
            assert shown is not None
            # The lines about how the wait goes are beside those of the tasks.
            assert len([line for line in shown[0].splitlines() if not line[:1].isdigit()]) <= 20, shown[0]
        count = len(addon_ids)
        assert re.search(f"{count} of {count} (snapshots|backups) pre-deploy-{release}-", first.output)
        assert f"To roll back: {told_command_line(release)}" in first.output


def told_command_line(release: str) -> str:
    return f"ansible-playbook northflank.cloud.rollback -e project_id={PROJECT} -e release={release}"


AS_TEXT = {
    "addon_ids": "postgres-main,mysql-orders",
    "addon_types": "",
    "addon_tags": "",
    "exclude": "",
    "max_age": "1h",
    "keep_last": "1",
    "keep_within": "0",
    "on_timeout": "abort",
    "backup_type": "snapshot",
    "compression_type": "",
    "additional_destinations": '[{"destination_id":"offsite-s3","retention_time":7}]',
    "wait_timeout": "30m",
    "context": "",
    "api_url": "",
    "team_id": "",
    "ca_path": "",
    "validate_certs": "true",
    "api_timeout": "20",
    "api_retries": "0",
    "api_token": "",
    "generation": "1",
    "rollback_safety": "false",
    "restore_again": "yes",
    "ignore_incomplete_rollback": "no",
}


def typed(**variables: str) -> list[str]:
    """Variables of the role, as words of a command line."""
    return [word for name, value in variables.items() for word in ("-e", f"pre_deploy_snapshot_{name}={value}")]


def test_every_variable_works_as_text_on_a_command_line(sandbox: Sandbox, plays: Plays) -> None:
    assert set(AS_TEXT) == KNOWN - {"project_id", "release", *FACTS}
    taken(sandbox, "build-1", age=60)
    before = checksums(sandbox)
    named = ["-e", "project_id=default-project", "-e", "release=1.10"]
    ran = plays.start("northflank.cloud.snapshot", *named, *typed(**AS_TEXT)).end()
    assert ran.ok, ran.output
    assert names(sandbox) == names(sandbox, "mysql-orders") == [first_set("1.10")]
    (sent,) = [write.body for write in sandbox.writes if write.path.endswith("postgres-main/backups")]
    assert sent["additionalDestinations"] == [{"destinationId": "offsite-s3", "type": "custom", "retentionTime": 7}]
    destroy(sandbox)
    for times in (1, 2):
        ran = plays.start("northflank.cloud.rollback", *named, "-e", "generation=", *typed(**AS_TEXT)).end()
        assert ran.ok, ran.output
        # false means false, and yes means yes.
        assert len(names(sandbox)) == 1
        assert len(sandbox.restores("postgres-main")) == times
    assert checksums(sandbox) == before


@pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty text"])
def test_null_and_empty_text_count_as_not_given(sandbox: Sandbox, plays: Plays, nothing: str | None) -> None:
    """As surveys send them for what was left open."""
    assert variables_of("snapshot") == {"project_id", "release"}
    assert variables_of("rollback") == {"project_id", "release", "generation"}
    empty = {f"pre_deploy_snapshot_{name}": nothing for name in AS_TEXT}
    given = {"project_id": PROJECT, "release": "build-117", **empty, "pre_deploy_snapshot_exclude": "postgres-paused"}
    ran = plays.start("northflank.cloud.snapshot", "-e", json.dumps(given)).end()
    assert ran.ok, ran.output
    ran = plays.start("northflank.cloud.rollback", "-e", json.dumps({**given, "generation": nothing})).end()
    assert ran.ok, ran.output
    sandbox.clear_log()
    for playbook in ("snapshot", "rollback"):
        for name in ("project_id", "release"):
            ran = plays.start(f"northflank.cloud.{playbook}", "-e", json.dumps({**given, name: nothing})).end()
            assert not ran.ok
            assert f"{name} must not be empty" in ran.output
    assert sandbox.requests == []
    assert [name.split("-")[1] for name in names(sandbox)] == ["deploy", "rollback"]


def test_a_host_that_goes_away_is_rolled_back_with_the_pattern_of_the_guide(sandbox: Sandbox, plays: Plays) -> None:
    """Ansible itself runs no rescue for that. The other host is there."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "deploy-with-a-safety-net.md").read_text(encoding="utf-8")
    book = page.split("<!-- file: deploy-to-hosts.yml -->\n```yaml\n")[1].split("```")[0]
    (plays.folder / "deploy.yml").write_text(book, encoding="utf-8")
    # What ssh says by its code where it comes to nobody.
    (plays.folder / "ssh").write_text("#!/bin/sh\nexit 255\n", encoding="utf-8")
    (plays.folder / "ssh").chmod(0o755)
    away = f"ansible_connection=ssh ansible_ssh_executable={plays.folder}/ssh ansible_ssh_retries=0"
    hosts = f"here ansible_connection=local\naway {away}\n"
    (plays.folder / "hosts").write_text(hosts, encoding="utf-8")
    ran = plays.start("deploy.yml", "-i", "hosts", "-e", "release=build-117").end()
    assert not ran.ok
    assert "away is unreachable." in ran.output
    assert [len(sandbox.restores(addon_id)) for addon_id in ADDONS] == [1, 1]


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
    assert "The new snapshots are complete, and the play goes on. But old ones could not be deleted" in ran.output
    assert "deployed 2" in ran.output


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"release": ""}, "release must"),
    ({"release": 1.10}, "release must"),
    ({"release": datetime(2024, 1, 15, 10, tzinfo=timezone.utc)}, "release must"),
    ({"release": "2024-01-15 10:00:00+00:00"}, "release must not be a time as YAML reads it"),
    ({"addons": ["postgres-main"]}, "Did you mean pre_deploy_snapshot_addon_ids?"),
    ({"keep_last": "many"}, "pre_deploy_snapshot_keep_last must be a whole number"),
    ({"wait_timeout": "0"}, "pre_deploy_snapshot_wait_timeout must be at least 1 second"),
    ({"keep_last": 0}, "keep_"),
    ({"keep_last": 2, "keep_within": "5m"}, "keep_"),
]


def test_a_slip_in_a_variable_stops_before_anything_is_sent(sandbox: Sandbox, plays: Plays) -> None:
    for (variables, words), reason in zip(SLIPS, plays.refusals([variables for variables, _words in SLIPS])):
        assert words in reason, variables
    assert sandbox.requests == []
