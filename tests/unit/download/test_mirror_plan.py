# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mirror does about each file: a table. It never decides to delete what it does not know as its own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup
from ansible_collections.northflank.cloud.plugins.module_utils._download.mirror_plan import (
    DELETE,
    DOWNLOAD,
    FAIL,
    FORGET,
    KEEP,
    PRESENT,
    Entry,
    MirrorStep,
    Origin,
    address,
    is_a_name,
    keep_newest,
    of_unknown_origin,
    plan_mirror,
    strangers,
    told_origin,
    too_many_to_delete,
)

NAME = "p_a_20260301T120000Z_nightly.gz"


def backup(**facts: Any) -> Backup:
    config = {"size": "1", "source": {"type": "sameAddon"}, "compressionType": "gz", **facts.pop("config", {})}
    usual = {"id": "nightly", "uid": "u-1", "name": "N", "status": "completed", "createdAt": "2026-03-01T12:00:00Z"}
    return Backup.from_api({**usual, "config": config, **facts})


def entry(**facts: Any) -> Entry:
    usual: dict[str, Any] = {"project_id": "p", "addon_id": "a", "backup_id": "nightly", "uid": "u-1"}
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
        {NAME: entry(uid=None)},
        THERE,
        PRESENT,
    ),
    "by its time, where the API sends a uid no longer": ([backup(uid=None)], OURS, THERE, PRESENT),
    "by its time, where the API sends a uid only by now": ([backup()], {NAME: entry(uid=None)}, THERE, PRESENT),
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
    steps = plan_mirror("p", {"a": found}, known, there, True, whole_project)
    assert [(step.name, step.action) for step in steps] == ([] if action is None else [(NAME, action)])
    assert all((step.reason is not None) == (step.action in (KEEP, FAIL)) for step in steps)


def test_without_delete_what_is_gone_stays() -> None:
    (step,) = plan_mirror("p", {"a": []}, OURS, THERE, False, True)
    assert (step.action, step.reason) == (KEEP, "the API no longer has it, and delete=false")


def test_what_was_put_there_of_an_addon_that_is_gone_stays() -> None:
    """It may be the last there is."""
    (step,) = plan_mirror("p", {"b": []}, OURS, THERE, True, True)
    assert (step.action, step.reason) == (KEEP, "its addon no longer exists")


def test_an_addon_that_was_not_chosen_is_left_alone() -> None:
    assert plan_mirror("p", {"b": []}, OURS, THERE, True, False) == []


def test_what_can_be_given_no_name_fails_and_the_others_are_decided() -> None:
    odd = [backup(id="../../x"), backup(id="other", config={"compressionType": None, "source": {"type": "sameAddon"}})]
    steps = plan_mirror("p", {"a": [*odd, backup()]}, {}, {}, True, True)
    assert [(step.name, step.action) for step in steps] == [("../../x", FAIL), ("other", FAIL), (NAME, DOWNLOAD)]


HERE = Origin("https://api.northflank.com", None, "p")
SHAPES = ["https://API.northflank.com:443", "https://api.northflank.com", "https://api.northflank.com/"]


@pytest.mark.parametrize("url", SHAPES)
def test_an_api_is_the_same_however_its_address_is_written(url: str) -> None:
    assert address(url) == HERE.api


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]:8080"])
def test_a_port_belongs_to_the_address(url: str) -> None:
    assert address(url) == url


@pytest.mark.parametrize(
    ("api", "team_id", "is_stranger"),
    [
        (HERE.api, None, False),
        (None, None, False),
        ("http://127.0.0.1:8080", None, True),
        (HERE.api, "team", True),
        (None, "team", False),
    ],
)
def test_a_folder_belongs_to_one_api_and_team(api: str | None, team_id: str | None, is_stranger: bool) -> None:
    known = {NAME: entry(project_id="any", api=api, team_id=team_id)}
    assert strangers(HERE, known) == (list(known.values()) if is_stranger else [])


def test_one_backup_that_the_api_has_proves_where_an_old_list_comes_from() -> None:
    gone = "p_b_20260301T120000Z_nightly.gz"
    known = {NAME: entry(), gone: entry(addon_id="b", uid="u-9")}
    there: dict[str, int | None] = {NAME: 7, gone: 7}
    for found, unknown in (
        ({"a": [backup()]}, {}),
        ({"a": [backup()], "b": []}, {}),
        ({"a": [backup(uid="u-2")]}, known),
        ({"a": []}, known),
        ({}, known),
    ):
        assert of_unknown_origin(HERE, found, known, there, True) == unknown
    assert set(of_unknown_origin(HERE, {"b": []}, known, there, False)) == {gone}
    assert of_unknown_origin(HERE, {}, known, {}, True) == {}
    assert of_unknown_origin(HERE, {}, {NAME: entry(api=HERE.api)}, there, True) == {}
    assert of_unknown_origin(HERE, {}, {NAME: entry(project_id="q")}, there, True) == {}


def test_what_is_proved_is_noted_for_its_own_project_only() -> None:
    known = {NAME: entry(), "q": entry(project_id="q"), "r": entry(api=HERE.api)}
    assert told_origin(HERE._replace(team_id="t"), known) == {NAME: entry(api=HERE.api, team_id="t")}


def step(action: str, day: int, addon_id: str = "a") -> MirrorStep:
    return MirrorStep(f"p_{addon_id}_202603{day:02}T120000Z_nightly.gz", action, addon_id)


def test_the_newest_dump_of_each_addon_stays() -> None:
    gone = [step(DELETE, day) for day in (3, 1, 2)]
    other = step(DELETE, 1, "b")
    assert [one.action for one in keep_newest([*gone, other])] == [KEEP, DELETE, DELETE, KEEP]
    for newer in (PRESENT, DOWNLOAD):
        assert [one.action for one in keep_newest([*gone, step(newer, 4)])] == [DELETE, DELETE, DELETE, newer]
    for no_dump in (KEEP, FAIL, FORGET):
        assert [one.action for one in keep_newest([*gone, step(no_dump, 4)])] == [KEEP, DELETE, DELETE, no_dump]


@pytest.mark.parametrize(
    ("actions", "share", "too_many"),
    [
        ([DELETE, PRESENT], 0.5, None),
        ([DELETE, DELETE, PRESENT], 0.5, (2, 3)),
        ([DELETE, DELETE, DOWNLOAD, DOWNLOAD], 0.5, None),
        ([DELETE, DELETE, KEEP, FORGET], 0.5, (2, 3)),
        ([DELETE, DELETE, KEEP, FORGET], 0.7, None),
        ([DELETE, KEEP, FAIL], 0.4, (1, 2)),
        ([PRESENT], 0.1, None),
        ([], 0.1, None),
    ],
)
def test_how_much_may_go_at_once(actions: list[str], share: float, too_many: tuple[int, int] | None) -> None:
    steps = [step(action, day) for day, action in enumerate(actions, 1)]
    other = [step(PRESENT, day, "b") for day in range(1, 20)]
    assert too_many_to_delete([*steps, *other], share) == ({} if too_many is None else {"a": too_many})


@pytest.mark.parametrize("name", ["a", "..", "a/b", "", f"{NAME}/", f"../{NAME}", f"{NAME}\n", "p_a_nightly.gz"])
def test_what_is_no_name_that_a_mirror_gives(name: str) -> None:
    assert is_a_name(NAME)
    assert not is_a_name(name)
