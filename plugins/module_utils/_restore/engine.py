# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of addon_backup_restore: check all targets, then put all back, under one deadline, with a result for each.

Knows nothing of Ansible: client, clock and sleep come in from outside.
"""

from __future__ import annotations

from functools import partial
from typing import Sequence

from .._api.endpoints import Api
from .._api.errors import BackupError
from .._api.models import Restore
from .._api.states import COMPLETED, RESTORE_RUNS, RUNNING, TRANSITIONAL_STATES
from .._task import not_found
from .._task.actions import JOINED, RESTORED
from .._task.concurrency import side_by_side
from .._task.expectation import expect
from .._task.members import RunOptions, all_or_nothing, attempt, begin_and_wait, led
from .._task.restore_history import replaced_since
from .._task.watch import looks
from . import messages
from .abort import abort_active, find_active
from .member import RestoreResult, RestoreRun, tell_restore, watch_restore
from .plan import RestoreTarget, check_restorable, check_type, plan_restore, version_change
from .start import chosen_backup, restores_of_run, start_or_join


def run_restores(
    api: Api, targets: Sequence[RestoreTarget], options: RunOptions, state: str = RESTORED
) -> list[RestoreResult]:
    """Put each addon back to its backup, or abort what is under way.

    Never raises for what can go wrong on the way: each result says it in ``error``. Nothing is started, for any of the
    addons, unless all targets have been checked.

    :param state: restored or aborted.
    :returns: one result for each target, in the given order.
    """
    runs = [RestoreRun(api, options, RestoreResult(one.addon_id, api.project_id, one)) for one in targets]
    check, act = (_check, _begin) if state == RESTORED else (find_active, abort_active)
    with side_by_side(options.concurrency, len(runs)) as run_all:
        led(runs, partial(attempt, tell_restore, check), api.client, run_all)
        all_or_nothing(runs)
        if options.check_mode:
            return [run.result for run in runs]
        if state == RESTORED:
            run_all([partial(attempt, tell_restore, _await_ready, run) for run in runs])
            all_or_nothing(runs)
        begin_and_wait(runs, tell_restore, act, _finish, RESTORE_RUNS, run_all)
    return [run.result for run in runs]


def _check(run: RestoreRun) -> None:
    """Everything that can be known before anything is started. Sends GET requests only."""
    target, api = run.target, run.api
    with not_found.explain_not_found(api, target.addon_id):
        run.addon = api.get_addon(target.addon_id)
    if run.addon.status != RUNNING and run.addon.status not in TRANSITIONAL_STATES:
        raise BackupError(messages.addon_not_restorable(target.addon_id, run.addon.status))
    backup = chosen_backup(api, target)
    check_type(target.addon_id, backup, run.addon.type)
    check_restorable(target.addon_id, backup)
    if target.source_destination_id is not None and not backup.extra:
        run.warn(messages.owner_not_told(target.source_addon_id or target.addon_id, backup))
    restores = restores_of_run(run, backup)
    run.before = frozenset(restore.id for restore in restores)
    run.expected = expect((one.started_at, one.completed_at) for one in restores if one.status == COMPLETED)
    run.plan = plan_restore(target.addon_id, backup, restores, target.since)
    change = version_change(backup, run.addon.version)
    run.note(backup=backup, restore=run.plan.restore, version_change=change)
    if change is not None:
        is_certain = backup.backup_type is not None
        run.warn(messages.version_changes(target.addon_id, change, is_certain))
    if target.latest and run.plan.action == RESTORED and replaced_since(backup, restores):
        run.warn(messages.latest_is_outdated(target.addon_id, backup))
    if run.plan.action != RESTORED or run.options.check_mode:
        run.note(action=run.plan.action, changed=run.plan.action == RESTORED)


def _await_ready(run: RestoreRun) -> None:
    """Wait until the addon is out of a transitional state, unless that is the restore which is joined."""
    if run.addon is None or run.plan is None or run.plan.action != RESTORED:
        return
    if run.addon.status in TRANSITIONAL_STATES:
        read = partial(run.api.get_addon, run.target.addon_id)
        for addon in looks(run.api.client, run.options.budget_share, read):
            run.addon = addon
            if addon.status not in TRANSITIONAL_STATES:
                break
    if run.addon.status != RUNNING:
        raise BackupError(messages.addon_not_restorable(run.target.addon_id, run.addon.status))


def _begin(run: RestoreRun) -> None:
    """Start or join the restore if the decision was to start one, and set out to wait for whichever it is."""
    if run.plan is not None and run.plan.action == RESTORED:
        start_or_join(run, run.plan.backup)
    if run.options.wait and run.result.restore is not None and run.result.action in (RESTORED, JOINED):
        run.poll = watch_restore(run, run.result.restore)
        # One that was joined began some time before.
        run.poll.expected = run.expected if run.result.action == RESTORED else None


def _finish(run: RestoreRun) -> None:
    """Judge what the wait has come to."""
    if run.poll is None:
        return
    run.note(restore=run.poll.state)
    final: Restore = run.poll.result()
    if final.status != COMPLETED:
        raise BackupError(messages.restore_ended_badly(run.result.addon_id, final, run.result.backup))
