#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_info
short_description: List the addons of a Northflank project
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Lists the managed databases ("addons") of a project with their types and states. The options filter the list.
  - Takes one request for each 100 addons of the project.
seealso:
  - module: northflank.cloud.addon_backup
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.table
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  addon_id:
    description:
      - Only the addons with these IDs. One that does not exist is left out, without an error.
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
  status:
    description:
      - Only addons in one of these states, such as V(running) or V(paused).
    type: list
    elements: str
    choices:
      - preDeployment
      - triggerAllocation
      - allocating
      - postDeployment
      - running
      - paused
      - scaling
      - upgrading
      - resetting
      - backup
      - restore
      - failed
      - error
      - errorAllocating
      - deleting
      - deleted
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: All running databases of a project
  northflank.cloud.addon_info:
    project_id: default-project
    types: [postgresql, mysql, mongodb]
    status: [running]
  register: databases

- name: Back them up together
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: "{{ databases.addons | map(attribute='id') }}"
    name: Before maintenance
"""

RETURN = r"""
addons:
  description: The matching addons, sorted by ID.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The addon's ID.
      type: str
      sample: postgres-main
    name:
      description: The addon's name.
      type: str
      sample: Postgres main
    project_id:
      description: The project's ID.
      type: str
      sample: default-project
    type:
      description: The addon's type.
      type: str
      sample: postgresql
    status:
      description: The addon's state. Only a V(running) addon can be backed up.
      type: str
      sample: running
    tags:
      description: The addon's tags.
      type: list
      elements: str
      sample: [production]
    description:
      description: The addon's description. V(null) if it has none.
      type: str
      sample: Orders and customers
table:
  description:
    - RV(addons) as lines for people, aligned, with a heading. Empty if there are none.
  returned: success, with table=true
  type: list
  elements: str
  sample:
    - "ADDON          TYPE        STATE    TAGS"
    - "postgres-main  postgresql  running  production"
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

from typing import Any, Mapping

from ..module_utils._api.models import Addon
from ..module_utils._api.states import ADDON_STATES
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.not_found import explain_not_found
from ..module_utils._task.tables import NO_VALUE, aligned, table_spec
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **table_spec(),
    "addon_id": {"type": "list", "elements": "str"},
    "types": {"type": "list", "elements": "str"},
    "tags": {"type": "list", "elements": "str"},
    "status": {"type": "list", "elements": "str", "choices": list(ADDON_STATES)},
}


def addon_fits(addon: Addon, wanted: Mapping[str, Any]) -> bool:
    """Return whether an addon is asked for; what is None was not asked."""
    named = wanted["addon_id"] is None or addon.id in wanted["addon_id"]
    return named and addon.fits(wanted["types"], wanted["tags"], wanted["status"])


def task(call: Call) -> Outcome:
    """Check, then read."""
    wanted = dict(call.params)
    if wanted["addon_id"] is not None:
        wanted["addon_id"] = validation.addon_ids(wanted["addon_id"])
    api = call.connect()
    with explain_not_found(api, ""):
        found = [addon for addon in api.list_addons() if addon_fits(addon, wanted)]
    shown = [{"project_id": api.project_id, **addon.to_result()} for addon in sorted(found, key=lambda addon: addon.id)]
    facts: dict[str, Any] = {"changed": False, "addons": shown}
    if wanted["table"]:
        rows = [(one["id"], one["type"], one["status"], ", ".join(one["tags"]) or NO_VALUE) for one in shown]
        facts["table"] = aligned(("ADDON", "TYPE", "STATE", "TAGS"), rows)
    return Outcome(facts, api.client)


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
