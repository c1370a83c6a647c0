# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the matrix is: each supported ansible-core, what is run for it, and the Pythons that modules run on."""

from __future__ import annotations

from dataclasses import dataclass

PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
# What is run for each ansible-core, beside the main job with modules on each Python; with what the page calls it.
CHECKS = {
    "sanity": "sanity",
    "tests": "unit and wire tests",
    "plays": "role and playbooks",
    "readme": "README",
}


@dataclass(frozen=True)
class Core:
    """One ansible-core.

    :ivar controllers: Pythons that it runs on, the first choice first. The tests need 3.11.
    :ivar newest: the newest Python that it names for modules, of ours.
    """

    version: str
    controllers: tuple[str, ...]
    newest: str = PYTHONS[-1]

    def supports(self, python: str) -> bool:
        """Whether it names a Python for modules."""
        return PYTHONS.index(python) <= PYTHONS.index(self.newest)


CORES = (
    Core("2.16", ("3.12", "3.11"), newest="3.12"),
    Core("2.18", ("3.13", "3.12", "3.11")),
    Core("2.19", ("3.13", "3.12", "3.11")),
    Core("2.20", ("3.13", "3.12")),
    Core("2.21", ("3.13", "3.12")),
    Core("2.22", ("3.13",)),
)


@dataclass(frozen=True)
class Cell:
    """One thing to run: a check, or the main job on a Python (then ``what`` is its version)."""

    core: Core
    what: str


def cells(words: list[str]) -> list[Cell]:
    """The cells that words name by versions and checks, row by row; where no row or no column is named, all."""
    rows, columns = [core.version for core in CORES], [*CHECKS, *PYTHONS]
    unknown = set(words) - {*rows, *columns}
    if unknown:
        raise SystemExit(f"The matrix has no {', '.join(sorted(unknown))}; it has {', '.join([*rows, *columns])}.")
    return [
        Cell(core, what)
        for core in CORES
        for what in columns
        if core.version in (set(words) & set(rows) or rows) and what in (set(words) & set(columns) or columns)
    ]
