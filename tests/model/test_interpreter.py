# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interpreter does what ansible-playbook does: the same requests, and the same result of each task.

And it refuses what it does not know, so that no change of the role passes it by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from plays import Plays, destroy

import harness
from sandbox import Assumptions, Sandbox, VirtualClock

from .interpreter import ROOT, Play, TaskFailed, UnknownToInterpreter, compiled_once, parsed
from .model import BOOKS

Data = dict[str, Any]
# Of several, it would be chance which one is served first.
ADDON = "postgres-main"
# What differs from run to run, or from version to version of Ansible: it is made up, counts real requests, or is no
# part of what a play can use.
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{24}\b")
_LEFT_OUT = {"invocation", "warnings", "deprecations", "rate_limit", "exception", "validate_args_context", "failed"}


@dataclass(frozen=True)
class Story:
    """What a play did, without what is made up anew each time."""

    failed: bool
    results: list[tuple[str, str]]
    requests: list[tuple[str, str, str]]


def _plain(told: Any, seen: dict[str, str]) -> str:
    if isinstance(told, dict):
        told = {key: one for key, one in told.items() if key not in _LEFT_OUT and not key.startswith("_ansible")}
    text = json.dumps(told, sort_keys=True)
    return _RANDOM.sub(lambda match: seen.setdefault(match[0], f"random-{len(seen)}"), text)


def _story(failed: bool, results: list[tuple[str, Data]], sandbox: Sandbox) -> Story:
    seen: dict[str, str] = {}
    sent = [(one.method, one.path, json.dumps(one.body, sort_keys=True)) for one in sandbox.requests]
    return Story(
        failed,
        [(action, _plain(result, seen).replace(sandbox.url, "URL")) for action, result in results],
        [(method, _RANDOM.sub("random", path), body) for method, path, body in sent],
    )


# The clock of the machine, which a program looks at, too.
NOW = datetime.now(timezone.utc).isoformat(timespec="seconds")


@pytest.fixture
def servers() -> Iterator[tuple[Sandbox, Sandbox]]:
    """Two of the same, on a time that stands still. What is started is complete at the next look."""
    known = Assumptions(addon_status_follows_backup=False)
    with (
        Sandbox(clock=VirtualClock(NOW), duration=0.0, assumptions=known) as one,
        Sandbox(clock=VirtualClock(NOW), duration=0.0, assumptions=known) as other,
    ):
        yield one, other


@dataclass(frozen=True)
class Case:
    """A run of a play.

    :ivar outcome: of the next backup.
    """

    play: str
    release: str = "v1"
    works: bool = True
    outcome: str | None = None
    restore_outcome: str | None = None
    variables: tuple[tuple[str, Any], ...] = ()
    minutes: int = 10

    def prepared(self, sandbox: Sandbox) -> dict[str, Any]:
        """Let happen what is to happen before it, and return the variables of its play."""
        assert isinstance(sandbox.clock, VirtualClock)
        sandbox.clock.advance(60 * self.minutes)
        destroy(sandbox, [ADDON])
        if self.outcome is not None:
            sandbox.next_outcome(ADDON, self.outcome)
        if self.restore_outcome is not None:
            sandbox.next_restore_outcome(ADDON, self.restore_outcome)
        sandbox.clear_log()
        named = {"project_id": "default-project", "release": self.release, "addon_ids": [ADDON], **dict(self.variables)}
        connection = {"api_url": sandbox.url, "api_token": sandbox.token}
        prefixed = {f"pre_deploy_snapshot_{name}": value for name, value in {**named, **connection}.items()}
        return {**prefixed, "release_works": self.works, "northflank_progress": False}


TEXT = (("keep_last", "1"), ("wait_timeout", "600"), ("keep_within", "1h"), ("rollback_safety", "true"))
STORIES: dict[str, list[Case]] = {
    "deployed, taken back, and again": [
        Case("deploy"),
        Case("deploy", works=False),
        Case("rollback"),
        Case("rollback", release="nowhere"),
    ],
    "what fails": [
        Case("snapshot", outcome="failed"),
        Case("deploy", works=False, restore_outcome="failed"),
        Case("rollback", outcome="failed"),
    ],
    "old ones go": [
        Case("snapshot", release="v1"),
        Case("snapshot", release="v2", minutes=120, variables=(("keep_last", 1), ("keep_within", "1h"))),
        Case("deploy", release="v3", minutes=120, variables=TEXT, works=False),
    ],
}


def _interpreted(case: Case, sandbox: Sandbox) -> Story:
    (book,) = parsed(BOOKS[case.play])
    play = Play({})
    failed = False
    variables = case.prepared(sandbox)
    # As for the other, the server's time does not move by what a job sleeps.
    with compiled_once(), harness.module_timing(harness.virtual(VirtualClock(NOW))):
        try:
            play.plays([{**book, "vars": variables}], ROOT / "playbooks")
        except TaskFailed:
            failed = True
    return _story(failed, [(done.action, done.result) for done in play.done], sandbox)


def _played(case: Case, sandbox: Sandbox, plays: Plays) -> Story:
    (book,) = yaml.safe_load(BOOKS[case.play])
    book["vars"] = case.prepared(sandbox)
    told = plays.folder / "told.jsonl"
    told.write_text("", encoding="utf-8")
    (plays.folder / "play.yml").write_text(yaml.safe_dump([book], sort_keys=False), encoding="utf-8")
    ran = plays.start("play.yml").end()
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    return _story(not ran.ok, [(line["action"], line["result"]) for line in lines], sandbox)


@pytest.mark.parametrize("story", STORIES)
def test_it_does_what_ansible_playbook_does(story: str, servers: tuple[Sandbox, Sandbox], tmp_path: Path) -> None:
    plays = Plays(servers[1], tmp_path)
    place = Path(__file__).parent / "callbacks"
    (tmp_path / "ansible.cfg").write_text(
        f"[defaults]\ncallback_plugins = {place}\ncallbacks_enabled = told\n", encoding="utf-8"
    )
    for case in STORIES[story]:
        ours, theirs = _interpreted(case, servers[0]), _played(case, servers[1], plays)
        assert theirs.results, "the callback has told nothing"
        assert ours.results == theirs.results, case
        assert ours.requests == theirs.requests, case
        assert ours.failed == theirs.failed, case


BASE = "[{hosts: localhost, gather_facts: false, tasks: %s}]"
UNKNOWN = {
    "a keyword of a task": BASE % "[{ansible.builtin.debug: {msg: a}, throttle: 1}]",
    "a keyword of a block": BASE % "[{block: [], environment: {A: b}}]",
    "a keyword of a play": "[{hosts: localhost, gather_facts: false, serial: 1, tasks: []}]",
    "another host": "[{hosts: all, gather_facts: false, tasks: []}]",
    "another machine": BASE % "[{ansible.builtin.debug: {msg: a}, delegate_to: elsewhere}]",
    "a module": BASE % "[{ansible.builtin.command: {cmd: reboot}}]",
    "another role": BASE % "[{ansible.builtin.include_role: {name: northflank.cloud.other}}]",
    "an option of an include": BASE
    % "[{ansible.builtin.include_role: {name: northflank.cloud.x, allow_duplicates: no}}]",
    "a task without an action": BASE % "[{name: a}]",
}


@pytest.mark.parametrize("book", UNKNOWN.values(), ids=UNKNOWN)
def test_it_refuses_what_it_does_not_know(book: str) -> None:
    with pytest.raises((UnknownToInterpreter, FileNotFoundError)):
        Play({}).plays(parsed(book), ROOT / "playbooks")
