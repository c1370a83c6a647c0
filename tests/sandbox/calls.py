# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request on its way to the function that handles it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .paging import T, page_of
from .records import Addon, Backup, Project
from .world import World

Answer = dict[str, Any]
# What is answered without any body.
NO_BODY: Answer = {}


@dataclass(frozen=True)
class Call:
    """A request that has passed the contract.

    :ivar link: makes a download link for a file of a backup.
    :ivar grants: the permissions that the token has.
    :ivar is_org: whether the token is an organisation's.
    """

    world: World
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    link: Callable[[Backup], str]
    grants: Sequence[str] = ()
    is_org: bool = False

    @property
    def project(self) -> Project:
        return self.world.project(self.path["projectId"])

    @property
    def addon(self) -> Addon:
        return self.world.addon(self.path["projectId"], self.path["addonId"])

    @property
    def backup(self) -> Backup:
        return self.world.backup(self.addon, self.path["backupId"])

    @property
    def source(self) -> Addon:
        """The addon whose backup is meant: another one's, if the query says so."""
        project_id = self.query.get("sourceProjectId", self.path["projectId"])
        addon_id = self.query.get("sourceAddonId", self.path["addonId"])
        if (project_id, addon_id) == (self.path["projectId"], self.path["addonId"]):
            return self.addon
        return self.world.source(project_id, addon_id)

    def page(self, items: Sequence[T], scope: str) -> tuple[list[T], dict[str, Any]]:
        """One page of a list and its pagination object."""
        return page_of(items, self.query, self.world.assumptions, self.world.cursors, scope)
