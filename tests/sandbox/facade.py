# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox as tests use it."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask

from . import addons, admin, backups, data, restores, schedules, views
from .access import LoggedRequest, RequestLog, Tokens
from .api import Service, make_app
from .assumptions import Assumptions, assume
from .clock import Clock, SystemClock
from .errors import ContractViolation
from .faults import Barrier, Fault, Switchboard
from .front import Front
from .rate import RateLimit
from .records import Act, Addon, Outcome
from .server import Server
from .store import Store, StoreRequest
from .store_faults import StoreFault
from .world import World


class Sandbox:
    """A stand-in for the API, ready for requests between ``start`` and ``stop``, or as a context manager.

    :param clock: where all time comes from.
    :param assumptions: a reading of what the contract leaves open; the profile of the environment, if not given.
    :param rate_limit: requests in an hour.
    :param latency: seconds of the clock that each request takes.
    :param duration: seconds that a backup takes.
    :param restore_duration: seconds that a restore takes; as long as a backup, if not given.
    :param start_server: False for use through ``wsgi_app`` and ``store_app`` only, without a socket.
    :param with_admin: answer under ``/_sandbox/``, so that another process can drive this one.
    :param token: the token with the role update; made up, if not given.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        assumptions: Assumptions | None = None,
        *,
        rate_limit: int = 1000,
        latency: float = 0.0,
        duration: float = 8.0,
        restore_duration: float | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        start_server: bool = True,
        with_admin: bool = False,
        token: str | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self._folder = tempfile.TemporaryDirectory(prefix="northflank-sandbox-")
        took = duration if restore_duration is None else restore_duration
        self.world = World(self.clock, assumptions or assume(), Path(self._folder.name), duration, took)
        self._tokens = Tokens(update=token) if token else Tokens()
        self.token, self.read_token = self._tokens.update, self._tokens.read
        # Of an organisation, for access to several teams: good for paths that name a team.
        self.org_token = self._tokens.org
        self._stopping = threading.Event()
        self._switchboard = Switchboard()
        self._log = RequestLog(self._tokens)
        self._rate = RateLimit(rate_limit, self.clock)
        self.store_app = Store(self.world, with_server=start_server, stopping=self._stopping)
        service = Service(self.world, self._tokens, self._rate, self.store_app.link)
        self.contract_violations = service.violations
        self._denied = service.denied
        self.wsgi_app: Flask = make_app(service, own_routes=with_admin)
        if with_admin:
            admin.register(self.wsgi_app, self)
        inner = self.wsgi_app.wsgi_app
        parts = (inner, self.world, self._switchboard, self._log, self._rate, latency, self._stopping)
        self.wsgi_app.wsgi_app = Front(*parts)  # type: ignore[method-assign]  # Flask's own way to put something in front
        self._server = self._listen(host, port) if start_server else None
        self.url = self._server.url if self._server else "http://127.0.0.1"
        self.project_id = "default-project"

    def _listen(self, host: str, port: int) -> Server:
        try:
            return Server(self.wsgi_app, host, port)
        except (OSError, ValueError):
            self._folder.cleanup()
            raise

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self.contract_violations and error is None:
            raise ContractViolation("; ".join(self.contract_violations))

    def start(self) -> None:
        if self._server is not None:
            self._server.start()

    def stop(self) -> None:
        """End all that runs, also what is held at a barrier, and remove the data."""
        self._stopping.set()
        self._switchboard.release_all()
        if self._server is not None:
            self._server.stop()
        self.store_app.stop()
        self._folder.cleanup()

    # What the server saw

    @property
    def requests(self) -> list[LoggedRequest]:
        """The requests since the last ``clear_log``."""
        return self._log.all()

    @property
    def writes(self) -> list[LoggedRequest]:
        """Those of them that are not GET."""
        return [request for request in self.requests if request.method != "GET"]

    @property
    def store_requests(self) -> list[StoreRequest]:
        """The requests to the storage that download links lead to."""
        return self.store_app.requests()

    @property
    def acts(self) -> list[Act]:
        """What requests have really done since the last ``clear_log``, also those whose answer was lost."""
        with self.world.lock:
            self.world.settle()
            return list(self.world.acts)

    def clear_log(self) -> None:
        self._log.clear()
        self.world.acts.clear()
        self.store_app.clear_log()

    # What goes wrong

    def fault(self, fault: Fault) -> None:
        self._switchboard.add(fault)

    def store_fault(self, fault: StoreFault) -> None:
        """Let something go wrong with the storage that download links lead to."""
        self.store_app.add_fault(fault)

    def clear_faults(self) -> None:
        self._switchboard.clear()
        self.store_app.clear_faults()

    def hold(self, method: str | None, path: str | None = None, when: str = "before", turn: int = 1) -> Barrier:
        """Stop matching requests until the barrier is released. With one argument, that is the path.

        :param turn: from which matching request on.
        """
        if path is None:
            return self._switchboard.hold(None, str(method), when, turn)
        return self._switchboard.hold(method, path, when, turn)

    def set_rate(self, remaining: int) -> None:
        """Set what is left of the present hour; the hour begins, if it has not."""
        self._rate.set_remaining(remaining)

    def pretend_rate(self, **headers: str) -> None:
        """From now on, say nonsense about the budget: ``limit``, ``remaining`` and ``reset`` as the headers' values."""
        self._rate.pretend({f"x-ratelimit-{name}": value for name, value in headers.items()})

    def revoke_token(self) -> None:
        """From now on, ``token`` is refused."""
        self._tokens.revoked = True

    def deny(self, permission: str) -> None:
        """From now on, no token has this permission of the contract."""
        self._denied.add(permission)

    def role(self, authorization: str | None) -> str | None:
        """What an Authorization header grants: ``update``, ``read``, or None."""
        return self._tokens.role(authorization)

    # What the server holds

    @property
    def addon_ids(self) -> list[str]:
        """The addons of the default project."""
        with self.world.lock:
            return list(self.world.projects[self.project_id].addons)

    def backups(self, addon_id: str, project_id: str | None = None) -> list[dict[str, Any]]:
        """The addon's backups now, oldest first, each with all that any answer of the API may tell of it."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            ordered = sorted(addon.backups.values(), key=lambda backup: (backup.created_at, backup.number))
            return [views.backup_held(self.world, addon, backup) for backup in ordered]

    def restores(self, addon_id: str, project_id: str | None = None) -> list[dict[str, Any]]:
        """The addon's restores as the API lists them now, oldest first."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            return [views.restore_view(self.world, restore) for restore in addon.restores]

    def schedules(self, addon_id: str, project_id: str | None = None) -> list[dict[str, Any]]:
        """The addon's schedules as the API lists them now, oldest first."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            return [views.schedule_view(schedule) for schedule in addon.schedules]

    def add_schedule(self, addon_id: str, request: dict[str, Any], project_id: str | None = None) -> dict[str, Any]:
        """A schedule as somebody else would create it, by the body of that request."""
        with self.world.lock:
            return views.schedule_view(schedules.create(self.world, self._addon(addon_id, project_id), request))

    def remove_schedule(self, addon_id: str, schedule_id: str, project_id: str | None = None) -> None:
        """Let a schedule disappear, as somebody else would."""
        with self.world.lock:
            schedules.delete(self._addon(addon_id, project_id), schedule_id)

    def addon_status(self, addon_id: str, project_id: str | None = None) -> str:
        with self.world.lock:
            return self.world.status_of(self._addon(addon_id, project_id))

    def add_backup(
        self,
        addon_id: str,
        name: str | None = None,
        status: str = "completed",
        backup_type: str = "snapshot",
        age: float = 3600.0,
        source_type: str | None = None,
        compression_type: str | None = None,
        size: int | None = None,
        uid: str | None = None,
        id: str | None = None,  # noqa: A002  # as the API calls it
        project_id: str | None = None,
        custom_destination: str | None = None,
        additional_destinations: list[dict[str, Any]] | None = None,
        by_schedule: bool = False,
    ) -> dict[str, Any]:
        """A backup that was made ``age`` seconds ago, with the addon's present data behind it."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            backup = backups.add_earlier(
                self.world,
                addon,
                status,
                age,
                name=name,
                kind=backup_type,
                source_type=source_type,
                compression=compression_type,
                size=size,
                uid=uid,
                id=id,
                custom_destination=custom_destination,
                additional_destinations=additional_destinations or [],
                by_schedule=by_schedule,
            )
            return views.backup_held(self.world, addon, backup)

    def set_file(self, addon_id: str, backup_id: str, content: bytes, project_id: str | None = None) -> None:
        """Let the storage hold something else than the dump that was made."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            self.store_app.set_content(self.world.backup(addon, backup_id).uid, content)

    def file(self, addon_id: str, backup_id: str, project_id: str | None = None) -> bytes:
        """A dump's file as it was made."""
        with self.world.lock:
            return backups.content(self.world.backup(self._addon(addon_id, project_id), backup_id))

    def remove_backup(self, addon_id: str, backup_id: str, project_id: str | None = None) -> None:
        """Let a backup disappear, whatever its state."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            del addon.backups[self.world.backup(addon, backup_id).id]

    def start_restore(self, addon_id: str, backup_id: str, project_id: str | None = None) -> None:
        """Begin a restore, as somebody else would."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            restores.start(self.world, addon, self.world.backup(addon, backup_id), addon)

    def set_status(self, addon_id: str, backup_id: str, status: str, project_id: str | None = None) -> None:
        """Force a state, in which the backup then stays."""
        with self.world.lock:
            addon = self._addon(addon_id, project_id)
            backups.set_status(self.world, self.world.backup(addon, backup_id), status)

    def next_outcome(self, addon_id: str, outcome: str, duration: float | None = None) -> None:
        """What the addon's next backup becomes; "stuck" never ends. Several calls are for several backups."""
        with self.world.lock:
            self._addon(addon_id, None).outcomes.append(Outcome(outcome, duration))

    def next_restore_outcome(self, addon_id: str, outcome: str, duration: float | None = None) -> None:
        """What the next restore into the addon becomes."""
        with self.world.lock:
            self._addon(addon_id, None).restore_outcomes.append(Outcome(outcome, duration))

    def set_addon_status(self, addon_id: str, status: str, project_id: str | None = None) -> None:
        with self.world.lock:
            backups.addon_turns(self.world, self._addon(addon_id, project_id), status)

    def skew_dates(self, *seconds: float) -> None:
        """Let the Date headers of the next answers be wrong by so much each, and those that follow by the last."""
        with self.world.lock:
            self.world.date_ahead = list(seconds)

    def set_addon_version(self, addon_id: str, version: str, project_id: str | None = None) -> None:
        with self.world.lock:
            self._addon(addon_id, project_id).version = version

    def add_addon(
        self,
        addon_id: str,
        type: str = "postgresql",  # noqa: A002  # as the API calls it
        project_id: str | None = None,
        tags: list[str] | tuple[str, ...] = (),
    ) -> None:
        with self.world.lock:
            self.world.add_addon(addon_id, type, project_id or self.project_id, list(tags))

    def remove_addon(self, addon_id: str, project_id: str | None = None) -> None:
        with self.world.lock:
            addons.gone(self.world, self._addon(addon_id, project_id))

    def database(self, addon_id: str, project_id: str | None = None) -> Path:
        """The file of the addon's live data."""
        with self.world.lock:
            return self._addon(addon_id, project_id).database

    def query(self, addon_id: str, sql: str, project_id: str | None = None) -> list[tuple[Any, ...]]:
        with self.world.lock:
            return data.query(self.database(addon_id, project_id), sql)

    def execute(self, addon_id: str, sql: str, project_id: str | None = None) -> None:
        with self.world.lock:
            data.execute(self.database(addon_id, project_id), sql)

    def _addon(self, addon_id: str, project_id: str | None) -> Addon:
        """The addon of this ID, after all that was due has happened."""
        self.world.settle()
        for project in self.world.projects.values():
            if addon_id in project.addons and project_id in (None, project.id):
                return project.addons[addon_id]
        raise KeyError(f"the sandbox has no addon {addon_id}")
