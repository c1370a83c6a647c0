# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page docs/performance.md: its tables and its plot are written by the benchmark, its sentences by people."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pygal.config import Config
from pygal.graph.xy import XY
from pygal.style import CleanStyle

from . import waits_page
from .runs import Row
from .waits import Table

PLOT = "performance.svg"
Pace = Sequence["tuple[int, float, int]"]


def write(docs: Path, measured: Mapping[str, Sequence[Row]], pace: Pace, versions: str) -> None:
    """Replace what stands between the marks in the page, and draw the plot."""
    page = docs / "performance.md"
    text = page.read_text(encoding="utf-8")
    tables = [f"### {title}\n\n{_table(rows)}" for title, rows in measured.items()]
    text = _replaced(text, "measured", "\n\n".join([f"Measured on {versions}.", *tables]))
    text = _replaced(text, "pace", _pace_table(pace))
    page.write_text(text, encoding="utf-8")
    _draw(docs / PLOT, pace)


def write_waits(docs: Path, found: Table, versions: str) -> None:
    """Do the same for what was simulated of waits."""
    page = docs / "performance.md"
    text = f"Simulated on {versions}.\n\n{waits_page.table(found)}"
    page.write_text(_replaced(page.read_text(encoding="utf-8"), "waits", text), encoding="utf-8")
    waits_page.draw(docs, found)


def _replaced(text: str, mark: str, content: str) -> str:
    """The text with new content between a mark and its end.

    :raises ValueError: the mark is not there.
    """
    pattern = re.compile(rf"^(<!-- bench: {mark} -->\n).*?^(<!-- end -->)", re.DOTALL | re.MULTILINE)
    new, count = pattern.subn(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)
    if count != 1:
        raise ValueError(f"the page has {count} places for {mark}")
    return new


def _table(rows: Sequence[Row]) -> str:
    lines = ["| what | figure | goal | |", "|---|---:|---:|---|"]
    for row in rows:
        goal = "" if row.goal is None else f"at most {row.goal:g}"
        lines.append(f"| {row.what} | {_number(row.value)} {row.unit} | {goal} | {row.verdict} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _pace_table(pace: Pace) -> str:
    lines = ["| a backup of | is seen complete at most | that is | requests in all |", "|---:|---:|---:|---:|"]
    for duration, late, requests in pace:
        lines.append(f"| {_time(duration)} | {late:.1f} s later | {100 * late / duration:.0f} % | {requests} |")
    return "\n".join(lines)


def _time(seconds: int) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds} s"


def _draw(place: Path, pace: Pace) -> None:
    """Requests for a single backup over its duration; on a ruler where each mark is ten times the last."""
    config = Config(
        title="Requests for one backup, by how long it takes",
        x_title="seconds that the backup takes (each mark is ten times the one before)",
        y_title="requests",
        show_legend=True,
        legend_at_bottom=True,
        width=900,
        height=480,
        js=[],
        range=(0, 140),
        explicit_size=False,
        no_prefix=True,
        pretty_print=True,
    )
    chart = XY(config)
    # Nothing is loaded from elsewhere when the picture is looked at.
    chart.config.style = CleanStyle(font_family="sans-serif")
    chart.add("this collection", [(math.log10(duration), requests) for duration, _late, requests in pace])
    fixed = [(math.log10(duration), 2 + duration // 10 + 1) for duration, _late, _requests in pace if duration <= 1200]
    chart.add("a look every 10 s", fixed)
    chart.x_labels = [0, 1, 2, 3]
    chart.x_value_formatter = lambda value: f"{10**value:g}"
    chart.render_to_file(str(place))
