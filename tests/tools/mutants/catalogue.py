# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break on purpose: each row of the decision tables and each rule, one at a time."""

from __future__ import annotations

import importlib
from pathlib import Path

from mutant import Mutant

_ROOMS = sorted(path.stem for path in (Path(__file__).parent / "rooms").glob("[a-z]*.py"))
MUTANTS: list[Mutant] = [mutant for room in _ROOMS for mutant in importlib.import_module(f"rooms.{room}").MUTANTS]
