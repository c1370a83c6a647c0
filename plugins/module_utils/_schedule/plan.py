# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which schedule an addon is to have, and what has to be done for that. Pure."""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.schedule_models import Destination, Schedule, ScheduleSettings
from .._task.actions import CREATED, NONE, REPLACED
from . import messages

INTERVALS = ("hourly", "daily", "weekly")


class SchedulePlan(NamedTuple):
    """What to do.

    :ivar action: created, replaced or none.
    :ivar settings: what the schedule is to be afterwards.
    :ivar old: the schedule of this interval and type that is there.
    """

    action: str
    settings: ScheduleSettings
    old: Optional[Schedule] = None


def plan_schedule(addon_id: str, wanted: ScheduleSettings, found: Sequence[Schedule]) -> SchedulePlan:
    """Decide what to do.

    :param wanted: a wish; what is None in it may be whatever it is.
    :param found: all schedules of the addon.
    :raises BackupError: there are several of this interval and type, which no API should ever tell.
    """
    held = of_kind(found, wanted)
    if len(held) > 1:
        raise BackupError(messages.several_schedules(addon_id, held))
    if not held:
        return SchedulePlan(CREATED, wanted)
    (old,) = held
    settings = filled(wanted, old.settings)
    return SchedulePlan(NONE if settings_fit(wanted, old.settings) else REPLACED, settings, old)


def of_kind(found: Sequence[Schedule], settings: ScheduleSettings) -> list[Schedule]:
    """Return the schedules of an interval and type. There should be one at most."""
    return sorted((one for one in found if one.settings.kind == settings.kind), key=lambda one: one.id)


def order(schedule: Schedule) -> tuple[int, str, str, str]:
    """Return by which schedules of an addon are listed: from often to rare."""
    settings = schedule.settings
    rank = INTERVALS.index(settings.interval) if settings.interval in INTERVALS else len(INTERVALS)
    return rank, settings.interval, settings.backup_type, schedule.id


def untold(wanted: ScheduleSettings, held: ScheduleSettings) -> list[str]:
    """Options that were given, and that the API, which may leave them out, does not tell of the schedule there is."""
    found = ["compression_type"] if wanted.compression_type is not None and held.compression_type is None else []
    by_id = {place.destination_id: place for place in held.additional_destinations or ()}
    for number, place in enumerate(wanted.additional_destinations or ()):
        known = by_id.get(place.destination_id)
        if place.retention_time is not None and known is not None and known.retention_time is None:
            found.append(f"additional_destinations[{number}].retention_time")
    return found


def settings_fit(wanted: ScheduleSettings, held: ScheduleSettings) -> bool:
    """Return whether a schedule is as it was wished for.

    What was not wished for does not count, nor what the API leaves out.

    Otherwise, each run would delete the schedule and create it again. That no destination is told means that there is
    none.
    """
    asked = (
        (wanted.compression_type, held.compression_type or wanted.compression_type),
        (wanted.custom_destination_id, held.custom_destination_id),
    )
    return (
        wanted.kind == held.kind
        and (wanted.minute, wanted.hour, wanted.day) == (held.minute, held.hour, held.day)
        and wanted.retention_time == held.retention_time
        and all(wish in (None, is_now) for wish, is_now in asked)
        and _places_fit(wanted.additional_destinations, held.additional_destinations or ())
    )


def filled(wanted: ScheduleSettings, held: ScheduleSettings) -> ScheduleSettings:
    """Return a wish, with what it leaves open as it is now: what nobody spoke of is not changed by a replacement."""
    places, is_now = wanted.additional_destinations, held.additional_destinations or ()
    if places is None:
        places = is_now
    days = {place.destination_id: place.retention_time for place in is_now}
    return wanted._replace(
        compression_type=_or(wanted.compression_type, held.compression_type),
        custom_destination_id=_or(wanted.custom_destination_id, held.custom_destination_id),
        additional_destinations=tuple(
            place._replace(retention_time=days.get(place.destination_id)) if place.retention_time is None else place
            for place in places
        ),
    )


def _or(wish: Optional[str], is_now: Optional[str]) -> Optional[str]:
    return is_now if wish is None else wish


def _places_fit(wanted: Optional[Sequence[Destination]], held: Sequence[Destination]) -> bool:
    if wanted is None:
        return True
    by_id = {place.destination_id: place for place in held}
    return len(wanted) == len(held) and all(
        place.destination_id in by_id
        and place.type == by_id[place.destination_id].type
        and (place.retention_time is None or by_id[place.destination_id].retention_time in (None, place.retention_time))
        for place in wanted
    )
