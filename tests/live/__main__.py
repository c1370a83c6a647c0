# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Started by ``make live``, with its words in the environment, or as ``python tests/live`` with options."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def _interrupt(_number: int, _frame: object) -> None:
    """Let a request to end be treated as Ctrl-C is: clean up first."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Run as a folder, Python looks for modules in here; the package is found one folder up.
    sys.path[:] = [str(HERE.parent), *(entry for entry in sys.path if entry != str(HERE))]
    from live.cli import main

    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())
