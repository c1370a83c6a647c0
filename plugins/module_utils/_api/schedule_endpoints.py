# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints of an addon's schedules. They raise what those of :class:`Api` raise."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .client import Guard
from .endpoints import Api
from .models import text_of
from .paged import Paged, confirmed
from .schedule_models import Schedule


def list_schedules(api: Api, addon_id: str) -> Paged[Schedule]:
    """Return all schedules of an addon, in no particular order; one request for each 100."""
    return api.list_of(api.path(addon_id, "backup-schedules"), "schedules", Schedule.from_api, may_lack=True)


def confirm_schedules(api: Api, addon_id: str, seen: Paged[Schedule]) -> Paged[Schedule]:
    """Return an addon's schedules, so that it is certain which are not there; see :func:`confirmed`."""
    return confirmed(seen, lambda: list_schedules(api, addon_id), lambda schedule: schedule.id)


def create_schedule(api: Api, addon_id: str, request: Mapping[str, Any]) -> str:
    """Let backups be taken by a schedule.

    :param request: the body, as the API wants it.
    :returns: the schedule's ID.
    """
    path = api.path(addon_id, "backup-schedules")
    return api.client.post(path, request, read=lambda data: text_of(data, "id"))


def remove_schedule(api: Api, addon_id: str, schedule_id: str, before_repeat: Optional[Guard] = None) -> None:
    """Delete a schedule. The backups that it took stay.

    :param before_repeat: see :meth:`Client.post`.
    """
    api.client.delete(api.path(addon_id, "backup-schedules", schedule_id), before_repeat)
