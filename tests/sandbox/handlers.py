# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operations of the contract do, by their operationId. Each runs with the world's lock held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import backups, restores, schedules, views
from .contract import invalid_query
from .errors import ApiError
from .paging import T, page_of
from .records import Addon, Backup
from .world import ADDON_TYPES, World

_DEFAULT_LOG_LINES = 100


@dataclass(frozen=True)
class Call:
    """A request that has passed the contract.

    :ivar link: makes a download link for a file of a backup.
    """

    world: World
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    link: Callable[[Backup], str]

    @property
    def addon(self) -> Addon:
        return self.world.addon(self.path["projectId"], self.path["addonId"])

    @property
    def backup(self) -> Backup:
        return self.world.backup(self.addon, self.path["backupId"])


Answer = dict[str, Any]


def backup_addon(call: Call) -> Answer:
    backup = backups.start(call.world, call.addon, call.body)
    call.world.did("start", call.addon, backup.uid)
    # What is new is scheduled, even where backups take no time.
    return {"data": views.backup_detail(call.world, call.addon, backup, status=backup.life.steps[0][1])}


def list_addon_backups(call: Call) -> Answer:
    addon = call.addon
    shown, pagination = _page(call, list(addon.backups.values()), f"backups {addon.number}")
    listed = [views.backup_list_item(call.world, addon, backup) for backup in shown]
    return {"data": {"backups": listed}, "pagination": pagination}


def get_addon_backup(call: Call) -> Answer:
    return {"data": views.backup_detail(call.world, call.addon, call.backup)}


def delete_addon_backup(call: Call) -> Answer:
    backup = call.backup
    backups.delete(call.world, call.addon, backup)
    call.world.did("delete", call.addon, backup.uid)
    return {"data": {}}


def abort_addon_backup(call: Call) -> Answer:
    backups.abort(call.world, call.backup)
    call.world.did("abort", call.addon, call.backup.uid)
    return {"data": {}}


def retain_addon_backup(call: Call) -> Answer:
    call.backup.retained = True
    return {"data": {}}


def get_addon_backup_download_link(call: Call) -> Answer:
    backup = call.backup
    backups.require_dump(backup, "only dumps can be downloaded")
    status = backup.life.status(call.world.now())
    if status != "completed":
        raise ApiError(409, "backup_not_completed", f'Backup "{backup.id}" has the status "{status}".')
    return {"data": {"downloadLink": call.link(backup)}}


def get_addon_backup_logs(call: Call) -> Answer:
    lines = backups.log_lines(call.world, call.backup)
    count = int(call.query.get("lineLimit", _DEFAULT_LOG_LINES))
    if count < 1:
        raise invalid_query("lineLimit", "lineLimit has to be at least 1.")
    if call.query.get("direction") == "backward":
        return {"data": lines[::-1][:count]}
    return {"data": lines[:count]}


def restore_addon_backup(call: Call) -> Answer:
    target = call.addon
    project_id = call.query.get("sourceProjectId", target.project_id)
    source = call.world.addon(project_id, call.query.get("sourceAddonId", target.id))
    backup = call.world.backup(source, call.path["backupId"])
    restore = restores.start(call.world, target, backup, source)
    call.world.did("restore", target, restore.id)
    return {"data": {"restoreId": restore.id}}


def list_addon_backup_restores(call: Call) -> Answer:
    addon = call.addon
    known = restores.of_backup(call.world, addon, call.path["backupId"])
    shown, pagination = _page(call, known, f"restores {addon.number} {call.path['backupId']}")
    listed = [views.restore_core(call.world, each) for each in shown]
    keyless = not listed and call.world.assumptions.restores_key_when_empty == "missing"
    return {"data": {} if keyless else {"restores": listed}, "pagination": pagination}


def get_addon_restore_logs(call: Call) -> Answer:
    restore = restores.find(call.world, call.addon, call.path["backupId"], call.path["restoreId"])
    return {"data": restores.log_lines(call.world, restore)}


def abort_addon_restore(call: Call) -> Answer:
    restore = restores.find(call.world, call.addon, call.path["backupId"], call.body.get("restoreId"))
    restores.abort(call.world, restore)
    return {"data": {}}


def list_addon_restores(call: Call) -> Answer:
    addon = call.addon
    shown, pagination = _page(call, addon.restores, f"restores {addon.number}")
    return {"data": {"restores": [views.restore_view(call.world, each) for each in shown]}, "pagination": pagination}


def list_addon_backup_schedules(call: Call) -> Answer:
    addon = call.addon
    shown, pagination = _page(call, addon.schedules, f"schedules {addon.number}")
    listed = [views.schedule_view(each) for each in shown]
    keyless = not listed and call.world.assumptions.schedules_key_when_empty == "missing"
    return {"data": {} if keyless else {"schedules": listed}, "pagination": pagination}


def create_addon_backup_schedule(call: Call) -> Answer:
    schedule = schedules.create(call.world, call.addon, call.body)
    call.world.did("schedule", call.addon, schedule.id)
    return {"data": {"id": schedule.id}}


def delete_addon_backup_schedule(call: Call) -> Answer:
    schedules.delete(call.addon, call.path["scheduleId"])
    call.world.did("unschedule", call.addon, call.path["scheduleId"])
    return {"data": {}}


def list_addons(call: Call) -> Answer:
    project = call.world.project(call.path["projectId"])
    shown, pagination = _page(call, list(project.addons.values()), f"addons {project.id}")
    return {"data": {"addons": [views.addon_summary(call.world, each) for each in shown]}, "pagination": pagination}


def get_addon(call: Call) -> Answer:
    return {"data": views.addon_view(call.world, call.addon)}


def list_addon_types(_call: Call) -> Answer:
    return {"data": {"addonTypes": [views.addon_type_view(each) for each in ADDON_TYPES]}}


def list_projects(call: Call) -> Answer:
    shown, pagination = _page(call, list(call.world.projects.values()), "projects")
    return {"data": {"projects": [views.project_view(call.world, each) for each in shown]}, "pagination": pagination}


def login(_call: Call) -> Answer:
    return {"data": {}}


# An operation of the contract that is missing here is answered with 501.
HANDLERS: dict[str, Callable[[Call], Answer]] = {
    "backupAddon": backup_addon,
    "listAddonBackups": list_addon_backups,
    "getAddonBackup": get_addon_backup,
    "deleteAddonBackup": delete_addon_backup,
    "abortAddonBackup": abort_addon_backup,
    "retainAddonBackup": retain_addon_backup,
    "getAddonBackupDownloadLink": get_addon_backup_download_link,
    "getAddonBackupLogs": get_addon_backup_logs,
    "restoreAddonBackup": restore_addon_backup,
    "listAddonBackupRestores": list_addon_backup_restores,
    "getAddonRestoreLogs": get_addon_restore_logs,
    "abortAddonRestore": abort_addon_restore,
    "listAddonRestores": list_addon_restores,
    "listAddonBackupSchedules": list_addon_backup_schedules,
    "createAddonBackupSchedule": create_addon_backup_schedule,
    "deleteAddonBackupSchedule": delete_addon_backup_schedule,
    "listAddons": list_addons,
    "getAddon": get_addon,
    "listAddonTypes": list_addon_types,
    "listProjects": list_projects,
    "login": login,
}


def _page(call: Call, items: Sequence[T], scope: str) -> tuple[list[T], dict[str, Any]]:
    return page_of(items, call.query, call.world.assumptions, call.world.cursors, scope)
