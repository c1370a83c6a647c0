# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addons' data: real SQLite databases, so that a backup holds something and a restore brings it back."""

from __future__ import annotations

import functools
import gzip
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import zstandard

from . import dumps

_SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    total_cents INTEGER NOT NULL,
    placed_at TEXT NOT NULL
);
CREATE INDEX orders_by_customer ON orders (customer_id);
"""
_CUSTOMERS = 12
_ORDERS = 40
# A writer in another process holds the file for milliseconds only.
_LOCK_TIMEOUT = 10.0


@functools.cache
def first_image() -> bytes:
    """The database that each addon starts with."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(_SCHEMA)
        customers = [(n, f"Customer {n}", f"customer{n}@example.com") for n in range(1, _CUSTOMERS + 1)]
        database.executemany("INSERT INTO customers VALUES (?, ?, ?)", customers)
        orders = [(n, 1 + n % _CUSTOMERS, 100 + 37 * n, f"2026-02-{1 + n % 28:02d}") for n in range(1, _ORDERS + 1)]
        database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", orders)
        database.commit()
        return _to_bytes(database)


def create(path: Path) -> None:
    """Put an addon's first data in place."""
    path.write_bytes(first_image())


def image_of(path: Path) -> bytes:
    """A consistent copy of a database that may be in use."""
    # Most are as they began, and opening one takes longer than all else about a backup.
    if path.read_bytes() == first_image():
        return first_image()
    with closing(_open(path)) as live, closing(sqlite3.connect(":memory:")) as copy:
        live.backup(copy)
        return _to_bytes(copy)


def put_back(path: Path, image: bytes) -> None:
    """Replace a database's content, also under the hands of those who have it open."""
    with closing(_from_bytes(image)) as copy, closing(_open(path)) as live:
        copy.backup(live)


@functools.lru_cache(maxsize=256)
def dump_file(image: bytes, compression: str, addon_type: str) -> bytes:
    """A dump of a database as its type has it, compressed."""
    with closing(_from_bytes(image)) as copy:
        dump = dumps.written(copy, addon_type)
    if compression == "zstd":
        return zstandard.ZstdCompressor().compress(dump)
    # Without a time in it, equal data makes equal files.
    return gzip.compress(dump, mtime=0)


def image_from_dump(dump: bytes, compression: str) -> bytes:
    """The database that a dump builds."""
    content = zstandard.ZstdDecompressor().decompress(dump) if compression == "zstd" else gzip.decompress(dump)
    with closing(sqlite3.connect(":memory:")) as database:
        dumps.read(content, database)
        return _to_bytes(database)


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of one SELECT."""
    with closing(_open(path)) as database:
        return list(database.execute(sql).fetchall())


def execute(path: Path, sql: str) -> None:
    """Run one or more statements."""
    with closing(_open(path)) as database:
        database.executescript(sql)
        database.commit()


def _to_bytes(database: Any) -> bytes:
    # Any, as the types are checked for Python 3.10 too, whose connections do not have this.
    return bytes(database.serialize())


def _from_bytes(image: bytes) -> sqlite3.Connection:
    database: Any = sqlite3.connect(":memory:")
    database.deserialize(image)
    opened: sqlite3.Connection = database
    return opened


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_LOCK_TIMEOUT)
    # The files live as long as a test: waiting for the disk would only cost time.
    database.execute("PRAGMA synchronous = OFF")
    return database
