# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user about backup destinations. Pure."""

from __future__ import annotations

from typing import Sequence

from .._task.messages import brief, sentences

# The last line of a table in which an ID is missing.
WHERE_IDS_ARE = "The API does not list the IDs. You find each in the URL of the destination's page."
_LONGEST_LIST = 10


def no_such_destination(destination_id: str, known: Sequence[str]) -> str:
    """A backup destination that the account does not have; the command comes last.

    :param known: those that it has.
    """
    shown = ", ".join(brief(name) for name in known[:_LONGEST_LIST])
    more = ", ..." if len(known) > _LONGEST_LIST else ""
    there = f"There are: {shown}{more}." if known else ""
    missing = sentences(f"There is no backup destination '{brief(destination_id)}' that the token may see", there)
    return f"{missing} To list them: ansible localhost -m northflank.cloud.backup_destination_info"
