# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of the sets that the role pre_deploy_snapshot takes, and goes back to. Pure."""

from __future__ import annotations

import json
import shlex
from typing import Mapping, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils._hints import brief, command
from ansible_collections.northflank.cloud.plugins.module_utils._models import Backup


def no_generation_left(release: str, last: int) -> str:
    """A release that was deployed too often."""
    return (
        f"Release '{brief(release)}' has {last} sets of snapshots already. A release names one deployment: use "
        "a commit, a tag or a build number, not a branch."
    )


def no_clock_for_release() -> str:
    """Ages cannot be told."""
    return "The age of earlier snapshots cannot be told, as the API's answers have no Date header. Nothing was started."


def nothing_selected(project_id: str) -> str:
    """The selection of addons leaves none."""
    return (
        f"No addon of project {project_id} fits addon_types and addon_tags, or all of them are in exclude. Nothing was "
        f"started. To list them: {command('addon_info', project_id=project_id)}"
    )


def cannot_be_in_a_set(blocked: Mapping[str, str]) -> str:
    """Addons of the project that cannot be backed up.

    :param blocked: by ID, their states.
    """
    states = ", ".join(f"{addon_id} ({brief(status, 40)})" for addon_id, status in blocked.items())
    variable = json.dumps({"pre_deploy_snapshot_exclude": list(blocked)})
    return (
        f"These addons cannot be backed up now: {states}. Nothing was started. Bring them to run, or exclude what the "
        f"release does not touch. For the role, on a command line: -e {shlex.quote(variable)}"
    )


def published_is_gone(addon_id: str, backup_id: str) -> str:
    """A backup that was taken in this run no longer exists."""
    return (
        f"The backup {brief(backup_id)} of addon {addon_id}, which this run has taken, no longer exists. "
        "Nothing was restored."
    )


def twins_of_set(addon_id: str, chosen: Backup, others: Sequence[str]) -> str:
    """Two runs took the same set at the same moment."""
    return (
        f"Addon {addon_id} has several backups named {brief(chosen.name)}. The oldest completed one (ID "
        f"{brief(chosen.id)}) is taken, and not {', '.join(brief(other) for other in others)}."
    )


def set_reused(name: str, created_at: str) -> str:
    """A deployment stands on an earlier set."""
    return (
        f"The set {name} of {created_at} is used, as it was never restored and is young enough. A rollback to it loses "
        "everything that was written since then."
    )


def earlier_set(release: str, name: str, generation: int, created_at: str) -> str:
    """An earlier set of the same release was never put back."""
    return (
        f"This release has an earlier set, {name} of {created_at}, which was never restored. If a deployment stopped "
        "half-way, it may be the only state from before. To go back to it: ansible-playbook northflank.cloud.rollback "
        f"-e project_id=... -e {_release_argument(release)} -e generation={generation}"
    )


def _release_argument(release: str) -> str:
    """The release as an extra variable, for a shell. A blank would end the value in the form with an equals sign."""
    simple = shlex.quote(release) == release
    return shlex.quote(f"release={release}" if simple else json.dumps({"release": release}, ensure_ascii=False))


def _complete_sets(complete: Sequence[tuple[int, str, str]]) -> str:
    if not complete:
        return "No generation of this release is complete."
    generations = ", ".join(f"{generation} ({created_at})" for generation, _name, created_at in complete)
    return f"Complete are the generations: {generations}. Choose one with pre_deploy_snapshot_generation."


def no_set(release: str, generation: Optional[int], complete: Sequence[tuple[int, str, str]]) -> str:
    """There is nothing to go back to."""
    which = "no snapshots" if generation is None else f"no generation {generation} of snapshots"
    more = _complete_sets(complete) if complete else "Is it the release that the deployment was made with?"
    return f"Release '{brief(release)}' has {which} in this project. Nothing was restored. {more}"


def several_sets(release: str, generation: int, names: Sequence[str]) -> str:
    """Two runs with other addons took the same generation."""
    return (
        f"Release '{brief(release)}' has several sets of generation {generation}, of other addons each: "
        f"{', '.join(names)}. Nothing was restored. Restore one by its name with northflank.cloud.addon_backup_restore."
    )


def incomplete_set(name: str, generation: int, lacks: str, complete: Sequence[tuple[int, str, str]]) -> str:
    """The set to go back to is not whole."""
    return (
        f"The set {name} (generation {generation}) is not complete: {lacks}. Nothing was restored. "
        f"{_complete_sets(complete)}"
    )


def sets_unproved(project_id: str, names: Sequence[str]) -> str:
    """Old sets that are left alone, as nobody can tell what belongs to them."""
    absent = command("addon_backup", project_id=project_id, addon_id="...", name=names[0], state="absent")
    return (
        f"No rule keeps these sets, but they are left alone, as it is not proved which addons they belong to: "
        f"{', '.join(brief(name) for name in names)}. Perhaps an addon was deleted. To delete one by hand, "
        f"name the addons that have it: {absent}"
    )


def rollback_loses(name: str, created_at: str, later: Sequence[str]) -> str:
    """What a rollback costs."""
    more = f" Later snapshots of the same addons: {', '.join(later)}." if later else ""
    return f"Going back to {name} loses everything that was written since {created_at}.{more}"
