# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``pre_deploy_options``, what only the controller knows about the play, and the decision that follows."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..module_utils._task import variable_messages
from ..module_utils._task.task import connection_spec, project_spec
from ..modules import pre_deploy_options, pre_deploy_set_info
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
        read = super().run(tmp, task_vars)
        purpose = self._task.args.get("purpose")
        if read.get("failed") or not purpose:
            return read
        # What was read is published also where the decision fails.
        return {**read, **self._decided(read, str(purpose), variables)}

    def _decided(self, read: Mapping[str, Any], purpose: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return what ``pre_deploy_set_info`` returns for the options that were read.

        :param read: the result of this task so far.
        """
        known = pre_deploy_set_info.TASK.spec
        options = {name: value for name, value in read["options"].items() if name in known}
        leads_there = {*connection_spec(), *project_spec()}
        reach = {name: value for name, value in self._task.args.items() if name in leads_there}
        # What this run has taken is what it goes back to, unless another generation is named.
        own = {} if read["published"] is None or "generation" in options else {"published": read["published"]}
        task = self._task.copy()
        task.action = f"{self._module_name.rpartition('.')[0]}.pre_deploy_set_info"
        task.args = {**reach, **options, **own, "purpose": purpose, "release": self._task.args["release"]}
        decide = self._shared_loader_obj.action_loader.get(
            task.action,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        decided: dict[str, Any] = decide.run(task_vars=variables)
        return decided
