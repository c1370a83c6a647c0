# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of a token that was refused. Pure."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from .messages import brief, sentences

_MOST_NAMES = 10


def about_token(identity: Mapping[str, Any]) -> str:
    """What the API tells of the token that it refused.

    :param identity: ``name``, ``owner``, ``role`` and ``expires`` are texts, ``projects`` and ``permissions`` lists of
        them, and ``only`` says whether the projects are those that it may use; each may be missing, and one is there.
    """
    may = "use these projects only" if identity.get("only") else "not use these projects"
    facts = sentences(
        _fact("Its name is", identity.get("name")),
        _fact("It belongs to the team or organisation", identity.get("owner")),
        _fact("Its role is", identity.get("role")),
        _names(f"It may {may}", identity.get("projects")),
        _names("Its permissions for addons", identity.get("permissions")),
        _fact("It expires at", identity.get("expires")),
    )
    return f"What the API tells of the token that was refused: {facts}"


def needs_team(is_certain: bool) -> str:
    """A token of an organisation was used without a team.

    :param is_certain: the token is known to be one.
    """
    if is_certain:
        return "The token belongs to an organisation, so the task needs team_id or NORTHFLANK_TEAM_ID."
    who = "A token of an organisation, or one that acts for a team,"
    return f"No team_id was given. {who} needs team_id or NORTHFLANK_TEAM_ID."


def _fact(beginning: str, value: Optional[str]) -> str:
    return "" if value is None else f"{beginning} '{brief(value)}'"


def _names(beginning: str, names: Optional[Sequence[str]]) -> str:
    if names is None:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{beginning}: {', '.join(map(brief, names[:_MOST_NAMES])) or 'none'}{more}"
