# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of forks share: a snapshot to fork, addons that look like forks, tasks, and faults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.modules import addon_fork

import harness
from sandbox import Fault, LoggedRequest, Sandbox, VirtualClock, addons

from ..conftest import ADDON, Task

TAG = "northflank-cloud-fork"
CREATE = partial(Fault, method="POST", path=r"/addons$")
DELETE = partial(Fault, method="DELETE", path=r"/addons/[^/]+$")
LOST = ["reset", "close", "500", "502", "503", "504", "cut", "garbage", "empty", "wrong-type"]
WHEN = ["before", "after"]


def digits(backup_id: str, addon_id: str = ADDON, project_id: str = "default-project") -> str:
    return hashlib.sha256(f"{project_id}\n{addon_id}\n{backup_id}".encode()).hexdigest()[:6]


@pytest.fixture
def snapshot(sandbox: Sandbox) -> str:
    """The ID of a snapshot that is an hour old."""
    return str(sandbox.add_backup(ADDON, "Nightly")["id"])


@pytest.fixture
def name(snapshot: str) -> str:
    """A name that fits the snapshot."""
    return f"look-{digits(snapshot)}"


@pytest.fixture
def fork(sandbox: Sandbox, clock: VirtualClock) -> Task:
    """Run addon_fork for the first addon; arguments as in a playbook."""
    return partial(harness.run_task, addon_fork, sandbox, clock, source_addon_id=ADDON)


@pytest.fixture
def gone(fork: Task, snapshot: str) -> Task:
    """Run addon_fork to delete a fork of the snapshot."""
    return partial(fork, backup_id=snapshot, state="absent")


def add(
    sandbox: Sandbox,
    addon_id: str,
    tags: tuple[str, ...] = (TAG,),
    kind: str = "postgresql",
    age: float = 600.0,
    **facts: Any,
) -> str:
    """Let there be an addon, as somebody else would make it; returns its uid.

    :param facts: attributes of the sandbox's record.
    """
    with sandbox.world.lock:
        now = sandbox.world.now()
        addon = sandbox.world.add_addon(addon_id, kind, sandbox.project_id, list(tags), now - age)
        for key, value in facts.items():
            setattr(addon, key, value)
        return addon.uid


def add_like(sandbox: Sandbox, fork_name: str, facts: dict[str, Any]) -> None:
    """Let there be an addon with the ID of a fork and other facts; DIGITS in its name are those of the fork's."""
    told = {key: value.replace("DIGITS", fork_name[-6:]) if key == "name" else value for key, value in facts.items()}
    add(sandbox, fork_name, **told)


def exchange(sandbox: Sandbox, addon_id: str, tags: tuple[str, ...] = (TAG,)) -> None:
    """Somebody deletes an addon and makes another one of the same name."""
    sandbox.remove_addon(addon_id)
    sandbox.clock.sleep(1)
    add(sandbox, addon_id, tags, age=0.0)


def delete(sandbox: Sandbox, addon_id: str) -> None:
    """Somebody begins to delete an addon."""
    with sandbox.world.lock:
        addons.delete(sandbox.world, sandbox.world.projects[sandbox.project_id].addons[addon_id])


def forks(sandbox: Sandbox, project_id: str | None = None) -> list[str]:
    """The names of all addons with the tag."""
    with sandbox.world.lock:
        sandbox.world.settle()
        held = sandbox.world.projects[project_id or sandbox.project_id].addons
        return [one.name for one in held.values() if TAG in one.tags]


def sent(sandbox: Sandbox, method: str) -> list[LoggedRequest]:
    return [request for request in sandbox.requests if request.method == method]


def refusal(status: int, message: str) -> list[bytes]:
    """The API's own refusal, as bytes."""
    body = json.dumps({"error": {"status": status, "message": message}}).encode()
    head = f"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return [head.encode() + body]


def without(*keys: str, within: tuple[str, ...] = (), **values: Any) -> Callable[[bytes], list[bytes]]:
    """Make an answer that lacks keys, or has other values.

    :param within: where in the data.
    """

    def told(honest: bytes) -> list[bytes]:
        head, body = honest.split(b"\r\n\r\n", 1)
        answer = json.loads(body)
        part = answer["data"]
        for key in within:
            part = part[key]
        for key in keys:
            part.pop(key, None)
        part.update(values)
        changed = json.dumps(answer).encode()
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        return [b"\r\n".join([*lines, b"Content-Length: %d" % len(changed)]) + b"\r\n\r\n" + changed]

    return told
