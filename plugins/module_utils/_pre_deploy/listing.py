# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sets that there are, and what of them can be rolled back to, as facts and as lines for people. Pure."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Optional, Sequence

from .._api.models import posix_time
from .._task.tables import age, aligned, size_cell
from .names import release_in, shown_release
from .rollback import lacks
from .sets import BackupsByAddon, SnapshotSet

_HEADING = ("RELEASE", "GENERATION", "AGE", "SIZE", "ADDONS", "STATE")


def set_facts(sets: Iterable[SnapshotSet], found: BackupsByAddon) -> list[dict[str, Any]]:
    """Return sets as results have them, newest first.

    :param found: the backups of all addons of the project.
    """
    newest_first = sorted(sets, key=lambda one: (posix_time(one.created_at), one.name), reverse=True)
    return [_facts(one, found) for one in newest_first]


def set_table(shown: Sequence[Mapping[str, Any]], now: Optional[float]) -> list[str]:
    """Return sets as lines.

    :param shown: what :func:`set_facts` returns.
    :param now: the API's clock, in seconds since 1970; None where it cannot be relied on.
    """
    return aligned(_HEADING, [_cells(one, now) for one in shown])


def _facts(one: SnapshotSet, found: BackupsByAddon) -> dict[str, Any]:
    sizes = [backup.size for backup in one.members.values()]
    return {
        "release": release_in(one.name),
        "name": one.name,
        "generation": one.generation,
        "complete": one.complete,
        "lacks": None if one.complete else lacks(one, found),
        "created_at": one.created_at,
        "addon_ids": sorted(one.members),
        "size": None if None in sizes else sum(filter(None, sizes)),
    }


def _cells(one: Mapping[str, Any], now: Optional[float]) -> tuple[str, ...]:
    when, what = age(one["created_at"], now), size_cell(one["size"])
    state = "complete" if one["complete"] else f"incomplete: {one['lacks']}"
    return shown_release(one["name"]), str(one["generation"]), when, what, str(len(one["addon_ids"])), state
