# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of pages that tests and programs know better than any author.

``python tests/support/pages.py`` writes them; a test fails where a page is not what it would write.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def bad_input() -> list[str]:
    """Each bad argument of addon_backup, with the message that a user reads."""
    from ansible_collections.northflank.cloud.plugins.modules.addon_backup import ARGUMENTS
    from ansible_collections.northflank.cloud.plugins.plugin_utils._options import unknown_options
    from wire.conftest import backup_task
    from wire.task.test_refusals import BAD_INPUT

    from sandbox import Sandbox, VirtualClock

    rows = ["| given | message |", "|---|---|"]
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    home = os.environ.get("HOME", "")
    with tempfile.TemporaryDirectory() as empty, Sandbox(clock=clock) as sandbox:
        os.environ["HOME"] = empty
        try:
            for arguments, _words in BAD_INPUT:
                message = unknown_options("northflank.cloud.addon_backup", arguments, ARGUMENTS)
                message = message or backup_task(sandbox, clock, **arguments).msg.replace(empty, "~")
                given = ", ".join(f"{option}: {value!r}" for option, value in arguments.items() if value is not None)
                rows.append(f"| {_code(given) or 'without ' + _code(next(iter(arguments)))} | {_cell(message)} |")
        finally:
            os.environ["HOME"] = home
    return rows


def hostile_answers() -> list[str]:
    """Each answer that no honest API gives, with what the message says about it."""
    from wire.api.test_hostile import HOSTILE

    return [
        "| answer | message |",
        "|---|---|",
        *(f"| {_cell(what)} | ... {_cell(words)} ... |" for what, _answer, words in HOSTILE),
    ]


def assumptions_found_out() -> list[str]:
    """Each assumption of the contract that the real API can be asked about."""
    from live import page

    return page.found_out()


def assumptions_not_asked() -> list[str]:
    """The others, each with the reason."""
    from live import page

    return page.not_asked()


# The tables of each page.
TABLES: dict[str, dict[str, Callable[[], list[str]]]] = {
    "what-we-promise.md": {"bad input": bad_input, "hostile answers": hostile_answers},
    "try-it-on-the-real-api.md": {"found out": assumptions_found_out, "not asked": assumptions_not_asked},
}


def written(page: str, text: str) -> str:
    """A page with its tables as they should be."""
    for name, make in TABLES[page].items():
        head, rest = text.split(f"<!-- table: {name} -->\n")
        tail = rest.split("<!-- end -->", 1)[1]
        text = "\n".join([f"{head}<!-- table: {name} -->", "", *make(), "", "<!-- end -->"]) + tail
    return text


def _code(text: str) -> str:
    shown = text.replace("|", "\\|").replace("`", "'")
    return f"`{shown if len(shown) <= 80 else shown[:77] + '...'}`" if text else ""


def _cell(text: str) -> str:
    return re.sub(r"([|<>*_\\])", r"\\\1", " ".join(text.split()))


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "support")]
    # Lets Ansible's importer load the collection.
    importlib.import_module("conftest")

    for name in TABLES:
        (DOCS / name).write_text(written(name, (DOCS / name).read_text(encoding="utf-8")), encoding="utf-8")
