# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups: start, abort, delete, logs. Each function expects the world's lock to be held."""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import datetime, timezone
from typing import Any

from . import data
from .clock import iso
from .contract import invalid_body
from .errors import ApiError
from .records import ACTIVE, Addon, Backup, Outcome, Timeline, planned
from .world import ADDON_TYPES, World

# An abort is not at once: clients have to cope with the state in between.
ABORT_DURATION = 1.0
_NOT_USABLE = ("failed", "aborted", "not-supported")


def start(world: World, addon: Addon, request: dict[str, Any]) -> Backup:
    """What a POST does. The request has passed the contract's schema."""
    kind = request.get("backupType", "snapshot")
    request = fitting(world, request, kind)
    waits = _waits(world, addon)
    if not waits:
        world.require_ready(addon, "can be backed up")
    outcome = _outcome(world, addon, kind)
    backup = add(
        world,
        addon,
        name=request.get("name"),
        kind=kind,
        outcome=outcome,
        source_type=_source_type(world, kind),
        compression=request.get("compressionType", "gz") if kind == "dump" else None,
        custom_destination=request.get("customDestinationId"),
        additional_destinations=list(request.get("additionalDestinations", [])),
    )
    if waits:
        backup.life, backup.waits_for = Timeline([(world.now(), "scheduled")]), outcome
    return backup


def add(
    world: World,
    addon: Addon,
    name: str | None,
    kind: str,
    image: bytes | None = None,
    outcome: Outcome | None = None,
    **known: Any,
) -> Backup:
    """A backup that begins now.

    :param image: what it holds; the addon's present data, if not given.
    """
    name = name or _default_name(world.now())
    _check_name(world, addon, name)
    backup = Backup(
        id=_free_id(world, addon, name),
        uid=str(uuid.uuid4()),
        number=world.number(),
        name=name,
        kind=kind,
        created_at=world.now(),
        life=_life(world, outcome or Outcome()),
        image=world.image(addon) if image is None else image,
        addon_version=addon.version,
        addon_type=addon.type,
        **known,
    )
    return _keep(addon, backup)


def add_earlier(world: World, addon: Addon, status: str, age: float, **known: Any) -> Backup:
    """A backup that was made before the test began. ``known`` overrides what :class:`Backup` would hold."""
    created_at = world.now() - age
    kind = known.pop("kind", "snapshot")
    name = known.pop("name", None) or _default_name(created_at)
    source_type = known.pop("source_type", None) or _source_type(world, kind)
    compression = known.pop("compression", None) or "gz"
    # Whatever shape new IDs have: a test knows what it has made up.
    backup_id = known.pop("id", None) or _free_slug(world, addon, slug_of(name))
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
        addon_type=addon.type,
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
        if world.assumptions.abort_final == "ignore":
            return
        words = f'{kind.capitalize()} "{record_id}" has the status "{status}" and cannot be aborted.'
        raise ApiError(409, f"{kind}_not_active", words)
    if status != "aborting":
        life.turn(now, (now, "aborting"), (now + ABORT_DURATION, "aborted"))


def delete(world: World, addon: Addon, backup: Backup) -> None:
    """Remove a backup."""
    now = world.now()
    restoring = [each for each in addon.restores if each.backup is backup and each.life.is_active(now)]
    if world.assumptions.delete_active == "refuse":
        if backup.life.is_active(now):
            status = backup.life.status(now)
            raise ApiError(409, "backup_active", f'Backup "{backup.id}" has the status "{status}"; abort it first.')
        if restoring:
            raise ApiError(409, "backup_restoring", f'Backup "{backup.id}" is being restored.')
    for restore in restoring:
        # What it was to read from is gone.
        restore.life.turn(now, (now, "failed"))
    del addon.backups[backup.id]


def set_status(world: World, backup: Backup, status: str) -> None:
    """Force a state, which then stays."""
    world.odd_statuses.add(status)
    backup.life.turn(world.now(), (world.now(), status))


def content(backup: Backup) -> bytes:
    """The file that a completed backup is."""
    if backup.kind == "snapshot":
        return backup.image
    return data.dump_file(backup.image, backup.compression or "gz", backup.addon_type)


def size(world: World, backup: Backup) -> int:
    """Bytes; none before the backup is complete."""
    if backup.life.status(world.now()) != "completed":
        return 0
    return backup.size if backup.size is not None else len(content(backup))


def require_dump(backup: Backup, what: str, status: int = 400) -> None:
    """Refuse what snapshots do not have."""
    if backup.kind != "dump":
        raise ApiError(status, "not_a_dump", f'Backup "{backup.id}" is a snapshot; {what}.')


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
    return shown_lines(world, container, lines)


def shown_lines(world: World, container: str, lines: list[tuple[float, str]]) -> list[dict[str, str]]:
    """Lines of a log, each with its time, as the API shows them."""
    source = {"containerId": container} if world.assumptions.log_container_id == "present" else {}
    return [{**source, "log": text, "ts": iso(at)} for at, text in lines]


def retain(world: World, backup: Backup) -> None:
    """Keep a schedule's backup forever."""
    if not backup.by_schedule and world.assumptions.retain_unscheduled == "refuse":
        raise ApiError(409, "backup_not_scheduled", f'Backup "{backup.id}" was not made by a schedule.')
    backup.retained = True


def fitting(world: World, request: dict[str, Any], kind: str) -> dict[str, Any]:
    """The request less what the contract has in words for the other type of backup only, if that is not refused.

    :raises ApiError: it is refused, or a destination does not exist.
    """
    ours = world.assumptions
    unfit = {"additionalDestinations": ours.destinations_of_other_type}
    if kind == "snapshot":
        unfit = {
            "compressionType": ours.compression_with_snapshot,
            "customDestinationId": ours.destinations_of_other_type,
        }
    for key, reading in unfit.items():
        if key in request and reading == "refuse":
            raise invalid_body({key: [f'"{key}" cannot be used with backupType "{kind}".']})
    fit = {key: value for key, value in request.items() if key not in unfit}
    wanted = [entry["destinationId"] for entry in fit.get("additionalDestinations", [])]
    for destination in [*wanted, fit.get("customDestinationId")]:
        if destination is not None and destination not in world.destinations:
            raise ApiError(404, "destination_not_found", f'There is no backup destination "{destination}".')
    return fit


def _waits(world: World, addon: Addon) -> bool:
    """Whether a backup of the addon is taken down now, and begins when the addon runs again."""
    gone = addon.status in ("deleting", "deleted")
    return world.assumptions.not_running == "schedule" and addon.status != "running" and not gone


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


def slug_of(name: str) -> str:
    """How the API makes an ID from a name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _free_id(world: World, addon: Addon, name: str) -> str:
    shape = world.assumptions.backup_id_shape
    if shape == "opaque":
        return secrets.token_hex(12)
    return _free_slug(world, addon, slug_of(name) if shape == "slug" else f"{slug_of(name)}-{secrets.token_hex(2)}")


def _free_slug(world: World, addon: Addon, slug: str) -> str:
    taken = addon.backups.keys() if world.assumptions.ids_reused else addon.used_ids
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
