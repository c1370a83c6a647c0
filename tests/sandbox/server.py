# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A threaded HTTP/1.1 server on the loopback interface, whose connections can be kept and broken at will.

Werkzeug's own request handler closes every connection after one answer. The one here keeps it, as the API does, and
turns :class:`ConnectionCut` into an end without an answer.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .api import TOO_LARGE
from .errors import AnswerSent, ConnectionCut

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

LARGEST_BODY = 1024 * 1024
_BACKLOG = 128
_NO_LINGER = struct.pack("ii", 1, 0)


class Server:
    """A server in a thread of its own.

    :param host: a loopback address; any other is refused, as the sandbox is no server for a network.
    :param port: 0 for one that is free.
    """

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        require_loopback(host)
        if not 0 <= port <= 65535:
            raise ValueError(f"port must be 0-65535, not {port}")
        # Werkzeug would end the program where an address is taken.
        with socket.create_server((host, port), family=_family(host), backlog=_BACKLOG) as listening:
            self._server = _Server(host, port, app, handler=_Handler, fd=listening.fileno())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._address = (host, int(self._server.server_address[1]))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End at once, with all connections."""
        self._stopping.set()
        if self._thread.is_alive():
            # The thread waits for a connection, so it gets one.
            with contextlib.suppress(OSError):
                socket.create_connection(self._address).close()
            self._thread.join()
        self._server.server_close()
        self._server.drop_connections()

    def _serve(self) -> None:
        # socketserver's own loop would look for the end at intervals only, which costs tests more time than they take.
        while not self._stopping.is_set():
            self._server.handle_request()


def require_loopback(host: str) -> None:
    """Refuse to be reached from elsewhere.

    :raises ValueError: the host is not the loopback interface.
    """
    if host == "localhost":
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise ValueError(f"{host!r} is not an address") from error
    if not address.is_loopback:
        raise ValueError(f"{host} is not a loopback address; the sandbox is for this machine only")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args, **kwargs)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request.fileno() != -1 and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == _NO_LINGER:
            # The usual way sends FIN first, and the client would see an orderly end.
            request.close()
            return
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        try:
            self._take_body(environ)
            self._send(environ)
        except AnswerSent as sent:
            self.close_connection = self.close_connection or not sent.keep_open
        except ConnectionCut as cut:
            self.close_connection = True
            if cut.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        except (OSError, ValueError):
            # The client is gone, or sent what is no HTTP.
            self.close_connection = True

    def _take_body(self, environ: WSGIEnvironment) -> None:
        """Read the body before anything else: what stays in the connection would be read as the next request."""
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read(LARGEST_BODY + 1)
        else:
            body = self._read(int(environ.get("CONTENT_LENGTH") or 0))
        if len(body) > LARGEST_BODY:
            environ[TOO_LARGE] = True
            environ["CONTENT_LENGTH"] = "0"
            self.close_connection = True
            body = b""
        environ["wsgi.input"] = io.BytesIO(body)

    def _read(self, length: int) -> bytes:
        if length < 0:
            raise ValueError("Content-Length is negative")
        expected = min(length, LARGEST_BODY + 1)
        body = self.rfile.read(expected)
        if len(body) < expected:
            raise ConnectionCut("the client left in the middle of its request")
        return body

    def _send(self, environ: WSGIEnvironment) -> None:
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            head[:] = [(status, headers)]

        parts = self.server.app(environ, start_response)
        ((status, headers),) = head
        code, reason = status.split(" ", 1)
        self.send_response_only(int(code), reason)
        for key, value in headers:
            self.send_header(key, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        for part in parts:
            self.wfile.write(part)
        self.wfile.flush()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # the name is werkzeug's
        """The sandbox has a log of its own."""
