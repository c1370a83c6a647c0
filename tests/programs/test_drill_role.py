# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role restore_drill, in plays as people write them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plays import Played, Plays, checksums

from sandbox import Fault, Sandbox

DRILL = "northflank.cloud.restore_drill"
ADDONS = ["mongo-events", "mysql-orders", "postgres-main"]
# As an inventory names it, where one does.
LOCALHOST = "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'"
# Leaves the secret where the test finds it, and measures.
GOOD = """
- name: Keep the password
  ansible.builtin.copy:
    content: "{{ restore_drill_connection.secrets.password }}\\n"
    dest: "{{ lookup('ansible.builtin.env', 'HOME') }}/password-{{ restore_drill_fork.name }}"
    mode: "0600"
- name: Measure
  ansible.builtin.set_fact:
    restore_drill_measured:
      orders: 7
      first: "{{ restore_drill_last == {} }}"
      slip: "{{ restore_drill_connection.secrets.password }}"
"""
BAD = """
- name: Orders are there
  ansible.builtin.command:
    argv: [sh, -c, "echo no orders with $(cat); exit {{ 3 if restore_drill_fork.type == 'mysql' else 0 }}"]
    stdin: "{{ restore_drill_connection.secrets.password }}"
  changed_when: false
- name: Show nothing
  ansible.builtin.debug:
    var: restore_drill_connection
"""
# What a migration does, on the copy that it was given.
MIGRATION = """
- name: Drop the customers
  ansible.builtin.command:
    argv:
      - "{{ ansible_playbook_python }}"
      - -c
      - "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM customers'); c.commit()"
      - "{{ restore_drill_connection.secrets.database }}"
  changed_when: true
"""


@pytest.fixture(autouse=True)
def backed_up(sandbox: Sandbox) -> None:
    """Each database has a snapshot that is an hour old."""
    for addon_id in ADDONS:
        sandbox.add_backup(addon_id, name="Nightly", age=3600)


def files(plays: Plays, **texts: str) -> None:
    for name, text in texts.items():
        (plays.folder / f"{name}.yml").write_text(text.lstrip(), encoding="utf-8")


def drill(plays: Plays, *flags: str, entry: str = "main", **variables: Any) -> Played:
    """Run the role for a play's only host."""
    named = {"project_id": "default-project", "addon_id": ["postgres-main"], "dest": "drills", **variables}
    include = {"name": DRILL, "tasks_from": entry}
    task = {
        "name": "Drill",
        "ansible.builtin.include_role": include,
        "vars": {f"restore_drill_{name}": value for name, value in named.items()},
    }
    (plays.folder / "usual-hosts").write_text(f"{LOCALHOST}\n", encoding="utf-8")
    return plays.book([{"hosts": "all", "gather_facts": False, "tasks": [task]}], *(flags or ("-i", "usual-hosts")))


def told(plays: Plays) -> dict[str, dict[str, Any]]:
    """The evidence of the last run, by database."""
    run = json.loads((plays.folder / "drills" / "drill.json").read_text(encoding="utf-8"))
    return {one["addon_id"]: one for one in run["drills"]}


def addons(sandbox: Sandbox) -> list[str]:
    with sandbox.world.lock:
        sandbox.world.settle()
        return sorted(sandbox.world.projects[sandbox.project_id].addons)


def test_a_fleet_goes_on_after_one_failed_and_its_evidence_is_true_and_has_no_secret(
    sandbox: Sandbox, plays: Plays
) -> None:
    files(plays, good=GOOD, bad=BAD)
    before, data = addons(sandbox), checksums(sandbox)
    ids = "mysql-orders,redis-cache,postgres-main"
    given = {"project_id": "default-project", "addon_id": ids, "checks": "bad.yml,good.yml", "dest": "drills"}
    ran = plays.start(DRILL, "-vvv", "-e", json.dumps({**given, "restore_drill_base": str(plays.folder)})).end()
    assert not ran.ok
    assert "2 of 3 restore drills failed. mysql-orders: Checks failed: bad.yml. redis-cache: The backup" in ran.output
    found = told(plays)
    assert {addon_id: one["passed"] for addon_id, one in found.items()} == {
        "mysql-orders": False,
        "postgres-main": True,
        "redis-cache": False,
    }
    failed = found["mysql-orders"]
    assert [(one["name"], one["passed"]) for one in failed["checks"]] == [("bad.yml", False), ("good.yml", True)]
    assert failed["checks"][0]["task"] == "Orders are there"
    assert found["redis-cache"]["checks"][0]["passed"] is None
    assert failed["fork_is_gone"]
    assert found["postgres-main"]["measured"] == {"orders": 7, "first": True, "slip": "********"}
    assert addons(sandbox) == before
    assert checksums(sandbox) == data
    passwords = [path.read_text(encoding="utf-8").strip() for path in plays.folder.glob("password-*")]
    assert len(passwords) == 2
    texts = [path.read_text(encoding="utf-8") for path in (plays.folder / "drills").rglob("*.*") if path.is_file()]
    assert [word for word in passwords for text in (*texts, ran.screen) if word in text] == []


def test_in_check_mode_it_says_what_it_would_drill_and_only_reads(sandbox: Sandbox, plays: Plays) -> None:
    files(plays, good=GOOD)
    ran = drill(plays, "-i", "localhost,", "--check", sample=2, addon_id="", checks=["good.yml"])
    assert ran.ok, ran.output
    assert "Would be drilled: mongo-events, mysql-orders" in ran.output
    assert {request.method for request in sandbox.requests} == {"GET"}
    assert not (plays.folder / "drills").exists()


def test_a_fork_that_cannot_be_deleted_fails_the_drill_and_the_next_one_removes_it(
    sandbox: Sandbox, plays: Plays
) -> None:
    files(plays, good=GOOD)
    before = addons(sandbox)
    sandbox.fault(Fault(method="DELETE", path=r"/addons/[^/]+$", kind="403", times=None))
    ran = drill(plays, checks=["good.yml"])
    assert not ran.ok
    assert "postgres-main: The fork was not deleted, and costs money by the hour" in ran.output
    assert told(plays)["postgres-main"]["fork_is_gone"] is False
    (fork,) = set(addons(sandbox)) - set(before)
    sandbox.clear_faults()
    ran = drill(plays, leftover_age="1s", remove_leftovers="true", checks="good.yml")
    assert ran.ok, ran.output
    assert f"The fork {fork} of an earlier drill is still there" in ran.output
    assert addons(sandbox) == before
    # A drill that failed is nothing to compare with.
    assert told(plays)["postgres-main"]["measured"]["first"]


def test_a_check_that_is_delegated_runs_over_the_connection_of_its_host(sandbox: Sandbox, plays: Plays) -> None:
    files(plays, delegated="- name: Look from there\n  ansible.builtin.raw: echo here\n  delegate_to: bastion\n")
    ssh = plays.folder / "ssh"
    ssh.write_text(f'#!/bin/sh\necho "$@" >> {plays.folder}/seen\necho here\n', encoding="utf-8")
    ssh.chmod(0o755)
    (plays.folder / "hosts").write_text(
        f"{LOCALHOST}\nbastion ansible_host=127.0.0.1 ansible_connection=ssh ansible_ssh_executable={ssh}\n",
        encoding="utf-8",
    )
    before = addons(sandbox)
    ran = drill(plays, "-i", "hosts", "--limit", "localhost", checks=["delegated.yml"])
    assert ran.ok, ran.output
    assert "echo here" in (plays.folder / "seen").read_text(encoding="utf-8")
    assert addons(sandbox) == before


def test_without_a_way_to_run_checks_nothing_is_restored(sandbox: Sandbox, plays: Plays) -> None:
    files(plays, good=GOOD)
    (plays.folder / "hosts").write_text("localhost ansible_connection=ssh ansible_port=9\n", encoding="utf-8")
    ran = drill(plays, "-i", "hosts", checks=["good.yml"])
    assert not ran.ok
    assert "UNREACHABLE" in ran.output
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_in_check_mode_a_database_that_cannot_be_drilled_is_told_with_the_reason(
    sandbox: Sandbox, plays: Plays
) -> None:
    ran = drill(plays, "-i", "localhost,", "--check", addon_id=["redis-cache", "postgres-main"])
    assert not ran.ok
    assert "redis-cache: Addon redis-cache cannot be forked, because it is of type 'redis'" in ran.output
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_a_leftover_is_only_told_where_nobody_asked_to_remove_it(sandbox: Sandbox, plays: Plays) -> None:
    with sandbox.world.lock:
        tags = ["northflank-cloud-fork"]
        sandbox.world.add_addon("drill-000000-260301000000", "postgresql", sandbox.project_id, tags, 0.0)
    ran = drill(plays, "-i", "localhost,", "--check", remove_leftovers="false")
    assert ran.ok, ran.output
    assert "The fork drill-000000-260301000000 of an earlier drill is still there" in ran.output
    assert "drill-000000-260301000000" in addons(sandbox)


def test_a_migration_is_rehearsed_on_a_copy_once_for_all_hosts(
    sandbox: Sandbox, plays: Plays, three_hosts: list[str]
) -> None:
    files(plays, migrate=MIGRATION, good=GOOD)
    before, data = addons(sandbox), checksums(sandbox)
    ran = drill(plays, *three_hosts, entry="rehearse", migration="migrate.yml", checks=["good.yml"])
    assert ran.ok, ran.output
    found = told(plays)["postgres-main"]
    assert found["kind"] == "rehearsal"
    assert [(one["name"], one["passed"]) for one in found["checks"]] == [("migrate.yml", True), ("good.yml", True)]
    assert checksums(sandbox) == data
    assert addons(sandbox) == before
    assert len([request for request in sandbox.requests if request.method == "POST"]) == 1


def test_after_a_migration_that_failed_nothing_is_checked_and_the_play_stops(sandbox: Sandbox, plays: Plays) -> None:
    files(plays, migrate="- name: Migrate\n  ansible.builtin.fail:\n    msg: It does not fit.\n", good=GOOD)
    before = addons(sandbox)
    ran = drill(plays, entry="rehearse", migration="migrate.yml", checks=["good.yml"])
    assert not ran.ok
    found = told(plays)["postgres-main"]
    assert [(one["name"], one["passed"]) for one in found["checks"]] == [("migrate.yml", False), ("good.yml", None)]
    assert found["checks"][0]["detail"] == "It does not fit."
    assert addons(sandbox) == before


def test_evidence_that_cannot_be_written_is_no_success(sandbox: Sandbox, plays: Plays) -> None:
    (plays.folder / "drills").mkdir()
    (plays.folder / "drills" / "default-project").write_text("", encoding="utf-8")
    before = addons(sandbox)
    ran = drill(plays, addon_id=["postgres-main"])
    assert not ran.ok
    assert "1 of 1 restore drills failed. postgres-main: The evidence of the drill could not be written" in ran.output
    assert "The evidence is in" not in ran.output
    assert addons(sandbox) == before


@pytest.mark.parametrize(("given", "words"), [((), "Which project? ansible-playbook"), (("-e", "project_id=a"), "Say")])
def test_the_playbook_asks_for_what_is_missing(plays: Plays, given: tuple[str, ...], words: str) -> None:
    ran = plays.start(DRILL, *given).end()
    assert not ran.ok
    assert words in ran.output
