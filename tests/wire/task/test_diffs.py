# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``--diff`` shows of each module by Ansible's own callbacks: they take text or a dictionary, and no list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins.loader import callback_loader
from ansible_collections.northflank.cloud.plugins.module_utils._task.task import Outcome

from sandbox import Sandbox, VirtualClock

from .test_results import CASES, Case, result_of

# What the cases begin with, as where their results are looked at.
pytestmark = pytest.mark.assume(schedules_per_addon="interval_and_type", types_told=True)

SHOWN_BY = [("default", "json"), ("default", "yaml"), ("minimal", "json"), ("minimal", "yaml")]
# A report and a drill's evidence say how things are. What has changed since the last one is not told, see their
# documentation.
WITHOUT_A_DIFF = {"info", "options", "report", "evidence"}
WITH_A_DIFF = {case.module for case in CASES if case.module.split("_")[-1] not in WITHOUT_A_DIFF}


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For what a task leaves."""
    monkeypatch.chdir(tmp_path)


def shown(diff: Any, callback: str, result_format: str) -> str:
    """What a person sees of a diff."""
    plugin = callback_loader.get(f"ansible.builtin.{callback}")
    plugin.set_options(direct={"result_format": result_format, "pretty_results": True})
    # A callback changes what it shows.
    text: str = plugin._get_diff(json.loads(json.dumps(diff)))  # noqa: SLF001  # what v2_on_file_diff of all of them shows
    return text


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.module}: {case.title}")
def test_every_diff_can_be_shown(sandbox: Sandbox, clock: VirtualClock, case: Case) -> None:
    case.arguments["_diff"] = True
    try:
        ran = result_of(sandbox, clock, case)
    finally:
        del case.arguments["_diff"]
    assert case.module in WITH_A_DIFF or "diff" not in ran.result
    if "diff" not in ran.result:
        return
    before, after = ran.result["diff"]["before"], ran.result["diff"]["after"]
    for callback, result_format in SHOWN_BY:
        text = shown(ran.result["diff"], callback, result_format)
        assert ("+++ after" in text) == (before != after), text
    assert before != after or not ran.changed or ran.failed


@pytest.mark.parametrize("module", sorted(WITH_A_DIFF))
def test_every_module_that_changes_something_has_a_diff(sandbox: Sandbox, clock: VirtualClock, module: str) -> None:
    case = next(case for case in CASES if case.module == module)
    ran = result_of(sandbox, clock, Case(module, case.title, {**case.arguments, "_diff": True}, before=case.before))
    assert ran.changed
    assert ran.result["diff"]["before"] != ran.result["diff"]["after"]


def test_a_list_is_shown_by_lines_that_come_and_go() -> None:
    outcome = Outcome({}, diff={"before": ["a", "b"], "after": ["b", "c"]})
    diff = outcome.to_result(True)["diff"]
    assert diff == {"before": "a\nb\n", "after": "b\nc\n"}
    lines = shown(diff, "default", "yaml").splitlines()
    assert [line for line in lines if line[:1] in {"-", "+"}][2:] == ["-a", "+c"]
    assert Outcome({}, diff={"before": [], "after": {}}).to_result(True)["diff"] == {"before": "", "after": {}}
    assert "diff" not in outcome.to_result(False)
