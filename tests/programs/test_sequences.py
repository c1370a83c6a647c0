# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to a release over several runs, by several people and machines: each test reads as its sequence.

Every run is a process of its own. The API's clock stands still unless a test moves it, and what has to happen at one
moment is stopped at a barrier in the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from plays import ADDONS, Played, Plays, checksums, destroy, first_set, names, role, taken, told_command

import harness
from sandbox import Sandbox, VirtualClock

DAY = 86400.0
POSTGRES, MYSQL = ADDONS


@pytest.fixture
def clock() -> VirtualClock:
    """Begins now: the programs have this machine's clock, and judge no age by one that is a day away from it."""
    return VirtualClock(start=f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}")


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, clock: VirtualClock) -> Iterator[Sandbox]:
    """Backups and restores are complete at the first look, unless a test says otherwise.

    The list of addons does not follow backups, so that a wait looks at the backup itself, where a barrier can stop it,
    which has to know the backup's ID.
    """
    assumed = replace(harness.assumed(request), addon_status_follows_backup=False, backup_id_shape="slug")
    with Sandbox(clock=clock, assumptions=assumed, duration=0.0) as server:
        yield server


def sets(sandbox: Sandbox, addon_id: str = POSTGRES) -> list[str]:
    return [name for name in names(sandbox, addon_id) if name.startswith("pre-deploy-")]


def safeties(sandbox: Sandbox, addon_id: str = POSTGRES) -> list[str]:
    return [name for name in names(sandbox, addon_id) if name.startswith("pre-rollback-")]


def restored(sandbox: Sandbox, addon_id: str = POSTGRES) -> list[str]:
    return [restore["backupId"] for restore in sandbox.restores(addon_id)]


def backup_id(sandbox: Sandbox, addon_id: str, name: str) -> str:
    (found,) = [backup["id"] for backup in sandbox.backups(addon_id) if backup["name"] == name]
    return str(found)


def test_deployed_twice_and_taken_back_twice(sandbox: Sandbox, plays: Plays, clock: VirtualClock) -> None:
    first = checksums(sandbox)
    assert plays.snapshot().ok
    one, two = first_set(), f"{first_set()}-2"
    assert one.startswith("pre-deploy-build-117-")
    assert names(sandbox) == names(sandbox, MYSQL) == [one]
    destroy(sandbox)
    ran = plays.rollback()
    assert ran.ok, ran.output
    assert checksums(sandbox) == first
    assert "loses everything that was written since" in ran.output
    assert [name.split("-")[1] for name in names(sandbox)] == ["deploy", "rollback"]
    # Nothing was deployed since, so there is nothing to take back again.
    ran = plays.rollback()
    assert ran.ok, ran.output
    assert ": nothing. Left as they are, because they were restored before: mysql-orders, postgres-main." in ran.output
    clock.advance(60)
    sandbox.execute(POSTGRES, "UPDATE customers SET name = 'changed between the two'")
    second = checksums(sandbox)
    assert plays.snapshot().ok
    destroy(sandbox)
    ran = plays.rollback()
    assert ran.ok, ran.output
    assert checksums(sandbox) == second
    assert sets(sandbox) == [one, two]
    assert restored(sandbox) == [backup_id(sandbox, POSTGRES, one), backup_id(sandbox, POSTGRES, two)]


def test_a_rollback_is_undone_from_what_it_has_kept(sandbox: Sandbox, plays: Plays) -> None:
    taken(sandbox)
    destroy(sandbox)
    after = checksums(sandbox)
    ran = plays.rollback()
    kept = ran.output.split(f"is kept: {MYSQL}, {POSTGRES} as ")[1].split(".")[0]
    assert checksums(sandbox) != after
    restore = {"project_id": "default-project", "addon_id": ADDONS, "name": kept}
    ran = plays.tasks([{"name": "Undo", "northflank.cloud.addon_backup_restore": restore}])
    assert ran.ok, ran.output
    assert checksums(sandbox) == after


def test_the_second_snapshot_fails_and_only_the_generation_that_is_named_is_put_back(
    sandbox: Sandbox, plays: Plays, clock: VirtualClock
) -> None:
    before = checksums(sandbox)
    taken(sandbox)
    created_at = sandbox.backups(POSTGRES)[0]["createdAt"]
    clock.advance(7 * 3600)
    destroy(sandbox)
    sandbox.next_outcome(MYSQL, "failed")
    ran = plays.snapshot()
    assert not ran.ok
    assert "1 of 2 addons failed (mysql-orders): The backup 'pre-deploy-" in ran.output
    # The message before the second set told how to go back to the first one.
    assert "-e generation=1" in ran.output
    sandbox.clear_log()
    ran = plays.rollback()
    assert not ran.ok
    assert "(generation 2 of this release) is not complete: mysql-orders (failed). Nothing was restored." in ran.output
    assert f"Complete snapshot sets of this release, by generation (1 is the first): 1 ({created_at})" in ran.output
    assert sandbox.writes == []
    ran = plays.rollback(generation=1)
    assert ran.ok, ran.output
    assert checksums(sandbox) == before


def test_the_list_of_addons_changes_between_two_runs_of_one_release(
    sandbox: Sandbox, plays: Plays, clock: VirtualClock
) -> None:
    taken(sandbox)
    clock.advance(60)
    ran = plays.snapshot(addon_ids=[*ADDONS, "mongo-events"])
    assert ran.ok, ran.output
    assert "has an earlier snapshot set" in ran.output
    assert sets(sandbox)[1].endswith("-2")
    assert sets(sandbox, "mongo-events") == sets(sandbox)[1:]
    before = checksums(sandbox, ["mongo-events"])
    destroy(sandbox, ["mongo-events"])
    ran = plays.rollback()
    assert ran.ok, ran.output
    assert checksums(sandbox, ["mongo-events"]) == before
    assert restored(sandbox) == [backup_id(sandbox, POSTGRES, sets(sandbox)[1])]


def test_two_jobs_take_the_same_set_at_once(sandbox: Sandbox, plays: Plays, clock: VirtualClock) -> None:
    """The API has no lock: both sets of backups are made. A rollback takes the older ones, and says so."""
    barrier = sandbox.hold("POST", r"/backups$")
    jobs = [plays.job("snapshot", addon_ids=ADDONS) for _job in range(2)]
    # One for each job: the others of a set follow the first.
    barrier.wait_for(2)
    before = checksums(sandbox)
    barrier.release()
    for job in jobs:
        ran = job.end()
        assert ran.ok, ran.output
    assert [len(sets(sandbox, addon_id)) for addon_id in ADDONS] == [2, 2]
    assert len(set(sets(sandbox))) == 1
    destroy(sandbox)
    clock.advance(60)
    ran = plays.rollback()
    assert ran.ok, ran.output
    assert checksums(sandbox) == before
    for addon_id in ADDONS:
        oldest, other = sandbox.backups(addon_id)[:2]
        assert restored(sandbox, addon_id) == [oldest["id"]]
        # Where Ansible breaks lines, some versions do it at a hyphen.
        assert f"(ID {oldest['id']}) is taken, and not {other['id']}." in ran.output.replace("- ", "-")


def test_a_second_job_that_comes_a_moment_later_joins_the_first(sandbox: Sandbox, plays: Plays) -> None:
    for addon_id in ADDONS:
        sandbox.next_outcome(addon_id, "completed", 3600)
    waiting = sandbox.hold("GET", r"/backups/pre-deploy-[^/]+$")
    jobs = [plays.job("snapshot", addon_ids=ADDONS)]
    waiting.wait_for(len(ADDONS))
    jobs.append(plays.job("snapshot", addon_ids=ADDONS))
    waiting.wait_for(len(ADDONS))
    for addon_id in ADDONS:
        sandbox.set_status(addon_id, sandbox.backups(addon_id)[0]["id"], "completed")
    waiting.release()
    outputs = [job.end() for job in jobs]
    assert all(ran.ok for ran in outputs), outputs
    assert re.search(f"2 of 2 (snapshots|backups) {sets(sandbox)[0]} are complete", outputs[1].output)
    assert "started by another run)." in outputs[1].output
    assert [len(sandbox.backups(addon_id)) for addon_id in ADDONS] == [1, 1]


def test_a_job_is_killed_while_it_waits_and_run_again(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.next_outcome(MYSQL, "completed", 3600)
    waiting = sandbox.hold("GET", rf"/{MYSQL}/backups/pre-deploy-[^/]+$")
    job = plays.job("snapshot", addon_ids=ADDONS)
    waiting.wait_for(1)
    job.kill()
    job = plays.job("snapshot", addon_ids=ADDONS)
    waiting.wait_for(1)
    sandbox.set_status(MYSQL, sandbox.backups(MYSQL)[0]["id"], "completed")
    waiting.release()
    ran = job.end()
    assert ran.ok, ran.output
    (name,) = sets(sandbox)
    assert sets(sandbox, MYSQL) == [name]
    assert re.search(f"2 of 2 (snapshots|backups) {name} are complete", ran.output)
    assert "1 used again, " in ran.output
    assert "1 started by another run)." in ran.output
    assert "changed=0" in ran.output


def test_old_sets_are_deleted_while_another_release_is_being_backed_up(sandbox: Sandbox, plays: Plays) -> None:
    another = [POSTGRES, "mongo-events"]
    taken(sandbox, "build-1", age=4 * DAY)
    taken(sandbox, "build-2", another, age=2 * DAY)
    old, other = sets(sandbox)
    sandbox.next_outcome("mongo-events", "completed", 3600)
    waiting = sandbox.hold("GET", r"/mongo-events/backups/pre-deploy-build-2-[^/]+$")
    job = plays.job("snapshot", "build-2", addon_ids=another)
    waiting.wait_for(1)
    ran = plays.snapshot("build-3", keep_last=1)
    assert ran.ok, ran.output
    assert old not in sets(sandbox) + sets(sandbox, MYSQL)
    # All of build-2 is still there: also its first generation, though nothing is happening to that.
    (present,) = sets(sandbox, MYSQL)
    assert sets(sandbox) == [other, f"{other}-2", present]
    assert sets(sandbox, "mongo-events") == [other, f"{other}-2"]
    sandbox.set_status("mongo-events", backup_id(sandbox, "mongo-events", f"{other}-2"), "completed")
    waiting.release()
    ran = job.end()
    assert ran.ok, ran.output


def test_a_restore_fails_half_way_and_the_next_rollback_does_the_rest(
    sandbox: Sandbox, plays: Plays, clock: VirtualClock
) -> None:
    before = checksums(sandbox)
    taken(sandbox)
    destroy(sandbox)
    destroyed = checksums(sandbox)
    sandbox.next_restore_outcome(MYSQL, "failed")
    ran = plays.rollback()
    assert not ran.ok
    assert "1 of 2 addons are NOT restored (mysql-orders). Restored: postgres-main." in ran.output
    assert "Run the same task again to restore once more" in ran.output
    clock.advance(60)
    ran = plays.rollback()
    assert ran.ok, ran.output
    assert checksums(sandbox) == before
    assert [len(restored(sandbox, addon_id)) for addon_id in ADDONS] == [1, 2]
    # What the first run has left half-way is nothing to go back to: what was there before the rollback is.
    assert [len(safeties(sandbox, addon_id)) for addon_id in ADDONS] == [1, 1]
    assert undone(plays, ran).ok
    assert checksums(sandbox) == destroyed


def undone(plays: Plays, ran: Played) -> Played:
    """Type what a rollback says about undoing it."""
    program, *arguments = told_command(ran.output, "To undo the rollback: ")
    return plays.start(*arguments, program=program).end()


def test_what_is_undone_for_some_addons_only_is_not_right_and_what_is_undone_for_all_is(
    sandbox: Sandbox, plays: Plays, clock: VirtualClock
) -> None:
    taken(sandbox)
    destroy(sandbox)
    destroyed = checksums(sandbox)
    sandbox.next_restore_outcome(MYSQL, "failed")
    ran = plays.rollback()
    assert not ran.ok
    clock.advance(60)
    kept = safeties(sandbox)[0]
    restore = {"project_id": "default-project", "addon_id": MYSQL, "name": kept}
    assert plays.tasks([{"name": "Undo", "northflank.cloud.addon_backup_restore": restore}]).ok
    stopped = plays.snapshot("build-118")
    assert not stopped.ok
    assert f"is not complete: restored: {POSTGRES}; not restored: {MYSQL} (its last restore, " in stopped.output
    clock.advance(60)
    program, *arguments = told_command(stopped.output, "To restore what the rollback has replaced: ")
    assert plays.start(*arguments, program=program).end().ok
    assert checksums(sandbox) == destroyed
    assert [len(restored(sandbox, addon_id)) for addon_id in ADDONS] == [2, 2]
    assert plays.snapshot("build-118").ok


def test_after_a_restore_that_failed_the_deployment_stops_until_what_it_says_was_typed(
    sandbox: Sandbox, plays: Plays, clock: VirtualClock
) -> None:
    """The fix of the release that failed comes as another one: its snapshot would hold the half-restored data."""
    before = checksums(sandbox)
    taken(sandbox)
    destroy(sandbox)
    clock.advance(60)
    sandbox.next_restore_outcome(MYSQL, "failed")
    assert not plays.rollback().ok
    clock.advance(60)
    sandbox.clear_log()
    for release in ("build-117", "build-118"):
        stopped = plays.snapshot(release)
        assert not stopped.ok
        assert f"is not complete: restored: {POSTGRES}; not restored: {MYSQL} (restore " in stopped.output
    assert sandbox.writes == []
    _program, *words = told_command(stopped.output, "To complete what is half-way: ")
    ran = plays.start(*words).end()
    assert ran.ok, ran.output
    assert checksums(sandbox) == before
    clock.advance(60)
    assert plays.snapshot("build-118").ok
    destroy(sandbox)
    sandbox.next_restore_outcome(MYSQL, "failed")
    assert not plays.rollback("build-118").ok
    clock.advance(60)
    stopped = plays.snapshot("build-119")
    assert not stopped.ok
    # Who has repaired the data by hand says so, once.
    _program, *words = told_command(stopped.output, "after which this runs again: ")
    ran = plays.start(*[word.replace("build-119", "build-118") for word in words]).end()
    assert ran.ok, ran.output
    assert "This is ignored, because ignore_incomplete_rollback is true." in ran.output
    ran = plays.rollback("build-118")
    assert "was taken while an earlier rollback was not complete" in ran.output
    assert not ran.ok


def rollback_killed(sandbox: Sandbox, plays: Plays) -> None:
    """A rollback whose controller dies after both restores began. That of mysql-orders takes an hour."""
    taken(sandbox)
    destroy(sandbox)
    sandbox.next_restore_outcome(MYSQL, "completed", 3600)
    started = sandbox.hold("POST", r"/restore$", "after")
    job = plays.job("rollback")
    started.wait_for(2)
    job.kill()
    started.release()


# The role's plan looks first, then the check before restoring; what comes third is the wait.
MOMENTS = {"while it is waited for": 3, "just before it would be joined": 2}


@pytest.mark.parametrize("turn", MOMENTS.values(), ids=MOMENTS)
def test_a_controller_is_killed_between_restore_and_wait_and_the_rollback_is_run_again(
    sandbox: Sandbox, plays: Plays, clock: VirtualClock, turn: int
) -> None:
    """The restore that it had started ends at another moment of the second run each time."""
    before = checksums(sandbox)
    rollback_killed(sandbox, plays)
    here = sandbox.hold("GET", rf"/{MYSQL}/restores$", turn=turn)
    with ThreadPoolExecutor(1) as pool:
        again = pool.submit(plays.rollback)
        here.wait_for(1)
        clock.advance(3601)
        here.release()
        ran = again.result()
    assert ran.ok, ran.output
    assert f": {MYSQL}. Left as they are, because they were restored before: {POSTGRES}." in ran.output
    assert checksums(sandbox) == before
    assert [len(restored(sandbox, addon_id)) for addon_id in ADDONS] == [1, 1]
    assert [len(safeties(sandbox, addon_id)) for addon_id in ADDONS] == [1, 1]


@pytest.mark.assume(addon_busy_refuses=True)
def test_three_rollbacks_at_once_put_the_data_back_once(sandbox: Sandbox, plays: Plays, clock: VirtualClock) -> None:
    """Three machines. All have decided before the first one restores, so only the API can refuse the others."""
    before = checksums(sandbox)
    taken(sandbox)
    destroy(sandbox)
    for addon_id in ADDONS:
        sandbox.next_restore_outcome(addon_id, "completed", 3600)
    decided = sandbox.hold("POST", r"/backups$")
    jobs = [plays.job("rollback") for _job in range(3)]
    decided.wait_for(3 * len(ADDONS))
    started = sandbox.hold("POST", r"/restore$", "after")
    decided.release()
    started.wait_for(len(ADDONS))
    # Each waits in the end, whether it has started a restore, was refused, or has seen one of another. It looks at the
    # list of addons to see how its restores go.
    looking = sandbox.hold("GET", r"/addons$")
    started.release()
    looking.wait_for(3)
    clock.advance(3601)
    looking.release()
    for job in jobs:
        ran = job.end()
        assert ran.ok, ran.output
    assert checksums(sandbox) == before
    assert [len(restored(sandbox, addon_id)) for addon_id in ADDONS] == [1, 1]


def test_a_member_was_deleted_by_hand(sandbox: Sandbox, plays: Plays) -> None:
    taken(sandbox)
    sandbox.remove_backup(MYSQL, sandbox.backups(MYSQL)[0]["id"])
    sandbox.clear_log()
    ran = plays.rollback()
    assert not ran.ok
    assert f"{MYSQL} (its backup is gone). Nothing was restored." in ran.output
    assert sandbox.writes == []


def test_an_addon_of_the_set_was_deleted(sandbox: Sandbox, plays: Plays) -> None:
    taken(sandbox)
    sandbox.remove_addon(MYSQL)
    sandbox.clear_log()
    ran = plays.rollback()
    assert not ran.ok
    assert "members that the project no longer has. Nothing was restored." in ran.output
    assert sandbox.writes == []


REFUSED: list[tuple[dict[str, Any], str]] = [
    # An addon of another project, and one that is nowhere.
    ({"addon_ids": [POSTGRES, "postgres-staging"]}, "postgres-staging"),
    ({"addon_ids": ["postgres-man"]}, "Did you mean 'postgres-main'?"),
    # All addons, of which one is paused, and those of a type that there is none of.
    ({"addon_ids": None}, "postgres-paused (paused)"),
    ({"addon_ids": None, "addon_types": ["oracle"]}, "No addon of project"),
    ({"project_id": "defualt-project"}, "Did you mean 'default-project'?"),
    # Releases that name nothing, or nothing that fits.
    ({"release": ""}, "release must not be empty"),
    ({"release": "x" * 201}, "at most 200 printable characters"),
    ({"release": "a\nb"}, "at most 200 printable characters"),
]


def test_what_cannot_be_meant_is_refused_before_anything_is_written(sandbox: Sandbox, plays: Plays) -> None:
    reasons = plays.refusals([variables for variables, _words in REFUSED])
    for (variables, words), reason in zip(REFUSED, reasons):
        assert words in reason, variables
    assert sandbox.writes == []


def test_a_rollback_of_a_release_that_was_never_deployed(sandbox: Sandbox, plays: Plays) -> None:
    ran = plays.rollback("build-711")
    assert not ran.ok
    assert "Release 'build-711' has no snapshots in this project. Nothing was restored." in ran.output
    assert sandbox.writes == []


def test_odd_releases_are_taken_and_kept_apart(sandbox: Sandbox, plays: Plays) -> None:
    releases = ["feature/x_1.0", "\u00fcber", "v1.2.3+build.7", "release-" + "9" * 150]
    releases += [f"{release}x" for release in releases]
    ran = plays.tasks([role("main", release=release) for release in releases], variables={"addon_ids": [POSTGRES]})
    assert ran.ok, ran.output
    assert len(set(sets(sandbox))) == len(releases)
