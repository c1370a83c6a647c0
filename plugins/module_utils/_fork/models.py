# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks for, and an addon as forks are made of and become one: whose it is, and how large. Pure.

Field names and shapes are those of the API's reference ("Get addon", "Create addon").
"""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional

from .._api.errors import MalformedAnswer, safe_text
from .._api.models import object_of, optional_text, posix_time, text_of, told_text
from .names import fork_digits


class AddonFacts(NamedTuple):
    """An addon. What the API does not tell is None.

    :ivar status: one of the contract's addon states.
    :ivar tags: None where they are not told, which is not the same as none.
    :ivar created_at: ISO 8601, as the API wrote it.
    :ivar version: of the database.
    :ivar storage: megabytes.
    """

    id: str
    name: str
    type: str
    status: str
    uid: Optional[str] = None
    tags: Optional[tuple[str, ...]] = None
    created_at: Optional[str] = None
    version: Optional[str] = None
    deployment_plan: Optional[str] = None
    storage: Optional[int] = None
    replicas: Optional[int] = None

    @classmethod
    def of_answer(cls, data: Any) -> AddonFacts:
        """Read what the API tells of an addon that it has.

        :raises MalformedAnswer: something that decisions are made by is missing or of a wrong type.
        """
        facts = object_of(data, "an addon")
        spec = object_of(facts.get("spec"), "an addon's spec")
        config = _object_or_empty(spec.get("config"))
        deployment = _object_or_empty(config.get("deployment"))
        return cls(
            **_common(facts),
            type=text_of(spec, "type"),
            uid=optional_text(facts, "uid"),
            version=told_text(config, "versionTag"),
            deployment_plan=told_text(deployment, "planId"),
            storage=_whole(deployment.get("storageSize")),
            replicas=_whole(deployment.get("replicas")),
        )

    @classmethod
    def of_new(cls, data: Any) -> AddonFacts:
        """Read what the API tells of an addon that it has just made.

        :raises MalformedAnswer: something that decisions are made by is missing or of a wrong type.
        """
        facts = object_of(data, "an addon")
        return cls(**_common(facts), type=text_of(facts, "type"), version=told_text(facts, "version"))

    def is_another_than(self, other: AddonFacts) -> bool:
        """Return whether both are certainly not one addon: one that is made later gets the ID of its name again."""
        if self.id != other.id or None not in (self.uid, other.uid):
            return (self.id, self.uid) != (other.id, other.uid)
        if self.created_at is None or other.created_at is None:
            return False
        return posix_time(self.created_at) != posix_time(other.created_at)

    def is_certainly(self, other: AddonFacts) -> bool:
        """Return whether both are certainly one addon. What is not told proves nothing."""
        told = [pair for pair in ((self.uid, other.uid), (self.created_at, other.created_at)) if None not in pair]
        return bool(told) and not self.is_another_than(other)

    def to_result(self, project_id: str) -> dict[str, Any]:
        """Return the form that tasks return."""
        return {
            "id": self.id,
            "uid": self.uid,
            "name": self.name,
            "type": self.type,
            "version": self.version,
            "status": self.status,
            "created_at": self.created_at,
            "project_id": project_id,
        }


class ForkSpec(NamedTuple):
    """Which fork there is to be, or not to be. All values have been checked.

    :ivar project_id: where the fork is.
    :ivar backup_id: this backup; otherwise the one of this ``name``, or the latest.
    :ivar fork_name: None for one that nothing has yet.
    :ivar fork_uid: what the fork to delete has to be.
    :ivar storage: megabytes. What is None, as :attr:`deployment_plan` and :attr:`replicas`, is the source's.
    """

    project_id: str
    source_project_id: str
    source_addon_id: str
    backup_id: Optional[str] = None
    name: Optional[str] = None
    fork_name: Optional[str] = None
    fork_uid: Optional[str] = None
    deployment_plan: Optional[str] = None
    storage: Optional[int] = None
    replicas: Optional[int] = None

    def digits(self, backup_id: str) -> str:
        """Return the digits that the name of a fork of this backup has."""
        return fork_digits(self.source_project_id, self.source_addon_id, backup_id)


def meant_addon(found: AddonFacts, addon_id: str) -> AddonFacts:
    """Return what was asked for, or no answer: an answer about something else is acted upon by nobody."""
    if found.id != addon_id:
        raise MalformedAnswer(f"addon '{addon_id}' was asked for, and it is about '{safe_text(found.id, 80)}'")
    return found


def _common(facts: Mapping[str, Any]) -> dict[str, Any]:
    tags = facts.get("tags")
    return {
        "id": text_of(facts, "id"),
        "name": text_of(facts, "name"),
        "status": text_of(facts, "status"),
        "tags": tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else None,
        "created_at": _moment(facts.get("createdAt")),
    }


def _object_or_empty(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> Optional[int]:
    """Return a whole number above 0; the contract's sizes are numbers of any kind."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _moment(value: Any) -> Optional[str]:
    """Return a time. What is none proves nothing, as if it were left out."""
    if not isinstance(value, str):
        return None
    try:
        posix_time(value)
    except MalformedAnswer:
        return None
    return value
