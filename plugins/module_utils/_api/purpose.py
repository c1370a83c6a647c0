# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup is for, where its name tells. Pure.

A rollback of the role pre_deploy_snapshot keeps the data that it is about to replace. Such a safety snapshot holds what
a failed deployment left behind. It is often the newest backup of its addon, and never the one that is meant where a
young backup is asked for, or the latest.
"""

from __future__ import annotations

import re
from typing import Optional

SAFETY = "safety"
SAFETY_PREFIX = "pre-rollback-"
# The six hexadecimal digits are those of version 0.9. Behind them stands the time, as yymmddHHMMSS.
_SAFETY_NAME = re.compile(SAFETY_PREFIX + r"(?:[a-z2-7]{8}|[0-9a-f]{6})-[0-9]{12}")


def purpose_of(name: str) -> Optional[str]:
    """Return what a backup of this name was taken for: SAFETY, or None where the name says nothing."""
    return SAFETY if _SAFETY_NAME.fullmatch(name) else None


def asks_for_safety(prefix: Optional[str]) -> bool:
    """Return whether somebody who gives this beginning of a name means safety snapshots.

    A shorter one, such as ``pre-``, may be meant for other backups, and says nothing.
    """
    return prefix is not None and prefix.startswith(SAFETY_PREFIX.rstrip("-"))
