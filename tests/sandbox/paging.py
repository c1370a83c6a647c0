# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of a list in an order that the contract does not promise, with cursors that nobody can read or guess."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from .assumptions import Assumptions
from .contract import invalid_query

DEFAULT_PER_PAGE = 50
# In base64, these are the 24 characters that a cursor has to have.
_CURSOR_BYTES = 18


class Listed(Protocol):
    """What can be put in order."""

    @property
    def id(self) -> str: ...

    @property
    def number(self) -> int: ...

    @property
    def created_at(self) -> float: ...


T = TypeVar("T", bound=Listed)
Place = tuple[Any, ...]


class Cursors:
    """The cursors that were given out. They have 24 characters, say nothing, and are good for their list only.

    Expects the world's lock to be held.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._places: dict[tuple[str, str], Place] = {}

    def give(self, scope: str, place: Place) -> str:
        """The cursor that leads on from a place. The same place of a list always has the same."""
        plain = f"{scope}\0{json.dumps(place)}".encode()
        cursor = base64.urlsafe_b64encode(hmac.digest(self._secret, plain, "sha256")[:_CURSOR_BYTES]).decode()
        self._places[scope, cursor] = place
        return cursor

    def place(self, scope: str, cursor: str) -> Place:
        """Where a cursor leads on from.

        :raises ApiError: it was not given out for this list.
        """
        if (scope, cursor) not in self._places:
            raise invalid_query("cursor", "The cursor is not one of this list.")
        return self._places[scope, cursor]


def ordered(items: Sequence[T], assumptions: Assumptions) -> list[T]:
    """A list in the order that is assumed."""
    return sorted(items, key=_ordering(assumptions))


def page_of(
    items: Sequence[T], query: dict[str, Any], assumptions: Assumptions, cursors: Cursors, scope: str
) -> tuple[list[T], dict[str, Any]]:
    """One page and its pagination object.

    A cursor holds the place in the order and not a count, so that nothing is skipped or told twice when something
    is added or deleted between two pages.

    :param query: per_page, page, cursor, as the contract has them, already validated.
    :param scope: which list this is; a cursor of another list is refused.
    """
    key, whole = _ordering(assumptions), ordered(items, assumptions)
    limit = min(query.get("per_page", DEFAULT_PER_PAGE), assumptions.max_page_size_served or DEFAULT_PER_PAGE * 2)
    if "cursor" in query:
        last = cursors.place(scope, query["cursor"])
        rest = [item for item in whole if key(item) > last]
    else:
        rest = whole[(query.get("page", 1) - 1) * limit :]
    shown = rest[:limit]
    pagination: dict[str, Any] = {"count": len(shown)}
    if assumptions.has_next_page == "present":
        pagination["hasNextPage"] = len(rest) > limit
    if len(rest) > limit:
        pagination["cursor"] = cursors.give(scope, key(shown[-1]))
    return shown, pagination


def _ordering(assumptions: Assumptions) -> Callable[[Listed], tuple[Any, ...]]:
    if assumptions.list_order == "newest":
        return lambda item: (-item.created_at, -item.number)
    if assumptions.list_order == "oldest":
        return lambda item: (item.created_at, item.number)
    if assumptions.list_order == "id":
        return lambda item: (item.id, item.number)
    seed = assumptions.shuffle_seed
    return lambda item: (hashlib.sha256(f"{seed} {item.number}".encode()).hexdigest(),)
