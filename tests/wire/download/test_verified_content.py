# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dumps that are looked into: what a program left half done is refused, and what is not known is not claimed."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import zstandard
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_download, addon_backup_mirror

import harness
from sandbox import Sandbox, StoreFault, VirtualClock

from ..conftest import ADDON, Task
from .test_download import LARGE, as_program, refused

# Without that, no dump is known for one.
pytestmark = pytest.mark.assume(types_told=True)
FORMATS = {ADDON: "postgresql-sql", "mysql-orders": "mysql-sql", "mongo-events": "mongodb-archive"}
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": partial(gzip.compress, mtime=0),
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.decompress,
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}
CUSTOM = b"PGDMP\x01\x0e\x00\x04\x08\x01" + LARGE


@pytest.fixture
def download(sandbox: Sandbox, clock: VirtualClock, dest: Path) -> Task:
    given = {"latest": True, "dest": str(dest), "addon_id": ADDON, "verify": "content"}

    def run(**arguments: Any) -> harness.Ran:
        return harness.run_task(addon_backup_download, sandbox, clock, **{**given, **arguments})

    return run


@pytest.fixture
def mirror(sandbox: Sandbox, clock: VirtualClock, folder: Path) -> Task:
    return partial(harness.run_task, addon_backup_mirror, sandbox, clock, dest=str(folder), verify="content")


def holds(sandbox: Sandbox, content: bytes, compression: str = "gz", addon_id: str = ADDON) -> bytes:
    """Add a dump that holds this, and return its file."""
    sandbox.add_backup(addon_id, name="Nightly", backup_type="dump", compression_type=compression, age=60)
    packed = PACK[compression](content)
    sandbox.set_file(addon_id, "nightly", packed)
    return packed


@pytest.mark.parametrize("addon_id", FORMATS)
@pytest.mark.parametrize("compression", ["gz", "zstd"])
def test_a_whole_dump_of_each_type_is_complete(
    sandbox: Sandbox, download: Task, dest: Path, addon_id: str, compression: str
) -> None:
    sandbox.add_backup(addon_id, name="Nightly", backup_type="dump", compression_type=compression)
    ran = download(addon_id=addon_id)
    assert (ran.changed, ran.warnings) == (True, [])
    content = sandbox.file(addon_id, "nightly")
    assert dest.read_bytes() == content
    size = len(UNPACK[compression](content))
    assert ran.result["content"] == {
        "checked": "complete",
        "format": FORMATS[addon_id],
        "size": size,
        "size_before": None,
    }
    # What is there already is told the same.
    again = download(addon_id=addon_id)
    assert again.result["content"] == ran.result["content"]
    # It takes no request more than without.
    assert ran.result["requests"] == 2


@pytest.mark.parametrize("addon_id", FORMATS)
@pytest.mark.parametrize("compression", ["gz", "zstd"])
def test_what_a_program_left_half_done_is_discarded(
    sandbox: Sandbox, download: Task, dest: Path, folder: Path, addon_id: str, compression: str
) -> None:
    sandbox.add_backup(addon_id, name="Whole", backup_type="dump", age=3600)
    plain = gzip.decompress(sandbox.file(addon_id, "whole"))
    dest.write_bytes(b"what was there")
    packed = holds(sandbox, plain[: len(plain) // 2], compression, addon_id)
    refused(download(addon_id=addon_id), "failed verification", FORMATS[addon_id], "does not end so", "discarded")
    assert (dest.read_bytes(), list(folder.iterdir())) == (b"what was there", [dest])
    # The file is whole, so that is all that anybody notices otherwise.
    ran = download(addon_id=addon_id, verify="file")
    assert (ran.failed, ran.result["content"], dest.read_bytes()) == (False, None, packed)
    # And so it is noticed also where it is there already.
    refused(download(addon_id=addon_id), "failed verification", "does not end so")
    assert (dest.read_bytes(), list(folder.iterdir())) == (packed, [dest])


def test_a_file_that_holds_nothing_is_no_dump(sandbox: Sandbox, download: Task, folder: Path) -> None:
    holds(sandbox, b"")
    refused(download(), "failed verification", "holds nothing")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("content", "words"), [(CUSTOM[:-1], "gzip stream ends too early")])
def test_a_file_that_is_not_whole_is_refused_as_ever(
    sandbox: Sandbox, download: Task, folder: Path, content: bytes, words: str
) -> None:
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump")
    sandbox.set_file(ADDON, "nightly", PACK["gz"](content)[:-20])
    refused(download(), "failed verification", words)
    assert list(folder.iterdir()) == []


def test_of_a_format_without_an_end_only_the_beginning_is_claimed(sandbox: Sandbox, download: Task) -> None:
    holds(sandbox, CUSTOM)
    ran = download()
    assert (ran.failed, ran.warnings) == (False, [])
    assert (ran.result["content"]["checked"], ran.result["content"]["format"]) == ("beginning", "postgresql-custom")


def test_of_a_format_that_is_not_known_nothing_is_claimed(sandbox: Sandbox, download: Task, dest: Path) -> None:
    packed = holds(sandbox, LARGE)
    ran = download()
    assert dest.read_bytes() == packed
    assert ran.result["content"] == {"checked": "nothing", "format": None, "size": len(LARGE), "size_before": None}
    assert ran.warnings == [
        "The content was unpacked, but not verified further, because its format is not known: dump.gz"
    ]


def test_where_zstd_cannot_be_unpacked_nothing_is_claimed(sandbox: Sandbox, dest: Path, folder: Path) -> None:
    holds(sandbox, b"-- MySQL dump 10.13, half of it", "zstd")
    missing = "sys.modules['zstandard'] = sys.modules['compression'] = None"
    ran = as_program(sandbox, folder, missing, dest=str(dest), verify="content")
    assert not ran.failed, ran.result
    assert ran.result["content"] == {"checked": "nothing", "format": None, "size": None, "size_before": None}
    assert ran.result["verified"] == "length"
    assert str(ran.warnings).count("was verified") == 1
    assert "Only the length was verified of dump.gz, because" in str(ran.warnings)


# What a Python from 3.14 on brings along, made of what is here.
OF_PYTHON = """
import types, zstandard
class ZstdDecompressor:
    def __init__(self):
        self._object = zstandard.ZstdDecompressor().decompressobj()
    def decompress(self, data, max_length=-1):
        return self._object.decompress(data)
    eof = property(lambda self: self._object.eof)
    unused_data = property(lambda self: self._object.unused_data)
names = {'ZstdDecompressor': ZstdDecompressor, 'ZstdError': zstandard.ZstdError}
sys.modules['compression'] = types.ModuleType('compression')
sys.modules['compression.zstd'] = types.SimpleNamespace(**names)
sys.modules['zstandard'] = None
"""


@pytest.mark.parametrize("is_whole", [True, False])
def test_python_s_own_zstd_serves_as_well(sandbox: Sandbox, dest: Path, folder: Path, is_whole: bool) -> None:
    dump = b"-- MySQL dump 10.13\n" + LARGE + (b"\n-- Dump completed\n" if is_whole else b"")
    holds(sandbox, dump, "zstd")
    ran = as_program(sandbox, folder, OF_PYTHON, dest=str(dest), verify="content")
    assert ran.failed != is_whole
    if is_whole:
        assert ran.result["content"]["checked"] == "complete"
        assert ran.result["verified"] == "checksum"
    else:
        refused(ran, "begins as mysql-sql and does not end so")


@pytest.mark.assume(store_ranges=True, store_validator="etag")
def test_a_dump_that_came_in_parts_is_looked_at_as_a_whole(sandbox: Sandbox, download: Task) -> None:
    content = b"-- MySQL dump 10.13\n" + LARGE + b"\n-- Dump completed\n"
    holds(sandbox, content)
    for turn, at in ((1, 15), (2, 100_000)):
        sandbox.store_fault(StoreFault(kind="cut", turn=turn, at=at))
    ran = download()
    assert [request.range for request in sandbox.store_requests][1:] == ["bytes=15-", "bytes=100015-"]
    assert ran.result["content"]["checked"] == "complete"
    assert ran.result["checksum"] == hashlib.sha256(PACK["gz"](content)).hexdigest()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the most memory since the start")
def test_looking_at_a_dump_that_packs_extremely_well_takes_little_memory(
    sandbox: Sandbox, dest: Path, folder: Path
) -> None:
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump", compression_type="zstd")
    peak = "re.search(r'VmHWM:\\s+(\\d+) kB', pathlib.Path('/proc/self/status').read_text())[1]"
    small = as_program(sandbox, folder, "", peak, dest=str(dest), verify="content")
    for compression, pack in PACK.items():
        bomb = pack(b"-- MySQL dump 10.13\n" + bytes(300_000_000) + b"\n-- Dump completed\n")
        sandbox.add_backup(ADDON, name="Large", id="large", backup_type="dump", age=1, compression_type=compression)
        sandbox.set_file(ADDON, "large", bomb)
        large = as_program(sandbox, folder, "", peak, dest=str(dest), verify="content")
        assert large.result["content"]["size"] == 300_000_039
        assert int(large.said.split()[-1]) - int(small.said.split()[-1]) < 48 * 1024
        sandbox.remove_backup(ADDON, "large")


# The size against that of the dump before


@pytest.mark.parametrize(
    ("before", "options", "is_told"),
    [
        ({"size": 10_000}, {}, True),
        ({"size": 10_000}, {"verify": "file"}, False),
        ({"size": 10_000}, {"min_size_share": 0.01}, False),
        ({"size": 1_200}, {}, False),
        ({"size": 1_200}, {"min_size_share": 1}, True),
        ({"size": 10_000, "compression_type": "zstd"}, {}, False),
        ({"size": 10_000, "status": "failed"}, {}, False),
        ({"size": 10_000, "backup_type": "snapshot", "compression_type": None}, {}, False),
        ({"size": 10_000, "age": 1}, {"backup_id": "nightly", "latest": False}, False),
    ],
)
def test_a_dump_much_smaller_than_the_one_before_is_told_and_kept(
    sandbox: Sandbox, download: Task, dest: Path, before: dict[str, Any], options: dict[str, Any], is_told: bool
) -> None:
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump", age=60)
    sandbox.add_backup(ADDON, **{"name": "Before", "backup_type": "dump", "age": 3600, **before})
    sandbox.add_backup(ADDON, name="Long before", backup_type="dump", age=7200, status="failed", size=10)
    ran = download(**options)
    assert not ran.failed, ran.result
    size = len(sandbox.file(ADDON, "nightly"))
    assert dest.stat().st_size == size
    told = [warning for warning in ran.warnings if "before it had" in warning]
    assert bool(told) == is_told
    if is_told:
        assert told[0].startswith(f"dump.gz has {size} bytes, and the dump of addon {ADDON} before it had")
        assert ran.result["content"]["size_before"] == before["size"]


BAD_INPUT = [
    ({"min_size_share": 0}, ["min_size_share", "above 0 and at most 1"]),
    ({"min_size_share": 1.5}, ["min_size_share", "above 0 and at most 1"]),
]


@pytest.mark.parametrize(("arguments", "words"), BAD_INPUT)
@pytest.mark.parametrize("task", ["download", "mirror"])
def test_bad_input_is_refused_before_the_first_request(
    sandbox: Sandbox, request: pytest.FixtureRequest, task: str, arguments: dict[str, Any], words: list[str]
) -> None:
    refused(request.getfixturevalue(task)(**arguments), *words)
    assert sandbox.requests == []


def test_check_mode_looks_at_what_is_there_and_claims_nothing_of_what_is_not(sandbox: Sandbox, download: Task) -> None:
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump", age=60)
    assert download(_check_mode=True).result["content"] is None
    download()
    assert download(_check_mode=True).result["content"]["checked"] == "complete"


# A folder of all dumps


def by_name(ran: harness.Ran) -> dict[str, dict[str, Any]]:
    """Files by the ID of their backup."""
    return {file["backup_id"]: file for file in ran.result["files"]}


def test_a_mirror_refuses_half_a_dump_and_brings_the_others(sandbox: Sandbox, mirror: Task, folder: Path) -> None:
    for name, age in (("First", 7200), ("Half", 3600), ("Last", 60)):
        sandbox.add_backup(ADDON, name=name, backup_type="dump", age=age)
    plain = gzip.decompress(sandbox.file(ADDON, "first"))
    sandbox.set_file(ADDON, "half", PACK["gz"](plain[:-60]))
    ran = mirror()
    assert ran.failed
    assert {name: file["action"] for name, file in by_name(ran).items()} == {
        "first": "downloaded",
        "half": "failed",
        "last": "downloaded",
    }
    assert "does not end so" in by_name(ran)["half"]["reason"]
    assert by_name(ran)["last"]["content"]["checked"] == "complete"
    assert len(list(folder.glob("[!.]*"))) == 2
    # Without that, it is a file like any other, and nobody looks into it again.
    assert not mirror(verify="file").failed
    assert {file["content"] for file in mirror().result["files"]} == {None}
    assert len(list(folder.glob("[!.]*"))) == 3


def test_a_mirror_tells_once_what_is_not_known_and_each_that_is_small(
    sandbox: Sandbox, mirror: Task, folder: Path
) -> None:
    for name, age in (("One", 7200), ("Two", 3600)):
        sandbox.add_backup(ADDON, name=name, backup_type="dump", age=age)
        sandbox.set_file(ADDON, name.lower(), PACK["gz"](LARGE))
    assert [warning.count(".gz") for warning in mirror().warnings] == [2]
    sandbox.add_backup(ADDON, name="Small", backup_type="dump", age=60)
    sandbox.add_backup(ADDON, name="Other kind", backup_type="dump", age=50, compression_type="zstd")
    sandbox.add_backup("mysql-orders", name="Small", backup_type="dump", age=50)
    ran = mirror()
    size = len(sandbox.file(ADDON, "small"))
    assert not ran.failed, ran.result
    (told,) = ran.warnings
    assert f"_small.gz has {size} bytes, and the dump of addon {ADDON} before it had" in told
    files = [file for file in ran.result["files"] if file["action"] == "downloaded"]
    assert {(file["addon_id"], file["backup_id"]): file["content"]["size_before"] for file in files} == {
        (ADDON, "small"): len(PACK["gz"](LARGE)),
        (ADDON, "other-kind"): None,
        ("mysql-orders", "small"): None,
    }
    assert len(list(folder.glob("[!.]*"))) == 5
