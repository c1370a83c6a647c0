# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sandbox on a virtual clock, and the module run against it in this process, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_backup, addon_backup_restore

import harness
from sandbox import Sandbox, VirtualClock

ADDON = "postgres-main"

Task = Callable[..., harness.Ran]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start="2026-03-01T12:00:00Z")


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, clock: VirtualClock) -> Iterator[Sandbox]:
    """The server, with the assumptions that the mark ``assume`` names."""
    with Sandbox(clock=clock, assumptions=harness.assumed(request), duration=8.0) as server:
        yield server


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the environment of the person who runs the tests is none of their business."""
    for variable in (
        "NORTHFLANK_API_TOKEN",
        "NF_API_TOKEN",
        "NORTHFLANK_API_URL",
        "NORTHFLANK_API_BASE_URL",
        "NF_API_HOST",
        "NF_HOST",
        "NORTHFLANK_TEAM_ID",
        "NORTHFLANK_CONTEXT",
    ):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def task(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run addon_backup for the first addon; arguments as in a playbook."""

    def run(**arguments: Any) -> harness.Ran:
        return backup_task(sandbox, clock, **arguments)

    return run


def backup_task(
    sandbox: Sandbox, clock: VirtualClock, on_sleep: Callable[[float], None] | None = None, **arguments: Any
) -> harness.Ran:
    """Run addon_backup; what is not said is the sandbox's. ``on_sleep`` is called before each sleep."""
    return harness.run_task(addon_backup, sandbox, clock, on_sleep, **{"addon_id": ADDON, **arguments})


@pytest.fixture
def put(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run addon_backup_restore; arguments as in a playbook."""
    return partial(harness.run_task, addon_backup_restore, sandbox, clock)
