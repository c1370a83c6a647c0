#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_restore
short_description: Restore Northflank addons from their backups
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Restores one addon or several from backups, waits until that is done, and reports the outcome of each.
  - A restore replaces all data of the addon with that of the backup. Everything written since the backup is lost.
  - All targets are checked before the first restore starts. If one of them cannot be restored, none is started.
  - If a restore of the same backup is already running, the task joins it. A running restore of another backup is an
    error.
  - A name never chooses between backups. If several completed backups have it, the task fails and lists them.
notes:
  - Each run restores again, unless O(skip_if_restored_since) is given, because only you know whether the data has
    changed since.
  - The restore of a snapshot also brings back the version of the database that the addon had then. See
    RV(restore.version_change).
  - This collection is not affiliated with Northflank.
seealso:
  - module: northflank.cloud.addon_backup
  - module: northflank.cloud.addon_backup_info
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.polling
  - northflank.cloud.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(skip_if_restored_since), the second run skips what the first one restored.
      - Without it, each run restores again on purpose.
  action_group:
    support: full
    membership:
      - northflank.cloud.all
options:
  targets:
    description:
      - Which addon to restore from which backup. Give either this or O(addon_id).
    type: list
    elements: dict
    suboptions:
      addon_id:
        description: The addon's ID.
        type: str
        required: true
      backup_id:
        description: The backup's ID.
        type: str
        required: true
      skip_if_restored_since:
        description: Replaces O(skip_if_restored_since) for this target.
        type: str
  addon_id:
    description:
      - The addon's ID, or several IDs without repetition, together with one of O(backup_id), O(name) and O(latest).
        With O(state=aborted), O(backup_id) is optional.
    type: list
    elements: str
  backup_id:
    description:
      - The ID of the backup. Allows only one addon.
    type: str
  name:
    description:
      - The name of the backup. Each addon must have exactly one completed backup of this name.
    type: str
  latest:
    description:
      - Take the newest completed backup of each addon that matches O(backup_type) and O(name_prefix), but never an
        import.
      - The safety snapshot of a rollback contains the data that the rollback replaced. So it counts only if
        O(name_prefix) begins with V(pre-rollback).
      - The task warns if a restore into the addon began after that backup, because the backup then does not contain the
        addon's present data.
    type: bool
    default: false
  backup_type:
    description:
      - With O(name) or O(latest), only backups of this type.
    type: str
    choices: [snapshot, dump]
  name_prefix:
    description:
      - With O(latest), only backups whose name begins with this.
    type: str
  source_project_id:
    description:
      - The project that a global backup comes from, together with O(backup_id) and O(source_addon_id). With
        O(state=aborted), it aborts a restore of such a backup.
    type: str
  source_addon_id:
    description:
      - The addon that a global backup comes from, together with O(backup_id).
    type: str
  source_destination_id:
    description:
      - The backup destination where a global backup is stored, together with O(source_addon_id). Needed if that addon
        or its project was deleted, because the API then has no other list with the backup.
      - M(northflank.cloud.backup_destination_info) lists the destinations and what is stored in them.
      - Takes one request for each 100 backups of the destination. The token needs the permission
        C(Account > Platform > BackupDestinations > Read).
    type: str
    version_added: 0.10.0
  state:
    description:
      - V(restored) restores the addons.
      - V(aborted) stops a running restore, that of O(backup_id) or any. If there is none, nothing changes. Check
        afterwards what the addon contains.
    type: str
    choices: [restored, aborted]
    default: restored
  skip_if_restored_since:
    description:
      - Do not restore an addon whose newest restore is a completed one of the same backup, started at this time or
        later. A time as ISO 8601, such as V(2026-03-01T12:00:00Z), or V(created) for the time when the backup was
        started.
      - Data written after that restore stays.
    type: str
  wait:
    description:
      - Whether to wait until the restores are done. An addon is not usable before that.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the whole task may take. After that, the task fails, and the restores keep running.
      - Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w), from 1 second to 30 days.
    type: str
    default: "1800"
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN in all of these.

- name: Restore a database from the backup that an earlier task took
  northflank.cloud.addon_backup_restore:
    project_id: default-project
    addon_id: postgres-main
    name: Before build 117

- name: Restore both databases from exactly these backups
  northflank.cloud.addon_backup_restore:
    project_id: default-project
    targets:
      - addon_id: postgres-main
        backup_id: before-build-117
      - addon_id: mysql-orders
        backup_id: before-build-117

- name: Restore the newest dump, unless that was done already
  northflank.cloud.addon_backup_restore:
    project_id: default-project
    addon_id: postgres-main
    latest: true
    backup_type: dump
    skip_if_restored_since: created

- name: Fill staging with production's backup
  northflank.cloud.addon_backup_restore:
    project_id: staging-project
    addon_id: postgres-staging
    backup_id: before-build-117
    source_project_id: default-project
    source_addon_id: postgres-main

- name: Restore a database whose project was deleted, from the backup destination
  northflank.cloud.addon_backup_restore:
    project_id: new-shop
    addon_id: postgres-main
    backup_id: nightly
    source_project_id: old-shop
    source_addon_id: postgres-main
    source_destination_id: offsite-s3

- name: Stop a restore that was a mistake
  northflank.cloud.addon_backup_restore:
    project_id: default-project
    addon_id: postgres-main
    state: aborted
"""

RETURN = r"""
restore:
  description: The outcome for the addon.
  returned: success, with one addon
  type: dict
  contains:
    addon_id:
      description: The addon's ID.
      type: str
      sample: postgres-main
    project_id:
      description: The project's ID.
      type: str
      sample: default-project
    changed:
      description:
        - Whether this task started or aborted a restore. It is also V(true) if the answer to a request was lost and its
          effect is not known.
      type: bool
      sample: true
    action:
      description:
        - V(restored) (this task started it; see RV(restore.status) for whether it is done), V(joined), V(skipped),
          V(aborted) or V(none). In check mode, what would be done.
      type: str
      sample: restored
    error:
      description: V(null), because C(msg) says why a task fails.
      type: str
      sample: null
    id:
      description: The restore's ID. V(null) if there is none.
      type: str
      sample: 65f1c0ffee65f1c0ffee65f1
    status:
      description:
        - V(completed) after a task that waited and did not fail, or another of the API's states. V(null) if there is no
          restore.
      type: str
      sample: completed
    started_at:
      description: When the restore started, as ISO 8601. V(null) if there is none.
      type: str
      sample: "2026-03-01T13:00:00.000Z"
    completed_at:
      description: When the restore was done, as ISO 8601. V(null) until then.
      type: str
      sample: "2026-03-01T13:00:30.000Z"
    backup:
      description:
        - The backup, with the keys that M(northflank.cloud.addon_backup) returns for one, from C(id) on. V(null) if
          none was found, and with O(state=aborted).
      type: dict
      sample: {"id": "before-build-117", "name": "Before build 117", "status": "completed"}
    version_change:
      description:
        - The change of the database's version by the restore of a snapshot, with C(from) and C(to), or V(null).
      type: dict
      sample: null
restores:
  description:
    - The same as RV(restore), as a list with one entry for each addon, in the given order.
    - On failure, only the addons that failed and those for which something was done or found, each with C(addon_id),
      C(action), C(changed), C(failed) (V(true) if it failed), C(id) and C(status) if there is a restore, and C(backup)
      with C(id) and C(name). C(msg) says why, once for all addons with the same cause.
  returned: when the arguments are valid
  type: list
  elements: dict
requests:
  description: How many requests this task sent to the API.
  returned: when the arguments are valid
  type: int
  sample: 8
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the arguments are valid
  type: dict
  sample: {"limit": 1000, "remaining": 992, "reset": 3600}
"""

from functools import partial
from typing import Any, Sequence

from ..module_utils._restore import messages
from ..module_utils._restore.arguments import restore_options, targets
from ..module_utils._restore.engine import run_restores
from ..module_utils._restore.member import RestoreResult
from ..module_utils._task.actions import JOINED, RESTORED
from ..module_utils._task.causes import set_failed
from ..module_utils._task.members import outcome
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    "targets": {
        "type": "list",
        "elements": "dict",
        "options": {
            "addon_id": {"type": "str", "required": True},
            "backup_id": {"type": "str", "required": True},
            "skip_if_restored_since": {"type": "str"},
        },
    },
    "addon_id": {"type": "list", "elements": "str"},
    "backup_id": {"type": "str"},
    "name": {"type": "str"},
    "latest": {"type": "bool", "default": False},
    "backup_type": {"type": "str", "choices": ["snapshot", "dump"]},
    "name_prefix": {"type": "str"},
    "source_project_id": {"type": "str"},
    "source_addon_id": {"type": "str"},
    "source_destination_id": {"type": "str"},
    "state": {"type": "str", "choices": ["restored", "aborted"], "default": "restored"},
    "skip_if_restored_since": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "str", "default": "1800"},
    "concurrency": {"type": "int", "default": 16},
    "budget_share": {"type": "float", "default": 0.5},
}


def task(call: Call) -> Outcome:
    """Check everything, then act."""
    params = call.params
    wanted, options = targets(params), restore_options(params, call.check_mode, call.observe)
    api = call.connect()
    found = run_restores(api, wanted, options, params["state"])
    done = [one.addon_id for one in found if one.error is None]
    several = partial(messages.restores_failed, done) if params["state"] == RESTORED else set_failed
    return outcome(found, api.client, "restore", "restores", restore_difference(found), several)


def restore_difference(found: Sequence[RestoreResult]) -> dict[str, Any]:
    """Return what ``--diff`` shows: the data of each addon before and after."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one in found:
        before[one.addon_id] = after[one.addon_id] = "its present data"
        if one.action in (RESTORED, JOINED) and one.backup is not None:
            backup = one.backup
            after[one.addon_id] = f"the data of backup '{backup.name}' (ID {backup.id}) of {backup.created_at}"
    return {"before": before, "after": after}


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
