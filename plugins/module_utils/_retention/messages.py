# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of backups that a policy does not keep, and that are there all the same. Pure."""

from __future__ import annotations

from typing import Mapping

from .._api.models import Backup
from .._task.causes import by_cause
from .._task.messages import backup_label, command, sentences


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


def pruned_label(addon_id: str, backup: Backup) -> str:
    """A backup in a list of those of several addons."""
    return f"{backup_label(backup)} of {addon_id}"


def prune_failed(project_id: str, addon_id: str, errors: Mapping[str, str], deleted: int, left: int) -> str:
    """Not all backups went that should.

    :param errors: by backup, why it was tried in vain.
    :param left: how many are left, with those that were not tried.
    """
    untried = left - len(errors)
    first = f"Only {deleted} of the {deleted + left} backups that no rule keeps were deleted"
    causes = by_cause(first, {backup: sentences(error) for backup, error in errors.items()})
    said = sentences(
        f"{untried} more were not tried" if untried else "",
        "Run the same task again to delete what is left",
    )
    look = command("addon_backup_info", project_id=project_id, addon_id=addon_id)
    return f"{causes} {said} To see what there is: {look}"
