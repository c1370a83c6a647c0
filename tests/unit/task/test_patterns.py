# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns of the user that can take forever, and those that people really write."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._task.patterns import may_explode, repeats_in_a_row

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
# What the user gives; the rest of this file is about it.
OF_THE_USER = "params[option]"

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
    "[0-9]+-[0-9]+-[0-9]+-[0-9]+-[0-9]+-[0-9]+",
    "[^-]+-[^-]+-[^-]+-[^-]+-[^-]+",
    r"\w+-\W\d+-\w+-\d+",
    ".*-.*-.*-.*",
]
EXPLOSIVE = [
    "(a+)+b",
    "(a*)*b",
    "(?:a|aa)+b",
    "(?:[ab].|[bc].)+x",
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
    ".*.*.*.*.*x",
    ".*-.*-.*-.*-.*",
    "(.*)(-)?(.*)(?:.*|x)[^y]*[^z]+z",
    r"\w*[a-z]*\S*b?[a-f]+c*x",
    "^.*$.*a{2,9}.*a+x",
]


@pytest.mark.parametrize("pattern", HARMLESS)
def test_what_people_write_is_taken(pattern: str) -> None:
    assert not may_explode(pattern)


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_what_can_take_for_ever_is_known(pattern: str) -> None:
    assert may_explode(pattern)


def modules() -> Iterator[tuple[str, ast.Module]]:
    """All of the plugins, by their dotted names."""
    for path in sorted(PLUGINS.rglob("*.py")):
        name = ".".join(path.relative_to(PLUGINS).with_suffix("").parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def own_patterns() -> Iterator[tuple[str, str]]:
    """Each pattern of the tree, and the module that has it: those that are compiled once, and those that are not."""
    for name, tree in modules():
        if not any(isinstance(node, ast.Import) and node.names[0].name == "re" for node in tree.body):
            continue
        loaded = importlib.import_module(f"ansible_collections.northflank.cloud.plugins.{name}")
        for value in vars(loaded).values():
            for one in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                    yield name, one.pattern
        for call in ast.walk(tree):
            if is_of_re(call) and isinstance(call.args[0], ast.Constant):
                yield name, str(call.args[0].value)


def is_of_re(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and bool(node.args)
    )


@pytest.mark.parametrize(("module", "pattern"), sorted(set(own_patterns())))
def test_each_pattern_of_the_tree_takes_time_in_proportion_to_the_text(module: str, pattern: str) -> None:
    assert not may_explode(pattern), module
    assert repeats_in_a_row(pattern) <= 1, module


def test_no_pattern_is_made_where_that_does_not_see_it() -> None:
    """Within a function, a pattern is written out. What is put together stands at the top of its module."""
    for name, tree in modules():
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for call in filter(is_of_re, ast.walk(function)):
                told = ast.unparse(call.args[0])
                assert isinstance(call.args[0], ast.Constant) or told == OF_THE_USER, (name, told)
