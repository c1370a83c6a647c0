# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation, each run as it stands there."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.modules import addon_backup

from sandbox import Sandbox

from .conftest import Task


def examples(documentation: str, module: str) -> list[tuple[str, dict[str, Any]]]:
    """Title and arguments of each task that uses the module, also of those in blocks."""

    def walk(tasks: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for task in tasks:
            found += walk(task.get("block", []))
            if module in task:
                found.append((task["name"], task[module]))
        return found

    return walk(yaml.safe_load(documentation))


EXAMPLES = examples(addon_backup.EXAMPLES, "northflank.cloud.addon_backup")


@pytest.mark.parametrize(("_title", "arguments"), EXAMPLES, ids=[title for title, _arguments in EXAMPLES])
def test_the_example_works(sandbox: Sandbox, task: Task, _title: str, arguments: dict[str, Any]) -> None:
    assert arguments["addon_id"] in sandbox.addon_ids
    ran = task(**arguments)
    assert not ran.failed, ran.result
    assert ran.changed
