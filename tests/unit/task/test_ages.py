# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What proves that a clock is wrong, as a table."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Clock
from ansible_collections.northflank.cloud.plugins.module_utils._task.ages import check_clock, trusted

NOW = 1_772_366_400.0  # 2026-03-01T12:00:00Z
DAY, YEAR = 86_400.0, 365 * 86_400.0


def backup(created: str) -> Backup:
    return Backup("b", "Nightly", "completed", created)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (Clock(NOW, 0.0, NOW), None),
        (Clock(NOW, 0.0, NOW - 12 * 3600), None),
        (Clock(NOW, 0.0, NOW + 12 * 3600), None),
        (Clock(NOW, 300.0, NOW), None),
        (Clock(NOW, 301.0, NOW), "has jumped by 5 m 1 s"),
        (Clock(NOW, 0.0, NOW - DAY - 1), "says 2026-03-01T12:00:00Z, and the clock of the machine"),
        (Clock(NOW - YEAR, 0.0, NOW), "says 2025-03-01T12:00:00Z, and the clock of the machine"),
        (Clock(NOW + 5 * YEAR, 0.0, NOW), "One of them is wrong"),
        (Clock(1e300, 0.0, NOW), "1e+300 s after 1970"),
    ],
)
def test_which_clock_may_judge(clock: Clock, words: str | None) -> None:
    if words is None:
        assert trusted(clock) == clock.now
    else:
        with pytest.raises(BackupError, match="Nothing was started or deleted") as caught:
            trusted(clock)
        assert words in str(caught.value)


def test_a_clock_that_was_never_told_is_another_matter() -> None:
    assert trusted(Clock(None, 0.0, NOW)) is None


@pytest.mark.parametrize(
    ("created", "is_behind"),
    [("2026-03-01T11:00:00Z", False), ("2026-03-01T12:04:59Z", False), ("2026-03-01T12:05:01Z", True)],
)
def test_no_backup_is_younger_than_now(created: str, is_behind: bool) -> None:
    backups = [backup("2020-01-01T00:00:00Z"), backup(created), backup("2021-01-01T00:00:00Z")]
    check_clock(None, backups)
    check_clock(NOW, [])
    if is_behind:
        with pytest.raises(BackupError, match="'Nightly' was created later, at 2026-03-01T12:05:01Z"):
            check_clock(NOW, backups)
    else:
        check_clock(NOW, backups)
