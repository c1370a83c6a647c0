# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the rooms in docs/architecture.md, drawn from what the files import."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .imports import PLUGINS, edges

PICTURE = PLUGINS.parent / "docs" / "architecture.svg"
WIDTH, HEIGHT = 132, 44
ACROSS, DOWN = 152, 92
MARGIN = 16
# Read by people with light and with dark pages, so that each box brings its own ground.
STYLE = """
text { font: 600 14px ui-monospace, Menlo, Consolas, monospace; fill: #1b2733; text-anchor: middle }
rect { fill: #eef3f8; stroke: #5b7a99; stroke-width: 1.5; rx: 6 }
path { stroke: #7d93a8; stroke-width: 1.5; fill: none; marker-end: url(#end) }
"""
Edge = tuple[str, str]


def draw() -> str:
    """Return the picture as SVG: a box for each room, and an arrow for what it imports.

    An arrow that can be had by following others is left out, as most rooms import the lowest ones.
    """
    known = set(edges())
    floors = _floors(known)
    widest = max(len(floor) for floor in floors)
    columns = _columns(floors, direct(known))
    places = {
        room: (MARGIN + columns[room] * ACROSS, MARGIN + row * DOWN)
        for row, floor in enumerate(floors)
        for room in floor
    }
    size = f"{2 * MARGIN + widest * ACROSS - (ACROSS - WIDTH)} {2 * MARGIN + (len(floors) - 1) * DOWN + HEIGHT}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">',
        "<title>Which room imports which</title>",
        f"<style>{STYLE}</style>",
        (
            '<marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0L8 4L0 8z" style="fill: #7d93a8; stroke: none"/></marker>'
        ),
        *(_arrow(places[one], places[other]) for one, other in sorted(direct(known))),
        *(_box(room, *at) for room, at in sorted(places.items())),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def direct(known: Iterable[Edge]) -> set[Edge]:
    """Return the edges that no other way replaces."""
    known = set(known)
    return {
        (one, other)
        for one, other in known
        if not any(other in _reached(between, known) for start, between in known if start == one and between != other)
    }


def write(path: Path = PICTURE) -> None:
    """Write the picture to where the page shows it."""
    path.write_text(draw(), encoding="utf-8")


def _floors(known: set[Edge]) -> list[list[str]]:
    """Return the rooms from top to bottom, each above all that it imports."""
    rooms = {room for edge in known for room in edge}
    height: dict[str, int] = {}
    while rooms - height.keys():
        for room in rooms - height.keys():
            below = {other for one, other in known if one == room}
            if below <= height.keys():
                height[room] = max((height[other] + 1 for other in below), default=0)
    return [sorted(room for room in rooms if height[room] == at) for at in range(max(height.values()), -1, -1)]


def _columns(floors: list[list[str]], arrows: set[Edge]) -> dict[str, float]:
    """Return where each room stands on its floor: side by side on the widest one, above it over what it leads to."""
    widest = max(floors, key=len)
    columns = {room: float(number) for number, room in enumerate(widest)}
    middle = (len(widest) - 1) / 2
    for floor in reversed(floors):
        for room in floor:
            below = [columns[other] for one, other in arrows if one == room]
            is_above = floors.index(floor) < floors.index(widest)
            columns.setdefault(room, sum(below) / len(below) if below and is_above else middle)
    return columns


def _reached(start: str, known: set[Edge]) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        new = {other for one, other in known if one == here} - found
        found |= new
        todo += new
    return found


def _box(room: str, x: float, y: float) -> str:
    text = f'<text x="{x + WIDTH / 2:g}" y="{y + HEIGHT / 2 + 5:g}">{room}</text>'
    return f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}"/>{text}'


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + WIDTH / 2, start[1] + HEIGHT
    to_x, to_y = end[0] + WIDTH / 2, end[1] - 2
    middle = (y + to_y) / 2
    return f'<path d="M{x:g} {y:g}C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y:g}"/>'
