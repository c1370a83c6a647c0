# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract at work: which operations there are, and whether a request or an answer keeps to it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from .errors import ApiError, ContractViolation

CONTRACT = Path(__file__).with_name("contract.yaml")
# Written in C where PyYAML has it, as that is ten times faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_INTEGER = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


@dataclass(frozen=True)
class Operation:
    """One operation of the contract with what checks it.

    :ivar rules: its paths as Flask writes them.
    :ivar permission: what the token's role has to grant.
    :ivar query: the schemas of the query parameters.
    :ivar body: checks the request's body; None where the operation takes none.
    :ivar known: the keys of the body that the contract knows; None where that depends.
    :ivar answer: checks the normal answer; None where the contract does not say.
    """

    id: str
    method: str
    rules: tuple[str, ...]
    permission: str
    query: dict[str, Any]
    query_check: jsonschema_rs.Draft202012Validator
    body: jsonschema_rs.Draft202012Validator | None
    known: frozenset[str] | None
    answer: jsonschema_rs.Draft202012Validator | None


@functools.cache
def operations() -> tuple[Operation, ...]:
    """All operations of the contract."""
    document = _document()
    return tuple(
        _operation(document, path, item, method)
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    )


def parse_query(operation: Operation, given: dict[str, list[str]]) -> dict[str, Any]:
    """The query parameters in their types.

    :raises ApiError: one of them breaks the contract.
    """
    parsed: dict[str, Any] = {}
    for name, schema in operation.query.items():
        values = given.get(name, [])
        if len(values) > 1:
            raise _refusal("query", [("repeated", f"/{name}", f'"{name}" may be given once only.')])
        for text in values:
            parsed[name] = _typed(text, schema["type"])
    violations = list(_violations(operation.query_check, parsed))
    if violations:
        raise _refusal("query", violations)
    return parsed


def parse_body(operation: Operation, content_type: str, raw: bytes) -> Any:
    """The request's body.

    :raises ApiError: it breaks the contract.
    """
    if operation.body is None:
        return None
    if content_type.partition(";")[0].strip().lower() != _JSON:
        raise _refusal("header", [("contentType", "/Content-Type", f"The Content-Type has to be {_JSON}.")])
    body = read_json(raw)
    if not isinstance(body, dict):
        raise _refusal("body", [("type", "", "The body has to be a JSON object.")])
    violations = list(_violations(operation.body, body))
    if violations:
        raise _refusal("body", violations)
    return body


def read_json(raw: bytes) -> Any:
    """Strict JSON; Python alone would also take NaN and Infinity.

    :raises ApiError: it is none.
    """
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refusal("body", [("json", "", "The body is not JSON.")]) from error


def check_answer(operation: Operation, answer: Any, excused: set[str]) -> None:
    """Hold the sandbox's own answer against the contract.

    :param excused: statuses outside the contract that a test asked for.
    :raises ContractViolation: the sandbox has a bug.
    """
    if operation.answer is None or operation.answer.is_valid(answer):
        return
    for error in operation.answer.iter_errors(answer):
        if error.instance_path and error.instance_path[-1] == "status" and error.instance in excused:
            continue
        where = "/".join(str(part) for part in error.instance_path)
        raise ContractViolation(f"{operation.id} answers at {where}: {error.message}")


def check_error(answer: Any) -> None:
    """Hold an error object against the contract."""
    if not _error_check().is_valid(answer):
        raise ContractViolation(f"not an error object: {answer}")


@functools.cache
def _document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(CONTRACT.read_text(encoding="utf-8"), _LOADER)  # noqa: S506  # both are safe ones
    return loaded


@functools.cache
def _error_check() -> jsonschema_rs.Draft202012Validator:
    return _check(_document(), {"$ref": "#/components/schemas/Error"})


def _operation(document: dict[str, Any], path: str, item: dict[str, Any], method: str) -> Operation:
    described = item[method]
    parameters = [_resolve(document, each) for each in [*item.get("parameters", []), *described.get("parameters", [])]]
    query = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
    body = described.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema")
    success = _resolve(document, described["responses"]["200"])
    answer = success.get("content", {}).get(_JSON, {}).get("schema")
    rule = re.sub(r"\{(\w+)\}", r"<\1>", path)
    team_rule = rule.replace("/v1/projects", "/v1/teams/<teamId>/projects", 1)
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        rules=(rule,) if team_rule == rule else (rule, team_rule),
        permission=described.get("x-permission", "a valid token"),
        query=query,
        query_check=_check(document, {"type": "object", "properties": query}),
        body=None if body is None else _check(document, body),
        known=_known(document, body),
        answer=None if answer is None else _check(document, answer),
    )


def _known(document: dict[str, Any], body: dict[str, Any] | None) -> frozenset[str] | None:
    properties = {} if body is None else _resolve(document, body).get("properties")
    return None if properties is None else frozenset(properties)


def _check(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    # The references are absolute, so the components have to be in the schema's own document.
    whole = {**schema, "components": {"schemas": document["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _typed(text: str, kind: str) -> Any:
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    # What cannot be read stays text, and breaks the schema's type.
    return text


def _violations(check: jsonschema_rs.Draft202012Validator, instance: Any) -> Iterator[tuple[str, str, str]]:
    for error in check.iter_errors(instance):
        path = "".join(f"/{part}" for part in error.instance_path)
        yield str(error.schema_path[-1]) if error.schema_path else "schema", path, error.message


def _refusal(place: str, violations: list[tuple[str, str, str]]) -> ApiError:
    listed = [{"in": place, "path": path, "rule": rule, "message": text} for rule, path, text in violations]
    first = listed[0]
    message = f"The request's {place}{first['path'] and ' at ' + first['path']} is not valid: {first['message']}"
    return ApiError(400, "invalid_request", message, {"violations": listed})


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
