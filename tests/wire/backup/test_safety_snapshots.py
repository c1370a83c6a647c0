# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a rollback, the newest backup is the safety snapshot of what it replaced. It is meant by its name only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.purpose import purpose_of
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup,
    addon_backup_download,
    addon_backup_info,
    addon_backup_prune,
    addon_backup_restore,
    pre_deploy_set_info,
)

import harness
from sandbox import Assumptions, Sandbox, VirtualClock

ADDON = "postgres-main"
SAFETY = "pre-rollback-0af060-260301120000"
OWN = "pre-rollback-notes"


@pytest.fixture(params=["absent", "present"])
def server(request: pytest.FixtureRequest, clock: VirtualClock) -> Iterator[Sandbox]:
    assumptions = Assumptions(list_last_restore=request.param)
    with Sandbox(clock=clock, assumptions=assumptions, duration=8.0, restore_duration=8.0) as sandbox:
        yield sandbox


def run(module: Any, server: Sandbox, clock: VirtualClock, **arguments: Any) -> harness.Ran:
    ran = harness.run_task(module, server, clock, addon_id=[ADDON], **arguments)
    assert not ran.failed, ran.msg
    return ran


def restored(server: Sandbox, clock: VirtualClock, name: str, outcome: str = "completed") -> None:
    """Somebody else's restore of the backup of a name."""
    backup = next(one for one in server.backups(ADDON) if one["name"] == name)
    server.next_restore_outcome(ADDON, outcome)
    server.start_restore(ADDON, backup["id"])
    clock.sleep(30)


def customers(server: Sandbox) -> list[tuple[Any, ...]]:
    return server.query(ADDON, "SELECT * FROM customers ORDER BY 1")


def test_after_a_rollback_neither_the_youngest_nor_the_latest_is_what_it_replaced(
    server: Sandbox, clock: VirtualClock
) -> None:
    good = customers(server)
    for purpose in ("snapshot", "rollback"):
        more: dict[str, Any] = {"addon_ids": [ADDON]} if purpose == "snapshot" else {}
        plan = harness.run_task(pre_deploy_set_info, server, clock, release="build-1", purpose=purpose, **more).result
        if purpose == "snapshot":
            run(addon_backup, server, clock, name=plan["name"])
            server.execute(ADDON, "UPDATE customers SET name = 'destroyed'")
            clock.sleep(60)
        else:
            safety = run(addon_backup, server, clock, name=plan["safety_name"]).result["backup"]
            harness.run_task(addon_backup_restore, server, clock, targets=plan["targets"])
    assert (safety["purpose"], customers(server)) == ("safety", good)
    clock.sleep(60)

    latest = run(addon_backup_info, server, clock).result["latest"]
    assert latest["name"].startswith("pre-deploy-build-1-")
    assert latest["purpose"] is None

    fresh = run(addon_backup, server, clock, max_age="30m")
    assert fresh.result["backup"]["action"] == "created"
    assert "a restore into the addon began after it" in fresh.warnings[0]

    server.execute(ADDON, "UPDATE customers SET name = 'worse'")
    run(addon_backup_restore, server, clock, latest=True)
    assert customers(server) == good


def test_by_age_it_is_not_reused_and_not_joined(server: Sandbox, clock: VirtualClock) -> None:
    server.add_backup(ADDON, SAFETY, age=60)
    assert run(addon_backup, server, clock, max_age="1h", _check_mode=True).result["backup"]["action"] == "created"
    server.add_backup(ADDON, SAFETY, age=5, status="in-progress")
    assert run(addon_backup, server, clock, max_age="1h", _check_mode=True).result["backup"]["action"] == "created"
    # No restores are asked for where nothing would be reused anyway.
    assert [request.path.rsplit("/", 1)[-1] for request in server.requests] == ["backups", "backups"]


def test_by_its_name_it_is(server: Sandbox, clock: VirtualClock) -> None:
    server.add_backup(ADDON, SAFETY, age=60)
    assert run(addon_backup, server, clock, name=SAFETY).result["backup"]["action"] == "reused"
    assert [request.path.rsplit("/", 1)[-1] for request in server.requests] == ["backups"]
    assert run(addon_backup, server, clock, name=SAFETY, max_age="1h").result["backup"]["action"] == "reused"


def test_a_users_backup_whose_name_begins_alike_is_no_safety_snapshot(server: Sandbox, clock: VirtualClock) -> None:
    server.add_backup(ADDON, OWN, age=60)
    reused = run(addon_backup, server, clock, max_age="1h").result["backup"]
    assert (reused["action"], reused["name"], reused["purpose"]) == ("reused", OWN, None)


@pytest.mark.parametrize("outcome", ["completed", "failed", "stuck"])
def test_what_a_restore_may_have_replaced_is_not_reused_by_age(
    server: Sandbox, clock: VirtualClock, outcome: str
) -> None:
    server.add_backup(ADDON, "Old", age=86400)
    server.add_backup(ADDON, "Before", age=600)
    restored(server, clock, "Old", outcome)
    for more in ({}, {"name": "Before"}):
        ran = run(addon_backup, server, clock, max_age="1h", _check_mode=True, **more)
        assert ran.result["backup"]["action"] == "created", more
        assert "'Before'" in ran.warnings[0]
    assert [request.path.rsplit("/", 1)[-1] for request in server.requests] == ["backups", "restores"] * 2
    # By name alone it is the backup that was asked for, whatever the addon holds.
    assert run(addon_backup, server, clock, name="Before").result["backup"]["action"] == "reused"


def test_what_was_started_after_the_restore_is_reused_by_age(server: Sandbox, clock: VirtualClock) -> None:
    server.add_backup(ADDON, "Old", age=86400)
    restored(server, clock, "Old")
    server.add_backup(ADDON, "After", age=10)
    ran = run(addon_backup, server, clock, max_age="1h")
    assert (ran.result["backup"]["action"], ran.result["backup"]["name"]) == ("reused", "After")
    assert not ran.warnings


def test_the_latest_is_another_unless_its_prefix_is_given(server: Sandbox, clock: VirtualClock) -> None:
    server.add_backup(ADDON, "pre-flight", age=600)
    server.add_backup(ADDON, SAFETY, age=60)
    for more, name in (
        ({}, "pre-flight"),
        ({"name_prefix": "pre-"}, "pre-flight"),
        ({"name_prefix": "pre-rollback-"}, SAFETY),
    ):
        info = run(addon_backup_info, server, clock, **more).result
        chosen = run(addon_backup_restore, server, clock, latest=True, _check_mode=True, **more).result
        assert (info["latest"]["name"], chosen["restores"][0]["backup"]["name"]) == (name, name)
    assert run(addon_backup_info, server, clock, name=SAFETY).result["latest"]["purpose"] == "safety"


def test_a_restore_of_the_latest_says_that_another_restore_came_after_it(server: Sandbox, clock: VirtualClock) -> None:
    server.add_backup(ADDON, "Old", age=86400)
    server.add_backup(ADDON, "Before", age=600)
    assert not run(addon_backup_restore, server, clock, latest=True, _check_mode=True).warnings
    restored(server, clock, "Old")
    (warning,) = run(addon_backup_restore, server, clock, latest=True, _check_mode=True).warnings
    assert "'Before'" in warning
    assert not run(addon_backup_restore, server, clock, name="Before", _check_mode=True).warnings


def test_it_is_not_the_newest_dump(server: Sandbox, clock: VirtualClock, tmp_path: Path) -> None:
    server.add_backup(ADDON, "Nightly", age=600, backup_type="dump")
    server.add_backup(ADDON, SAFETY, age=60, backup_type="dump")
    ran = harness.run_task(
        addon_backup_download, server, clock, addon_id=ADDON, latest=True, dest=str(tmp_path / "dump")
    )
    assert not ran.failed, ran.msg
    assert ran.result["backup"]["name"] == "Nightly"


def test_it_pushes_out_no_backup_of_another_scheme(server: Sandbox, clock: VirtualClock) -> None:
    server.add_backup(ADDON, "pre-flight", age=600)
    server.add_backup(ADDON, SAFETY, age=60)
    server.add_backup(ADDON, SAFETY.replace("12", "11"), age=120)
    pruned = run(addon_backup_prune, server, clock, name_prefix="pre-", keep_last=1)
    assert not pruned.result["deleted"]
    pruned = run(addon_backup_prune, server, clock, name_prefix="pre-rollback-", keep_last=1)
    assert [one["name"] for one in pruned.result["deleted"]] == [SAFETY.replace("12", "11")]


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        (SAFETY, "safety"),
        ("pre-rollback-abcdwxyz-260301120000", "safety"),
        ("pre-rollback-0AF060-260301120000", None),
        ("pre-rollback-0af060-2603011200", None),
        ("pre-rollback-0af060-260301120000-2", None),
        ("pre-deploy-build-1-0af060-583b5e", None),
        (OWN, None),
    ],
)
def test_a_purpose_is_told_by_the_whole_name(name: str, purpose: str | None) -> None:
    assert purpose_of(name) == purpose
