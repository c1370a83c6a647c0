# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting exactly one backup over a wire that loses answers, and deleting no other than the one that was meant."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, NorthflankError, OutcomeUnknown
from .._api.models import Backup, posix_time
from .._api.recovery import late_commit, look_for
from .._api.timing import Deadline
from .._task.backups import Known
from . import messages


class Started(NamedTuple):
    """A backup that this task started.

    :ivar asked_twice: the request was sent twice, so there may be a second backup, now or a little later.
    """

    backup: Backup
    asked_twice: bool = False


class StartUnknown(BackupError):
    """The request was sent, and it cannot be found out what became of it."""


def start(api: Api, deadline: Deadline, addon_id: str, request: Mapping[str, Any], before: Known) -> Started:
    """Start one backup.

    Where the answer to the request is lost, the backup is looked for by its name among those that were not there
    before, for as long as a late start is likely; only if there is none, the request is sent once more.

    :param request: the body, with a name.
    :param before: the backups that existed before.
    :raises ApiError: the API refused the first request, so nothing was started.
    :raises NotSent: the first request did not reach the API, so nothing was started.
    :raises DeadlineReached: no time was left for the first request, so nothing was started.
    :raises StartUnknown: a request is out, and its effect cannot be found out.
    """
    try:
        return Started(api.create_backup(addon_id, request))
    except OutcomeUnknown as lost:
        try:
            return _find_or_repeat(api, deadline, addon_id, request, before, lost)
        except StartUnknown:
            raise
        except NorthflankError as error:
            reason = f"the first request got no usable answer ({lost}), and then: {error}"
            raise StartUnknown(messages.start_unknown(addon_id, request["name"], reason)) from error


def _find_or_repeat(
    api: Api,
    deadline: Deadline,
    addon_id: str,
    request: Mapping[str, Any],
    before: Known,
    lost: OutcomeUnknown,
) -> Started:
    found = _look(api, deadline, addon_id, request, before, late_commit(lost))
    if found is not None:
        return Started(found)
    again: NorthflankError
    try:
        return Started(api.create_backup(addon_id, request), asked_twice=True)
    except OutcomeUnknown as error:
        again = error
    except ApiError as error:
        # Refused as taken: by then, the first request may have had its effect after all.
        if error.status != 409:
            raise
        again = error
    window = late_commit(again) if isinstance(again, OutcomeUnknown) else 0.0
    found = _look(api, deadline, addon_id, request, before, window)
    if found is None:
        reason = f"the request was sent twice, and there is no such backup yet ({lost}; then {again})"
        raise StartUnknown(messages.start_unknown(addon_id, request["name"], reason)) from again
    return Started(found, asked_twice=True)


def _look(
    api: Api, deadline: Deadline, addon_id: str, request: Mapping[str, Any], before: Known, window: float
) -> Optional[Backup]:
    def look() -> Optional[Backup]:
        return next(iter(made_by(api.list_backups(addon_id), request, before)), None)

    return look_for(deadline, window, look)


def made_by(found: Sequence[Backup], request: Mapping[str, Any], before: Known) -> list[Backup]:
    """Backups that a request can have made: its name and type, and not there before. Usable ones first, then by age."""
    new = [
        backup
        for backup in found
        if backup.name == request["name"]
        and backup not in before
        and backup.backup_type in (request["backupType"], None)
    ]
    return sorted(new, key=lambda backup: (not backup.usable, posix_time(backup.created_at), backup.id))
