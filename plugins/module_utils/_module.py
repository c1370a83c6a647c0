# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file that knows AnsibleModule: what comes out of a task becomes exit_json or fail_json."""

from __future__ import annotations

import os
from typing import NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.northflank.cloud.plugins.module_utils._task import Task, perform
from ansible_collections.northflank.cloud.plugins.module_utils._transport import REQUESTS_IMPORT_ERROR
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import Timing

TIMING = Timing()


def run_module(task: Task) -> NoReturn:
    """Run a task as a module."""
    module = AnsibleModule(argument_spec=task.spec, supports_check_mode=True)
    if REQUESTS_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("requests"), exception=repr(REQUESTS_IMPORT_ERROR))
    # A token from the environment is no option, so Ansible would not mask it by itself.
    outcome = perform(task, module.params, os.environ, TIMING, module.check_mode, module.no_log_values.add)
    for warning in outcome.all_warnings():
        module.warn(warning)
    result = outcome.to_result(module._diff)  # noqa: SLF001  # AnsibleModule gives it no public name
    if outcome.error is not None:
        module.fail_json(msg=outcome.error, **result)
    module.exit_json(**result)
