# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract at work: which operations there are, and whether a request or an answer keeps to it.

Some assumptions change the schemas themselves. So there is a contract for each :class:`Reading` of it.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from .assumptions import Assumptions
from .errors import INVALID_BODY, ApiError, ContractViolation

CONTRACT = Path(__file__).with_name("contract.yaml")
# Written in C where PyYAML has it, as that is ten times faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_INTEGER = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
# What a token that acts for a team reaches under the team's own path.
_TEAM_PATHS = re.compile(r"/v1/(?=projects|backup-destinations)")
_WITH_UID = ("BackupDetail", "BackupListItem", "AddonSummary", "Project")


# By key, whether an object needs it.
Needs = dict[str, Callable[[dict[str, Any]], bool]]


@dataclass(frozen=True)
class Reading:
    """The assumptions that change what the contract itself says, each with its likeliest value."""

    with_uid: bool = True
    unknown_body_keys: str = "refuse"
    retention_limits: str = "by_interval"
    destination_usage: str = "required"
    read_spec: str = "needed"
    log_envelope: str = "data"

    @classmethod
    def of(cls, assumptions: Assumptions) -> Reading:
        """The reading that a set of assumptions asks for."""
        return cls(**{field.name: getattr(assumptions, field.name) for field in fields(cls)})


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of the contract with what checks it. The checks are made when they are first needed.

    :ivar rules: its paths as Flask writes them.
    :ivar permission: what the token's role has to grant.
    :ivar query: the schemas of the query parameters.
    :ivar body: the schema of the request's body; None where the operation takes none.
    :ivar answer: the schema of the normal answer; None where the contract does not say.
    :ivar schemas: the contract's components, which the other schemas refer to.
    """

    id: str
    method: str
    rules: tuple[str, ...]
    permission: str
    query: dict[str, Any]
    body: dict[str, Any] | None
    answer: dict[str, Any] | None
    schemas: dict[str, Any]

    @functools.cached_property
    def query_check(self) -> jsonschema_rs.Draft202012Validator:
        return _check(self.schemas, {"type": "object", "properties": self.query})

    @functools.cached_property
    def body_check(self) -> jsonschema_rs.Draft202012Validator:
        return _check(self.schemas, self.body or {})

    @functools.cached_property
    def answer_check(self) -> jsonschema_rs.Draft202012Validator:
        return _check(self.schemas, self.answer or {})

    @functools.cached_property
    def known(self) -> frozenset[str] | None:
        """The keys of the body that the contract knows; None where that depends."""
        return None if self.body is None else _properties(self.schemas, self.body)


@functools.cache
def operations(reading: Reading | None = None) -> tuple[Operation, ...]:
    """All operations of the contract, under a reading of it."""
    document = read_as(reading or Reading())
    return tuple(
        _operation(document, path, item, method)
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    )


def assumption_keys() -> list[str]:
    """The keys of what the contract calls assumed, from its description."""
    listed = _document()["info"]["description"].partition("Assumptions to vary")[2]
    return re.findall(r"^([a-z]+(?:_[a-z]+)+): ", listed, re.MULTILINE)


def parse_query(operation: Operation, given: dict[str, list[str]], unknown: str = "ignore") -> dict[str, Any]:
    """The query parameters in their types.

    :param unknown: "ignore" those that the contract does not know, or "refuse" them.
    :raises ApiError: one of them breaks the contract.
    """
    if unknown == "refuse" and given.keys() - operation.query.keys():
        raise _refusal("query", {name: ["Unknown."] for name in sorted(given.keys() - operation.query.keys())})
    parsed: dict[str, Any] = {}
    for name, schema in operation.query.items():
        values = given.get(name, [])
        if schema["type"] == "array":
            parsed.update({name: values} if values else {})
            continue
        if len(values) > 1:
            raise _refusal("query", {name: [f'"{name}" may be given once only.']})
        for text in values:
            parsed[name] = _typed(text, schema["type"])
    violations = _violations(operation.query_check, parsed)
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
        raise _refusal("header", {"Content-Type": [f"The Content-Type has to be {_JSON}."]})
    body = read_json(raw)
    if not isinstance(body, dict):
        raise invalid_body({"": ["The body has to be a JSON object."]})
    violations = _violations(operation.body_check, body)
    if violations:
        raise invalid_body(violations)
    return body


def read_json(raw: bytes) -> Any:
    """Strict JSON; Python alone would also take NaN and Infinity.

    :raises ApiError: it is none.
    """
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid_body({"": ["The body is not JSON."]}) from error


def invalid_body(details: dict[str, list[str]]) -> ApiError:
    """The refusal of a body, in the form that users of the API have reported.

    :param details: messages by the dotted path of what they are about.
    """
    return ApiError(400, INVALID_BODY, "Request failed payload validation - see details.", details)


def invalid_query(name: str, message: str) -> ApiError:
    """The refusal of a query parameter."""
    return _refusal("query", {name: [message]})


def without_optional(operation: Operation, answer: Any, with_types: bool = False) -> Any:
    """An answer less all that the contract calls optional, but for what there is no way to do without.

    :param with_types: leave what tells backups of one type from those of another.
    """
    if operation.answer is None:
        return answer
    needed = {**_NEEDED, **dict.fromkeys(_TYPES, _always)} if with_types else _NEEDED
    return _bare(operation.schemas, operation.answer, answer, needed)


def check_answer(operation: Operation, answer: Any, excused: set[str]) -> None:
    """Hold the sandbox's own answer against the contract.

    :param excused: statuses outside the contract that a test asked for.
    :raises ContractViolation: the sandbox has a bug.
    """
    if operation.answer is None or operation.answer_check.is_valid(answer):
        return
    for error in operation.answer_check.iter_errors(answer):
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


def read_as(reading: Reading) -> dict[str, Any]:
    """The contract as a reading has it."""
    document = _document()
    if reading == Reading():
        return document
    document = copy.deepcopy(document)
    if reading.unknown_body_keys == "ignore":
        # Only bodies of requests are closed.
        _open_up(document)
    _change_schemas(document["components"]["schemas"], reading)
    for described in _described(document):
        _change_operation(described, reading)
    return document


def _change_schemas(schemas: dict[str, Any], reading: Reading) -> None:
    if not reading.with_uid:
        for name in _WITH_UID:
            schemas[name]["required"].remove("uid")
    if reading.retention_limits == "none":
        del schemas["RetentionTime"]["maximum"]
    if reading.destination_usage == "unknown":
        schemas["DestinationRequest"]["required"].remove("usage")
        del schemas["DestinationRequest"]["properties"]["usage"]


def _change_operation(described: dict[str, Any], reading: Reading) -> None:
    assumed = described.get("x-assumed", [])
    if reading.read_spec == "read_is_enough" and "read_spec" in assumed:
        described["x-permission"] = described["x-permission"].removesuffix(" Spec")
    if reading.log_envelope != "data" and "log_envelope" in assumed:
        _envelop(described, reading.log_envelope.removeprefix("data."))


def _described(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All operations as the document has them."""
    return (item[method] for item in document["paths"].values() for method in _METHODS if method in item)


def _envelop(described: dict[str, Any], key: str) -> None:
    """Let an operation's answer have its list one level deeper."""
    answer = described["responses"]["200"]["content"][_JSON]["schema"]
    listed = answer["properties"]["data"]
    answer["properties"]["data"] = {"type": "object", "required": [key], "properties": {key: listed}}


def _open_up(node: Any) -> None:
    if isinstance(node, dict):
        if node.get("additionalProperties") is False:
            del node["additionalProperties"]
        for child in node.values():
            _open_up(child)
    elif isinstance(node, list):
        for child in node:
            _open_up(child)


@functools.cache
def _error_check() -> jsonschema_rs.Draft202012Validator:
    return _check(_document()["components"]["schemas"], {"$ref": "#/components/schemas/Error"})


def _operation(document: dict[str, Any], path: str, item: dict[str, Any], method: str) -> Operation:
    described = item[method]
    parameters = [_resolve(document, each) for each in [*item.get("parameters", []), *described.get("parameters", [])]]
    success = _resolve(document, described["responses"]["200"])
    rule = re.sub(r"\{(\w+)\}", r"<\1>", path)
    team_rule = _TEAM_PATHS.sub("/v1/teams/<teamId>/", rule)
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        rules=(rule,) if team_rule == rule else (rule, team_rule),
        permission=described.get("x-permission", "a valid token"),
        query={each["name"]: each["schema"] for each in parameters if each["in"] == "query"},
        body=described.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema"),
        answer=success.get("content", {}).get(_JSON, {}).get("schema"),
        schemas=document["components"]["schemas"],
    )


def _bare(schemas: dict[str, Any], schema: dict[str, Any], value: Any, needed: Needs) -> Any:
    """A value less what its schema does not require."""
    if isinstance(value, list):
        items = {"allOf": list(_items(schemas, schema))}
        return [_bare(schemas, items, each, needed) for each in value]
    if not isinstance(value, dict):
        return value
    properties, required = _shape(schemas, schema, value)
    if not properties:
        # What may be in it is not said.
        return value
    kept = [key for key in value if key in required or needed.get(key, _never)(value)]
    return {key: _bare(schemas, {"allOf": properties.get(key, [])}, value[key], needed) for key in kept}


def _items(schemas: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of the items of a list, from all parts of its own."""
    schema = _resolve({"components": {"schemas": schemas}}, schema)
    if "items" in schema:
        yield schema["items"]
    for part in schema.get("allOf", []):
        yield from _items(schemas, part)


def _shape(
    schemas: dict[str, Any], schema: dict[str, Any], value: dict[str, Any]
) -> tuple[dict[str, list[dict[str, Any]]], set[str]]:
    """The schemas of each property of an object, from all parts that apply to it, and what they require."""
    schema = _resolve({"components": {"schemas": schemas}}, schema)
    parts = list(schema.get("allOf", []))
    for choice in ("anyOf", "oneOf"):
        parts += [form for form in schema.get(choice, []) if _check(schemas, form).is_valid(value)][:1]
    if "if" in schema and _check(schemas, schema["if"]).is_valid(value):
        parts.append(schema["then"])
    properties = {key: [each] for key, each in schema.get("properties", {}).items()}
    required = set(schema.get("required", []))
    for part in parts:
        more, also = _shape(schemas, part, value)
        required |= also
        for key, found in more.items():
            properties.setdefault(key, []).extend(found)
    return properties, required


def _never(_value: dict[str, Any]) -> bool:
    return False


def _always(_value: dict[str, Any]) -> bool:
    return True


# What tells dumps, snapshots and imports apart.
_TYPES = ("source", "type", "compressionType")
# Optional by the schema, and yet no answer without it could be used.
_NEEDED: Needs = {
    # What the list of schedules, or of one backup's restores, is made of.
    "schedules": lambda data: len(data) == 1,
    "restores": lambda data: len(data) == 1,
    # Nothing else leads to the next page.
    "pagination": lambda answer: "cursor" in answer["pagination"],
    "cursor": _always,
    # Whether lists have it before there is a time has an assumption of its own.
    "completedAt": lambda backup: backup["completedAt"] in ("", None),
    # By the words of the contract, a daily or weekly schedule has them.
    "hour": _always,
    "day": _always,
}


def _properties(schemas: dict[str, Any], schema: dict[str, Any]) -> frozenset[str] | None:
    """The properties of an object, in whichever of its forms; None where a form does not say."""
    schema = _resolve({"components": {"schemas": schemas}}, schema)
    forms = [form for key in ("anyOf", "oneOf", "allOf") for form in schema.get(key, [])]
    if not forms:
        return frozenset(schema["properties"]) if "properties" in schema else None
    known = [_properties(schemas, form) for form in forms]
    return frozenset().union(*(each for each in known if each is not None)) if None not in known else None


def _check(schemas: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    # The references are absolute, so the components have to be in the schema's own document.
    whole = {**schema, "components": {"schemas": schemas}}
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


def _violations(check: jsonschema_rs.Draft202012Validator, instance: Any) -> dict[str, list[str]]:
    """What breaks a schema: messages by dotted path."""
    found: dict[str, list[str]] = {}
    for error in check.iter_errors(instance):
        for path in _blamed(error):
            found.setdefault(path, []).append(error.message)
    return found


def _blamed(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """Dotted paths of what is wrong. A key that is missing or too much is blamed, and not what holds it."""
    place = [str(part) for part in error.instance_path]
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        yield ".".join([*place, str(kind.property)])
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        for key in kind.unexpected:
            yield ".".join([*place, str(key)])
    else:
        yield ".".join(place)


def _refusal(place: str, details: dict[str, list[str]]) -> ApiError:
    name, messages = next(iter(details.items()))
    message = f"The request's {place}{name and ' at ' + name} is not valid: {messages[0]}"
    return ApiError(400, "invalid_request", message, details)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
