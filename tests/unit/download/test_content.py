# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what was unpacked begins and ends as a dump does, in whatever pieces it comes."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import Damaged
from ansible_collections.northflank.cloud.plugins.module_utils._download import integrity
from ansible_collections.northflank.cloud.plugins.module_utils._download.content import Content, ContentVerifier
from ansible_collections.northflank.cloud.plugins.module_utils._download.doubts import DownloadedDump, unsure_of
from ansible_collections.northflank.cloud.plugins.module_utils._download.integrity import StreamVerifier
from hypothesis import given
from hypothesis import strategies as st

MEBIBYTE = 1024 * 1024
ROWS = b"INSERT INTO orders VALUES (1, 'x');\n" * 100
KEY = b"\\unrestrict " + b"k" * 63 + b"\n\n"
ONE = b"--\n-- PostgreSQL database dump\n--\n\n%b\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
# As the programs write them.
WHOLE = {
    "pg_dump": (
        "postgresql-sql",
        ONE,
    ),
    "pg_dump, which locks its client since 17.6": (
        "postgresql-sql",
        b"--\n-- PostgreSQL database dump\n--\n\n\\restrict k\n\n%b\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
        + KEY,
    ),
    "pg_dump on Windows": (
        "postgresql-sql",
        b"--\r\n-- PostgreSQL database dump\r\n--\r\n%b\r\n--\r\n-- PostgreSQL database dump complete\r\n--\r\n\r\n",
    ),
    "pg_dumpall": (
        "postgresql-cluster-sql",
        b"--\n-- PostgreSQL database cluster dump\n--\n\n"
        + ONE
        + b"--\n-- PostgreSQL database cluster dump complete\n--\n\n",
    ),
    "mysqldump": (
        "mysql-sql",
        b"-- MySQL dump 10.13  Distrib 8.0.36\n--\n%b\n-- Dump completed on 2026-03-01 12:00:00\n",
    ),
    "mysqldump --skip-dump-date": ("mysql-sql", b"-- MySQL dump 10.13  Distrib 8.0.36\n--\n%b\n-- Dump completed\n"),
    "mariadb-dump": (
        "mysql-sql",
        b"/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.8.5\n%b\n-- Dump completed\n",
    ),
    "mongodump": (
        "mongodb-archive",
        b"\x6d\xe2\x99\x81%b\xff\xff\xff\xff\x46\0\0\0\x02db\0\2\0\0\0d\0\x08EOF\0\1\x12CRC\0"
        + b"\x07" * 8
        + b"\0\xff\xff\xff\xff",
    ),
    "redis": ("redis-rdb", b"REDIS0011%b\xff" + b"\x07" * 8),
}


def fed(content: bytes, size: int) -> ContentVerifier:
    verifier = ContentVerifier()
    for begin in range(0, len(content), size):
        verifier.feed(content[begin : begin + size])
    return verifier


def found(content: bytes, size: int = 100) -> Content:
    return fed(content, size).finish()


def outcome(verifier: ContentVerifier) -> object:
    try:
        return verifier.finish()
    except Damaged as error:
        return str(error)


@pytest.mark.parametrize(("name", "dump"), WHOLE.values(), ids=WHOLE)
@given(size=st.integers(1, 5000))
def test_a_whole_dump_is_complete_in_pieces_of_any_size(name: str, dump: bytes, size: int) -> None:
    dump = dump.replace(b"%b", ROWS)
    assert found(dump, size) == Content("complete", name, len(dump))


@pytest.mark.parametrize(("name", "dump"), WHOLE.values(), ids=WHOLE)
@given(written=st.integers(0, len(ROWS)))
def test_what_a_program_left_half_done_is_not(name: str, dump: bytes, written: int) -> None:
    with pytest.raises(Damaged, match=f"begins as {name} and does not end so"):
        found(dump.partition(b"%b")[0] + ROWS[:written])


@pytest.mark.parametrize("content", [b"PGDMP", b"PGDMP\x01\x0e\x00\x04\x08\x01" + bytes(5000)])
def test_the_custom_format_has_no_end_to_know_it_by(content: bytes) -> None:
    assert found(content) == Content("beginning", "postgresql-custom", len(content))


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"BEGIN TRANSACTION;\n" + ROWS + b"COMMIT;",
        # A word of it is not it.
        b"\n--\n-- PostgreSQL database dump\n--\n" + ROWS,
        b"REDIS",
        ROWS + b"PGDMP",
    ],
)
def test_of_an_unknown_format_nothing_is_claimed(content: bytes) -> None:
    assert found(content) == Content("nothing", None, len(content))


def test_the_end_of_one_database_is_not_that_of_all() -> None:
    name, dump = WHOLE["pg_dumpall"]
    with pytest.raises(Damaged, match=name):
        found(dump[: dump.index(b"\n--\n-- PostgreSQL database cluster dump complete")])


def test_an_archive_that_does_not_close_its_last_collection_is_not_complete() -> None:
    _name, dump = WHOLE["mongodump"]
    with pytest.raises(Damaged, match="mongodb-archive"):
        found(dump.replace(b"EOF\0\1", b"EOF\0\0"))


def test_what_cannot_be_unpacked_is_not_claimed_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "_new_frame", None)
    verifier = StreamVerifier("zstd", look_inside=True)
    verifier.feed(b"\x28\xb5\x2f\xfd" + ROWS)
    verifier.finish()
    assert (verifier.verified, verifier.content) == ("length", Content("nothing"))
    (told,) = unsure_of([DownloadedDump("a.zst", "a", 9, verifier.verified, verifier.content, None)], 0.5)
    assert told.startswith("Only the length was verified of a.zst")


def test_what_stands_far_before_the_end_is_not_the_end() -> None:
    _name, dump = WHOLE["mysqldump"]
    with pytest.raises(Damaged):
        found(dump + ROWS)


def test_nothing_at_all_is_no_dump() -> None:
    with pytest.raises(Damaged, match="holds nothing"):
        found(b"")


@given(st.binary(max_size=3000), st.lists(st.integers(0, 3000), max_size=5))
def test_how_it_comes_does_not_matter(content: bytes, cuts: list[int]) -> None:
    verifier = ContentVerifier()
    places = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    for begin, end in zip(places, places[1:]):
        verifier.feed(content[begin:end])
    assert outcome(verifier) == outcome(fed(content, 4096))


def test_what_packs_extremely_well_fills_no_memory_when_it_is_looked_at() -> None:
    packed = gzip.compress(b"-- MySQL dump " + bytes(64 * MEBIBYTE) + b"\n-- Dump completed\n")
    verifier = StreamVerifier("gz", look_inside=True)
    tracemalloc.start()
    try:
        verifier.feed(packed)
        verifier.finish()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert verifier.content == Content("complete", "mysql-sql", 64 * MEBIBYTE + 33)
    assert peak < 8 * MEBIBYTE
