# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for arguments that an argument spec cannot express. Pure; all raise :class:`InvalidInput`.

Lengths and patterns are those of the API's "Backup addon" reference page.
"""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional, Sequence

from .._api.errors import InvalidInput

_ID = re.compile(r"[A-Za-z0-9-]+")
# ECMAScript's \s, which is not quite Python's.
_BLANK = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NAME = re.compile(rf"[a-zA-Z0-9]+(?:[-{_BLANK}/:][a-zA-Z0-9]+)*")
_DESTINATION = re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([smhdw]?)")
# A hundred years. Sources of the API differ on how long backups may be kept, so below this the API decides.
MOST_DAYS = 36_500
# A longer wait is a slip; by far longer ones are more than a clock can hold.
LONGEST_TASK = 30 * 86400.0
# A hundred years: whatever is older than the API itself says the same, and no clock overflows.
LONGEST_AGE = 36500 * 86400.0
LONGEST_ATTEMPT = 3600
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def identifier(option: str, value: str) -> str:
    """Return an ID that can stand in a URL's path without changing it."""
    if not value:
        raise InvalidInput(option, "must not be empty")
    if not _ID.fullmatch(value):
        raise InvalidInput(option, "may hold only letters, digits and hyphens", value)
    return value


def addon_ids(values: Sequence[str], option: str = "addon_id") -> list[str]:
    """Return the addons of a task: stripped, each an ID, none twice."""
    if not values:
        raise InvalidInput(option, "must name at least one addon")
    ids: list[str] = []
    for value in values:
        addon_id = identifier(option, value.strip())
        if addon_id in ids:
            raise InvalidInput(option, "must name each addon once only", addon_id)
        ids.append(addon_id)
    return ids


def some_addon_ids(values: Optional[Sequence[str]]) -> Optional[list[str]]:
    """Return the addons of a task, or None where all of the project are meant."""
    return None if values is None else addon_ids(values)


def backup_name(option: str, value: str) -> str:
    """Return a name as the API takes it."""
    if not 3 <= len(value) <= 39:
        raise InvalidInput(option, f"must have 3 to 39 characters, not {len(value)}", value)
    if not _NAME.fullmatch(value):
        near = re.sub("[^A-Za-z0-9]+", "-", value).strip("-")
        raise InvalidInput(
            option,
            "must be letters and digits without accents, in groups joined by one hyphen, space, slash or colon each "
            f"(no dots or underscores){f', such as {near}' if len(near) > 2 else ''}",
            value,
        )
    return value


def destination_id(option: str, value: Optional[str]) -> str:
    """Return the ID of a place for backups."""
    if value is None:
        raise InvalidInput(option, "is required")
    if not 3 <= len(value) <= 100:
        raise InvalidInput(option, f"must have 3 to 100 characters, not {len(value)}", value)
    if not _DESTINATION.fullmatch(value):
        raise InvalidInput(option, "must be letters and digits, in groups joined by one hyphen each", value)
    return value


def additional_destinations(values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return further places for a snapshot, in the API's spelling."""
    destinations = []
    for number, value in enumerate(values):
        place = f"additional_destinations[{number}]"
        destination = {
            "destinationId": destination_id(f"{place}.destination_id", value.get("destination_id")),
            "type": value.get("type") or "custom",
        }
        days = value.get("retention_time")
        if days is not None:
            destination["retentionTime"] = whole_number(f"{place}.retention_time", days, 1, MOST_DAYS, "days")
        destinations.append(destination)
    return destinations


def whole_number(option: str, value: int, least: int, most: Optional[int], unit: str = "") -> int:
    """Return a number within bounds."""
    if value < least or (most is not None and value > most):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise InvalidInput(option, f"must be {bounds} {unit}".rstrip(), value)
    return value


def share(option: str, value: float) -> float:
    """Return a part of something: above 0, at most 1."""
    if not 0 < value <= 1:
        raise InvalidInput(option, "must be above 0 and at most 1", value)
    return value


def duration_seconds(option: str, value: str) -> float:
    """Return a length of time in seconds, from ``"90"``, ``"1.5h"`` or ``"2d"``."""
    seconds = _seconds(option, value)
    if seconds <= 0:
        raise InvalidInput(option, "must be above 0", value)
    if seconds > LONGEST_AGE:
        raise InvalidInput(option, "must be at most 36500 days", value)
    return seconds


def time_limit(option: str, value: str) -> float:
    """Return how long something may take, in seconds: a length of time, of a second at least."""
    # What is below 0 is no length of time, but the rule that it breaks is this one.
    seconds = 0.0 if value.strip().startswith("-") else _seconds(option, value)
    if seconds < 1:
        raise InvalidInput(option, "must be at least 1 second", value)
    if seconds > LONGEST_TASK:
        raise InvalidInput(option, "must be at most 30 days", value)
    return seconds


def attempt_timeout(option: str, value: int) -> float:
    """Return how long one attempt at a request may take, in seconds."""
    whole_number(option, value, 1, None, "second")
    if value > LONGEST_ATTEMPT:
        raise InvalidInput(option, f"must be at most {LONGEST_ATTEMPT} seconds", value)
    return float(value)


def _seconds(option: str, value: str) -> float:
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise InvalidInput(option, "must be a number of seconds, or a number followed by s, m, h, d or w", value)
    return float(match.group(1)) * _SECONDS[match.group(2)]


def usable_with(option: str, value: Optional[object], backup_type: str, needed: str) -> None:
    """Refuse an option that only the other type of backup has."""
    if value is not None and backup_type != needed:
        raise InvalidInput(option, f"can be used with backup_type={needed} only, not with {backup_type}", value)
