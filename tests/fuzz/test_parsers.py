# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever comes from outside is read, or refused in words. Each test is a target of ``make fuzz``.

A run of the tests draws a few inputs for each. ``make fuzz`` draws for minutes, led by the lines that an input reaches.
What it finds becomes an ``@example`` of the target, and a test of what was mended.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import tempfile
from pathlib import Path
from typing import Any, Callable

import pytest
import zstandard
from ansible_collections.northflank.cloud.plugins.module_utils._api import addresses, errors, models, transport
from ansible_collections.northflank.cloud.plugins.module_utils._api.schedule_models import Schedule
from ansible_collections.northflank.cloud.plugins.module_utils._download import integrity, manifest, storage
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy import names
from ansible_collections.northflank.cloud.plugins.module_utils._task import cli_context, patterns, validation
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

# How long one input takes depends on what else the machine does.
target = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

DUMP = b"-- a dump\n" * 40
TOKEN = "nf-fuzz-0123456789abcdefghij"  # noqa: S105  # of nobody
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
# Text that looks a little like what is meant, as nothing that is only drawn ever would.
DATE = st.from_regex(r"[A-Za-z]{0,9},? ?[0-9]{0,2}[ -][A-Za-z]{3}[ -][0-9]{2,4} [0-9:]{0,9}( GMT)?", fullmatch=True)
TIME = st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,14}(Z|[+-][0-9:]{0,5})?", fullmatch=True)
HEADER = st.text(st.characters(max_codepoint=255), max_size=60) | DATE | st.from_regex(r"[0-9.]{1,30}", fullmatch=True)


def like(**known: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these keys, each with what belongs there or with anything else."""
    return st.fixed_dictionaries({}, optional={key: value | JSON for key, value in known.items()})


SOURCE = like(type=st.sampled_from(["sameAddon", "liveInstance", "import", "external"]))
CONFIG = like(
    type=st.sampled_from(["snapshot", "dump"]), compressionType=st.sampled_from(["gz", "zstd"]), source=SOURCE
)
FACTS = like(
    id=st.text(min_size=1, max_size=30),
    uid=st.text(max_size=30),
    name=st.text(max_size=40),
    status=st.sampled_from(["scheduled", "in-progress", "completed", "failed"]),
    createdAt=TIME,
    updatedAt=TIME,
    completedAt=TIME,
    config=CONFIG,
    size=st.integers() | st.floats(),
    spec=like(type=st.text(), config=like(versionTag=st.text())),
    backup=like(id=st.text(), name=st.text()),
)
SCHEDULE = like(
    id=st.text(min_size=1, max_size=30),
    createdAt=TIME,
    backupType=st.sampled_from(["snapshot", "dump"]),
    retentionTime=st.integers(),
    scheduling=like(interval=st.sampled_from(["hourly", "daily", "weekly"]), minute=st.lists(st.integers())),
    additionalDestinations=st.lists(like(id=st.text(), retentionTime=st.integers()), max_size=3),
)


def is_for_people(error: errors.NorthflankError) -> None:
    """See whether a refusal can be shown as it is."""
    assert str(error).isprintable()
    assert TOKEN not in str(error)


class Answered:
    """What requests makes of an answer, as far as it is read: no code of ours is behind it."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status_code = status
        self.headers = headers


@target
@given(st.integers(100, 599), st.binary() | JSON.map(lambda it: json.dumps(it).encode()), st.lists(HEADER, min_size=6))
@example(200, b"[" * 100_000, [""] * 6)
@example(200, b"1" * 100_000, [""] * 6)
def test_an_answer(status: int, raw: bytes, values: list[str]) -> None:
    named = ("Date", "Retry-After", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "Location")
    asked = transport._Asked("GET", "http://127.0.0.1", "", lambda: 0.0)  # noqa: SLF001  # what every answer goes through
    try:
        reply = transport._reply(Answered(status, dict(zip(named, values))), raw, asked)  # noqa: SLF001
    except errors.OutcomeUnknown as error:
        is_for_people(error)
        return
    assert 200 <= reply.status < 300 or reply.body is None or transport.own_error(status, reply.body) is not None
    json.dumps(reply.body)
    assert all(value is None or value >= 0 for value in (reply.server_time, reply.retry_after, *reply.rate))


@pytest.mark.parametrize("model", [models.Backup, models.Addon, models.Restore, Schedule])
@target
@given(data=FACTS | SCHEDULE | JSON)
def test_what_the_api_tells_of_a_thing(model: Any, data: Any) -> None:
    try:
        found = model.from_api(data)
    except errors.MalformedAnswer as error:
        is_for_people(error)
        return
    result = found.to_result()
    assert json.loads(json.dumps(result, allow_nan=False)) == result


@target
@given(TIME | st.text())
def test_a_time(text: str) -> None:
    try:
        seconds = models.posix_time(text)
    except errors.MalformedAnswer:
        return
    # Neither is true of a float that is no number.
    assert -(10**12) < seconds < 10**12


@target
@given(st.text(), st.text(max_size=20), st.integers(20, 600))
@example("Authorization: Bearer ", "", 30)
def test_text_for_a_person(before: str, after: str, limit: int) -> None:
    errors.never_show(TOKEN)
    text = errors.safe_text(before + TOKEN + after, limit)
    assert not any(TOKEN[start : start + 8] in text for start in range(len(TOKEN) - 7))
    assert "\n" not in text
    assert "\x1b" not in text


@target
@given(
    st.from_regex(r"[a-z]{1,8}://\S{0,12}:PASS\S{0,12}word\S{0,6}@[a-z.]{1,12}(/\S{0,8})?( .{0,20})?", fullmatch=True)
)
def test_a_connection_string(text: str) -> None:
    assume(not re.match(r"[a-z]+://[^:]*[\s@]", text))
    assert "PASS" not in errors.safe_text(text)


@target
@given(st.ip_addresses().map(str) | st.text(max_size=50), st.text(max_size=8))
def test_an_address(address: str, zone: str) -> None:
    try:
        where = addresses.reach(f"{address}%{zone}" if zone else address)
    except ValueError:
        return
    assert where in (addresses.LOOPBACK, addresses.PRIVATE, addresses.PUBLIC, addresses.SPECIAL)


@target
@given(st.integers(100, 599), st.lists(HEADER, min_size=3, max_size=3))
def test_the_head_of_a_file(status: int, values: list[str]) -> None:
    headers = dict(zip(("ETag", "Content-Length", "Content-Range"), values))
    try:
        head = storage._head(Answered(status, headers))  # noqa: SLF001  # what every answer of the storage goes through
    except errors.NorthflankError:
        return
    assert 0 <= head.start <= head.total


def changed(content: bytes, place: int, by: int) -> bytes:
    """Return it with one bit turned."""
    place %= len(content)
    return content[:place] + bytes([content[place] ^ (1 << (by % 8))]) + content[place + 1 :]


def verdict(content: bytes, cuts: list[int], compression: str | None) -> str:
    """Return what a file is verified by, or that it is damaged, when it comes in pieces."""
    frames = integrity.StreamVerifier(compression)
    places = sorted({cut % (len(content) + 1) for cut in cuts} | {0, len(content)})
    try:
        for start, end in zip(places, places[1:]):
            frames.feed(content[start:end])
        frames.finish()
    except errors.Damaged:
        return "damaged"
    return frames.verified


PACKED = {"gz": gzip.compress(DUMP, mtime=0), "zstd": zstandard.ZstdCompressor(write_checksum=True).compress(DUMP)}
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.decompress,
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}
CUTS = st.lists(st.integers(0, 10**4), max_size=6)


@target
@given(st.sampled_from(["gz", "zstd", None]), st.binary(), CUTS)
def test_any_bytes_as_a_dump(compression: str | None, content: bytes, cuts: list[int]) -> None:
    found = verdict(content, cuts, compression)
    assert found in ("damaged", integrity.BY_CHECKSUM, integrity.BY_FRAME, integrity.BY_LENGTH)
    assert found == verdict(content, [], compression), "how it came decides what it is"


@target
@given(st.sampled_from(["gz", "zstd"]), st.integers(0, 10**4), st.integers(0, 7), CUTS)
@example("gz", 26, 5, [])
def test_a_dump_with_one_bit_turned(compression: str, place: int, by: int, cuts: list[int]) -> None:
    """Some bits say nothing of the content: the time in gzip's head, and what fills the last byte of its stream."""
    packed = changed(PACKED[compression], place, by)
    if verdict(packed, cuts, compression) == integrity.BY_CHECKSUM:
        assert UNPACK[compression](packed) == DUMP


@target
@given(st.sampled_from(["gz", "zstd"]), st.integers(1, 10**4), CUTS)
def test_a_dump_that_ends_early(compression: str, length: int, cuts: list[int]) -> None:
    packed = PACKED[compression]
    assert verdict(packed[: length % len(packed)], cuts, compression) == "damaged"
    assert verdict(packed * 2, cuts, compression) != "damaged"


def reads(read: Callable[[Path], object], name: str, content: bytes) -> object:
    """Return what reading a file of this content gives, or the refusal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        try:
            return read(Path(folder))
        except errors.NorthflankError as error:
            is_for_people(error)
            return error


ENTRY = like(
    project_id=st.text(), addon_id=st.text(), backup_id=st.text(), checksum=st.text(), uid=st.text(), size=st.integers()
)
LIST_OF_FILES = like(version=st.sampled_from([1, 2]), files=st.dictionaries(st.text(max_size=30), ENTRY, max_size=3))


@target
@given(st.binary() | (LIST_OF_FILES | JSON).map(lambda it: json.dumps(it).encode()))
@example(b"[" * 100_000)
@example(b"\xff")
def test_a_manifest(content: bytes) -> None:
    reads(lambda folder: manifest.Manifest(folder).entries, manifest.FILE, content)


CONTEXT = like(name=st.just("main"), host=st.just("http://127.0.0.1"), token=st.just(TOKEN))
CONTEXTS = like(current=st.just("main"), contexts=st.lists(CONTEXT, max_size=2))


@target
@given(st.binary() | (CONTEXTS | JSON).map(lambda it: json.dumps(it).encode()))
@example(b"[" * 100_000)
@example(b"\xff")
def test_the_contexts_of_the_client(content: bytes) -> None:
    reads(lambda home: cli_context.read_context("context", "current", home), cli_context.CONFIG_FILE, content)


@target
@given(st.text(), st.lists(st.text(min_size=1), min_size=1), st.integers(1, 999))
def test_the_name_of_a_set(release: str, members: list[str], generation: int) -> None:
    try:
        release = names.checked_release(release)
    except errors.InvalidInput:
        return
    name = names.set_name(release, members, generation)
    assert validation.backup_name("name", name) == name
    assert (names.generation_of(name), names.digest_in(name)) == (generation, names.members_digest(members))
    assert names.is_of_release(name, release)
    assert not names.is_of_0_9(name)


@target
@given(
    st.text()
    | st.from_regex(r"pre-deploy-[A-Za-z0-9-]{0,20}-[a-z2-7]{0,9}-[0-9a-f]{0,6}(-[0-9]{1,4})?", fullmatch=True)
)
def test_any_name_as_that_of_a_set(name: str) -> None:
    assert 1 <= names.generation_of(name) <= names.LAST_GENERATION
    key = names.release_of(name)
    assert bool(key) == bool(names.digest_in(name))
    assert not key or names.key_of_0_9(names.key_of_0_9(key)) == names.key_of_0_9(key)


@target
@given(st.text() | st.from_regex(r"[0-9]{0,22}(\.[0-9]{0,3})? ?[smhdwSMHDW]?", fullmatch=True))
@example("20000000d")
def test_a_duration(text: str) -> None:
    with contextlib.suppress(errors.InvalidInput):
        assert 0 < validation.duration_seconds("max_age", text) <= validation.LONGEST_AGE


@target
@given(st.text(max_size=12) | st.text("ab()+*?{}|[]^$\\.,19-", max_size=14))
@pytest.mark.filterwarnings("ignore:Possible :FutureWarning")
def test_a_pattern_of_the_user(pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return
    assert patterns.may_explode(pattern) in (True, False)
