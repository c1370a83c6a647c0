# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of forks. Pure."""

from __future__ import annotations

from typing import Optional, Sequence

from .._api.errors import ApiError, NorthflankError
from .._api.models import Backup
from .._task.actions import CREATED, DELETED, JOINED
from .._task.messages import (
    NOT_KNOWN,
    NOTHING_STARTED,
    backup_label,
    brief,
    command,
    describe_error,
    last_seen,
    listed,
    sentences,
    state_label,
)
from .models import AddonFacts, ForkSpec

# The addon's description; the API takes few characters beside letters in it.
DESCRIPTION = "A fork that northflank.cloud.addon_fork made of a backup. Delete it when it is no longer needed."
# Why an addon is not proved to be a fork of this module.
OTHER_NAME = "its name does not say that it is a fork of this backup"
NO_TAG = "the API does not tell that it has the tag northflank-cloud-fork"
OTHER_TYPE = "it is of another type"
OTHER_UID = "the API does not tell that it has the uid in fork_uid"
OLDER = "the API does not tell that it was made after the backup"
MAYBE_REPLACED = "the API no longer tells that it is the same addon as before"
BACKUP_IS_GONE = (
    "the backup no longer exists, so that the addon cannot be proved to be made after it. Give fork_uid, if the API "
    "told it when the fork was made"
)
NOT_JOINED = "it was there before this task"
_UNCHANGED = "Nothing was changed"
_REFUSED_FOR = frozenset({400, 402, 409, 422})


def delete_command(spec: ForkSpec, fork_name: str, backup_id: str) -> str:
    """The command that deletes a fork."""
    elsewhere = {} if spec.source_project_id == spec.project_id else {"source_project_id": spec.source_project_id}
    return command(
        "addon_fork",
        state="absent",
        project_id=spec.project_id,
        fork_name=fork_name,
        **elsewhere,
        source_addon_id=spec.source_addon_id,
        backup_id=backup_id,
    )


def no_snapshot(addon_id: str, name: Optional[str], holders: Sequence[Backup]) -> str:
    """There is nothing that a fork could start with.

    :param holders: the backups that have the name.
    """
    named_so = "" if name is None else f" named '{brief(name)}'"
    return sentences(
        f"Addon {addon_id} has no completed snapshot{named_so}, and only a snapshot can be forked",
        f"Backups with this name: {listed(holders)}" if holders else "",
        _UNCHANGED,
    )


def no_backup_to_fork(addon_id: str, backup_id: str, project_id: str) -> str:
    """A backup that the source does not have."""
    return (
        f"Backup '{brief(backup_id)}' of addon {addon_id} of project {project_id} cannot be forked: there is none of "
        f"this ID. {_UNCHANGED}. To list them: "
        f"{command('addon_backup_info', project_id=project_id, addon_id=addon_id)}"
    )


def type_without_forks(addon_id: str, addon_type: str, types: Sequence[str]) -> str:
    """Northflank does not fork addons of a type."""
    return (
        f"Addon {addon_id} cannot be forked, because it is of type '{brief(addon_type)}'. Northflank can fork addons "
        f"of these types: {', '.join(types)}. {_UNCHANGED}."
    )


def not_forkable(addon_id: str, backup: Backup, reason: str) -> str:
    """A backup that no fork can start with."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} cannot be forked: {reason}. Only a completed snapshot can. "
        f"{_UNCHANGED}."
    )


def name_does_not_fit(fork_name: str, backup_id: str, fitting: str) -> str:
    """A fork's name does not have the digits of its source."""
    return (
        f"fork_name '{brief(fork_name)}' does not have the digits of this project, addon and backup "
        f"'{brief(backup_id)}', which prove later what the fork was made of. Nothing was started, changed or deleted. "
        f"A name that fits is '{brief(fitting)}', also with a hyphen and more behind it."
    )


def version_not_told(addon_id: str) -> str:
    """The version of the database, which the request needs, is not known."""
    return (
        f"Addon {addon_id} cannot be forked, because the API tells the version of neither the addon nor the backup. "
        f"{_UNCHANGED}."
    )


def size_not_told(addon_id: str, options: Sequence[str]) -> str:
    """How large a fork is to be is not known."""
    return (
        f"The API does not tell how large addon {addon_id} is, so the fork needs the options {', '.join(options)}. "
        f"{_UNCHANGED}."
    )


def name_is_taken(project_id: str, fork_name: str, reason: str) -> str:
    """Another addon has the name."""
    return (
        f"Project {project_id} already has an addon '{brief(fork_name)}', and this task does not join it: {reason}. "
        f"{_UNCHANGED}. Choose another fork_name, or run the task again without one."
    )


def fork_does_not_run(spec: ForkSpec, fork: AddonFacts, backup_id: str) -> str:
    """A fork is in a state that it does not leave to run."""
    return (
        f"The fork {brief(fork.name)} in project {spec.project_id} is {state_label(fork.status)}, so it will not run "
        f"by itself. It may cost money until it is deleted: {delete_command(spec, fork.name, backup_id)}"
    )


def source_backup_replaced(addon_id: str, backup: Backup) -> str:
    """The ID of the backup leads to another one by now."""
    return (
        f"The {backup_label(backup)} of addon {addon_id} was deleted while the task ran, and its ID may be that of "
        "another one. The request that makes the fork was not sent again."
    )


def fork_refused(error: ApiError) -> str:
    """The API does not make the fork."""
    hint = ""
    if error.status in _REFUSED_FOR:
        hint = (
            "If the plan or the size is the reason, set deployment_plan, storage or replicas. If a limit of the "
            "account is, delete a fork that is no longer needed"
        )
    return describe_error(error, sentences(NOTHING_STARTED, hint))


def fork_unknown(spec: ForkSpec, fork_name: str, backup_id: str, reason: str) -> str:
    """The request was sent, and nobody can say what became of it."""
    return (
        sentences(
            f"It is not known whether the fork {brief(fork_name)} was made in project {spec.project_id}: {reason}",
            "If it was, it costs money by the hour. To go on with it, run the same task again with fork_name="
            f"{brief(fork_name)}",
        )
        + f" To delete it if it is there: {delete_command(spec, fork_name, backup_id)}"
    )


def fork_still_coming_up(
    spec: ForkSpec, fork: AddonFacts, backup_id: str, seconds: float, unseen: Optional[tuple[float, str]]
) -> str:
    """The deadline is over, and the fork does not run yet, as far as anything is known of it."""
    if unseen is None:
        what = f"is still {state_label(fork.status)} after the {seconds:g} s of wait_timeout, and goes on coming up"
    else:
        what = last_seen(fork.status, *unseen)
    return _left_over(spec, fork, backup_id, what)


def unknown_fork_status(spec: ForkSpec, fork: AddonFacts, backup_id: str) -> str:
    """A state that the API's documentation does not have."""
    return _left_over(spec, fork, backup_id, f"is in the state {state_label(fork.status)}, {NOT_KNOWN}")


def fork_out_of_sight(spec: ForkSpec, fork: AddonFacts, backup_id: str, reason: str) -> str:
    """The fork was made, and can no longer be watched."""
    what = f"was last seen as {state_label(fork.status)}, but it can no longer be watched: {reason}"
    return _left_over(spec, fork, backup_id, what)


def fork_vanished(spec: ForkSpec, fork: AddonFacts) -> str:
    """Somebody has deleted the fork while it came up."""
    return (
        f"The fork {brief(fork.name)} in project {spec.project_id} was {state_label(fork.status)}, and the API no "
        "longer has it. This task did not delete it. Run the task again to make another one."
    )


def not_ours(spec: ForkSpec, fork_name: str, reason: str) -> str:
    """An addon that is not proved to be a fork of this module is never deleted."""
    return (
        f"Addon {brief(fork_name)} of project {spec.project_id} was not deleted, because it is not proved to be a fork "
        f"that this module made of this backup: {reason}. If it is one, delete it in Northflank's web interface."
    )


def deletion_not_known(spec: ForkSpec, fork_name: str, error: NorthflankError) -> str:
    """The request was sent, and nobody can say what became of it."""
    return sentences(
        f"It is not known whether the fork {brief(fork_name)} in project {spec.project_id} is being deleted: "
        f"{describe_error(error)}",
        "It costs money as long as it is there. Run the same task again",
    )


def fork_still_there(
    spec: ForkSpec, fork: AddonFacts, backup_id: str, seconds: float, unseen: Optional[tuple[float, str]]
) -> str:
    """The deadline is over, and the fork that is being deleted is not gone, as far as anything is known of it."""
    if unseen is None:
        what = f"is still {state_label(fork.status)} after the {seconds:g} s of wait_timeout, though its deletion began"
    else:
        what = last_seen(fork.status, *unseen)
    return _left_over(spec, fork, backup_id, what)


def _left_over(spec: ForkSpec, fork: AddonFacts, backup_id: str, what: str) -> str:
    return (
        f"The fork {brief(fork.name)} in project {spec.project_id} {what.rstrip('.')}. It costs money by the hour "
        f"until it is deleted: {delete_command(spec, fork.name, backup_id)}"
    )


def fork_summary(action: str, fork_name: str, status: Optional[str], backup: Optional[Backup]) -> str:
    """What a task came to, in one line."""
    name = brief(fork_name)
    if action == DELETED:
        return f"{name}: the fork is deleted"
    if action in (CREATED, JOINED) and backup is not None:
        who = "" if action == CREATED else ", made by another run"
        state = "" if status is None else f" is {state_label(status)}"
        return f"{name}: the fork of {backup_label(backup)}{state or ' is made'}{who}"
    return f"{name}: there is no such fork"


def fork_plan_summary(action: str, fork_name: str, backup: Optional[Backup]) -> str:
    """What a task would come to, in one line."""
    name = brief(fork_name)
    if action == DELETED:
        return f"{name}: the fork would be deleted"
    if action == JOINED:
        return f"{name}: the fork that another run made would be used"
    if action == CREATED and backup is not None:
        return f"{name}: a fork of {backup_label(backup)} would be made"
    return f"{name}: there is no such fork"
