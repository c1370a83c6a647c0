# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence for people and auditors, as Markdown. Pure."""

from __future__ import annotations

import html
import re
from typing import Any, Mapping, Sequence

from .._api.errors import safe_text
from .._task import tables
from .._task.messages import duration
from .evidence import EVIDENCE_MARK

_MARKUP = re.compile(r"([\\`*_\[\]|~#])")
_LONGEST_CELL = 500
_WORDS = {True: "passed", False: "**failed**", None: "not run"}
_GONE = {True: "deleted", False: "**left over**", None: "none was made"}


def drills_as_markdown(drills: Sequence[Mapping[str, Any]]) -> str:
    """Make the text of ``drill.md``."""
    passed = sum(one["passed"] for one in drills)
    lines = [
        f"<!-- {EVIDENCE_MARK} -->",
        f"# {passed} of {len(drills)} restore drills passed",
        "",
        _line("database", "result", "backup", "age", "size", "restored in", "fork"),
        _line(*["---"] * 7),
    ]
    lines += [_row_of(one) for one in drills]
    for one in drills:
        lines += _details(one)
    return "\n".join(lines) + "\n"


def _row_of(one: Mapping[str, Any]) -> str:
    backup, took = one["backup"], one["restore_seconds"]
    return _line(
        _plain(one["addon_id"]),
        _WORDS[one["passed"]],
        _plain(backup["name"]),
        tables.NO_VALUE if backup["age_seconds"] is None else duration(backup["age_seconds"]),
        tables.size_cell(backup["size"]),
        tables.NO_VALUE if took is None else duration(took),
        _GONE[one["fork_is_gone"]],
    )


def _details(one: Mapping[str, Any]) -> list[str]:
    lines = ["", f"## {_plain(one['addon_id'])}: {one['kind']} of {one['ended_at']}", ""]
    lines += [f"- **{_plain(reason)}**" for reason in one["reasons"]]
    lines += [
        f"- Backup {_plain(one['backup']['id'])}, created {_plain(one['backup']['created_at'])}",
        f"- Fork {_plain(one['fork']['name'])}, {_plain(one['fork']['type'])} {_plain(one['fork']['version'])}",
        f"- {one['requests']} requests",
    ]
    if not one["checks"]:
        return [*lines, "- There were no checks. This proves only that the restored database runs."]
    lines += ["", _line("check", "result", "what it says"), _line("---", "---", "---")]
    return [*lines, *(_line(_plain(check["name"]), _WORDS[check["passed"]], _says(check)) for check in one["checks"])]


def _says(check: Mapping[str, Any]) -> str:
    parts = [str(check[key]) for key in ("task", "detail") if check[key]]
    return _plain(": ".join(parts) or None)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: Any) -> str:
    if text is None:
        return tables.NO_VALUE
    return _MARKUP.sub(r"\\\1", html.escape(safe_text(str(text), _LONGEST_CELL), quote=False))
