# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that shift while they are paged: nothing is told twice, and what is missing is looked for once more."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.paged import Paged, confirmed, each_once


def key(item: str) -> str:
    """An item's ID is its first letter, what follows is its state."""
    return item[0]


def test_an_item_that_is_told_twice_is_there_once_as_it_was_told_last() -> None:
    assert each_once(["a1", "b1", "a2", "c1"], key) == ["a2", "b1", "c1"]


@pytest.mark.parametrize(
    ("first", "pages", "readings", "expected", "asked"),
    [
        (["a1"], 1, [], ["a1"], 0),
        ([], 1, [], [], 0),
        (["a1", "b1"], 2, [["a2", "b2"]], ["a2", "b2"], 1),
        (["a1"], 2, [["a1", "b1"], ["a1", "b1"]], ["a1", "b1"], 2),
        (["a1"], 2, [["b1"], ["c1"], ["d1"]], ["a1", "b1", "c1"], 2),
        (["a1", "b1"], 2, [["a2"], ["a3"]], ["a3", "b1"], 2),
    ],
    ids=["one page", "none", "agreed", "one was missed", "never at rest", "one was deleted"],
)
def test_a_list_of_several_pages_is_read_until_two_readings_agree(
    first: list[str], pages: int, readings: list[list[str]], expected: list[str], asked: int
) -> None:
    todo = list(readings)
    found = confirmed(Paged(first, pages), lambda: Paged(todo.pop(0), 2), key)
    assert sorted(found) == expected
    assert len(readings) - len(todo) == asked


def test_a_list_that_comes_in_one_page_the_second_time_is_known() -> None:
    found = confirmed(Paged(["a1"], 2), lambda: Paged(["b1"], 1), key)
    assert sorted(found) == ["a1", "b1"]
