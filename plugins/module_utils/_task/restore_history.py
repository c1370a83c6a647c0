# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an addon's list of restores tells of its backups. Pure.

That list is what is asked: lists of backups do not tell of restores at all, and the answer for one backup only may
(source: the API's reference, "List addon restores").
"""

from __future__ import annotations

from typing import Mapping, Sequence

from .._api.models import Backup, Restore, posix_time

# All restores of addons, by addon.
Restores = Mapping[str, Sequence[Restore]]


def may_be_of(restore: Restore, backup: Backup) -> bool:
    """Return whether a restore may have put this backup back. Where its answer names no backup, it may have been any.

    An ID may be a slug that an earlier backup had: what began before this one was created put back another.
    """
    is_named = restore.backup_id in (None, backup.id)
    return is_named and posix_time(restore.started_at) >= posix_time(backup.created_at)


def replaced_since(backup: Backup, restores: Sequence[Restore]) -> bool:
    """Return whether a restore into its addon began after a backup did, so that the addon may hold something else.

    It counts whichever backup was put back, and however that ended.

    :param restores: all restores of the backup's addon.
    """
    return any(posix_time(one.started_at) >= posix_time(backup.created_at) for one in restores)
