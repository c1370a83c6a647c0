# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states absent, aborted and retained: what is done to backups that exist, one addon at a time."""

from __future__ import annotations

from typing import Optional, Sequence

from .._api.errors import ApiError, BackupError, NorthflankError
from .._api.models import Backup
from .._api.recovery import delete_backup, may_have_acted, retry_idempotent, still_there
from .._api.states import ABORTING, ACTIVE_STATES, FINAL_STATES, KNOWN_STATES
from .._task import messages as task_messages
from .._task.actions import ABORTED, DELETED, NONE, RETAINED
from .._task.backups import named, newest
from . import messages
from .member import BackupRun
from .plan import BackupSpec
from .wait import abort, stop, until_final


def chosen(state: str, wanted: BackupSpec, found: Sequence[Backup]) -> list[Backup]:
    """Return which backups a task is about. Pure.

    :param state: absent, aborted or retained.
    :param found: the backups that bear the name, or the one with the ID, or none.
    :raises BackupError: several have the name and the task does not say that it means all, or a state is not known.
    """
    targets = [backup for backup in found if state != "aborted" or backup.status not in FINAL_STATES]
    if len(targets) > 1 and not (state == "absent" and wanted.all_matches):
        raise BackupError(task_messages.ambiguous(wanted.addon_id, state, targets))
    for target in targets:
        if target.status not in KNOWN_STATES:
            raise BackupError(messages.unknown_status(wanted.addon_id, target))
    return targets


def decide_absent(run: BackupRun) -> None:
    """Find what is to be deleted. Nothing there is fine."""
    _decide(run, "absent", DELETED)


def decide_aborted(run: BackupRun) -> None:
    """Find what is to be aborted. Nothing under way is fine."""
    _decide(run, "aborted", ABORTED)


def decide_retained(run: BackupRun) -> None:
    """Find what is to be kept. It has to be there."""
    _decide(run, "retained", RETAINED)
    if not run.targets:
        wanted = run.result.wanted
        what = f"the ID '{wanted.backup_id}'" if wanted.name is None else f"the name '{wanted.name}'"
        raise BackupError(messages.nothing_to_retain(wanted.addon_id, what))


def begin_absent(run: BackupRun) -> None:
    """Delete; what is under way is aborted first, and waited for."""
    for number, target in enumerate(run.targets):
        # What came before took its time, and IDs can be given again.
        if number and not still_there(run.api, run.result.addon_id, target):
            continue
        if target.status not in FINAL_STATES:
            run.note(changed=True)
            stop(run.api, run.result.addon_id, target)
        try:
            is_ours = delete_backup(run.api, run.result.addon_id, target)
        except NorthflankError as error:
            run.note(changed=run.result.changed or may_have_acted(error))
            raise
        # Another task may have been quicker.
        if is_ours:
            run.note(action=DELETED, changed=True)


def begin_aborted(run: BackupRun) -> None:
    """Abort, and wait until it is final if the task waits."""
    for target in run.targets:
        addon_id = run.result.addon_id
        before = {"action": run.result.action, "changed": run.result.changed}
        if target.status in ACTIVE_STATES and abort(run.api, addon_id, target):
            run.note(action=ABORTED, changed=True)
        if run.options.wait:
            final = until_final(run.api, addon_id, target)
            run.note(backup=final)
            if final.status != ABORTED:
                # An API that takes a request which comes too late has done nothing.
                run.note(**before)
                run.warn(messages.ended_before_abort(addon_id, final))


def begin_retained(run: BackupRun) -> None:
    """Keep a backup forever. Asking twice does no harm, but its ID may be another's by then."""
    (target,) = run.targets
    addon_id = run.result.addon_id

    def check() -> None:
        if not still_there(run.api, addon_id, target):
            raise BackupError(messages.vanished(addon_id, target))

    try:
        retry_idempotent(run.api.client.deadline, lambda: run.api.retain_backup(addon_id, target.id, check), check)
    except NorthflankError as error:
        run.note(changed=may_have_acted(error))
        raise
    run.note(action=RETAINED, changed=True)


def _decide(run: BackupRun, state: str, action: str) -> None:
    wanted = run.result.wanted
    run.targets = chosen(state, wanted, _found(run, wanted))
    best = newest(run.targets)
    shown = best or newest(run.found)
    others = tuple(target.id for target in run.targets if best is not None and not target.is_same_as(best))
    run.note(before=shown, backup=shown, duplicates=others)
    if run.options.check_mode:
        would = any(target.status != ABORTING or state == "absent" for target in run.targets)
        run.note(action=action if would else NONE, changed=would)


def _found(run: BackupRun, wanted: BackupSpec) -> list[Backup]:
    if wanted.backup_id is None:
        # Nothing there, or one only, is acted upon: neither may be so because another was missed.
        seen = run.api.list_backups(wanted.addon_id)
        run.found = named(run.api.confirm_backups(wanted.addon_id, seen), wanted.name)
    else:
        backup = _by_id(run, wanted.backup_id)
        run.found = [] if backup is None else [backup]
    return list(run.found)


def _by_id(run: BackupRun, backup_id: str) -> Optional[Backup]:
    try:
        return run.api.get_backup(run.result.addon_id, backup_id)
    except ApiError as error:
        if error.status != 404:
            raise
    # The addon or the project may be what is missing, and then "nothing there" would be a lie.
    run.api.get_addon(run.result.addon_id)
    return None
