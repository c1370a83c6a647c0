# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether data is as a rollback left it half-way: the last restore failed, or only some of a set are put back. Pure.

A set of such data must not become the state that a later rollback goes back to, unless somebody has said so.
"""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence

from .._api.models import Backup, Restore, posix_time
from .._api.states import COMPLETED
from .._task.restore_history import Restores, may_be_of
from . import messages
from .commands import Commands, in_a_row
from .names import is_of_0_9, is_of_release, is_safety_of, release_in, release_of
from .safety import all_kept
from .sets import BackupsByAddon, SnapshotSet, all_sets


class History(NamedTuple):
    """What the state of the data is judged by.

    :ivar found: the backups of all addons of the project.
    :ivar restores: by addon, all its restores, of those that :func:`addons_to_read` names.
    :ivar until: judge what was so at this time, in seconds since 1970; None for now.
    :ivar heeds_later_sets: whether a set that was taken later makes a restore a matter of the past. Such a set was
        taken only after the rollback was complete, or because somebody said that the data is right.
    """

    found: BackupsByAddon
    restores: Restores
    until: Optional[float] = None
    heeds_later_sets: bool = True

    def last(self, addon_id: str) -> Optional[Restore]:
        """Return the restore that made the addon's data what it is, as far as sets tell."""
        known = [one for one in self.restores.get(addon_id, ()) if self._counts(one.started_at)]
        newest = max(known, key=lambda one: (posix_time(one.started_at), one.id), default=None)
        if newest is not None and self.heeds_later_sets and self.taken_since(addon_id, posix_time(newest.started_at)):
            return None
        return newest

    def taken_since(self, addon_id: str, since: float) -> bool:
        """Return whether the addon was backed up for a set after a time, in seconds since 1970.

        Version 0.9 took sets also of data that was half-way, so its sets say nothing.
        """
        return any(
            release_of(one.name)
            and not is_of_0_9(one.name)
            and one.usable
            and self._counts(one.created_at)
            and posix_time(one.created_at) > since
            for one in self.found.get(addon_id, ())
        )

    def backup_of(self, addon_id: str, restore: Restore) -> Optional[Backup]:
        """Return the backup that a restore puts back; None where it is not told or gone."""
        for one in self.found.get(addon_id, ()):
            if restore.backup_id == one.id and may_be_of(restore, one):
                return one
        return None

    def aim(self, addon_id: str, restore: Restore) -> str:
        """Return the name of the set that a restore is part of; empty where it is of none."""
        backup = self.backup_of(addon_id, restore)
        return backup.name if backup is not None and release_of(backup.name) else ""

    def _counts(self, moment: str) -> bool:
        return self.until is None or posix_time(moment) < self.until


class Unfinished(NamedTuple):
    """What a rollback to a set, or a restore of one addon, has not brought to its end.

    :ivar target: the set; None for a backup that belongs to none, or that is not known.
    :ivar back: the addons that are put back to it.
    :ivar left: by addon that is not, its last restore; None if it has none.
    :ivar backups: by addon of ``left``, the backup that it is to be put back to, where that can be told.
    """

    target: Optional[SnapshotSet]
    back: Sequence[str]
    left: Mapping[str, Optional[Restore]]
    backups: Mapping[str, Backup]

    @property
    def since(self) -> float:
        """When the first restore that has not come to a good end was started, in seconds since 1970."""
        return min((posix_time(one.started_at) for one in self.left.values() if one is not None), default=0.0)


def addons_to_read(addon_ids: Iterable[str], history: History) -> list[str]:
    """Return the addons whose restores have to be read, too, so that :func:`unfinished` can judge of some."""
    aimed = _aimed_at(addon_ids, history)
    others = {addon_id for one in aimed for addon_id in one.members if addon_id in history.found}
    return sorted(others - history.restores.keys())


def unfinished(addon_ids: Iterable[str], history: History) -> list[Unfinished]:
    """Return what is half-way of any of these addons: by set, and by addon for restores that are part of none."""
    chosen = list(addon_ids)
    reports = [_of_set(one, history) for one in _aimed_at(chosen, history)]
    return [one for one in reports if one.left] + list(_of_no_set(chosen, history))


def release_is_unfinished(sets: Iterable[SnapshotSet], history: History) -> bool:
    """Return whether the last rollback to one of these sets was left half-way, by the restores that were read."""
    for one in sets:
        is_read = all(addon_id in history.restores for addon_id in one.members)
        if is_read and _began(one, history) is not None and _of_set(one, history).left:
            return True
    return False


def _aimed_at(addon_ids: Iterable[str], history: History) -> list[SnapshotSet]:
    """Return the sets that the last restores of addons are part of."""
    last = {addon_id: history.last(addon_id) for addon_id in addon_ids}
    names = {history.aim(addon_id, one) for addon_id, one in last.items() if one is not None}
    return [one for one in all_sets(history.found) if one.name in names]


def _began(target: SnapshotSet, history: History) -> Optional[float]:
    """Return when the first of the restores was started that now stand for a rollback to a set; None if none does."""
    last = {addon_id: history.last(addon_id) for addon_id in target.members}
    return min(
        (
            posix_time(one.started_at)
            for addon_id, one in last.items()
            if one is not None and history.aim(addon_id, one) == target.name
        ),
        default=None,
    )


def _of_set(target: SnapshotSet, history: History) -> Unfinished:
    began = _began(target, history) or 0.0
    last = {addon_id: history.last(addon_id) for addon_id in target.members}
    back = [addon_id for addon_id, one in last.items() if _is_done(one) and _aims(addon_id, one, target, history)]
    left = {
        addon_id: one
        for addon_id, one in last.items()
        if addon_id not in back and not _is_settled_otherwise(addon_id, one, target, began, history)
    }
    backups = {addon_id: target.members[addon_id] for addon_id in left}
    return Unfinished(target, back, left, backups)


def _of_no_set(addon_ids: Iterable[str], history: History) -> Iterator[Unfinished]:
    for addon_id in addon_ids:
        one = history.last(addon_id)
        if one is not None and not _is_done(one) and not history.aim(addon_id, one):
            backup = history.backup_of(addon_id, one)
            yield Unfinished(None, (), {addon_id: one}, {} if backup is None else {addon_id: backup})


def _is_settled_otherwise(
    addon_id: str, last: Optional[Restore], target: SnapshotSet, began: float, history: History
) -> bool:
    """Return whether an addon is right without the set.

    Another backup was put back since, or somebody said that it is.
    """
    if last is None:
        return history.heeds_later_sets and history.taken_since(addon_id, began)
    if not _is_done(last) or posix_time(last.started_at) <= began:
        return False
    # Who undoes the rollback of some of the addons has not put the others right. Where all of them are undone, no last
    # restore is part of the set any more, and nobody asks here.
    backup = history.backup_of(addon_id, last)
    return backup is None or not is_safety_of(backup.name, target.name)


def _aims(addon_id: str, restore: Optional[Restore], target: SnapshotSet, history: History) -> bool:
    return restore is not None and history.aim(addon_id, restore) == target.name


def _is_done(restore: Optional[Restore]) -> bool:
    """Only a restore that is known to be complete put anything back."""
    return restore is not None and restore.status == COMPLETED


def describe_unfinished(reports: Sequence[Unfinished]) -> list[str]:
    """Return what is half-way, as sentences."""
    return [
        messages.half_way(None if one.target is None else one.target.name, one.back, [*one.left.items()])
        for one in reports
    ]


def find_incomplete_rollback(
    commands: Commands, release: str, reports: Sequence[Unfinished], history: History, going_on: str
) -> str:
    """Return why no set is taken for a release, what completes what is half-way, and what undoes it.

    :param going_on: the command that goes on with the data as it is.
    """
    by_set = [one for one in reports if one.target is not None]
    # Those of a set are put back with it.
    covered = {addon_id for one in by_set for addon_id in one.left}
    alone = [one for one in reports if one.target is None and not covered.intersection(one.left)]
    complete = [line for one in [*by_set, *alone] for line in _commands(commands, release, one)]
    return messages.incomplete_rollback(
        describe_unfinished(reports), in_a_row(complete), commands.undo(_kept(by_set, history)), going_on
    )


def _kept(reports: Sequence[Unfinished], history: History) -> dict[str, str]:
    """Return by addon that a rollback has begun to put back, the backup that undoes that."""
    return {
        addon_id: one.backup.name
        for report in reports
        if report.target is not None
        for addon_id, one in all_kept(
            report.target.name, report.target.members, history.restores, history.found
        ).items()
    }


def _commands(commands: Commands, release: str, report: Unfinished) -> list[str]:
    """Return the commands that bring a report's restores to their end, for a shell; none where nobody can tell."""
    target = report.target
    if target is not None and target.complete:
        known = release if is_of_release(target.name, release) else release_in(target.name)
        if known is not None:
            return [commands.rollback(known, target.generation)]
    usable = {addon_id: one.id for addon_id, one in report.backups.items() if one.status == COMPLETED}
    return [
        commands.task("addon_backup_restore", addon_id=addon_id, backup_id=backup_id)
        for addon_id, backup_id in usable.items()
    ]
