# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup destinations and what is stored in them as lines for people. Pure."""

from __future__ import annotations

from typing import Iterable, Optional

from .._task.tables import NO_VALUE, age, aligned, size_cell
from .messages import WHERE_IDS_ARE
from .models import BackupDestination, StoredBackup

_OF_DESTINATIONS = ("DESTINATION", "NAME", "TYPE", "BUCKET", "PREFIX")
_OF_STORED = ("PROJECT", "ADDON", "TYPE", "ID", "NAME", "STATE", "AGE", "SIZE", "EXPIRES")


def destination_table(found: Iterable[BackupDestination]) -> list[str]:
    """Return destinations as lines, and where to find their IDs if the API's list lacks one."""
    columns = ("type", "bucket_name", "prefix")
    rows = [(one.id, one.name, *(one.facts[key] for key in columns)) for one in found]
    lines = aligned(_OF_DESTINATIONS, [[cell or NO_VALUE for cell in row] for row in rows])
    return [*lines, WHERE_IDS_ARE] if any(row[0] is None for row in rows) else lines


def stored_table(found: Iterable[StoredBackup], now: Optional[float]) -> list[str]:
    """Return stored backups as lines.

    :param now: the API's clock, in seconds since 1970; None where it cannot be relied on.
    """
    rows = [
        (
            *(cell or NO_VALUE for cell in (one.project_id, one.addon_id, one.addon_type)),
            one.id,
            one.name,
            one.status,
            age(one.created_at, now),
            size_cell(one.size),
            (one.expires_at or NO_VALUE)[:10],
        )
        for one in found
    ]
    return aligned(_OF_STORED, rows)
