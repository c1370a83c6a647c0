# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a deployment that failed: which set to go back to, and what of it has to be put back. Pure."""

from __future__ import annotations

import time
from itertools import combinations
from types import MappingProxyType
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.models import Backup, Restore, posix_time
from .._api.states import COMPLETED, FINAL_STATES
from .._task.restore_history import Restores
from . import messages
from .commands import Commands
from .names import (
    SET_PREFIX,
    digest_in,
    is_doubtful,
    is_of_0_9,
    is_of_release,
    key_of_0_9,
    members_digest,
    release_key,
    release_of,
    safety_name,
    shown_release,
)
from .safety import Kept, all_kept
from .sets import BackupsByAddon, SnapshotSet, all_sets, sets_of
from .unfinished import History, describe_unfinished, unfinished

# How many addons are tried to find out whose backup a set has lost.
_MOST_MISSING = 2


class RollbackPlan(NamedTuple):
    """What a rollback puts back.

    :ivar restore: by addon, the backup to put it back to.
    :ivar skipped: by addon, the backup that it was put back to already, with nothing deployed since.
    :ivar joined: by addon of ``restore`` whose restore is under way, when that was started.
    :ivar kept: by addon that this rollback has begun to put back already, what holds the data from before that.
    :ivar warnings: what is lost, and what was chosen.
    """

    name: str
    generation: int
    restore: Mapping[str, Backup]
    skipped: Mapping[str, Backup]
    joined: Mapping[str, str] = MappingProxyType({})
    kept: Mapping[str, Kept] = MappingProxyType({})
    warnings: tuple[str, ...] = ()


def _releases_with_sets(found: BackupsByAddon) -> list[str]:
    """Return the releases that have a complete set, newest first."""
    whole = sorted((one for one in all_sets(found) if one.complete), key=lambda one: posix_time(one.created_at))
    return list(dict.fromkeys(shown_release(one.name) for one in reversed(whole)))


def choose_set(release: str, found: BackupsByAddon, generation: Optional[int]) -> SnapshotSet:
    """Return the set to go back to: the highest generation, or the one that is asked for.

    :raises BackupError: there is none, or it is not complete. Which ones are complete is told.
    """
    sets = sets_of(release, found)
    complete = [(one.generation, one.name, one.created_at) for one in sets if one.complete]
    candidates = [one for one in sets if generation is None or one.generation == generation]
    if not candidates:
        raise BackupError(messages.no_set(release, generation, complete, _releases_with_sets(found)))
    chosen = candidates[-1]
    same = [one.name for one in candidates if one.generation == chosen.generation]
    if len(same) > 1:
        raise BackupError(messages.several_sets(release, chosen.generation, same))
    if not chosen.complete:
        raise BackupError(messages.incomplete_set(chosen.name, chosen.generation, lacks(chosen, found), complete))
    return chosen


def check_name(
    commands: Commands, release: str, chosen: SnapshotSet, is_named: bool, found: BackupsByAddon
) -> list[str]:
    """Look whether a set to go back to may be another release's, as the names of version 0.9 allow.

    :param is_named: whether the user has named its generation.
    :returns: what the user should know.
    :raises BackupError: another release of this project is known to have such names, and the user has not named it.
    """
    if not is_doubtful(chosen.name, release):
        return []
    key = release_key(release)
    keys = {release_of(one.name) for one in all_sets(found) if not is_of_0_9(one.name)}
    if not is_named and any(key_of_0_9(other) == key_of_0_9(key) and other != key for other in keys):
        command = commands.rollback(release, chosen.generation)
        raise BackupError(messages.shared_name(chosen.name, chosen.created_at, command))
    return [messages.doubtful_name(chosen.name, chosen.created_at)]


def asks_rollback(release: str, found: BackupsByAddon) -> list[str]:
    """Return the addons whose restores a rollback depends on: all that any set of the release has a backup of.

    :param found: the backups of all addons of the project.
    """
    return sorted({addon_id for one in sets_of(release, found) for addon_id in one.members})


def check_taken_whole(
    commands: Commands, release: str, chosen: SnapshotSet, is_named: bool, found: BackupsByAddon, restores: Restores
) -> list[str]:
    """Look whether the data of a set to go back to was what an earlier rollback had left half-way.

    :param is_named: whether the user has named its generation.
    :param restores: by addon, all its restores, of those that :func:`asks_rollback` and then
        :func:`_pre_deploy_unfinished.asks` name.
    :returns: what the user should know.
    :raises BackupError: it was, that rollback was one of the release, and the user has not named the generation.
    """
    then = History(found, restores, until=posix_time(chosen.created_at))
    reports = unfinished(asks_rollback(release, found), then)
    if not reports:
        return []
    taken = messages.taken_half_way(chosen.name, chosen.generation, describe_unfinished(reports))
    own = [one.target for one in reports if one.target is not None and is_of_release(one.target.name, release)]
    if own and not is_named:
        earlier = commands.rollback(release, own[0].generation) if own[0].complete else ""
        going_on = commands.rollback(release, chosen.generation)
        raise BackupError(messages.half_way_not_restored(taken, going_on, earlier))
    return [taken]


def published_backups(published: Sequence[Mapping[str, Any]], found: BackupsByAddon) -> dict[str, Backup]:
    """Return the backups that the same play has taken.

    :raises BackupError: one no longer exists. A later one that got its ID is not it.
    """
    chosen = {}
    for one in published:
        addon_id, backup_id = str(one.get("addon_id")), str(one.get("id"))
        backup = next((backup for backup in found.get(addon_id, ()) if backup.id == backup_id), None)
        if backup is None or one.get("created_at") not in (None, backup.created_at):
            raise BackupError(messages.published_is_gone(addon_id, backup_id))
        chosen[addon_id] = backup
    return chosen


def plan_rollback(
    chosen: Mapping[str, Backup],
    name: str,
    generation: int,
    found: BackupsByAddon,
    restores: Mapping[str, Sequence[Restore]],
    restore_again: bool,
) -> RollbackPlan:
    """Return which members have to be put back.

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
    # What is put back once more although it was complete is another rollback.
    begun = {
        addon_id: backup
        for addon_id, backup in chosen.items()
        if addon_id in skipped or not _is_complete(_newest(restores.get(addon_id, ())))
    }
    kept = all_kept(name, begun, restores, found)
    later = sorted(
        {
            other.name
            for addon_id, backup in restore.items()
            for other in found.get(addon_id, ())
            if other.name.startswith(SET_PREFIX) and other.name != name and _time(other) > _time(backup)
        }
    )
    warnings: tuple[str, ...] = ()
    if restore:
        oldest = min((backup.created_at for backup in restore.values()), key=posix_time)
        warnings = (messages.rollback_loses(name, oldest, later),)
    return RollbackPlan(name, generation, restore, skipped, joined, kept, warnings)


def rollback_facts(
    plan: RollbackPlan, release: str, now: Optional[float], with_safety: bool, commands: Commands
) -> dict[str, Any]:
    """Return a plan in the form that the role uses.

    :param now: the API's clock, in seconds since 1970.
    :param with_safety: whether what is about to be replaced is to be kept.
    """
    if now is None:
        raise BackupError(messages.no_clock_for_release())
    decided_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    targets = [
        {
            "addon_id": addon_id,
            "backup_id": backup.id,
            "skip_if_restored_since": plan.joined.get(addon_id, decided_at),
        }
        for addon_id, backup in plan.restore.items()
    ]
    held = {addon_id for addon_id, kept in plan.kept.items() if kept.holds_all(now)}
    to_take = sorted(plan.restore.keys() - plan.joined.keys() - held) if with_safety else []
    name = safety_name(release, now)
    # What was there before the rollback began, and not what it has left half-way since.
    undo = {**dict.fromkeys(to_take, name), **{addon_id: kept.backup.name for addon_id, kept in plan.kept.items()}}
    return {
        "name": plan.name,
        "generation": plan.generation,
        "targets": targets,
        "restored_before": sorted(plan.skipped),
        "safety_name": name,
        "safety_addon_ids": to_take,
        "undo": [{"addon_id": addon_id, "name": undo[addon_id]} for addon_id in sorted(undo)],
        "undo_command": commands.undo(undo),
    }


def _is_back(backup: Backup, restores: Sequence[Restore], backups: Sequence[Backup]) -> bool:
    last = _newest(restores)
    if last is None or last.status != COMPLETED or last.backup_id != backup.id:
        return False
    restored = posix_time(last.started_at)
    # A snapshot for a deployment since then says that something was deployed on top of what was put back.
    return restored >= _time(backup) and not any(
        other.name.startswith(SET_PREFIX) and _time(other) > restored for other in backups
    )


def _newest(restores: Sequence[Restore]) -> Optional[Restore]:
    return max(restores, key=lambda one: (posix_time(one.started_at), one.id), default=None)


def _is_complete(restore: Optional[Restore]) -> bool:
    return restore is not None and restore.status == COMPLETED


def lacks(chosen: SnapshotSet, found: BackupsByAddon) -> str:
    """Return what a set that is not complete lacks, as far as its name and the addons that there are can tell."""
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
