# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a compressed dump is whole: unpacked as it comes, and thrown away. Nothing is held but a little.

gzip has a check sum of all that is in it. zstd may have one, and Python unpacks it from 3.14 on, or with a library that
a machine may not have.
"""

from __future__ import annotations

import importlib
import zlib
from typing import Any, Callable, Optional

from .._api.errors import Damaged
from .content import NOTHING, Content, ContentVerifier

# What unpacks a frame of zstd, if anything does, and how it fails.
_new_frame: Optional[Callable[[], Any]] = None
_ZstdError: type[Exception] = OSError
try:
    _zstd = importlib.import_module("compression.zstd")
    _new_frame, _ZstdError = _zstd.ZstdDecompressor, _zstd.ZstdError
except ImportError:
    try:
        import zstandard
    except ImportError:
        pass
    else:
        # Old versions do not tell where a frame ends.
        if hasattr(zstandard.ZstdDecompressor().decompressobj(), "unused_data"):

            def _zstandard_frame() -> Any:
                # Several made by one would share its state.
                return zstandard.ZstdDecompressor().decompressobj()

            _new_frame, _ZstdError = _zstandard_frame, zstandard.ZstdError

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
# zstd has no such bound. No more than this goes in at once, from which 16 MB may come.
_LITTLE = 512
_HAS_CHECKSUM = 0b100


class StreamVerifier:
    """Checks a file piece by piece.

    :param compression: what it has to be; None where that is not known, so that it may be either.
    :param look_inside: whether it must also hold a dump, see :class:`ContentVerifier`.
    :ivar content: what it holds, after it ended well; None where that is not asked for.
    """

    def __init__(self, compression: Optional[str], look_inside: bool = False) -> None:
        self.content: Optional[Content] = None
        self._compression = compression
        self._begun = b""
        self._check: Any = None
        self._inside = ContentVerifier() if look_inside else None

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        :raises Damaged: the file is not what it has to be.
        """
        if self._check is None:
            self._begun += piece
            if len(self._begun) < _MAGIC:
                return
            piece = self._begun
            take = _drop if self._inside is None else self._inside.feed
            self._check = _check_for(piece[:_MAGIC], self._compression, take)
        self._check.feed(piece)

    def finish(self) -> None:
        """Note that this was all.

        :raises Damaged: something is missing.
        """
        if self._check is None:
            raise Damaged("it is too short to be a dump")
        self._check.finish()
        if self._inside is not None:
            self.content = Content(NOTHING) if self.verified == BY_LENGTH else self._inside.finish()

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

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.frames = 1
        self._take = take
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
            came = self._member.decompress(piece, _MOST_AT_ONCE)
        except zlib.error as error:
            raise Damaged(f"its gzip stream is damaged ({error})") from error
        self._take(came)
        return came


class _Zstd:
    def __init__(self, begun: bytes, new_frame: Callable[[], Any], take: Callable[[bytes], None]) -> None:
        self.frames = 1
        self._take = take
        self._new_frame = new_frame
        self.verified = BY_CHECKSUM if begun[4] & _HAS_CHECKSUM and begun[0] == _ZSTD[0] else BY_FRAME
        self._frame = new_frame()

    def feed(self, piece: bytes) -> None:
        for start in range(0, len(piece), _LITTLE):
            self._feed(piece[start : start + _LITTLE])

    def _feed(self, piece: bytes) -> None:
        while piece:
            if self._frame.eof:
                # Only of the first frame it is known whether it has a check sum.
                self._frame, self.verified = self._new_frame(), BY_FRAME
                self.frames += 1
            try:
                self._take(self._frame.decompress(piece))
            except _ZstdError as error:
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


def _drop(_piece: bytes) -> None:
    """Nobody wants to see it."""


def _check_for(begun: bytes, compression: Optional[str], take: Callable[[bytes], None]) -> Any:
    """Return what checks a file that begins so.

    :param take: gets what is unpacked.
    """
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
        return _Gzip(take)
    return _Unknown() if _new_frame is None else _Zstd(begun, _new_frame, take)
