# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups: start, abort, delete, logs. Each function expects the world's lock to be held."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timezone
from typing import Any

from . import data
from .clock import iso
from .contract import invalid_body
from .errors import ApiError
from .records import ACTIVE, Addon, Backup, Outcome, Timeline, planned
from .world import ADDON_TYPES, DESTINATIONS, RUNNING, World

# An abort is not at once: clients have to cope with the state in between.
ABORT_DURATION = 1.0
_NOT_USABLE = ("failed", "aborted", "not-supported")


def start(world: World, addon: Addon, request: dict[str, Any]) -> Backup:
    """What a POST does. The request has passed the contract's schema."""
    kind = request.get("backupType", "snapshot")
    check_destinations(request, kind)
    waits = _waits(world, addon)
    if not waits:
        world.require_ready(addon, "can be backed up")
    outcome = _outcome(world, addon, kind)
    name = request.get("name") or _default_name(world.now())
    _check_name(world, addon, name)
    return _keep(
        addon,
        Backup(
            id=_free_id(world, addon, name),
            uid=str(uuid.uuid4()),
            number=world.number(),
            name=name,
            kind=kind,
            created_at=world.now(),
            life=Timeline([(world.now(), "scheduled")]) if waits else _life(world, outcome),
            waits_for=outcome if waits else None,
            image=world.image(addon),
            addon_version=addon.version,
            source_type=_source_type(world, kind),
            compression=request.get("compressionType", "gz") if kind == "dump" else None,
            custom_destination=request.get("customDestinationId"),
            additional_destinations=list(request.get("additionalDestinations", [])),
        ),
    )


def add_earlier(world: World, addon: Addon, status: str, age: float, **known: Any) -> Backup:
    """A backup that was made before the test began. ``known`` overrides what :class:`Backup` would hold."""
    created_at = world.now() - age
    kind = known.pop("kind", "snapshot")
    name = known.pop("name", None) or _default_name(created_at)
    source_type = known.pop("source_type", None) or _source_type(world, kind)
    compression = known.pop("compression", None) or "gz"
    backup_id = known.pop("id", None) or _free_id(world, addon, name)
    if backup_id in addon.backups:
        raise ValueError(f"addon {addon.id} has a backup {backup_id} already")
    backup = Backup(
        id=backup_id,
        uid=known.pop("uid", None) or str(uuid.uuid4()),
        number=world.number(),
        name=name,
        kind=kind,
        created_at=created_at,
        life=_life_so_far(world, created_at, status),
        image=world.image(addon),
        addon_version=addon.version,
        source_type=source_type,
        compression=compression if kind == "dump" else None,
        **known,
    )
    return _keep(addon, backup)


def addon_turns(world: World, addon: Addon, status: str) -> None:
    """Give the addon a status. If it runs now, what was scheduled until then begins."""
    addon.status = status
    if status != "running":
        return
    for backup in addon.backups.values():
        outcome, backup.waits_for = backup.waits_for, None
        if outcome is not None and backup.life.status(world.now()) == "scheduled":
            backup.life.turn(world.now(), *_life(world, outcome).steps)
            backup.image, backup.addon_version = world.image(addon), addon.version


def abort(world: World, backup: Backup) -> None:
    """Stop a running backup."""
    abort_life(world, backup.life, "backup", backup.id)


def abort_life(world: World, life: Timeline, kind: str, record_id: str) -> None:
    """Stop a backup or a restore that is running. One that is being aborted stays so."""
    now = world.now()
    status = life.status(now)
    if status not in ACTIVE:
        words = f'{kind.capitalize()} "{record_id}" has the status "{status}" and cannot be aborted.'
        raise ApiError(409, f"{kind}_not_active", words)
    if status != "aborting":
        life.turn(now, (now, "aborting"), (now + ABORT_DURATION, "aborted"))


def delete(world: World, addon: Addon, backup: Backup) -> None:
    """Remove a backup."""
    now = world.now()
    if backup.life.is_active(now) and world.assumptions.delete_active == "refuse":
        status = backup.life.status(now)
        raise ApiError(409, "backup_active", f'Backup "{backup.id}" has the status "{status}"; abort it first.')
    if any(restore.backup is backup and restore.life.is_active(now) for restore in addon.restores):
        raise ApiError(409, "backup_restoring", f'Backup "{backup.id}" is being restored.')
    del addon.backups[backup.id]


def set_status(world: World, backup: Backup, status: str) -> None:
    """Force a state, which then stays."""
    world.odd_statuses.add(status)
    backup.life.turn(world.now(), (world.now(), status))


def content(backup: Backup) -> bytes:
    """The file that a completed backup is."""
    if backup.kind == "snapshot":
        return backup.image
    return data.dump_file(backup.image, backup.compression or "gz")


def size(world: World, backup: Backup) -> int:
    """Bytes; none before the backup is complete."""
    if backup.life.status(world.now()) != "completed":
        return 0
    return backup.size if backup.size is not None else len(content(backup))


def require_dump(backup: Backup, what: str) -> None:
    """Refuse what snapshots do not have."""
    if backup.kind != "dump":
        raise ApiError(400, "not_a_dump", f'Backup "{backup.id}" is a snapshot; {what}.')


def log_lines(world: World, backup: Backup) -> list[dict[str, str]]:
    """What a dump has written into its log by now, oldest first."""
    require_dump(backup, "only dumps have logs")
    now = world.now()
    texts = {
        "scheduled": f"Backup {backup.name} was scheduled",
        "in-progress": "Starting the dump",
        "completed": f"Wrote {size(world, backup)} bytes",
        "failed": "ERROR: the dump failed: connection to the database was lost",
        "not-supported": "ERROR: this type of addon has no dumps",
        "aborting": "Stopping the dump",
        "aborted": "The dump was stopped",
    }
    lines = [(at, texts.get(status, f"Status {status}")) for at, status in backup.life.steps if at <= now]
    container = f"backup-{backup.uid[:8]}"
    return [{"containerId": container, "log": text, "ts": iso(at)} for at, text in lines]


def check_destinations(request: dict[str, Any], kind: str) -> None:
    """The rules that the contract has in words: what belongs to which type, and which destinations exist."""
    unfit = ("compressionType", "customDestinationId") if kind == "snapshot" else ("additionalDestinations",)
    for key in unfit:
        if key in request:
            raise invalid_body({key: [f'"{key}" cannot be used with backupType "{kind}".']})
    wanted = [entry["destinationId"] for entry in request.get("additionalDestinations", [])]
    for destination in [*wanted, request.get("customDestinationId")]:
        if destination is not None and destination not in DESTINATIONS:
            raise ApiError(404, "destination_not_found", f'There is no backup destination "{destination}".')


def _waits(world: World, addon: Addon) -> bool:
    """Whether a backup of the addon is taken down now, and begins when the addon runs again."""
    gone = addon.status in ("deleting", "deleted")
    return world.assumptions.not_running == "schedule" and addon.status not in RUNNING and not gone


def _life(world: World, outcome: Outcome) -> Timeline:
    seconds = world.duration if outcome.duration is None else outcome.duration
    return planned(world.now(), seconds, outcome.status)


def _outcome(world: World, addon: Addon, kind: str) -> Outcome:
    if kind == "dump" and not ADDON_TYPES[addon.type][2]:
        if world.assumptions.unsupported_dump == "refuse":
            raise ApiError(409, "dump_not_supported", f'Addons of type "{addon.type}" do not support dump backups.')
        return Outcome("not-supported")
    outcome = addon.outcomes.popleft() if addon.outcomes else Outcome()
    world.odd_statuses.add(outcome.status)
    return outcome


def _check_name(world: World, addon: Addon, name: str) -> None:
    if not world.assumptions.names_unique:
        return
    free = _NOT_USABLE if world.assumptions.failed_names_free else ()
    for other in addon.backups.values():
        if other.name == name and other.life.status(world.now()) not in free:
            raise ApiError(409, "name_taken", f'Addon "{addon.id}" already has a backup named "{name}".')


def _free_id(world: World, addon: Addon, name: str) -> str:
    taken = addon.backups.keys() if world.assumptions.ids_reused else addon.used_ids
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())
    candidate, suffix = slug, 2
    while candidate in taken:
        candidate, suffix = f"{slug}-{suffix}", suffix + 1
    return candidate


def _keep(addon: Addon, backup: Backup) -> Backup:
    addon.backups[backup.id] = backup
    addon.used_ids.add(backup.id)
    return backup


def _source_type(world: World, kind: str) -> str | None:
    return "snapshot" if kind == "snapshot" else world.assumptions.dump_source_type


def _default_name(now: float) -> str:
    return datetime.fromtimestamp(now, timezone.utc).strftime("Backup %Y-%m-%d %H:%M:%S")


def _life_so_far(world: World, created_at: float, status: str) -> Timeline:
    """A life that has led to a status by now; a running backup goes on to complete."""
    now = world.now()
    world.odd_statuses.add(status)
    end = created_at + world.duration
    if status in ("scheduled", "in-progress"):
        ahead = end if end > now else now + max(world.duration, 1.0)
        return Timeline([(created_at, status), (ahead, "completed")])
    return Timeline([(created_at, "scheduled"), (min(end, now), status)])
