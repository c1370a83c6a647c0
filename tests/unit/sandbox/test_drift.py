# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract says what the vendor's own Python SDK says, but for what is meant to differ.

When this fails with a new version of the SDK, each sentence that it prints is a change of the API, which goes into the
contract, or it gets a row in ``tests/drift/meant.py``, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
import yaml

from drift import MEANT, Pointer, UncomparableSchema, compare, concerns, read_sdk
from sandbox.contract import CONTRACT

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CONTRACT_NOW: dict[str, Any] = yaml.load(CONTRACT.read_text(encoding="utf-8"), LOADER)  # noqa: S506  # both are safe ones
SDK_NOW = read_sdk(partial(concerns, CONTRACT_NOW))
BOTH = {"contract": CONTRACT_NOW, "sdk": SDK_NOW}
FOUND = compare(CONTRACT_NOW, SDK_NOW)
READ = {"contract": FOUND.here, "sdk": FOUND.there}

OBJECTS = [(side, pointer) for side, document in READ.items() for pointer in document.objects]
ENUMERATIONS = [(side, pointer) for side, document in READ.items() for pointer in document.enumerations]
# Of these, one side knows the keys, and the other says only that it is an object.
OPAQUE = [(side, pointer) for side, document in READ.items() for pointer in document.opaque.keys() - document.objects]
OPAQUE.sort()
OPERATIONS = [(side, name) for side in BOTH for name in FOUND.operations]

Change = Callable[[dict[str, Any]], object]


def at(document: dict[str, Any], pointer: Pointer) -> Any:
    """What stands at a place."""
    found: Any = document
    for step in pointer:
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def changed(document: dict[str, Any], pointer: Pointer, change: Change) -> dict[str, Any]:
    """A copy with a change at one place. What the way there does not lead through is shared, so this is fast."""
    if not pointer:
        raise ValueError("the whole document is not one place")
    whole: dict[str, Any] = dict(document)
    found: Any = whole
    for step in pointer[:-1]:
        key = int(step) if isinstance(found, list) else step
        found[key] = found[key].copy()
        found = found[key]
    last = int(pointer[-1]) if isinstance(found, list) else pointer[-1]
    found[last] = deepcopy(found[last])
    change(found[last])
    return whole


def noticed(side: str, pointer: Pointer, change: Change, operation: str) -> bool:
    """Whether the comparison no longer agrees with the table after one change at one place of either document."""
    documents = {**BOTH, side: changed(BOTH[side], pointer, change)}
    contract, sdk = documents["contract"], documents["sdk"]
    # Of one operation first, as nearly all is found there; what no longer differs is seen in a whole comparison only.
    if compare(contract, sdk, only=operation).deviations - MEANT.keys():
        return True
    return compare(contract, sdk).deviations != MEANT.keys()


def name(given: object) -> str:
    return "-".join(given) if isinstance(given, tuple) else str(given)


def test_nothing_differs_but_what_is_meant() -> None:
    unmeant = FOUND.deviations - MEANT.keys()
    assert not unmeant, "\n".join(["these differ, and are not in tests/drift/meant.py:", *sorted(unmeant)])


def test_what_is_meant_to_differ_does() -> None:
    gone = MEANT.keys() - FOUND.deviations
    assert not gone, "\n".join(["these no longer differ, so tests/drift/meant.py must not say so:", *sorted(gone)])


def test_nothing_that_the_contract_has_was_passed_over() -> None:
    """Each operation, and each object with keys that one leads to, was compared, or stands in the table."""
    left_out = {
        line.partition(":")[0] for line in MEANT if line.endswith((": only here", ": not compared with anything"))
    }
    named = {
        described["operationId"]
        for item in CONTRACT_NOW["paths"].values()
        for described in item.values()
        if isinstance(described, dict)
    }
    assert named - left_out == set(FOUND.operations)
    compared = {pointer for side, pointer in [*OBJECTS, *OPAQUE] if side == "contract"}
    for pointer in objects(CONTRACT_NOW):
        if left_out.isdisjoint({*pointer, at(CONTRACT_NOW, pointer[:3]).get("operationId")}):
            assert pointer in compared, pointer


def objects(node: Any, pointer: Pointer = ()) -> Iterator[Pointer]:
    """Where a document has objects with keys, other than in conditions."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield pointer
        for key, below in node.items():
            if key not in ("if", "then"):
                yield from objects(below, (*pointer, key))
    elif isinstance(node, list):
        for number, below in enumerate(node):
            yield from objects(below, (*pointer, str(number)))


@pytest.mark.parametrize(("side", "pointer"), [*OBJECTS, *OPAQUE], ids=name)
def test_a_key_more_is_noticed(side: str, pointer: Pointer) -> None:
    """Also in an object that the other side takes for any object."""

    def add(schema: dict[str, Any]) -> None:
        schema["properties"]["brandNew"] = {"type": "string"}

    assert noticed(side, pointer, add, by_way_of(side, pointer))


@pytest.mark.parametrize(("side", "pointer"), [*OBJECTS, *OPAQUE], ids=name)
def test_a_key_less_or_with_another_presence_is_noticed(side: str, pointer: Pointer) -> None:
    for key in at(BOTH[side], pointer)["properties"]:

        def drop(schema: dict[str, Any], key: str = key) -> None:
            del schema["properties"][key]
            schema["required"] = [each for each in schema.get("required", []) if each != key]

        def turn(schema: dict[str, Any], key: str = key) -> None:
            required = schema.setdefault("required", [])
            (required.remove if key in required else required.append)(key)

        assert noticed(side, pointer, drop, by_way_of(side, pointer)), key
        if not required_by_another_part(side, pointer, key):
            assert noticed(side, pointer, turn, by_way_of(side, pointer)), key


@pytest.mark.parametrize(("side", "pointer"), OBJECTS, ids=name)
def test_another_type_of_a_key_is_noticed(side: str, pointer: Pointer) -> None:
    for key in at(BOTH[side], pointer)["properties"]:

        def retype(schema: dict[str, Any], key: str = key) -> None:
            plain = schema["properties"][key].get("type")
            schema["properties"][key] = {"type": "boolean" if plain != "boolean" else "string"}

        if not only_one_has(side, pointer, key):
            assert noticed(side, pointer, retype, by_way_of(side, pointer)), key


def by_way_of(side: str, pointer: Pointer) -> str:
    """An operation whose comparison leads there."""
    document = READ[side]
    return {**document.opaque, **document.enumerations, **document.objects}[pointer]


def required_by_another_part(side: str, pointer: Pointer, key: str) -> bool:
    """Whether it says nothing new that this part of an ``allOf`` requires a key, or does not."""
    if pointer[-2] != "allOf":
        return False
    parts = at(BOTH[side], pointer[:-1])
    others = [part for number, part in enumerate(parts) if str(number) != pointer[-1]]
    return any(key in at(BOTH[side], tuple(part["$ref"].split("/")[1:]))["required"] for part in others)


def only_one_has(side: str, pointer: Pointer, key: str) -> bool:
    """Whether the other side does not have this key at all, so that there is no type to compare with."""
    schema = pointer[2] if pointer[0] == "components" else ""
    lacks = {"contract": "missing there", "sdk": "missing here"}[side]
    for line in MEANT:
        here, _slash, there = line.partition(":")[0].partition(" / ")
        holder = {"contract": here.split(".")[0].split("|")[0], "sdk": there}[side]
        if here.endswith(f".{key}") and holder == schema and lacks in line:
            return True
    return False


@pytest.mark.parametrize(("side", "pointer"), ENUMERATIONS, ids=name)
def test_a_value_more_or_less_is_noticed(side: str, pointer: Pointer) -> None:
    operation = by_way_of(side, pointer)
    assert noticed(side, pointer, lambda schema: schema["enum"].append("brand-new"), operation)
    for value in at(BOTH[side], pointer)["enum"]:

        def drop(schema: dict[str, Any], value: Any = value) -> None:
            schema["enum"].remove(value)

        assert noticed(side, pointer, drop, operation), value


@pytest.mark.parametrize(("side", "operation"), OPERATIONS)
def test_another_permission_is_noticed(side: str, operation: str) -> None:
    def grant(described: dict[str, Any]) -> None:
        described["x-permission"] = "Project > Addons > General > Brand New"

    assert noticed(side, where(side, operation), grant, operation)


@pytest.mark.parametrize(("side", "operation"), OPERATIONS)
def test_a_query_parameter_more_less_or_of_another_type_is_noticed(side: str, operation: str) -> None:
    def ask(described: dict[str, Any]) -> None:
        described.setdefault("parameters", []).append({"name": "brandNew", "in": "query", "schema": {"type": "string"}})

    pointer = where(side, operation)
    assert noticed(side, pointer, ask, operation)
    for number in range(len(at(BOTH[side], pointer).get("parameters", []))):

        def drop(described: dict[str, Any], number: int = number) -> None:
            del described["parameters"][number]

        def retype(described: dict[str, Any], number: int = number) -> None:
            given = described["parameters"][number]
            if "$ref" in given:
                given = at(CONTRACT_NOW, tuple(given["$ref"].removeprefix("#/").split("/")))
            described["parameters"][number] = {**given, "schema": {"type": "boolean"}}

        assert noticed(side, pointer, drop, operation), number
        if "schema" in at(BOTH[side], pointer)["parameters"][number] or side == "contract":
            assert noticed(side, pointer, retype, operation), number


@pytest.mark.parametrize(("side", "operation"), OPERATIONS)
def test_a_body_more_or_less_or_that_may_be_left_out_is_noticed(side: str, operation: str) -> None:
    def turn(described: dict[str, Any]) -> None:
        if described.pop("requestBody", None) is None:
            described["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}

    pointer = where(side, operation)
    assert noticed(side, pointer, turn, operation)
    if "requestBody" in at(BOTH[side], pointer):
        assert noticed(side, pointer, lambda described: described["requestBody"].update(required=False), operation)


@pytest.mark.parametrize(("side", "operation"), OPERATIONS)
def test_another_path_or_method_is_noticed(side: str, operation: str) -> None:
    _name, path, method = where(side, operation)
    item = BOTH[side]["paths"][path]
    others = {each: what for each, what in item.items() if each != method}
    moved = {**BOTH[side]["paths"], path: others, f"{path}/brand-new": {**item}}
    options = {**BOTH[side]["paths"], path: {**others, "trace": item[method]}}
    for paths in (moved, options):
        documents = {**BOTH, side: {**BOTH[side], "paths": paths}}
        assert compare(documents["contract"], documents["sdk"], only=operation).deviations - MEANT.keys()


@pytest.mark.parametrize("operation", FOUND.operations)
def test_a_path_more_or_less_of_teams_is_noticed(operation: str) -> None:
    def turn(described: dict[str, Any]) -> None:
        described["x-paths"] = (
            described["x-paths"][:1] * 2 if len(described["x-paths"]) == 1 else described["x-paths"][:1]
        )

    assert noticed("sdk", where("sdk", operation), turn, operation)


@pytest.mark.parametrize("operation", FOUND.operations)
def test_an_operation_that_only_the_sdks_next_version_has_is_noticed(operation: str) -> None:
    _name, path, method = where("sdk", operation)
    described = {**SDK_NOW["paths"][path][method], "operationId": "BrandNewEndpoint"}
    paths = {**SDK_NOW["paths"], path: {**SDK_NOW["paths"][path], "delete": described, "put": described}}
    assert compare(CONTRACT_NOW, {**SDK_NOW, "paths": paths}, only=operation).deviations - MEANT.keys()


def test_a_schema_that_nothing_leads_to_is_noticed() -> None:
    schemas = {**CONTRACT_NOW["components"]["schemas"], "BrandNew": {"type": "object"}}
    contract = {**CONTRACT_NOW, "components": {**CONTRACT_NOW["components"], "schemas": schemas}}
    assert compare(contract, SDK_NOW).deviations - MEANT.keys() == {"BrandNew: not compared with anything"}


def test_a_time_that_is_required_of_no_backup_is_noticed() -> None:
    pointer = ("components", "schemas", "BackupListItem")
    assert noticed("contract", pointer, lambda schema: schema.pop("then"), "listAddonBackups")


def test_a_word_that_could_be_passed_over_is_refused() -> None:
    pointer = ("components", "schemas", "BackupDetail")
    contract = changed(CONTRACT_NOW, pointer, lambda schema: schema.update(dependentRequired={"name": ["uid"]}))
    with pytest.raises(UncomparableSchema, match="dependentRequired"):
        compare(contract, SDK_NOW)


def where(side: str, operation: str) -> Pointer:
    return FOUND.operations[operation][0 if side == "contract" else 1]
