# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of the inventory. Pure."""

from __future__ import annotations

import difflib
from typing import Sequence

from ..module_utils._api.errors import ApiError, NorthflankError
from ..module_utils._task.messages import brief, describe_error, sentences

PERMISSION_TO_LIST_PROJECTS = "Project > Projects > Manage > Read"


def of_project(project_id: str, error: NorthflankError) -> str:
    """A failure while one of several projects was read."""
    return f"Project {project_id}: {describe_error(error)}"


def projects_not_listed(error: NorthflankError) -> str:
    """A failure while the projects were listed, which other tasks never do."""
    if isinstance(error, ApiError) and error.status == 403:
        return sentences(
            f"The API refused the request: {error}",
            f"To list projects takes the permission '{PERMISSION_TO_LIST_PROJECTS}'. "
            "Name them with the option projects, or use a token whose role grants it.",
        )
    return describe_error(error)


def no_such_option(name: str, known: Sequence[str]) -> str:
    """The rule that an option of the inventory's file breaks by not being one."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"is no option of this inventory{f'; did you mean {close[0]}?' if close else ''}"


def filter_matches_nothing(option: str, value: str, known: Sequence[str]) -> str:
    """A type or tag that no addon has, most often a slip."""
    there = ", ".join(brief(one, 40) for one in known[:10])
    return sentences(
        f"No addon that was read has the {option[:-1]} '{brief(value)}' of the option {option}",
        f"There are: {there}{', ...' if len(known) > 10 else ''}" if known else "",
    )
