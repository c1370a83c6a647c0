# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file that knows AnsibleModule: shared arguments, and what comes out of a task turned into its result."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Mapping, NoReturn, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.northflank.cloud.plugins.module_utils import _checks, _hints
from ansible_collections.northflank.cloud.plugins.module_utils._api import Api
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._connection import Connection, connect, resolve
from ansible_collections.northflank.cloud.plugins.module_utils._errors import NorthflankError
from ansible_collections.northflank.cloud.plugins.module_utils._transport import REQUESTS_IMPORT_ERROR
from ansible_collections.northflank.cloud.plugins.module_utils._waiting import Deadline, Timing

TIMING = Timing()
# Tasks that only read have no wait_timeout: after this time they give up, also on a request limit that is used up.
READING_SECONDS = 300.0


@dataclass(frozen=True)
class Call:
    """What a task was called with.

    :ivar params: the arguments, as the argument spec left them.
    :ivar connection: where to send requests.
    :ivar timing: the clock.
    """

    params: Mapping[str, Any]
    connection: Connection
    timing: Timing
    check_mode: bool

    def connect(self) -> Api:
        """The endpoints of the task's project, under one deadline for the whole task. Sends nothing yet.

        :raises InvalidInput: the project or the time breaks its rule.
        """
        project_id = _checks.identifier("project_id", self.params["project_id"])
        seconds = READING_SECONDS
        if "wait_timeout" in self.params:
            seconds = _checks.whole_number("wait_timeout", self.params["wait_timeout"], 1, None, "second")
        return connect(self.connection, project_id, Deadline(self.timing, seconds))


@dataclass(frozen=True)
class Outcome:
    """What a task came to.

    :ivar result: the documented return values.
    :ivar error: why it failed, if it did.
    :ivar diff: ``before`` and ``after``, where there is something to compare.
    """

    result: Mapping[str, Any]
    error: Optional[str] = None
    warnings: tuple[str, ...] = ()
    diff: Optional[Mapping[str, Any]] = field(default=None)


def connection_spec() -> dict[str, Any]:
    """The options of the documentation fragment ``northflank.cloud.connection``.

    None has a fallback or a default that hides "not given": the connection is resolved in one function.
    """
    return {
        "api_token": {"type": "str", "no_log": True},
        "context": {"type": "str"},
        "api_url": {"type": "str"},
        "team_id": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "api_timeout": {"type": "int", "default": 30},
        "api_retries": {"type": "int", "default": 5},
    }


def project_spec() -> dict[str, Any]:
    """The options of the documentation fragment ``northflank.cloud.project``."""
    return {"project_id": {"type": "str", "required": True}}


def run_module(arguments: Mapping[str, Any], task: Callable[[Call], Outcome]) -> NoReturn:
    """Run a task as a module: from arguments to exit_json or fail_json.

    :param arguments: the argument spec beside the connection.
    :param task: does the work; what it raises as :class:`NorthflankError` fails the module with that text.
    """
    module = AnsibleModule(argument_spec={**connection_spec(), **arguments}, supports_check_mode=True)
    if REQUESTS_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("requests"), exception=repr(REQUESTS_IMPORT_ERROR))
    try:
        connection = resolve(module.params, os.environ)
        # A token from the environment is no option, so Ansible would not mask it by itself.
        module.no_log_values.add(connection.target.token)
        for warning in connection.warnings:
            module.warn(warning)
        outcome = task(Call(module.params, connection, TIMING, module.check_mode))
    except NorthflankError as error:
        module.fail_json(msg=_hints.told(error), changed=False)
    _finish(module, outcome)


def budget_result(client: Client) -> dict[str, Any]:
    """What a task cost, for its result."""
    return {"requests": client.requests, "rate_limit": asdict(client.rate)}


def _finish(module: AnsibleModule, outcome: Outcome) -> NoReturn:
    for warning in outcome.warnings:
        module.warn(warning)
    result = dict(outcome.result)
    if outcome.diff is not None and module._diff:  # noqa: SLF001  # AnsibleModule gives it no public name
        result["diff"] = dict(outcome.diff)
    if outcome.error is not None:
        module.fail_json(msg=outcome.error, **result)
    module.exit_json(**result)
