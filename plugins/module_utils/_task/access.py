# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a refusal for the token's sake: what the token may do, asked for once."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .._api.endpoints import Api
from .._api.errors import BY_TOKEN, NorthflankError
from . import messages


def explained(api: Api) -> tuple[str, ...]:
    """Return what to say beside a failure of a task. Takes one request, and only where the API refused the token.

    :returns: sentences for the user; none where no refusal was about the token, or nothing is known.
    """
    if not api.client.refusals & BY_TOKEN:
        return ()
    identity = _identity(api)
    facts = {} if identity is None else _told(identity)
    found = [messages.about_token(facts)] if facts else []
    owner = None if identity is None else identity.get("entityType")
    if api.team_id is None and owner != "team":
        found.append(messages.needs_team(owner == "org"))
    return tuple(found)


def _told(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return what explains a refusal. Who made the token, with which address, is none of a log's business.

    It decides nothing, so what is odd is just left out.
    """
    role, limits, grants = (_part(identity, key) for key in ("role", "projectRestrictions", "permissions"))
    texts = {
        "name": identity.get("name"),
        "owner": identity.get("entityId"),
        "role": role.get("name"),
        "expires": identity.get("expiresAt"),
    }
    facts: dict[str, Any] = {key: value for key, value in texts.items() if isinstance(value, str) and value}
    if limits.get("enabled") is True:
        facts.update(projects=_texts(limits.get("projects")), only=limits.get("restrictionMode") != "notIn")
    if isinstance(grants.get("projectScope"), list):
        facts["permissions"] = [one for one in _texts(grants["projectScope"]) if "addon" in one.lower()]
    return facts


def _part(identity: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = identity.get(key)
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _identity(api: Api) -> Optional[Mapping[str, Any]]:
    try:
        # Within the task's own time: an explanation is worth less than the promise when a task is over.
        return api.who()
    except NorthflankError:
        # Not every API has it, and a token that is refused everywhere is refused here, too.
        return None
