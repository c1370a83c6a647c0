# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that are repeated only where that is safe, counted, and kept within the deadline and the rate limit."""

from __future__ import annotations

import threading
from typing import Any, Callable, Iterator, Mapping, Optional, TypeVar

from .errors import ApiError, MalformedAnswer, NorthflankError, NotSent, OutcomeUnknown, RateLimited, safe_text
from .timing import Clock, Deadline, RateLimit, backoff
from .transport import Reply, Transport, own_error

Guard = Callable[[], None]
Read = TypeVar("Read")

# The contract's largest page.
PAGE_SIZE = 100
# 25,000 backups of one addon: one an hour for almost three years. Beyond that, the request budget is what is at stake.
MOST_PAGES = 250
# Without Retry-After and x-ratelimit-reset; the API is documented to send the latter always.
_DEFAULT_PAUSE = 30.0
# Refusals that pass by themselves, so that a read is repeated: it came too slowly, or too early.
_PASSING = frozenset({408, 425})


class Client:
    """The API's conventions: envelope, errors, rate limit, pages.

    :param transport: makes single attempts.
    :ivar deadline: no attempt starts after it.
    :param retries: attempts after the first.
    """

    def __init__(self, transport: Transport, deadline: Deadline, retries: int = 5) -> None:
        self._transport = transport
        self.deadline = deadline
        self._retries = retries
        self._tally = _Tally()

    def with_deadline(self, deadline: Deadline) -> Client:
        """Return the same client (connections, counters) with another deadline."""
        other = Client(self._transport, deadline, self._retries)
        other._tally = self._tally
        return other

    @property
    def requests(self) -> int:
        """How many requests were sent, or tried to be."""
        return self._tally.requests

    @property
    def rate(self) -> RateLimit:
        """The account's request budget as the API last told it."""
        return self._tally.rate

    @property
    def refusals(self) -> frozenset[int]:
        """The HTTP statuses of all refusals so far that were the API's own."""
        return self._tally.refusals()

    @property
    def written(self) -> threading.Event:
        """Set once a request that changes something has been answered, or its answer was lost."""
        return self._tally.written

    @property
    def invalid_headers(self) -> list[str]:
        """Headers about the request budget that made no sense, the last of each kind."""
        return self._tally.invalid_headers()

    def server_time(self) -> Optional[float]:
        """Return what the API's clock says now, in seconds since 1970; None where no answer told it.

        To judge the age of anything, take :meth:`clock`, and ask ``_ages`` whether it is to be trusted.
        """
        return self._tally.server_time(self.deadline.timing.monotonic())

    def clock(self) -> Clock:
        """Return what the clocks say now. Ages are judged by the API's: the one of this machine may be wrong."""
        return Clock(self.server_time(), self._tally.spread, self.deadline.timing.wall())

    def get(
        self,
        path: str,
        read: Callable[[Any], Read],
        query: Optional[Mapping[str, Any]] = None,
        repeat: bool = True,
        names_itself: bool = False,
    ) -> Read:
        """Read. Repeated after any failure that can pass, as a read does no harm.

        :param read: makes of what stands under ``data`` what is returned. An answer that it cannot use, as it breaks
            the contract or is about something else, is no answer: the request is sent again.
        :param repeat: False for one attempt only (a poll comes again anyway).
        :param names_itself: ``read`` notices an answer to another request, as each tells what it is about.
        :raises ApiError: the API refused.
        :raises NotSent: nobody could be reached.
        :raises OutcomeUnknown: no usable answer came.
        :raises DeadlineReached: the time is used up.
        """
        retries, failures = self._retries if repeat else 0, 0
        while True:
            shares = names_itself and not failures
            reply = self._exchange("GET", path, query, None, lambda _error: True, retries, shares=shares)
            try:
                return read(_data(reply))
            except MalformedAnswer as error:
                failures += 1
                if failures > retries:
                    raise
                self.deadline.pause(self._pause_after(failures, error))

    def post(
        self,
        path: str,
        body: Optional[Any] = None,
        query: Optional[Mapping[str, Any]] = None,
        before_repeat: Optional[Guard] = None,
        read: Callable[[dict[str, Any]], Read] = dict,  # type: ignore[assignment]  # without one, Read is what dict makes
    ) -> Read:
        """Start something. Repeated only while the request has not reached the API or was refused with 429.

        :param before_repeat: called before the request is sent again, as an ID in the path may be another's by then;
            what it raises ends the matter.
        :param read: makes of what stands under ``data`` what is returned.
        :raises OutcomeUnknown: the API may have acted. The caller has to find out before it tries again.
        """
        data = _written(self._exchange("POST", path, query, body, _was_not_sent, self._retries, before_repeat))
        try:
            return read(data)
        except NorthflankError:
            raise
        except Exception as error:  # whatever is wrong with reading it, the API may have acted
            raise MalformedAnswer(safe_text(repr(error))) from error

    def delete(self, path: str, before_repeat: Optional[Guard] = None) -> None:
        """Delete. Repeated only while the request has not reached the API or was refused with 429.

        :param before_repeat: as for :meth:`post`.
        :raises OutcomeUnknown: the API may have acted. The caller has to read again before it tries again.
        :raises MalformedAnswer: likewise; the contract has ``data`` in the answer to a DELETE, too.
        """
        # JSON under a 2xx may be anybody's, such as that of a gateway with a page for everything.
        _written(self._exchange("DELETE", path, None, None, _was_not_sent, self._retries, before_repeat))

    def pages(
        self,
        path: str,
        key: str,
        repeat: bool = True,
        may_lack: bool = False,
        narrow: Optional[Mapping[str, Any]] = None,
    ) -> Iterator[list[Any]]:
        """Return a list, page by page.

        :param key: where the list stands under ``data``; ``data`` where that is the list itself.
        :param repeat: False for one attempt only at each page.
        :param may_lack: the API may leave out the key where the list is empty.
        :param narrow: query parameters that say what is listed.
        :raises MalformedAnswer: a page is not a list, or the cursor leads in a circle.
        """
        query: dict[str, Any] = {**(narrow or {}), "per_page": PAGE_SIZE}
        seen: set[str] = set()
        while len(seen) < MOST_PAGES:
            retries, shares = self._retries if repeat else 0, bool(seen)
            body = self._exchange("GET", path, query, None, lambda _error: True, retries, shares=shares).body
            yield _items(body, key, may_lack)
            cursor = _next_cursor(body)
            if cursor is None:
                return
            if cursor in seen:
                raise MalformedAnswer(f"the pages of {key} lead in a circle")
            seen.add(cursor)
            query["cursor"] = cursor
        raise MalformedAnswer(f"the list of {key} does not end after {MOST_PAGES} pages")

    def _exchange(
        self,
        method: str,
        path: str,
        query: Optional[Mapping[str, Any]],
        body: Any,
        may_repeat: Callable[[Exception], bool],
        retries: int,
        before_repeat: Optional[Guard] = None,
        shares: bool = False,
    ) -> Reply:
        failures = 0
        while True:
            self.deadline.check()
            try:
                reply = self._attempt(method, path, query, body, shares)
            except (NotSent, OutcomeUnknown) as error:
                failures += 1
                if failures > retries or not may_repeat(error) or not error.passing:
                    raise
                pause = self._pause_after(failures, error)
                if self.deadline.remaining() < pause:
                    # Sleeping until the deadline would hide what happened, and no attempt could follow.
                    raise
                self.deadline.pause(pause)
            else:
                if reply.status != 429:
                    return reply
                # A refusal for the rate uses up no attempt: it says when to come back.
                self._wait_for_budget(reply)
            if before_repeat is not None:
                before_repeat()

    def _attempt(self, method: str, path: str, query: Optional[Mapping[str, Any]], body: Any, shares: bool) -> Reply:
        self._tally.count()
        try:
            reply = self._transport.send(method, path, query, body, shares)
        except OutcomeUnknown:
            self._tally.settle(method)
            raise
        self._tally.learn(reply, self.deadline.timing.monotonic())
        self._tally.settle(method)
        if reply.status < 300 or reply.status == 429:
            return reply
        refusal = _refusal(method, reply)
        if method == "GET" and reply.status in _PASSING:
            raise OutcomeUnknown(str(refusal), reply.status, reply.retry_after)
        raise refusal

    def _pause_after(self, failures: int, error: Exception) -> float:
        asked = getattr(error, "retry_after", None) or 0.0
        return max(asked, backoff(failures, self.deadline.timing.chance()))

    def _wait_for_budget(self, reply: Reply) -> None:
        if reply.retry_after is not None:
            pause = reply.retry_after
        elif reply.rate.reset is not None:
            pause = float(reply.rate.reset)
        else:
            pause = _DEFAULT_PAUSE
        # At least a second, or an answer of "0" would make this spin; jitter, as other jobs wait for the same hour.
        pause = max(1.0, pause) + self.deadline.timing.chance()
        if pause > self.deadline.remaining():
            raise RateLimited(pause)
        self.deadline.pause(pause)


class _Tally:
    """What all requests of a task add up to, also when several threads send them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server_time: Optional[tuple[float, float]] = None
        self._offsets: Optional[tuple[float, float]] = None
        self._invalid_headers: dict[str, str] = {}
        self._refusals: set[int] = set()
        self.requests = 0
        self.rate = RateLimit()
        self.written = threading.Event()

    def settle(self, method: str) -> None:
        if method != "GET":
            self.written.set()

    def count(self) -> None:
        with self._lock:
            self.requests += 1

    def learn(self, reply: Reply, monotonic: float) -> None:
        with self._lock:
            if reply.rate != RateLimit():
                self.rate = reply.rate
            if reply.status >= 400 and isinstance(reply.body, dict) and isinstance(reply.body.get("error"), dict):
                self._refusals.add(reply.status)
            self._invalid_headers.update({header.split(":")[0]: header for header in reply.invalid_headers})
            if reply.server_time is not None:
                self._server_time = (reply.server_time, monotonic)
                offset = reply.server_time - monotonic
                least, most = self._offsets or (offset, offset)
                self._offsets = (min(least, offset), max(most, offset))

    @property
    def spread(self) -> float:
        """By how many seconds the answers disagree about the API's clock."""
        with self._lock:
            least, most = self._offsets or (0.0, 0.0)
            return most - least

    def refusals(self) -> frozenset[int]:
        with self._lock:
            return frozenset(self._refusals)

    def invalid_headers(self) -> list[str]:
        with self._lock:
            return sorted(self._invalid_headers.values())

    def server_time(self, monotonic: float) -> Optional[float]:
        with self._lock:
            if self._server_time is None:
                return None
            told, at = self._server_time
            return told + (monotonic - at)


def _was_not_sent(error: Exception) -> bool:
    return isinstance(error, NotSent)


def _refusal(method: str, reply: Reply) -> ApiError:
    error = own_error(reply.status, reply.body) or {}
    message, error_id, details = (error.get(key) or "" for key in ("message", "id", "details"))
    return ApiError(reply.status, str(message), str(error_id), details or None, method)


def _data(reply: Reply) -> Any:
    return _data_of(reply.body)


def _written(reply: Reply) -> dict[str, Any]:
    """Return ``data`` of the answer to a write, which is an object, if an empty one, in each of them."""
    data = _data(reply)
    if not isinstance(data, dict):
        raise MalformedAnswer("its data is no object")
    return data


def _data_of(body: Any) -> Any:
    if not isinstance(body, dict) or "data" not in body:
        raise MalformedAnswer("it has no data")
    return body["data"]


def _items(body: Any, key: str, may_lack: bool) -> list[Any]:
    data = _data_of(body)
    if key == "data" and isinstance(data, list):
        return data
    items = data.get(key) if isinstance(data, dict) else None
    if items is None and may_lack and isinstance(data, dict):
        return []
    if not isinstance(items, list):
        raise MalformedAnswer(f"there is no list of {key}")
    return items


def _next_cursor(body: Any) -> Optional[str]:
    """Return where the next page is; None on the last one.

    ``hasNextPage`` may be missing, and then the cursor tells: the last page has none. The official Python SDK goes on
    in the same way.
    """
    pagination = body.get("pagination")
    if not isinstance(pagination, dict):
        return None
    more, cursor = pagination.get("hasNextPage"), pagination.get("cursor")
    if more is False or (more is None and cursor in (None, "")):
        return None
    if not isinstance(cursor, str) or not cursor:
        raise MalformedAnswer("it says that there is another page, but not where")
    return cursor
