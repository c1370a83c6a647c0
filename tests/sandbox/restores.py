# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores: start, abort, lists. Each function expects the world's lock to be held."""

from __future__ import annotations

import secrets

from . import data
from .backups import abort_life, content, shown_lines
from .errors import ApiError
from .records import Addon, Backup, Outcome, Restore, planned
from .world import World


def start(world: World, target: Addon, backup: Backup, source: Addon) -> Restore:
    """Begin to put ``target`` back to a backup; its data is replaced when the restore is complete."""
    status = backup.life.status(world.now())
    if status != "completed":
        raise ApiError(409, "backup_not_completed", f'Backup "{backup.id}" has the status "{status}".')
    if source.type != target.type:
        raise ApiError(
            409, "addon_type_differs", f"A backup of a {source.type} addon does not fit a {target.type} one."
        )
    world.require_ready(target, "can be restored")
    outcome = target.restore_outcomes.popleft() if target.restore_outcomes else Outcome()
    world.odd_statuses.add(outcome.status)
    seconds = world.restore_duration if outcome.duration is None else outcome.duration
    life = planned(world.now(), seconds, outcome.status)
    restore = Restore(secrets.token_hex(12), world.number(), world.now(), life, backup, target)
    target.restores.append(restore)
    world.at(life.end[0], lambda: _finish(world, restore))
    return restore


def abort(world: World, restore: Restore) -> None:
    """Stop a running restore; the data stays as it is."""
    abort_life(world, restore.life, "restore", restore.id)


def of_backup(world: World, addon: Addon, source: Addon, backup_id: str) -> list[Restore]:
    """The restores of a backup of ``source`` into an addon.

    :raises ApiError: the source has no such backup.
    """
    backup = world.backup(source, backup_id)
    return [restore for restore in addon.restores if restore.backup is backup]


def find(known: list[Restore], backup_id: str, restore_id: str) -> Restore:
    """One of these restores.

    :raises ApiError: none of them has the ID, and the backup.
    """
    for restore in known:
        if (restore.id, restore.backup.id) == (restore_id, backup_id):
            return restore
    raise ApiError(404, "restore_not_found", f'There is no restore "{restore_id}" of backup "{backup_id}".')


def last_of(world: World, addon: Addon, backup: Backup) -> Restore | None:
    """The restore that the backup's ``lastRestore`` tells of."""
    places = [addon]
    if world.assumptions.last_restore_counts_other_addons:
        places = [place for project in world.projects.values() for place in project.addons.values()]
    known = [restore for place in places for restore in place.restores if restore.backup is backup]
    return max(known, key=lambda restore: (restore.created_at, restore.number), default=None)


def log_lines(world: World, restore: Restore) -> list[dict[str, str]]:
    """What a dump's restore has written into its log by now; a snapshot's writes nothing."""
    if restore.backup.kind != "dump":
        return []
    lines = [(at, f"Restore of {restore.backup.name}: {status}") for at, status in restore.life.steps]
    return shown_lines(world, f"restore-{restore.id[:8]}", [line for line in lines if line[0] <= world.now()])


def _finish(world: World, restore: Restore) -> None:
    if restore.life.status(world.now()) != "completed":
        return
    backup, target = restore.backup, restore.target
    if backup.kind == "snapshot":
        data.put_back(target.database, backup.image)
        target.version = backup.addon_version
        return
    data.put_back(target.database, data.image_from_dump(content(backup), backup.compression or "gz"))
