# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a terminal, a pull request or a chat, as Markdown. Pure."""

from __future__ import annotations

import html
import re

from .._api.errors import safe_text
from .._freshness.engine import AddonFreshness
from .._task import tables
from .._task.messages import moment
from .facts import MARK, Report

_SPECIAL = re.compile(r"([\\`*_\[\]|~#])")
_LONGEST = 300


def as_markdown(report: Report) -> str:
    """Make the text of ``report.md``."""
    several = report.has_several_projects
    heading = [*(["project"] if several else []), "database", "type", "newest", "size", "backups", "state"]
    lines = [
        f"<!-- {MARK} -->",
        f"# {report.headline[0].upper()}{report.headline[1:]}",
        "",
        f"Made {moment(report.made_at)}. Projects: {', '.join(report.spec.project_ids)}.",
        "",
    ]
    for project_id, cause in report.survey.unread.items():
        lines += [f"**Project {project_id} could not be read:** {_escaped(cause)}", ""]
    if report.survey.addons:
        lines += [_row(heading), _row(["---"] * len(heading))]
        lines += [_row(_cells(one, several)) for one in report.survey.addons]
    return "\n".join(lines) + "\n"


def _cells(one: AddonFreshness, several: bool) -> list[str]:
    verdict = one.verdict
    newest = verdict.newest
    return [
        *([_escaped(one.project_id or tables.NO_VALUE)] if several else []),
        _escaped(one.addon_id),
        _escaped(one.addon.type if one.addon else tables.NO_VALUE),
        _escaped(newest.created_at if newest else tables.NO_VALUE),
        tables.size_cell(newest.size if newest else None),
        tables.NO_VALUE if one.found is None else str(len(verdict.completed)),
        "fresh" if verdict.reason is None else f"**{_escaped(verdict.reason)}**",
    ]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", html.escape(safe_text(text, _LONGEST), quote=False))
