# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for the arguments that say what a schedule is to be. Pure; all raise :class:`InvalidInput`.

They are those of the API's "Create addon backup schedule" and "Backup addon" reference pages.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from .._api.errors import InvalidInput
from .._api.models import DUMP, SNAPSHOT
from .._api.schedule_models import Destination, ScheduleSettings
from .._task import validation
from . import messages

# Days that older sources of the API allow, for backups and for copies of them. The newest sources name no limit, so
# what is above is left to the API.
LONGEST_RETENTION = {"hourly": 7, "daily": 60, "weekly": 120}
MOST_BACKUPS = 500
_LAST = {"minute": 59, "hour": 23}
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Whole names, their first three letters, and numbers.
_DAYS = {word: number for number, day in enumerate(WEEK) for word in (day, day[:3], str(number))}
_TIMES = (*_LAST, "day")
# Which times an interval needs; it cannot have the others.
NEEDED = {"hourly": ("minute",), "daily": ("minute", "hour"), "weekly": ("minute", "hour", "day")}
_OF_TYPE = {"compression_type": DUMP, "custom_destination_id": DUMP, "additional_destinations": SNAPSHOT}
_ONLY_PRESENT = (*_TIMES, "retention_time", *_OF_TYPE)


def wanted_settings(params: Mapping[str, Any]) -> ScheduleSettings:
    """Check the arguments of the state present, and put them into the form that is decided by."""
    interval, backup_type = params["interval"], params["backup_type"]
    times = {option: _times(option, params[option], interval) for option in _TIMES}
    for option, needed in _OF_TYPE.items():
        validation.usable_with(option, params[option], backup_type, needed)
    settings = ScheduleSettings(
        interval=interval,
        backup_type=backup_type,
        retention_time=_days(params["retention_time"]),
        compression_type=params["compression_type"],
        custom_destination_id=_destination(params["custom_destination_id"]),
        additional_destinations=_copies(params["additional_destinations"]),
        **times,
    )
    _check_number(settings)
    return settings


def unwanted_settings(params: Mapping[str, Any]) -> ScheduleSettings:
    """Check the arguments of the state absent. Only interval and type of what it returns mean anything."""
    for option in _ONLY_PRESENT:
        if params[option] is not None:
            raise InvalidInput(option, "can be used with state=present only, not with absent", params[option])
    return ScheduleSettings(params["interval"], params["backup_type"], (), 0)


def _times(option: str, values: Optional[Sequence[Any]], interval: str) -> tuple[int, ...]:
    if option not in NEEDED[interval]:
        if values is not None:
            raise InvalidInput(option, f"cannot be used with interval={interval}", values)
        return ()
    if not values:
        rule = f"is required with state=present and interval={interval}, with at least one {option}"
        raise InvalidInput(option, rule, values)
    numbers: list[int] = []
    for value in values:
        number = _weekday(value) if option == "day" else validation.whole_number(option, value, 0, _LAST[option])
        if number in numbers:
            raise InvalidInput(option, f"must name each {option} once only", value)
        numbers.append(number)
    return tuple(sorted(numbers))


def _weekday(value: Any) -> int:
    """Return the API's number of a day, from its name or that number; a playbook may have either as text."""
    number = _DAYS.get(str(value).strip().lower())
    if number is None:
        raise InvalidInput("day", "must be monday to sunday, mon to sun, or 0 to 6, where 0 is Monday", value)
    return number


def _days(value: Optional[int]) -> int:
    if value is None:
        raise InvalidInput("retention_time", "is required with state=present")
    return validation.whole_number("retention_time", value, 1, validation.MOST_DAYS, "days")


def _destination(value: Optional[str]) -> Optional[str]:
    """Return where dumps go; empty for Northflank itself."""
    return validation.destination_id("custom_destination_id", value) if value else value


def doubts(settings: ScheduleSettings) -> list[str]:
    """Return what the API may refuse, as sources differ on it. For the state present, before anything is created."""
    longest = LONGEST_RETENTION.get(settings.interval)
    if longest is None:
        return []
    copies = enumerate(settings.additional_destinations or ())
    times = [("retention_time", settings.retention_time)]
    times += [
        (f"additional_destinations[{number}].retention_time", copy.retention_time or 0) for number, copy in copies
    ]
    return [
        messages.retention_may_be_refused(option, days, settings.interval, longest)
        for option, days in times
        if days > longest
    ]


def _copies(values: Optional[Sequence[Mapping[str, Any]]]) -> Optional[tuple[Destination, ...]]:
    if values is None:
        return None
    copies: list[Destination] = []
    for number, body in enumerate(validation.additional_destinations(values)):
        place, copy = f"additional_destinations[{number}]", Destination.from_api(body)
        if copy.destination_id in [other.destination_id for other in copies]:
            raise InvalidInput(f"{place}.destination_id", "must name each destination once only", copy.destination_id)
        copies.append(copy)
    return tuple(copies)


def _check_number(settings: ScheduleSettings) -> None:
    """Refuse a schedule that makes too many backups before the first one expires, as the API does."""
    a_day = len(settings.minute) * (len(settings.hour) or 24)
    a_week = a_day * (len(settings.day) or 7)
    number = a_week * settings.retention_time / 7
    if number > MOST_BACKUPS:
        often = f"{a_week} a week" if settings.day else f"{a_day} a day"
        raise InvalidInput(
            "retention_time",
            f"must not let more than {MOST_BACKUPS} backups be made before the first one expires, and {often} for "
            f"{settings.retention_time} days are {number:g}",
            settings.retention_time,
        )
