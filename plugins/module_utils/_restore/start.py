# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting exactly one restore over a wire that loses answers, or joining the one that another run has started."""

from __future__ import annotations

from typing import Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, OutcomeUnknown
from .._api.models import Backup, Restore
from .._api.recovery import send_once
from .._api.restore_endpoints import list_restores_of_backup, start_restore
from .._api.states import COMPLETED, FINAL_STATES
from .._task.actions import JOINED, RESTORED
from . import messages
from .member import RestoreRun
from .plan import RestoreTarget, choose_backup, plan_restore
from .stored import stored_backup


def chosen_backup(api: Api, target: RestoreTarget) -> Backup:
    """Return the backup that the task means, as the API tells of it now.

    :raises BackupError: there is none, or a name could mean several.
    """
    if target.source_destination_id is not None:
        return stored_backup(api, target)
    source = api
    if target.source_project_id is not None:
        source = Api(source.client, target.source_project_id, source.team_id)
    owner = target.source_addon_id or target.addon_id
    if target.backup_id is None:
        # The latest, or the only one of a name, is what it is because there is no other.
        return choose_backup(target, source.confirm_backups(owner, source.list_backups(owner)))
    try:
        return source.get_backup(owner, target.backup_id)
    except ApiError as error:
        if error.status != 404:
            raise
        tell = messages.no_such_backup if target.source_addon_id is None else messages.no_such_source
        raise BackupError(tell(owner, target.backup_id, source.project_id)) from error


def restores_of_run(run: RestoreRun, backup: Backup) -> list[Restore]:
    """Return the addon's restores, so that it is certain that no other is under way.

    An ID is unique in its addon only, and the addon's list does not say whose backup a restore is of. So where the
    backup is another addon's, a restore of its ID counts as one of it only if the list of that backup's restores has
    it too, which takes one more request. Otherwise, what it is of is not known.

    :raises BackupError: that list cannot be had.
    """
    addon_id = run.target.addon_id
    found = run.api.confirm_restores(addon_id, run.api.list_restores(addon_id))
    try:
        others = _of_own_backup(run, backup, found)
    except ApiError as error:
        if error.status != 404:
            raise
        source = run.target.source_addon_id or addon_id
        raise BackupError(messages.restores_not_told(addon_id, backup, source)) from error
    return [one._replace(backup_id=None) if one.id in others else one for one in found]


def _of_own_backup(run: RestoreRun, backup: Backup, found: Sequence[Restore]) -> frozenset[str]:
    """Return the IDs of the restores that name the backup's ID, and are not listed as restores of the source's one."""
    target = run.target
    if target.source_addon_id is None or all(one.backup_id != backup.id for one in found):
        return frozenset()
    source = target.source_project_id, target.source_addon_id
    known = {one.id for one in list_restores_of_backup(run.api, target.addon_id, backup.id, *source)}
    return frozenset(one.id for one in found if one.backup_id == backup.id and one.id not in known)


def start_or_join(run: RestoreRun, backup: Backup) -> None:
    """Start the restore, unless another run has started the same one since all targets were checked."""
    other = _by_another_run(run, backup)
    if other is None:
        try:
            run.note(restore=_start(run, backup), action=RESTORED, changed=True)
            return
        except ApiError as refused:
            if refused.status == 404 and run.target.source_destination_id is not None:
                raise BackupError(messages.gone_source_refused(run.target.addon_id, backup, str(refused))) from refused
            other = _by_another_run(run, backup) if refused.status == 409 else None
            if other is None:
                raise
    run.note(restore=other, action=JOINED)


def _by_another_run(run: RestoreRun, backup: Backup) -> Optional[Restore]:
    """Return a restore to the same backup that was not there when the targets were checked.

    :raises BackupError: a restore to another backup is under way by now.
    """
    restores = restores_of_run(run, backup)
    plan_restore(run.target.addon_id, backup, restores, None)
    for restore in restores:
        good = restore.status == COMPLETED or restore.status not in FINAL_STATES
        if good and restore.id not in run.before and restore.backup_id == backup.id:
            return restore
    return None


def _start(run: RestoreRun, backup: Backup) -> Restore:
    """Start one restore: never a second one unless the first request did nothing.

    :raises ApiError: the API refused the first request, so nothing was started.
    """
    target = run.target
    doubtful: frozenset[str] = frozenset()

    def check() -> None:
        if doubtful:
            # It may be the one that was asked for, listed for the backup a little later than for the addon.
            raise OutcomeUnknown("the API does not say whose backup a new restore is of")
        # The listing may be some time old, and the ID another's by now: the wrong restore cannot be undone.
        by_id = target._replace(backup_id=backup.id, name=None, latest=False)
        if not chosen_backup(run.api, by_id).is_same_as(backup):
            reason = "its ID now belongs to another backup"
            raise BackupError(messages.not_restorable(target.addon_id, backup, reason))

    def request() -> Restore:
        source = (target.source_project_id, target.source_addon_id)
        restore_id = start_restore(run.api, target.addon_id, backup.id, *source, check)
        run.is_listed = False
        # The API's answer is an ID only; what else there is to know comes with the first look.
        return Restore(restore_id, "scheduled", backup.created_at, None, backup.id)

    def look() -> Optional[Restore]:
        nonlocal doubtful
        run.note(changed=True)
        new = [one for one in run.api.list_restores(target.addon_id) if one.id not in run.before]
        doubtful = _of_own_backup(run, backup, new)
        fitting = (one for one in new if one.backup_id in (backup.id, None) and one.id not in doubtful)
        return next(fitting, None)

    check()
    try:
        return send_once(run.api.client.deadline, request, look, check).made
    except OutcomeUnknown as error:
        raise BackupError(messages.restore_unknown(target.addon_id, backup, str(error))) from error
