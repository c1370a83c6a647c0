#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pre_deploy_options
short_description: Read the variables of the role pre_deploy_snapshot, and decide what it does
version_added: 0.10.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Reads the variables of the role P(northflank.cloud.pre_deploy_snapshot#role) before the role does anything. The role
    uses it. You need it only to see how the role reads a value.
  - With O(purpose), it then runs M(northflank.cloud.pre_deploy_set_info) with what it has read, and returns those
    results as well. Without, it sends no request.
  - Each value may be text, as C(-e name=value) and surveys give it. Empty text and null count as not given.
  - In the role, it fails where the play's strategy would run the role for each host, and is skipped where the role was
    imported and its tag was not chosen.
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  release:
    description:
      - What is deployed, as a commit, a tag or a build number. It names one deployment, so never use a branch alone.
      - Must be text. Put numbers into quotes, as V(1.10) without them is V(1.1).
    type: raw
    required: true
  variables:
    description:
      - The role's variables by name, without the prefix C(pre_deploy_snapshot_).
    type: dict
    default: {}
  names:
    description:
      - The names of all variables that begin with C(pre_deploy_snapshot_). One that the role does not have is an error.
    type: list
    elements: str
    default: []
  purpose:
    description:
      - What to decide, as the option O(northflank.cloud.pre_deploy_set_info#module:purpose) says.
      - Works in a playbook and with C(ansible), not where the module is run by other means.
    type: str
    choices: [snapshot, rollback, list]
  published:
    description:
      - The sets that this run has taken, as C(pre_deploy_snapshot_published) holds them. With O(purpose=rollback), the
        one of this project and release is used, and the task fails if it could not be taken.
    type: list
    elements: dict
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: How does the role read these values
  northflank.cloud.pre_deploy_options:
    project_id: default-project
    release: build-117
    variables:
      addon_ids: postgres-main,mysql-orders
      rollback_safety: "false"
      keep_last: ""

- name: Which set would a deployment of this build stand on
  northflank.cloud.pre_deploy_options:
    project_id: default-project
    release: build-117
    purpose: snapshot
    variables:
      addon_ids: postgres-main,mysql-orders
"""

RETURN = r"""
options:
  description: The variables that are given, each as what it means.
  returned: success
  type: dict
  sample:
    addon_ids: [postgres-main, mysql-orders]
    rollback_safety: false
published_as:
  description:
    - What a set is published as in C(pre_deploy_snapshot_published). The same only for one release of one project at
      one address.
  returned: success
  type: str
  sample: https://api.northflank.com - default-project build-117
published:
  description: The backups of this project and release that this run has taken. V(null) if it has taken none.
  returned: success
  type: list
  elements: dict
  sample: null
rollback_command:
  description: The command that goes back to the release's last set.
  returned: success
  type: str
  sample: ansible-playbook northflank.cloud.rollback -e project_id=default-project -e release=build-117
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 0
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 1000, "reset": 3600}
"""

from typing import Any

from ..module_utils._pre_deploy import options as pre_deploy_options
from ..module_utils._pre_deploy.commands import Commands
from ..module_utils._pre_deploy.names import checked_release
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    "release": {"type": "raw", "required": True},
    "variables": {"type": "dict", "default": {}},
    "names": {"type": "list", "elements": "str", "default": []},
    "purpose": {"type": "str", "choices": ["snapshot", "rollback", "list"]},
    "published": {"type": "list", "elements": "dict"},
}


def task(call: Call) -> Outcome:
    """Check everything, and send nothing."""
    params = call.params
    pre_deploy_options.check_names(params["names"])
    release = checked_release(params["release"])
    options = pre_deploy_options.read_options(params["variables"])
    api = call.connect()
    connection = call.connection
    key = pre_deploy_options.published_as(connection.target.url, connection.team_id, api.project_id, release)
    rolls_back = params["purpose"] == "rollback"
    result = {
        "changed": False,
        "options": options,
        "published_as": key,
        "published": pre_deploy_options.taken_in_this_run(params["published"] or (), key) if rolls_back else None,
        "rollback_command": Commands.of(params).rollback(release),
    }
    return Outcome(result, api.client)


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
