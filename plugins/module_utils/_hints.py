# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user: what happened, to which backup, what is still running, and what to do next. Pure."""

from __future__ import annotations

import json
from typing import Optional, Sequence

from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, NorthflankError, safe_text
from ansible_collections.northflank.cloud.plugins.module_utils._models import Backup

_HINTS = {
    401: "The API does not accept the token. Check api_token, or NORTHFLANK_API_TOKEN where the task runs.",
    404: "Check project_id and addon_id (and team_id, if the project belongs to a team).",
}
_PERMISSION = {"GET": "Project > Addons > General > Read"}
_PERMISSION_TO_WRITE = "Project > Addons > General > Update"


def backup_label(backup: Backup) -> str:
    """A backup as messages name it."""
    name = safe_text(backup.name, 80)
    return f"backup '{name}'" if backup.id == backup.name else f"backup '{name}' (ID {safe_text(backup.id, 80)})"


def refused(error: ApiError) -> str:
    """A refusal of the API, and what can be done about it."""
    hint = _HINTS.get(error.status, "")
    if error.status == 403:
        permission = _PERMISSION.get(error.method, _PERMISSION_TO_WRITE)
        hint = f"The token lacks the permission '{permission}'. Use a token whose role grants it."
    return _sentences(f"The API refused the request: {error}", hint)


def nothing_started(error: NorthflankError) -> str:
    """A failure before the API took the request for a backup."""
    if isinstance(error, ApiError):
        return _sentences(refused(error), "No backup was started.")
    return _sentences(f"No backup was started: {error}")


def no_clock(addon_id: str) -> str:
    """Ages cannot be told."""
    return (
        f"The age of the backups of addon {addon_id} cannot be told, as the API's answers have no Date header. "
        "No backup was started. Leave out max_age to take a new one."
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


def still_running(addon_id: str, backup: Backup, seconds: float, nameless: bool) -> str:
    """The deadline is over, the backup is not."""
    again = _run_again(addon_id, backup.name) if nameless else "Run the same task again to go on waiting for it."
    return (
        f"The {backup_label(backup)} of addon {addon_id} is still '{backup.status}' after the {seconds:g} s of "
        f"wait_timeout, and goes on running. {again} Give it more time with a larger wait_timeout."
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


def _run_again(addon_id: str, name: str) -> str:
    return f"Run the task again for addon {addon_id} with name={json.dumps(safe_text(name, 80))}."


def _sentences(*parts: str) -> str:
    """Parts as sentences: each ends with a stop, empty ones are left out."""
    return " ".join(part if part.endswith((".", "!", "?")) else part + "." for part in parts if part)
