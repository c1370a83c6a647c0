# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong with the object storage: each changes an answer that would have been good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from .clock import Clock
from .errors import ConnectionCut
from .front import SOCKET, hold

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

KINDS = ("cut", "reset", "short", "stall", "timeout", "slow", "endless", "no-length", "error", "redirect")
# Where the file lies as well, for those whom a redirect has sent there.
MOVED = "/moved"
_PIECE = 64 * 1024


@dataclass(frozen=True)
class StoreFault:
    """Something that goes wrong with the object storage.

    :ivar kind: one of KINDS. ``cut`` and ``reset`` end the connection in the middle, ``short`` does so as if no more
        had been promised, ``stall`` leaves the connection open and says nothing more, ``timeout`` says nothing at all,
        ``slow`` takes its time, ``endless`` does not stop before ``length``, ``no-length`` does not say how much there
        is, ``error`` refuses, ``redirect`` sends elsewhere.
    :ivar turn: from which request on, counted from 1 and from the moment the fault is set.
    :ivar times: with how many requests; None for all of them.
    :ivar at: after how many bytes of the answer's body.
    :ivar delay: slow: seconds of the sandbox's clock that each piece takes.
    :ivar length: endless: what Content-Length says.
    :ivar status: of an error.
    :ivar location: where a redirect leads; to the same file under another path, if not given.
    """

    kind: str
    turn: int = 1
    times: int | None = 1
    at: int = 100
    delay: float = 0.0
    length: int = 1 << 40
    status: int = 503
    location: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.turn < 1 or (self.times is not None and self.times < 1) or self.delay < 0 or self.at < 0:
            raise ValueError("turn and times count from 1, at and delay are not negative")


@dataclass(frozen=True)
class Breaker:
    """Breaks answers.

    :ivar stopping: is set when the server ends, so that nothing holds it up.
    """

    clock: Clock
    stopping: threading.Event

    def broken(self, fault: StoreFault, request: Request, good: Response) -> Response:
        """The answer that a client gets instead of a good one."""
        return _BREAK[fault.kind](self, fault, request, good)

    def hold(self, environ: WSGIEnvironment) -> None:
        hold(environ.get(SOCKET), 0, self.stopping)


def _with_body(good: Response, parts: Iterable[bytes], length: int) -> Response:
    response = Response(parts, good.status_code, good.headers)
    response.headers["Content-Length"] = str(length)
    return response


def _interrupted(breaker: Breaker, fault: StoreFault, request: Request, good: Response) -> Response:
    whole = good.get_data()

    def parts() -> Iterator[bytes]:
        yield whole[: fault.at]
        if fault.kind == "stall":
            breaker.hold(request.environ)
        raise ConnectionCut(f"fault: {fault.kind}", reset=fault.kind == "reset")

    return _with_body(good, parts(), len(whole))


def _short(_breaker: Breaker, fault: StoreFault, _request: Request, good: Response) -> Response:
    part = good.get_data()[: fault.at]
    return _with_body(good, [part], len(part))


def _timeout(breaker: Breaker, _fault: StoreFault, request: Request, _good: Response) -> Response:
    breaker.hold(request.environ)
    raise ConnectionCut("fault: timeout")


def _slow(breaker: Breaker, fault: StoreFault, _request: Request, good: Response) -> Response:
    whole = good.get_data()

    def parts() -> Iterator[bytes]:
        for start in range(0, len(whole), max(1, fault.at)):
            breaker.clock.sleep(fault.delay)
            yield whole[start : start + max(1, fault.at)]

    return _with_body(good, parts(), len(whole))


def _endless(breaker: Breaker, fault: StoreFault, _request: Request, good: Response) -> Response:
    whole = good.get_data()

    def parts() -> Iterator[bytes]:
        yield whole
        while not breaker.stopping.is_set():
            breaker.clock.sleep(fault.delay)
            yield b"\0" * _PIECE

    return _with_body(good, parts(), fault.length)


def _no_length(_breaker: Breaker, _fault: StoreFault, _request: Request, good: Response) -> Response:
    whole = good.get_data()

    def parts() -> Iterator[bytes]:
        yield whole
        raise ConnectionCut("the end of an answer without a length is the end of its connection")

    response = Response(parts(), good.status_code, good.headers)
    response.headers.pop("Content-Length", None)
    response.headers["Connection"] = "close"
    return response


def _error(_breaker: Breaker, fault: StoreFault, _request: Request, _good: Response) -> Response:
    return Response(f"<Error><Code>Fault{fault.status}</Code></Error>", fault.status, content_type="application/xml")


def _redirect(_breaker: Breaker, fault: StoreFault, request: Request, _good: Response) -> Response:
    location = fault.location
    if location is None:
        location = f"{MOVED}{request.environ['REQUEST_URI']}"
    response = Response(b"", 307, {"Location": location})
    # Werkzeug would turn it into an address, which may be another than the one that was asked for.
    response.autocorrect_location_header = False
    response.set_cookie("session", "of-the-store")
    return response


_BREAK: dict[str, Callable[[Breaker, StoreFault, Request, Response], Response]] = {
    "cut": _interrupted,
    "reset": _interrupted,
    "short": _short,
    "stall": _interrupted,
    "timeout": _timeout,
    "slow": _slow,
    "endless": _endless,
    "no-length": _no_length,
    "error": _error,
    "redirect": _redirect,
}
