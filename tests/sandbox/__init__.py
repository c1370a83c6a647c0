# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the part of Northflank's API that backups of addons need. See README.md in this folder."""

from __future__ import annotations

from .access import LoggedRequest
from .assumptions import Assumptions, assume
from .clock import SystemClock, TickingClock, VirtualClock
from .errors import ConnectionCut, ContractViolation
from .facade import Sandbox
from .faults import Barrier, Fault
from .store import StoreRequest
from .store_faults import StoreFault

__all__ = [
    "Assumptions",
    "Barrier",
    "ConnectionCut",
    "ContractViolation",
    "Fault",
    "LoggedRequest",
    "Sandbox",
    "StoreFault",
    "StoreRequest",
    "SystemClock",
    "TickingClock",
    "VirtualClock",
    "assume",
]
