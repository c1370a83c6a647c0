# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals: bad input before the first request, and the API's refusals with what to do about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task, backup_task

BAD_INPUT: list[tuple[dict[str, Any], list[str]]] = [
    ({"name": "ab"}, ["name", "3 to 39", "'ab'"]),
    ({"name": "a" * 40}, ["name", "3 to 39", "40"]),
    ({"name": "Example Backup\n"}, ["name", r"'Example Backup\n'"]),
    ({"name": "two  blanks"}, ["name", "'two  blanks'"]),
    ({"name": "Sicherungsk\u00f6pfe"}, ["name", "without accents"]),
    ({"name": "-start"}, ["name", "'-start'"]),
    ({"backup_type": "copy"}, ["backup_type", "dump", "snapshot", "copy"]),
    ({"backup_type": "dump", "compression_type": "xz"}, ["compression_type", "gz", "zstd", "xz"]),
    ({"compression_type": "gz"}, ["compression_type", "backup_type=dump", "snapshot"]),
    ({"custom_destination_id": "example-destination"}, ["custom_destination_id", "backup_type=dump"]),
    (
        {"backup_type": "dump", "additional_destinations": [{"destination_id": "offsite-s3"}]},
        ["additional_destinations", "backup_type=snapshot"],
    ),
    (
        {"backup_type": "dump", "custom_destination_id": "a b"},
        ["custom_destination_id", "'a b'"],
    ),
    ({"additional_destinations": [{"retention_time": 3}]}, ["destination_id", "additional_destinations"]),
    (
        {"additional_destinations": [{"destination_id": "offsite-s3", "retention_time": 0}]},
        ["additional_destinations[0].retention_time", "1 to 36500", "0"],
    ),
    (
        {"additional_destinations": [{"destination_id": "offsite-s3", "retention_time": 36501}]},
        ["additional_destinations[0].retention_time", "1 to 36500", "36501"],
    ),
    ({"additional_destinations": [{"destination_id": "offsite-s3", "type": "s3"}]}, ["type", "custom", "s3"]),
    ({"addon_id": ""}, ["addon_id", "empty"]),
    ({"addon_id": []}, ["addon_id", "at least one"]),
    ({"addon_id": ["postgres-main", " postgres-main"]}, ["addon_id", "once", "'postgres-main'"]),
    ({"addon_id": "../addons"}, ["addon_id", "letters, digits and hyphens", "'../addons'"]),
    ({"addon_id": "a%2fb"}, ["addon_id", "'a%2fb'"]),
    ({"project_id": ""}, ["project_id", "empty"]),
    ({"project_id": "a/b"}, ["project_id", "letters, digits and hyphens", "'a/b'"]),
    ({"wait_timeout": -1}, ["wait_timeout", "at least 1", "-1"]),
    ({"wait_timeout": 0}, ["wait_timeout", "at least 1", "0"]),
    ({"api_timeout": -5}, ["api_timeout", "-5"]),
    ({"api_retries": -1}, ["api_retries", "-1"]),
    ({"max_age": "yesterday"}, ["max_age", "s, m, h, d or w", "'yesterday'"]),
    ({"max_age": "-1h"}, ["max_age", "'-1h'"]),
    ({"budget_share": 0}, ["budget_share", "above 0"]),
    ({"budget_share": 1.1}, ["budget_share", "at most 1", "1.1"]),
    ({"on_timeout": "retry"}, ["on_timeout", "fail", "abort", "retry"]),
    ({"state": "gone"}, ["state", "present", "gone"]),
    ({"backup_id": "x"}, ["backup_id", "state=present", "'x'"]),
    ({"state": "absent"}, ["state", "either name or backup_id", "'absent'"]),
    ({"state": "aborted", "name": "A backup", "backup_id": "x"}, ["state", "either name or backup_id", "not both"]),
    ({"state": "absent", "backup_id": "x", "addon_id": ["a", "b"]}, ["backup_id", "one addon only", "'x'"]),
    ({"state": "absent", "backup_id": "../x"}, ["backup_id", "'../x'"]),
    ({"state": "absent", "name": "A backup", "max_age": "1h"}, ["max_age", "state=present only", "'1h'"]),
    (
        {"state": "retained", "name": "A backup", "compression_type": "gz", "backup_type": "dump"},
        ["compression_type", "state=present only", "'gz'"],
    ),
    ({"state": "aborted", "name": "A backup", "on_timeout": "abort"}, ["on_timeout", "state=present only"]),
    ({"state": "aborted", "name": "A backup", "all_matches": True}, ["all_matches", "state=absent", "True"]),
    ({"all_matches": True, "name": "A backup"}, ["all_matches", "state=absent", "True"]),
    ({"concurrency": 0}, ["concurrency", "1 to 64", "0"]),
    ({"concurrency": 65}, ["concurrency", "1 to 64", "65"]),
    ({"context": "nowhere"}, ["context", ".northflank/config.json"]),
    ({"addonId": "postgres-main"}, ["addonId", "addon_id"]),
    ({"backupType": "dump"}, ["backupType", "backup_type"]),
    ({"api_token": None}, ["api_token", "NORTHFLANK_API_TOKEN"]),
    ({"api_url": "http://api.northflank.com"}, ["api_url", "https", "http://api.northflank.com"]),
    ({"project_id": None}, ["project_id", "missing"]),
    ({"addon_id": None}, ["addon_id", "missing"]),
]


@pytest.mark.parametrize(("arguments", "words"), BAD_INPUT, ids=[repr(row[0])[:60] for row in BAD_INPUT])
def test_bad_input_is_refused_before_the_first_request(
    sandbox: Sandbox, task: Task, arguments: dict[str, Any], words: list[str]
) -> None:
    ran = task(**arguments)
    assert ran.failed
    assert not ran.result.get("changed")
    for word in words:
        assert word in ran.msg
    assert sandbox.token not in ran.msg
    assert sandbox.requests == []


def test_a_wrong_token_is_told_and_not_shown(task: Task) -> None:
    wrong = "wrong-token-that-is-long-enough-to-find"
    ran = task(api_token=wrong, name="Example Backup")
    assert ran.failed
    assert not ran.changed
    assert "does not accept the token" in ran.msg
    assert "Nothing was started or changed" in ran.msg
    assert wrong not in repr(ran.result)


def test_a_token_with_the_line_break_of_its_file_is_shown_in_neither_form(sandbox: Sandbox, task: Task) -> None:
    ran = task(api_token=sandbox.token + "\n", name="Example Backup")
    assert not ran.failed, ran.msg
    assert sandbox.token not in repr(ran.result)


def test_a_token_that_may_only_read_is_told_the_permission_it_lacks(sandbox: Sandbox, task: Task) -> None:
    ran = task(api_token=sandbox.read_token, name="Example Backup")
    assert ran.failed
    assert not ran.changed
    assert "Project > Addons > General > Update" in ran.msg
    assert sandbox.read_token not in repr(ran.result)


def test_an_addon_that_does_not_exist_is_told_with_the_nearest_one(task: Task) -> None:
    ran = task(addon_id="postgres-mian", name="Example Backup")
    assert ran.failed
    assert not ran.changed
    assert "has no addon 'postgres-mian'" in ran.msg
    assert "Did you mean 'postgres-main'?" in ran.msg
    # Last, and without a stop that would be typed with it.
    assert ran.msg.endswith(
        "To list them: ansible localhost -m northflank.cloud.addon_info -a project_id=default-project"
    )


def test_a_project_that_does_not_exist_is_told_with_the_nearest_one(task: Task) -> None:
    ran = task(project_id="defualt-project")
    assert ran.failed
    assert not ran.changed
    assert "There is no project 'defualt-project'" in ran.msg
    assert "Did you mean 'default-project'?" in ran.msg


def test_when_the_addons_cannot_be_listed_what_to_check_is_told(sandbox: Sandbox, task: Task) -> None:
    for kind in ("redirect", "503"):
        sandbox.clear_faults()
        sandbox.fault(Fault(method="GET", path=r"/addons$", times=None, kind=kind, when="before"))
        ran = task(addon_id="postgres-mian", name="Example Backup", api_retries=0)
        assert (ran.failed, ran.changed) == (True, False)
        assert 'HTTP 404: There is no addon "postgres-mian"' in ran.msg
        assert "Check project_id and addon_id (and team_id, if the project belongs to a team)." in ran.msg
        assert "Nothing was started or changed." in ran.msg


def test_when_the_projects_cannot_be_listed_that_one_is_missing_is_told(sandbox: Sandbox, task: Task) -> None:
    sandbox.fault(Fault(method="GET", path=r"/v1/projects$", times=None, kind="redirect"))
    ran = task(project_id="defualt-project")
    assert (ran.failed, ran.changed) == (True, False)
    assert (
        "There is no project 'defualt-project' that the token may see. If it belongs to a team, or the token to an "
        "organisation, give team_id. "
        "Nothing was started or changed."
    ) in ran.msg


def test_a_destination_that_does_not_exist_is_not_taken_for_the_addon(sandbox: Sandbox, task: Task) -> None:
    ran = task(name="A dump", backup_type="dump", custom_destination_id="no-such-place")
    assert (ran.failed, ran.changed) == (True, False)
    assert 'There is no backup destination "no-such-place"' in ran.msg
    assert "Addon postgres-main exists, so what is missing is something else: HTTP 404" in ran.msg
    assert "Check project_id" not in ran.msg
    assert sandbox.backups(ADDON) == []


def test_an_addon_that_is_nothing_like_the_others_is_told_with_those_there_are(task: Task) -> None:
    ran = task(addon_id="xyz")
    assert "There are: minio-files, mongo-events" in ran.msg


@pytest.mark.assume(not_running="refuse")
def test_a_paused_addon_is_told(task: Task) -> None:
    ran = task(addon_id="postgres-paused")
    assert ran.failed
    assert not ran.changed
    assert "'paused'" in ran.msg
    assert "only a running addon can be backed up" in ran.msg


def test_the_token_is_in_no_result(sandbox: Sandbox, task: Task) -> None:
    for ran in (task(name="Example Backup"), task(name="Example Backup"), task(name="x" * 50), task(max_age="?")):
        assert sandbox.token not in repr(ran.result)
    assert all(request.token_ok for request in sandbox.requests)


def test_the_token_survives_a_netrc_for_the_host(
    sandbox: Sandbox, task: Task, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert not task(name="Example Backup").failed
    assert all(request.token_ok for request in sandbox.requests)


def test_a_redirect_is_not_followed(sandbox: Sandbox, clock: VirtualClock) -> None:
    with Sandbox(clock=clock) as elsewhere:
        sandbox.fault(Fault(method="GET", path=".", times=None, kind="redirect", location=elsewhere.url + "/v1/login"))
        ran = backup_task(sandbox, clock, name="Example Backup")
        assert ran.failed
        assert "never redirects" in ran.msg
        assert elsewhere.requests == []


def test_control_characters_of_the_api_are_escaped(sandbox: Sandbox, task: Task) -> None:
    sandbox.next_outcome(ADDON, "\x1b[2Jodd", duration=1.0)
    ran = task(name="Example Backup")
    assert ran.failed
    assert "\x1b" not in ran.msg
    assert r"\x1b[2Jodd" in ran.msg
