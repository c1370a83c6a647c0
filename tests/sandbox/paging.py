# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of a list in an order that the contract does not promise, with cursors that nobody can read or guess."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from .assumptions import Assumptions
from .errors import ApiError

DEFAULT_PER_PAGE = 50


class Listed(Protocol):
    """What can be put in order."""

    id: str
    number: int
    created_at: float


T = TypeVar("T", bound=Listed)


def page_of(
    items: Sequence[T], query: dict[str, Any], assumptions: Assumptions, secret: bytes, scope: str
) -> tuple[list[T], dict[str, Any]]:
    """One page and its pagination object.

    A cursor holds the place in the order and not a count, so that nothing is skipped or told twice when something
    is added or deleted between two pages.

    :param query: per_page, page, cursor, as the contract has them, already validated.
    :param scope: which list this is; a cursor of another list is refused.
    """
    key = _ordering(assumptions)
    ordered = sorted(items, key=key)
    limit = min(query.get("per_page", DEFAULT_PER_PAGE), assumptions.max_page_size_served or DEFAULT_PER_PAGE * 2)
    if "cursor" in query:
        last = _open(query["cursor"], secret, scope)
        rest = [item for item in ordered if key(item) > last]
    else:
        page = query.get("page", 1)
        if page < 1:
            violation = {"in": "query", "path": "/page", "rule": "minimum"}
            raise ApiError(400, "invalid_request", "Pages are counted from 1.", {"violations": [violation]})
        rest = ordered[(page - 1) * limit :]
    shown = rest[:limit]
    pagination: dict[str, Any] = {"hasNextPage": len(rest) > limit, "count": len(shown)}
    if len(rest) > limit:
        pagination["cursor"] = _seal(key(shown[-1]), secret, scope)
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


def _seal(place: tuple[Any, ...], secret: bytes, scope: str) -> str:
    plain = json.dumps(place).encode()
    return base64.urlsafe_b64encode(_signature(plain, secret, scope) + plain).decode().rstrip("=")


def _open(cursor: str, secret: bytes, scope: str) -> tuple[Any, ...]:
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        sealed = b""
    signature, plain = sealed[:16], sealed[16:]
    if not hmac.compare_digest(signature, _signature(plain, secret, scope)):
        violation = {"in": "query", "path": "/cursor", "rule": "cursor"}
        raise ApiError(400, "invalid_request", "The cursor is not one of this list.", {"violations": [violation]})
    return tuple(json.loads(plain))


def _signature(plain: bytes, secret: bytes, scope: str) -> bytes:
    return hmac.digest(secret, scope.encode() + b"\0" + plain, "sha256")[:16]
