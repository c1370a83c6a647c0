# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The object storage that download links lead to: another host, which must never see the API's token."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from . import backups
from .records import Backup
from .server import Server
from .store_faults import MOVED, Breaker, StoreFault
from .world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_HOST = "127.0.0.2"
# Where a machine has one loopback address only, another port has to do.
_HOST_INSTEAD = "127.0.0.1"
_ENDINGS = {"gz": "gz", "zstd": "zst"}


@dataclass(frozen=True)
class StoreRequest:
    """A request to the storage.

    :ivar authorization: whether it bore such a header, which it must not.
    :ivar cookie: likewise.
    :ivar status: of the answer; None where none was sent.
    """

    method: str
    path: str
    authorization: bool
    range: str | None
    status: int | None
    if_range: str | None = None
    cookie: bool = False


class Store:
    """Serves the files of dumps to those who have a link. It starts with the first link.

    :param with_server: False for use in process only.
    :param stopping: is set when the sandbox ends.
    """

    def __init__(self, world: World, with_server: bool, stopping: threading.Event) -> None:
        self._world = world
        self._with_server = with_server
        self._server: Server | None = None
        self._lock = threading.Lock()
        self._requests: list[StoreRequest] = []
        self._faults: list[_Set] = []
        self._contents: dict[str, bytes] = {}
        self._breaker = Breaker(world.clock, stopping)

    def link(self, backup: Backup) -> str:
        """A link that is good for a while."""
        kind = "archive" if backup.addon_type == "mongodb" else "sql"
        name = f"{backup.id}.{kind}.{_ENDINGS[backup.compression or 'gz']}"
        path = f"/backups/{backup.uid}/{quote(name)}"
        expires = str(int(self._world.now() + self._world.assumptions.link_lifetime))
        query = urlencode({"expires": expires, "signature": self._signature(path, expires)})
        return f"{self._url()}{path}?{query}"

    def requests(self) -> list[StoreRequest]:
        with self._lock:
            return list(self._requests)

    def clear_log(self) -> None:
        with self._lock:
            self._requests.clear()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def add_fault(self, fault: StoreFault) -> None:
        with self._lock:
            self._faults.append(_Set(fault))

    def clear_faults(self) -> None:
        with self._lock:
            self._faults.clear()

    def set_content(self, uid: str, content: bytes) -> None:
        """From now on, a backup's file holds this."""
        with self._lock:
            self._contents[uid] = content

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response: Response | None = None
        try:
            response = self._answer(request)
        finally:
            self._log(request, None if response is None else response.status_code)
        return response(environ, start_response)

    def _log(self, request: Request, status: int | None) -> None:
        sent = request.headers
        with self._lock:
            self._requests.append(
                StoreRequest(
                    method=request.method,
                    path=request.path,
                    authorization="Authorization" in sent,
                    range=sent.get("Range"),
                    status=status,
                    if_range=sent.get("If-Range"),
                    cookie="Cookie" in sent,
                )
            )

    def _answer(self, request: Request) -> Response:
        try:
            response = self._serve(request)
        except HTTPException as error:
            response = Response(error.description or "", error.code or 500, error.get_headers(request.environ))
        with self._lock:
            # Each has to count, so this may not end with the first that applies.
            applying = [each.fault for each in self._faults if each.applies()]
        return self._breaker.broken(applying[0], request, response) if applying else response

    def _serve(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response("MethodNotAllowed", 405)
        path = request.path.removeprefix(MOVED)
        expires, signature = request.args.get("expires", ""), request.args.get("signature", "")
        if not hmac.compare_digest(signature.encode(), self._signature(quote(path), expires).encode()):
            return Response("SignatureDoesNotMatch", 403)
        if int(expires) < self._world.clock.now():
            return Response("RequestExpired", 403)
        content = self._content(path.split("/")[2])
        if content is None:
            return Response("NoSuchKey", 404)
        response = Response(content, content_type="application/octet-stream")
        if self._world.assumptions.store_validator is not None:
            response.add_etag(weak=self._world.assumptions.store_validator == "weak")
        if not self._world.assumptions.store_ranges:
            return response
        return response.make_conditional(request.environ, accept_ranges=True, complete_length=len(content))

    def _content(self, uid: str) -> bytes | None:
        with self._world.lock:
            self._world.settle()
            addons = [addon for project in self._world.projects.values() for addon in project.addons.values()]
            kept = [backup for addon in addons for backup in addon.backups.values() if backup.uid == uid]
            if not kept:
                return None
            return self._contents[uid] if uid in self._contents else backups.content(kept[0])

    def _signature(self, path: str, expires: str) -> str:
        return hmac.digest(self._world.secret, f"{path}\n{expires}".encode(), "sha256").hex()

    def _url(self) -> str:
        if not self._with_server:
            return f"http://{_HOST}"
        with self._lock:
            if self._server is None:
                self._server = _started(self)
            return self._server.url


class _Set:
    """A fault with its count."""

    def __init__(self, fault: StoreFault) -> None:
        self.fault = fault
        self._seen = 0

    def applies(self) -> bool:
        self._seen += 1
        turn, times = self.fault.turn, self.fault.times
        return self._seen >= turn and (times is None or self._seen < turn + times)


def _started(store: Store) -> Server:
    try:
        server = Server(store, _HOST)
    except OSError:
        server = Server(store, _HOST_INSTEAD)
    server.start()
    return server
