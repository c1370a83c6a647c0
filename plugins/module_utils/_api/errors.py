# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as one small tree of exceptions.

::

    NorthflankError          whatever this collection raises on purpose
        InvalidInput         the arguments break a rule: nothing was sent
        NotSent              no byte reached the API: nothing can have happened there
        OutcomeUnknown       sent, and no usable answer came: it may have happened
            MalformedAnswer  an answer says success, and breaks the contract
        ApiError             refused by the API's own error object: nothing happened
        StoreRefused         refused by the storage behind a download link
        Damaged              a file is no whole dump
        DeadlineReached      the task's time is used up
            RateLimited      the account's requests are used up for longer than that
        BackupError          what was asked for is not so; its text tells everything

Other files derive from these where one of their callers has to tell a case apart.

The text of each of them is safe to show to a person: text that came from outside has been through
:func:`safe_text`, and no token, signed link or connection string is ever put in.
"""

from __future__ import annotations

import re
from typing import Any, Optional

# Refusals that are about the token, whatever was asked for.
BY_TOKEN = frozenset({401, 403})
_LONGEST_TEXT = 500
_MASK = "********"
# Shorter ones would mask parts of words that tell nothing.
_SHORTEST_SECRET = 6
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# So much of a text is looked at: of what comes later, nothing is shown. It bounds the time that the patterns take.
_LONGEST_LOOK = 16 * 1024
_SCHEME = r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,30}://)"
_URL = re.compile(_SCHEME)
# A name and a password that is no number, as a port would be.
_LOGIN = re.compile(_SCHEME + r"[^\s:/?#@]{0,200}:(?![0-9]{1,5}(?:[/?#\s\"',;)]|$))")
# What stands behind a name that says what it is. Backups may have names such as auth:main, so some words need more.
_IS = r"(?:\s{0,3}=\s{0,3}|[\"']\s{0,3}:\s{0,3}|:\s{1,3})"
_NAMED = re.compile(
    r"((?:(?:passw(?:or)?d|passphrase|pwd|secret|authorization|(?:api|access|private)[_-]?key)[\w-]{0,20}(?:"
    + _IS
    + r"|:)|(?:token|credentials?|signature|(?<![A-Za-z])(?:auth|dsn))"
    + _IS
    + r"))(?:(?:Bearer|Basic|Digest|Token)\s{1,3})?"
    + r"""(?:"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|[^\s,;&"'][^\s,;&]*)""",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b((?:Bearer|Basic) )[A-Za-z0-9._~+/=-]{8,}")
_secrets: set[str] = set()


def never_show(secret: str) -> None:
    """Let :func:`safe_text` mask a secret wherever it stands.

    :param secret: a token or a password; a very short one is not masked, as parts of words would be.
    """
    if len(secret) >= _SHORTEST_SECRET:
        _secrets.add(secret)


def masked(text: str) -> str:
    """Return text from outside without what is, or looks like, a secret.

    Tokens, passwords, connection strings, signatures.

    :param text: its length should be bounded, as the time that this takes is not always in proportion to it.
    """
    # The longest first, as one may hold another.
    for secret in sorted(_secrets.copy(), key=len, reverse=True):
        text = text.replace(secret, _MASK)
    if "://" in text:
        # Up to the last @ of the line, or at least of the word, as passwords hold whatever they like.
        text = "".join(_without_login(_LOGIN, line) for line in text.splitlines(keepends=True))
        text = re.sub(r"\S+", lambda word: _without_query(_without_login(_URL, word.group())), text)
    text = _BEARER.sub(rf"\1{_MASK}", text)
    return _NAMED.sub(rf"\1{_MASK}", text)


def holds_secret(text: str) -> bool:
    """Return whether a text holds what looks like a secret, or is longer than anything that is worth showing."""
    return len(text) > _LONGEST_LOOK or masked(text) != text


def _without_login(beginning: re.Pattern[str], text: str) -> str:
    end = text.rfind("@")
    found = beginning.search(text, 0, end) if end > 0 else None
    return text if found is None else text[: found.end(1)] + _MASK + text[end:]


def _without_query(word: str) -> str:
    url = _URL.search(word)
    query = -1 if url is None else word.find("?", url.end())
    return word if query < 0 else f"{word[:query]}?{_MASK}"


def safe_text(value: object, limit: int = _LONGEST_TEXT) -> str:
    """Make text from outside fit for a terminal and a log: mask, then cut, then escape.

    In this order: a secret that is cut is one that nothing recognises any more. Control characters (so also terminal
    escapes) and characters that turn the direction of writing are shown as escapes.

    :param value: what to show; anything that is not a string is shown as Python writes it.
    :param limit: how many characters of it are shown; escapes count as the one that they stand for.
    """
    whole = value if isinstance(value, str) else repr(value)
    text = masked(whole[:_LONGEST_LOOK])
    if len(whole) > _LONGEST_LOOK and len(text) <= limit:
        # The look itself may have ended within a secret, which then stands behind the last that was seen.
        text = text[: text.rfind(_MASK) + len(_MASK)] + "..."
    text = text if len(text) <= limit else text[: limit - 3] + "..."
    return _UNPRINTABLE.sub(lambda match: match.group().encode("unicode_escape", "surrogatepass").decode(), text)


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
    :param hint: what the user can do, which may end with a command.
    """

    def __init__(self, reason: str, passing: bool = True, hint: str = "") -> None:
        self.reason = reason
        self.passing = passing
        self.hint = hint
        super().__init__(f"{reason}. {hint}" if hint else reason)


class OutcomeUnknown(NorthflankError):
    """The request was sent, and no usable answer came back: the API may have acted or not.

    :param reason: what came instead of an answer.
    :param status: the HTTP status, where there was one.
    :param retry_after: seconds the server asked to be left alone, where it did.
    :param passing: whether reading again can help.
    """

    def __init__(
        self,
        reason: str,
        status: Optional[int] = None,
        retry_after: Optional[float] = None,
        passing: bool = True,
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        self.passing = passing
        super().__init__(reason)


class MalformedAnswer(OutcomeUnknown):
    """The API said success, but what it sent is not what its contract promises."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the API's answer cannot be used: {what}", status=200)


class ApiError(NorthflankError):
    """The API refused the request by its own error object, so it did nothing.

    :param status: the HTTP status, 400 to 499.
    :param message: the API's own words (made safe here).
    :param error_id: the API's name for this kind of error.
    :param details: what else the API said; its shape is not documented.
    :param method: the method of the request that was refused.
    :ivar needs: the permission that the API says is missing, where it does.
    """

    # What the request needs, where that is not what most requests of its method need.
    permission: Optional[str] = None

    def __init__(self, status: int, message: str, error_id: str = "", details: Any = None, method: str = "GET") -> None:
        self.status = status
        self.method = method
        self.message = safe_text(message)
        self.error_id = safe_text(error_id)
        self.details = None if details is None else safe_text(details)
        named = details.get("permission") if isinstance(details, dict) else None
        self.needs = safe_text(named) if status == 403 and isinstance(named, str) and named else None
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
