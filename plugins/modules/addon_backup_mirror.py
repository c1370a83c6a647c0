#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_mirror
short_description: Keep a folder of all completed dumps of Northflank addons
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Downloads each completed dump that the folder does not have yet, several at a time. Verifies each as
    M(northflank.cloud.addon_backup_download) does, and O(verify) says how. Then deletes the files of dumps that the API
    no longer has.
  - Deletes and replaces only files that it created. It keeps a list of them with their checksums in the folder, as
    C(.northflank-mirror.json). A file that is not in this list, or was changed since, is not touched. If the list is
    lost, the next run writes it again from the files that prove to be dumps that the API has.
  - A file is deleted only if the API does not find its backup by ID either. The newest file of an addon is never
    deleted, because it may be the last dump there is. If a dump could not be downloaded, the run deletes nothing. The
    same holds if it would delete more than O(max_delete_share) allows. The files of an addon that no longer exists are
    kept, with a warning.
  - A folder belongs to one API and team, because elsewhere the same IDs mean other databases. A task for another API or
    team fails and changes nothing.
  - Several projects may share a folder, with one task for each. Only one run may use the folder at a time. A second one
    fails.
notes:
  - Only the owner can read and write the files, because they contain databases.
  - A file in the folder counts as unchanged if its length is the same. Its content is read only before it is deleted,
    so O(verify=content) is about the dumps that are downloaded in the same run.
  - Takes one request for each 100 addons of the project and for each 100 backups of each addon, and one for each dump
    that is downloaded or deleted. Requests to the storage do not count.
  - A run that reaches its O(wait_timeout) or is killed keeps the complete files. The next run continues from there.
  - The playbook C(northflank.cloud.mirror) runs this module, without a playbook of your own.
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.verify
  - northflank.cloud.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  action_group:
    support: full
    membership:
      - northflank.cloud.all
options:
  addon_id:
    description:
      - The addons' IDs, one or several.
      - If not given, these are all addons of the project.
    type: list
    elements: str
  dest:
    description:
      - The folder, on the host where the task runs. It must exist, so that a disk that is not mounted is noticed.
      - The name of each file consists of the project, the addon, the start of the dump (UTC), and its ID, for example
        C(default-project_postgres-main_20260301T120000Z_nightly.gz). No other dump gets the same name.
    type: path
    required: true
  delete:
    description:
      - Delete the files of dumps that the API no longer has. Otherwise they stay until you delete them.
    type: bool
    default: true
  max_delete_share:
    description:
      - The largest share of an addon's files that one run may delete, above V(0) and at most V(1). Files downloaded in
        the same run count as the addon's, too. With V(1), the run may delete all but the newest.
      - If it would have to delete more, the task downloads what is missing, deletes nothing at all, and fails. So a
        list that is wrongly empty costs no files.
    type: float
    default: 0.5
    version_added: 0.10.0
  concurrency:
    description:
      - How many dumps to download at the same time, from 1 to 16.
    type: int
    default: 4
  wait_timeout:
    description:
      - How long the whole task may take.
      - Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w), from 1 second to 30 days.
    type: str
    default: "1800"
requirements:
  - zstandard, or Python 3.14, to verify the content of dumps that are compressed with zstd
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: All dumps of a project
  northflank.cloud.addon_backup_mirror:
    project_id: default-project
    dest: /srv/dumps

- name: Keep the dumps of two addons, even after Northflank deletes them
  northflank.cloud.addon_backup_mirror:
    project_id: default-project
    addon_id: [postgres-main, mysql-orders]
    dest: /srv/dumps-for-ever
    delete: false
    wait_timeout: 14400
  register: mirrored

- name: Verify also that each dump begins and ends as a dump does
  northflank.cloud.addon_backup_mirror:
    project_id: default-project
    dest: /srv/dumps
    verify: content

- name: Say what was downloaded
  ansible.builtin.debug:
    msg: "{{ mirrored.files | selectattr('action', 'equalto', 'downloaded') | map(attribute='name') | join(', ') }}"
"""

RETURN = r"""
folder:
  description: The folder, as an absolute path.
  returned: when the backups could be read
  type: str
  sample: /srv/dumps
files:
  description:
    - What was done about each file, sorted by name. Files that no mirror created are not listed, unless one is in the
      way.
    - After a failure, without the files that are V(present), and without the keys that are V(null).
  returned: when the backups could be read
  type: list
  elements: dict
  contains:
    name:
      description: The name in the folder. If a dump cannot be given one, its ID.
      type: str
      sample: default-project_postgres-main_20260301T120000Z_nightly.gz
    action:
      description:
        - V(downloaded) or V(deleted) (in check mode, it would be), V(present) (it was there), V(kept) (the API no
          longer has it as a completed dump), or V(failed).
      type: str
      sample: downloaded
    reason:
      description: Why the file was kept or failed. V(null) for all others.
      type: str
      sample: null
    addon_id:
      description: The addon.
      type: str
      sample: postgres-main
    project_id:
      description: The project.
      type: str
      sample: default-project
    backup_id:
      description: The ID of the dump.
      type: str
      sample: nightly
    size:
      description: Size in bytes. V(null) if the file was not downloaded.
      type: int
      sample: 1234567890
    checksum:
      description: SHA-256 of the file when it was downloaded, in hexadecimal digits. V(null) if it was not.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    verified:
      description:
        - How the file was verified, see RV(northflank.cloud.addon_backup_download#module:verified). V(null) if it was
          not downloaded by this task.
      type: str
      sample: checksum
    content:
      description:
        - What O(verify=content) found in the dump, with the keys of
          RV(northflank.cloud.addon_backup_download#module:content). V(size_before) is the size of the file before it in
          the folder. V(null) without this, or if the file was not downloaded by this task.
      type: dict
      sample: {"checked": "complete", "format": "postgresql-sql", "size": 5234567890, "size_before": 1233456789}
requests:
  description: How many requests this task sent to the API.
  returned: when the backups could be read
  type: int
  sample: 3
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the backups could be read
  type: dict
  sample: {"limit": 1000, "remaining": 997, "reset": 3600}
"""

from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from ..module_utils._api.endpoints import Api
from ..module_utils._api.errors import BackupError, InvalidInput
from ..module_utils._download import mirror_messages
from ..module_utils._download.content import CONTENT, verify_spec
from ..module_utils._download.doubts import DownloadedDump, unsure_of
from ..module_utils._download.manifest import Manifest, locked
from ..module_utils._download.mirror import MirrorOptions, carry_out, decide_mirror, held_back, permitted
from ..module_utils._download.mirror_plan import (
    DELETE,
    DOWNLOAD,
    FAIL,
    FORGET,
    KEEP,
    PRESENT,
    MirrorStep,
    is_a_name,
    sizes_before,
)
from ..module_utils._download.storage import Store
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **verify_spec(),
    "addon_id": {"type": "list", "elements": "str"},
    "dest": {"type": "path", "required": True},
    "delete": {"type": "bool", "default": True},
    "max_delete_share": {"type": "float", "default": 0.5},
    "concurrency": {"type": "int", "default": 4},
    "wait_timeout": {"type": "str", "default": "1800"},
}


def task(call: Call) -> Outcome:
    """Check, read everything, decide, then do it."""
    params = call.params
    if not params["dest"]:
        raise InvalidInput("dest", "must not be empty")
    settings = MirrorOptions(
        folder=Path(params["dest"]).absolute(),
        addon_ids=None if params["addon_id"] is None else validation.addon_ids(params["addon_id"]),
        api=call.connection.target.url,
        delete=params["delete"],
        max_delete_share=validation.share("max_delete_share", params["max_delete_share"]),
        concurrency=validation.whole_number("concurrency", params["concurrency"], 1, 16, "downloads at once"),
        look_inside=params["verify"] == CONTENT,
        min_size_share=validation.share("min_size_share", params["min_size_share"]),
        retries=call.connection.retries,
        hide=call.hide,
        say=call.say,
    )
    api = call.connect()
    if not settings.folder.is_dir():
        raise BackupError(mirror_messages.no_mirror_folder(str(settings.folder)))
    store = Store(call.connection.target)
    if call.check_mode:
        planned = decide_mirror(api, store, Manifest(settings.folder), settings)
        return mirror_outcome(api, settings, planned, permitted(planned, settings))
    with locked(settings.folder):
        manifest = Manifest(settings.folder)
        planned = decide_mirror(api, store, manifest, settings)
        done = carry_out(api, store, manifest, planned, settings)
    return mirror_outcome(api, settings, planned, done)


def mirror_outcome(
    api: Api, settings: MirrorOptions, planned: Sequence[MirrorStep], done: Sequence[MirrorStep]
) -> Outcome:
    """Return the result.

    :param planned: what was to be done.
    :param done: what became of it.
    """
    files = [step for step in done if step.action != FORGET]
    there_before = [step.name for step in planned if step.action in (PRESENT, KEEP, DELETE)]
    there_after = [step.name for step in files if step.action in (PRESENT, KEEP, DOWNLOAD)]
    before = sizes_before(files)
    error = mirror_failure(settings, planned, files)
    facts = [file_facts(api.project_id, step, before.get(step.name)) for step in files]
    if error is not None:
        facts = [{k: v for k, v in one.items() if v is not None} for one in facts if one["action"] != PRESENT]
    return Outcome(
        result={
            "changed": any(step.action in (DOWNLOAD, DELETE) for step in files),
            "folder": str(settings.folder),
            "files": facts,
        },
        client=api.client,
        error=error,
        warnings=warnings(settings, files, before),
        diff={"before": there_before, "after": there_after},
    )


def mirror_failure(
    settings: MirrorOptions, planned: Sequence[MirrorStep], files: Sequence[MirrorStep]
) -> Optional[str]:
    """Return what the task fails with, if it does."""
    # Without a name in the folder, it is an ID, which another addon's dump may have as well.
    errors = {
        step.name if is_a_name(step.name) else f"{step.addon_id} {step.name}": step.reason or ""
        for step in files
        if step.action == FAIL
    }
    if errors:
        return mirror_messages.failed(str(settings.folder), len(files), errors)
    return held_back(planned, settings)


def warnings(settings: MirrorOptions, files: Sequence[MirrorStep], before: Mapping[str, int]) -> tuple[str, ...]:
    """Return what the user should know of files that are not as good as they might be, or not wanted any more.

    :param before: by name, the size of the file before it.
    """
    came = [
        DownloadedDump(step.name, step.addon_id, step.entry.size, step.verified, step.content, before.get(step.name))
        for step in files
        if step.action == DOWNLOAD and step.entry is not None
    ]
    orphans = sorted({step.addon_id for step in files if step.reason == mirror_messages.ADDON_GONE})
    return (
        *unsure_of(came, settings.min_size_share),
        *([mirror_messages.orphans(str(settings.folder), orphans)] if orphans else []),
    )


def file_facts(project_id: str, step: MirrorStep, size_before: Optional[int]) -> dict[str, Any]:
    """Return a file as the task returns it."""
    backup_id = step.backup.id if step.backup is not None else step.entry.backup_id if step.entry is not None else None
    return {
        "name": step.name,
        "action": step.action,
        "reason": step.reason if step.action in (KEEP, FAIL) else None,
        "addon_id": step.addon_id,
        "project_id": project_id,
        "backup_id": backup_id,
        "size": None if step.entry is None else step.entry.size,
        "checksum": None if step.entry is None else step.entry.checksum,
        "verified": step.verified,
        "content": None if step.content is None else step.content.to_result(size_before),
    }


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
