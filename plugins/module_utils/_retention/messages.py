# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of backups that a policy does not keep, and that are there all the same. Pure."""

from __future__ import annotations

from typing import Sequence

from .._api.errors import NorthflankError
from .._api.models import Backup
from .._task.messages import command, describe_error, of_addon, sentences


def kept_after_all(tried: bool, lost: bool) -> str:
    """Why a backup that should be deleted is still listed as kept, for its reason.

    :param tried: whether a request to delete it was to be sent.
    :param lost: whether an answer was lost, so that it may be gone after all.
    """
    if lost:
        return "to be deleted; whether it is gone is not known"
    return "to be deleted, but that failed" if tried else "to be deleted, but not tried, because others failed before"


def kept_by_now(reason: str) -> str:
    """Something that came up after a DELETE was sent keeps a backup.

    :param reason: what, as the task's result tells it.
    """
    return f"the first request to delete it got no usable answer, and now it is kept: {reason}"


def backup_not_deleted(addon_id: str, backup: Backup, error: NorthflankError) -> str:
    """One backup that should be deleted, and what came instead."""
    return f"{of_addon(addon_id, backup)}: {describe_error(error)}"


def prune_failed(project_id: str, addon_id: str, reasons: Sequence[str], deleted: int, left: int) -> str:
    """Not all backups went that should.

    :param reasons: for each that was tried in vain.
    :param left: how many are left, with those that were not tried.
    """
    untried = left - len(reasons)
    said = sentences(
        f"Only {deleted} of the {deleted + left} backups that no rule keeps were deleted",
        *reasons,
        f"{untried} more were not tried" if untried else "",
        "Run the same task again to delete what is left",
    )
    return f"{said} To see what there is: {command('addon_backup_info', project_id=project_id, addon_id=addon_id)}"
