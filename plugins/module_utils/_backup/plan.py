# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backup serves a task, or that a new one has to be started: the decision, without any I/O."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Iterable, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.models import SNAPSHOT, Backup, Restore, posix_time
from .._api.states import ACTIVE_STATES, COMPLETED, FAILED_STATES, KNOWN_STATES
from .._task import ages
from .._task.actions import CREATED, JOINED, REUSED
from .._task.backups import named, newest
from .._task.restore_history import replaced_since
from . import messages


class BackupSpec(NamedTuple):
    """The backup that a task asks for. All values have been checked.

    :ivar max_age: seconds.
    :ivar backup_id: for the states that are about a backup that exists.
    :ivar all_matches: absent by a name means all that bear it.
    :ivar options: what else goes into the request's body, in the API's spelling.
    """

    addon_id: str
    backup_type: str = SNAPSHOT
    name: Optional[str] = None
    max_age: Optional[float] = None
    backup_id: Optional[str] = None
    all_matches: bool = False
    options: Mapping[str, Any] = MappingProxyType({})

    def request(self, name: str) -> dict[str, Any]:
        """Return the body that starts it."""
        return {"name": name, "backupType": self.backup_type, **self.options}


class BackupPlan(NamedTuple):
    """What to do.

    :ivar action: CREATED, JOINED or REUSED.
    :ivar backup: the one to join or to reuse.
    :ivar warnings: what the user should know about the choice.
    """

    action: str
    backup: Optional[Backup] = None
    warnings: tuple[str, ...] = ()


def needs_listing(wanted: BackupSpec) -> bool:
    """Return whether any backup that exists could serve; otherwise a new one is started without looking."""
    return wanted.name is not None or wanted.max_age is not None


def needs_restores(wanted: BackupSpec, step: BackupPlan) -> bool:
    """Return whether a decision depends on the addon's restores: where a backup would serve because it is young."""
    return wanted.max_age is not None and step.backup is not None


def plan_backup(
    wanted: BackupSpec, found: Sequence[Backup], now: Optional[float], restores: Sequence[Restore] = ()
) -> BackupPlan:
    """Choose: a completed backup before one under way before a new one, and the newest of several.

    :param found: all backups of the addon, in any order.
    :param now: the API's clock, in seconds since 1970; None where it never told.
    :param restores: all restores of the addon, where they were read; see :func:`needs_restores`.
    :raises BackupError: the choice would be a guess: an unknown state, a name taken by another type, no clock.
    """
    if not needs_listing(wanted):
        return BackupPlan(CREATED)
    if wanted.max_age is not None:
        _require_clock(wanted, found, now)
    young = [backup for backup in found if _serves(wanted, backup, now)]
    candidates = [backup for backup in young if not _is_outdated(wanted, backup, restores)]
    chosen = newest(backup for backup in candidates if backup.status == COMPLETED)
    if chosen is not None:
        return BackupPlan(REUSED, chosen, _doubts(wanted, chosen))
    chosen = newest(backup for backup in candidates if backup.status in ACTIVE_STATES)
    if chosen is not None:
        return BackupPlan(JOINED, chosen, _doubts(wanted, chosen))
    for backup in candidates:
        if backup.status not in KNOWN_STATES:
            raise BackupError(messages.unknown_status(wanted.addon_id, backup))
    other = newest(backup for backup in named(found, wanted.name) if backup.usable and _other_type(wanted, backup))
    if other is not None:
        raise BackupError(messages.other_type(wanted.addon_id, other, wanted.backup_type))
    outdated = newest(backup for backup in young if backup.usable and backup not in candidates)
    warnings = () if outdated is None else (messages.backup_before_restore(wanted.addon_id, outdated),)
    return BackupPlan(CREATED, warnings=warnings)


def _require_clock(wanted: BackupSpec, found: Sequence[Backup], now: Optional[float]) -> None:
    if now is None:
        raise BackupError(messages.no_clock(wanted.addon_id))
    ages.check_clock(now, found)


def duplicates(found: Iterable[Backup], name: Optional[str], chosen: Optional[Backup]) -> list[Backup]:
    """Return the other usable backups that bear the name, oldest first.

    Whoever restores by name would have to choose.
    """
    others = [
        backup for backup in named(found, name) if backup.usable and (chosen is None or not backup.is_same_as(chosen))
    ]
    return sorted(others, key=lambda backup: (posix_time(backup.created_at), backup.id))


def replaceable(found: Iterable[Backup], name: Optional[str]) -> list[Backup]:
    """Return the records to delete so that a refused name becomes free: those that bear it, if all of them are dead."""
    holders = named(found, name)
    return holders if all(backup.status in FAILED_STATES for backup in holders) else []


def _serves(wanted: BackupSpec, backup: Backup, now: Optional[float]) -> bool:
    if wanted.name is not None and backup.name != wanted.name:
        return False
    if wanted.max_age is None:
        return not _other_type(wanted, backup)
    if backup.backup_type != wanted.backup_type or now is None:
        return False
    # Young, and of the data that a rollback has just replaced. By its name, it is meant.
    if backup.is_safety and wanted.name is None:
        return False
    return backup.age(now) <= wanted.max_age


def _is_outdated(wanted: BackupSpec, backup: Backup, restores: Sequence[Restore]) -> bool:
    """Return whether a backup is asked for by its age, and the addon's data has been replaced since it was started."""
    return wanted.max_age is not None and replaced_since(backup, restores)


def _other_type(wanted: BackupSpec, backup: Backup) -> bool:
    return backup.backup_type not in (wanted.backup_type, None)


def _doubts(wanted: BackupSpec, chosen: Backup) -> tuple[str, ...]:
    if chosen.backup_type is None:
        return (messages.type_not_told(wanted.addon_id, chosen, wanted.backup_type),)
    return ()
