# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three commands and their real output, as a terminal shows them, for the start page."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from sandbox import Sandbox, SystemClock  # noqa: E402  # needs the line above

COMMANDS = [
    ("Before a deployment, back up both databases.", "ansible-playbook snapshot.yml -e release=build-117"),
    ("Run it again: it finds the backups.", "ansible-playbook snapshot.yml -e release=build-117"),
    ("If the deployment goes wrong, restore them.", "ansible-playbook restore.yml -e release=build-117"),
]
SGR = re.compile(r"\x1b\[([0-9;]*)m")
COLOURS = {"31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta", "36": "cyan"}


def as_html() -> str:
    """Return the commands in a frame of their own, with a sentence before each."""
    with Sandbox(clock=SystemClock(), duration=1.0) as sandbox:
        shown = [
            f'<span class="comment"># {html.escape(says)}</span>\n'
            f'<span class="prompt">$ {html.escape(command)}</span>\n'
            f"{coloured(output(command, sandbox).rstrip())}"
            for says, command in COMMANDS
        ]
    return '<pre class="terminal">' + "\n\n".join(shown) + "</pre>\n"


def output(command: str, sandbox: Sandbox) -> str:
    """Return what a terminal gets to see. A command that fails ends the build."""
    settings = {
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "ANSIBLE_NOCOWS": "True",
        "NORTHFLANK_API_URL": sandbox.url,
        "NORTHFLANK_API_TOKEN": sandbox.token,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "HOME": str(ROOT / ".cache" / "home"),
        "LC_ALL": "C.UTF-8",
    }
    # What the user has set for Ansible would be shown to everybody.
    ended = subprocess.run(  # noqa: S603  # our own words
        command.split(),
        cwd=ROOT / "tests" / "tools" / "demo",
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        sys.exit(f"{command}\n{ended.stdout}")
    return ended.stdout


def coloured(text: str) -> str:
    """Text with a terminal's colours, as HTML."""
    first, *parts = SGR.split(text)
    shown = html.escape(first)
    for codes, part in zip(parts[::2], parts[1::2]):
        colour = next((COLOURS[code] for code in codes.split(";") if code in COLOURS), None)
        words = html.escape(part)
        shown += f'<span class="{colour}">{words}</span>' if colour and part else words
    return shown
