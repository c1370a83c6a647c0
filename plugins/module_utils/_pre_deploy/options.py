# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role pre_deploy_snapshot, as a playbook, a command line or a survey gives them. Pure.

A value that comes from ``-e name=value`` or from a survey is always text, and the text ``false`` is true for a
condition. So the role never looks at a variable itself: it looks at what is read here.
"""

from __future__ import annotations

import json
from functools import partial
from types import MappingProxyType
from typing import Any, Callable, Iterable, Mapping, Optional, Sequence

from .._api.errors import BackupError, InvalidInput
from .._task import validation, variable_messages

VARIABLE_PREFIX = "pre_deploy_snapshot_"
# What the role itself sets for the tasks after it.
FACTS = ("backups", "published")
# Before ansible-core 2.19, a variable that was omitted has a value all the same.
_OMITTED = "__omit_place_holder__"
_TRUE = frozenset({"true", "yes", "on", "y", "t", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "f", "0"})

Reader = Callable[[str, Any], Any]


def text(option: str, value: Any) -> str:
    """Return a word or a number, as text.

    :raises InvalidInput: it is something with parts.
    """
    if isinstance(value, (list, dict)):
        raise InvalidInput(option, "must be text", value)
    return str(value).strip()


def limit(option: str, value: Any) -> str:
    """Return how long something may take, as text, also as a number of seconds.

    :raises InvalidInput: it is none.
    """
    given = text(option, value)
    validation.time_limit(option, given)
    return given


def choice(allowed: Sequence[str], option: str, value: Any) -> str:
    """Return one of several words.

    :raises InvalidInput: it is another.
    """
    given = text(option, value)
    if given not in allowed:
        raise InvalidInput(option, f"must be one of: {', '.join(allowed)}", value)
    return given


def number(option: str, value: Any) -> int:
    """Return a whole number, also as text.

    :raises InvalidInput: it is none.
    """
    try:
        # As text first, so that neither true nor 1.5 becomes 1.
        return int(str(value).strip())
    except ValueError as error:
        raise InvalidInput(option, "must be a whole number", value) from error


def boolean(option: str, value: Any) -> bool:
    """Return true or false, also as text, in all spellings that YAML and Ansible know.

    :raises InvalidInput: it is neither.
    """
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise InvalidInput(option, "must be true or false", value)
    return word in _TRUE


def words(option: str, value: Any) -> list[str]:
    """Return a list of words; as text, separated by commas or as JSON.

    :raises InvalidInput: it is none.
    """
    if isinstance(value, str):
        value = _json_list(option, value) if value.strip().startswith("[") else value.split(",")
        # A comma at the end means nothing.
        value = [one for one in value if not isinstance(one, str) or one.strip()]
    if not isinstance(value, list) or any(isinstance(one, (list, dict)) for one in value):
        raise InvalidInput(option, "must be a list, or text with commas", value)
    return [str(one).strip() for one in value]


def places(option: str, value: Any) -> list[dict[str, Any]]:
    """Return a list of dictionaries; as text, in JSON.

    :raises InvalidInput: it is none.
    """
    if isinstance(value, str):
        value = _json_list(option, value)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise InvalidInput(option, "must be a list of dictionaries", value)
    return value


def _json_list(option: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        raise InvalidInput(option, "must be JSON where it begins with a bracket", value) from error


# By name, how it is read. The token is none of them: it goes nowhere but into the tasks that send it.
VARIABLES: Mapping[str, Reader] = MappingProxyType(
    {
        "wait_timeout": limit,
        "addon_ids": words,
        "addon_types": words,
        "addon_tags": words,
        "exclude": words,
        "max_age": text,
        "keep_last": number,
        "keep_within": text,
        "on_timeout": partial(choice, ("fail", "abort")),
        "backup_type": partial(choice, ("snapshot", "dump")),
        "compression_type": partial(choice, ("gz", "zstd")),
        "additional_destinations": places,
        "generation": number,
        "rollback_safety": boolean,
        "restore_again": boolean,
        "ignore_incomplete_rollback": boolean,
    }
)
# These are no matter of the role: every task of it takes them.
CONNECTION = ("api_token", "context", "api_url", "team_id", "validate_certs", "ca_path", "api_timeout", "api_retries")
KNOWN = frozenset({"project_id", "release", *VARIABLES, *CONNECTION, *FACTS})


def is_given(value: Any) -> bool:
    """Return whether a value says anything: surveys send empty text, or null, for what was left open."""
    return value is not None and not (isinstance(value, str) and (not value.strip() or value.startswith(_OMITTED)))


def read_options(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that are given, each as what it means.

    :param variables: by name, without the prefix.
    :raises InvalidInput: one cannot be read.
    """
    return {
        name: read(f"{VARIABLE_PREFIX}{name}", variables[name])
        for name, read in VARIABLES.items()
        if is_given(variables.get(name))
    }


def check_names(names: Iterable[str]) -> None:
    """Whether all variables with the role's prefix are its own: a slip must not mean "not given".

    :param names: with the prefix.
    :raises BackupError: one is not; the nearest right one is told.
    """
    unknown = sorted(
        name for name in names if name.startswith(VARIABLE_PREFIX) and name[len(VARIABLE_PREFIX) :] not in KNOWN
    )
    if unknown:
        raise BackupError(
            variable_messages.unknown_variable(unknown[0], [f"{VARIABLE_PREFIX}{name}" for name in sorted(KNOWN)])
        )


def published_as(url: str, team_id: Optional[str], project_id: str, release: str) -> str:
    """Return what tells the sets apart that plays of one run have taken.

    The same for one release of one project only.
    """
    return f"{url} {team_id or '-'} {project_id} {release}"


def taken_in_this_run(published: Iterable[Mapping[str, Any]], key: str) -> Optional[list[Any]]:
    """Return the backups of the set that this run has taken for a release; None if it did not try.

    :param published: an entry for each release that this run has tried to take a set for.
    :param key: of the release, see :func:`published_as`.
    :raises BackupError: it tried, and has no complete set.
    """
    for entry in published:
        if entry.get("published_as") == key:
            if not entry.get("backups"):
                raise BackupError(variable_messages.nothing_taken())
            return list(entry["backups"])
    return None
