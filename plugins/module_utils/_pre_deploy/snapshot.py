# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before a deployment: which addons belong to its set, and whether the last set is used again. Pure."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import BackupError
from .._api.models import SNAPSHOT, Addon, posix_time
from .._api.states import BLOCKED_STATES
from .._task import ages
from .._task import messages as task_messages
from .._task.restore_history import Restores
from . import messages
from .commands import Commands
from .names import is_doubtful, is_of_release, release_of, set_name
from .safety import unused
from .sets import BackupsByAddon, SnapshotSet, sets_of
from .unfinished import History, describe_unfinished, find_incomplete_rollback, unfinished


def members(addons: Sequence[Addon], wanted: Mapping[str, Any], commands: Commands) -> list[str]:
    """Return the addons of a set.

    :param wanted: the arguments ``addon_ids``, or else ``addon_types``, ``addon_tags`` and ``exclude``.
    :param commands: to type, for what is told.
    :raises BackupError: one does not exist or cannot be backed up, or none is left.
    """
    known = {addon.id: addon for addon in addons}
    project_id = commands.target["project_id"]
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
        raise BackupError(messages.nothing_selected(project_id, commands.task("addon_info")))
    blocked = {addon.id: addon.status for addon in chosen if addon.status in BLOCKED_STATES}
    if blocked:
        raise BackupError(messages.cannot_be_in_a_set(blocked, _leaving_out(blocked, chosen, wanted)))
    return sorted(addon.id for addon in chosen)


def _leaving_out(blocked: Mapping[str, str], chosen: Sequence[Addon], wanted: Mapping[str, Any]) -> str:
    """Return the variable of the role that leaves some of the chosen addons out, for a command line."""
    if wanted["addon_ids"] is None:
        return f"-e pre_deploy_snapshot_exclude={','.join([*(wanted['exclude'] or []), *blocked])}"
    left = [addon.id for addon in chosen if addon.id not in blocked]
    return f"-e pre_deploy_snapshot_addon_ids={','.join(left)}" if left else ""


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

    :ivar commands: to type, for what it is told.
    :ivar addon_ids: the addons of the set.
    :ivar max_age: seconds that a set may be old to be used again.
    :ivar backup_type: the type of its backups.
    :ivar ignore_incomplete: go on although the data may be as a rollback has left it half-way.
    """

    commands: Commands
    release: str
    addon_ids: Sequence[str]
    max_age: float
    backup_type: str = SNAPSHOT
    ignore_incomplete: bool = False


def asks_snapshot(release: str, addon_ids: Iterable[str], found: BackupsByAddon) -> list[str]:
    """Return the addons whose restores :func:`plan_snapshot` depends on.

    Those of the set, and of the release's earlier ones.

    :param found: the backups of all addons of the project.
    """
    return sorted({*addon_ids, *(addon_id for one in sets_of(release, found) for addon_id in one.members)})


def plan_snapshot(wish: Wish, found: BackupsByAddon, restores: Restores, now: Optional[float]) -> SnapshotPlan:
    """Reuse or join the release's last set, or take the next one.

    :param found: the backups of all addons of the project.
    :param restores: by addon, all its restores, of those that :func:`asks_snapshot` and then
        :func:`_pre_deploy_unfinished.asks` name.
    :param now: the API's clock, in seconds since 1970.
    :raises BackupError: ages cannot be told, the release has had all its generations, or a rollback is half-way.
    """
    if now is None:
        raise BackupError(messages.no_clock_for_release())
    ages.check_clock(now, (backup for backups in found.values() for backup in backups))
    doubts = [*_doubts(wish, found, restores), *_stopped(wish, found, restores)]
    release, addon_ids = wish.release, wish.addon_ids
    sets = sets_of(release, found)
    last = sets[-1] if sets else None
    if (
        last is not None
        and _serves(last, wish, now)
        and last.is_present_state(restores)
        and not _another_was_deployed_since(last, release, found)
    ):
        reused = messages.set_reused(last.name, last.created_at)
        return SnapshotPlan(last.name, last.generation, False, (*doubts, reused))
    generation = 1 if last is None else last.generation + 1
    earlier = [one for one in sets if one.complete and not one.was_put_back(restores)]
    told = [
        messages.earlier_set(one.name, one.created_at, wish.commands.rollback(release, one.generation))
        for one in earlier
    ]
    unsure = [
        messages.doubtful_name(one.name, one.created_at) for one in earlier[-1:] if is_doubtful(one.name, release)
    ]
    return SnapshotPlan(set_name(release, addon_ids, generation), generation, True, (*doubts, *told[-1:], *unsure))


def _doubts(wish: Wish, found: BackupsByAddon, restores: Restores) -> list[str]:
    """Return why the data may be as a rollback has left it half-way, where that is to be ignored.

    :raises BackupError: it is not to be.
    """
    history = History(found, restores)
    reports = unfinished(asks_snapshot(wish.release, wish.addon_ids, found), history)
    if reports and not wish.ignore_incomplete:
        raise BackupError(find_incomplete_rollback(wish.commands, wish.release, reports, history, _going_on(wish)))
    return [messages.incomplete_is_ignored(describe_unfinished(reports))] if reports else []


def _stopped(wish: Wish, found: BackupsByAddon, restores: Restores) -> list[str]:
    """Return what tells of rollbacks that were stopped before they restored anything."""
    by_name: dict[str, list[str]] = {}
    kept = unused(wish.addon_ids, found, restores)
    for addon_id, one in kept.items():
        by_name.setdefault(one.name, []).append(addon_id)
    return [
        messages.stopped_rollback(name, sorted(addon_ids), kept[addon_ids[0]].created_at)
        for name, addon_ids in by_name.items()
    ]


def _going_on(wish: Wish) -> str:
    """Return the command that takes the set whatever a rollback has left half-way."""
    kind = {} if wish.backup_type == SNAPSHOT else {"backup_type": wish.backup_type}
    chosen = {"addon_ids": ",".join(wish.addon_ids), **kind, "ignore_incomplete_rollback": "true"}
    return wish.commands.playbook("snapshot", wish.release, **chosen)


def _another_was_deployed_since(last: SnapshotSet, release: str, found: BackupsByAddon) -> bool:
    """Return whether another release has taken snapshots of any of the same addons since.

    What that release has written since then is not in the set, and going back to it would lose that.
    """
    return any(
        backup.usable
        and bool(release_of(backup.name))
        and not is_of_release(backup.name, release)
        and posix_time(backup.created_at) >= posix_time(member.created_at)
        for addon_id, member in last.members.items()
        for backup in found.get(addon_id, ())
    )


def _serves(last: SnapshotSet, wish: Wish, now: Optional[float]) -> bool:
    """Return whether a set could be used again, if nothing was restored since."""
    return (
        now is not None
        and last.name == set_name(wish.release, wish.addon_ids, last.generation)
        and last.proved
        and all(
            backup.usable and backup.backup_type in (None, wish.backup_type) and backup.age(now) <= wish.max_age
            for backup in last.members.values()
        )
    )
