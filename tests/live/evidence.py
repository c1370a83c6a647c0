# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen, by the name of the question that it answers. The probes read it, the steps write it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from .wire import Answer

ACTIVE = frozenset({"scheduled", "in-progress", "aborting"})
UNUSABLE = frozenset({"aborted", "failed", "not-supported"})
FINAL = UNUSABLE | {"completed"}


class Finding(NamedTuple):
    """What a probe has found out.

    :ivar value: one of the contract's values, or what this API does instead; None if it was not found out.
    :ivar note: what it was seen by, or why it was not found out.
    """

    value: str | None
    note: str = ""


def unknown(reason: str) -> Finding:
    """Nothing was found out."""
    return Finding(None, reason)


class Evidence:
    """All answers of a run.

    :ivar reasons: why a step was not taken, or ended early, by its name.
    :ivar facts: what the steps know beside the answers, such as the name that a backup was given.
    """

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}
        self.facts: dict[str, Any] = {}
        self._answers: defaultdict[str, list[Answer]] = defaultdict(list)
        self._in_order: list[tuple[str, Answer]] = []

    def add(self, question: str, answer: Answer) -> Answer:
        self._answers[question].append(answer)
        self._in_order.append((question, answer))
        return answer

    def in_order(self, *questions: str) -> Iterator[tuple[str, Answer]]:
        """The answers to several questions, each with its question, in the order in which they came."""
        return ((question, answer) for question, answer in self._in_order if question in questions)

    def all(self, question: str) -> list[Answer]:
        """The answers to a question, oldest first."""
        return list(self._answers[question])

    def last(self, question: str) -> Answer | None:
        """The newest answer to a question that came at all."""
        came = [answer for answer in self._answers[question] if answer.status is not None]
        return came[-1] if came else None

    def good(self, question: str) -> Iterator[Answer]:
        """The answers with success, newest first."""
        return (answer for answer in reversed(self._answers[question]) if answer.ok and "data" in answer.body)

    def listed(self) -> Iterator[dict[str, Any]]:
        """Every entry of a list of the addon's backups that was ever seen, newest list first."""
        for answer in self.good("list"):
            yield from answer.items("backups")


def config(entry: dict[str, Any]) -> dict[str, Any]:
    """A backup's ``config``; empty where it has none."""
    found = entry.get("config")
    return found if isinstance(found, dict) else {}


def refused(answer: Answer | None, expected: int, otherwise: str) -> Finding:
    """Whether a request was refused, by the status that the contract expects.

    :param expected: the status of the refusal that the contract knows.
    :param otherwise: the value that stands for a success.
    """
    if answer is None or answer.status is None:
        return unknown("No answer came.")
    if answer.ok:
        return Finding(otherwise, f"HTTP {answer.status}")
    if answer.error is None or answer.status in (401, 403) or answer.status >= 500:
        return unknown(f"HTTP {answer.status}, which proves nothing about it.")
    if answer.status == expected:
        return Finding("refuse", f"HTTP {answer.status}")
    if answer.status == 409:
        return unknown("HTTP 409, so something else was in the way, such as a backup of somebody else.")
    return Finding(f"refuse with {answer.status}")


def slug(name: str) -> str:
    """A name as the API's documentation says that IDs are made of it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
