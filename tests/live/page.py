# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the page docs/try-it-on-the-real-api.md. ``python tests/support/pages.py`` writes them."""

from __future__ import annotations

from .probe import EITHER, HISTORY, READ, WRITE
from .probes import NOT_ASKED, PROBES

_NEEDS = {
    READ: "GETs",
    EITHER: "GETs, if the addon has one",
    WRITE: "`WRITE=1`",
    HISTORY: "GETs, by chance",
}


def found_out() -> list[str]:
    """Each assumption that can be found out, by what it takes."""
    order = list(_NEEDS)
    rows = sorted(PROBES.values(), key=lambda probe: order.index(probe.needs))
    lines = [f"| `{probe.key}` | {probe.how} | {_NEEDS[probe.needs]} | {probe.does} |" for probe in rows]
    return ["| assumption | found out by | takes | what the collection does about it |", "|---|---|---|---|", *lines]


def not_asked() -> list[str]:
    """Each assumption that is not asked about, and why."""
    return ["| assumption | why not |", "|---|---|", *(f"| `{key}` | {why} |" for key, why in NOT_ASKED.items())]
