# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of addons that are put back. Pure."""

from __future__ import annotations

from typing import Mapping, Optional, Sequence

from .._api.models import Backup, Restore
from .._task.causes import addon_names, by_cause, set_failed
from .._task.messages import NOT_KNOWN, backup_label, brief, command, last_seen, listed, sentences, state_label

_UNCHANGED = "Nothing was changed"
_MOST_IDS = 3
_DESTINATIONS = "ansible localhost -m northflank.cloud.backup_destination_info"


def no_latest(addon_id: str, backup_type: Optional[str], prefix: Optional[str], untold: int) -> str:
    """No completed backup fits.

    :param untold: how many were left out because the API does not tell their type.
    """
    kind = backup_type or "backup"
    named_so = "" if prefix is None else f" whose name begins with '{brief(prefix)}'"
    return sentences(
        f"Addon {addon_id} has no completed {kind}{named_so}, so there is nothing to restore",
        _untold(untold),
        _UNCHANGED,
    )


def no_completed(addon_id: str, name: str, holders: Sequence[Backup], untold: int) -> str:
    """No completed backup has the name.

    :param untold: see :func:`no_latest`.
    """
    return sentences(
        f"Addon {addon_id} has no completed backup named '{brief(name)}'",
        f"Backups with this name: {listed(holders)}" if holders else "",
        _untold(untold),
        _UNCHANGED,
    )


def _untold(number: int) -> str:
    if not number:
        return ""
    left_out = f"The API does not tell the type of {number} backups, which were left out"
    return f"{left_out}. Leave out backup_type to include them"


def no_such_backup(addon_id: str, backup_id: str, project_id: str) -> str:
    """A backup that the addon does not have."""
    return (
        f"Addon {addon_id} of project {project_id} has no backup with the ID '{brief(backup_id)}'. Nothing was "
        f"changed. To list them: {command('addon_backup_info', project_id=project_id, addon_id=addon_id)}"
    )


def no_such_source(addon_id: str, backup_id: str, project_id: str) -> str:
    """A backup that another addon does not have, or that addon is gone."""
    return (
        f"{no_such_backup(addon_id, backup_id, project_id)}. If that addon or its project was deleted, give "
        "source_destination_id, the backup destination where the backup is stored. To list the destinations: "
        f"{_DESTINATIONS}"
    )


def gone_source_refused(addon_id: str, backup: Backup, reason: str) -> str:
    """The API lists a stored backup and does not restore it."""
    return (
        f"The API does not restore {backup_label(backup)} to addon {addon_id}, though the destination has it: "
        f"{reason}. Nothing was changed. Nobody documented whether the API restores backups of an addon that was "
        "deleted. Try it in Northflank's web interface, or ask Northflank's support."
    )


def restores_not_told(addon_id: str, backup: Backup, source_addon_id: str) -> str:
    """Whether an earlier restore was one of another addon's backup cannot be found out."""
    return (
        f"Addon {addon_id} was restored from a backup with the ID '{brief(backup.id)}' before, and the API does not "
        f"say whether it was the one of addon {source_addon_id}. Nothing was changed. Look at the addon's restores in "
        "Northflank's web interface. If it was not, restore it there."
    )


def not_stored(backup_id: str, destination_id: str, project_id: str, addon_id: str) -> str:
    """A destination that does not have the backup."""
    return (
        f"Backup destination {brief(destination_id)} has no backup with the ID '{brief(backup_id)}' of addon "
        f"{addon_id} of project {project_id}. Nothing was changed. To list what it has: {_DESTINATIONS} -a "
        f"destination_id={brief(destination_id)}"
    )


def stored_several_times(backup_id: str, project_id: str, addon_id: str, number: int) -> str:
    """Which of several stored backups is meant cannot be told."""
    return (
        f"The backup destination has {number} backups with the ID '{brief(backup_id)}', and the API does not say which "
        f"of them is the one of addon {addon_id} of project {project_id}. Nothing was changed. Restore it in "
        "Northflank's web interface."
    )


def owner_not_told(addon_id: str, backup: Backup) -> str:
    """The list of a destination lacks whose backup it is."""
    return (
        f"The API does not say which addon the {backup_label(backup)} comes from. It was taken for addon {addon_id} "
        "because no other backup of the destination has this ID. Check the restored data."
    )


def not_restorable(addon_id: str, backup: Backup, reason: str) -> str:
    """A backup that cannot be put back."""
    return f"The {backup_label(backup)} cannot be restored to addon {addon_id}: {reason}. Nothing was changed."


def addon_not_restorable(addon_id: str, status: str) -> str:
    """An addon that cannot be put back now."""
    return (
        f"Addon {addon_id} is {state_label(status)}, and only a running addon can be restored. Nothing was "
        "changed. Start the addon, then run the task again."
    )


def other_restore(addon_id: str, backup: Backup, restore: Restore) -> str:
    """Another restore is under way."""
    other = brief(restore.backup_id or "another backup")
    return (
        f"Addon {addon_id} cannot be restored from {backup_label(backup)}, because a restore of {other} is "
        f"{state_label(restore.status)} (ID {brief(restore.id)}). Wait until it is over, then run again."
    )


def restored_twice(addon_id: str, others: Sequence[Restore]) -> str:
    """Other runs have started a restore of the same backup at the same moment."""
    ids = ", ".join(brief(one.id) for one in others[:_MOST_IDS])
    return (
        f"Addon {addon_id} is restored more than once: other runs started a restore of the same backup at the same "
        f"moment (ID {ids}). The task waits for all of them, because each replaces the data again."
    )


def unknown_restore_status(addon_id: str, restore: Restore) -> str:
    """A state that the API's documentation does not have."""
    return (
        f"A restore of addon {addon_id} (ID {brief(restore.id)}) is in the state {state_label(restore.status)}, "
        f"{NOT_KNOWN} Look at the addon in Northflank's web interface."
    )


def restore_unknown(addon_id: str, backup: Backup, reason: str) -> str:
    """The request was sent, and nobody can say what became of it."""
    return sentences(
        f"It is not known whether a restore of addon {addon_id} to {backup_label(backup)} was started: {reason}",
        "Run the same task again: it joins the restore if it is under way, and starts it if not",
    )


def restore_still_running(
    project_id: str, addon_id: str, restore: Restore, seconds: float, unseen: Optional[tuple[float, str]]
) -> str:
    """The deadline is over, the restore is not, as far as anything is known of it."""
    if unseen is not None:
        look = command("addon_info", project_id=project_id)
        return (
            f"The restore of addon {addon_id} {last_seen(restore.status, *unseen)}; the addon is not usable until it "
            f"is over. To look: {look}. Run the same task again to go on waiting for it."
        )
    return (
        f"The restore of addon {addon_id} is still {state_label(restore.status)} after the {seconds:g} s of "
        "wait_timeout, and goes on. The addon is not usable until it is over. Run the same task again to go on waiting "
        "for it."
    )


def restore_ended_before_abort(addon_id: str, restore: Restore) -> str:
    """A restore became final by itself while it was being aborted."""
    return (
        f"The restore of addon {addon_id} (ID {brief(restore.id)}) had ended as {state_label(restore.status)} before "
        "it could be aborted."
    )


def abort_needs_backup(addon_id: str, restore: Restore) -> str:
    """A restore cannot be aborted without the ID of its backup, which the API does not tell."""
    return (
        f"The restore of addon {addon_id} (ID {brief(restore.id)}) is {state_label(restore.status)}, and the API does "
        "not tell of which backup it is. Nothing was aborted. Name the backup with backup_id."
    )


def restore_not_listed(addon_id: str, restore: Restore, seconds: float) -> str:
    """The API has answered that a restore was started, and does not list it."""
    return (
        f"The API answered that it started a restore of addon {addon_id} (ID {brief(restore.id)}), and does not list "
        f"it after {seconds:g} s. Whether the data was restored is not known: look at the addon before you go on."
    )


def restore_vanished(addon_id: str, restore: Restore) -> str:
    """The API no longer tells of a restore."""
    return (
        f"The restore of addon {addon_id} (ID {brief(restore.id)}) was {state_label(restore.status)} and "
        "is no longer listed. Whether the data was restored is not known: look at the addon before you go on."
    )


def restore_out_of_sight(addon_id: str, restore: Restore, reason: str) -> str:
    """The restore was started, and can no longer be watched."""
    return (
        f"The restore of addon {addon_id} was last seen as {state_label(restore.status)} and may still be running, "
        f"but it can no longer be watched: {reason}"
    )


def latest_is_outdated(addon_id: str, backup: Backup) -> str:
    """The latest backup is older than what an earlier restore has made of the addon."""
    return (
        f"The {backup_label(backup)} is the latest of addon {addon_id}, but a restore into the addon began after it. "
        "So it does not hold what the addon held until now."
    )


def version_changes(addon_id: str, change: Mapping[str, str], is_certain: bool) -> str:
    """A restore takes an addon to another version.

    :param is_certain: the backup is a snapshot; otherwise, the API does not tell its type.
    """
    old, new = brief(change["from"], 40), brief(change["to"], 40)
    if not is_certain:
        return (
            f"The backup of addon {addon_id} is of version {new}, and the API does not tell its type. If it is a "
            f"snapshot, restoring it takes the addon from {old} to {new}."
        )
    return f"The backup of addon {addon_id} is of version {new}: restoring it takes the addon from {old} to {new}."


def restores_failed(done: Sequence[str], errors: Mapping[str, str], total: int, held_back: int) -> str:
    """Several restores at once, not all of them good.

    :param done: the addons that are restored.
    """
    if held_back:
        return set_failed(errors, total, held_back)
    restored = f"Restored: {addon_names(done)}." if done else ""
    return by_cause(f"{len(errors)} of {total} addons are NOT restored", errors, restored)


def restore_ended_badly(addon_id: str, restore: Restore, backup: Optional[Backup]) -> str:
    """A restore is final, and has put nothing back."""
    to = "" if backup is None else f" to {backup_label(backup)}"
    return (
        f"The restore of addon {addon_id}{to} ended as {state_label(restore.status)}. Its data is NOT restored, "
        "and may be incomplete. Run the same task again to restore once more."
    )
