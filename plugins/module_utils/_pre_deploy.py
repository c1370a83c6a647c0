# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decisions of the role pre_deploy_snapshot: which set to use again or to take, what a rollback puts back. Pure.

A set is the backups of several addons that were taken together before one release; see _pre_deploy_names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Mapping, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils import _hints_role
from ansible_collections.northflank.cloud.plugins.module_utils._errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._models import SNAPSHOT, Backup, Restore, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy_names import (
    PREFIX,
    digest_in,
    generation_of,
    members_digest,
    release_of,
    release_part,
    set_name,
)
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import COMPLETED, FINAL_STATES

_MOST_MISSING = 2

# Backups by addon.
Found = Mapping[str, Sequence[Backup]]


@dataclass(frozen=True)
class Set:
    """Backups of one name.

    :ivar members: by addon, the backup that counts: the oldest completed one, or else the newest.
    :ivar twins: by addon, the IDs of others of the name.
    :ivar complete: each addon that belongs to it has a completed backup.
    """

    name: str
    generation: int
    members: Mapping[str, Backup]
    twins: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def proved(self) -> bool:
        """Whether the addons that have a backup of the name are those that the name was made for."""
        return members_digest(self.members) == digest_in(self.name)

    @property
    def complete(self) -> bool:
        """Whether all of its backups are there and completed."""
        return self.proved and all(backup.status == COMPLETED for backup in self.members.values())

    @property
    def created_at(self) -> str:
        """When its first backup was started."""
        return min((backup.created_at for backup in self.members.values()), key=posix_time)

    @property
    def was_restored(self) -> bool:
        """Whether any of its backups was ever put back, or is being put back."""
        return any(backup.last_restore is not None for backup in self.members.values())


def sets_of(release: str, found: Found) -> list[Set]:
    """All sets of a release, the highest generation last.

    :param found: the backups of all addons of the project.
    """
    begins = release_part(release)
    return [one for one in all_sets(found) if release_of(one.name) == begins]


def all_sets(found: Found) -> list[Set]:
    """The sets of all releases, the highest generation last.

    :param found: the backups of all addons of the project.
    """
    names: dict[str, dict[str, list[Backup]]] = {}
    for addon_id, backups in found.items():
        for backup in backups:
            if release_of(backup.name):
                names.setdefault(backup.name, {}).setdefault(addon_id, []).append(backup)
    return sorted((_set(name, members) for name, members in names.items()), key=lambda one: (one.generation, one.name))


@dataclass(frozen=True)
class SnapshotPlan:
    """Which set a deployment stands on.

    :ivar name: of the set to take, to join or to reuse.
    :ivar is_new: whether it has to be taken.
    :ivar warnings: what the user should know before going on.
    """

    name: str
    generation: int
    is_new: bool
    warnings: tuple[str, ...] = ()


def plan_snapshot(
    release: str,
    addon_ids: Sequence[str],
    found: Found,
    now: Optional[float],
    max_age: float,
    backup_type: str = SNAPSHOT,
) -> SnapshotPlan:
    """Reuse or join the release's last set, or take the next one.

    :param addon_ids: the addons that are asked for.
    :param found: the backups of all addons of the project.
    :param now: the API's clock, in seconds since 1970.
    :param max_age: seconds.
    :param backup_type: the type that is asked for.
    """
    if now is None:
        raise BackupError(_hints_role.no_clock_for_release())
    sets = sets_of(release, found)
    last = sets[-1] if sets else None
    if last is not None and _serves(last, set_name(release, addon_ids, last.generation), now, max_age, backup_type):
        return SnapshotPlan(last.name, last.generation, False, (_hints_role.set_reused(last.name, last.created_at),))
    generation = 1 if last is None else last.generation + 1
    earlier = [one for one in sets if one.complete and not one.was_restored]
    warnings = tuple(_hints_role.earlier_set(release, one.name, one.generation, one.created_at) for one in earlier[-1:])
    return SnapshotPlan(set_name(release, addon_ids, generation), generation, True, warnings)


@dataclass(frozen=True)
class RollbackPlan:
    """What a rollback puts back.

    :ivar restore: by addon, the backup to put it back to.
    :ivar skipped: by addon, the backup that it was put back to already, with nothing deployed since.
    :ivar joined: by addon of ``restore`` whose restore is under way, when that was started.
    :ivar warnings: what is lost, and what was chosen.
    """

    name: str
    generation: int
    restore: Mapping[str, Backup]
    skipped: Mapping[str, Backup]
    joined: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def choose_set(release: str, found: Found, generation: Optional[int]) -> Set:
    """The set to go back to: the highest generation, or the one that is asked for.

    :raises BackupError: there is none, or it is not complete. Which ones are complete is told.
    """
    sets = sets_of(release, found)
    complete = [(one.generation, one.name, one.created_at) for one in sets if one.complete]
    candidates = [one for one in sets if generation is None or one.generation == generation]
    if not candidates:
        raise BackupError(_hints_role.no_set(release, generation, complete))
    chosen = candidates[-1]
    same = [one.name for one in candidates if one.generation == chosen.generation]
    if len(same) > 1:
        raise BackupError(_hints_role.several_sets(release, chosen.generation, same))
    if not chosen.complete:
        raise BackupError(_hints_role.incomplete_set(chosen.name, chosen.generation, _lacks(chosen, found), complete))
    return chosen


def plan_rollback(
    chosen: Mapping[str, Backup],
    name: str,
    generation: int,
    found: Found,
    restores: Mapping[str, Sequence[Restore]],
    restore_again: bool,
) -> RollbackPlan:
    """Which members have to be put back.

    :param chosen: by addon, the backup to go back to.
    :param found: the backups of all addons of the project.
    :param restores: by addon, all its restores.
    :param restore_again: also what was put back already.
    """
    skipped = {
        addon_id: backup
        for addon_id, backup in chosen.items()
        if not restore_again and _is_back(backup, restores.get(addon_id, ()), found.get(addon_id, ()))
    }
    restore = {addon_id: backup for addon_id, backup in chosen.items() if addon_id not in skipped}
    joined = {
        addon_id: one.started_at
        for addon_id, backup in restore.items()
        for one in restores.get(addon_id, ())
        if one.status not in FINAL_STATES and one.backup_id == backup.id
    }
    later = sorted(
        {
            other.name
            for addon_id, backup in restore.items()
            for other in found.get(addon_id, ())
            if other.name.startswith(PREFIX) and other.name != name and _time(other) > _time(backup)
        }
    )
    warnings: tuple[str, ...] = ()
    if restore:
        oldest = min((backup.created_at for backup in restore.values()), key=posix_time)
        warnings = (_hints_role.rollback_loses(name, oldest, later),)
    return RollbackPlan(name, generation, restore, skipped, joined, warnings)


def _set(name: str, members: Mapping[str, Sequence[Backup]]) -> Set:
    counted = {addon_id: _counts(backups) for addon_id, backups in members.items()}
    twins = {
        addon_id: [one.id for one in backups if not one.is_same_as(counted[addon_id])]
        for addon_id, backups in members.items()
        if len(backups) > 1
    }
    return Set(name, generation_of(name), counted, twins)


def _counts(backups: Sequence[Backup]) -> Backup:
    completed = [backup for backup in backups if backup.status == COMPLETED]
    if completed:
        return min(completed, key=lambda backup: (_time(backup), backup.id))
    active = [backup for backup in backups if backup.usable]
    return max(active or backups, key=lambda backup: (_time(backup), backup.id))


def _serves(last: Set, name: str, now: float, max_age: float, backup_type: str) -> bool:
    return (
        last.name == name
        and last.proved
        and not last.was_restored
        and all(
            backup.usable and backup.backup_type in (None, backup_type) and backup.age(now) <= max_age
            for backup in last.members.values()
        )
    )


def _is_back(backup: Backup, restores: Sequence[Restore], backups: Sequence[Backup]) -> bool:
    last = max(restores, key=lambda one: (posix_time(one.started_at), one.id), default=None)
    if last is None or last.status != COMPLETED or last.backup_id != backup.id:
        return False
    restored = posix_time(last.started_at)
    # A snapshot for a deployment since then says that something was deployed on top of what was put back.
    return restored >= _time(backup) and not any(
        other.name.startswith(PREFIX) and _time(other) > restored for other in backups
    )


def _lacks(chosen: Set, found: Found) -> str:
    """What a set that is not complete lacks, as far as its name and the addons that there are can tell."""
    bad = [f"{addon_id} ({backup.status})" for addon_id, backup in chosen.members.items() if backup.status != COMPLETED]
    if chosen.proved:
        return ", ".join(bad)
    wanted = digest_in(chosen.name)
    others = [addon_id for addon_id in found if addon_id not in chosen.members]
    for count in range(1, _MOST_MISSING + 1):
        for extra in combinations(others, count):
            if members_digest([*chosen.members, *extra]) == wanted:
                return ", ".join([*bad, *(f"{addon_id} (its backup is gone)" for addon_id in extra)])
    return ", ".join([*bad, "members that the project no longer has"])


def _time(backup: Backup) -> float:
    return posix_time(backup.created_at)
