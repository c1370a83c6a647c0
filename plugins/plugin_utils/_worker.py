# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a task in the worker of the controller, where that comes to the same as running its module there.

So no interpreter is started, no payload is built, and the wait can be shown. Everywhere else the module runs. All that
is here can be taken away: without the action plugins, every task is a module.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from datetime import date, datetime
from typing import Any, Callable, Iterator, Mapping, Optional

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._api.transport import REQUESTS_IMPORT_ERROR
from ..module_utils._task import ages, module, variable_messages
from ..module_utils._task.task import Files, Task, connection_spec, perform, quiet, silent
from . import _files, _play
from ._options import unknown_options
from ._progress import Progress
from ._summary import Summary

if module.register_secret is None:
    # Deprecated where Ansible masks by itself, and to be removed in ansible-core 2.25.
    from ansible.module_utils.common.parameters import remove_values

# Variables of a play, a host or a task.
IN_CONTROLLER = "northflank_run_in_controller"
SHOW_PROGRESS = "northflank_progress"
# Options that take a time, in whatever form.
_TIMES = frozenset({"skip_if_restored_since"})


class WorkerAction(ActionBase):
    """What all action plugins of the collection do; each names its module's task.

    :cvar TASK: the module's work.
    """

    TASK: Task
    TRANSFERS_FILES = False
    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        """Return the result, as the module would return it."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        self._add_connection_of_play()
        refused = unknown_options(self._module_name, self._task.args, self._spec) or _time_without_quotes(
            self._task.args
        )
        if refused:
            result.update(failed=True, msg=refused)
            return result
        if self._is_switched_on(variables, IN_CONTROLLER) and self._is_the_same_here():
            result.update(self._run_here(variables))
            return result
        wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
        result.update(self._execute_module(task_vars=task_vars, wrap_async=wrap_async))
        self._summarise(result, None, silent)
        if not wrap_async:
            # As ansible.builtin.normal does.
            self._remove_tmp_path(self._connection._shell.tmpdir)  # type: ignore[no-untyped-call]  # noqa: SLF001
        return result

    def _add_connection_of_play(self) -> None:
        """In the role, what a play gives all modules as their connection counts where the role is told nothing."""
        for name, value in _play.defaults_of_play(self._task, self._templar).items():
            if name in connection_spec() and self._task.args.get(name) is None:
                self._task.args[name] = value

    def _is_switched_on(self, variables: Mapping[str, Any], name: str) -> bool:
        return bool(boolean(self._templar.template(variables.get(name, True)), strict=False))

    def _is_the_same_here(self) -> bool:
        """Return whether the module would run on this machine, as this user, and could do no more than we can.

        On macOS, a forked process that looks up proxies may crash.
        """
        return (
            self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and sys.platform != "darwin"
            and REQUESTS_IMPORT_ERROR is None
            and not (self.TASK.has_file_arguments and _files.need_the_module(self._task.args))
        )

    @property
    def _module_name(self) -> str:
        """The module's full name, however the task writes it."""
        _root, namespace, name, *_folders, module_name = type(self).__module__.split(".")
        return f"{namespace}.{name}.{module_name}"

    @property
    def _spec(self) -> dict[str, Any]:
        return {**FILE_COMMON_ARGUMENTS, **self.TASK.spec} if self.TASK.has_file_arguments else self.TASK.spec

    def _run_here(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        # With the variables from the beginning: they say what ~ and $NAME stand for in a path.
        with self._environment():
            return self._run_with_environment(variables)

    def _run_with_environment(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        # As a module gets them: what comes out of JSON has none of the controller's own types.
        given = json.loads(json.dumps(self._task.args, default=str))
        checked = ModuleArgumentSpecValidator(self._spec).validate(given)
        hidden: set[str] = set(checked._no_log_values)  # noqa: SLF001  # as AnsibleModule does
        params = checked.validated_parameters
        if checked.error_messages:
            result = {"failed": True, "msg": str(checked.errors.msg)}
        else:
            is_shown = self._is_switched_on(variables, SHOW_PROGRESS) and not self._task.no_log
            say = _say if is_shown else None
            result = self._performed(params, module.register_secret or hidden.add, say)
        if _injects_invocation(variables):
            result["invocation"] = {"module_args": params}
        if module.register_secret is not None:
            return result
        masked: dict[str, Any] = remove_values(result, hidden)
        return masked

    def _performed(
        self, params: Mapping[str, Any], hide: Callable[[str], Any], say: Optional[Callable[[str], None]]
    ) -> dict[str, Any]:
        observe = quiet if say is None else Progress(say)
        stop, parent = threading.Event(), os.getppid()
        # Once ansible-playbook has been killed, nobody learns any more what this process does.
        timing = module.TIMING._replace(stopped=lambda: stop.is_set() or os.getppid() != parent)
        try:
            outcome = perform(
                self.TASK,
                params,
                os.environ,
                timing,
                bool(self._task.check_mode),
                hide,
                observe,
                say or silent,
                Files(move=_files.move),
            )
        finally:
            # The keyword timeout ends this thread by an exception, and no other may send anything after that.
            stop.set()
        result = outcome.to_result(bool(self._task.diff))
        if "dest" in result:
            result.update(_files.facts(result["dest"]))
        warnings = outcome.all_warnings()
        if warnings:
            result["warnings"] = warnings
        if outcome.error is not None:
            result.update(failed=True, msg=outcome.error)
        now = None if outcome.client is None else ages.to_show(outcome.client.clock())
        self._summarise(result, now, say or silent)
        return result

    def _summary(self, _result: Mapping[str, Any], _now: Optional[float]) -> Summary:
        """Return what a result says in one line.

        :param now: the API's time in seconds since 1970; None where it cannot be relied on.
        """
        return Summary("")

    def _summarise(self, result: dict[str, Any], now: Optional[float], say: Callable[[str], None]) -> None:
        """Add to the result of a task that succeeded what it came to, and show it where nothing else does."""
        summary = Summary("") if result.get("failed") else self._summary(result, now)
        if summary.text:
            result["msg"] = summary.text
        if summary.is_news:
            say(summary.text)

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        """Return the variables of the keyword ``environment`` in this process, which runs this task only."""
        added: dict[str, Any] = {}
        self._compute_environment_string(added)  # type: ignore[no-untyped-call]
        before = dict(os.environ)
        os.environ.update({name: str(value) for name, value in added.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _injects_invocation(variables: Mapping[str, Any]) -> bool:
    """Return whether results hold what their task was called with. Since ansible-core 2.21, a setting says so."""
    try:
        return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=variables))
    except AnsibleError:
        return True


def _time_without_quotes(value: Any, option: str = "") -> str:
    """Return what is wrong with a time that YAML has read where text is meant.

    It would become other text here and there.

    :returns: nothing where there is none.
    """
    if isinstance(value, dict):
        parts = [_time_without_quotes(part, str(name)) for name, part in value.items()]
    elif isinstance(value, list):
        parts = [_time_without_quotes(part, option) for part in value]
    else:
        # A day becomes the text that it was, but a release is told like a number that it has to be text.
        refused = date if option == "release" else datetime
        is_time = isinstance(value, refused) and option not in _TIMES
        parts = [variable_messages.time_without_quotes(option, str(value))] if is_time else []
    return next(filter(None, parts), "")


def _say(line: str) -> None:
    Display().display(line, stderr=True)
