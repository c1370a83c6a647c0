# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Giving an addon the schedule that it is to have, and never leaving it without one by the way.

An addon has at most one schedule of each interval and type. So the old one has to be deleted before the new one can be
created; where that fails, the old one is put back. That is the way that the API's guide describes. A PATCH of the addon
takes a list of schedules too, but whether that list replaces the one there is, and with it schedules that this task
knows nothing of, is documented nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from .._api.endpoints import Api
from .._api.errors import BackupError, NorthflankError
from .._api.recovery import may_have_acted
from .._api.schedule_models import Schedule, ScheduleSettings
from .._task import messages as task_messages
from .._task import not_found
from .._task.actions import CREATED, DELETED, NONE, PUT_BACK, REPLACED
from . import messages
from .arguments import doubts
from .create import Made, StillThere, Taken, all_schedules, create_once, delete_schedule
from .plan import SchedulePlan, of_kind, plan_schedule, settings_fit, untold

# Once the old schedule is deleted, a task goes on until there is one again, also when the request limit is used up.
_SECONDS_TO_FINISH = 3900.0
# Without a fault, a replacement takes 3 more requests, and with one at each point of it some 10.
_REQUESTS_TO_FINISH = 12


@dataclass
class ScheduleRun:
    """A task under way. Kept up to date at each step, so that a failure finds the truth here.

    :ivar wanted: what was asked for; for the state absent, only its interval and type count.
    :ivar action: what was done, or would be in check mode.
    :ivar changed: whether anything was created or deleted, or may have been where the API's answer was lost.
    :ivar before: the schedule of this interval and type that was there.
    :ivar schedule: the one that is there now, as far as it is known.
    :ivar settings: what is there now, or would be, where no answer has told of it yet.
    :ivar at_stake: the old schedule, from the moment when it may be gone until the new one or itself is there again.
    """

    api: Api
    addon_id: str
    wanted: ScheduleSettings
    check_mode: bool = False
    action: str = NONE
    changed: bool = False
    before: Optional[Schedule] = None
    schedule: Optional[Schedule] = None
    settings: Optional[ScheduleSettings] = None
    at_stake: Optional[Schedule] = None
    error: Optional[str] = None
    warnings: list[str] = field(default_factory=list)

    def to_result(self) -> dict[str, Any]:
        """Return the form that tasks return."""
        # What was deleted is shown as it was.
        shown = self.before if self.action == DELETED else self.schedule
        settings = self.settings or ScheduleSettings(*self.wanted.kind, (), 0)
        nothing = {"id": None, "created_at": None, "updated_at": None, **settings.to_result()}
        if self.settings is None:
            nothing["retention_time"] = None
        return {
            **(nothing if shown is None else shown.to_result()),
            "addon_id": self.addon_id,
            "project_id": self.api.project_id,
            "changed": self.changed,
            "action": self.action,
            "error": self.error,
        }

    def to_failure(self) -> dict[str, Any]:
        """Return what a task that failed returns: what was done, and the schedule as far as there is one."""
        shown = self.before if self.action == DELETED else self.schedule
        known = {} if shown is None else {key: value for key, value in shown.to_result().items() if value is not None}
        return {**known, "addon_id": self.addon_id, "changed": self.changed, "action": self.action}

    def difference(self) -> dict[str, Any]:
        """Return what ``--diff`` shows: the settings before and after."""
        after = self.settings if self.schedule is None else self.schedule.settings
        return {
            "before": {} if self.before is None else self.before.settings.to_result(),
            "after": {} if after is None or self.action == DELETED else after.to_result(),
        }


def run_schedule(work: ScheduleRun, state: str) -> ScheduleRun:
    """Do the work, whatever comes.

    :param state: present or absent.
    :returns: the work, with what became of it.
    """
    try:
        _STEPS[state](work)
    except BackupError as error:
        work.error = str(error)
    except NorthflankError as error:
        work.error = _interrupted(work, error)
    except Exception as error:  # noqa: BLE001  # the old schedule may be gone, and then the user has to read of it
        work.error = task_messages.unexpected(work.addon_id, error)
    if work.error is not None and work.at_stake is not None:
        project_id, addon_id = work.api.project_id, work.addon_id
        old = messages.old_schedule(project_id, addon_id, work.at_stake)
        work.error = f"{work.error} {messages.how_to_look(project_id, addon_id)}. {old}"
    return work


def present(work: ScheduleRun) -> None:
    """Read, decide, act."""
    decided = plan_schedule(work.addon_id, work.wanted, _read(work))
    work.before = work.schedule = decided.old
    if decided.action == NONE:
        options = [] if decided.old is None else untold(work.wanted, decided.old.settings)
        work.warnings.extend(messages.option_not_told(work.addon_id, work.wanted, option) for option in options)
        return
    if decided.old is not None and decided.old.extra:
        work.warnings.append(messages.not_carried_over(work.addon_id, decided.old))
    work.warnings.extend(doubts(decided.settings))
    if work.check_mode:
        work.action, work.changed, work.schedule, work.settings = decided.action, True, None, decided.settings
    elif decided.old is None:
        _create(work, decided.settings)
    else:
        _replace(work, decided, decided.old)


def absent(work: ScheduleRun) -> None:
    """Delete what is there. That there is nothing is fine."""
    found = of_kind(_read(work), work.wanted)
    work.before = work.schedule = next(iter(found), None)
    if work.check_mode and found:
        work.action, work.changed = DELETED, True
        return
    for one in found:
        try:
            gone_by_us = delete_schedule(work.api, work.addon_id, one)
        except NorthflankError as error:
            work.changed = work.changed or may_have_acted(error)
            raise
        if gone_by_us:
            work.action, work.changed = DELETED, True
    if found and not work.changed:
        work.schedule = None


_STEPS: dict[str, Callable[[ScheduleRun], None]] = {"present": present, "absent": absent}


def _read(work: ScheduleRun) -> list[Schedule]:
    with not_found.explain_not_found(work.api, work.addon_id):
        return all_schedules(work.api, work.addon_id)


def _create(work: ScheduleRun, settings: ScheduleSettings) -> None:
    try:
        made = create_once(work.api, work.addon_id, settings, None)
    except Taken as taken:
        raise _lost_to(work, taken) from taken
    except NorthflankError as error:
        if not may_have_acted(error):
            raise
        work.changed, work.settings = True, settings
        raise BackupError(messages.schedule_unknown(work.addon_id, settings, error)) from error
    work.action, work.changed = (CREATED, True) if made.ours else (NONE, False)
    _show(work, made.schedule, settings)


def _replace(work: ScheduleRun, decided: SchedulePlan, old: Schedule) -> None:
    _require_requests(work, old)
    client = work.api.client
    api = work.api.with_client(client.with_deadline(client.deadline.extended(_SECONDS_TO_FINISH)))
    work.at_stake = old
    deleted = _make_room(work, api, old)
    work.changed, work.schedule = deleted, None
    try:
        made = create_once(api, work.addon_id, decided.settings, old)
    except Taken as taken:
        raise _lost_to(work, taken) from taken
    except StillThere as error:
        raise _in_the_way(work, old) from error
    except NorthflankError as error:
        if not deleted:
            raise _without_ours(work, decided, old, error) from error
        made = _put_back(work, api, decided, old, not_found.describe_failure(work.api, work.addon_id, error))
    work.at_stake = None
    work.changed = work.changed or made.ours
    work.action = REPLACED if work.changed else NONE
    _show(work, made.schedule, decided.settings)


def _make_room(work: ScheduleRun, api: Api, old: Schedule) -> bool:
    """Delete the old schedule.

    :returns: whether this task did it, or may have.
    :raises BackupError: an answer was lost, so that it may be gone.
    """
    try:
        return delete_schedule(api, work.addon_id, old)
    except NorthflankError as error:
        if not may_have_acted(error):
            work.at_stake = None
            raise
        work.changed = True
        reason = task_messages.describe_error(error)
        raise BackupError(messages.deletion_unknown(work.addon_id, old, reason)) from error


def _lost_to(work: ScheduleRun, taken: Taken, reason: str = "") -> BackupError:
    """Return what to say where another user was faster."""
    work.changed = work.changed or may_have_acted(taken)
    work.schedule = taken.held
    return BackupError(messages.another_schedule(work.addon_id, taken.held, reason))


def _in_the_way(work: ScheduleRun, old: Schedule, reason: str = "") -> BackupError:
    """Return what to say where the API says that the old schedule is deleted, and has it all the same."""
    work.schedule = old
    return BackupError(messages.old_not_gone(work.addon_id, old, reason))


def _without_ours(work: ScheduleRun, decided: SchedulePlan, old: Schedule, error: NorthflankError) -> BackupError:
    """Return what to say where another user has deleted the old schedule, so that it is not ours to put back."""
    if may_have_acted(error):
        work.changed, work.settings = True, decided.settings
        return BackupError(messages.schedule_unknown(work.addon_id, decided.settings, error))
    return BackupError(
        messages.old_taken_away(work.addon_id, old, not_found.describe_failure(work.api, work.addon_id, error))
    )


def _put_back(work: ScheduleRun, api: Api, decided: SchedulePlan, old: Schedule, reason: str) -> Made:
    """Create the old schedule again, because the new one could not be.

    :param reason: why it could not.
    :returns: the new schedule, if its request has had its effect after all.
    :raises BackupError: in all other cases.
    """
    try:
        back = create_once(api, work.addon_id, old.settings, old)
    except Taken as taken:
        if settings_fit(decided.settings, taken.held.settings):
            return Made(taken.held)
        raise _lost_to(work, taken, reason) from taken
    except StillThere as error:
        raise _in_the_way(work, old, reason) from error
    except NorthflankError as error:
        failure = not_found.describe_failure(work.api, work.addon_id, error)
        raise BackupError(messages.old_not_put_back(work.addon_id, old, reason, failure)) from error
    if settings_fit(decided.settings, back.schedule.settings):
        return back
    work.at_stake, work.schedule, work.action = None, back.schedule, PUT_BACK
    raise BackupError(messages.old_put_back(work.addon_id, old, back.schedule, reason))


def _show(work: ScheduleRun, schedule: Schedule, settings: ScheduleSettings) -> None:
    work.schedule = schedule
    if not settings_fit(settings, schedule.settings):
        work.warnings.append(messages.unlike_asked(work.addon_id, settings))


def _require_requests(work: ScheduleRun, old: Schedule) -> None:
    """Wait for the next hour, or do not begin: what is begun has to be ended.

    :raises BackupError: the next hour is too far away.
    """
    client = work.api.client
    left, reset = client.rate.remaining, client.rate.reset
    if left is None or reset is None or left >= _REQUESTS_TO_FINISH:
        return
    pause = reset + client.deadline.timing.chance()
    if pause > client.deadline.remaining():
        facts = (old.settings, left, _REQUESTS_TO_FINISH, pause)
        raise BackupError(messages.too_few_requests(work.addon_id, *facts))
    client.deadline.pause(pause)


def _interrupted(work: ScheduleRun, error: NorthflankError) -> str:
    if work.changed:
        return task_messages.half_done(work.addon_id, error)
    return not_found.describe_failure(work.api, work.addon_id, error, task_messages.NOTHING_STARTED)
