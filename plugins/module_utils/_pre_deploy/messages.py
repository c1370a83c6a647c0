# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of the sets that the role pre_deploy_snapshot takes, and goes back to. Pure."""

from __future__ import annotations

import difflib
from typing import Mapping, Optional, Sequence

from .._api.models import Backup, Restore
from .._api.states import COMPLETED
from .._task.messages import brief, state_label

# So many releases to roll back to are enough to recognise the right one.
_MOST_RELEASES = 5


def no_generation_left(release: str, last: int) -> str:
    """A release that was deployed too often."""
    return (
        f"Release '{brief(release)}' has {last} snapshot sets already. A release names one deployment: use "
        "a commit, a tag or a build number, not a branch."
    )


def no_clock_for_release() -> str:
    """Ages cannot be told."""
    return "The age of earlier snapshots cannot be told, as the API's answers have no Date header. Nothing was started."


def nothing_selected(project_id: str, command_line: str) -> str:
    """The selection of addons leaves none.

    :param command_line: lists them.
    """
    return (
        f"No addon of project {project_id} fits addon_types and addon_tags, or all of them are in exclude. Nothing was "
        f"started. To list them: {command_line}"
    )


def cannot_be_in_a_set(blocked: Mapping[str, str], variable: str) -> str:
    """Addons of the project that cannot be backed up.

    :param blocked: by ID, their states.
    :param variable: of a command line, leaves them out; empty if nothing would be left.
    """
    states = ", ".join(f"{addon_id} ({brief(status, 40)})" for addon_id, status in blocked.items())
    said = f"These addons cannot be backed up now: {states}. Nothing was started. Start them"
    if not variable:
        return f"{said}."
    return (
        f"{said}, or leave out what the release does not touch. To do so with the role, add to its command: {variable}"
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
        f"The snapshot set {name} of {created_at} is used again, because it was never restored and is young enough. "
        "A rollback to it loses everything that was written since then."
    )


def earlier_set(name: str, created_at: str, command_line: str) -> str:
    """An earlier set of the same release was never put back.

    :param command_line: goes back to it.
    """
    return (
        f"This release has an earlier snapshot set, {name} of {created_at}, which was never restored. If a deployment "
        f"stopped half-way, it may be the only state from before. To go back to it: {command_line}"
    )


def half_way(name: Optional[str], back: Sequence[str], not_back: Sequence[tuple[str, Optional[Restore]]]) -> str:
    """What a rollback, or a restore of one addon, has not brought to its end.

    :param name: of the set; None where it is of none.
    :param back: the addons that are put back.
    :param not_back: the others, each with its last restore, if it has any.
    """
    states = _first_and_others([f"{addon_id} ({_state_of(one)})" for addon_id, one in not_back], ", ")
    if name is None:
        return f"The last restore of {states} is not complete."
    done = f"restored: {', '.join(sorted(back))}; " if back else ""
    return f"The last rollback to the snapshot set {name} is not complete: {done}not restored: {states}."


def _first_and_others(reports: Sequence[str], between: str = " ") -> str:
    """Texts in a row, at least one."""
    return between.join([reports[0], *reports[1:]])


def _state_of(restore: Optional[Restore]) -> str:
    if restore is None:
        return "no restore was started"
    if restore.status == COMPLETED:
        return f"its last restore, {brief(restore.id, 40)} of {restore.started_at}, restored another backup"
    return f"restore {brief(restore.id, 40)} of {restore.started_at} is {state_label(restore.status)}"


def incomplete_rollback(reports: Sequence[str], completing: str, undo: str, going_on: str) -> str:
    """No set is taken, as a later rollback would go back to data that is as a rollback has left it half-way.

    :param reports: what is half-way, as sentences.
    :param completing: the command that completes it; empty if there is none.
    :param undo: the command that undoes it; empty if there is none.
    :param going_on: the command that takes the set all the same.
    """
    said = (
        f"{_first_and_others(reports)} Snapshots of this data would be what the next rollback restores. None was "
        "used, and nothing was started."
    )
    if not completing:
        said += " No command completes this, because the backups are not known, not complete or gone."
    ways = [
        ("To complete what is half-way", completing),
        ("To restore what the rollback has replaced", undo),
        ("If you have repaired the data by hand, to take snapshots of it, after which this runs again", going_on),
    ]
    return f"{said} {_ways(ways)}"


def _ways(ways: Sequence[tuple[str, str]]) -> str:
    """Ways to go on, each with its command: what follows a command must not look like a part of it."""
    return " ".join(f"({number}) {words}: {line}" for number, (words, line) in enumerate(filter(_has_command, ways), 1))


def _has_command(way: tuple[str, str]) -> bool:
    return bool(way[1])


def incomplete_is_ignored(reports: Sequence[str]) -> str:
    """The same, where the user has said that the data is right."""
    return f"{_first_and_others(reports)} This is ignored, because ignore_incomplete_rollback is true."


def stopped_rollback(name: str, addon_ids: Sequence[str], created_at: str) -> str:
    """A rollback has kept what it was to replace, and that is all that is known of it."""
    return (
        f"A rollback took the safety snapshot {brief(name)} of {', '.join(addon_ids)} at {created_at}, and nothing was "
        "restored since. If it was stopped before its first restore, the data is still what it was to replace: "
        "then run that rollback again first."
    )


def taken_half_way(name: str, generation: int, reports: Sequence[str]) -> str:
    """A set to go back to may hold data that a rollback has left half-way.

    :param reports: what was half-way when it was taken, as sentences.
    """
    return (
        f"The snapshot set {name} (generation {generation} of this release) was taken while an earlier rollback was "
        f"not complete, so it may hold what that rollback left half-way. At that time: {_first_and_others(reports)}"
    )


def half_way_not_restored(taken: str, going_on: str, earlier: str) -> str:
    """Going back to such a set has to be asked for.

    :param taken: what :func:`taken_half_way` says.
    :param going_on: the command that goes back to it.
    :param earlier: the command that goes back to what the earlier rollback was to restore; empty if it cannot be.
    """
    ways = [
        ("If its data is right, to go back to it", going_on),
        ("To go back to what the earlier rollback was to restore", earlier),
    ]
    return f"{taken} Nothing was restored. {_ways(ways)}"


def _complete_sets(complete: Sequence[tuple[int, str, str]]) -> str:
    if not complete:
        return "No generation of this release is complete."
    generations = ", ".join(f"{generation} ({created_at})" for generation, _name, created_at in complete)
    return (
        f"Complete snapshot sets of this release, by generation (1 is the first): {generations}. "
        "Choose one with pre_deploy_snapshot_generation."
    )


def doubtful_name(name: str, created_at: str) -> str:
    """A set of version 0.9 may be another release's."""
    return (
        f"The snapshot set {name} of {created_at} was taken by version 0.9. Its name does not tell this release from "
        "every other one that begins alike, so compare its time with that of the deployment."
    )


def shared_name(name: str, created_at: str, command_line: str) -> str:
    """Another release is known whose sets of version 0.9 have the same names.

    :param command_line: goes back to it all the same.
    """
    return (
        f"The snapshot set {name} of {created_at} was taken by version 0.9, and by its name it may be of another "
        f"release of this project that begins alike. Nothing was restored. If it is this release's: {command_line}"
    )


def no_set(
    release: str, generation: Optional[int], complete: Sequence[tuple[int, str, str]], others: Sequence[str]
) -> str:
    """There is nothing to go back to.

    :param others: the releases that can be rolled back, newest first.
    """
    which = "no snapshots" if generation is None else f"no generation {generation} of snapshots"
    more = _complete_sets(complete) if complete else _releases(release, others)
    return f"Release '{brief(release)}' has {which} in this project. Nothing was restored. {more}"


def _releases(wanted: str, known: Sequence[str]) -> str:
    if not known:
        return "No release of this project can be rolled back."
    close = difflib.get_close_matches(wanted, known, n=1)
    nearest = f"Did you mean {brief(close[0])}? " if close else ""
    return f"{nearest}The last ones that can be rolled back: {', '.join(map(brief, known[:_MOST_RELEASES]))}."


def several_sets(release: str, generation: int, names: Sequence[str]) -> str:
    """Two runs with other addons took the same generation."""
    return (
        f"Release '{brief(release)}' has several snapshot sets of generation {generation}, of other addons each: "
        f"{', '.join(names)}. Nothing was restored. Restore one by its name with northflank.cloud.addon_backup_restore."
    )


def incomplete_set(name: str, generation: int, lacks: str, complete: Sequence[tuple[int, str, str]]) -> str:
    """The set to go back to is not whole."""
    return (
        f"The snapshot set {name} (generation {generation} of this release) is not complete: {lacks}. Nothing was "
        f"restored. {_complete_sets(complete)}"
    )


def sets_unproved(names: Sequence[str], command_line: str) -> str:
    """Old sets that are left alone, as nobody can tell what belongs to them.

    :param command_line: deletes them.
    """
    return (
        "No rule keeps these snapshot sets, but they were not deleted, because their member addons cannot be verified: "
        f"{', '.join(brief(name) for name in names)}. Perhaps an addon was deleted. If nobody needs them, to delete "
        f"them: {command_line}"
    )


def rollback_loses(name: str, created_at: str, later: Sequence[str]) -> str:
    """What a rollback costs."""
    more = f" Later snapshots of the same addons: {', '.join(later)}." if later else ""
    return f"Restoring {name} loses everything that was written since {created_at}.{more}"
