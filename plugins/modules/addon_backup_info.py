#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_info
short_description: List the backups of Northflank addons
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Lists the backups of one addon or several, newest first, and picks out the newest complete one. The options filter
    the list.
  - Takes one request for each 100 backups of each addon. Without O(addon_id), also one for each 100 addons of the
    project.
seealso:
  - module: northflank.cloud.addon_backup
  - module: northflank.cloud.addon_backup_restore
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
  name:
    description:
      - Only backups of exactly this name.
    type: str
  name_prefix:
    description:
      - Only backups whose name begins with this.
    type: str
  backup_type:
    description:
      - Only backups of this type. A backup whose type the API does not say is left out.
    type: str
    choices: [snapshot, dump, import]
  status:
    description:
      - Only backups in one of these states.
    type: list
    elements: str
    choices: [scheduled, in-progress, completed, aborting, aborted, failed, not-supported]
  newer_than:
    description:
      - Only backups no older than this, by the API's clock. Seconds, or a number followed by V(s), V(m), V(h), V(d) or
        V(w).
    type: str
  older_than:
    description:
      - Only backups older than this, by the API's clock. Written as for O(newer_than).
    type: str
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: List the backups of the last week
  northflank.cloud.addon_backup_info:
    project_id: default-project
    addon_id: postgres-main
    newer_than: 1w
  register: recent

- name: Stop if the last good backup is too old
  ansible.builtin.assert:
    that: recent.latest is not none
    fail_msg: There is no complete backup from the last seven days.

- name: List the backups of all databases of a project
  northflank.cloud.addon_backup_info:
    project_id: default-project
  register: all

- name: Show them as a table
  ansible.builtin.debug:
    msg: "{{ all.table }}"

- name: List failed backups
  northflank.cloud.addon_backup_info:
    project_id: default-project
    addon_id: [postgres-main, mysql-orders]
    status: [failed, aborted]
"""

RETURN = r"""
backups:
  description:
    - The matching backups of all addons together, newest first. Each has the keys that
      RV(northflank.cloud.addon_backup#module:backup) describes from C(id) on, and C(addon_id) and C(project_id).
  returned: success
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      project_id: default-project
      id: before-release-2-4
      uid: 3f5c8a52-4b7e-4c2b-9a39-0f6f8f3f8f0e
      name: Before release 2.4
      status: completed
      created_at: "2026-03-01T12:00:00.000Z"
      completed_at: "2026-03-01T12:00:42.000Z"
      backup_type: snapshot
      purpose: null
      size: 1234
      duration: 42.0
      config: {"source": {"type": "snapshot"}, "size": 1234}
      last_restore: null
latest:
  description:
    - The newest complete one of RV(backups) that is not an import, or V(null).
    - The safety snapshot of a rollback (C(purpose) is V(safety)) counts only if O(name) or O(name_prefix) asks for it.
  returned: success
  type: dict
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
    - RV(backups) as lines for people, aligned, with a heading. Empty if there are none.
    - An age is told by the API's clock, and not at all if that cannot be relied on. What is not known is V(-).
  returned: success, with table=true
  type: list
  elements: str
  sample:
    - "ADDON          NAME                TYPE      STATE      AGE     SIZE"
    - "postgres-main  Before release 2.4  snapshot  completed  3 h 5 m  1.2 kB"
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
from typing import Any, Mapping, Optional, Sequence

from ..module_utils._api.endpoints import Api
from ..module_utils._api.errors import BackupError
from ..module_utils._api.models import IMPORT, Backup, posix_time
from ..module_utils._api.purpose import asks_for_safety
from ..module_utils._api.states import COMPLETED
from ..module_utils._backup import messages
from ..module_utils._task import ages, tables, validation
from ..module_utils._task.each import read_each
from ..module_utils._task.messages import left_out
from ..module_utils._task.module import run_module
from ..module_utils._task.tables import table_spec
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **table_spec(),
    "addon_id": {"type": "list", "elements": "str"},
    "name": {"type": "str"},
    "name_prefix": {"type": "str"},
    "backup_type": {"type": "str", "choices": ["snapshot", "dump", "import"]},
    "status": {
        "type": "list",
        "elements": "str",
        "choices": ["scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported"],
    },
    "newer_than": {"type": "str"},
    "older_than": {"type": "str"},
}


def backup_fits(backup: Backup, wanted: Mapping[str, Any], now: Optional[float]) -> bool:
    """Return whether a backup is asked for; what is None was not asked.

    :param wanted: the arguments, with ``newer_than`` and ``older_than`` in seconds.
    :param now: the API's clock, in seconds since 1970; not needed where no age is asked for.
    """
    if now is not None:
        age = backup.age(now)
        if wanted["newer_than"] is not None and age > wanted["newer_than"]:
            return False
        if wanted["older_than"] is not None and age <= wanted["older_than"]:
            return False
    return (
        wanted["name"] in (None, backup.name)
        and backup.name.startswith(wanted["name_prefix"] or "")
        and wanted["backup_type"] in (None, backup.backup_type)
        and (wanted["status"] is None or backup.status in wanted["status"])
    )


def may_be_latest(backup: Backup, wanted: Mapping[str, Any]) -> bool:
    """Return whether a backup that is asked for holds data that somebody could want back without naming it."""
    if backup.status != COMPLETED or backup.backup_type == IMPORT:
        return False
    return not backup.is_safety or wanted["name"] is not None or asks_for_safety(wanted["name_prefix"])


def check_filters(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments after the checks that a spec cannot express, durations in seconds.

    :raises InvalidInput: one breaks its rule.
    """
    wanted = dict(params)
    wanted["addon_id"] = validation.some_addon_ids(params["addon_id"])
    if params["name"] is not None:
        validation.backup_name("name", params["name"])
    for option in ("newer_than", "older_than"):
        wanted[option] = None if params[option] is None else validation.duration_seconds(option, params[option])
    return wanted


def asked_for(api: Api, found: Mapping[str, Sequence[Backup]], wanted: Mapping[str, Any]) -> list[tuple[str, Backup]]:
    """Return what is asked for, each with its addon, newest first."""
    now = None
    if not wanted["newer_than"] is wanted["older_than"] is None:
        now = ages.trusted(api.client.clock())
        for addon_id, backups in found.items():
            if now is None:
                raise BackupError(messages.no_clock_to_read(addon_id))
            ages.check_clock(now, backups)
    pairs = [(addon_id, one) for addon_id, backups in found.items() for one in backups if backup_fits(one, wanted, now)]
    return sorted(pairs, key=lambda pair: (posix_time(pair[1].created_at), pair[1].id), reverse=True)


def task(call: Call) -> Outcome:
    """Check, then read."""
    wanted = check_filters(call.params)
    api = call.connect()
    found, unread = read_each(api, wanted["addon_id"], api.list_backups)
    pairs = asked_for(api, found, wanted)
    shown = [{"addon_id": addon_id, "project_id": api.project_id, **one.to_result()} for addon_id, one in pairs]
    latest = next((facts for facts, (_addon_id, one) in zip(shown, pairs) if may_be_latest(one, wanted)), None)
    facts: dict[str, Any] = {"changed": False, "backups": shown, "latest": latest, "unread": unread}
    if call.params["table"]:
        facts["table"] = tables.of_backups(pairs, ages.to_show(api.client.clock()))
    return Outcome(facts, api.client, warnings=tuple(starmap(left_out, unread.items())))


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
