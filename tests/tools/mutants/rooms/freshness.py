# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _freshness, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_freshness/plan.py",
        "tests/unit/freshness/test_freshness_plan.py",
        {
            "freshness: an import never counts": ("in (None, IMPORT) or", "in (None,) or"),
            "freshness: what may be an import never counts": ("in (None, IMPORT) or", "in (IMPORT,) or"),
            "freshness: a safety snapshot never counts": (" or backup.is_safety:", ":"),
            "freshness: another type does not count": (
                "    return spec.backup_type in (ANY, backup.backup_type)\n",
                "    return True\n",
            ),
            "freshness: only completed ones count": (
                "for backup in found if backup.status == COMPLETED)",
                "for backup in found if backup.usable)",
            ),
            "freshness: too old is not fresh": ("return None if age <= spec.max_age else", "return None if True else"),
            "freshness: no backup of the future": ("        ages.check_clock(now, found)\n", "        pass\n"),
            "freshness: without a clock nothing is fresh": ("    return now is not None\n", "    return True\n"),
            "freshness: a schedule has to be often enough": (" and between <= spec.max_age", ""),
            "freshness: a schedule has to be of the type": ("spec.backup_type in (ANY, does.backup_type) and ", ""),
            "freshness: only what failed since is told": (
                "if chosen is None or posix_time(backup.created_at) > posix_time(chosen.created_at)",
                "if True",
            ),
            "freshness: a younger one that does not count is told": (
                "None if chosen is None else _newer(later)",
                "None",
            ),
            "freshness: a paused addon is told": ("addon_status if addon_status in BLOCKED_STATES else None", "None"),
        },
    ),
    *broken(
        "plugins/module_utils/_freshness/engine.py",
        "tests/wire/freshness/test_freshness.py",
        {
            "freshness: addons are read side by side": ("_AT_ONCE = 8\n", "_AT_ONCE = 1\n"),
            "freshness: nothing at all is not fresh": ("return bool(self.addons) and not", "return not"),
            "freshness: an unread project is not fresh": (" and not self.unread and", " and"),
            "freshness: an addon that cannot be read hides no other": (
                "        return reading if is_enough else reading._replace(error=error)\n",
                "        raise\n",
            ),
            "freshness: a project that cannot be read hides no other": (
                "            if len(failed) + 1 == len(apis) or _holds_for_all(error):\n",
                "            if True:\n",
            ),
            "freshness: where all fails the task fails": (
                "    if readings and all(reading.error is not None for reading in readings):\n",
                "    if False:\n",
            ),
            "freshness: what holds for all ends it": (
                "done[number] = reading._replace(error=ended) if ended else _read",
                "done[number] = _read",
            ),
            "freshness: a named addon that is gone is told": (
                "    missing = [] if unread else _missing",
                "    missing = [] if True else _missing",
            ),
            "freshness: excluded is left out": ("named and addon.id not in spec.exclude and", "named and"),
            "freshness: a clock that is wrong decides nothing": (
                "    now = ages.trusted(api.client.clock())\n",
                "    now = api.client.clock().now\n",
            ),
            "freshness: the worst come first": ("sorted([*known, *missing], key=_badness)", "[*known, *missing]"),
        },
    ),
]
