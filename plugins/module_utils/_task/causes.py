# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of several addons as one text: each cause once, with the addons that it hit. Pure."""

from __future__ import annotations

import re
from typing import Mapping, Sequence

_MOST_NAMES = 12
# Stands for the addon; no message has it, see safe_text.
_ANY = "\0"
_ID = re.compile(r" \(ID [^ ()]+\)")
_END_OF_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")


def set_failed(errors: Mapping[str, str], total: int, held_back: int) -> str:
    """Return several addons at once; what happened to which.

    :param errors: by addon, why it failed itself.
    :param held_back: how many were not served because of these.
    """
    if held_back:
        first = f"Nothing was started or changed, because {len(errors)} of {total} addons cannot be served"
    else:
        first = f"{len(errors)} of {total} addons failed"
    return by_cause(first, errors)


def by_cause(first: str, errors: Mapping[str, str], beside: str = "") -> str:
    """Return one line for each cause, and at the end what all of them say; a single line where there is one cause.

    :param beside: a sentence that comes before the causes.
    """
    groups: dict[str, dict[str, str]] = {}
    for addon_id, error in errors.items():
        text = _of_any(error, addon_id)
        # Backups of one name have other IDs in each addon.
        groups.setdefault(_ID.sub("", text), {})[addon_id] = text
    told = {
        addon_names([*texts]): (text if len(texts) > 1 else next(iter(texts.values()))).replace(_ANY, ",".join(texts))
        for text, texts in groups.items()
    }
    if len(told) == 1:
        ((who, text),) = told.items()
        return f"{first} ({who}){f'. {beside}' if beside else ':'} {text}"
    shared = _shared_end(list(told.values()))
    lines = [f"{who}: {text[: len(text) - len(shared)].rstrip()}" for who, text in told.items()]
    return "\n".join(filter(None, (f"{first}. {beside}".rstrip(), *lines, shared)))


def _of_any(text: str, addon_id: str) -> str:
    """Return a message about one addon as one about whichever stands in front of it."""
    for named, instead in (
        *((f" {word} addon {addon_id}", "") for word in ("of", "for", "to")),
        (f"Addon {addon_id}: ", ""),
        (f"Addon {addon_id}", "The addon"),
        (f"addon {addon_id}", "the addon"),
        (f"no addon '{addon_id}'", "no such addon"),
        (f"addon_id={addon_id}", f"addon_id={_ANY}"),
    ):
        text = text.replace(named, instead)
    return text


def _shared_end(texts: Sequence[str]) -> str:
    """Return the sentences with which all texts end, if each has more to say than these."""
    parts = [_END_OF_SENTENCE.split(text) for text in texts]
    shared = 0
    while all(len(part) > shared + 1 for part in parts) and len({part[-shared - 1] for part in parts}) == 1:
        shared += 1
    return " ".join(parts[0][len(parts[0]) - shared :])


def addon_names(addon_ids: Sequence[str]) -> str:
    """Return addons in a sentence."""
    more = f" and {len(addon_ids) - _MOST_NAMES} more" if len(addon_ids) > _MOST_NAMES else ""
    return ", ".join(addon_ids[:_MOST_NAMES]) + more
