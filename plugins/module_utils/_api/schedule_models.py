# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A schedule by which the API takes backups, as frozen values: read strictly where we decide by it.

Field names and shapes are those of the API's reference ("List addon backup schedules").
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Mapping, NamedTuple, Optional

from .errors import MalformedAnswer
from .models import object_of, optional_text, shown, text_of, told_text


class Destination(NamedTuple):
    """A further place for a schedule's snapshots.

    :ivar retention_time: days; None where nobody said, and as a wish: whatever it is.
    """

    destination_id: str
    type: str = "custom"
    retention_time: Optional[int] = None

    @classmethod
    def from_api(cls, data: Any) -> Destination:
        """Read the API's form.

        :raises MalformedAnswer: something is missing or of a wrong type.
        """
        facts = object_of(data, "an additional destination")
        days = facts.get("retentionTime")
        return cls(
            destination_id=text_of(facts, "destinationId"),
            type=optional_text(facts, "type") or "custom",
            retention_time=None if days is None else _integer(days, "retentionTime"),
        )

    def to_api(self) -> dict[str, Any]:
        """Return the form that the API takes."""
        days = {} if self.retention_time is None else {"retentionTime": self.retention_time}
        return {"destinationId": self.destination_id, "type": self.type, **days}


class ScheduleSettings(NamedTuple):
    """What a schedule does, as it is or as it is wished for. An addon has at most one of each interval and type.

    :ivar minute: sorted, as :attr:`hour` and :attr:`day` are; these are empty where the interval has none.
    :ivar day: 0 is Monday.
    :ivar retention_time: days.
    :ivar compression_type: of dumps; None where nobody said, and as a wish: whatever it is.
    :ivar custom_destination_id: where dumps go; empty for Northflank itself. None as a wish: wherever it is.
    :ivar additional_destinations: of snapshots. None as a wish: whichever they are.
    """

    interval: str
    backup_type: str
    minute: tuple[int, ...]
    retention_time: int
    hour: tuple[int, ...] = ()
    day: tuple[int, ...] = ()
    compression_type: Optional[str] = None
    custom_destination_id: Optional[str] = None
    additional_destinations: Optional[tuple[Destination, ...]] = None

    @property
    def kind(self) -> tuple[str, str]:
        """What an addon has at most one of."""
        return self.interval, self.backup_type

    def to_api(self) -> dict[str, Any]:
        """Return the body of the request that creates such a schedule. What is empty or None is left to the API."""
        times = {"minute": self.minute, "hour": self.hour, "day": self.day}
        body: dict[str, Any] = {
            "scheduling": {"interval": self.interval, **{key: list(value) for key, value in times.items() if value}},
            "backupType": self.backup_type,
            "retentionTime": self.retention_time,
        }
        if self.compression_type is not None:
            body["compressionType"] = self.compression_type
        if self.custom_destination_id:
            body["customDestinationId"] = self.custom_destination_id
        if self.additional_destinations:
            body["additionalDestinations"] = [place.to_api() for place in self.additional_destinations]
        return body

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return, in the spelling of their options."""
        return {
            "interval": self.interval,
            "backup_type": self.backup_type,
            "minute": list(self.minute),
            "hour": list(self.hour),
            "day": list(self.day),
            "retention_time": self.retention_time,
            "compression_type": self.compression_type,
            "custom_destination_id": self.custom_destination_id or None,
            "additional_destinations": [place._asdict() for place in self.additional_destinations or ()],
        }


class Schedule(NamedTuple):
    """A schedule by which the API takes backups of an addon.

    :ivar extra: what else the API sent, in snake_case, without what looks like a secret.
    """

    id: str
    settings: ScheduleSettings
    created_at: Optional[str] = None
    updated_at: Optional[str] = None
    extra: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_api(cls, data: Any) -> Schedule:
        """Read the API's form.

        :raises MalformedAnswer: something that decisions are made by is missing or of a wrong type.
        """
        facts = object_of(data, "a schedule")
        scheduling = object_of(facts.get("scheduling"), "a schedule's scheduling")
        places = facts.get("additionalDestinations")
        minute = _integers(scheduling, "minute")
        if not minute:
            raise MalformedAnswer("a schedule has no minute")
        settings = ScheduleSettings(
            interval=text_of(scheduling, "interval"),
            backup_type=text_of(facts, "backupType"),
            minute=minute,
            hour=_integers(scheduling, "hour"),
            day=_integers(scheduling, "day"),
            retention_time=_integer(facts.get("retentionTime"), "retentionTime"),
            # The request calls it compressionType.
            compression_type=optional_text(facts, "backupCompressionType"),
            custom_destination_id=optional_text(facts, "customDestinationId") or "",
            additional_destinations=tuple(map(Destination.from_api, _list(places, "additionalDestinations"))),
        )
        return cls(
            id=text_of(facts, "id"),
            settings=settings,
            created_at=told_text(facts, "createdAt"),
            updated_at=told_text(facts, "updatedAt"),
            extra=_beyond(facts, scheduling),
        )

    def is_same_as(self, other: Schedule) -> bool:
        """Return whether both are states of one schedule, should the API give an ID again.

        By ID where a time is missing.
        """
        times = {self.created_at, other.created_at}
        return self.id == other.id and (None in times or len(times) == 1)

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return."""
        own = {"id": self.id, "created_at": self.created_at, "updated_at": self.updated_at}
        return {**own, **self.settings.to_result(), **self.extra}


def _beyond(facts: Mapping[str, Any], scheduling: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the API tells of a schedule that the contract does not have."""
    extra = {key: value for key, value in shown(facts).items() if key not in _OWN_SCHEDULE_KEYS}
    times = {key: value for key, value in shown(scheduling).items() if key not in _OWN_SCHEDULE_KEYS}
    return {**extra, **({"scheduling": times} if times else {})}


def _integer(value: Any, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedAnswer(f"{key} is missing or not a whole number")
    return value


def _list(value: Any, key: str) -> list[Any]:
    """Return a list that may be left out."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedAnswer(f"{key} is not a list")
    return value


def _integers(facts: Mapping[str, Any], key: str) -> tuple[int, ...]:
    """Return a list of numbers that may be left out, sorted: their order means nothing."""
    return tuple(sorted({_integer(number, key) for number in _list(facts.get(key), key)}))


_OWN_SCHEDULE_KEYS = frozenset(Schedule("", ScheduleSettings("", "", (), 0)).to_result()) | {
    *("addon_id", "project_id", "changed", "action", "error", "scheduling", "backup_compression_type"),
}
