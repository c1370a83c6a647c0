# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever is told how a wait goes. Apart from the waiting, so that tasks that never wait need not bring it along."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence

# Told each Poll and the seconds waited so far; returns in how many it wants to be told again, or None.
Observer = Callable[[Sequence[Any], float], Optional[float]]


def quiet(_watches: Sequence[Any], _waited: float) -> Optional[float]:
    """Tells nobody."""
    return None
