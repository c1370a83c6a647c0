# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a drill has shown, as it is kept: the facts of one drill, and what they come to. Pure."""

from __future__ import annotations

import json
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import MalformedAnswer, safe_text
from .._api.models import posix_time
from . import messages

# Each file of evidence holds this near its beginning. By it, later drills know their own.
EVIDENCE_MARK = "northflank.cloud restore drill"
_LONGEST_DETAIL = 2000
_SHORTEST_SECRET = 8
_HIDDEN = "********"
_DRILL = "drill"
_PARTS = (
    *("project_id", "addon_id", "kind", "passed", "reasons", "ended_at", "backup", "fork", "restore_seconds"),
    *("checks", "measured", "fork_is_gone", "requests"),
)


class DrillFacts(NamedTuple):
    """What the role knows of a drill when it is over.

    :ivar fork: what addon_fork returned when it made the fork.
    :ivar credentials: what reading the credentials returned; empty where they were not read.
    :ivar deleted: what addon_fork returned when it deleted the fork; empty where it was not asked to.
    :ivar checks: each with name, passed, task and detail, in the order in which they ran.
    :ivar not_run: the names of the checks that did not run.
    :ivar measured: what the checks have left for the next drill to compare with.
    """

    project_id: str
    addon_id: str
    rehearsal: bool
    fork: Mapping[str, Any]
    credentials: Mapping[str, Any]
    deleted: Mapping[str, Any]
    checks: Sequence[Mapping[str, Any]]
    not_run: Sequence[str]
    measured: Mapping[str, Any]


def evidence_of(facts: DrillFacts, ended_at: str) -> dict[str, Any]:
    """Return what is kept of a drill."""
    fork, backup = _dict(facts.fork.get("fork")), _dict(facts.fork.get("backup"))
    reasons = failures_of(facts)
    made = bool(facts.fork.get("changed"))
    return {
        "generator": EVIDENCE_MARK,
        "project_id": facts.project_id,
        "addon_id": facts.addon_id,
        "kind": "rehearsal" if facts.rehearsal else _DRILL,
        "passed": not reasons,
        "reasons": reasons,
        "ended_at": ended_at,
        "backup": {
            **{key: backup.get(key) for key in ("id", "name", "created_at", "size")},
            "age_seconds": _age(backup.get("created_at"), fork.get("created_at") or ended_at),
        },
        "fork": {key: fork.get(key) for key in ("name", "id", "uid", "type", "version")},
        "restore_seconds": None if _failed(facts.fork) else facts.fork.get("elapsed"),
        "checks": [
            *({key: one.get(key) for key in ("name", "passed", "task", "detail")} for one in facts.checks),
            *({"name": name, "passed": None, "task": None, "detail": "not run"} for name in facts.not_run),
        ],
        "measured": dict(facts.measured) or None,
        "fork_is_gone": _is_gone(facts) if made else None,
        "requests": sum(
            int(part.get("requests") or 0) for part in (facts.fork, facts.credentials, facts.deleted) if part
        ),
    }


def failures_of(facts: DrillFacts) -> list[str]:
    """Return why a drill has not passed; nothing if it has."""
    reasons = []
    if _failed(facts.fork):
        reasons.append(messages.fork_not_made(_told(facts.fork)))
    if _failed(facts.credentials):
        reasons.append(messages.no_credentials(_told(facts.credentials)))
    failed = [str(one.get("name")) for one in facts.checks if one.get("passed") is not True]
    if failed:
        reasons.append(messages.checks_failed(failed))
    elif facts.not_run and not reasons:
        reasons.append(messages.checks_not_run(facts.not_run))
    if facts.fork.get("changed") and not _is_gone(facts):
        reasons.append(messages.fork_is_left_over(_told(facts.deleted)))
    return reasons


def _is_gone(facts: DrillFacts) -> bool:
    """Return whether the fork is gone. One that nobody has asked to be deleted is not."""
    return bool(facts.deleted) and not _failed(facts.deleted) and not facts.deleted.get("skipped")


def without_secrets(value: Any, secrets: Sequence[str]) -> Any:
    """Return evidence in which nothing secret stands: neither what looks like it, nor these words."""
    if isinstance(value, dict):
        return {str(key): without_secrets(part, secrets) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_secrets(part, secrets) for part in value]
    if not isinstance(value, str):
        return value if value is None or isinstance(value, (bool, int, float)) else without_secrets(str(value), secrets)
    for secret in secrets:
        value = value.replace(secret, _HIDDEN)
    return safe_text(value, _LONGEST_DETAIL)


def secrets_of(connection: Any) -> list[str]:
    """Return all words of a connection that must not be shown, the longest first.

    Short ones would mask parts of other words, and are no secrets.
    """
    if isinstance(connection, Mapping):
        found = [word for part in connection.values() for word in secrets_of(part)]
    elif isinstance(connection, (list, tuple)):
        found = [word for part in connection for word in secrets_of(part)]
    else:
        found = [str(connection)] if len(str(connection)) >= _SHORTEST_SECRET else []
    return sorted(set(found), key=lambda word: (-len(word), word))


def drill_as_json(drill: Mapping[str, Any]) -> str:
    """Make the text of a file of evidence."""
    return json.dumps(drill, indent=1) + "\n"


def loaded_drill(text: str) -> Optional[dict[str, Any]]:
    """Read a file of evidence; None if it is none, or has not the parts of one."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    is_ours = isinstance(told, dict) and told.get("generator") == EVIDENCE_MARK
    return told if is_ours and all(key in told for key in _PARTS) else None


def last_measured(drills: Sequence[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    """Return what the newest drill that passed has measured. One that failed is nothing to compare with.

    :param drills: the newest first.
    """
    told = (one["measured"] for one in drills if one["passed"] and one["kind"] == _DRILL)
    return next((measured for measured in told if isinstance(measured, dict)), None)


def _age(created_at: Any, later: Any) -> Optional[float]:
    try:
        return round(posix_time(later) - posix_time(created_at), 3)
    except MalformedAnswer:
        return None


def _failed(result: Mapping[str, Any]) -> bool:
    return bool(result.get("failed"))


def _told(result: Mapping[str, Any]) -> str:
    return str(result.get("msg") or "")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
