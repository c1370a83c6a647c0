# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the contract (here) and the SDK (there): sentences that the table of deviations can name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from .shapes import Document, Node, Pointer, Shape, UncomparableSchema

_METHODS = ("get", "post", "put", "patch", "delete")
# Paths about these are of interest, also if the contract does not have them yet.
_ABOUT = re.compile(r"^/v1/projects/\{projectId\}/addons|/backup|/restore")
_TEAM_PATHS = re.compile(r"(/v1/[a-z-]+)\.\.\.")

Operations = dict[tuple[str, str], tuple[Pointer, dict[str, Any]]]


@dataclass(frozen=True)
class Comparison:
    """What was found.

    :ivar deviations: a sentence for each thing that differs, or that has nothing to be compared with.
    :ivar here: the contract, with what was read of it.
    :ivar there: the SDK, likewise.
    :ivar operations: for each operation that both have, where it stands in either.
    """

    deviations: frozenset[str]
    here: Document
    there: Document
    operations: dict[str, tuple[Pointer, Pointer]]


def concerns(contract: dict[str, Any], path: str) -> bool:
    """Whether the contract has to say something about a path: it is about backups, or the contract knows it."""
    return path in contract["paths"] or _ABOUT.search(path) is not None


def compare(contract: dict[str, Any], sdk: dict[str, Any], only: str | None = None) -> Comparison:
    """Compare all that the contract has, and all of the SDK that concerns it.

    :param only: compare just this operation. What is found is a part of what is found without it.
    :raises UncomparableSchema: one of them says something that would be passed over.
    """
    run = _Run(Document(contract), Document(sdk))
    ours, theirs = _operations(contract), _operations(sdk)
    both = [key for key in ours if key in theirs and only in (None, ours[key][1]["operationId"])]
    for key in both:
        run.operation(ours[key][1], theirs[key][1], key[1], ours[key][0], theirs[key][0])
    run.told |= {f"{ours[key][1]['operationId']}: only here" for key in ours.keys() - theirs.keys()}
    run.told |= {f"{method.upper()} {path}: only there" for method, path in theirs.keys() - ours.keys()}
    if only is None:
        run.told |= {f"{name}: not compared with anything" for name in run.uncompared()}
    operations = {ours[key][1]["operationId"]: (ours[key][0], theirs[key][0]) for key in both}
    return Comparison(frozenset(run.told), run.here, run.there, operations)


def _operations(document: dict[str, Any]) -> Operations:
    return {
        (method, path): (("paths", path, method), {**item[method], "x-path-parameters": item.get("parameters", [])})
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    }


class _Run:
    """One comparison under way."""

    def __init__(self, here: Document, there: Document) -> None:
        self.here = here
        self.there = there
        self.told: set[str] = set()
        self._seen: set[tuple[tuple[Pointer, ...], tuple[Pointer, ...]]] = set()

    def uncompared(self) -> Iterator[str]:
        for kind, components in self.here.content["components"].items():
            if kind != "securitySchemes":
                yield from (name for name in components if f"{kind}/{name}" not in self.here.used)

    def operation(self, ours: dict[str, Any], theirs: dict[str, Any], path: str, here: Pointer, there: Pointer) -> None:
        place, other = ours["operationId"], theirs["operationId"]
        self.here.operation = self.there.operation = place
        self._same(place, "paths", self._paths(path), theirs["x-paths"])
        self._same(place, "permission", ours.get("x-permission"), theirs["x-permission"])
        mine, other_ones = self._parameters(ours, here), self._parameters(theirs, there)
        self._same(place, "path parameters", mine["path"].keys(), other_ones["path"].keys())
        self._same(place, "placeholders", mine["path"].keys(), re.findall(r"\{(\w+)\}", path))
        for name in sorted(mine["query"].keys() | other_ones["query"].keys()):
            pair = mine["query"].get(name), other_ones["query"].get(name)
            if pair[0] is None or pair[1] is None:
                self.told.add(f"{place}?{name}: only {'there' if pair[0] is None else 'here'}")
            else:
                self._nodes((pair[0],), (pair[1],))
        self._body(ours, theirs, here, there)
        for status in ("200", "default"):
            left = self._answer(self.here, ours, status, f"{place} {status}", here)
            right = self._answer(self.there, theirs, status, f"{other} {status}", there)
            self._nodes((left,), (right,))

    def _paths(self, path: str) -> list[str]:
        """The path, and that of teams if the contract's prose says that there is one."""
        with_team = _TEAM_PATHS.findall(self.here.content["info"]["description"])
        known = any(path == each or path.startswith(f"{each}/") for each in with_team)
        return [path, path.replace("/v1/", "/v1/teams/{teamId}/", 1)] if known else [path]

    def _parameters(self, operation: dict[str, Any], pointer: Pointer) -> dict[str, dict[str, Node]]:
        found: dict[str, dict[str, Node]] = {"path": {}, "query": {}}
        document = self.there if "x-paths" in operation else self.here
        listed = [
            *((("x-path-parameters", number), each) for number, each in enumerate(operation["x-path-parameters"])),
            *((("parameters", number), each) for number, each in enumerate(operation.get("parameters", []))),
        ]
        for (word, number), parameter in listed:
            node = document.resolve(Node(parameter, operation["operationId"], (*pointer, word, str(number))))
            name = node.schema["name"]
            below = Node(node.schema.get("schema", {}), f"{operation['operationId']}?{name}", (*node.pointer, "schema"))
            found[node.schema["in"]][name] = below
        return found

    def _body(self, ours: dict[str, Any], theirs: dict[str, Any], here: Pointer, there: Pointer) -> None:
        place = f"{ours['operationId']} body"
        bodies = ours.get("requestBody"), theirs.get("requestBody")
        self._same(place, "", *(_presence(body) for body in bodies))
        if bodies[0] and bodies[1]:
            self._nodes(
                (_content(bodies[0], place, (*here, "requestBody")),),
                (_content(bodies[1], f"{theirs['operationId']} body", (*there, "requestBody")),),
            )

    def _answer(self, document: Document, operation: dict[str, Any], status: str, place: str, pointer: Pointer) -> Node:
        answer = Node(operation["responses"][status], place, (*pointer, "responses", status))
        found = document.resolve(answer)
        return _content(found.schema, place, found.pointer)

    def _nodes(self, ours: tuple[Node, ...], theirs: tuple[Node, ...]) -> None:
        # The same two are met in many operations.
        pair = tuple(node.pointer for node in ours), tuple(node.pointer for node in theirs)
        if pair not in self._seen:
            self._seen.add(pair)
            self._shapes(self.here.read(ours), self.there.read(theirs))

    def _shapes(self, ours: Shape, theirs: Shape) -> None:
        if ours.choices or theirs.choices:
            self._choices(ours, theirs)
            return
        place = f"{ours.place} / {theirs.place}"
        self._same(place, "type", ours.types, theirs.types)
        if ours.anything or theirs.anything or ours.types != theirs.types:
            return
        if ours.any_object != theirs.any_object:
            # What is in it can change as well, and then has to be looked at again.
            document, known = (self.there, theirs) if ours.any_object else (self.here, ours)
            said = "here; there" if ours.any_object else "there; here"
            self.told.add(f"{place}: any object {said} {', '.join(sorted(_listed(document, known)))}")
            return
        self._same(place, "values", *(shape.values for shape in (ours, theirs)))
        if ours.values or theirs.values:
            self._note("enumerations", ours.enumerations, theirs.enumerations)
        self._keys(ours, theirs)
        if ours.items and theirs.items:
            self._nodes((ours.items,), (theirs.items,))

    def _note(self, what: str, ours: tuple[Pointer, ...], theirs: tuple[Pointer, ...]) -> None:
        """Remember what was compared, and on the way from which operation."""
        for document, pointers in ((self.here, ours), (self.there, theirs)):
            noted: dict[Pointer, str] = getattr(document, what)
            for pointer in pointers:
                noted.setdefault(pointer, document.operation)

    def _keys(self, ours: Shape, theirs: Shape) -> None:
        self._note("objects", ours.objects, theirs.objects)
        for key in sorted(ours.presence.keys() | theirs.presence.keys()):
            place = f"{ours.place}.{key} / {theirs.place}"
            self._same(place, "", *(shape.presence.get(key, "missing") for shape in (ours, theirs)))
            if key in ours.children and key in theirs.children:
                self._nodes(ours.children[key], theirs.children[key])

    def _choices(self, ours: Shape, theirs: Shape) -> None:
        """Compare each alternative with the one that is most like it, so that none is left out on either side."""
        left, right = ours.choices or (ours,), theirs.choices or (theirs,)
        pairs = [(one, max(right, key=partial(_likeness, one))) for one in left]
        pairs += [(max(left, key=partial(_likeness, other)), other) for other in right]
        for one, other in pairs:
            if one.choices or other.choices:
                raise UncomparableSchema(f"{one.place}: alternatives within alternatives")
            self._shapes(one, other)

    def _same(self, place: str, what: str, ours: Any, theirs: Any) -> None:
        if _plain(ours) != _plain(theirs):
            self.told.add(f"{place}: {what}{what and ' '}{_plain(ours)} here, {_plain(theirs)} there")


def _listed(document: Document, shape: Shape, prefix: str = "") -> Iterator[str]:
    """The keys of an object that has nothing to be compared with, and those below it."""
    for pointer in shape.objects:
        document.opaque.setdefault(pointer, document.operation)
    for key, presence in shape.presence.items():
        yield f"{prefix}{key} {presence}"
        if key not in shape.children:  # required, and not described
            continue
        child = document.read(shape.children[key])
        yield from _listed(document, child, f"{prefix}{key}.")
        if child.items:
            yield from _listed(document, document.read((child.items,)), f"{prefix}{key}[].")


def _likeness(one: Shape, other: Shape) -> tuple[int, int]:
    shared = one.presence.keys() & other.presence.keys()
    return len(shared), -len(one.presence.keys() ^ other.presence.keys())


def _presence(body: dict[str, Any] | None) -> str:
    if body is None:
        return "missing"
    return "required" if body.get("required") else "optional"


def _content(holder: dict[str, Any], place: str, pointer: Pointer) -> Node:
    """The JSON in a request or an answer. If nothing is said about it, it may be anything."""
    content = holder.get("content", {"application/json": {"schema": {}}})
    return Node(content["application/json"]["schema"], place, (*pointer, "content", "application/json", "schema"))


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ", ".join(sorted(map(str, value))) or "any"
