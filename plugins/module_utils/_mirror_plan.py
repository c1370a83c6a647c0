# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a folder that mirrors dumps needs: which to download, to delete, to leave alone. Decisions, without any I/O."""

from __future__ import annotations

from typing import Iterable, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils import _hints_mirror
from ansible_collections.northflank.cloud.plugins.module_utils._download_plan import completed_dumps, file_name
from ansible_collections.northflank.cloud.plugins.module_utils._errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._models import Backup

DOWNLOAD = "downloaded"
PRESENT = "present"
DELETE = "deleted"
KEEP = "kept"
FORGET = "forgotten"
FAIL = "failed"


class Entry(NamedTuple):
    """A file that a mirror has put into the folder, as it was then.

    :ivar key: what tells its backup from a later one that got the same ID.
    """

    project_id: str
    addon_id: str
    backup_id: str
    key: str
    size: int
    checksum: str


class Step(NamedTuple):
    """What is to be done about one file.

    :ivar name: in the folder; the backup's ID where no name can be made.
    :ivar backup: what it is, or shall be, the file of; None where the API no longer has it.
    :ivar entry: what is known of the file that was put there.
    :ivar reason: why it is kept, or why it fails.
    """

    name: str
    action: str
    addon_id: str
    backup: Optional[Backup] = None
    entry: Optional[Entry] = None
    reason: Optional[str] = None


def plan(
    project_id: str,
    found: Mapping[str, Sequence[Backup]],
    known: Mapping[str, Entry],
    there: Mapping[str, Optional[int]],
    delete: bool,
    whole_project: bool,
) -> list[Step]:
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
        if name not in taken and entry.project_id == project_id and (whole_project or entry.addon_id in found)
    ]
    return sorted([*steps, *rest], key=lambda step: step.name)


def names(project_id: str, found: Mapping[str, Sequence[Backup]]) -> Iterable[str]:
    """The names that the files of all completed dumps have, as far as they can have one."""
    for addon_id, backups in found.items():
        for backup in completed_dumps(backups):
            try:
                yield file_name(project_id, addon_id, backup)
            except BackupError:
                continue


def key_of(backup: Backup) -> str:
    """What an entry keeps of a backup's identity."""
    return backup.identity[1]


def _wanted(
    project_id: str,
    addon_id: str,
    backup: Backup,
    known: Mapping[str, Entry],
    there: Mapping[str, Optional[int]],
) -> Step:
    try:
        name = file_name(project_id, addon_id, backup)
    except BackupError as error:
        return Step(backup.id, FAIL, addon_id, backup, reason=str(error))
    entry = known.get(name)
    if name not in there:
        return Step(name, DOWNLOAD, addon_id, backup)
    if entry is None:
        return Step(name, FAIL, addon_id, backup, reason=_hints_mirror.NOT_OURS)
    if entry.size != there[name]:
        return Step(name, FAIL, addon_id, backup, entry, _hints_mirror.CHANGED)
    if entry.key != key_of(backup):
        return Step(name, FAIL, addon_id, backup, entry, _hints_mirror.OF_ANOTHER)
    return Step(name, PRESENT, addon_id, backup, entry)


def _no_longer_wanted(
    name: str,
    entry: Entry,
    found: Mapping[str, Sequence[Backup]],
    there: Mapping[str, Optional[int]],
    delete: bool,
) -> Step:
    addon_id = entry.addon_id
    if name not in there:
        return Step(name, FORGET, addon_id, entry=entry)
    if addon_id not in found:
        return Step(name, KEEP, addon_id, entry=entry, reason=_hints_mirror.ADDON_GONE)
    for backup in found[addon_id]:
        if (backup.id, key_of(backup)) == (entry.backup_id, entry.key):
            return Step(name, KEEP, addon_id, backup, entry, _hints_mirror.still_listed(backup.status))
    if entry.size != there[name]:
        return Step(name, KEEP, addon_id, entry=entry, reason=_hints_mirror.NOT_AS_IT_WAS)
    if not delete:
        return Step(name, KEEP, addon_id, entry=entry, reason=_hints_mirror.DELETE_IS_OFF)
    return Step(name, DELETE, addon_id, entry=entry)
