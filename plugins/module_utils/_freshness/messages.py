# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an addon has no fresh backup, and how many have one, in a line. Pure."""

from __future__ import annotations

from typing import Optional

from .._task.messages import brief, state_label

NO_BACKUP = "no backup at all"
NO_COMPLETED = "no completed backup"
ONLY_IMPORTS = "only imports, which hold data from elsewhere"
ONLY_SAFETY = "only snapshots that rollbacks took of the data they replaced"
NEWER_MAY_BE_IMPORTS = "newer ones may be imports, because the API does not tell their type"
NEWER_DO_NOT_COUNT = "newer ones are imports, of another type, or of data that a rollback replaced"
NO_CLOCK = "age not known, because the API's answers have no Date header"
CLOCK_IS_BEHIND = "age not known, because the API's clock is behind the newest backup"
NO_ADDON = "there is no such addon"
NOTHING_SELECTED = (
    "No addon was looked at, so nothing is known to be fresh: the project has none, or none fits addon_id, types, tags "
    "and exclude."
)
_LONGEST_CAUSE = 300
_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
# Up to three days, hours say more.
_DAYS_FROM = 3 * 86_400


def reason(
    base: str,
    newer: Optional[str],
    failed: int,
    is_running: bool,
    unknown: Optional[str],
    addon_status: Optional[str],
) -> str:
    """One short sentence.

    :param base: what is wrong in the first place.
    :param newer: why completed backups that are newer do not count.
    :param failed: how many backups have failed since the newest that counts.
    :param unknown: a state of a later backup that this version does not know.
    :param addon_status: the state of the addon, if it cannot be backed up in that.
    """
    parts = [base] if newer is None else [base, newer]
    if failed:
        parts.append("the last backup failed" if failed == 1 else f"the last {failed} backups failed")
    if unknown is not None:
        parts.append(f"one is in the unknown state {state_label(unknown)}")
    if is_running:
        parts.append("one is running")
    if addon_status is not None:
        parts.append(f"the addon is {brief(addon_status, 40)}")
    return ", ".join(parts)


def too_old(age: float) -> str:
    """Too long ago.

    :param age: seconds.
    """
    return f"newest completed backup is {_span(age)} old"


def other_types(backup_type: str) -> str:
    """Completed backups of other types only."""
    return f"no completed {backup_type}, only backups of other types"


def may_be_import(backup_type: str) -> str:
    """The API leaves out what its backups are."""
    if backup_type == "any":
        return "the API does not tell the type of the completed backups, so they may be imports"
    return f"the API does not tell the type of the completed backups, so it is not known whether one is a {backup_type}"


def no_schedule(backup_type: str, max_age: float) -> str:
    """Fresh today, and nothing makes sure that it stays so.

    :param max_age: seconds.
    """
    return f"no schedule takes {_a(backup_type)} at least once in {span_of(max_age)}"


def cannot_be_read(cause: str) -> str:
    """An addon of which nothing is known."""
    return f"cannot be read: {brief(cause, _LONGEST_CAUSE)}"


def project_unread(project_id: str, cause: str) -> str:
    """A project of which nothing is known, while others could be read."""
    return f"Project {project_id} could not be read, so nothing of it is known to be fresh: {cause}"


def headline(fresh: int, total: int, backup_type: str, max_age: float) -> str:
    """How many have a fresh backup.

    :param max_age: seconds.
    """
    if not total:
        return "no database was looked at"
    what, verb = "database" if total == 1 else "databases", "has" if fresh == 1 else "have"
    return f"{fresh} of {total} {what} {verb} {_a(backup_type)} younger than {span_of(max_age)}"


def span_of(seconds: float) -> str:
    """A length of time as it was asked for, in the largest unit that is exact."""
    for unit, length in _UNITS:
        count = seconds / length
        if count == int(count) and (unit != "day" or count > 1):
            return _counted(int(count), unit)
    return f"{seconds:g} seconds"


def _span(seconds: float) -> str:
    """A length of time in one unit."""
    for unit, length in _UNITS:
        if seconds >= (_DAYS_FROM if unit == "day" else length):
            return _counted(int(seconds // length), unit)
    return _counted(int(seconds), "second")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _a(backup_type: str) -> str:
    return "a backup" if backup_type == "any" else f"a {backup_type}"
