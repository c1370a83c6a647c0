# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a clock may judge the ages of backups: each decision by age asks here first. Pure."""

from __future__ import annotations

from typing import Iterable, Optional

from .._api.errors import BackupError
from .._api.models import Backup, posix_time
from .._api.timing import Clock
from . import messages
from .backups import newest

# Servers of one API differ by seconds, and an answer may be under way for some minutes.
_SLACK = 300.0
# The clock of this machine may be wrong by its time zone. It only has to notice what is wrong by far.
_FAR = 86_400.0


def trusted(clock: Clock) -> Optional[float]:
    """Return what the API's clock says, if it may judge ages; None where no answer told it.

    :returns: seconds since 1970.
    :raises BackupError: it has jumped while the task ran, or is far from the clock of this machine.
    """
    if clock.now is None:
        return None
    if clock.spread > _SLACK:
        raise BackupError(messages.clock_jumps(clock.spread))
    if abs(clock.now - clock.here) > _FAR:
        raise BackupError(messages.clocks_differ(clock.now, clock.here))
    return clock.now


def to_show(clock: Clock) -> Optional[float]:
    """Return what :func:`trusted` does, and None where the clock cannot be relied on: nothing is decided by it."""
    try:
        return trusted(clock)
    except BackupError:
        return None


def check_clock(now: Optional[float], backups: Iterable[Backup]) -> None:
    """Check that no backup is younger than now (seconds since 1970).

    :raises BackupError: one is, so the clock is behind.
    """
    last = newest(backups)
    if now is not None and last is not None and last.age(now) < -_SLACK:
        raise BackupError(messages.clock_is_behind(now, last.name, posix_time(last.created_at)))
