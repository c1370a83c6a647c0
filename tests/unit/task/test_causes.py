# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of several addons, as one text."""

from __future__ import annotations

import messages
import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._task.causes import by_cause

ID = "some-words"
ROOMS = ("_backup/", "_restore/", "_task/")


def test_one_cause_is_told_once_however_many_addons_it_hit() -> None:
    texts = {one: f"Addon {one} is 'paused'. To look: info addon_id={one} x=1" for one in ("a-b", "a-bc", "a")}
    assert by_cause("3 of 3 addons failed", texts) == (
        "3 of 3 addons failed (a-b, a-bc, a): The addon is 'paused'. To look: info addon_id=a-b,a-bc,a x=1"
    )


def test_backups_with_other_ids_have_the_same_cause() -> None:
    texts = {one: f"The backup 'x' (ID {one * 2}) of addon {one} failed. No more." for one in ("a", "b")}
    assert by_cause("2 of 3 failed", texts) == "2 of 3 failed (a, b): The backup 'x' failed. No more."
    assert by_cause("1 of 3 failed", {"a": texts["a"]}) == "1 of 3 failed (a): The backup 'x' (ID aa) failed. No more."
    other = {**texts, "c": "Never."}
    assert by_cause("3 failed", other) == "3 failed.\na, b: The backup 'x' failed. No more.\nc: Never."


def test_each_cause_has_a_line_and_what_all_say_at_the_end_is_told_once() -> None:
    texts = {
        "one": "Project p has no addon 'one'. Did you mean 'ones'? Nothing was started. To list them: info",
        "two": "Addon two is 'paused'. Nothing was started. To list them: info",
        "three": "Addon three is 'paused'. Nothing was started. To list them: info",
    }
    assert by_cause("3 of 4 addons failed", texts, "Restored: four.") == (
        "3 of 4 addons failed. Restored: four.\n"
        "one: Project p has no such addon. Did you mean 'ones'?\n"
        "two, three: The addon is 'paused'.\n"
        "Nothing was started. To list them: info"
    )


def test_a_line_never_loses_all_that_it_says() -> None:
    assert by_cause("2 failed", {"one": "No.", "two": "Never. No."}) == "2 failed.\none: No.\ntwo: Never. No."


def test_many_names_are_cut() -> None:
    first = by_cause("All failed", {f"db-{number:02}": "No." for number in range(14)})
    assert first.startswith("All failed (db-00, ")
    assert first.endswith(", db-11 and 2 more): No.")


SENTENCES = {name: [text for text in texts if f"ddon {ID}" in text] for name, texts in messages.sentences().items()}


@pytest.mark.parametrize("name", [name for name, texts in SENTENCES.items() if texts and name.startswith(ROOMS)])
def test_no_message_names_its_addon_where_it_stands_for_several(name: str) -> None:
    """Otherwise the same cause would be told for each of them."""
    for text in SENTENCES[name]:
        assert f"ddon {ID}" not in by_cause("2 of 2 addons failed", {ID: text})
