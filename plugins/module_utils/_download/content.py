# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what a dump holds begins and ends as a dump of its format does. Pure, and never holds more than a little.

A program that makes dumps and dies half-way leaves a stream that can be packed well: only the end of the dump itself
is missing then.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Optional

from .._api.errors import Damaged

# What was found: both of them, the beginning only as the format has no end to know it by, or nothing.
COMPLETE = "complete"
BEGINNING = "beginning"
NOTHING = "nothing"

CONTENT = "content"

# Beginnings have up to some 100 bytes. After PostgreSQL's end, a line with a key may follow.
_HEAD = 256
_TAIL = 1024


class Content(NamedTuple):
    """What was found in a dump.

    :ivar checked: one of the three above.
    :ivar format: None where it is not known.
    :ivar size: unpacked bytes; None where it could not be unpacked.
    """

    checked: str
    format: Optional[str] = None
    size: Optional[int] = None

    def to_result(self, size_before: Optional[int]) -> dict[str, Any]:
        """Return it as tasks return it.

        :param size_before: bytes of the dump before this one, packed.
        """
        return {**self._asdict(), "size_before": size_before}


class _Format(NamedTuple):
    """How dumps of a format begin, at the first byte, and end, in the last bytes; None where they have no such end."""

    name: str
    begins: re.Pattern[bytes]
    ends: Optional[re.Pattern[bytes]] = None


_FORMATS = (
    _Format("postgresql-custom", re.compile(rb"PGDMP")),
    _Format(
        "postgresql-sql",
        re.compile(rb"--\r?\n-- PostgreSQL database dump\r?\n"),
        re.compile(rb"\n-- PostgreSQL database dump complete\r?\n"),
    ),
    _Format(
        "postgresql-cluster-sql",
        re.compile(rb"--\r?\n-- PostgreSQL database cluster dump\r?\n"),
        re.compile(rb"\n-- PostgreSQL database cluster dump complete\r?\n"),
    ),
    # MariaDB may begin with a comment that is to keep its client from running commands.
    _Format(
        "mysql-sql",
        re.compile(rb"(?:/\*M?![^\n]*\n)?-- (?:MySQL|MariaDB) dump "),
        re.compile(rb"\n-- Dump completed"),
    ),
    # Of the last collection: a head that says so, with a check sum, and what ends each part.
    _Format(
        "mongodb-archive",
        re.compile(rb"\x6d\xe2\x99\x81"),
        re.compile(rb"\x08EOF\x00\x01\x12CRC\x00[\s\S]{8}\x00\xff{4}\Z"),
    ),
    # An opcode, and a check sum of 8 bytes.
    _Format("redis-rdb", re.compile(rb"REDIS[0-9]{4}"), re.compile(rb"\xff[\s\S]{8}\Z")),
)


class ContentVerifier:
    """Looks at what is unpacked, piece by piece."""

    def __init__(self) -> None:
        self._size = 0
        self._head = self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Take the next piece, of any length."""
        self._size += len(piece)
        self._head += piece[: _HEAD - len(self._head)]
        self._tail = (self._tail + piece[-_TAIL:])[-_TAIL:]

    def finish(self) -> Content:
        """Return what was found, after all has come.

        :raises Damaged: it is no whole dump.
        """
        if not self._size:
            raise Damaged("it is compressed well, and holds nothing")
        found = next((one for one in _FORMATS if one.begins.match(self._head)), None)
        if found is None:
            return Content(NOTHING, size=self._size)
        if found.ends is not None and not found.ends.search(self._tail):
            raise Damaged(f"it begins as {found.name} and does not end so, and what made it may have stopped half-way")
        return Content(BEGINNING if found.ends is None else COMPLETE, found.name, self._size)


def verify_spec() -> dict[str, Any]:
    """Return the options of the documentation fragment ``northflank.cloud.verify``."""
    return {
        "verify": {"type": "str", "choices": ["file", CONTENT], "default": "file"},
        "min_size_share": {"type": "float", "default": 0.5},
    }
