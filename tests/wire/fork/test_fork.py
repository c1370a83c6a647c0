# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forks: what is made of what, and what is refused before anything is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox import Fault, Sandbox

from ..conftest import ADDON, Task
from .conftest import CREATE, DELETE, TAG, add, add_like, delete, digits, forks, refusal, without


def test_a_fork_holds_the_data_of_the_snapshot_and_runs(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    sandbox.execute(ADDON, "DELETE FROM orders")
    ran = fork(backup_id=snapshot)
    assert not ran.failed, ran.msg
    name = f"drill-{digits(snapshot)}-260301120000"
    assert (ran.changed, ran.result["action"], forks(sandbox)) == (True, "created", [name])
    facts = ran.result["fork"]
    assert (facts["id"], facts["name"], facts["type"], facts["project_id"]) == (
        name,
        name,
        "postgresql",
        "default-project",
    )
    assert (facts["status"], sandbox.addon_status(name)) == ("running", "running")
    assert sandbox.query(name, "SELECT count(*) FROM orders") != [(0,)]
    assert sandbox.query(ADDON, "SELECT count(*) FROM orders") == [(0,)]
    assert (ran.result["backup"]["id"], ran.result["backup"]["addon_id"]) == (snapshot, ADDON)
    assert (
        ran.msg
        == f"{name}: the fork of backup 'Nightly'{'' if snapshot == 'Nightly' else f' (ID {snapshot})'} is 'running'"
    )


def test_a_fork_is_as_large_as_its_source_and_has_the_tag(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    fork(backup_id=snapshot, wait=False)
    (post,) = sandbox.writes
    assert (post.method, post.path) == ("POST", "/v1/projects/default-project/addons")
    assert post.body["tags"] == [TAG]
    assert post.body["billing"] == {"deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1}
    assert (post.body["type"], post.body["version"]) == ("postgresql", "16.4.0")
    assert post.body["source"] == {"addonId": ADDON, "backupId": snapshot}


def test_a_fork_may_be_of_another_size(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    ran = fork(backup_id=snapshot, deployment_plan="nf-compute-50", storage=8192, replicas=2, wait=False)
    assert not ran.failed, ran.msg
    assert sandbox.writes[0].body["billing"] == {"deploymentPlan": "nf-compute-50", "storage": 8192, "replicas": 2}


def test_without_wait_the_task_ends_before_the_fork_runs(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    ran = fork(backup_id=snapshot, wait=False)
    assert (ran.failed, ran.result["fork"]["status"]) == (False, "preDeployment")
    told = sandbox.world.assumptions.with_uid
    assert (ran.result["fork"]["uid"] is not None) == told


def test_a_fork_may_be_made_in_another_project(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    ran = fork(project_id="staging-project", source_project_id="default-project", backup_id=snapshot)
    assert not ran.failed, ran.msg
    name = f"drill-{digits(snapshot)}-260301120000"
    assert (forks(sandbox), forks(sandbox, "staging-project")) == ([], [name])
    assert ran.result["fork"]["project_id"] == "staging-project"
    assert ran.result["backup"]["project_id"] == "default-project"
    assert sandbox.writes[0].body["source"]["projectId"] == "default-project"
    back = fork(
        project_id="staging-project",
        source_project_id="default-project",
        backup_id=snapshot,
        fork_name=name,
        state="absent",
    )
    assert (back.failed, forks(sandbox, "staging-project")) == (False, [])


def test_the_time_in_the_name_is_that_of_the_api(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    sandbox.skew_dates(3600.0)
    assert fork(backup_id=snapshot, wait=False).result["fork"]["name"].endswith("-260301130000")


def test_each_run_without_a_name_makes_another_fork(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    assert fork(backup_id=snapshot).changed
    assert fork(backup_id=snapshot).changed
    assert len(forks(sandbox)) == 2


@pytest.mark.parametrize("wait", [True, False])
def test_a_fork_of_the_given_name_is_joined(fork: Task, sandbox: Sandbox, snapshot: str, name: str, wait: bool) -> None:
    first = fork(backup_id=snapshot, fork_name=name, wait=wait)
    assert (first.changed, first.result["action"]) == (True, "created")
    second = fork(backup_id=snapshot, fork_name=name)
    assert (second.failed, second.changed, second.result["action"]) == (False, False, "joined")
    assert second.result["fork"]["status"] == "running"
    assert second.msg.endswith("is 'running', made by another run")
    assert len(sandbox.writes) == 1


def test_by_name_and_as_the_latest(fork: Task, sandbox: Sandbox) -> None:
    old = sandbox.add_backup(ADDON, "Old", age=7200)["id"]
    new = sandbox.add_backup(ADDON, "New", age=600)["id"]
    sandbox.add_backup(ADDON, "Newer", age=60, status="failed")
    sandbox.add_backup(ADDON, "Newest", age=30, status="in-progress")
    assert fork(name="Old", wait=False).result["backup"]["id"] == old
    assert fork(latest=True, wait=False).result["backup"]["id"] == new


@pytest.mark.assume(types_told=True)
def test_the_latest_is_a_snapshot_and_none_that_a_rollback_took(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    sandbox.add_backup(ADDON, "Dumped", backup_type="dump", age=60)
    sandbox.add_backup(ADDON, "pre-rollback-abcdefgh-260301115900", age=60)
    assert fork(latest=True, wait=False).result["backup"]["id"] == snapshot


@pytest.mark.assume(types_told=True)
def test_a_dump_of_the_same_name_is_not_in_the_way(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    sandbox.add_backup(ADDON, "Nightly", backup_type="dump", age=60)
    assert fork(name="Nightly", wait=False).result["backup"]["id"] == snapshot


def test_a_name_never_chooses_between_snapshots(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    sandbox.add_backup(ADDON, "Nightly", age=60)
    ran = fork(name="Nightly")
    assert f"Addon {ADDON} has 2 backups named 'Nightly': ID {snapshot}" in ran.msg
    assert sandbox.writes == []


UNFIT = [
    ({"status": "failed"}, "it is 'failed', not completed"),
    ({"status": "in-progress"}, "it is 'in-progress', not completed"),
    ({"backup_type": "dump"}, "it is a dump"),
    ({"backup_type": "dump", "source_type": "fileUpload"}, "it is an import"),
]


@pytest.mark.parametrize(("facts", "words"), UNFIT, ids=str)
@pytest.mark.assume(types_told=True)
def test_what_cannot_be_forked_is_refused_before_a_request_is_sent_that_writes(
    fork: Task, sandbox: Sandbox, facts: dict[str, Any], words: str
) -> None:
    backup_id = sandbox.add_backup(ADDON, "Unfit", **facts)["id"]
    ran = fork(backup_id=backup_id)
    assert f"cannot be forked: {words}. Only a completed snapshot can." in ran.msg
    by_name = fork(name="Unfit")
    assert (
        "has no completed snapshot named 'Unfit', and only a snapshot can be forked. Backups with this" in by_name.msg
    )
    latest = fork(latest=True)
    assert f"Addon {ADDON} has no completed snapshot, and only a snapshot can be forked. Nothing was" in latest.msg
    assert (ran.changed, by_name.changed, latest.changed, sandbox.writes) == (False, False, False, [])


def test_without_the_type_of_a_backup_the_api_decides(fork: Task, sandbox: Sandbox) -> None:
    backup_id = sandbox.add_backup(ADDON, "Dumped", backup_type="dump")["id"]
    ran = fork(backup_id=backup_id)
    assert (ran.failed, ran.changed, forks(sandbox)) == (True, False, [])


@pytest.mark.parametrize("addon_id", ["redis-cache", "minio-files", "rabbitmq-jobs"])
def test_a_type_that_cannot_be_forked_is_refused(fork: Task, sandbox: Sandbox, addon_id: str) -> None:
    backup_id = sandbox.add_backup(addon_id, "Nightly")["id"]
    ran = fork(source_addon_id=addon_id, backup_id=backup_id)
    assert "Northflank can fork addons of these types: mongodb, mysql, postgresql" in ran.msg
    assert sandbox.writes == []


def test_what_does_not_exist_is_named(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    assert "Backup 'nothing' of addon postgres-main of project default-project" in fork(backup_id="nothing").msg
    assert (
        "Project default-project has no addon 'postgres-mian'"
        in fork(source_addon_id="postgres-mian", backup_id=snapshot).msg
    )
    where = {"project_id": "stagnig-project", "source_project_id": "default-project"}
    assert (
        "There is no project 'stagnig-project' that the token may see. Did you mean 'staging-project'?"
        in fork(backup_id=snapshot, **where).msg
    )
    planned = fork(backup_id=snapshot, _check_mode=True, **where)
    assert planned.failed
    assert sandbox.writes == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "source_addon_id needs exactly one of backup_id, name and latest; got 'none'."),
    ({"name": "Nightly", "latest": True}, "source_addon_id needs exactly one of backup_id, name and latest"),
    ({"backup_id": "a", "name": "Nightly"}, "source_addon_id needs exactly one of backup_id, name and latest"),
    ({"backup_id": "a/b"}, "backup_id may hold only letters, digits and hyphens"),
    ({"name": "x"}, "name must have 3 to 39 characters"),
    ({"latest": True, "fork_uid": "x"}, "fork_uid can be used with state=absent only"),
    ({"latest": True, "storage": 0}, "storage must be at least 1 megabyte"),
    ({"latest": True, "replicas": 0}, "replicas must be at least 1 replica"),
    ({"latest": True, "deployment_plan": " "}, "deployment_plan must not be empty"),
    ({"latest": True, "fork_name": "ab"}, "fork_name must have 3 to 39 characters, not 2"),
    ({"latest": True, "fork_name": "x" * 40}, "fork_name must have 3 to 39 characters, not 40"),
    ({"latest": True, "fork_name": "Look-abc123"}, "fork_name must be lower-case letters and digits"),
    ({"latest": True, "fork_name": "look--abc123"}, "fork_name must be lower-case letters and digits"),
    ({"latest": True, "fork_name": "1ook-abc123"}, "fork_name must be lower-case letters and digits"),
    ({"latest": True, "budget_share": 0.0}, "budget_share must be above 0"),
    ({"latest": True, "wait_timeout": "0"}, "wait_timeout must be at least 1 second"),
    ({"latest": True, "source_project_id": "a b"}, "source_project_id may hold only"),
    ({"latest": True, "project_id": "a/b"}, "project_id may hold only"),
    ({"latest": True, "source_addon_id": ""}, "source_addon_id must not be empty"),
    ({"state": "absent", "backup_id": "a"}, "fork_name is required with state=absent"),
    ({"state": "absent", "fork_name": "abc"}, "backup_id is required with state=absent"),
    ({"state": "absent", "name": "Nightly"}, "name can be used with state=present only, not with absent"),
    ({"state": "absent", "latest": True}, "latest can be used with state=present only, not with absent"),
    ({"state": "absent", "deployment_plan": "x"}, "deployment_plan can be used with state=present only"),
    ({"state": "absent", "storage": 1}, "storage can be used with state=present only"),
    ({"state": "absent", "replicas": 1}, "replicas can be used with state=present only"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=str)
def test_arguments_are_checked_before_the_first_request(
    fork: Task, sandbox: Sandbox, arguments: dict[str, Any], words: str
) -> None:
    ran = fork(**arguments)
    assert (ran.failed, ran.changed, sandbox.requests) == (True, False, [])
    assert words in ran.msg


@pytest.mark.parametrize("fork_name", ["look", "look-123456", "look123456", "DIGITS", "DIGITS-look", "lookDIGITS"])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_name_without_the_digits_of_its_source_is_refused(
    fork: Task, sandbox: Sandbox, snapshot: str, fork_name: str, state: str
) -> None:
    wanted = digits(snapshot)
    # A name begins with a letter, so that the digits stand behind a hyphen.
    given = fork_name.replace("DIGITS", wanted if wanted[0].isalpha() else f"a{wanted}")
    ran = fork(backup_id=snapshot, fork_name=given, state=state)
    assert f"A name that fits is '{given}-{wanted}'" in ran.msg
    assert (ran.failed, ran.changed, sandbox.requests) == (True, False, [])


def test_the_name_that_fits_is_no_longer_than_a_name_may_be(fork: Task, snapshot: str) -> None:
    ran = fork(backup_id=snapshot, fork_name="a" * 32 + "-bbbbb")
    fitting = f"{'a' * 32}-{digits(snapshot)}"
    assert f"A name that fits is '{fitting}'" in ran.msg
    assert len(fitting) == 39
    assert not fork(backup_id=snapshot, fork_name=fitting, wait=False).failed


@pytest.mark.parametrize("ending", ["", "-2", "-a-b"])
def test_a_name_may_have_more_behind_the_digits(fork: Task, sandbox: Sandbox, name: str, ending: str) -> None:
    assert not fork(name="Nightly", fork_name=name + ending, wait=False).failed
    assert forks(sandbox) == [name + ending]


def test_a_name_that_does_not_fit_the_backup_of_a_name_is_refused_before_the_first_write(
    fork: Task, sandbox: Sandbox, name: str
) -> None:
    ran = fork(name="Nightly", fork_name="look-123456")
    assert f"A name that fits is 'look-123456-{name[-6:]}'" in ran.msg
    assert (ran.failed, sandbox.writes) == (True, [])


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "no tag": ({"tags": ()}, "the API does not tell that it has the tag northflank-cloud-fork"),
    "another tag": ({"tags": ("fork",)}, "the API does not tell that it has the tag northflank-cloud-fork"),
    "another type": ({"kind": "mysql"}, "it is of another type"),
    "a type without forks": ({"kind": "redis"}, "it is of another type"),
    "older than the backup": ({"age": 3601.0}, "the API does not tell that it was made after the backup"),
    "another name": ({"name": "Look"}, "its name does not say that it is a fork of this backup"),
    "a name with the digits": ({"name": "a-DIGITS"}, "its name does not say that it is a fork of this backup"),
}


@pytest.mark.parametrize(("facts", "words"), OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("check_mode", [False, True])
def test_an_addon_that_is_no_such_fork_is_not_joined(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str, facts: dict[str, Any], words: str, check_mode: bool
) -> None:
    add_like(sandbox, name, facts)
    ran = fork(backup_id=snapshot, fork_name=name, _check_mode=check_mode)
    assert f"already has an addon '{name}', and this task does not join it: {words}" in ran.msg
    assert (ran.failed, ran.changed, sandbox.writes) == (True, False, [])


def test_an_addon_with_the_name_but_another_id_is_found(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    add(sandbox, "another-id", (), name=name)
    ran = fork(backup_id=snapshot, fork_name=name)
    assert "and this task does not join it: the API does not tell that it has the tag" in ran.msg
    assert sandbox.writes == []


@pytest.mark.parametrize("status", ["failed", "error", "errorAllocating", "paused", "deleting", "deleted"])
@pytest.mark.parametrize("wait", [True, False])
def test_a_fork_that_will_not_run_is_not_joined(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str, status: str, wait: bool
) -> None:
    add(sandbox, name, status=status)
    ran = fork(backup_id=snapshot, fork_name=name, wait=wait)
    assert f"The fork {name} in project default-project is '{status}', so it will not run by itself" in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"], sandbox.writes) == (True, False, "none", [])


def test_a_default_name_that_is_taken_is_not_joined(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    add(sandbox, f"drill-{digits(snapshot)}-260301120000")
    ran = fork(backup_id=snapshot)
    assert "and this task does not join it: it was there before this task" in ran.msg
    assert (ran.failed, sandbox.writes) == (True, [])


@pytest.mark.parametrize("status", [400, 402, 409, 422])
def test_a_refusal_for_plan_or_limit_says_what_to_set(fork: Task, sandbox: Sandbox, snapshot: str, status: int) -> None:
    sandbox.fault(CREATE(kind="raw", when="before", raw=refusal(status, "Your plan allows 3 addons.")))
    ran = fork(backup_id=snapshot)
    assert f"The API refused the request: HTTP {status}: Your plan allows 3 addons. Nothing was started" in ran.msg
    assert "set deployment_plan, storage or replicas" in ran.msg
    assert (ran.failed, ran.changed, ran.result["action"], len(sandbox.writes)) == (True, False, "none", 1)


def test_a_permission_that_is_missing_is_named(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    sandbox.deny("Project > Addons > General > Create")
    ran = fork(backup_id=snapshot)
    assert "The token lacks the permission 'Project > Addons > General > Create'" in ran.msg
    sandbox.deny("Project > Addons > General > Delete")
    add(sandbox, name)
    back = fork(backup_id=snapshot, fork_name=name, state="absent")
    assert "The token lacks the permission 'Project > Addons > General > Delete'" in back.msg
    assert (ran.changed, back.changed, forks(sandbox)) == (False, False, [name])


def test_a_permission_that_the_api_does_not_name_is_named(
    fork: Task, sandbox: Sandbox, snapshot: str, name: str
) -> None:
    sandbox.fault(CREATE(kind="raw", when="before", raw=refusal(403, "No.")))
    assert "The token lacks the permission 'Project > Addons > General > Create'" in fork(backup_id=snapshot).msg
    add(sandbox, name)
    sandbox.fault(DELETE(kind="raw", when="before", raw=refusal(403, "No.")))
    ran = fork(backup_id=snapshot, fork_name=name, state="absent")
    assert "The token lacks the permission 'Project > Addons > General > Delete'" in ran.msg


def test_check_mode_only_reads(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    planned = fork(backup_id=snapshot, fork_name=name, _check_mode=True, _diff=True)
    assert (planned.changed, planned.result["action"]) == (True, "created")
    assert planned.result["fork"]["name"] == name
    assert planned.msg.endswith("would be made")
    assert (planned.result["diff"]["before"], planned.result["diff"]["after"]["name"]) == ({}, name)
    add(sandbox, name)
    joined = fork(backup_id=snapshot, fork_name=name, _check_mode=True, _diff=True)
    assert (joined.changed, joined.result["action"]) == (False, "joined")
    assert joined.msg == f"{name}: the fork that another run made would be used"
    assert joined.result["diff"]["before"] == joined.result["diff"]["after"]
    deleted = fork(backup_id=snapshot, fork_name=name, state="absent", _check_mode=True, _diff=True)
    assert (deleted.changed, deleted.result["action"]) == (True, "deleted")
    assert deleted.msg == f"{name}: the fork would be deleted"
    assert (deleted.result["diff"]["before"]["name"], deleted.result["diff"]["after"]) == (name, {})
    none = fork(backup_id=snapshot, fork_name=f"{name}-2", state="absent", _check_mode=True)
    assert (none.changed, none.result["action"], none.result["fork"]) == (False, "none", None)
    assert {request.method for request in sandbox.requests} == {"GET"}
    assert forks(sandbox) == [name]


def test_check_mode_tells_that_a_fork_is_going_already(fork: Task, sandbox: Sandbox, snapshot: str, name: str) -> None:
    add(sandbox, name)
    delete(sandbox, name)
    ran = fork(backup_id=snapshot, fork_name=name, state="absent", _check_mode=True)
    assert (ran.failed, ran.changed, ran.result["action"]) == (False, False, "none")


def test_what_is_not_told_has_to_be_given(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    told = without("deployment", within=("spec", "config"))
    sandbox.fault(Fault(method="GET", path=rf"/addons/{ADDON}$", times=2, kind="raw", raw=told))
    ran = fork(backup_id=snapshot, storage=4096)
    assert (
        f"does not tell how large addon {ADDON} is, so the fork needs the options deployment_plan, replicas" in ran.msg
    )
    assert not fork(backup_id=snapshot, storage=4096, deployment_plan="nf-compute-20", replicas=1, wait=False).failed
    assert len(sandbox.writes) == 1


def test_a_result_has_what_is_documented_and_no_secret(fork: Task, sandbox: Sandbox, snapshot: str) -> None:
    ran = fork(backup_id=snapshot)
    own = {"id", "uid", "name", "type", "version", "status", "created_at", "project_id"}
    assert set(ran.result["fork"]) == own
    assert sandbox.token not in json.dumps(ran.result)
