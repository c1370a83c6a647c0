# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operations of the contract do, by their operationId. Each runs with the world's lock held."""

from __future__ import annotations

from collections.abc import Callable

from . import account, backups, restores, schedules, views
from .calls import Answer, Call
from .contract import invalid_query
from .errors import ApiError
from .paging import ordered

_DEFAULT_LOG_LINES = 100


def backup_addon(call: Call) -> Answer:
    backup = backups.start(call.world, call.addon, call.body)
    call.world.did("start", call.addon, backup.uid)
    # What is new is scheduled, even where backups take no time.
    return {"data": views.backup_detail(call.world, call.addon, backup, status=backup.life.steps[0][1])}


def list_addon_backups(call: Call) -> Answer:
    addon = call.addon
    shown, pagination = call.page(list(addon.backups.values()), f"backups {addon.number}")
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
    backups.retain(call.world, call.backup)
    return {"data": {}}


def get_addon_backup_download_link(call: Call) -> Answer:
    backup = call.backup
    status_of_refusal = int(call.world.assumptions.download_of_snapshot)
    backups.require_dump(backup, "only dumps can be downloaded", status_of_refusal)
    status = backup.life.status(call.world.now())
    if status != "completed":
        raise ApiError(409, "backup_not_completed", f'Backup "{backup.id}" has the status "{status}".')
    return {"data": {"downloadLink": call.link(backup)}}


def get_addon_backup_logs(call: Call) -> Answer:
    lines = backups.log_lines(call.world, call.backup)
    count = int(call.query.get("lineLimit", _DEFAULT_LOG_LINES))
    if count < 1:
        raise invalid_query("lineLimit", "lineLimit has to be at least 1.")
    ordered = lines[::-1] if call.query.get("direction") == "backward" else lines
    return _log(call, ordered[:count])


def restore_addon_backup(call: Call) -> Answer:
    target = call.addon
    source = call.source
    backup = call.world.backup(source, call.path["backupId"])
    restore = restores.start(call.world, target, backup, source)
    call.world.did("restore", target, restore.id)
    return {"data": {"restoreId": restore.id}}


def list_addon_backup_restores(call: Call) -> Answer:
    addon = call.addon
    known = restores.of_backup(call.world, addon, call.source, call.path["backupId"])
    shown, pagination = call.page(known, f"restores {addon.number} {call.path['backupId']}")
    listed = [views.restore_core(call.world, each) for each in shown]
    keyless = not listed and call.world.assumptions.restores_key_when_empty == "missing"
    return {"data": {} if keyless else {"restores": listed}, "pagination": pagination}


def get_addon_restore_logs(call: Call) -> Answer:
    # Its path cannot say whose the backup is.
    restore = restores.find(call.addon.restores, call.path["backupId"], call.path["restoreId"])
    return _log(call, restores.log_lines(call.world, restore))


def abort_addon_restore(call: Call) -> Answer:
    known = restores.of_backup(call.world, call.addon, call.source, call.path["backupId"])
    restore = restores.find(known, call.path["backupId"], call.body["restoreId"])
    restores.abort(call.world, restore)
    return {"data": {}}


def list_addon_restores(call: Call) -> Answer:
    addon = call.addon
    shown, pagination = call.page(addon.restores, f"restores {addon.number}")
    return {"data": {"restores": [views.restore_view(call.world, each) for each in shown]}, "pagination": pagination}


def list_addon_backup_schedules(call: Call) -> Answer:
    addon, ours = call.addon, call.world.assumptions
    scope = f"schedules {addon.number}"
    if ours.schedules_pagination == "missing":
        listed, pages = ordered(addon.schedules, ours), {}
    else:
        listed, pagination = call.page(addon.schedules, scope)
        pages = {"pagination": pagination}
    keyless = not listed and ours.schedules_key_when_empty == "missing"
    return {"data": {} if keyless else {"schedules": [views.schedule_view(each) for each in listed]}, **pages}


def create_addon_backup_schedule(call: Call) -> Answer:
    schedule = schedules.create(call.world, call.addon, call.body)
    call.world.did("schedule", call.addon, schedule.id)
    return {"data": {"id": schedule.id}}


def delete_addon_backup_schedule(call: Call) -> Answer:
    schedules.delete(call.addon, call.path["scheduleId"])
    call.world.did("unschedule", call.addon, call.path["scheduleId"])
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
    **account.HANDLERS,
}


def _log(call: Call, lines: list[dict[str, str]]) -> Answer:
    envelope = call.world.assumptions.log_envelope
    return {"data": lines} if envelope == "data" else {"data": {envelope.removeprefix("data."): lines}}
