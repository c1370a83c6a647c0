#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_credentials_info
short_description: Read how to connect to a Northflank addon
version_added: 0.10.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Reads the credentials of an addon, which an application would get as environment variables.
  - They are secrets, so the task fails before its first request unless it has C(no_log=true).
notes:
  - Which keys there are depends on the addon's type and network, and the API's documentation does not list them. For a
    first look, Northflank's web interface shows them on the addon's page.
  - The token needs the permission C(Project > Addons > General > Read Spec).
  - The role P(northflank.cloud.restore_drill#role) runs this module for each fork.
seealso:
  - module: northflank.cloud.addon_info
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  addon_id:
    description:
      - The addon's ID.
    type: str
    required: true
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: Read how to connect to the database
  northflank.cloud.addon_credentials_info:
    project_id: default-project
    addon_id: postgres-main
  register: found
  no_log: true
"""

RETURN = r"""
secrets:
  description: The secrets by their names, such as C(username) and C(password).
  returned: success
  type: dict
  sample: {"username": "reader", "password": "..."}
envs:
  description: What is no secret, by name. It is often empty.
  returned: success
  type: dict
  sample: {}
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

from typing import Any

from ..module_utils._api.credential_endpoints import read_credentials
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.not_found import explain_not_found
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {**project_spec(), "addon_id": {"type": "str", "required": True}}


def task(call: Call) -> Outcome:
    """Check, then read."""
    addon_id = validation.identifier("addon_id", call.params["addon_id"])
    api = call.connect()
    with explain_not_found(api, addon_id):
        found = read_credentials(api, addon_id)
    return Outcome({"changed": False, "secrets": found.secrets, "envs": found.envs}, api.client)


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
