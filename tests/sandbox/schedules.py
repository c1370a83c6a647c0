# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules are kept and shown. They never fire. Each function expects the world's lock to be held."""

from __future__ import annotations

from typing import Any

from .backups import fitting
from .contract import invalid_body
from .errors import ApiError
from .records import Addon, Schedule
from .world import World

MOST_BACKUPS = 500
_LONGEST_RETENTION = {"hourly": 7, "daily": 60, "weekly": 120}
# Which lists an interval must have; the other one it must not have.
_REQUIRED = {"hourly": (), "daily": ("hour",), "weekly": ("hour", "day")}

Slot = tuple[str, ...]


def create(world: World, addon: Addon, request: dict[str, Any]) -> Schedule:
    """Add a schedule that has passed the contract's schema."""
    request = _checked(world, request)
    slot = _slot(world, request)
    if slot in [_slot(world, other.request) for other in addon.schedules]:
        raise ApiError(409, "schedule_exists", f'Addon "{addon.id}" already has a {" ".join(slot)} schedule.')
    schedule = _new(world, request)
    addon.schedules.append(schedule)
    return schedule


def delete(addon: Addon, schedule_id: str) -> None:
    for schedule in addon.schedules:
        if schedule.id == schedule_id:
            addon.schedules.remove(schedule)
            return
    raise ApiError(404, "schedule_not_found", f'There is no schedule "{schedule_id}" of addon "{addon.id}".')


def patch(world: World, addon: Addon, requests: list[dict[str, Any]]) -> None:
    """What backupSchedules of a PATCH or PUT does to the schedules there are."""
    wanted = {_slot(world, request): _checked(world, request) for request in requests}
    if len(wanted) < len(requests):
        raise invalid_body({"backupSchedules": ["There is more than one schedule of the same kind."]})
    held = {_slot(world, schedule.request): schedule for schedule in addon.schedules}
    if world.assumptions.patch_schedules == "retention_only":
        _require_same(wanted, held)
    stay = held if world.assumptions.patch_schedules == "merge" else {}
    addon.schedules[:] = [
        *(schedule for slot, schedule in stay.items() if slot not in wanted),
        *(_turned(world, held.get(slot), request) for slot, request in wanted.items()),
    ]


def _turned(world: World, held: Schedule | None, request: dict[str, Any]) -> Schedule:
    """A schedule as a PATCH wants it; ``held`` is the one that had its place."""
    new = _new(world, request)
    if held is None:
        return new
    new.created_at = held.created_at
    if held.request == request:
        new.updated_at = held.updated_at
    if world.assumptions.patch_schedule_ids == "kept":
        new.id, new.number = held.id, held.number
    return new


def _require_same(wanted: dict[Slot, dict[str, Any]], held: dict[Slot, Schedule]) -> None:
    """Refuse all but a change of the retention."""
    same = wanted.keys() == held.keys() and all(
        {**request, "retentionTime": 0} == {**held[slot].request, "retentionTime": 0}
        for slot, request in wanted.items()
    )
    if not same:
        raise invalid_body({"backupSchedules": ["Of a schedule, only the retention can be changed."]})


def _new(world: World, request: dict[str, Any]) -> Schedule:
    number = world.number()
    return Schedule(schedule_id(number), number, world.now(), world.now(), request)


def schedule_id(number: int) -> str:
    """The ID of a schedule: 24 hexadecimal digits, as all examples have."""
    return f"62cc20b9{number:016x}"


def _slot(world: World, request: dict[str, Any]) -> Slot:
    """What an addon has one schedule of."""
    interval = request["scheduling"]["interval"]
    if world.assumptions.schedules_per_addon == "interval":
        return (interval,)
    return (interval, request["backupType"])


def _checked(world: World, request: dict[str, Any]) -> dict[str, Any]:
    fit = fitting(world, request, request["backupType"])
    _check_times(fit["scheduling"])
    _check_retention(world, fit)
    return fit


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


def _check_retention(world: World, request: dict[str, Any]) -> None:
    scheduling = request["scheduling"]
    times = {"retentionTime": request["retentionTime"]}
    for index, destination in enumerate(request.get("additionalDestinations", [])):
        times[f"additionalDestinations.{index}.retentionTime"] = destination.get("retentionTime", 1)
    if world.assumptions.retention_limits == "by_interval":
        longest = _LONGEST_RETENTION[scheduling["interval"]]
        for path, days in times.items():
            if days > longest:
                raise _refusal(path, f"What is {scheduling['interval']} stays {longest} days at most.")
    a_day = len(scheduling["minute"]) * len(scheduling.get("hour", range(24)))
    weeks = request["retentionTime"] * len(scheduling.get("day", range(7))) / 7
    if a_day * weeks > MOST_BACKUPS:
        raise _refusal("retentionTime", f"There would be more than {MOST_BACKUPS} backups at a time.")


def _refusal(path: str, message: str) -> ApiError:
    return invalid_body({path: [message]})
