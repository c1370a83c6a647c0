# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backup an addon is put back to, and whether that has to be started: the decisions, without any I/O."""

from __future__ import annotations

from typing import AbstractSet, NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.models import IMPORT, SNAPSHOT, Backup, Restore, posix_time
from .._api.purpose import asks_for_safety
from .._api.states import COMPLETED, FINAL_STATES, KNOWN_STATES
from .._destination.models import StoredBackup
from .._task import messages as task_messages
from .._task.actions import JOINED, RESTORED, SKIPPED
from .._task.backups import named, newest
from . import messages

SINCE_CREATED = "created"


class RestoreTarget(NamedTuple):
    """An addon, and which of its backups to put it back to. All values have been checked.

    :ivar backup_id: this backup; otherwise the one of this ``name``, or the ``latest`` that fits.
    :ivar backup_type: only backups of this type.
    :ivar name_prefix: for latest, only backups whose name begins with this.
    :ivar source_project_id: where a global backup comes from.
    :ivar source_addon_id: likewise.
    :ivar source_destination_id: look a global backup up there, and not with its addon, which may not exist any more.
    :ivar since: skip what was restored since then; see :func:`plan_restore`.
    """

    addon_id: str
    backup_id: Optional[str] = None
    name: Optional[str] = None
    latest: bool = False
    backup_type: Optional[str] = None
    name_prefix: Optional[str] = None
    source_project_id: Optional[str] = None
    source_addon_id: Optional[str] = None
    source_destination_id: Optional[str] = None
    since: Optional[str] = None


def choose_backup(target: RestoreTarget, found: Sequence[Backup]) -> Backup:
    """Return the backup that is meant, among all backups of the addon. By name, it never chooses between several.

    :raises BackupError: there is none, or a name could mean several.
    """
    typed = [backup for backup in found if target.backup_type in (None, backup.backup_type)]
    # They may be of the type that is asked for, but to put an addon back to a guess is worse than to fail.
    untold = 0 if target.backup_type is None else sum(one.usable and one.backup_type is None for one in found)
    if target.latest:
        prefix = target.name_prefix or ""
        # An import is never the latest: nobody can tell which moment its data is of.
        good = [
            backup
            for backup in typed
            if backup.status == COMPLETED
            and backup.backup_type != IMPORT
            and backup.name.startswith(prefix)
            # It would bring back the data that a rollback has replaced.
            and (asks_for_safety(target.name_prefix) or not backup.is_safety)
        ]
        best = newest(good)
        if best is None:
            raise BackupError(messages.no_latest(target.addon_id, target.backup_type, target.name_prefix, untold))
        return best
    holders = named(typed, target.name)
    good = [backup for backup in holders if backup.status == COMPLETED]
    if len(good) > 1:
        raise BackupError(task_messages.ambiguous(target.addon_id, "restored", good))
    if not good:
        raise BackupError(messages.no_completed(target.addon_id, target.name or "", holders, untold))
    return good[0]


def choose_stored(target: RestoreTarget, project_id: str, found: Sequence[StoredBackup]) -> Optional[StoredBackup]:
    """Return the backup that is meant, among all that a destination has; None if it has none.

    An ID is unique in its addon only. Where the list does not say whose a backup is, it is the one that is meant only
    if no other of the destination has this ID.

    :param project_id: the one that is put back to, and comes from if the target does not say.
    :raises BackupError: it could be several.
    """
    same_id = [one for one in found if one.id == target.backup_id]
    wanted = target.source_project_id or project_id, target.source_addon_id or target.addon_id
    told = [one for one in same_id if (one.project_id, one.addon_id) == wanted]
    open_ones = [one for one in same_id if one.project_id in (None, wanted[0]) and one.addon_id in (None, wanted[1])]
    if len(told) > 1 or (not told and open_ones and len(same_id) > 1):
        raise BackupError(messages.stored_several_times(target.backup_id or "", *wanted, len(same_id)))
    return next(iter(told or open_ones), None)


def check_type(addon_id: str, backup: Backup, addon_type: Optional[str]) -> None:
    """Refuse a backup that is told to be of another type than the addon.

    :raises BackupError: it is.
    """
    of = backup.config.get("addon_type")
    if of is not None and addon_type is not None and of != addon_type:
        reason = f"it is of type {of}, and the addon of type {addon_type}"
        raise BackupError(messages.not_restorable(addon_id, backup, reason))


def check_restorable(addon_id: str, backup: Backup) -> None:
    """Refuse what cannot be put back.

    :raises BackupError: the backup is not complete, or was imported.
    """
    if backup.status != COMPLETED:
        raise BackupError(messages.not_restorable(addon_id, backup, f"it is '{backup.status}', not completed"))
    if backup.backup_type == IMPORT:
        reason = "it was imported, and is no backup of this addon"
        raise BackupError(messages.not_restorable(addon_id, backup, reason))


class RestorePlan(NamedTuple):
    """What to do.

    :ivar action: RESTORED, JOINED or SKIPPED.
    :ivar backup: what the addon is put back to.
    :ivar restore: the one to join, or the one that makes another needless.
    """

    action: str
    backup: Backup
    restore: Optional[Restore] = None


def plan_restore(addon_id: str, backup: Backup, restores: Sequence[Restore], since: Optional[str]) -> RestorePlan:
    """Join a restore of this backup that is under way, skip one that was done, or start one.

    :param restores: all restores of the addon.
    :param since: skip if the addon's newest restore is a completed one of this backup that was started at this time
        or later; ``created`` stands for the backup's creation, None for never.
    :raises BackupError: a restore of another backup is under way, or a state is not known.
    """
    for restore in restores:
        if restore.status not in KNOWN_STATES:
            raise BackupError(messages.unknown_restore_status(addon_id, restore))
    under_way = [restore for restore in restores if restore.status not in FINAL_STATES]
    for restore in under_way:
        if restore.backup_id != backup.id or restore.status == "aborting":
            raise BackupError(messages.other_restore(addon_id, backup, restore))
    if under_way:
        return RestorePlan(JOINED, backup, max(under_way, key=_started))
    last = max(restores, key=_started, default=None)
    if since is not None and last is not None and last.backup_id == backup.id and last.status == COMPLETED:
        moment = posix_time(backup.created_at if since == SINCE_CREATED else since)
        # An ID may be a slug that an earlier backup had: what was restored before this one was made is another.
        if _started(last)[0] >= max(moment, posix_time(backup.created_at)):
            return RestorePlan(SKIPPED, backup, last)
    return RestorePlan(RESTORED, backup)


def begun_since(
    before: AbstractSet[str], restores: Sequence[Restore], known: Restore, by_any_id: bool
) -> Optional[Restore]:
    """Return the restore that a request started whose answer told an ID that is not in the list.

    None if it is not there.

    :param before: IDs of the restores that were there before the request.
    :param known: what the answer told.
    :param by_any_id: take an entry whose ID looks like the one in the answer, too. Otherwise both have one form, and
        what was started is listed later under its own.
    """
    new = [
        one
        for one in restores
        if one.id not in before
        and one.backup_id in (known.backup_id, None)
        and (by_any_id or _form(one.id) != _form(known.id))
    ]
    return max(new, key=_started, default=None)


def _form(restore_id: str) -> tuple[int, bool]:
    return len(restore_id), restore_id.isdigit()


def version_change(backup: Backup, addon_version: Optional[str]) -> Optional[dict[str, str]]:
    """Return what a snapshot's restore does to the addon's version (source: the API's reference); None for nothing.

    Also for a backup whose type is not told, which may be a snapshot.
    """
    version = backup.config.get("addon_version")
    if backup.backup_type not in (SNAPSHOT, None) or not version or addon_version is None or version == addon_version:
        return None
    return {"from": addon_version, "to": str(version)}


def _started(restore: Restore) -> tuple[float, str]:
    return posix_time(restore.started_at), restore.id
