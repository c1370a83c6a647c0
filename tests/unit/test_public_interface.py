# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about the public interface lists what the code has, no less and no more."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import yaml
from ansible_collections.northflank.cloud.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.northflank.cloud.plugins.module_utils._api.states import KNOWN_STATES
from ansible_collections.northflank.cloud.plugins.module_utils._download.manifest import FILE, LOCK

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "public-interface.md").read_text(encoding="utf-8")
PLUGINS = "ansible_collections.northflank.cloud.plugins.modules"
# Every module returns these.
COMMON = {"requests", "rate_limit"}
# What Ansible's own functions for files add.
OF_FILES = {"mode", "owner", "group", "uid", "gid", "state"}


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_each_module_is_there_with_its_results() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section("Modules, options and results"), re.MULTILINE))
    there = {path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py")}
    assert set(told) == there
    for name, text in told.items():
        returned = set(yaml.safe_load(importlib.import_module(f"{PLUGINS}.{name}").RETURN)) - COMMON
        assert set(re.findall(r"`(\w+)`", text)) == returned - (OF_FILES if "about a file" in text else set()), name


def test_all_playbooks_and_roles_are_there() -> None:
    told = set(re.findall(r"`northflank\.cloud\.(\w+)`", section("Playbooks and roles")))
    assert told == {path.stem for path in (ROOT / "playbooks").glob("*.yml")} | {
        path.name for path in (ROOT / "roles").iterdir()
    }


def test_the_states_are_those_of_the_code() -> None:
    told = section("States").split("These are", 1)[0]
    assert set(re.findall(r"`([\w-]+)`", told)) == KNOWN_STATES


def test_the_environment_variables_are_those_that_are_read() -> None:
    read = set(re.findall(r"E\(([A-Z_]+)\)", ModuleDocFragment.DOCUMENTATION))
    assert set(re.findall(r"`([A-Z_]+)`", section("Environment variables"))) == read


def test_the_files_of_a_mirror_are_there() -> None:
    assert {f"`{FILE}`", f"`{LOCK}`"} <= set(re.findall(r"`[^`]+`", section("Files")))
