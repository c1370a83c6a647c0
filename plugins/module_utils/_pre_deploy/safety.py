# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an addon held before a rollback, and which safety snapshot has it. Pure.

A rollback whose restore failed is completed by another run. A safety snapshot that this one takes holds half-restored
data, so what was there before the rollback is in the first one.
"""

from __future__ import annotations

import math
from typing import Mapping, NamedTuple, Optional, Sequence

from .._api.models import Backup, Restore, posix_time
from .._api.states import COMPLETED
from .._task.backups import newest
from .._task.restore_history import Restores, may_be_of, replaced_since
from .names import is_safety_of, release_of

# For so many seconds after its last restore, what a rollback has left half-way is nothing that has to be kept, too.
# Whoever comes later may have written on top of it.
_IN_ONE_GO = 3600.0


class Kept(NamedTuple):
    """The safety snapshot of a rollback that has begun, for one addon.

    :ivar until: when its newest restore was seen to go on, in seconds since 1970.
    """

    backup: Backup
    until: float

    def holds_all(self, now: float) -> bool:
        """Return whether nothing worth keeping has come into the addon since.

        :param now: the API's clock, in seconds since 1970.
        """
        return now - self.until <= _IN_ONE_GO


def tries(backup: Backup, restores: Sequence[Restore], backups: Sequence[Backup]) -> list[Restore]:
    """Return the restores of one addon that make up its last rollback to a backup, oldest first.

    They are the newest ones, and only the last of them may be complete: what comes after that is another rollback, and
    so is what comes after a set that was taken in between.

    :param restores: all restores of the addon.
    :param backups: all backups of the addon.
    """
    sets = [posix_time(one.created_at) for one in backups if release_of(one.name)]
    found: list[Restore] = []
    next_began = math.inf
    for one in sorted(restores, key=_started, reverse=True):
        began = posix_time(one.started_at)
        is_other = one.backup_id != backup.id or not may_be_of(one, backup)
        if is_other or (found and one.status == COMPLETED) or any(began < taken < next_began for taken in sets):
            break
        found.append(one)
        next_began = began
    return found[::-1]


def kept_before(name: str, backup: Backup, restores: Sequence[Restore], backups: Sequence[Backup]) -> Optional[Kept]:
    """Return what holds the data that an addon had before its last rollback to a backup.

    None if none began, or nothing does.

    :param name: of the set that the backup is part of.
    :param restores: all restores of the addon.
    :param backups: all backups of the addon.
    """
    begun = tries(backup, restores, backups)
    if not begun:
        return None
    first = posix_time(begun[0].started_at)
    earlier = [posix_time(one.started_at) for one in restores if _started(one) < _started(begun[0])]
    since = max([posix_time(backup.created_at), *earlier])
    best = newest(
        one
        for one in backups
        if is_safety_of(one.name, name) and one.status == COMPLETED and since <= posix_time(one.created_at) <= first
    )
    last = begun[-1]
    until = max(posix_time(moment) for moment in (last.started_at, last.completed_at) if moment is not None)
    return None if best is None else Kept(best, until)


def all_kept(
    name: str,
    members: Mapping[str, Backup],
    restores: Restores,
    found: Mapping[str, Sequence[Backup]],
) -> dict[str, Kept]:
    """Return by addon, what :func:`kept_before` finds."""
    kept = {
        addon_id: kept_before(name, backup, restores.get(addon_id, ()), found.get(addon_id, ()))
        for addon_id, backup in members.items()
    }
    return {addon_id: one for addon_id, one in kept.items() if one is not None}


def unused(addon_ids: Sequence[str], found: Mapping[str, Sequence[Backup]], restores: Restores) -> dict[str, Backup]:
    """Return by addon, the safety snapshot of a rollback that may have been stopped before its first restore.

    Nothing was put back since it was taken, and no set was taken since. Such a rollback leaves no other trace.
    """
    last = {addon_id: newest(one for one in found.get(addon_id, ()) if one.is_safety) for addon_id in addon_ids}
    return {
        addon_id: one
        for addon_id, one in last.items()
        if one is not None
        and not replaced_since(one, restores.get(addon_id, ()))
        and not any(
            release_of(other.name) and posix_time(other.created_at) > posix_time(one.created_at)
            for other in found[addon_id]
        )
    }


def _started(restore: Restore) -> tuple[float, str]:
    return posix_time(restore.started_at), restore.id
