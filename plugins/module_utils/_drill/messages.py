# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of restore drills. Pure."""

from __future__ import annotations

from typing import Optional, Sequence

from .._api.errors import safe_text
from .._task.messages import brief, command, duration, sentences

_NOTHING_READ = "Nothing was read or written."


def nothing_to_drill(types: Sequence[str]) -> str:
    """A project has no database that a drill could restore."""
    return f"There is nothing to drill: the project has no addon of a type that can be forked ({', '.join(types)})."


def how_many() -> str:
    """Each database costs money while its fork runs, so nobody drills all of a project by mistake."""
    return (
        "Say what to drill: addon_id names databases, and sample says how many of the project's are drilled in one run."
    )


def no_check_file(path: str) -> str:
    """A file of checks is not there."""
    return f"The file of checks {safe_text(path)} does not exist, so nothing was restored."


def sample_too_small(count: int, sample: int, days: int, needed: int) -> str:
    """With so few drills a day, a promise is broken."""
    return (
        f"With a run each night, a sample of {sample} drills each of the {count} databases once in "
        f"{-(-count // sample)} days, not within {days}. For that, set restore_drill_sample to {needed} or more."
    )


def fork_left_by_drill(name: str, age: Optional[float], removal: str) -> str:
    """A fork of an earlier drill is still there.

    :param removal: the command that removes it; empty where nothing proves what it was made of.
    """
    old = "" if age is None else f", made {duration(max(age, 0.0))} ago"
    first = f"The fork {brief(name)} of an earlier drill is still there{old}, and costs money by the hour"
    if removal:
        return f"{first}. To remove it: {removal}"
    return sentences(first, "Its backup no longer exists, so delete it in Northflank's web interface")


def removal_command(project_id: str, name: str, addon_id: str, backup_id: str) -> str:
    """The command that removes a fork which an earlier drill has left."""
    return command(
        "addon_fork",
        state="absent",
        project_id=project_id,
        fork_name=name,
        source_addon_id=addon_id,
        backup_id=backup_id,
    )


def no_evidence_folder(path: str) -> str:
    """Where the evidence shall be cannot be a folder."""
    return (
        f"dest must be a folder for evidence, or a new one in a folder; {safe_text(path)} is neither. {_NOTHING_READ}"
    )


def evidence_not_writable(path: str, reason: str) -> str:
    """Files cannot be put there."""
    return sentences(f"Evidence cannot be written to {safe_text(path)}: {safe_text(reason)}", _NOTHING_READ)


def not_our_evidence(path: str) -> str:
    """Somebody else's file has the name of one of the evidence."""
    return (
        f"{safe_text(path)} was not written by a restore drill, so it is not replaced. {_NOTHING_READ} "
        "Choose another dest, or move it away."
    )


def evidence_not_written(path: str, reason: str) -> str:
    """A file could not be put there in the end."""
    return f"The evidence of the drill could not be written to {safe_text(path)}: {safe_text(reason)}."


def fork_not_made(reason: str) -> str:
    """No database to check."""
    return f"The backup was not restored: {reason}"


def no_credentials(reason: str) -> str:
    """The fork runs, and nobody knows how to connect to it."""
    return f"The checks did not run, because the credentials of the fork could not be read: {reason}"


def checks_failed(names: Sequence[str]) -> str:
    """The restored data is not what it should be."""
    return f"Checks failed: {', '.join(names)}."


def checks_not_run(names: Sequence[str]) -> str:
    """Something ended the drill before its checks."""
    return f"Checks did not run: {', '.join(names)}."


def fork_is_left_over(deletion_error: str) -> str:
    """It costs money."""
    return f"The fork was not deleted, and costs money by the hour: {deletion_error or 'nothing has asked for it'}"
