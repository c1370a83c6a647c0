# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup destinations and what is stored in them, as the API lists both, and in which order they are shown. Pure.

What a destination is shown by is named key by key. Whatever else the API sends, such as the keys of the storage, never
gets as far as a result.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Hashable, Iterable, Mapping, NamedTuple, Optional, Sequence

from .._api.errors import MalformedAnswer, holds_secret
from .._api.models import object_of, posix_time, size_of, text_of, told_text

# Only shown, so each may be missing.
_OF_DESTINATION = ("description", "type", "prefix", "usage")
_OF_STORAGE = {"bucket_name": "bucketName", "region": "region", "endpoint": "endpoint"}


class BackupDestination(NamedTuple):
    """A place for backups outside of Northflank.

    :ivar id: None where the list does not tell it.
    :ivar facts: what else is shown of it.
    """

    id: Optional[str]
    name: str
    facts: Mapping[str, Optional[str]]

    @classmethod
    def from_api(cls, data: Any) -> BackupDestination:
        """Read the API's form.

        :raises MalformedAnswer: it has no name.
        """
        found = object_of(data, "a backup destination")
        storage = _part(found, "credentials")
        facts = {key: _harmless(found, key) for key in _OF_DESTINATION}
        facts.update((ours, _harmless(storage, theirs)) for ours, theirs in _OF_STORAGE.items())
        return cls(_harmless(found, "id"), text_of(found, "name"), facts)

    @property
    def identity(self) -> Hashable:
        """What tells it from others: several may share a name, and not every list tells IDs."""
        return self.id or (self.name, *self.facts.values())

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return."""
        return {"id": self.id, "name": self.name, **self.facts}


class StoredBackup(NamedTuple):
    """A backup in a destination. Its addon and its project may no longer exist.

    :ivar expires_at: ISO 8601; None where the answer does not tell.
    :ivar size: bytes.
    """

    id: str
    name: str
    status: str
    created_at: str
    completed_at: Optional[str] = None
    expires_at: Optional[str] = None
    size: Optional[int] = None
    project_id: Optional[str] = None
    project_name: Optional[str] = None
    addon_id: Optional[str] = None
    addon_name: Optional[str] = None
    addon_type: Optional[str] = None
    addon_version: Optional[str] = None

    @classmethod
    def from_api(cls, data: Any) -> StoredBackup:
        """Read the API's form.

        :raises MalformedAnswer: it has no ID, name, state or time of creation.
        """
        facts = object_of(data, "a stored backup")
        project, addon, config = (_part(facts, key) for key in ("project", "addon", "config"))
        created_at = text_of(facts, "createdAt")
        posix_time(created_at)
        return cls(
            id=text_of(facts, "id"),
            name=text_of(facts, "name"),
            status=text_of(facts, "status"),
            created_at=created_at,
            completed_at=told_text(facts, "completedAt"),
            expires_at=_moment(facts.get("expiredBy")),
            size=size_of(config.get("size")),
            project_id=told_text(project, "id"),
            project_name=told_text(project, "name"),
            addon_id=told_text(addon, "id"),
            addon_name=told_text(addon, "name"),
            addon_type=told_text(config, "addonType"),
            addon_version=told_text(config, "addonVersion"),
        )

    @property
    def identity(self) -> Hashable:
        """What tells it from others: each addon has IDs of its own, and uses them again."""
        return self.project_id, self.addon_id, self.id, self.created_at

    def fits(self, project_id: Optional[str], addon_ids: Optional[Sequence[str]]) -> bool:
        """Return whether it is of this project and of one of these addons; None is any."""
        return project_id in (None, self.project_id) and (addon_ids is None or self.addon_id in addon_ids)


def newest_first(found: Iterable[StoredBackup]) -> list[StoredBackup]:
    """Return them in the order in which they are shown."""
    return sorted(found, key=lambda one: (posix_time(one.created_at), one.id), reverse=True)


def _part(facts: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = facts.get(key)
    return value if isinstance(value, dict) else {}


def _harmless(facts: Mapping[str, Any], key: str) -> Optional[str]:
    """Return text that is shown. People put keys into descriptions, and logins into addresses."""
    text = told_text(facts, key)
    return None if text is None or holds_secret(text) else text


def _moment(value: Any) -> Optional[str]:
    """Return a time that the API tells in milliseconds since 1970, as a number or as text.

    Nothing is decided by it, so anything else is just not known.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = posix_time(value) if isinstance(value, str) and "T" in value else float(value) / 1000.0
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (MalformedAnswer, OverflowError, OSError, ValueError):
        return None
