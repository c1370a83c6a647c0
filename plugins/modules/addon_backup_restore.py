#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_restore
short_description: Put Northflank addons back to their backups
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Restores one addon or several to backups, waits until that is done, and says for each what became of it.
  - A restore replaces all data of the addon with the data of the backup. What was written since the backup is lost.
  - All targets are checked before the first restore is started. Where one cannot be served, nothing is started for
    any.
  - A restore of the same backup that is under way is joined. One of another backup is an error.
  - A name never chooses between backups. If several completed backups have it, the task fails and lists them.
notes:
  - Each run restores again, unless O(skip_if_restored_since) is given. Only you know whether the data has changed
    since.
  - The restore of a snapshot puts the addon back to the version of its database that it had then, see
    RV(restore.version_change).
  - This collection is not affiliated with Northflank.
seealso:
  - module: northflank.cloud.addon_backup
  - module: northflank.cloud.addon_backup_info
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
    support: partial
    details:
      - With O(skip_if_restored_since), the second run skips what the first has restored.
      - Without it, each run restores again on purpose.
  action_group:
    support: full
    membership:
      - northflank.cloud.all
options:
  targets:
    description:
      - Which addon to put back to which backup. Either this or O(addon_id).
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
        description: For this target, instead of O(skip_if_restored_since).
        type: str
  addon_id:
    description:
      - The addon's ID, or several IDs, each once only, with one of O(backup_id), O(name) and O(latest). With
        O(state=aborted), O(backup_id) may be given.
    type: list
    elements: str
  backup_id:
    description:
      - The ID of the backup, with one addon.
    type: str
  name:
    description:
      - The name of the backup. Each addon must have exactly one completed backup of this name.
    type: str
  latest:
    description:
      - Take the newest completed backup of each addon that fits O(backup_type) and O(name_prefix), but never an
        import.
      - The safety snapshot of a rollback holds the data that the rollback replaced, so it is never the latest unless
        O(name_prefix) begins with V(pre-rollback).
      - The task warns if a restore into the addon began after that backup, because the backup then does not hold what
        the addon held until now.
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
      - The project where a global backup comes from, with O(backup_id) and O(source_addon_id). With
        O(state=aborted) too, to abort a restore of such a backup.
    type: str
  source_addon_id:
    description:
      - The addon where a global backup comes from, with O(backup_id).
    type: str
  state:
    description:
      - V(restored) puts the addons back.
      - V(aborted) stops a restore that is under way, of O(backup_id) or of any backup. That there is none is fine.
        What is in the addon then is for you to look at.
    type: str
    choices: [restored, aborted]
    default: restored
  skip_if_restored_since:
    description:
      - Do not restore where the addon's newest restore is a completed one of this very backup, started at this time
        or later. A time as ISO 8601, such as V(2026-03-01T12:00:00Z), or V(created) for the backup's own creation.
      - Data that was written after that restore stays.
    type: str
  wait:
    description:
      - Whether to wait until the restores are done. An addon is not usable before that.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the whole task may take. When they are over, the task fails, and the restores go on.
      - Seconds, or a number with V(s), V(m), V(h), V(d) or V(w) behind it, from 1 second to 30 days.
    type: str
    default: "1800"
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 64.
    type: int
    default: 16
  budget_share:
    description:
      - The share of the account's remaining requests that waiting may use, above 0 and at most 1.
    type: float
    default: 0.5
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN in all of these.

- name: Put a database back to the backup that an earlier task has taken
  northflank.cloud.addon_backup_restore:
    project_id: default-project
    addon_id: postgres-main
    name: Before build 117

- name: Put both databases back to exactly these backups
  northflank.cloud.addon_backup_restore:
    project_id: default-project
    targets:
      - addon_id: postgres-main
        backup_id: before-build-117
      - addon_id: mysql-orders
        backup_id: before-build-117

- name: Bring the newest dump back, unless that was done already
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

- name: Stop a restore that was a mistake
  northflank.cloud.addon_backup_restore:
    project_id: default-project
    addon_id: postgres-main
    state: aborted
"""

RETURN = r"""
restore:
  description: What became of the addon. Returned on failure too, with what is known by then.
  returned: when the arguments are valid and there is one addon
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
        - Whether this task started or aborted a restore. V(true) also where the answer to a request was lost and
          could not be found out.
      type: bool
      sample: true
    action:
      description:
        - V(restored) (this task started it; see RV(restore.status) for whether it is done), V(joined), V(skipped),
          V(aborted) or V(none). In check mode, what would be done.
      type: str
      sample: restored
    error:
      description: Why the addon was not put back, or V(null).
      type: str
      sample: null
    id:
      description: The restore's ID; V(null) where there is none.
      type: str
      sample: 65f1c0ffee65f1c0ffee65f1
    status:
      description:
        - V(completed) after a task that waited and did not fail, or another of the API's states; V(null) where there is
          no restore.
      type: str
      sample: completed
    started_at:
      description: When the restore was started, as ISO 8601; V(null) where there is none.
      type: str
      sample: "2026-03-01T13:00:00.000Z"
    completed_at:
      description: When the restore was done, as ISO 8601; V(null) until then.
      type: str
      sample: "2026-03-01T13:00:30.000Z"
    backup:
      description:
        - The backup, with the keys that M(northflank.cloud.addon_backup) returns for one, from C(id) on; V(null) where
          none was found, and with O(state=aborted).
      type: dict
      sample: {"id": "before-build-117", "name": "Before build 117", "status": "completed"}
    version_change:
      description:
        - What the restore of a snapshot does to the version of the database, with C(from) and C(to), or V(null).
      type: dict
      sample: null
restores:
  description: The same as RV(restore), as a list of one for each addon, in the given order.
  returned: when the arguments are valid
  type: list
  elements: dict
requests:
  description: How many requests to the API this task took.
  returned: when the arguments are valid
  type: int
  sample: 8
rate_limit:
  description:
    - The account's request budget as the API last told it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the arguments are valid
  type: dict
  sample: {"limit": 1000, "remaining": 992, "reset": 3600}
"""

from functools import partial
from typing import Any, Sequence

from ..module_utils._restore import messages as restore_messages
from ..module_utils._restore.arguments import settings, targets
from ..module_utils._restore.engine import run
from ..module_utils._restore.member import Member
from ..module_utils._restore.plan import JOINED, RESTORED
from ..module_utils._task import messages
from ..module_utils._task.concurrency import failure
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
    wanted, how = targets(params), settings(params, call.check_mode, call.observe)
    api = call.connect()
    members = run(api, wanted, how, params["state"])
    results = [member.to_result() for member in members]
    done = [member.addon_id for member in members if member.error is None]
    several = partial(restore_messages.restores_failed, done) if params["state"] == RESTORED else messages.set_failed
    return Outcome(
        result={
            "changed": any(member.changed for member in members),
            **({"restore": results[0]} if len(results) == 1 else {}),
            "restores": results,
        },
        client=api.client,
        error=failure(members, several),
        warnings=tuple(warning for member in members for warning in member.warnings),
        diff=difference(members),
    )


def difference(members: Sequence[Member]) -> dict[str, Any]:
    """What ``--diff`` shows: the data of each addon before and after."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for member in members:
        before[member.addon_id] = after[member.addon_id] = "its present data"
        if member.action in (RESTORED, JOINED) and member.backup is not None:
            backup = member.backup
            after[member.addon_id] = f"the data of backup '{backup.name}' (ID {backup.id}) of {backup.created_at}"
    return {"before": before, "after": after}


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
