#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_destination_info
short_description: List backup destinations and what is stored in them
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Lists the account's backup destinations, without their secrets. With O(destination_id), also the backups that are
    stored in one, newest first. Those of addons and projects that no longer exist are among them.
  - Takes one request for each 100 destinations, and with O(destination_id) one for each 100 backups.
  - The token needs the permission C(Account > Platform > BackupDestinations > Read).
seealso:
  - module: northflank.cloud.addon_backup_info
  - module: northflank.cloud.addon_backup_restore
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.table
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  destination_id:
    description:
      - The destination whose backups to list. You find its ID in the URL of the destination's page.
    type: str
  project_id:
    description:
      - Only backups of this project, which does not have to exist any more. A backup whose project the API does not say
        is left out. Without O(destination_id), it has no effect.
    type: str
  addon_id:
    description:
      - Only backups of these addons, one or several, which do not have to exist any more. A backup whose addon the API
        does not say is left out. Without O(destination_id), it has no effect.
    type: list
    elements: str
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: List the backup destinations
  northflank.cloud.backup_destination_info: {}
  register: places

- name: List what is stored in one of them
  northflank.cloud.backup_destination_info:
    destination_id: offsite-s3
  register: stored

- name: Find the backups of a database whose project was deleted
  northflank.cloud.backup_destination_info:
    destination_id: offsite-s3
    project_id: old-shop
    addon_id: postgres-main
  register: old
"""

RETURN = r"""
destinations:
  description:
    - The account's backup destinations, sorted by name. Each has exactly these keys, never the keys of the storage.
    - What the API does not tell is V(null), and so is a text that looks like a secret.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The destination's ID. V(null) if the API's list does not tell it.
      type: str
      sample: offsite-s3
    name:
      description: Its name.
      type: str
      sample: Offsite S3
    description:
      description: Its description, or V(null).
      type: str
      sample: In another region
    type:
      description: The type of the storage, or V(null).
      type: str
      sample: s3
    prefix:
      description: The folder in the bucket, or V(null).
      type: str
      sample: backups/
    usage:
      description: What it is for, or V(null). Backups of addons are V(globalBackups).
      type: str
      sample: globalBackups
    bucket_name:
      description: The bucket, or V(null).
      type: str
      sample: company-backups
    region:
      description: The bucket's region, or V(null).
      type: str
      sample: eu-west-1
    endpoint:
      description: The address of the storage, or V(null).
      type: str
      sample: s3.eu-west-1.amazonaws.com
backups:
  description:
    - The matching backups that are stored in O(destination_id), newest first. Empty if that is not given.
    - Whether their addons and projects still exist is not looked up.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The backup's ID, which is unique in its addon only.
      type: str
      sample: nightly
    name:
      description: The backup's name.
      type: str
      sample: Nightly
    status:
      description: The backup's state. Only a V(completed) one can be restored.
      type: str
      sample: completed
    created_at:
      description: When it was created.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
    completed_at:
      description: When it was complete, or V(null).
      type: str
      sample: "2026-03-01T12:00:42.000Z"
    expires_at:
      description: When the destination deletes it. V(null) if the API does not tell.
      type: str
      sample: "2026-03-31T12:00:00.000Z"
    size:
      description: Its size in bytes. V(null) if the API does not tell.
      type: int
      sample: 1234
    project_id:
      description: The project that it is from, or V(null).
      type: str
      sample: old-shop
    project_name:
      description: The name of that project, or V(null).
      type: str
      sample: Old shop
    addon_id:
      description: The addon that it is from, or V(null).
      type: str
      sample: postgres-main
    addon_name:
      description: The name of that addon, or V(null).
      type: str
      sample: Postgres main
    addon_type:
      description: The type of that addon, or V(null).
      type: str
      sample: postgresql
    addon_version:
      description: The version of that addon, or V(null).
      type: str
      sample: "16.4"
table:
  description:
    - RV(destinations) as lines for people, or with O(destination_id) RV(backups), aligned, with a heading. Empty if
      there are none.
    - An age is told by the API's clock, and not at all if that cannot be relied on. What is not known is V(-). If the
      ID of a destination is not known, the last line says where to find it.
  returned: success, with table=true
  type: list
  elements: str
  sample:
    - "PROJECT   ADDON          TYPE        ID       NAME     STATE      AGE      SIZE    EXPIRES"
    - "old-shop  postgres-main  postgresql  nightly  Nightly  completed  3 h 5 m  1.2 kB  2026-03-31"
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 2
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 998, "reset": 3600}
"""

from typing import Any

from ..module_utils._destination.engine import read_destinations, read_stored
from ..module_utils._destination.models import StoredBackup
from ..module_utils._destination.table import destination_table, stored_table
from ..module_utils._task import ages, validation
from ..module_utils._task.module import run_module
from ..module_utils._task.tables import table_spec
from ..module_utils._task.task import Call, Outcome, Task

ARGUMENTS: dict[str, Any] = {
    **table_spec(),
    "destination_id": {"type": "str"},
    "project_id": {"type": "str"},
    "addon_id": {"type": "list", "elements": "str"},
}
# Destinations are the account's, so no request names a project.
_NO_PROJECT = "none"


def task(call: Call) -> Outcome:
    """Check, then read."""
    wanted = call.params["destination_id"]
    if wanted is not None:
        wanted = validation.destination_id("destination_id", wanted)
    project_id = call.params["project_id"]
    if project_id is not None:
        validation.identifier("project_id", project_id)
    addon_ids = validation.some_addon_ids(call.params["addon_id"])
    api = call._replace(params={**call.params, "project_id": _NO_PROJECT}).connect()
    destinations = read_destinations(api)
    stored: list[StoredBackup] = []
    if wanted is not None:
        stored = [one for one in read_stored(api, wanted, destinations) if one.fits(project_id, addon_ids)]
    facts: dict[str, Any] = {
        "changed": False,
        "destinations": [one.to_result() for one in destinations],
        "backups": [one._asdict() for one in stored],
    }
    if call.params["table"]:
        now = ages.to_show(api.client.clock())
        facts["table"] = destination_table(destinations) if wanted is None else stored_table(stored, now)
    return Outcome(facts, api.client)


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
