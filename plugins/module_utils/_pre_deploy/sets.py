# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sets that the role pre_deploy_snapshot takes: which backups belong together, and what is known of them. Pure.

A set is the backups of several addons that were taken together before one release; see _pre_deploy_names.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping, NamedTuple, Sequence

from .._api.models import Backup, Restore, posix_time
from .._api.states import COMPLETED, FINAL_STATES
from .._task.restore_history import Restores, may_be_of, replaced_since
from .names import digest_in, generation_of, is_of_release, members_digest, release_of

# Backups by addon.
BackupsByAddon = Mapping[str, Sequence[Backup]]


class SnapshotSet(NamedTuple):
    """Backups of one name.

    :ivar members: by addon, the backup that counts: the oldest completed one, or else the newest.
    :ivar twins: by addon, the IDs of others of the name.
    :ivar complete: each addon that belongs to it has a completed backup.
    """

    name: str
    generation: int
    members: Mapping[str, Backup]
    twins: Mapping[str, Sequence[str]] = MappingProxyType({})

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

    def was_put_back(self, restores: Restores) -> bool:
        """Return whether any of its backups was put back or is being put back, or may."""
        return any(_was_put_back(backup, restores.get(addon_id, ())) for addon_id, backup in self.members.items())

    def is_present_state(self, restores: Restores) -> bool:
        """Return whether no restore into any of its addons began since, so a later one loses only what was written."""
        return not any(replaced_since(backup, restores.get(addon_id, ())) for addon_id, backup in self.members.items())


def sets_of(release: str, found: BackupsByAddon) -> list[SnapshotSet]:
    """Return all sets of a release, the highest generation last.

    :param found: the backups of all addons of the project.
    """
    return [one for one in all_sets(found) if is_of_release(one.name, release)]


def all_sets(found: BackupsByAddon) -> list[SnapshotSet]:
    """Return the sets of all releases, the highest generation last.

    :param found: the backups of all addons of the project.
    """
    names: dict[str, dict[str, list[Backup]]] = {}
    for addon_id, backups in found.items():
        for backup in backups:
            if release_of(backup.name):
                names.setdefault(backup.name, {}).setdefault(addon_id, []).append(backup)
    return sorted((_set(name, members) for name, members in names.items()), key=lambda one: (one.generation, one.name))


def _set(name: str, members: Mapping[str, Sequence[Backup]]) -> SnapshotSet:
    counted = {addon_id: _counts(backups) for addon_id, backups in members.items()}
    twins = {
        addon_id: [one.id for one in backups if not one.is_same_as(counted[addon_id])]
        for addon_id, backups in members.items()
        if len(backups) > 1
    }
    return SnapshotSet(name, generation_of(name), counted, twins)


def _counts(backups: Sequence[Backup]) -> Backup:
    completed = [backup for backup in backups if backup.status == COMPLETED]
    if completed:
        return min(completed, key=lambda backup: (posix_time(backup.created_at), backup.id))
    active = [backup for backup in backups if backup.usable]
    return max(active or backups, key=lambda backup: (posix_time(backup.created_at), backup.id))


def _was_put_back(backup: Backup, restores: Sequence[Restore]) -> bool:
    """Return whether a backup was put back or is being put back, or may. A restore that ended badly put nothing back.

    :param restores: all restores of the backup's addon.
    """
    return any(
        may_be_of(one, backup) and (one.status == COMPLETED or one.status not in FINAL_STATES) for one in restores
    )
