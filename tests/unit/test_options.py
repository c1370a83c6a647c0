# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that a module does not have: the one that was meant is told first."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.plugin_utils._options import unknown_options

SPEC: dict[str, Any] = {"project_id": {}, "addon_id": {}, "name": {}, "wait_timeout": {"aliases": ["patience"]}}
MODULE = "northflank.cloud.addon_backup"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["projectId"], "projectId is written project_id here."),
        (["ProjectID"], "ProjectID is written project_id here."),
        (["wait-timeout"], "wait-timeout is written wait_timeout here."),
        (["nmae"], "There is no option nmae. Did you mean name?"),
        (["patiance"], "There is no option patiance. Did you mean patience?"),
        (["xyz"], "There is no option xyz."),
        (["nmae", "addonId"], "addonId is written addon_id here. There is no option nmae. Did you mean name?"),
    ],
)
def test_what_is_meant_is_told_first(given: list[str], said: str) -> None:
    text = unknown_options(MODULE, given, SPEC)
    assert text == f"{said} Nothing was started. All options: ansible-doc {MODULE}"


@pytest.mark.parametrize("given", [[], ["name"], ["patience", "project_id"], ["_raw_params"]])
def test_options_are_no_reason_to_say_anything(given: list[str]) -> None:
    assert unknown_options(MODULE, given, SPEC) is None
