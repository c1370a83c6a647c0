# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page Troubleshooting explains each message that the code can show, in its words, and no other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import messages
import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._task.messages import nothing_started
from ansible_collections.northflank.cloud.plugins.plugin_utils._options import unknown_options

import harness

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
_FEWEST_LETTERS = 10


def entries(page: str) -> dict[str, list[str]]:
    """By heading, the messages that are quoted below it."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^#{2,3} ", page, flags=re.MULTILINE)[1:]:
        heading, rest = part.split("\n", 1)
        assert heading not in found, heading
        found[heading] = [" ".join(line.split()) for line in re.findall(r"^> (.+)$", rest, re.MULTILINE)]
    return found


ENTRIES = entries(PAGE)
QUOTES = [(heading, quote) for heading, quotes in ENTRIES.items() for quote in quotes]


def pattern(words: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in words.split(messages.GAP)))


def explained(message: str) -> list[str]:
    """The headings below which the beginning of a message is quoted."""
    return [heading for heading, quotes in ENTRIES.items() if any(pattern(quote).match(message) for quote in quotes)]


def holds(quote: str, text: str) -> bool:
    """Whether a quote is a part of a text of the code, or holds it."""
    return bool(pattern(quote).search(text) or pattern(text).search(quote))


HINTS = messages.sentences()
TEXTS = sorted(messages.texts() - messages.OTHER_TEXTS)
# What Ansible says by itself where our code has not begun.
NOT_FOUND = "couldn't resolve module/action 'northflank.cloud.addon_info'"
NO_REQUESTS = "Failed to import the required Python library (requests) on "
# What is made of pieces: by Ansible's argument specs, by whole_number of _task/validation.py, and by nothing_started of
# _task/messages.py.
MADE_OF_PIECES = [
    str(unknown_options("northflank.cloud.addon_backup", ["nmae"], {"name": {}})),
    str(unknown_options("northflank.cloud.addon_backup", ["projectId"], {"project_id": {}})),
    "missing required arguments: addon_id",
    "value of backup_type must be one of: snapshot, dump, got: copy",
    "api_timeout must be at least 1 seconds; got -5.",
    "concurrency must be from 1 to 64 requests at once; got 65.",
    nothing_started(BackupError("timed out before the operation finished")),
]
SAID = [
    *messages.role_messages(),
    *(message for hint in HINTS.values() for message in hint),
    NOT_FOUND,
    NO_REQUESTS,
    *MADE_OF_PIECES,
]


def test_the_samples_bring_forth_all_texts_of_the_messages() -> None:
    assert messages.untold() == []


@pytest.mark.parametrize("hint", HINTS)
def test_each_hint_has_one_entry(hint: str) -> None:
    assert HINTS[hint]
    for message in HINTS[hint]:
        assert len(explained(message)) == 1, (message, explained(message))


@pytest.mark.parametrize("message", messages.role_messages())
def test_what_the_role_says_has_one_entry(message: str) -> None:
    assert len(explained(message)) == 1, explained(message)


@pytest.mark.parametrize("text", TEXTS)
def test_each_other_message_is_quoted(text: str) -> None:
    assert any(holds(quote, text) for _heading, quote in QUOTES), text


@pytest.mark.parametrize("message", MADE_OF_PIECES)
def test_what_is_made_of_pieces_has_one_entry(message: str) -> None:
    assert len(explained(message)) == 1, explained(message)


@pytest.mark.parametrize(("_heading", "quote"), QUOTES)
def test_no_quote_is_stale_or_fits_everything(_heading: str, quote: str) -> None:
    assert any(pattern(quote).match(message) for message in SAID) or any(holds(quote, text) for text in TEXTS)
    assert len(re.sub(r"[^A-Za-z]", "", quote)) >= _FEWEST_LETTERS or quote in TEXTS


def test_no_exception_is_stale() -> None:
    assert messages.texts() >= messages.OTHER_TEXTS


def test_real_messages_have_an_entry() -> None:
    """Those in the tables of the promises, which are made by real tasks."""
    table = (ROOT / "docs" / "what-we-promise.md").read_text(encoding="utf-8").split("<!-- table: bad input -->")[1]
    rows = re.findall(r"^\| `.*` \| (.*) \|$", table.split("<!-- end -->")[0], re.MULTILINE)
    assert len(rows) > 30
    for row in rows:
        message = re.sub(r"\\([|<>*_\\])", r"\1", row)
        assert len(explained(message)) == 1, (message, explained(message))


def test_without_the_collection_ansible_says_so(tmp_path: Path) -> None:
    environment = harness.clean_environment(
        HOME=str(tmp_path), ANSIBLE_COLLECTIONS_PATH=str(tmp_path), ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false"
    )
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"northflank.cloud.addon_info": {}}]}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    program = str(Path(sys.executable).parent / "ansible-playbook")
    ended = subprocess.run(
        [program, "play.yml"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode != 0
    assert NOT_FOUND in " ".join((ended.stdout + ended.stderr).split())
    assert len(explained(NOT_FOUND)) == 1


def test_without_requests_the_module_says_so() -> None:
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"project_id": "default-project"}})
    words = f"import sys, runpy; sys.modules['requests'] = None; sys.argv[1:] = [{arguments!r}]; "
    run = "runpy.run_module('ansible_collections.northflank.cloud.plugins.modules.addon_info', run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", words + run], capture_output=True, text=True, check=False, timeout=60)
    message = json.loads(ended.stdout)["msg"]
    assert message.startswith(NO_REQUESTS)
    assert len(explained(message)) == 1
