# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before a deployment: which addons belong to its set, and whether the last set is used again. Pure."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.models import SNAPSHOT, Addon
from .._api.states import BLOCKED_STATES
from .._task import ages
from .._task import messages as task_messages
from .._task.restore_history import Restores
from . import messages
from .names import is_doubtful, set_name
from .sets import Found, Set, sets_of
from .unfinished import History, incomplete_rollback, told, unfinished


def members(addons: Sequence[Addon], wanted: Mapping[str, Any], project_id: str) -> list[str]:
    """The addons of a set.

    :param wanted: the arguments ``addon_ids``, or else ``addon_types``, ``addon_tags`` and ``exclude``.
    :raises BackupError: one does not exist or cannot be backed up, or none is left.
    """
    known = {addon.id: addon for addon in addons}
    if wanted["addon_ids"] is not None:
        missing = [addon_id for addon_id in wanted["addon_ids"] if addon_id not in known]
        if missing:
            raise BackupError(task_messages.no_such_addon(missing[0], project_id, sorted(known)))
        chosen = [known[addon_id] for addon_id in wanted["addon_ids"]]
    else:
        chosen = [
            addon
            for addon in addons
            if addon.id not in (wanted["exclude"] or [])
            and (wanted["addon_types"] is None or addon.type in wanted["addon_types"])
            and (wanted["addon_tags"] is None or set(addon.tags) & set(wanted["addon_tags"]))
        ]
    if not chosen:
        raise BackupError(messages.nothing_selected(project_id))
    blocked = {addon.id: addon.status for addon in chosen if addon.status in BLOCKED_STATES}
    if blocked:
        raise BackupError(messages.cannot_be_in_a_set(blocked))
    return sorted(addon.id for addon in chosen)


class SnapshotPlan(NamedTuple):
    """Which set a deployment stands on.

    :ivar name: of the set to take, to join or to reuse.
    :ivar is_new: whether it has to be taken.
    :ivar warnings: what the user should know before going on.
    """

    name: str
    generation: int
    is_new: bool
    warnings: tuple[str, ...] = ()


class Wish(NamedTuple):
    """What a deployment asks for.

    :ivar addon_ids: the addons of the set.
    :ivar max_age: seconds that a set may be old to be used again.
    :ivar backup_type: the type of its backups.
    :ivar ignore_incomplete: go on although the data may be as a rollback has left it half-way.
    """

    project_id: str
    release: str
    addon_ids: Sequence[str]
    max_age: float
    backup_type: str = SNAPSHOT
    ignore_incomplete: bool = False


def asks_snapshot(release: str, addon_ids: Iterable[str], found: Found) -> list[str]:
    """The addons whose restores :func:`plan_snapshot` depends on: those of the set, and of the release's earlier ones.

    :param found: the backups of all addons of the project.
    """
    return sorted({*addon_ids, *(addon_id for one in sets_of(release, found) for addon_id in one.members)})


def plan_snapshot(wish: Wish, found: Found, restores: Restores, now: Optional[float]) -> SnapshotPlan:
    """Reuse or join the release's last set, or take the next one.

    :param found: the backups of all addons of the project.
    :param restores: by addon, all its restores, of those that :func:`asks_snapshot` and then
        :func:`_pre_deploy_unfinished.asks` name.
    :param now: the API's clock, in seconds since 1970.
    :raises BackupError: ages cannot be told, the release has had all its generations, or a rollback is half-way.
    """
    if now is None:
        raise BackupError(messages.no_clock_for_release())
    ages.check(now, (backup for backups in found.values() for backup in backups))
    doubts = _doubts(wish, found, restores)
    release, addon_ids = wish.release, wish.addon_ids
    sets = sets_of(release, found)
    last = sets[-1] if sets else None
    if last is not None and _serves(last, wish, now) and last.is_present_state(restores):
        reused = messages.set_reused(last.name, last.created_at)
        return SnapshotPlan(last.name, last.generation, False, (*doubts, reused))
    generation = 1 if last is None else last.generation + 1
    earlier = [one for one in sets if one.complete and not one.was_put_back(restores)]
    told = [messages.earlier_set(wish.project_id, release, one.name, one.generation, one.created_at) for one in earlier]
    unsure = [
        messages.doubtful_name(one.name, one.created_at) for one in earlier[-1:] if is_doubtful(one.name, release)
    ]
    return SnapshotPlan(set_name(release, addon_ids, generation), generation, True, (*doubts, *told[-1:], *unsure))


def _doubts(wish: Wish, found: Found, restores: Restores) -> list[str]:
    """Why the data may be as a rollback has left it half-way, where that is to be ignored.

    :raises BackupError: it is not to be.
    """
    reports = unfinished(asks_snapshot(wish.release, wish.addon_ids, found), History(found, restores))
    if reports and not wish.ignore_incomplete:
        raise BackupError(incomplete_rollback(wish.project_id, wish.release, reports))
    return [messages.incomplete_is_ignored(told(reports))] if reports else []


def _serves(last: Set, wish: Wish, now: Optional[float]) -> bool:
    """Whether a set could be used again, if nothing was restored since."""
    return (
        now is not None
        and last.name == set_name(wish.release, wish.addon_ids, last.generation)
        and last.proved
        and all(
            backup.usable and backup.backup_type in (None, wish.backup_type) and backup.age(now) <= wish.max_age
            for backup in last.members.values()
        )
    )
