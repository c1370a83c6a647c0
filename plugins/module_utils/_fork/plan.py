# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fork is made of, and which addon is one: the decisions, without any I/O."""

from __future__ import annotations

from typing import Any, Sequence

from .._api.errors import BackupError
from .._api.models import DUMP, IMPORT, SNAPSHOT, Backup, posix_time
from .._api.states import BLOCKED_STATES, COMPLETED
from .._task import messages as task_messages
from .._task.backups import named, newest
from . import messages
from .models import AddonFacts, ForkSpec
from .names import FORK_TAG, bears_digits, fitting_fork_name

# Types that can start with the data of another addon's snapshot (source: the API's reference, "Create addon").
FORKABLE_TYPES = ("mongodb", "mysql", "postgresql")


def choose_snapshot(spec: ForkSpec, found: Sequence[Backup]) -> Backup:
    """Return the snapshot that is meant, among all backups of the source. By name, it never chooses between several.

    :raises BackupError: there is none, or a name could mean several.
    """
    holders = [one for one in found if not one.is_safety] if spec.name is None else named(found, spec.name)
    complete = [backup for backup in holders if backup.status == COMPLETED]
    good = [backup for backup in complete if backup.backup_type == SNAPSHOT]
    # Where the API tells no type at all, it is the API that refuses what is no snapshot.
    good = good or [backup for backup in complete if backup.backup_type is None]
    if spec.name is not None and len(good) > 1:
        raise BackupError(task_messages.ambiguous(spec.source_addon_id, "present", good))
    best = newest(good)
    if best is None:
        raise BackupError(messages.no_snapshot(spec.source_addon_id, spec.name, [] if spec.name is None else holders))
    return best


def check_source(spec: ForkSpec, source: AddonFacts) -> None:
    """Refuse an addon that cannot be forked.

    :raises BackupError: its type cannot.
    """
    if source.type not in FORKABLE_TYPES:
        raise BackupError(messages.type_without_forks(spec.source_addon_id, source.type, FORKABLE_TYPES))


def check_backup(spec: ForkSpec, backup: Backup) -> None:
    """Refuse a backup that no fork can start with.

    :raises BackupError: it is not complete, or no snapshot.
    """
    if backup.backup_type in (DUMP, IMPORT):
        reason = "it is a dump" if backup.backup_type == DUMP else "it is an import"
        raise BackupError(messages.not_forkable(spec.source_addon_id, backup, reason))
    if backup.status != COMPLETED:
        reason = f"it is '{task_messages.brief(backup.status, 40)}', not completed"
        raise BackupError(messages.not_forkable(spec.source_addon_id, backup, reason))


def check_fork_name(spec: ForkSpec, backup_id: str) -> None:
    """Refuse a name that does not say what the fork is made of.

    :raises BackupError: it has no digits, or other ones.
    """
    digits = spec.digits(backup_id)
    if spec.fork_name is not None and not bears_digits(spec.fork_name, digits):
        fitting = fitting_fork_name(spec.fork_name, digits)
        raise BackupError(messages.name_does_not_fit(spec.fork_name, backup_id, fitting))


def fork_request(spec: ForkSpec, fork_name: str, source: AddonFacts, backup: Backup) -> dict[str, Any]:
    """Return the body of the request that makes the fork.

    :raises BackupError: something that it needs is neither given nor told.
    """
    told_version = backup.config.get("addon_version")
    version = told_version if isinstance(told_version, str) and told_version else source.version
    if version is None:
        raise BackupError(messages.version_not_told(spec.source_addon_id))
    billing = {
        "deploymentPlan": spec.deployment_plan or source.deployment_plan,
        "storage": spec.storage or source.storage,
        "replicas": spec.replicas or source.replicas,
    }
    options = {"deploymentPlan": "deployment_plan", "storage": "storage", "replicas": "replicas"}
    missing = [options[key] for key, value in billing.items() if value is None]
    if missing:
        raise BackupError(messages.size_not_told(spec.source_addon_id, missing))
    elsewhere = {} if spec.source_project_id == spec.project_id else {"projectId": spec.source_project_id}
    return {
        "name": fork_name,
        "description": messages.DESCRIPTION,
        "tags": [FORK_TAG],
        "type": source.type,
        "version": version,
        "billing": billing,
        "source": {**elsewhere, "addonId": spec.source_addon_id, "backupId": backup.id},
    }


def doubt(spec: ForkSpec, fork_name: str, found: AddonFacts, backup_id: str) -> str:
    """Return what keeps an addon from being a fork that this module made of this backup; empty for nothing.

    What the API does not tell proves nothing. When both were made is another question, see :func:`is_older`.
    """
    if found.name != fork_name or not bears_digits(found.name, spec.digits(backup_id)):
        return messages.OTHER_NAME
    if found.tags is None or FORK_TAG not in found.tags:
        return messages.NO_TAG
    if found.type not in FORKABLE_TYPES:
        return messages.OTHER_TYPE
    if spec.fork_uid is not None and found.uid != spec.fork_uid:
        return messages.OTHER_UID
    return ""


def is_older(found: AddonFacts, backup: Backup) -> bool:
    """Return whether an addon is, or may be, older than a backup, so that it is no fork of that."""
    return found.created_at is None or posix_time(found.created_at) < posix_time(backup.created_at)


def check_same_fork(spec: ForkSpec, fork_name: str, found: AddonFacts, backup: Backup, source_type: str) -> None:
    """Refuse an addon of the fork's name that is not proved to be a fork of this backup.

    :raises BackupError: it is not.
    """
    reason = doubt(spec, fork_name, found, backup.id)
    if not reason and found.type != source_type:
        reason = messages.OTHER_TYPE
    if not reason and is_older(found, backup):
        reason = messages.OLDER
    if reason:
        raise BackupError(messages.name_is_taken(spec.project_id, fork_name, reason))


def check_joinable(spec: ForkSpec, fork_name: str, found: AddonFacts, backup: Backup, source_type: str) -> None:
    """Refuse an addon of the fork's name that is not the fork, or that will not run.

    :raises BackupError: it is not proved to be one, it has failed, or it goes.
    """
    check_same_fork(spec, fork_name, found, backup, source_type)
    # A state that nobody documented is told by the wait.
    if found.status in BLOCKED_STATES:
        raise BackupError(messages.fork_does_not_run(spec, found, backup.id))
