# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single requests and their raw answers: status, headers and JSON, before any model has dropped a field."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from ansible_collections.northflank.cloud.plugins.module_utils._api.addresses import is_loopback, reach
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import NorthflankError
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Timing
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import ApiTarget
from ansible_collections.northflank.cloud.plugins.module_utils._download.storage import may_lead_to

# Keys whose values the contract calls text, and that are compared or put into a path.
_TEXT = frozenset({"name", "uid", "status", "createdAt", "restoreTimestamp"})
# Those whose values go into paths, and into commands that people paste.
_IDS = frozenset({"id", "backupId"})
_ID = re.compile(r"[A-Za-z0-9-]+")
# A request that only reads is repeated when no answer came, with these pauses in seconds in between.
_PAUSES = (1.0, 4.0)


class Stopped(Exception):
    """No further request may be sent. The text says why."""


@dataclass(frozen=True)
class Answer:
    """What came back.

    :ivar path: of the request, below the project for most.
    :ivar status: the HTTP status, or None if no answer came.
    :ivar headers: of the answer, with names in lower case.
    :ivar text: the body as it came.
    :ivar body: the parsed body, or None if it is no JSON.
    :ivar at: when it came, in seconds since 1970.
    """

    method: str
    path: str
    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)
    body: Any = field(default=None, repr=False)
    at: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the status says success, whoever has sent it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def ok(self) -> bool:
        """Whether it is the API's own success: a proxy's page is none."""
        return self.accepted and isinstance(self.body, dict)

    @property
    def data(self) -> Any:
        """What stands under ``data``, or None."""
        return self.body.get("data") if isinstance(self.body, dict) else None

    @property
    def fields(self) -> dict[str, Any]:
        """``data`` as an object; empty if it is none."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def error(self) -> dict[str, Any] | None:
        """The API's error object, which alone proves a refusal."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error if isinstance(error, dict) and not self.accepted else None

    def items(self, key: str) -> list[dict[str, Any]]:
        """The entries of a list. What has to be text in them is text or None, whatever came."""
        found = self.fields.get(key)
        return [_with_text(entry) for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    def has_list(self, key: str) -> bool:
        """Whether it is a list at all, so that what is not in it is not there."""
        found = self.fields.get(key)
        return self.ok and isinstance(found, list) and len(self.items(key)) == len(found)

    @property
    def pagination(self) -> dict[str, Any] | None:
        found = self.body.get("pagination") if isinstance(self.body, dict) else None
        return found if isinstance(found, dict) else None


class Wire:
    """Sends requests, counts them, and stops before the account's request budget is used up.

    :param margin: requests of the hour that are left for others.
    :ivar sent: requests to the API so far.
    :ivar methods: the methods of these.
    """

    def __init__(self, target: ApiTarget, timing: Timing, margin: int) -> None:
        self.timing = timing
        self.margin = margin
        self.sent = 0
        self.methods: set[str] = set()
        self.limit: int | None = None
        self.remaining: int | None = None
        self.reset: int | None = None
        self.refused: Answer | None = None
        self._target = target
        self._session = requests.Session()
        # An object of our own wins over a .netrc entry for the host.
        self._session.auth = self._authorize
        self._session.headers.update({"Accept": "application/json", "User-Agent": "northflank.cloud live"})

    def send(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        """Send one request. Only one that reads is repeated if no answer comes.

        :raises Stopped: the request budget is down to the margin, or the API has answered 429.
        """
        answer = self._once(method, path, query, body)
        for pause in _PAUSES if method == "GET" else ():
            if answer.status is not None:
                break
            self.timing.sleep(pause)
            answer = self._once(method, path, query, body)
        if answer.status == 429:
            self.refused = answer
            raise Stopped(f"The API refuses requests for now (HTTP 429){self._comes_back()}.")
        return answer

    def affords(self, count: int) -> bool:
        """Whether the budget has so many requests above the margin, as far as it is known."""
        return self.remaining is None or self.remaining - count >= self.margin

    def require(self, count: int) -> None:
        """Stop where the budget does not hold so many requests above the margin."""
        if not self.affords(count):
            raise Stopped(
                f"{self.remaining} requests are left of this hour, {self.margin} of them are for others, and the next "
                f"step may need {count}{self._comes_back()}."
            )

    def store(self, link: str) -> Answer:
        """Ask the storage that a download link leads to for the first byte. It never sees the token.

        :raises NorthflankError: the link may not be followed, by the rules of the collection.
        """
        _check_link(link, self._target.url)
        session = requests.Session()
        # With an auth of our own, requests does not look for one in a .netrc.
        session.auth = _nobody
        session.headers.update({"Accept": "*/*", "Accept-Encoding": "identity", "Range": "bytes=0-0"})
        try:
            with session.get(
                link, timeout=self._target.timeout, verify=self._target.verify, allow_redirects=False, stream=True
            ) as response:
                return Answer("GET", "the storage", response.status_code, _lower(response.headers), at=self._now())
        except (OSError, ValueError) as error:
            # The words of others quote the link, which is a secret.
            raise NorthflankError(f"The storage gave no answer ({type(error).__name__}).") from None

    def _once(self, method: str, path: str, query: Mapping[str, Any] | None, body: Any) -> Answer:
        self.require(1)
        self.sent += 1
        self.methods.add(method)
        try:
            response = self._session.request(
                method,
                self._target.url + path,
                params=dict(query or {}),
                json=body,
                timeout=self._target.timeout,
                verify=self._target.verify,
                allow_redirects=False,
            )
        except (requests.exceptions.RequestException, OSError):
            return Answer(method, path, None, at=self._now())
        headers = _lower(response.headers)
        self._note(headers)
        text = response.text
        return Answer(method, path, response.status_code, headers, text, _parsed(text), self._now())

    def _note(self, headers: Mapping[str, str]) -> None:
        for name in ("limit", "remaining", "reset"):
            text = headers.get(f"x-ratelimit-{name}", "")
            if text.isascii() and text.isdigit() and len(text) < 10:
                setattr(self, name, int(text))

    def _comes_back(self) -> str:
        return "" if self.reset is None else f"; the hour is over in {self.reset} s"

    def _now(self) -> float:
        return self.timing.wall()

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._target.token}"
        return request


Say = Callable[[str], None]


def _check_link(link: str, api_url: str) -> None:
    """Refuse a link that leads where a download link may not, as the collection does.

    :raises NorthflankError: it may not be followed.
    """
    try:
        parts = urlsplit(link)
        host, here = parts.hostname or "", urlsplit(api_url).hostname or ""
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host) and is_loopback(here))
        origin = {reach(address) for address in _addresses(here)}
        may = is_safe and all(may_lead_to(reach(address), origin) for address in _addresses(host))
    except (OSError, ValueError) as error:
        raise NorthflankError("The download link leads to no host that is known here.") from error
    if not may:
        raise NorthflankError("The download link was not followed: it leads where no storage should be.")


def _addresses(host: str) -> list[str]:
    found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _with_text(entry: dict[str, Any]) -> dict[str, Any]:
    odd = {key for key in _TEXT & entry.keys() if not isinstance(entry[key], str)}
    odd |= {key for key in _IDS & entry.keys() if identifier(entry[key]) is None}
    return {key: None if key in odd else value for key, value in entry.items()}


def identifier(value: Any) -> str | None:
    """An ID that may stand in a path; None for anything else."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
