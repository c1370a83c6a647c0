#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pre_deploy_set_info
short_description: Decide which set of snapshots a release stands on, or goes back to, or list all sets
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Makes the decisions of the role P(northflank.cloud.pre_deploy_snapshot#role), and changes nothing. Use it to see
    what the role would do.
  - A set is the backups of several addons that were taken together before one release. Its name holds 40 bits of a
    digest of the release and 24 of one of the addons, so that two releases do not share a name, and the names alone
    prove what belongs to a set.
  - The sets that version 0.9 took are generations of their release, too. Their names hold 24 bits of the release, so
    they may be another release's that begins with the same ten characters. None of them is used again; a rollback to
    one warns, and where such another release is known in the project, O(generation) has to name it.
  - Takes one request for each 100 addons of the project, one for each 100 backups of each addon, and one for each 100
    restores of each addon of the set and of the release's earlier sets, unless O(purpose=list). With O(keep_last), it
    takes one more for each other addon of which a set would be deleted. Lists of several pages are read twice, because
    an entry can move from one page to another in between.
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.table
  - northflank.cloud.attributes
  - northflank.cloud.attributes.info
options:
  release:
    description:
      - What is deployed, as a commit, a tag or a build number. It names one deployment, so never use a branch alone.
      - Must be text. Put numbers into quotes, as V(1.10) without them is V(1.1).
      - Required, unless O(purpose=list). There, only the sets of this release are listed.
    type: raw
  purpose:
    description:
      - V(snapshot) decides whether the release's last set is used again, or a new one has to be taken. A set is used
        again only if no restore into any of its addons began, and no other release took a set of any of them, since it
        was taken.
      - V(rollback) decides which backups are restored to the addons.
      - V(list) decides nothing, and lists the sets of all releases.
    type: str
    choices: [snapshot, rollback, list]
    required: true
  addon_ids:
    description:
      - The addons of the set. If not given, all addons of the project, narrowed by O(addon_types), O(addon_tags) and
        O(exclude). For O(purpose=snapshot).
    type: list
    elements: str
  addon_types:
    description:
      - Only addons of these types, such as V(postgresql) or V(mysql).
    type: list
    elements: str
  addon_tags:
    description:
      - Only addons that have at least one of these tags.
    type: list
    elements: str
  exclude:
    description:
      - Addons to leave out.
    type: list
    elements: str
  max_age:
    description:
      - Use the last set again if it is no older than this. Seconds, or a number followed by V(s), V(m), V(h), V(d) or
        V(w).
    type: str
    default: 6h
  backup_type:
    description:
      - What kind of backups the set is of. A set of another kind is not used again. For O(purpose=snapshot).
    type: str
    choices: [snapshot, dump]
    default: snapshot
  keep_last:
    description:
      - Return in RV(superseded) what M(northflank.cloud.pre_deploy_set_prune) with this value would delete as soon as
        the set is complete. For O(purpose=snapshot).
    type: int
  keep_within:
    description:
      - As for M(northflank.cloud.pre_deploy_set_prune).
    type: str
    default: 1d
  ignore_incomplete_rollback:
    description:
      - Go on although a rollback or another restore was not brought to its end, for example after you have repaired the
        data by hand. For O(purpose=snapshot).
      - Without it, the task fails where the last restore of an addon of the set failed, was aborted, is under way or is
        in a state that nobody knows, and where some addons of a set were put back and others never were, and says what
        completes that. A set that was taken since then makes this a matter of the past.
    type: bool
    default: false
  generation:
    description:
      - Go back to this generation of the release's sets, from 1 to 999, instead of the highest one. For
        O(purpose=rollback).
      - It has to be named to go back to a generation that was taken while an earlier rollback of the release was not
        complete, because that holds what the rollback left half-way.
    type: int
  restore_again:
    description:
      - Restore again what was restored before and nothing was deployed on since. For O(purpose=rollback).
    type: bool
    default: false
  rollback_safety:
    description:
      - Whether what is about to be replaced is to be kept, see RV(safety_addon_ids). For O(purpose=rollback).
    type: bool
    default: true
  published:
    description:
      - Go back to exactly these backups, which the same play has taken. For O(purpose=rollback).
      - Entries as M(northflank.cloud.addon_backup) returns them, of which C(addon_id), C(id) and C(created_at)
        count. In check mode, those without an ID were not taken, and are passed over.
    type: list
    elements: dict
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: Which set would a deployment of this build stand on
  northflank.cloud.pre_deploy_set_info:
    project_id: default-project
    release: build-117
    purpose: snapshot
    addon_ids: [postgres-main, mysql-orders]

- name: Which sets would go if those of ten releases were kept
  northflank.cloud.pre_deploy_set_info:
    project_id: default-project
    release: build-117
    purpose: snapshot
    exclude: [postgres-paused]
    keep_last: 10

- name: What would a rollback of this build restore
  northflank.cloud.pre_deploy_set_info:
    project_id: default-project
    release: build-117
    purpose: rollback

- name: Which releases can be rolled back
  northflank.cloud.pre_deploy_set_info:
    project_id: default-project
    purpose: list
  register: releases
"""

RETURN = r"""
name:
  description: The set's name.
  returned: success, unless purpose=list
  type: str
  sample: pre-deploy-build-117-4z3nbwm7-583b5e
generation:
  description: Which set of the release it is, from 1.
  returned: success, unless purpose=list
  type: int
  sample: 1
is_new:
  description: Whether the set has to be taken.
  returned: success, with purpose=snapshot
  type: bool
  sample: true
addon_ids:
  description: The addons of the set, sorted.
  returned: success, with purpose=snapshot
  type: list
  elements: str
  sample: [mysql-orders, postgres-main]
superseded:
  description:
    - The names of the sets that M(northflank.cloud.pre_deploy_set_prune) would delete as soon as this one is complete.
  returned: success, with purpose=snapshot and keep_last
  type: list
  elements: str
  sample: [pre-deploy-build-99-3ikejjze-583b5e]
targets:
  description:
    - Which backup has to be restored to which addon, as the option
      O(northflank.cloud.addon_backup_restore#module:targets) takes it.
    - C(skip_if_restored_since) is when this was decided, or when the restore began that is under way already. So what
      another run restores meanwhile is not restored twice.
  returned: success, with purpose=rollback
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      backup_id: pre-deploy-build-117-4z3nbwm7-583b5e
      skip_if_restored_since: "2026-03-01T13:00:00Z"
restored_before:
  description: The addons that were restored before.
  returned: success, with purpose=rollback
  type: list
  elements: str
  sample: []
safety_name:
  description: The name for backups of what is about to be replaced.
  returned: success, with purpose=rollback
  type: str
  sample: pre-rollback-4z3nbwm7-260301130000
safety_addon_ids:
  description:
    - The addons that such a backup has to be taken of; none with O(rollback_safety=false).
    - An addon is left out if its restore is under way, and for one hour after this rollback has begun to restore it and
      did not finish, if the backup from before that is there. Such an addon holds half-restored data only.
  returned: success, with purpose=rollback
  type: list
  elements: str
  sample: [postgres-main]
undo:
  description:
    - Which backup of each addon holds the data from before the rollback began, with C(addon_id) and C(name). Where an
      earlier run has begun the rollback, that is the backup which the earlier run has taken.
  returned: success, with purpose=rollback
  type: list
  elements: dict
  sample:
    - addon_id: postgres-main
      name: pre-rollback-4z3nbwm7-260301130000
undo_command:
  description: The command that puts all of RV(undo) back; empty if there is none.
  returned: success, with purpose=rollback
  type: str
  sample: >-
    ansible localhost -m northflank.cloud.addon_backup_restore -a 'project_id=default-project addon_id=postgres-main
    name=pre-rollback-4z3nbwm7-260301130000'
sets:
  description:
    - The sets, newest first.
  returned: success, with purpose=list
  type: list
  elements: dict
  contains:
    release:
      description:
        - The release, if the set's name proves it. V(null) if the release is too long for the name, such as a whole
          commit, and for sets that version 0.9 took.
      type: str
      sample: build-117
    name:
      description: The set's name. It holds the beginning of the release.
      type: str
      sample: pre-deploy-build-117-4z3nbwm7-583b5e
    generation:
      description: Which set of the release it is, from 1. A rollback takes the highest, unless another is named.
      type: int
      sample: 1
    complete:
      description: Whether all of its backups are there and completed. Only then can it be rolled back to.
      type: bool
      sample: true
    lacks:
      description: What is not as it should be, or V(null).
      type: str
      sample: null
    created_at:
      description: When its first backup was started, as ISO 8601.
      type: str
      sample: "2026-03-01T12:00:00.000Z"
    addon_ids:
      description: The addons that have a backup of the set, sorted.
      type: list
      elements: str
      sample: [mysql-orders, postgres-main]
    size:
      description: Bytes of all its backups together. V(null) if one of them is not known.
      type: int
      sample: 2468
table:
  description:
    - RV(sets) as lines for people, aligned, with a heading. Empty if there are none.
    - An age is told by the API's clock, and not at all if that cannot be relied on. What is not known is V(-).
  returned: success, with purpose=list and table=true
  type: list
  elements: str
  sample:
    - "RELEASE    GENERATION  AGE      SIZE    ADDONS  STATE"
    - "build-117  1           3 h 5 m  2.5 kB  2       complete"
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 9
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 991, "reset": 3600}
"""

from typing import Any, Mapping, Optional, Sequence

from ..module_utils._api.endpoints import Api
from ..module_utils._api.errors import InvalidInput
from ..module_utils._api.models import Addon, Restore, posix_time
from ..module_utils._pre_deploy import messages
from ..module_utils._pre_deploy.commands import Commands
from ..module_utils._pre_deploy.listing import set_facts, set_table
from ..module_utils._pre_deploy.names import LAST_GENERATION, checked_release, generation_of
from ..module_utils._pre_deploy.prune import addons_losing_backups, going, rules
from ..module_utils._pre_deploy.rollback import (
    asks_rollback,
    check_name,
    check_taken_whole,
    choose_set,
    plan_rollback,
    published_backups,
    rollback_facts,
)
from ..module_utils._pre_deploy.sets import BackupsByAddon, all_sets, sets_of
from ..module_utils._pre_deploy.snapshot import Wish, asks_snapshot, members, plan_snapshot
from ..module_utils._pre_deploy.unfinished import History
from ..module_utils._pre_deploy.unfinished import addons_to_read as asks_others
from ..module_utils._retention import policy
from ..module_utils._retention.plan import Pruning, all_restores, plan_retention, without_gaps
from ..module_utils._task import ages, validation
from ..module_utils._task.module import run_module
from ..module_utils._task.project import read_project
from ..module_utils._task.tables import table_spec
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **table_spec(),
    "release": {"type": "raw"},
    "purpose": {"type": "str", "choices": ["snapshot", "rollback", "list"], "required": True},
    "addon_ids": {"type": "list", "elements": "str"},
    "addon_types": {"type": "list", "elements": "str"},
    "addon_tags": {"type": "list", "elements": "str"},
    "exclude": {"type": "list", "elements": "str"},
    "max_age": {"type": "str", "default": "6h"},
    "backup_type": {"type": "str", "choices": ["snapshot", "dump"], "default": "snapshot"},
    "keep_last": {"type": "int"},
    "keep_within": {"type": "str", "default": "1d"},
    "ignore_incomplete_rollback": {"type": "bool", "default": False},
    "generation": {"type": "int"},
    "restore_again": {"type": "bool", "default": False},
    "rollback_safety": {"type": "bool", "default": True},
    "published": {"type": "list", "elements": "dict"},
}


def snapshot(api: Api, params: Mapping[str, Any], addons: Sequence[Addon], found: BackupsByAddon) -> Outcome:
    """Return which set a deployment stands on."""
    commands = Commands.of(params)
    addon_ids = members(addons, params, commands)
    now, max_age = ages.trusted(api.client.clock()), validation.duration_seconds("max_age", params["max_age"])
    ignore = params["ignore_incomplete_rollback"]
    wish = Wish(commands, params["release"], addon_ids, max_age, params["backup_type"], ignore)
    restores = history(api, found, asks_snapshot(params["release"], addon_ids, found))
    chosen = plan_snapshot(wish, found, restores, now)
    facts = {"name": chosen.name, "generation": chosen.generation, "is_new": chosen.is_new, "addon_ids": addon_ids}
    if params["keep_last"] is not None:
        keep_within = policy.span("keep_within", params["keep_within"])
        decide = rules(params["release"], params["keep_last"], keep_within, now)
        facts["superseded"] = going(
            plan_retention(Pruning(api, decide, addons_losing_backups, found, {**restores})).decisions
        )
    return Outcome({"changed": False, **facts}, api.client, warnings=chosen.warnings)


def history(
    api: Api, found: BackupsByAddon, addon_ids: Sequence[str], until: Optional[float] = None
) -> dict[str, Sequence[Restore]]:
    """Return the restores that decide on some addons: theirs, and those of the sets that they were last put back to."""
    restores = {addon_id: all_restores(api, addon_id) for addon_id in addon_ids}
    others = asks_others(addon_ids, History(found, restores, until))
    return {**restores, **{addon_id: all_restores(api, addon_id) for addon_id in others}}


def rollback(api: Api, params: Mapping[str, Any], found: BackupsByAddon) -> Outcome:
    """Return which backups the addons are put back to."""
    doubts: list[str] = []
    commands = Commands.of(params)
    release, generation = params["release"], params["generation"]
    if params["published"] is not None:
        chosen = published_backups(params["published"], found)
        name = next((backup.name for backup in chosen.values()), "")
        restores = {addon_id: all_restores(api, addon_id) for addon_id in chosen}
    else:
        one = choose_set(release, found, generation)
        chosen, name = dict(one.members), one.name
        restores = history(api, found, asks_rollback(release, found), posix_time(one.created_at))
        named = check_name(commands, release, one, generation is not None, found)
        doubts = named + check_taken_whole(commands, release, one, generation is not None, found, restores)
        doubts += [messages.twins_of_set(addon_id, chosen[addon_id], ids) for addon_id, ids in one.twins.items()]
    decided = plan_rollback(chosen, name, generation_of(name), found, restores, params["restore_again"])
    facts = rollback_facts(decided, release, api.client.server_time(), params["rollback_safety"], commands)
    return Outcome({"changed": False, **facts}, api.client, warnings=(*doubts, *decided.warnings))


def listing(api: Api, params: Mapping[str, Any], found: BackupsByAddon) -> Outcome:
    """Return all sets that there are, or those of one release."""
    sets = all_sets(found) if params["release"] is None else sets_of(params["release"], found)
    shown = set_facts(sets, found)
    facts: dict[str, Any] = {"changed": False, "sets": shown}
    if params["table"]:
        facts["table"] = set_table(shown, ages.to_show(api.client.clock()))
    return Outcome(facts, api.client)


def check_arguments(call: Call) -> dict[str, Any]:
    """Return the arguments after the checks that a spec cannot express.

    :raises InvalidInput: one breaks its rule.
    """
    params = dict(call.params)
    if params["release"] is not None:
        params["release"] = checked_release(params["release"])
    elif params["purpose"] != "list":
        raise InvalidInput("release", f"is required with purpose={params['purpose']}")
    validation.duration_seconds("max_age", params["max_age"])
    policy.span("keep_within", params["keep_within"])
    if params["keep_last"] is not None:
        validation.whole_number("keep_last", params["keep_last"], 1, None, "release")
    if params["addon_ids"] is not None:
        params["addon_ids"] = validation.addon_ids(params["addon_ids"], "addon_ids")
    if params["generation"] is not None:
        validation.whole_number("generation", params["generation"], 1, LAST_GENERATION)
    if params["published"] is not None and call.check_mode:
        params["published"] = [one for one in params["published"] if one.get("id") is not None]
    return params


def task(call: Call) -> Outcome:
    """Check everything, read, then decide."""
    params = check_arguments(call)
    api = call.connect()
    addons, seen = read_project(api)
    found = without_gaps(api, seen)
    if params["purpose"] == "list":
        return listing(api, params, found)
    if params["purpose"] == "snapshot":
        return snapshot(api, params, addons, found)
    return rollback(api, params, found)


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
