# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user: what happened, to which backup, what is still running, and what to do next. Pure."""

from __future__ import annotations

import difflib
import json
import shlex
from typing import Mapping, Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, NorthflankError, safe_text
from ansible_collections.northflank.cloud.plugins.module_utils._models import Backup, Restore

_HINTS = {
    401: (
        "The API does not accept the token. Check api_token, context, or NORTHFLANK_API_TOKEN where the task runs. "
        "To set it anew: read -rs NORTHFLANK_API_TOKEN && export NORTHFLANK_API_TOKEN"
    ),
    404: "Check project_id and addon_id (and team_id, if the project belongs to a team).",
}
_MODULE = "northflank.cloud"
_LONGEST_LIST = 10
PERMISSION_TO_READ = "Project > Addons > General > Read"
PERMISSION_TO_WRITE = "Project > Addons > General > Update"


def backup_label(backup: Backup) -> str:
    """A backup as messages name it."""
    name = safe_text(backup.name, 80)
    return f"backup '{name}'" if backup.id == backup.name else f"backup '{name}' (ID {safe_text(backup.id, 80)})"


def refused(error: ApiError) -> str:
    """A refusal of the API, and what can be done about it."""
    hint = _HINTS.get(error.status, "")
    if error.status == 403:
        permission = PERMISSION_TO_READ if error.method == "GET" else PERMISSION_TO_WRITE
        hint = f"The token lacks the permission '{permission}'. Use a token whose role grants it."
    return _sentences(f"The API refused the request: {error}", hint)


def told(error: NorthflankError, missing: str = "") -> str:
    """Any failure, with what can be done about it.

    :param missing: after a 404, what was found out about what does not exist.
    """
    if isinstance(error, ApiError):
        return missing or refused(error)
    return _sentences(str(error))


def nothing_started(error: NorthflankError, missing: str = "") -> str:
    """A failure before anything was changed."""
    return _sentences(told(error, missing), "Nothing was started or changed.")


def unexpected(addon_id: str, error: BaseException) -> str:
    """A fault of the collection itself."""
    return (
        f"Addon {addon_id}: northflank.cloud failed in a way that nobody thought of "
        f"({type(error).__name__}: {safe_text(str(error), 200)}). What was done until then is told in the result. "
        "Please report this with the output of the task at -vvv."
    )


def command(module: str, **arguments: str) -> str:
    """A command to type, for a shell."""
    words = " ".join(f"{key}={_argument(value)}" for key, value in arguments.items())
    return f"ansible localhost -m {_MODULE}.{module} -a {_quoted(words)}"


def no_such_addon(addon_id: str, project_id: str, known: Sequence[str]) -> str:
    """An addon that the project does not have."""
    return _sentences(
        f"Project {project_id} has no addon '{safe_text(addon_id, 80)}'",
        _nearest(addon_id, known),
        f"To list them: {command('addon_info', project_id=project_id)}",
    )


def no_such_addon_or_backup(addon_id: str, project_id: str, known: Sequence[str]) -> str:
    """After a 404, with the project's addons at hand."""
    if addon_id in known:
        return ""
    return no_such_addon(addon_id, project_id, known)


def no_such_project(project_id: str, known: Sequence[str]) -> str:
    """A project that the token cannot see."""
    return _sentences(
        f"There is no project '{safe_text(project_id, 80)}' that the token may see",
        _nearest(project_id, known),
        "If it belongs to a team, give team_id.",
    )


def addon_not_running(addon_id: str, status: str) -> str:
    """An addon of a set is in a state that does not pass by itself."""
    return (
        f"Addon {addon_id} is '{safe_text(status, 40)}', and only a running addon can be backed up. "
        "Bring it to run, or leave it out of addon_id."
    )


def no_dumps(addon_id: str, addon_type: str) -> str:
    """An addon of a set is of a type without dumps."""
    return (
        f"Addon {addon_id} is of type {safe_text(addon_type, 40)}, which does not support dump backups. "
        "Use backup_type=snapshot for it, in a task of its own."
    )


def others_in_the_way(addon_id: str, names: Sequence[str]) -> str:
    """A member of a set that is fine, but stands beside one that is not."""
    listed = ", ".join(names)
    return f"Nothing was started or changed for addon {addon_id}, as the set cannot be complete without {listed}."


def never_ready(addon_id: str, states: str, error: NorthflankError) -> str:
    """A set whose members were not all ready in time."""
    return _sentences(
        f"Nothing was started or changed for addon {addon_id}, as these addons were not ready: {states}", told(error)
    )


def set_failed(errors: Sequence[str], total: int, held_back: int) -> str:
    """Several members at once; what happened to each.

    :param errors: of the members that failed themselves.
    :param held_back: how many were not served because of these.
    """
    first = f"{len(errors)} of {total} addons failed."
    if held_back:
        first = f"Nothing was started or changed, as {len(errors)} of {total} addons cannot be served."
    return " ".join([first, *errors])


def ambiguous(addon_id: str, state: str, targets: Sequence[Backup]) -> str:
    """A name that several backups share, where one is meant."""
    listed = ", ".join(
        f"ID {safe_text(target.id, 80)} ({safe_text(target.status, 40)}, created {target.created_at})"
        for target in targets[:_LONGEST_LIST]
    )
    more = f" and {len(targets) - _LONGEST_LIST} more" if len(targets) > _LONGEST_LIST else ""
    choice = "Choose one with backup_id"
    choice += ", or set all_matches=true to delete them all." if state == "absent" else "."
    return (
        f"Addon {addon_id} has {len(targets)} backups named '{safe_text(targets[0].name, 80)}': {listed}{more}. "
        f"Nothing was changed. {choice}"
    )


def nothing_to_retain(addon_id: str, what: str) -> str:
    """A backup that is to be kept does not exist."""
    return f"Addon {addon_id} has no backup with {what}, so there is nothing to retain."


def not_deleted(tried: bool, lost: bool) -> str:
    """Why a backup that should be deleted is still listed as kept, for its reason.

    :param tried: whether a request to delete it was to be sent.
    :param lost: whether an answer was lost, so that it may be gone after all.
    """
    if lost:
        return "to be deleted, and not known to be gone"
    return "to be deleted, which failed" if tried else "to be deleted, and not tried, as others failed before"


def backup_not_deleted(addon_id: str, backup: Backup, error: NorthflankError) -> str:
    """One backup that should be deleted, and what came instead."""
    return f"The {backup_label(backup)} of addon {addon_id}: {told(error)}"


def prune_failed(project_id: str, addon_id: str, reasons: Sequence[str], deleted: int, left: int) -> str:
    """Not all backups went that should.

    :param reasons: for each that was tried in vain.
    :param left: how many are left, with those that were not tried.
    """
    untried = left - len(reasons)
    return _sentences(
        f"Only {deleted} of the {deleted + left} backups that no rule keeps were deleted",
        *reasons,
        f"{untried} more were not tried" if untried else "",
        "Run the same task again to delete what is left",
        f"To see what there is: {command('addon_backup_info', project_id=project_id, addon_id=addon_id)}",
    )


def ended_before_abort(addon_id: str, backup: Backup) -> str:
    """A backup became final by itself while it was being aborted."""
    return f"The {backup_label(backup)} of addon {addon_id} had ended as '{backup.status}' before it could be aborted."


def no_clock(addon_id: str) -> str:
    """Ages cannot be told."""
    return (
        f"The age of the backups of addon {addon_id} cannot be told, as the API's answers have no Date header. "
        "No backup was started. Leave out max_age to take a new one."
    )


def no_clock_to_read(addon_id: str) -> str:
    """Ages cannot be told, and were asked for."""
    return (
        f"The age of the backups of addon {addon_id} cannot be told, as the API's answers have no Date header. "
        "Leave out newer_than and older_than."
    )


def unknown_status(addon_id: str, backup: Backup) -> str:
    """A state that the API's documentation does not have."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} is in the state '{safe_text(backup.status, 40)}', which this "
        "version of northflank.cloud does not know, so it does not guess what that means. Look at the backup in "
        "Northflank's web interface; use another name to take a new one."
    )


def other_type(addon_id: str, backup: Backup, wanted_type: str) -> str:
    """The name is taken by a backup of another type."""
    return (
        f"Addon {addon_id} already has a {backup.backup_type} named '{safe_text(backup.name, 80)}' (ID "
        f"{safe_text(backup.id, 80)}, {backup.status}), and a {wanted_type} was asked for. No backup was started. "
        f"Choose another name for the {wanted_type}, or ask for backup_type={backup.backup_type}."
        if backup.backup_type != "import"
        else f"Addon {addon_id} already has an import named '{safe_text(backup.name, 80)}' (ID "
        f"{safe_text(backup.id, 80)}, {backup.status}), which is not a {wanted_type} of this addon. "
        f"No backup was started. Choose another name for the {wanted_type}."
    )


def type_not_told(addon_id: str, backup: Backup, wanted_type: str) -> str:
    """A backup was taken by its name although its type is not known."""
    return (
        f"The API does not tell the type of {backup_label(backup)} of addon {addon_id}. It was taken as the "
        f"{wanted_type} that was asked for, because it has the name."
    )


def start_unknown(addon_id: str, name: str, reason: str) -> str:
    """The request for a backup was sent, and nobody can say what became of it."""
    return (
        f"It is not known whether the backup '{name}' of addon {addon_id} was started: {reason}. "
        f"{_run_again(addon_id, name)} That run joins the backup if it exists by then, and starts it if not."
    )


def name_taken(addon_id: str, error: ApiError, holders: Sequence[Backup]) -> str:
    """The API refused a name, and the records that hold it may not be deleted."""
    listed = ", ".join(
        f"ID {safe_text(backup.id, 80)} ({safe_text(backup.status, 40)}, created {backup.created_at})"
        for backup in holders
    )
    return _sentences(
        f"The API refused to start the backup of addon {addon_id}: {error}",
        f"The name is held by {listed}. Choose another name, or run again once that backup is gone." if listed else "",
        "No backup was started.",
    )


def replaced_in_vain(addon_id: str, error: ApiError, records: Sequence[Backup]) -> str:
    """The records that held a name were deleted, and the API refuses all the same."""
    listed = ", ".join(safe_text(record.id, 80) for record in records)
    return _sentences(
        f"The API refused to start the backup of addon {addon_id}: {error}",
        f"The failed records of that name (ID {listed}) were deleted to make it free. No backup was started",
        "Use another name.",
    )


def addon_never_ready(addon_id: str, status: str, seconds: float) -> str:
    """An addon stayed in a passing state until the deadline."""
    return (
        f"Addon {addon_id} is still '{safe_text(status, 40)}' after the {seconds:g} s of wait_timeout, and only a "
        "running addon can be backed up. Nothing was started. Run the task again later, or with a larger wait_timeout."
    )


def half_done(addon_id: str, error: NorthflankError) -> str:
    """A failure after something was changed."""
    return _sentences(
        f"Addon {addon_id}: {told(error)}",
        "Something was changed before that, or may have been. Run the same task again to finish it.",
    )


def addon_not_ready(addon_id: str, error: ApiError, status: str) -> str:
    """The API refused because of the addon's state."""
    return _sentences(
        f"The API refused to start the backup of addon {addon_id}: {error}",
        f"The addon is '{safe_text(status, 40)}', and only a running addon can be backed up. No backup was started.",
        "Bring the addon to run, then run the task again.",
    )


def ended_badly(addon_id: str, backup: Backup, joined: bool, log_lines: Sequence[str]) -> str:
    """A backup is final, and is no backup."""
    label = f"The {backup_label(backup)} of addon {addon_id}"
    if backup.status == "not-supported":
        kind = backup.backup_type or "requested"
        return (
            f"{label} ended as 'not-supported': the addon's type does not support {kind} backups. "
            "Nothing is still running. Use the other backup_type for this addon."
        )
    began = "which another run had started, " if joined else ""
    text = f"{label}, {began}ended as '{backup.status}'." if joined else f"{label} ended as '{backup.status}'."
    text += " There is no backup to rely on, and nothing is still running. Run the task again to start a new one."
    if log_lines:
        text += " The last lines of its log: " + " | ".join(safe_text(line, 200) for line in log_lines)
    return text


def still_running(project_id: str, addon_id: str, backup: Backup, seconds: float, nameless: bool) -> str:
    """The deadline is over, the backup is not."""
    again = _run_again(addon_id, backup.name) if nameless else "Run the same task again to go on waiting for it."
    return (
        f"The {backup_label(backup)} of addon {addon_id} is still '{backup.status}' after the {seconds:g} s of "
        f"wait_timeout, and goes on running. {again} Give it more time with a larger wait_timeout. To stop it: "
        + command("addon_backup", project_id=project_id, addon_id=addon_id, backup_id=backup.id, state="aborted")
    )


def aborted_after_timeout(addon_id: str, backup: Backup, seconds: float) -> str:
    """The deadline is over, and the backup was stopped as on_timeout=abort asks for."""
    end = (
        f"it was aborted, as on_timeout=abort asks for, and is now '{backup.status}'"
        if backup.status in ("aborted", "failed")
        else f"it ended as '{backup.status}' while it was being aborted, as on_timeout=abort asks for"
    )
    return (
        f"The {backup_label(backup)} of addon {addon_id} was not completed within the {seconds:g} s of wait_timeout; "
        f"{end}. Run the task again with a larger wait_timeout."
    )


def abort_failed(addon_id: str, backup: Backup, seconds: float, reason: str) -> str:
    """The deadline is over, and the backup could not be stopped."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} was not completed within the {seconds:g} s of wait_timeout, "
        f"and it is not certain that it was aborted: {reason}. It may still be running; run the same task again to "
        "wait for it."
    )


def lost_sight(addon_id: str, backup: Backup, reason: str) -> str:
    """The backup was started, and then the API stopped telling of it."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} was last seen as '{backup.status}' and may still be running, "
        f"but it can no longer be watched: {reason}"
    )


def vanished(addon_id: str, backup: Backup) -> str:
    """The backup is gone while it was waited for."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} was '{backup.status}' and then disappeared: somebody or "
        "something deleted it. There is no backup to rely on. Run the task again to start a new one."
    )


def exchanged(addon_id: str, backup: Backup) -> str:
    """The ID now belongs to another backup."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} was deleted while it was waited for, and its ID now belongs "
        "to another backup. There is no backup of this task to rely on. Run the task again to start a new one."
    )


def twin_removed(addon_id: str, twin: Backup) -> str:
    """A second backup had come out of a repeated request."""
    return (
        f"The API had lost the answer to a request and in the end started two backups of addon {addon_id} for this "
        f"task; the second one (ID {safe_text(twin.id, 80)}) was removed."
    )


def twin_left(addon_id: str, twin: Backup, reason: Optional[str]) -> str:
    """A second backup came out of a repeated request and is still there."""
    why = f"it could not be removed: {reason}" if reason else "both are kept, as the name is yours"
    return (
        f"The API had lost the answer to a request and in the end started two backups of addon {addon_id} for this "
        f"task; of the second one (ID {safe_text(twin.id, 80)}), {why}."
    )


def twins_not_checked(addon_id: str, reason: str) -> str:
    """Whether a repeated request made a second backup was not found out."""
    return (
        f"A request for a backup of addon {addon_id} had to be repeated, and it could not be checked whether that made "
        f"a second one: {reason}"
    )


def no_latest(addon_id: str, backup_type: Optional[str], prefix: Optional[str]) -> str:
    """No completed backup fits."""
    kind = backup_type or "backup"
    named_so = "" if prefix is None else f" whose name begins with '{safe_text(prefix, 80)}'"
    return f"Addon {addon_id} has no completed {kind}{named_so}, so there is nothing to restore. Nothing was changed."


def no_completed(addon_id: str, name: str, holders: Sequence[Backup]) -> str:
    """No completed backup has the name."""
    others = ", ".join(f"ID {safe_text(one.id, 80)} ({safe_text(one.status, 40)})" for one in holders[:_LONGEST_LIST])
    return _sentences(
        f"Addon {addon_id} has no completed backup named '{safe_text(name, 80)}'",
        f"What has the name is {others}" if others else "",
        "Nothing was changed",
    )


def no_such_backup(addon_id: str, backup_id: str, project_id: str) -> str:
    """A backup that the addon does not have."""
    return (
        f"Addon {addon_id} of project {project_id} has no backup with the ID '{safe_text(backup_id, 80)}'. Nothing was "
        f"changed. To list them: {command('addon_backup_info', project_id=project_id, addon_id=addon_id)}"
    )


def not_restorable(addon_id: str, backup: Backup, reason: str) -> str:
    """A backup that cannot be put back."""
    return f"The {backup_label(backup)} cannot be restored to addon {addon_id}: {reason}. Nothing was changed."


def addon_not_restorable(addon_id: str, status: str) -> str:
    """An addon that cannot be put back now."""
    return (
        f"Addon {addon_id} is '{safe_text(status, 40)}', and only a running addon can be restored. Nothing was "
        "changed. Bring it to run, then run the task again."
    )


def other_restore(addon_id: str, backup: Backup, restore: Restore) -> str:
    """Another restore is under way."""
    other = safe_text(restore.backup_id or "another backup", 80)
    return (
        f"Addon {addon_id} cannot be put back to {backup_label(backup)}, as a restore of {other} is "
        f"'{safe_text(restore.status, 40)}' (ID {safe_text(restore.id, 80)}). Wait until it is over, then run again."
    )


def unknown_restore_status(addon_id: str, restore: Restore) -> str:
    """A state that the API's documentation does not have."""
    return (
        f"A restore of addon {addon_id} (ID {safe_text(restore.id, 80)}) is in the state "
        f"'{safe_text(restore.status, 40)}', which this version of northflank.cloud does not know, so it does not "
        "guess what that means. Look at the addon in Northflank's web interface."
    )


def restore_unknown(addon_id: str, backup: Backup, reason: str) -> str:
    """The request was sent, and nobody can say what became of it."""
    return (
        f"It is not known whether a restore of addon {addon_id} to {backup_label(backup)} was started: {reason}. "
        "Run the same task again: it joins the restore if it is under way, and starts it if not."
    )


def restore_still_running(addon_id: str, restore: Optional[Restore], seconds: float) -> str:
    """The deadline is over, the restore is not."""
    status = "under way" if restore is None else f"'{safe_text(restore.status, 40)}'"
    return (
        f"The restore of addon {addon_id} is still {status} after the {seconds:g} s of wait_timeout, and goes on. "
        "The addon is not usable until it is over. Run the same task again to go on waiting for it."
    )


def restore_vanished(addon_id: str, restore: Restore) -> str:
    """The API no longer tells of a restore."""
    return (
        f"The restore of addon {addon_id} (ID {safe_text(restore.id, 80)}) was '{safe_text(restore.status, 40)}' and "
        "is no longer listed. Whether the data was put back is not known: look at the addon before you go on."
    )


def restore_out_of_sight(addon_id: str, restore: Restore, reason: str) -> str:
    """The restore was started, and can no longer be watched."""
    return (
        f"The restore of addon {addon_id} was last seen as '{safe_text(restore.status, 40)}' and may still be running, "
        f"but it can no longer be watched: {reason}"
    )


def version_changes(addon_id: str, change: Mapping[str, str]) -> str:
    """A restore takes an addon to another version."""
    old, new = safe_text(change["from"], 40), safe_text(change["to"], 40)
    return f"The backup of addon {addon_id} is of version {new}: restoring it takes the addon from {old} to {new}."


def restores_failed(done: Sequence[str], errors: Sequence[str], total: int, held_back: int) -> str:
    """Several restores at once, not all of them good.

    :param done: the addons that are put back.
    """
    if held_back:
        return set_failed(errors, total, held_back)
    restored = f"Put back: {', '.join(done)}." if done else "None of them is put back."
    return " ".join([f"{len(errors)} of {total} addons are NOT put back.", restored, *errors])


def restore_ended_badly(addon_id: str, restore: Restore, backup: Optional[Backup]) -> str:
    """A restore is final, and has put nothing back."""
    to = "" if backup is None else f" to {backup_label(backup)}"
    return (
        f"The restore of addon {addon_id}{to} ended as '{safe_text(restore.status, 40)}'. Its data is NOT put back, "
        "and may be incomplete. Run the same task again to restore once more."
    )


def no_generation_left(release: str, last: int) -> str:
    """A release that was deployed too often."""
    return (
        f"Release '{safe_text(release, 80)}' has {last} sets of snapshots already. A release names one deployment: use "
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


def cannot_be_in_a_set(blocked: Sequence[str]) -> str:
    """Addons of the project that cannot be backed up."""
    return (
        f"These addons cannot be backed up now: {', '.join(blocked)}. Nothing was started. Bring them to run, or name "
        "those that the release does not touch in exclude."
    )


def published_is_gone(addon_id: str, backup_id: str) -> str:
    """A backup that was taken in this run no longer exists."""
    return (
        f"The backup {safe_text(backup_id, 80)} of addon {addon_id}, which this run has taken, no longer exists. "
        "Nothing was restored."
    )


def twins_of_set(addon_id: str, chosen: Backup, others: Sequence[str]) -> str:
    """Two runs took the same set at the same moment."""
    return (
        f"Addon {addon_id} has several backups named {safe_text(chosen.name, 80)}. The oldest completed one (ID "
        f"{safe_text(chosen.id, 80)}) is taken, and not {', '.join(safe_text(other, 80) for other in others)}."
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
        f"-e project_id=... -e release={shlex.quote(release)} -e generation={generation}"
    )


def _complete_sets(complete: Sequence[tuple[int, str, str]]) -> str:
    if not complete:
        return "No generation of this release is complete."
    listed = ", ".join(f"{generation} ({created_at})" for generation, _name, created_at in complete)
    return f"Complete are the generations: {listed}. Choose one with pre_deploy_snapshot_generation."


def no_set(release: str, generation: Optional[int], complete: Sequence[tuple[int, str, str]]) -> str:
    """There is nothing to go back to."""
    which = "no snapshots" if generation is None else f"no generation {generation} of snapshots"
    more = _complete_sets(complete) if complete else "Is it the release that the deployment was made with?"
    return f"Release '{safe_text(release, 80)}' has {which} in this project. Nothing was restored. {more}"


def several_sets(release: str, generation: int, names: Sequence[str]) -> str:
    """Two runs with other addons took the same generation."""
    return (
        f"Release '{safe_text(release, 80)}' has several sets of generation {generation}, of other addons each: "
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
        f"{', '.join(safe_text(name, 80) for name in names)}. Perhaps an addon was deleted. To delete one by hand, "
        f"name the addons that have it: {absent}"
    )


def rollback_loses(name: str, created_at: str, later: Sequence[str]) -> str:
    """What a rollback costs."""
    more = f" Later snapshots of the same addons: {', '.join(later)}." if later else ""
    return f"Going back to {name} loses everything that was written since {created_at}.{more}"


def _nearest(wanted: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(wanted, known, n=1)
    if close:
        return f"Did you mean '{safe_text(close[0], 80)}'?"
    if not known:
        return ""
    shown = ", ".join(safe_text(name, 80) for name in known[:_LONGEST_LIST])
    return f"There are: {shown}{', ...' if len(known) > _LONGEST_LIST else ''}."


def _argument(value: str) -> str:
    """A value as the key=value form of a task's arguments takes it."""
    text = safe_text(value, 80)
    return f'"{text}"' if " " in text else text


def _quoted(words: str) -> str:
    return shlex.quote(words) if " " in words else words


def _run_again(addon_id: str, name: str) -> str:
    return f"Run the task again for addon {addon_id} with name={json.dumps(safe_text(name, 80))}."


def _sentences(*parts: str) -> str:
    """Parts as sentences: each ends with a stop, empty ones are left out."""
    return " ".join(part if part.endswith((".", "!", "?")) else part + "." for part in parts if part)
