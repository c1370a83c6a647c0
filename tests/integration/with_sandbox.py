# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command that finds a sandbox of its own in its environment: ``with_sandbox.py COMMAND ...``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sandbox import Sandbox, SystemClock

with Sandbox(SystemClock(), duration=0.0) as sandbox:
    address = {"NORTHFLANK_API_URL": sandbox.url, "NORTHFLANK_API_TOKEN": sandbox.token}
    sys.exit(subprocess.call(sys.argv[1:], env={**os.environ, **address}))
