# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of faults quotes the code, so it has to follow it. Whether each is noticed, ``make mutants`` tells."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MUTANTS: list[Any] = importlib.import_module("catalogue").MUTANTS


def test_each_mutant_can_be_made_in_one_place() -> None:
    texts = {mutant.file: (ROOT / mutant.file).read_text(encoding="utf-8") for mutant in MUTANTS}
    assert [mutant.name for mutant in MUTANTS if texts[mutant.file].count(mutant.old) != 1] == []


def test_each_mutant_is_held_against_tests_that_exist_and_has_a_name_of_its_own() -> None:
    places = {place.split("::")[0] for mutant in MUTANTS for place in mutant.tests.split()}
    assert {place for place in places if not (ROOT / place).exists()} == set()
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
