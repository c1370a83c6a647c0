# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One addon's part in a task that puts addons back: what is known of it at each moment, and how failures are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import BackupError, NorthflankError, OutcomeUnknown
from .._api.models import Addon, Backup, Restore
from .._api.states import COMPLETED, FINAL_STATES
from .._task.actions import NONE
from .._task.expectation import Expectation
from .._task.members import AddonRun
from .._task.watch import OutOfTime, Poll
from . import messages
from .plan import RestorePlan, RestoreTarget, begun_since

# How long a restore that was just started may be missing in the list, in seconds.
LIST_LAG = 60.0


class RestoreResult(NamedTuple):
    """What became of one addon.

    :ivar action: what was done, or would be in check mode: restored, joined, skipped, aborted or none.
    :ivar changed: whether a restore was started or aborted, or may have been where the API's answer was lost.
    :ivar error: why the addon was not put back.
    :ivar held_back: the error is that another target cannot be served.
    """

    addon_id: str
    project_id: str
    target: RestoreTarget
    action: str = NONE
    changed: bool = False
    backup: Optional[Backup] = None
    restore: Optional[Restore] = None
    version_change: Optional[Mapping[str, str]] = None
    error: Optional[str] = None
    held_back: bool = False
    warnings: tuple[str, ...] = ()

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return."""
        restore = self.restore
        return {
            "addon_id": self.addon_id,
            "project_id": self.project_id,
            "changed": self.changed,
            "action": self.action,
            "error": self.error,
            "id": None if restore is None else restore.id,
            "status": None if restore is None else restore.status,
            "started_at": None if restore is None else restore.started_at,
            "completed_at": None if restore is None else restore.completed_at,
            "backup": None if self.backup is None else self.backup.to_result(),
            "version_change": None if self.version_change is None else dict(self.version_change),
        }

    def to_failure(self) -> dict[str, Any]:
        """Return what a task that failed returns of it: what is not fine, and what was done."""
        restore, backup, marks = self.restore, self.backup, {"failed": True} if self.error is not None else {}
        return {
            "addon_id": self.addon_id,
            "action": self.action,
            "changed": self.changed,
            **marks,
            **({} if restore is None else {"id": restore.id, "status": restore.status}),
            **({} if backup is None else {"backup": {"id": backup.id, "name": backup.name}}),
        }


@dataclass
class RestoreRun(AddonRun[RestoreResult]):
    """One addon's part in addon_backup_restore.

    :ivar addon: as last read.
    :ivar plan: what was decided, for the state restored.
    :ivar before: IDs of the restores that were there when that was decided.
    :ivar expected: how long it should take, by the addon's earlier restores.
    :ivar is_listed: the restore's ID is the list's; otherwise that of the answer to the request that started it.
    :ivar active: what is to be aborted, for the state aborted.
    """

    addon: Optional[Addon] = None
    plan: Optional[RestorePlan] = None
    before: frozenset[str] = frozenset()
    expected: Optional[Expectation] = None
    is_listed: bool = True
    active: tuple[Restore, ...] = ()

    @property
    def target(self) -> RestoreTarget:
        """The addon, and what it is put back to."""
        return self.result.target


def tell_restore(run: RestoreRun, error: NorthflankError) -> Optional[str]:
    """Word a failure that is about the restore under way."""
    if not isinstance(error, OutOfTime):
        return None
    run.note(restore=error.state)
    seconds = run.api.client.deadline.seconds
    return messages.restore_still_running(
        run.result.project_id, run.result.addon_id, error.state, seconds, error.unseen
    )


def watch_restore(run: RestoreRun, restore: Restore) -> Poll:
    """Wait for a restore.

    :param restore: its last known state.
    """
    addon_id = run.result.addon_id
    return Poll(
        addon_id,
        restore,
        _Sight(run).look,
        on_unknown_status=lambda known: messages.unknown_restore_status(addon_id, known),
        on_lost=lambda known, reason: messages.restore_out_of_sight(addon_id, known, reason),
    )


class _Sight:
    """Looks at one restore in the list of all.

    One that was just started may be listed late, and under another ID than the one that the answer told. Then it is the
    entry of this backup that was not there before.
    """

    def __init__(self, run: RestoreRun) -> None:
        self._run = run
        self._is_known = run.is_listed
        self._is_warned = False
        self._deadline = run.api.client.deadline
        self._until = self._deadline.elapsed() + LIST_LAG

    def look(self, known: Restore) -> Restore:
        """Ask the API once.

        :raises OutcomeUnknown: it is not listed yet.
        :raises BackupError: it is not listed any more, or still not.
        """
        api, addon_id = self._run.api, self._run.result.addon_id
        seen = api.list_restores(addon_id, repeat=False)
        found = self._find(seen, known) or self._find(api.confirm_restores(addon_id, seen), known)
        if found is not None:
            self._is_known = True
            return self._last_of(seen, found)
        if self._is_known:
            raise BackupError(messages.restore_vanished(addon_id, known))
        if self._is_late():
            raise BackupError(messages.restore_not_listed(addon_id, known, LIST_LAG))
        raise OutcomeUnknown("not listed")

    def _last_of(self, restores: Sequence[Restore], found: Restore) -> Restore:
        """Return the one to wait for: where this one is complete, another to the same backup that is still under way.

        Two runs that have both looked before either of them started can both start one, where the API does not refuse
        that. An addon is put back when nothing replaces its data any more, so each run waits for all of them.
        """
        if found.status != COMPLETED:
            return found
        others = [
            one
            for one in restores
            if one.id not in self._run.before | {found.id}
            and one.status not in FINAL_STATES
            and one.backup_id in (found.backup_id, None)
        ]
        if not others:
            return found
        if not self._is_warned:
            self._is_warned = True
            self._run.warn(messages.restored_twice(self._run.result.addon_id, others))
        return others[0]

    def _is_late(self) -> bool:
        return self._deadline.elapsed() >= self._until

    def _find(self, restores: Sequence[Restore], known: Restore) -> Optional[Restore]:
        by_id = next((one for one in restores if one.id == known.id), None)
        if by_id is not None or self._is_known:
            return by_id
        return begun_since(self._run.before, restores, known, self._is_late())
