# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module addon_backup_mirror says, and asks, once a failure holds for every dump."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_mirror

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

# Without that, no dump is known for one.
pytestmark = pytest.mark.assume(types_told=True)
DUMPS = 6
LINK = "/download-link$"


@pytest.fixture
def mirror(sandbox: Sandbox, clock: VirtualClock, folder: Path) -> Task:
    for number in range(DUMPS):
        sandbox.add_backup(ADDON, name=f"dump {number}", backup_type="dump", age=3600 - number)
    return partial(harness.run_task, addon_backup_mirror, sandbox, clock, dest=str(folder), addon_id=ADDON)


def links(sandbox: Sandbox) -> int:
    return sum(request.path.endswith("/download-link") for request in sandbox.requests)


def test_a_token_that_is_refused_is_tried_once_and_told_once(sandbox: Sandbox, mirror: Task) -> None:
    sandbox.fault(Fault(method="GET", path=LINK, kind="403", times=None))
    ran = mirror(concurrency=1)
    assert (ran.failed, ran.changed, links(sandbox)) == (True, False, 1)
    assert f"{DUMPS} of {DUMPS} files are not as they should be" in ran.msg
    assert ran.msg.count("HTTP 403") == 1
    assert {file["action"] for file in ran.result["files"]} == {"failed"}


def test_a_dump_that_fails_for_itself_holds_up_no_other(sandbox: Sandbox, mirror: Task) -> None:
    sandbox.set_file(ADDON, "dump-0", b"\x1f\x8b broken")
    ran = mirror(concurrency=1)
    assert (ran.failed, ran.changed) == (True, True)
    assert sum(file["action"] == "downloaded" for file in ran.result["files"]) == DUMPS - 1


def test_a_failed_run_lists_what_it_did_and_what_is_not_fine(sandbox: Sandbox, mirror: Task) -> None:
    mirror()
    sandbox.add_backup(ADDON, name="good", backup_type="dump", age=60)
    sandbox.add_backup(ADDON, name="bad", backup_type="dump", age=30)
    sandbox.set_file(ADDON, "bad", b"\x1f\x8b broken")
    ran = mirror()
    assert [(file["backup_id"], file["action"]) for file in ran.result["files"]] == [
        ("good", "downloaded"),
        ("bad", "failed"),
    ]
    assert all(None not in file.values() for file in ran.result["files"])
