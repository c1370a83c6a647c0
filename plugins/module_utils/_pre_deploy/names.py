# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of the sets that the role pre_deploy_snapshot takes. Pure.

A name holds a digest of the release and one of the set's members, so that no two releases share a name, and so that the
names alone prove which addons belong to a set::

    pre-deploy-build-117-4z3nbwm7-583b5e-2
               |         |        |      generation, not told for the first
               |         |        members: 24 bits
               |         release: 40 bits
               release, as far as it fits

Version 0.9 had 24 bits for a release, as six hexadecimal digits, which are those that the 40 bits of today begin with:
by them, the sets that it took are those of a release still, and may be another one's.
"""

from __future__ import annotations

import re
import time
from base64 import b32decode, b32encode
from hashlib import sha256
from itertools import islice, product
from typing import Any, Iterable, Optional

from .._api.errors import BackupError, InvalidInput
from .._api.purpose import SAFETY_PREFIX, purpose_of
from . import messages

SET_PREFIX = "pre-deploy-"
LAST_GENERATION = 999
_LONGEST = 39
# So much of a release is in all names of its sets, also where the generation has three digits.
_SHORTEST_PART = 8
_NAME = re.compile(r"pre-deploy-([A-Za-z0-9-]+)-([a-z2-7]{8}|[0-9a-f]{6})-([0-9a-f]{6})(?:-([2-9]|[1-9][0-9]{1,2}))?")
_DIGITS_OF_0_9 = 6
# What a hyphen in a name may have been in the release, and how many releases are tried at most to find out.
_SIGNS = "-._/+:@# "
_MOST_TRIED = 10_000
_PART_OF_0_9 = 10

# What becomes of 2024-01-15T10:00:00Z without quotes, where nobody sees any more that it was no text.
_TIME_OF_YAML = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[+-][0-9]{2}:[0-9]{2})?"
)


def checked_release(release: Any) -> str:
    """Return a release's name, as the user gave it.

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


def members_digest(addon_ids: Iterable[str]) -> str:
    """Six hexadecimal digits that stand for the members of a set, in whatever order they are given."""
    return sha256("\n".join(sorted(addon_ids)).encode()).hexdigest()[:6]


def set_name(release: str, addon_ids: Iterable[str], generation: int) -> str:
    """Return the name of a set, at most 39 characters.

    :raises BackupError: the release has had all generations that a name can tell.
    """
    if generation > LAST_GENERATION:
        raise BackupError(messages.no_generation_left(release, LAST_GENERATION))
    suffix = "" if generation == 1 else f"-{generation}"
    ending = f"-{_digest(release)}-{members_digest(addon_ids)}{suffix}"
    return f"{SET_PREFIX}{_readable(release)[: _LONGEST - len(SET_PREFIX) - len(ending)].strip('-')}{ending}"


def generation_of(name: str) -> int:
    """Return which set of its release a name tells, from 1."""
    match = _NAME.fullmatch(name)
    return int((match.group(4) if match else None) or 1)


def safety_name(release: str, now: float) -> str:
    """Return the name of the backups that a rollback takes of what it is about to replace.

    :param now: seconds since 1970.
    """
    return f"{SAFETY_PREFIX}{_digest(release)}-{time.strftime('%y%m%d%H%M%S', time.gmtime(now))}"


def is_safety_of(name: str, set_name: str) -> bool:
    """Return whether a rollback of the release of a set has taken a backup of what it was about to replace."""
    if purpose_of(name) is None or not release_of(set_name):
        return False
    digits, other = name[len(SAFETY_PREFIX) :].split("-", maxsplit=1)[0], release_of(set_name).rpartition("-")[2]
    # Version 0.9 gave either of them fewer.
    return digits == other if len(digits) == len(other) else _digits_of_0_9(digits) == _digits_of_0_9(other)


def release_in(name: str) -> Optional[str]:
    """Return the release of a set, where all of it is in the set's name.

    None where it is not, as with a whole commit.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    words = match.group(1).split("-")
    for signs in islice(product(_SIGNS, repeat=len(words) - 1), _MOST_TRIED):
        release = "".join(part for pair in zip(words, [*signs, ""]) for part in pair)
        if _digest(release) == match.group(2):
            return release
    return None


def shown_release(name: str) -> str:
    """Return the release of a set for people; where not all of it is in the set's name, what it begins with."""
    match = _NAME.fullmatch(name)
    return release_in(name) or f"{match.group(1) if match else name}..."


def release_key(release: str) -> str:
    """Return what the names of all sets of a release have in common, and those of others do not."""
    return f"{_readable(release)[:_SHORTEST_PART].strip('-')}-{_digest(release)}"


def release_of(name: str) -> str:
    """Return the :func:`release_key` of a set's name.

    For one of version 0.9 its :func:`key_of_0_9`; empty for other names.
    """
    match = _NAME.fullmatch(name)
    return f"{match.group(1)[:_SHORTEST_PART].strip('-')}-{match.group(2)}" if match else ""


def key_of_0_9(key: str) -> str:
    """Return what the names that version 0.9 gave to a release have in common, with those of others perhaps.

    :param key: the release's, in the form of today or of version 0.9.
    """
    part, _hyphen, digits = key.rpartition("-")
    return f"{part}-{_digits_of_0_9(digits)}"


def is_of_release(name: str, release: str) -> bool:
    """Return whether a set is one of a release, by its name.

    One of version 0.9 may be another's, see :func:`is_doubtful`.
    """
    key = release_key(release)
    return release_of(name) in (key, key_of_0_9(key))


def is_of_0_9(name: str) -> bool:
    """Return whether version 0.9 has given a set its name."""
    match = _NAME.fullmatch(name)
    return match is not None and len(match.group(2)) == _DIGITS_OF_0_9


def is_doubtful(name: str, release: str) -> bool:
    """Return whether a name of version 0.9 that fits a release may be another's: where all of the release is not in it.

    Those names held ten characters of a release at most. One that is shorter differs by signs only from another.
    """
    return is_of_0_9(name) and len(_readable(release)) >= _PART_OF_0_9


def digest_in(name: str) -> str:
    """Return the digest of the members that a name holds; empty for a name of another kind."""
    match = _NAME.fullmatch(name)
    return match.group(3) if match else ""


def _digits_of_0_9(digits: str) -> str:
    return digits if len(digits) == _DIGITS_OF_0_9 else b32decode(digits.upper()).hex()[:_DIGITS_OF_0_9]


def _readable(release: str) -> str:
    """Return a release in the characters that names have."""
    return re.sub(r"[^A-Za-z0-9]+", "-", release).strip("-") or "release"


def _digest(release: str) -> str:
    """Eight characters that stand for a release: 40 bits, of which the first 24 are the digits of version 0.9."""
    return b32encode(sha256(release.encode()).digest()[:5]).decode().lower()
