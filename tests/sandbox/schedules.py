# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules are kept and shown. They never fire."""

from __future__ import annotations

from typing import Any

from .backups import check_destinations
from .contract import invalid_body
from .errors import ApiError
from .records import Addon, Schedule
from .world import World

MOST_BACKUPS = 500
_LONGEST_RETENTION = {"hourly": 7, "daily": 60, "weekly": 120}
# Which lists an interval must have; the other one it must not have.
_REQUIRED = {"hourly": (), "daily": ("hour",), "weekly": ("hour", "day")}


def create(world: World, addon: Addon, request: dict[str, Any]) -> Schedule:
    """Add a schedule that has passed the contract's schema."""
    interval, kind = request["scheduling"]["interval"], request["backupType"]
    check_destinations(request, kind)
    _check_times(request["scheduling"])
    _check_retention(request)
    for other in addon.schedules:
        if (other.request["scheduling"]["interval"], other.request["backupType"]) == (interval, kind):
            raise ApiError(409, "schedule_exists", f'Addon "{addon.id}" already has a {interval} {kind} schedule.')
    number = world.number()
    schedule = Schedule(f"{interval}-{kind}-{number}", number, world.now(), request)
    addon.schedules.append(schedule)
    return schedule


def delete(addon: Addon, schedule_id: str) -> None:
    for schedule in addon.schedules:
        if schedule.id == schedule_id:
            addon.schedules.remove(schedule)
            return
    raise ApiError(404, "schedule_not_found", f'There is no schedule "{schedule_id}" of addon "{addon.id}".')


def _check_times(scheduling: dict[str, Any]) -> None:
    interval = scheduling["interval"]
    if not scheduling["minute"]:
        raise _refusal("scheduling.minute", "A schedule needs at least one minute.")
    for key in ("hour", "day"):
        required = key in _REQUIRED[interval]
        if required and not scheduling.get(key):
            raise _refusal(f"scheduling.{key}", f'A schedule that is {interval} needs "{key}".')
        if not required and key in scheduling:
            raise _refusal(f"scheduling.{key}", f'A schedule that is {interval} cannot have "{key}".')


def _check_retention(request: dict[str, Any]) -> None:
    scheduling = request["scheduling"]
    longest = _LONGEST_RETENTION[scheduling["interval"]]
    for index, destination in enumerate(request.get("additionalDestinations", [])):
        if destination.get("retentionTime", 1) > longest:
            path = f"additionalDestinations.{index}.retentionTime"
            raise _refusal(path, f"Copies that are {scheduling['interval']} stay {longest} days at most.")
    a_day = len(set(scheduling["minute"])) * len(set(scheduling.get("hour", range(24))))
    days = request["retentionTime"] * len(set(scheduling.get("day", range(7)))) / 7
    if a_day * days > MOST_BACKUPS:
        raise _refusal("retentionTime", f"There would be more than {MOST_BACKUPS} backups at a time.")


def _refusal(path: str, message: str) -> ApiError:
    return invalid_body({path: [message]})
