# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mirror knows of its folder: which files it put there. It is kept in the folder itself."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping, Optional

from .._api.errors import BackupError
from . import mirror_messages
from .files import open_regular
from .mirror_plan import Entry, is_a_name

FILE = ".northflank-mirror.json"
LOCK = ".northflank-mirror.lock"
_VERSION = 2
# Version 0.9 of the collection wrote the first. What it calls "key" is a uid or, where there is none, a time.
_FIRST = 1
_FIRST_KEYS = frozenset({"project_id", "addon_id", "backup_id", "key", "size", "checksum"})
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("project_id", "addon_id", "backup_id", "checksum"), (str,)),
    **dict.fromkeys(("uid", "api", "team_id"), (str, type(None))),
    "size": (int,),
}
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")


class Manifest:
    """The list of files. Safe to use from several threads; written anew with each change.

    :raises BackupError: there is one, and it cannot be read or is none.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._entries = _read(self._path)

    @property
    def entries(self) -> dict[str, Entry]:
        """By name, what was put there."""
        with self._lock:
            return dict(self._entries)

    def put(self, files: Mapping[str, Entry]) -> None:
        """Note files, before they get their names: a run that is killed in between leaves none that nobody knows."""
        with self._lock:
            self._save({**self._entries, **files})

    def drop(self, *names: str) -> None:
        """Forget files."""
        with self._lock:
            self._save({name: entry for name, entry in self._entries.items() if name not in names})

    def _save(self, entries: Mapping[str, Entry]) -> None:
        text = json.dumps({"version": _VERSION, "files": {name: entries[name]._asdict() for name in sorted(entries)}})
        try:
            _write(self._path, text)
        except OSError as error:
            raise BackupError(mirror_messages.not_saved(str(self._path), str(error.strerror))) from error
        self._entries = dict(entries)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have the folder for oneself.

    :raises BackupError: another run has it, or it takes no file.
    """
    path = folder / LOCK
    with contextlib.ExitStack() as stack:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            stack.callback(os.close, file)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(mirror_messages.busy(str(folder))) from error
        except OSError as error:
            raise BackupError(mirror_messages.not_saved(str(path), str(error.strerror))) from error
        yield


def sizes(folder: Path, wanted: Iterable[str]) -> dict[str, Optional[int]]:
    """Of names, how many bytes each file has; None for what is no regular file. What does not exist is left out."""
    found: dict[str, Optional[int]] = {}
    for name in wanted:
        path = folder / name
        if os.path.lexists(path):
            found[name] = path.stat().st_size if path.is_file() and not path.is_symlink() else None
    return found


def _read(path: Path) -> dict[str, Entry]:
    try:
        with open_regular(path) as file:
            data = json.loads(file.read().decode("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise BackupError(mirror_messages.no_manifest(str(path), str(error))) from error
    version = data.get("version") if isinstance(data, dict) else None
    is_known = version in (_FIRST, _VERSION) and not isinstance(version, bool)
    files = data.get("files") if is_known else None
    if not isinstance(files, dict):
        raise BackupError(mirror_messages.no_manifest(str(path), f"it is not a list of files of version {_VERSION}"))
    entries = {name: _entry(name, facts, version == _FIRST) for name, facts in files.items()}
    bad = next((name for name, entry in entries.items() if entry is None), None)
    if bad is not None:
        raise BackupError(mirror_messages.no_manifest(str(path), f"what it says of {bad!r} makes no sense"))
    return {name: entry for name, entry in entries.items() if entry is not None}


def _entry(name: str, facts: Any, is_first: bool) -> Optional[Entry]:
    if not is_a_name(name) or not isinstance(facts, dict):
        return None
    if is_first and facts.keys() == _FIRST_KEYS and isinstance(facts["key"], str):
        facts = {**facts, "uid": None if _TIME.match(facts["key"]) else facts["key"], "api": None, "team_id": None}
        del facts["key"]
    is_right = facts.keys() == _KINDS.keys() and all(type(facts[key]) in kinds for key, kinds in _KINDS.items())
    return Entry(**facts) if is_right else None


def _write(path: Path, text: str) -> None:
    file, place = tempfile.mkstemp(prefix=".northflank-", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(place).replace(path)
    except BaseException:
        Path(place).unlink()
        raise
