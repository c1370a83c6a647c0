# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server before the sandbox whose answers a test writes itself, byte by byte.

It passes requests on to the sandbox when the test says so, or not at all, and keeps connections open as the test leaves
them. So a test decides what the server did, what it says, and what stands before, in and behind that on the wire.
"""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.northflank.cloud.plugins.module_utils._api.wire import WireThread

DATE = "Date: Sun, 01 Mar 2026 12:00:00 GMT"


@dataclass(frozen=True)
class Asked:
    """A request, and what can be done about it.

    :ivar turn: counts all requests, from 1.
    :ivar connection: counts connections, from 1.
    """

    turn: int
    connection: int
    method: str
    path: str
    head: list[str]
    body: bytes = b""
    _front: Any = field(default=None, repr=False)
    _socket: Any = field(default=None, repr=False)

    def act(self) -> bytes:
        """Let the sandbox do what is asked. Returns its honest answer, as bytes for a connection that stays open."""
        answer: bytes = self._front.act(self)
        return answer

    def is_followed(self, seconds: float) -> bool:
        """Whether another request comes on this connection, before anything else is answered."""
        return bool(select.select([self._socket], [], [], seconds)[0])


# The bytes to send for a request, in pieces. Without any, the connection is closed; after Connection: close, too.
Rule = Callable[[Asked], Iterable[bytes]]


def message(status: str, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer, for a connection that stays open."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", DATE, *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def honest(asked: Asked) -> Iterable[bytes]:
    """The rule of a server that has nothing to hide."""
    return [asked.act()]


class RawServer(socketserver.ThreadingTCPServer):
    """Answers by a rule.

    :param upstream: the sandbox's address; empty where no rule acts.
    :param tls: speak TLS with this context.
    :ivar seen: all requests.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, rule: Rule, upstream: str = "", tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rule = rule
        self.seen: list[Asked] = []
        self.connections = 0
        self.threads: list[threading.Thread] = []
        self._upstream = urlsplit(upstream).netloc
        self._tls = tls
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.server_address[1]}"

    @property
    def writes(self) -> list[Asked]:
        """The requests that ask for a change."""
        return [asked for asked in self.seen if asked.method != "GET"]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self.connections += 1
            self._open.append(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.threads.append(threading.current_thread())
        with contextlib.suppress(OSError):
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                request = self._tls.wrap_socket(request, server_side=True)
            super().finish_request(request, client_address)

    def note(self, method: str, path: str, head: list[str], body: bytes, sock: Any, connection: int) -> Asked:
        with self._lock:
            self.seen.append(Asked(len(self.seen) + 1, connection, method, path, head, body, self, sock))
            return self.seen[-1]

    def act(self, asked: Asked) -> bytes:
        upstream = http.client.HTTPConnection(self._upstream)
        sent = [line.split(": ", 1) for line in asked.head]
        headers = {name: value for name, value in sent if name.lower() not in ("host", "accept-encoding")}
        upstream.request(asked.method, asked.path, asked.body or None, headers)
        answer = upstream.getresponse()
        body = answer.read()
        upstream.close()
        kept = [f"{name}: {value}" for name, value in answer.getheaders() if name.lower().startswith("x-")]
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}", f"Content-Length: {len(body)}"]
        lines += [f"Date: {answer.headers['Date']}", *kept]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def hang_up(self) -> None:
        """End what has no end of its own."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(socketserver.StreamRequestHandler):
    server: RawServer

    def handle(self) -> None:
        number = self.server.connections
        with contextlib.suppress(OSError, ValueError):
            while self._serve(number):
                pass

    def _serve(self, number: int) -> bool:
        line = self.rfile.readline().decode("latin-1").split()
        if len(line) < 2:
            return False
        head = []
        for text in iter(self.rfile.readline, b"\r\n"):
            if not text:
                return False
            head.append(text.decode("latin-1").strip())
        length = next((int(text.split(":")[1]) for text in head if text.lower().startswith("content-length:")), 0)
        asked = self.server.note(line[0], line[1], head, self.rfile.read(length), self.connection, number)
        sent = b""
        for piece in self.server.rule(asked):
            self.wfile.write(piece)
            sent = piece
        return bool(sent) and b"connection: close" not in sent.lower()


@contextlib.contextmanager
def raw(rule: Rule, upstream: str = "", tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server, and nothing left of it at the end: its threads, and those that read from it, could be busy for ever."""
    with RawServer(rule, upstream, tls) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.hang_up()
    for thread in [*server.threads, *(one for one in threading.enumerate() if isinstance(one, WireThread))]:
        thread.join(30)
        assert not thread.is_alive()
