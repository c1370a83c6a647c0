# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token that is refused: what is missing is named, and the API is asked once what the token may do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_download, addon_info

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

NAME = "Before release"
AUTH = r"^/v1/auth$"
WHO: dict[str, Any] = {
    "id": "5f0000000000000000000001",
    "name": "ci",
    "description": "S3CRET description",
    "tokenKind": "api",
    "entityType": "team",
    "entityId": "acme",
    "entityUid": "5f0000000000000000000002",
    "creatorEmail": "S3CRET@example.com",
    "createdAt": "2026-01-01T00:00:00Z",
    "expiresAt": "2027-01-01T00:00:00Z",
    "role": {"roleId": "r", "name": "Read only"},
    "permissions": {"projectScope": ["Project > Addons > General > Read", "Project > Jobs > General > Read"]},
    "projectRestrictions": {"enabled": True, "projects": ["staging"], "restrictionMode": "in"},
}
NEEDS_TEAM = "No team_id was given. A token of an organisation, or one that acts for a team, needs team_id"


def tell(sandbox: Sandbox, **changes: Any) -> None:
    who = {key: value for key, value in {**WHO, **changes}.items() if value != "leave out"}
    sandbox.fault(Fault(method="GET", path=AUTH, times=None, kind="wrong-type", body={"data": who}))


def asked(sandbox: Sandbox) -> int:
    return sum(request.path == "/v1/auth" for request in sandbox.requests)


def test_the_link_to_a_dump_needs_a_permission_of_its_own(
    sandbox: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    dump = sandbox.add_backup(ADDON, name="Nightly", backup_type="dump", age=60)
    sandbox.fault(Fault(method="GET", path=r"/download-link$", kind="403", times=None))
    dest = str(tmp_path / "dump")
    facts = {"addon_id": ADDON, "backup_id": dump["id"], "dest": dest}
    ran = harness.run_task(addon_backup_download, sandbox, clock, **facts)
    assert ran.failed
    assert "The token lacks the permission 'Project > Addons > General > Read Spec'." in ran.msg


def test_after_a_refusal_the_api_is_asked_once_what_the_token_may_do(sandbox: Sandbox, task: Task) -> None:
    tell(sandbox)
    ran = task(addon_id=[ADDON, "mysql-orders"], name=NAME, api_token=sandbox.read_token)
    assert ran.failed
    (warning,) = ran.warnings
    assert warning == (
        "What the API tells of the token that was refused: Its name is 'ci'. "
        "It belongs to the team or organisation 'acme'. Its role is 'Read only'. "
        "It may use these projects only: staging. "
        "Its permissions for addons: Project > Addons > General > Read. It expires at '2027-01-01T00:00:00Z'."
    )
    assert "S3CRET" not in str(ran.result)
    assert asked(sandbox) == 1
    assert ran.result["requests"] == len(sandbox.requests)


@pytest.mark.parametrize("kind", ["503", "garbage", "reset", "403"])
def test_where_the_api_does_not_tell_nothing_is_said_of_it(sandbox: Sandbox, task: Task, kind: str) -> None:
    sandbox.fault(Fault(method="GET", path=AUTH, times=None, kind=kind))
    ran = task(name=NAME, api_token=sandbox.read_token)
    (warning,) = ran.warnings
    assert warning.startswith(NEEDS_TEAM)
    assert asked(sandbox) == 1


def test_a_token_that_is_not_accepted_is_explained_as_far_as_possible(sandbox: Sandbox, clock: VirtualClock) -> None:
    tell(sandbox, entityType="org", role="leave out", permissions=None, projectRestrictions={"enabled": False})
    sandbox.revoke_token()
    ran = harness.run_task(addon_info, sandbox, clock)
    assert ran.failed
    told, team = ran.warnings
    assert told == (
        "What the API tells of the token that was refused: Its name is 'ci'. "
        "It belongs to the team or organisation 'acme'. It expires at '2027-01-01T00:00:00Z'."
    )
    assert team == "The token belongs to an organisation, so the task needs team_id or NORTHFLANK_TEAM_ID."


def test_with_a_team_nobody_asks_for_one(sandbox: Sandbox, task: Task) -> None:
    tell(sandbox, **dict.fromkeys(WHO, "leave out"))
    sandbox.fault(Fault(path=r"^/v1/teams/acme/", times=None, kind="403"))
    ran = task(name=NAME, team_id="acme")
    assert "HTTP 403" in ran.msg
    assert ran.warnings == []
    assert asked(sandbox) == 1


@pytest.mark.parametrize("status", ["404", "fine"])
def test_what_is_no_matter_of_the_token_asks_for_nothing(sandbox: Sandbox, task: Task, status: str) -> None:
    ran = task(name=NAME, addon_id="no-such-addon") if status == "404" else task(name=NAME)
    assert (ran.failed, ran.warnings) == (status == "404", [])
    assert asked(sandbox) == 0


def test_a_project_that_is_missing_may_be_a_teams(task: Task) -> None:
    hint = "If it belongs to a team, or the token to an organisation, give team_id."
    assert hint in task(name=NAME, project_id="defualt-project").msg
    assert hint not in task(name=NAME, project_id="defualt-project", team_id="acme").msg
