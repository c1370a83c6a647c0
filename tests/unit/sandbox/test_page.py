# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox's README, held against the sandbox: its tables list what there is. Its commands are run elsewhere."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from sandbox import Assumptions, Sandbox, admin, cli, handlers, world
from sandbox.contract import CONTRACT, assumption_keys, operations
from sandbox.faults import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")


def rows(header: str) -> list[list[str]]:
    """The rows of the table with this beginning of a header, as cells."""
    table = PAGE.split(f"\n| {header}")[1].split("\n\n")[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


def words(cell: str) -> list[str]:
    """What stands in a cell as code."""
    return re.findall(r"`([^`]+)`", cell)


def test_the_options_are_those_of_the_program() -> None:
    options = {
        word
        for action in cli._parser()._actions  # noqa: SLF001  # argparse gives them no public name
        for word in action.option_strings
        if word not in ("-h", "--help")
    }
    assert {word.split()[0] for row in rows("option") for word in words(row[0])} == options


def test_the_switches_are_the_assumptions_with_their_defaults() -> None:
    defaults: dict[str, Any] = {field.name: field.default for field in fields(Assumptions)}
    # It only chooses one of the orders that are called shuffled, and is told beside them.
    del defaults["shuffle_seed"]
    told = {word: row[1] for row in rows("switch") for word in words(row[0])}
    assert set(told) == set(defaults)
    for name, default in defaults.items():
        assert str(default).lower() in told[name].lower(), name


def test_each_assumption_of_the_contract_is_a_switch_and_no_other_thing_is() -> None:
    switches = {field.name for field in fields(Assumptions)} - {"shuffle_seed", "optional_fields", "types_told"}
    assert len(assumption_keys()) > 45
    assert set(assumption_keys()) == switches


def test_what_the_contract_says_to_be_assumed_is_explained_there() -> None:
    def assumed(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = set(node.get("x-assumed", ()))
            return own.union(*(assumed(child) for child in node.values()))
        return set().union(*(assumed(child) for child in node)) if isinstance(node, list) else set()

    document = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    assert assumed(document) <= set(assumption_keys())


def test_the_kinds_of_faults_are_all_there_are() -> None:
    assert sorted(word for row in rows("kind") for word in words(row[0])) == sorted(KINDS)


def test_the_commands_are_all_there_are() -> None:
    commands = {f"GET {name}" for name in admin._READS} | {f"POST {name}" for name in admin._WRITES}  # noqa: SLF001
    assert {word for row in rows("request to") for word in words(row[0])} == commands


def test_what_a_test_may_call_exists() -> None:
    section = PAGE.split("## Break it on purpose")[1].split("## How it is made")[0]
    called = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)[`(]", section))
    called -= {"retry_after", "addon_id", "wait_for", "wsgi_app"}
    assert "next_outcome" in called
    assert [name for name in called if not hasattr(Sandbox, name)] == []


def test_what_there_is_at_the_beginning_is_told() -> None:
    section = PAGE.split("There are two projects")[1].split("##")[0]
    assert set(words(section)) == {
        *(place for addon in world.FIRST_ADDONS for place in addon[:2]),
        *world.DESTINATIONS,
        *world.TEAMS,
    }
    everything = {addon_id for _project, addon_id, kind, _tags in world.FIRST_ADDONS if world.ADDON_TYPES[kind][2]}
    assert set(words(section.split("can do everything")[0].split("Of the addons")[1])) == everything - {
        "postgres-paused"
    }


def test_what_is_left_out_is_told() -> None:
    sentence = PAGE.split("Left out: ")[1].split("answer 501")[0]
    assert set(words(sentence)) == {operation.id for operation in operations()} - set(handlers.HANDLERS)


def test_the_files_that_are_told_of_exist() -> None:
    section = PAGE.split("## How it is made")[1]
    files = [word for word in words(section) if word.endswith(".py")]
    assert files
    assert [name for name in files if not Path(cli.__file__).with_name(name).exists()] == []
