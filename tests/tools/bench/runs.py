# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole programs, run and measured: wall time, processor time with all that they start."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import harness
from sandbox import Sandbox

PROGRAMS = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[3]
HOSTS = "hosts.ini"


@dataclass(frozen=True)
class Spent:
    """What a program took, in seconds.

    :ivar processor: of the program and all that it has started, which has ended by then.
    :ivar ended: when it ended, in seconds since 1970.
    """

    wall: float
    processor: float
    ended: float
    output: str = ""


@dataclass(frozen=True)
class Row:
    """One figure, and what it should be.

    :ivar goal: the most that is good; None for a figure that others are compared with.
    """

    what: str
    value: float
    unit: str = ""
    goal: float | None = None

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "met" if self.value <= self.goal else "NOT MET"


def spend(command: list[str], folder: Path, **environment: str) -> Spent:
    """Run a program to its end.

    :raises SystemExit: it failed, so that there is nothing to measure.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    ended = subprocess.run(
        command,
        cwd=folder,
        env=harness.clean_environment(HOME=str(folder), ANSIBLE_NOCOLOR="1", **environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode != 0:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{ended.stdout[-3000:]}\n{ended.stderr[-2000:]}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, processor, time.time(), ended.stdout)


class Kitchen:
    """A folder for playbooks that run against a sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path, hosts: int = 40) -> None:
        self.sandbox, self.folder = sandbox, folder
        names = "\n".join(f"host-{number}" for number in range(hosts))
        text = f"[fleet]\n{names}\n[fleet:vars]\nansible_connection=local\n"
        (folder / HOSTS).write_text(text, encoding="utf-8")

    def play(
        self, tasks: list[dict[str, Any]], hosts: str = "localhost", variables: dict[str, Any] | None = None
    ) -> Spent:
        """Run tasks as a playbook."""
        book = [{"hosts": hosts, "gather_facts": False, "vars": variables or {}, "tasks": tasks}]
        (self.folder / "play.yml").write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
        inventory = ["-i", HOSTS] if hosts != "localhost" else []
        return self.run([str(PROGRAMS / "ansible-playbook"), *inventory, "play.yml"])

    def run(self, command: list[str], **environment: str) -> Spent:
        """Run a program that finds the sandbox in its environment."""
        sandbox = self.sandbox
        return spend(
            command,
            self.folder,
            NORTHFLANK_API_URL=sandbox.url,
            NORTHFLANK_API_TOKEN=sandbox.token,
            ANSIBLE_PYTHON_INTERPRETER=sys.executable,
            **environment,
        )


def official_client() -> Path | None:
    """The official command line client, where Node is and the tests have installed it."""
    found = sorted((ROOT / ".cache" / "node").glob("*/node_modules/.bin/northflank"))
    return found[-1] if found and shutil.which("node") else None


def client_folder(folder: Path, sandbox: Sandbox) -> None:
    """What the official client reads when it is logged in."""
    config = folder / ".northflank" / "config.json"
    config.parent.mkdir(exist_ok=True)
    context = {"name": "bench", "host": sandbox.url, "token": sandbox.token}
    config.write_text(json.dumps({"contexts": [context], "current": "bench"}), encoding="utf-8")
    config.chmod(0o600)
