# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What a task that succeeded says in one line."""

    DOCUMENTATION = r"""
options: {}
notes:
  - On success, the common return value C(msg) says in one line which backups there are, how large they are, how long
    they took, and how old those are that were used again. If a backup was used again, or another run started it, the
    line is also shown while the task runs, unless the variable C(northflank_progress) is V(false).
"""
