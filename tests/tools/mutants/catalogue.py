# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break on purpose: each row of the decision tables and each rule, one at a time."""

from __future__ import annotations

from mutant import Mutant
from rooms import (
    api,
    backup,
    destination,
    download,
    freshness,
    live,
    others,
    pre_deploy,
    report,
    restore,
    retention,
    schedule,
    task,
)

_ROOMS = (
    api,
    backup,
    destination,
    download,
    freshness,
    live,
    others,
    pre_deploy,
    report,
    restore,
    retention,
    schedule,
    task,
)
MUTANTS: list[Mutant] = [mutant for room in _ROOMS for mutant in room.MUTANTS]
