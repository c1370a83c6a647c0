# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A set of 40 addons, 20 s each, at 50 ms latency: in one task of ours, and as the recipe that people write."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Callable

from sandbox import Assumptions, Sandbox, SystemClock

from .runs import Kitchen, Row, Spent

ADDONS = 40
DURATION = 20.0
LATENCY = 0.05
NAME = "Benchmark"
_URL = "{{ lookup('env', 'NORTHFLANK_API_URL') }}/v1/projects/default-project/addons/{{ item }}/backups"
_HEADERS = {"Authorization": "Bearer {{ lookup('env', 'NORTHFLANK_API_TOKEN') }}"}
_IDS = [f"db-{number}" for number in range(ADDONS)]
# Start each, then look at each until it is complete.
RECIPE: list[dict[str, Any]] = [
    {
        "ansible.builtin.uri": {
            "url": _URL,
            "method": "POST",
            "headers": _HEADERS,
            "body_format": "json",
            "body": {"name": NAME},
        },
        "loop": _IDS,
        "register": "started",
    },
    {
        "ansible.builtin.uri": {"url": _URL, "headers": _HEADERS},
        "loop": _IDS,
        "register": "got",
        "until": "got.json.data.backups | selectattr('status', 'equalto', 'completed') | list | length > 0",
        "retries": 60,
        "delay": 2,
    },
]
OURS: list[dict[str, Any]] = [
    {"northflank.cloud.addon_backup": {"project_id": "default-project", "addon_id": _IDS, "name": NAME}}
]


@dataclass(frozen=True)
class _Set:
    skew: float
    over: float
    wall: float
    requests: int


@contextmanager
def _kitchen(assumptions: Assumptions) -> Iterator[Kitchen]:
    server = Sandbox(
        clock=SystemClock(), assumptions=assumptions, latency=LATENCY, duration=DURATION, rate_limit=10_000
    )
    with tempfile.TemporaryDirectory() as folder, server as sandbox:
        for addon_id in _IDS:
            sandbox.add_addon(addon_id)
        yield Kitchen(sandbox, Path(folder))


def _run(play: Callable[[Kitchen], Spent], assumptions: Assumptions | None = None) -> _Set:
    with _kitchen(assumptions or Assumptions()) as kitchen:
        # What every playbook costs before its first task and after its last one.
        empty = kitchen.play([{"ansible.builtin.meta": "noop"}])
        spent = play(kitchen)
        held = [kitchen.sandbox.backups(addon_id)[0] for addon_id in _IDS]
        requests = len(kitchen.sandbox.requests)
    created, completed = ([_seconds(one[key]) for one in held] for key in ("createdAt", "completedAt"))
    # What comes after the last backup is complete, less what ends every playbook; that is well under half of it.
    over = spent.ended - max(completed)
    return _Set(max(created) - min(created), over, spent.wall - empty.wall, requests)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def measure() -> list[Row]:
    """The recipe, and ours in the controller, as a module, and where the list of addons does not help."""
    recipe = _run(lambda kitchen: kitchen.play(RECIPE))
    ours = _run(lambda kitchen: kitchen.play(OURS))
    module = _run(lambda kitchen: kitchen.play(OURS, variables={"northflank_run_in_controller": False}))
    alone = _run(lambda kitchen: kitchen.play(OURS), Assumptions(addon_status_follows_backup=False))
    most = 3 * ADDONS + 15
    return [
        Row("set of 40, uri recipe: wall time less start-up", recipe.wall, "s"),
        Row("set of 40, uri recipe: requests", recipe.requests),
        Row("set of 40, uri recipe: from the first start to the last", recipe.skew, "s"),
        Row("set of 40: wall time less start-up", ours.wall, "s"),
        Row("set of 40: from the last backup's end to the playbook's", ours.over, "s", 1.5),
        Row("set of 40: requests", ours.requests, "", most),
        Row("set of 40: from the first start to the last", ours.skew, "s", 0.5),
        Row("set of 40, as a module: from the last backup's end to the playbook's", module.over, "s", 1.5),
        Row("set of 40, as a module: requests", module.requests, "", most),
        Row("set of 40, list of addons does not follow: requests an addon", alone.requests / ADDONS, "", 8),
    ]
