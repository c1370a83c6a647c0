# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules as lines for people. Pure."""

from __future__ import annotations

from typing import Iterable

from .._api.schedule_models import Schedule
from .._task.tables import NO_VALUE, aligned
from .arguments import NEEDED, WEEK

_HEADING = ("ADDON", "INTERVAL", "TYPE", "DAY", "HOUR", "MINUTE", "KEPT")


def schedule_table(found: Iterable[tuple[str, Schedule]]) -> list[str]:
    """Return schedules as lines.

    :param found: each with the ID of its addon.
    """
    return aligned(_HEADING, [(addon_id, *_cells(one)) for addon_id, one in found])


def _cells(schedule: Schedule) -> tuple[str, ...]:
    does = schedule.settings
    # A number that no day has is shown as it is.
    days = [WEEK[number][:3] if 0 <= number < len(WEEK) else number for number in does.day]
    times = {"day": days, "hour": does.hour, "minute": does.minute}
    needed = NEEDED.get(does.interval, tuple(times))
    cells = (",".join(map(str, times[option])) or (NO_VALUE if option in needed else "every") for option in times)
    return (does.interval, does.backup_type, *cells, f"{does.retention_time} d")
