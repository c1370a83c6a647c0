# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``pre_deploy_options``, and what only the controller knows: the play's tags and its strategy."""

from __future__ import annotations

from typing import Any, Optional

from ..module_utils._task import variable_messages
from ..modules import pre_deploy_options
from ..plugin_utils import _play
from ..plugin_utils._worker import WorkerAction


class ActionModule(WorkerAction):
    """The same task, where the role may run at all."""

    TASK = pre_deploy_options.TASK

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        """Return the result, as the module would return it, or why the role does not run."""
        variables = task_vars or {}
        if not _play.is_chosen(self._task, variables):
            return {"changed": False, "skipped": True, "skip_reason": "The tags of this run did not choose it."}
        strategy = _play.strategy_for_each_host(self._task, variables)
        if strategy:
            first = str(variables["ansible_play_hosts_all"][0])
            is_first = variables.get("inventory_hostname") == first
            # No host may go on, and one of them says why.
            reason = variable_messages.runs_for_each_host(strategy)
            told = reason if is_first else variable_messages.refused_for_all(strategy, first)
            return {"changed": False, "failed": True, "msg": told}
        return super().run(tmp, task_vars)
