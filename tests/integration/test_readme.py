# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README, taken at its word: its files are written and its commands run, in its order, verbatim."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import harness
from sandbox import Sandbox, SystemClock

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL)
MAKE_ONLY = re.compile(r"(make \w+\n)+")


def blocks() -> list[re.Match[str]]:
    return list(BLOCK.finditer(README))


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    kinds = {(match["language"], bool(match["file"])) for match in blocks()}
    assert kinds == {("sh", False), ("yaml", True)}


def test_the_two_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = [line for match in blocks() if MAKE_ONLY.fullmatch(match["text"]) for line in match["text"].splitlines()]
    assert commands == ["make demo", "make test"]
    for command in commands:
        assert re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE)


@pytest.fixture
def script(tmp_path: Path) -> str:
    """All commands of the README as one session; its files are written into the folder where they run."""
    parts = ["set -euo pipefail"]
    for match in blocks():
        if match["file"]:
            (tmp_path / match["file"]).write_text(match["text"], encoding="utf-8")
        elif not MAKE_ONLY.fullmatch(match["text"]):
            # What builds from the checkout runs in it; everything else runs where the user is.
            here = ROOT if "make build" in match["text"] else tmp_path
            parts.append(f'cd "{here}"\n{match["text"]}')
    return "\n".join(parts)


def test_a_newcomer_who_follows_the_readme_gets_what_it_promises(script: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        ended = subprocess.run(
            ["bash", "-c", script],
            input=sandbox.token + "\n",
            env=harness.clean_environment(HOME=str(home), NORTHFLANK_API_URL=sandbox.url),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        output = ended.stdout + ended.stderr
        assert ended.returncode == 0, output
        assert [write.body for write in sandbox.writes] == [
            {"name": "Before build-117", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "By hand", "backupType": "snapshot"},
            {**sandbox.writes[-1].body, "backupType": "dump", "compressionType": "zstd"},
        ]
        assert sandbox.token not in output
