# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of addon_fork beyond its argument spec: checked, and in the engine's form. Pure."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional

from .._api.errors import InvalidInput
from .._task import validation
from .models import ForkSpec
from .plan import check_fork_name

# An addon's ID is its name as a slug, so a name that is one already is both.
_FORK_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_NAME = 39
_SIZES = ("deployment_plan", "storage", "replicas")
_ONLY_PRESENT = ("name", "latest", *_SIZES)


def fork_spec(params: Mapping[str, Any]) -> ForkSpec:
    """Check the arguments, and put them into the form that is decided by.

    :raises InvalidInput: one breaks its rule.
    :raises BackupError: the fork's name does not have the digits of its source, as far as that is named.
    """
    _check_choice(params)
    project_id = validation.identifier("project_id", params["project_id"])
    source_project_id = _optional_id(params, "source_project_id")
    name = params["name"]
    spec = ForkSpec(
        project_id=project_id,
        source_project_id=project_id if source_project_id is None else source_project_id,
        source_addon_id=validation.identifier("source_addon_id", params["source_addon_id"].strip()),
        backup_id=_optional_id(params, "backup_id"),
        name=None if name is None else validation.backup_name("name", name),
        fork_name=_fork_name(params["fork_name"]),
        fork_uid=_text("fork_uid", params["fork_uid"]),
        deployment_plan=_text("deployment_plan", params["deployment_plan"]),
        storage=_at_least_one("storage", params["storage"], "megabyte"),
        replicas=_at_least_one("replicas", params["replicas"], "replica"),
    )
    if spec.backup_id is not None:
        check_fork_name(spec, spec.backup_id)
    return spec


def _check_choice(params: Mapping[str, Any]) -> None:
    if params["state"] == "absent":
        for option in _ONLY_PRESENT:
            if params[option] not in (None, False):
                raise InvalidInput(option, "can be used with state=present only, not with absent", params[option])
        for option in ("fork_name", "backup_id"):
            if params[option] is None:
                raise InvalidInput(option, "is required with state=absent, to prove what the fork was made of")
        return
    given = [option for option in ("backup_id", "name") if params[option] is not None]
    given += ["latest"] if params["latest"] else []
    if len(given) != 1:
        found = ", ".join(given) or "none"
        raise InvalidInput("source_addon_id", "needs exactly one of backup_id, name and latest", found)
    if params["fork_uid"] is not None:
        raise InvalidInput("fork_uid", "can be used with state=absent only", params["fork_uid"])


def _fork_name(value: Optional[str]) -> Optional[str]:
    if value is None:
        return None
    if not 3 <= len(value) <= _LONGEST_NAME:
        raise InvalidInput("fork_name", f"must have 3 to {_LONGEST_NAME} characters, not {len(value)}", value)
    if not _FORK_NAME.fullmatch(value):
        rule = "must be lower-case letters and digits, in groups joined by one hyphen each, and begin with a letter"
        raise InvalidInput("fork_name", rule, value)
    return value


def _optional_id(params: Mapping[str, Any], option: str) -> Optional[str]:
    return None if params[option] is None else validation.identifier(option, params[option])


def _text(option: str, value: Optional[str]) -> Optional[str]:
    if value is not None and not value.strip():
        raise InvalidInput(option, "must not be empty")
    return value


def _at_least_one(option: str, value: Optional[int], unit: str) -> Optional[int]:
    return None if value is None else validation.whole_number(option, value, 1, None, unit)
