# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is printed and written at the end: a table, and a file that may be posted anywhere."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import safe_text

from .evidence import Evidence, Finding
from .lab import Lab
from .probes import NOT_ASKED, PROBES

UNEXPECTED = "Nothing: this value is new to the collection. Please open an issue with the file."
_HEAD = ("assumption", "what this API does", "what the collection does about it")
_NARROWEST, _FIRST, _SECOND = 80, 32, 21
# What could tell whose account it was, beside what is replaced by name.
_PRIVATE = [
    (re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE), "<url>"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<uid>"),
    (re.compile(r"\b[0-9a-f]{16,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b\d{10,}\b"), "<number>"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.?[\w-]*"), "<token>"),
]
# Answers whose keys and types are shown: those of a few kinds that hold no one's own keys.
_SHAPES = {
    "backup in a list": ("list", "backups"),
    "restore in a list": ("restores", "restores"),
    "schedule in a list": ("schedules", "schedules"),
    "destination in a list": ("destinations", "backupDestinations"),
}
_MOST_SHAPES = 40
# The vendor's own types. The name of any other is the person's.
_TYPES = ("postgresql", "mongodb", "mysql", "redis", "minio", "rabbitmq")
_LONGEST_VALUE, _LONGEST_NOTE = 60, 300


class Row(NamedTuple):
    """One assumption, as it is shown."""

    key: str
    found: Finding
    known: bool
    does: str


def rows(lab: Lab) -> list[Row]:
    """All assumptions, those that were found out first."""
    made = [
        Row(key, found, found.value is None or probe.knows(found.value), probe.does)
        for key, probe in PROBES.items()
        for found in [_safe(probe.result(lab.evidence, lab.writes))]
    ]
    made += [Row(key, Finding(None, reason), True, "") for key, reason in NOT_ASKED.items()]
    return sorted(made, key=lambda row: row.found.value is None)


def _safe(found: Finding) -> Finding:
    """The same, fit for a terminal: a value that nobody has thought of is the API's own text."""
    value = None if found.value is None else safe_text(found.value, _LONGEST_VALUE)
    return Finding(value, safe_text(found.note, _LONGEST_NOTE))


def table(made: Sequence[Row], width: int) -> Iterable[str]:
    """The lines of the table, no wider than a terminal."""
    last = max(width, _NARROWEST) - _FIRST - _SECOND - 4
    for cells in [_HEAD, ("-" * _FIRST, "-" * _SECOND, "-" * last)]:
        yield "  ".join(cell.ljust(size) for cell, size in zip(cells, (_FIRST, _SECOND, last))).rstrip()
    for row in made:
        if row.found.value is not None:
            shown = row.found.value + (f" ({row.found.note})" if row.found.note else "")
            yield from _lines((row.key, shown, row.does if row.known else UNEXPECTED), (_FIRST, _SECOND, last))
    missing = [row for row in made if row.found.value is None]
    if missing:
        yield ""
        yield "Not found out:"
        for row in missing:
            yield from _lines((row.key, row.found.note), (_FIRST, _SECOND + 2 + last))


def document(lab: Lab, made: Sequence[Row], version: str, date: str, left: int) -> dict[str, Any]:
    """What is written to the file, without anything that tells whose account it was."""
    whole = {
        "program": "northflank.cloud make live",
        "collection": version,
        "date": date,
        "mode": "write" if lab.writes else "read",
        "addon_type": kind if (kind := lab.evidence.facts.get("type")) in _TYPES else "another",
        "requests": lab.wire.sent,
        "left_behind": left,
        "found": [
            {"assumption": row.key, "value": row.found.value, "note": row.found.note, "in_the_contract": row.known}
            for row in made
            if row.found.value is not None
        ],
        "not_found": [{"assumption": row.key, "reason": row.found.note} for row in made if row.found.value is None],
        "keys": shapes(lab.evidence),
    }
    cleaned: dict[str, Any] = _without(whole, _own_names(lab))
    return cleaned


def written(whole: Mapping[str, Any]) -> str:
    return json.dumps(whole, indent=1, ensure_ascii=True) + "\n"


def shapes(evidence: Evidence) -> dict[str, list[str]]:
    """The keys and the types of their values in a few kinds of answers, also those that no model reads."""
    shown: dict[str, list[str]] = {}
    for title, (question, key) in _SHAPES.items():
        paths = {path for answer in evidence.good(question) for entry in answer.items(key) for path in _paths(entry)}
        if paths:
            shown[title] = sorted(paths)[:_MOST_SHAPES]
    invalid = evidence.last("invalid")
    if invalid is not None and invalid.error is not None:
        shown["error"] = sorted(f"{name}: {type(value).__name__}" for name, value in invalid.error.items())
    return shown


def _paths(value: Any, at: str = "", depth: int = 3) -> Iterable[str]:
    if isinstance(value, dict) and depth:
        for name, inner in value.items():
            yield from _paths(inner, f"{at}.{name}".lstrip("."), depth - 1)
    else:
        yield f"{at}: {type(value).__name__}"


def _own_names(lab: Lab) -> dict[str, str]:
    """What is replaced: the names of the person's things, longest first."""
    place, facts = lab.place, lab.evidence.facts
    names = {place.addon: "<addon>", place.project: "<project>", place.team or "": "<team>", lab.stamp: "<run>"}
    for entry in [*facts.get("before", []), *facts.get("destinations", [])]:
        for key in ("id", "name"):
            names.setdefault(str(entry.get(key, "")), f"<{key}>")
    return {name: names[name] for name in sorted(names, key=len, reverse=True) if len(name) > 2}


def _without(value: Any, names: Mapping[str, str]) -> Any:
    """The same without anything private. Only notes and reasons can hold any, so values of the contract stay."""
    if isinstance(value, dict):
        return {
            key: inner if key in ("assumption", "mode", "program", "date") else _without(inner, names)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    if not isinstance(value, str):
        return value
    for pattern, instead in _PRIVATE:
        value = pattern.sub(instead, value)
    for name, instead in names.items():
        value = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", instead, value)
    return value


def _lines(cells: Sequence[str], sizes: Sequence[int]) -> Iterable[str]:
    wrapped = [textwrap.wrap(cell, size) or [""] for cell, size in zip(cells, sizes)]
    for number in range(max(map(len, wrapped))):
        parts = [lines[number] if number < len(lines) else "" for lines in wrapped]
        yield "  ".join(part.ljust(size) for part, size in zip(parts, sizes)).rstrip()
