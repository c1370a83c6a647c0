# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from outside: secrets are masked, then it is cut, then escaped."""

from __future__ import annotations

import time

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import errors
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import holds_secret, never_show, safe_text
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import shown

WORD = "Ge/he?im#Wo@rt"
ECHOED = "nf-a-token-that-nobody-may-ever-see"

HIDDEN = [
    f"postgres://admin:{WORD}@db.example/x",
    "postgres://admin:pa/ss-Geheim@db/x",
    "postgres://admin:p@ss-Geheim@db/x",
    "mongodb+srv://admin:Geheim with blanks@db/x",
    "redis://:Geheim@db:6379/0",
    "http://Geheim@db/",
    "https://storage.example/file?signature=Geheim",
    "HTTPS://storage.example?Geheim",
    "host=db user=admin password=Geheim dbname=x",
    "host=db password='Ge heim Geheim' dbname=x",
    'host=db password = "Geheim \\" Geheim" dbname=x',
    '{"password":"Geheim"}',
    "{'pwd': 'Geheim'}",
    '{"auth": "Geheim"}',
    '{"dsn": "Geheim"}',
    "dsn=Geheim",
    "auth: Geheim",
    "api_key=Geheim",
    "secretAccessKey: Geheim",
    "token=Geheim",
    "X-Amz-Signature=Geheim",
    "Authorization: Bearer Geheim",
    "Authorization: Basic Geheim",
    "the header was Bearer Geheim-12345",
    "password='Geheim without an end",
]
PLAIN = [
    "The token lacks a permission",
    "see https://docs.example/page and write to me@docs.example",
    "see http://127.0.0.1:8080/page, or ask me@docs.example",
    "backup auth:main of release token-service",
    "authentication failed for user admin",
    "the password is wrong",
    "12:30 @ noon",
    "",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_what_looks_like_a_secret_is_masked_wherever_it_is_cut(text: str) -> None:
    for before in (0, 400, 480, 495, 499):
        told = safe_text("x" * before + " " + text + " end")
        assert not any(part in told for part in ("Geh", "he?", "im#", "rt@")), told
    assert "********" in safe_text(text)
    assert holds_secret(text)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_none_stays(text: str) -> None:
    assert safe_text(text) == text
    assert not holds_secret(text)


def test_a_token_is_masked_before_the_text_is_cut() -> None:
    never_show(ECHOED)
    for before in range(460, 505):
        assert "nf-a" not in safe_text("x" * before + ECHOED)


def test_a_text_is_cut_before_it_is_escaped() -> None:
    assert safe_text("\x1b" * 600) == "\\x1b" * 497 + "..."


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a://",
        "x://a:b",
        "x://a:b ",
        "://",
        "x://a?",
        'password="',
        "password='\\",
        "password ",
        "a:",
        "Bearer ",
        "@",
    ],
)
def test_masking_takes_no_time_to_speak_of(piece: str) -> None:
    """Four megabytes, which is what an answer may have."""
    text = piece * (4 * 2**20 // len(piece))
    began = time.process_time()
    safe_text(text)
    holds_secret(text)
    assert time.process_time() - began < 2.0


def test_what_a_long_text_hides_behind_masks_is_not_told_in_part() -> None:
    """The part that is looked at ends within the token."""
    never_show(ECHOED)
    text = f"https://x.example/?{'a' * (16 * 1024 - 30)} {ECHOED}"
    assert "nf-a" not in safe_text(text)


@pytest.mark.parametrize("text", [one for one in HIDDEN if "Bearer Geheim-" not in one])
def test_values_and_keys_that_look_like_secrets_are_left_out_of_results(text: str) -> None:
    assert shown({"note": text, "list": [text, "kept"], "deep": {"note": text}}) == {"list": ["kept"], "deep": {}}


@pytest.mark.parametrize(
    "key",
    [
        "dsn",
        "databaseDsn",
        "auth",
        "httpAuth",
        "authorization",
        "signature",
        "passphrase",
        "dbPwd",
        "accessKey",
        "password",
    ],
)
def test_fields_that_are_named_like_secrets_are_left_out(key: str) -> None:
    assert shown({key: "Geheim", "author": "Bob", "authMethodCount": 3}) == {"author": "Bob", "auth_method_count": 3}


def drawn() -> dict[str, str]:
    """What the picture at the top of errors.py says: each exception, and what it derives from."""
    parents: list[tuple[int, str]] = [(-1, "Exception")]
    tree = {}
    for line in (errors.__doc__ or "").split("::\n\n")[1].split("\n\n")[0].splitlines():
        depth, name = len(line) - len(line.lstrip()), line.split()[0]
        parents = [one for one in parents if one[0] < depth]
        tree[name] = parents[-1][1]
        parents.append((depth, name))
    return tree


def test_the_tree_of_exceptions_is_drawn_as_it_is() -> None:
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert drawn() == {one.__name__: one.__base__.__name__ for one in classes if one.__base__ is not None}
