# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of the files of a report. Pure."""

from __future__ import annotations

from typing import Sequence

from .._api.errors import safe_text
from .._task.messages import sentences

_MOST_NAMES = 12
_NOTHING = "Nothing was read or written."


def no_report_folder(path: str) -> str:
    """Where the report shall be cannot be a folder."""
    return f"dest must be a folder, or the name of a new one in a folder; {safe_text(path)} is neither. {_NOTHING}"


def folder_not_writable(path: str, reason: str) -> str:
    """Files cannot be put there."""
    return sentences(f"The report cannot be written to {safe_text(path)}: {safe_text(reason)}", _NOTHING)


def not_our_report(path: str) -> str:
    """Somebody else's file has the name of one of the report."""
    return (
        f"{safe_text(path)} was not written by a report, so it is not replaced. {_NOTHING} Choose another dest, or "
        "move it away."
    )


def report_not_written(path: str, reason: str) -> str:
    """A file could not be put there in the end. Those before it are there."""
    return f"{safe_text(path)} could not be written: {safe_text(reason)}."


def stale(headline: str, stale_ones: Sequence[str], unread: Sequence[str], folder: str) -> str:
    """Why a task fails that was told to.

    :param stale_ones: each with its reason.
    :param unread: projects.
    """
    more = f" and {len(stale_ones) - _MOST_NAMES} more" if len(stale_ones) > _MOST_NAMES else ""
    first = f"Not all is known to be fresh: {headline}"
    return sentences(
        f"{first}. Without: {'; '.join(stale_ones[:_MOST_NAMES])}{more}" if stale_ones else first,
        f"Projects that could not be read: {', '.join(unread)}" if unread else "",
        f"The report is in {safe_text(folder)}",
    )
