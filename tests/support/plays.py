# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks that run as programs against a sandbox, as on a laptop, in a CI job, or beside one another."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import jinja2.meta
import yaml
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import set_name

import harness

if TYPE_CHECKING:
    from sandbox import Sandbox

ROLE = "northflank.cloud.pre_deploy_snapshot"
PROJECT = "default-project"
ADDONS = ["postgres-main", "mysql-orders"]
USUAL = {"project_id": PROJECT, "release": "build-117", "addon_ids": ADDONS}


def variables_of_the_role(**variables: Any) -> dict[str, Any]:
    """Variables with the role's prefix; those that are None are left out."""
    return {f"pre_deploy_snapshot_{name}": value for name, value in variables.items() if value is not None}


def role(entry: str, **variables: Any) -> dict[str, Any]:
    """A task that includes the role; ``variables`` are for this task only."""
    include = {"name": entry, "ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry}}
    return {**include, "vars": variables_of_the_role(**variables)} if variables else include


@dataclass(frozen=True)
class Played:
    """How a run of a playbook ended.

    :ivar output: all that was shown, with line breaks and indentation made into single blanks.
    :ivar screen: the same as it was shown.
    """

    code: int
    output: str
    screen: str

    @property
    def ok(self) -> bool:
        return self.code == 0


class Job:
    """A run of a playbook that is under way, with all processes that it starts."""

    def __init__(self, command: list[str], folder: Path, env: dict[str, str], secret: str) -> None:
        self._secret = secret
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it as a machine that loses its power does."""
        for pid in _family(self._process.pid):
            os.kill(pid, signal.SIGKILL)
        self._process.communicate()

    def orphan(self, how: signal.Signals) -> list[int]:
        """End the main process only, and say what is left: the worker of the task that runs, and its children."""
        _main, *left = _family(self._process.pid)
        self._process.send_signal(how)
        self._process.communicate()
        return left

    def end(self) -> Played:
        """Wait for its end."""
        try:
            output, _nothing = self._process.communicate(timeout=600)
        except subprocess.TimeoutExpired as late:
            self.kill()
            raise AssertionError(f"the playbook does not end; so far it said: {late.output!r}") from late
        assert self._secret not in output, output
        return Played(self._process.returncode, " ".join(output.split()), output)


def runs(pid: int) -> bool:
    """Whether a process is still at work."""
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False).stdout[:1] not in (
        b"",
        b"Z",
    )


def _family(pid: int) -> list[int]:
    """A process and all that it has started; Ansible's workers are no part of its process group."""
    parents = _parents()
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _parents() -> dict[int, int]:
    """Of each process on this machine, the one that started it."""
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return {int(child): int(parent) for child, parent in (line.split() for line in listed.splitlines())}
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # A process may end while it is read.
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return parents


class Plays:
    """Runs playbooks against a sandbox, each as processes of its own, with one folder as the user's home."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self.folder = folder

    def start(self, *arguments: str, program: str = "ansible-playbook") -> Job:
        """Start one of Ansible's programs."""
        env = harness.clean_environment(
            HOME=str(self.folder),
            NORTHFLANK_API_URL=self._sandbox.url,
            NORTHFLANK_API_TOKEN=self._sandbox.token,
            ANSIBLE_NOCOLOR="1",
        )
        place = str(harness.programs() / program)
        return Job([place, *arguments], self.folder, env, self._sandbox.token)

    def tasks(self, tasks: list[dict[str, Any]], *flags: str, **play: Any) -> Played:
        """Run tasks as a play with the role's usual variables; ``play`` sets the play's keywords."""
        named = variables_of_the_role(**{**USUAL, **play.pop("variables", {})})
        book = [{"name": "Test", "hosts": "localhost", "gather_facts": False, "vars": named, "tasks": tasks, **play}]
        (self.folder / "play.yml").write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
        return self.start("play.yml", *flags).end()

    def book(self, plays: list[dict[str, Any]], *flags: str) -> Played:
        """Run several plays as one playbook."""
        (self.folder / "book.yml").write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
        return self.start("book.yml", *flags).end()

    def refusals(self, cases: list[dict[str, Any]]) -> list[str]:
        """Run the role once for each case, all in one play; a case is the variables that are not the usual ones.

        :returns: why each was refused.
        """
        tasks = []
        for number, case in enumerate(cases):
            tell = {"ansible.builtin.debug": {"msg": f"<{number}>{{{{ ansible_failed_result.msg }}}}</{number}>"}}
            accepted = {"ansible.builtin.fail": {"msg": "it was not refused"}}
            tasks.append({"block": [role("main", **{**USUAL, **case}), accepted], "rescue": [tell]})
        # A variable that a case leaves out must not come from the play.
        ran = self.tasks(tasks, variables=dict.fromkeys(USUAL))
        assert ran.ok, ran.output
        return [ran.output.split(f"<{number}>")[1].split(f"</{number}>")[0] for number in range(len(cases))]

    def job(self, playbook: str, release: str = "build-117", *flags: str, **variables: Any) -> Job:
        """Start one of the collection's playbooks by its name; ``variables`` are the role's, without their prefix."""
        extra = {"project_id": PROJECT, "release": release, **variables_of_the_role(**variables)}
        return self.start(f"northflank.cloud.{playbook}", "-e", json.dumps(extra), *flags)

    def snapshot(self, release: str = "build-117", *flags: str, **variables: Any) -> Played:
        """Run the playbook northflank.cloud.snapshot for the usual addons."""
        return self.job("snapshot", release, *flags, **{"addon_ids": ADDONS, **variables}).end()

    def rollback(self, release: str = "build-117", *flags: str, **variables: Any) -> Played:
        """Run the playbook northflank.cloud.rollback."""
        return self.job("rollback", release, *flags, **variables).end()


def checksums(sandbox: Sandbox, addon_ids: list[str] | None = None) -> list[int]:
    """What the live data of addons comes to; equal only if all rows are."""
    return [
        hash(tuple(sandbox.query(addon_id, f"SELECT * FROM {table} ORDER BY 1")))  # noqa: S608  # our own tables
        for addon_id in addon_ids or ADDONS
        for table in ("customers", "orders")
    ]


def destroy(sandbox: Sandbox, addon_ids: list[str] | None = None) -> None:
    """What a migration that went wrong leaves."""
    for addon_id in addon_ids or ADDONS:
        sandbox.execute(addon_id, "DELETE FROM customers")


def migration(sandbox: Sandbox, addon_id: str = "postgres-main", **more: Any) -> dict[str, Any]:
    """A task that destroys an addon's data in the middle of a play."""
    program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM customers'); c.commit()"
    argv = [sys.executable, "-c", program, str(sandbox.database(addon_id))]
    return {"name": "Migrate", "become": False, "ansible.builtin.command": {"argv": argv}, **more}


def variables_of(playbook: str) -> set[str]:
    """The variables that one of the collection's playbooks reads, beside those that every play has."""
    text = (Path(__file__).resolve().parents[2] / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    # A playbook says nothing else in two braces.
    templates = re.findall(r"{{.*?}}", text, re.DOTALL)
    environment = jinja2.Environment(autoescape=False)  # noqa: S701  # nothing is rendered
    # The one of Ansible's filters that stands in playbooks, and that Jinja does not know.
    environment.filters["mandatory"] = str
    return set(jinja2.meta.find_undeclared_variables(environment.parse(" ".join(templates)))) - {
        "given",
        "item",
        "omit",
    }


def told_command(output: str, words: str = "type this: ") -> list[str]:
    """The last command that a run printed behind some words, as a person would type it.

    It stands in a result that Ansible shows as JSON, which some versions show alone. Behind it may come the next way to
    go on, with its number.
    """
    shown = re.match(r'(?:[^"\\]|\\.)*?(?= \([2-9]\) |"|$)', output.rsplit(words, 1)[1])
    assert shown
    return shlex.split(json.loads(f'"{shown.group()}"'))


def first_set(release: str = "build-117", addon_ids: list[str] | None = None) -> str:
    """The name of the first set that a snapshot takes for a release."""
    return set_name(release, addon_ids or ADDONS, 1)


def taken(sandbox: Sandbox, release: str = "build-117", addon_ids: list[str] | None = None, age: float = 0.0) -> None:
    """What the first snapshot for a release has left some seconds ago, where a test begins after it."""
    for addon_id in addon_ids or ADDONS:
        sandbox.add_backup(addon_id, name=first_set(release, addon_ids), age=age)


def names(sandbox: Sandbox, addon_id: str = "postgres-main") -> list[str]:
    """The names of an addon's backups, oldest first."""
    return [str(backup["name"]) for backup in sandbox.backups(addon_id)]
