# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of backups, restores and addons, by what they mean. Pure."""

from __future__ import annotations

# The contract's seven states of a backup and of a restore (source: the API's "Backup addon" reference page).
COMPLETED = "completed"
ABORTING = "aborting"
SCHEDULED = "scheduled"
ACTIVE_STATES = frozenset({SCHEDULED, "in-progress"})
FAILED_STATES = frozenset({"aborted", "failed", "not-supported"})
FINAL_STATES = FAILED_STATES | {COMPLETED}
KNOWN_STATES = FINAL_STATES | ACTIVE_STATES | {ABORTING}


# The contract's states of an addon (source: the API's reference), by what they mean for a backup. That "backup" passes
# and that requests are refused meanwhile is assumed.
RUNNING = "running"
BACKUP_RUNS = "backup"
RESTORE_RUNS = "restore"
TRANSITIONAL_STATES = frozenset(
    {
        "preDeployment",
        "triggerAllocation",
        "allocating",
        "postDeployment",
        "scaling",
        "upgrading",
        "resetting",
        BACKUP_RUNS,
        RESTORE_RUNS,
    }
)
BLOCKED_STATES = frozenset({"paused", "failed", "error", "errorAllocating", "deleting", "deleted"})
ADDON_STATES = tuple(sorted({RUNNING} | TRANSITIONAL_STATES | BLOCKED_STATES))
