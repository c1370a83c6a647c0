# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done to files in the worker, and what is left to the module."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path

import pytest
from ansible_collections.northflank.cloud.plugins.plugin_utils import _files

MODE = 0o604


@pytest.fixture(autouse=True)
def without_selinux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "SELINUX", tmp_path / "none")


@pytest.mark.parametrize("option", ["mode", "owner", "group", "seuser", "attributes", "unsafe_writes"])
def test_what_only_a_module_can_do_is_left_to_it(option: str) -> None:
    assert _files.need_the_module(["project_id", "dest", option])
    assert not _files.need_the_module(["project_id", "dest"])


def test_where_selinux_is_at_work_all_is_left_to_the_module(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert _files.need_the_module(["project_id", "dest"])


def test_a_file_that_is_replaced_hands_on_its_permissions(tmp_path: Path) -> None:
    source, target = tmp_path / "new", tmp_path / "old"
    source.write_text("new", encoding="utf-8")
    source.chmod(0o600)
    target.write_text("old", encoding="utf-8")
    target.chmod(MODE)
    _files.move(str(source), str(target))
    assert (target.read_text(encoding="utf-8"), target.stat().st_mode & 0o777) == ("new", MODE)
    assert not source.exists()


def test_a_new_file_keeps_its_own(tmp_path: Path) -> None:
    source = tmp_path / "new"
    source.touch()
    source.chmod(MODE)
    _files.move(str(source), str(tmp_path / "target"))
    assert (tmp_path / "target").stat().st_mode & 0o777 == MODE


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "new").write_text("new", encoding="utf-8")
    _files.move(str(tmp_path / "new"), str(tmp_path / "link"))
    assert not (tmp_path / "link").is_symlink()
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in ("there", "link")] == ["old", "new"]


def test_the_facts_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert _files.facts(str(path)) == {}
    path.write_bytes(b"12345")
    path.chmod(MODE)
    told = _files.facts(str(path))
    assert (told["mode"], told["size"], told["state"], told["uid"]) == ("0604", 5, "file", path.stat().st_uid)
    (tmp_path / "link").symlink_to("file")
    assert _files.facts(str(tmp_path / "link"))["state"] == "link"
    assert _files.facts(str(tmp_path))["state"] == "directory"
    (tmp_path / "other").hardlink_to(path)
    assert _files.facts(str(path))["state"] == "hard"


def test_owners_without_a_name_are_told_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_number: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr(grp, "getgrgid", nobody)
    told = _files.facts(str(tmp_path))
    assert (told["owner"], told["group"]) == (str(told["uid"]), str(told["gid"]))
