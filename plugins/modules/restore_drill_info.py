#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_drill_info
short_description: Choose the databases whose backups are restored next to prove that it works
version_added: 0.10.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Tells which addons the role P(northflank.cloud.restore_drill#role) drills next, from the evidence of earlier drills.
    One that was never drilled comes first, then the one whose last drill is the oldest, whether it passed or not.
  - Finds forks that an interrupted drill has left, and tells the command that removes each.
  - Looks whether evidence can be written, and whether the files of checks are there, before the first request.
seealso:
  - module: northflank.cloud.addon_fork
  - module: northflank.cloud.restore_drill_evidence
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  addon_id:
    description:
      - The addons to choose from. If not given, all addons of the project that can be forked, without forks of drills.
    type: list
    elements: str
  sample:
    description:
      - How many of them are drilled in this run. If not given, all in O(addon_id). One of both is required.
    type: int
  days:
    description:
      - Within how many days each of them is to be drilled. If O(sample) is too small for that with one run a day, the
        task warns.
    type: int
    default: 30
  dest:
    description:
      - The folder of the evidence, on the host where the task runs.
    type: path
    required: true
  check_files:
    description:
      - Files of tasks that must exist.
    type: list
    elements: path
    default: []
  leftover_age:
    description:
      - How old a fork of a drill must be to be told as left over. Younger ones may be of a drill that runs. Seconds, or
        a number followed by V(s), V(m), V(h), V(d) or V(w).
    type: str
    default: 4h
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: Which 2 databases are drilled next
  northflank.cloud.restore_drill_info:
    project_id: default-project
    sample: 2
    dest: drills
"""

RETURN = r"""
addons:
  description: The addons to drill, in this order.
  returned: success
  type: list
  elements: dict
  contains:
    addon_id:
      description: The addon's ID.
      type: str
      sample: postgres-main
    drilled_at:
      description: When its last drill ended, as ISO 8601. V(null) if there is no evidence of one.
      type: str
      sample: "2026-03-01T02:04:00Z"
    measured:
      description: What the checks of the newest drill that passed have measured. V(null) if there is none.
      type: dict
      sample: {"orders": 1200}
leftovers:
  description: Forks of earlier drills that are still there, the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the fork.
      type: str
      sample: drill-1a2b3c-260301020000
    addon_id:
      description: The ID of the addon that it was made of. V(null) if its backup no longer exists.
      type: str
      sample: postgres-main
    backup_id:
      description: The ID of the backup that it was made of. V(null) if that no longer exists.
      type: str
      sample: nightly-2026-03-01
    command:
      description: The command that removes it. Empty if its backup no longer exists.
      type: str
      sample: >-
        ansible localhost -m northflank.cloud.addon_fork -a 'state=absent project_id=default-project
        fork_name=drill-1a2b3c-260301020000 source_addon_id=postgres-main backup_id=nightly-2026-03-01'
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 3
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 997, "reset": 3600}
"""

from pathlib import Path
from typing import Any

from ..module_utils._api.endpoints import Api
from ..module_utils._api.errors import BackupError
from ..module_utils._api.models import Addon
from ..module_utils._drill import messages, plan
from ..module_utils._drill.evidence import last_measured
from ..module_utils._drill.folder import drills_of, evidence_folder
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.not_found import explain_not_found
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    "addon_id": {"type": "list", "elements": "str"},
    "sample": {"type": "int"},
    "days": {"type": "int", "default": 30},
    "dest": {"type": "path", "required": True},
    "check_files": {"type": "list", "elements": "path", "default": []},
    "leftover_age": {"type": "str", "default": "4h"},
}


def task(call: Call) -> Outcome:
    """Check everything, read, then choose."""
    params = call.params
    wanted = validation.some_addon_ids(params["addon_id"])
    sample, days = params["sample"], params["days"]
    if wanted is None and sample is None:
        raise BackupError(messages.how_many())
    for option in ("sample", "days"):
        plan.check_number(option, params[option])
    least_age = validation.duration_seconds("leftover_age", params["leftover_age"])
    for path in params["check_files"]:
        if not Path(path).is_file():
            raise BackupError(messages.no_check_file(path))
    folder, api = evidence_folder(params["dest"]), call.connect()
    with explain_not_found(api, ""):
        found = list(api.confirm_addons(api.list_addons()))
    ids = plan.candidates(found, wanted)
    drills = {addon_id: drills_of(folder, api.project_id, addon_id) for addon_id in ids}
    drilled_at = {addon_id: str(told[0]["ended_at"]) for addon_id, told in drills.items() if told}
    chosen = [
        {"addon_id": one, "drilled_at": drilled_at.get(one), "measured": last_measured(drills[one])}
        for one in plan.next_drills(ids, drilled_at, sample)
    ]
    told = api.client.server_time()
    now = call.timing.wall() if told is None else told
    left = [_told_leftover(api, one) for one in left_over(api, found, now, least_age)]
    warnings = [messages.fork_left_by_drill(one.name, one.age, row["command"]) for one, row in left]
    small = plan.too_few(len(ids), sample, days)
    result = {"changed": False, "addons": chosen, "leftovers": [row for _one, row in left]}
    return Outcome(result, api.client, warnings=tuple([*warnings, small] if small else warnings))


def left_over(api: Api, found: list[Addon], now: float, least_age: float) -> list[plan.Leftover]:
    """Return the forks that are old enough, each with what it was made of.

    :param now: seconds since 1970.
    :param least_age: seconds.
    """
    forks = [one for one in plan.leftovers(found, now) if one.age is None or one.age >= least_age]
    if not forks:
        return []
    ids = {addon_id: [one.id for one in api.list_backups(addon_id)] for addon_id in plan.candidates(found, None)}
    return [plan.source_of_leftover(one, api.project_id, ids) for one in forks]


def _told_leftover(api: Api, one: plan.Leftover) -> tuple[plan.Leftover, dict[str, Any]]:
    addon_id, backup_id = one.source or (None, None)
    removal = ""
    if addon_id is not None and backup_id is not None:
        removal = messages.removal_command(api.project_id, one.name, addon_id, backup_id)
    return one, {"name": one.name, "addon_id": addon_id, "backup_id": backup_id, "command": removal}


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
