# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints that start and stop restores. They raise what those of :class:`Api` raise."""

from __future__ import annotations

from typing import Optional

from .client import Guard
from .endpoints import Api
from .models import Restore, text_of
from .paged import Paged, confirmed


def start_restore(
    api: Api,
    addon_id: str,
    backup_id: str,
    source_project_id: Optional[str] = None,
    source_addon_id: Optional[str] = None,
    before_repeat: Optional[Guard] = None,
) -> str:
    """Put an addon back to a backup.

    :param source_project_id: where a global backup comes from.
    :param source_addon_id: likewise.
    :param before_repeat: see :meth:`Client.post`.
    :returns: the restore's ID. It may have another form than the ID in lists: the reference has 13 digits here and
        24 hexadecimal digits there.
    """
    path = api.path(addon_id, "backups", backup_id, "restore")
    query = _source(source_project_id, source_addon_id)
    return api.client.post(path, None, query, before_repeat, lambda data: text_of(data, "restoreId"))


def abort_restore(
    api: Api,
    addon_id: str,
    backup_id: str,
    restore_id: str,
    source_project_id: Optional[str] = None,
    source_addon_id: Optional[str] = None,
) -> None:
    """Stop a restore that is under way. It is final only later.

    :param source_project_id: where a global backup comes from.
    :param source_addon_id: likewise.
    """
    path = api.path(addon_id, "backups", backup_id, "abort-restore")
    api.client.post(path, {"restoreId": restore_id}, _source(source_project_id, source_addon_id))


def list_restores_of_backup(
    api: Api,
    addon_id: str,
    backup_id: str,
    source_project_id: Optional[str],
    source_addon_id: Optional[str],
) -> list[Restore]:
    """Return the restores of one backup into an addon, so that it is certain which are not there.

    One request for each 100; of a list of several pages, each page is read again.

    :param source_project_id: where a global backup comes from.
    :param source_addon_id: likewise.
    """
    path, source = api.path(addon_id, "backups", backup_id, "restores"), _source(source_project_id, source_addon_id)

    def read() -> Paged[Restore]:
        return api.list_of(path, "restores", Restore.from_api, may_lack=True, narrow=source)

    return confirmed(read(), read, lambda one: one.id)


def _source(project_id: Optional[str], addon_id: Optional[str]) -> dict[str, str]:
    """Return the query that says where a global backup comes from."""
    source = {"sourceProjectId": project_id, "sourceAddonId": addon_id}
    return {key: value for key, value in source.items() if value is not None}
