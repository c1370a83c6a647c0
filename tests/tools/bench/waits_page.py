# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``waits`` has simulated, as a table and two pictures for docs/performance.md."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from pygal.config import Config
from pygal.graph.xy import XY
from pygal.style import CleanStyle

from .waits import Table, Waits

LATE, POLLS = "performance-late.svg", "performance-polls.svg"
SHOWN = (10, 60, 300, 3600)
# What a picture that begins at a tenth of a second shows of less.
_LEAST = 0.1
# Of histories, and then of other schedules.
_COLOURS = ("#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#000000", "#999999", "#cc79a7")


def table(found: Table) -> str:
    """For some durations: how late the end is seen, as mean and 95th percentile, and how many polls that takes."""
    lines = ["| polls | " + " | ".join(_time(usual) for usual in SHOWN) + " |", "|---|" + "---:|" * len(SHOWN)]
    named = {f"this collection, history {name}": waits for name, waits in found.ours.items()}
    for name, waits in {**named, **found.others}.items():
        lines.append(f"| {name} | " + " | ".join(_cell(waits[usual]) for usual in SHOWN) + " |")
    lines.append("| the limit | " + " | ".join("0 s, 0 s, 1" for _usual in SHOWN) + " |")
    return "\n".join(lines)


def draw(docs: Path, found: Table) -> None:
    """Draw both pictures, on rulers where each mark is ten times the last."""
    _draw(docs / LATE, found, "Seconds that the end is seen late, 95th percentile", lambda waits: waits.late)
    _draw(docs / POLLS, found, "Polls, 95th percentile", lambda waits: waits.polls)


def _cell(waits: Waits) -> str:
    return f"{_seconds(waits.mean)}, {_seconds(waits.late)}, {waits.polls:g}"


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s"


def _time(seconds: int) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds} s"


def _draw(place: Path, found: Table, title: str, figure: Callable[[Waits], float]) -> None:
    config = Config(
        title=title,
        x_title="seconds that the backup usually takes",
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        width=900,
        height=520,
        js=[],
        explicit_size=False,
        no_prefix=True,
        pretty_print=True,
    )
    chart = XY(config)
    # Nothing is loaded from elsewhere when the picture is looked at.
    chart.config.style = CleanStyle(font_family="sans-serif", colors=_COLOURS)
    for name, waits in {**found.ours, **found.others}.items():
        points = [(math.log10(usual), math.log10(max(_LEAST, figure(each)))) for usual, each in waits.items()]
        chart.add(name if name in found.others else f"history {name}", points)
    chart.x_labels = [0, 1, 2, 3]
    chart.y_labels = [-1, 0, 1, 2, 3]
    chart.x_value_formatter = chart.y_value_formatter = chart.value_formatter = lambda value: f"{10**value:g}"
    chart.render_to_file(str(place))
