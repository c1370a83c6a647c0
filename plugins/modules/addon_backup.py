#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup
short_description: Take, find, delete, abort or keep backups of Northflank addons
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Takes a backup of a managed database ("addon") at Northflank, waits until it is complete, and returns its details.
  - The module makes sure that a usable backup exists. A complete backup with the O(name) or within the O(max_age) that
    you ask for is reused. One that is still running is joined, and the task waits for it. Backups that failed or were
    aborted do not count. If there is none, exactly one new backup is started, even if the network loses the API's
    answer.
  - Without O(name) and O(max_age), each run takes a new backup.
  - You can give several addons, because the databases of one application belong together. All are checked first, and if
    one cannot be backed up, none is started. Then all start at once and share one deadline. RV(backups) has the outcome
    of each, even if another one failed.
  - The other values of O(state) delete or abort a backup, or keep it for good.
notes:
  - By default, the API allows an account 1000 requests an hour. To take a new named backup, a task sends one request
    for each 100 backups of the addon, one to start the new one, and some while it waits. See RV(requests).
  - The example on the API's own page leaves out C(destinationId) and sends C(compressionType) with a snapshot. The
    schema of the same page refuses both, and so does this module.
  - The host where the task runs needs the token and the Python package. In a play on other hosts, add
    C(delegate_to=localhost), C(run_once=true) and C(become=false) to the task.
  - This collection is not affiliated with Northflank.
seealso:
  - module: northflank.cloud.addon_backup_restore
  - module: northflank.cloud.addon_backup_info
  - module: northflank.cloud.addon_backup_prune
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.summary
  - northflank.cloud.project
  - northflank.cloud.backup
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
      - With O(name), the second run finds the backup of the first. With O(max_age), it does so until the backup is too
        old.
      - Without both, each run takes a new backup on purpose.
      - O(state=absent) and O(state=aborted) change nothing the second time. O(state=retained) is always reported as
        changed, because the API does not show whether a backup is retained.
  action_group:
    support: full
    membership:
      - northflank.cloud.all
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN in all of these.

- name: One backup with a name, found again by the next run
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    name: Before build 117

- name: Before a migration, unless there is a snapshot from the last half hour
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    max_age: 30m
  register: snapshot

- name: Say what would be restored if the migration fails
  ansible.builtin.debug:
    msg: "{{ snapshot.backup.id }} of {{ snapshot.backup.created_at }}, {{ snapshot.backup.size }} bytes"

- name: A dump, compressed with zstd, in your own storage
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    name: Monthly dump 2026-03
    backup_type: dump
    compression_type: zstd
    custom_destination_id: example-destination

- name: A snapshot with a copy elsewhere for two weeks
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    name: Before build 118
    additional_destinations:
      - destination_id: offsite-s3
        retention_time: 14

- name: At most ten minutes, and no backup left running after that
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    wait_timeout: 600
    on_timeout: abort

- name: Start it now, do something else, and wait later
  block:
    - name: Start
      northflank.cloud.addon_backup:
        project_id: default-project
        addon_id: postgres-main
        name: Before build 119
        wait: false

    - name: Wait for the one that was started
      northflank.cloud.addon_backup:
        project_id: default-project
        addon_id: postgres-main
        name: Before build 119

- name: All databases of one application together, or none
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id:
      - postgres-main
      - mysql-orders
      - mongo-events
    name: Before build 120

- name: Delete a backup by its name
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    name: Before build 110
    state: absent

- name: Delete all backups of that name
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    name: Rehearsal
    state: absent
    all_matches: true

- name: Stop a backup that takes too long
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    name: Before build 120
    state: aborted

- name: Keep a backup of the schedule permanently
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    backup_id: scheduled-2026-03-01
    state: retained

# Ad hoc, from a shell:
# ansible localhost -m northflank.cloud.addon_backup \
#   -a 'project_id=default-project addon_id=postgres-main name="By hand"'
"""

RETURN = r"""
backup:
  description:
    - The backup as it is at the end of the task.
    - In check mode, RV(backup.id) and RV(backup.status) of a backup that would be started are V(null).
    - With O(state=absent), the backup as it was before it was deleted.
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
        - Whether this task started, deleted, aborted or retained a backup of this addon. It is also V(true) if the
          answer to a request was lost and its effect is not known.
      type: bool
      sample: true
    action:
      description:
        - With O(state=present), V(created), V(replaced) (a failed record had to be deleted to make the name free),
          V(joined) (a running one was found), or V(reused) (a complete one was found).
        - With the other values of O(state), V(deleted), V(aborted), or V(retained).
        - V(none) if there was nothing to do, or if the task failed before. In check mode, this is what would be done.
      type: str
      sample: created
    error:
      description: V(null), because C(msg) says why a task fails.
      type: str
      sample: null
    duplicates:
      description:
        - IDs of other usable backups with the same name. With O(state=absent), these are the others that were deleted.
      type: list
      elements: str
      sample: []
    id:
      description: The backup's ID. V(null) if there is none, or none yet.
      type: str
      sample: before-build-117
    uid:
      description: The backup's unique ID, which is never used again. V(null) if the API does not send it.
      type: str
      sample: 3f5c8a52-4b7e-4c2b-9a39-0f6f8f3f8f0e
    name:
      description: The backup's name. V(null) if the module has not made one yet.
      type: str
      sample: Before build 117
    status:
      description:
        - V(completed) if the task waited and did not fail. Otherwise V(scheduled), V(in-progress), V(aborting),
          V(aborted), V(failed) or V(not-supported). V(null) if there is no backup.
      type: str
      sample: completed
    created_at:
      description: When the backup started, as ISO 8601. V(null) if there is none.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
    completed_at:
      description: When the backup was complete, as ISO 8601. V(null) until then.
      type: str
      sample: "2026-03-01T12:00:42.000Z"
    backup_type:
      description: V(snapshot), V(dump) or V(import); V(null) where the API does not say.
      type: str
      sample: snapshot
    purpose:
      description:
        - V(safety) if a rollback of the role P(northflank.cloud.pre_deploy_snapshot#role) took this snapshot of the
          data that it was about to replace, as its name says. V(null) for all others.
      type: str
      version_added: 0.10.0
    size:
      description: Size in bytes. V(null) while it is not known.
      type: int
      sample: 1234
    duration:
      description: Seconds from RV(backup.created_at) to RV(backup.completed_at). V(null) until then.
      type: float
      sample: 42.0
    config:
      description:
        - The backup's configuration, in snake_case. Has C(size) (bytes), and C(source.type), C(addon_version),
          C(compression_type), C(custom_destination_id) and C(additional_destinations) if the API reports them or the
          task asked for them.
      type: dict
      sample: {"source": {"type": "snapshot"}, "size": 1234, "addon_version": "16.2.0"}
    last_restore:
      description:
        - The last restore of this backup, with C(restore_timestamp), C(status) and C(completed_at), or V(null).
      type: dict
      sample: null
backups:
  description:
    - The same as RV(backup), as a list with one entry for each addon, in the given order.
    - On failure, only the addons that failed and those for which something was done or found, each with C(addon_id),
      C(action), C(changed), C(failed) (V(true) if it failed) and, if there is a backup, C(id), C(name), C(status) and
      C(duplicates). C(msg) says why, once for all addons with the same cause.
  returned: when the arguments are valid
  type: list
  elements: dict
requests:
  description: How many requests this task sent to the API.
  returned: when the arguments are valid
  type: int
  sample: 5
rate_limit:
  description: The account's request budget, as the API last reported it. V(null) if it did not.
  returned: when the arguments are valid
  type: dict
  contains:
    limit:
      description: Requests that the account may make in an hour.
      type: int
      sample: 1000
    remaining:
      description: Requests left in this hour.
      type: int
      sample: 987
    reset:
      description: Seconds until the next hour begins.
      type: int
      sample: 3412
"""

from typing import Any, Sequence

from ..module_utils._backup.arguments import backup_options, wanted_backups
from ..module_utils._backup.engine import run_backups
from ..module_utils._backup.member import BackupResult
from ..module_utils._task.actions import NONE
from ..module_utils._task.members import outcome
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    "addon_id": {"type": "list", "elements": "str", "required": True},
    "name": {"type": "str"},
    "backup_id": {"type": "str"},
    "max_age": {"type": "str"},
    "backup_type": {"type": "str", "choices": ["snapshot", "dump"], "default": "snapshot"},
    "compression_type": {"type": "str", "choices": ["gz", "zstd"]},
    "additional_destinations": {
        "type": "list",
        "elements": "dict",
        "options": {
            "destination_id": {"type": "str", "required": True},
            "retention_time": {"type": "int"},
            "type": {"type": "str", "choices": ["custom"], "default": "custom"},
        },
    },
    "custom_destination_id": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent", "aborted", "retained"], "default": "present"},
    "all_matches": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "str", "default": "1800"},
    "on_timeout": {"type": "str", "choices": ["fail", "abort"], "default": "fail"},
    "concurrency": {"type": "int", "default": 16},
    "budget_share": {"type": "float", "default": 0.5},
}


def task(call: Call) -> Outcome:
    """Check everything, then act."""
    params = call.params
    wanted, options = wanted_backups(params), backup_options(params, call.check_mode, call.observe)
    api = call.connect()
    found = run_backups(api, wanted, options, params["state"])
    return outcome(found, api.client, "backup", "backups", backup_difference(found, params["state"]))


def backup_difference(found: Sequence[BackupResult], state: str) -> dict[str, Any]:
    """Return what ``--diff`` shows: the backup of each addon before and after."""
    keys = ("name", "backup_type", "status", "id")
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one in found:
        old = None if one.before is None else one.before.to_result()
        new = one.to_result()
        before[one.addon_id] = None if old is None else {key: old[key] for key in keys}
        after[one.addon_id] = {key: new[key] for key in keys}
        if one.action == NONE:
            after[one.addon_id] = before[one.addon_id]
        elif state == "absent":
            after[one.addon_id] = None
        elif state != "present":
            after[one.addon_id]["status"] = state
    return {"before": before, "after": after}


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
