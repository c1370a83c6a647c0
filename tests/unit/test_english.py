# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain English: phrases that readers stumbled over do not come back. CONTRIBUTING says how to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What people read: pages, options, messages. The tests and the sandbox speak to nobody but us.
READ = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "roles/**/*", "playbooks/*", "plugins/**/*.py")
    for path in ROOT.glob(pattern)
    if path.suffix in {".md", ".yml", ".py"} and path.name not in {"CHANGELOG.md", "AGENTS.md"}
)
STIFF = [
    "in a way that nobody thought of",
    "What was done until then is told in the result",
    "Bring it to run",
    "Bring them to run",
    "no backup to rely on",
    "is not to be relied on: ",
    "What has the name is",
    "left alone, as it is not proved",
    "holds blanks",
    "the deadline came before the end",
    "in a state that passes, such as",
    "the news is late",
    "roll back by itself",
    "rolls back by itself",
    "not for ever",
    "none to rely on in the end",
    "what is gone at the API goes",
    "makes pages of them",
    "d w behind it",
    "or C(w) behind it",
    "characters that no token has",
    "leave it out of addon_id",
    "out of a state that passes",
    "another state that passes",
    "what is missing comes",
    "stand in the address",
    "stands in the address",
]


def flat(text: str) -> str:
    """Return a text as one line, its string literals joined as Python joins them."""
    return " ".join(re.sub(r'"\s*\n\s*f?"', "", text).split())


@pytest.mark.parametrize("path", READ, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_people_read_is_plain(path: Path) -> None:
    text = flat(path.read_text(encoding="utf-8"))
    assert [phrase for phrase in STIFF if phrase in text] == []


def test_a_phrase_is_found_across_lines_and_literals() -> None:
    assert flat('"There is no backup "\n        f"to rely on."') == '"There is no backup to rely on."'
    assert flat("Bring it\n    to run") == "Bring it to run"
