# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One attempt at one request, and what it proves.

Beside the reader of downloads, the only file that imports requests. An attempt ends in one of three ways, and the
difference decides whether it may be repeated: it was answered (a :class:`Reply`), it was never sent
(:class:`NotSent`), or nobody can know (:class:`OutcomeUnknown`).
"""

from __future__ import annotations

import json
import ssl
import threading
import zlib
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Mapping, NamedTuple, NoReturn, Optional, Union
from urllib.parse import urlsplit

from ansible_collections.northflank.cloud.plugins.module_utils._errors import NotSent, OutcomeUnknown, safe_text
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import RateLimit

REQUESTS_IMPORT_ERROR: Optional[ImportError]
try:
    import requests
    import urllib3
except ImportError as import_error:
    REQUESTS_IMPORT_ERROR = import_error
    _NEVER_CONNECTED: tuple[type[BaseException], ...] = ()
    _BROKEN: tuple[type[BaseException], ...] = ()
else:
    REQUESTS_IMPORT_ERROR = None
    _NEVER_CONNECTED = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    _BROKEN = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, zlib.error)

# A page of 100 backups has some 50 KB; what is far above that is not an answer of this API.
LARGEST_BODY = 4 * 1024 * 1024
_CHUNK = 64 * 1024
_LONGEST_REASON = 300
# The headers about the request budget, and above what they make no sense: an hour is over within a day.
_RATE_HEADERS = {"limit": 10**9, "remaining": 10**9, "reset": 86_400}
# What the operating system's own timeouts get, before an attempt is given up from outside.
_GRACE = 1.0


class Reply(NamedTuple):
    """An answer of the API with a status below 500.

    :ivar status: the HTTP status, 200 to 499.
    :ivar body: the parsed JSON, or None where an error has no readable body.
    :ivar rate: the account's request budget as this answer tells it.
    :ivar server_time: seconds since 1970 by the Date header, where there is one.
    :ivar retry_after: seconds by the Retry-After header, where there is one.
    :ivar nonsense: headers about the budget that make no sense, and count as not sent.
    """

    status: int
    body: Any
    rate: RateLimit = RateLimit()
    server_time: Optional[float] = None
    retry_after: Optional[float] = None
    nonsense: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """Where requests go, and how.

    :ivar url: scheme and host, without a path.
    :ivar token: the bearer token; never shown (``repr`` leaves it out).
    :ivar timeout: seconds for one attempt, from the connection to the last byte.
    :ivar verify: False, True, or the path of a CA bundle.
    """

    url: str
    token: str = field(repr=False)
    timeout: float = 30.0
    verify: Union[bool, str] = True


class _Bearer:
    """As an auth callable of the session, the token wins over a .netrc entry for the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Transport:
    """Sends single requests. Safe to use from several threads: each request has a session of its own.

    :param target: where to, with which token.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        # Sessions that no request uses just now, with their open connections. Lists are safe to share.
        self._idle: list[Any] = []

    def send(
        self, method: str, path: str, query: Optional[Mapping[str, Any]] = None, body: Optional[Any] = None
    ) -> Reply:
        """Make one attempt.

        :param method: GET, POST or DELETE.
        :param path: the URL's path, already escaped.
        :param query: the URL's parameters.
        :param body: what to send as JSON.
        :returns: the answer, if its status is below 500.
        :raises NotSent: the request did not reach the server.
        :raises OutcomeUnknown: the server may have acted, but its answer is lost, unreadable or a 5xx.
        """
        attempt = _Attempt(lambda: self._send(method, path, query, body))
        attempt.start()
        # A timeout of a socket begins again with each byte, so one that sends a byte a second would never end.
        attempt.join(self._target.timeout + _GRACE)
        return attempt.result(self._target.timeout)

    def _send(self, method: str, path: str, query: Optional[Mapping[str, Any]], body: Any) -> Reply:
        session = self._idle.pop() if self._idle else self._session()
        try:
            response = session.request(
                method,
                self._target.url + path,
                params=dict(query or {}),
                json=body,
                timeout=self._target.timeout,
                # Said for each request, as a session's own value loses against REQUESTS_CA_BUNDLE.
                verify=self._target.verify,
                allow_redirects=False,
                stream=True,
            )
        except requests.exceptions.RequestException as error:
            self._raise_meaning(error)
        with response:
            raw = _read(response)
        self._idle.append(session)
        return _reply(response, raw)

    def _session(self) -> Any:
        session = requests.Session()
        session.auth = _Bearer(self._target.token)
        session.headers.update(
            {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "northflank.cloud"}
        )
        return session

    def _raise_meaning(self, error: Exception) -> NoReturn:
        causes = _causes(error)
        words = safe_text(
            str(causes[-1]).replace(self._target.token, "********") or type(causes[-1]).__name__, _LONGEST_REASON
        )
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            place = urlsplit(self._target.url)
            raise NotSent(
                f"{self._target.url} has no certificate that is trusted here: {words}. If it is signed by an authority "
                "of your own, name that with ca_path. To see the certificate: "
                f"openssl s_client -connect {place.hostname}:{place.port or 443} </dev/null",
                passing=False,
            ) from error
        if any(isinstance(cause, _NEVER_CONNECTED) for cause in causes):
            hint = f"To see whether anybody answers there: curl -sSI {self._target.url}"
            raise NotSent(f"no connection to {self._target.url}: {words}. {hint}") from error
        if isinstance(error, requests.exceptions.Timeout):
            raise OutcomeUnknown(f"no answer within {self._target.timeout:g} s") from error
        # Proxy and TLS errors too: some versions of urllib3 report a connection that broke late as one of these.
        if isinstance(error, requests.exceptions.ConnectionError):
            raise OutcomeUnknown(f"the connection broke before an answer came: {words}") from error
        # What is left (a bad URL, a bad header) is found before anything is sent.
        raise NotSent(f"the request cannot be sent: {words}", passing=False) from error


class _Attempt(threading.Thread):
    """One attempt in a thread of its own, which can be given up: a daemon, so it holds up no end of the program."""

    def __init__(self, call: Callable[[], Reply]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._reply: Optional[Reply] = None
        self._error: Optional[BaseException] = None

    def run(self) -> None:
        try:
            self._reply = self._call()
        except BaseException as error:  # noqa: BLE001  # handed over to the thread that waits for this one
            self._error = error

    def result(self, timeout: float) -> Reply:
        """What came of it.

        :raises OutcomeUnknown: it is not over yet.
        """
        if self._error is not None:
            raise self._error
        if self._reply is None:
            raise OutcomeUnknown(f"the answer was not complete after {timeout:g} s")
        return self._reply


def _read(response: Any) -> bytes:
    """The whole body, unpacked. Never more than a little above the largest body is held."""
    status = int(response.status_code)
    encoding = str(response.headers.get("Content-Encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise OutcomeUnknown(f"the answer is encoded as {safe_text(encoding, 40)}, which was not asked for", status)
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
    chunks = []
    size = 0
    try:
        for packed in response.raw.stream(_CHUNK, decode_content=False):
            chunk = packed if unpack is None else unpack.decompress(packed, LARGEST_BODY + 1 - size)
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST_BODY:
                raise OutcomeUnknown(f"the answer is larger than {LARGEST_BODY // 2**20} MiB", status)
    except _BROKEN as error:
        reason = safe_text(str(_causes(error)[-1]), _LONGEST_REASON)
        raise OutcomeUnknown(f"the answer broke off: {reason}", status) from error
    return b"".join(chunks)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it was made of, outermost first; requests and urllib3 nest their causes in several ways."""
    chain = [error]
    while True:
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = error.__cause__
        if inner is None:
            inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        if inner is None or inner in chain:
            return chain
        chain.append(inner)
        error = inner


def _reply(response: Any, raw: bytes) -> Reply:
    headers = response.headers
    retry_after = _number(headers.get("Retry-After"))
    status = int(response.status_code)
    body, problem = _parse(raw)
    if status >= 500:
        raise OutcomeUnknown(f"HTTP {status}{_server_words(body)}", status, retry_after)
    if problem is not None and status < 300:
        raise OutcomeUnknown(f"HTTP {status}, but the answer is not JSON{problem}", status)
    rate, nonsense = _rate(headers)
    return Reply(status, body, rate, _date(headers.get("Date")), retry_after, nonsense)


def _rate(headers: Mapping[str, str]) -> tuple[RateLimit, tuple[str, ...]]:
    """The request budget, and the headers about it that make no sense, with their values."""
    known: dict[str, Optional[int]] = {}
    nonsense = []
    for name, most in _RATE_HEADERS.items():
        text = headers.get(f"x-ratelimit-{name}")
        value = _number(text)
        known[name] = None if value is None or value > most else int(value)
        if text is not None and known[name] is None:
            nonsense.append(f"x-ratelimit-{name}: {safe_text(text, 40)}")
    return RateLimit(**known), tuple(nonsense)


def _parse(raw: bytes) -> tuple[Any, Optional[str]]:
    """The body, or None and what is wrong with it (empty where that is plain)."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number), None
    except _Ambiguous as error:
        return None, f" that can be relied on: {error}"
    except (ValueError, RecursionError):
        return None, ""


class _Ambiguous(ValueError):
    """JSON that different programs read differently."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Ambiguous(f"an object has the key '{safe_text(twice, 40)}' twice")
    return found


def _no_number(word: str) -> None:
    raise _Ambiguous(f"{word} is no number")


def _server_words(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return f": {safe_text(message)}" if message else ""


def _number(text: Optional[str]) -> Optional[float]:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _date(text: Optional[str]) -> Optional[float]:
    try:
        return parsedate_to_datetime(text or "").timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
