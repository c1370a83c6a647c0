# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of the sets that the role pre_deploy_snapshot takes, and goes back to. Pure."""

from __future__ import annotations

import json
import shlex
from typing import Mapping, Optional, Sequence

from .._api.models import Backup, Restore
from .._task.messages import brief, command, state_label


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


def earlier_set(project_id: str, release: str, name: str, generation: int, created_at: str) -> str:
    """An earlier set of the same release was never put back."""
    return (
        f"This release has an earlier set, {name} of {created_at}, which was never restored. If a deployment stopped "
        "half-way, it may be the only state from before. To go back to it: "
        f"{rollback_command(project_id, release, generation)}"
    )


def rollback_command(project_id: str, release: str, generation: int) -> str:
    """The command that puts a set of a release back, for a shell."""
    which = f"-e project_id={shlex.quote(project_id)} -e {_release_argument(release)} -e generation={generation}"
    return f"ansible-playbook northflank.cloud.rollback {which}"


def restore_command(project_id: str, addon_id: str, backup_id: str) -> str:
    """The command that puts one addon back, for a shell."""
    return command("addon_backup_restore", project_id=project_id, addon_id=addon_id, backup_id=backup_id)


def half_way(name: Optional[str], back: Sequence[str], others: Sequence[tuple[str, Optional[Restore]]]) -> str:
    """What a rollback, or a restore of one addon, has not brought to its end.

    :param name: of the set; None where it is of none.
    :param back: the addons that are put back.
    :param others: the others, each with its last restore, if it has any.
    """
    states = _first_and_others([f"{addon_id} ({_state_of(one)})" for addon_id, one in others], ", ")
    if name is None:
        return f"The last restore of {states} is not complete."
    done = f"put back: {', '.join(sorted(back))}; " if back else ""
    return f"The last rollback to the set {name} is not complete: {done}not put back: {states}."


def _first_and_others(reports: Sequence[str], between: str = " ") -> str:
    """Texts in a row, at least one."""
    return between.join([reports[0], *reports[1:]])


def _state_of(restore: Optional[Restore]) -> str:
    if restore is None:
        return "no restore was started"
    return f"restore {brief(restore.id, 40)} of {restore.started_at} is {state_label(restore.status)}"


def incomplete_rollback(reports: Sequence[str], commands: Sequence[str]) -> str:
    """No set is taken, as a later rollback would go back to data that is as a rollback has left it half-way.

    :param reports: what is half-way, as sentences.
    :param commands: what completes it.
    """
    said = _first_and_others(reports)
    said += (
        " A set of this data would be what the next rollback goes back to. No set was used, and nothing was started. "
        "If you have repaired the data by hand, set ignore_incomplete_rollback to true; for the role, that is "
        "pre_deploy_snapshot_ignore_incomplete_rollback."
    )
    if not commands:
        return f"{said} No command completes this, because the backups are not known, not complete or gone."
    return f"{said} To complete what is half-way: {' && '.join(commands)}"


def incomplete_is_ignored(reports: Sequence[str]) -> str:
    """The same, where the user has said that the data is right."""
    return f"{_first_and_others(reports)} This is ignored, because ignore_incomplete_rollback is true."


def taken_half_way(name: str, generation: int, reports: Sequence[str]) -> str:
    """A set to go back to may hold data that a rollback has left half-way.

    :param reports: what was half-way when it was taken, as sentences.
    """
    return (
        f"The set {name} (generation {generation}) was taken while an earlier rollback was not complete, so it may "
        f"hold what that rollback left half-way. At that time: {_first_and_others(reports)}"
    )


def half_way_not_restored(project_id: str, release: str, taken: str, generation: int, earlier: Optional[int]) -> str:
    """Going back to such a set has to be asked for.

    :param taken: what :func:`taken_half_way` says.
    :param generation: of the set.
    :param earlier: the generation that the earlier rollback was to go back to, if it can be.
    """
    said = (
        f"{taken} Nothing was restored. If its data is right, name its generation to go back to it: for the playbook, "
        f"-e generation={generation}; for the role, pre_deploy_snapshot_generation."
    )
    if earlier is None:
        return said
    wanted = rollback_command(project_id, release, earlier)
    return f"{said} To go back to what the earlier rollback was to restore: {wanted}"


def _release_argument(release: str) -> str:
    """The release as an extra variable, for a shell. A blank would end the value in the form with an equals sign."""
    simple = shlex.quote(release) == release
    return shlex.quote(f"release={release}" if simple else json.dumps({"release": release}, ensure_ascii=False))


def _complete_sets(complete: Sequence[tuple[int, str, str]]) -> str:
    if not complete:
        return "No generation of this release is complete."
    generations = ", ".join(f"{generation} ({created_at})" for generation, _name, created_at in complete)
    return f"Complete are the generations: {generations}. Choose one with pre_deploy_snapshot_generation."


def doubtful_name(name: str, created_at: str) -> str:
    """A set of version 0.9 may be another release's."""
    return (
        f"The set {name} of {created_at} was taken by version 0.9. Its name does not tell this release from every "
        "other one that begins alike, so compare its time with that of the deployment."
    )


def shared_name(name: str, created_at: str, command_line: str) -> str:
    """Another release is known whose sets of version 0.9 have the same names.

    :param command_line: goes back to it all the same.
    """
    return (
        f"The set {name} of {created_at} was taken by version 0.9, and by its name it may be of another release of "
        f"this project that begins alike. Nothing was restored. If it is this release's: {command_line}"
    )


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
