# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the role reads its variables: what each text means, and what means nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError, InvalidInput
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy import options
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.commands import Commands

MEANT: list[tuple[str, Any, Any]] = [
    ("rollback_safety", "false", False),
    ("rollback_safety", "False", False),
    ("rollback_safety", " no ", False),
    ("rollback_safety", False, False),
    ("rollback_safety", 0, False),
    ("restore_again", "yes", True),
    ("restore_again", "1", True),
    ("restore_again", True, True),
    ("keep_last", "3", 3),
    ("keep_last", 3, 3),
    ("generation", " 2 ", 2),
    ("addon_ids", "a", ["a"]),
    ("addon_ids", "a, b,", ["a", "b"]),
    ("addon_ids", '["a", "b"]', ["a", "b"]),
    ("addon_ids", ["a", " b"], ["a", "b"]),
    # A list that came out empty is not the whole project.
    ("addon_ids", [], []),
    ("addon_ids", "[]", []),
    ("addon_ids", ",", []),
    ("additional_destinations", '[{"destination_id": "a"}]', [{"destination_id": "a"}]),
    ("additional_destinations", [{"destination_id": "a"}], [{"destination_id": "a"}]),
    ("wait_timeout", 1800, "1800"),
    ("wait_timeout", "30m", "30m"),
    ("keep_within", 0, "0"),
    ("compression_type", "zstd", "zstd"),
]


@pytest.mark.parametrize(("name", "value", "meaning"), MEANT, ids=repr)
def test_a_value_means_the_same_as_text(name: str, value: Any, meaning: Any) -> None:
    assert options.read_options({name: value}) == {name: meaning}


@pytest.mark.parametrize("value", [None, "", "  ", "__omit_place_holder__0a1b2c"], ids=repr)
def test_nothing_counts_as_not_given_for_every_variable(value: Any) -> None:
    assert options.read_options(dict.fromkeys(options.VARIABLES, value)) == {}


REFUSED: list[tuple[str, Any, str]] = [
    ("rollback_safety", "maybe", "must be true or false; got 'maybe'."),
    ("rollback_safety", 2, "must be true or false; got 2."),
    ("keep_last", "1.5", "must be a whole number; got '1.5'."),
    ("keep_last", True, "must be a whole number; got True."),
    ("keep_last", [1], "must be a whole number; got [1]."),
    ("addon_ids", {"a": 1}, "must be a list, or text with commas; got {'a': 1}."),
    ("addon_ids", [["a"]], "must be a list, or text with commas; got [['a']]."),
    ("addon_ids", 7, "must be a list, or text with commas; got 7."),
    ("addon_ids", "[a", "must be JSON where it begins with a bracket; got '[a'."),
    ("additional_destinations", "offsite", "must be JSON where it begins with a bracket; got 'offsite'."),
    ("additional_destinations", ["offsite"], "must be a list of dictionaries; got ['offsite']."),
    ("on_timeout", "abrot", "must be one of: fail, abort; got 'abrot'."),
    ("wait_timeout", 0, "must be at least 1 second; got '0'."),
    ("wait_timeout", "soon", "must be a number of seconds, or a number followed by s, m, h, d or w; got 'soon'."),
    ("max_age", ["6h"], "must be text; got ['6h']."),
]


@pytest.mark.parametrize(("name", "value", "rule"), REFUSED, ids=repr)
def test_what_cannot_be_read_is_refused_by_its_name(name: str, value: Any, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        options.read_options({name: value})
    assert str(refused.value) == f"pre_deploy_snapshot_{name} {rule}"


@pytest.mark.parametrize(
    ("slip", "nearest"),
    [
        ("addons", "Did you mean pre_deploy_snapshot_addon_ids?"),
        ("exclud", "Did you mean pre_deploy_snapshot_exclude?"),
        ("keep", "Did you mean pre_deploy_snapshot_keep_"),
        ("x" * 60, "The role has no variable pre_deploy_snapshot_xxx"),
    ],
)
def test_a_variable_that_the_role_does_not_have_is_an_error(slip: str, nearest: str) -> None:
    with pytest.raises(BackupError, match="Nothing was started") as refused:
        options.check_names(["other", "pre_deploy_snapshot_release", f"pre_deploy_snapshot_{slip}"])
    assert nearest in str(refused.value)
    options.check_names(f"pre_deploy_snapshot_{name}" for name in options.KNOWN)


def test_a_command_names_a_release_so_that_neither_shell_nor_ansible_takes_it_apart() -> None:
    command = Commands({"project_id": "p", "team_id": "t"}).rollback("v1.2/x")
    assert command == (
        "ansible-playbook northflank.cloud.rollback -e project_id=p -e release=v1.2/x -e pre_deploy_snapshot_team_id=t"
    )
    assert Commands({"project_id": "p"}).rollback("a b", 2).endswith("""-e '{"release": "a b"}' -e generation=2""")


def test_what_is_published_is_told_apart_by_all_that_makes_it_one() -> None:
    places = [
        ("u", None, "p", "r"),
        ("v", None, "p", "r"),
        ("u", "t", "p", "r"),
        ("u", None, "q", "r"),
        ("u", None, "p", "s"),
    ]
    assert len({options.published_as(*place) for place in places}) == len(places)
