# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token that is refused: what is missing is named."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.northflank.cloud.plugins.modules import addon_backup_download

import harness
from sandbox import Fault, Sandbox, VirtualClock

from .conftest import ADDON, Task

NAME = "Before release"


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


def test_a_project_that_is_missing_may_be_a_teams(task: Task) -> None:
    hint = "If it belongs to a team, or the token to an organisation, give team_id."
    assert hint in task(name=NAME, project_id="defualt-project").msg
    assert hint not in task(name=NAME, project_id="defualt-project", team_id="acme").msg
