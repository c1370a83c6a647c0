# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing one dump to this machine: whole or not at all. Knows nothing of Ansible.

A connection that breaks is taken up again where it broke, a link that has expired is made anew, and what came is
checked before anybody sees it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional

from .._api.download_endpoints import download_link
from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, Damaged, DeadlineReached, NorthflankError, OutcomeUnknown, StoreRefused
from .._api.models import Backup
from .._api.timing import backoff
from . import messages
from .content import Content
from .files import HashingWriter, PartialFile, checksum, last_bytes, moved, read_dump, require_room, sweep, written
from .storage import Head, Store

# A link that is refused with one of these has expired, or is good no more: another one may be.
_NO_LONGER_GOOD = frozenset({401, 403, 410})
_NOT_SATISFIABLE = 416
# What is compared of a file's end: with gzip and zstd, the check sum of all of it is there.
_TAIL = 64 * 1024


class Source(NamedTuple):
    """A dump, and how to get at it.

    :ivar retries: failures of the storage in a row, without any progress, that are borne.
    :ivar hide: is told each link before it is used.
    :ivar tell: is told how many bytes have come, and of how many.
    :ivar look_inside: see :class:`StreamVerifier`.
    """

    api: Api
    store: Store
    addon_id: str
    backup: Backup
    retries: int
    hide: Callable[[str], None]
    tell: Callable[[int, int], None] = lambda _done, _total: None
    look_inside: bool = False

    def check_deadline(self) -> None:
        """Raise :class:`DeadlineReached` once the time is used up."""
        self.api.client.deadline.check()


class Links:
    """Links to a dump's file. Each is good for a while."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._link: Optional[str] = None
        self._asked_before = False

    def current(self) -> str:
        """Return the link to use now.

        :raises BackupError: the backup is gone.
        """
        if self._link is None:
            self._link = self._another()
            self._source.hide(self._link)
            self._asked_before = True
        return self._link

    def drop(self) -> None:
        """Note that this one is good no more."""
        self._link = None

    def _another(self) -> str:
        api, addon_id, backup = self._source.api, self._source.addon_id, self._source.backup
        try:
            # An ID may be another backup's by now.
            if self._asked_before and not api.get_backup(addon_id, backup.id).is_same_as(backup):
                raise BackupError(messages.gone(addon_id, backup))
            return download_link(api, addon_id, backup.id)
        except ApiError as error:
            if error.status == 404:
                raise BackupError(messages.gone(addon_id, backup)) from error
            raise


class DownloadResult(NamedTuple):
    """What is at the target in the end; in check mode, what is known of what would be there.

    :ivar changed: whether that is something else than before.
    :ivar before: what was there before, for comparison.
    """

    path: Path
    changed: bool
    before: Mapping[str, Any]
    size: Optional[int] = None
    checksum: Optional[str] = None
    verified: Optional[str] = None
    content: Optional[Content] = None

    @property
    def after(self) -> dict[str, Any]:
        return _state(self.path, "file", self.size, self.checksum)


def download(
    source: Source, path: Path, rehearse: Callable[[str], object], move: Callable[[str, str], None]
) -> DownloadResult:
    """Bring the dump to its target, and leave alone what is there if it is the same.

    :param rehearse: is called with a file beside the target, before anything comes.
    :param move: gives a file its final name.
    """
    return _bring(source, Links(source), path, rehearse, move)


def bring_if_missing(
    source: Source, path: Path, rehearse: Callable[[str], object], move: Callable[[str, str], None]
) -> DownloadResult:
    """Return the same, but nothing comes if it is certain that the dump is there."""
    links = Links(source)
    return _unchanged(source, links, path) or _bring(source, links, path, rehearse, move)


def look(source: Source, path: Path, force: bool) -> DownloadResult:
    """Return what the two above would do, without doing it."""
    same = None if force else _unchanged(source, Links(source), path)
    if same is not None:
        return same
    require_room(path.parent, source.backup.size or 0)
    return DownloadResult(path, True, _now_at(source, path))


def _unchanged(source: Source, links: Links, path: Path) -> Optional[DownloadResult]:
    found = is_there(source, links, path)
    if found is None:
        return None
    state = _state(path, "file", found.size, found.checksum)
    return DownloadResult(path, False, state, found.size, found.checksum, found.frames.verified, found.frames.content)


def _bring(
    source: Source, links: Links, path: Path, rehearse: Callable[[str], object], move: Callable[[str, str], None]
) -> DownloadResult:
    require_room(path.parent, source.backup.size or 0)
    sweep(path.parent)
    with PartialFile(path) as partial:
        rehearse(str(partial.path))
        came = fetch(source, links, partial)
        before = _now_at(source, path)
        is_other = before["checksum"] != came.checksum
        if is_other:
            try:
                move(str(partial.path), str(path))
            except OSError as error:
                raise moved(error, path) from error
    return DownloadResult(path, is_other, before, came.size, came.checksum, came.frames.verified, came.frames.content)


def _now_at(source: Source, path: Path) -> dict[str, Any]:
    if not path.exists():
        return _state(path, "absent", None, None)
    return _state(path, "file", path.stat().st_size, checksum(path, source.check_deadline))


def _state(path: Path, state: str, size: Optional[int], digest: Optional[str]) -> dict[str, Any]:
    return {"path": str(path), "state": state, "size": size, "checksum": digest}


def fetch(source: Source, links: Links, partial: PartialFile) -> HashingWriter:
    """Bring the dump into a file.

    :returns: what is there now.
    :raises NorthflankError: it cannot be brought here, or is no good.
    """
    fetching = _Fetching(source, links, partial)
    try:
        return fetching.run()
    except DeadlineReached as error:
        raise BackupError(fetching.explained(messages.out_of_time, error)) from error
    except OSError as error:
        raise written(error, partial.target) from error


def is_there(source: Source, links: Links, path: Path) -> Optional[HashingWriter]:
    """Return what a file holds, if it is certain that it is the dump.

    None if it is not, or cannot be known without all of it.

    It is certain where the length is the same, the end is the same, this end is a check sum of all that the file holds,
    and that check sum is right.
    """
    size = path.stat().st_size if path.is_file() else 0
    if not size or not _ends_alike(source, links, path, size):
        return None
    found = read_dump(path, source.check_deadline, source.look_inside)
    return found if found is not None and found.frames.is_proven_by_end and found.size == size else None


def proven(source: Source, links: Links, path: Path) -> Optional[tuple[int, str]]:
    """Size and check sum of a file, if it is certain that it is the dump; None if it is another one.

    Where the end does not prove it, as with zstd, all of the dump is read from the storage, and nothing is written.

    :raises NorthflankError: the storage cannot be read.
    """
    found = is_there(source, links, path)
    if found is not None:
        return found.size, found.checksum
    size = path.stat().st_size if path.is_file() else 0
    here = checksum(path, source.check_deadline) if size and _ends_alike(source, links, path, size) else None
    if here is None:
        return None
    there, left = hashlib.sha256(), size
    stream = source.store.open(links.current(), 0)
    try:
        for piece in stream:
            there.update(piece)
            left -= len(piece)
            source.check_deadline()
            if left <= 0:
                break
    finally:
        stream.close()
    return (size, here) if not left and there.hexdigest() == here else None


def _ends_alike(source: Source, links: Links, path: Path, size: int) -> bool:
    """Return whether a file has the length and the end of the one at the storage."""
    start = max(0, size - _TAIL)
    try:
        stream = source.store.open(links.current(), start)
        try:
            # All of it is what a storage sends that knows no parts.
            is_part = (stream.head.start, stream.head.total) == (start, size)
            return is_part and _are(stream, last_bytes(path, size - start))
        finally:
            stream.close()
    except StoreRefused as error:
        if error.status != _NOT_SATISFIABLE:
            links.drop()
    except OutcomeUnknown:
        pass
    return False


def _are(pieces: Iterable[bytes], expected: Optional[bytes]) -> bool:
    """Return whether pieces come to what is expected, and no more of it."""
    for piece in pieces:
        if expected is None or not expected.startswith(piece):
            return False
        expected = expected[len(piece) :]
    return expected == b""


class _Fetching:
    """One download, over as many connections as it takes."""

    def __init__(self, source: Source, links: Links, partial: PartialFile) -> None:
        self._source = source
        self._links = links
        self._partial = partial
        self._intake = self._new_intake()
        self._head: Optional[Head] = None
        self._failures = 0
        self._furthest = 0
        self._refused = False
        self._is_patchwork = False

    def run(self) -> HashingWriter:
        while True:
            self._source.check_deadline()
            link = self._links.current()
            try:
                self._receive(link)
                self._partial.settle()
                return self._intake
            except OutcomeUnknown as error:
                self._again_after(error)
            except StoreRefused as error:
                self._refused_with(error)
            except Damaged as error:
                self._start_over_after(error)

    def explained(self, hint: Callable[..., str], error: NorthflankError) -> str:
        total = None if self._head is None else self._head.total
        return hint(self._source.addon_id, self._source.backup, self._intake.size, total, error)

    def _receive(self, link: str) -> None:
        can_resume = self._head is not None and (self._head.validator is not None or self._intake.frames.can_tell)
        if not can_resume:
            self._start_over()
        validator = None if self._head is None else self._head.validator
        stream = self._source.store.open(link, self._intake.size, validator)
        try:
            self._refused = False
            self._accept(stream.head)
            for piece in stream:
                self._intake.take(piece)
                self._source.check_deadline()
                self._source.tell(self._intake.size, stream.head.total)
                if self._intake.size >= stream.head.total:
                    break
        finally:
            stream.close()
        if self._intake.size < stream.head.total:
            raise OutcomeUnknown("the connection to the storage ended before the file did")
        if self._intake.size > stream.head.total:
            raise Damaged("it is longer than the storage had said")
        self._intake.frames.finish()

    def _accept(self, head: Head) -> None:
        """Begin where the storage begins, if there is room for it."""
        is_other = self._head is not None and self._head.total != head.total
        if head.start == 0:
            self._start_over()
        elif head.start != self._intake.size or is_other:
            self._start_over()
            raise OutcomeUnknown("the storage sent another part of the file than it was asked for")
        else:
            self._is_patchwork = True
        self._head = head
        require_room(self._partial.path.parent, head.total - head.start)

    def _again_after(self, error: OutcomeUnknown) -> None:
        if self._intake.size > self._furthest:
            self._furthest, self._failures = self._intake.size, 0
        self._failures += 1
        if self._failures > self._source.retries:
            raise BackupError(self.explained(messages.gave_up, error)) from error
        deadline = self._source.api.client.deadline
        deadline.pause(backoff(self._failures, deadline.timing.chance()))

    def _refused_with(self, error: StoreRefused) -> None:
        if error.status == _NOT_SATISFIABLE and self._intake.size:
            # The file is shorter than what has come of it: it is another one.
            self._start_over()
            return
        if error.status not in _NO_LONGER_GOOD or self._refused:
            source = self._source
            words = messages.refused_by_store(source.addon_id, source.backup, error, self._refused)
            raise BackupError(words) from error
        self._refused = True
        self._links.drop()

    def _start_over_after(self, error: Damaged) -> None:
        if not self._is_patchwork:
            raise BackupError(messages.damaged(self._source.addon_id, self._source.backup, error)) from error
        # Parts of two versions may have come together.
        self._start_over()
        self._again_after(OutcomeUnknown(str(error)))

    def _start_over(self) -> None:
        self._partial.restart()
        self._head = None
        self._is_patchwork = False
        self._intake = self._new_intake()

    def _new_intake(self) -> HashingWriter:
        compression = self._source.backup.config.get("compression_type")
        known = compression if isinstance(compression, str) else None
        return HashingWriter(known, self._partial.file, self._source.look_inside)
