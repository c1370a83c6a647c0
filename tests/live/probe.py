# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe is: one assumption of the contract, and how it is found out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from .evidence import Evidence, Finding, unknown

READ, EITHER, WRITE, HISTORY = "read", "read or write", "write", "read, by chance"
# A number stands in for any value of this shape.
NUMBER = "a number"


class Probe(NamedTuple):
    """How one assumption is found out.

    :ivar key: its name in the contract.
    :ivar needs: READ: by GETs; WRITE: with WRITE=1 only; EITHER: by GETs where the addon has something that shows it,
        and with WRITE=1 always; HISTORY: only where something that this program does not do has happened before.
    :ivar steps: the steps whose answers it looks at; they are shared, so their requests count once.
    :ivar how: how it finds out, as it is listed.
    :ivar values: what the contract knows.
    :ivar does: what the collection does about it.
    :ivar find: decides by what was seen; pure.
    """

    key: str
    needs: str
    steps: tuple[str, ...]
    how: str
    values: tuple[str, ...]
    does: str
    find: Callable[[Evidence], Finding]

    def knows(self, value: str) -> bool:
        """Whether a value is one of the contract's."""
        return value in self.values or (NUMBER in self.values and re.fullmatch(r"\d+", value) is not None)

    def result(self, evidence: Evidence, writes: bool) -> Finding:
        """What was found out, with the best reason where nothing was."""
        found = self.find(evidence)
        if found.value is not None:
            return found
        if not writes and self.needs == WRITE:
            return unknown("Needs WRITE=1.")
        if not writes and self.needs == EITHER:
            return unknown(f"{found.note} WRITE=1 finds out.".lstrip())
        why = next((evidence.reasons[step] for step in self.steps if step in evidence.reasons), found.note)
        return unknown(why or "Nothing shows it.")
