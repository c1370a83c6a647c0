#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_freshness_info
short_description: Find Northflank addons without a fresh backup
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Tells which addons have a usable backup that is young enough, and why the others have none. The worst come first.
  - A backup counts if it is completed and of the type that O(backup_type) asks for. An import does not count, because
    its data comes from elsewhere. Neither does the snapshot that a rollback takes of the data that it replaces.
  - If the API does not tell the type of a backup, it may be an import, so it does not count.
  - An age is told by the API's clock, from when the backup began.
  - The task does not fail if an addon has no fresh backup. An addon that cannot be read is not fresh, and hides no
    other.
  - Takes one request for each 100 addons of each project, twice if there are more than 100, and one for each 100
    backups of each addon. With O(require_schedule=true), also one for each addon.
seealso:
  - module: northflank.cloud.addon_backup_info
  - module: northflank.cloud.addon_backup_schedule
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.table
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  project_id:
    description:
      - The projects' IDs, one or several. You find an ID in the URL of the project's page.
    type: list
    elements: str
    required: true
  addon_id:
    description:
      - Only the addons with these IDs. One that does not exist is not fresh. If not given, all addons of the projects.
    type: list
    elements: str
  types:
    description:
      - Only addons of these types, such as V(postgresql), V(mysql), V(mongodb), V(redis), V(minio) or V(rabbitmq).
    type: list
    elements: str
  tags:
    description:
      - Only addons that have at least one of these tags.
    type: list
    elements: str
  exclude:
    description:
      - Addons to leave out.
    type: list
    elements: str
  max_age:
    description:
      - How old the newest backup that counts may be. Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w).
      - With a daily schedule, V(26h) leaves room for the time that a backup takes.
    type: str
    required: true
  backup_type:
    description:
      - Which backups count. With V(any), snapshots and dumps do.
    type: str
    choices: [any, snapshot, dump]
    default: any
  require_schedule:
    description:
      - An addon is fresh only if Northflank also has a schedule that takes such backups at least once in O(max_age).
    type: bool
    default: false
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: Find the databases without a backup of the last day
  northflank.cloud.addon_backup_freshness_info:
    project_id: default-project
    max_age: 26h
  register: backups

- name: Say how many there are, and show the table
  ansible.builtin.debug:
    msg: "{{ [backups.headline] + backups.table }}"

- name: Look at the PostgreSQL and MySQL databases of two projects, which must have a schedule
  northflank.cloud.addon_backup_freshness_info:
    project_id: [default-project, staging-project]
    types: [postgresql, mysql]
    exclude: [postgres-paused]
    max_age: 26h
    require_schedule: true

- name: Stop a deployment if the database has no fresh snapshot
  northflank.cloud.addon_backup_freshness_info:
    project_id: default-project
    addon_id: postgres-main
    backup_type: snapshot
    max_age: 1d
  register: snapshot
  failed_when: not snapshot.fresh
"""

RETURN = r"""
addons:
  description:
    - The addons, the worst first. First those without a backup that counts, then the one with the oldest, and at the
      end those that are fresh.
  returned: success
  type: list
  elements: dict
  contains:
    project_id:
      description: The project's ID. V(null) for an addon of O(addon_id) that is in none of several projects.
      type: str
      sample: default-project
    addon_id:
      description: The addon's ID.
      type: str
      sample: postgres-main
    name:
      description: The addon's name. V(null) if there is no such addon.
      type: str
      sample: Postgres main
    type:
      description: The addon's type. V(null) if there is no such addon.
      type: str
      sample: postgresql
    status:
      description: The addon's state. V(null) if there is no such addon.
      type: str
      sample: running
    fresh:
      description: Whether RV(addons[].newest) is young enough and, if asked for, there is a schedule.
      type: bool
      sample: false
    reason:
      description: Why it is not fresh, in one short sentence. V(null) if it is.
      type: str
      sample: newest completed backup is 3 days old, the last 2 backups failed
    newest:
      description:
        - The newest backup that counts, with the keys that RV(northflank.cloud.addon_backup#module:backup) describes
          from C(id) on. V(null) if there is none.
      type: dict
      sample: {"id": "nightly-1", "name": "nightly-1", "status": "completed", "backup_type": "snapshot", "size": 1234}
    age:
      description: How many seconds ago RV(addons[].newest) began. V(null) if there is none, or the clock is not known.
      type: float
      sample: 273600.0
    running:
      description: The newest backup that is under way, with the same keys. V(null) if there is none.
      type: dict
      sample: null
    last_failed:
      description:
        - The newest backup that failed or was aborted after RV(addons[].newest), with the same keys. V(null) if there
          is none.
      type: dict
      sample: null
    backups:
      description:
        - How many completed backups there are, also of those that do not count. V(null) if the addon could not be read.
      type: int
      sample: 12
    total_size:
      description: The size of all completed backups together, in bytes. V(null) if the API tells no size.
      type: int
      sample: 14808
    schedules:
      description:
        - The addon's schedules, with the keys that RV(northflank.cloud.addon_backup_schedule#module:schedule) describes
          from C(id) on. V(null) unless O(require_schedule=true), and if they could not be read.
      type: list
      elements: dict
      sample: []
stale:
  description: The IDs of the addons that are not fresh, in the order of RV(addons).
  returned: success
  type: list
  elements: str
  sample: [postgres-main]
fresh:
  description: Whether there is at least one addon, and all of them are fresh.
  returned: success
  type: bool
  sample: false
headline:
  description: How many are fresh, in one line.
  returned: success
  type: str
  sample: 38 of 40 databases have a backup younger than 26 hours
summary:
  description:
    - How many C(addons) there are, how many of them are C(fresh) or C(stale), how many of the stale could not be read
      (C(unread)), and of how many a backup is under way (C(running)).
  returned: success
  type: dict
  sample: {"addons": 40, "fresh": 38, "stale": 2, "unread": 0, "running": 1}
unread:
  description:
    - By project, why it could not be read. A warning says so, and RV(fresh) is V(false).
    - If no project can be read, or none of the addons, the task fails.
  returned: success
  type: dict
  sample: {}
table:
  description:
    - RV(addons) as lines for people, aligned, with a heading. Empty if there are none.
    - With several projects, the first column is the project. What is not known is V(-).
  returned: success, with table=true
  type: list
  elements: str
  sample:
    - "ADDON          TYPE        AGE      SIZE    BACKUPS  STATE"
    - "postgres-main  postgresql  3 d 4 h  1.2 kB  12       newest completed backup is 3 days old"
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 41
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 959, "reset": 3600}
"""

from itertools import starmap
from typing import Any

from ..module_utils._freshness import messages, result
from ..module_utils._freshness.arguments import freshness_arguments, freshness_spec
from ..module_utils._freshness.engine import survey
from ..module_utils._task.module import run_module
from ..module_utils._task.tables import table_spec
from ..module_utils._task.task import Call, Outcome, Task

ARGUMENTS: dict[str, Any] = {**freshness_arguments(), **table_spec()}


def task(call: Call) -> Outcome:
    """Check, then read."""
    spec = freshness_spec(call.params)
    api = call._replace(params={**call.params, "project_id": spec.project_ids[0]}).connect()
    found = survey(api, spec)
    facts: dict[str, Any] = {"changed": False, **result.to_result(spec, found)}
    if call.params["table"]:
        facts["table"] = result.freshness_table(spec, found)
    nothing = () if found.addons else (messages.NOTHING_SELECTED,)
    return Outcome(facts, api.client, warnings=(*starmap(messages.project_unread, found.unread.items()), *nothing))


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
