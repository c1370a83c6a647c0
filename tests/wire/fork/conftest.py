# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of forks share: a snapshot to fork, tasks, and faults."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_fork

import harness
from sandbox import Fault, Sandbox, VirtualClock

from ..conftest import ADDON, Task

TAG = "northflank-cloud-fork"
CREATE = partial(Fault, method="POST", path=r"/addons$")
DELETE = partial(Fault, method="DELETE", path=r"/addons/[^/]+$")
LOST = ["reset", "close", "500", "502", "503", "504", "cut", "garbage", "empty", "wrong-type"]
WHEN = ["before", "after"]


def digits(backup_id: str, addon_id: str = ADDON, project_id: str = "default-project") -> str:
    return hashlib.sha256(f"{project_id}\n{addon_id}\n{backup_id}".encode()).hexdigest()[:6]


@pytest.fixture
def snapshot(sandbox: Sandbox) -> str:
    """The ID of a snapshot that is an hour old."""
    return str(sandbox.add_backup(ADDON, "Nightly")["id"])


@pytest.fixture
def fork(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run addon_fork for the first addon; arguments as in a playbook."""
    return partial(harness.run_task, addon_fork, sandbox, clock, source_addon_id=ADDON)


def forks(sandbox: Sandbox, project_id: str | None = None) -> list[str]:
    """The names of all addons that have the tag, or a name that looks as if they were forks."""
    with sandbox.world.lock:
        sandbox.world.settle()
        addons = sandbox.world.projects[project_id or sandbox.project_id].addons
        return [one.name for one in addons.values() if TAG in one.tags]


def sent(sandbox: Sandbox, method: str) -> list[Any]:
    return [request for request in sandbox.requests if request.method == method]
