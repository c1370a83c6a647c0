# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """A result for people beside the one for programs."""

    DOCUMENTATION = r"""
options:
  table:
    description:
      - Whether to return C(table), the result as short lines for people.
    type: bool
    default: true
"""
