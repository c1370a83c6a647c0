# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting what a policy does not keep: everything is read and decided before the first backup goes."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, NorthflankError, OutcomeUnknown
from .._api.models import Backup
from .._api.recovery import Gone, backup_by_id, delete_backup, may_have_acted
from .._task import ages, tables
from .._task.messages import describe_error
from .._task.restore_history import Restores
from .._task.task import Call
from . import messages
from .decisions import Decision, decide_retention
from .plan import Key, Pruning, key_of, plan_retention
from .policy import Policy

# One backup that cannot be deleted says nothing about the others; several say that something is wrong.
_MOST_FAILURES = 3
# An addon's restores that were read longer ago than these seconds are read again before one of its backups goes.
_FRESH = 10.0


class _Held(BackupError):
    """By now, something keeps a backup that was to go."""


class Pruned(NamedTuple):
    """What became of the backups of a naming scheme.

    :ivar decisions: as planned, newest first.
    :ivar deleted: what this task has deleted, or would delete in check mode, newest first. What another task deleted
        in the meantime is neither here nor in ``kept``.
    :ivar kept: what is still there, newest first, with the reason why.
    :ivar left: those of ``kept`` that should have gone.
    :ivar changed: True also where it is not known whether something was deleted.
    :ivar error: why not all went that should, if so.
    """

    decisions: tuple[Decision, ...]
    deleted: tuple[Decision, ...]
    kept: tuple[Decision, ...]
    changed: bool
    left: tuple[Decision, ...] = ()
    error: Optional[str] = None

    def diff(self) -> dict[str, Any]:
        """Return what ``--diff`` shows: the backups that were decided on, before and after."""
        return {"before": _listed(self.decisions), "after": _listed(self.kept)}


def by_policy(api: Api, found: Mapping[str, Sequence[Backup]], policy: Policy) -> Pruning:
    """Decide by a policy; see :func:`plan_retention`."""

    def decide_all(known: Mapping[str, Sequence[Backup]], restores: Restores) -> list[Decision]:
        return decide_retention(
            [(addon_id, one) for addon_id, backups in known.items() for one in backups], policy, restores
        )

    return plan_retention(Pruning(api, decide_all, _with_something_to_go, found))


def planned(work: Pruning) -> Pruned:
    """Return what would become of them; for check mode."""
    decisions = work.decisions
    deleted = tuple(one for one in decisions if not one.keep)
    kept = tuple(one for one in decisions if one.keep)
    return Pruned(decisions, deleted, kept, changed=bool(deleted))


def prune(work: Pruning) -> Pruned:
    """Delete what is not to be kept; if some of it cannot be deleted, the others go all the same.

    What turns out to be restored at the last moment is kept, with all that is kept together with it.
    """
    before = work.decisions
    ours, theirs, failed = _delete_all(work, before)
    gone = ours | theirs
    after = {key_of(one): one for one in work.decisions}
    wanted = [key_of(one) for one in before if not one.keep]
    left = [key for key in wanted if key not in gone and (key in failed or not after[key].keep)]
    reasons = {key: messages.kept_after_all(key in failed, may_have_acted(failed.get(key))) for key in left}
    still = [after[key_of(one)] for one in before if key_of(one) not in gone]
    kept = tuple(one._replace(keep=True, reason=reasons.get(key_of(one), one.reason)) for one in still)
    return Pruned(
        decisions=before,
        deleted=tuple(one for one in before if key_of(one) in ours),
        kept=kept,
        left=tuple(one for one in kept if key_of(one) in reasons),
        changed=bool(ours) or any(may_have_acted(error) for error in failed.values()),
        error=_error(work.api.project_id, before, failed, len(ours), len(left)) if left else None,
    )


def pruned_result(call: Call, api: Api, pruned: Pruned) -> dict[str, Any]:
    """Return what a task that prunes returns: all, or after a failure what is not fine and what was done."""
    has_failed = pruned.error is not None

    def shown(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
        facts = [
            {**one.backup.to_result(), "addon_id": one.addon_id, "project_id": api.project_id, "reason": one.reason}
            for one in decisions
        ]
        return [{k: v for k, v in one.items() if v is not None} for one in facts] if has_failed else facts

    facts: dict[str, Any] = {
        "changed": pruned.changed,
        "deleted": shown(pruned.deleted),
        "kept": shown(pruned.left if has_failed else pruned.kept),
    }
    if call.params["table"]:
        facts["table"] = _table(pruned, ages.to_show(api.client.clock()), call.check_mode)
    return facts


def _table(pruned: Pruned, now: Optional[float], check_mode: bool) -> list[str]:
    """Return what became of each backup, in the order of the decisions."""
    gone = "would delete" if check_mode else "deleted"
    told = {
        key_of(one): (what, one) for what, those in ((gone, pruned.deleted), ("kept", pruned.kept)) for one in those
    }
    rows = []
    for what, one in (told[key_of(decision)] for decision in pruned.decisions if key_of(decision) in told):
        backup = one.backup
        rows.append(
            (
                one.addon_id,
                backup.name,
                tables.age(backup.created_at, now),
                tables.size_cell(backup.size),
                what,
                one.reason,
            )
        )
    return tables.aligned(("ADDON", "NAME", "AGE", "SIZE", "WHAT", "WHY"), rows)


def _listed(decisions: Sequence[Decision]) -> list[str]:
    return [
        f"{one.addon_id}: {one.backup.name} (ID {one.backup.id}, {one.backup.status}, {one.backup.created_at})"
        for one in decisions
    ]


def _with_something_to_go(decisions: Sequence[Decision]) -> set[str]:
    return {one.addon_id for one in decisions if not one.keep}


def _delete_all(work: Pruning, decisions: Sequence[Decision]) -> tuple[set[Key], set[Key], dict[Key, NorthflankError]]:
    """Delete, oldest first, so that what an interrupted run leaves is decided on alike by the next.

    :returns: what this task has deleted, what another one had deleted before, and what came of those that could not be
        deleted.
    """
    ours: set[Key] = set()
    theirs: set[Key] = set()
    failed: dict[Key, NorthflankError] = {}
    for one in reversed(decisions):
        if one.keep:
            continue
        try:
            (ours if _delete(work, one) else theirs).add(key_of(one))
        except NorthflankError as error:
            # One that is kept after all is no failure, unless a DELETE of it may still take effect.
            if not isinstance(error, _Held) or may_have_acted(error):
                failed[key_of(one)] = error
            if _concerns_all(error) or len(failed) == _MOST_FAILURES:
                break
    return ours, theirs, failed


def _delete(work: Pruning, one: Decision) -> bool:
    """Delete one backup, unless something keeps it by now. That it is gone already is fine.

    :returns: whether this task did it, or may have.
    """

    def may_go() -> None:
        _check(work, one)

    try:
        may_go()
    except Gone:
        return False
    return delete_backup(work.api, one.addon_id, one.backup, may_go)


def _check(work: Pruning, one: Decision) -> None:
    """Look at a backup by its ID right before its DELETE: the list may be some time old.

    :raises Gone: it is not there any more, and its ID may be another's.
    :raises _Held: by what is known now, it is to be kept.
    """
    addon_id, backup = one.addon_id, one.backup
    if work.api.client.deadline.elapsed() - work.read_at.get(addon_id, -_FRESH) >= _FRESH:
        work.read_restores(addon_id)
    now = backup_by_id(work.api, addon_id, backup)
    if now is None:
        raise Gone
    work.learn(addon_id, backup, now)
    reason = next((other.reason for other in work.decisions if key_of(other) == key_of(one) and other.keep), None)
    if reason is not None:
        raise _Held(messages.kept_by_now(reason))


def _concerns_all(error: NorthflankError) -> bool:
    """Return whether what stopped one deletion would stop every other one too."""
    if isinstance(error, ApiError):
        return error.status in (401, 403)
    return not isinstance(error, (OutcomeUnknown, _Held))


def _error(
    project_id: str, decisions: Sequence[Decision], failed: Mapping[Key, NorthflankError], gone: int, left: int
) -> str:
    tried = [one for one in decisions if key_of(one) in failed]
    errors = {messages.pruned_label(one.addon_id, one.backup): describe_error(failed[key_of(one)]) for one in tried}
    return messages.prune_failed(project_id, tried[0].addon_id, errors, gone, left)
