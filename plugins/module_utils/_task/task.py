# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task is: arguments in, an outcome out, wherever it runs. Knows nothing of Ansible.

A module runs tasks where Ansible sends it, an action plugin in the worker of the controller; both by :func:`perform`.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence

from .._api.client import Client
from .._api.endpoints import Api
from .._api.errors import NorthflankError, safe_text
from .._api.timing import Deadline, Timing
from . import messages, validation
from .access import explained
from .connection import Connection, connect, resolve

# Tasks that only read have no wait_timeout: after this time they give up, also on a request limit that is used up.
READING_SECONDS = 300.0
# A line of a diff has a name, an ID and a path at most.
_LONGEST_LINE = 2000

# Told each Poll and the seconds waited so far; returns in how many it wants to be told again, or None.
Observer = Callable[[Sequence[Any], float], Optional[float]]


def quiet(_watches: Sequence[Any], _waited: float) -> Optional[float]:
    """Tells nobody."""
    return None


def silent(_text: str) -> None:
    """Tells nobody."""


class Files(NamedTuple):
    """What whoever runs a task can do with files; with a module, what Ansible can.

    :ivar move: gives a file its final name, in one step; the owner and mode of a file that had it stay.
    :ivar adjust: gives a file the mode, owner and so on that the task asks for; returns whether that changes anything.
        In check mode, it only tells.
    """

    move: Callable[[str, str], None] = os.replace
    adjust: Callable[[str], bool] = lambda _path: False


PLAIN_FILES = Files()


class Call(NamedTuple):
    """What a task was called with.

    :ivar params: the arguments, as the argument spec left them.
    :ivar connection: where to send requests.
    :ivar timing: the clock.
    :ivar observe: is told how a wait goes.
    :ivar say: shows a line to whoever watches, where that is possible.
    :ivar hide: is told each further secret before it is used.
    :ivar files: for tasks that leave files.
    :ivar apis: what :meth:`connect` has made, for whoever has to explain a failure.
    """

    params: Mapping[str, Any]
    connection: Connection
    timing: Timing
    check_mode: bool
    observe: Observer = quiet
    say: Callable[[str], None] = silent
    hide: Callable[[str], None] = silent
    files: Files = PLAIN_FILES
    apis: Optional[list[Api]] = None

    def connect(self) -> Api:
        """Return the endpoints of the task's project, under one deadline for the whole task. Sends nothing yet.

        :raises InvalidInput: the project or the time breaks its rule.
        """
        project_id = validation.identifier("project_id", self.params["project_id"])
        seconds = READING_SECONDS
        if "wait_timeout" in self.params:
            seconds = validation.time_limit("wait_timeout", self.params["wait_timeout"])
        api = connect(self.connection, project_id, Deadline(self.timing, seconds))
        if self.apis is not None:
            self.apis.append(api)
        return api


class Outcome(NamedTuple):
    """What a task came to.

    :ivar result: the documented return values, but for what the task cost.
    :ivar client: through which its requests went; None where it came to nothing before the first.
    :ivar error: why it failed, if it did.
    :ivar diff: ``before`` and ``after``, where there is something to compare: dictionaries, or lists of lines.
    """

    result: Mapping[str, Any]
    client: Optional[Client] = None
    error: Optional[str] = None
    warnings: tuple[str, ...] = ()
    diff: Optional[Mapping[str, Any]] = None

    def to_result(self, with_diff: bool) -> dict[str, Any]:
        """Return the form that tasks return."""
        result = dict(self.result)
        if self.client is not None:
            result.update(requests=self.client.requests, rate_limit=self.client.rate._asdict())
        if with_diff and self.diff is not None:
            result["diff"] = {key: _comparable(side) for key, side in self.diff.items()}
        return result

    def all_warnings(self) -> list[str]:
        """Return what the user should know, from the task and from its requests."""
        invalid_headers = [] if self.client is None else self.client.invalid_headers
        return [*self.warnings, *map(messages.invalid_budget_header, invalid_headers)]


def _comparable(side: Any) -> Any:
    """Return one side of a diff as Ansible's callbacks can show it.

    They take text or a dictionary, and a list stops them.

    Text they show as it is, so what the API has put into names must not reach a terminal by it.
    """
    return "".join(f"{safe_text(line, _LONGEST_LINE)}\n" for line in side) if isinstance(side, (list, tuple)) else side


class Task(NamedTuple):
    """A module's work.

    :ivar arguments: its argument spec, beside the connection.
    :ivar run: does the work; what it raises as :class:`NorthflankError` fails the task with that text.
    :ivar has_file_arguments: whether it has Ansible's common arguments for files, too.
    """

    arguments: Mapping[str, Any]
    run: Callable[[Call], Outcome]
    has_file_arguments: bool = False

    @property
    def spec(self) -> dict[str, Any]:
        """The whole argument spec, without Ansible's common arguments for files."""
        return {**connection_spec(), **self.arguments}


def perform(
    task: Task,
    params: Mapping[str, Any],
    environment: Mapping[str, str],
    timing: Timing,
    check_mode: bool,
    hide: Callable[[str], None],
    observe: Observer = quiet,
    say: Callable[[str], None] = silent,
    files: Files = PLAIN_FILES,
) -> Outcome:
    """Run a task.

    :param params: the arguments, as the argument spec left them.
    :param environment: the variables of where the task runs.
    :param hide: is told each secret before it is used, so that it can be masked in whatever comes after.
    :param files: for tasks that leave files.
    :returns: what it came to; a failure is an outcome, too.
    """
    warnings: tuple[str, ...] = ()
    apis: list[Api] = []
    try:
        connection = resolve(params, environment)
        warnings = connection.warnings
        hide(connection.target.token)
        outcome = task.run(Call(params, connection, timing, check_mode, observe, say, hide, files, apis))
    except NorthflankError as error:
        outcome = Outcome({"changed": False}, error=messages.describe_error(error))
    why = () if outcome.error is None else tuple(text for api in apis for text in explained(api))
    return outcome._replace(warnings=(*warnings, *outcome.warnings, *why))


def connection_spec() -> dict[str, Any]:
    """Return the options of the documentation fragment ``northflank.cloud.connection``.

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
    """Return the options of the documentation fragment ``northflank.cloud.project``."""
    return {"project_id": {"type": "str", "required": True}}
