# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of addon_backup_restore beyond its argument spec: checked, and in the engine's form. Pure."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from .._api.errors import InvalidInput, MalformedAnswer
from .._api.models import posix_time
from .._task import validation
from .._task.members import RunOptions
from .._task.task import Observer
from .plan import SINCE_CREATED, RestoreTarget

# Where a backup comes from that is not the addon's own; each needs source_addon_id beside it.
_SOURCE_OPTIONS = ("source_project_id", "source_destination_id")
_BACKUP_OPTIONS = ("backup_id", "name", "backup_type", "name_prefix", "source_addon_id", *_SOURCE_OPTIONS)


def targets(params: Mapping[str, Any]) -> list[RestoreTarget]:
    """Check the arguments that say what to put back to what, and put them into the engine's form.

    :raises InvalidInput: one breaks its rule.
    """
    listed, addon_ids = params["targets"], params["addon_id"]
    if (listed is None) == (addon_ids is None):
        raise InvalidInput("targets", "or addon_id is needed, and not both")
    if listed is not None:
        return _listed(params, listed)
    ids = validation.addon_ids(addon_ids)
    _check_choice(params, len(ids))
    name, backup_id, place = params["name"], params["backup_id"], params["source_destination_id"]
    return [
        RestoreTarget(
            addon_id=addon_id,
            backup_id=None if backup_id is None else validation.identifier("backup_id", backup_id),
            name=None if name is None else validation.backup_name("name", name),
            latest=params["latest"],
            backup_type=params["backup_type"],
            name_prefix=params["name_prefix"],
            source_project_id=_optional_id(params, "source_project_id"),
            source_addon_id=_optional_id(params, "source_addon_id"),
            source_destination_id=None if place is None else validation.destination_id("source_destination_id", place),
            since=_since("skip_if_restored_since", params["skip_if_restored_since"]),
        )
        for addon_id in ids
    ]


def _listed(params: Mapping[str, Any], listed: Sequence[Mapping[str, Optional[str]]]) -> list[RestoreTarget]:
    for option in _BACKUP_OPTIONS:
        if params[option] is not None:
            raise InvalidInput(option, "cannot be used with targets, which name each backup", params[option])
    if params["latest"]:
        raise InvalidInput("latest", "cannot be used with targets, which name each backup", value=True)
    ids = validation.addon_ids([target["addon_id"] or "" for target in listed], "addon_id in targets")
    for_all = _since("skip_if_restored_since", params["skip_if_restored_since"])
    wanted = []
    for number, (addon_id, target) in enumerate(zip(ids, listed)):
        own = _since(f"targets[{number}].skip_if_restored_since", target.get("skip_if_restored_since"))
        backup_id = validation.identifier(f"targets[{number}].backup_id", target["backup_id"] or "")
        wanted.append(RestoreTarget(addon_id, backup_id=backup_id, since=for_all if own is None else own))
    return wanted


def _since(option: str, value: Optional[str]) -> Optional[str]:
    """Return a moment from which on a restore makes another one needless.

    :raises InvalidInput: it is none.
    """
    if value is not None and value != SINCE_CREATED:
        try:
            posix_time(value)
        except MalformedAnswer as error:
            rule = "must be 'created' or a time such as 2026-03-01T12:00:00Z"
            raise InvalidInput(option, rule, value) from error
    return value


def _check_choice(params: Mapping[str, Any], addons: int) -> None:
    given = [option for option in ("backup_id", "name") if params[option] is not None]
    given += ["latest"] if params["latest"] else []
    if params["state"] == "aborted":
        if [option for option in given if option != "backup_id"]:
            raise InvalidInput(given[-1], "cannot be used with state=aborted")
    elif len(given) != 1:
        raise InvalidInput("addon_id", "needs exactly one of backup_id, name and latest", ", ".join(given) or "none")
    if params["backup_id"] is not None and addons > 1:
        raise InvalidInput(
            "backup_id", "can be used with one addon only; for several, use targets", params["backup_id"]
        )
    _check_narrowing(params)


def _check_narrowing(params: Mapping[str, Any]) -> None:
    if params["name_prefix"] is not None and not params["latest"]:
        raise InvalidInput("name_prefix", "can be used with latest only", params["name_prefix"])
    if params["backup_type"] is not None and not params["latest"] and params["name"] is None:
        raise InvalidInput("backup_type", "can be used with latest or name only", params["backup_type"])
    for option in _SOURCE_OPTIONS:
        if params[option] is not None and params["source_addon_id"] is None:
            raise InvalidInput(option, "needs source_addon_id beside it", params[option])
    if params["source_addon_id"] is not None and params["backup_id"] is None:
        raise InvalidInput("source_addon_id", "can be used with backup_id only", params["source_addon_id"])


def _optional_id(params: Mapping[str, Any], option: str) -> Optional[str]:
    return None if params[option] is None else validation.identifier(option, params[option])


def restore_options(params: Mapping[str, Any], check_mode: bool, observe: Observer) -> RunOptions:
    """Check the arguments that say how to go about it.

    :raises InvalidInput: one breaks its rule.
    """
    return RunOptions(
        wait=params["wait"],
        check_mode=check_mode,
        concurrency=validation.whole_number("concurrency", params["concurrency"], 1, 64, "requests at once"),
        budget_share=validation.share("budget_share", params["budget_share"]),
        observe=observe,
    )
