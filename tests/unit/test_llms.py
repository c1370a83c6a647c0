# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site's page for AI tools: its links and commands lead to what is there."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "site" / "llms.txt").read_text(encoding="utf-8")
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
FOLDERS = {"ansible-playbook": "playbooks/{}.yml", "ansible-doc": "plugins/modules/{}.py"}


def test_its_links_lead_to_files() -> None:
    links = re.findall(r"\]\((\S+)\)", PAGE)
    assert links
    files = [link.removeprefix(f"{GALAXY['repository']}/blob/main/") for link in links]
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_its_commands_name_what_is_there() -> None:
    commands = re.findall(r"^ {4}(\S+) northflank\.cloud\.(\w+)", PAGE, re.MULTILINE)
    assert len(commands) == len(re.findall(r"^ {4}", PAGE, re.MULTILINE))
    for program, name in commands:
        assert (ROOT / FOLDERS[program].format(name)).is_file(), name


def test_the_links_of_the_ansible_documentation_are_those_of_the_collection() -> None:
    links = yaml.safe_load((ROOT / "docs" / "docsite" / "links.yml").read_text(encoding="utf-8"))
    repository = GALAXY["repository"]
    assert repository.endswith(links["edit_on_github"]["repository"])
    for link in links["extra_links"]:
        assert link["url"].startswith(repository)
        template = re.search(r"template=(\S+)", link["url"])
        assert template is None or (ROOT / ".github" / "ISSUE_TEMPLATE" / template[1]).is_file()
