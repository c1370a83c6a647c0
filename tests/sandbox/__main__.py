# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Started as ``python tests/sandbox`` or ``python -m sandbox``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    # Run as a folder, Python looks for modules in here; the package is found one folder up.
    sys.path[:] = [str(HERE.parent), *(entry for entry in sys.path if entry != str(HERE))]
    from sandbox.cli import main

    sys.exit(main())
