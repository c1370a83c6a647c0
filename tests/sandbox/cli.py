# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/sandbox``: the sandbox as a program."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from .assumptions import parse_assumptions
from .clock import Clock, SystemClock, TickingClock, VirtualClock
from .facade import Sandbox

_CLOCKS = ("system", "ticking", "virtual")
_SECONDS_BETWEEN_SEEDS = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()
    # Before anything is printed: who reads the line may end the program at once.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        seeds = _seeds(options)
        sandbox = _sandbox(options)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return _complain(error)
    with sandbox:
        try:
            for seed in seeds:
                sandbox.add_backup(**seed)
        except (KeyError, TypeError, ValueError) as error:
            return _complain(error)
        print(_one_line(sandbox) if options.json else _welcome(sandbox, options), flush=True)
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="A stand-in for Northflank's API, on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (%(default)s)")
    parser.add_argument("--port", type=int, default=8642, help="0 for one that is free (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print url, token, project and addons as one line of JSON")
    parser.add_argument("--duration", type=float, default=8.0, metavar="SECONDS", help="of a backup (%(default)s)")
    parser.add_argument("--restore-duration", type=float, metavar="SECONDS", help="of a restore (as of a backup)")
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="of each answer (%(default)s)")
    parser.add_argument("--rate-limit", type=int, default=1000, metavar="N", help="requests in an hour (%(default)s)")
    parser.add_argument("--admin", action="store_true", help="answer under /_sandbox/ too")
    parser.add_argument("--backups", type=int, default=0, metavar="N", help="the first addon has N backups already")
    parser.add_argument("--seed-file", type=Path, metavar="FILE", help="JSON or YAML list of backups; see the README")
    parser.add_argument("--assume", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    parser.add_argument("--clock", choices=_CLOCKS, default="system", help="where time comes from (%(default)s)")
    parser.add_argument("--step", type=float, default=0.5, metavar="SECONDS", help="of the ticking clock (%(default)s)")
    parser.add_argument("--token", help="the token to accept (one is made up)")
    return parser


def _sandbox(options: argparse.Namespace) -> Sandbox:
    return Sandbox(
        _clock(options),
        parse_assumptions(options.assume),
        rate_limit=options.rate_limit,
        latency=options.latency / 1000,
        duration=options.duration,
        restore_duration=options.restore_duration,
        host=options.host,
        port=options.port,
        with_admin=options.admin,
        token=options.token,
    )


def _clock(options: argparse.Namespace) -> Clock:
    if options.clock == "ticking":
        return TickingClock(options.step)
    return VirtualClock() if options.clock == "virtual" else SystemClock()


def _seeds(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The backups to begin with, as arguments of ``add_backup``."""
    path: Path | None = options.seed_file
    loaded = [] if path is None else yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(loaded, list) or not all(isinstance(seed, dict) for seed in loaded):
        raise ValueError(f"{path} has to hold a list of objects")
    counted = [
        {"addon_id": "postgres-main", "name": f"Seed {number}", "age": number * _SECONDS_BETWEEN_SEEDS}
        for number in range(1, options.backups + 1)
    ]
    return counted + loaded


def _complain(error: Exception) -> int:
    print("sandbox:", " ".join(str(error).split()), file=sys.stderr)
    return 2


def _facts(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "url": sandbox.url,
        "token": sandbox.token,
        "project_id": sandbox.project_id,
        "addon_ids": sandbox.addon_ids,
    }


def _one_line(sandbox: Sandbox) -> str:
    return json.dumps(_facts(sandbox))


def _welcome(sandbox: Sandbox, options: argparse.Namespace) -> str:
    lines = [
        "The sandbox stands in for Northflank's API. It is for this machine only, and forgets everything when it ends.",
        "",
        f"  URL      {sandbox.url}",
        f"  token    {sandbox.token}",
        f"           {sandbox.read_token} (may read only)",
        f"  project  {sandbox.project_id}",
        f"  addons   {', '.join(sandbox.addon_ids)}",
        "",
        "In another terminal:",
        "",
        f"  export NORTHFLANK_API_URL={sandbox.url}",
        f"  export NORTHFLANK_API_TOKEN={sandbox.token}",
        "",
        *([f"It can be driven under {sandbox.url}/_sandbox/."] if options.admin else []),
        "Ctrl-C ends it.",
    ]
    return "\n".join(lines)
