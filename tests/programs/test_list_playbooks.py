# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks that show lists, run by their names as a person would."""

from __future__ import annotations

import json

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import set_name
from plays import Plays

from sandbox import Sandbox


@pytest.mark.assume(types_told=True)
def test_the_backups_of_a_project_are_a_table(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.add_backup("postgres-main", name="Nightly", age=7230, size=1234)
    sandbox.add_backup("mysql-orders", name="By hand", age=86400 * 3 + 60)
    ran = plays.start("northflank.cloud.backups", "-e", "project_id=default-project").end()
    assert ran.ok, ran.output
    assert '"ADDON NAME TYPE STATE AGE SIZE", "postgres-main Nightly snapshot completed 2 h 0 m 1.2 kB",' in ran.output
    assert "mysql-orders By hand snapshot completed 3 d 0 h" in ran.output
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_they_can_be_those_of_some_addons(sandbox: Sandbox, plays: Plays) -> None:
    for addon_id in sandbox.addon_ids:
        sandbox.add_backup(addon_id, name="Nightly")
    given = ("-e", "project_id=default-project", "-e", "addon_id=postgres-main,mysql-orders")
    ran = plays.start("northflank.cloud.backups", *given).end()
    assert ran.ok, ran.output
    assert ran.output.count("Nightly") == 2


def test_where_there_are_none_it_says_so(plays: Plays) -> None:
    ran = plays.start("northflank.cloud.backups", "-e", "project_id=default-project", "-e", "addon_id=").end()
    assert ran.ok, ran.output
    assert "There are no backups." in ran.output


@pytest.mark.parametrize("playbook", ["northflank.cloud.backups", "northflank.cloud.releases"])
def test_a_project_that_is_not_given_is_asked_for(plays: Plays, playbook: str) -> None:
    ran = plays.start(playbook).end()
    assert not ran.ok
    assert f"Which project? ansible-playbook {playbook} -e project_id=default-project" in ran.output


PROJECT = ("-e", "project_id=default-project")
UNNAMED = [
    ("mirror", (), "Which project? ansible-playbook northflank.cloud.mirror -e project_id=default-project"),
    ("mirror", PROJECT, "Into which folder? ansible-playbook northflank.cloud.mirror -e project_id=default-project"),
    ("snapshot", (), "Which project? ansible-playbook northflank.cloud.snapshot -e project_id=default-project"),
    (
        "snapshot",
        PROJECT,
        "ansible-playbook northflank.cloud.snapshot -e project_id=default-project -e release=build-117",
    ),
    ("rollback", (), "Which project? ansible-playbook northflank.cloud.rollback -e project_id=default-project"),
    ("rollback", PROJECT, "ansible-playbook northflank.cloud.releases -e project_id=default-project"),
]


@pytest.mark.parametrize(("playbook", "given", "words"), UNNAMED)
def test_a_variable_that_is_not_given_is_asked_for_with_the_command(
    sandbox: Sandbox, plays: Plays, playbook: str, given: tuple[str, ...], words: str
) -> None:
    ran = plays.start(f"northflank.cloud.{playbook}", *given).end()
    assert not ran.ok
    assert words in ran.output
    assert "is undefined" not in ran.output
    assert sandbox.requests == []


@pytest.mark.assume(types_told=True)
def test_the_report_is_one_command(sandbox: Sandbox, plays: Plays) -> None:
    for addon_id in ("postgres-main", "mysql-orders"):
        sandbox.add_backup(addon_id, name="Nightly", age=3600)
    given = (
        "-e",
        "project_id=default-project,staging-project",
        "-e",
        "dest=report",
        "-e",
        "addon_types=postgresql,mysql",
    )
    ran = plays.start("northflank.cloud.report", *given, "-e", "exclude=postgres-paused").end()
    assert ran.ok, ran.output
    assert "2 of 3 databases have a backup younger than 26 hours" in ran.output
    assert f"Open {plays.folder / 'report' / 'report.html'}" in ran.output
    names = sorted(path.name for path in (plays.folder / "report").iterdir())
    assert names == ["report.html", "report.json", "report.md", "report.prom"]
    ran = plays.start("northflank.cloud.report", *given, "-e", "fail_if_stale=true").end()
    assert not ran.ok
    assert "staging-project/postgres-staging (no backup at all)" in ran.output
    assert {request.method for request in sandbox.requests} == {"GET"}


@pytest.mark.parametrize("beside", [(), ("-e", "project_id=default-project")])
def test_a_report_needs_a_project_and_a_folder(sandbox: Sandbox, plays: Plays, beside: tuple[str, ...]) -> None:
    ran = plays.start("northflank.cloud.report", *beside).end()
    assert not ran.ok
    assert "ansible-playbook northflank.cloud.report -e project_id=default-project -e dest=report" in ran.output
    assert sandbox.requests == []


@pytest.mark.assume(types_told=True)
@pytest.mark.parametrize("as_text", [True, False])
def test_the_role_writes_one_report_for_a_play_on_several_hosts(sandbox: Sandbox, plays: Plays, as_text: bool) -> None:
    sandbox.add_backup("postgres-main", name="Nightly", age=3600)
    given: dict[str, object] = {
        "backup_report_project_id": "default-project",
        "backup_report_dest": "report",
        "backup_report_addon_types": "postgresql" if as_text else ["postgresql"],
        "backup_report_exclude": "postgres-paused" if as_text else ["postgres-paused"],
        "backup_report_fail_if_stale": "true" if as_text else True,
    }
    say = {"name": "Say", "ansible.builtin.debug": {"var": "backup_report_result.headline"}}
    play = {
        "name": "Report",
        "hosts": "web",
        "gather_facts": False,
        "roles": [{"role": "northflank.cloud.backup_report"}],
        "post_tasks": [say],
    }
    (plays.folder / "hosts.yml").write_text(json.dumps({"web": {"hosts": {"a.invalid": None, "b.invalid": None}}}))
    (plays.folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    ran = plays.start("play.yml", "-i", "hosts.yml", "-e", json.dumps(given)).end()
    assert ran.ok, ran.output
    assert ran.output.count("1 of 1 database has a backup younger than 26 hours") == 2
    assert sum(request.path.endswith("/addons") for request in sandbox.requests) >= 1
    assert sum(request.path.endswith("/postgres-main/backup-schedules") for request in sandbox.requests) == 1


def test_the_releases_that_can_be_rolled_back_are_a_table(sandbox: Sandbox, plays: Plays) -> None:
    name = set_name("v2.4", ["postgres-main"], 1)
    sandbox.add_backup("postgres-main", name=name, age=7200)
    ran = plays.start("northflank.cloud.releases", "-e", "project_id=default-project").end()
    assert ran.ok, ran.output
    assert '"RELEASE GENERATION AGE SIZE ADDONS STATE", "v2.4 1 2 h 0 m ' in ran.output
    rollback = "ansible-playbook northflank.cloud.rollback -e project_id=default-project -e release="
    assert f"To roll back: {rollback}RELEASE" in ran.output
    assert {request.method for request in sandbox.requests} == {"GET"}
    given = rollback.split()[1:-1]
    assert plays.start(*given, "release=v2.4").end().ok
    assert [one["status"] for one in sandbox.restores("postgres-main")] == ["completed"]


def test_where_no_release_can_be_rolled_back_it_says_so(plays: Plays) -> None:
    ran = plays.start("northflank.cloud.releases", "-e", "project_id=default-project").end()
    assert ran.ok, ran.output
    assert "There are none." in ran.output
