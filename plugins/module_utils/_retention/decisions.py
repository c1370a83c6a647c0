# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups of a naming scheme to keep and which to delete: the decision, without any I/O.

What is decided upon is a unit: one backup, or all backups of a group. It goes if no rule keeps it and nothing guards
it. Nothing here needs a clock, as ages count back from the newest backup: where no backups are taken any more, none
goes because time passes.
"""

from __future__ import annotations

import math
import re
from types import MappingProxyType
from typing import Iterable, Iterator, NamedTuple, Optional, Sequence

from .._api.errors import safe_text
from .._api.models import IMPORT, Backup, Restore, posix_time
from .._api.purpose import asks_for_safety
from .._api.states import ABORTING, ACTIVE_STATES, COMPLETED, FAILED_STATES, FINAL_STATES
from .._task.restore_history import Restores, may_be_of
from .policy import Policy, Unit, kept_by_rules


class Decision(NamedTuple):
    """What to do with one backup.

    :ivar keep: False to delete it.
    :ivar reason: why, for a person; several reasons with commas between them.
    """

    addon_id: str
    backup: Backup
    keep: bool
    reason: str


NO_RESTORES: Restores = MappingProxyType({})


def decide_retention(
    found: Iterable[tuple[str, Backup]], policy: Policy, restores: Restores = NO_RESTORES
) -> list[Decision]:
    """Decide on each backup of the naming scheme. The order of what was found does not matter.

    Without groups, each addon is decided on for itself. With groups, all addons are decided on together.

    :param found: all backups, each with the ID of its addon.
    :param restores: by addon, all its restores, where they were read.
    :returns: newest first; backups of another naming scheme are left out.
    """
    listed = _once([pair for pair in found if named_so(pair[1].name, policy)], policy, restores)
    outside = [(pair, _outside(pair[1], policy)) for pair in listed]
    decisions = [Decision(*pair, keep=True, reason=reason) for pair, reason in outside if reason is not None]
    inside = [pair for pair, reason in outside if reason is None]
    newest = _newest_completed(inside, policy)
    for units in _streams(inside, policy):
        by_rule = kept_by_rules(units, policy)
        for unit in units:
            reasons = [*by_rule.get(unit, ()), *_guards(unit, newest, policy, restores)]
            decisions += _verdict(unit, reasons)
    return sorted(decisions, key=lambda one: _rank((one.addon_id, one.backup)), reverse=True)


def named_so(name: str, policy: Policy) -> bool:
    """Return whether a name belongs to the naming scheme."""
    if not name.startswith(policy.name_prefix):
        return False
    rest = name[len(policy.name_prefix) :]
    return policy.name_pattern is None or policy.name_pattern.fullmatch(rest) is not None


def group_of(name: str, pattern: re.Pattern[str]) -> Optional[str]:
    """Return what a name has in common with the others of its group; None where it belongs to none."""
    match = pattern.fullmatch(name)
    return None if match is None else match.group(1 if pattern.groups else 0)


def _rank(pair: tuple[str, Backup]) -> tuple[float, str, str, str]:
    """Orders backups by age, and those of one moment in a way that every run agrees on."""
    addon_id, backup = pair
    return posix_time(backup.created_at), addon_id, backup.id, repr(backup)


def _once(pairs: Sequence[tuple[str, Backup]], policy: Policy, restores: Restores) -> list[tuple[str, Backup]]:
    """Return each backup once: a list that changes while its pages are read can tell of one twice.

    Of two states of one backup, that counts by which it may not be deleted.
    """
    chosen: dict[tuple[str, tuple[str, str]], tuple[str, Backup]] = {}
    for pair in sorted(pairs, key=lambda pair: (_guard(pair[0], pair[1], policy, restores) is None, _rank(pair))):
        chosen.setdefault((pair[0], pair[1].identity), pair)
    return list(chosen.values())


def _outside(backup: Backup, policy: Policy) -> Optional[str]:
    """Return why a backup of this naming scheme is left alone, and neither counts nor belongs to a group.

    One of a type that is not told is not left out here: it may belong to a group, which then may not be torn apart.
    """
    if backup.backup_type == IMPORT:
        return "an import"
    if backup.is_safety and not asks_for_safety(policy.name_prefix):
        return "a safety snapshot of a rollback, and name_prefix does not ask for those"
    if policy.backup_type is not None and backup.backup_type not in (None, policy.backup_type):
        return f"no {policy.backup_type}"
    if policy.group_pattern is not None and group_of(backup.name, policy.group_pattern) is None:
        return "of no group"
    return None


def _counts(backup: Backup, policy: Policy) -> bool:
    """Return whether a backup inside of the naming scheme is one to rely on: complete, and surely of the asked type."""
    return backup.status == COMPLETED and policy.backup_type in (None, backup.backup_type)


def _newest_completed(pairs: Iterable[tuple[str, Backup]], policy: Policy) -> set[tuple[str, tuple[str, str]]]:
    """Return the newest completed backup of each addon."""
    newest: dict[str, tuple[str, tuple[str, str]]] = {}
    for addon_id, backup in sorted(pairs, key=_rank):
        if _counts(backup, policy):
            newest[addon_id] = (addon_id, backup.identity)
    return set(newest.values())


def _streams(pairs: Sequence[tuple[str, Backup]], policy: Policy) -> list[list[Unit]]:
    """Units, newest first, apart for what is decided on apart."""
    members: dict[tuple[str, ...], list[tuple[str, Backup]]] = {}
    for addon_id, backup in sorted(pairs, key=_rank):
        group = None if policy.group_pattern is None else group_of(backup.name, policy.group_pattern)
        key: tuple[str, ...] = (addon_id, *backup.identity) if group is None else (group,)
        members.setdefault(key, []).append((addon_id, backup))
    streams: dict[str, list[tuple[float, tuple[str, ...], Unit]]] = {}
    for key, together in members.items():
        single = policy.group_pattern is None
        unit = _unit(together, None if single else key[0], policy)
        rank = -math.inf if unit.time is None else unit.time
        streams.setdefault(key[0] if single else "", []).append((rank, key, unit))
    return [
        [unit for _rank, _key, unit in sorted(stream, key=lambda one: one[:2], reverse=True)]
        for stream in streams.values()
    ]


def _unit(members: Sequence[tuple[str, Backup]], group: Optional[str], policy: Policy) -> Unit:
    completed = [(addon_id, backup) for addon_id, backup in members if _counts(backup, policy)]
    return Unit(
        members=tuple(members),
        group=group,
        time=max((posix_time(backup.created_at) for _addon_id, backup in completed), default=None),
        whole={addon_id for addon_id, _backup in members} == {addon_id for addon_id, _backup in completed},
    )


def _guards(unit: Unit, newest: set[tuple[str, tuple[str, str]]], policy: Policy, restores: Restores) -> Iterator[str]:
    """Return reasons for which a unit is kept whatever the rules say."""
    for addon_id, backup in unit.members:
        if (addon_id, backup.identity) in newest:
            yield "newest completed"
        reason = _guard(addon_id, backup, policy, restores)
        if reason is not None:
            yield reason


def _guard(addon_id: str, backup: Backup, policy: Policy, restores: Restores) -> Optional[str]:
    """Return why a backup is never deleted, by itself."""
    if policy.protect & {backup.name, backup.id}:
        return "protected"
    active = under_way(backup, restores.get(addon_id, ()))
    if active is not None:
        return active
    if backup.status in FAILED_STATES and not policy.delete_failed:
        return f"{backup.status}, and delete_failed is not set"
    if policy.backup_type is not None and backup.backup_type is None:
        return "of a type that the API does not tell"
    return None


def under_way(backup: Backup, restores: Sequence[Restore]) -> Optional[str]:
    """Return what goes on with a backup, or may go on, so that it may not be deleted; None if nothing does.

    :param restores: all restores of its addon. What the backup itself tells of its last one counts beside them.
    """
    own = None if backup.last_restore is None else backup.last_restore.get("status")
    if backup.status in ACTIVE_STATES or backup.status == ABORTING:
        return "active"
    if backup.status not in FINAL_STATES:
        return f"in the unknown state '{safe_text(backup.status, 40)}'"
    # A state that nobody documented is taken as one that goes on.
    if own is not None and own not in FINAL_STATES:
        return "being restored"
    return _being_restored(backup, restores)


def _being_restored(backup: Backup, restores: Sequence[Restore]) -> Optional[str]:
    """For a person, that a backup is being put back, or may be; None if not. A state nobody knows goes on.

    :param restores: all restores of the backup's addon.
    """
    under_way = [one for one in restores if one.status not in FINAL_STATES and may_be_of(one, backup)]
    if not under_way:
        return None
    is_sure = any(one.backup_id == backup.id for one in under_way)
    return "being restored" if is_sure else "perhaps being restored: the API does not say which backup is"


def _verdict(unit: Unit, reasons: Sequence[str]) -> Iterator[Decision]:
    group = "" if unit.group is None else f"group {safe_text(unit.group, 80)}: "
    for addon_id, backup in unit.members:
        why = ", ".join(dict.fromkeys(reasons)) or ("kept by no rule" if backup.status == COMPLETED else backup.status)
        yield Decision(addon_id, backup, keep=bool(reasons), reason=group + why)
