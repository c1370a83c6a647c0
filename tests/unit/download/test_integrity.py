# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a dump is whole, whatever is in it and however it comes."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import Damaged
from ansible_collections.northflank.cloud.plugins.module_utils._download.integrity import BY_CHECKSUM, StreamVerifier
from hypothesis import given
from hypothesis import strategies as st

MEBIBYTE = 1024 * 1024
CONTENTS = st.lists(st.binary(max_size=200), min_size=1, max_size=3)


def fed(data: bytes, size: int) -> StreamVerifier:
    """A check that has got all of the data, in pieces of a size."""
    frames = StreamVerifier("gz")
    for begin in range(0, len(data), size):
        frames.feed(data[begin : begin + size])
    return frames


@given(CONTENTS, st.integers(1, 64))
def test_what_is_whole_is_so_in_pieces_of_any_size(contents: list[bytes], size: int) -> None:
    frames = fed(b"".join(gzip.compress(content) for content in contents), size)
    frames.finish()
    assert frames.verified == BY_CHECKSUM
    assert frames.is_proven_by_end == (len(contents) == 1)


@given(CONTENTS, st.integers(1, 64), st.integers(1, 30))
def test_what_lacks_its_end_is_not_whole(contents: list[bytes], size: int, lacks: int) -> None:
    last = gzip.compress(contents[-1])
    data = b"".join(gzip.compress(content) for content in contents[:-1])
    data += last[: max(len(last) - lacks, 1)]
    with pytest.raises(Damaged):
        fed(data, size).finish()


@given(st.binary(min_size=1, max_size=200), st.data())
def test_what_was_changed_is_not_whole(content: bytes, data: st.DataObject) -> None:
    """In the packed content or in the check sum behind it."""
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[data.draw(st.integers(len(packed) - 8, len(packed) - 1))] ^= 1
    with pytest.raises(Damaged):
        fed(bytes(packed), 64).finish()


def test_what_packs_extremely_well_fills_no_memory() -> None:
    packed = gzip.compress(bytes(64 * MEBIBYTE))
    tracemalloc.start()
    try:
        fed(packed, MEBIBYTE).finish()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MEBIBYTE
