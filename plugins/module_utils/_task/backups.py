# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding backups among others. Pure."""

from __future__ import annotations

from typing import Iterable, Optional

from .._api.models import Backup, posix_time


def newest(backups: Iterable[Backup]) -> Optional[Backup]:
    """Return the one created last; by ID where two were created in the same moment, so that every run agrees."""
    return max(backups, key=lambda backup: (posix_time(backup.created_at), backup.id), default=None)


class KnownBackups:
    """Backups that were there before.

    Answers about one backup may tell its uid one time and leave it out another time, so they are compared one by one.
    """

    def __init__(self, backups: Iterable[Backup] = ()) -> None:
        self._by_id: dict[str, list[Backup]] = {}
        for backup in backups:
            self._by_id.setdefault(backup.id, []).append(backup)

    def __contains__(self, backup: Backup) -> bool:
        return any(backup.is_same_as(one) for one in self._by_id.get(backup.id, ()))


def named(found: Iterable[Backup], name: Optional[str]) -> list[Backup]:
    """Return the backups that bear a name; none where there is no name to bear."""
    return [] if name is None else [backup for backup in found if backup.name == name]
