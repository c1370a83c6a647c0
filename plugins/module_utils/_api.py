# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method for each endpoint. The only file that knows the API's URL paths."""

from __future__ import annotations

import re
from typing import Any, Mapping, NamedTuple, Optional

from ansible_collections.northflank.cloud.plugins.module_utils._client import Check, Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import MalformedAnswer, NotSent, safe_text
from ansible_collections.northflank.cloud.plugins.module_utils._models import Addon, Backup, Restore, Schedule

# IDs come from the API as well as from the user; none may ever lead to another path.
_PATH_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~-]*")


class Api(NamedTuple):
    """The endpoints of one project.

    All methods raise what :class:`Client` raises, :class:`MalformedAnswer` where an answer breaks the contract, and
    :class:`NotSent` where an ID is none.

    :ivar project_id: the project.
    :ivar team_id: the team that the token acts for, if any (source: the API's reference and the official clients).
    """

    client: Client
    project_id: str
    team_id: Optional[str] = None

    def with_client(self, client: Client) -> Api:
        """The same endpoints through another client."""
        return Api(client, self.project_id, self.team_id)

    def get_addon(self, addon_id: str) -> Addon:
        """One addon."""
        return Addon.from_api(self.client.get(self._path(addon_id)))

    def list_addons(self, repeat: bool = True) -> list[Addon]:
        """All addons of the project; one request for each 100.

        :param repeat: False for one attempt only at each page.
        """
        return [Addon.from_api(item) for item in self.client.pages(self._path(), "addons", repeat)]

    def list_project_ids(self) -> list[str]:
        """The IDs of all projects that the token may see; one request for each 100."""
        found = []
        for item in self.client.pages(f"{self._root()}/projects", "projects"):
            project_id = item.get("id") if isinstance(item, dict) else None
            if not isinstance(project_id, str):
                raise MalformedAnswer("a project has no id")
            found.append(project_id)
        return found

    def types_with_dumps(self) -> dict[str, bool]:
        """By type of addon, whether it supports dumps; types that do not say are left out.

        Source: seen on the wire, sent to the official client.
        """
        data = self.client.get("/v1/addon-types")
        types = data.get("addonTypes") if isinstance(data, dict) else None
        if not isinstance(types, list):
            raise MalformedAnswer("there is no list of addonTypes")
        known = {}
        for entry in types:
            features = entry.get("features") if isinstance(entry, dict) else None
            if isinstance(features, dict) and isinstance(features.get("backupsDump"), bool):
                known[str(entry.get("type"))] = features["backupsDump"]
        return known

    def list_backups(self, addon_id: str) -> list[Backup]:
        """All backups of an addon, in no particular order; one request for each 100."""
        return [Backup.from_api(item) for item in self.client.pages(self._path(addon_id, "backups"), "backups")]

    def create_backup(self, addon_id: str, request: Mapping[str, Any]) -> Backup:
        """Start a backup.

        :param request: the body, as the API wants it.
        """
        return Backup.from_api(self.client.post(self._path(addon_id, "backups"), request))

    def get_backup(self, addon_id: str, backup_id: str, repeat: bool = True) -> Backup:
        """One backup.

        :param repeat: False for one attempt only.
        """
        return Backup.from_api(self.client.get(self._path(addon_id, "backups", backup_id), repeat=repeat))

    def delete_backup(self, addon_id: str, backup_id: str, before_repeat: Optional[Check] = None) -> None:
        """Delete a backup for ever.

        :param before_repeat: see :meth:`Client.post`.
        """
        self.client.delete(self._path(addon_id, "backups", backup_id), before_repeat)

    def abort_backup(self, addon_id: str, backup_id: str, before_repeat: Optional[Check] = None) -> None:
        """Stop a backup that is under way. It is final only later.

        :param before_repeat: see :meth:`Client.post`.
        """
        self.client.post(self._path(addon_id, "backups", backup_id, "abort"), before_repeat=before_repeat)

    def retain_backup(self, addon_id: str, backup_id: str, before_repeat: Optional[Check] = None) -> None:
        """Keep a schedule's backup for ever. Asking twice does no harm.

        :param before_repeat: see :meth:`Client.post`.
        """
        self.client.post(self._path(addon_id, "backups", backup_id, "retain"), before_repeat=before_repeat)

    def list_restores(self, addon_id: str, repeat: bool = True) -> list[Restore]:
        """All restores of an addon, in no particular order; one request for each 100.

        :param repeat: False for one attempt only at each page.
        """
        items = self.client.pages(self._path(addon_id, "restores"), "restores", repeat)
        return [Restore.from_api(item) for item in items]

    def start_restore(
        self,
        addon_id: str,
        backup_id: str,
        source_project_id: Optional[str] = None,
        source_addon_id: Optional[str] = None,
        before_repeat: Optional[Check] = None,
    ) -> str:
        """Put an addon back to a backup.

        :param source_project_id: where a global backup comes from.
        :param source_addon_id: likewise.
        :param before_repeat: see :meth:`Client.post`.
        :returns: the restore's ID.
        """
        source = {"sourceProjectId": source_project_id, "sourceAddonId": source_addon_id}
        query = {key: value for key, value in source.items() if value is not None}
        path = self._path(addon_id, "backups", backup_id, "restore")
        data = self.client.post(path, query=query, before_repeat=before_repeat)
        restore_id = data.get("restoreId") if isinstance(data, dict) else None
        if not isinstance(restore_id, str) or not restore_id:
            raise MalformedAnswer("there is no restoreId")
        return restore_id

    def abort_restore(self, addon_id: str, backup_id: str, restore_id: str) -> None:
        """Stop a restore that is under way. It is final only later."""
        self.client.post(self._path(addon_id, "backups", backup_id, "abort-restore"), {"restoreId": restore_id})

    def list_schedules(self, addon_id: str) -> list[Schedule]:
        """All schedules of an addon, in no particular order; one request for each 100."""
        items = self.client.pages(self._path(addon_id, "backup-schedules"), "schedules")
        return [Schedule.from_api(item) for item in items]

    def create_schedule(self, addon_id: str, request: Mapping[str, Any]) -> str:
        """Let backups be taken by a schedule.

        :param request: the body, as the API wants it.
        :returns: the schedule's ID.
        """
        data = self.client.post(self._path(addon_id, "backup-schedules"), request)
        schedule_id = data.get("id") if isinstance(data, dict) else None
        if not isinstance(schedule_id, str) or not schedule_id:
            raise MalformedAnswer("there is no ID of a schedule")
        return schedule_id

    def delete_schedule(self, addon_id: str, schedule_id: str, before_repeat: Optional[Check] = None) -> None:
        """Delete a schedule. The backups that it took stay.

        :param before_repeat: see :meth:`Client.post`.
        """
        self.client.delete(self._path(addon_id, "backup-schedules", schedule_id), before_repeat)

    def download_link(self, addon_id: str, backup_id: str) -> str:
        """A link to a dump's file, good for a while. It leads to another host, which must never see the token."""
        data = self.client.get(self._path(addon_id, "backups", backup_id, "download-link"))
        link = data.get("downloadLink") if isinstance(data, dict) else None
        if not isinstance(link, str) or not link:
            raise MalformedAnswer("there is no downloadLink")
        return link

    def last_log_lines(self, addon_id: str, backup_id: str, lines: int) -> list[str]:
        """The newest lines of a dump's log, oldest first. Snapshots have no log."""
        query = {"queryType": "range", "lineLimit": lines, "direction": "backward"}
        data = self.client.get(self._path(addon_id, "backups", backup_id, "logs"), query, repeat=False)
        if not isinstance(data, list) or not all(isinstance(line, dict) for line in data):
            raise MalformedAnswer("the log is not a list of lines")
        newest_last = sorted(data, key=lambda line: str(line.get("ts")))
        return [str(line.get("log")) for line in newest_last[-lines:]]

    def _root(self) -> str:
        return f"/v1/teams/{_part(self.team_id)}" if self.team_id is not None else "/v1"

    def _path(self, *parts: str) -> str:
        path = "".join(f"/{_part(part)}" for part in parts)
        return f"{self._root()}/projects/{_part(self.project_id)}/addons{path}"


def _part(text: str) -> str:
    if not _PATH_PART.fullmatch(text):
        raise NotSent(f"the request cannot be sent, as '{safe_text(text, 80)}' is no ID", passing=False)
    return text
