# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on this machine: where a dump shall go, whether it can, and how it grows there before it has its name."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, Callable, Optional

from ansible_collections.northflank.cloud.plugins.module_utils import _hints_download
from ansible_collections.northflank.cloud.plugins.module_utils._errors import BackupError, Damaged
from ansible_collections.northflank.cloud.plugins.module_utils._frames import Frames

_CHUNK = 1024 * 1024


def target(dest: str, name: Callable[[], str]) -> Path:
    """The file that is meant: the path itself, or one of a name of ours in it where it is a folder.

    :param name: makes that name.
    :raises BackupError: nothing can be put there.
    """
    path = Path(dest).absolute()
    if path.is_dir() or dest.endswith(os.sep):
        path = path / name()
    if not path.parent.is_dir():
        raise BackupError(_hints_download.no_folder(str(path.parent)))
    if path.is_dir():
        raise BackupError(_hints_download.is_a_folder(str(path)))
    if os.path.lexists(path) and not path.is_symlink() and not path.is_file():
        raise BackupError(_hints_download.no_regular_file(str(path)))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise BackupError(_hints_download.not_writable(str(path.parent), "permission denied"))
    return path


def require_room(folder: Path, needed: int) -> None:
    """Refuse to begin what cannot end.

    :param needed: bytes.
    :raises BackupError: the file system has less.
    """
    usage = shutil.disk_usage(folder)
    # Some file systems of networks do not tell.
    if usage.total and needed > usage.free:
        raise BackupError(_hints_download.no_room(str(folder), needed, usage.free))


class Intake:
    """A file as it comes in: counted, summed up and checked while it is written.

    :param compression: what it has to be; None where that is not known.
    :param file: the descriptor to write to; None to read something that is there already.
    :ivar size: bytes so far.
    """

    def __init__(self, compression: Optional[str], file: Optional[int] = None) -> None:
        self.size = 0
        self.frames = Frames(compression)
        self._file = file
        self._sum = hashlib.sha256()

    def take(self, piece: bytes) -> None:
        """Take the next piece.

        :raises Damaged: the file is not what it has to be.
        :raises OSError: it cannot be written.
        """
        self.frames.feed(piece)
        self._sum.update(piece)
        self.size += len(piece)
        if self._file is not None:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self._file, rest) :]

    @property
    def checksum(self) -> str:
        """SHA-256, in hexadecimal digits."""
        return self._sum.hexdigest()


class Partial:
    """A file beside its target, without its name, for its owner only; gone when the block ends, if it was not moved."""

    def __init__(self, path: Path) -> None:
        self.target = path
        try:
            self.file, place = tempfile.mkstemp(prefix=".northflank-", suffix=".part", dir=path.parent)
        except OSError as error:
            raise BackupError(_hints_download.not_writable(str(path.parent), _reason(error))) from error
        self.path = Path(place)

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            os.close(self.file)
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def restart(self) -> None:
        """Throw away what is there."""
        os.lseek(self.file, 0, os.SEEK_SET)
        os.ftruncate(self.file, 0)

    def settle(self) -> None:
        """Let it be on the disk before it gets its name: after a power cut, a name stands for a whole file."""
        os.fsync(self.file)


def open_regular(path: Path) -> BinaryIO:
    """A file to read. What is no file, such as a pipe, would keep us waiting for whoever writes into it.

    :raises OSError: it cannot be opened, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no regular file", str(path))


def read(path: Path, check: Callable[[], None]) -> Optional[Intake]:
    """What a file holds; None if it cannot be read or is no whole dump.

    :param check: is called now and then, and may put an end to it.
    """
    intake = Intake(None)
    try:
        with open_regular(path) as file:
            for piece in iter(lambda: file.read(_CHUNK), b""):
                check()
                intake.take(piece)
        intake.frames.finish()
    except (OSError, Damaged):
        return None
    return intake


def checksum(path: Path, check: Callable[[], None]) -> Optional[str]:
    """SHA-256 of a regular file, whatever it holds; None if it cannot be read.

    :param check: as for :func:`read`.
    """
    found = hashlib.sha256()
    try:
        with open_regular(path) as file:
            for piece in iter(lambda: file.read(_CHUNK), b""):
                check()
                found.update(piece)
    except OSError:
        return None
    return found.hexdigest()


def last_bytes(path: Path, length: int) -> Optional[bytes]:
    """The end of a file, or all of a shorter one; None if it cannot be read."""
    try:
        with open_regular(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - length))
            return file.read(length)
    except OSError:
        return None


def written(error: OSError, path: Path) -> BackupError:
    """The error for what could not be written."""
    return BackupError(_hints_download.not_written(str(path), _reason(error)))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
