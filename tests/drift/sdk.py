# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's Python SDK as a document of the form that the contract has."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Dict, get_args, get_origin

_PLAIN: dict[Any, dict[str, str]] = {
    Any: {},
    bool: {"type": "boolean"},
    datetime: {"type": "string"},  # sent as text
    Dict[str, Any]: {"type": "object"},
    float: {"type": "number"},
    int: {"type": "integer"},
    str: {"type": "string"},
    type(None): {"type": "null"},
}
_NOT_REQUIRED = re.compile(r"NotRequired\b")


def read_sdk(concerns: Callable[[str], bool]) -> dict[str, Any]:
    """Read the endpoints of the SDK that is installed, and the types that they name.

    :param concerns: whether an endpoint with this path is of interest.
    """
    schemas: dict[str, Any] = {}
    _add_fixed(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in _endpoints():
        if not concerns(endpoint.path_templates[0]):
            continue
        item = paths.setdefault(endpoint.path_templates[0], {})
        if endpoint.method in item:
            raise LookupError(f"{endpoint.__name__} has the method and path of {item[endpoint.method]['operationId']}")
        item[endpoint.method] = _operation(endpoint, schemas)
    return {"paths": paths, "components": {"schemas": schemas}}


def _endpoints() -> Iterator[Any]:
    # Imported by name: a type checker that followed it would read 60,000 generated lines.
    base = importlib.import_module("northflank.endpoint").ApiEndpoint
    package = importlib.import_module("northflank.endpoints")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        loaded = importlib.import_module(module.name)
        for found in vars(loaded).values():
            if isinstance(found, type) and issubclass(found, base) and found.__module__ == module.name:
                yield found


def _operation(endpoint: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(endpoint.call)
    arguments = inspect.signature(endpoint.call).parameters
    operation: dict[str, Any] = {
        "operationId": endpoint.__name__,
        "x-paths": list(endpoint.path_templates),
        "x-permission": _permission(endpoint),
        "parameters": [
            *({"name": name, "in": "path"} for name in endpoint.path_params_per_template[0]),
            *(
                {"name": name, "in": "query", "schema": _schema(_given(hints[_argument(endpoint, name)]), schemas)}
                for name in endpoint.query_params
            ),
        ],
        "responses": {
            "200": _json(_envelope(endpoint, get_args(hints["return"])[0], schemas)),
            "default": _json({"$ref": "#/components/schemas/ApiCallError"}),
        },
    }
    if endpoint.has_body:
        required = "data" in arguments and arguments["data"].default is inspect.Parameter.empty
        operation["requestBody"] = {"required": required, **_json(_schema(hints.get("data", Any), schemas))}
    return operation


def _permission(endpoint: Any) -> str | None:
    """The permission, which stands in an attribute and in the documentation.

    :raises LookupError: the two are not the same, so one of them would go uncompared.
    """
    documented = re.search(r"Required permission: ``(.+?)``", inspect.getdoc(endpoint) or "")
    said: str | None = endpoint.required_permissions
    if (documented and " ".join(documented[1].split())) != said:
        raise LookupError(f"{endpoint.__name__} documents another permission than {said}")
    return said


def _argument(endpoint: Any, name: str) -> str:
    """What the SDK calls a query parameter of the API."""
    return next((ours for ours, theirs in endpoint.param_aliases.items() if theirs == name), name)


def _envelope(endpoint: Any, data: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The whole answer: the SDK takes ``data`` and ``pagination`` out of it, and types the first."""
    if data is Any:
        return {}
    envelope: dict[str, Any] = {"type": "object", "required": ["data"], "properties": {"data": _schema(data, schemas)}}
    if endpoint.is_paginated:
        envelope["properties"]["pagination"] = {"$ref": "#/components/schemas/Pagination"}
    return envelope


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _schema(hint: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if hasattr(hint, "__total__"):  # a TypedDict, also one of typing_extensions
        return _typed_dict(hint, schemas)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], schemas)}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is typing.Union:
        return _union(arguments, schemas)
    raise LookupError(f"the SDK uses a type that this does not know: {hint}")


def _union(arguments: tuple[Any, ...], schemas: dict[str, Any]) -> dict[str, Any]:
    # Whether a list that may hold either kind may hold both is said nowhere, so it is taken for a list of either.
    if len(arguments) > 1 and all(get_origin(each) is list for each in arguments):
        return {"type": "array", "items": _union(tuple(get_args(each)[0] for each in arguments), schemas)}
    return {"anyOf": [_schema(each, schemas) for each in arguments]}


def _typed_dict(hint: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    name = hint.__name__
    if name not in schemas:
        schemas[name] = {}  # known from here on, also to itself
        # What the class itself says of its keys is wrong: its module's annotations are text, in which it does not look.
        hints = typing.get_type_hints(hint, include_extras=True)
        optional = {key for key, each in hints.items() if _NOT_REQUIRED.search(str(get_origin(each)))}
        properties = {
            key: _schema(get_args(each)[0] if key in optional else each, schemas) for key, each in hints.items()
        }
        schemas[name] |= {
            "type": "object",
            "required": [key for key in hints if key not in optional],
            "properties": properties,
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _add_fixed(schemas: dict[str, Any]) -> None:
    """Add what is around all answers: the SDK reads it by hand, and has classes for it, not types."""
    pagination = importlib.import_module("northflank.response").Pagination
    hints = typing.get_type_hints(pagination)
    fields = [each for each in dataclasses.fields(pagination) if not each.name.startswith("_")]
    schemas["Pagination"] = {
        "type": "object",
        "required": [_camel(each.name) for each in fields if each.default is dataclasses.MISSING],
        "properties": {_camel(each.name): _schema(_given(hints[each.name]), schemas) for each in fields},
    }
    error = importlib.import_module("northflank.errors").ApiCallError.__init__
    hints = typing.get_type_hints(error)
    arguments = [each for each in inspect.signature(error).parameters.values() if each.name != "self"]
    inner = {
        "type": "object",
        "required": [each.name for each in arguments if each.default is inspect.Parameter.empty],
        "properties": {each.name: _schema(_given(hints[each.name]), schemas) for each in arguments},
    }
    schemas["ApiCallError"] = {"type": "object", "required": ["error"], "properties": {"error": inner}}


def _given(hint: Any) -> Any:
    """The type of a value that is there: None stands for a key that is not."""
    if get_origin(hint) is not typing.Union:
        return hint
    return typing.Union[tuple(kind for kind in get_args(hint) if kind is not type(None))]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
