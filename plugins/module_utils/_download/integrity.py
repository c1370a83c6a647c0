# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a compressed dump is whole: unpacked as it comes, and thrown away. Nothing is held but a little.

gzip has a check sum of all that is in it. zstd may have one, and needs a library that a machine may not have.
"""

from __future__ import annotations

import zlib
from typing import Any, Optional

from .._api.errors import Damaged

try:
    import zstandard
except ImportError:
    _HAS_ZSTD = False
else:
    # Old versions do not tell where a frame ends.
    _HAS_ZSTD = hasattr(zstandard.ZstdDecompressor().decompressobj(), "unused_data")

GZ = "gz"
ZSTD = "zstd"
# How sure it is that the content is right, from the surest.
BY_CHECKSUM = "checksum"
BY_FRAME = "frame"
BY_LENGTH = "length"

# So many bytes tell what a file is.
_MAGIC = 5
# What may come out of one step: content that packs extremely well must not fill the memory.
_MOST_AT_ONCE = 1024 * 1024
# zstd has no such bound. No more than this goes in at once, from which 32 MB may come.
_LITTLE = 1024
_HAS_CHECKSUM = 0b100


class StreamVerifier:
    """Checks a file piece by piece.

    :param compression: what it has to be; None where that is not known, so that it may be either.
    """

    def __init__(self, compression: Optional[str]) -> None:
        self._compression = compression
        self._begun = b""
        self._check: Any = None

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        :raises Damaged: the file is not what it has to be.
        """
        if self._check is None:
            self._begun += piece
            if len(self._begun) < _MAGIC:
                return
            piece = self._begun
            self._check = _check_for(piece[:_MAGIC], self._compression)
        self._check.feed(piece)

    def finish(self) -> None:
        """Note that this was all.

        :raises Damaged: something is missing.
        """
        if self._check is None:
            raise Damaged("it is too short to be a dump")
        self._check.finish()

    @property
    def verified(self) -> str:
        """What the file was checked by, after it ended well."""
        return str(self._check.verified)

    @property
    def is_proven_by_end(self) -> bool:
        """Whether its last bytes are a check sum of all of it: two such files with equal ends have equal contents."""
        return self.verified == BY_CHECKSUM and self._check.frames == 1

    @property
    def can_tell(self) -> bool:
        """Whether a mixture of two files would be noticed."""
        return self._check is not None and self._check.verified == BY_CHECKSUM


class _Gzip:
    verified = BY_CHECKSUM

    def __init__(self) -> None:
        self.frames = 1
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def feed(self, piece: bytes) -> None:
        while piece:
            if self._member.eof:
                # Several in a row are one file, as gzip and pigz make them.
                self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
                self.frames += 1
            self._step(piece)
            piece = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def finish(self) -> None:
        # What did not come out in one step is still to come.
        while not self._member.eof and self._step(b""):
            pass
        if not self._member.eof:
            raise Damaged("its gzip stream ends too early")

    def _step(self, piece: bytes) -> bytes:
        try:
            return self._member.decompress(piece, _MOST_AT_ONCE)
        except zlib.error as error:
            raise Damaged(f"its gzip stream is damaged ({error})") from error


class _Zstd:
    def __init__(self, begun: bytes) -> None:
        self.frames = 1
        self.verified = BY_CHECKSUM if begun[4] & _HAS_CHECKSUM and begun[0] == _ZSTD[0] else BY_FRAME
        self._frame = zstandard.ZstdDecompressor().decompressobj()

    def feed(self, piece: bytes) -> None:
        for start in range(0, len(piece), _LITTLE):
            self._feed(piece[start : start + _LITTLE])

    def _feed(self, piece: bytes) -> None:
        while piece:
            if self._frame.eof:
                # Only of the first frame it is known whether it has a check sum.
                self._frame, self.verified = zstandard.ZstdDecompressor().decompressobj(), BY_FRAME
                self.frames += 1
            try:
                self._frame.decompress(piece)
            except zstandard.ZstdError as error:
                raise Damaged(f"its zstd frame is damaged ({error})") from error
            piece = self._frame.unused_data if self._frame.eof else b""

    def finish(self) -> None:
        if not self._frame.eof:
            raise Damaged("its zstd frame ends too early")


class _Unknown:
    """What cannot be unpacked here: all that can be known is its length."""

    verified = BY_LENGTH
    frames = 0

    def feed(self, piece: bytes) -> None:
        """Nothing can be said."""

    def finish(self) -> None:
        """Nothing can be said."""


_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def _check_for(begun: bytes, compression: Optional[str]) -> Any:
    if begun.startswith(_GZIP):
        found = GZ
    elif begun.startswith(_ZSTD) or (begun[1:4] == b"\x2a\x4d\x18" and begun[0] >> 4 == 5):
        # The second is a frame to skip, which some tools put in front.
        found = ZSTD
    else:
        raise Damaged("it is compressed neither with gzip nor with zstd")
    if compression not in (None, found):
        raise Damaged(f"it is compressed with {found}, and the API says {compression}")
    if found == GZ:
        return _Gzip()
    return _Zstd(begun) if _HAS_ZSTD else _Unknown()
