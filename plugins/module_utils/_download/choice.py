# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which dump is meant, and what its file is called: the decisions, without any I/O."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.models import DUMP, IMPORT, SNAPSHOT, Backup, posix_time
from .._api.states import COMPLETED
from .._task.backups import named, newest
from . import messages

# What may stand in a file's name. No separator of paths, and no dot, so no name leads out of its folder.
_PART = re.compile(r"[A-Za-z0-9-]{1,80}")
_ENDINGS = {"gz": "gz", "zstd": "zst"}


class DumpSelector(NamedTuple):
    """The dump that a task asks for: the one of this ID, or of this name, or else the newest."""

    backup_id: Optional[str] = None
    name: Optional[str] = None


def choose_dump(project_id: str, addon_id: str, wanted: DumpSelector, found: Sequence[Backup]) -> Backup:
    """Return the dump that is meant. By name, it never chooses between several.

    :param found: all backups of the addon.
    :raises BackupError: there is none, it cannot be downloaded, or a name could mean several.
    """
    if wanted.backup_id is not None:
        backup = next((one for one in found if one.id == wanted.backup_id), None)
        if backup is None:
            raise BackupError(messages.no_such_dump(addon_id, wanted.backup_id, project_id))
        if backup.status != COMPLETED or backup.backup_type in (SNAPSHOT, IMPORT):
            raise BackupError(messages.not_downloadable(addon_id, backup))
        return backup
    dumps = completed_dumps(found)
    if wanted.name is None:
        best = newest(dump for dump in dumps if not dump.is_safety)
        if best is None:
            raise BackupError(messages.no_dump(addon_id))
        return best
    holders = named(dumps, wanted.name)
    if not holders:
        raise BackupError(messages.no_dump_named(addon_id, wanted.name, named(found, wanted.name)))
    if len(holders) > 1:
        raise BackupError(messages.several_dumps(addon_id, holders))
    return holders[0]


def completed_dumps(found: Sequence[Backup]) -> list[Backup]:
    """Return those that can be downloaded, as far as the API tells."""
    return [backup for backup in found if may_be_dump(backup) and backup.status == COMPLETED]


def may_be_dump(backup: Backup) -> bool:
    """Return whether it is a dump, or may be one: its type is not told, and it is compressed.

    To read it does no harm.
    """
    return backup.backup_type == DUMP or (backup.backup_type is None and bool(backup.config.get("compression_type")))


def dump_before(backup: Backup, found: Sequence[Backup]) -> Optional[Backup]:
    """Return the newest dump before this one whose size can be compared with its own; None if there is none."""
    packed = backup.config.get("compression_type")
    return newest(
        one
        for one in completed_dumps(found)
        if posix_time(one.created_at) < posix_time(backup.created_at)
        and one.size is not None
        and one.config.get("compression_type") == packed
    )


def file_name(project_id: str, addon_id: str, backup: Backup) -> str:
    """Return a name that no other backup's file has, and that never changes.

    An ID may be a slug that a later backup gets again, so the time of its creation is in it.

    :raises BackupError: the API does not tell enough, or has an ID that could lead elsewhere.
    """
    ending = _ENDINGS.get(str(backup.config.get("compression_type")))
    parts = [project_id, addon_id, backup.id]
    if ending is None or not all(_PART.fullmatch(part) for part in parts):
        raise BackupError(messages.no_file_name(addon_id, backup))
    return f"{project_id}_{addon_id}_{stamp(backup)}_{backup.id}.{ending}"


def stamp(backup: Backup) -> str:
    """Return when a backup was created (UTC, seconds), as it stands in the name of its file."""
    return datetime.fromtimestamp(posix_time(backup.created_at), timezone.utc).strftime("%Y%m%dT%H%M%SZ")
