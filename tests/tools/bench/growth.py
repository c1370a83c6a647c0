# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a task grows with its addons: each size in a process of its own, against a sandbox in this one."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from sandbox import Sandbox, SystemClock

from .runs import ROOT, Row, spend

SIZES = (1, 10, 100, 500)
DURATION = 3.0
_UTILS = "ansible_collections.northflank.cloud.plugins.module_utils"
# All but the one file that is made for AnsibleModule.
_FILES = sorted(
    f"{_UTILS}.{path.parent.stem}.{path.stem}"
    for path in (ROOT / "plugins" / "module_utils").glob("*/*.py")
    if path.stem != "module"
)
_IMPORT = f"""
import time
import requests
began = time.process_time()
import {", ".join(_FILES)}
print(time.process_time() - began)
"""
_CHILD = """
import json, re, sys, time
from pathlib import Path
from ansible_collections.northflank.cloud.plugins.module_utils._backup import engine
from ansible_collections.northflank.cloud.plugins.module_utils._backup.member import Settings
from ansible_collections.northflank.cloud.plugins.module_utils._backup.plan import Wanted
from ansible_collections.northflank.cloud.plugins.module_utils._task.connection import Connection, connect
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Target
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Deadline, Timing
url, token, ids = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
api = connect(Connection(Target(url, token), None, 5), "default-project", Deadline(Timing(), 600.0))
before, began = time.process_time(), time.monotonic()
members = engine.run(api, [Wanted(one, name="Benchmark") for one in ids], Settings(concurrency=16))
assert all(member.error is None for member in members), [member.error for member in members if member.error][0]
print(json.dumps({
    "processor": time.process_time() - before, "wall": time.monotonic() - began, "requests": api.client.requests,
    "memory": int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]),
}))
"""


def measure() -> list[Row]:
    """Time, requests, processor time and memory for each size."""
    seen = {size: _run(size) for size in SIZES}
    smallest, largest = seen[SIZES[0]], seen[SIZES[-1]]
    rows = [
        Row(f"{size} addons: {what}", seen[size][key] * factor, unit)
        for size in SIZES
        for what, key, factor, unit in (
            ("wall time beside the backups' own", "beside", 1.0, "s"),
            ("requests", "requests", 1.0, ""),
            ("processor time", "processor", 1.0, "s"),
            ("peak memory", "memory", 1 / 1024, "MB"),
        )
    ]
    return [
        *rows,
        Row("500 addons: peak memory", largest["memory"] / smallest["memory"], "x one addon's", 1.5),
        Row(
            "500 addons: processor time for each",
            largest["processor"] / SIZES[-1] / (seen[10]["processor"] / 10),
            "x that of 10",
            1.0,
        ),
        Row(
            "importing all of module_utils, beside requests",
            _imported() * 1000,
            "ms",
            25,
        ),
    ]


def _imported() -> float:
    """Seconds of processor time, with compiled files at hand, as Python keeps them for what is installed."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        # The first one compiles.
        return min(float(spend([sys.executable, "-c", _IMPORT], Path(folder), **compiled).output) for _time in range(5))


def _run(size: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(clock=SystemClock(), duration=DURATION, rate_limit=100_000) as sandbox,
    ):
        ids = [f"db-{number}" for number in range(size)]
        for addon_id in ids:
            sandbox.add_addon(addon_id)
        command = [sys.executable, "-c", _CHILD, sandbox.url, sandbox.token, json.dumps(ids)]
        told: dict[str, float] = json.loads(spend(command, Path(folder)).output)
    return {**told, "beside": told["wall"] - DURATION}
