# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``addon_credentials_info`` in the worker of the controller, and nowhere without ``no_log``."""

from __future__ import annotations

from typing import Any, Optional

from ..module_utils._task.variable_messages import needs_no_log
from ..modules import addon_credentials_info
from ..plugin_utils._worker import WorkerAction


class ActionModule(WorkerAction):
    """The same task, with less around it. What it returns would be shown at -v, and in logs."""

    TASK = addon_credentials_info.TASK

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        """Run the task."""
        if not self._task.no_log:
            return {"failed": True, "changed": False, "msg": needs_no_log()}
        return super().run(tmp, task_vars)
