# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells at the end how often each cell was hit."""

from __future__ import annotations

import os
from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """With SOAK_SCHEDULES: one line for each cell."""
    if "SOAK_SCHEDULES" not in os.environ:
        return
    rows: dict[str, int] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            if isinstance(report, pytest.TestReport) and report.when == "call":
                hits = dict(report.user_properties).get("hits")
                if hits is not None:
                    rows[report.nodeid.split("[", 1)[1].rstrip("]")] = int(str(hits))
    terminalreporter.section("how often each fault struck")
    for cell, hits in sorted(rows.items()):
        terminalreporter.line(f"{hits:6} {cell}")
    terminalreporter.line(f"{sum(rows.values()):6} in all, {len(rows)} cells")
