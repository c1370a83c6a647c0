# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What headers say about time, and which body is a refusal of the API."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import _date, _pause, own_error
from hypothesis import given
from hypothesis import strategies as st

NOON = 1772366400.0


@pytest.mark.parametrize(
    "text",
    ["Sun, 01 Mar 2026 12:00:00 GMT", "Sunday, 01-Mar-26 12:00:00 GMT", "Sun Mar  1 12:00:00 2026"],
)
def test_the_three_forms_of_a_date_are_understood(text: str) -> None:
    assert _date(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", " ", ",", "0", ":", "Sun,", "Sun, 01 Mar", "Sun, 01 Mar 2026", "Sun, 01 Mar 2026 GMT", "1 2 3 4 5"),
        "Sun, 31 Feb 2026 12:00:00 GMT",
        "Sun, 00 Mar 2026 12:00:00 GMT",
        "Sun, 01 Foo 2026 12:00:00 GMT",
        "Sun, 01 Mar 2026 24:00:00 GMT",
        "Sun, 01 Mar 2026 12:60:00 GMT",
        "Sun, 01 Mar 0000 12:00:00 GMT",
        "Sun, 01 Mar 99999 12:00:00 GMT",
        "Sun, 01 Mar 2026 12:00:00 +99999999",
        "Sun, 01 Mar 2026 \u0661\u0662:00:00 GMT",
        "Sun, 01 Mar 2026 12:00:00 GMT\x00",
    ],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    """The standard library raises TypeError, ValueError, OverflowError or IndexError on some, by its version."""
    assert _date(text) is None


@given(
    st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", fullmatch=True)
)
def test_no_date_raises(text: str) -> None:
    found = _date(text)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("1.5", 1.5),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        *((text, None) for text in (None, "", "soon", "-1", "1e3", "1_000", "inf", "nan", "0x10", " 5", "9" * 400)),
    ],
)
def test_how_long_the_server_asks_to_be_left_alone(text: str | None, seconds: float | None) -> None:
    assert _pause(text, NOON) == seconds


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 499])
def test_the_api_s_error_object_is_a_refusal(status: int) -> None:
    error = {"status": status, "message": "No"}
    assert own_error(status, {"error": error}) == error


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, None),
        (403, "Forbidden"),
        (403, []),
        (403, {}),
        (403, {"error": None}),
        (403, {"error": "Forbidden"}),
        (403, {"error": {}}),
        (403, {"error": {"message": "Forbidden"}}),
        (403, {"error": {"status": 403}}),
        (403, {"error": {"status": 403, "message": None}}),
        (403, {"error": {"status": "403", "message": "Forbidden"}}),
        (403, {"error": {"status": 404, "message": "Not Found"}}),
        (403, {"status": 403, "message": "Forbidden"}),
        (200, {"error": {"status": 200, "message": "Fine"}}),
        (302, {"error": {"status": 302, "message": "Found"}}),
        (500, {"error": {"status": 500, "message": "Broken"}}),
    ],
)
def test_anything_else_is_none(status: int, body: Any) -> None:
    assert own_error(status, body) is None
