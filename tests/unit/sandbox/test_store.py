# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage that download links lead to: what it may leave out, and everything that can go wrong with it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from sandbox import Assumptions, Sandbox, StoreFault, VirtualClock

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"


@pytest.fixture
def link(sandbox: Sandbox, api: Api) -> str:
    return a_link(sandbox, api)


def a_link(sandbox: Sandbox, api: Api) -> str:
    if not sandbox.backups(ADDON):
        sandbox.add_backup(ADDON, name="abc", backup_type="dump")
    answer = api.get(f"addons/{ADDON}/backups/abc/download-link")
    return str(answer.json()["data"]["downloadLink"])


def get(link: str, **headers: str) -> requests.Response:
    return requests.get(link, timeout=10, headers=headers, allow_redirects=False)


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_a_connection_that_ends_in_the_middle(sandbox: Sandbox, link: str, kind: str) -> None:
    sandbox.store_fault(StoreFault(kind=kind, at=10))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get(link)
    assert get(link).content == sandbox.file(ADDON, "abc")


def test_an_answer_that_is_shorter_than_the_file(sandbox: Sandbox, link: str) -> None:
    sandbox.store_fault(StoreFault(kind="short", at=10, times=2))
    whole = sandbox.file(ADDON, "abc")
    assert get(link).content == whole[:10]
    part = get(link, Range="bytes=5-")
    assert (part.content, part.headers["Content-Range"]) == (whole[5:15], f"bytes 5-{len(whole) - 1}/{len(whole)}")


@pytest.mark.parametrize(("kind", "status"), [("stall", 200), ("timeout", None)])
def test_a_storage_that_falls_silent(sandbox: Sandbox, link: str, kind: str, status: int | None) -> None:
    sandbox.store_fault(StoreFault(kind=kind))
    parts = urlsplit(link)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        if status is not None:
            assert connection.recv(10).startswith(b"HTTP/1.1 2")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert [request.status for request in sandbox.store_requests] == [status]


def test_a_storage_that_takes_its_time(sandbox: Sandbox, clock: VirtualClock, link: str) -> None:
    whole = sandbox.file(ADDON, "abc")
    sandbox.store_fault(StoreFault(kind="slow", at=100, delay=7.0))
    began = clock.now()
    assert get(link).content == whole
    assert clock.now() - began == 7.0 * -(-len(whole) // 100)


def test_an_answer_that_does_not_end(sandbox: Sandbox, link: str) -> None:
    sandbox.store_fault(StoreFault(kind="endless"))
    with requests.get(link, timeout=10, stream=True) as answer:
        assert answer.headers["Content-Length"] == str(1 << 40)
        assert len(answer.raw.read(1_000_000)) == 1_000_000


def test_an_answer_that_does_not_say_how_long_it_is(sandbox: Sandbox, link: str) -> None:
    sandbox.store_fault(StoreFault(kind="no-length"))
    answer = get(link)
    assert "Content-Length" not in answer.headers
    assert answer.content == sandbox.file(ADDON, "abc")


def test_refusals_and_redirects(sandbox: Sandbox, link: str) -> None:
    sandbox.store_fault(StoreFault(kind="error", status=410))
    sandbox.store_fault(StoreFault(kind="redirect", turn=2))
    sandbox.store_fault(StoreFault(kind="redirect", turn=3, location="ftp://elsewhere.example/"))
    assert get(link).status_code == 410
    moved = get(link)
    assert (moved.status_code, "session=" in moved.headers["Set-Cookie"]) == (307, True)
    assert get(link).headers["Location"] == "ftp://elsewhere.example/"
    host = link.partition("/backups/")[0]
    assert get(host + moved.headers["Location"]).content == sandbox.file(ADDON, "abc")


def test_a_file_can_be_another_one(sandbox: Sandbox, link: str) -> None:
    sandbox.set_file(ADDON, "abc", b"something else")
    assert get(link, Range="bytes=10-").content == b"else"


def test_what_it_was_asked_is_told(sandbox: Sandbox, link: str) -> None:
    get(link, **{"Range": "bytes=1-", "If-Range": '"x"', "Cookie": "a=b"})
    (seen,) = sandbox.store_requests
    assert (seen.range, seen.if_range, seen.cookie, seen.authorization) == ("bytes=1-", '"x"', True, False)


@pytest.mark.parametrize("validator", ["etag", "weak", None])
@pytest.mark.parametrize("ranges", [True, False])
def test_what_a_storage_may_leave_out(
    clock: VirtualClock, connect: Callable[..., Api], ranges: bool, validator: str | None
) -> None:
    assumptions = Assumptions(store_ranges=ranges, store_validator=validator, link_lifetime=5)
    with Sandbox(clock=clock, assumptions=assumptions) as sandbox:
        link = a_link(sandbox, connect(sandbox))
        whole = get(link)
        tag = whole.headers.get("ETag", "none")
        assert tag.startswith({"etag": '"', "weak": "W/", None: "none"}[validator])
        part = get(link, Range="bytes=100-", **{"If-Range": tag})
        is_part = ranges and validator == "etag"
        assert (part.status_code, part.content) == (206, whole.content[100:]) if is_part else (200, whole.content)
        clock.advance(6)
        assert get(link).status_code == 403


@pytest.mark.parametrize("wrong", [{"kind": "fire"}, {"kind": "cut", "turn": 0}, {"kind": "cut", "at": -1}])
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be one of|count from 1"):
        StoreFault(**wrong)
