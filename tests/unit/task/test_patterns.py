# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns of the user that can take for ever, and those that people really write."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._task.patterns import may_explode

HARMLESS = [
    "[0-9]+(-[0-9]+)?",
    "Before build ([0-9]+)(?:-[0-9]+)?",
    "[a-z]+(?:-[a-z0-9]+)*",
    r"\d{4}-\d\d-\d\d.*",
    "(?:nightly|weekly)-[0-9]+",
    ".*",
    "(ab)*c",
    "[abc]*x+y?",
    "(a{2})+",
    "",
    "(?:a|b){1,3}",
]
EXPLOSIVE = [
    "(a+)+b",
    "(a*)*b",
    "(?:a|aa)+b",
    "((a+))+b",
    "(?:(?:a+))*b",
    "(a+?)+b",
    "([a-z]+-?)*x",
    "(.*)*x",
    "(-[0-9-]+)*x",
    "(-.+)*x",
    r"(?:\w+\s?)+x",
    "(a?)+b",
    "x(y(a+)+z)",
    "(?=(a+)+b)a",
]


@pytest.mark.parametrize("pattern", HARMLESS)
def test_what_people_write_is_taken(pattern: str) -> None:
    assert not may_explode(pattern)


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_what_can_take_for_ever_is_known(pattern: str) -> None:
    assert may_explode(pattern)
