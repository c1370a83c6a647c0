# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as one small tree of exceptions.

The text of each of them is safe to show to a person: text that came from outside has been through
:func:`safe_text`, and no token, signed link or connection string is ever put in.
"""

from __future__ import annotations

import re
from typing import Any, Optional

_LONGEST_TEXT = 500
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_CREDENTIALS_IN_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s@]+@")
_QUERY_OF_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s?]+)\?\S+")


def safe_text(value: object, limit: int = _LONGEST_TEXT) -> str:
    """Make text from outside fit for a terminal and a log.

    Control characters (so also terminal escapes) and characters that turn the direction of writing are shown
    as escapes, credentials and queries inside of URLs are taken out, and what is too long is cut.

    :param value: what to show; anything that is not a string is shown as Python writes it.
    :param limit: the longest result, in characters.
    """
    text = value if isinstance(value, str) else repr(value)
    text = _CREDENTIALS_IN_URL.sub(r"\1********@", text[: 10 * limit])
    text = _QUERY_OF_URL.sub(r"\1?********", text)
    text = _UNPRINTABLE.sub(lambda match: match.group().encode("unicode_escape", "surrogatepass").decode(), text)
    return text if len(text) <= limit else text[: limit - 3] + "..."


class NorthflankError(Exception):
    """The root of all errors that this collection raises on purpose."""


class InvalidInput(NorthflankError):
    """The task's arguments break a rule. Raised before the first request.

    :param option: the option's name, with the index or key where it is inside a list or dictionary.
    :param rule: what is allowed, as the end of a sentence ("must have 3 to 39 characters").
    :param value: the offending value; leave it out where it is a secret or missing.
    """

    def __init__(self, option: str, rule: str, value: Optional[object] = None) -> None:
        self.option = option
        self.rule = rule
        text = f"{option} {rule}"
        if value is not None:
            text += f"; got {safe_text(repr(value))}"
        super().__init__(text + ".")


class NotSent(NorthflankError):
    """The request never reached the API, so nothing can have happened there.

    :param reason: what stood in the way.
    :param passing: whether trying again can help (a refused connection may pass, a bad certificate does not).
    """

    def __init__(self, reason: str, passing: bool = True) -> None:
        self.passing = passing
        super().__init__(reason)


class OutcomeUnknown(NorthflankError):
    """The request was sent, and no usable answer came back: the API may have acted or not.

    :param reason: what came instead of an answer.
    :param status: the HTTP status, where there was one.
    :param retry_after: seconds the server asked to be left alone, where it did.
    """

    def __init__(self, reason: str, status: Optional[int] = None, retry_after: Optional[float] = None) -> None:
        self.status = status
        self.retry_after = retry_after
        super().__init__(reason)


class MalformedAnswer(OutcomeUnknown):
    """The API said success, but what it sent is not what its contract promises."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the API's answer cannot be used: {what}", status=200)


class ApiError(NorthflankError):
    """The API refused the request, so it did nothing.

    :param status: the HTTP status, 300 to 499.
    :param message: the API's own words (made safe here).
    :param error_id: the API's name for this kind of error.
    :param details: what else the API said; its shape is not documented.
    :param method: the method of the request that was refused.
    """

    # What the request needs, where that is not what most requests of its method need.
    permission: Optional[str] = None

    def __init__(self, status: int, message: str, error_id: str = "", details: Any = None, method: str = "GET") -> None:
        self.status = status
        self.method = method
        self.message = safe_text(message)
        self.error_id = safe_text(error_id)
        self.details = None if details is None else safe_text(details)
        text = f"HTTP {status}"
        if self.message:
            text += f": {self.message}"
        if self.details and self.details not in ("{}", "[]", "''"):
            text += f" ({self.details})"
        super().__init__(text)


class StoreRefused(NorthflankError):
    """The storage that a download link leads to refused the request.

    :param status: the HTTP status, 400 to 499.
    """

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the storage refused the request with HTTP {status}")


class Damaged(NorthflankError):
    """A file is not what a dump has to be: it ends too early, or its check sum is wrong."""


class DeadlineReached(NorthflankError):
    """The time that the task was given is used up."""


class RateLimited(DeadlineReached):
    """The API's request limit is used up, and comes back only after the deadline.

    :param pause: seconds until the API takes requests again.
    """

    def __init__(self, pause: float) -> None:
        self.pause = pause
        super().__init__(
            f"the API's request limit is used up, and the API takes requests again in {pause:.0f} s, "
            "which is past this task's deadline"
        )


class BackupError(NorthflankError):
    """What was asked for is not so, and the text says why, what is still running and what to do next."""
