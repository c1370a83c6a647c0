# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task that succeeded says in one line: which backups there are, how large, and how old if it found them."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ..module_utils._api.errors import safe_text
from ..module_utils._api.states import COMPLETED
from ..module_utils._task import tables
from ..module_utils._task.actions import CREATED, JOINED, REPLACED, REUSED
from ..module_utils._task.messages import duration, size

_STARTED = (CREATED, REPLACED)
# How an action is told that check mode did not do.
_WOULD = {CREATED: "taken", REPLACED: "taken", JOINED: "waited for", REUSED: "used again"}
_MOST_OF_A_NAME = 80


class Summary(NamedTuple):
    """One line for people.

    :ivar text: empty if there is nothing to say.
    :ivar is_news: whether nothing else on the screen tells it: the task stands on what it did not start.
    """

    text: str
    is_news: bool = False


def backup_summary(result: Mapping[str, Any], check_mode: bool, now: Optional[float]) -> Summary:
    """Return what ``addon_backup`` came to; nothing unless it was to have backups.

    :param result: as the module returns it, of a task that did not fail.
    :param now: the API's time in seconds since 1970; None where it cannot be relied on.
    """
    backups = result.get("backups") or []
    if not backups or any(one.get("action") not in _WOULD for one in backups):
        return Summary("")
    found = any(one["action"] not in _STARTED for one in backups)
    if check_mode:
        return Summary(_would(backups), found)
    statuses = sorted({str(one["status"]) for one in backups})
    state = "complete" if statuses == [COMPLETED] else safe_text(", ".join(statuses), _MOST_OF_A_NAME)
    facts = "; ".join(filter(None, (_size(backups), _origin(backups, now))))
    return Summary(f"{_subject(backups)} {state}{f' ({facts})' if facts else ''}", found)


def _would(backups: Sequence[Mapping[str, Any]]) -> str:
    verbs = dict.fromkeys(_WOULD[one["action"]] for one in backups)
    parts = []
    for verb in verbs:
        ids = sorted(one["addon_id"] for one in backups if _WOULD[one["action"]] == verb)
        parts.append(f"{len(ids)} would be {verb} ({', '.join(ids)})")
    return f"{_noun(backups).capitalize()} {_name(backups)}: {', '.join(parts)}"


def _subject(backups: Sequence[Mapping[str, Any]]) -> str:
    if len(backups) == 1:
        return f"{backups[0]['addon_id']}: {_noun(backups)} {_name(backups)} is"
    done = sum(one["status"] == COMPLETED for one in backups)
    return f"{done} of {len(backups)} {_noun(backups)} {_name(backups)} are"


def _noun(backups: Sequence[Mapping[str, Any]]) -> str:
    kinds = {one.get("backup_type") for one in backups}
    noun = kinds.pop() if kinds in ({"snapshot"}, {"dump"}) else "backup"
    return f"{noun}s" if len(backups) > 1 else str(noun)


def _name(backups: Sequence[Mapping[str, Any]]) -> str:
    """Return what all are called; where they differ, the first one and how many more."""
    names = list(dict.fromkeys(safe_text(one["name"] or "with a new name", _MOST_OF_A_NAME) for one in backups))
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _size(backups: Sequence[Mapping[str, Any]]) -> str:
    sizes = [one.get("size") for one in backups]
    return "" if None in sizes else size(sum(filter(None, sizes)))


def _origin(backups: Sequence[Mapping[str, Any]], now: Optional[float]) -> str:
    """Return how long it took, and since when those are there that the task did not start."""
    took = [one["duration"] for one in backups if one.get("duration") is not None and one["action"] in _STARTED]
    parts = [duration(max(took))] if took else []
    used = [one for one in backups if one["action"] == REUSED]
    if used:
        oldest = min(str(one["created_at"]) for one in used)
        age = tables.age(oldest, now)
        since = f"taken at {safe_text(oldest, 40)}" if age == tables.NO_VALUE else f"{age} old"
        parts.append(f"{_count(used, backups)}used again, {since}")
    joined = [one for one in backups if one["action"] == JOINED]
    if joined:
        parts.append(f"{_count(joined, backups)}started by another run")
    return "; ".join(parts)


def _count(some: Sequence[Any], backups: Sequence[Any]) -> str:
    return "" if len(some) == len(backups) else f"{len(some)} "
