#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pre_deploy_set_prune
short_description: Delete the sets of snapshots of old releases
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Deletes old sets that the role P(northflank.cloud.pre_deploy_snapshot#role) has taken, over all addons of the
    project. The role does this after a new set is complete, where it has a number of releases to keep.
  - Only backups are touched whose names are those of sets, and only where the name's digest of the members proves which
    addons the set belongs to. Backups that a person or a schedule made never are, and neither are those that a rollback
    has taken of what it replaced.
  - Whole sets are kept or deleted together. All generations of a kept release are kept, also those that version 0.9
    took. Where the name that it gave to a set may be of several releases of the project, the set is left alone.
  - Never deleted are O(release) itself, a release of which a backup is under way or is being restored, a release whose
    last rollback is not complete, and a set that holds the newest completed backup of an addon.
  - The backups of all addons are read, and everything is decided, before the first one is deleted.
notes:
  - Takes one request for each 100 addons of the project, and one for each 100 backups of each addon. Where something is
    deleted, it takes one for each 100 restores of each addon with a backup of a release that loses something, again
    every 10 seconds; and two for each backup that is deleted, because each is read by its ID right before. Lists of
    several pages are then read twice, because what slips from one page to another while they are read is not told.
  - A backup that is deleted is gone forever. Look at what check mode returns first.
seealso:
  - module: northflank.cloud.addon_backup_prune
  - module: northflank.cloud.pre_deploy_set_info
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
  release:
    description:
      - The release that is deployed now. It is kept, and is one of O(keep_last).
      - Must be text. Put numbers into quotes, as V(1.10) without them is V(1.1).
    type: raw
    required: true
  keep_last:
    description:
      - Keep this many releases, the newest ones, at least 1. One that has no complete set does not count.
    type: int
    required: true
  keep_within:
    description:
      - Keep all releases whose newest completed backup is no older than this. A number with V(h), V(d) or V(w) behind
        it. V(0) keeps none by this rule.
    type: str
    default: 1d
  wait_timeout:
    description:
      - How long the whole task may take, with all its requests and repetitions.
      - Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w), from 1 second to 30 days.
    type: str
    default: "1800"
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: See what would go if the sets of the last ten releases were kept
  northflank.cloud.pre_deploy_set_prune:
    project_id: default-project
    release: build-117
    keep_last: 10
  check_mode: true

- name: Keep the sets of the last ten releases, and of all since yesterday
  northflank.cloud.pre_deploy_set_prune:
    project_id: default-project
    release: build-117
    keep_last: 10
"""

RETURN = r"""
deleted:
  description:
    - The backups that were deleted, newest release first, as they were before. In check mode, those that would be
      deleted. After a failure, only those that are known to be gone.
    - Of several tasks that prune at the same moment, each lists what it has deleted itself.
    - Each has the keys that RV(northflank.cloud.addon_backup#module:backup) describes from C(id) on, and C(addon_id),
      C(project_id) and C(reason).
  returned: when the backups could be read
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      project_id: default-project
      reason: kept by no rule
      id: pre-deploy-build-99-3ikejjze-583b5e
      uid: 3f5c8a52-4b7e-4c2b-9a39-0f6f8f3f8f0e
      name: pre-deploy-build-99-3ikejjze-583b5e
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
    - The backups of sets that are still there, with the same keys. The C(reason) tells what keeps each.
    - After a failure, only those that were to be deleted, without the keys that are V(null).
  returned: when the backups could be read
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      project_id: default-project
      reason: this release, young, newest completed of postgres-main
      id: pre-deploy-build-117-4z3nbwm7-583b5e
      uid: 7a0b8c9d-2f4e-4b6a-8c1d-5e3f7a9b1c2d
      name: pre-deploy-build-117-4z3nbwm7-583b5e
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
      none. In check mode, V(would delete) replaces V(deleted).
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
  sample: 9
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the backups could be read
  type: dict
  sample: {"limit": 1000, "remaining": 991, "reset": 3600}
"""

from typing import Any

from ..module_utils._pre_deploy import messages
from ..module_utils._pre_deploy.commands import Commands
from ..module_utils._pre_deploy.names import checked_release
from ..module_utils._pre_deploy.prune import addons_losing_backups, deleting, rules, unproved
from ..module_utils._retention import policy
from ..module_utils._retention.plan import Pruning, plan_retention
from ..module_utils._retention.prune import planned, prune, pruned_result
from ..module_utils._task import ages, validation
from ..module_utils._task.module import run_module
from ..module_utils._task.project import read_project
from ..module_utils._task.tables import table_spec
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **table_spec(),
    "release": {"type": "raw", "required": True},
    "keep_last": {"type": "int", "required": True},
    "keep_within": {"type": "str", "default": "1d"},
    "wait_timeout": {"type": "str", "default": "1800"},
}


def task(call: Call) -> Outcome:
    """Check, read everything, decide, then delete."""
    params = call.params
    release = checked_release(params["release"])
    keep_last = validation.whole_number("keep_last", params["keep_last"], 1, None, "release")
    keep_within = policy.span("keep_within", params["keep_within"])
    api = call.connect()
    _addons, found = read_project(api)
    decide = rules(release, keep_last, keep_within, ages.trusted(api.client.clock()))
    work = plan_retention(Pruning(api, decide, addons_losing_backups, found))
    pruned = planned(work) if call.check_mode else prune(work)
    doubtful = unproved(pruned.decisions)
    return Outcome(
        result=pruned_result(call, api, pruned),
        client=api.client,
        error=pruned.error,
        warnings=(messages.sets_unproved([*doubtful], deleting(doubtful, Commands.of(params))),) if doubtful else (),
        diff=pruned.diff(),
    )


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
