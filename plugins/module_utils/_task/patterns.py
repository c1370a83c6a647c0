# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a regular expression of the user may take for ever on a name that does not fit. Pure.

There are two ways to take for ever. A repetition of what is itself of several lengths takes a text apart in very many
ways, as ``(a+)+`` does; it does so in one way only if each turn begins with a character that stands nowhere else in it,
as in ``(-[0-9]+)*``. And several repetitions in a row that take the same character, as ``.*.*.*.*`` does, share a text
among them: of a name of 39 characters, four of them make 100,000 ways, and eight of them 300 million.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, Callable, Iterable, Iterator

try:
    from re import _parser as _sre  # type: ignore[attr-defined]
except ImportError:  # Python 3.9 and 3.10
    import sre_parse as _sre

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
# What takes exactly one.
_SINGLE = frozenset({"LITERAL", "NOT_LITERAL", "IN", "ANY"})
# What takes no character.
_EMPTY = frozenset({"AT", "ASSERT", "ASSERT_NOT", "GROUPREF"})
# What is repeated less often has few ways.
_OFTEN = 4
# Repetitions in a row that take the same character.
_MOST_IN_A_ROW = 4
_CHARACTERS = frozenset(range(256))
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "DIGIT": str.isdigit,
    "SPACE": str.isspace,
    "WORD": lambda char: char.isalnum() or char == "_",
}


def may_explode(pattern: str) -> bool:
    """Return whether it can take a text apart in more ways than can be tried.

    :param pattern: one that Python can compile.
    """
    parsed = _sre.parse(pattern)
    return any(_is_dangerous(op, arg) for op, arg in _all(parsed)) or repeats_in_a_row(pattern) > _MOST_IN_A_ROW


def repeats_in_a_row(pattern: str) -> int:
    """Return how many repetitions of a pattern can share one stretch of a text.

    The time that it takes is a power of that.

    :param pattern: one that Python can compile.
    """
    parts = list(_in_order(_sre.parse(pattern)))
    literals = {arg for op, arg in _all(_sre.parse(pattern)) if op == "LITERAL"}
    return max(_row(parts, char) for char in literals | _CHARACTERS)


def _row(parts: list[tuple[str, Any]], char: int) -> int:
    longest = row = 0
    for op, arg in parts:
        takes = _takes(op, arg, char)
        if op in _REPEATS and takes and arg[1] > _OFTEN and arg[0] != arg[1]:
            row += 1
            longest = max(longest, row)
        elif not takes and not (op in _REPEATS and arg[0] == 0) and op not in _EMPTY:
            row = 0
    return longest


def _takes(op: str, arg: Any, char: int) -> bool:
    """Return whether a part may take this character and no other."""
    inside = _inside(op, arg)
    if not inside or op in _EMPTY:
        return _may_be(op, arg, char)
    return any(
        all(_takes(name, one, char) or (name in _REPEATS and one[0] == 0) for name, one in _flat(body))
        for body in inside
    )


def _in_order(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Return the parts one after the other, with those of groups in place of these, and all alternatives in a row."""
    for op, arg in items:
        name = str(op)
        if name in ("SUBPATTERN", "BRANCH", "ATOMIC_GROUP"):
            for inner in _inside(name, arg):
                yield from _in_order(inner)
        else:
            yield name, arg


def _is_dangerous(op: str, arg: Any) -> bool:
    if op not in _REPEATS or arg[1] <= _OFTEN:
        return False
    body = list(_flat(arg[2]))
    if not any(_is_loose(inner, one) for inner, one in _all(body)):
        return False
    return not body or any(_overlap(body[0], other) for other in _all(body[1:])) or body[0][0] not in _SINGLE


def _is_loose(op: str, arg: Any) -> bool:
    """Return whether a part takes stretches of several lengths, or one stretch in several ways."""
    if op == "BRANCH":
        firsts = [list(_flat(body))[:1] for body in arg[1]]
        is_told_apart = all(first and first[0][0] in _SINGLE for first in firsts)
        return not is_told_apart or any(_overlap(one[0], other[0]) for one, other in combinations(firsts, 2))
    return op in _REPEATS and bool(arg[0] != arg[1])


def _overlap(one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    """Return whether two parts may be the same character."""
    return any(_may_be(*one, char) and _may_be(*other, char) for char in _CHARACTERS)


def _flat(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Return the parts of a sequence, with those of a group that is all there is."""
    parts = [(str(op), arg) for op, arg in items]
    if len(parts) == 1 and parts[0][0] == "SUBPATTERN":
        yield from _flat(parts[0][1][-1])
    else:
        yield from parts


def _all(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Return all parts, also those inside of others."""
    for op, arg in items:
        name = str(op)
        yield name, arg
        for inner in _inside(name, arg):
            yield from _all(inner)


def _inside(name: str, arg: Any) -> list[Any]:
    if name == "BRANCH":
        return list(arg[1])
    if name in _REPEATS or name in ("SUBPATTERN", "POSSESSIVE_REPEAT", "ASSERT", "ASSERT_NOT"):
        return [arg[-1]]
    return [arg] if name == "ATOMIC_GROUP" else []


def _may_be(name: str, arg: Any, char: int) -> bool:
    """Return whether a part may be this one character. What holds other parts says nothing itself."""
    if name == "LITERAL":
        return bool(arg == char)
    if name == "NOT_LITERAL":
        return bool(arg != char)
    if name == "IN":
        is_not = str(arg[0][0]) == "NEGATE"
        return any(_is_among(str(kind), value, char) for kind, value in arg[is_not:]) != is_not
    return name in ("ANY", "GROUPREF")


def _is_among(kind: str, value: Any, char: int) -> bool:
    if kind == "RANGE":
        return bool(value[0] <= char <= value[1])
    if kind == "LITERAL":
        return bool(value == char)
    category = str(value).replace("CATEGORY_", "")
    return _CATEGORIES[category.replace("NOT_", "")](chr(char)) != category.startswith("NOT_")
