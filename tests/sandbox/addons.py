# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addons come, change and go. Each function expects the world's lock to be held."""

from __future__ import annotations

import uuid
from typing import Any

from . import backups, data, schedules
from .contract import invalid_body
from .errors import ApiError
from .records import Addon, Backup, Project
from .world import ADDON_TYPES, World

# What an addon goes through until it runs, each with the share of the time that it takes.
_MAKING = (("preDeployment", 0.0), ("allocating", 0.3), ("postDeployment", 0.6), ("running", 1.0))
# A deletion is not at once.
DELETE_DURATION = 1.0
_CAN_FORK = ("postgresql", "mongodb", "mysql")
_CHANGEABLE = ("description", "tags", "billing", "version")


def create(world: World, project: Project, request: dict[str, Any]) -> Addon:
    """A new addon by the body of a POST that has passed the contract's schema."""
    addon_id = backups.slug_of(request["name"])
    if addon_id in project.addons:
        raise ApiError(409, "name_taken", f'Project "{project.id}" already has an addon "{addon_id}".')
    return _make(world, project, addon_id, request)


def put(world: World, project: Project, request: dict[str, Any]) -> Addon:
    """Create an addon, or change the one of this name."""
    addon_id = backups.slug_of(request["name"])
    if addon_id not in project.addons:
        return _make(world, project, addon_id, request)
    if world.assumptions.put_addon_matches == "name":
        return patch(world, project.addons[addon_id], request)
    number = 2
    while f"{addon_id}-{number}" in project.addons:
        number += 1
    return _make(world, project, f"{addon_id}-{number}", request)


def patch(world: World, addon: Addon, request: dict[str, Any]) -> Addon:
    """Change what a body names."""
    if "backupSchedules" in request:
        schedules.patch(world, addon, request["backupSchedules"])
    addon.made_from = {**addon.made_from, **{key: request[key] for key in _CHANGEABLE if key in request}}
    addon.tags = list(request.get("tags", addon.tags))
    return addon


def delete(world: World, addon: Addon) -> None:
    """Delete an addon with its backups. Those in a backup destination stay."""
    if addon.status in ("deleting", "deleted"):
        return
    addon.status = "deleting"
    world.at(world.now() + DELETE_DURATION, lambda: gone(world, addon))


def pause(addon: Addon) -> None:
    """Stop an addon. What runs on it fails."""
    if addon.status not in ("running", "paused"):
        raise ApiError(409, "addon_not_running", f'Addon "{addon.id}" has the status "{addon.status}".')
    addon.status = "paused"


def resume(world: World, addon: Addon) -> None:
    """Let a paused addon run again."""
    if addon.status not in ("running", "paused"):
        raise ApiError(409, "addon_not_paused", f'Addon "{addon.id}" has the status "{addon.status}".')
    backups.addon_turns(world, addon, "running")


def restart(world: World, addon: Addon) -> None:
    """Start an addon anew, also one that has failed."""
    if addon.status in ("paused", "deleting", "deleted"):
        raise ApiError(409, "addon_not_running", f'Addon "{addon.id}" has the status "{addon.status}".')
    backups.addon_turns(world, addon, "running")


def reset(world: World, addon: Addon) -> None:
    """Erase all data. A fork starts with its backup again."""
    world.require_ready(addon, "can be reset")
    data.put_back(addon.database, addon.first_image)


def import_backup(world: World, addon: Addon, request: dict[str, Any]) -> Backup:
    """Import a dump. Nothing is fetched: it holds what each addon begins with."""
    world.require_ready(addon, "can import")
    if not ADDON_TYPES[addon.type][2]:
        raise ApiError(409, "import_not_supported", f'Addons of type "{addon.type}" cannot import.')
    name = request.get("name")
    is_live = "connectionString" in request
    return backups.add(
        world,
        addon,
        name=name,
        kind="dump",
        image=data.first_image(),
        source_type="liveInstance" if is_live else "externalDump",
        compression=request.get("compressionType", "gz"),
        custom_destination=request.get("customDestinationId"),
    )


def _make(world: World, project: Project, addon_id: str, request: dict[str, Any]) -> Addon:
    addon_type = request["type"]
    if addon_type not in ADDON_TYPES:
        raise invalid_body({"type": [f'There is no type "{addon_type}".']})
    source = _source(world, project, request)
    version = _version(request)
    addon = world.add_addon(addon_id, addon_type, project.id, list(request.get("tags", [])), world.now())
    addon.name, addon.made_from, addon.version = request["name"], request, version
    addon.status = _MAKING[0][0]
    if source is not None:
        addon.first_image = source.image
        data.put_back(addon.database, source.image)
    for wanted in request.get("backupSchedules", []):
        schedules.create(world, addon, wanted)
    for status, share in _MAKING[1:]:
        world.at(world.now() + share * world.duration, _turn(world, addon, status))
    return addon


def _turn(world: World, addon: Addon, status: str) -> Any:
    def act() -> None:
        # Deleted or paused meanwhile, it stays so.
        if addon.status in dict(_MAKING):
            backups.addon_turns(world, addon, status)

    return act


def _version(request: dict[str, Any]) -> str:
    known = ADDON_TYPES[request["type"]][1]
    wanted = request.get("version", "latest")
    parts = known.split(".")
    if wanted in (known, "latest", f"{parts[0]}-latest", f"{parts[0]}.{parts[1]}-latest"):
        return known
    raise invalid_body({"version": [f'There is no version "{wanted}" of {request["type"]}; there is {known}.']})


def _source(world: World, project: Project, request: dict[str, Any]) -> Backup | None:
    """The backup that a fork starts with."""
    source = request.get("source")
    if source is None:
        return None
    addon, backup = _by_uid(world, source["backupUid"]) if "backupUid" in source else _by_id(world, project, source)
    if request["type"] not in _CAN_FORK or addon.type != request["type"]:
        raise ApiError(409, "addon_type_differs", f"A backup of a {addon.type} addon does not fit this one.")
    if backup.kind != "snapshot" or backup.life.status(world.now()) != "completed":
        raise ApiError(409, "backup_not_usable", f'Backup "{backup.id}" is no completed snapshot.')
    if backup.addon_version.partition(".")[0] != _version(request).partition(".")[0]:
        raise ApiError(409, "addon_version_differs", f"The backup is one of version {backup.addon_version}.")
    return backup


def _by_uid(world: World, uid: str) -> tuple[Addon, Backup]:
    for project in world.projects.values():
        for addon in project.addons.values():
            for backup in addon.backups.values():
                if uuid.UUID(backup.uid) == uuid.UUID(uid):
                    return addon, backup
    raise ApiError(404, "backup_not_found", f'There is no backup with the uid "{uid}".')


def _by_id(world: World, project: Project, source: dict[str, Any]) -> tuple[Addon, Backup]:
    addon = world.source(source.get("projectId", project.id), source["addonId"])
    if source["backupId"] != "latest" or "latest" in addon.backups:
        return addon, world.backup(addon, source["backupId"])
    if world.assumptions.fork_latest == "refuse":
        raise ApiError(404, "backup_not_found", f'There is no backup "latest" of addon "{addon.id}".')
    usable = [
        backup
        for backup in addon.backups.values()
        if backup.kind == "snapshot" and backup.life.status(world.now()) == "completed"
    ]
    if not usable:
        raise ApiError(404, "backup_not_found", f'Addon "{addon.id}" has no completed snapshot.')
    return addon, max(usable, key=lambda backup: (backup.created_at, backup.number))


def gone(world: World, addon: Addon) -> None:
    """Let an addon be no more. What lies in a destination outlives it."""
    addons = world.projects[addon.project_id].addons
    if addons.get(addon.id) is addon:
        del addons[addon.id]
    addon.status = "deleted"
    addon.backups = {
        backup_id: backup
        for backup_id, backup in addon.backups.items()
        if backup.additional_destinations or backup.custom_destination
    }
    if addon.backups:
        world.gone.append(addon)
