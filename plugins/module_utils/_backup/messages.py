# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of backups that are taken, waited for, stopped, kept or deleted. Pure."""

from __future__ import annotations

import json
from typing import Optional, Sequence

from .._api.errors import ApiError, NorthflankError, safe_text
from .._api.models import IMPORT, Backup
from .._task.messages import (
    NOT_KNOWN,
    backup_label,
    brief,
    command,
    describe_error,
    last_seen,
    listed,
    of_addon,
    sentences,
    state_label,
)


def addon_not_running(addon_id: str, status: str) -> str:
    """An addon of a set is in a state that does not pass by itself."""
    return (
        f"Addon {addon_id} is {state_label(status)}, and only a running addon can be backed up. "
        "Start the addon, or remove it from addon_id."
    )


def no_dumps(addon_id: str, addon_type: str) -> str:
    """An addon of a set is of a type without dumps."""
    return (
        f"Addon {addon_id} is of type {brief(addon_type)}, which does not support dump backups. "
        "Use backup_type=snapshot for it, in a task of its own."
    )


def never_ready(addon_id: str, states: str, error: NorthflankError) -> str:
    """A set whose members were not all ready in time."""
    reason = f"Nothing was started or changed for addon {addon_id}, as these addons were not ready: {states}"
    return sentences(reason, describe_error(error))


def nothing_to_retain(addon_id: str, what: str) -> str:
    """A backup that is to be kept does not exist."""
    return f"Addon {addon_id} has no backup with {what}, so there is nothing to retain."


def ended_before_abort(addon_id: str, backup: Backup) -> str:
    """A backup became final by itself while it was being aborted."""
    return f"{of_addon(addon_id, backup)} had ended as {state_label(backup.status)} before it could be aborted."


def no_clock(addon_id: str) -> str:
    """Ages cannot be told, and a backup of some age was asked for."""
    return f"{_no_ages(addon_id)} No backup was started. Leave out max_age to take a new one."


def no_clock_to_read(addon_id: str) -> str:
    """Ages cannot be told, and backups of some age are to be listed."""
    return f"{_no_ages(addon_id)} Leave out newer_than and older_than."


def unknown_status(addon_id: str, backup: Backup) -> str:
    """A state that the API's documentation does not have."""
    return (
        f"{of_addon(addon_id, backup)} is in the state {state_label(backup.status)}, {NOT_KNOWN} Look at the backup in "
        "Northflank's web interface; use another name to take a new one."
    )


def other_type(addon_id: str, backup: Backup, wanted_type: str) -> str:
    """The name is taken by a backup of another type."""
    holder = f"'{brief(backup.name)}' (ID {brief(backup.id)}, {backup.status})"
    rename = f"No backup was started. Choose another name for the {wanted_type}"
    if backup.backup_type == IMPORT:
        return (
            f"Addon {addon_id} already has an import named {holder}, which is not a {wanted_type} of this addon. "
            f"{rename}."
        )
    return (
        f"Addon {addon_id} already has a {backup.backup_type} named {holder}, and a {wanted_type} was asked for. "
        f"{rename}, or ask for backup_type={backup.backup_type}."
    )


def type_not_told(addon_id: str, backup: Backup, wanted_type: str) -> str:
    """A backup was taken by its name although its type is not known."""
    return (
        f"The API does not tell the type of {backup_label(backup)} of addon {addon_id}. It was taken as the "
        f"{wanted_type} that was asked for, because it has the name."
    )


def backup_before_restore(addon_id: str, backup: Backup) -> str:
    """A backup that is young enough was not used."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} is young enough, but a restore into the addon began after it. "
        "So it does not hold what the addon holds now, and a new backup is taken."
    )


def start_unknown(addon_id: str, name: str, reason: str) -> str:
    """The request for a backup was sent, and nobody can say what became of it."""
    return sentences(
        f"It is not known whether the backup '{name}' of addon {addon_id} was started: {reason}",
        f"{_run_again(addon_id, name)} That run joins the backup if it exists by then, and starts it if not",
    )


def name_taken(addon_id: str, error: ApiError, holders: Sequence[Backup]) -> str:
    """The API refused a name, and the records that hold it may not be deleted."""
    held = f"The name is held by {listed(holders)}. Choose another name, or run again once that backup is gone."
    return sentences(_refused_to_start(addon_id, error), held if holders else "", "No backup was started.")


def replaced_in_vain(addon_id: str, error: ApiError, records: Sequence[Backup]) -> str:
    """The records that held a name were deleted, and the API refuses all the same."""
    ids = ", ".join(brief(record.id) for record in records)
    return sentences(
        _refused_to_start(addon_id, error),
        f"The failed records of that name (ID {ids}) were deleted to make it free. No backup was started",
        "Use another name.",
    )


def addon_never_ready(addon_id: str, status: str, seconds: float) -> str:
    """An addon stayed in a passing state until the deadline."""
    return (
        f"Addon {addon_id} is still {state_label(status)} after the {seconds:g} s of wait_timeout, and only a "
        "running addon can be backed up. Nothing was started. Run the task again later, or with a larger wait_timeout."
    )


def addon_not_ready(addon_id: str, error: ApiError, status: str) -> str:
    """The API refused because of the addon's state."""
    return sentences(
        _refused_to_start(addon_id, error),
        f"The addon is {state_label(status)}, and only a running addon can be backed up. No backup was started.",
        "Bring the addon to run, then run the task again.",
    )


NOTHING_TO_ABORT = "the API answered that there is nothing to abort"


def addon_does_not_run(addon_status: str) -> str:
    """Why a backup that is scheduled does not begin."""
    return f"the addon is {state_label(addon_status)}"


def does_not_begin(project_id: str, addon_id: str, backup: Backup, addon_status: str) -> str:
    """A backup that was scheduled until its addon runs, and that was stopped because of that."""
    end = (
        f"It was aborted and is now {state_label(backup.status)}, so nothing is pending."
        if backup.status in ("aborted", "failed")
        else f"It ended as {state_label(backup.status)} while it was being aborted."
    )
    return (
        f"{_scheduled_until(addon_id, backup, addon_status)} {end} {_start_addon(project_id, addon_id, addon_status)}"
    )


def joined_does_not_begin(project_id: str, addon_id: str, backup: Backup, addon_status: str) -> str:
    """A backup of another run is scheduled until its addon runs."""
    return (
        f"{_scheduled_until(addon_id, backup, addon_status)} Another run started it, so it was left as it is. "
        f"{_start_addon(project_id, addon_id, addon_status)} {_to_stop(project_id, addon_id, backup)}"
    )


def left_scheduled(project_id: str, addon_id: str, backup: Backup, addon_status: str, reason: str) -> str:
    """A backup is scheduled until its addon runs, and could not be stopped."""
    return (
        f"{_scheduled_until(addon_id, backup, addon_status)} It may still be pending, because aborting it is not "
        f"confirmed: {reason}. {_start_addon(project_id, addon_id, addon_status)} "
        f"{_to_stop(project_id, addon_id, backup)}"
    )


def _scheduled_until(addon_id: str, backup: Backup, addon_status: str) -> str:
    return (
        f"Addon {addon_id} is {state_label(addon_status)}, so the {backup_label(backup)} does not start. The API "
        "accepted it, and keeps it scheduled until the addon runs."
    )


def _start_addon(project_id: str, addon_id: str, addon_status: str) -> str:
    if addon_status in ("deleting", "deleted"):
        return "An addon that is deleted cannot be backed up any more."
    if addon_status != "paused":
        return "Repair the addon in Northflank's web interface, then run the task again."
    resume = f"northflank resume addon --projectId {project_id} --addonId {addon_id}"
    return f"Start the addon ({resume}), then run the task again."


def _to_stop(project_id: str, addon_id: str, backup: Backup) -> str:
    where = {"project_id": project_id, "addon_id": addon_id, "backup_id": backup.id}
    return f"To delete it: {command('addon_backup', **where, state='absent')}"


def ended_badly(addon_id: str, backup: Backup, joined: bool, log_lines: Sequence[str]) -> str:
    """A backup is final, and is no backup."""
    label = of_addon(addon_id, backup)
    if backup.status == "not-supported":
        kind = backup.backup_type or "requested"
        return (
            f"{label} ended as 'not-supported': the addon's type does not support {kind} backups. "
            "Nothing is still running. Use the other backup_type for this addon."
        )
    whose = ", which another run had started," if joined else ""
    text = (
        f"{label}{whose} ended as {state_label(backup.status)}. No usable backup was created, and no operation is "
        "still running. Run the task again to start a new one."
    )
    if log_lines:
        text += " The last lines of its log: " + " | ".join(safe_text(line, 200) for line in log_lines)
    return text


def still_running(
    project_id: str, addon_id: str, backup: Backup, seconds: float, nameless: bool, unseen: Optional[tuple[float, str]]
) -> str:
    """The deadline is over, the backup is not, as far as anything is known of it."""
    again = _run_again(addon_id, backup.name) if nameless else "Run the same task again to go on waiting for it."
    where = {"project_id": project_id, "addon_id": addon_id}
    if unseen is not None:
        return (
            f"{of_addon(addon_id, backup)} {last_seen(backup.status, *unseen)}. To look: "
            f"{command('addon_backup_info', **where)}. {again}"
        )
    return (
        f"{of_addon(addon_id, backup)} is still {state_label(backup.status)} after the {seconds:g} s of "
        f"wait_timeout, and goes on running. {again} Give it more time with a larger wait_timeout. To stop it: "
        + command("addon_backup", **where, backup_id=backup.id, state="aborted")
    )


def aborted_after_timeout(addon_id: str, backup: Backup, seconds: float) -> str:
    """The deadline is over, and the backup was stopped as on_timeout=abort asks for."""
    end = (
        f"it was aborted, as on_timeout=abort asks for, and is now {state_label(backup.status)}"
        if backup.status in ("aborted", "failed")
        else f"it ended as {state_label(backup.status)} while it was being aborted, as on_timeout=abort asks for"
    )
    return (
        f"{of_addon(addon_id, backup)} was not completed within the {seconds:g} s of wait_timeout; {end}. Run the task "
        "again with a larger wait_timeout."
    )


def abort_failed(addon_id: str, backup: Backup, seconds: float, reason: str) -> str:
    """The deadline is over, and the backup could not be stopped."""
    return (
        f"{of_addon(addon_id, backup)} was not completed within the {seconds:g} s of wait_timeout, and it is not "
        f"certain that it was aborted: {reason}. It may still be running; run the same task again to wait for it."
    )


def lost_sight(addon_id: str, backup: Backup, reason: str) -> str:
    """The backup was started, and then the API stopped telling of it."""
    return (
        f"{of_addon(addon_id, backup)} was last seen as {state_label(backup.status)} and may still be running, but it "
        f"can no longer be watched: {reason}"
    )


def vanished(addon_id: str, backup: Backup) -> str:
    """The backup is gone while it was waited for."""
    return (
        f"{of_addon(addon_id, backup)} was {state_label(backup.status)} and then disappeared: somebody or something "
        "deleted it. No usable backup is left. Run the task again to start a new one."
    )


def exchanged(addon_id: str, backup: Backup) -> str:
    """The ID now belongs to another backup."""
    return (
        f"{of_addon(addon_id, backup)} was deleted while it was waited for, and its ID now belongs to another backup. "
        "There is no backup of this task to rely on. Run the task again to start a new one."
    )


def twin_removed(addon_id: str, twin: Backup) -> str:
    """A second backup had come out of a repeated request."""
    return f"{_two_started(addon_id)}; the second one (ID {brief(twin.id)}) was removed."


def twin_left(addon_id: str, twin: Backup, reason: Optional[str]) -> str:
    """A second backup came out of a repeated request and is still there."""
    why = f"it could not be removed: {reason}" if reason else "both are kept, as the name is yours"
    return f"{_two_started(addon_id)}; of the second one (ID {brief(twin.id)}), {why}."


def twins_not_checked(addon_id: str, reason: str) -> str:
    """Whether a repeated request made a second backup was not found out."""
    return (
        f"A request for a backup of addon {addon_id} had to be repeated, and it could not be checked whether that made "
        f"a second one: {reason}"
    )


def _no_ages(addon_id: str) -> str:
    return f"The age of the backups of addon {addon_id} cannot be told, as the API's answers have no Date header."


def _refused_to_start(addon_id: str, error: ApiError) -> str:
    return f"The API refused to start the backup of addon {addon_id}: {error}"


def _two_started(addon_id: str) -> str:
    return f"The API had lost the answer to a request and finally started two backups of addon {addon_id} for this task"


def _run_again(addon_id: str, name: str) -> str:
    return f"Run the task again for addon {addon_id} with name={json.dumps(brief(name))}."
