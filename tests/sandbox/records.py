# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the sandbox keeps, and how a state follows from timestamps when somebody looks."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FINAL = frozenset({"completed", "aborted", "failed", "not-supported"})
ACTIVE = frozenset({"scheduled", "in-progress", "aborting"})
# How a test asks for a backup that never ends.
STUCK = "stuck"
_SHARE_SCHEDULED = 0.1


def _uid() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Act:
    """Something that a request has really done, whatever became of its answer.

    :ivar what: start, delete, abort, restore, schedule or unschedule.
    :ivar subject: the backup's uid; of a restore or a schedule, its ID.
    :ivar at: seconds since 1970.
    """

    what: str
    addon_id: str
    subject: str
    at: float


@dataclass
class Timeline:
    """The states of a backup or restore, each with the time from which it holds."""

    steps: list[tuple[float, str]]

    def status(self, now: float) -> str:
        reached = [status for at, status in self.steps if at <= now]
        return reached[-1] if reached else self.steps[0][1]

    def is_active(self, now: float) -> bool:
        return self.status(now) in ACTIVE

    def completed_at(self, now: float) -> float | None:
        """When the present state began, if it is a final one."""
        reached = [step for step in self.steps if step[0] <= now]
        return reached[-1][0] if reached and reached[-1][1] in FINAL else None

    def turn(self, now: float, *steps: tuple[float, str]) -> None:
        """Give up what was to come, for other states."""
        self.steps = [step for step in self.steps if step[0] <= now] + list(steps)

    @property
    def end(self) -> tuple[float, str]:
        return self.steps[-1]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a backup or restore, and how long that takes (None: as long as usual)."""

    status: str = "completed"
    duration: float | None = None


def planned(start: float, duration: float, outcome: str) -> Timeline:
    """The usual life: scheduled for a moment, then in progress, then its end."""
    steps = [(start, "scheduled"), (start + _SHARE_SCHEDULED * duration, "in-progress")]
    return Timeline(steps if outcome == STUCK else [*steps, (start + duration, outcome)])


@dataclass
class Backup:
    """A backup.

    :ivar image: the database as it was when the backup began.
    :ivar by_schedule: made by a schedule, so that there is something to retain it from.
    :ivar waits_for: what becomes of it once its addon runs, while it waits for that.
    :ivar addon_type: which program dumps it.
    """

    id: str
    uid: str
    number: int
    name: str
    kind: str
    created_at: float
    life: Timeline
    image: bytes
    addon_version: str
    source_type: str | None = None
    compression: str | None = None
    custom_destination: str | None = None
    additional_destinations: list[dict[str, Any]] = field(default_factory=list)
    size: int | None = None
    retained: bool = False
    by_schedule: bool = False
    waits_for: Outcome | None = None
    addon_type: str = "postgresql"


@dataclass
class Restore:
    """A restore of a backup, which may belong to another addon, into ``target``."""

    id: str
    number: int
    created_at: float
    life: Timeline
    backup: Backup
    target: Addon


@dataclass
class Schedule:
    """A schedule. It is kept and shown, and never fires."""

    id: str
    number: int
    created_at: float
    updated_at: float
    request: dict[str, Any]

    @property
    def interval(self) -> str:
        return str(self.request["scheduling"]["interval"])

    @property
    def kind(self) -> str:
        return str(self.request["backupType"])


@dataclass
class Destination:
    """A backup destination. ``request`` has its secrets."""

    id: str
    number: int
    created_at: float
    updated_at: float
    request: dict[str, Any]


@dataclass
class Addon:
    """An addon with its live database.

    :ivar status: what it has while nothing runs.
    :ivar made_from: the request that created it, where one did.
    :ivar first_image: what its data began with, and a reset brings back.
    """

    id: str
    number: int
    project_id: str
    type: str
    version: str
    created_at: float
    database: Path
    tags: list[str] = field(default_factory=list)
    status: str = "running"
    uid: str = field(default_factory=_uid)
    backups: dict[str, Backup] = field(default_factory=dict)
    restores: list[Restore] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    used_ids: set[str] = field(default_factory=set)
    outcomes: deque[Outcome] = field(default_factory=deque)
    restore_outcomes: deque[Outcome] = field(default_factory=deque)
    name: str = ""
    made_from: dict[str, Any] = field(default_factory=dict)
    first_image: bytes = b""


@dataclass
class Project:
    """A project with its addons."""

    id: str
    number: int
    created_at: float
    uid: str = field(default_factory=_uid)
    addons: dict[str, Addon] = field(default_factory=dict)
