# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not certain about files that came, though nothing is wrong with them. Pure."""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

from . import messages
from .content import NOTHING, Content
from .integrity import BY_LENGTH


class DownloadedDump(NamedTuple):
    """A dump that was downloaded, and what is known of it.

    :ivar size: bytes.
    :ivar size_before: of the dump before it; None where there is none to compare it with.
    :ivar content: None where it was not looked at.
    """

    name: str
    addon_id: str
    size: int
    verified: Optional[str]
    content: Optional[Content]
    size_before: Optional[int]


def unsure_of(files: Sequence[DownloadedDump], min_size_share: float) -> list[str]:
    """Return what the user should know of files that are not as certain as they might be, each cause once."""
    by_length = [one.name for one in files if one.verified == BY_LENGTH]
    unknown = [
        one.name
        for one in files
        if one.verified != BY_LENGTH and one.content is not None and one.content.checked == NOTHING
    ]
    return [
        *([messages.by_length_only(by_length)] if by_length else []),
        *([messages.not_looked_inside(unknown)] if unknown else []),
        *(
            messages.smaller_than_before(one.addon_id, one.name, one.size, one.size_before)
            for one in files
            if one.content is not None and one.size_before is not None and one.size < min_size_share * one.size_before
        ),
    ]
