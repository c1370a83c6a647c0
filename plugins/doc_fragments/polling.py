# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How fast a task works on several addons, and what it may spend to poll."""

    DOCUMENTATION = r"""
options:
  concurrency:
    description:
      - How many requests to send at the same time if there are several addons, from 1 to 64.
    type: int
    default: 16
  budget_share:
    description:
      - The share of the account's remaining requests that the task may use to poll, above 0 and at most 1. Polling
        slows down when few are left. Starting a backup or a restore is never delayed.
    type: float
    default: 0.5
"""
