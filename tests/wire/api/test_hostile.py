# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that no honest API gives: each ends in a clear error, in time and in little memory, and starts nothing."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, Callable

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import set_name
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup,
    addon_backup_info,
    pre_deploy_set_info,
    pre_deploy_set_prune,
)

import harness
from sandbox import VirtualClock

from ..conftest import ADDON

MIB = 2**20
PAGE = {"data": {"backups": []}, "pagination": {"hasNextPage": False, "count": 0}}
BACKUP = {
    "id": "b",
    "name": "Example Backup",
    "status": "completed",
    "createdAt": "2026-03-01T11:00:00Z",
    "config": {"source": {"type": "snapshot"}},
}
# What a server sends for the n-th request, in pieces.
Answer = Callable[[int], Iterable[bytes]]


class HostileServer(socketserver.ThreadingTCPServer):
    """Answers each request with whatever it is told to, and closes the connection."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.seen: list[str] = []
        self._connections: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.append(request)
        super().process_request(request, client_address)

    def hang_up(self) -> None:
        """End what has no end of its own."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.StreamRequestHandler):
    server: HostileServer

    def handle(self) -> None:
        line = self.rfile.readline().decode()
        if not line.strip():
            return
        length = 0
        for header in iter(self.rfile.readline, b"\r\n"):
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        self.rfile.read(length)
        self.server.seen.append(line.split()[0])
        # The client hangs up as soon as it has seen enough.
        with contextlib.suppress(OSError):
            for piece in self.server.answer(len(self.server.seen)):
                self.wfile.write(piece)


DATE = "Date: Sun, 01 Mar 2026 12:00:00 GMT"


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", DATE, *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def always(*pieces: bytes) -> Answer:
    return lambda _turn: pieces


def told(value: Any, status: str = "200 OK") -> Answer:
    return always(http(json.dumps(value).encode(), status))


def listed(item: Any) -> Answer:
    return told({"data": {"backups": [item]}, "pagination": {"hasNextPage": False, "count": 1}})


def endless(head: bytes, piece: bytes) -> Answer:
    def answer(_turn: int) -> Iterator[bytes]:
        yield head
        while True:
            yield piece

    return answer


def drip(whole: bytes, filler: bytes) -> Answer:
    """All at once up to a point, and from there a byte now and then, for ever."""

    def answer(_turn: int) -> Iterator[bytes]:
        yield whole
        while True:
            time.sleep(0.05)
            yield filler

    return answer


def paged(cursor: Callable[[int], str]) -> Answer:
    def answer(turn: int) -> list[bytes]:
        page = {"data": {"backups": []}, "pagination": {"hasNextPage": True, "cursor": cursor(turn), "count": 0}}
        return [http(json.dumps(page).encode())]

    return answer


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join([*(packer.compress(b"[" + b" " * (MIB - 1)) for _mib in range(size // MIB)), packer.flush()])


def packed(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HUGE = HEAD + b"Content-Length: %d\r\n\r\n" % (100 * MIB)
GZIP = "Content-Encoding: gzip"

# What is answered, how, and what the task says.
HOSTILE: list[tuple[str, Answer, str]] = [
    ("a body of 100 MB", endless(HUGE, b" " * 65536), "larger than 4 MiB"),
    (
        "a body without end, in chunks",
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1024 + b"\r\n"),
        "larger than 4 MiB",
    ),
    ("100 MB packed into 100 KB with gzip", always(http(bomb(100 * MIB), "200 OK", GZIP)), "larger than 4 MiB"),
    ("gzip that is none", always(http(b"no gzip", "200 OK", GZIP)), "the answer broke off"),
    ("gzip that breaks off", always(http(zlib.compress(b"{}")[:4], "200 OK", GZIP)), "the answer"),
    ("an encoding that was not asked for", always(http(b"{}", "200 OK", "Content-Encoding: br")), "encoded as br"),
    ("lists in lists, 100,000 deep", always(http(b"[" * 100_000)), "not JSON"),
    ("objects in objects, 100,000 deep", always(http(b'{"data":' * 100_000)), "not JSON"),
    (
        "a key twice in one object",
        always(http(b'{"data": {"backups": []}, "data": {"backups": []}}')),
        "the key 'data' twice",
    ),
    ("a number that is none", always(http(b'{"data": {"backups": [NaN]}}')), "NaN is no number"),
    ("a web page", always(http(b"<html>Hello</html>")), "not JSON"),
    ("bytes that are no text", always(http(b"\xff\xfe\x00")), "not JSON"),
    ("nothing", always(http(b"")), "not JSON"),
    ("half of it", always(http(json.dumps(PAGE).encode())[:-9]), "broke off"),
    ("no HTTP", always(b"220 smtp.example.com ready\r\n"), "the connection broke before an answer came"),
    (
        "a header line of 1 MB",
        always(HEAD + b"X: " + b"x" * MIB + b"\r\n\r\n"),
        "the connection broke before an answer came",
    ),
    (
        "10,000 header lines",
        always(HEAD + b"X: x\r\n" * 10_000 + b"\r\n{}"),
        "the connection broke before an answer came",
    ),
    (
        "'continue' without end",
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "what stands before the answer is larger than 128 KiB",
    ),
    (
        "'early hints' without end",
        endless(b"", b"HTTP/1.1 103 Hints\r\n\r\n"),
        "11 times HTTP 103, and no answer",
    ),
    ("headers, byte by byte", drip(HEAD + b"X: ", b"x"), "not complete after 1 s"),
    ("a body, byte by byte", drip(HUGE, b" "), "not complete after 1 s"),
    ("redirects in a circle", always(http(b"", "302 Found", "Location: /v1/projects")), "the API never redirects"),
    (
        "a redirect to another host",
        always(http(b"", "307 Other", "Location: http://127.0.0.1:9/")),
        "the API never redirects",
    ),
    (
        "a redirect with a body without end",
        endless(HEAD.replace(b"200 OK", b"302 Found\r\nLocation: /") + b"\r\n", b" " * 65536),
        "larger than 4 MiB",
    ),
    (
        "a redirect with 100 MB packed into 100 KB",
        always(http(bomb(100 * MIB), "302 Found", GZIP, "Location: /")),
        "larger than 4 MiB",
    ),
    (
        "a refusal with a body without end",
        endless(HEAD.replace(b"200 OK", b"403 No") + b"\r\n", b" " * 65536),
        "larger than 4 MiB",
    ),
    (
        "the length of a chunk without end",
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536),
        "the answer ",
    ),
    (
        "trailers without end",
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", (b"X: " + b"x" * 1000 + b"\r\n") * 64),
        "larger than 4 MiB",
    ),
    ("gzip without its end", always(http(packed(b"{}")[:-4], "200 OK", GZIP)), "it ends too early"),
    ("lists in lists, 100 deep", always(http(b"[" * 100 + b"]" * 100)), "nested deeper than 64 levels"),
    ("a number of 9,000 digits", always(http(b'{"data": ' + b"9" * 9000 + b"}")), "a number has 9000 digits"),
    ("a number without measure", always(http(b'{"data": 1e999}')), "1e999 is no number"),
    ("a status that does not exist", told(PAGE, "999 What"), "HTTP 999"),
    ("terminal escapes in a refusal", told({"error": {"message": "\x1b[2J\x07gone"}}, "400 No"), r"\x1b[2J\x07gone"),
    (
        "a link with a signature in a refusal",
        told({"error": {"message": "see https://x.example/a?sig=SECRET"}}, "400 No"),
        "https://x.example/a?********",
    ),
    (
        "a connection string in a refusal",
        told({"error": {"message": "postgres://u:SECRET@h/db"}}, "400 No"),
        "postgres://********@h/db",
    ),
    (
        "a refusal for a thousand years",
        always(http(b"{}", "429 Slow", "Retry-After: 31536000000")),
        "request limit is used up",
    ),
    ("pages that lead in a circle", paged(lambda turn: str(turn % 3)), "lead in a circle"),
    ("pages without end", paged(str), "does not end after 250 pages"),
    ("a next page that is nowhere", told({**PAGE, "pagination": {"hasNextPage": True}}), "not where"),
    ("a list where an object belongs", told([PAGE]), "it has no data"),
    ("no data", told({"backups": []}), "it has no data"),
    ("an object where a list belongs", told({"data": {"backups": {}}}), "there is no list of backups"),
    ("a number where a backup belongs", listed(7), "a backup is not an object"),
    ("a backup without a name", listed({**BACKUP, "name": None}), "name is missing or not text"),
    ("a backup whose name is a list", listed({**BACKUP, "name": ["Example Backup"]}), "name is missing or not text"),
    ("a backup whose ID is a number", listed({**BACKUP, "id": 7}), "id is missing or not text"),
    (
        "a backup whose ID leads elsewhere",
        listed({**BACKUP, "id": "../../../projects", "status": "in-progress"}),
        "'../../../projects' is no ID",
    ),
    ("a backup whose state is a number", listed({**BACKUP, "status": 3}), "status is missing or not text"),
    ("a backup from no time", listed({**BACKUP, "createdAt": "yesterday"}), "'yesterday' is not a time"),
    ("a backup from the year 99999", listed({**BACKUP, "createdAt": "99999-01-01T00:00:00Z"}), "is not a time"),
    ("a backup whose config is a list", listed({**BACKUP, "config": []}), "a backup's config is not an object"),
    ("a backup in a state that nobody knows", listed({**BACKUP, "status": "\x1b[31mdone"}), r"'\x1b[31mdone'"),
]


def module_against(module: ModuleType, url: str, **arguments: Any) -> harness.Ran:
    given = {"project_id": "default-project", "api_url": url, "api_token": "token-for-nobody", "api_timeout": 1}
    timing = harness.virtual(VirtualClock(start="2026-03-01T12:00:00Z"))
    return harness.run_module(module.main, timing, **{**given, "api_retries": 0, **arguments})


def task_against(url: str, **arguments: Any) -> harness.Ran:
    return module_against(addon_backup, url, **{"addon_id": ADDON, **arguments})


@contextlib.contextmanager
def hostile(answer: Answer) -> Iterator[HostileServer]:
    """A server, and nothing left of it at the end: its threads, and those that read from it, could be busy for ever."""
    before = set(threading.enumerate())
    with HostileServer(answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.hang_up()
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize(("_what", "answer", "words"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_nothing_is_started_on_the_strength_of_it(_what: str, answer: Answer, words: str) -> None:
    tracemalloc.start()
    try:
        with hostile(answer) as server:
            ran = task_against(server.url, name="Example Backup")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ran.failed
    assert not ran.changed
    assert words in ran.msg
    assert "SECRET" not in repr(ran.result)
    assert "\x1b" not in ran.msg
    assert set(server.seen) == {"GET"}
    assert peak < 64 * MIB


STARTS = [row for row in HOSTILE if "page" not in row[0] and "backup" not in row[0]]


@pytest.mark.parametrize(("_what", "answer", "words"), STARTS, ids=[row[0] for row in STARTS])
def test_an_answer_like_that_to_the_start_itself_is_no_success(_what: str, answer: Answer, words: str) -> None:
    with hostile(answer) as server:
        ran = task_against(server.url)
    assert ran.failed
    assert words in ran.msg
    assert "id" not in ran.backup
    assert ran.backup["action"] == "none"
    # Where the answer proves nothing, something may have been started, and handlers had better run.
    assert ran.changed == ("not known whether" in ran.msg)
    assert server.seen.count("POST") <= 2


@pytest.mark.parametrize("field", ["id", "name", "status", "createdAt", "uid", "config", "completedAt", "lastRestore"])
@pytest.mark.parametrize("value", [None, True, 7, 1.5, "", "x", [], {}, [{}], {"status": 7}], ids=repr)
def test_a_wrong_type_in_any_field_is_refused_or_does_no_harm(field: str, value: Any) -> None:
    """Where it is not refused, what is said about the backup is still what the API said of it."""
    with hostile(listed({**BACKUP, field: value})) as server:
        ran = task_against(server.url, name="Example Backup", wait=False)
    # A backup of another name is another one, and the task goes on to start its own.
    assert "POST" not in server.seen or (field, value) == ("name", "x")
    if not ran.failed:
        assert (ran.changed, ran.backup["action"]) == (False, "reused")


RUNNING = {"id": ADDON, "name": ADDON, "spec": {"type": "postgresql"}, "status": "running"}
SET = {**BACKUP, "name": set_name("three", [ADDON], 1)}
WITHOUT_A_CLOCK: list[tuple[ModuleType, dict[str, Any], str]] = [
    (addon_backup, {"addon_id": ADDON, "max_age": "1h"}, "No backup was started. Leave out max_age to take a new one."),
    (addon_backup_info, {"addon_id": ADDON, "newer_than": "1h"}, "Leave out newer_than and older_than."),
    (addon_backup_info, {"addon_id": ADDON, "older_than": "1h"}, "Leave out newer_than and older_than."),
    (pre_deploy_set_info, {"release": "three", "purpose": "snapshot"}, "Nothing was started."),
    (pre_deploy_set_info, {"release": "three", "purpose": "rollback"}, "Nothing was started."),
    (pre_deploy_set_prune, {"release": "three", "keep_last": 1}, "Nothing was started."),
]


@pytest.mark.parametrize(("module", "arguments", "words"), WITHOUT_A_CLOCK)
def test_where_the_api_does_not_tell_the_time_no_age_is_judged(
    module: ModuleType, arguments: dict[str, Any], words: str
) -> None:
    lists = {"addons": [RUNNING], "backups": [SET], "restores": []}
    page = json.dumps({"data": lists, "pagination": {"hasNextPage": False, "count": 1}}).encode()
    with hostile(always(http(page).replace(DATE.encode(), b"X: x"))) as server:
        ran = module_against(module, server.url, **arguments)
    assert (ran.failed, ran.changed) == (True, False)
    assert "cannot be told, as the API's answers have no Date header." in ran.msg
    assert words in ran.msg
    assert set(server.seen) == {"GET"}


def test_where_the_api_does_not_tell_the_time_a_name_is_enough() -> None:
    page = json.dumps({**PAGE, "data": {"backups": [BACKUP]}}).encode()
    with hostile(always(http(page).replace(DATE.encode(), b"X: x"))) as server:
        for module in (addon_backup, addon_backup_info):
            ran = module_against(module, server.url, addon_id=ADDON, name="Example Backup")
            assert (ran.failed, ran.changed) == (False, False), ran.result


def test_the_environment_s_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at the address itself."""
    for variable in ("no_proxy", "NO_PROXY", "http_proxy"):
        monkeypatch.delenv(variable, raising=False)
    with hostile(listed(BACKUP)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        ran = task_against("http://127.0.0.1:9", name="Example Backup", wait=False)
    assert not ran.failed, ran.result
    assert (ran.backup["action"], proxy.seen) == ("reused", ["GET"])
