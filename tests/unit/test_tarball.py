# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users install: the tarball holds the collection, all of it and nothing else."""

from __future__ import annotations

import re
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written by ansible-galaxy.
MANIFESTS = {"MANIFEST.json", "FILES.json"}
# Of each thing at the top, what may be in it.
ALLOWED = {
    "CHANGELOG.md": "",
    "CODE_OF_CONDUCT.md": "",
    "CONTRIBUTING.md": "",
    "LICENSE": "",
    "LICENSES": r"GPL-3\.0-or-later\.txt",
    "README.md": "",
    "REUSE.toml": "",
    "SECURITY.md": "",
    "changelogs": r"(config|changelog)\.yaml|fragments/([\w.-]+\.yml|\.keep)",
    "docs": r"[\w/-]+\.(md|rst|svg|yml)",
    "meta": r"[\w-]+\.(yml|txt)",
    "playbooks": r"\w+\.yml",
    "plugins": r"[a-z_]+/(_[a-z_]+/)?\w+\.py",
    "roles": r"\w+/(README\.md|(defaults|meta|tasks)/\w+\.yml)",
    "tests": r"[\w/]+\.(py|cjs|json|md|yaml|yml)|integration/(requirements\.txt|targets/\w+/(aliases|runme\.sh))",
}
# What is for the repository only.
LEFT_OUT = r"(\..*|AGENTS\.md|Makefile|galaxy\.yml|pyproject\.toml|requirements-dev\.txt)"
# What makes pages of the guides. The guides themselves are for users.
SITE = "docs/site/"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all files and links in a tarball that was just built."""
    folder = tmp_path_factory.mktemp("tarball")
    subprocess.run([ROOT / ".ci" / "build", folder], check=True, capture_output=True)
    (file,) = folder.glob("northflank-cloud-*.tar.gz")
    with tarfile.open(file) as archive:
        return {member.name for member in archive if not member.isdir()} - MANIFESTS


@pytest.fixture(scope="module")
def repository() -> set[str]:
    """The names of all files that are in the repository, or will be with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name for name in listed if (ROOT / name).exists()}


def test_at_the_top_is_what_belongs_there(tarball: set[str]) -> None:
    assert {name.split("/")[0] for name in tarball} == set(ALLOWED)


def test_every_file_is_of_a_kind_that_belongs_where_it_is(tarball: set[str]) -> None:
    for name in tarball:
        top, _slash, rest = name.partition("/")
        assert re.fullmatch(ALLOWED[top], rest), name


def test_it_holds_all_of_the_repository_that_is_not_for_developing_only(
    tarball: set[str], repository: set[str]
) -> None:
    left_out = {name for name in repository if re.fullmatch(LEFT_OUT, name.split("/")[0]) or name.startswith(SITE)}
    assert tarball == repository - left_out
