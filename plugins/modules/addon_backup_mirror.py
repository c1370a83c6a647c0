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
  - Downloads each completed dump that is not in the folder yet, several at a time, each verified as
    M(northflank.cloud.addon_backup_download) does it. Then deletes the files of dumps that the API no longer has.
  - Deletes and replaces nothing that it did not put there itself. It keeps a list of its files, with their check sums,
    in the folder, as C(.northflank-mirror.json). A file that is not in this list, or not as it was put there, is left
    alone. If the list is lost, the next run makes it anew from the files that prove to be dumps that the API has.
  - A file is deleted only if the API does not know its backup by its ID either. The newest file of an addon is never
    deleted, because it may be the last dump there is. Nothing is deleted in a run in which a dump could not be
    downloaded, nothing of an addon that no longer exists (this brings a warning), and nothing where more would go at
    once than O(max_delete_share) allows.
  - A folder belongs to one API and team, because the same IDs mean other databases elsewhere. A task that is connected
    to another API, or acts for another team, fails and changes nothing.
  - Several projects may share a folder, with a task for each. A run has the folder for itself, another one fails.
notes:
  - The files can be read and written by their owner only, as databases are in them.
  - A file that is there counts as the one that was put there if its length is the same. Its content is read only before
    it is deleted.
  - Takes one request for each 100 addons of the project and for each 100 backups of each addon, and one for each dump
    that is downloaded or deleted. Requests to the storage do not count.
  - A run that reaches its O(wait_timeout) or is killed keeps what has come. The next one goes on from there.
  - The playbook C(northflank.cloud.mirror) runs this module, without a playbook of your own.
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
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
      - If not given, all addons of the project.
    type: list
    elements: str
  dest:
    description:
      - The folder, on the host that the task runs on. It must exist, so that a disk which is not mounted is noticed.
      - Each file in it has a name made of the project, the addon, the time when the dump was started (UTC), and its ID,
        for example C(default-project_postgres-main_20260301T120000Z_nightly.gz). That name is never another dump's.
    type: path
    required: true
  delete:
    description:
      - Delete the files of dumps that the API no longer has. They are kept otherwise, for ever.
    type: bool
    default: true
  max_delete_share:
    description:
      - The largest part of an addon's files that one run may delete, above V(0) and at most V(1). The files that come
        in the same run count as the addon's, too. With V(1), all but the newest may go.
      - Where more would go, the task downloads what is missing, deletes nothing at all, and fails. So a list that is
        empty because something is wrong takes no files away.
    type: float
    default: 0.5
    version_added: 0.10.0
  concurrency:
    description:
      - How many dumps are downloaded at once, from 1 to 16.
    type: int
    default: 4
  wait_timeout:
    description:
      - How long the whole task may take.
      - Seconds, or a number with V(s), V(m), V(h), V(d) or V(w) behind it, from 1 second to 30 days.
    type: str
    default: "1800"
requirements:
  - zstandard, to check what is in dumps that are compressed with zstd
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: All dumps of a project
  northflank.cloud.addon_backup_mirror:
    project_id: default-project
    dest: /srv/dumps

- name: Those of two addons, also after they were deleted at Northflank
  northflank.cloud.addon_backup_mirror:
    project_id: default-project
    addon_id: [postgres-main, mysql-orders]
    dest: /srv/dumps-for-ever
    delete: false
    wait_timeout: 14400
  register: mirrored

- name: Say what came
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
    - What was done about each file, by name. Files that are not a mirror's are not in it, unless one is in the way.
  returned: when the backups could be read
  type: list
  elements: dict
  contains:
    name:
      description: The name in the folder. Where a dump can be given none, its ID.
      type: str
      sample: default-project_postgres-main_20260301T120000Z_nightly.gz
    action:
      description:
        - V(downloaded) or V(deleted), which in check mode means that it would be; V(present), which was there; V(kept),
          where the API no longer has it as a completed dump; V(failed).
      type: str
      sample: downloaded
    reason:
      description: Why it is kept, or has failed. V(null) for all others.
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
      description: Bytes of the file. V(null) where it was not put there.
      type: int
      sample: 1234567890
    checksum:
      description: SHA-256 of the file when it was put there, in hexadecimal digits. V(null) where it was not.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
requests:
  description: How many requests to the API this task took.
  returned: when the backups could be read
  type: int
  sample: 3
rate_limit:
  description:
    - The account's request budget as the API last told it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the backups could be read
  type: dict
  sample: {"limit": 1000, "remaining": 997, "reset": 3600}
"""

from pathlib import Path
from typing import Any, Optional, Sequence

from ..module_utils._api.endpoints import Api
from ..module_utils._api.errors import BackupError, InvalidInput
from ..module_utils._download import mirror_messages
from ..module_utils._download.manifest import Manifest, locked
from ..module_utils._download.mirror import Settings, carry_out, decide, held_back, permitted
from ..module_utils._download.mirror_plan import DELETE, DOWNLOAD, FAIL, FORGET, KEEP, PRESENT, Step
from ..module_utils._download.storage import Store
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
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
    settings = Settings(
        folder=Path(params["dest"]).absolute(),
        addon_ids=None if params["addon_id"] is None else validation.addon_ids(params["addon_id"]),
        api=call.connection.target.url,
        delete=params["delete"],
        max_delete_share=validation.share("max_delete_share", params["max_delete_share"]),
        concurrency=validation.whole_number("concurrency", params["concurrency"], 1, 16, "downloads at once"),
        retries=call.connection.retries,
        hide=call.hide,
        say=call.say,
    )
    api = call.connect()
    if not settings.folder.is_dir():
        raise BackupError(mirror_messages.no_folder(str(settings.folder)))
    store = Store(call.connection.target)
    if call.check_mode:
        planned = decide(api, store, Manifest(settings.folder), settings)
        return outcome(api, settings, planned, permitted(planned, settings))
    with locked(settings.folder):
        manifest = Manifest(settings.folder)
        planned = decide(api, store, manifest, settings)
        done = carry_out(api, store, manifest, planned, settings)
    return outcome(api, settings, planned, done)


def outcome(api: Api, settings: Settings, planned: Sequence[Step], done: Sequence[Step]) -> Outcome:
    """The result.

    :param planned: what was to be done.
    :param done: what became of it.
    """
    files = [step for step in done if step.action != FORGET]
    there_before = [step.name for step in planned if step.action in (PRESENT, KEEP, DELETE)]
    there_after = [step.name for step in files if step.action in (PRESENT, KEEP, DOWNLOAD)]
    return Outcome(
        result={
            "changed": any(step.action in (DOWNLOAD, DELETE) for step in files),
            "folder": str(settings.folder),
            "files": [shown(api.project_id, step) for step in files],
        },
        client=api.client,
        error=failure(settings, planned, files),
        warnings=warnings(settings, files),
        diff={"before": there_before, "after": there_after},
    )


def failure(settings: Settings, planned: Sequence[Step], files: Sequence[Step]) -> Optional[str]:
    """What the task fails with, if it does."""
    errors = [mirror_messages.one_failed(step.name, step.reason or "") for step in files if step.action == FAIL]
    if errors:
        return mirror_messages.failed(str(settings.folder), len(files), errors)
    return held_back(planned, settings)


def warnings(settings: Settings, files: Sequence[Step]) -> tuple[str, ...]:
    """What the user should know of files that are not as good as they might be, or not wanted any more."""
    unsure = [step.reason for step in files if step.action == DOWNLOAD and step.reason is not None]
    orphans = sorted({step.addon_id for step in files if step.reason == mirror_messages.ADDON_GONE})
    return (*unsure, *([mirror_messages.orphans(str(settings.folder), orphans)] if orphans else []))


def shown(project_id: str, step: Step) -> dict[str, Any]:
    """A file as the task returns it."""
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
    }


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
