#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_fork
short_description: Make a new addon from a snapshot, to look at its data, and delete it again
version_added: 0.10.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Makes a fork, which is a new addon of the same type and version that starts with the data of a snapshot, and waits
    until it runs. The addon that the snapshot is of is only read.
  - With O(state=absent), deletes a fork that this module made, and nothing else. An addon that is not proved to be such
    a fork is never deleted.
  - A fork costs money until it is deleted. If a task fails and a fork is left, its message has the command that deletes
    it.
  - Northflank can fork addons of the types C(postgresql), C(mysql) and C(mongodb). Only a snapshot can be forked, not a
    dump or an import.
notes:
  - The name of each fork holds six hexadecimal digits, which are the first of the SHA-256 sum of the source's project
    ID, addon ID and backup ID, one in each line. Each fork has the tag C(northflank-cloud-fork).
  - To delete a fork, the module proves that the name holds the digits of its source, that the API tells the tag and a
    type that can be forked, and that the fork is not older than the backup. What the API does not tell proves nothing.
    To keep a fork for good, remove the tag.
  - The token needs the permission C(Project > Addons > General > Create) to make a fork, and C(Project > Addons >
    General > Delete) to delete one.
seealso:
  - module: northflank.cloud.addon_backup
  - module: northflank.cloud.addon_backup_info
  - module: northflank.cloud.addon_backup_restore
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(fork_name) or O(state=absent), the second run changes nothing.
      - Without O(fork_name), each run makes another fork.
  action_group:
    support: full
    membership:
      - northflank.cloud.all
options:
  project_id:
    description:
      - The ID of the project that the fork is made in, or deleted from.
    type: str
    required: true
  source_project_id:
    description:
      - The ID of the project that the backup is of. If not given, it is O(project_id).
    type: str
  source_addon_id:
    description:
      - The ID of the addon that the backup is of.
    type: str
    required: true
  backup_id:
    description:
      - The ID of the snapshot. Give exactly one of this, O(name) and O(latest).
      - Required with O(state=absent), because it is a part of what proves that the addon is its fork.
    type: str
  name:
    description:
      - The name of the snapshot. The addon must have exactly one completed snapshot of this name.
    type: str
  latest:
    description:
      - Take the newest completed snapshot of the addon. The safety snapshot of a rollback is left out, because it
        contains the data that the rollback replaced.
    type: bool
    default: false
  fork_name:
    description:
      - The name of the fork. It has 3 to 39 characters, namely lower-case letters, digits and single hyphens, and
        begins with a letter. It has to hold the digits of its source, as C(<prefix>-<digits>) or
        C(<prefix>-<digits>-<suffix>). If it does not, the task fails and names one that does.
      - If a fork of this name, made by this module of the same backup, is coming up or runs, the task joins it. Any
        other addon of this name is an error.
      - If not given, the name is V(drill-), the digits, and the time, such as C(drill-1a2b3c-260301120000), and nothing
        is joined.
      - Required with O(state=absent).
    type: str
  fork_uid:
    description:
      - With O(state=absent), the RV(fork.uid) that was returned when the fork was made. An addon with another one, or
        whose uid the API does not tell, is not deleted.
      - Needed if the backup no longer exists.
    type: str
  deployment_plan:
    description:
      - The plan of the fork, such as V(nf-compute-20). If not given, that of the source.
    type: str
  storage:
    description:
      - The storage of the fork in megabytes. If not given, that of the source. It cannot be smaller than the data.
    type: int
  replicas:
    description:
      - The number of replicas of the fork. If not given, that of the source. One is enough to look at data.
    type: int
  state:
    description:
      - V(present) makes the fork.
      - V(absent) deletes the fork of this O(fork_name). If there is none, nothing changes. Options that describe it
        further are not allowed.
    type: str
    choices: [present, absent]
    default: present
  wait:
    description:
      - Whether to wait until the fork runs, or with O(state=absent), until it is gone.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the whole task may take. After that, the task fails, and the fork stays.
      - Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w), from 1 second to 30 days.
    type: str
    default: "1800"
  budget_share:
    description:
      - The share of the account's remaining requests that the task may use to poll, above 0 and at most 1. Polling
        slows down when few are left.
    type: float
    default: 0.5
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN in all of these.

- name: Make a database with the data of the newest snapshot, and wait until it runs
  northflank.cloud.addon_fork:
    project_id: default-project
    source_addon_id: postgres-main
    latest: true
    replicas: 1
  register: made

- name: Delete it when it is no longer needed
  northflank.cloud.addon_fork:
    project_id: default-project
    source_addon_id: postgres-main
    backup_id: "{{ made.backup.id }}"
    fork_name: "{{ made.fork.name }}"
    fork_uid: "{{ made.fork.uid | default(omit, true) }}"
    state: absent

- name: Look at a backup of production in another project
  northflank.cloud.addon_fork:
    project_id: staging
    source_project_id: default-project
    source_addon_id: postgres-main
    name: Before build 117
    deployment_plan: nf-compute-20
    replicas: 1
"""

RETURN = r"""
action:
  description:
    - V(created), V(joined) (the fork was there already), V(deleted), or V(none) (there was nothing to do, or the task
      failed). In check mode, what would be done.
  returned: when the arguments are valid
  type: str
  sample: created
fork:
  description:
    - The fork, as it was last seen. What is not known is V(null).
    - V(null) if there is none. In check mode, a fork that would be made has a name and a project only.
    - On failure, only what is known of it.
  returned: when the arguments are valid
  type: dict
  contains:
    id:
      description: The addon's ID. V(null) if there is none yet.
      type: str
      sample: drill-1a2b3c-260301120000
    uid:
      description: The addon's UUID, which no other addon ever gets. V(null) if the API does not tell it.
      type: str
      sample: 5f0c7b9e-2b1d-4a43-9c3b-3a8f0c1d2e4f
    name:
      description: The addon's name.
      type: str
      sample: drill-1a2b3c-260301120000
    type:
      description: The type of the database. V(null) if there is none yet.
      type: str
      sample: postgresql
    version:
      description: The version of the database. V(null) if there is none yet.
      type: str
      sample: "16.4"
    status:
      description:
        - V(running) if the fork can be used, or another state of addons. V(deleted) once it is gone. V(null) if there
          is none yet.
      type: str
      sample: running
    created_at:
      description: When it was created, as ISO 8601. V(null) if there is none yet.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
    project_id:
      description: The ID of its project.
      type: str
      sample: default-project
backup:
  description:
    - The backup that the fork starts with. V(null) if it is not known.
    - On failure, only what is known of it.
  returned: when the arguments are valid
  type: dict
  contains:
    id:
      description: The backup's ID.
      type: str
      sample: before-build-117
    uid:
      description: The backup's UUID. V(null) if the API does not tell it.
      type: str
      sample: 88283b31-06f3-4857-b75f-f807bd7a52af
    name:
      description: The backup's name.
      type: str
      sample: Before build 117
    status:
      description: The backup's state.
      type: str
      sample: completed
    created_at:
      description: When it was started, as ISO 8601.
      type: str
      sample: "2026-03-01T11:00:00.000Z"
    completed_at:
      description: When it was complete, as ISO 8601. V(null) if the API does not tell it.
      type: str
      sample: "2026-03-01T11:00:42.000Z"
    backup_type:
      description: V(snapshot). V(null) if the API does not tell it.
      type: str
      sample: snapshot
    size:
      description: Its size in bytes. V(null) if the API does not tell it.
      type: int
      sample: 1234
    addon_id:
      description: The ID of the addon that it is of.
      type: str
      sample: postgres-main
    project_id:
      description: The ID of that addon's project.
      type: str
      sample: default-project
elapsed:
  description: How many seconds the task took.
  returned: when the arguments are valid
  type: float
  sample: 95.2
requests:
  description: How many requests this task sent to the API.
  returned: when the arguments are valid
  type: int
  sample: 12
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the arguments are valid
  type: dict
  sample: {"limit": 1000, "remaining": 988, "reset": 3600}
"""

from typing import Any

from ..module_utils._fork.arguments import fork_spec
from ..module_utils._fork.engine import ForkRun, run_fork
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    "source_project_id": {"type": "str"},
    "source_addon_id": {"type": "str", "required": True},
    "backup_id": {"type": "str"},
    "name": {"type": "str"},
    "latest": {"type": "bool", "default": False},
    "fork_name": {"type": "str"},
    "fork_uid": {"type": "str"},
    "deployment_plan": {"type": "str"},
    "storage": {"type": "int"},
    "replicas": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "str", "default": "1800"},
    "budget_share": {"type": "float", "default": 0.5},
}


def task(call: Call) -> Outcome:
    """Check everything, then act."""
    params = call.params
    spec = fork_spec(params)
    share = validation.share("budget_share", params["budget_share"])
    api = call.connect()
    run = ForkRun(api, spec, call.check_mode, params["wait"], share, call.observe)
    run_fork(run, params["state"])
    return Outcome(run.to_result(), api.client, run.error, diff=run.difference())


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
