# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The project that a module works in."""

    DOCUMENTATION = r"""
options:
  project_id:
    description:
      - The project's ID. You find it in the URL of the project's page.
    type: str
    required: true
"""
