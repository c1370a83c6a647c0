# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in front of the API: the log, the barriers, and everything that can go wrong on the way."""

from __future__ import annotations

import io
import json
import select
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from .access import LoggedRequest, RequestLog, sent_path
from .api import ADMIN_PATH, LOGGED, REPLAYED
from .assumptions import Assumptions
from .errors import AnswerSent, ApiError, ConnectionCut
from .faults import Fault, Switchboard
from .rate import RateLimit
from .world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SOCKET = "werkzeug.socket"
# How often a held connection looks whether the client or the server is gone.
_LOOK = 0.05
_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>proxy</body></html>"
_HALF_A_BODY = b'{"data": {"id": "example-ba'
# These are the API's own error objects.
_ERRORS = frozenset({"403", "429", "500", "503"})
# These come from a proxy, which knows nothing of the account's limit.
_FROM_PROXY = frozenset({"502", "504", "late-commit", "redirect"})


@dataclass
class Front:
    """The outer WSGI app.

    :ivar app: the API.
    :ivar latency: seconds of the sandbox's clock that each request takes.
    :ivar stopping: is set when the server ends, so that nothing holds it up.
    """

    app: WSGIApplication
    world: World
    switchboard: Switchboard
    log: RequestLog
    rate: RateLimit
    latency: float
    stopping: threading.Event

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(ADMIN_PATH):
            return self.app(environ, start_response)
        response = self._respond(environ)
        with self.world.lock:
            ahead = self.world.date_ahead.pop(0) if len(self.world.date_ahead) > 1 else self.world.date_ahead[0]
        response.headers["Date"] = formatdate(self.world.clock.now() + ahead, usegmt=True)
        return response(environ, start_response)

    def _respond(self, environ: WSGIEnvironment) -> Response:
        self.world.clock.tick()
        if self.latency:
            self.world.clock.sleep(self.latency)
        request = Request(environ)
        body = request.get_data()
        logged = self.log.open(request, body)
        method, path = request.method, sent_path(request)
        fault = self.switchboard.match(method, path)
        self.switchboard.stop_at(method, path, "before")
        response = self._through(environ, body, logged, fault)
        self.switchboard.stop_at(method, path, "after")
        if fault is None or fault.kind != "cut":
            logged.status = response.status_code
        return response

    def _through(self, environ: WSGIEnvironment, body: bytes, logged: LoggedRequest, fault: Fault | None) -> Response:
        if fault is None:
            return self._act(environ, body, logged)
        logged.fault = fault.kind
        real = self._act(environ, body, logged) if fault.acts else None
        if fault.kind == "late-commit":
            again = {**environ, REPLAYED: True}
            self.world.at(self.world.clock.now() + fault.delay, lambda: self._replay(again, body))
        response = self._broken(fault, real, environ)
        if fault.kind not in _FROM_PROXY:
            response.headers.update(self.rate.headers())
            if fault.kind == "429":
                response.headers["x-ratelimit-remaining"] = "0"
        return response

    def _act(self, environ: WSGIEnvironment, body: bytes, logged: LoggedRequest) -> Response:
        environ["wsgi.input"] = io.BytesIO(body)
        environ[LOGGED] = logged
        return Response.from_app(self.app, environ, buffered=True)

    def _replay(self, environ: WSGIEnvironment, body: bytes) -> None:
        environ["wsgi.input"] = io.BytesIO(body)
        Response.from_app(self.app, environ, buffered=True).close()

    def _broken(self, fault: Fault, real: Response | None, environ: WSGIEnvironment) -> Response:
        if fault.kind == "timeout":
            hold(environ.get(SOCKET), fault.delay, self.stopping)
        if fault.kind == "raw":
            self._write(fault, real, environ)
        if fault.kind in ("timeout", "reset", "close"):
            raise ConnectionCut(f"fault: {fault.kind}", reset=fault.kind == "reset")
        if fault.kind == "cut":
            return _cut(real)
        if fault.kind == "slow":
            return _slow(real or Response(), fault.delay, self.stopping)
        if fault.kind in _ERRORS:
            return _error_object(fault, self.world.assumptions)
        return _ANSWERS[fault.kind](fault)

    def _write(self, fault: Fault, real: Response | None, environ: WSGIEnvironment) -> None:
        """Send what the test has written, and nothing else."""
        connection: socket.socket | None = environ.get(SOCKET)
        if connection is None:
            raise ConnectionCut("fault: raw")
        if real is not None:
            real.headers["Date"] = formatdate(self.world.clock.now(), usegmt=True)
        for piece in fault.pieces(b"" if real is None else _as_bytes(real)):
            if isinstance(piece, bytes):
                connection.sendall(piece)
            else:
                self.stopping.wait(piece)
        raise AnswerSent(fault.keep_open)


def _as_bytes(real: Response) -> bytes:
    """An honest answer as it would have been sent."""
    head = [f"HTTP/1.1 {real.status}", *(f"{key}: {value}" for key, value in real.headers.items())]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + real.get_data()


def hold(connection: socket.socket | None, seconds: float, stopping: threading.Event) -> None:
    """Keep a client waiting until it gives up, the server stops, or the seconds (0: any number) are over."""
    looks = int(seconds / _LOOK) if seconds else None
    while connection is not None and looks != 0 and not stopping.wait(_LOOK):
        looks = None if looks is None else looks - 1
        readable = select.select([connection], [], [], 0)[0]
        if readable and not connection.recv(1, socket.MSG_PEEK):
            return


def _cut(real: Response | None) -> Response:
    """An answer that promises more than it brings."""
    whole = real.get_data() if real is not None else _HALF_A_BODY * 2
    response = Response(_then_cut(whole[: len(whole) // 2]), content_type="application/json")
    response.headers["Content-Length"] = str(len(whole))
    return response


def _then_cut(part: bytes) -> Iterator[bytes]:
    yield part
    raise ConnectionCut("fault: cut")


def _slow(real: Response, pause: float, stopping: threading.Event) -> Response:
    whole = real.get_data()
    response = Response(_byte_by_byte(whole, pause, stopping), real.status_code, real.headers)
    response.headers["Content-Length"] = str(len(whole))
    return response


def _byte_by_byte(whole: bytes, pause: float, stopping: threading.Event) -> Iterator[bytes]:
    for index in range(len(whole)):
        if pause:
            stopping.wait(pause)
        yield whole[index : index + 1]


def _error_object(fault: Fault, assumptions: Assumptions) -> Response:
    status = int(fault.kind)
    words = {
        403: "The role of this token does not grant that.",
        429: "The limit of requests is reached.",
        500: "Internal server error",
        503: "Service unavailable",
    }
    usual = ApiError(status, f"fault_{status}", words[status]).to_api(assumptions)
    response = _with_body(fault, usual, status)
    if fault.retry_after is not None and status == 429:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response


def _page(fault: Fault) -> Response:
    status, title = (502, "502 Bad Gateway") if fault.kind == "502" else (504, "504 Gateway Time-out")
    if fault.body is not None:
        return _with_body(fault, None, status)
    return Response(_HTML.format(title), status, content_type="text/html")


def _redirect(fault: Fault) -> Response:
    return Response(b"", 302, {"Location": fault.location})


def _with_body(fault: Fault, usual: Any, status: int) -> Response:
    body = usual if fault.body is None else fault.body
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, status, content_type="application/json")


_ANSWERS: dict[str, Callable[[Fault], Response]] = {
    "502": _page,
    "504": _page,
    "late-commit": _page,
    "redirect": _redirect,
    "garbage": lambda fault: _with_body(fault, None, 200) if fault.body else Response(b'{"data": {"id', 200),
    "empty": lambda _fault: Response(b"", 200, content_type="application/json"),
    "wrong-type": lambda fault: _with_body(fault, {"data": ["not", "an", "object"]}, 200),
}
