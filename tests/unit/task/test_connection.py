# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where token and address come from, and what is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import InvalidInput
from ansible_collections.northflank.cloud.plugins.module_utils._task.connection import resolve

DEFAULTS = {"api_timeout": 30, "api_retries": 5, "validate_certs": True}
TOKEN = {"api_token": "option-token"}


def options(**given: Any) -> dict[str, Any]:
    return {**DEFAULTS, **given}


@pytest.mark.parametrize(
    ("option", "environment", "token"),
    [
        ("option", {"NORTHFLANK_API_TOKEN": "first", "NF_API_TOKEN": "second"}, "option"),
        (None, {"NORTHFLANK_API_TOKEN": "first", "NF_API_TOKEN": "second"}, "first"),
        (None, {"NF_API_TOKEN": "second"}, "second"),
        (None, {"NORTHFLANK_API_TOKEN": "", "NF_API_TOKEN": "second"}, "second"),
        ("", {"NORTHFLANK_API_TOKEN": "first"}, "first"),
    ],
)
def test_which_token_wins(option: str | None, environment: dict[str, str], token: str) -> None:
    assert resolve(options(api_token=option), environment).target.token == token


@pytest.mark.parametrize("environment", [{}, {"NORTHFLANK_API_TOKEN": ""}])
def test_no_token_is_refused_with_what_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=r"api_token is missing.*NORTHFLANK_API_TOKEN"):
        resolve(options(), environment)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("S3CRET with blanks", "contains whitespace or characters that are not valid in a token"),
        ("S3CRET\u00e9", "contains whitespace or characters that are not valid in a token"),
        ("\n", "contains whitespace or characters that are not valid in a token"),
        ("S3CRET\nS3CRET", "holds a line break: give the one line that is the token"),
        ("Bearer S3CRET", "begins with 'Bearer ': give the token alone"),
        ("bearer S3CRET", "begins with 'Bearer ': give the token alone"),
        ("'S3CRET'", "is in quotes: give the token without them"),
        ('"S3CRET"\n', "is in quotes: give the token without them"),
    ],
)
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        resolve(options(api_token=token), {})
    assert str(refusal.value) == f"api_token {words} (its value is not shown)."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_the_line_break_at_the_end_of_a_file_is_no_part_of_a_token(end: str) -> None:
    (token,) = TOKEN.values()
    assert resolve(options(api_token=token + end), {}).target.token == token


def test_the_token_is_not_in_the_connections_text() -> None:
    assert "option-token" not in repr(resolve(options(**TOKEN), {}))


@pytest.mark.parametrize(
    ("option", "variable", "url"),
    [
        (None, None, "https://api.northflank.com"),
        (None, "", "https://api.northflank.com"),
        (None, "https://env.example", "https://env.example"),
        ("https://option.example/", "https://env.example", "https://option.example"),
        ("http://127.0.0.1:8642", None, "http://127.0.0.1:8642"),
        ("http://localhost:1", None, "http://localhost:1"),
        ("http://[::1]:1", None, "http://[::1]:1"),
    ],
)
def test_which_address_wins(option: str | None, variable: str | None, url: str) -> None:
    environment = {} if variable is None else {"NORTHFLANK_API_URL": variable}
    assert resolve(options(api_url=option, **TOKEN), environment).target.url == url


VARIABLES = ["NORTHFLANK_API_URL", "NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST"]


@pytest.mark.parametrize("number", range(len(VARIABLES)), ids=VARIABLES)
def test_the_variables_for_the_address_are_looked_at_in_their_order(number: int) -> None:
    later = {variable: f"https://{variable.lower().replace('_', '-')}.example" for variable in VARIABLES[number:]}
    earlier = dict.fromkeys(VARIABLES[:number], "")
    wanted = later[VARIABLES[number]]
    assert resolve(options(**TOKEN), {**earlier, **later}).target.url == wanted
    assert resolve(options(api_url="https://option.example", **TOKEN), later).target.url == "https://option.example"


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_with_a_bad_address_is_named(variable: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^api_url \(from {variable}\) must be https"):
        resolve(options(**TOKEN), {variable: "http://api.northflank.com"})


@pytest.mark.parametrize(
    "url",
    ["http://api.northflank.com", "http://10.0.0.1", "http://127.0.0.1.example", "http://localhost.example", "ftp://localhost",
     "api.northflank.com", "https://", "https://api.northflank.com/v1", "https://a.example#x", "https://a.example:port"],
)  # fmt: skip
def test_an_address_that_is_not_safe_or_not_clear_is_refused_with_its_value(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        resolve(options(api_url=url, **TOKEN), {})
    assert url in str(refusal.value)
    assert "api_url" in str(refusal.value)


@pytest.mark.parametrize("url", ["https://user:S3CRET@api.northflank.com", "user:S3CRET@api.northflank.com"])
def test_credentials_in_an_address_are_refused_and_not_shown(url: str) -> None:
    for given, environment in (({"api_url": url}, {}), ({}, {"NF_HOST": url})):
        with pytest.raises(InvalidInput) as refusal:
            resolve(options(**given, **TOKEN), environment)
        assert "S3CRET" not in str(refusal.value)


@pytest.mark.parametrize(
    ("option", "variable", "team"), [("a", "b", "a"), (None, "b", "b"), (None, "", None), (None, None, None)]
)
def test_which_team_wins(option: str | None, variable: str | None, team: str | None) -> None:
    environment = {} if variable is None else {"NORTHFLANK_TEAM_ID": variable}
    assert resolve(options(team_id=option, **TOKEN), environment).team_id == team


def test_a_team_that_would_change_the_path_is_refused() -> None:
    with pytest.raises(InvalidInput, match="team_id may hold only"):
        resolve(options(team_id="a/b", **TOKEN), {})


@pytest.mark.parametrize(
    ("given", "verify"),
    [({}, True), ({"validate_certs": False}, False), ({"ca_path": "HERE"}, "HERE"), ({"ca_path": ""}, True)],
)
def test_what_certificates_are_checked_against(tmp_path: Path, given: dict[str, Any], verify: Any) -> None:
    place = {"HERE": str(tmp_path)}
    found = resolve(
        options(**TOKEN, **{key: place.get(value, value) for key, value in given.items()}), {}
    ).target.verify
    assert found == place.get(verify, verify)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ca_path": "/nowhere/ca.pem"}, "ca_path must be a file or folder that exists.*/nowhere/ca.pem"),
        ({"ca_path": "/", "validate_certs": False}, "ca_path has no effect with validate_certs=false"),
        ({"api_timeout": 0}, "api_timeout must be at least 1 second; got 0"),
        ({"api_retries": -1}, "api_retries must be from 0 to 100"),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        resolve(options(**TOKEN, **given), {})


def test_a_query_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(InvalidInput, match="must end after host and port") as refusal:
        resolve(options(api_url="https://api.northflank.com?key=S3CRET", **TOKEN), {})
    assert "S3CRET" not in str(refusal.value)
