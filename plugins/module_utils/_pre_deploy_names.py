# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of the sets that the role pre_deploy_snapshot takes. Pure.

A name holds a digest of the release and one of the set's members, so that two releases never share a name, and so that
the names alone prove which addons belong to a set.
"""

from __future__ import annotations

import re
import time
from hashlib import sha256
from typing import Any, Iterable

from ansible_collections.northflank.cloud.plugins.module_utils import _hints_role
from ansible_collections.northflank.cloud.plugins.module_utils._errors import BackupError, InvalidInput

PREFIX = "pre-deploy-"
LAST_GENERATION = 999
_NAME = re.compile(r"pre-deploy-([A-Za-z0-9-]+)-([0-9a-f]{6})-([0-9a-f]{6})(?:-([2-9]|[1-9][0-9]{1,2}))?")

# What becomes of 2024-01-15T10:00:00Z without quotes, where nobody sees any more that it was no text.
_TIME_OF_YAML = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[+-][0-9]{2}:[0-9]{2})?"
)


def checked_release(release: Any) -> str:
    """A release's name, as the user gave it.

    :raises InvalidInput: it is empty, no text, or has characters that no name of a release has.
    """
    if not isinstance(release, str):
        raise InvalidInput(
            "release", "must be text; a number loses digits (1.10 becomes 1.1), so put it into quotes", release
        )
    if _TIME_OF_YAML.fullmatch(release):
        raise InvalidInput(
            "release", "must not be a time as YAML reads it; put it into quotes, and a T between date and time", release
        )
    if not release.strip():
        raise InvalidInput("release", "must not be empty: it names one deployment, as a commit, a tag or a build does")
    if len(release) > 200 or not release.isprintable():
        raise InvalidInput("release", "must have at most 200 printable characters", release)
    return release


def digest(text: str) -> str:
    """Six hexadecimal digits that stand for a text."""
    return sha256(text.encode()).hexdigest()[:6]


def members_digest(addon_ids: Iterable[str]) -> str:
    """Six hexadecimal digits that stand for the members of a set, in whatever order they are given."""
    return digest("\n".join(sorted(addon_ids)))


def release_part(release: str) -> str:
    """How the names of all sets of a release begin."""
    fit = re.sub(r"[^A-Za-z0-9]+", "-", release).strip("-")[:10].strip("-") or "release"
    return f"{PREFIX}{fit}-{digest(release)}-"


def set_name(release: str, addon_ids: Iterable[str], generation: int) -> str:
    """The name of a set, at most 39 characters.

    :raises BackupError: the release has had all generations that a name can tell.
    """
    if generation > LAST_GENERATION:
        raise BackupError(_hints_role.no_generation_left(release, LAST_GENERATION))
    suffix = "" if generation == 1 else f"-{generation}"
    return f"{release_part(release)}{members_digest(addon_ids)}{suffix}"


def generation_of(name: str) -> int:
    """Which set of its release a name tells, from 1."""
    match = _NAME.fullmatch(name)
    return int((match.group(4) if match else None) or 1)


def safety_name(release: str, now: float) -> str:
    """The name of the backups that a rollback takes of what it is about to replace.

    :param now: seconds since 1970.
    """
    return f"pre-rollback-{digest(release)}-{time.strftime('%y%m%d%H%M%S', time.gmtime(now))}"


def release_of(name: str) -> str:
    """What the names of all sets of one release begin with, from one of them; empty for a name of another kind."""
    match = _NAME.fullmatch(name)
    return f"{PREFIX}{match.group(1)}-{match.group(2)}-" if match else ""


def digest_in(name: str) -> str:
    """The digest of the members that a name holds; empty for a name of another kind."""
    match = _NAME.fullmatch(name)
    return match.group(3) if match else ""
