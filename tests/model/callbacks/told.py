# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what each task of ansible-playbook has done into a file, which a test compares with the interpreter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: told
type: notification
short_description: Write what each task has done into a file
description: Writes what each task has done into the file told.jsonl, one line for each.
"""


class CallbackModule(CallbackBase):
    """One line for each result that is none of a loop or an include."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "told"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        self._tell(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        self._tell(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._tell(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._tell(result)

    def _tell(self, result: Any) -> None:
        task, told = result._task, result._result  # noqa: SLF001  # the names that all versions have
        if "results" in told or "include" in str(task.action):
            return
        with Path("told.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"action": str(task.action), "result": told}, default=str) + "\n")
