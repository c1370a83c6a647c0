#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_schedule_info
short_description: List the schedules by which Northflank takes backups of addons
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Lists the backup schedules of one addon or several. The options filter the list.
  - Takes one request for each addon. Without O(addon_id), also one for each 100 addons of the project.
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.table
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  addon_id:
    description:
      - The addons' IDs, one or several. If not given, all addons of the project.
    type: list
    elements: str
  interval:
    description:
      - Only schedules of this interval.
    type: str
    choices: [hourly, daily, weekly]
  backup_type:
    description:
      - Only schedules for backups of this type.
    type: str
    choices: [snapshot, dump]
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: Read the schedules of a database
  northflank.cloud.addon_backup_schedule_info:
    project_id: default-project
    addon_id: postgres-main
  register: found

- name: Make sure that it is backed up every day
  ansible.builtin.assert:
    that: found.schedules | selectattr('interval', 'eq', 'daily') | length > 0

- name: List the schedules of all databases of a project
  northflank.cloud.addon_backup_schedule_info:
    project_id: default-project
"""

RETURN = r"""
schedules:
  description:
    - The matching schedules. They are sorted by addon in the given order, or by its ID if O(addon_id) is not given,
      then by interval with V(hourly), V(daily), V(weekly), then by type.
    - Each has the keys that RV(northflank.cloud.addon_backup_schedule#module:schedule) describes, except C(changed),
      C(action) and C(error).
  returned: success
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      project_id: default-project
      id: daily-snapshot-1
      interval: daily
      backup_type: snapshot
      minute: [30]
      hour: [2]
      day: []
      retention_time: 14
      compression_type: null
      custom_destination_id: null
      additional_destinations: []
      created_at: "2026-03-01T12:00:00.000Z"
      updated_at: "2026-03-01T12:00:00.000Z"
unread:
  description:
    - By addon, why it could not be read. The result is without these addons, and a warning says so.
    - Only if O(addon_id) is not given. An addon that is named and cannot be read is a failure, and so is a project of
      which nothing can be read.
  returned: success
  type: dict
  sample: {}
table:
  description:
    - RV(schedules) as lines for people, aligned, with a heading. Empty if there are none.
    - What holds for each hour or day is V(every). What is not known is V(-).
  returned: success, with table=true
  type: list
  elements: str
  sample:
    - "ADDON          INTERVAL  TYPE      DAY    HOUR  MINUTE  KEPT"
    - "postgres-main  daily     snapshot  every  2     30      14 d"
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 1
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 999, "reset": 3600}
"""

from itertools import starmap
from typing import Any, Mapping

from ..module_utils._api.schedule_endpoints import list_schedules
from ..module_utils._api.schedule_models import Schedule
from ..module_utils._schedule.plan import INTERVALS, order
from ..module_utils._schedule.table import schedule_table
from ..module_utils._task import validation
from ..module_utils._task.each import read_each
from ..module_utils._task.messages import left_out
from ..module_utils._task.module import run_module
from ..module_utils._task.tables import table_spec
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **table_spec(),
    "addon_id": {"type": "list", "elements": "str"},
    "interval": {"type": "str", "choices": list(INTERVALS)},
    "backup_type": {"type": "str", "choices": ["snapshot", "dump"]},
}


def schedule_fits(schedule: Schedule, wanted: Mapping[str, Any]) -> bool:
    """Return whether a schedule is asked for; what is None was not asked."""
    return wanted["interval"] in (None, schedule.settings.interval) and wanted["backup_type"] in (
        None,
        schedule.settings.backup_type,
    )


def task(call: Call) -> Outcome:
    """Check, then read."""
    addon_ids = validation.some_addon_ids(call.params["addon_id"])
    api = call.connect()
    found, unread = read_each(api, addon_ids, lambda addon_id: list_schedules(api, addon_id))
    pairs = [
        (addon_id, schedule)
        for addon_id, schedules in found.items()
        for schedule in sorted(schedules, key=order)
        if schedule_fits(schedule, call.params)
    ]
    shown = [{**one.to_result(), "addon_id": addon_id, "project_id": api.project_id} for addon_id, one in pairs]
    facts: dict[str, Any] = {"changed": False, "schedules": shown, "unread": unread}
    if call.params["table"]:
        facts["table"] = schedule_table(pairs)
    return Outcome(facts, api.client, warnings=tuple(starmap(left_out, unread.items())))


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
