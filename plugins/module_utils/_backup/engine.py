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
from .._task.actions import CREATED, NONE
from .._task.concurrency import all_or_nothing, led, side_by_side
from .._task.watch import AddonStatusHint, Rhythm, watch_all
from . import existing as states
from . import messages, present
from .member import BackupResult, BackupRun, BackupStage, RunOptions, attempt_backup
from .plan import BackupSpec
from .preflight import Preflight, check_addons


class _Steps(NamedTuple):
    decide: BackupStage
    begin: BackupStage
    finish: Optional[BackupStage] = None


_STEPS: Mapping[str, _Steps] = {
    "present": _Steps(present.decide_present, present.begin_present, present.finish_present),
    "absent": _Steps(states.decide_absent, states.begin_absent),
    "aborted": _Steps(states.decide_aborted, states.begin_aborted),
    "retained": _Steps(states.decide_retained, states.begin_retained),
}


def run_backups(
    api: Api, wanted: Sequence[BackupSpec], settings: RunOptions, state: str = "present"
) -> list[BackupResult]:
    """Bring the backups of each addon into a state.

    Never raises for what can go wrong on the way: each result says it in ``error``, beside what was done until then.
    Nothing is started, for any of the addons, unless all of them have been looked at and can be served.

    :param api: its client's deadline is the one for everything; ``on_timeout=abort`` may take 30 s more.
    :param state: present, absent, aborted or retained.
    :returns: one result for each wanted backup, in the given order.
    """
    deadline = api.client.deadline
    works = [BackupRun(api, deadline, settings, BackupResult(one.addon_id, api.project_id, one)) for one in wanted]
    steps = _STEPS[state]
    with side_by_side(settings.concurrency, len(works)) as run_all:
        is_set = len(works) > 1 and state == "present"
        seen = _check_set(works) if is_set else Preflight()
        led(works, partial(attempt_backup, steps.decide), api.client, run_all)
        if is_set:
            all_or_nothing(works, NONE)
        if settings.check_mode:
            return [work.member for work in works]
        if is_set:
            _await_ready(works, seen)
        led(works, partial(attempt_backup, steps.begin), api.client, run_all, api.client.written)
        watches = [work.watch for work in works if work.watch is not None]
        watch_all(
            watches, api.client, run_all, settings.budget_share, AddonStatusHint(api, BACKUP_RUNS), settings.observe
        )
        if steps.finish is not None:
            run_all([partial(attempt_backup, steps.finish, work) for work in works])
    return [work.member for work in works]


def _check_set(works: Sequence[BackupRun]) -> Preflight:
    """Look at all addons with one listing; note what is wrong with which."""
    seen = Preflight()
    try:
        seen = _look(works)
    except NorthflankError as error:
        reason = not_found.describe_failure(works[0].api, "", error, task_messages.NOTHING_STARTED)
        for work in works:
            work.note(error=reason)
    _note_problems(works, seen)
    return seen


def _look(works: Sequence[BackupRun]) -> Preflight:
    api, backup_type = works[0].api, works[0].member.wanted.backup_type
    dumps = api.types_with_dumps() if backup_type == DUMP else None
    addon_ids = [work.member.addon_id for work in works]
    return check_addons(addon_ids, api.list_addons(), backup_type, api.project_id, dumps)


def _note_problems(works: Sequence[BackupRun], seen: Preflight) -> None:
    for work in works:
        problem = seen.problems.get(work.member.addon_id)
        if problem is not None:
            work.note(error=problem)
    all_or_nothing(works, NONE)


def _await_ready(works: Sequence[BackupRun], seen: Preflight) -> None:
    """Wait for addons in a passing state, so that all that is to be started can be started at once."""
    waiting = [work for work in works if work.plan is not None and work.plan.action == CREATED]
    passing = {work.member.addon_id for work in waiting} & set(seen.passing)
    if not passing or works[0].member.error is not None:
        return
    rhythm = Rhythm(works[0].api.client, works[0].settings.budget_share)
    try:
        while passing:
            rhythm.pause()
            seen = _look(waiting)
            _note_problems(works, seen)
            passing = set() if seen.problems else set(seen.passing)
    except NorthflankError as error:
        states = ", ".join(f"{addon_id} ({status})" for addon_id, status in sorted(seen.passing.items()))
        for work in works:
            work.note(error=messages.never_ready(work.member.addon_id, states, error))
