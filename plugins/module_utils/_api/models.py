# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API talks about, as frozen values: read strictly where we decide by it, shown completely.

Field names and shapes are those of the API's reference ("Backup addon", "List addon backups", "Get addon backup").
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .errors import MalformedAnswer, holds_secret
from .purpose import SAFETY, purpose_of
from .states import ACTIVE_STATES, COMPLETED

SNAPSHOT = "snapshot"
DUMP = "dump"
IMPORT = "import"
_TYPE_OF_SOURCE = {
    "snapshot": SNAPSHOT,
    "fileUpload": IMPORT,
    "externalDump": IMPORT,
    "sameAddon": DUMP,
    "liveInstance": DUMP,
}

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))?", re.ASCII)
_CAMEL_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SECRET_KEY = re.compile(
    r"token|secret|passw|passphrase|credential|connection_?string|(?:private|access|api|account)_?key|signature|"
    r"authorization|(?:^|_)(?:auth|dsn|pwd|pass)$",
    re.IGNORECASE,
)


class Backup(NamedTuple):
    """A backup of an addon.

    :ivar id: its ID, a slug that a later backup may get again.
    :ivar uid: a UUID, where the API sends one.
    :ivar created_at: ISO 8601, as the API wrote it.
    :ivar backup_type: snapshot, dump or import; None where the answer does not tell.
    :ivar size: bytes.
    :ivar config: the API's ``config`` in snake_case, without what looks like a secret.
    :ivar extra: what else the API sent, likewise.
    """

    id: str
    name: str
    status: str
    created_at: str
    uid: Optional[str] = None
    completed_at: Optional[str] = None
    backup_type: Optional[str] = None
    size: Optional[int] = None
    config: Mapping[str, Any] = MappingProxyType({})
    last_restore: Optional[Mapping[str, Any]] = None
    extra: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_api(cls, data: Any) -> Backup:
        """Read the API's form.

        :raises MalformedAnswer: something that decisions are made by is missing or of a wrong type.
        """
        facts = object_of(data, "a backup")
        config = facts.get("config")
        config = object_of(config, "a backup's config") if config is not None else {}
        size = size_of(config.get("size"))
        created_at = text_of(facts, "createdAt")
        posix_time(created_at)
        return cls(
            id=text_of(facts, "id"),
            name=text_of(facts, "name"),
            status=text_of(facts, "status"),
            created_at=created_at,
            uid=optional_text(facts, "uid"),
            completed_at=told_text(facts, "completedAt"),
            backup_type=_backup_type(config),
            size=size,
            config=dict(shown(config), **({} if size is None else {"size": size})),
            last_restore=shown(facts["lastRestore"]) if isinstance(facts.get("lastRestore"), dict) else None,
            extra={key: value for key, value in shown(facts).items() if key not in _OWN_KEYS},
        )

    @property
    def identity(self) -> tuple[str, str]:
        """What tells this backup from a later one that got the same ID."""
        return self.id, self.uid or self.created_at

    def is_same_as(self, other: Backup) -> bool:
        """Return whether both are states of one backup; by creation time where an older answer has no ``uid``."""
        if self.uid is not None and other.uid is not None:
            return (self.id, self.uid) == (other.id, other.uid)
        return (self.id, posix_time(self.created_at)) == (other.id, posix_time(other.created_at))

    @property
    def usable(self) -> bool:
        """Whether it is, or may still become, something that can be restored."""
        return self.status == COMPLETED or self.status in ACTIVE_STATES

    @property
    def is_safety(self) -> bool:
        """Whether a rollback has taken it of the data that it replaced."""
        return purpose_of(self.name) == SAFETY

    def age(self, now: float) -> float:
        """Return seconds from its creation to ``now`` (seconds since 1970)."""
        return now - posix_time(self.created_at)

    def informed_by(self, earlier: Backup) -> Backup:
        """Return this newer state, with what only an earlier answer told (lists tell more than single reads)."""
        return self._replace(
            uid=self.uid or earlier.uid,
            backup_type=self.backup_type or earlier.backup_type,
            config={**earlier.config, **self.config},
            extra={**earlier.extra, **self.extra},
        )

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return: snake_case, size in bytes as a number, duration in seconds."""
        return {
            "id": self.id,
            "uid": self.uid,
            "name": self.name,
            "status": self.status,
            "created_at": self.created_at,
            "completed_at": self.completed_at,
            "backup_type": self.backup_type,
            "purpose": purpose_of(self.name),
            "size": self.size,
            "duration": seconds_between(self.created_at, self.completed_at),
            "config": dict(self.config),
            "last_restore": None if self.last_restore is None else dict(self.last_restore),
            **self.extra,
        }


class Addon(NamedTuple):
    """An addon.

    :ivar type: for example ``postgresql``.
    :ivar status: one of the contract's addon states.
    :ivar version: of the database; only where a single addon was read.
    """

    id: str
    name: str
    type: str
    status: str
    tags: tuple[str, ...] = ()
    description: Optional[str] = None
    version: Optional[str] = None

    @classmethod
    def from_api(cls, data: Any) -> Addon:
        """Read the API's form.

        :raises MalformedAnswer: something is missing or of a wrong type.
        """
        facts = object_of(data, "an addon")
        spec = object_of(facts.get("spec"), "an addon's spec")
        tags = facts.get("tags")
        return cls(
            id=text_of(facts, "id"),
            name=text_of(facts, "name"),
            type=text_of(spec, "type"),
            status=text_of(facts, "status"),
            tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
            description=told_text(facts, "description"),
            version=_version(spec),
        )

    def fits(
        self, types: Optional[Sequence[str]], tags: Optional[Sequence[str]], statuses: Optional[Sequence[str]]
    ) -> bool:
        """Return whether it is of one of these types, has one of these tags, and is in one of these states.

        None is any.
        """
        return (
            (types is None or self.type in types)
            and (tags is None or bool(set(self.tags) & set(tags)))
            and (statuses is None or self.status in statuses)
        )

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "status": self.status,
            "tags": list(self.tags),
            "description": self.description,
        }


class Restore(NamedTuple):
    """One time that an addon was put back to a backup.

    :ivar started_at: ISO 8601, as the API wrote it.
    :ivar backup_id: which backup; None where the answer does not tell.
    """

    id: str
    status: str
    started_at: str
    completed_at: Optional[str] = None
    backup_id: Optional[str] = None

    @classmethod
    def from_api(cls, data: Any) -> Restore:
        """Read the API's form.

        :raises MalformedAnswer: something that decisions are made by is missing or of a wrong type.
        """
        facts = object_of(data, "a restore")
        started_at = text_of(facts, "restoreTimestamp")
        posix_time(started_at)
        return cls(
            id=text_of(facts, "id"),
            status=text_of(facts, "status"),
            started_at=started_at,
            completed_at=told_text(facts, "completedAt"),
            backup_id=optional_text(facts, "backupId"),
        )


def _version(spec: Mapping[str, Any]) -> Optional[str]:
    config = spec.get("config")
    version = config.get("versionTag") if isinstance(config, dict) else None
    return version if isinstance(version, str) else None


def posix_time(text: str) -> float:
    """Return seconds since 1970 of an ISO 8601 time as the API writes it; without a zone it is UTC.

    :raises MalformedAnswer: it is no such time.
    """
    try:
        # Python 3.9 and 3.10 read neither the letter Z nor fractions of other than 3 or 6 digits.
        *whole, fraction, sign, hours, minutes = _TIME.fullmatch(text).groups()  # type: ignore[union-attr]
        zone = timezone(
            timedelta(hours=int(f"{sign}{hours}"), minutes=int(f"{sign}{minutes}")) if sign else timedelta()
        )
        return datetime(*map(int, whole), tzinfo=zone).timestamp() + float(fraction or 0)  # type: ignore[misc,arg-type]
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise MalformedAnswer(f"{text!r} is not a time") from error


def snake_case(key: str) -> str:
    """``createdAt`` as ``created_at``."""
    return _CAMEL_HUMP.sub(r"_\1", key).lower()


def object_of(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedAnswer(f"{what} is not an object")
    return value


def text_of(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key)
    if not isinstance(value, str) or not value:
        raise MalformedAnswer(f"{key} is missing or not text")
    return value


def optional_text(facts: Mapping[str, Any], key: str) -> Optional[str]:
    """Return text that something is decided by and that may be left out. Null and empty say nothing either."""
    return None if facts.get(key) in (None, "") else text_of(facts, key)


def told_text(facts: Mapping[str, Any], key: str) -> Optional[str]:
    """Return text that is only shown. What is none, or empty, is just not known."""
    value = facts.get(key)
    return value if isinstance(value, str) and value else None


def size_of(value: Any) -> Optional[int]:
    """Return a size; the contract's is a string of digits.

    Nothing is decided by it, so anything else is just not known.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value) else None


def _backup_type(config: Mapping[str, Any]) -> Optional[str]:
    """Return what the source tells.

    A compression tells nothing: the API's own examples have one with a snapshot, too.
    """
    source = config.get("source")
    kind = source.get("type") if isinstance(source, dict) else None
    return _TYPE_OF_SOURCE.get(kind) if isinstance(kind, str) else None


def shown(value: Any) -> Any:
    """Return a value in the API's spelling as results show it: in snake_case, without parts that look like secrets."""
    if isinstance(value, dict):
        return {
            snake_case(str(key)): shown(part)
            for key, part in value.items()
            if not _SECRET_KEY.search(snake_case(str(key))) and not _is_secret(part)
        }
    if isinstance(value, list):
        return [shown(part) for part in value if not _is_secret(part)]
    return value


def _is_secret(part: Any) -> bool:
    return isinstance(part, str) and holds_secret(part)


def seconds_between(start: str, end: Optional[str]) -> Optional[float]:
    """Return how long something took; None where its end is not known."""
    try:
        return None if end is None else round(posix_time(end) - posix_time(start), 3)
    except MalformedAnswer:
        return None


# Keys of a result that what the API adds later must never replace.
_OWN_KEYS = frozenset(Backup("", "", "", "").to_result()) | {
    "addon_id",
    "project_id",
    "changed",
    "action",
    "error",
    "duplicates",
    "warnings",
}
