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
from .._task.actions import JOINED, NONE, RESTORED
from .._task.concurrency import all_or_nothing, led, side_by_side
from .._task.restore_history import replaced_since
from .._task.watch import AddonStatusHint, Rhythm, watch_all
from . import messages
from .abort import abort_active, find_active
from .member import RestoreOptions, RestoreResult, RestoreRun, attempt_restore, watch_restore
from .plan import RestoreTarget, check_restorable, plan_restore, version_change
from .start import chosen_backup, restores_of_run, start_or_join


def run_restores(
    api: Api, targets: Sequence[RestoreTarget], settings: RestoreOptions, state: str = RESTORED
) -> list[RestoreResult]:
    """Put each addon back to its backup, or abort what is under way.

    Never raises for what can go wrong on the way: each result says it in ``error``. Nothing is started, for any of the
    addons, unless all targets have been checked.

    :param state: restored or aborted.
    :returns: one result for each target, in the given order.
    """
    works = [RestoreRun(api, settings, target, RestoreResult(target.addon_id, api.project_id)) for target in targets]
    check, act = (_check, _begin) if state == RESTORED else (find_active, abort_active)
    with side_by_side(settings.concurrency, len(works)) as run_all:
        led(works, partial(attempt_restore, check), api.client, run_all)
        all_or_nothing(works, NONE)
        if settings.check_mode:
            return [work.member for work in works]
        if state == RESTORED:
            run_all([partial(attempt_restore, _await_ready, work) for work in works])
            all_or_nothing(works, NONE)
        led(works, partial(attempt_restore, act), api.client, run_all, api.client.written)
        watches = [work.watch for work in works if work.watch is not None]
        watch_all(
            watches, api.client, run_all, settings.budget_share, AddonStatusHint(api, RESTORE_RUNS), settings.observe
        )
        run_all([partial(attempt_restore, _finish, work) for work in works])
    return [work.member for work in works]


def _check(work: RestoreRun) -> None:
    """Everything that can be known before anything is started. Sends GET requests only."""
    target, api = work.target, work.api
    with not_found.explain_not_found(api, target.addon_id):
        work.addon = api.get_addon(target.addon_id)
    if work.addon.status != RUNNING and work.addon.status not in TRANSITIONAL_STATES:
        raise BackupError(messages.addon_not_restorable(target.addon_id, work.addon.status))
    backup = chosen_backup(work)
    check_restorable(target.addon_id, backup)
    restores = restores_of_run(work)
    work.before = frozenset(restore.id for restore in restores)
    work.plan = plan_restore(target.addon_id, backup, restores, target.since)
    change = version_change(backup, work.addon.version)
    work.note(backup=backup, restore=work.plan.restore, version_change=change)
    if change is not None:
        is_certain = backup.backup_type is not None
        work.warn(messages.version_changes(target.addon_id, change, is_certain))
    if target.latest and work.plan.action == RESTORED and replaced_since(backup, restores):
        work.warn(messages.latest_is_outdated(target.addon_id, backup))
    if work.plan.action != RESTORED or work.settings.check_mode:
        work.note(action=work.plan.action, changed=work.plan.action == RESTORED)


def _await_ready(work: RestoreRun) -> None:
    """Wait until the addon is out of a state that passes, unless that is the restore which is joined."""
    if work.addon is None or work.plan is None or work.plan.action != RESTORED:
        return
    rhythm = Rhythm(work.api.client, work.settings.budget_share)
    while work.addon.status in TRANSITIONAL_STATES:
        rhythm.pause()
        work.addon = work.api.get_addon(work.target.addon_id)
    if work.addon.status != RUNNING:
        raise BackupError(messages.addon_not_restorable(work.target.addon_id, work.addon.status))


def _begin(work: RestoreRun) -> None:
    """Start or join the restore if the decision was to start one, and set out to wait for whichever it is."""
    if work.plan is not None and work.plan.action == RESTORED:
        start_or_join(work, work.plan.backup)
    if work.settings.wait and work.member.restore is not None and work.member.action in (RESTORED, JOINED):
        work.watch = watch_restore(work, work.member.restore)


def _finish(work: RestoreRun) -> None:
    """Judge what the wait has come to."""
    if work.watch is None:
        return
    work.note(restore=work.watch.state)
    final: Restore = work.watch.result()
    if final.status != COMPLETED:
        raise BackupError(messages.restore_ended_badly(work.member.addon_id, final, work.member.backup))
