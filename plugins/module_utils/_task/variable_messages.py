# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of values that a play gives, and of the play around the role. Pure."""

from __future__ import annotations

import difflib
from typing import Sequence

from .messages import brief


def unknown_variable(name: str, known: Sequence[str]) -> str:
    """A variable with the role's prefix that the role does not have."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    nearest = f"Did you mean {close[0]}? " if close else ""
    return (
        f"The role has no variable {brief(name)}. {nearest}Nothing was started. "
        "To list them: ansible-doc -t role northflank.cloud.pre_deploy_snapshot"
    )


def runs_for_each_host(strategy: str) -> str:
    """The play's strategy does not know tasks that run once."""
    return (
        f"The strategy {brief(strategy)} runs every task for every host, so each host would take or restore "
        "snapshots of its own. Nothing was started. Put the role into a play of its own with 'hosts: localhost', "
        "or use the strategy linear."
    )


def refused_for_all(strategy: str, first: str) -> str:
    """The same, for each host but one, where the reason is told."""
    return f"The role does not run with the strategy {brief(strategy)}: see the message for the host {brief(first)}."


def time_without_quotes(option: str, value: str) -> str:
    """A time in a playbook, where text is meant."""
    return (
        f"{option} must be text; YAML has read a time without quotes ({brief(value)}), which is not the text that was "
        "typed. Put it into quotes."
    )


def nothing_taken() -> str:
    """A rollback in the run whose own snapshot has failed."""
    return "This run could not take its snapshots, so it has nothing of its own to restore. Nothing was restored."


def needs_no_log() -> str:
    """A task that returns secrets, and would show them."""
    return "The task returns secrets, so it needs no_log: true. Nothing was read."
