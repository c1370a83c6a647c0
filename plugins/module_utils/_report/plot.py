# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small plot of one database's backups over time, as SVG inside of the page. Pure.

A bar is a completed backup, as high as it is large beside the largest of the plot. A cross is one that failed, a ring
one that runs. In the shaded part at the right stands what is young enough.
"""

from __future__ import annotations

import html
from typing import NamedTuple, Optional, Sequence

from .._api.models import Backup, posix_time
from .._task import tables
from .facts import counted, kind_of

_DAY = 86_400.0
_WIDTH, _HEIGHT = 240, 44
# Two units wide each. More would not be seen, and a page of 300 plots has to load at once.
_BINS = _WIDTH // 2
_BASE, _TALLEST, _LOWEST = 40, 34, 4
# How many times the age that is asked for a plot goes back, and at least and at most how far.
_TIMES, _LEAST, _MOST = 30, 7 * _DAY, 366 * _DAY
_MARKS = {"failed": "M{0} 32l6 6m0-6l-6 6", "running": "M{0} 35a3 3 0 1 0 6 0a3 3 0 1 0-6 0"}


class Window(NamedTuple):
    """The time that plots show.

    :ivar now: its end, in seconds since 1970.
    :ivar seconds: how long it is.
    :ivar max_age: seconds.
    """

    now: float
    seconds: float
    max_age: float

    def x(self, backup: Backup) -> int:
        """Where a backup stands, from 0 to the width; below 0 if it is older than the plot."""
        passed = posix_time(backup.created_at) - (self.now - self.seconds)
        return -1 if passed < 0 else 2 * min(_BINS - 1, int(passed / self.seconds * _BINS)) + 1


def window(now: float, max_age: float) -> Window:
    """Choose what plots show, the same for all of a page: whole days."""
    days = -(-min(max(_TIMES * max_age, _LEAST), _MOST) // _DAY)
    return Window(now, days * _DAY, max_age)


def plot(found: Sequence[Backup], over: Window) -> str:
    """Draw the backups of one database."""
    within = [(over.x(backup), backup) for backup in found if over.x(backup) >= 0]
    largest = max((backup.size or 0 for _x, backup in within if kind_of(backup) not in _MARKS), default=0)
    told = f"{counted(backup for _x, backup in within)} in the plot"
    if largest:
        told += f"; the largest has {tables.size_cell(largest)}"
    start = _WIDTH * (1 - min(1.0, over.max_age / over.seconds))
    return (
        f'<svg class="plot" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-label="{html.escape(told)}">'
        f"<title>{html.escape(told)}</title>"
        f'<rect class="band" x="{start:.1f}" y="0" width="{_WIDTH - start:.1f}" height="{_BASE}"/>'
        f'<path class="axis" d="M0 {_BASE}.5H{_WIDTH}"/>{"".join(_paths(within, largest))}</svg>'
    )


def _paths(within: Sequence[tuple[int, Backup]], largest: int) -> list[str]:
    """One path for all backups of a kind: a page of paths is a tenth of a page of shapes."""
    shapes: dict[str, dict[int, int]] = {}
    for x, backup in within:
        kind, tall = kind_of(backup), _height(backup.size, largest)
        at = shapes.setdefault(kind, {})
        at[x] = max(at.get(x, 0), tall)
    return [
        f'<path class="{kind if kind in _KINDS else "other"}" d="{"".join(_shape(kind, x, tall) for x, tall in at)}"/>'
        for kind, at in ((kind, sorted(shapes[kind].items())) for kind in sorted(shapes))
    ]


_KINDS = frozenset({"snapshot", "dump", "unsure", "import", "running", "failed"})


def _shape(kind: str, x: int, tall: int) -> str:
    if kind in _MARKS:
        return _MARKS[kind].format(min(max(x - 3, 1), _WIDTH - 7))
    # A dump has a bar across its top, so that it is told from a snapshot without colours.
    return f"M{x} {_BASE}v-{tall}{'m-2 0h4' if kind == 'dump' else ''}"


def _height(size: Optional[int], largest: int) -> int:
    """How high a bar is; half of all where the size is not told."""
    if not size or not largest:
        return _TALLEST // 2
    return max(_LOWEST, round(_TALLEST * size / largest))
