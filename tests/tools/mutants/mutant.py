# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One fault that is made on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One fault.

    :ivar name: what is taken out, as a sentence without "it no longer holds that".
    :ivar file: where.
    :ivar old: text that stands in the file exactly once.
    :ivar new: what stands there instead.
    :ivar tests: where a test should notice; one file or folder, or several with blanks between them.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str


def broken(file: str, tests: str, faults: Mapping[str, tuple[str, str]]) -> list[Mutant]:
    """Make the mutants of one file that the same tests should notice.

    :param faults: by name, the text that stands in the file and what stands there instead.
    """
    return [Mutant(name, file, old, new, tests) for name, (old, new) in faults.items()]
