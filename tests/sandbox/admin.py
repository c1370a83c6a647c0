# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox's own path, /_sandbox/, on request only: another process drives the sandbox through it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from .api import json_response, refuse
from .contract import read_json
from .errors import ApiError
from .faults import Fault
from .store_faults import StoreFault

if TYPE_CHECKING:
    from .facade import Sandbox

Command = Callable[["Sandbox", dict[str, Any]], Any]


def register(app: Flask, sandbox: Sandbox) -> None:
    """Add the path's routes. The token is the API's one; neither the log nor the rate limit sees these requests."""
    for name, command in _READS.items():
        _add(app, sandbox, name, "GET", command)
    for name, command in _WRITES.items():
        _add(app, sandbox, name, "POST", command)


def _add(app: Flask, sandbox: Sandbox, name: str, method: str, command: Command) -> None:
    app.add_url_rule(
        f"/_sandbox/{name}",
        endpoint=f"_sandbox-{name}",
        view_func=functools.partial(_run, sandbox, command),
        methods=[method],
        provide_automatic_options=False,
    )


def _run(sandbox: Sandbox, command: Command) -> Response:
    if request.method != "GET" and sandbox.role(request.headers.get("Authorization")) != "update":
        return refuse(ApiError(403, "forbidden", "The role of this token does not grant to drive the sandbox."))
    arguments = read_json(request.get_data()) if request.get_data() else {}
    if not isinstance(arguments, dict):
        return refuse(ApiError(400, "invalid_request", "The body has to be a JSON object."))
    try:
        return json_response({"data": command(sandbox, arguments)})
    except (KeyError, TypeError, ValueError) as error:
        return refuse(ApiError(400, "invalid_request", f"{type(error).__name__}: {error}"))


def _state(sandbox: Sandbox, _arguments: dict[str, Any]) -> Any:
    world = sandbox.world
    with world.lock:
        world.settle()
        return {
            project.id: {
                addon.id: {
                    "status": world.status_of(addon),
                    "backups": sandbox.backups(addon.id, project.id),
                    "restores": sandbox.restores(addon.id, project.id),
                }
                for addon in project.addons.values()
            }
            for project in world.projects.values()
        }


def _log(sandbox: Sandbox, _arguments: dict[str, Any]) -> Any:
    return {
        "requests": [dataclasses.asdict(each) for each in sandbox.requests],
        "store_requests": [dataclasses.asdict(each) for each in sandbox.store_requests],
        "contract_violations": list(sandbox.contract_violations),
    }


def _clear(sandbox: Sandbox, _arguments: dict[str, Any]) -> Any:
    sandbox.clear_log()
    sandbox.clear_faults()
    return {}


def _fault(sandbox: Sandbox, arguments: dict[str, Any]) -> Any:
    sandbox.fault(Fault(**arguments))
    return {}


def _store_fault(sandbox: Sandbox, arguments: dict[str, Any]) -> Any:
    sandbox.store_fault(StoreFault(**arguments))
    return {}


def _advance(sandbox: Sandbox, arguments: dict[str, Any]) -> Any:
    advance = getattr(sandbox.clock, "advance", None)
    if advance is None:
        raise ValueError("this clock is the machine's; start the sandbox with another one to move it")
    advance(**arguments)
    return {"now": sandbox.clock.now()}


def _sql(sandbox: Sandbox, arguments: dict[str, Any]) -> Any:
    addon_id, sql = arguments["addon_id"], arguments["sql"]
    if arguments.get("write"):
        sandbox.execute(addon_id, sql)
        return {"rows": []}
    return {"rows": sandbox.query(addon_id, sql)}


def _call(method: str) -> Command:
    def command(sandbox: Sandbox, arguments: dict[str, Any]) -> Any:
        return getattr(sandbox, method)(**arguments) or {}

    return command


_READS: dict[str, Command] = {"state": _state, "log": _log}
_WRITES: dict[str, Command] = {
    "clear": _clear,
    "advance": _advance,
    "sql": _sql,
    "fault": _fault,
    "store-fault": _store_fault,
    "rate": _call("set_rate"),
    "backup": _call("add_backup"),
    "backup-status": _call("set_status"),
    "outcome": _call("next_outcome"),
    "restore-outcome": _call("next_restore_outcome"),
    "addon-status": _call("set_addon_status"),
}
