# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections below requests, so that three things are certain that requests and urllib3 leave open.

Whether anything of a request was sent; that a connection is used again only after exactly one whole answer; and that
an attempt that was given up sends and reads nothing more. What urllib3 logs about it, with whole URLs, goes nowhere.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import logging
import os
import re
import socket
import threading
from typing import Any, Callable, Mapping, NamedTuple, Optional
from urllib.parse import unquote, urlsplit

from .errors import NotSent, OutcomeUnknown, never_show

# That it is missing is said by whoever runs the task; see REQUESTS_IMPORT_ERROR of the API's transport.
with contextlib.suppress(ImportError):
    import requests

# Status line and headers, and those of what comes before the answer: some kilobytes in an honest one.
_LARGEST_HEAD = 128 * 1024
# What chunks and trailers may add to a body on the way.
_FRAMING = 1024 * 1024
_MOST_INTERIM = 10
_TLS_ALERT = "\x15\x03"
_LENGTH = re.compile(r"[0-9]{1,18}")
_PROXY = re.compile(
    r"(?:(?:https?|socks[45][ah]?)://)?(?:(?P<user>[^/?#\[\]\s]*)@)?"
    r"(?P<place>(?:\[[0-9a-f:.%]+\]|[^/?#\[\]\s:@]+)(?::(?P<port>[0-9]{1,5}))?)(?:/[^?#@\s]*)?",
    re.IGNORECASE,
)
_LARGEST_PORT = 65535


class Line:
    """What one attempt does on the network, as far as others have to know of it. Safe to share between threads.

    :param room: bytes that the answer's body may have; None for any number.
    :ivar sent: whether any byte of the request may have left. What fails before that has had no effect.
    :ivar odd: whether the answer was anything but one whole answer, so that the connection cannot be used again.
    :ivar proxy_status: the HTTP status with which a proxy refused to connect.
    :ivar speaks_tls: whether a plain request was answered with an alert of TLS.
    """

    def __init__(self, room: Optional[int] = None) -> None:
        self._lock = threading.Lock()
        self._given_up = False
        self._connection: Any = None
        self._answer: Any = None
        self._room = room
        self._left: Optional[int] = None
        self._is_in_body = False
        self.sent = False
        self.odd = False
        self.proxy_status: Optional[int] = None
        self.speaks_tls = False

    def use(self, connection: Any) -> None:
        """Note what the attempt is about to use.

        :raises ConnectionAbortedError: the attempt was given up.
        """
        with self._lock:
            self._connection = connection
        self.check()

    def sending(self, connection: Any) -> None:
        """Note that the request is about to be sent.

        :raises ConnectionAbortedError: the attempt was given up, and nothing may be sent any more.
        """
        with self._lock:
            self._connection = connection
            if self._given_up:
                raise ConnectionAbortedError("given up")
            self.sent = True

    def check(self) -> None:
        """Raise :class:`ConnectionAbortedError` once the attempt was given up."""
        if self._given_up:
            raise ConnectionAbortedError("given up")

    def head_begins(self, answer: Any) -> None:
        """Expect the head of an answer."""
        self._answer = answer
        self._left, self._is_in_body = _LARGEST_HEAD, False

    def body_begins(self) -> None:
        """Expect a body."""
        self._left = None if self._room is None else self._room + _FRAMING
        self._is_in_body = True

    def take(self, size: int) -> None:
        """Note that bytes have come.

        :raises OutcomeUnknown: they are more than an answer has.
        """
        self.check()
        if self._left is None:
            return
        self._left -= size
        if self._left < 0 and not self._is_in_body:
            raise OutcomeUnknown(f"what stands before the answer is larger than {_LARGEST_HEAD // 1024} KiB")
        if self._left < 0:
            raise OutcomeUnknown(f"the answer is larger than {(self._room or 0) // 2**20} MiB")

    def is_silent(self) -> bool:
        """Return whether nothing stands behind the answer that was read; what TLS holds back, no select() tells."""
        pending = getattr(getattr(self._connection, "sock", None), "pending", None)
        return not self.odd and not self._given_up and not (callable(pending) and pending())

    def hang_up(self) -> None:
        """End the connection, from the attempt's own thread."""
        if self._connection is not None:
            self._connection.close()
        if self._answer is not None:
            # A connection that is to end after its answer forgets its socket as soon as it has read the head.
            self._answer.close()

    def give_up(self) -> bool:
        """End it: nothing is sent after this, and whoever reads gets no more.

        :returns: whether any byte of the request may have left.
        """
        with self._lock:
            self._given_up = True
            sock = getattr(self._connection, "sock", None)
        # Through a second descriptor, as whatever wraps the socket is in use by another thread.
        if sock is not None:
            with contextlib.suppress(OSError, ValueError), socket.socket(fileno=os.dup(sock.fileno())) as twin:
                twin.shutdown(socket.SHUT_RDWR)
        return self.sent


class WireThread(threading.Thread):
    """A thread for one attempt, which can be given up: a daemon, so it holds up no end of the program.

    Nothing that urllib3 or requests log in it goes anywhere: they quote whole URLs, signatures and all.

    :ivar line: what it does on the network.
    """

    def __init__(self, line: Line) -> None:
        super().__init__(daemon=True)
        self.line = line

    def start(self) -> None:
        # Loggers come into being with the modules that use them, so this cannot be done once for all. Other users of
        # urllib3 in this process keep what they log.
        for name, logger in list(logging.Logger.manager.loggerDict.items()):
            if name.split(".")[0] in ("urllib3", "requests") and isinstance(logger, logging.Logger):
                logger.addFilter(_is_not_ours)
        super().start()


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return not isinstance(threading.current_thread(), WireThread)


class Wire:
    """The connections of one session.

    :ivar line: of the attempt that uses it just now.
    """

    def __init__(self) -> None:
        self.line = Line()


def session_on(wire: Wire, check: Optional[Callable[[Any, Callable[[], None]], None]] = None) -> Any:
    """Return a session whose connections tell its wire what they do.

    :param check: connects instead of the connection itself, given it and what does; not used through a proxy, where
        only the proxy knows the address, and its own is the user's choice.
    """
    session: Any = requests.Session()
    # Otherwise, requests reads the whole body of a redirect and unpacks it, to know what would follow.
    session.get_redirect_target = lambda _response: None
    adapter = _adapter(wire, check)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class Route(NamedTuple):
    """The way to an address, by the environment.

    :ivar settings: what requests needs to know of it.
    :ivar proxy: host and port of the proxy, and who names it, as messages show it; empty where there is none.
    """

    settings: Mapping[str, Any]
    proxy: str = ""


def route(session: Any, url: str, verify: Any) -> Route:
    """Return which way requests to an address take.

    :param verify: False, True, or the path of a CA bundle.
    :raises NotSent: the environment names a proxy that cannot be used.
    """
    settings = session.merge_environment_settings(url, {}, True, verify, None)
    proxy = requests.utils.select_proxy(url, settings["proxies"])
    if not proxy:
        return Route(settings)
    source = _variable(urlsplit(url).scheme, proxy)
    parts = _PROXY.fullmatch(proxy)
    if parts is None or int(parts["port"] or 0) > _LARGEST_PORT or not _is_hidden(parts["user"] or ""):
        raise NotSent(
            f"the proxy in {source} is not a usable URL (its value is not shown): in user name and password, "
            "percent-encode all but letters and digits",
            passing=False,
        )
    return Route(settings, f"{parts['place']} (from {source})")


def _is_hidden(user: str) -> bool:
    """Hide name and password from all messages. Returns whether they can be sent at all."""
    try:
        unquote(user).encode("latin-1")
    except UnicodeEncodeError:
        return False
    password = user.partition(":")[2]
    never_show(password)
    never_show(unquote(password))
    return True


def _variable(scheme: str, proxy: str) -> str:
    """Return which variable names the proxy."""
    named = [name for name, value in os.environ.items() if value == proxy and name.lower().endswith("_proxy")]
    return min(named, key=lambda name: not name.lower().startswith(scheme), default="the settings of the system")


def _adapter(wire: Wire, check: Optional[Callable[[Any, Callable[[], None]], None]]) -> Any:
    def watched(manager: Any, connect: Optional[Callable[[Any, Callable[[], None]], None]] = None) -> Any:
        manager.pool_classes_by_scheme = {
            scheme: _watched_pool(pool, wire, connect) for scheme, pool in manager.pool_classes_by_scheme.items()
        }
        return manager

    class Adapter(requests.adapters.HTTPAdapter):
        def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
            is_new = proxy not in self.proxy_manager
            manager = super().proxy_manager_for(proxy, **options)
            return watched(manager) if is_new else manager

    adapter = Adapter(max_retries=0)
    watched(adapter.poolmanager, check)
    return adapter


def _watched_pool(pool: Any, wire: Wire, check: Optional[Callable[[Any, Callable[[], None]], None]]) -> Any:
    class Connection(pool.ConnectionCls):  # type: ignore[misc]  # which class it is depends on the scheme
        is_connecting = False

        def connect(self) -> None:
            wire.line.use(self)
            self.is_connecting = True
            try:
                if check is None:
                    super().connect()
                else:
                    check(self, super().connect)
            finally:
                self.is_connecting = False
            # Where the certificate is not verified, the user has said so, and needs no warning at each request.
            self.is_verified = True

        def send(self, data: Any) -> None:
            # What is sent while it connects is for the proxy.
            if not self.is_connecting:
                if self.sock is None and self.auto_open:
                    self.connect()
                wire.line.sending(self)
            super().send(data)

        def response_class(self, sock: Any, *args: Any, **options: Any) -> Any:
            return _Answer(wire.line, self.is_connecting, sock, *args, **options)

    return type("Pool", (pool,), {"ConnectionCls": Connection})


class _Answer(http.client.HTTPResponse):
    """An answer that is read with care for what stands before, in and behind it."""

    def __init__(self, line: Line, is_of_proxy: bool, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = _Bytes(sock.makefile("rb", buffering=0), line)
        self._line = line
        self._is_of_proxy = is_of_proxy
        line.head_begins(self)

    def begin(self) -> None:
        """Read the head. The standard library skips what comes before an answer only if that is 100."""
        super().begin()
        interim = 0
        while 100 <= self.status < 200 and self.status != http.client.SWITCHING_PROTOCOLS:
            interim += 1
            if interim > _MOST_INTERIM:
                raise http.client.HTTPException(f"{interim} times HTTP {self.status}, and no answer")
            self._line.odd = True
            self.headers = self.msg = None  # type: ignore[assignment]  # as before the first head
            super().begin()
        self._line.odd = self._line.odd or not self._has_one_end()
        self._line.body_begins()

    def _has_one_end(self) -> bool:
        """Return whether it is certain where the body ends, and that the next answer can begin there."""
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        if len(lengths) + len(codings) != 1 or self.version != 11 or self.will_close or self.headers.defects:
            return False
        return _LENGTH.fullmatch(lengths[0]) is not None if lengths else bool(self.chunked)

    def _read_status(self) -> Any:
        try:
            found = super()._read_status()  # type: ignore[misc]  # the only place where a proxy's refusal is seen
        except http.client.BadStatusLine as error:
            self._line.speaks_tls = str(error.args[0]).startswith(_TLS_ALERT)
            raise
        if self._is_of_proxy:
            self._line.proxy_status = found[1]
        return found


class _Bytes(io.BufferedReader):
    """The bytes of one answer, which notices at its end whether there are more than those of the answer."""

    def __init__(self, raw: Any, line: Line) -> None:
        self._line = line
        self._source = _Source(raw, line)
        super().__init__(self._source)

    def close(self) -> None:
        """Close it; the socket stays open."""
        if not self.closed:
            self._source.is_over = True
            if self.peek(1):
                self._line.odd = True
        super().close()


class _Source(io.RawIOBase):
    """What comes from the socket, counted."""

    def __init__(self, raw: Any, line: Line) -> None:
        self._raw = raw
        self._line = line
        self.is_over = False

    def readable(self) -> bool:
        """Tell that it is."""
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        """Read what there is."""
        if self.is_over:
            return 0
        self._line.check()
        size: Optional[int] = self._raw.readinto(buffer)
        self._line.take(size or 0)
        return size

    def close(self) -> None:
        """Close the socket's file."""
        self._raw.close()
        super().close()
