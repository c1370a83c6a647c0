# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of dumps that are downloaded. Pure."""

from __future__ import annotations

from typing import Optional, Sequence

from .._api.errors import NorthflankError, safe_text
from .._api.models import IMPORT, SNAPSHOT, Backup
from .._task.causes import addon_names
from .._task.messages import brief, command, describe_error, listed, of_addon, sentences, size, state_label

_NOTHING = "Nothing was downloaded"


def no_dump(addon_id: str) -> str:
    """No completed dump at all."""
    return (
        f"Addon {addon_id} has no completed dump, so there is nothing to download. Take one with addon_backup and "
        "backup_type=dump."
    )


def no_dump_named(addon_id: str, name: str, holders: Sequence[Backup]) -> str:
    """No completed dump has the name."""
    return sentences(
        f"Addon {addon_id} has no completed dump named '{brief(name)}'",
        f"Backups with this name: {', '.join(f'{_kind(one)}, {listed([one])}' for one in holders)}" if holders else "",
        _NOTHING,
    )


def no_such_dump(addon_id: str, backup_id: str, project_id: str) -> str:
    """A backup that the addon does not have."""
    return sentences(
        f"Addon {addon_id} of project {project_id} has no backup with the ID '{brief(backup_id)}'",
        _NOTHING,
        f"To list them: {command('addon_backup_info', project_id=project_id, addon_id=addon_id)}",
    )


def several_dumps(addon_id: str, dumps: Sequence[Backup]) -> str:
    """A name that could mean several dumps."""
    return (
        f"Addon {addon_id} has {len(dumps)} completed dumps named '{brief(dumps[0].name)}': {listed(dumps)}. "
        f"{_NOTHING}. Choose one with backup_id."
    )


def not_downloadable(addon_id: str, backup: Backup) -> str:
    """A backup that is no completed dump."""
    if backup.backup_type == SNAPSHOT:
        why = "it is a snapshot, and only dumps can be downloaded. Take one with addon_backup and backup_type=dump"
    elif backup.backup_type == IMPORT:
        why = "it was imported, so it is not a dump of this addon"
    else:
        why = f"it is {state_label(backup.status)}, not completed"
    return sentences(f"{of_addon(addon_id, backup)} cannot be downloaded: {why}", _NOTHING)


def no_file_name(addon_id: str, backup: Backup) -> str:
    """A folder is given, and what to call the file in it is not known."""
    return (
        f"{of_addon(addon_id, backup)} cannot be given a file name, because the API does not say how it is "
        f"compressed, or its ID has unusual characters. {_NOTHING}. Name a file in dest, not a folder."
    )


def no_folder(folder: str) -> str:
    """Where the file shall go does not exist."""
    return f"dest must be in a folder that exists where the task runs; {folder} does not. {_NOTHING}."


def is_a_folder(path: str) -> str:
    """A folder has the name of the file."""
    return f"dest must be a file or a new name; {path} is a folder. {_NOTHING}."


def no_regular_file(path: str) -> str:
    """A device, a pipe or a socket has the name of the file."""
    return f"dest must be a regular file or a new name; {path} is something else. {_NOTHING}."


def no_path(path: str, reason: str) -> str:
    """The operating system takes no such path."""
    return f"dest cannot be used: {reason}; got {safe_text(repr(path), 200)}. {_NOTHING}."


def not_replaceable(path: str, why: str) -> str:
    """A file that cannot be replaced by another one."""
    return (
        f"{path} cannot be replaced, because {why}. {_NOTHING}. Choose another file, or mount its folder instead of "
        "the file. With unsafe_writes=true, a mounted file is overwritten in place, which can leave half of it."
    )


def not_moved(path: str, reason: str) -> str:
    """The operating system does not give the file its name."""
    return (
        f"The dump was downloaded, but could not be renamed to {path}: {reason}. It was removed. The file that was "
        "there before is unchanged."
    )


def not_writable(folder: str, reason: str) -> str:
    """No file can be made in the folder."""
    return (
        f"dest must be in a folder that the task may write to; no file can be created in {folder} ({reason}). "
        f"{_NOTHING}."
    )


def no_room(folder: str, needed: int, free: int) -> str:
    """The file system is too full."""
    return f"Not enough space in {folder}: {size(needed)} needed, {size(free)} free. {_NOTHING}."


def not_written(path: str, reason: str) -> str:
    """The operating system refused to take what came."""
    return f"The dump could not be written next to {path}: {reason}. The partial file was removed."


def gave_up(addon_id: str, backup: Backup, done: int, total: Optional[int], error: NorthflankError) -> str:
    """The storage failed too often."""
    return sentences(
        f"{of_addon(addon_id, backup)} was not downloaded: {error}",
        f"The partial file ({_so_far(done, total)}) was removed. Run the same task again, or set api_retries higher",
    )


def out_of_time(addon_id: str, backup: Backup, done: int, total: Optional[int], error: NorthflankError) -> str:
    """The deadline is over."""
    return sentences(
        f"{of_addon(addon_id, backup)} was not downloaded: {error}",
        f"The partial file ({_so_far(done, total)}) was removed. Run the same task again with a larger wait_timeout",
    )


def refused_by_store(addon_id: str, backup: Backup, error: NorthflankError, again: bool) -> str:
    """The storage does not serve the file.

    :param again: whether that was so with a second link, too.
    """
    return sentences(
        f"{of_addon(addon_id, backup)} was not downloaded: {error}{', also with a second link' if again else ''}",
        "The partial file was removed. Check whether it can be downloaded in Northflank's web interface",
    )


def damaged(addon_id: str, backup: Backup, error: NorthflankError) -> str:
    """All came, and it is no good."""
    return (
        f"{of_addon(addon_id, backup)} failed verification ({error}). The download was discarded. Run the same task "
        "again. If it fails in the same way, the file in the storage is broken: take a new dump."
    )


def gone(addon_id: str, backup: Backup) -> str:
    """The backup was deleted meanwhile."""
    return sentences(
        f"{of_addon(addon_id, backup)} was deleted before it was downloaded",
        "The partial file was removed. Choose another dump",
    )


def by_length_only(names: Sequence[str]) -> str:
    """There is no library to unpack files with."""
    return (
        f"Only the length was verified of {_files(names)}, because the Python that runs the task has no zstandard. To "
        "have the content verified, install it: python3 -m pip install zstandard"
    )


def not_looked_inside(names: Sequence[str]) -> str:
    """Nobody here knows dumps that begin so."""
    return f"The content was unpacked, but not verified further, because its format is not known: {_files(names)}"


def smaller_than_before(addon_id: str, name: str, now: int, before: int) -> str:
    """A dump is much smaller than the last one.

    :param name: of the file.
    :param now: bytes.
    :param before: bytes of the dump before it.
    """
    return (
        f"{brief(name, 200)} has {size(now)}, and the dump of addon {addon_id} before it had {size(before)}. The file "
        "was kept. Check whether the database lost data. If it did not, set min_size_share lower."
    )


def _files(names: Sequence[str]) -> str:
    return addon_names([brief(name, 200) for name in names])


def download_progress(label: str, done: int, total: int, seconds: str) -> str:
    """How far it has come, in one line."""
    return f"{label}  {_thousands(done // 10**6)} of {_thousands(-(-total // 10**6))} MB  {seconds}"


def _so_far(done: int, total: Optional[int]) -> str:
    return size(done) if total is None else f"{size(done)} of {size(total)}"


def _kind(backup: Backup) -> str:
    return {None: "of unknown type", IMPORT: "an import"}.get(backup.backup_type, f"a {backup.backup_type}")


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def told_of_dump(addon_id: str, backup: Backup, error: NorthflankError) -> str:
    """Any failure of one of several dumps."""
    return f"{of_addon(addon_id, backup)}: {describe_error(error)}"
