#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_schedule
short_description: Let Northflank take backups of an addon every hour, day or week
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Makes sure that an addon has a schedule, or has none, by which Northflank takes backups of it.
  - An addon has at most one schedule of each O(interval) and O(backup_type). So these two say which one is meant.
  - To change a schedule, the module deletes it and creates the new one, as Northflank's guide describes. Where the
    API refuses the new one, the old one is put back, and the task fails. Where that fails as well, the message holds
    the old schedule whole, as a task to paste. Where an answer is lost, the module looks what has become of the
    request before it goes on.
  - The API can also change schedules with a PATCH of the addon. The module does not use that, because it is not
    documented whether such a request replaces all schedules of the addon.
  - The backups that a schedule took stay until their retention time is over, also when the schedule is deleted.
notes:
  - Takes one request to find that nothing has to be done, three for a new schedule, and four to replace one.
  - A replacement begins only when enough of the account's requests are left to end it. A task that has deleted the
    old schedule waits for the next hour rather than leave the addon without one, if the request limit is used up then.
  - A task that is killed, or ended by the keyword C(timeout), between deleting the old schedule and creating the new
    one leaves the addon without it. Run it again to create it.
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
      - The addon's ID.
    type: str
    required: true
  interval:
    description:
      - How often backups are taken, at the times that O(minute), O(hour) and O(day) say.
    type: str
    choices: [hourly, daily, weekly]
    required: true
  backup_type:
    description:
      - V(snapshot) is a copy of the addon's disk, V(dump) is written by the database's own tools and can be
        downloaded. Not all types of addons support dumps.
    type: str
    choices: [snapshot, dump]
    required: true
  minute:
    description:
      - At which minutes of an hour, each from 0 to 59, none twice. Required with O(state=present).
    type: list
    elements: int
  hour:
    description:
      - At which hours of a day, each from 0 to 23, none twice. In each of them, a backup is taken at each
        O(minute).
      - Required with O(interval=daily) and O(interval=weekly), and not for O(interval=hourly).
    type: list
    elements: int
  day:
    description:
      - On which days of the week, each from 0 to 6, none twice. V(0) is Monday, V(6) is Sunday. On each of them,
        backups are taken at each O(hour) and O(minute).
      - Required with O(interval=weekly), and not for the others.
    type: list
    elements: int
  retention_time:
    description:
      - Days after which a backup of this schedule is deleted, at least 1. Required with O(state=present).
      - Some versions of the API's reference allow at most 7 days with O(interval=hourly), 60 with O(interval=daily) and
        120 with O(interval=weekly), and the newest name no limit. A schedule above that is created with a warning, and
        the API may refuse it.
      - A schedule cannot make more than 500 backups before the first one expires. So with one O(minute), an hourly one
        can keep its backups for 20 days.
    type: int
  compression_type:
    description:
      - How to compress dumps. If not given, a new schedule takes what the API takes, which is V(gz), and one that is
        there stays as it is.
      - Only with O(backup_type=dump).
    type: str
    choices: [gz, zstd]
  custom_destination_id:
    description:
      - The ID of a backup destination of the account where dumps are stored instead of with Northflank. An empty string
        means with Northflank.
      - If not given, a new schedule stores with Northflank, and one that is there stays as it is.
      - Only with O(backup_type=dump).
    type: str
  additional_destinations:
    description:
      - Where else to store snapshots. An empty list means nowhere else.
      - If not given, a new schedule stores nowhere else, and one that is there stays as it is.
      - Only with O(backup_type=snapshot).
    type: list
    elements: dict
    suboptions:
      destination_id:
        description:
          - The ID of a backup destination of the account, with 3 to 100 characters. Each only once.
        type: str
        required: true
      retention_time:
        description:
          - Days to keep the copies there, at least 1. If not given, what is set there stays, or the API decides. For
            limits, see O(retention_time).
        type: int
      type:
        description:
          - The kind of destination.
        type: str
        choices: [custom]
        default: custom
  state:
    description:
      - V(present) makes sure that there is such a schedule, and that it is as the options say.
      - V(absent) makes sure that there is none of this O(interval) and O(backup_type). It takes no further options
        that describe a schedule.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN in all of these.

- name: A snapshot every night at 02:30, kept for two weeks
  northflank.cloud.addon_backup_schedule:
    project_id: default-project
    addon_id: postgres-main
    interval: daily
    backup_type: snapshot
    hour: [2]
    minute: [30]
    retention_time: 14

- name: A snapshot every hour on the hour, kept for two days, with copies elsewhere for a week
  northflank.cloud.addon_backup_schedule:
    project_id: default-project
    addon_id: postgres-main
    interval: hourly
    backup_type: snapshot
    minute: [0]
    retention_time: 2
    additional_destinations:
      - destination_id: offsite-s3
        retention_time: 7

- name: A dump on Wednesdays and Sundays at 04:00, kept for twelve weeks in one's own storage
  northflank.cloud.addon_backup_schedule:
    project_id: default-project
    addon_id: postgres-main
    interval: weekly
    backup_type: dump
    day: [2, 6]
    hour: [4]
    minute: [0]
    retention_time: 84
    compression_type: zstd
    custom_destination_id: example-destination

- name: No more hourly snapshots; those that were taken stay until their time is over
  northflank.cloud.addon_backup_schedule:
    project_id: default-project
    addon_id: postgres-main
    interval: hourly
    backup_type: snapshot
    state: absent
"""

RETURN = r"""
schedule:
  description:
    - The schedule, as it is now. Returned on failure too, with what is known by then.
    - In check mode, a schedule that would be created has RV(schedule.id) V(null).
    - With O(state=absent), the schedule as it was before it was deleted.
  returned: when the arguments are valid
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
        - Whether this task created or deleted a schedule. V(true) also where the answer to a request was lost and could
          not be found out, and where the old schedule was deleted and put back.
      type: bool
      sample: true
    action:
      description:
        - V(created), V(replaced), V(deleted), V(put_back) (the new one could not be created, and the old one was
          created again), or V(none) (there was nothing to do, or the task failed). In check mode, what would be
          done.
      type: str
      sample: created
    error:
      description: Why the task failed, or V(null).
      type: str
      sample: null
    id:
      description: The schedule's ID; V(null) where there is none, or none yet.
      type: str
      sample: daily-snapshot-1
    interval:
      description: V(hourly), V(daily) or V(weekly).
      type: str
      sample: daily
    backup_type:
      description: V(snapshot) or V(dump).
      type: str
      sample: snapshot
    minute:
      description: At which minutes, sorted.
      type: list
      elements: int
      sample: [30]
    hour:
      description: At which hours, sorted; empty for an hourly schedule.
      type: list
      elements: int
      sample: [2]
    day:
      description: On which days, sorted, where 0 is Monday; empty unless the schedule is weekly.
      type: list
      elements: int
      sample: []
    retention_time:
      description: Days after which its backups are deleted; V(null) where there is no schedule.
      type: int
      sample: 14
    compression_type:
      description: How dumps are compressed; V(null) for snapshots, and where it is not known.
      type: str
      sample: null
    custom_destination_id:
      description: Where dumps are stored; V(null) where that is with Northflank.
      type: str
      sample: null
    additional_destinations:
      description: Where else snapshots are stored.
      type: list
      elements: dict
      contains:
        destination_id:
          description: The destination's ID.
          type: str
          sample: offsite-s3
        type:
          description: The kind of destination.
          type: str
          sample: custom
        retention_time:
          description: Days after which the copies are deleted; V(null) where the API does not tell.
          type: int
          sample: 7
      sample: []
    created_at:
      description: When the schedule was created, as ISO 8601; V(null) where there is none, or where it is not known.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
    updated_at:
      description: When the schedule was last changed, as ISO 8601; V(null) likewise.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
requests:
  description: How many requests to the API this task took.
  returned: when the arguments are valid
  type: int
  sample: 3
rate_limit:
  description:
    - The account's request budget as the API last told it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the arguments are valid
  type: dict
  sample: {"limit": 1000, "remaining": 997, "reset": 3600}
"""

from typing import Any

from ..module_utils._schedule.arguments import unwanted_settings, wanted_settings
from ..module_utils._schedule.engine import Work, run
from ..module_utils._schedule.plan import INTERVALS
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    "addon_id": {"type": "str", "required": True},
    "interval": {"type": "str", "choices": list(INTERVALS), "required": True},
    "backup_type": {"type": "str", "choices": ["snapshot", "dump"], "required": True},
    "minute": {"type": "list", "elements": "int"},
    "hour": {"type": "list", "elements": "int"},
    "day": {"type": "list", "elements": "int"},
    "retention_time": {"type": "int"},
    "compression_type": {"type": "str", "choices": ["gz", "zstd"]},
    "custom_destination_id": {"type": "str"},
    "additional_destinations": {
        "type": "list",
        "elements": "dict",
        "options": {
            "destination_id": {"type": "str", "required": True},
            "retention_time": {"type": "int"},
            "type": {"type": "str", "choices": ["custom"], "default": "custom"},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
_RULES = {"present": wanted_settings, "absent": unwanted_settings}


def task(call: Call) -> Outcome:
    """Check everything, then act."""
    params = call.params
    addon_id = validation.identifier("addon_id", params["addon_id"].strip())
    wanted = _RULES[params["state"]](params)
    api = call.connect()
    work = run(Work(api, addon_id, wanted, call.check_mode), params["state"])
    return Outcome(
        result={"changed": work.changed, "schedule": work.to_result()},
        client=api.client,
        error=work.error,
        warnings=tuple(work.warnings),
        diff=work.difference(),
    )


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
