# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the play around the role is like: which tags were chosen, which strategy runs it, which defaults it sets.

No variable tells a role any of that, so this reads Ansible's own objects. ``tests/programs/test_role.py`` holds it
against real plays, on each supported ansible-core.
"""

from __future__ import annotations

import copy
from typing import Any, Mapping

from ansible.playbook.role_include import IncludeRole

ROLE = "northflank.cloud.pre_deploy_snapshot"
GROUP = "group/northflank.cloud.all"


def is_chosen(task: Any, variables: Mapping[str, Any]) -> bool:
    """Return whether ``--tags`` and ``--skip-tags`` chose the role that a task begins.

    The tasks of the role are tagged so that they always run, since those of a role that is *included* have none of the
    tags of the include. But a role that is *imported* would then run under any tag. So this asks what would hold
    without the role's own tags.

    :param task: the first one of a block that holds the whole entry point.
    """
    include = _include_of(task)
    if task._parent is None or (include is not None and not include.statically_loaded):  # noqa: SLF001
        # That it was included is the choice.
        return True
    run, skip = variables.get("ansible_run_tags") or ["all"], variables.get("ansible_skip_tags") or []
    bare = _without_own_tags(task)
    bare._parent = _without_own_tags(task._parent)  # noqa: SLF001
    return bool(bare.evaluate_tags(run, skip, dict(variables)))


def _include_of(task: Any) -> Any:
    """Return the nearest include or import of a role around a task."""
    around = task._parent  # noqa: SLF001
    while around is not None and not isinstance(around, IncludeRole):
        around = around._parent  # noqa: SLF001
    return around


def _without_own_tags(node: Any) -> Any:
    """Return a task or block with the tags of what is around it only."""
    bare = copy.copy(node)
    bare._tags = []  # noqa: SLF001
    # Otherwise it has the inherited ones for its own.
    bare._squashed = bare._finalized = False  # noqa: SLF001
    return bare


def strategy_for_each_host(task: Any, variables: Mapping[str, Any]) -> str:
    """Return the play's strategy, where that does not know tasks that run once and there are several hosts.

    Otherwise none.
    """
    if task._parent is None or len(variables.get("ansible_play_hosts_all") or []) < 2:  # noqa: SLF001
        return ""
    strategy = str(task.get_play().strategy)
    # Also those of other collections, which are named after the one that they are like.
    return strategy if strategy.endswith(("free", "host_pinned")) else ""


def defaults_of_play(task: Any, templar: Any) -> dict[str, Any]:
    """Return what the play gives the group of all modules, where the role's own defaults for that group hide it.

    Ansible takes the innermost entry of a group as a whole, and leaves out the rest. With ansible-core 2.16, even an
    argument that is omitted hides a default.
    """
    if task._role is None or task._role.get_name() != ROLE:  # noqa: SLF001
        return {}
    groups = [entry[GROUP] for entry in task.module_defaults if GROUP in entry]
    found: dict[str, Any] = {}
    # The last one is the role's.
    for group in groups[:-1]:
        found.update(templar.template(dict(group)))
    return found
