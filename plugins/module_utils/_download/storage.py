# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading from the storage that download links lead to: another host, with rules that are the reverse of the API's.

It must never see the token, so nothing of the API's transport is shared: no Authorization header, no .netrc, no
cookies. Redirects are followed, but only to where a link may lead. What comes is handed on piece by piece and never
held whole. The link is a secret, too: no error here has it in its text.
"""

from __future__ import annotations

import contextlib
import queue
import re
import socket
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Callable, Collection, Iterator, Mapping, NamedTuple, Optional, Union
from urllib.parse import urljoin, urlsplit

from .._api.addresses import LOOPBACK, PRIVATE, PUBLIC, is_loopback, reach
from .._api.errors import BackupError, NotSent, OutcomeUnknown, StoreRefused, safe_text
from .._api.transport import ApiTarget, causes_of, through_proxy
from .._api.wire import Line, Wire, WireThread, route, session_on

# That they are missing is said by whoever runs the task; see REQUESTS_IMPORT_ERROR of the API's transport.
with contextlib.suppress(ImportError):
    import requests
    import urllib3

_CHUNK = 64 * 1024
# Pieces that may wait to be taken: two megabytes, so that network, check sums and disk need not wait for one another.
_AHEAD = 32
# What the operating system's own timeouts get, before the storage is given up from outside.
_GRACE = 1.0
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What passes: the storage is busy, or in trouble.
_PASSING = frozenset({408, 425, 429})
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_NOT_FOLLOWED = "The download link was not followed"
_Piece = Union[bytes, "Head", BaseException, None]


class Head(NamedTuple):
    """What an answer says about what follows.

    :ivar start: at which byte of the file it begins.
    :ivar total: bytes of the whole file.
    :ivar validator: tells this version of the file from any other; None where the storage has no such thing.
    """

    start: int
    total: int
    validator: Optional[str] = None


class Store:
    """Reads files.

    :param target: the API that gives the links. Only its address, TLS settings and timeout are used.
    """

    def __init__(self, target: ApiTarget) -> None:
        self._target = target

    def open(self, link: str, start: int = 0, validator: Optional[str] = None) -> Stream:
        """Begin to read.

        :param start: from which byte on, where the storage can do that; ``head.start`` tells.
        :param validator: of the version that the part before ``start`` is of.
        :raises OutcomeUnknown: no usable answer came; a later attempt may get one.
        :raises StoreRefused: the storage does not serve the link.
        :raises BackupError: the link may not be followed.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        if start and validator is not None:
            headers["If-Range"] = validator
        stream = Stream(lambda line: _Reading(self._target, line, link, headers), self._target.timeout)
        stream.begin()
        return stream


class Stream(WireThread):
    """An answer that is read in a thread of its own, which can be given up.

    A timeout of a socket begins again with each byte, so one that sends a byte a second would never end.

    :ivar head: what the answer says about itself.
    """

    head: Head

    def __init__(self, connect: Callable[[Line], _Reading], timeout: float) -> None:
        super().__init__(Line())
        self._connect = connect
        self._timeout = timeout
        self._pieces: queue.Queue[_Piece] = queue.Queue(_AHEAD)
        self._given_up = False

    def begin(self) -> None:
        """Wait for the head; raises as :meth:`Store.open` does."""
        self.start()
        try:
            head = self._next()
        except BaseException:
            self.close()
            raise
        if not isinstance(head, Head):
            raise TypeError(f"an answer begins with its head, not with {head!r}")
        self.head = head

    def __iter__(self) -> Iterator[bytes]:
        """Return the body, piece by piece, up to wherever the connection ends.

        :raises OutcomeUnknown: it broke, or brings less than a piece in the time that one attempt may take.
        """
        while True:
            piece = self._next()
            if not isinstance(piece, bytes):
                return
            yield piece

    def close(self) -> None:
        """Let the thread end, whatever it waits for."""
        self._given_up = True
        self.line.give_up()
        while True:
            try:
                self._pieces.get_nowait()
            except queue.Empty:
                return

    def run(self) -> None:
        try:
            reading = self._connect(self.line)
            try:
                self._pieces.put(reading.head)
                for piece in reading.pieces():
                    if self._given_up:
                        return
                    self._pieces.put(piece)
            finally:
                reading.close()
            self._pieces.put(None)
        except BaseException as error:  # noqa: BLE001  # handed over to the thread that reads this one
            self._pieces.put(error)

    def _next(self) -> _Piece:
        try:
            piece = self._pieces.get(timeout=self._timeout + _GRACE)
        except queue.Empty:
            raise OutcomeUnknown(f"the storage sent less than {_CHUNK // 1024} KiB in {self._timeout:g} s") from None
        if isinstance(piece, BaseException):
            raise piece
        return piece


class _Reading:
    """One connection, from its beginning to its end. Redirects are followed."""

    def __init__(self, target: ApiTarget, line: Line, link: str, headers: Mapping[str, str]) -> None:
        self._target = target
        self._line = line
        self._session = _session(target.url, line)
        self._response: Any = None
        try:
            self._follow(link, headers)
            self.head = _head(self._response)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
        self._session.close()

    def pieces(self) -> Iterator[bytes]:
        """Return the body as it is stored, whatever encoding the storage says it has."""
        while True:
            try:
                piece = self._response.raw.read(_CHUNK, decode_content=False)
            except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise OutcomeUnknown(f"the connection to the storage broke: {_words(error)}") from error
            if not piece:
                return
            yield piece

    def _follow(self, link: str, headers: Mapping[str, str]) -> None:
        for _redirect in range(_MOST_REDIRECTS + 1):
            _check_scheme(link, self._target.url)
            self._response = self._get(link, headers)
            location = self._response.headers.get("Location")
            if self._response.status_code not in _REDIRECTS or not location:
                return
            self._response.close()
            link = _joined(link, location)
        raise BackupError(f"{_NOT_FOLLOWED}: it leads through more than {_MOST_REDIRECTS} redirects.")

    def _get(self, link: str, headers: Mapping[str, str]) -> Any:
        proxy = ""
        try:
            way = route(self._session, link, self._target.verify)
            proxy = way.proxy
            prepared = self._session.prepare_request(requests.Request("GET", link, headers=dict(headers)))
            return self._session.send(prepared, timeout=self._target.timeout, allow_redirects=False, **way.settings)
        except NotSent as error:
            raise BackupError(f"{_NOT_FOLLOWED}: {error}. Nothing was downloaded.") from error
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            place, causes = safe_text(urlsplit(link).hostname or "", 100), causes_of(error)
            if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
                raise BackupError(
                    f"The storage {place} has no certificate that is trusted here: {_words(error)}. If it is signed by "
                    "an authority of your own, name that with ca_path. Nothing was downloaded."
                ) from error
            if proxy and not self._line.sent and not any(isinstance(cause, ssl.SSLError) for cause in causes):
                reason = through_proxy(proxy, self._line, f"the storage {place}", _words(error))
                raise BackupError(f"{_NOT_FOLLOWED}: {reason}. Nothing was downloaded.") from error
            raise OutcomeUnknown(f"no answer from the storage {place}: {_words(error)}") from error


def _session(api_url: str, line: Line) -> Any:
    wire = Wire()
    wire.line = line

    def connect(connection: Any, really: Callable[[], None]) -> None:
        # Nobody is even knocked at who should not be; and a name may lead elsewhere a moment later.
        for address in _addresses(connection.host):
            _check_address(address, connection.host, api_url)
        really()
        _check_address(str(connection.sock.getpeername()[0]), connection.host, api_url)

    session = session_on(wire, connect)
    # With an auth of our own, requests does not look for one in a .netrc.
    session.auth = lambda request: request
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Packing on the way would only change the length that the file is checked by.
    session.headers.update({"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "northflank.cloud"})
    return session


def _check_scheme(link: str, api_url: str) -> None:
    try:
        parts = urlsplit(link)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BackupError(f"{_NOT_FOLLOWED}: it is no URL.") from error
    both_here = is_loopback(host) and is_loopback(urlsplit(api_url).hostname or "")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and both_here)):
        where = safe_text(f"{parts.scheme}://{host}", 100)
        raise BackupError(f"{_NOT_FOLLOWED}: it leads to {where}, and only https can be trusted.")


def _check_address(address: str, host: str, api_url: str) -> None:
    where = reach(address)
    if where == PUBLIC:
        return
    origin = {reach(other) for other in _addresses(urlsplit(api_url).hostname or "")}
    if not may_lead_to(where, origin):
        raise BackupError(
            f"{_NOT_FOLLOWED}: it leads to {safe_text(host, 100)} ({address}), a {where} address, "
            f"and the API at {api_url} is not in the same network."
        )


def _addresses(host: str) -> list[str]:
    """Return the addresses of a host; none where its name is not known here."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def _joined(link: str, location: str) -> str:
    try:
        return urljoin(link, location)
    except ValueError as error:
        raise BackupError(f"{_NOT_FOLLOWED}: it redirects to what is no URL.") from error


def _head(response: Any) -> Head:
    status = int(response.status_code)
    if status >= 500 or status in _PASSING:
        raise OutcomeUnknown(f"the storage answered HTTP {status}", status)
    if status not in (200, 206):
        if status >= 400:
            raise StoreRefused(status)
        raise OutcomeUnknown(f"the storage answered HTTP {status}, which says nothing about a file", status)
    validator = _strong(response.headers.get("ETag"))
    if status == 200:
        length = str(response.headers.get("Content-Length") or "")
        if not re.fullmatch(r"[0-9]{1,18}", length):
            raise BackupError(
                "The storage does not tell how long the file is, so it cannot be known whether there is room for it, "
                "nor whether it is complete. Nothing was downloaded."
            )
        return Head(0, int(length), validator)
    part = _CONTENT_RANGE.fullmatch(str(response.headers.get("Content-Range") or ""))
    if part is None or int(part[2]) + 1 != int(part[3]) or int(part[1]) > int(part[2]):
        raise OutcomeUnknown("the storage sent a part of the file without saying which", status)
    return Head(int(part[1]), int(part[3]), validator)


def _strong(tag: Optional[str]) -> Optional[str]:
    """Return an ETag that two versions never share; a weak one may stand for files that only mean the same."""
    return tag if tag and re.fullmatch(r'"[\x21\x23-\x7e]{1,200}"', tag) else None


def _words(error: BaseException) -> str:
    """Return what went wrong, from the operating system's own words only: those of others quote the link."""
    causes = causes_of(error)
    for one in reversed(causes):
        if isinstance(one, OSError) and not isinstance(one, requests.exceptions.RequestException):
            return safe_text(str(one), 200) or type(one).__name__
    return type(causes[-1]).__name__


def may_lead_to(target: str, origin: Collection[str]) -> bool:
    """Return whether a link may lead to an address.

    Into a private network, or to this machine, only if its giver is there.

    :param target: where the address is, by :func:`reach`.
    :param origin: where the giver of the link is, by all its addresses.
    """
    if target == PRIVATE:
        return PRIVATE in origin or LOOPBACK in origin
    return target == PUBLIC or (target == LOOPBACK and LOOPBACK in origin)
