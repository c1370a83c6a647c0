# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addons of several projects as hosts: which are read, what they are called, in which groups they are.

Knows nothing of Ansible; the inventory plugin hands it an API and puts what comes back where Ansible wants it.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ..module_utils._api.endpoints import Api
from ..module_utils._api.errors import BackupError, InvalidInput, MalformedAnswer, NorthflankError
from ..module_utils._api.models import Addon
from ..module_utils._task import validation
from ..module_utils._task.concurrency import side_by_side
from ..module_utils._task.connection import Connection
from ..module_utils._task.not_found import explain_not_found
from . import _inventory_messages as inventory_messages

# Projects that are read at once.
_AT_ONCE = 8
# The group of all addons, and what the names of all other groups begin with.
ALL = "northflank"


class Host(NamedTuple):
    """An addon of a project."""

    project_id: str
    addon: Addon

    @property
    def name(self) -> str:
        """Neither part holds a dot, so two projects never make the same name."""
        return f"{self.addon.id}.{self.project_id}"

    @property
    def variables(self) -> dict[str, Any]:
        """What a task needs to know about the addon."""
        return {
            "northflank_project_id": self.project_id,
            "northflank_addon_id": self.addon.id,
            "northflank_type": self.addon.type,
            "northflank_status": self.addon.status,
            "northflank_tags": list(self.addon.tags),
        }

    @property
    def groups(self) -> list[str]:
        """The names of its groups, before they are made fit for Ansible."""
        tags = [f"{ALL}_tag_{tag}" for tag in self.addon.tags if tag]
        return [
            ALL,
            f"{ALL}_project_{self.project_id}",
            f"{ALL}_type_{self.addon.type}",
            f"{ALL}_status_{self.addon.status}",
            *tags,
        ]


class Filters(NamedTuple):
    """Which addons become hosts; None is "not asked"."""

    types: Optional[Sequence[str]] = None
    tags: Optional[Sequence[str]] = None
    statuses: Optional[Sequence[str]] = None

    def narrow(self, hosts: Sequence[Host]) -> list[Host]:
        """Return those that fit."""
        return [host for host in hosts if host.addon.fits(self.types, self.tags, self.statuses)]

    def unmatched(self, hosts: Sequence[Host]) -> list[str]:
        """Return what to tell of types and tags that no addon has at all."""
        types = sorted({host.addon.type for host in hosts})
        tags = sorted({tag for host in hosts for tag in host.addon.tags})
        return [
            inventory_messages.filter_matches_nothing(option, value, known)
            for option, asked, known in (("types", self.types, types), ("tags", self.tags, tags))
            for value in asked or ()
            if value not in known
        ]


def project_ids(values: Optional[Sequence[str]]) -> Optional[list[str]]:
    """Return the projects that the user names: each an ID, none twice.

    :returns: None where all are meant.
    """
    if values is None:
        return None
    if not values:
        raise InvalidInput("projects", "must name at least one project; without the option, all are read")
    ids: list[str] = []
    for value in values:
        project_id = validation.identifier("projects", value.strip())
        if project_id in ids:
            raise InvalidInput("projects", "must name each project once only", project_id)
        ids.append(project_id)
    return ids


def known_options(given: Sequence[str], known: Sequence[str]) -> None:
    """Refuse an option that is none: Ansible takes it without a word, and the inventory would be another one."""
    for name in given:
        if name not in known:
            raise InvalidInput(name, inventory_messages.no_such_option(name, known))


def read_hosts(api: Api, projects: Optional[Sequence[str]]) -> list[Host]:
    """Return all addons of projects.

    One request for each 100 of a project, and one for each 100 projects if none is named.

    :param api: the endpoints of any project.
    :param projects: None for all that the token may list.
    :raises BackupError: one of them cannot be read; then nothing is known about the others either.
    """
    wanted = _all_projects(api) if projects is None else projects
    hosts: dict[str, list[Host]] = {}
    failures: dict[str, NorthflankError] = {}

    def read_one(project_id: str) -> None:
        if failures:
            return
        try:
            hosts[project_id] = _hosts(api._replace(project_id=project_id))
        except NorthflankError as error:
            failures[project_id] = error

    with side_by_side(_AT_ONCE, len(wanted)) as run_all:
        run_all([partial(read_one, project_id) for project_id in wanted])
    for project_id in wanted:
        if project_id in failures:
            error = failures[project_id]
            raise BackupError(inventory_messages.of_project(project_id, error)) from error
    return [host for project_id in wanted for host in hosts[project_id]]


def without_token(hosts: Sequence[Host], token: str) -> list[Host]:
    """Mask the token in what the API tells, which becomes variables and groups, and is kept in caches."""

    def mask(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(mask, value))
        return value.replace(token, "********") if isinstance(value, str) else value

    return [host._replace(addon=Addon(*map(mask, host.addon))) for host in hosts]


def cache_key(connection: Connection, projects: Optional[Sequence[str]]) -> str:
    """Return what tells the data of one account's projects from that of others; nothing of the token is in it."""
    what = json.dumps([connection.target.url, connection.team_id, None if projects is None else sorted(projects)])
    return hashlib.sha256(what.encode()).hexdigest()[:16]


def to_cache(hosts: Sequence[Host]) -> list[dict[str, Any]]:
    """Return a form that can be kept in a file."""
    return [{"project_id": host.project_id, **host.addon.to_result()} for host in hosts]


def from_cache(kept: Any) -> Optional[list[Host]]:
    """Return what was kept; None where it is not what this version keeps, as then it has to be read anew."""
    if not isinstance(kept, list):
        return None
    try:
        return [_kept_host(one) for one in kept]
    except (KeyError, TypeError, AttributeError, NorthflankError):
        return None


def _all_projects(api: Api) -> list[str]:
    try:
        found = sorted(set(api.list_project_ids()))
        for project_id in found:
            _require_id("a project", project_id)
    except NorthflankError as error:
        raise BackupError(inventory_messages.projects_not_listed(error)) from error
    return found


def _hosts(api: Api) -> list[Host]:
    with explain_not_found(api, ""):
        addons = {addon.id: addon for addon in api.list_addons()}
    for addon_id in addons:
        _require_id("an addon", addon_id)
    return [Host(api.project_id, addons[addon_id]) for addon_id in sorted(addons)]


def _require_id(what: str, value: str) -> None:
    try:
        validation.identifier("id", value)
    except InvalidInput as error:
        raise MalformedAnswer(f"{what} has the ID {value!r}, which no task could use") from error


def _kept_host(kept: Mapping[str, Any]) -> Host:
    addon = Addon.from_api({**kept, "spec": {"type": kept["type"]}})
    project_id = str(kept["project_id"])
    for one in (project_id, addon.id):
        validation.identifier("id", one)
    return Host(project_id, addon)
