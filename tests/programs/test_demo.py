# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo as somebody sees it who has never heard of the product."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import harness

DEMO = Path(__file__).resolve().parents[1] / "tools" / "demo"
SCREEN = 60


def test_each_step_is_one_screen_with_a_sentence_before_and_after() -> None:
    ended = subprocess.run(
        [sys.executable, str(DEMO)],
        env=harness.clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout
    _intro, *shown = re.split(r"^(?=\d\. )", ended.stdout, flags=re.MULTILINE)
    steps = runpy.run_path(str(DEMO / "__main__.py"))["STEPS"]
    assert len(shown) == len(steps)
    for number, (step, text) in enumerate(zip(steps, shown), start=1):
        assert len(text.splitlines()) <= SCREEN, text
        words = " ".join(text.split())
        assert words.startswith(f"{number}. {step.before} $ {step.command[0]} ")
        assert step.after in words
        # No result as JSON: the message is what one reads.
        assert '"msg"' not in text
    assert "is back, row for row" in " ".join(shown[-1].split())
    (page,) = re.findall(r"- Open (/\S+)", shown[-1])
    assert "2 of 7 databases have a backup younger than 26 hours" in Path(page).read_text(encoding="utf-8")
