# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state behind the API: projects, addons, their backups. No HTTP here, and no time but the clock's.

Nothing runs in the background. States follow from timestamps when somebody looks; what has to happen at a time (a
restore that replaces data, a request that takes effect late) waits in a queue that :meth:`World.settle` works off.
"""

from __future__ import annotations

import heapq
import itertools
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import data
from .assumptions import Assumptions
from .clock import Clock
from .errors import ApiError
from .paging import Cursors
from .records import Act, Addon, Backup, Destination, Project

ADDON_TYPES: dict[str, tuple[str, str, bool]] = {
    "postgresql": ("PostgreSQL", "16.4.0", True),
    "mysql": ("MySQL", "8.0.36", True),
    "mongodb": ("MongoDB", "7.0.14", True),
    "redis": ("Redis", "7.2.4", False),
    "minio": ("MinIO", "2024.8.17", False),
    "rabbitmq": ("RabbitMQ", "3.13.7", False),
}
DESTINATIONS = ("example-destination", "offsite-s3")
TEAMS = ("example-team",)
REGION = "europe-west"
CLUSTER = "nf-europe-west"
FIRST_ADDONS = (
    ("default-project", "postgres-main", "postgresql", ("critical", "orders")),
    ("default-project", "mysql-orders", "mysql", ("orders",)),
    ("default-project", "mongo-events", "mongodb", ()),
    ("default-project", "redis-cache", "redis", ("cache",)),
    ("default-project", "minio-files", "minio", ()),
    ("default-project", "rabbitmq-jobs", "rabbitmq", ()),
    ("default-project", "postgres-paused", "postgresql", ()),
    ("staging-project", "postgres-staging", "postgresql", ()),
)
# Addons are older than any backup that a test makes up.
_ADDON_AGE = 400 * 86400.0


@dataclass(order=True)
class _Event:
    due: float
    number: int
    act: Callable[[], None] = field(compare=False)


class World:
    """All state. Take ``lock`` around what belongs together, and call :meth:`settle` before looking.

    :param folder: where the addons' databases are kept.
    :param duration: seconds that a backup takes.
    :param restore_duration: seconds that a restore takes.
    """

    def __init__(
        self, clock: Clock, assumptions: Assumptions, folder: Path, duration: float, restore_duration: float
    ) -> None:
        self.clock = clock
        self.assumptions = assumptions
        self.duration = duration
        self.restore_duration = restore_duration
        self.lock = threading.RLock()
        # What requests have done; see Sandbox.acts.
        self.acts: list[Act] = []
        self.secret = secrets.token_bytes(32)
        self.cursors = Cursors()
        self.projects: dict[str, Project] = {}
        self.destinations: dict[str, Destination] = {}
        # Deleted addons: what of theirs lies in a backup destination is still there.
        self.gone: list[Addon] = []
        # By how many seconds the Date headers of the next answers are wrong; the last goes for all that follow.
        self.date_ahead: list[float] = [0.0]
        # States that a test made up; only these may break the contract's list of states.
        self.odd_statuses: set[str] = set()
        self._folder = folder
        self._events: list[_Event] = []
        self._moment: float | None = None
        self._images: dict[bytes, bytes] = {}
        self._numbers = itertools.count(1)
        self._fill()

    def now(self) -> float:
        """The time; while a queued event happens, the time it was due."""
        with self.lock:
            return self.clock.now() if self._moment is None else self._moment

    def number(self) -> int:
        """A number for the next record, as two records may have one timestamp."""
        return next(self._numbers)

    def did(self, what: str, addon: Addon, subject: str) -> None:
        """Remember what a request has done."""
        with self.lock:
            self.acts.append(Act(what, addon.id, subject, self.now()))

    def at(self, due: float, act: Callable[[], None]) -> None:
        """Let something happen at a time."""
        with self.lock:
            heapq.heappush(self._events, _Event(due, self.number(), act))

    def settle(self) -> None:
        """Let happen what was due by now, in order, each at its own time."""
        with self.lock:
            if self._moment is not None:
                return
            try:
                while self._events and self._events[0].due <= self.clock.now():
                    event = heapq.heappop(self._events)
                    self._moment = event.due
                    event.act()
            finally:
                self._moment = None

    def project(self, project_id: str) -> Project:
        if project_id not in self.projects:
            raise ApiError(404, "project_not_found", f'There is no project "{project_id}".')
        return self.projects[project_id]

    def addon(self, project_id: str, addon_id: str) -> Addon:
        addons = self.project(project_id).addons
        if addon_id not in addons:
            raise ApiError(404, "addon_not_found", f'There is no addon "{addon_id}" in project "{project_id}".')
        return addons[addon_id]

    def backup(self, addon: Addon, backup_id: str) -> Backup:
        if backup_id not in addon.backups:
            raise ApiError(404, "backup_not_found", f'There is no backup "{backup_id}" of addon "{addon.id}".')
        return addon.backups[backup_id]

    def status_of(self, addon: Addon) -> str:
        """The addon's status, with what runs on it taken into account."""
        now = self.now()
        if addon.status != "running":
            return addon.status
        if not self.assumptions.addon_status_follows_backup:
            return "running"
        if any(restore.life.is_active(now) for restore in addon.restores):
            return "restore"
        return "backup" if self.has_active_backup(addon) else "running"

    def has_active_backup(self, addon: Addon) -> bool:
        now = self.now()
        return any(backup.life.is_active(now) for backup in addon.backups.values())

    def require_ready(self, addon: Addon, purpose: str) -> None:
        """Refuse what only a running addon can do."""
        if addon.status != "running":
            text = f'Addon "{addon.id}" has the status "{addon.status}"; only a running one {purpose}.'
            raise ApiError(409, "addon_not_running", text)
        if not self.assumptions.addon_busy_refuses:
            return
        if self.has_active_backup(addon) or any(restore.life.is_active(self.now()) for restore in addon.restores):
            raise ApiError(409, "addon_busy", f'A backup or restore of addon "{addon.id}" is running.')

    def source(self, project_id: str, addon_id: str) -> Addon:
        """The addon that a backup comes from; also one that is no more, as what lies in a destination outlives it."""
        for addon in self.gone if self.assumptions.gone_source == "accept" else []:
            if (addon.project_id, addon.id) == (project_id, addon_id):
                return addon
        return self.addon(project_id, addon_id)

    def image(self, addon: Addon) -> bytes:
        """The addon's data now. Equal copies are kept once."""
        image = data.image_of(addon.database)
        return self._images.setdefault(image, image)

    def add_addon(
        self, addon_id: str, addon_type: str, project_id: str, tags: list[str], created_at: float | None = None
    ) -> Addon:
        """A new addon with the first data, in a project that is new as well if there is none of this ID.

        :param created_at: a long time ago, if not given.
        """
        if addon_type not in ADDON_TYPES:
            raise ValueError(f"{addon_type!r} is none of {', '.join(ADDON_TYPES)}")
        if project_id not in self.projects:
            self.projects[project_id] = Project(project_id, self.number(), self.now() - _ADDON_AGE)
        number = self.number()
        database = self._folder / f"{number}-{addon_id}.sqlite"
        data.create(database)
        version = ADDON_TYPES[addon_type][1]
        created_at = self.now() - _ADDON_AGE if created_at is None else created_at
        addon = Addon(addon_id, number, project_id, addon_type, version, created_at, database, tags)
        addon.name, addon.first_image = addon_id, data.first_image()
        self.projects[project_id].addons[addon_id] = addon
        return addon

    def _fill(self) -> None:
        for project_id, addon_id, addon_type, tags in FIRST_ADDONS:
            self.add_addon(addon_id, addon_type, project_id, list(tags))
        self.projects["default-project"].addons["postgres-paused"].status = "paused"
        for destination_id in DESTINATIONS:
            request = {
                "name": destination_id,
                "type": "s3",
                "prefix": "backups/",
                "usage": "globalBackups",
                "credentials": {
                    "bucketName": f"{destination_id}-bucket",
                    "region": "us-west-2",
                    "endpoint": "s3.us-west-2.amazonaws.com",
                    "accessKey": f"AKIA{secrets.token_hex(8).upper()}",
                    "secretKey": secrets.token_hex(20),
                },
            }
            made = self.now() - _ADDON_AGE
            self.destinations[destination_id] = Destination(destination_id, self.number(), made, made, request)
