# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who asks, and what was asked."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request


@dataclass
class Tokens:
    """The tokens that are accepted. ``revoked`` takes the one with the role update out of force."""

    update: str = field(default_factory=lambda: f"sandbox-update-{secrets.token_hex(24)}", repr=False)
    read: str = field(default_factory=lambda: f"sandbox-read-{secrets.token_hex(24)}", repr=False)
    org: str = field(default_factory=lambda: f"sandbox-org-{secrets.token_hex(24)}", repr=False)
    revoked: bool = False

    def is_org(self, authorization: str | None) -> bool:
        """Whether it is the token of an organisation, which has the role update under a team's path only."""
        return hmac.compare_digest(_bytes(authorization), f"Bearer {self.org}".encode())

    def role(self, authorization: str | None) -> str | None:
        """``update``, ``read``, or None for a header that lets nobody in."""
        given = _bytes(authorization)
        if self.is_org(authorization):
            return "update"
        if not self.revoked and hmac.compare_digest(given, f"Bearer {self.update}".encode()):
            return "update"
        return "read" if hmac.compare_digest(given, f"Bearer {self.read}".encode()) else None


def _bytes(authorization: str | None) -> bytes:
    return (authorization or "").encode("utf-8", "surrogateescape")


@dataclass
class LoggedRequest:
    """A request as the server saw it.

    :ivar path: without the query, as it was sent.
    :ivar headers: as they were sent; Authorization is replaced by ``sha256:`` and the digest of its value.
    :ivar body: the parsed JSON, or None.
    :ivar token_ok: whether the request bore a token that was good.
    :ivar status: of the answer; None when none was sent (yet).
    :ivar fault: the kind of the fault that struck it.
    :ivar unknown: what of the body and the query the contract does not know; the server let it pass.
    """

    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    token_ok: bool
    status: int | None = None
    fault: str | None = None
    unknown: list[str] = field(default_factory=list)


class RequestLog:
    """All requests since the last clear, in the order in which they came. Safe to use from several threads."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()
        self._requests: list[LoggedRequest] = []
        self._number = 0

    def open(self, request: Request, body: bytes) -> LoggedRequest:
        """Take down a request; its status is filled in later."""
        authorization = request.headers.get("Authorization")
        headers = dict(request.headers)
        if authorization is not None:
            headers["Authorization"] = digest(authorization)
        with self._lock:
            self._number += 1
            logged = LoggedRequest(
                number=self._number,
                method=request.method,
                path=sent_path(request),
                query=request.args.to_dict(),
                headers=headers,
                body=_json_or_none(body),
                token_ok=self._tokens.role(authorization) is not None,
            )
            self._requests.append(logged)
        return logged

    def all(self) -> list[LoggedRequest]:
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()


def digest(text: str) -> str:
    """How a secret stands in the log."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def sent_path(request: Request) -> str:
    """The path with its escapes, which the WSGI environment's own one has lost."""
    sent = str(request.environ.get("REQUEST_URI") or request.path)
    return sent.partition("?")[0]


def _json_or_none(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
