# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dumps as the databases' own programs write them, of the SQLite database that stands in for each.

PostgreSQL: plain SQL of ``pg_dump``. MySQL: that of ``mysqldump --skip-dump-date``. MongoDB: an archive of
``mongodump``, with a collection for each table. Equal data makes equal dumps.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator, Mapping
from typing import Any

# How the SQL of a dump begins and ends.
_AROUND = {
    "postgresql": (
        "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 16.4\n\n",
        "\n\n--\n-- PostgreSQL database dump complete\n--\n\n",
    ),
    "mysql": (
        "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: localhost    Database: main\n\n",
        "\n\n-- Dump completed\n",
    ),
}
_MAGIC = struct.pack("<I", 0x8199E26D)
_END_OF_PART = b"\xff\xff\xff\xff"


def written(database: sqlite3.Connection, addon_type: str) -> bytes:
    """A dump of a database."""
    if addon_type == "mongodb":
        return b"".join(_archive(database))
    # Other types have no dumps, unless a test makes one up.
    begin, end = _AROUND.get(addon_type, ("", ""))
    return (begin + "\n".join(database.iterdump()) + end).encode("utf-8")


def read(dump: bytes, database: sqlite3.Connection) -> None:
    """Put what a dump holds into an empty database."""
    if dump.startswith(_MAGIC):
        _read_archive(dump, database)
    else:
        database.executescript(dump.decode("utf-8"))
    database.commit()


def _archive(database: sqlite3.Connection) -> Iterator[bytes]:
    """Magic number, prelude, and each collection: a head, its documents, and a head with their check sum."""
    database.row_factory = sqlite3.Row
    tables = [
        str(row["name"])
        for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    ]
    yield _MAGIC
    yield _document({"concurrent_collections": 4, "version": "0.1", "server_version": "7.0.14"})
    for table in tables:
        made_by = database.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'table' DESC", [table]
        )
        metadata = json.dumps({"options": {"comment": [row["sql"] for row in made_by]}, "indexes": []})
        yield _document({"db": "main", "collection": table, "metadata": metadata, "size": 0, "type": "collection"})
    yield _END_OF_PART
    for table in tables:
        documents = b"".join(_document(dict(row)) for row in database.execute(f'SELECT * FROM "{table}"'))  # noqa: S608
        yield _document({"db": "main", "collection": table, "EOF": False, "CRC": 0}) + documents + _END_OF_PART
        yield _document({"db": "main", "collection": table, "EOF": True, "CRC": _crc64(documents)}) + _END_OF_PART


def _read_archive(dump: bytes, database: sqlite3.Connection) -> None:
    place = len(_MAGIC)
    prelude, place = _part(dump, place)
    for about in prelude[1:]:
        for sql in json.loads(about["metadata"])["options"]["comment"]:
            database.execute(sql)
    while place < len(dump):
        (head, *documents), place = _part(dump, place)
        for document in documents:
            columns = ", ".join(f'"{name}"' for name in document)
            marks = ", ".join("?" * len(document))
            sql = f'INSERT INTO "{head["collection"]}" ({columns}) VALUES ({marks})'  # noqa: S608
            database.execute(sql, list(document.values()))


def _part(dump: bytes, place: int) -> tuple[list[dict[str, Any]], int]:
    """The documents up to the next end of a part, and where that ends."""
    documents = []
    while not dump.startswith(_END_OF_PART, place):
        (length,) = struct.unpack_from("<i", dump, place)
        documents.append(dict(_elements(dump[place + 4 : place + length - 1])))
        place += length
    return documents, place + len(_END_OF_PART)


def _document(fields: Mapping[str, Any]) -> bytes:
    """A document in BSON."""
    body = b"".join(_element(name.encode(), value) for name, value in fields.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def _element(name: bytes, value: Any) -> bytes:
    if value is None:
        return b"\x0a" + name + b"\0"
    if isinstance(value, bool):
        return b"\x08" + name + b"\0" + bytes([value])
    if isinstance(value, int):
        return b"\x12" + name + b"\0" + struct.pack("<q", value)
    if isinstance(value, float):
        return b"\x01" + name + b"\0" + struct.pack("<d", value)
    if isinstance(value, bytes):
        return b"\x05" + name + b"\0" + struct.pack("<iB", len(value), 0) + value
    text = str(value).encode("utf-8") + b"\0"
    return b"\x02" + name + b"\0" + struct.pack("<i", len(text)) + text


def _elements(body: bytes) -> Iterator[tuple[str, Any]]:
    place = 0
    while place < len(body):
        kind, end = body[place], body.index(b"\0", place)
        name, place = body[place + 1 : end].decode(), end + 1
        value, length = _value(kind, body, place)
        yield name, value
        place += length


def _value(kind: int, body: bytes, place: int) -> tuple[Any, int]:
    """A value, and how many bytes it has."""
    if kind == 0x0A:
        return None, 0
    if kind == 0x08:
        return bool(body[place]), 1
    if kind in (0x12, 0x01):
        return struct.unpack_from("<q" if kind == 0x12 else "<d", body, place)[0], 8
    (length,) = struct.unpack_from("<i", body, place)
    if kind == 0x05:
        return body[place + 5 : place + 5 + length], 5 + length
    return body[place + 4 : place + 3 + length].decode("utf-8"), 4 + length


def _crc64(content: bytes) -> int:
    """As in ECMA-182, reflected, and as a number with a sign."""
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in content:
        crc ^= byte
        for _bit in range(8):
            crc = (crc >> 1) ^ (0xC96C5795D7870F42 if crc & 1 else 0)
    crc ^= 0xFFFFFFFFFFFFFFFF
    return crc - (1 << 64) if crc >> 63 else crc
