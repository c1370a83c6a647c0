# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``addon_backup`` in the worker of the controller, where that is the same; see the module for all else."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..modules import addon_backup
from ..plugin_utils._summary import Summary, backup_summary
from ..plugin_utils._worker import WorkerAction


class ActionModule(WorkerAction):
    """The same task, with less around it."""

    TASK = addon_backup.TASK

    def _summary(self, result: Mapping[str, Any], now: Optional[float]) -> Summary:
        return backup_summary(result, bool(self._task.check_mode), now)
