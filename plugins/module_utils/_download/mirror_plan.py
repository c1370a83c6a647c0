# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a folder that mirrors dumps needs: which to download, to delete, to leave alone. Decisions, without any I/O."""

from __future__ import annotations

import re
from typing import Iterable, Mapping, NamedTuple, Optional, Sequence
from urllib.parse import urlsplit

from .._api.errors import BackupError
from .._api.models import Backup
from . import mirror_messages
from .choice import completed_dumps, file_name, stamp
from .content import Content

DOWNLOAD = "downloaded"
PRESENT = "present"
DELETE = "deleted"
KEEP = "kept"
FORGET = "forgotten"
FAIL = "failed"


# What :func:`file_name` makes: a name in the folder and nothing else, so that a list which somebody changed cannot make
# us touch what is elsewhere. The year has fewer than four digits on some systems.
_NAME = re.compile(r"[A-Za-z0-9-]{1,80}_[A-Za-z0-9-]{1,80}_([0-9]{5,8}T[0-9]{6}Z)_[A-Za-z0-9-]{1,80}\.(?:gz|zst)")


class Origin(NamedTuple):
    """Where dumps come from. The same IDs mean other databases elsewhere.

    :ivar api: scheme, host and port, see :func:`address`.
    """

    api: str
    team_id: Optional[str]
    project_id: str


class Entry(NamedTuple):
    """A file that a mirror has put into the folder, as it was then.

    :ivar uid: tells its backup from a later one that got the same ID; None where the API did not send one.
    :ivar api: as in :class:`Origin`; None in a list of version 0.9, which did not have it.
    """

    project_id: str
    addon_id: str
    backup_id: str
    uid: Optional[str]
    size: int
    checksum: str
    api: Optional[str] = None
    team_id: Optional[str] = None


class MirrorStep(NamedTuple):
    """What is to be done about one file.

    :ivar name: in the folder; the backup's ID where no name can be made.
    :ivar backup: what it is, or shall be, the file of; None where the API no longer has it.
    :ivar entry: what is known of the file that was put there.
    :ivar reason: why it is kept, or why it fails.
    :ivar verified: how it was verified, where it came in this run; so for ``content``, where that was asked for.
    """

    name: str
    action: str
    addon_id: str
    backup: Optional[Backup] = None
    entry: Optional[Entry] = None
    reason: Optional[str] = None
    verified: Optional[str] = None
    content: Optional[Content] = None


def plan_mirror(
    project_id: str,
    found: Mapping[str, Sequence[Backup]],
    known: Mapping[str, Entry],
    there: Mapping[str, Optional[int]],
    delete: bool,
    whole_project: bool,
) -> list[MirrorStep]:
    """Decide on every file of the chosen addons, and on no other.

    :param found: by addon, all its backups.
    :param known: by name, what mirrors have put into the folder, also of other projects.
    :param there: by name, how many bytes each file in the folder has; None for what is no regular file.
    :param delete: whether files go whose backup the API no longer has.
    :param whole_project: whether ``found`` has all addons of the project, so that others do not exist.
    """
    steps = [
        _wanted(project_id, addon_id, backup, known, there)
        for addon_id, backups in found.items()
        for backup in completed_dumps(backups)
    ]
    taken = {step.name for step in steps}
    rest = [
        _no_longer_wanted(name, entry, found, there, delete)
        for name, entry in known.items()
        if name not in taken and _is_meant(project_id, entry, found, whole_project)
    ]
    return sorted([*steps, *rest], key=lambda step: step.name)


def file_names(project_id: str, found: Mapping[str, Sequence[Backup]]) -> Iterable[str]:
    """Return the names that the files of all completed dumps have, as far as they can have one."""
    for addon_id, backups in found.items():
        for backup in completed_dumps(backups):
            try:
                yield file_name(project_id, addon_id, backup)
            except BackupError:
                continue


def address(url: str) -> str:
    """Scheme, host and port of an API, written in one way only."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    is_usual = parts.port in (None, {"https": 443, "http": 80}.get(parts.scheme))
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{parts.port}"


def is_a_name(text: str) -> bool:
    """Return whether a mirror can have given a file this name."""
    return _NAME.fullmatch(text) is not None


def entry_of(origin: Origin, step: MirrorStep, backup: Backup, size: int, checksum: str) -> Entry:
    """Return what is to be known of a file that is put there."""
    facts = origin.project_id, step.addon_id, backup.id, backup.uid
    return Entry(*facts, size=size, checksum=checksum, api=origin.api, team_id=origin.team_id)


def is_file_of(name: str, entry: Entry, backup: Backup) -> bool:
    """Return whether a file is of a backup, also where the API sends a ``uid`` no longer, or only by now."""
    if entry.backup_id != backup.id:
        return False
    if entry.uid is not None and backup.uid is not None:
        return entry.uid == backup.uid
    return _stamp_in(name) == stamp(backup)


def strangers(origin: Origin, known: Mapping[str, Entry]) -> list[Entry]:
    """Return what was put there from another API, or for another team. Any of it makes the folder another one's."""
    ours = (origin.api, origin.team_id)
    return [entry for entry in known.values() if entry.api is not None and (entry.api, entry.team_id) != ours]


def of_unknown_origin(
    origin: Origin,
    found: Mapping[str, Sequence[Backup]],
    known: Mapping[str, Entry],
    there: Mapping[str, Optional[int]],
    whole_project: bool,
) -> dict[str, Entry]:
    """Return files of a list of version 0.9, which does not say where they come from, unless one of them proves it.

    One whose backup the API has, is proof for all of the project.
    """
    old = {
        name: entry
        for name, entry in known.items()
        if entry.api is None and name in there and _is_meant(origin.project_id, entry, found, whole_project)
    }
    is_proved = any(
        is_file_of(name, entry, backup) for name, entry in old.items() for backup in found.get(entry.addon_id, ())
    )
    return {} if is_proved else old


def told_origin(origin: Origin, known: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the files of the project, from a list of version 0.9, as it is known by now where they come from."""
    return {
        name: entry._replace(api=origin.api, team_id=origin.team_id)
        for name, entry in known.items()
        if entry.api is None and entry.project_id == origin.project_id
    }


def keep_newest(steps: Sequence[MirrorStep]) -> list[MirrorStep]:
    """Return the same steps, but each addon keeps its newest dump: it may be the last there is anywhere."""
    newest: dict[str, MirrorStep] = {}
    for step in steps:
        if step.action in (PRESENT, DOWNLOAD, DELETE):
            newest[step.addon_id] = max(newest.get(step.addon_id, step), step, key=lambda one: _moment(one.name))
    return [
        step._replace(action=KEEP, reason=mirror_messages.THE_NEWEST)
        if step.action == DELETE and step is newest[step.addon_id]
        else step
        for step in steps
    ]


def too_many_to_delete(steps: Sequence[MirrorStep], share: float) -> dict[str, tuple[int, int]]:
    """Return addons of whose files a larger share would go than is allowed at once.

    :param share: of the files that there are, with those that come in this run.
    :returns: by addon, how many would go, and of how many.
    """
    counts: dict[str, tuple[int, int]] = {}
    for step in steps:
        if step.action in (PRESENT, DOWNLOAD, DELETE, KEEP):
            going, of = counts.get(step.addon_id, (0, 0))
            counts[step.addon_id] = (going + (step.action == DELETE), of + 1)
    return {addon_id: (going, of) for addon_id, (going, of) in counts.items() if going > share * of}


def sizes_before(steps: Sequence[MirrorStep]) -> dict[str, int]:
    """Return how large the file before it is, of each that came: of the same addon and compression, as far as known."""
    last: dict[tuple[str, str], int] = {}
    before: dict[str, int] = {}
    for step in sorted(steps, key=lambda one: _moment(one.name)):
        if step.entry is None or step.action not in (DOWNLOAD, PRESENT, KEEP, DELETE):
            continue
        stream = step.addon_id, step.name.rpartition(".")[2]
        if step.action == DOWNLOAD and stream in last:
            before[step.name] = last[stream]
        last[stream] = step.entry.size
    return before


def _stamp_in(name: str) -> str:
    match = _NAME.fullmatch(name)
    return "" if match is None else match.group(1)


def _moment(name: str) -> tuple[int, str]:
    return int(re.sub("[^0-9]", "", _stamp_in(name)) or 0), name


def _is_meant(project_id: str, entry: Entry, found: Mapping[str, Sequence[Backup]], whole_project: bool) -> bool:
    return entry.project_id == project_id and (whole_project or entry.addon_id in found)


def _wanted(
    project_id: str,
    addon_id: str,
    backup: Backup,
    known: Mapping[str, Entry],
    there: Mapping[str, Optional[int]],
) -> MirrorStep:
    try:
        name = file_name(project_id, addon_id, backup)
    except BackupError as error:
        return MirrorStep(backup.id, FAIL, addon_id, backup, reason=str(error))
    entry = known.get(name)
    if name not in there:
        return MirrorStep(name, DOWNLOAD, addon_id, backup)
    if entry is None:
        return MirrorStep(name, FAIL, addon_id, backup, reason=mirror_messages.NOT_OURS)
    if entry.size != there[name]:
        return MirrorStep(name, FAIL, addon_id, backup, entry, mirror_messages.CHANGED)
    if not is_file_of(name, entry, backup):
        return MirrorStep(name, FAIL, addon_id, backup, entry, mirror_messages.OF_ANOTHER)
    return MirrorStep(name, PRESENT, addon_id, backup, entry)


def _no_longer_wanted(
    name: str,
    entry: Entry,
    found: Mapping[str, Sequence[Backup]],
    there: Mapping[str, Optional[int]],
    delete: bool,
) -> MirrorStep:
    addon_id = entry.addon_id
    if name not in there:
        return MirrorStep(name, FORGET, addon_id, entry=entry)
    if addon_id not in found:
        return MirrorStep(name, KEEP, addon_id, entry=entry, reason=mirror_messages.ADDON_GONE)
    for backup in found[addon_id]:
        if is_file_of(name, entry, backup):
            return MirrorStep(name, KEEP, addon_id, backup, entry, mirror_messages.still_listed(backup.status))
    if entry.size != there[name]:
        return MirrorStep(name, KEEP, addon_id, entry=entry, reason=mirror_messages.NOT_AS_IT_WAS)
    if not delete:
        return MirrorStep(name, KEEP, addon_id, entry=entry, reason=mirror_messages.DELETE_IS_OFF)
    return MirrorStep(name, DELETE, addon_id, entry=entry)
