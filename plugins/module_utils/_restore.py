# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of addon_backup_restore: check all targets, then put all back, under one deadline, with a result for each.

Knows nothing of Ansible: client, clock and sleep come in from outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Mapping, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils import _hints, _hints_restore, _missing
from ansible_collections.northflank.cloud.plugins.module_utils._api import Api
from ansible_collections.northflank.cloud.plugins.module_utils._backup_start import late_commit
from ansible_collections.northflank.cloud.plugins.module_utils._backup_wait import OutOfTime, Watch, watch_all
from ansible_collections.northflank.cloud.plugins.module_utils._errors import (
    ApiError,
    BackupError,
    NorthflankError,
    OutcomeUnknown,
)
from ansible_collections.northflank.cloud.plugins.module_utils._models import Addon, Backup, Restore
from ansible_collections.northflank.cloud.plugins.module_utils._preflight import PASSING_STATES, RUNNING
from ansible_collections.northflank.cloud.plugins.module_utils._restore_plan import (
    JOINED,
    RESTORED,
    Plan,
    Target,
    check_restorable,
    choose,
    plan,
    version_change,
)
from ansible_collections.northflank.cloud.plugins.module_utils._together import all_or_nothing, side_by_side
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import COMPLETED, FINAL_STATES, poll_interval

NONE = "none"
ABORTED = "aborted"


@dataclass(frozen=True)
class Settings:
    """How a task goes about it.

    :ivar wait: go on until the restores are final.
    :ivar check_mode: decide, and do nothing.
    :ivar concurrency: requests under way at once.
    :ivar budget_share: the part of the request budget, above 0 to 1, that polling may use.
    """

    wait: bool = True
    check_mode: bool = False
    concurrency: int = 16
    budget_share: float = 0.5


@dataclass(frozen=True)
class Member:
    """What became of one addon.

    :ivar action: what was done, or would be in check mode: restored, joined, skipped, aborted or none.
    :ivar changed: whether a restore was started or aborted, or may have been where the API's answer was lost.
    :ivar error: why the addon was not put back.
    :ivar held_back: the error is that another target cannot be served.
    """

    addon_id: str
    project_id: str
    action: str = NONE
    changed: bool = False
    backup: Optional[Backup] = None
    restore: Optional[Restore] = None
    version_change: Optional[Mapping[str, str]] = None
    error: Optional[str] = None
    held_back: bool = False

    def to_result(self) -> dict[str, Any]:
        """The form that tasks return."""
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


@dataclass
class _Work:
    api: Api
    settings: Settings
    target: Target
    member: Member
    addon: Optional[Addon] = None
    plan: Optional[Plan] = None
    before: frozenset[str] = frozenset()
    watch: Optional[Watch] = None
    targets: Sequence[Restore] = field(default_factory=list)

    def note(self, **facts: Any) -> None:
        self.member = replace(self.member, **facts)


_Step = Callable[[_Work], None]


def run(api: Api, targets: Sequence[Target], settings: Settings, state: str = RESTORED) -> list[Member]:
    """Put each addon back to its backup, or abort what is under way.

    Never raises for what can go wrong on the way: each result says it in ``error``. Nothing is started, for any of the
    addons, unless all targets have been checked.

    :param state: restored or aborted.
    :returns: one result for each target, in the given order.
    """
    works = [_Work(api, settings, target, Member(target.addon_id, api.project_id)) for target in targets]
    check, act = (_check, _begin) if state == RESTORED else (_find_active, _abort)
    with side_by_side(settings.concurrency, len(works)) as run_all:

        def each(step: _Step) -> None:
            run_all([_bound(work, step) for work in works])

        each(check)
        all_or_nothing(works, NONE)
        if settings.check_mode:
            return [work.member for work in works]
        if state == RESTORED:
            each(_await_ready)
            all_or_nothing(works, NONE)
        each(act)
        watch_all([work.watch for work in works if work.watch is not None], api.client.deadline, run_all)
        each(_finish)
    return [work.member for work in works]


def _bound(work: _Work, step: _Step) -> Callable[[], None]:
    return lambda: _attempt(work, step)


def _attempt(work: _Work, step: _Step) -> None:
    """Do a step, unless an earlier one has failed. What goes wrong becomes the member's error."""
    if work.member.error is not None:
        return
    try:
        step(work)
    except OutOfTime:
        seconds = work.api.client.deadline.seconds
        work.note(error=_hints_restore.restore_still_running(work.member.addon_id, _restore_of(work), seconds))
    except BackupError as error:
        work.note(error=str(error))
    except NorthflankError as error:
        work.note(error=_interrupted(work, error))
    except Exception as error:  # noqa: BLE001  # a fault in one addon's work may not take the others' results with it
        work.note(error=_hints.unexpected(work.member.addon_id, error))


def _check(work: _Work) -> None:
    """Everything that can be known before anything is started. Sends GET requests only."""
    target, api = work.target, work.api
    with _missing.told_apart(api, target.addon_id):
        work.addon = api.get_addon(target.addon_id)
    if work.addon.status != RUNNING and work.addon.status not in PASSING_STATES:
        raise BackupError(_hints_restore.addon_not_restorable(target.addon_id, work.addon.status))
    backup = _backup(work)
    check_restorable(target.addon_id, backup)
    restores = api.list_restores(target.addon_id)
    work.before = frozenset(restore.id for restore in restores)
    work.plan = plan(target.addon_id, backup, restores, target.since)
    change = version_change(backup, work.addon.version)
    work.note(backup=backup, restore=work.plan.restore, version_change=change)
    if work.plan.action != RESTORED or work.settings.check_mode:
        work.note(action=work.plan.action, changed=work.plan.action == RESTORED)


def _backup(work: _Work) -> Backup:
    target = work.target
    source = work.api
    if target.source_project_id is not None:
        source = Api(source.client, target.source_project_id, source.team_id)
    owner = target.source_addon_id or target.addon_id
    if target.backup_id is None:
        return choose(target, source.list_backups(owner))
    try:
        return source.get_backup(owner, target.backup_id)
    except ApiError as error:
        if error.status != 404:
            raise
        raise BackupError(_hints_restore.no_such_backup(owner, target.backup_id, source.project_id)) from error


def _await_ready(work: _Work) -> None:
    """Wait until the addon is out of a state that passes, unless that is the restore which is joined."""
    if work.addon is None or work.plan is None or work.plan.action != RESTORED:
        return
    deadline = work.api.client.deadline
    began = deadline.elapsed()
    while work.addon.status in PASSING_STATES:
        chance = deadline.timing.chance()
        deadline.pause(
            poll_interval(deadline.elapsed() - began, work.api.client.rate, work.settings.budget_share, chance)
        )
        work.addon = work.api.get_addon(work.target.addon_id)
    if work.addon.status != RUNNING:
        raise BackupError(_hints_restore.addon_not_restorable(work.target.addon_id, work.addon.status))


def _begin(work: _Work) -> None:
    if work.plan is not None and work.plan.action == RESTORED:
        _restore_or_join(work)
    if work.settings.wait and work.member.restore is not None and work.member.action in (RESTORED, JOINED):
        work.watch = _watch(work, work.member.restore)


def _restore_or_join(work: _Work) -> None:
    """Start the restore, unless another run has started the same one since all targets were checked."""
    backup = work.member.backup
    if backup is None:
        raise BackupError(_hints.unexpected(work.target.addon_id, ValueError("no backup was chosen")))
    other = _by_another_run(work, backup)
    if other is None:
        try:
            work.note(restore=_start(work, backup), action=RESTORED, changed=True)
            return
        except ApiError as refused:
            other = _by_another_run(work, backup) if refused.status == 409 else None
            if other is None:
                raise
    work.note(restore=other, action=JOINED)


def _by_another_run(work: _Work, backup: Backup) -> Optional[Restore]:
    """A restore to the same backup that was not there when the targets were checked.

    :raises BackupError: a restore to another backup is under way by now.
    """
    restores = work.api.list_restores(work.target.addon_id)
    plan(work.target.addon_id, backup, restores, None)
    for restore in restores:
        good = restore.status == COMPLETED or restore.status not in FINAL_STATES
        if good and restore.id not in work.before and restore.backup_id == backup.id:
            return restore
    return None


def _start(work: _Work, backup: Backup) -> Restore:
    """Start one restore, also over a wire that loses answers: never a second one unless the first did nothing."""
    target = work.target

    def check() -> None:
        # The listing may be some time old, and the ID another's by now: the wrong restore cannot be undone.
        if not _backup_again(work, backup).is_same_as(backup):
            reason = "its ID now belongs to another backup"
            raise BackupError(_hints_restore.not_restorable(target.addon_id, backup, reason))

    source = (target.source_project_id, target.source_addon_id)
    check()
    try:
        restore_id = work.api.start_restore(target.addon_id, backup.id, *source, check)
    except OutcomeUnknown as lost:
        work.note(changed=True)
        found = _look(work, backup, late_commit(lost))
        if found is not None:
            return found
        check()
        try:
            restore_id = work.api.start_restore(target.addon_id, backup.id, *source, check)
        except (OutcomeUnknown, ApiError) as error:
            found = _look(work, backup, late_commit(error) if isinstance(error, OutcomeUnknown) else 0.0)
            if found is None:
                reason = _hints_restore.restore_unknown(target.addon_id, backup, f"{lost}; then {error}")
                raise BackupError(reason) from error
            return found
    work.note(changed=True)
    # The API's answer is an ID only; what else there is to know comes with the first look.
    return Restore(restore_id, "scheduled", backup.created_at, None, backup.id)


def _backup_again(work: _Work, backup: Backup) -> Backup:
    by_id = replace(work.target, backup_id=backup.id, name=None, latest=False)
    return _backup(replace(work, target=by_id))


def _look(work: _Work, backup: Backup, window: float) -> Optional[Restore]:
    """The restore that a lost request may have started, looked for as long as it may start late."""
    deadline = work.api.client.deadline
    end, pause = deadline.elapsed() + window, 1.0
    while True:
        for restore in work.api.list_restores(work.target.addon_id):
            if restore.id not in work.before and restore.backup_id in (backup.id, None):
                return restore
        left = end - deadline.elapsed()
        if left <= 0:
            return None
        deadline.pause(min(pause, left))
        pause *= 2


def _watch(work: _Work, restore: Restore) -> Watch:
    addon_id = work.member.addon_id

    def ask(known: Restore) -> Restore:
        found = [one for one in work.api.list_restores(addon_id, repeat=False) if one.id == known.id]
        if not found:
            raise BackupError(_hints_restore.restore_vanished(addon_id, known))
        return found[0]

    return Watch(
        work.api.client,
        work.settings.budget_share,
        restore,
        ask,
        odd=lambda known: _hints_restore.unknown_restore_status(addon_id, known),
        lost=lambda known, reason: _hints_restore.restore_out_of_sight(addon_id, known, reason),
    )


def _finish(work: _Work) -> None:
    if work.watch is None:
        return
    work.note(restore=work.watch.state)
    final: Restore = work.watch.result()
    if work.member.action in (RESTORED, JOINED) and final.status != COMPLETED:
        raise BackupError(_hints_restore.restore_ended_badly(work.member.addon_id, final, work.member.backup))


def _find_active(work: _Work) -> None:
    with _missing.told_apart(work.api, work.target.addon_id):
        restores = work.api.list_restores(work.target.addon_id)
    wanted = work.target.backup_id
    work.targets = [
        restore for restore in restores if restore.status not in FINAL_STATES and wanted in (None, restore.backup_id)
    ]
    if work.targets:
        work.note(restore=work.targets[0])
        if work.settings.check_mode:
            work.note(action=ABORTED, changed=True)


def _abort(work: _Work) -> None:
    for restore in work.targets:
        backup_id = restore.backup_id or work.target.backup_id or ""
        if restore.status != "aborting":
            try:
                work.api.abort_restore(work.target.addon_id, backup_id, restore.id)
            except OutcomeUnknown:
                # Asking twice does no harm, and whether it worked shows in the state.
                work.note(changed=True)
                work.api.abort_restore(work.target.addon_id, backup_id, restore.id)
            work.note(action=ABORTED, changed=True)
        if work.settings.wait:
            work.watch = _watch(work, restore)


def _restore_of(work: _Work) -> Optional[Restore]:
    if work.watch is not None:
        state: Restore = work.watch.state
        work.note(restore=state)
    return work.member.restore


def _interrupted(work: _Work, error: NorthflankError) -> str:
    if work.member.changed:
        return _hints.half_done(work.member.addon_id, error)
    return _hints.nothing_started(error)
