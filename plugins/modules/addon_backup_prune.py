#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_prune
short_description: Keep the newest backups of Northflank addons, and delete the others
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Deletes the backups whose names begin with O(name_prefix) and that no rule keeps. Other backups are never touched.
  - The rules are those of C(restic forget). Each C(keep_*) works on its own, and a backup stays if at least one of them
    keeps it. Hours, days, weeks, months and years follow the UTC calendar, with ISO 8601 weeks. The time of a backup is
    its start. Unlike restic, the module does not keep the oldest backup in addition.
  - Only completed backups count towards a C(keep_*), so a failed backup never displaces a good one.
  - Some are never deleted, namely each addon's newest completed backup with O(name_prefix), any backup that is running,
    being restored or in a state that this version does not know, and imports.
  - The module reads the backups of all addons and decides on all of them before it deletes the first one. It decides
    for each addon separately, unless O(group_pattern) says which backups belong together.
  - The list of the addon's restores shows whether a backup is being restored. If a restore is running and the API does
    not say of which backup, no backup that it may be is deleted.
notes:
  - Takes one request for each 100 backups of each addon. Before and while an addon loses backups, it also reads the
    addon's restores, with one request for each 100 of them, every 10 seconds. Each deletion takes two requests, because
    the backup is read by its ID right before. Lists of several pages are then read twice, because an entry can move
    from one page to another in between.
  - A restore that begins within these 10 seconds protects its backup only if the API reports it in its answer for that
    backup, or refuses to delete it.
  - A deleted backup cannot be recovered. Look at the result of check mode first.
seealso:
  - module: northflank.cloud.addon_backup
  - module: northflank.cloud.pre_deploy_set_prune
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.table
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
      - The addons' IDs, one or several.
    type: list
    elements: str
    required: true
  name_prefix:
    description:
      - Only backups whose names begin with this are considered. At least 3 characters.
      - The safety snapshots of rollbacks are kept and count for no rule, unless this begins with V(pre-rollback).
    type: str
    required: true
  name_pattern:
    description:
      - A Python regular expression that must match the whole rest of the name after O(name_prefix). Other backups are
        not considered.
    type: str
  keep_last:
    description:
      - Keep this many of the newest completed backups. Like the other numbers, at least 1.
      - At least one of the options that begin with C(keep_) is required.
    type: int
  keep_hourly:
    description:
      - Keep the newest completed backup of each of the last hours that have one, for this many hours.
    type: int
  keep_daily:
    description:
      - Keep the newest completed backup of each of the last days that have one, for this many days.
    type: int
  keep_weekly:
    description:
      - Keep the newest completed backup of each of the last weeks that have one, for this many weeks.
    type: int
  keep_monthly:
    description:
      - Keep the newest completed backup of each of the last months that have one, for this many months.
    type: int
  keep_yearly:
    description:
      - Keep the newest completed backup of each of the last years that have one, for this many years.
    type: int
    version_added: 0.10.0
  keep_within:
    description:
      - Keep all completed backups that are older than the newest completed one by no more than this. A number followed
        by V(h), V(d) or V(w), such as V(36h). V(0) keeps none by this rule.
      - As with restic, this counts back from the newest backup and not from now. So if no more backups are taken, none
        is deleted merely because time passes.
    type: str
  backup_type:
    description:
      - Consider only backups of this type. Others neither count nor are deleted, and neither are those whose type the
        API does not say. The newest completed backup is then the newest one of this type.
      - If not given, all types except imports are considered.
    type: str
    choices: [snapshot, dump]
  protect:
    description:
      - Names or IDs of backups never to delete. They count like the others.
    type: list
    elements: str
    default: []
  delete_failed:
    description:
      - Also delete backups that failed, were aborted or were not supported. Otherwise they are kept.
    type: bool
    default: false
  group_pattern:
    description:
      - A Python regular expression that must match a whole name. Backups of all given addons whose names have the same
        text in its group in parentheses count as one, and are kept or deleted together. Without parentheses, backups
        with the same name belong together.
      - The time of a group is that of its newest completed member. A group with a member that may not be deleted is
        kept whole. Without O(delete_failed), so is a group with a failed member.
      - A group in which an addon has no completed backup is kept if a complete one would be, but does not count towards
        a C(keep_*).
      - Backups whose names it does not match are kept.
      - It may have at most one group in parentheses, not counting those that begin with V(?:).
    type: str
  wait_timeout:
    description:
      - How long the whole task may take, including retries.
      - Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w), from 1 second to 30 days.
    type: str
    default: "1800"
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: Keep the last seven nightly backups, and one a week for a month
  northflank.cloud.addon_backup_prune:
    project_id: default-project
    addon_id: postgres-main
    name_prefix: nightly-
    keep_last: 7
    keep_weekly: 4
    backup_type: snapshot
  register: pruned

- name: Say what was deleted
  ansible.builtin.debug:
    msg: "{{ pruned.deleted | map(attribute='name') | join(', ') }}"

- name: Delete only the records of nightly backups that failed
  northflank.cloud.addon_backup_prune:
    project_id: default-project
    addon_id: [postgres-main, mysql-orders]
    name_prefix: nightly-
    keep_within: 5000w
    delete_failed: true

- name: Keep the backups of the last three builds of an application, of both databases or none
  northflank.cloud.addon_backup_prune:
    project_id: default-project
    addon_id:
      - postgres-main
      - mysql-orders
    name_prefix: "Before build "
    name_pattern: '[0-9]+(-[0-9]+)?'
    group_pattern: 'Before build ([0-9]+)(?:-[0-9]+)?'
    keep_last: 3
    keep_within: 2d
    delete_failed: true
    protect:
      - Before build 100
"""

RETURN = r"""
deleted:
  description:
    - The deleted backups, newest first, as they were before. In check mode, those that would be deleted. After a
      failure, only those that are certainly gone.
    - If several tasks prune at the same time, each lists what it deleted itself.
    - Each has the keys that RV(northflank.cloud.addon_backup#module:backup) describes from C(id) on, and C(addon_id),
      C(project_id) and C(reason).
  returned: when the backups could be read
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      project_id: default-project
      reason: kept by no rule
      id: nightly-20260201
      uid: 3f5c8a52-4b7e-4c2b-9a39-0f6f8f3f8f0e
      name: nightly-20260201
      status: completed
      created_at: "2026-02-01T02:00:00.000Z"
      completed_at: "2026-02-01T02:00:42.000Z"
      backup_type: snapshot
      purpose: null
      size: 1234
      duration: 42.0
      config: {"source": {"type": "snapshot"}, "size": 1234}
      last_restore: null
kept:
  description:
    - The remaining backups whose names begin with O(name_prefix), newest first, with the same keys. C(reason) says what
      keeps each one.
    - After a failure, only those that were to be deleted, without the keys that are V(null).
  returned: when the backups could be read
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      project_id: default-project
      reason: last 7, weekly 2026-W09, newest completed
      id: nightly-20260301
      uid: 7a0b8c9d-2f4e-4b6a-8c1d-5e3f7a9b1c2d
      name: nightly-20260301
      status: completed
      created_at: "2026-03-01T02:00:00.000Z"
      completed_at: "2026-03-01T02:00:42.000Z"
      backup_type: snapshot
      purpose: null
      size: 1234
      duration: 42.0
      config: {"source": {"type": "snapshot"}, "size": 1234}
      last_restore: null
table:
  description:
    - RV(deleted) and RV(kept) together as lines for people, newest first, aligned, with a heading. Empty if there are
      none. In check mode, V(would delete) stands in place of V(deleted).
    - An age is told by the API's clock, and not at all if that cannot be relied on. What is not known is V(-).
  returned: when the backups could be read, with table=true
  type: list
  elements: str
  sample:
    - "ADDON          NAME              AGE      SIZE    WHAT     WHY"
    - "postgres-main  nightly-20260301  10 h 0 m  1.2 kB  kept     last 7, newest completed"
    - "postgres-main  nightly-20260201  28 d 10 h  1.2 kB  deleted  kept by no rule"
requests:
  description: How many requests this task sent to the API.
  returned: when the backups could be read
  type: int
  sample: 3
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the backups could be read
  type: dict
  sample: {"limit": 1000, "remaining": 997, "reset": 3600}
"""

import re
from typing import Any, Mapping, Optional

from ..module_utils._api.errors import InvalidInput
from ..module_utils._retention.plan import read_backups
from ..module_utils._retention.policy import Policy, span
from ..module_utils._retention.prune import by_policy, planned, prune, pruned_result
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.patterns import may_explode
from ..module_utils._task.tables import table_spec
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **table_spec(),
    "addon_id": {"type": "list", "elements": "str", "required": True},
    "name_prefix": {"type": "str", "required": True},
    "name_pattern": {"type": "str"},
    "keep_last": {"type": "int"},
    "keep_hourly": {"type": "int"},
    "keep_daily": {"type": "int"},
    "keep_weekly": {"type": "int"},
    "keep_monthly": {"type": "int"},
    "keep_yearly": {"type": "int"},
    "keep_within": {"type": "str"},
    "backup_type": {"type": "str", "choices": ["snapshot", "dump"]},
    "protect": {"type": "list", "elements": "str", "default": []},
    "delete_failed": {"type": "bool", "default": False},
    "group_pattern": {"type": "str"},
    "wait_timeout": {"type": "str", "default": "1800"},
}
# Each with the unit of its number.
_COUNTS = {
    "keep_last": "backup",
    "keep_hourly": "hour",
    "keep_daily": "day",
    "keep_weekly": "week",
    "keep_monthly": "month",
    "keep_yearly": "year",
}
_SHORTEST_PREFIX = 3


def policy(params: Mapping[str, Any]) -> Policy:
    """Check the arguments that say what to keep, and put them into the form that is decided by.

    :raises InvalidInput: one breaks its rule.
    """
    prefix = params["name_prefix"]
    # 0 says the same as nothing.
    keep_within = (span("keep_within", params["keep_within"]) if params["keep_within"] is not None else 0) or None
    if len(prefix) < _SHORTEST_PREFIX:
        raise InvalidInput("name_prefix", f"must have at least {_SHORTEST_PREFIX} characters", prefix)
    given = {option: params[option] for option in _COUNTS if params[option] is not None}
    if not given and keep_within is None:
        others = ", ".join([*_COUNTS, "keep_within"][1:])
        raise InvalidInput("keep_last", f"or one of {others} is required")
    return Policy(
        name_prefix=prefix,
        name_pattern=pattern(params, "name_pattern"),
        keep_within=keep_within,
        backup_type=params["backup_type"],
        protect=frozenset(params["protect"]),
        delete_failed=params["delete_failed"],
        group_pattern=grouping(params),
        **{option: validation.whole_number(option, given[option], 1, None, _COUNTS[option]) for option in given},
    )


def pattern(params: Mapping[str, Any], option: str) -> Optional[re.Pattern[str]]:
    """Return a regular expression, or None where none is given.

    :raises InvalidInput: it is none.
    """
    if params[option] is None:
        return None
    try:
        compiled, explodes = re.compile(params[option]), may_explode(params[option])
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidInput(option, f"must be a regular expression ({error})", params[option]) from error
    if explodes:
        rule = (
            "must not repeat what is itself of several lengths, such as (a+)+, nor have more than four repetitions in "
            "a row that take the same character, such as .*.*.*.*.*: that can take forever"
        )
        raise InvalidInput(option, rule, params[option])
    return compiled


def grouping(params: Mapping[str, Any]) -> Optional[re.Pattern[str]]:
    """Return the regular expression that says what belongs together.

    :raises InvalidInput: it is none, or does not say by which group.
    """
    compiled = pattern(params, "group_pattern")
    if compiled is not None and compiled.groups > 1:
        rule = f"must have one group in parentheses at most, not {compiled.groups}; write (?:...) for the others"
        raise InvalidInput("group_pattern", rule, params["group_pattern"])
    return compiled


def task(call: Call) -> Outcome:
    """Check, read everything, decide, then delete."""
    addon_ids, keep = validation.addon_ids(call.params["addon_id"]), policy(call.params)
    api = call.connect()
    work = by_policy(api, read_backups(api, addon_ids), keep)
    pruned = planned(work) if call.check_mode else prune(work)
    return Outcome(
        result=pruned_result(call, api, pruned),
        client=api.client,
        error=pruned.error,
        diff=pruned.diff(),
    )


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
