# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make live`` against the sandbox: whatever that assumes, the program finds it out, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest

import harness
from live import cli
from live.probes import NOT_ASKED, PROBES
from sandbox import Assumptions, Sandbox, VirtualClock, assumptions

ADDON, TWIN, REDIS, PAUSED = "postgres-main", "postgres-twin", "redis-cache", "postgres-paused"
PROJECT = "default-project"
# No assumption of the contract: which of the orders "shuffled" is.
_NO_ASSUMPTIONS = {"shuffle_seed"}


@dataclass
class Run:
    """One run of the program.

    :ivar lines: what it printed, each with the number of requests that the sandbox had seen by then.
    """

    code: int
    lines: list[tuple[int, str]]
    file: dict[str, Any]
    text: str

    @property
    def found(self) -> dict[str, str]:
        return {each["assumption"]: each["value"] for each in self.file["found"]}

    @property
    def printed(self) -> str:
        return "\n".join(line for _seen, line in self.lines)


@dataclass
class Server:
    """A sandbox with its clock, and the program to be run against it."""

    sandbox: Sandbox
    clock: VirtualClock
    folder: Path
    addon: str = ADDON
    environment: dict[str, str] = field(default_factory=dict)
    on_sleep: Callable[[float], None] | None = None

    def run(self, *arguments: str, writes: bool = False, answer: str | None = None) -> Run:
        lines: list[tuple[int, str]] = []
        out = self.folder / "live.json"
        given = ["--project", PROJECT, "--addon", self.addon, "--out", str(out), *arguments]
        if writes:
            given += ["--write", "1"]
        code = cli.main(
            given,
            {
                "NORTHFLANK_API_URL": self.sandbox.url,
                "NORTHFLANK_API_TOKEN": self.sandbox.token,
                "HOME": str(self.folder),
            }
            | self.environment,
            harness.virtual(self.clock, self.on_sleep),
            lambda _question: self.addon if answer is None else answer,
            lambda line: lines.append((len(self.sandbox.requests), line)),
        )
        text = out.read_text(encoding="utf-8") if out.exists() else "{}"
        return Run(code, lines, json.loads(text), text)


@pytest.fixture
def serve(tmp_path: Path) -> Any:
    """A sandbox for some assumptions. What it did against the contract fails the test at its end."""
    started: list[Sandbox] = []

    def start(**assumed: Any) -> Server:
        clock = VirtualClock(start="2026-03-01T12:00:00Z")
        sandbox = Sandbox(clock=clock, assumptions=Assumptions(**assumed), duration=8.0)
        sandbox.start()
        started.append(sandbox)
        return Server(sandbox, clock, tmp_path)

    yield start
    for sandbox in started:
        sandbox.__exit__(None, None, None)


def left_behind(sandbox: Sandbox) -> list[str]:
    return [
        *(str(backup["name"]) for backup in sandbox.backups(ADDON) if str(backup["name"]).startswith("Live check")),
        *(str(schedule["id"]) for schedule in sandbox.schedules(ADDON)),
    ]


# What some assumptions need before they show: further ones, or another addon, or a history.


@dataclass(frozen=True)
class Circumstances:
    """What has to be so for an assumption to show."""

    addon: str = ADDON
    assumed: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[Server], None] = lambda _server: None


def long_history(server: Server) -> None:
    for number in range(101):
        server.sandbox.add_backup(ADDON, f"Night {number}", age=3600.0 * (number + 1))


def restored_elsewhere(server: Server) -> None:
    sandbox = server.sandbox
    sandbox.add_addon(TWIN)
    backup = sandbox.add_backup(ADDON, "For the twin")
    with sandbox.world.lock:
        from sandbox import restores

        source = sandbox.world.addon(PROJECT, ADDON)
        restores.start(sandbox.world, sandbox.world.addon(PROJECT, TWIN), source.backups[backup["id"]], source)
    server.clock.advance(60.0)


def used_up(server: Server) -> None:
    server.sandbox.set_rate(0)


CIRCUMSTANCES: dict[str, Circumstances] = {
    "max_page_size_served": Circumstances(prepare=long_history),
    "failed_names_free": Circumstances(assumed={"names_unique": True}),
    "not_running": Circumstances(addon=PAUSED),
    "unsupported_dump": Circumstances(addon=REDIS),
    "last_restore_counts_other_addons": Circumstances(prepare=restored_elsewhere),
    "retry_after": Circumstances(prepare=used_up),
}
# Values of what may be any number.
NUMBERS: dict[str, list[Any]] = {"link_lifetime": [900, 60], "max_page_size_served": [None, 2]}


def values(key: str) -> list[Any]:
    """All values that an assumption can have in the sandbox."""
    if key in NUMBERS:
        return NUMBERS[key]
    if key in assumptions._CHOICES:  # noqa: SLF001  # the one place that knows them
        return list(assumptions._CHOICES[key])  # noqa: SLF001
    default = getattr(Assumptions(), key)
    assert isinstance(default, bool), f"{key} has neither choices nor numbers here"
    return [False, True]


def spelled(value: Any) -> str:
    """A value as the command line of the sandbox takes it, which is how the program tells it."""
    return {None: "none", True: "true", False: "false"}.get(value, str(value))


SWITCHES = [each.name for each in fields(Assumptions) if each.name not in _NO_ASSUMPTIONS]
CASES = [(key, value) for key in SWITCHES if key not in NOT_ASKED for value in values(key)]


@pytest.mark.parametrize(("key", "value"), CASES, ids=spelled)
def test_each_value_of_each_assumption_is_found_out(serve: Any, key: str, value: Any) -> None:
    """The end of each run is that nothing is left, too."""
    needed = CIRCUMSTANCES.get(key, Circumstances())
    server: Server = serve(**{**needed.assumed, key: value})
    server.addon = needed.addon
    needed.prepare(server)
    ran = server.run(writes=True)
    assert ran.found.get(key) == spelled(value), ran.printed
    assert PROBES[key].knows(spelled(value))
    assert left_behind(server.sandbox) == []


def test_every_switch_has_a_probe_or_a_reason() -> None:
    assert set(SWITCHES) <= set(PROBES) | set(NOT_ASKED)
    assert not set(PROBES) & set(NOT_ASKED)
