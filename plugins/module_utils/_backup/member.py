# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One addon's part in a task: what is known of it at each moment, so that whatever goes wrong is told truthfully."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import BackupError, NorthflankError
from .._api.models import Backup
from .._api.recovery import Sent
from .._api.states import FINAL_STATES
from .._api.timing import Deadline
from .._task import messages as task_messages
from .._task import not_found
from .._task.actions import NONE
from .._task.concurrency import holds_for_all
from .._task.observer import Observer, quiet
from .._task.watch import OutOfTime, Poll
from . import messages
from .plan import BackupPlan, BackupSpec
from .start import StartUnknown
from .wait import Blocked, abort, stop, until_final

# How much longer than wait_timeout a task may take to abort what it started.
ABORT_SECONDS = 30.0


class RunOptions(NamedTuple):
    """How a task goes about it.

    :ivar wait: go on until the backup is final.
    :ivar abort_on_timeout: stop what this task started when the deadline comes.
    :ivar budget_share: the part of the request budget, above 0 to 1, that polling may use.
    :ivar check_mode: decide, and do nothing.
    :ivar concurrency: requests under way at once.
    :ivar observe: is told how the wait goes.
    """

    wait: bool = True
    abort_on_timeout: bool = False
    budget_share: float = 0.5
    check_mode: bool = False
    concurrency: int = 1
    observe: Observer = quiet


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
class BackupRun:
    """One addon's work under way. Kept up to date at each step, so that a failure finds the truth here.

    The steps, in this order: decide, begin, then waiting for ``watch`` if there is one, and finish. What they do for
    which state stands in _backup_present and _backup_states. Each runs through :func:`attempt_backup`.

    :ivar found: the backups that were there.
    :ivar plan: what was decided, for the state present.
    :ivar started: what this task has started.
    :ivar watch: what is waited for.
    :ivar targets: what is to be changed, for the other states.
    :ivar holds_for_all: it failed for a reason that is the same for each addon.
    """

    api: Api
    deadline: Deadline
    settings: RunOptions
    member: BackupResult
    found: Sequence[Backup] = field(default_factory=list)
    plan: Optional[BackupPlan] = None
    started: Optional[Sent[Backup]] = None
    watch: Optional[Poll] = None
    targets: Sequence[Backup] = field(default_factory=list)
    holds_for_all: bool = False

    def note(self, **facts: Any) -> None:
        """Keep what has become known of the member."""
        self.member = self.member._replace(**facts)

    def warn(self, text: str) -> None:
        """Keep something that the user should know."""
        self.note(warnings=(*self.member.warnings, text))


BackupStage = Callable[[BackupRun], None]


def attempt_backup(step: BackupStage, work: BackupRun) -> None:
    """Do a step, unless an earlier one has failed. What goes wrong becomes the member's error.

    Also what nobody thought of, so that a fault in one addon's work never takes the other addons' results with it.
    """
    if work.member.error is not None:
        return
    try:
        step(work)
    except OutOfTime as error:
        work.note(error=_out_of_time(work, error.state))
    except Blocked as error:
        work.note(error=_does_not_begin(work, error.backup, error.status))
    except StartUnknown as error:
        # Nobody knows whether it was started, so no action is claimed, but handlers had better run.
        work.note(changed=True, error=str(error))
    except BackupError as error:
        work.holds_for_all = holds_for_all(error)
        work.note(error=str(error))
    except NorthflankError as error:
        work.note(error=_interrupted(work, error))
    except Exception as error:  # noqa: BLE001  # see above; the text names the fault and asks to report it
        work.note(error=task_messages.unexpected(work.member.addon_id, error))


def _out_of_time(work: BackupRun, backup: Backup) -> str:
    """Return what to say when the deadline came first; with on_timeout=abort, after stopping what this task started."""
    addon_id, seconds = work.member.addon_id, work.deadline.seconds
    if work.started is None or not work.settings.abort_on_timeout:
        wanted = work.member.wanted
        nameless = wanted.name is None and wanted.max_age is None and wanted.backup_id is None
        return messages.still_running(work.member.project_id, addon_id, backup, seconds, nameless)
    grace = work.deadline.extended(ABORT_SECONDS)
    try:
        final = stop(work.api.with_client(work.api.client.with_deadline(grace)), addon_id, backup)
    except NorthflankError as error:
        return messages.abort_failed(addon_id, backup, seconds, str(error))
    work.note(backup=final)
    return messages.aborted_after_timeout(addon_id, final, seconds)


def _does_not_begin(work: BackupRun, backup: Backup, status: str) -> str:
    """Return what to say of a backup that is scheduled until its addon runs, after stopping it if this task started it.

    Otherwise it would be taken whenever the addon is started, which may be long after anybody has use for it.
    """
    place = (work.member.project_id, work.member.addon_id)
    work.note(backup=backup)
    if work.started is None:
        return messages.joined_does_not_begin(*place, backup, status)
    if work.started.asked_twice:
        work.warn(messages.twins_not_checked(place[1], messages.addon_does_not_run(status)))
    grace = Deadline(work.deadline.timing, ABORT_SECONDS)
    api = work.api.with_client(work.api.client.with_deadline(grace))
    try:
        taken = abort(api, place[1], backup)
        final = until_final(api, place[1], backup) if taken else api.get_backup(place[1], backup.id)
    except NorthflankError as error:
        return messages.left_scheduled(*place, backup, status, str(error))
    work.note(backup=final.informed_by(backup))
    if final.status in FINAL_STATES:
        return messages.does_not_begin(*place, final, status)
    return messages.left_scheduled(*place, final, status, messages.NOTHING_TO_ABORT)


def _interrupted(work: BackupRun, error: NorthflankError) -> str:
    if work.member.changed:
        return task_messages.half_done(work.member.addon_id, error)
    cause = not_found.cause(work.api, work.member.addon_id, error, task_messages.NOTHING_STARTED)
    work.holds_for_all = holds_for_all(cause)
    return str(cause) if cause is not error else task_messages.nothing_started(error)
