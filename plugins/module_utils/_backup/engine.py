# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of addon_backup: all members of a task, under one deadline, with a result for each.

Knows nothing of Ansible: client, clock and sleep come in from outside.
"""

from __future__ import annotations

from functools import partial
from typing import Mapping, NamedTuple, Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import NorthflankError
from .._api.models import DUMP
from .._api.states import BACKUP_RUNS
from .._task import messages as task_messages
from .._task import not_found
from .._task.actions import CREATED
from .._task.concurrency import side_by_side
from .._task.members import RunOptions, Stage, all_or_nothing, attempt, begin_and_wait, led
from .._task.watch import looks
from . import existing as states
from . import messages, present
from .member import BackupResult, BackupRun, tell_backup
from .plan import BackupSpec
from .preflight import Preflight, check_addons


class _Stages(NamedTuple):
    decide: Stage
    begin: Stage
    finish: Optional[Stage] = None


_STAGES: Mapping[str, _Stages] = {
    "present": _Stages(present.decide_present, present.begin_present, present.finish_present),
    "absent": _Stages(states.decide_absent, states.begin_absent),
    "aborted": _Stages(states.decide_aborted, states.begin_aborted),
    "retained": _Stages(states.decide_retained, states.begin_retained),
}


def run_backups(
    api: Api, wanted: Sequence[BackupSpec], options: RunOptions, state: str = "present"
) -> list[BackupResult]:
    """Bring the backups of each addon into a state.

    Never raises for what can go wrong on the way: each result says it in ``error``, beside what was done until then.
    Nothing is started, for any of the addons, unless all of them have been looked at and can be served.

    :param api: its client's deadline is the one for everything; ``on_timeout=abort`` may take 30 s more.
    :param state: present, absent, aborted or retained.
    :returns: one result for each wanted backup, in the given order.
    """
    runs = [BackupRun(api, options, BackupResult(one.addon_id, api.project_id, one)) for one in wanted]
    stages = _STAGES[state]
    with side_by_side(options.concurrency, len(runs)) as run_all:
        is_set = len(runs) > 1 and state == "present"
        seen = _check_set(runs) if is_set else Preflight()
        led(runs, partial(attempt, tell_backup, stages.decide), api.client, run_all)
        if is_set:
            all_or_nothing(runs)
        if options.check_mode:
            return [run.result for run in runs]
        if is_set:
            _await_ready(runs, seen)
        begin_and_wait(runs, tell_backup, stages.begin, stages.finish, BACKUP_RUNS, run_all)
    return [run.result for run in runs]


def _check_set(runs: Sequence[BackupRun]) -> Preflight:
    """Look at all addons with one listing; note what is wrong with which."""
    seen = Preflight()
    try:
        seen = _look(runs)
    except NorthflankError as error:
        reason = not_found.describe_failure(runs[0].api, "", error, task_messages.NOTHING_STARTED)
        for run in runs:
            run.note(error=reason)
    _note_problems(runs, seen)
    return seen


def _look(runs: Sequence[BackupRun]) -> Preflight:
    api, backup_type = runs[0].api, runs[0].result.wanted.backup_type
    dumps = api.types_with_dumps() if backup_type == DUMP else None
    addon_ids = [run.result.addon_id for run in runs]
    return check_addons(addon_ids, api.list_addons(), backup_type, api.project_id, dumps)


def _note_problems(runs: Sequence[BackupRun], seen: Preflight) -> None:
    for run in runs:
        problem = seen.problems.get(run.result.addon_id)
        if problem is not None:
            run.note(error=problem)
    all_or_nothing(runs)


def _await_ready(runs: Sequence[BackupRun], seen: Preflight) -> None:
    """Wait for addons in a passing state, so that all that is to be started can be started at once."""
    waiting = [run for run in runs if run.plan is not None and run.plan.action == CREATED]
    passing = {run.result.addon_id for run in waiting} & set(seen.passing)
    if not passing or runs[0].result.error is not None:
        return
    latest, share = seen, runs[0].options.budget_share
    try:
        for latest in looks(runs[0].api.client, share, partial(_look, waiting)):
            _note_problems(runs, latest)
            if latest.problems or not latest.passing:
                break
    except NorthflankError as error:
        states = ", ".join(f"{addon_id} ({status})" for addon_id, status in sorted(latest.passing.items()))
        for run in runs:
            run.note(error=messages.never_ready(run.result.addon_id, states, error))
