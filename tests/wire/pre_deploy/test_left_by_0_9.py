# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What version 0.9.0 has really left on a server is found, told, rolled back, undone and pruned by this version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup_restore,
    pre_deploy_set_info,
    pre_deploy_set_prune,
)

import harness
from sandbox import Sandbox, VirtualClock

ADDONS = ["mysql-orders", "postgres-main"]
LEFT = yaml.safe_load((Path(__file__).parent / "left_by_0_9.yml").read_text(encoding="utf-8"))
RELEASES = ["build-115", "release-2026-01624", "build-117"]
SETS = [one["backup"] for one in LEFT if one.get("backup", "").startswith("pre-deploy-")]
(SAFETY,) = (one["backup"] for one in LEFT if one.get("backup", "").startswith("pre-rollback-"))
DAY = 86400
DOUBT = "does not tell this release from every other one"

Data = dict[str, list[Any]]
Run = Callable[..., harness.Ran]


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, duration=8.0) as server:
        yield server


@pytest.fixture
def run(server: Sandbox, clock: VirtualClock) -> Run:
    def run(module: Any, **arguments: Any) -> harness.Ran:
        clock.sleep(60)
        return harness.run_task(module, server, clock, **arguments)

    return run


def write(server: Sandbox, text: str) -> None:
    for addon_id in ADDONS:
        server.execute(addon_id, f"UPDATE customers SET name = '{text}'")  # noqa: S608  # our own words


def data(server: Sandbox) -> list[Any]:
    return [server.query(addon_id, "SELECT * FROM customers ORDER BY 1") for addon_id in ADDONS]


@pytest.fixture
def held(server: Sandbox, clock: VirtualClock) -> Data:
    """Let the server have it, and deploy what destroys data; returns what the data was in each backup."""
    held = {}
    for step in LEFT:
        for addon_id in ADDONS:
            if "restore" in step:
                server.start_restore(addon_id, step["restore"])
            else:
                server.add_backup(addon_id, name=step["backup"], age=1)
        clock.sleep(60)
        if "backup" in step:
            held[step["backup"]] = data(server)
            write(server, f"what came after {step['backup']}")
    assert data(server) == held[SETS[-1]]
    clock.sleep(DAY)
    write(server, "destroyed")
    return held


def rolled_back(run: Run, release: str, **more: Any) -> dict[str, Any]:
    """What the role's entry point rollback decides, and has done."""
    plan = run(pre_deploy_set_info, release=release, purpose="rollback", **more)
    assert not plan.failed, plan.msg
    restored = run(addon_backup_restore, targets=plan.result["targets"])
    assert not restored.failed, restored.msg
    return plan.result


@pytest.mark.usefixtures("held")
def test_each_set_is_listed(run: Run) -> None:
    listed = run(pre_deploy_set_info, purpose="list").result["sets"]
    assert sorted(one["name"] for one in listed) == sorted(SETS)
    assert all(one["complete"] and one["addon_ids"] == ADDONS for one in listed)


@pytest.mark.parametrize("release", RELEASES[:2])
def test_each_release_is_rolled_back_to_its_data(held: Data, run: Run, server: Sandbox, release: str) -> None:
    name = SETS[RELEASES.index(release)]
    assert rolled_back(run, release)["name"] == name
    assert data(server) == held[name]


def test_the_rollback_of_version_0_9_is_known_and_can_be_undone_or_done_again(
    held: Data, run: Run, server: Sandbox
) -> None:
    known = run(pre_deploy_set_info, release="build-117", purpose="rollback").result
    assert (known["name"], known["targets"], known["restored_before"]) == (SETS[-1], [], ADDONS)
    assert {one["addon_id"]: one["name"] for one in known["undo"]} == dict.fromkeys(ADDONS, SAFETY)
    assert not run(addon_backup_restore, addon_id=ADDONS, name=SAFETY).failed
    assert data(server) == held[SAFETY]
    assert rolled_back(run, "build-117", restore_again=True)["name"] == SETS[-1]
    assert data(server) == held[SETS[-1]]


@pytest.mark.usefixtures("held")
def test_a_name_that_two_releases_may_share_is_told(run: Run) -> None:
    plan = run(pre_deploy_set_info, release="release-2026-01624", purpose="rollback")
    assert any(SETS[1] in warning and DOUBT in warning for warning in plan.warnings)
    plan = run(pre_deploy_set_info, release="build-115", purpose="rollback")
    assert not any(DOUBT in warning for warning in plan.warnings)


@pytest.mark.usefixtures("held")
def test_a_new_deployment_of_the_release_stands_on_a_set_of_its_own(run: Run) -> None:
    decided = run(pre_deploy_set_info, release="build-117", purpose="snapshot", addon_ids=ADDONS)
    assert (decided.result["is_new"], decided.result["generation"]) == (True, 2)


@pytest.mark.usefixtures("held")
def test_its_sets_are_pruned_and_nothing_else_is(run: Run, server: Sandbox) -> None:
    pruned = run(pre_deploy_set_prune, release="build-117", keep_last=1)
    assert not pruned.failed, pruned.msg
    deleted = {(one["addon_id"], one["name"]) for one in pruned.result["deleted"]}
    assert deleted == {(addon_id, name) for addon_id in ADDONS for name in SETS[:2]}
    for addon_id in ADDONS:
        assert [one["name"] for one in server.backups(addon_id)] == [SETS[-1], SAFETY]
