# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps that make, change and delete schedules. Only of an addon that has none, so that no one's own can be lost.

All of them are deleted again within seconds, and none is due within that time.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from .lab import Lab, StepFailed, id_of
from .steps import Step
from .wire import Answer

# Retention of a day more than the contract's limits, and just within them.
_HOURLY_LIMIT, _LIMIT = 7, 120


def body(lab: Lab, interval: str, days: int, kind: str = "snapshot") -> dict[str, Any]:
    """A schedule that is not due for a while: for half an hour if it is hourly, for half a day or three days else."""
    ahead = {"hourly": timedelta(minutes=30), "daily": timedelta(hours=12), "weekly": timedelta(days=3)}[interval]
    due = datetime.fromtimestamp(lab.wire.timing.wall(), timezone.utc) + ahead
    scheduling: dict[str, Any] = {"interval": interval, "minute": [due.minute]}
    if interval != "hourly":
        scheduling["hour"] = [due.hour]
    if interval == "weekly":
        scheduling["day"] = [due.weekday()]
    return {"scheduling": scheduling, "backupType": kind, "retentionTime": days}


def path(lab: Lab) -> str:
    return f"{lab.place.path}/backup-schedules"


def listed(lab: Lab, question: str) -> list[dict[str, Any]]:
    return lab.list_of(question, path(lab), "schedules", 1)


def own(lab: Lab, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that this run has made, by what was sent for them. The addon had none before."""
    sent = [mark(each) for each in lab.evidence.facts.get("sent schedules", [])]
    return [entry for entry in found if mark(entry) in sent]


def _has_id(schedule: dict[str, Any]) -> bool:
    return schedule.get("id") is not None


def mark(schedule: dict[str, Any]) -> tuple[object, ...]:
    scheduling = schedule.get("scheduling")
    times = scheduling if isinstance(scheduling, dict) else {}
    return schedule.get("backupType"), times.get("interval"), times.get("minute")


def _create(lab: Lab, question: str, wanted: dict[str, Any]) -> Answer:
    _require_none(lab)
    lab.evidence.facts.setdefault("sent schedules", []).append(wanted)
    return lab.write(question, "POST", path(lab), wanted)


def _delete(lab: Lab, answer: Answer) -> None:
    schedule_id = id_of(answer)
    if schedule_id is not None:
        lab.write("schedule deleted", "DELETE", f"{path(lab)}/{schedule_id}")


def _require_none(lab: Lab) -> None:
    if lab.evidence.facts.get("schedules") != []:
        raise StepFailed("The addon has schedules of its own, or they cannot be read; they are not touched.")


def _limits(lab: Lab) -> None:
    """Send retentions that one of the vendor's sources allows and another one does not."""
    hourly = _create(lab, "hourly beyond", body(lab, "hourly", _HOURLY_LIMIT + 1))
    _delete(lab, hourly)
    if hourly.ok:
        _delete(lab, _create(lab, "weekly beyond", body(lab, "weekly", _LIMIT + 1)))
        return
    # The same with one day less shows whether the retention was what did not fit.
    _delete(lab, _create(lab, "hourly within", body(lab, "hourly", _HOURLY_LIMIT)))


def _per_addon(lab: Lab) -> None:
    """Create a schedule, and one of the same interval for dumps."""
    if lab.evidence.facts.get("dumps") is False:
        raise StepFailed("Addons of this type have no dumps, so there is one backup type only.")
    first = _create(lab, "schedule", body(lab, "weekly", _HOURLY_LIMIT))
    if not first.ok:
        raise StepFailed(f"A schedule was not created (HTTP {first.status}).")
    _delete(lab, _create(lab, "other type", body(lab, "weekly", _HOURLY_LIMIT, "dump")))
    _delete(lab, first)


def _patch(lab: Lab) -> None:
    """Change an addon's schedules: the same one first, then another one in its place."""
    kept = body(lab, "weekly", _HOURLY_LIMIT)
    if not _create(lab, "schedule", kept).ok:
        raise StepFailed("A schedule was not created.")
    lab.evidence.facts["unpatched"] = listed(lab, "unpatched schedules")
    lab.write("patch same", "PATCH", lab.place.path, {"backupSchedules": [kept]})
    lab.evidence.facts["patched same"] = listed(lab, "same schedules")
    other = body(lab, "daily", _HOURLY_LIMIT)
    lab.evidence.facts["sent schedules"].append(other)
    lab.write("patch other", "PATCH", lab.place.path, {"backupSchedules": [other]})
    lab.evidence.facts["patched other"] = listed(lab, "other schedules")
    for entry in filter(_has_id, own(lab, lab.evidence.facts["patched other"])):
        lab.write("schedule deleted", "DELETE", f"{path(lab)}/{entry.get('id')}")


SCHEDULES = [
    Step("limits", "create schedules with long retentions, and delete them", 4, _limits),
    Step("per addon", "create two schedules of one interval, and delete them", 4, _per_addon),
    Step("patch", "change the addon's schedules by PATCH, and delete them", 8, _patch),
]
