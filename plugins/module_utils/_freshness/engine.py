# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the addons of projects and their backups, side by side, and has each of them judged.

An addon that cannot be read is not fresh, and hides no other. The whole list of backups of each is read: no order of it
is promised, so no page proves that what is newer, running or failed is not on a later one.
"""

from __future__ import annotations

from functools import partial
from typing import Mapping, NamedTuple, Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import ApiError, NorthflankError, NotSent, RateLimited
from .._api.models import Addon, Backup
from .._api.schedule_endpoints import list_schedules
from .._api.schedule_models import Schedule
from .._task import ages
from .._task import messages as task_messages
from .._task.concurrency import side_by_side
from .._task.not_found import explain_not_found
from . import messages
from .arguments import FreshnessSpec
from .plan import Verdict, judge

_AT_ONCE = 8
_UNKNOWN = Verdict(None, None, None, None, None, ())


class AddonFreshness(NamedTuple):
    """What is known of one addon.

    :ivar project_id: None for an addon that was named and is in none of several projects.
    :ivar addon: None for one that was named and does not exist.
    :ivar found: all its backups; None where it could not be read.
    :ivar schedules: None where they were not asked for, or could not be read.
    """

    project_id: Optional[str]
    addon_id: str
    addon: Optional[Addon]
    verdict: Verdict
    found: Optional[Sequence[Backup]] = None
    schedules: Optional[Sequence[Schedule]] = None

    @property
    def fresh(self) -> bool:
        """Whether it is known to have a backup that is young enough."""
        return self.verdict.reason is None


class Survey(NamedTuple):
    """What is known of all addons, worst first.

    :ivar unread: by project, why nothing of it could be read.
    :ivar now: the API's clock, in seconds since 1970; None where it never told.
    """

    addons: Sequence[AddonFreshness]
    unread: Mapping[str, str]
    now: Optional[float]

    @property
    def fresh(self) -> bool:
        """Whether there is anything, and all of it is fresh."""
        return bool(self.addons) and not self.unread and all(one.fresh for one in self.addons)


class _Reading(NamedTuple):
    """One addon to read, and what came of it."""

    api: Api
    addon: Addon
    found: Optional[Sequence[Backup]] = None
    schedules: Optional[Sequence[Schedule]] = None
    error: Optional[NorthflankError] = None


def survey(api: Api, spec: FreshnessSpec, with_schedules: bool = False) -> Survey:
    """Read all that is asked for, and judge it by the API's clock.

    :param api: the endpoints of any project.
    :param with_schedules: whether to read schedules although none is required. What cannot be read then is left out.
    :raises NorthflankError: no project can be read, nothing of the addons can, or the API's clock cannot be relied on.
    """
    apis = [api._replace(project_id=project_id) for project_id in spec.project_ids]
    listed, unread = _projects(apis)
    asked = [_Reading(one, addon) for one, addons in listed for addon in addons if _is_asked_for(spec, addon)]
    readings = _read_all(asked, spec.require_schedule, with_schedules)
    # The clock of the last answers: nothing that was read can be younger.
    now = ages.trusted(api.client.clock())
    known = [_judged(spec, reading, now) for reading in readings]
    missing = [] if unread else _missing(spec, [addon.id for _api, addons in listed for addon in addons])
    return Survey(sorted([*known, *missing], key=_badness), unread, now)


def _projects(apis: Sequence[Api]) -> tuple[list[tuple[Api, Sequence[Addon]]], dict[str, str]]:
    """Return the addons of each project; and by project, why they cannot be read."""
    listed: list[tuple[Api, Sequence[Addon]]] = []
    failed: dict[str, NorthflankError] = {}
    for api in apis:
        try:
            with explain_not_found(api, ""):
                # An addon that slipped from one page to another would be left out without a word.
                listed.append((api, api.confirm_addons(api.list_addons())))
        except NorthflankError as error:
            if len(failed) + 1 == len(apis) or _holds_for_all(error):
                raise
            failed[api.project_id] = error
    return listed, {project_id: task_messages.describe_error(error) for project_id, error in failed.items()}


def _is_asked_for(spec: FreshnessSpec, addon: Addon) -> bool:
    named = spec.addon_ids is None or addon.id in spec.addon_ids
    return named and addon.id not in spec.exclude and addon.fits(spec.types, spec.tags, None)


def _read_all(asked: Sequence[_Reading], must_know: bool, with_schedules: bool) -> list[_Reading]:
    """Read each addon.

    :raises NorthflankError: none of them can be read.
    """
    done: dict[int, _Reading] = {}

    def call(number: int, reading: _Reading) -> None:
        ended = next((one.error for one in tuple(done.values()) if one.error and _holds_for_all(one.error)), None)
        done[number] = reading._replace(error=ended) if ended else _read(reading, must_know, with_schedules)

    if asked:
        with side_by_side(_AT_ONCE, len(asked)) as run_all:
            run_all([partial(call, number, reading) for number, reading in enumerate(asked)])
    readings = [done[number] for number in sorted(done)]
    if readings and all(reading.error is not None for reading in readings):
        raise next(reading.error for reading in readings if reading.error is not None)
    return readings


def _read(reading: _Reading, must_know: bool, with_schedules: bool) -> _Reading:
    """Read one addon.

    :param must_know: whether it is not known without its schedules.
    """
    api, addon_id = reading.api, reading.addon.id
    try:
        with explain_not_found(api, addon_id):
            reading = reading._replace(found=api.list_backups(addon_id))
            if must_know or with_schedules:
                reading = reading._replace(schedules=list_schedules(api, addon_id))
    except NorthflankError as error:
        is_enough = reading.found is not None and not must_know
        return reading if is_enough else reading._replace(error=error)
    return reading


def _judged(spec: FreshnessSpec, reading: _Reading, now: Optional[float]) -> AddonFreshness:
    addon, place = reading.addon, (reading.api.project_id, reading.addon.id, reading.addon)
    if reading.error is not None:
        cause = messages.cannot_be_read(task_messages.describe_error(reading.error))
        return AddonFreshness(*place, _UNKNOWN._replace(reason=cause))
    verdict = judge(spec, addon.status, reading.found or (), reading.schedules or (), now)
    return AddonFreshness(*place, verdict, reading.found, reading.schedules)


def _missing(spec: FreshnessSpec, known: Sequence[str]) -> list[AddonFreshness]:
    """Return the addons that were named and do not exist. One that was deleted by mistake has no backup, either."""
    project_id = spec.project_ids[0] if len(spec.project_ids) == 1 else None
    nothing = _UNKNOWN._replace(reason=messages.NO_ADDON)
    asked = [addon_id for addon_id in spec.addon_ids or () if addon_id not in (*known, *spec.exclude)]
    return [AddonFreshness(project_id, addon_id, None, nothing) for addon_id in asked]


def _badness(one: AddonFreshness) -> tuple[bool, bool, float, str, str]:
    """Return the order of a survey: nothing to rely on, then the oldest, then what is fresh, the oldest first."""
    age = one.verdict.age
    return one.fresh, age is not None, -(age or 0.0), one.project_id or "", one.addon_id


def _holds_for_all(error: NorthflankError) -> bool:
    """Return whether the next addon would meet the same. Only the addons themselves may be out of a token's reach."""
    return error.status == 401 if isinstance(error, ApiError) else isinstance(error, (NotSent, RateLimited))
