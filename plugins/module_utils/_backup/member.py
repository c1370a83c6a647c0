# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One addon's part in a task: what is known of it at each moment, so that whatever goes wrong is told truthfully."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional, Sequence

from .._api.errors import NorthflankError
from .._api.models import Backup
from .._api.recovery import Sent
from .._api.states import FINAL_STATES
from .._api.timing import Deadline
from .._task.actions import NONE
from .._task.members import AddonRun
from .._task.watch import OutOfTime, Unseen
from . import messages
from .plan import BackupPlan, BackupSpec
from .start import StartUnknown
from .wait import Blocked, abort, stop, until_final

# How much longer than wait_timeout a task may take to abort what it started.
ABORT_SECONDS = 30.0


class BackupResult(NamedTuple):
    """What became of one addon's backup.

    :ivar action: what was done, or would be in check mode: created, replaced, joined, reused, deleted, aborted,
        retained or none.
    :ivar changed: whether anything was started or deleted, or may have been where the API's answer was lost.
    :ivar before: the backup that was there, if the task looked and found a usable one.
    :ivar backup: the backup as last seen.
    :ivar error: why the addon was not served.
    :ivar held_back: the error is that another addon of the set cannot be served.
    """

    addon_id: str
    project_id: str
    wanted: BackupSpec
    action: str = NONE
    changed: bool = False
    before: Optional[Backup] = None
    backup: Optional[Backup] = None
    error: Optional[str] = None
    held_back: bool = False
    duplicates: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return."""
        facts = self.backup.to_result() if self.backup is not None else self._projected()
        return {
            **facts,
            "addon_id": self.addon_id,
            "project_id": self.project_id,
            "changed": self.changed,
            "action": self.action,
            "error": self.error,
            "duplicates": list(self.duplicates),
        }

    def to_failure(self) -> dict[str, Any]:
        """Return the form that tasks return which failed."""
        backup, marks = self.backup, {"failed": True} if self.error is not None else {}
        known = {} if backup is None else {"id": backup.id, "name": backup.name, "status": backup.status}
        twins = {"duplicates": list(self.duplicates)} if self.duplicates else {}
        return {"addon_id": self.addon_id, "action": self.action, "changed": self.changed, **marks, **known, **twins}

    def _projected(self) -> dict[str, Any]:
        planned = Backup("", self.wanted.name or "", "", "1970-01-01T00:00:00Z", backup_type=self.wanted.backup_type)
        unknown = {"id": None, "name": self.wanted.name, "status": None, "created_at": None}
        return {**planned.to_result(), **unknown}


@dataclass
class BackupRun(AddonRun[BackupResult]):
    """One addon's part in addon_backup. Its stages are in present.py and existing.py.

    :ivar found: the backups that were there.
    :ivar plan: what was decided, for the state present.
    :ivar started: what this task has started.
    :ivar targets: what is to be changed, for the other states.
    """

    found: Sequence[Backup] = field(default_factory=list)
    plan: Optional[BackupPlan] = None
    started: Optional[Sent[Backup]] = None
    targets: Sequence[Backup] = field(default_factory=list)


def tell_backup(run: BackupRun, error: NorthflankError) -> Optional[str]:
    """Word a failure that is about the backup under way; after stopping it, where that is to be done."""
    if isinstance(error, OutOfTime):
        return _out_of_time(run, error.state, error.unseen)
    if isinstance(error, Blocked):
        return _does_not_begin(run, error.backup, error.status)
    if isinstance(error, StartUnknown):
        # Nobody knows whether it was started, so no action is claimed, but handlers had better run.
        run.note(changed=True)
        return str(error)
    return None


def _out_of_time(run: BackupRun, backup: Backup, unseen: Optional[Unseen]) -> str:
    """Return what to say when the deadline came first; with on_timeout=abort, after stopping what this task started."""
    addon_id, seconds = run.result.addon_id, run.api.client.deadline.seconds
    if run.started is None or not run.options.abort_on_timeout:
        wanted = run.result.wanted
        nameless = wanted.name is None and wanted.max_age is None and wanted.backup_id is None
        return messages.still_running(run.result.project_id, addon_id, backup, seconds, nameless, unseen)
    grace = run.api.client.deadline.extended(ABORT_SECONDS)
    try:
        final = stop(run.api.with_client(run.api.client.with_deadline(grace)), addon_id, backup)
    except NorthflankError as error:
        return messages.abort_failed(addon_id, backup, seconds, str(error))
    run.note(backup=final)
    return messages.aborted_after_timeout(addon_id, final, seconds)


def _does_not_begin(run: BackupRun, backup: Backup, status: str) -> str:
    """Return what to say of a backup that is scheduled until its addon runs, after stopping it if this task started it.

    Otherwise it would be taken whenever the addon is started, which may be long after anybody has use for it.
    """
    place = (run.result.project_id, run.result.addon_id)
    run.note(backup=backup)
    if run.started is None:
        return messages.joined_does_not_begin(*place, backup, status)
    if run.started.asked_twice:
        run.warn(messages.twins_not_checked(place[1], messages.addon_does_not_run(status)))
    grace = Deadline(run.api.client.deadline.timing, ABORT_SECONDS)
    api = run.api.with_client(run.api.client.with_deadline(grace))
    try:
        taken = abort(api, place[1], backup)
        final = until_final(api, place[1], backup) if taken else api.get_backup(place[1], backup.id)
    except NorthflankError as error:
        return messages.left_scheduled(*place, backup, status, str(error))
    run.note(backup=final.informed_by(backup))
    if final.status in FINAL_STATES:
        return messages.does_not_begin(*place, final, status)
    return messages.left_scheduled(*place, final, status, messages.NOTHING_TO_ABORT)
