# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show the product: a real playbook against the sandbox, with what a user would type and what a user would see.

Started by ``make demo``. Stops what it started, also on Ctrl-C.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from sandbox import Sandbox, SystemClock  # noqa: E402  # needs the line above, as this folder is run, not imported

SECONDS_FOR_A_BACKUP = 2.5
DATABASES = ("postgres-main", "mysql-orders")
ADDONS = f"pre_deploy_snapshot_addon_ids={','.join(DATABASES)}"
WIDTH = 80
BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")

PROJECT = "project_id=default-project"
# Seen from here, so that the command is short. It stays when the demo is over, as it is there to be opened.
REPORT = "../../../.cache/report"


@dataclass(frozen=True)
class Step:
    """One command, which shows no more than a screen, with a sentence before and after it."""

    before: str
    command: list[str]
    after: str
    ends_with: int = 0


STEPS = [
    Step(
        "Before a deployment, take a snapshot of two databases, and wait until both are complete.",
        ["ansible-playbook", "snapshot.yml", "-e", "release=build-117"],
        "Both are complete, so the deployment may start. The task is changed, because it has done something.",
    ),
    Step(
        "Run the same command again.",
        ["ansible-playbook", "snapshot.yml", "-e", "release=build-117"],
        "It found the two snapshots and took no others. The task is ok, because nothing has changed.",
    ),
    Step(
        "Ask what the next release would do.",
        ["ansible-playbook", "snapshot.yml", "-e", "release=build-118", "--check"],
        "Check mode says that two snapshots would be taken, and starts nothing.",
    ),
    Step(
        "Make a mistake: a snapshot cannot be compressed.",
        [
            "ansible",
            "localhost",
            "-m",
            "northflank.cloud.addon_backup",
            "-a",
            f"{PROJECT} addon_id=postgres-main compression_type=zstd",
        ],
        "The message says which option is wrong and why. Nothing was sent to the API.",
        ends_with=2,
    ),
    Step(
        "Deploy build-118. First, the role's playbook takes a snapshot of both databases.",
        ["ansible-playbook", "northflank.cloud.snapshot", "-e", PROJECT, "-e", "release=build-118", "-e", ADDONS],
        "Now there is something to go back to.",
    ),
    Step(
        "Then the migration of build-118 goes wrong.",
        ["python", "migrate.py"],
        "A table is lost, with all its rows.",
        ends_with=1,
    ),
    Step(
        "Roll back. This works from any machine, and days later, too.",
        ["ansible-playbook", "northflank.cloud.rollback", "-e", PROJECT, "-e", "release=build-118"],
        "The role first kept what it was about to replace, then restored both databases. In a playbook, it does this "
        "automatically when a deployment fails.",
    ),
    Step(
        "See which databases have a fresh backup, and which were forgotten.",
        ["ansible-playbook", "northflank.cloud.report", "-e", PROJECT, "-e", f"dest={REPORT}"],
        "Open that page in a browser. It shows each database with a plot of its backups, the worst first.",
    ),
]


def rows(sandbox: Sandbox) -> list[list[tuple[object, ...]]]:
    """All that the databases hold."""
    tables = [(addon_id, table) for addon_id in DATABASES for table in ("customers", "orders")]
    return [sandbox.query(addon_id, f"SELECT * FROM {table} ORDER BY 1") for addon_id, table in tables]  # noqa: S608


def environment(sandbox: Sandbox) -> dict[str, str]:
    """What a user would export, and what keeps the output short."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "NORTHFLANK_", "NF_"))}
    return {
        **kept,
        "PATH": path,
        "LC_ALL": "C.UTF-8",
        "NORTHFLANK_API_URL": sandbox.url,
        "NORTHFLANK_API_TOKEN": sandbox.token,
        "DEMO_DATABASE": str(sandbox.database("postgres-main")),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "ANSIBLE_NOCOWS": "True",
        # Results as text and not as JSON, and no tasks that had nothing to do.
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "False",
        **({"ANSIBLE_FORCE_COLOR": "True"} if sys.stdout.isatty() else {}),
    }


def say(text: str) -> None:
    """One sentence or two, no wider than a screen."""
    print(f"{BOLD}{textwrap.fill(text, WIDTH)}{PLAIN}", flush=True)


def show(number: int, step: Step, env: dict[str, str]) -> bool:
    """Run one step. Returns whether it ended as expected."""
    print()
    say(f"{number}. {step.before}")
    print(f"{DIM}$ {shlex.join(step.command)}{PLAIN}", flush=True)
    ended = subprocess.run(step.command, cwd=HERE, env=env, check=False, stdin=subprocess.DEVNULL)
    if ended.returncode != step.ends_with:
        print(f"\nThis step did not end as expected: {step.before}", file=sys.stderr)
        return False
    print()
    say(step.after)
    if sys.stdin.isatty() and sys.stdout.isatty():
        input(f"{DIM}Press Enter to go on.{PLAIN}")
    return True


def main() -> int:
    """Run all steps, then tell what the server saw."""
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    with Sandbox(clock=SystemClock(), duration=SECONDS_FOR_A_BACKUP) as sandbox:
        say(
            f"This is a stand-in for Northflank's API, at {sandbox.url}, with real data behind it. All commands are "
            "real, and so is their output."
        )
        env = environment(sandbox)
        (HERE / REPORT).parent.mkdir(exist_ok=True)
        before = rows(sandbox)
        if not all(show(number, step, env) for number, step in enumerate(STEPS, start=1)):
            return 1
        is_back = rows(sandbox) == before
        starts, requests = len(sandbox.writes), len(sandbox.requests)
        held = sum(len(sandbox.backups(addon_id)) for addon_id in sandbox.addon_ids)
        restores = sum(len(sandbox.restores(addon_id)) for addon_id in sandbox.addon_ids)
    print()
    say(
        f"The table with its {len(before[0])} customers {'is back, row for row' if is_back else 'is NOT as it was'}. "
        f"All of this took {requests} requests: {starts - restores} started a backup, and {restores} a restore. "
        "The stand-in is stopped. To try things on your own, run: make sandbox"
    )
    return 0 if is_back and (held, restores, starts) == (6, 2, 8) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left running.")
        sys.exit(130)
