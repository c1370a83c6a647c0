# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method for each endpoint that most tasks need, and the beginning of all URL paths.

What only some tasks need stands in ``*_endpoints.py``, so that the others are not sent it.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Hashable, Mapping, NamedTuple, Optional, TypeVar

from .client import Client, Guard
from .errors import MalformedAnswer, NotSent, safe_text
from .models import SNAPSHOT, Addon, Backup, Restore, object_of
from .paged import Item, Paged, confirmed, each_once

Known = TypeVar("Known", Addon, Backup)

# IDs come from the API as well as from the user; none may ever lead to another path.
_PATH_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~-]*")


class Api(NamedTuple):
    """The endpoints of one project.

    All methods raise what :class:`Client` raises, :class:`MalformedAnswer` where an answer breaks the contract, and
    :class:`NotSent` where an ID is none.

    What is read by its ID is what was asked for: an answer about something else is none. A list of several pages may
    have gaps, see :class:`Paged`: before something is created or deleted because it is not in a list, hand the list to
    the ``confirm`` method of its kind, and decide again by what that returns. It asks only where there were several
    pages. Where the ID is known, read by it instead.

    :ivar project_id: the project.
    :ivar team_id: the team that the token acts for, if any (source: the API's reference and the official clients).
    """

    client: Client
    project_id: str
    team_id: Optional[str] = None

    def with_client(self, client: Client) -> Api:
        """Return the same endpoints through another client."""
        return Api(client, self.project_id, self.team_id)

    def get_addon(self, addon_id: str, repeat: bool = True) -> Addon:
        """Return one addon.

        :param repeat: False for one attempt only.
        """

        def read(data: Any) -> Addon:
            return _meant(Addon.from_api(data), "addon", addon_id)

        return self.client.get(self.path(addon_id), read, repeat=repeat, names_itself=True)

    def list_addons(self, repeat: bool = True) -> Paged[Addon]:
        """Return all addons of the project; one request for each 100.

        :param repeat: False for one attempt only at each page.
        """
        return self.list_of(self.path(), "addons", Addon.from_api, repeat=repeat)

    def confirm_addons(self, seen: Paged[Addon]) -> Paged[Addon]:
        """Return the project's addons, so that it is certain which are not there; see :func:`confirmed`."""
        return confirmed(seen, self.list_addons, _id_of)

    def list_project_ids(self) -> list[str]:
        """Return the IDs of all projects that the token may see; one request for each 100."""
        return self.list_of(f"{self.root()}/projects", "projects", _project_id, key=str)

    def types_with_dumps(self) -> dict[str, bool]:
        """Return by type of addon, whether it supports dumps; types that do not say are left out.

        Source: seen on the wire, sent to the official client.
        """
        return self.client.get("/v1/addon-types", _types_with_dumps)

    def who(self) -> dict[str, Any]:
        """Whose token this is, and what it may do, as the API tells it. Takes one attempt, and no permission.

        Source: the Python SDK from 2.0.0 on; not among the reference's pages, so it may be missing.
        """
        return self.client.get("/v1/auth", lambda data: object_of(data, "an identity"), repeat=False)

    def list_backups(self, addon_id: str) -> Paged[Backup]:
        """Return all backups of an addon, in no particular order; one request for each 100."""
        return self.list_of(self.path(addon_id, "backups"), "backups", Backup.from_api)

    def confirm_backups(self, addon_id: str, seen: Paged[Backup]) -> Paged[Backup]:
        """Return an addon's backups, so that it is certain which are not there; see :func:`confirmed`."""
        return confirmed(seen, lambda: self.list_backups(addon_id), _id_of)

    def create_backup(self, addon_id: str, request: Mapping[str, Any]) -> Backup:
        """Start a backup.

        :param request: the body, as the API wants it.
        :raises MalformedAnswer: the API has acted or not: what it tells of is not what it was asked for.
        """
        path = self.path(addon_id, "backups")
        return self.client.post(path, request, read=lambda data: _asked_for(Backup.from_api(data), request))

    def get_backup(self, addon_id: str, backup_id: str, repeat: bool = True) -> Backup:
        """Return one backup.

        :param repeat: False for one attempt only.
        """
        path = self.path(addon_id, "backups", backup_id)
        return self.client.get(
            path, lambda data: _meant(Backup.from_api(data), "backup", backup_id), repeat=repeat, names_itself=True
        )

    def delete_backup(self, addon_id: str, backup_id: str, before_repeat: Optional[Guard] = None) -> None:
        """Delete a backup forever.

        :param before_repeat: see :meth:`Client.post`.
        """
        self.client.delete(self.path(addon_id, "backups", backup_id), before_repeat)

    def abort_backup(self, addon_id: str, backup_id: str, before_repeat: Optional[Guard] = None) -> None:
        """Stop a backup that is under way. It is final only later.

        :param before_repeat: see :meth:`Client.post`.
        """
        self.client.post(self.path(addon_id, "backups", backup_id, "abort"), before_repeat=before_repeat)

    def retain_backup(self, addon_id: str, backup_id: str, before_repeat: Optional[Guard] = None) -> None:
        """Keep a schedule's backup forever. Asking twice does no harm.

        :param before_repeat: see :meth:`Client.post`.
        """
        self.client.post(self.path(addon_id, "backups", backup_id, "retain"), before_repeat=before_repeat)

    def list_restores(self, addon_id: str, repeat: bool = True) -> Paged[Restore]:
        """Return all restores of an addon, in no particular order; one request for each 100.

        :param repeat: False for one attempt only at each page.
        """
        path = self.path(addon_id, "restores")
        return self.list_of(path, "restores", Restore.from_api, repeat=repeat, may_lack=True)

    def confirm_restores(self, addon_id: str, seen: Paged[Restore]) -> Paged[Restore]:
        """Return an addon's restores, so that it is certain which are not there; see :func:`confirmed`."""
        return confirmed(seen, lambda: self.list_restores(addon_id), _id_of)

    def last_log_lines(self, addon_id: str, backup_id: str, lines: int) -> list[str]:
        """Return the newest lines of a dump's log, oldest first. Snapshots have no log."""
        query = {"queryType": "range", "lineLimit": lines, "direction": "backward"}
        path = self.path(addon_id, "backups", backup_id, "logs")
        return self.client.get(path, _log_lines, query, repeat=False)[-lines:]

    def list_of(
        self,
        path: str,
        name: str,
        read: Callable[[Any], Item],
        key: Optional[Callable[[Item], Hashable]] = None,
        repeat: bool = True,
        may_lack: bool = False,
        narrow: Optional[Mapping[str, Any]] = None,
    ) -> Paged[Item]:
        """Return a whole list, each item once.

        :param read: makes an item of the API's form.
        :param key: what an item is known by; its ID, if not given.
        :param narrow: query parameters that say what is listed.
        """
        found: list[Item] = []
        pages = 0
        for page in self.client.pages(path, name, repeat, may_lack, narrow):
            found += map(read, page)
            pages += 1
        return Paged(each_once(found, key or _id_of), pages)

    def root(self) -> str:
        """Return the URL path of all that the account or the team has."""
        return f"/v1/teams/{_part(self.team_id)}" if self.team_id is not None else "/v1"

    def path(self, *parts: str) -> str:
        """Return the URL path of the project's addons, or of something below them."""
        path = "".join(f"/{_part(part)}" for part in parts)
        return f"{self.root()}/projects/{_part(self.project_id)}/addons{path}"


def _part(text: str) -> str:
    if not _PATH_PART.fullmatch(text):
        raise NotSent(f"the request cannot be sent, as '{safe_text(text, 80)}' is no ID", passing=False)
    return text


def _id_of(record: Any) -> Hashable:
    identity: str = record.id
    return identity


def _meant(found: Known, what: str, asked_id: str) -> Known:
    """Return what was asked for, or no answer: an answer about something else is acted upon by nobody."""
    if found.id != asked_id:
        raise MalformedAnswer(f"{what} '{asked_id}' was asked for, and it is about '{safe_text(found.id, 80)}'")
    return found


def _asked_for(started: Backup, request: Mapping[str, Any]) -> Backup:
    """Return the backup that a request started, if the answer tells of that one.

    The type may be left out of an answer.
    """
    name, kind = request.get("name", started.name), request.get("backupType", SNAPSHOT)
    if started.name != name:
        raise MalformedAnswer(f"a backup named '{name}' was asked for, and it is about '{safe_text(started.name, 80)}'")
    if started.backup_type not in (kind, None):
        raise MalformedAnswer(f"a {kind} was asked for, and it is about a {started.backup_type}")
    return started


def _project_id(data: Any) -> str:
    project_id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(project_id, str):
        raise MalformedAnswer("a project has no id")
    return project_id


def _types_with_dumps(data: Any) -> dict[str, bool]:
    types = data.get("addonTypes") if isinstance(data, dict) else None
    if not isinstance(types, list):
        raise MalformedAnswer("there is no list of addonTypes")
    known = {}
    for entry in types:
        features = entry.get("features") if isinstance(entry, dict) else None
        if isinstance(features, dict) and isinstance(features.get("backupsDump"), bool):
            known[str(entry.get("type"))] = features["backupsDump"]
    return known


def _log_lines(data: Any) -> list[str]:
    """Return the lines of a log, oldest first.

    Its envelope is not certain: the SDK has seen other logs under these keys.
    """
    if isinstance(data, dict):
        data = next((data[key] for key in ("logs", "data") if isinstance(data.get(key), list)), None)
    if not isinstance(data, list) or not all(isinstance(line, dict) for line in data):
        raise MalformedAnswer("the log is not a list of lines")
    return [str(line.get("log")) for line in sorted(data, key=lambda line: str(line.get("ts")))]
