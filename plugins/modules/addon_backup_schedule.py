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
  - Makes sure that an addon has, or does not have, a schedule by which Northflank takes backups of it.
  - An addon has at most one schedule for each O(interval) and O(backup_type), so these two select the schedule.
  - To change a schedule, the module deletes it and creates the new one, as Northflank's guide describes. If the API
    refuses the new one, the module creates the old one again, and the task fails. If that fails, too, the message
    contains the whole old schedule as a task to paste. If an answer is lost, the module first finds out what the
    request did.
  - The API can also change schedules with a PATCH of the addon. The module does not use it, because the API's
    documentation does not say whether that replaces all schedules of the addon.
  - The backups of a schedule stay until their retention time is over, even if the schedule is deleted.
notes:
  - Takes one request if nothing has to be done, three for a new schedule, and four to replace one.
  - A replacement begins only if enough of the account's requests are left to finish it. If the request limit is used up
    after the old schedule was deleted, the task waits for the next hour, so that the addon is not left without a
    schedule.
  - A task that is killed, or ended by the keyword C(timeout), between deleting the old schedule and creating the new
    one leaves the addon without a schedule. Run it again to create the schedule.
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
      - How often to take backups. O(minute), O(hour) and O(day) say when.
    type: str
    choices: [hourly, daily, weekly]
    required: true
  backup_type:
    description:
      - V(snapshot) is a copy of the addon's disk. V(dump) is written by the database's own tools and can be downloaded.
        Not every type of addon supports dumps.
    type: str
    choices: [snapshot, dump]
    required: true
  minute:
    description:
      - The minutes of the hour, from 0 to 59, without repetition. Required with O(state=present).
    type: list
    elements: int
  hour:
    description:
      - The hours of the day, from 0 to 23, without repetition. In each of them, a backup is taken at each O(minute).
      - Required with O(interval=daily) and O(interval=weekly). Not allowed with O(interval=hourly).
    type: list
    elements: int
  day:
    description:
      - The days of the week, without repetition. Names, such as V(monday) or V(mon), or numbers from V(0) for Monday to
        V(6) for Sunday. On each of them, backups are taken at each O(hour) and O(minute).
      - Required with O(interval=weekly). Not allowed with the other intervals.
    type: list
    elements: raw
  retention_time:
    description:
      - After how many days to delete a backup of this schedule, at least 1. Required with O(state=present).
      - Some versions of the API's reference allow at most 7 days with O(interval=hourly), 60 with O(interval=daily) and
        120 with O(interval=weekly). The newest version names no limit. The module warns if a schedule exceeds these,
        and the API may refuse it.
      - A schedule may not make more than 500 backups before the first one expires. So an hourly schedule with one
        O(minute) can keep its backups for 20 days.
    type: int
  compression_type:
    description:
      - How to compress dumps. If not given, a new schedule uses the API's default, V(gz), and an existing one keeps its
        setting.
      - Only with O(backup_type=dump).
    type: str
    choices: [gz, zstd]
  custom_destination_id:
    description:
      - The ID of one of the account's backup destinations, to store dumps there instead of at Northflank. An empty
        string means at Northflank.
      - If not given, a new schedule stores at Northflank, and an existing one keeps its setting.
      - Only with O(backup_type=dump).
    type: str
  additional_destinations:
    description:
      - Further places to store snapshots. An empty list means none.
      - If not given, a new schedule has none, and an existing one keeps its setting.
      - Only with O(backup_type=snapshot).
    type: list
    elements: dict
    suboptions:
      destination_id:
        description:
          - The ID of one of the account's backup destinations, with 3 to 100 characters. Each may appear only once.
        type: str
        required: true
      retention_time:
        description:
          - Days to keep the copies there, at least 1. If not given, an existing setting stays, or the API decides. For
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
      - V(present) makes sure that the schedule exists and is as the options say.
      - V(absent) makes sure that there is no schedule of this O(interval) and O(backup_type). Options that describe it
        further are not allowed.
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

- name: A dump on Wednesdays and Sundays at 04:00, kept for twelve weeks in your own storage
  northflank.cloud.addon_backup_schedule:
    project_id: default-project
    addon_id: postgres-main
    interval: weekly
    backup_type: dump
    day: [wednesday, sunday]
    hour: [4]
    minute: [0]
    retention_time: 84
    compression_type: zstd
    custom_destination_id: example-destination

- name: Stop the hourly snapshots; existing ones stay until their retention time is over
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
    - The schedule as it is now.
    - On failure, C(addon_id), C(action) and C(changed), and everything known of the schedule at that time.
    - In check mode, RV(schedule.id) of a schedule that would be created is V(null).
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
        - Whether this task created or deleted a schedule. It is also V(true) if the answer to a request was lost and
          its effect is not known, and if the old schedule was deleted and created again.
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
      description: V(null), because C(msg) says why a task fails.
      type: str
      sample: null
    id:
      description: The schedule's ID. V(null) if there is none, or none yet.
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
      description: The minutes, sorted.
      type: list
      elements: int
      sample: [30]
    hour:
      description: The hours, sorted. Empty for an hourly schedule.
      type: list
      elements: int
      sample: [2]
    day:
      description: The days, sorted, where 0 is Monday. Empty unless the schedule is weekly.
      type: list
      elements: int
      sample: []
    retention_time:
      description: Days after which its backups are deleted. V(null) if there is no schedule.
      type: int
      sample: 14
    compression_type:
      description: How dumps are compressed. V(null) for snapshots, and if it is not known.
      type: str
      sample: null
    custom_destination_id:
      description: Where dumps are stored. V(null) means at Northflank.
      type: str
      sample: null
    additional_destinations:
      description: Further places where snapshots are stored.
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
          description: Days after which the copies are deleted. V(null) if the API does not say.
          type: int
          sample: 7
      sample: []
    created_at:
      description: When the schedule was created, as ISO 8601. V(null) if there is none, or if it is not known.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
    updated_at:
      description: When the schedule was last changed, as ISO 8601. V(null) in the same cases.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
requests:
  description: How many requests this task sent to the API.
  returned: when the arguments are valid
  type: int
  sample: 3
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the arguments are valid
  type: dict
  sample: {"limit": 1000, "remaining": 997, "reset": 3600}
"""

from typing import Any

from ..module_utils._schedule.arguments import unwanted_settings, wanted_settings
from ..module_utils._schedule.engine import ScheduleRun, run_schedule
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
    "day": {"type": "list", "elements": "raw"},
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
    work = run_schedule(ScheduleRun(api, addon_id, wanted, call.check_mode), params["state"])
    return Outcome(
        result={"changed": work.changed, "schedule": work.to_result() if work.error is None else work.to_failure()},
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
