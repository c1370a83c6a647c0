# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One attempt at one request, and what it proves.

An attempt ends in one of three ways, and the difference decides whether it may be repeated: the API answered it (a
:class:`Reply`), it was never sent (:class:`NotSent`), or nobody can know (:class:`OutcomeUnknown`). Only the API's own
error object proves a refusal: a status alone may be anybody's between here and there. Whatever else goes wrong after
the first byte was sent, be it here, leaves open what the API did.
"""

from __future__ import annotations

import calendar
import json
import re
import ssl
import time
import zlib
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, NamedTuple, Optional, Union
from urllib.parse import urlsplit

from .errors import NorthflankError, NotSent, OutcomeUnknown, never_show, safe_text
from .timing import RateLimit
from .wire import Line, Route, Wire, WireThread, route, session_on

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
# The contract's answers have some 8 levels. What is far deeper would make a later step fail, after the API has acted.
_DEEPEST = 64
_LONGEST_NUMBER = 40
# The headers about the request budget, and above what they make no sense: an hour is over within a day.
_RATE_HEADERS = {"limit": 10**9, "remaining": 10**9, "reset": 86_400}
# What the operating system's own timeouts get, before an attempt is given up from outside.
_GRACE = 1.0
# The three forms of a date that HTTP knows: the usual one and two of former times. The standard library's parser raises
# whatever it likes on what is none, on Python 3.9 even IndexError.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_DATES = tuple(
    re.compile(form)
    for form in (
        rf"[A-Z][a-z]{{2}},\x20(?P<day>[0-9]{{2}})\x20(?P<month>[A-Z][a-z]{{2}})\x20(?P<year>[0-9]{{4}})\x20{_CLOCK}\x20GMT",
        rf"[A-Z][a-z]+day,\x20(?P<day>[0-9]{{2}})-(?P<month>[A-Z][a-z]{{2}})-(?P<year>[0-9]{{2}})\x20{_CLOCK}\x20GMT",
        rf"[A-Z][a-z]{{2}}\x20(?P<month>[A-Z][a-z]{{2}})\x20(?P<day>[\x200-9][0-9])\x20{_CLOCK}\x20(?P<year>[0-9]{{4}})",
    )
)
# What OpenSSL says where the other side does not speak TLS; it differs by version.
_NO_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"}
    | {"PACKET_LENGTH_TOO_LONG", "INVALID_RECORD_TYPE", "UNEXPECTED_MESSAGE"}
)
_WHO_ARE_YOU = 407
# Answers that pass by themselves, whoever gave them: too slow, too early, too often.
_PASSING = frozenset({408, 425, 429})


class Reply(NamedTuple):
    """An answer of the API: a success, a refusal by its own error object, or that it was asked too often.

    :ivar status: the HTTP status: 200 to 299, or 400 to 499.
    :ivar body: the parsed JSON; None where the answer is 429 without the API's error object, to a GET.
    :ivar rate: the account's request budget as this answer tells it.
    :ivar server_time: seconds since 1970 by the Date header, where there is one.
    :ivar retry_after: seconds by the Retry-After header, where there is one.
    :ivar invalid_headers: headers about the budget that make no sense, and count as not sent.
    """

    status: int
    body: Any
    rate: RateLimit = RateLimit()
    server_time: Optional[float] = None
    retry_after: Optional[float] = None
    invalid_headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApiTarget:
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
    :param wall: seconds since 1970 by the clock of this machine, for what gives a date where the API tells none.
    """

    def __init__(self, target: ApiTarget, wall: Callable[[], float] = time.time) -> None:
        self._target = target
        self._wall = wall
        # Sessions that no request uses just now, with their open connections. Lists are safe to share.
        self._idle: list[tuple[Any, Wire]] = []
        never_show(target.token)

    def send(
        self,
        method: str,
        path: str,
        query: Optional[Mapping[str, Any]] = None,
        body: Optional[Any] = None,
        shares: bool = False,
    ) -> Reply:
        """Make one attempt.

        :param method: GET, POST or DELETE.
        :param path: the URL's path, already escaped.
        :param query: the URL's parameters.
        :param body: what to send as JSON.
        :param shares: whether the connection may be one that other answers have come from, as the caller notices an
            answer to another request.
        :returns: the API's answer.
        :raises NotSent: the request did not reach the server.
        :raises OutcomeUnknown: the server may have acted, but no answer came that proves what it did: none at all, an
            unreadable one, a 5xx, or a refusal or redirect that is not the API's own.
        """
        request = (method, self._target.url + path, dict(query or {}), body)
        attempt = _Attempt(lambda line: self._send(line, request, shares))
        attempt.start()
        # A timeout of a socket begins again with each byte, so one that sends a byte a second would never end.
        attempt.join(self._target.timeout + _GRACE)
        return attempt.result(self._target)

    def _send(self, line: Line, request: tuple[str, str, dict[str, Any], Any], shares: bool) -> Reply:
        method, url, query, body = request
        session, wire = self._idle.pop() if self._idle else self._session()
        wire.line = line
        if not shares:
            # A connection that no answer has come from: neither what a broken server or proxy sends behind an answer,
            # nor the end of an idle connection, can then be taken for the answer to this.
            session.close()
        way = Route({})
        try:
            way = route(session, self._target.url, self._target.verify)
            prepared = session.prepare_request(requests.Request(method, url, params=query, json=body))
            response = session.send(prepared, timeout=self._target.timeout, allow_redirects=False, **way.settings)
            with response:
                raw = _read(response)
            reply = _reply(response, raw, _Asked(method, self._target.url, way.proxy, self._wall))
        except Exception as error:
            line.hang_up()
            failure = _meaning(error, line, self._target, way.proxy)
            if failure is error:
                raise
            raise failure from error
        if not line.is_silent():
            session.close()
        self._idle.append((session, wire))
        return reply

    def _session(self) -> tuple[Any, Wire]:
        wire = Wire()
        session = session_on(wire)
        session.auth = _Bearer(self._target.token)
        session.headers.update(
            {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "northflank.cloud"}
        )
        return session, wire


class _Attempt(WireThread):
    """One attempt in a thread of its own, which can be given up."""

    def __init__(self, call: Callable[[Line], Reply]) -> None:
        super().__init__(Line(LARGEST_BODY))
        self._call = call
        self._reply: Optional[Reply] = None
        self._error: Optional[BaseException] = None

    def run(self) -> None:
        try:
            self._reply = self._call(self.line)
        except BaseException as error:  # noqa: BLE001  # handed over to the thread that waits for this one
            self._error = error

    def result(self, target: ApiTarget) -> Reply:
        """Return what came of it. If it is not over yet, it is ended.

        :raises NotSent: it is not, and nothing was sent.
        :raises OutcomeUnknown: it is not, and something was.
        """
        was_given_up = self.is_alive()
        was_sent = self.line.give_up() if was_given_up else True
        if self._reply is not None:
            return self._reply
        if self._error is not None and not was_given_up:
            raise self._error
        if was_sent:
            raise OutcomeUnknown(f"the answer was not complete after {target.timeout:g} s")
        raise NotSent(f"no connection to {target.url}: there was none after {target.timeout:g} s")


def _meaning(error: Exception, line: Line, target: ApiTarget, proxy: str) -> NorthflankError:
    """Return what an exception says about the request: whether it can have had an effect.

    :param proxy: through which it went, as messages name it; empty for none.
    """
    if isinstance(error, NorthflankError) and (line.sent or not isinstance(error, OutcomeUnknown)):
        return error
    causes = causes_of(error)
    words = _words(causes)
    if not line.sent:
        return _not_sent(causes, words, line, target, proxy)
    if any(isinstance(cause, requests.exceptions.Timeout) for cause in causes):
        return OutcomeUnknown(f"no answer within {target.timeout:g} s")
    if not isinstance(error, _BROKEN):
        return OutcomeUnknown(f"the answer cannot be used: {type(error).__name__}: {words}")
    if urlsplit(target.url).scheme == "http" and not proxy:
        words += ". The port speaks https." if line.speaks_tls else ". If the port speaks https, api_url must say so."
    return OutcomeUnknown(f"the connection broke before an answer came: {words}")


def _not_sent(causes: list[BaseException], words: str, line: Line, target: ApiTarget, proxy: str) -> NotSent:
    place = urlsplit(target.url)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return NotSent(
            f"{target.url} has no certificate that is trusted here: {words}",
            passing=False,
            hint="If it is signed by an authority of your own, name that with ca_path. To see the certificate: "
            f"openssl s_client -connect {place.hostname}:{place.port or 443} </dev/null",
        )
    if proxy and not any(isinstance(cause, ssl.SSLError) for cause in causes):
        return NotSent(through_proxy(proxy, line, target.url, words), passing=False)
    if any(isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS for cause in causes):
        return NotSent(
            f"{target.url} answers http, not https, or another protocol without TLS: {words}",
            passing=False,
            hint="Check the scheme and the port of api_url. To see what answers there: "
            f"openssl s_client -connect {place.hostname}:{place.port or 443} </dev/null",
        )
    if any(isinstance(cause, _NEVER_CONNECTED) or _is_of_system(cause) for cause in causes):
        hint = f"To see whether anybody answers there: curl -sSI {target.url}"
        return NotSent(f"no connection to {target.url}: {words}", hint=hint)
    # What is left (a bad URL, a bad header) is the same the next time.
    return NotSent(f"the request cannot be sent: {words}", passing=False)


def through_proxy(proxy: str, line: Line, place: str, words: str) -> str:
    """Return why there is no connection through a proxy.

    :param proxy: as :class:`Route` has it: never with its credentials.
    :param place: where the connection was to lead.
    """
    if line.proxy_status is None:
        return f"the proxy {proxy} cannot be reached, so there is no connection to {place}: {words}"
    hint = " It wants a user name and a password." if line.proxy_status == _WHO_ARE_YOU else ""
    return f"the proxy {proxy} refused to connect to {place} with HTTP {line.proxy_status}.{hint}"


def _words(causes: list[BaseException]) -> str:
    """Return what went wrong, in the operating system's own words if it has any."""
    of_system = [cause for cause in causes if _is_of_system(cause)]
    last = (of_system or causes)[-1]
    return safe_text(str(last), _LONGEST_REASON) or type(last).__name__


def _is_of_system(error: BaseException) -> bool:
    # All exceptions of requests are OSErrors, too.
    return isinstance(error, OSError) and not isinstance(error, requests.exceptions.RequestException)


def _read(response: Any) -> bytes:
    """Return the whole body, unpacked. Never more than a little above the largest body is held."""
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
        reason = safe_text(str(causes_of(error)[-1]), _LONGEST_REASON)
        raise OutcomeUnknown(f"the answer broke off: {reason}", status) from error
    # Of these two, urllib3 1.26 tells neither.
    if response.raw.length_remaining or (unpack is not None and not unpack.eof):
        raise OutcomeUnknown("the answer broke off: it ends too early", status)
    return b"".join(chunks)


def causes_of(error: BaseException) -> list[BaseException]:
    """Return the error and what it was made of, outermost first.

    Requests and urllib3 nest their causes in several ways.
    """
    chain = [error]
    while True:
        error = chain[-1]
        # urllib3 1.26 names no cause of the system's, and raises while it handles one.
        handled = error.__context__ if isinstance(error.__context__, OSError) else None
        nested = (getattr(error, "reason", None), error.__cause__, *error.args, handled)
        inner = next((one for one in nested if isinstance(one, BaseException) and one not in chain), None)
        if inner is None:
            return chain
        chain.append(inner)


class _Asked(NamedTuple):
    """What has to be known of a request to judge its answer."""

    method: str
    url: str
    proxy: str
    wall: Callable[[], float]


def _reply(response: Any, raw: bytes, asked: _Asked) -> Reply:
    headers = response.headers
    status = int(response.status_code)
    server_time = _date(headers.get("Date"))
    retry_after = _pause(headers.get("Retry-After"), asked.wall() if server_time is None else server_time)
    body, problem = _parse(raw)
    if status >= 500:
        raise OutcomeUnknown(f"HTTP {status}{_server_words(body)}{_until(retry_after)}", status, retry_after)
    if problem is not None and 200 <= status < 300:
        raise OutcomeUnknown(f"HTTP {status}, but the answer is not JSON{problem}", status)
    rate, invalid_headers = _rate(headers)
    reply = Reply(status, body, rate, server_time, retry_after, invalid_headers)
    if 200 <= status < 300 or own_error(status, body) is not None:
        return reply
    if status == 429 and asked.method == "GET":
        # Whoever said so: asking again later does no harm.
        return reply._replace(body=None)
    raise OutcomeUnknown(_from_others(status, body, asked), status, retry_after, passing=status in _PASSING)


def own_error(status: int, body: Any) -> Optional[Mapping[str, Any]]:
    """Return the API's own error object, which is the only proof of a refusal; None where the answer has none.

    By the contract it has the status once more and a message. What a proxy or firewall says has not.
    """
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or not 400 <= status < 500:
        return None
    told = error.get("status")
    is_own = isinstance(told, int) and told == status and isinstance(error.get("message"), str)
    return error if is_own else None


def _from_others(status: int, body: Any, asked: _Asked) -> str:
    """Return what to say of a status that may be anybody's."""
    what, hint = "without the API's error object", ""
    if 300 <= status < 400:
        what, hint = "and the API never redirects", ". Is api_url right?"
    elif status < 300:
        what = "which is no answer"
    whose = f"the proxy {asked.proxy}, or a" if asked.proxy else "a proxy,"
    said = f"HTTP {status}{_server_words(body)} {what}"
    return f"{said}: it may come from {whose} firewall or gateway on the way to {asked.url}{hint}"


def _until(retry_after: Optional[float]) -> str:
    return "" if not retry_after else f" (Retry-After: {retry_after:.0f} s)"


def _rate(headers: Mapping[str, str]) -> tuple[RateLimit, tuple[str, ...]]:
    """Return the request budget, and the headers about it that make no sense, with their values."""
    known: dict[str, Optional[int]] = {}
    invalid_headers = []
    for name, most in _RATE_HEADERS.items():
        text = headers.get(f"x-ratelimit-{name}")
        value = _number(text)
        known[name] = None if value is None or value > most else int(value)
        if text is not None and known[name] is None:
            invalid_headers.append(f"x-ratelimit-{name}: {safe_text(text, 40)}")
    return RateLimit(**known), tuple(invalid_headers)


def _parse(raw: bytes) -> tuple[Any, Optional[str]]:
    """Return the body, or None and what is wrong with it (empty where that is plain)."""
    try:
        body = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_int=_whole,
            parse_float=_real,
        )
        if _is_deep(body):
            return None, f" that can be relied on: it is nested deeper than {_DEEPEST} levels"
        return body, None
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


def _whole(digits: str) -> int:
    # Before Python 3.11, a number of a million digits takes minutes.
    if len(digits) > _LONGEST_NUMBER:
        raise _Ambiguous(f"a number has {len(digits)} digits")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _Ambiguous(f"{safe_text(digits, 40)} is no number")
    return value


def _is_deep(body: Any) -> bool:
    """Return whether it is nested more deeply than any answer of the API.

    Without recursion, which is what it guards.
    """
    level = [body]
    for _depth in range(_DEEPEST):
        parts = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list)))
        level = [part for some in parts for part in some]
        if not level:
            return False
    return True


def _server_words(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return f": {safe_text(message)}" if message else ""


def _number(text: Optional[str]) -> Optional[float]:
    """Return a number of a header: digits only, as float() takes much that is none."""
    return float(text) if re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", text or "") and text else None


def _pause(text: Optional[str], now: float) -> Optional[float]:
    """Return seconds by a Retry-After header, which is a number of them or a date."""
    date = _date(text)
    return _number(text) if date is None else max(0.0, date - now)


def _date(text: Optional[str]) -> Optional[float]:
    """Return seconds since 1970 by a date as HTTP writes it; None for anything else."""
    found = next((match for match in (form.fullmatch(text or "") for form in _DATES) if match), None)
    if found is None or found["month"] not in _MONTHS:
        return None
    year, day, hour, minute, second = (int(found[part]) for part in ("year", "day", "hour", "minute", "second"))
    if len(found["year"]) == 2:
        year += 1900 if year >= 70 else 2000
    month = _MONTHS.index(found["month"]) + 1
    if year < 1970 or not 1 <= day <= calendar.monthrange(year, month)[1] or hour > 23 or minute > 59 or second > 60:
        return None
    return float(calendar.timegm((year, month, day, hour, minute, second)))
