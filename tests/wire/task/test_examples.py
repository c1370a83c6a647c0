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

from ..conftest import Task


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
    addon_ids = [arguments["addon_id"]] if isinstance(arguments["addon_id"], str) else arguments["addon_id"]
    assert set(addon_ids) <= set(sandbox.addon_ids)
    if arguments.get("state", "present") != "present":
        # What it is about has to be there; under way, if it is to be stopped.
        name = arguments.get("name", "A scheduled one")
        status = "in-progress" if arguments["state"] == "aborted" else "completed"
        sandbox.add_backup(addon_ids[0], name=name, id=arguments.get("backup_id"), status=status, age=1)
    ran = task(**arguments)
    assert not ran.failed, ran.result
    assert ran.changed
