# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results for people: the same facts as short lines, aligned, with a heading. Pure."""

from __future__ import annotations

from typing import Any, Iterable, Optional, Sequence

from .._api.errors import safe_text
from .._api.models import Backup, posix_time
from . import messages

# What is not known, and what there is none of.
NO_VALUE = "-"
# Longer than any ID or name that the API takes. What it sends may be longer.
_WIDEST = 48
_DAY = 86_400


def table_spec() -> dict[str, Any]:
    """Return the options of the documentation fragment ``northflank.cloud.table``."""
    return {"table": {"type": "bool", "default": True}}


def aligned(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Put cells into columns.

    :param rows: each with a cell for each of the heading. The last one may be long, the others are cut.
    :returns: the heading and a line for each row; nothing where there are no rows.
    """
    lines = [[*(safe_text(cell, _WIDEST) for cell in row[:-1]), safe_text(row[-1])] for row in (heading, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines] if rows else []


def of_backups(found: Iterable[tuple[str, Backup]], now: Optional[float]) -> list[str]:
    """Return backups as lines.

    :param found: each with the ID of its addon.
    :param now: the API's clock, in seconds since 1970; None where it cannot be relied on.
    """
    heading = ("ADDON", "NAME", "TYPE", "STATE", "AGE", "SIZE")
    return aligned(heading, [(addon_id, *_cells(backup, now)) for addon_id, backup in found])


def age(created_at: str, now: Optional[float]) -> str:
    """Return how long ago something was created, in two units at most.

    :param created_at: as the API writes times.
    :param now: as for :func:`of_backups`.
    """
    if now is None:
        return NO_VALUE
    # Clocks of one API differ a little.
    seconds = max(0.0, now - posix_time(created_at))
    days, rest = divmod(int(seconds), _DAY)
    return f"{days} d {rest // 3600} h" if days else messages.duration(seconds)


def size_cell(count: Optional[int]) -> str:
    """Return a number of bytes; None where it is not known."""
    return NO_VALUE if count is None else messages.size(count)


def _cells(backup: Backup, now: Optional[float]) -> tuple[str, ...]:
    return (
        backup.name,
        backup.backup_type or NO_VALUE,
        backup.status,
        age(backup.created_at, now),
        size_cell(backup.size),
    )
