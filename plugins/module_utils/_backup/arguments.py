# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of addon_backup beyond its argument spec: checked, and in the engine's form. Pure."""

from __future__ import annotations

from typing import Any, Mapping

from .._api.errors import InvalidInput
from .._api.models import DUMP, SNAPSHOT
from .._task import validation
from .._task.members import RunOptions
from .._task.task import Observer
from .plan import BackupSpec

_ONLY_TO_START = ("max_age", "compression_type", "additional_destinations", "custom_destination_id")


def wanted_backups(params: Mapping[str, Any]) -> list[BackupSpec]:
    """Check the arguments that say which backups, and put them into the engine's form.

    :raises InvalidInput: one breaks its rule.
    """
    addon_ids = validation.addon_ids(params["addon_id"])
    _check_state(params, len(addon_ids))
    name, backup_id, max_age = params["name"], params["backup_id"], params["max_age"]
    return [
        BackupSpec(
            addon_id=addon_id,
            backup_type=params["backup_type"],
            name=None if name is None else validation.backup_name("name", name),
            max_age=None if max_age is None else validation.duration_seconds("max_age", max_age),
            backup_id=None if backup_id is None else validation.identifier("backup_id", backup_id),
            all_matches=params["all_matches"],
            options=_request_options(params),
        )
        for addon_id in addon_ids
    ]


def _check_state(params: Mapping[str, Any], addons: int) -> None:
    """Refuse options that a state cannot use: they would be read and do nothing.

    :raises InvalidInput: one is given.
    """
    state, backup_id = params["state"], params["backup_id"]
    if state != "present":
        _check_other_state(params)
    elif backup_id is not None:
        raise InvalidInput("backup_id", "cannot be used with state=present, which finds backups by name", backup_id)
    if backup_id is not None and addons > 1:
        raise InvalidInput("backup_id", "can be used with one addon only", backup_id)
    if params["all_matches"] and (state != "absent" or params["name"] is None):
        raise InvalidInput("all_matches", "can be used with state=absent and name only", value=True)


def _check_other_state(params: Mapping[str, Any]) -> None:
    """Do the part of :func:`_check_state` for the states that are about backups that exist."""
    state = params["state"]
    if (params["name"] is None) == (params["backup_id"] is None):
        raise InvalidInput("state", "needs either name or backup_id to say which backup is meant, and not both", state)
    for option in _ONLY_TO_START:
        if params[option] is not None:
            raise InvalidInput(option, f"can be used with state=present only, not with {state}", params[option])
    if params["on_timeout"] == "abort":
        raise InvalidInput("on_timeout", f"can be abort with state=present only, not with {state}", "abort")


def _request_options(params: Mapping[str, Any]) -> dict[str, Any]:
    """Check the arguments that only one type of backup has, and put them into the API's spelling.

    :raises InvalidInput: one breaks its rule.
    """
    backup_type, destinations = params["backup_type"], params["additional_destinations"]
    for option, needed in (
        ("compression_type", DUMP),
        ("custom_destination_id", DUMP),
        ("additional_destinations", SNAPSHOT),
    ):
        validation.usable_with(option, params[option], backup_type, needed)
    options: dict[str, Any] = {}
    if params["compression_type"] is not None:
        options["compressionType"] = params["compression_type"]
    if params["custom_destination_id"] is not None:
        options["customDestinationId"] = validation.destination_id(
            "custom_destination_id", params["custom_destination_id"]
        )
    if destinations:
        options["additionalDestinations"] = validation.additional_destinations(destinations)
    return options


def backup_options(params: Mapping[str, Any], check_mode: bool, observe: Observer) -> RunOptions:
    """Check the arguments that say how to go about it.

    :raises InvalidInput: one breaks its rule.
    """
    return RunOptions(
        wait=params["wait"],
        abort_on_timeout=params["on_timeout"] == "abort",
        budget_share=validation.share("budget_share", params["budget_share"]),
        check_mode=check_mode,
        concurrency=validation.whole_number("concurrency", params["concurrency"], 1, 64, "requests at once"),
        observe=observe,
    )
