# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state present: find a usable backup or start one, and judge what it has come to; one addon at a time."""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import Any, Optional, Sequence

from .._api.errors import ApiError, BackupError, DeadlineReached, NorthflankError
from .._api.models import DUMP, Backup, shown
from .._api.recovery import delete_backup, may_have_acted
from .._api.states import ACTIVE_STATES, COMPLETED, RUNNING, TRANSITIONAL_STATES
from .._task import ages
from .._task.actions import CREATED, JOINED, REPLACED
from .._task.backups import KnownBackups, named
from .._task.expectation import Expectation, expect
from .._task.watch import looks
from . import messages
from .member import BackupRun
from .plan import BackupPlan, BackupSpec, duplicates, needs_listing, needs_restores, plan_backup, replaceable
from .start import made_by, start
from .wait import CanBegin, stop, watch_backup

_LOG_LINES = 5
# Most backups have begun by the second look, which comes a few seconds after their start.
_USUAL_LOOKS = 2


def decide_present(run: BackupRun) -> None:
    """Look which backups there are, and choose. Sends GET requests only."""
    _follow(run, _plan(run, run.result.wanted))
    if run.options.check_mode:
        # What would be done is told here; outside check mode it is told only once the API has said so.
        creates = run.plan is not None and run.plan.action == CREATED
        run.note(action=CREATED if creates else run.result.action, changed=creates)


def begin_present(run: BackupRun) -> None:
    """Start a backup if the decision was to start one, and set out to wait for whichever it is."""
    if run.plan is not None and run.plan.action == CREATED:
        _create(run)
    backup, addon_id = run.result.backup, run.result.addon_id
    if backup is None:
        return
    if run.options.wait:
        run.poll = watch_backup(run.api, addon_id, backup, CanBegin(run.api, addon_id, _USUAL_LOOKS))
        if run.started is not None:
            # One that was joined began some time before.
            run.poll.expected = _expected(run)
    else:
        # Nobody looks at it later, so it is now or never that its user hears of it.
        CanBegin(run.api, addon_id).check(backup)


def _expected(run: BackupRun) -> Optional[Expectation]:
    return expect(
        (one.created_at, one.completed_at)
        for one in run.found
        if one.status == COMPLETED and one.backup_type == run.result.wanted.backup_type
    )


def finish_present(run: BackupRun) -> None:
    """Judge what the wait has come to, and tidy up."""
    if run.poll is not None:
        run.note(backup=run.poll.state)
        backup: Backup = run.poll.result()
        if backup.status != COMPLETED:
            joined = run.result.action == JOINED
            raise BackupError(messages.ended_badly(run.result.addon_id, backup, joined, _log(run, backup)))
    if run.started is not None and run.started.asked_twice:
        _tidy(run, run.started.made)


def _plan(run: BackupRun, wanted: BackupSpec) -> BackupPlan:
    if not needs_listing(wanted):
        return plan_backup(wanted, run.found, None)
    seen = run.found = run.api.list_backups(wanted.addon_id)
    step = _decided(run, wanted, seen)
    if step.action == CREATED and seen.may_have_gaps:
        # What is to be started because it is not there may only have slipped from one page to another.
        run.found = run.api.confirm_backups(wanted.addon_id, seen)
        step = _decided(run, wanted, run.found)
    return step


def _decided(run: BackupRun, wanted: BackupSpec, found: Sequence[Backup]) -> BackupPlan:
    step = plan_backup(wanted, found, _now(run, wanted))
    if not needs_restores(wanted, step):
        return step
    # Young is not enough: a restore may have replaced the addon's data since.
    restores = run.api.confirm_restores(wanted.addon_id, run.api.list_restores(wanted.addon_id))
    return plan_backup(wanted, found, _now(run, wanted), restores)


def _now(run: BackupRun, wanted: BackupSpec) -> Optional[float]:
    """Return the API's clock, where an age is asked for; in seconds since 1970."""
    return None if wanted.max_age is None else ages.trusted(run.api.client.clock())


def _follow(run: BackupRun, step: BackupPlan) -> None:
    run.plan = step
    others = tuple(backup.id for backup in duplicates(run.found, run.result.wanted.name, step.backup))
    run.note(before=step.backup, backup=step.backup, duplicates=others)
    if step.action != CREATED:
        run.note(action=step.action)
    for warning in step.warnings:
        run.warn(warning)


def _create(run: BackupRun) -> None:
    wanted = run.result.wanted
    while True:
        request = wanted.request(wanted.name or own_name(run.api.client.deadline.timing.wall(), secrets.token_hex(4)))
        try:
            _start(run, request, CREATED)
            return
        except ApiError as error:
            if error.status != 409:
                raise
            refusal = error
        # Somebody was faster, or the addon is not ready, or dead records hold the name.
        if needs_listing(wanted):
            decide_present(run)
            if run.plan is not None and run.plan.action != CREATED:
                return
        status = run.api.get_addon(wanted.addon_id).status
        if status not in TRANSITIONAL_STATES:
            break
        _await_addon(run, status)
    _replace(run, request, refusal, status)


def _await_addon(run: BackupRun, status: str) -> None:
    """Wait until an addon is out of a transitional state. The deadline ends it, if nothing else does."""
    try:
        for addon in looks(run.api.client, run.options.budget_share, partial(run.api.get_addon, run.result.addon_id)):
            status = addon.status
            if status not in TRANSITIONAL_STATES:
                break
    except DeadlineReached as error:
        reason = messages.addon_never_ready(run.result.addon_id, status, run.api.client.deadline.seconds)
        raise BackupError(reason) from error


def _start(run: BackupRun, request: dict[str, Any], action: str) -> None:
    before = KnownBackups(run.found)
    run.started = start(run.api, run.result.addon_id, request, before)
    run.note(action=action, changed=True, backup=_filled_in(run.started.made, run.result.wanted))


def _replace(run: BackupRun, request: dict[str, Any], refusal: ApiError, status: str) -> None:
    """Make a refused name free, if only dead records hold it: the API said 409 though the addon is ready."""
    wanted = run.result.wanted
    if status != RUNNING:
        raise BackupError(messages.addon_not_ready(wanted.addon_id, refusal, status)) from refusal
    records = replaceable(run.found, wanted.name)
    if not records:
        holders = named(run.found, wanted.name)
        raise BackupError(messages.name_taken(wanted.addon_id, refusal, holders)) from refusal
    for record in records:
        _delete_record(run, record)
    try:
        _start(run, request, REPLACED)
    except ApiError as error:
        raise BackupError(messages.replaced_in_vain(wanted.addon_id, error, records)) from error


def _delete_record(run: BackupRun, record: Backup) -> None:
    try:
        is_ours = delete_backup(run.api, run.result.addon_id, record)
    except NorthflankError as error:
        run.note(changed=run.result.changed or may_have_acted(error))
        raise
    run.note(changed=run.result.changed or is_ours)


def _tidy(run: BackupRun, kept: Backup) -> None:
    """After a repeated request there may be a second backup: remove it, if only this task can have made it."""
    addon_id, wanted = run.result.addon_id, run.result.wanted
    before = KnownBackups(run.found)
    try:
        found = run.api.list_backups(addon_id)
    except NorthflankError as error:
        run.warn(messages.twins_not_checked(addon_id, str(error)))
        return
    for twin in made_by(found, wanted.request(kept.name), before):
        if twin.is_same_as(kept):
            continue
        reason = None if wanted.name is not None else _remove(run, twin)
        if wanted.name is None and reason is None:
            run.warn(messages.twin_removed(addon_id, twin))
            continue
        run.warn(messages.twin_left(addon_id, twin, reason))
        run.note(duplicates=(*run.result.duplicates, twin.id))


def _remove(run: BackupRun, twin: Backup) -> Optional[str]:
    """Remove a twin; why that was not possible, if it was not."""
    try:
        if twin.status in ACTIVE_STATES:
            stop(run.api, run.result.addon_id, twin)
        delete_backup(run.api, run.result.addon_id, twin)
    except NorthflankError as error:
        return str(error)
    return None


def _log(run: BackupRun, backup: Backup) -> list[str]:
    if backup.backup_type != DUMP or backup.status == "not-supported":
        return []
    try:
        return run.api.last_log_lines(run.result.addon_id, backup.id, _LOG_LINES)
    except NorthflankError:
        # The log only explains the failure, which is told anyway; reading it needs a permission of its own.
        return []


def _filled_in(backup: Backup, wanted: BackupSpec) -> Backup:
    """Take from the request what the API's answer to it leaves out."""
    asked = shown(dict(wanted.options))
    return backup._replace(backup_type=backup.backup_type or wanted.backup_type, config={**asked, **backup.config})


def own_name(wall: float, noise: str) -> str:
    """Return a name for a backup that was given none: it tells the date, and only one task can have made it.

    :param wall: seconds since 1970.
    :param noise: 8 hexadecimal digits.
    """
    return f"ansible-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(wall))}-{noise}"
