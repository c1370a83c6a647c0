# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting what a policy does not keep: everything is read and decided before the first backup goes."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils import _hints_backup
from ansible_collections.northflank.cloud.plugins.module_utils._api import Api
from ansible_collections.northflank.cloud.plugins.module_utils._backup_start import delete, may_have_acted, still_there
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, NorthflankError, OutcomeUnknown
from ansible_collections.northflank.cloud.plugins.module_utils._missing import told_apart
from ansible_collections.northflank.cloud.plugins.module_utils._retention import Decision, decide
from ansible_collections.northflank.cloud.plugins.module_utils._retention_rules import Policy

# One backup that cannot be deleted says nothing about the others; several say that something is wrong.
_MOST_FAILURES = 3
# What was listed longer ago than these seconds is read again before it is deleted: its ID may be another's by then.
_FRESH = 10.0


class Pruned(NamedTuple):
    """What became of the backups of a naming scheme.

    :ivar decisions: as planned, newest first.
    :ivar deleted: what is gone, or would be in check mode, newest first.
    :ivar kept: what is still there, newest first, with the reason why.
    :ivar changed: True also where it is not known whether something was deleted.
    :ivar error: why not all went that should, if so.
    """

    decisions: tuple[Decision, ...]
    deleted: tuple[Decision, ...]
    kept: tuple[Decision, ...]
    changed: bool
    error: Optional[str] = None

    def diff(self) -> dict[str, Any]:
        """What ``--diff`` shows: the backups that were decided on, before and after."""
        return {"before": _listed(self.decisions), "after": _listed(self.kept)}


def plan(api: Api, addon_ids: Sequence[str], policy: Policy) -> list[Decision]:
    """Read the backups of all addons, and decide.

    :raises NorthflankError: one cannot be read, so nothing is decided.
    """
    found = []
    for addon_id in addon_ids:
        with told_apart(api, addon_id):
            found += [(addon_id, backup) for backup in api.list_backups(addon_id)]
    return decide(found, policy)


def planned(decisions: Sequence[Decision]) -> Pruned:
    """What would become of them; for check mode."""
    deleted = tuple(one for one in decisions if not one.keep)
    kept = tuple(one for one in decisions if one.keep)
    return Pruned(tuple(decisions), deleted, kept, changed=bool(deleted))


def prune(api: Api, decisions: Sequence[Decision]) -> Pruned:
    """Delete what is not to be kept; if some of it cannot be deleted, the others go all the same."""
    gone, failed = _delete_all(api, decisions)
    left = [index for index, one in enumerate(decisions) if not one.keep and index not in gone]
    reasons = {index: _hints_backup.not_deleted(index in failed, may_have_acted(failed.get(index))) for index in left}
    return Pruned(
        decisions=tuple(decisions),
        deleted=tuple(one for index, one in enumerate(decisions) if index in gone),
        kept=tuple(
            one._replace(keep=True, reason=reasons.get(index, one.reason))
            for index, one in enumerate(decisions)
            if index not in gone
        ),
        changed=bool(gone) or any(may_have_acted(error) for error in failed.values()),
        error=_error(api.project_id, decisions, failed, len(gone), len(left)) if left else None,
    )


def pruned_result(project_id: str, pruned: Pruned) -> dict[str, Any]:
    """What a task that prunes returns."""

    def shown(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
        return [
            {**one.backup.to_result(), "addon_id": one.addon_id, "project_id": project_id, "reason": one.reason}
            for one in decisions
        ]

    return {"changed": pruned.changed, "deleted": shown(pruned.deleted), "kept": shown(pruned.kept)}


def _listed(decisions: Sequence[Decision]) -> list[str]:
    return [
        f"{one.addon_id}: {one.backup.name} (ID {one.backup.id}, {one.backup.status}, {one.backup.created_at})"
        for one in decisions
    ]


def _delete_all(api: Api, decisions: Sequence[Decision]) -> tuple[set[int], dict[int, NorthflankError]]:
    """Delete, oldest first, so that what an interrupted run leaves is decided on alike by the next.

    :returns: indices of what is gone, and what came of those that could not be deleted.
    """
    gone: set[int] = set()
    failed: dict[int, NorthflankError] = {}
    began = api.client.deadline.elapsed()
    for index in reversed(range(len(decisions))):
        one = decisions[index]
        if one.keep:
            continue
        try:
            is_fresh = api.client.deadline.elapsed() - began < _FRESH
            if is_fresh or still_there(api, one.addon_id, one.backup):
                delete(api, api.client.deadline, one.addon_id, one.backup)
            gone.add(index)
        except NorthflankError as error:
            failed[index] = error
            if _concerns_all(error) or len(failed) == _MOST_FAILURES:
                break
    return gone, failed


def _concerns_all(error: NorthflankError) -> bool:
    """Whether what stopped one deletion would stop every other one too."""
    if isinstance(error, ApiError):
        return error.status in (401, 403)
    return not isinstance(error, OutcomeUnknown)


def _error(
    project_id: str, decisions: Sequence[Decision], failed: Mapping[int, NorthflankError], gone: int, left: int
) -> str:
    reasons = [
        _hints_backup.backup_not_deleted(decisions[index].addon_id, decisions[index].backup, failed[index])
        for index in sorted(failed)
    ]
    return _hints_backup.prune_failed(project_id, decisions[min(failed)].addon_id, reasons, gone, left)
