# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state present: find a usable backup or start one, and judge what it has come to; one addon at a time."""

from __future__ import annotations

import secrets
import time
from typing import Any, Optional, Sequence

from .._api.errors import ApiError, BackupError, DeadlineReached, NorthflankError
from .._api.models import DUMP, Backup, shown
from .._api.recovery import delete_backup, may_have_acted
from .._api.states import ACTIVE_STATES, COMPLETED, RUNNING, TRANSITIONAL_STATES
from .._task import ages
from .._task.actions import CREATED, JOINED, REPLACED
from .._task.backups import KnownBackups, named
from .._task.watch import Rhythm
from . import messages
from .member import BackupRun
from .plan import BackupPlan, BackupSpec, duplicates, needs_listing, needs_restores, plan_backup, replaceable
from .start import made_by, start
from .wait import CanBegin, stop, watch_backup

_LOG_LINES = 5
# Most backups have begun by the second look, which comes a few seconds after their start.
_USUAL_LOOKS = 2


def decide_present(work: BackupRun) -> None:
    """Look which backups there are, and choose. Sends GET requests only."""
    _follow(work, _plan(work, work.member.wanted))
    if work.settings.check_mode:
        # What would be done is told here; outside check mode it is told only once the API has said so.
        creates = work.plan is not None and work.plan.action == CREATED
        work.note(action=CREATED if creates else work.member.action, changed=creates)


def begin_present(work: BackupRun) -> None:
    """Start a backup if the decision was to start one, and set out to wait for whichever it is."""
    if work.plan is not None and work.plan.action == CREATED:
        _create(work)
    backup, addon_id = work.member.backup, work.member.addon_id
    if backup is None:
        return
    if work.settings.wait:
        work.watch = watch_backup(work.api, addon_id, backup, CanBegin(work.api, addon_id, _USUAL_LOOKS))
    else:
        # Nobody looks at it later, so it is now or never that its user hears of it.
        CanBegin(work.api, addon_id).check(backup)


def finish_present(work: BackupRun) -> None:
    """Judge what the wait has come to, and tidy up."""
    if work.watch is not None:
        work.note(backup=work.watch.state)
        backup: Backup = work.watch.result()
        if backup.status != COMPLETED:
            joined = work.member.action == JOINED
            raise BackupError(messages.ended_badly(work.member.addon_id, backup, joined, _log(work, backup)))
    if work.started is not None and work.started.asked_twice:
        _tidy(work, work.started.made)


def _plan(work: BackupRun, wanted: BackupSpec) -> BackupPlan:
    if not needs_listing(wanted):
        return plan_backup(wanted, work.found, None)
    seen = work.found = work.api.list_backups(wanted.addon_id)
    step = _decided(work, wanted, seen)
    if step.action == CREATED and seen.may_have_gaps:
        # What is to be started because it is not there may only have slipped from one page to another.
        work.found = work.api.confirm_backups(wanted.addon_id, seen)
        step = _decided(work, wanted, work.found)
    return step


def _decided(work: BackupRun, wanted: BackupSpec, found: Sequence[Backup]) -> BackupPlan:
    step = plan_backup(wanted, found, _now(work, wanted))
    if not needs_restores(wanted, step):
        return step
    # Young is not enough: a restore may have replaced the addon's data since.
    restores = work.api.confirm_restores(wanted.addon_id, work.api.list_restores(wanted.addon_id))
    return plan_backup(wanted, found, _now(work, wanted), restores)


def _now(work: BackupRun, wanted: BackupSpec) -> Optional[float]:
    """Return the API's clock, where an age is asked for; in seconds since 1970."""
    return None if wanted.max_age is None else ages.trusted(work.api.client.clock())


def _follow(work: BackupRun, step: BackupPlan) -> None:
    work.plan = step
    others = tuple(backup.id for backup in duplicates(work.found, work.member.wanted.name, step.backup))
    work.note(before=step.backup, backup=step.backup, duplicates=others)
    if step.action != CREATED:
        work.note(action=step.action)
    for warning in step.warnings:
        work.warn(warning)


def _create(work: BackupRun) -> None:
    wanted = work.member.wanted
    while True:
        request = wanted.request(wanted.name or own_name(work.deadline.timing.wall(), secrets.token_hex(4)))
        try:
            _start(work, request, CREATED)
            return
        except ApiError as error:
            if error.status != 409:
                raise
            refusal = error
        # Somebody was faster, or the addon is not ready, or dead records hold the name.
        if needs_listing(wanted):
            decide_present(work)
            if work.plan is not None and work.plan.action != CREATED:
                return
        status = work.api.get_addon(wanted.addon_id).status
        if status not in TRANSITIONAL_STATES:
            break
        _await_addon(work, status)
    _replace(work, request, refusal, status)


def _await_addon(work: BackupRun, status: str) -> None:
    """Wait until an addon is out of a state that passes. The deadline ends it, if nothing else does."""
    rhythm = Rhythm(work.api.client, work.settings.budget_share)
    try:
        while status in TRANSITIONAL_STATES:
            rhythm.pause()
            status = work.api.get_addon(work.member.addon_id).status
    except DeadlineReached as error:
        reason = messages.addon_never_ready(work.member.addon_id, status, work.deadline.seconds)
        raise BackupError(reason) from error


def _start(work: BackupRun, request: dict[str, Any], action: str) -> None:
    before = KnownBackups(work.found)
    work.started = start(work.api, work.deadline, work.member.addon_id, request, before)
    work.note(action=action, changed=True, backup=_filled_in(work.started.made, work.member.wanted))


def _replace(work: BackupRun, request: dict[str, Any], refusal: ApiError, status: str) -> None:
    """Make a refused name free, if only dead records hold it: the API said 409 though the addon is ready."""
    wanted = work.member.wanted
    if status != RUNNING:
        raise BackupError(messages.addon_not_ready(wanted.addon_id, refusal, status)) from refusal
    records = replaceable(work.found, wanted.name)
    if not records:
        holders = named(work.found, wanted.name)
        raise BackupError(messages.name_taken(wanted.addon_id, refusal, holders)) from refusal
    for record in records:
        _delete_record(work, record)
    try:
        _start(work, request, REPLACED)
    except ApiError as error:
        raise BackupError(messages.replaced_in_vain(wanted.addon_id, error, records)) from error


def _delete_record(work: BackupRun, record: Backup) -> None:
    try:
        is_ours = delete_backup(work.api, work.deadline, work.member.addon_id, record)
    except NorthflankError as error:
        work.note(changed=work.member.changed or may_have_acted(error))
        raise
    work.note(changed=work.member.changed or is_ours)


def _tidy(work: BackupRun, kept: Backup) -> None:
    """After a repeated request there may be a second backup: remove it, if only this task can have made it."""
    addon_id, wanted = work.member.addon_id, work.member.wanted
    before = KnownBackups(work.found)
    try:
        found = work.api.list_backups(addon_id)
    except NorthflankError as error:
        work.warn(messages.twins_not_checked(addon_id, str(error)))
        return
    for twin in made_by(found, wanted.request(kept.name), before):
        if twin.is_same_as(kept):
            continue
        reason = None if wanted.name is not None else _remove(work, twin)
        if wanted.name is None and reason is None:
            work.warn(messages.twin_removed(addon_id, twin))
            continue
        work.warn(messages.twin_left(addon_id, twin, reason))
        work.note(duplicates=(*work.member.duplicates, twin.id))


def _remove(work: BackupRun, twin: Backup) -> Optional[str]:
    """Remove a twin; why that was not possible, if it was not."""
    try:
        if twin.status in ACTIVE_STATES:
            stop(work.api, work.member.addon_id, twin)
        delete_backup(work.api, work.deadline, work.member.addon_id, twin)
    except NorthflankError as error:
        return str(error)
    return None


def _log(work: BackupRun, backup: Backup) -> list[str]:
    if backup.backup_type != DUMP or backup.status == "not-supported":
        return []
    try:
        return work.api.last_log_lines(work.member.addon_id, backup.id, _LOG_LINES)
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
