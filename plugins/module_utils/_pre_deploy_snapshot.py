# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before a deployment: which addons belong to its set, and whether the last set is used again. Pure."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils import _hints, _hints_role
from ansible_collections.northflank.cloud.plugins.module_utils._errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._models import SNAPSHOT, Addon
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy_names import set_name
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy_sets import Found, Set, sets_of
from ansible_collections.northflank.cloud.plugins.module_utils._preflight import BLOCKED_STATES


def members(addons: Sequence[Addon], wanted: Mapping[str, Any], project_id: str) -> list[str]:
    """The addons of a set.

    :param wanted: the arguments ``addon_ids``, or else ``addon_types``, ``addon_tags`` and ``exclude``.
    :raises BackupError: one does not exist or cannot be backed up, or none is left.
    """
    known = {addon.id: addon for addon in addons}
    if wanted["addon_ids"] is not None:
        missing = [addon_id for addon_id in wanted["addon_ids"] if addon_id not in known]
        if missing:
            raise BackupError(_hints.no_such_addon(missing[0], project_id, sorted(known)))
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
        raise BackupError(_hints_role.nothing_selected(project_id))
    blocked = {addon.id: addon.status for addon in chosen if addon.status in BLOCKED_STATES}
    if blocked:
        raise BackupError(_hints_role.cannot_be_in_a_set(blocked))
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


def plan_snapshot(
    release: str,
    addon_ids: Sequence[str],
    found: Found,
    now: Optional[float],
    max_age: float,
    backup_type: str = SNAPSHOT,
) -> SnapshotPlan:
    """Reuse or join the release's last set, or take the next one.

    :param addon_ids: the addons that are asked for.
    :param found: the backups of all addons of the project.
    :param now: the API's clock, in seconds since 1970.
    :param max_age: seconds.
    :param backup_type: the type that is asked for.
    """
    if now is None:
        raise BackupError(_hints_role.no_clock_for_release())
    sets = sets_of(release, found)
    last = sets[-1] if sets else None
    if last is not None and _serves(last, set_name(release, addon_ids, last.generation), now, max_age, backup_type):
        return SnapshotPlan(last.name, last.generation, False, (_hints_role.set_reused(last.name, last.created_at),))
    generation = 1 if last is None else last.generation + 1
    earlier = [one for one in sets if one.complete and not one.was_restored]
    warnings = tuple(_hints_role.earlier_set(release, one.name, one.generation, one.created_at) for one in earlier[-1:])
    return SnapshotPlan(set_name(release, addon_ids, generation), generation, True, warnings)


def _serves(last: Set, name: str, now: float, max_age: float, backup_type: str) -> bool:
    return (
        last.name == name
        and last.proved
        and not last.was_restored
        and all(
            backup.usable and backup.backup_type in (None, backup_type) and backup.age(now) <= max_age
            for backup in last.members.values()
        )
    )
