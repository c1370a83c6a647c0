# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task costs that has nothing to do: the backup is there."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from sandbox import Sandbox, SystemClock

from .runs import Kitchen, Row, Spent, client_folder, official_client

TIMES = 30
HOSTS = 40
ADDON = "postgres-main"
NAME = "There"
OFF = {"northflank_run_in_controller": False}
_LOOP: dict[str, Any] = {"loop": list(range(TIMES))}
PING: dict[str, Any] = {"ansible.builtin.ping": {}}
OURS: dict[str, Any] = {
    "northflank.cloud.addon_backup": {"project_id": "default-project", "addon_id": ADDON, "name": NAME}
}
_LIST = "{{ lookup('env', 'NORTHFLANK_API_URL') }}/v1/projects/default-project/addons/postgres-main/backups"
_TOKEN = "Bearer {{ lookup('env', 'NORTHFLANK_API_TOKEN') }}"  # noqa: S105  # where it is looked up
URI: dict[str, Any] = {"ansible.builtin.uri": {"url": _LIST, "headers": {"Authorization": _TOKEN}}}


def measure() -> list[Row]:
    """Ratios to ``ansible.builtin.ping`` on the same work, one after the other on one machine."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(clock=SystemClock(), rate_limit=10**6) as sandbox:
        sandbox.add_backup(ADDON, name=NAME)
        kitchen = Kitchen(sandbox, Path(folder), HOSTS)
        # What every playbook costs, whatever is in it; the first run also warms up.
        kitchen.play([{"ansible.builtin.meta": "noop"}])
        empty = kitchen.play([{"ansible.builtin.meta": "noop"}])
        loop = {
            "ping": kitchen.play([{**PING, **_LOOP}]),
            "uri": kitchen.play([{**URI, **_LOOP}]),
            "module": kitchen.play([{**OURS, **_LOOP}], variables=OFF),
            "controller": kitchen.play([{**OURS, **_LOOP}]),
        }
        fleet = {"ping": kitchen.play([PING], hosts="fleet"), "controller": kitchen.play([OURS], hosts="fleet")}
        return [*_in_a_loop(loop, empty), *_on_hosts(fleet), *_official(kitchen, loop["ping"], empty)]


def _in_a_loop(spent: dict[str, Spent], empty: Spent) -> list[Row]:
    def ratio(what: str) -> float:
        return (spent[what].processor - empty.processor) / (spent["ping"].processor - empty.processor)

    each = (spent["ping"].processor - empty.processor) / TIMES
    loop = f"{TIMES} tasks in a loop, processor time"
    return [
        Row(f"{loop}: ansible.builtin.ping, each", each, "s"),
        Row(f"{loop}: ansible.builtin.uri, which lists", ratio("uri"), "x ping"),
        Row(f"{loop}: addon_backup as a module", ratio("module"), "x ping", 1.35),
        Row(f"{loop}: addon_backup in the controller", ratio("controller"), "x ping", 0.2),
    ]


def _on_hosts(spent: dict[str, Spent]) -> list[Row]:
    ratio = spent["controller"].wall / spent["ping"].wall
    hosts = f"{HOSTS} hosts, a task each, wall time"
    return [
        Row(f"{hosts}: ansible.builtin.ping", spent["ping"].wall, "s"),
        Row(f"{hosts}: addon_backup in the controller", ratio, "x ping", 0.4),
    ]


def _official(kitchen: Kitchen, ping: Spent, empty: Spent) -> list[Row]:
    client = official_client()
    if client is None:
        return []
    client_folder(kitchen.folder, kitchen.sandbox)
    arguments = ["get", "addon", "backups", "--projectId", "default-project", "--addonId", ADDON, "-o", "json"]
    once = kitchen.run([str(client), *arguments])
    each = (ping.processor - empty.processor) / TIMES
    return [Row("the official command line client, which lists, processor time", once.processor / each, "x ping")]
