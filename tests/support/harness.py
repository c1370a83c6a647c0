# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways for tests to run the collection against a sandbox: the engine, the module in process, the module as a program.

Nothing here replaces code of the collection: only its clock and its sleep are the test's.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins import loader as plugin_loader
from ansible.template import Templar
from ansible.utils.display import Display
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Deadline, Timing
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import ApiTarget
from ansible_collections.northflank.cloud.plugins.module_utils._task import module as task_module
from ansible_collections.northflank.cloud.plugins.module_utils._task.connection import Connection, connect

from sandbox import assume

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    import pytest
    from ansible_collections.northflank.cloud.plugins.module_utils._api.endpoints import Api

    from sandbox import Assumptions, Barrier, Sandbox, VirtualClock


@dataclass(frozen=True)
class Ran:
    """What a module printed, and how it ended.

    :ivar said: what it said beside its result; some versions of ansible-core put warnings there.
    """

    result: dict[str, Any]
    failed: bool
    said: str = ""

    @property
    def changed(self) -> bool:
        return bool(self.result["changed"])

    @property
    def msg(self) -> str:
        return str(self.result["msg"])

    @property
    def backup(self) -> dict[str, Any]:
        """That of the only addon, which a task that failed has in its list only."""
        (backup,) = [self.result["backup"]] if "backup" in self.result else self.result["backups"]
        found: dict[str, Any] = backup
        return found

    @property
    def restore(self) -> dict[str, Any]:
        """As for a backup."""
        (restore,) = [self.result["restore"]] if "restore" in self.result else self.result["restores"]
        found: dict[str, Any] = restore
        return found

    @property
    def warnings(self) -> list[str]:
        beside = [" ".join(text.split()) for text in self.said.split("[WARNING]: ")[1:]]
        return [str(warning) for warning in self.result.get("warnings", [])] + beside


# These run only in tasks that show nothing.
RETURN_SECRETS = {"addon_credentials_info"}


def assumed(request: pytest.FixtureRequest) -> Assumptions:
    """What a test's mark ``assume`` says about the server."""
    marks = request.node.iter_markers("assume")
    return assume(**{key: value for mark in marks for key, value in mark.kwargs.items()})


def told_uid(sandbox: Sandbox, backup: dict[str, Any]) -> str | None:
    """A backup's uid, if the server tells it."""
    return str(backup["uid"]) if sandbox.world.assumptions.with_uid else None


def tells_all(sandbox: Sandbox) -> bool:
    """Whether the server's answers have what the contract calls optional."""
    return sandbox.world.assumptions.optional_fields == "present"


def virtual(clock: VirtualClock, on_sleep: Callable[[float], None] | None = None) -> Timing:
    """A timing that sleeps on the sandbox's clock, so that waiting takes no time."""

    def sleep(seconds: float) -> None:
        if on_sleep is not None:
            on_sleep(seconds)
        clock.sleep(seconds)

    return Timing(monotonic=clock.monotonic, sleep=sleep, chance=lambda: 0.5, wall=clock.now)


def api_of(sandbox: Sandbox, timing: Timing, seconds: float = 1800.0, retries: int = 5, timeout: float = 5.0) -> Api:
    """The endpoints of the sandbox's project, as the modules use them."""
    connection = Connection(ApiTarget(sandbox.url, sandbox.token, timeout=timeout), None, retries)
    return connect(connection, sandbox.project_id, Deadline(timing, seconds))


@contextlib.contextmanager
def module_timing(timing: Timing) -> Iterator[None]:
    """Let modules in this process run on a timing."""
    before, task_module.TIMING = task_module.TIMING, timing
    try:
        yield
    finally:
        task_module.TIMING = before


@contextlib.contextmanager
def _given(arguments: dict[str, Any]) -> Iterator[None]:
    """Let AnsibleModule find arguments. The test helper for that came with ansible-core 2.19."""
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:
        from ansible.module_utils import basic
        from ansible.module_utils.common import warnings

        given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        # Warnings were kept as long as the process lives, which for a module on its own is one task.
        with mock.patch.object(basic, "_ANSIBLE_ARGS", given), mock.patch.object(warnings, "_global_warnings", []):
            yield
    else:
        with patch_module_args(arguments):
            yield


def run_module(main: Callable[[], None], timing: Timing, **arguments: Any) -> Ran:
    """Run a module's main() in this process and read what it prints. ``_check_mode`` and ``_diff`` set the modes.

    With ``RUN_THROUGH=worker`` in the environment, the same goes through the module's action plugin,
    unless that would leave it to the module.
    """
    module = main.__module__.rpartition(".")[2]
    is_for_modules = not FILE_COMMON_ARGUMENTS.keys().isdisjoint(arguments)
    if os.environ.get("RUN_THROUGH") == "worker" and not is_for_modules:
        return run_action(module, timing, arguments)
    return run_main(main, timing, arguments)


def run_main(main: Callable[[], None], timing: Timing, arguments: Mapping[str, Any]) -> Ran:
    """Run a module's main() in this process, whatever the environment says."""
    special = {f"_ansible_{key}": arguments.get(f"_{key}", False) for key in ("check_mode", "diff")}
    # The system's log takes not all that a task can be given, and is none of a test's business.
    special["_ansible_no_log"] = True
    given = {name: value for name, value in arguments.items() if not name.startswith("_")}
    output, said = io.StringIO(), io.StringIO()
    code: object = 0
    # In one process, Ansible shows the same warning once only.
    Display()._warns.clear()  # noqa: SLF001  # there is no public way to forget them
    with contextlib.ExitStack() as stack:
        stack.enter_context(_given({**given, **special}))
        stack.enter_context(module_timing(timing))
        stack.enter_context(contextlib.redirect_stdout(output))
        stack.enter_context(contextlib.redirect_stderr(said))
        try:
            main()
        except SystemExit as end:
            code = end.code
    result = json.loads(output.getvalue())
    # With these, the controller learns what to mask in all that it shows. Nobody sees them.
    result.pop("_ansible_new_secrets", None)
    return Ran(result, bool(code) or bool(result.get("failed")), said.getvalue())


def run_action(
    module: str,
    timing: Timing,
    arguments: Mapping[str, Any],
    variables: dict[str, Any] | None = None,
    keywords: Mapping[str, Any] | None = None,
) -> Ran:
    """Run a module's action plugin in this process, with Ansible's own objects around it.

    :param variables: the host's, as a play would set them.
    :param keywords: of the task, such as ``environment``.
    """
    loader, play = DataLoader(), PlayContext()
    task = Task()
    task.action = f"northflank.cloud.{module}"
    task.no_log = module in RETURN_SECRETS
    task.check_mode, task.diff = (arguments.get(mode, False) for mode in ("_check_mode", "_diff"))
    task.args = {name: value for name, value in arguments.items() if not name.startswith("_")}
    for keyword, value in (keywords or {}).items():
        setattr(task, keyword, value)
    action = plugin_loader.action_loader.get(
        task.action,
        task=task,
        connection=plugin_loader.connection_loader.get("ansible.builtin.local", play, os.devnull),
        play_context=play,
        loader=loader,
        templar=Templar(loader=loader),
        shared_loader_obj=plugin_loader,
    )
    said = io.StringIO()
    with module_timing(timing), contextlib.redirect_stderr(said):
        result = action.run(task_vars=variables or {})
    # As Ansible would print it.
    return Ran(json.loads(json.dumps(result)), bool(result.get("failed")), said.getvalue())


def run_task(
    module: ModuleType,
    sandbox: Sandbox,
    clock: VirtualClock,
    on_sleep: Callable[[float], None] | None = None,
    **arguments: Any,
) -> Ran:
    """Run a module against a sandbox, on its clock, and as its user where nothing else is said.

    :param on_sleep: is called before each sleep.
    :param arguments: as in a playbook; None leaves one out.
    """
    connection = {"project_id": sandbox.project_id, "api_url": sandbox.url, "api_token": sandbox.token}
    given = {key: value for key, value in {**connection, **arguments}.items() if value is not None}
    return run_module(module.main, virtual(clock, on_sleep), **given)


def programs() -> Path:
    """The folder of the Ansible that is tested: that of the matrix's cell, otherwise the one that runs the tests."""
    return Path(os.environ.get("MATRIX_PROGRAMS") or Path(sys.executable).parent)


@contextlib.contextmanager
def meanwhile(barrier: Barrier, what: Callable[[], object]) -> Iterator[None]:
    """Let somebody else do something at the very moment when a request of the block has come to a barrier."""

    def happen() -> None:
        try:
            barrier.wait_for(1)
            what()
        finally:
            barrier.release()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(happen)
        yield
    other.result()


def clean_environment(**extra: str) -> dict[str, str]:
    """An environment for programs: the present one less what would reach into a test, with our programs first."""
    unwanted = ("NORTHFLANK_", "NF_", "ANSIBLE_", "MATRIX_", "PYTEST_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
    path = os.pathsep.join([str(programs()), kept.get("PATH", "")])
    if "MATRIX_COLLECTIONS" in os.environ:
        kept["ANSIBLE_COLLECTIONS_PATH"] = os.environ["MATRIX_COLLECTIONS"]
    return {**kept, "PATH": path, "LC_ALL": "C.UTF-8", **extra}
