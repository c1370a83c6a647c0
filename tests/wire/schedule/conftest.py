# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of schedules share: settings, tasks, and faults."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_schedule, addon_backup_schedule_info

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

SNAPSHOT: dict[str, Any] = {"interval": "daily", "backup_type": "snapshot"}
NIGHTLY: dict[str, Any] = {**SNAPSHOT, "hour": [2], "minute": [30], "retention_time": 14}
DUMPS: dict[str, Any] = {**NIGHTLY, "backup_type": "dump"}
SOON: dict[str, Any] = {**NIGHTLY, "minute": [45]}
MODULE = "northflank.cloud.addon_backup_schedule"


def body(**other: Any) -> dict[str, Any]:
    """What NIGHTLY comes to at the API."""
    scheduling = {"interval": "daily", "hour": [2], "minute": [30], **other.pop("scheduling", {})}
    return {"scheduling": scheduling, "backupType": "snapshot", "retentionTime": 14, **other}


def copy(destination: str = "offsite-s3", **other: Any) -> dict[str, Any]:
    return {"destinationId": destination, "type": "custom", **other}


def held(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The addon's schedules without what the API gives them."""
    given = {"id", "createdAt", "updatedAt"}
    return [{key: one[key] for key in one if key not in given} for one in sandbox.schedules(ADDON)]


def methods(sandbox: Sandbox) -> list[str]:
    return [request.method for request in sandbox.requests]


@pytest.fixture
def schedule(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run addon_backup_schedule for the first addon; arguments as in a playbook."""
    return partial(harness.run_task, addon_backup_schedule, sandbox, clock, addon_id=ADDON)


@pytest.fixture
def info(sandbox: Sandbox, clock: VirtualClock) -> Task:
    return partial(harness.run_task, addon_backup_schedule_info, sandbox, clock, addon_id=ADDON)


def shown(*schedules: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"schedules": list(schedules)}, "pagination": {"hasNextPage": False, "count": len(schedules)}}


def in_between(sandbox: Sandbox, clock: VirtualClock, method: str, act: Callable[[], object], turn: int = 1) -> Task:
    """Run the task, and let somebody else act just before it sends a request of this method."""

    def run(**arguments: Any) -> harness.Ran:
        barrier = sandbox.hold(method, r"/backup-schedules", turn=turn)

        def somebody() -> None:
            barrier.reached.wait(10)
            act()
            barrier.release()

        other = threading.Thread(target=somebody)
        other.start()
        ran = harness.run_task(addon_backup_schedule, sandbox, clock, addon_id=ADDON, **arguments)
        other.join()
        return ran

    return run


def pasted(message: str) -> dict[str, Any]:
    """The task that a message holds, as a user pastes it into a playbook."""
    (task,) = yaml.safe_load(message[message.index("- {") :])
    arguments: dict[str, Any] = task[MODULE]
    return arguments


LOST = ["reset", "close", "500", "502", "503", "504", "cut", "garbage", "empty", "wrong-type"]
CREATE = partial(Fault, method="POST", path=r"/backup-schedules$")
DELETE = partial(Fault, method="DELETE", path=r"/backup-schedules/[^/]+$")
READ = partial(Fault, method="GET", path=r"/backup-schedules$")
WHEN = ["before", "after"]
NOWHERE = {**DUMPS, "custom_destination_id": "nowhere"}
FULL = body(backupType="dump", compressionType="zstd", customDestinationId="offsite-s3", scheduling={"minute": [5, 7]})
FULL_HELD = {**{key: FULL[key] for key in FULL if key != "compressionType"}, "backupCompressionType": "zstd"}
