# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on this machine: where a dump shall go, whether it can, and how it grows there before it has its name."""

from __future__ import annotations

import array
import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, Callable, Iterator, Optional

from .._api.errors import BackupError, Damaged
from . import messages
from .integrity import StreamVerifier

_CHUNK = 1024 * 1024
_PREFIX, _SUFFIX = ".northflank-", ".part"
# So many links the kernel follows.
_MOST_LINKS = 40
# Partial files of this process.
_in_use: set[Path] = set()
_MOUNTS = Path("/proc/self/mountinfo")
# FS_IOC_GETFLAGS of Linux, and the flags FS_IMMUTABLE_FL and FS_APPEND_FL.
_GET_FLAGS, _FROZEN = 0x80086601, 0x30
# Where a name stands for something else than a file on a disk.
_NO_DISKS = ("/dev", "/proc", "/sys")


def target(dest: str, name: Callable[[], str]) -> Path:
    """Return the file that is meant: the path itself, or one of a name of ours in it where it is a folder.

    :param name: makes that name.
    :raises BackupError: nothing can be put there.
    """
    path = Path(dest).absolute()
    _require_a_disk(path)
    if path.is_dir() or dest.endswith(os.sep):
        path = path / name()
        _require_a_disk(path)
    if not path.parent.is_dir():
        raise BackupError(messages.no_folder(str(path.parent)))
    if path.is_dir():
        raise BackupError(messages.is_a_folder(str(path)))
    if os.path.lexists(path) and not path.is_file() and (path.exists() or not path.is_symlink()):
        raise BackupError(messages.no_regular_file(str(path)))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise BackupError(messages.not_writable(str(path.parent), "permission denied"))
    return path


def _require_a_disk(path: Path) -> None:
    """Refuse what can be no file on a disk, by its name and by where links lead.

    :raises BackupError: it cannot.
    """
    try:
        # What does not exist is no error here; a loop of links, a name that is too long, and a NUL in it are.
        with contextlib.suppress(FileNotFoundError):
            path.stat()
        places = list(_ways(path))
    except (OSError, ValueError) as error:
        reason = _reason(error) if isinstance(error, OSError) else str(error)
        raise BackupError(messages.no_path(str(path), reason)) from error
    for place in places:
        if any(place == root or place.startswith(f"{root}/") for root in _NO_DISKS):
            why = f"nothing in {', '.join(_NO_DISKS)} is a file on a disk"
            raise BackupError(messages.not_writable(str(Path(place).parent), why))


def _ways(path: Path) -> Iterator[str]:
    """Return a path, and where it leads, link by link.

    The file behind the last one is not all that is replaced or read.
    """
    yield str(path)
    for _link in range(_MOST_LINKS):
        path = Path(os.path.realpath(path.parent)) / path.name
        yield str(path)
        if not path.is_symlink():
            return
        path = path.parent / path.readlink()


def require_replaceable(path: Path) -> None:
    """Refuse what cannot be replaced by another file, before anything comes.

    :raises BackupError: it is a mount point, as single files in containers are, or may not be changed by anybody.
    """
    if not path.is_file() or path.is_symlink():
        return
    if path.stat().st_dev != path.parent.stat().st_dev or _is_mounted(path):
        raise BackupError(messages.not_replaceable(str(path), "it is a mount point"))
    if _is_frozen(path):
        raise BackupError(messages.not_replaceable(str(path), "it is immutable (see lsattr)"))


def _is_mounted(path: Path) -> bool:
    """Return whether a file of the same file system is mounted here: only the kernel's list tells that."""
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    escaped = os.path.realpath(path).replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011")
    return any(line.split(" ")[4:5] == [escaped] for line in mounts)


def _is_frozen(path: Path) -> bool:
    """Return whether a file has the attribute i or a of chattr, where there are such."""
    flags = array.array("l", [0])
    with contextlib.suppress(OSError), open_regular(path) as file:
        fcntl.ioctl(file, _GET_FLAGS, flags, True)
    return bool(flags[0] & _FROZEN)


def require_room(folder: Path, needed: int) -> None:
    """Refuse to begin what cannot end.

    :param needed: bytes.
    :raises BackupError: the file system has less.
    """
    usage = shutil.disk_usage(folder)
    # Some file systems of networks do not tell.
    if usage.total and needed > usage.free:
        raise BackupError(messages.no_room(str(folder), needed, usage.free))


class HashingWriter:
    """A file as it comes in: counted, summed up and checked while it is written.

    :param compression: what it has to be; None where that is not known.
    :param file: the descriptor to write to; None to read something that is there already.
    :param look_inside: see :class:`StreamVerifier`.
    :ivar size: bytes so far.
    """

    def __init__(self, compression: Optional[str], file: Optional[int] = None, look_inside: bool = False) -> None:
        self.size = 0
        self.frames = StreamVerifier(compression, look_inside)
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


class PartialFile:
    """A file beside its target, without its name, for its owner only; gone when the block ends, if it was not moved.

    It is locked for as long as it is in use, which tells it from what a task that was killed has left.
    """

    def __init__(self, path: Path) -> None:
        self.target = path
        try:
            self.file, self.path = _new_partial(path.parent)
        except OSError as error:
            raise BackupError(messages.not_writable(str(path.parent), _reason(error))) from error
        _in_use.add(self.path)

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(self, *_error: object) -> None:
        _in_use.discard(self.path)
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


def sweep(folder: Path) -> None:
    """Remove what tasks that were killed have left in a folder: partial files of this user that nobody has locked."""
    for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        # Whatever cannot be opened, locked or removed is not ours to tidy up.
        with contextlib.suppress(OSError), open_regular(path, os.O_NOFOLLOW) as file:
            if os.fstat(file.fileno()).st_uid == os.geteuid():
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def abandon() -> None:
    """Remove the partial files of other threads, which are not waited for any more and end with the process."""
    for path in tuple(_in_use):
        with contextlib.suppress(OSError):
            path.unlink()


def _new_partial(folder: Path) -> tuple[int, Path]:
    while True:
        file, place = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=folder)
        # Not every file system has locks.
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Somebody may have swept the folder before the file was locked.
        if os.fstat(file).st_nlink:
            return file, Path(place)
        os.close(file)


def open_regular(path: Path, flags: int = 0) -> BinaryIO:
    """Return a file to read. What is no file, such as a pipe, would keep us waiting for whoever writes into it.

    :raises OSError: it cannot be opened, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def read_dump(path: Path, check: Callable[[], None], look_inside: bool) -> Optional[HashingWriter]:
    """Return what a file holds; None if it cannot be read or is no whole dump.

    :param check: is called now and then, and may put an end to it.
    :param look_inside: see :class:`StreamVerifier`.
    """
    intake = HashingWriter(None, look_inside=look_inside)
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
    """Return SHA-256 of a regular file, whatever it holds; None if it cannot be read.

    :param check: as for :func:`read_dump`.
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
    """Return the end of a file, or all of a shorter one; None if it cannot be read."""
    try:
        with open_regular(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - length))
            return file.read(length)
    except OSError:
        return None


def written(error: OSError, path: Path) -> BackupError:
    """Return the error for what could not be written."""
    return BackupError(messages.not_written(str(path), _reason(error)))


def moved(error: OSError, path: Path) -> BackupError:
    """Return the error for what could not be given its name."""
    return BackupError(messages.not_moved(str(path), _reason(error)))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
