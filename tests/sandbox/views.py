# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records as the API shows them. Each function expects the world's lock to be held."""

from __future__ import annotations

from typing import Any

from . import backups, restores
from .clock import iso
from .records import FINAL, Addon, Backup, Destination, Project, Restore, Schedule
from .world import ADDON_TYPES, CLUSTER, REGION, World

# How long a destination keeps what says nothing about that.
_KEPT_DAYS = 30


def backup_held(world: World, addon: Addon, backup: Backup, status: str | None = None) -> dict[str, Any]:
    """A backup with all that any answer tells of it, whatever is assumed.

    :param status: the one of a backup that has only just been made.
    """
    now = world.now()
    config: dict[str, Any] = {
        "size": "0" if status else str(backups.size(world, backup)),
        "addonVersion": backup.addon_version,
    }
    if backup.source_type is not None:
        config["source"] = {"type": backup.source_type}
    view = {
        "id": backup.id,
        "name": backup.name,
        "uid": backup.uid,
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
    _add_what_lists_tell(view, backup)
    return view


def backup_detail(world: World, addon: Addon, backup: Backup, status: str | None = None) -> dict[str, Any]:
    """A backup as the answer about one shows it."""
    view = _as_assumed(world, backup_held(world, addon, backup, status))
    view.pop("customDestinationId", None)
    for key in ("compressionType", "additionalDestinations"):
        view["config"].pop(key, None)
    return view


def backup_list_item(world: World, addon: Addon, backup: Backup) -> dict[str, Any]:
    """A backup as lists show it: less in some ways than by itself, and more in others."""
    view = _as_assumed(world, backup_held(world, addon, backup))
    if world.assumptions.list_last_restore == "absent":
        view.pop("lastRestore", None)
    if view["status"] not in FINAL:
        view.update(_completed_at_while_running(world))
    return view


def destination_backup(world: World, addon: Addon, backup: Backup, destination: Destination) -> dict[str, Any]:
    """A backup as its destination lists it."""
    held = _as_assumed(world, backup_held(world, addon, backup))
    days = {each["destinationId"]: each.get("retentionTime") for each in backup.additional_destinations}
    expires = backup.created_at + 86400.0 * (days.get(destination.id) or _KEPT_DAYS)
    view = {key: held[key] for key in ("id", "name", "status", "createdAt")}
    if "completedAt" in held:
        view["completedAt"] = held["completedAt"]
    elif held["status"] not in FINAL:
        view.update(_completed_at_while_running(world))
    config = {"addonVersion": backup.addon_version, "addonType": addon.type, "source": {"type": "global"}}
    return {
        **view,
        "project": {"id": addon.project_id, "name": addon.project_id},
        "addon": {"id": addon.id, "name": addon.name},
        "config": {**config, "size": held["config"]["size"]},
        "schedules": [],
        "expiredBy": expires * 1000.0,
    }


def _as_assumed(world: World, view: dict[str, Any]) -> dict[str, Any]:
    """What every answer about a backup leaves out by assumption."""
    ours, status = world.assumptions, view["status"]
    if not ours.with_uid:
        del view["uid"]
    if status in FINAL and status != "completed" and ours.failed_completed_at == "missing":
        view.pop("completedAt", None)
    if status not in FINAL and ours.running_size == "empty":
        view["config"]["size"] = ""
    return view


def _completed_at_while_running(world: World) -> dict[str, Any]:
    told: dict[str, dict[str, Any]] = {"missing": {}, "null": {"completedAt": None}, "empty": {"completedAt": ""}}
    return told[world.assumptions.running_completed_at]


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
        "updatedAt": iso(schedule.updated_at),
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
        "name": addon.name,
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
    spec = {"type": addon.type, "config": config, "pendingActions": _pending(world, addon)}
    return {
        **addon_summary(world, addon),
        "createdAt": iso(addon.created_at),
        "cluster": {"id": CLUSTER, "name": CLUSTER},
        "spec": spec,
    }


def _pending(world: World, addon: Addon) -> list[dict[str, Any]]:
    if not world.assumptions.pending_actions_follow:
        return []
    now = world.now()
    running = [("backup", each.created_at) for each in addon.backups.values() if each.life.is_active(now)]
    running += [("restore", each.created_at) for each in addon.restores if each.life.is_active(now)]
    return [{"type": kind, "createdAt": iso(since)} for kind, since in running]


def addon_definition(world: World, addon: Addon) -> dict[str, Any]:
    """An addon as the answer to a request that makes or changes it shows it."""
    summary, request = addon_summary(world, addon), addon.made_from
    billing = {"deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1}
    view = {
        **{key: summary[key] for key in ("id", "name", "appId", "tags", "status")},
        "type": addon.type,
        "version": addon.version,
        "cluster": {"id": CLUSTER, "name": CLUSTER},
        "billing": {**billing, **request.get("billing", {})},
        "backupSchedules": [each.request for each in addon.schedules],
        "createdAt": iso(addon.created_at),
        "updatedAt": iso(world.now()),
    }
    return {**view, **{key: request[key] for key in ("description", "source") if key in request}}


def destination_list_item(world: World, destination: Destination) -> dict[str, Any]:
    """A backup destination in the list, without its secrets."""
    view, ours = destination_view(world, destination), world.assumptions
    credentials = view.pop("credentials")
    for key in ("createdAt", "updatedAt"):
        del view[key]
    if ours.destination_list_id == "missing":
        del view["id"]
    if ours.destination_list_credentials == "present":
        view["credentials"] = {key: credentials[key] for key in ("bucketName", "region", "endpoint")}
    return view


def destination_view(world: World, destination: Destination) -> dict[str, Any]:
    """A backup destination as the answer about one shows it, with its secrets."""
    times = {"createdAt": iso(destination.created_at), "updatedAt": iso(destination.updated_at)}
    view = {"id": destination.id, **destination.request, **times}
    if world.assumptions.destination_usage == "unknown":
        view.pop("usage", None)
    return view


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
