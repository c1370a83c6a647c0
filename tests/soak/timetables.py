# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the soak about schedules of backups: an old one is there, and a task wants another in its place."""

from __future__ import annotations

from ansible_collections.northflank.cloud.plugins.module_utils._api.endpoints import Api
from ansible_collections.northflank.cloud.plugins.module_utils._api.schedule_models import Schedule, ScheduleSettings
from ansible_collections.northflank.cloud.plugins.module_utils._schedule import engine
from ansible_collections.northflank.cloud.plugins.module_utils._schedule.messages import as_task
from ansible_collections.northflank.cloud.plugins.module_utils._task.actions import PUT_BACK

from sandbox import Sandbox

PROJECT = "default-project"
OLD, NEW, THEIRS = (ScheduleSettings("daily", "snapshot", (minute,), 14, hour=(2,)) for minute in (30, 45, 55))
# What a task may take beyond its deadline once it has deleted the old one: an hour until the request limit comes back.
TO_FINISH = 3901.0


def settings_of(sandbox: Sandbox, addon_id: str) -> list[ScheduleSettings]:
    """All schedules of an addon, by minute only: the rest is the same in all."""
    held = [Schedule.from_api(one).settings for one in sandbox.schedules(addon_id)]
    return [known for one in held for known in (OLD, NEW, THEIRS) if known.minute == one.minute]


def meddle(sandbox: Sandbox, addon_id: str, action: str) -> bool:
    """What another user does. Returns whether that touched the schedule that the task is about."""
    held = sandbox.schedules(addon_id)
    if action in ("delete", "exchange") and held:
        sandbox.remove_schedule(addon_id, held[0]["id"])
    if (action == "same" and not held) or (action == "exchange" and held):
        sandbox.add_schedule(addon_id, THEIRS.to_api())
    return bool(held) if action in ("delete", "exchange") else action == "same" and not held


def run(api: Api, addon_id: str) -> engine.ScheduleRun:
    """The task, as its module would run it."""
    return engine.run_schedule(engine.ScheduleRun(api, addon_id, NEW), "present")


def judge(work: engine.ScheduleRun, sandbox: Sandbox, meddled: bool) -> None:
    """What must hold after any schedule of faults."""
    acts = [act for act in sandbox.acts if act.addon_id == work.addon_id]
    writes = [seen for seen in sandbox.writes if f"/{work.addon_id}/" in seen.path]
    assert acts == [] or work.changed, "something was done that is not told"
    assert writes or not work.changed, "nothing was sent, and a change is told"
    held = settings_of(sandbox, work.addon_id)
    assert len(held) <= 1, "there are two of a kind"
    if meddled:
        return
    if work.error is None:
        assert held == [NEW], "success, and the schedule is not the one that was asked for"
    elif held not in ([OLD], [NEW]):
        assert as_task(PROJECT, work.addon_id, OLD) in work.error, "the old schedule is lost"
    if work.action == PUT_BACK:
        assert held == [OLD]


def judge_next_run(again: engine.ScheduleRun, sandbox: Sandbox) -> None:
    """With nothing going wrong, the next run does it."""
    assert again.error is None, again.error
    assert settings_of(sandbox, again.addon_id) == [NEW]
