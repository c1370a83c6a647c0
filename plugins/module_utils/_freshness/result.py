# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of the freshness of backups, as tasks return it. Pure."""

from __future__ import annotations

from typing import Any

from .._api.models import Backup, posix_time
from .._task import tables
from .arguments import FreshnessSpec
from .engine import AddonFreshness, Survey
from .messages import headline

_HEADING = ("ADDON", "TYPE", "AGE", "SIZE", "BACKUPS", "STATE")


def to_result(spec: FreshnessSpec, found: Survey) -> dict[str, Any]:
    """Return all but the table."""
    fresh = sum(one.fresh for one in found.addons)
    return {
        "addons": [_of_addon(one) for one in found.addons],
        "stale": [one.addon_id for one in found.addons if not one.fresh],
        "fresh": found.fresh,
        "headline": headline(fresh, len(found.addons), spec.backup_type, spec.max_age),
        "summary": {
            "addons": len(found.addons),
            "fresh": fresh,
            "stale": len(found.addons) - fresh,
            "unread": sum(one.found is None for one in found.addons),
            "running": sum(one.verdict.running is not None for one in found.addons),
        },
        "unread": found.unread,
    }


def freshness_table(spec: FreshnessSpec, found: Survey) -> list[str]:
    """Return the addons as lines; with their projects, where several were asked for."""
    several = len(spec.project_ids) > 1
    rows = [((one.project_id or tables.NO_VALUE,) if several else ()) + _cells(one) for one in found.addons]
    return tables.aligned((("PROJECT",) if several else ()) + _HEADING, rows)


def _cells(one: AddonFreshness) -> tuple[str, ...]:
    told, verdict = one.addon, one.verdict
    newest = verdict.newest
    return (
        one.addon_id,
        tables.NO_VALUE if told is None else told.type,
        tables.NO_VALUE if newest is None or verdict.age is None else _age(newest, verdict.age),
        tables.size_cell(None if newest is None else newest.size),
        tables.NO_VALUE if one.found is None else str(len(verdict.completed)),
        verdict.reason or "fresh",
    )


def _age(backup: Backup, seconds: float) -> str:
    return tables.age(backup.created_at, posix_time(backup.created_at) + seconds)


def _of_addon(one: AddonFreshness) -> dict[str, Any]:
    told, verdict, is_read = one.addon, one.verdict, one.found is not None
    sizes = [backup.size for backup in verdict.completed if backup.size is not None]
    backups = {key: getattr(verdict, key) for key in ("newest", "running", "last_failed")}
    return {
        "project_id": one.project_id,
        "addon_id": one.addon_id,
        "name": None if told is None else told.name,
        "type": None if told is None else told.type,
        "status": None if told is None else told.status,
        "fresh": one.fresh,
        "reason": verdict.reason,
        "age": None if verdict.age is None else round(verdict.age, 3),
        **{key: None if backup is None else backup.to_result() for key, backup in backups.items()},
        "backups": len(verdict.completed) if is_read else None,
        "total_size": sum(sizes) if sizes else None,
        "schedules": None if one.schedules is None else [each.to_result() for each in one.schedules],
    }
