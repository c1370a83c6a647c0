# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release says about itself is true, and says so in one place."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VERSION: str = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
CHANGELOG = ROOT / "changelogs" / "changelog.yaml"
# What may look like it: the version that has brought something, and that of another package.
ELSEWHERE = re.compile(r"\s*version_added: .*|[\w-]+==.*")
HISTORY = ("changelogs/", "CHANGELOG.md")


def repository() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in listed if (ROOT / name).is_file() and not name.startswith(HISTORY)]


def released() -> set[str]:
    """All versions that have a place in the changelog."""
    return set(yaml.safe_load(CHANGELOG.read_text(encoding="utf-8"))["releases"]) if CHANGELOG.exists() else set()


def test_the_version_stands_in_one_place() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), line)
        for path in repository()
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(rf"(?<![\d.]){re.escape(VERSION)}(?!\.?\d)", line) and not ELSEWHERE.fullmatch(line)
    ]
    assert found == [("galaxy.yml", f"version: {VERSION}")]


DOCUMENTED = [path for path in repository() if re.search(r"/plugins/modules/|argument_specs\.yml$", path.as_posix())]


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda path: path.stem)
def test_what_is_new_says_since_when(path: Path) -> None:
    """Nothing claims to have come with a version that there was not."""
    versions = re.findall(r"^\s*version_added: ['\"]?([^'\"\n]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert versions
    assert set(versions) <= {VERSION, *released()}
