# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that can go wrong on purpose, over a real socket."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import requests
from werkzeug.test import Client

from sandbox import ConnectionCut, Fault, Sandbox, VirtualClock

if TYPE_CHECKING:
    from .conftest import Api

ADDON = "postgres-main"
BACKUPS = f"addons/{ADDON}/backups"
start_fault = partial(Fault, method="POST", path=r"/backups$")
WHEN = pytest.mark.parametrize("when", ["before", "after"])


def names(sandbox: Sandbox) -> list[str]:
    return [held["name"] for held in sandbox.backups(ADDON)]


@WHEN
@pytest.mark.parametrize(
    ("kind", "words"), [("reset", "reset"), ("close", "closed connection"), ("cut", "IncompleteRead")]
)
def test_a_connection_that_ends_too_early(sandbox: Sandbox, api: Api, kind: str, words: str, when: str) -> None:
    sandbox.fault(start_fault(kind=kind, when=when))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError), match=words):
        api.post(BACKUPS, {"name": "abc"})
    assert names(sandbox) == ["abc"] * (when == "after")
    (logged,) = sandbox.requests
    assert (logged.status, logged.fault, logged.body) == (None, kind, {"name": "abc"})
    assert api.get(BACKUPS).status_code == 200


@WHEN
@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("500", 500, '"id": "fault_500"'),
        ("502", 502, "<h1>502 Bad Gateway</h1>"),
        ("503", 503, '"id": "fault_503"'),
        ("504", 504, "<h1>504 Gateway Time-out</h1>"),
        ("garbage", 200, '{"data": {"id'),
        ("wrong-type", 200, '{"data": ["not"'),
    ],
)
def test_an_answer_that_is_of_no_use(
    sandbox: Sandbox, api: Api, kind: str, status: int, content: str, when: str
) -> None:
    sandbox.fault(start_fault(kind=kind, when=when))
    answer = api.post(BACKUPS, {"name": "abc"})
    assert answer.status_code == status
    assert content in answer.text
    assert names(sandbox) == ["abc"] * (when == "after")
    (logged,) = sandbox.requests
    assert (logged.status, logged.fault) == (status, kind)
    assert api.post(BACKUPS, {"name": "def"}).json()["data"]["name"] == "def"


@WHEN
def test_an_empty_answer(sandbox: Sandbox, api: Api, when: str) -> None:
    sandbox.fault(start_fault(kind="empty", when=when))
    answer = api.post(BACKUPS, {"name": "abc"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert names(sandbox) == ["abc"] * (when == "after")


@pytest.mark.parametrize("retry_after", [7.0, None])
def test_a_refusal_for_the_rate_never_acts(sandbox: Sandbox, api: Api, retry_after: float | None) -> None:
    sandbox.fault(start_fault(kind="429", retry_after=retry_after))
    answer = api.post(BACKUPS, {"name": "abc"})
    assert (answer.status_code, answer.json()["error"]["status"]) == (429, 429)
    assert answer.headers.get("Retry-After") == ("7" if retry_after else None)
    assert names(sandbox) == []


def test_a_redirect_never_acts(sandbox: Sandbox, api: Api) -> None:
    sandbox.fault(start_fault(kind="redirect", location="http://127.0.0.1:1/elsewhere"))
    answer = api.post(BACKUPS, {"name": "abc"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:1/elsewhere")
    assert names(sandbox) == []


def test_a_slow_answer_comes_byte_by_byte_and_is_whole(sandbox: Sandbox, api: Api) -> None:
    sandbox.fault(start_fault(kind="slow"))
    with api.send("POST", BACKUPS, json={"name": "abc"}, stream=True) as answer:
        pieces = list(answer.iter_content(1))
    assert b"".join(pieces).startswith(b'{"data": {"id": "abc"')
    assert len(pieces) == int(answer.headers["Content-Length"])


@pytest.mark.parametrize("body", ['{"data": "text"}', {"data": {"backups": "none"}}, {"data": {}}])
def test_an_answer_can_be_any(sandbox: Sandbox, api: Api, body: Any) -> None:
    sandbox.fault(Fault(path=r"/backups$", kind="wrong-type", body=body, times=None))
    assert api.get(BACKUPS).json() == ({"data": "text"} if isinstance(body, str) else body)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_late_commit_acts_when_the_clock_has_moved_on(
    sandbox: Sandbox, clock: VirtualClock, api: Api, when: str
) -> None:
    sandbox.fault(start_fault(kind="late-commit", when=when, delay=20.0))
    assert api.post(BACKUPS, {"name": "abc"}).status_code == 504
    clock.advance(19)
    assert api.get(BACKUPS).json()["data"]["backups"] == []
    clock.advance(6)
    (held,) = api.get(BACKUPS).json()["data"]["backups"]
    # It began when it was due, not when somebody looked.
    assert (held["createdAt"], held["status"]) == ("2026-03-01T12:00:20.000Z", "in-progress")
    assert len(sandbox.writes) == 1


def test_a_late_commit_that_is_refused_changes_nothing(sandbox: Sandbox, clock: VirtualClock, api: Api) -> None:
    sandbox.fault(start_fault(kind="late-commit", delay=20.0, times=2))
    api.post(BACKUPS, {"name": "no"})
    api.send("POST", BACKUPS, json={"name": "abc"}, headers={"Authorization": "Bearer wrong"})
    clock.advance(20)
    assert names(sandbox) == []


@WHEN
def test_a_client_that_gives_up_waiting(sandbox: Sandbox, api: Api, when: str) -> None:
    sandbox.fault(start_fault(kind="timeout", when=when))
    with pytest.raises(requests.ReadTimeout):
        api.send("POST", BACKUPS, json={"name": "abc"}, timeout=0.1)
    assert names(sandbox) == ["abc"] * (when == "after")


def test_a_server_that_gives_up_holding_on(sandbox: Sandbox, api: Api) -> None:
    sandbox.fault(start_fault(kind="timeout", delay=0.05))
    with pytest.raises(requests.ConnectionError):
        api.post(BACKUPS, {"name": "abc"})


def test_what_is_held_does_not_hold_up_the_end(clock: VirtualClock) -> None:
    with Sandbox(clock=clock) as sandbox:
        sandbox.fault(Fault(kind="timeout"))
        barrier = sandbox.hold("/v1/projects")
        clients = []
        for path in ("/v1/login", "/v1/projects"):
            client = socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2])), timeout=10)
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            clients.append(client)
        barrier.reached.wait(10)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    for client in clients:
        with client:
            client.recv(1000)


def test_turns_and_times_are_counted_from_when_the_fault_is_set(sandbox: Sandbox, api: Api) -> None:
    api.get(BACKUPS)
    sandbox.fault(Fault(method="GET", path=r"/backups$", turn=2, times=2, kind="500"))
    sandbox.fault(Fault(method="GET", path=r"/backups$", turn=3, times=2, kind="503"))
    seen = []
    for _turn in range(5):
        api.get("/v1/login")
        seen.append(api.get(BACKUPS).status_code)
    assert seen == [200, 500, 500, 503, 200]


def test_a_fault_for_ever_lasts_until_it_is_cleared(sandbox: Sandbox, api: Api) -> None:
    sandbox.fault(Fault(kind="503", times=None))
    assert {api.get(BACKUPS).status_code for _turn in range(5)} == {503}
    sandbox.clear_faults()
    assert api.get(BACKUPS).status_code == 200


@pytest.mark.parametrize("wrong", [{"kind": "explode"}, {"when": "during"}, {"turn": 0}, {"times": 0}, {"delay": -1.0}])
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|when|turn"):
        Fault(**wrong)


@pytest.mark.parametrize(("when", "held"), [("before", []), ("after", ["abc"])])
def test_a_barrier_stops_a_request_until_it_is_released(
    sandbox: Sandbox, api: Api, connect: Callable[..., Api], when: str, held: list[str]
) -> None:
    barrier = sandbox.hold("POST", r"/backups$", when=when)
    worker = threading.Thread(target=lambda: api.start(name="abc"))
    worker.start()
    assert barrier.reached.wait(10)
    assert names(sandbox) == held
    assert connect(sandbox).get(BACKUPS).status_code == 200
    barrier.release()
    worker.join(10)
    assert names(sandbox) == ["abc"]
    assert api.start(name="def")["name"] == "def"


@pytest.mark.parametrize("kind", ["reset", "close", "timeout", "cut"])
@WHEN
def test_in_process_a_broken_connection_is_an_exception(clock: VirtualClock, kind: str, when: str) -> None:
    with Sandbox(clock=clock, start_server=False) as sandbox:
        client = Client(sandbox.wsgi_app)
        bearer = {"Authorization": f"Bearer {sandbox.token}"}
        path = f"/v1/projects/default-project/{BACKUPS}"
        sandbox.fault(start_fault(kind=kind, when=when))
        with pytest.raises(ConnectionCut, match=kind):
            client.post(path, json={"name": "abc"}, headers=bearer).get_data()
        assert names(sandbox) == ["abc"] * (when == "after")
        assert client.post(path, json={"name": "def"}, headers=bearer).status_code == 200


def test_half_a_request_does_nothing(sandbox: Sandbox) -> None:
    head = (
        f"POST /v1/projects/default-project/{BACKUPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sandbox.token}\r\n"
    )
    with socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2])), timeout=10) as client:
        client.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{{}}".encode())
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1000) == b""
    assert sandbox.requests == []
    assert names(sandbox) == []


def converse(sandbox: Sandbox, *requests_: bytes) -> bytes:
    """Send requests on one connection, each after something came back for the one before; all that comes back."""
    address = ("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    received = b""
    with socket.create_connection(address, timeout=10) as connection:
        for number, text in enumerate(requests_):
            connection.sendall(text)
            if number < len(requests_) - 1:
                received += connection.recv(65536)
        # Where the server has ended it already, there is nothing left to end.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received


def plain(sandbox: Sandbox, method: str = "GET", path: str = "/v1/login", body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {sandbox.token}\r\n"
    about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + about).encode() + body


@WHEN
def test_a_test_writes_the_bytes_of_an_answer_itself(sandbox: Sandbox, when: str) -> None:
    written = b"HTTP/1.1 299 Odd\r\nX-Broken\r\nContent-Length: 3\r\n\r\nabcdef"
    sandbox.fault(start_fault(kind="raw", when=when, raw=[written[:20], 0.01, written[20:].decode()]))
    path = "/v1/projects/default-project/addons/postgres-main/backups"
    assert converse(sandbox, plain(sandbox, "POST", path, b'{"name": "abc"}')) == written
    assert names(sandbox) == ["abc"] * (when == "after")
    (logged,) = sandbox.requests
    assert (logged.status, logged.fault, logged.body) == (None, "raw", {"name": "abc"})


@WHEN
def test_what_is_written_may_hold_the_honest_answer(sandbox: Sandbox, when: str) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    sandbox.fault(Fault(path="/v1/login", kind="raw", when=when, raw=lambda honest: [early, honest]))
    received = converse(sandbox, plain(sandbox))
    assert received.startswith(early)
    honest = received.removeprefix(early)
    if when == "before":
        assert honest == b""
    else:
        head, body = honest.split(b"\r\n\r\n")
        assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 200 OK", b'{"data": {}}')
        assert b"Date: Sun, 01 Mar 2026 12:00:00 GMT" in head
        assert b"x-ratelimit-remaining: 999" in head


@pytest.mark.parametrize("keep_open", [True, False])
def test_after_written_bytes_the_connection_is_kept_or_not(sandbox: Sandbox, keep_open: bool) -> None:
    sandbox.fault(Fault(path="/v1/login", kind="raw", raw=["HTTP/1.1 200 OK\r\n"], keep_open=keep_open))
    try:
        received = converse(sandbox, plain(sandbox), plain(sandbox))
    except ConnectionError:
        received = b""
    assert (received.count(b"HTTP/1.1 200 OK") == 2) is keep_open
    assert len(sandbox.requests) == (2 if keep_open else 1)


def test_without_a_socket_nothing_can_be_written(clock: VirtualClock) -> None:
    with Sandbox(clock=clock, start_server=False) as sandbox:
        sandbox.fault(Fault(path="/v1/login", kind="raw", raw=["HTTP/1.1 200 OK\r\n"]))
        with pytest.raises(ConnectionCut):
            Client(sandbox.wsgi_app).get("/v1/login", headers={"Authorization": f"Bearer {sandbox.token}"})
