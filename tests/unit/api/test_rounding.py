# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sums of seconds are a little off now and then. That must not make one request follow another without a pause."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Deadline, Timing
from ansible_collections.northflank.cloud.plugins.module_utils._task.watch import OutOfTime, Poll

MOMENTS = [0.1 * number for number in range(20_000)]


def at(moment: float, seconds: float = 1800.0) -> Deadline:
    return Deadline(Timing(monotonic=lambda: moment), seconds)


def test_when_a_deadline_is_set_no_time_has_passed_and_never_less() -> None:
    assert any(1800.0 - ((moment + 1800.0) - moment) < 0 for moment in MOMENTS)
    assert all(at(moment).elapsed() >= 0 for moment in MOMENTS)


@pytest.mark.parametrize("left", [0.5, 0.5 + 2.3e-13, 0.4])
def test_after_the_last_look_none_is_planned(left: float) -> None:
    def words(*_arguments: Any) -> str:
        return ""

    watch = Poll("db", SimpleNamespace(status="scheduled"), lambda state: state, words, words)
    watch.plan(at(7.7, left), 2.0)
    assert isinstance(watch.error, OutOfTime)
