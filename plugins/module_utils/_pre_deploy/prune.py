# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which sets of the role pre_deploy_snapshot to keep and which to delete. Pure.

What is counted is releases, as a release names one deployment: all generations of a kept release are kept. What is
deleted is whole sets, and only those whose names prove which addons they belong to.
"""

from __future__ import annotations

import math
from typing import Callable, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from .._api.errors import BackupError
from .._api.models import IMPORT, Backup, posix_time
from .._api.states import COMPLETED
from .._retention.decisions import NO_RESTORES, Decision, under_way
from .._task import ages
from .._task.backups import newest
from .._task.restore_history import Restores
from . import messages
from .commands import Commands, in_a_row
from .names import digest_in, is_of_0_9, key_of_0_9, members_digest, release_key, release_of
from .sets import BackupsByAddon, SnapshotSet, all_sets
from .unfinished import History, release_is_unfinished

UNPROVED = "which addons this set belongs to cannot be verified"


_Taken = Sequence[Tuple[SnapshotSet, Sequence[Tuple[str, Backup]]]]


class _Release(NamedTuple):
    """All sets of one release.

    :ivar key: what stands for it.
    :ivar time: when the newest backup was started, in seconds since 1970; of completed ones, if there are any.
    :ivar sets: each with all backups of its name and their addons.
    :ivar is_shared: by their names, which version 0.9 gave, these sets may be of several releases.
    """

    key: str
    time: float
    sets: _Taken
    is_shared: bool = False

    @property
    def complete(self) -> bool:
        """Whether it has a set to go back to. Only then does it count: what failed must not push out what is good."""
        return any(one.complete for one, _pairs in self.sets)


def plan_prune(
    release: str,
    found: BackupsByAddon,
    keep_last: int,
    keep_within: float,
    now: Optional[float],
    restores: Restores = NO_RESTORES,
) -> list[Decision]:
    """Decide on each backup that the role has taken as part of a set.

    :param release: the one that is deployed now. It is kept and counts, also before its set is there.
    :param found: the backups of all addons of the project.
    :param keep_last: how many releases to keep, at least 1.
    :param keep_within: seconds back from now within which all releases are kept; 0 for none.
    :param now: the API's clock, in seconds since 1970.
    :param restores: by addon, all its restores, where they were read; see :func:`addons_losing_backups`.
    :returns: newest release first, each set's backups together.
    """
    if now is None:
        raise BackupError(messages.no_clock_for_release())
    if keep_within:
        ages.check_clock(now, (backup for backups in found.values() for backup in backups))
    present = release_key(release)
    releases = _releases(found, restores, present)
    best = _newest_completed(releases)
    known = {members_digest(taken.members): set(taken.members) for one in releases for taken, _pairs in one.sets}
    by_rule = _kept_by_rules(releases, present, keep_last, now - keep_within if keep_within else math.inf)
    decisions = []
    for one in releases:
        reasons = [
            *by_rule.get(one.key, ()),
            *_shared(one),
            *_under_way(one, restores),
            *_half_way(one, found, restores),
        ]
        for taken, pairs in one.sets:
            because = [*reasons, *_guards(pairs, best)]
            # A set that lost members, for example to a prune that was interrupted, is known by the list of another one.
            if not set(taken.members) <= known.get(digest_in(taken.name), set()):
                because.append(UNPROVED)
            label = ", ".join(dict.fromkeys(because)) or "kept by no rule"
            decisions += [Decision(addon_id, backup, bool(because), label) for addon_id, backup in pairs]
    return decisions


def rules(release: str, keep_last: int, keep_within: float, now: Optional[float]) -> Callable[..., list[Decision]]:
    """Return what :func:`plan_prune` decides on backups and restores, for these wishes."""

    def decide(found: BackupsByAddon, restores: Restores) -> list[Decision]:
        return plan_prune(release, found, keep_last, keep_within, now, restores)

    return decide


def addons_losing_backups(decisions: Sequence[Decision]) -> set[str]:
    """Return the addons whose restores decide on what goes: those with a backup of a release that loses something."""
    # By the digits that version 0.9 had, a release is found under both of its names.
    going = {key_of_0_9(release_of(one.backup.name)) for one in decisions if not one.keep}
    return {one.addon_id for one in decisions if key_of_0_9(release_of(one.backup.name)) in going}


def going(decisions: Sequence[Decision]) -> list[str]:
    """Return names of the sets that go."""
    return sorted({one.backup.name for one in decisions if not one.keep})


def unproved(decisions: Sequence[Decision]) -> dict[str, list[str]]:
    """Return the sets that nothing keeps but the doubt about their members.

    By name, the addons that have a backup of each.
    """
    found: dict[str, list[str]] = {}
    for one in sorted(decisions, key=lambda decision: (decision.backup.name, decision.addon_id)):
        if one.reason == UNPROVED:
            found.setdefault(one.backup.name, []).append(one.addon_id)
    return found


def deleting(sets: Mapping[str, Sequence[str]], commands: Commands) -> str:
    """Return the command that deletes sets.

    :param sets: by name, the addons that have a backup of each.
    """
    return in_a_row(
        [
            # A second backup of the name is deleted by the same command, typed again.
            commands.task("addon_backup", addon_id=",".join(dict.fromkeys(addon_ids)), name=name, state="absent")
            for name, addon_ids in sets.items()
        ]
    )


def _releases(found: BackupsByAddon, restores: Restores, present: str) -> list[_Release]:
    """Return newest first."""
    by_name: dict[str, dict[tuple[str, str, str], tuple[str, Backup]]] = {}
    for addon_id, backups in found.items():
        # A list that changes while its pages are read can tell of a backup twice. What speaks for keeping it counts.
        busy = [under_way(backup, restores.get(addon_id, ())) is not None for backup in backups]
        ranked = sorted(zip(busy, backups), key=lambda pair: (not pair[0], pair[1].status != COMPLETED))
        for _busy, backup in ranked:
            by_name.setdefault(backup.name, {}).setdefault((addon_id, *backup.identity), (addon_id, backup))
    grouped: dict[str, list[tuple[SnapshotSet, list[tuple[str, Backup]]]]] = {}
    sets = all_sets(found)
    today = {present, *(release_of(one.name) for one in sets if not is_of_0_9(one.name))}
    for one in sets:
        grouped.setdefault(_key(one.name, today), []).append((one, list(by_name[one.name].values())))
    releases = [_Release(key, _time(members), members, len(_heirs(key, today)) > 1) for key, members in grouped.items()]
    return sorted(releases, key=lambda one: (one.time, one.key), reverse=True)


def _key(name: str, today: Iterable[str]) -> str:
    """Return what stands for the release of a set. A set of version 0.9 is one of the release that it can be of today.

    :param today: the keys of all releases that are known by names of today.
    """
    heirs = _heirs(release_of(name), today)
    return heirs[0] if len(heirs) == 1 else release_of(name)


def _heirs(key: str, today: Iterable[str]) -> list[str]:
    """Return the releases of today that a set of version 0.9 can be of, by its key; for any other key, that."""
    return [other for other in today if other == key or key_of_0_9(other) == key]


def _time(sets: _Taken) -> float:
    backups = [backup for _one, pairs in sets for _addon_id, backup in pairs]
    completed = [backup for backup in backups if backup.status == COMPLETED]
    return max(posix_time(backup.created_at) for backup in completed or backups)


def _kept_by_rules(releases: Sequence[_Release], present: str, keep_last: int, since: float) -> dict[str, list[str]]:
    """Return why releases are kept, by their keys.

    :param releases: newest first.
    :param since: seconds since 1970; what was taken later is kept.
    """
    kept: dict[str, list[str]] = {present: ["this release"]}
    left = keep_last - 1
    for one in releases:
        if one.key != present and left > 0:
            kept.setdefault(one.key, []).append(f"last {keep_last}")
            left -= one.complete
        if one.time >= since:
            kept.setdefault(one.key, []).append("young")
    return kept


def _newest_completed(releases: Sequence[_Release]) -> set[tuple[str, tuple[str, str]]]:
    """Return the newest completed backup of each addon: none is left without one."""
    completed: dict[str, list[Backup]] = {}
    for one in releases:
        for _taken, pairs in one.sets:
            for addon_id, backup in pairs:
                if backup.status == COMPLETED:
                    completed.setdefault(addon_id, []).append(backup)
    best = {addon_id: newest(backups) for addon_id, backups in completed.items()}
    return {(addon_id, backup.identity) for addon_id, backup in best.items() if backup is not None}


def _under_way(release: _Release, restores: Restores) -> Iterator[str]:
    """Leave a release that somebody works with just now alone as a whole."""
    for _taken, pairs in release.sets:
        for addon_id, backup in pairs:
            reason = under_way(backup, restores.get(addon_id, ()))
            if reason is not None:
                yield f"{addon_id} is {reason}"


def _shared(release: _Release) -> Iterator[str]:
    if release.is_shared:
        yield "taken by version 0.9, and its name may stand for several releases"


def _half_way(release: _Release, found: BackupsByAddon, restores: Restores) -> Iterator[str]:
    """Leave alone what a rollback needs to be brought to its end, also where another release's set is newer."""
    history = History(found, restores, heeds_later_sets=False)
    if release_is_unfinished([one for one, _pairs in release.sets], history):
        yield "its last rollback is not complete"


def _guards(pairs: Sequence[tuple[str, Backup]], best: set[tuple[str, tuple[str, str]]]) -> Iterator[str]:
    """Return reasons for which a set is kept whatever the rules say."""
    for addon_id, backup in pairs:
        if (addon_id, backup.identity) in best:
            yield f"newest completed of {addon_id}"
        if backup.backup_type == IMPORT:
            yield f"{addon_id} has an import of this name"
