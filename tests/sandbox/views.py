# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records as the API shows them. Each function expects the world's lock to be held."""

from __future__ import annotations

from typing import Any

from . import backups, restores
from .clock import iso
from .records import Addon, Backup, Project, Restore, Schedule
from .world import ADDON_TYPES, World


def backup_view(
    world: World, addon: Addon, backup: Backup, listed: bool = False, status: str | None = None
) -> dict[str, Any]:
    """A backup; ``listed`` adds what only lists tell."""
    now = world.now()
    size = 0 if status else backups.size(world, backup)
    config: dict[str, Any] = {"size": str(size), "addonVersion": backup.addon_version}
    if backup.source_type is not None:
        config["source"] = {"type": backup.source_type}
    view = {
        "id": backup.id,
        "name": backup.name,
        "status": status or backup.life.status(now),
        "createdAt": iso(backup.created_at),
        "config": config,
    }
    if world.assumptions.with_uid:
        view["uid"] = backup.uid
    completed_at = backup.life.completed_at(now)
    if completed_at is not None and status is None:
        view["completedAt"] = iso(completed_at)
    last = restores.last_of(world, addon, backup)
    if last is not None:
        view["lastRestore"] = _restore_core(world, last)
    if listed:
        _add_what_lists_tell(view, backup)
    return view


def _add_what_lists_tell(view: dict[str, Any], backup: Backup) -> None:
    if backup.kind == "dump":
        view["config"]["compressionType"] = backup.compression
    if backup.additional_destinations:
        view["config"]["additionalDestinations"] = backup.additional_destinations
    if backup.custom_destination is not None:
        view["customDestinationId"] = backup.custom_destination


def restore_view(world: World, restore: Restore) -> dict[str, Any]:
    return {"id": restore.id, "backupId": restore.backup.id, **_restore_core(world, restore)}


def _restore_core(world: World, restore: Restore) -> dict[str, Any]:
    now = world.now()
    core = {"restoreTimestamp": iso(restore.created_at), "status": restore.life.status(now)}
    completed_at = restore.life.completed_at(now)
    return core if completed_at is None else {**core, "completedAt": iso(completed_at)}


def schedule_view(schedule: Schedule) -> dict[str, Any]:
    request = schedule.request
    view = {
        "id": schedule.id,
        "createdAt": iso(schedule.created_at),
        "updatedAt": iso(schedule.created_at),
        **{key: request[key] for key in ("backupType", "scheduling", "retentionTime")},
    }
    if request["backupType"] == "dump":
        view["backupCompressionType"] = request.get("compressionType", "gz")
    for key in ("customDestinationId", "additionalDestinations"):
        if key in request:
            view[key] = request[key]
    return view


def addon_summary(world: World, addon: Addon) -> dict[str, Any]:
    return {
        "id": addon.id,
        "name": addon.id,
        "appId": f"/example-user/{addon.project_id}/{addon.id}",
        "tags": list(addon.tags),
        "spec": {"type": addon.type},
        "status": world.status_of(addon),
    }


def addon_view(world: World, addon: Addon) -> dict[str, Any]:
    deployment = {"replicas": 1, "storageClass": "ssd", "storageSize": 4096, "planId": "nf-compute-20"}
    config = {"versionTag": addon.version, "lifecycleStatus": "active", "deployment": deployment}
    spec = {"type": addon.type, "config": config}
    return {**addon_summary(world, addon), "createdAt": iso(addon.created_at), "spec": spec}


def project_view(project: Project) -> dict[str, Any]:
    return {"id": project.id, "name": project.id, "description": ""}


def addon_type_view(addon_type: str) -> dict[str, Any]:
    name, version, dumps = ADDON_TYPES[addon_type]
    can_fork = addon_type in ("postgresql", "mongodb", "mysql")
    features = {"backupsDump": dumps, "forkAddon": can_fork, "importDump": dumps, "importLive": dumps}
    return {"type": addon_type, "name": name, "versions": [version], "features": features}
