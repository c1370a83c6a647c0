# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creating exactly one schedule over a wire that loses answers, and deleting no other than the one that was meant."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, NorthflankError
from .._api.recovery import Gone, delete_once, send_once
from .._api.schedule_endpoints import confirm_schedules, create_schedule, list_schedules, remove_schedule
from .._api.schedule_models import Schedule, ScheduleSettings
from .plan import of_kind, settings_fit


class Taken(BackupError):
    """There is another schedule of the same interval and type by now.

    :ivar held: that one.
    """

    def __init__(self, held: Schedule) -> None:
        self.held = held
        super().__init__()


class StillThere(BackupError):
    """The schedule that was deleted is there all the same, so no other can be created."""


class Made(NamedTuple):
    """A schedule that is there now.

    :ivar ours: this task made it, or may have.
    """

    schedule: Schedule
    ours: bool = True


def create_once(api: Api, addon_id: str, settings: ScheduleSettings, gone: Optional[Schedule]) -> Made:
    """Create one schedule, and never a second one.

    See :func:`send_once`. What an answer told of is taken as it is. What was found must fit: it may be another's.

    :param gone: the one that was deleted before, which is not what is looked for.
    :raises Taken: another schedule of this interval and type was created meanwhile.
    :raises StillThere: the one that was deleted is in the way.
    :raises ApiError: the API refused the first request.
    :raises OutcomeUnknown: it cannot be found out.
    """

    def look() -> Optional[Schedule]:
        held = _holder(api, addon_id, settings, gone)
        return None if _is(held, gone) else held

    try:
        sent = send_once(api.client.deadline, lambda: _post(api, addon_id, settings), look)
        return Made(_fitting(sent.made, settings) if sent.was_found else sent.made)
    except ApiError as error:
        if error.status != 409:
            raise
        refused = error
    held = _or_none(lambda: _holder(api, addon_id, settings, gone))
    if held is None:
        raise refused
    if _is(held, gone):
        raise StillThere
    return Made(_fitting(held, settings), ours=False)


def all_schedules(api: Api, addon_id: str) -> list[Schedule]:
    """Return the addon's schedules, so that it is certain which are not there."""
    return confirm_schedules(api, addon_id, list_schedules(api, addon_id))


def _holder(api: Api, addon_id: str, settings: ScheduleSettings, gone: Optional[Schedule]) -> Optional[Schedule]:
    """Return the schedule of this interval and type that is there.

    The one that should be gone only if there is no other.
    """
    held = of_kind(all_schedules(api, addon_id), settings)
    return min(held, key=lambda one: _is(one, gone), default=None)


def _is(one: Optional[Schedule], other: Optional[Schedule]) -> bool:
    return one is not None and other is not None and one.is_same_as(other)


def _or_none(look: Callable[[], Optional[Schedule]]) -> Optional[Schedule]:
    """Return what is seen, where anything can be seen."""
    try:
        return look()
    except NorthflankError:
        return None


def _post(api: Api, addon_id: str, settings: ScheduleSettings) -> Schedule:
    """Create it, and read what it is like: the answer is an ID only."""
    schedule_id = create_schedule(api, addon_id, settings.to_api())

    def look() -> Optional[Schedule]:
        return next((one for one in list_schedules(api, addon_id) if one.id == schedule_id), None)

    # It is there, whether it can be read at this moment or not.
    return _or_none(look) or Schedule(schedule_id, settings)


def _fitting(found: Schedule, settings: ScheduleSettings) -> Schedule:
    if not settings_fit(settings, found.settings):
        raise Taken(found)
    return found


def delete_schedule(api: Api, addon_id: str, schedule: Schedule) -> bool:
    """Delete this schedule and no other; that it is gone already is fine.

    :returns: whether this task did it, or may have.
    """

    def check() -> None:
        if not any(one.is_same_as(schedule) for one in all_schedules(api, addon_id)):
            raise Gone

    return delete_once(api.client.deadline, lambda: remove_schedule(api, addon_id, schedule.id, check), check)
