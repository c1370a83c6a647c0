# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that is wrong: no old backup is relied on, and no young one goes. The API tells its time with each answer."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup,
    addon_backup_info,
    pre_deploy_set_info,
    pre_deploy_set_prune,
)

import harness
from sandbox import Sandbox, VirtualClock

from ..conftest import ADDON
from ..pre_deploy.test_pre_deploy_sets import DAY, PAIR, taken

YEAR = 365 * DAY
WRONG = {"a year behind": -YEAR, "five years ahead": 5 * YEAR, "a day and more ahead": 1.1 * DAY}
TAKE: dict[str, Any] = {"release": "new", "addon_ids": PAIR, "purpose": "snapshot"}
BY_AGE: list[tuple[Any, dict[str, Any]]] = [
    (addon_backup, {"addon_id": ADDON, "max_age": "1h"}),
    (addon_backup, {"addon_id": ADDON, "max_age": "1h", "_check_mode": True}),
    (addon_backup_info, {"addon_id": [ADDON], "newer_than": "1h"}),
    (addon_backup_info, {"addon_id": [ADDON], "older_than": "1h"}),
    (pre_deploy_set_info, TAKE),
    (pre_deploy_set_info, {**TAKE, "keep_last": 1}),
    (pre_deploy_set_prune, {"release": "new", "keep_last": 1}),
    (pre_deploy_set_prune, {"release": "new", "keep_last": 1, "_check_mode": True}),
]
NAMES = [f"{module.__name__.rpartition('.')[2]}-{number}" for number, (module, _given) in enumerate(BY_AGE)]


def refused(sandbox: Sandbox, clock: VirtualClock, module: Any, given: dict[str, Any]) -> str:
    """Why a task does nothing."""
    ran = harness.run_task(module, sandbox, clock, **given)
    assert (ran.failed, ran.changed) == (True, False), ran.result
    assert sandbox.writes == []
    return ran.msg


@pytest.fixture(autouse=True)
def backups(sandbox: Sandbox) -> None:
    sandbox.add_backup(ADDON, name="Old", age=300 * DAY)
    taken(sandbox, "old", 0.01)
    taken(sandbox, "older", 0.02)


@pytest.mark.parametrize("ahead", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("module", "given"), BY_AGE, ids=NAMES)
def test_a_clock_that_is_far_away_decides_nothing(
    sandbox: Sandbox, clock: VirtualClock, module: Any, given: dict[str, Any], ahead: float
) -> None:
    sandbox.skew_dates(ahead)
    assert "One of them is wrong" in refused(sandbox, clock, module, given)


@pytest.mark.parametrize(("module", "given"), BY_AGE, ids=NAMES)
def test_a_clock_that_is_behind_a_backup_decides_nothing(
    sandbox: Sandbox, clock: VirtualClock, module: Any, given: dict[str, Any]
) -> None:
    """By less than a day, so that this machine's clock does not tell it."""
    sandbox.skew_dates(-20 * 3600.0)
    assert "was created later" in refused(sandbox, clock, module, given)


@pytest.mark.parametrize(("module", "given"), BY_AGE[4:], ids=NAMES[4:])
def test_a_clock_that_jumps_within_a_task_decides_nothing(
    sandbox: Sandbox, clock: VirtualClock, module: Any, given: dict[str, Any]
) -> None:
    sandbox.skew_dates(0.0, 3600.0, 0.0)
    assert "has jumped by 1 h" in refused(sandbox, clock, module, given)


@pytest.mark.parametrize("ahead", [0.0, 120.0, -120.0, 12 * 3600.0])
def test_a_clock_that_may_be_right_decides(sandbox: Sandbox, clock: VirtualClock, ahead: float) -> None:
    sandbox.skew_dates(ahead)
    for module, given in BY_AGE:
        ran = harness.run_task(module, sandbox, clock, **{**given, "_check_mode": True})
        assert not ran.failed, ran.result


@pytest.mark.parametrize("ahead", WRONG.values(), ids=WRONG)
def test_where_no_age_is_asked_for_no_clock_is_needed(sandbox: Sandbox, clock: VirtualClock, ahead: float) -> None:
    sandbox.skew_dates(ahead)
    run = partial(harness.run_task, sandbox=sandbox, clock=clock)
    assert not run(addon_backup, addon_id=ADDON, name="Old").changed
    assert run(addon_backup, addon_id=ADDON, name="New").changed
    assert not run(addon_backup_info, addon_id=[ADDON]).failed
    assert not run(pre_deploy_set_info, release="old", purpose="rollback").failed
