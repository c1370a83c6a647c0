# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for arguments: what is let through, and what the refusal says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import InvalidInput
from ansible_collections.northflank.cloud.plugins.module_utils._retention import policy
from ansible_collections.northflank.cloud.plugins.module_utils._task import validation
from hypothesis import example, given
from hypothesis import strategies as st

CONTRACT = yaml.safe_load((Path(__file__).parents[2] / "sandbox" / "contract.yaml").read_text(encoding="utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
# Written out once more, as ECMAScript's \s is neither Python's nor the one that the code under test spells out.
ECMA_BLANKS = [9, 10, 11, 12, 13, 32, 160, 5760, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]


def by_the_contract(schema: dict[str, Any], value: str) -> bool:
    blanks = "".join(chr(code) for code in ECMA_BLANKS)
    pattern = schema["pattern"].removeprefix("^").removesuffix("$").replace(r"\s", f"[{blanks}]")
    fits = re.fullmatch(pattern, value, re.ASCII) is not None
    return fits and schema["minLength"] <= len(value) <= schema["maxLength"]


def accepted(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except InvalidInput:
        return False
    return True


ALPHABET = st.sampled_from([*"abcXYZ019-/:_. ", "\n", "\t", "\u00a0", "\x1c", "\x85", "\ufeff", "\u00e9", "\u0660"])


@given(st.text(ALPHABET, max_size=45))
@example("abc\n")
@example("a  b")
@example("a\u0660b")
@example("a\ufeffb")
@example("a\u2003b")
@example("a\x1cb")
@example("a\x85b")
@example("a" * 39)
@example("a" * 40)
@example("ab")
def test_a_name_is_let_through_exactly_when_the_contract_allows_it(name: str) -> None:
    assert accepted(validation.backup_name, "name", name) == by_the_contract(SCHEMAS["BackupName"], name)


@given(st.text(ALPHABET, max_size=110))
@example("a" * 100)
@example("a" * 101)
@example("a-b")
@example("abc\n")
def test_a_destination_is_let_through_exactly_when_the_contract_allows_it(value: str) -> None:
    assert accepted(validation.destination_id, "d", value) == by_the_contract(SCHEMAS["DestinationId"], value)


@given(st.text())
@example("..")
@example("a/b")
@example("a%2Fb")
@example("a\n")
@example("a?b=c")
def test_an_id_never_changes_the_path(value: str) -> None:
    assert accepted(validation.identifier, "project_id", value) == bool(re.fullmatch("[A-Za-z0-9-]+", value))


REFUSED = [
    (validation.backup_name, ("name", "ab"), "name must have 3 to 39 characters, not 2; got 'ab'."),
    (validation.backup_name, ("name", "a" * 40), "name must have 3 to 39 characters, not 40"),
    (
        validation.backup_name,
        ("name", "a  b"),
        "in groups joined by one hyphen, space, slash or colon each (no dots or underscores), such as a-b; got 'a  b'.",
    ),
    (validation.backup_name, ("name", "v2.4"), "such as v2-4; got 'v2.4'."),
    (validation.backup_name, ("name", "1.10"), "such as 1-10; got '1.10'."),
    (validation.backup_name, ("name", "_.1"), "(no dots or underscores); got '_.1'."),
    (validation.backup_name, ("name", "abc\n"), r"got 'abc\n'."),
    (validation.backup_name, ("name", "Sicherung-\u00fcber"), "letters and digits without accents"),
    (validation.identifier, ("project_id", ""), "project_id must not be empty."),
    (validation.identifier, ("project_id", "a/../b"), "may hold only letters, digits and hyphens; got 'a/../b'."),
    (validation.addon_ids, ([],), "addon_id must name at least one addon."),
    (validation.addon_ids, ([" "],), "addon_id must not be empty."),
    (validation.addon_ids, (["a", " a "],), "addon_id must name each addon once only; got 'a'."),
    (
        validation.destination_id,
        ("custom_destination_id", "a"),
        "custom_destination_id must have 3 to 100 characters, not 1",
    ),
    (validation.destination_id, ("d", None), "d is required."),
    (
        validation.additional_destinations,
        ([{"destination_id": "abc", "retention_time": 0}],),
        "additional_destinations[0].retention_time must be from 1 to 36500 days; got 0.",
    ),
    (validation.additional_destinations, ([{"destination_id": "abc", "retention_time": 36501}],), "got 36501."),
    (
        validation.additional_destinations,
        ([{"destination_id": "abc"}, {"destination_id": None}],),
        "additional_destinations[1].destination_id is required.",
    ),
    (
        validation.whole_number,
        ("wait_timeout", -1, 1, None, "second"),
        "wait_timeout must be at least 1 second; got -1.",
    ),
    (validation.share, ("budget_share", 0.0), "budget_share must be above 0 and at most 1; got 0.0."),
    (validation.share, ("budget_share", 1.5), "got 1.5."),
    (validation.share, ("budget_share", float("nan")), "got nan."),
    (
        validation.usable_with,
        ("compression_type", "gz", "snapshot", "dump"),
        "compression_type can be used with backup_type=dump only, not with snapshot; got 'gz'.",
    ),
    (
        validation.duration_seconds,
        ("max_age", "soon"),
        "max_age must be a number of seconds, or a number followed by s, m, h, d or w; got 'soon'.",
    ),
    (validation.duration_seconds, ("max_age", "0"), "max_age must be above 0; got '0'."),
]


@pytest.mark.parametrize(("check", "arguments", "text"), REFUSED, ids=[row[2][:60] for row in REFUSED])
def test_a_refusal_names_option_rule_and_value(check: Any, arguments: tuple[Any, ...], text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check(*arguments)
    assert text in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("1.5h", 5400), ("30m", 1800), ("2d", 172800), ("1w", 604800), (" 6h ", 21600)],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert validation.duration_seconds("max_age", text) == seconds


@pytest.mark.parametrize(
    "text", ["", "h", "-1", "1e3", "1 h", "1,5h", "6H", "1h30m", "inf", "nan", "0h", "\u0661h", "9" * 13]
)
def test_a_duration_that_is_not_clear_is_refused(text: str) -> None:
    assert not accepted(validation.duration_seconds, "max_age", text)


@pytest.mark.parametrize("text", ["0", " 0 ", "00", "0.0"])
def test_0_is_a_span_of_nothing(text: str) -> None:
    assert policy.span("keep_within", text) == 0


@pytest.mark.parametrize(("text", "seconds"), [("1", 1), ("30m", 1800), ("1800", 1800), ("0.5h", 1800)])
def test_a_time_limit_is_a_duration(text: str, seconds: float) -> None:
    assert validation.time_limit("wait_timeout", text) == seconds


@pytest.mark.parametrize("text", ["0", "-1", "-5m", "0.9", "0h"])
def test_a_time_limit_is_a_second_at_least(text: str) -> None:
    with pytest.raises(InvalidInput, match="must be at least 1 second"):
        validation.time_limit("wait_timeout", text)


def test_addon_ids_are_stripped_and_keep_their_order() -> None:
    assert validation.addon_ids([" b ", "a"]) == ["b", "a"]


def test_destinations_are_put_into_the_apis_spelling() -> None:
    given_ones: list[dict[str, Any]] = [
        {"destination_id": "abc", "retention_time": 14, "type": "custom"},
        {"destination_id": "def"},
    ]
    assert validation.additional_destinations(given_ones) == [
        {"destinationId": "abc", "type": "custom", "retentionTime": 14},
        {"destinationId": "def", "type": "custom"},
    ]
