# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of schedules. Pure."""

from __future__ import annotations

from typing import Any, Sequence

from .._api.errors import NorthflankError, safe_text
from .._api.schedule_models import Schedule, ScheduleSettings
from .._task.messages import brief, command, sentences

_LONGEST_VALUE = 200


def schedule_label(addon_id: str, settings: ScheduleSettings) -> str:
    """A schedule as messages name it."""
    return f"{brief(settings.interval)} {brief(settings.backup_type)} schedule of addon {addon_id}"


def several_schedules(addon_id: str, schedules: Sequence[Schedule]) -> str:
    """More schedules of an interval and type than an addon can have."""
    interval, backup_type = schedules[0].settings.kind
    ids = ", ".join(brief(one.id) for one in schedules)
    return (
        f"Addon {addon_id} has {len(schedules)} {interval} {backup_type} schedules (ID {ids}), but may have only one. "
        "Nothing was changed. Delete all but one in Northflank's web interface, or all of them with "
        "state=absent, then run the task again."
    )


def too_few_requests(addon_id: str, settings: ScheduleSettings, left: int, needed: int, seconds: float) -> str:
    """The request budget might not suffice to end what was begun."""
    return (
        f"Only {left} requests are left in this hour, and {needed} may be needed to replace the "
        f"{schedule_label(addon_id, settings)} without losing it. Nothing was changed. Run the task again in "
        f"{seconds:.0f} s, when the API takes requests again."
    )


def schedule_unknown(addon_id: str, settings: ScheduleSettings, error: NorthflankError) -> str:
    """A request to create a schedule was sent, and nobody can say what became of it."""
    return sentences(
        f"It is not known whether the {schedule_label(addon_id, settings)} was created: {error}",
        "Run the same task again: it creates the schedule if it does not exist",
    )


def another_schedule(addon_id: str, held: Schedule, reason: str = "") -> str:
    """Another user has created a schedule of this interval and type at the same time."""
    return sentences(
        f"Somebody else created another {schedule_label(addon_id, held.settings)} at the same time "
        f"(ID {brief(held.id)}), and it was left as it is",
        reason,
        "Agree on one of them. To replace it, run the same task again",
    )


def retention_may_be_refused(option: str, days: int, interval: str, longest: int) -> str:
    """Days that one source of the API forbids, and another one does not."""
    return (
        f"{option} is {days} days. Some versions of the API's reference allow at most {longest} days with "
        f"interval={interval}, and the newest name no limit. The API may refuse it."
    )


def option_not_told(addon_id: str, settings: ScheduleSettings, option: str) -> str:
    """The API leaves out what was asked for, so nobody knows whether the schedule has it."""
    return (
        f"The API does not show {option} of the {schedule_label(addon_id, settings)}. The task assumes that it is as "
        "requested, and does not change it."
    )


def deletion_unknown(addon_id: str, old: Schedule, reason: str) -> str:
    """A request to delete the old schedule was sent, and nobody can say what became of it."""
    return sentences(
        f"It is not known whether the old {schedule_label(addon_id, old.settings)} is still there, and the new one was "
        f"not created: {reason}",
        "Run the same task again to finish the change",
    )


def old_put_back(addon_id: str, old: Schedule, back: Schedule, reason: str) -> str:
    """The new schedule could not be created, and the old one is there again."""
    return sentences(
        f"The new {schedule_label(addon_id, old.settings)} was not created. The old one was created again as it was "
        f"(ID {brief(back.id)}, before {brief(old.id)}). {reason}"
    )


def old_not_put_back(addon_id: str, old: Schedule, reason: str, error: str) -> str:
    """The new schedule could not be created, and the old one is gone."""
    return sentences(
        f"The {schedule_label(addon_id, old.settings)} may be gone: the old one was deleted to make room, and the new "
        f"one was not created. {reason}",
        f"The attempt to restore the old one failed, too. {error}",
        "Run the same task again to create the new one",
    )


def old_not_gone(addon_id: str, old: Schedule, reason: str) -> str:
    """The API has answered that the old schedule is deleted, and still lists it."""
    return sentences(
        f"The API answered that the {schedule_label(addon_id, old.settings)} was deleted, but still lists it "
        f"(ID {brief(old.id)}), so the new one could not be created",
        reason,
        "Run the same task again",
    )


def old_taken_away(addon_id: str, old: Schedule, reason: str) -> str:
    """Another user has deleted the old schedule, and the new one could not be created."""
    return sentences(
        f"Somebody else deleted the {schedule_label(addon_id, old.settings)} at the same time, and the new one was not "
        f"created. {reason}"
    )


def old_schedule(project_id: str, addon_id: str, old: Schedule) -> str:
    """The old schedule whole, as a task that makes it again."""
    return f"This task makes the old schedule again: {as_task(project_id, addon_id, old.settings)}"


def how_to_look(project_id: str, addon_id: str) -> str:
    """The command that shows what there is."""
    return f"To see what there is: {command('addon_backup_schedule_info', project_id=project_id, addon_id=addon_id)}"


def unlike_asked(addon_id: str, settings: ScheduleSettings) -> str:
    """The API shows the schedule that was just created as another one than was asked for."""
    return (
        f"The API shows the new {schedule_label(addon_id, settings)} with settings that differ from the "
        "request. The next run would replace it again. Compare the returned schedule with the task."
    )


def not_carried_over(addon_id: str, old: Schedule) -> str:
    """The old schedule has what the request to create one has no place for."""
    keys = ", ".join(brief(key) for key in sorted(old.extra))
    return (
        f"The API told of the old {schedule_label(addon_id, old.settings)} what this version of northflank.cloud does "
        f"not know ({keys}). If that was a setting, the new one does not have it."
    )


def as_task(project_id: str, addon_id: str, settings: ScheduleSettings) -> str:
    """A task in one line of YAML, without double quotes, so that it can be pasted from JSON output too."""
    facts = settings.to_result()
    given = {"project_id": project_id, "addon_id": addon_id, **{key: facts[key] for key in facts if facts[key]}}
    module = "northflank.cloud.addon_backup_schedule"
    return f"- {{name: Make the old schedule again, {module}: {_yaml(given)}}}"


def _yaml(value: Any) -> str:
    """A value in YAML's flow style. What is None or empty is left out of a mapping."""
    if isinstance(value, dict):
        parts = ", ".join(f"{key}: {_yaml(part)}" for key, part in value.items() if part is not None)
        return f"{{{parts}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, int):
        return str(value)
    text = safe_text(value, _LONGEST_VALUE).replace("'", "''")
    return f"'{text}'"
