# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a schema says about keys, types and values, one level at a time, with the place where it says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Pointer = tuple[str, ...]

# An SDK's types cannot say any of these, so there is nothing to compare them with.
_UNSAID = frozenset(
    {
        "additionalProperties",
        "default",
        "description",
        "examples",
        "format",
        "maxLength",
        "maximum",
        "minLength",
        "minimum",
        "pattern",
        "uniqueItems",
    }
)
_SAID = frozenset({"$ref", "allOf", "anyOf", "enum", "if", "items", "oneOf", "properties", "required", "then", "type"})
_TYPE_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


class UncomparableSchema(Exception):
    """A schema uses a word that this comparison does not know, and so would pass over."""


@dataclass(frozen=True)
class Node:
    """A schema in its document.

    :ivar place: what to call it: the nearest named schema and the way from there.
    :ivar pointer: the way to it from the document's root.
    """

    schema: dict[str, Any]
    place: str
    pointer: Pointer

    def below(self, schema: dict[str, Any], suffix: str, *steps: str) -> Node:
        return Node(schema, self.place + suffix, (*self.pointer, *steps))


@dataclass(frozen=True)
class Shape:
    """What one schema says, with what is below it still unread.

    :ivar types: names as JSON Schema has them; empty if anything is allowed.
    :ivar values: all values that are allowed; None if there is no such list.
    :ivar presence: for each key of an object whether it is required, optional, or required under a condition.
    :ivar choices: the alternatives, if at least one of them is more than a plain value.
    :ivar objects: where the keys stand.
    :ivar enumerations: where the values stand.
    """

    place: str
    pointer: Pointer
    types: frozenset[str] = frozenset()
    values: frozenset[Any] | None = None
    presence: dict[str, str] = field(default_factory=dict)
    children: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    items: Node | None = None
    choices: tuple[Shape, ...] = ()
    objects: tuple[Pointer, ...] = ()
    enumerations: tuple[Pointer, ...] = ()

    @property
    def anything(self) -> bool:
        return not self.types and not self.choices

    @property
    def any_object(self) -> bool:
        return self.types == {"object"} and not self.presence


class Document:
    """An OpenAPI document that remembers which of its parts were read."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        #: The component that each reference led to, as ``schemas/Backup``.
        self.used: set[str] = set()
        #: The operation that is being compared.
        self.operation = ""
        #: Where the objects and the lists of values stand that were compared, with the first operation that led there.
        self.objects: dict[Pointer, str] = {}
        self.enumerations: dict[Pointer, str] = {}
        #: Likewise the objects of which only the names of the keys could be looked at.
        self.opaque: dict[Pointer, str] = {}

    def resolve(self, node: Node) -> Node:
        """Follow references. What is found is called by its own name."""
        while "$ref" in node.schema:
            pointer = tuple(node.schema["$ref"].removeprefix("#/").split("/"))
            found: Any = self.content
            for step in pointer:
                found = found[step]
            self.used.add("/".join(pointer[1:]))
            node = Node(found, pointer[-1], pointer)
        return node

    def read(self, parts: tuple[Node, ...]) -> Shape:
        """Read one schema, or several that hold together.

        :raises UncomparableSchema: it uses a word that is not known here.
        """
        first = self.resolve(parts[0])
        flat = [single for part in parts for single in self._flat(part)]
        choices = [node for node in flat if "anyOf" in node.schema or "oneOf" in node.schema]
        if choices:
            if len(flat) > 1:
                raise UncomparableSchema(f"{first.place}: alternatives beside something else")
            return self._alternatives(choices[0], first)
        return self._plain(flat, first)

    def _flat(self, node: Node) -> Iterator[Node]:
        """A schema without references and ``allOf``."""
        node = self.resolve(node)
        unknown = {word for word in node.schema if not word.startswith("x-")} - _SAID - _UNSAID
        if unknown or isinstance(node.schema.get("additionalProperties"), dict):
            raise UncomparableSchema(f"{node.place}: {', '.join(sorted(unknown)) or 'additionalProperties'}")
        if "allOf" not in node.schema:
            yield node
            return
        for number, part in enumerate(node.schema["allOf"]):
            yield from self._flat(node.below(part, "", "allOf", str(number)))

    def _alternatives(self, node: Node, first: Node) -> Shape:
        word = "anyOf" if "anyOf" in node.schema else "oneOf"
        read = [
            self.read((node.below(each, f"|{number + 1}", word, str(number)),))
            for number, each in enumerate(node.schema[word])
        ]
        if any(shape.presence or shape.items or shape.choices or shape.any_object for shape in read):
            return Shape(first.place, first.pointer, choices=tuple(read))
        # Plain values: the alternatives together are one list of types, and one of values if each of them has one.
        values = [shape.values for shape in read if shape.values is not None]
        return Shape(
            first.place,
            first.pointer,
            types=frozenset().union(*(shape.types for shape in read)),
            values=frozenset().union(*values) if len(values) == len(read) else None,
            enumerations=tuple(pointer for shape in read for pointer in shape.enumerations),
        )

    def _plain(self, flat: list[Node], first: Node) -> Shape:
        presence: dict[str, str] = {}
        children: dict[str, tuple[Node, ...]] = {}
        types: set[str] = set()
        values: frozenset[Any] | None = None
        items: Node | None = None
        for node in flat:
            types |= _types(node.schema)
            if "enum" in node.schema:
                values = frozenset(node.schema["enum"])
            if "array" in types:
                items = node.below(node.schema.get("items", {}), "[]", "items")
            for key, schema in node.schema.get("properties", {}).items():
                child = Node(schema, f"{first.place}.{key}", (*node.pointer, "properties", key))
                children[key] = (*children.get(key, ()), child)
                presence.setdefault(key, "optional")
        for node in flat:
            presence.update(_required(node))
        objects = tuple(node.pointer for node in flat if "properties" in node.schema)
        enumerations = tuple(node.pointer for node in flat if "enum" in node.schema)
        return Shape(
            first.place, first.pointer, frozenset(types), values, presence, children, items, (), objects, enumerations
        )


def _types(schema: dict[str, Any]) -> set[str]:
    said = schema.get("type")
    if said is None:
        return {_TYPE_NAMES[type(value)] for value in schema.get("enum", [])}
    return {said} if isinstance(said, str) else set(said)


def _required(node: Node) -> Iterator[tuple[str, str]]:
    """The keys that have to be there, and when. A condition stands first, so that what is always required wins."""
    condition = node.schema.get("if", {}).get("properties", {})
    said = " and ".join(f"{key} is {schema['const']}" for key, schema in condition.items())
    for key in node.schema.get("then", {}).get("required", []):
        yield key, f"required once {said}"
    for key in node.schema.get("required", []):
        yield key, "required"
