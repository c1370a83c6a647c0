# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the backup of a whole fleet takes, by the way it is done: requests, refusals, time. On a clock of its own.

``python tests/tools/bench/fleets.py`` writes the tables of docs/fleets.md, in some minutes; with words, only those.
Nothing in them is left to chance: of all tasks that run side by side, one at a time goes on until it sleeps, and the
clock moves when all do.
"""

from __future__ import annotations

import heapq
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Deadline, Timing
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import ApiTarget
from ansible_collections.northflank.cloud.plugins.module_utils._backup.engine import run_backups
from ansible_collections.northflank.cloud.plugins.module_utils._backup.plan import BackupSpec
from ansible_collections.northflank.cloud.plugins.module_utils._task.connection import Connection, connect
from ansible_collections.northflank.cloud.plugins.module_utils._task.members import RunOptions
from ansible_collections.northflank.cloud.plugins.plugin_utils._inventory import Host, read_hosts

from sandbox import Sandbox
from sandbox.clock import posix

PROJECTS = ("default-project", "staging-project", "third-project")
LIMIT = 1000
PATIENCE = 1800.0
NAME = "Nightly"


class Relay:
    """A virtual clock for threads of which one at a time may run; it moves on when all of them sleep."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._sleeping: list[tuple[float, int]] = []
        self._turns: list[threading.Semaphore] = []
        self._me = threading.local()
        self.start = posix("2026-03-01T12:00:00Z")

    def now(self) -> float:
        return self.start + self._passed

    def monotonic(self) -> float:
        return self._passed

    def tick(self) -> None:
        """A request takes no time."""

    def sleep(self, seconds: float) -> None:
        """Let the others run until it is this thread's time again."""
        number = self._me.number
        heapq.heappush(self._sleeping, (self._passed + seconds, number))
        self._hand_over()
        self._turns[number].acquire()

    def run(self, works: Sequence[Callable[[], None]]) -> None:
        """Run calls in threads of their own, and return when all have ended."""
        self._turns = [threading.Semaphore(0) for _work in works]
        self._sleeping = [(self._passed, number) for number in range(len(works))]
        threads = [threading.Thread(target=self._take_part, args=pair) for pair in enumerate(works)]
        for thread in threads:
            thread.start()
        self._hand_over()
        for thread in threads:
            thread.join()

    def _take_part(self, number: int, work: Callable[[], None]) -> None:
        self._me.number = number
        self._turns[number].acquire()
        try:
            work()
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._sleeping:
            due, number = heapq.heappop(self._sleeping)
            self._passed = max(self._passed, due)
            self._turns[number].release()


@dataclass(frozen=True)
class Figures:
    """What a fleet took.

    :ivar requests: all that the server saw.
    :ivar refused: of these, how many it refused for the rate.
    :ivar failed: addons whose task failed.
    :ivar seconds: from the first request to the last answer.
    """

    requests: int
    refused: int
    failed: int
    seconds: float


Way = Callable[[Relay, Callable[[str], Connection], list[Host]], int]


def one_task_each(forks: int, share: float | None = None) -> Way:
    """A task for each addon, so many side by side.

    :param share: the budget_share of each; None for the fair one, 1 / addons.
    """

    def way(relay: Relay, connection: Callable[[str], Connection], hosts: list[Host]) -> int:
        todo, failed = list(hosts), []

        def fork() -> None:
            while todo:
                host = todo.pop(0)
                settings = RunOptions(budget_share=share or 1 / len(hosts))
                if not back_up(relay, connection(host.project_id), host.project_id, [host.addon.id], settings):
                    failed.append(host)

        relay.run([fork] * min(forks, len(hosts)))
        return len(failed)

    return way


def one_task_a_project(relay: Relay, connection: Callable[[str], Connection], hosts: list[Host]) -> int:
    """A task for all addons of a project, one project after the other."""
    failed = 0

    def all_of_them() -> None:
        nonlocal failed
        for project_id in PROJECTS:
            addon_ids = [host.addon.id for host in hosts if host.project_id == project_id]
            if not back_up(relay, connection(project_id), project_id, addon_ids, RunOptions()):
                failed += len(addon_ids)

    relay.run([all_of_them])
    return failed


def back_up(
    relay: Relay, connection: Connection, project_id: str, addon_ids: Sequence[str], settings: RunOptions
) -> bool:
    """Run one task, as the module would; whether it is a success."""
    timing = Timing(monotonic=relay.monotonic, sleep=relay.sleep, chance=lambda: 0.5, wall=relay.now)
    api = connect(connection, project_id, Deadline(timing, PATIENCE))
    return not any(
        member.error for member in run_backups(api, [BackupSpec(one, name=NAME) for one in addon_ids], settings)
    )


def measure(way: Way, addons: int, duration: float, limit: int = LIMIT) -> Figures:
    """Back up a fleet of three projects, read as the inventory does."""
    relay = Relay()
    with Sandbox(clock=relay, duration=duration, rate_limit=limit) as sandbox:
        for addon_id in sandbox.addon_ids:
            sandbox.remove_addon(addon_id)
        sandbox.remove_addon("postgres-staging")
        for number in range(addons):
            sandbox.add_addon(f"db-{number:03}", project_id=PROJECTS[number % len(PROJECTS)])

        def connection(_project_id: str) -> Connection:
            return Connection(ApiTarget(sandbox.url, sandbox.token), None, 5)

        timing = Timing(monotonic=relay.monotonic, sleep=relay.sleep, chance=lambda: 0.5, wall=relay.now)
        hosts = read_hosts(connect(connection(""), "", Deadline(timing, PATIENCE)), None)
        failed = way(relay, connection, hosts)
        requests = sandbox.requests
        taken = [len(sandbox.backups(host.addon.id, host.project_id)) for host in hosts]
        if max(taken) > 1:
            raise SystemExit("an addon was backed up twice")
    refused = sum(request.status == 429 for request in requests)
    return Figures(len(requests), refused, failed, relay.monotonic())


# Ansible's own strategies keep as many tasks under way as there are forks.
WAYS: dict[str, Way] = {
    "one task each": one_task_each(20, 0.5),
    "one task each, fair share": one_task_each(20),
    "one task for each project": one_task_a_project,
}
PAGE = Path(__file__).resolve().parents[3] / "docs" / "fleets.md"
SIZES = (20, 50, 100, 200, 300)
DURATIONS = (60.0, 600.0)
LIMITS = (500, 1000, 2000, 5000)
HOUR = 3600.0
# Differences below this are none.
STEP = 5


def cost(addons: int, duration: float) -> str:
    """A row of the table of costs."""
    cells = []
    for way in WAYS.values():
        figures = measure(way, addons, duration)
        outcome = f"**{figures.failed} failed**" if figures.failed else f"{figures.seconds / 60:.0f} min"
        cells.append(f"{figures.requests} requests, {outcome}")
    return f"| {addons} | {duration / 60:g} min | {' | '.join(cells)} |"


def fit(limit: int, duration: float = 60.0) -> str:
    """A row of the table of what fits into a limit."""
    return f"| {limit} | {' | '.join(str(most(way, limit, duration)) for way in WAYS.values())} |"


def most(way: Way, limit: int, duration: float) -> int:
    """How many addons are all backed up within the hour, and no request is refused."""
    fits, too_many = 0, limit // 3 + STEP
    while too_many - fits > STEP:
        addons = (fits + too_many) // 2 // STEP * STEP
        addons = addons if addons > fits else fits + STEP
        if addons >= too_many:
            break
        figures = measure(way, addons, duration, limit)
        if figures.failed or figures.refused or figures.seconds > HOUR:
            too_many = addons
        else:
            fits = addons
    return fits


def costs() -> list[str]:
    """The table of what fleets cost."""
    rows = [cost(addons, duration) for addons in SIZES for duration in DURATIONS]
    return [f"| addons | a backup takes | {' | '.join(WAYS)} |", "|---|---|---|---|---|", *rows]


def fits() -> list[str]:
    """The table of what fits."""
    return [f"| requests an hour | {' | '.join(WAYS)} |", "|---|---|---|---|", *map(fit, LIMITS)]


TABLES: dict[str, Callable[[], list[str]]] = {"costs": costs, "fits": fits}


def main(names: Sequence[str]) -> None:
    """Write tables into the page."""
    for name in names or TABLES:
        rows = TABLES[name]()
        # Read late, as this takes long.
        head, rest = PAGE.read_text(encoding="utf-8").split(f"<!-- table: {name} -->\n")
        tail = rest.split("<!-- end -->", 1)[1]
        text = "\n".join([f"{head}<!-- table: {name} -->", "", *rows, "", "<!-- end -->"]) + tail
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
