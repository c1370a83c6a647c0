# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mirror does about each file: a table. It never decides to delete what it does not know as its own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._mirror_plan import (
    DELETE,
    DOWNLOAD,
    FAIL,
    FORGET,
    KEEP,
    PRESENT,
    Entry,
    plan,
)
from ansible_collections.northflank.cloud.plugins.module_utils._models import Backup

NAME = "p_a_20260301T120000Z_nightly.gz"


def backup(**facts: Any) -> Backup:
    config = {"size": "1", "source": {"type": "sameAddon"}, "compressionType": "gz", **facts.pop("config", {})}
    usual = {"id": "nightly", "uid": "u-1", "name": "N", "status": "completed", "createdAt": "2026-03-01T12:00:00Z"}
    return Backup.from_api({**usual, "config": config, **facts})


def entry(**facts: Any) -> Entry:
    usual: dict[str, Any] = {"project_id": "p", "addon_id": "a", "backup_id": "nightly", "key": "u-1"}
    return Entry(**{**usual, "size": 7, "checksum": "abc", **facts})


OURS = {NAME: entry()}
THERE: dict[str, int | None] = {NAME: 7}
# The API's backups, what was put there, what is there, and what comes of it; anything else is None.
TABLE: dict[str, tuple[list[Backup], dict[str, Entry], dict[str, int | None], str | None]] = {
    "new": ([backup()], {}, {}, DOWNLOAD),
    "there": ([backup()], OURS, THERE, PRESENT),
    "put there, and taken away": ([backup()], OURS, {}, DOWNLOAD),
    "somebody else's file has its name": ([backup()], {}, THERE, FAIL),
    "somebody else's folder or link has its name": ([backup()], {}, {NAME: None}, FAIL),
    "somebody has changed it": ([backup()], OURS, {NAME: 8}, FAIL),
    "somebody has put a link in its place": ([backup()], OURS, {NAME: None}, FAIL),
    "the file is of another backup": ([backup(uid="u-2")], OURS, THERE, FAIL),
    "by its time, where there is no uid": (
        [backup(uid=None)],
        {NAME: entry(key="2026-03-01T12:00:00Z")},
        THERE,
        PRESENT,
    ),
    "no snapshot": ([backup(config={"source": {"type": "snapshot"}})], {}, {}, None),
    "no import": ([backup(config={"source": {"type": "fileUpload"}})], {}, {}, None),
    "not one under way": ([backup(status="in-progress")], {}, {}, None),
    "not a failed one": ([backup(status="failed")], {}, {}, None),
    "gone": ([], OURS, THERE, DELETE),
    "gone, here as well": ([], OURS, {}, FORGET),
    "gone, and somebody has changed it": ([], OURS, {NAME: 8}, KEEP),
    "gone, and a link is in its place": ([], OURS, {NAME: None}, KEEP),
    "no longer completed": ([backup(status="failed")], OURS, THERE, KEEP),
    "another one got its ID": ([backup(uid="u-2", status="failed")], OURS, THERE, DELETE),
    "never somebody else's": ([], {}, THERE, None),
    "never another project's": ([], {NAME: entry(project_id="q")}, THERE, None),
}


@pytest.mark.parametrize(("found", "known", "there", "action"), TABLE.values(), ids=TABLE)
@pytest.mark.parametrize("whole_project", [True, False])
def test_the_table(
    found: list[Backup],
    known: dict[str, Entry],
    there: dict[str, int | None],
    action: str | None,
    whole_project: bool,
) -> None:
    steps = plan("p", {"a": found}, known, there, True, whole_project)
    assert [(step.name, step.action) for step in steps] == ([] if action is None else [(NAME, action)])
    assert all((step.reason is not None) == (step.action in (KEEP, FAIL)) for step in steps)


def test_without_delete_what_is_gone_stays() -> None:
    (step,) = plan("p", {"a": []}, OURS, THERE, False, True)
    assert (step.action, step.reason) == (KEEP, "the API no longer has it, and delete=false")


def test_what_was_put_there_of_an_addon_that_is_gone_stays() -> None:
    """It may be the last there is."""
    (step,) = plan("p", {"b": []}, OURS, THERE, True, True)
    assert (step.action, step.reason) == (KEEP, "its addon no longer exists")


def test_an_addon_that_was_not_chosen_is_left_alone() -> None:
    assert plan("p", {"b": []}, OURS, THERE, True, False) == []


def test_what_can_be_given_no_name_fails_and_the_others_are_decided() -> None:
    odd = [backup(id="../../x"), backup(id="other", config={"compressionType": None, "source": {"type": "sameAddon"}})]
    steps = plan("p", {"a": [*odd, backup()]}, {}, {}, True, True)
    assert [(step.name, step.action) for step in steps] == [("../../x", FAIL), ("other", FAIL), (NAME, DOWNLOAD)]
