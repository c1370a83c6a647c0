# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ad hoc runs through the fixtures of pytest-ansible. The only file that uses them; it can be deleted as a whole.

``test_matrix.py`` has the same runs without it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import Sandbox, SystemClock

# The fixtures set up ansible-core anew for each call, and leave its temporary files open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:AnsibleCollectionFinder has already been configured:UserWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

MODULE = "northflank.cloud.addon_backup"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose backups are complete at once: the modules run as programs, on the real clock."""
    with Sandbox(clock=SystemClock(), duration=0.0) as server:
        monkeypatch.setenv("NORTHFLANK_API_URL", server.url)
        monkeypatch.setenv("NORTHFLANK_API_TOKEN", server.token)
        monkeypatch.setenv("ANSIBLE_PYTHON_INTERPRETER", sys.executable)
        yield server
    # While the filters above hold, and not during somebody else's test.
    gc.collect()


def ad_hoc(localhost: Any, **arguments: Any) -> dict[str, Any]:
    contacted = getattr(localhost, MODULE)(**arguments).contacted
    result: dict[str, Any] = contacted["localhost"]
    return result


def test_the_first_run_changes_and_the_second_does_not(localhost: Any, sandbox: Sandbox) -> None:
    wanted = {"project_id": sandbox.project_id, "addon_id": sandbox.addon_ids[0], "name": "Example Backup"}
    first = ad_hoc(localhost, **wanted)
    second = ad_hoc(localhost, **wanted)
    assert (first["changed"], first["backup"]["action"]) == (True, "created")
    assert (second["changed"], second["backup"]["action"]) == (False, "reused")
    assert second["backup"]["id"] == first["backup"]["id"]
    assert len(sandbox.writes) == 1


def test_a_mistake_is_refused_before_anything_is_sent(localhost: Any, sandbox: Sandbox) -> None:
    result = ad_hoc(localhost, project_id=sandbox.project_id, addon_id=sandbox.addon_ids[0], compression_type="gz")
    assert result["failed"]
    assert "compression_type can be used with backup_type=dump only" in result["msg"]
    assert sandbox.requests == []
