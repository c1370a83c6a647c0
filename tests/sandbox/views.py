# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records as the API shows them. Each function expects the world's lock to be held."""

from __future__ import annotations

from typing import Any

from . import backups, restores
from .clock import iso
from .records import Addon, Backup, Project, Restore, Schedule
from .world import ADDON_TYPES, CLUSTER, REGION, World


def backup_detail(world: World, addon: Addon, backup: Backup, status: str | None = None) -> dict[str, Any]:
    """A backup as the answer about one shows it.

    :param status: the one of a backup that has only just been made.
    """
    now = world.now()
    size = 0 if status else backups.size(world, backup)
    config: dict[str, Any] = {"size": str(size), "addonVersion": backup.addon_version}
    if backup.source_type is not None:
        config["source"] = {"type": backup.source_type}
    view = {
        "id": backup.id,
        "name": backup.name,
        **_uid(world, backup.uid),
        "status": status or backup.life.status(now),
        "createdAt": iso(backup.created_at),
        "config": config,
    }
    completed_at = backup.life.completed_at(now)
    if completed_at is not None and status is None:
        view["completedAt"] = iso(completed_at)
    last = restores.last_of(world, addon, backup)
    if last is not None:
        view["lastRestore"] = _last_restore(world, last)
    return view


def backup_list_item(world: World, addon: Addon, backup: Backup) -> dict[str, Any]:
    """A backup as lists show it: less in some ways than by itself, and more in others."""
    view = backup_held(world, addon, backup)
    if world.assumptions.list_last_restore == "absent":
        view.pop("lastRestore", None)
    if backup.life.is_active(world.now()) and world.assumptions.running_completed_at != "missing":
        view["completedAt"] = "" if world.assumptions.running_completed_at == "empty" else None
    return view


def backup_held(world: World, addon: Addon, backup: Backup) -> dict[str, Any]:
    """A backup with all that any answer tells of it."""
    view = backup_detail(world, addon, backup)
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
    """A restore in the addon's list."""
    return {**restore_core(world, restore), "backupId": restore.backup.id}


def restore_core(world: World, restore: Restore) -> dict[str, Any]:
    """A restore in the list of a backup's, which does not name the backup."""
    return {"id": restore.id, **_last_restore(world, restore)}


def _last_restore(world: World, restore: Restore) -> dict[str, Any]:
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
    """An addon in the list."""
    return {
        "id": addon.id,
        "name": addon.id,
        **_uid(world, addon.uid),
        "appId": f"/example-user/{addon.project_id}/{addon.id}",
        "tags": list(addon.tags),
        "spec": {"type": addon.type},
        "status": world.status_of(addon),
    }


def addon_view(world: World, addon: Addon) -> dict[str, Any]:
    """An addon as the answer about one shows it."""
    deployment = {
        "replicas": 1,
        "storageClass": "ssd",
        "storageSize": 4096,
        "planId": "nf-compute-20",
        "region": REGION,
    }
    config = {
        "versionTag": addon.version,
        "lifecycleStatus": "active",
        "deployment": deployment,
        "networking": {"tlsEnabled": True, "externalAccessEnabled": False},
    }
    spec = {"type": addon.type, "config": config, "pendingActions": []}
    return {
        **addon_summary(world, addon),
        "createdAt": iso(addon.created_at),
        "cluster": {"id": CLUSTER, "name": CLUSTER},
        "spec": spec,
    }


def project_view(world: World, project: Project) -> dict[str, Any]:
    """A project in the list."""
    shown = {"id": project.id, "name": project.id, "description": "", "lifecycleStatus": "created"}
    return {**shown, **_uid(world, project.uid)}


def _uid(world: World, uid: str) -> dict[str, Any]:
    return {"uid": uid} if world.assumptions.with_uid else {}


def addon_type_view(addon_type: str) -> dict[str, Any]:
    name, version, dumps = ADDON_TYPES[addon_type]
    can_fork = addon_type in ("postgresql", "mongodb", "mysql")
    features = {
        "backupsDump": dumps,
        "customDBName": can_fork,
        "externalAccess": True,
        "forkAddon": can_fork,
        "importDump": dumps,
        "importLive": dumps,
        "scaleReplicas": True,
        "tls": True,
    }
    return {
        "type": addon_type,
        "name": name,
        "description": f"{name} in the sandbox",
        "versions": [version],
        "major": [version.partition(".")[0]],
        "resources": {
            "storage": {"options": [4096, 8192], "default": 4096},
            "replicas": {"options": [1], "default": 1},
        },
        "features": features,
    }
