# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for programs: all that is known, as JSON. Pure."""

from __future__ import annotations

import json
from typing import Any

from .._api.errors import masked
from .._api.models import posix_time
from .._freshness.engine import AddonFreshness
from .._freshness.result import to_result
from .._task.messages import moment
from .facts import MARK, Report, differences

# Longer than any name or tag. The time that masking takes is not always in proportion to the length.
_LONGEST = 10_000


def as_json(report: Report) -> str:
    """Make the text of ``report.json``."""
    spec, result = report.spec, to_result(report.spec, report.survey)
    rows = zip(result.pop("addons"), report.survey.addons)
    facts: dict[str, Any] = {
        "generator": MARK,
        "generated_at": moment(report.made_at),
        "project_ids": list(spec.project_ids),
        "max_age": spec.max_age,
        "backup_type": spec.backup_type,
        "require_schedule": spec.require_schedule,
        **result,
        "differences": [
            {"tag": one.tag, "policies": [{"policy": does, "addons": addons} for does, addons in one.policies]}
            for one in differences(report)
        ],
        "addons": [{**row, **_beyond(one)} for row, one in rows],
    }
    return json.dumps(_without_secrets(facts), indent=1) + "\n"


def _without_secrets(value: Any) -> Any:
    """Mask what the other forms of the report mask, in whatever the API tells: files are read by many."""
    if isinstance(value, dict):
        return {key: _without_secrets(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_secrets(part) for part in value]
    return masked(value[:_LONGEST]) if isinstance(value, str) else value


def _beyond(one: AddonFreshness) -> dict[str, Any]:
    """Add what a result of a task would be too long with."""
    history = sorted(one.found or (), key=lambda backup: posix_time(backup.created_at))
    return {
        "tags": [] if one.addon is None else list(one.addon.tags),
        "history": [
            {
                "id": backup.id,
                "created_at": backup.created_at,
                "type": backup.backup_type,
                "status": backup.status,
                "size": backup.size,
            }
            for backup in history
        ],
    }
