# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API over HTTP as a Flask app: routes from the contract, tokens, rate limit, errors."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from . import contract
from .access import LoggedRequest, Tokens
from .assumptions import Assumptions
from .calls import NO_BODY, Call
from .errors import ApiError, ContractViolation
from .handlers import HANDLERS
from .rate import RateLimit
from .records import Backup
from .world import TEAMS, World

ADMIN_PATH = "/_sandbox/"
# Keys of the WSGI environment, set by the layers in front.
REPLAYED = "sandbox.replayed"
LOGGED = "sandbox.logged"
TOO_LARGE = "sandbox.too_large"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ERROR_IDS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


@dataclass
class Service:
    """What the app works with.

    :ivar link: makes a download link.
    :ivar violations: what the sandbox itself has done against the contract.
    :ivar denied: permissions that no token has.
    """

    world: World
    tokens: Tokens
    rate: RateLimit
    link: Callable[[Backup], str]
    violations: list[str] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)


def make_app(service: Service, own_routes: bool = False) -> Flask:
    """The app, without faults and log, which stand in front of it.

    :param own_routes: whether routes will be added; without, all apps share theirs, which take long to compile.
    """
    app = Flask("sandbox", static_folder=None)
    app.url_map = _routes() if own_routes else _shared_routes()
    for operation in contract.operations(contract.Reading.of(service.world.assumptions)):
        app.view_functions[operation.id] = functools.partial(_answer, service, operation)
    app.before_request(functools.partial(_guard, service))
    app.after_request(functools.partial(_add_headers, service))
    app.register_error_handler(ApiError, functools.partial(_refuse, service))
    app.register_error_handler(ContractViolation, functools.partial(_own_violation, service))
    app.register_error_handler(HTTPException, functools.partial(_http_error, service))
    return app


def json_response(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def refuse(error: ApiError, assumptions: Assumptions | None = None) -> Response:
    """A refusal as the API sends it."""
    body = error.to_api(assumptions)
    contract.check_error(body)
    return json_response(body, error.status)


def _refuse(service: Service, error: ApiError) -> Response:
    return refuse(error, service.world.assumptions)


def _routes() -> Map:
    rules = [
        Rule(rule, endpoint=operation.id, methods=[operation.method])
        for operation in contract.operations()
        for rule in operation.rules
    ]
    return Map(rules, merge_slashes=False)


_shared_routes = functools.cache(_routes)


def _guard(service: Service) -> None:
    """Who is it, and is there anything left of the hour; only then comes what was asked."""
    if service.tokens.role(request.headers.get("Authorization")) is None:
        raise ApiError(401, "unauthorized", "The token is missing or not valid.")
    if request.path.startswith(ADMIN_PATH) or REPLAYED in request.environ:
        return
    if not service.rate.take():
        raise ApiError(429, "rate_limited", "The limit of requests for this hour is reached.")
    if TOO_LARGE in request.environ:
        raise ApiError(413, "too_large", "The body is too large.")
    if request.method not in _METHODS:
        raise ApiError(405, "method_not_allowed", f"There is no {request.method} here.")


def _answer(service: Service, operation: contract.Operation, **path: str) -> Response:
    sent = request.headers.get("Authorization")
    role, is_org = service.tokens.role(sent), service.tokens.is_org(sent)
    if is_org and len(operation.rules) > 1 and "teamId" not in path:
        raise _without_team(service)
    if (operation.method != "GET" and role != "update") or operation.permission in service.denied:
        message = f"The role of this token does not grant {operation.permission}."
        raise ApiError(403, "forbidden", message, {"permission": operation.permission})
    if operation.id not in HANDLERS:
        raise ApiError(501, "not_implemented", f"The sandbox does not have the operation {operation.id}.")
    if path.get("teamId", TEAMS[0]) not in TEAMS:
        raise ApiError(404, "team_not_found", f'There is no team "{path["teamId"]}".')
    assumptions = service.world.assumptions
    query = contract.parse_query(operation, request.args.to_dict(flat=False), assumptions.unknown_query_keys)
    body = contract.parse_body(operation, request.headers.get("Content-Type", ""), request.get_data())
    _log_unknown(operation, body)
    world = service.world
    with world.lock:
        world.settle()
        call = Call(world, path, query, body, service.link, _grants(service, role), is_org)
        answer = HANDLERS[operation.id](call)
    if answer is NO_BODY:
        return Response(status=200)
    if assumptions.optional_fields == "absent":
        answer = contract.without_optional(operation, answer, with_types=assumptions.types_told)
    contract.check_answer(operation, answer, world.odd_statuses)
    return json_response(answer)


def _grants(service: Service, role: str | None) -> list[str]:
    """The permissions of the contract that a role has."""
    operations = contract.operations(contract.Reading.of(service.world.assumptions))
    granted = {each.permission for each in operations if each.method == "GET" or role == "update"}
    return sorted(granted - service.denied)


def _without_team(service: Service) -> ApiError:
    """How an organisation's token is refused where the path names no team."""
    status = int(service.world.assumptions.org_token_without_team)
    words = {
        401: ("unauthorized", "The token is missing or not valid."),
        403: ("forbidden", "The role of this token does not grant that."),
        404: ("project_not_found", "There is no such project."),
    }
    return ApiError(status, *words[status])


def _log_unknown(operation: contract.Operation, body: Any) -> None:
    logged: LoggedRequest | None = request.environ.get(LOGGED)
    if logged is None:
        return
    logged.unknown += sorted(set(request.args) - set(operation.query))
    if operation.known is not None and body is not None:
        logged.unknown += sorted(set(body) - operation.known)


def _add_headers(service: Service, response: Response) -> Response:
    headers = service.rate.headers()
    response.headers.update(headers)
    if response.status_code == 429 and service.world.assumptions.retry_after:
        response.headers["Retry-After"] = headers["x-ratelimit-reset"]
    if response.status_code == 405 and request_ctx.url_adapter is not None:
        # What HTTP asks of each 405.
        response.headers["Allow"] = ", ".join(sorted(set(request_ctx.url_adapter.allowed_methods()) & set(_METHODS)))
    return response


def _own_violation(service: Service, error: ContractViolation) -> Response:
    service.violations.append(str(error))
    return _refuse(service, ApiError(500, "sandbox_bug", f"The sandbox broke the contract: {error}"))


def _http_error(service: Service, error: HTTPException) -> Response:
    status = error.code or 500
    if status >= 500:
        service.violations.append(repr(getattr(error, "original_exception", None) or error))
    return _refuse(service, ApiError(status, _ERROR_IDS.get(status, "http_error"), error.description or error.name))
