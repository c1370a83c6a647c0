# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks about the freshness of backups, checked. Pure."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import InvalidInput
from .._task import validation

# Any type of backup that holds data of the addon itself.
ANY = "any"


class FreshnessSpec(NamedTuple):
    """Which addons have to have which backup.

    :ivar project_ids: one or several, none twice.
    :ivar addon_ids: None for all addons of the projects.
    :ivar max_age: seconds.
    :ivar backup_type: snapshot, dump or any.
    :ivar require_schedule: a schedule has to take such backups at least once in ``max_age``.
    """

    project_ids: Sequence[str]
    addon_ids: Optional[Sequence[str]]
    max_age: float
    types: Optional[Sequence[str]] = None
    tags: Optional[Sequence[str]] = None
    exclude: Sequence[str] = ()
    backup_type: str = ANY
    require_schedule: bool = False


def freshness_arguments() -> dict[str, Any]:
    """Return the argument spec of the options that choose addons and say what is asked of them."""
    return {
        "project_id": {"type": "list", "elements": "str", "required": True},
        "addon_id": {"type": "list", "elements": "str"},
        "types": {"type": "list", "elements": "str"},
        "tags": {"type": "list", "elements": "str"},
        "exclude": {"type": "list", "elements": "str"},
        "max_age": {"type": "str", "required": True},
        "backup_type": {"type": "str", "choices": [ANY, "snapshot", "dump"], "default": ANY},
        "require_schedule": {"type": "bool", "default": False},
    }


def freshness_spec(params: Mapping[str, Any]) -> FreshnessSpec:
    """Read what is asked for from the arguments.

    :raises InvalidInput: one breaks its rule.
    """
    return FreshnessSpec(
        project_ids=_project_ids(params["project_id"]),
        addon_ids=validation.some_addon_ids(params["addon_id"]),
        max_age=validation.duration_seconds("max_age", params["max_age"]),
        types=_stripped(params["types"]),
        tags=_stripped(params["tags"]),
        exclude=() if params["exclude"] is None else validation.addon_ids(params["exclude"], "exclude"),
        backup_type=params["backup_type"],
        require_schedule=params["require_schedule"],
    )


def _stripped(values: Optional[Sequence[str]]) -> Optional[list[str]]:
    """Words as they are meant where a command line has them with commas and blanks: none may be missed silently."""
    return None if values is None else [value.strip() for value in values]


def _project_ids(values: Sequence[str]) -> list[str]:
    if not values:
        raise InvalidInput("project_id", "must name at least one project")
    ids = [validation.identifier("project_id", value.strip()) for value in values]
    for number, project_id in enumerate(ids):
        if project_id in ids[:number]:
            raise InvalidInput("project_id", "must name each project once only", project_id)
    return ids
