# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file that knows AnsibleModule: what comes out of a task becomes exit_json or fail_json."""

from __future__ import annotations

import os
from functools import partial
from typing import NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    # Since ansible-core 2.22.
    from ansible.module_utils.secrets import register_secret
except ImportError:
    register_secret = None

from .._api.timing import Timing
from .._api.transport import REQUESTS_IMPORT_ERROR
from .task import Files, Task, perform

TIMING = Timing()


def run_module(task: Task) -> NoReturn:
    """Run a task as a module."""
    module = AnsibleModule(
        argument_spec=task.spec, supports_check_mode=True, add_file_common_args=task.has_file_arguments
    )
    if REQUESTS_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("requests"), exception=repr(REQUESTS_IMPORT_ERROR))
    files = Files(partial(_move, module), partial(_adjust, module))
    # A token from the environment is no option, so Ansible does not mask it.
    hide = register_secret or module.no_log_values.add
    outcome = perform(task, module.params, os.environ, TIMING, module.check_mode, hide, files=files)
    for warning in outcome.all_warnings():
        module.warn(warning)
    result = outcome.to_result(module._diff)  # noqa: SLF001  # it has no public name
    if outcome.error is not None:
        module.fail_json(msg=outcome.error, **result)
    module.exit_json(**result)


def _move(module: AnsibleModule, source: str, target: str) -> None:
    # Nobody else may look into a new file, not even for a moment, unless the task's mode says so.
    before = os.umask(0o077)
    try:
        module.atomic_move(source, target, unsafe_writes=module.params["unsafe_writes"])
    finally:
        os.umask(before)


def _adjust(module: AnsibleModule, path: str) -> bool:
    wanted = module.load_file_common_arguments(module.params, path=path)
    return bool(module.set_fs_attributes_if_different(wanted, False))
