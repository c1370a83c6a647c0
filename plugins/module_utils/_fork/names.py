# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of forks, which prove what a fork was made of. Pure.

In each name stand six hexadecimal digits of its source: project, addon and backup.
"""

from __future__ import annotations

import hashlib
import time

# Each fork has it.
FORK_TAG = "northflank-cloud-fork"
FORK_PREFIX = "drill"
_DIGITS = 6


def fork_digits(project_id: str, addon_id: str, backup_id: str) -> str:
    """Return the digits of a source."""
    return hashlib.sha256(f"{project_id}\n{addon_id}\n{backup_id}".encode()).hexdigest()[:_DIGITS]


def default_fork_name(digits: str, now: float) -> str:
    """Return a name that no earlier fork has.

    :param now: seconds since 1970.
    """
    return f"{FORK_PREFIX}-{digits}-{time.strftime('%y%m%d%H%M%S', time.gmtime(now))}"


def bears_digits(name: str, digits: str) -> bool:
    """Return whether a name says that the addon is a fork of this source: ``<prefix>-<digits>``, or more behind it."""
    return digits in name.split("-")[1:]


def fitting_fork_name(name: str, digits: str) -> str:
    """Return a name like this one that says what the source is."""
    longest = 39 - len(digits) - 1
    return f"{name[:longest].strip('-')}-{digits}"
