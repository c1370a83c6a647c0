# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of addon_fork: make one fork of a backup and wait until it runs, or delete a fork and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, NorthflankError
from .._api.models import Backup
from .._api.recovery import may_have_acted
from .._task import messages as task_messages
from .._task.actions import CREATED, DELETED, JOINED, NONE
from .._task.not_found import explain_not_found
from .._task.task import Observer, quiet
from . import messages
from .create import delete_fork, make_fork
from .lookup import addon_facts, addon_or_none, backup_or_none, backup_to_fork, find_addon, source_of
from .models import AddonFacts, ForkSpec
from .names import default_fork_name
from .plan import check_backup, check_fork_name, check_joinable, check_source, doubt, fork_request, is_older
from .wait import GOING_STATES, ForkWatch


@dataclass
class ForkRun:
    """A task under way. Kept up to date at each step, so that a failure finds the truth here.

    :ivar share: the part of the request budget, above 0 to 1, that polling may use.
    :ivar action: what was done, or would be in check mode: created, joined, deleted or none.
    :ivar changed: whether an addon was made or deleted, or may have been where the API's answer was lost.
    :ivar fork_name: what the fork is, or would be, called; None before that is decided.
    :ivar fork: as last seen; None where there is none, or nothing is known of it yet.
    :ivar before: the fork that was there.
    """

    api: Api
    spec: ForkSpec
    check_mode: bool = False
    wait: bool = True
    share: float = 0.5
    observe: Observer = quiet
    action: str = NONE
    changed: bool = False
    fork_name: Optional[str] = None
    fork: Optional[AddonFacts] = None
    before: Optional[AddonFacts] = None
    backup: Optional[Backup] = None
    error: Optional[str] = None

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return. Of a task that failed, what is known only."""
        fork, backup = self._fork_facts(), self._backup_facts()
        if self.error is not None:
            fork, backup = _known(fork), _known(backup)
        result: dict[str, Any] = {
            "changed": self.changed,
            "action": self.action,
            "fork": fork,
            "backup": backup,
            "elapsed": round(self.api.client.deadline.elapsed(), 3),
        }
        return result if self.error is not None else {**result, "msg": self._summary()}

    def difference(self) -> dict[str, Any]:
        """Return what ``--diff`` shows: the fork before and after."""
        facts = self._fork_facts() or {}
        after = {key: facts[key] for key in ("name", "type", "version", "project_id") if key in facts}
        before = {} if self.before is None else after
        return {"before": before, "after": {} if self.action == DELETED else after}

    def _fork_facts(self) -> Optional[dict[str, Any]]:
        if self.fork is not None:
            return self.fork.to_result(self.spec.project_id)
        if self.fork_name is None or self.action == NONE:
            return None
        nothing = dict.fromkeys(AddonFacts("", "", "", "").to_result(""))
        return {**nothing, "name": self.fork_name, "project_id": self.spec.project_id}

    def _backup_facts(self) -> Optional[dict[str, Any]]:
        if self.backup is None:
            return None
        facts = self.backup.to_result()
        keys = ("id", "uid", "name", "status", "created_at", "completed_at", "backup_type", "size")
        owner = {"addon_id": self.spec.source_addon_id, "project_id": self.spec.source_project_id}
        return {**{key: facts[key] for key in keys}, **owner}

    def _summary(self) -> str:
        if self.check_mode:
            return messages.fork_plan_summary(self.action, self.fork_name or "", self.backup)
        status = None if self.fork is None else self.fork.status
        return messages.fork_summary(self.action, self.fork_name or "", status, self.backup)


def _known(facts: Optional[dict[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in (facts or {}).items() if value is not None}


def run_fork(run: ForkRun, state: str) -> ForkRun:
    """Do the work, whatever comes.

    :param state: present or absent.
    :returns: the work, with what became of it.
    """
    try:
        _STEPS[state](run)
    except BackupError as error:
        run.error = str(error)
    except NorthflankError as error:
        run.error = task_messages.nothing_started(error)
    except Exception as error:  # noqa: BLE001  # a fork that was made costs money, so the user has to read of it
        run.changed = run.changed or run.api.client.written.is_set()
        run.error = task_messages.unexpected(run.fork_name or run.spec.source_addon_id, error)
    return run


def _present(run: ForkRun) -> None:
    """Read, decide, act, wait."""
    spec, api = run.spec, source_of(run.api, run.spec)
    with explain_not_found(api, spec.source_addon_id):
        source = addon_facts(api, spec.source_addon_id)
        check_source(spec, source)
        backup = run.backup = backup_to_fork(api, spec)
    check_backup(spec, backup)
    check_fork_name(spec, backup.id)
    name = run.fork_name = spec.fork_name or default_fork_name(spec.digits(backup.id), _now(run))
    found = find_addon(run.api, name)
    if found is not None:
        if spec.fork_name is None:
            raise BackupError(messages.name_is_taken(spec.project_id, name, messages.NOT_JOINED))
        check_joinable(spec, name, found, backup, source.type)
        run.action, run.fork, run.before = JOINED, found, found
    else:
        request = fork_request(spec, name, source, backup)
        if run.check_mode:
            run.action, run.changed = CREATED, True
        else:
            _create(run, request, backup)
    if run.wait and not run.check_mode and run.fork is not None:
        _wait(run, run.fork, backup.id, ForkWatch.until_running)


def _now(run: ForkRun) -> float:
    told = run.api.client.server_time()
    return run.api.client.deadline.timing.wall() if told is None else told


def _create(run: ForkRun, request: dict[str, Any], backup: Backup) -> None:
    try:
        made = make_fork(run.api, run.spec, request, backup)
    except NorthflankError as error:
        if may_have_acted(error):
            run.action, run.changed = CREATED, True
            reason = str(error)
            raise BackupError(messages.fork_unknown(run.spec, request["name"], backup.id, reason)) from error
        if isinstance(error, ApiError):
            raise BackupError(messages.fork_refused(error)) from error
        raise
    run.action, run.changed = (CREATED, True) if made.ours else (JOINED, False)
    run.fork, run.before = made.fork, None if made.ours else made.fork
    try:
        # The answer to the request does not tell the uid.
        told = addon_or_none(run.api, made.fork.id)
    except NorthflankError:
        return
    if told is not None and not told.is_another_than(made.fork):
        run.fork = told


def _absent(run: ForkRun) -> None:
    """Find the fork, prove what it is, delete it, and wait until it is gone."""
    spec = run.spec
    name, backup_id = spec.fork_name or "", spec.backup_id or ""
    run.fork_name = name
    fork = run.fork = run.before = find_addon(run.api, name)
    if fork is None:
        return
    _prove(run, fork, name, backup_id)
    if run.check_mode:
        going = fork.status in GOING_STATES
        run.action, run.changed = (NONE, False) if going else (DELETED, True)
        return
    if fork.status not in GOING_STATES:
        try:
            run.changed = delete_fork(run.api, spec, fork, backup_id)
        except NorthflankError as error:
            if not may_have_acted(error):
                raise
            run.action, run.changed = DELETED, True
            raise BackupError(messages.deletion_not_known(spec, name, error)) from error
        run.action = DELETED if run.changed else NONE
    if run.wait:
        _wait(run, fork, backup_id, ForkWatch.until_gone)


def _prove(run: ForkRun, fork: AddonFacts, name: str, backup_id: str) -> None:
    """Refuse to delete what is not proved to be a fork that this module made of this backup.

    :raises BackupError: it is not.
    """
    spec = run.spec
    reason = doubt(spec, name, fork, backup_id)
    if not reason:
        run.backup = backup_or_none(source_of(run.api, spec), spec.source_addon_id, backup_id)
        if run.backup is not None:
            reason = messages.OLDER if is_older(fork, run.backup) else ""
        elif spec.fork_uid is None:
            reason = messages.BACKUP_IS_GONE
    if reason:
        raise BackupError(messages.not_ours(spec, name, reason))


def _wait(run: ForkRun, fork: AddonFacts, backup_id: str, until: Callable[[ForkWatch], None]) -> None:
    watch = ForkWatch(run.api, run.spec, fork, backup_id, run.share, run.observe)
    try:
        until(watch)
    finally:
        run.fork = watch.fork


_STEPS: dict[str, Callable[[ForkRun], None]] = {"present": _present, "absent": _absent}
