# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A grammar of answers: whatever a broken server, proxy or gateway can send, put together from its parts.

An answer has a status line, headers, a body, a framing, what stands before it and behind it on the connection, and what
the server did before it was sent. All parts are drawn apart from each other, so that nobody has to think of the fault
first. One thing is never drawn: a lie in the API's own words. An answer that proves something, such as the API's error
object, is true.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

from hypothesis import strategies as st

from sandbox import Fault
from sandbox.faults import Piece

STATUSES = (
    "200 OK",
    "201 Created",
    "202 Accepted",
    "204 No Content",
    "205 Reset Content",
    "226 IM Used",
    "301 Moved Permanently",
    "302 Found",
    "304 Not Modified",
    "307 Temporary Redirect",
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "405 Method Not Allowed",
    "407 Proxy Authentication Required",
    "408 Request Timeout",
    "409 Conflict",
    "413 Content Too Large",
    "421 Misdirected Request",
    "425 Too Early",
    "429 Too Many Requests",
    "451 Unavailable For Legal Reasons",
    "499 Client Closed Request",
    "500 Internal Server Error",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "504 Gateway Timeout",
    "520 Web Server Returned an Unknown Error",
    "599 Made Up",
    "600 Beyond",
    "nonsense",
)
HEADERS: dict[str, tuple[str, ...]] = {
    "none": (),
    "html": ("Content-Type: text/html; charset=utf-8", "Server: somebody"),
    "leads elsewhere": ("Location: http://127.0.0.1:9/elsewhere",),
    "leads nowhere": ("Location: http://[::1/%%%",),
    "leads to itself": ("Location: ?",),
    "asks for a pause": ("Retry-After: 2",),
    "asks for a day": ("Retry-After: 86400",),
    "asks for nonsense": ("Retry-After: -1e9 minutes",),
    "asks for a date": ("Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",),
    "another day": ("Date: Sat, 01 Mar 2025 12:00:00 GMT",),
    "no day": ("Date: yesterday, 99 Foo 20 99:99",),
    "an empty budget": ("x-ratelimit-limit: 1000", "x-ratelimit-remaining: 0", "x-ratelimit-reset: 5"),
    "a senseless budget": ("x-ratelimit-remaining: -7", "x-ratelimit-reset: never", "x-ratelimit-limit: 1e400"),
    "a line that is none": ("this is no header", "X-After: it"),
    "a folded line": ("X-Folded: one\r\n two",),
    "a cookie": ("Set-Cookie: session=1; Path=/",),
    "a line of 8 KB": ("X-Long: " + "x" * 8000,),
    "a closed connection": ("Connection: close",),
    "another encoding": ("Content-Encoding: br",),
    "letters beyond ASCII": ("X-Who: \xe9\xff\x85",),
}
HTML = b"<html><body><h1>Who are you?</h1></body></html>"
# What proves nothing, whether the server has acted or not.
BODIES: dict[str, bytes] = {
    "empty": b"",
    "html": HTML,
    "a word": b'"OK"',
    "null": b"null",
    "a number": b"1e999",
    "a list": b"[]",
    "no data": b"{}",
    "null as data": b'{"data": null}',
    "a list as data": b'{"data": []}',
    "a text as data": b'{"data": "done"}',
    "half an object": b'{"data": {"id": "b',
    "deep": b'{"data":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "a key twice": b'{"data": {"id": "a", "id": "b"}, "data": {}}',
    "no text": b"\xff\xfe\x00{\x80}",
    "large": b'{"data": {"id": "' + b"x" * 300_000 + b'"}}',
    "an error in half": b'{"error": {"status": 403}}',
    "an error of another status": b'{"error": {"status": 418, "message": "I am a teapot", "id": "teapot"}}',
    "an error that is a text": b'{"error": "no"}',
}
# These need an honest answer, or an honest refusal.
HONEST, OWN_ERROR = "honest", "the API's own error"
# Statuses with which the API refuses. Not 404, which is proof that something is not there.
REFUSALS = frozenset({"400", "403", "409", "429"})
FRAMINGS = (
    "by length",
    "longer than it is",
    "shorter than it is",
    "in chunks",
    "in chunks, cut",
    "in chunks of nonsense",
    "until the end",
    "packed",
    "packed, cut",
    "two lengths",
    "a length of nonsense",
    "a byte at first",
)
BEFORE: dict[str, tuple[Piece, ...]] = {
    "nothing": (),
    "continue": ("HTTP/1.1 100 Continue\r\n\r\n",),
    "early hints": ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",),
    "many early hints": ("HTTP/1.1 103 Early Hints\r\n\r\n" * 5,),
    "another protocol": ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",),
    "a late early hint": ("HTTP/1.1 103 Early Hints\r\n\r\n", 0.01),
    "an empty line": ("\r\n",),
    "letters": ("x",),
}


def _whole(body: str) -> tuple[str, ...]:
    return (f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}",)


BEHIND: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "the connection stays": (),
    "another answer": _whole('{"data": {}}'),
    "an empty list": _whole('{"data": {"backups": [], "restores": [], "backupSchedules": []}}'),
    "letters": ("garbage",),
}
_WITH_AN_END = frozenset({"by length", "shorter than it is", "in chunks", "packed", "a byte at first"})
ACTED = ("the server acted", "the server did not act")


@dataclass(frozen=True)
class Answer:
    """One answer; each part is a name from its table."""

    status: str
    headers: str
    body: str
    framing: str
    before: str
    behind: str
    acted: str

    def __str__(self) -> str:
        return " | ".join(str(getattr(self, part.name)) for part in fields(self))

    @property
    def parts(self) -> set[tuple[str, str]]:
        """All that it is made of: the part, and what it is."""
        return {(part.name, str(getattr(self, part.name))) for part in fields(self)}

    @property
    def has_acted(self) -> bool:
        return self.acted == ACTED[0]

    @property
    def _has_an_end(self) -> bool:
        """Whether a client can know it. What has none ends with its connection: clients wait in real seconds."""
        # Behind such a line, clients look for no further header, so they miss the length.
        return self.framing in _WITH_AN_END and self.headers != "a line that is none"

    def fault(self, method: str, path: str, turn: int = 1) -> Fault:
        """The fault that sends it."""
        return Fault(
            method=method,
            path=path,
            turn=turn,
            kind="raw",
            when="after" if self.has_acted else "before",
            raw=self.written,
            keep_open=self.behind != "nothing" and self._has_an_end,
        )

    def written(self, honest: bytes) -> Iterator[Piece]:
        """The bytes to send.

        :param honest: what the server would have said; nothing where it has not acted.
        """
        yield from BEFORE[self.before]
        yield from self._answer(self._content(honest.partition(b"\r\n\r\n")[2]))
        yield from BEHIND[self.behind]

    def _content(self, honest: bytes) -> bytes:
        if self.body == HONEST:
            return honest
        if self.body == OWN_ERROR:
            status = int(self.status.split()[0])
            return json.dumps({"error": {"status": status, "message": "No.", "id": "no"}}).encode()
        return BODIES[self.body]

    def _answer(self, content: bytes) -> Iterator[Piece]:
        lines, body = _FRAMED[self.framing](content)
        status = self.status if self.status == "nonsense" else f"HTTP/1.1 {self.status}"
        head = "\r\n".join([status, *HEADERS[self.headers], *lines, "", ""]).encode("latin-1")
        if self.framing == "a byte at first":
            yield head[:1]
            yield 0.002
            head = head[1:]
        yield head + body


def _by_length(content: bytes, length: object) -> tuple[tuple[str, ...], bytes]:
    return (f"Content-Length: {length}",), content


def _chunked(content: bytes, end: bytes) -> tuple[tuple[str, ...], bytes]:
    return ("Transfer-Encoding: chunked",), b"%x\r\n" % len(content) + content + end


def _packed(content: bytes, cut: int) -> tuple[tuple[str, ...], bytes]:
    packed = gzip.compress(content)
    packed = packed[: len(packed) - cut]
    return ("Content-Encoding: gzip", f"Content-Length: {len(packed)}"), packed


_FRAMED: dict[str, Callable[[bytes], tuple[tuple[str, ...], bytes]]] = {
    "by length": lambda content: _by_length(content, len(content)),
    "longer than it is": lambda content: _by_length(content, len(content) + 9),
    "shorter than it is": lambda content: _by_length(content, max(0, len(content) - 3)),
    "in chunks": lambda content: _chunked(content, b"\r\n0\r\n\r\n" if content else b"0\r\n\r\n"),
    "in chunks, cut": lambda content: _chunked(content, b""),
    "in chunks of nonsense": lambda content: (("Transfer-Encoding: chunked",), b"zz\r\n" + content),
    "until the end": lambda content: ((), content),
    "packed": lambda content: _packed(content, 0),
    "packed, cut": lambda content: _packed(content, 4),
    "two lengths": lambda content: ((f"Content-Length: {len(content)}", "Content-Length: 2"), content),
    "a length of nonsense": lambda content: _by_length(content, "many"),
    "a byte at first": lambda content: _by_length(content, len(content)),
}
PARTS: dict[str, tuple[str, ...]] = {
    "status": STATUSES,
    "headers": tuple(HEADERS),
    "body": (HONEST, OWN_ERROR, *BODIES),
    "framing": FRAMINGS,
    "before": tuple(BEFORE),
    "behind": tuple(BEHIND),
    "acted": ACTED,
}


def is_true(answer: Answer, method: str) -> bool:
    """Whether it is no lie in the API's own words: with what it proves, the server could have sent it."""
    status = answer.status.split()[0]
    if answer.body == HONEST:
        return answer.has_acted
    if answer.body == OWN_ERROR:
        return not answer.has_acted and status in REFUSALS
    # By the contract, the answer to what deletes or aborts has an object as data, and nothing more.
    tells_success = status.startswith("2") and answer.body == "large"
    return method == "GET" or answer.has_acted or not tells_success


def truthful(answer: Answer, method: str) -> Answer:
    """The answer, or the one next to it that is no lie."""
    parts = {part.name: str(getattr(answer, part.name)) for part in fields(answer)}
    if answer.body == HONEST:
        parts["acted"] = ACTED[0]
    elif answer.body == OWN_ERROR:
        parts["acted"] = ACTED[1]
        parts["status"] = answer.status if answer.status.split()[0] in REFUSALS else "403 Forbidden"
    elif not is_true(answer, method):
        parts["acted"] = ACTED[0]
    return Answer(**parts)


def rows(operation: str, method: str) -> list[Answer]:
    """So many answers that each part is in one of them in each of its forms, the same in each run.

    :param operation: mixes them anew.
    """
    count = max(map(len, PARTS.values()))
    columns: dict[str, list[str]] = {}
    for name, forms in PARTS.items():
        column = [forms[number % len(forms)] for number in range(count)]
        random.Random(f"{operation} {name}").shuffle(column)  # noqa: S311  # the same in each run, not secret
        columns[name] = column
    drawn = [Answer(**{name: column[number] for name, column in columns.items()}) for number in range(count)]
    found = [truthful(answer, method) for answer in drawn]
    there = set().union(*(answer.parts for answer in found))
    plain = Answer("200 OK", "none", HONEST, "by length", "nothing", "nothing", ACTED[0])
    for name, forms in PARTS.items():
        # What had to give way for the truth comes once more, with an answer that is honest otherwise.
        found += [
            truthful(Answer(**{**vars(plain), "body": "html", name: form}), method)
            for form in forms
            if (name, form) not in there
        ]
    return found


def drawn(method: str) -> st.SearchStrategy[Answer]:
    """Any answer that is no lie."""
    parts = {name: st.sampled_from(forms) for name, forms in PARTS.items()}
    return st.builds(Answer, **parts).map(lambda answer: truthful(answer, method))
