# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a regular expression of the user may take for ever on a name that does not fit. Pure.

A repetition of what is itself of several lengths can take a text apart in very many ways, as ``(a+)+`` does. It takes
it apart in one way only if each turn begins with a character that stands nowhere else in it, as in ``(-[0-9]+)*``.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator

try:
    from re import _parser as _sre  # type: ignore[attr-defined]
except ImportError:  # Python 3.9 and 3.10
    import sre_parse as _sre

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
# What is repeated less often has few ways.
_OFTEN = 4


def may_explode(pattern: str) -> bool:
    """Whether it repeats what can be taken apart in several ways.

    :param pattern: one that Python can compile.
    """
    return any(_is_dangerous(op, arg) for op, arg in _all(_sre.parse(pattern)))


def _is_dangerous(op: str, arg: Any) -> bool:
    if op not in _REPEATS or arg[1] <= _OFTEN:
        return False
    body = list(_flat(arg[2]))
    if not any(inner in _REPEATS | {"BRANCH"} and (inner == "BRANCH" or one[0] != one[1]) for inner, one in _all(body)):
        return False
    first, value = body[0]
    return str(first) != "LITERAL" or any(_may_be(inner, one, value) for inner, one in _all(body[1:]))


def _flat(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The parts of a sequence, with those of a group that is all there is."""
    parts = [(str(op), arg) for op, arg in items]
    if len(parts) == 1 and parts[0][0] == "SUBPATTERN":
        yield from _flat(parts[0][1][-1])
    else:
        yield from parts


def _all(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """All parts, also those inside of others."""
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
    """Whether a part of one character may be this one; where that is not plain, it may."""
    if name == "LITERAL":
        return bool(arg == char)
    if name == "IN":
        return any(
            str(kind) not in ("LITERAL", "RANGE")
            or (value == char if str(kind) == "LITERAL" else value[0] <= char <= value[1])
            for kind, value in arg
        )
    return name not in _REPEATS | {"BRANCH", "SUBPATTERN", "AT"}
