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
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from sandbox import Sandbox, SystemClock  # noqa: E402  # needs the line above, as this folder is run, not imported

SECONDS_FOR_A_BACKUP = 2.5
DATABASES = ("postgres-main", "mysql-orders")
BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")

STEPS = [
    (
        "1. A first run takes a snapshot of two databases together and waits until both are complete: changed.",
        ["ansible-playbook", "snapshot.yml", "-e", "release=build-117"],
        0,
    ),
    (
        "2. The same command again finds them: ok, and no second backup.",
        ["ansible-playbook", "snapshot.yml", "-e", "release=build-117"],
        0,
    ),
    (
        "3. In check mode, the next release's snapshots are planned, and nothing is started.",
        ["ansible-playbook", "snapshot.yml", "-e", "release=build-118", "--check", "--diff"],
        0,
    ),
    (
        "4. A mistake is refused before anything is sent: a snapshot cannot be compressed.",
        [
            "ansible",
            "localhost",
            "-m",
            "northflank.cloud.addon_backup",
            "-a",
            "project_id=default-project addon_id=postgres-main compression_type=zstd",
        ],
        2,
    ),
    (
        "5. A deployment drops a table and fails. The role has taken a snapshot before, and puts both databases back.",
        ["ansible-playbook", "deploy.yml", "-e", "release=build-118"],
        2,
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
        **({"ANSIBLE_FORCE_COLOR": "True"} if sys.stdout.isatty() else {}),
    }


def show(title: str, command: list[str], expected: int, env: dict[str, str]) -> bool:
    """Run one step. Returns whether it ended as expected."""
    print(f"\n{BOLD}{title}{PLAIN}\n{DIM}$ {shlex.join(command)}{PLAIN}", flush=True)
    ended = subprocess.run(command, cwd=HERE, env=env, check=False, stdin=subprocess.DEVNULL)
    return ended.returncode == expected


def main() -> int:
    """Run all steps, then tell what the server saw."""
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    with Sandbox(clock=SystemClock(), duration=SECONDS_FOR_A_BACKUP) as sandbox:
        print(f"The sandbox stands in for Northflank's API at {sandbox.url}. The token is in NORTHFLANK_API_TOKEN.")
        env = environment(sandbox)
        before = rows(sandbox)
        for step in STEPS:
            if not show(*step, env):
                print(f"\nThis step did not end as expected: {step[0]}", file=sys.stderr)
                return 1
        is_back = rows(sandbox) == before
        starts, requests = len(sandbox.writes), len(sandbox.requests)
        held = sum(len(sandbox.backups(addon_id)) for addon_id in sandbox.addon_ids)
        restores = sum(len(sandbox.restores(addon_id)) for addon_id in sandbox.addon_ids)
    compared = "is back, row for row" if is_back else "is NOT as it was"
    print(
        f"\n{BOLD}The table with its {len(before[0])} customers {compared}.{PLAIN}\n"
        f"All five runs together took {requests} requests. Of those, {starts - restores} started a backup and "
        f"{restores} a restore: for each of the two databases one backup in step 1, and in step 5 one before the "
        "deployment, one before the rollback, and the restore.\n"
        "The sandbox is stopped. `make sandbox` starts one to try things on your own."
    )
    return 0 if is_back and (held, restores, starts) == (6, 2, 8) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left running.")
        sys.exit(130)
