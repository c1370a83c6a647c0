# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints of backup destinations, which are the account's. They raise what those of :class:`Api` raise."""

from __future__ import annotations

from typing import Any, Callable, Hashable

from .endpoints import Api
from .paged import Item, Paged
from .permission import needing

# It is none of a project's.
PERMISSION_TO_READ_DESTINATIONS = "Account > Platform > BackupDestinations > Read"


def list_destinations(api: Api, read: Callable[[Any], Item], key: Callable[[Item], Hashable]) -> Paged[Item]:
    """Return the account's backup destinations; one request for each 100.

    :param read: makes a destination of the API's form.
    :param key: what one is known by: the list does not have to tell IDs.
    """
    with needing(PERMISSION_TO_READ_DESTINATIONS):
        return api.list_of(f"{api.root()}/backup-destinations", "backupDestinations", read, key)


def list_destination_backups(
    api: Api, destination_id: str, read: Callable[[Any], Item], key: Callable[[Item], Hashable]
) -> Paged[Item]:
    """Return what is stored in a backup destination; one request for each 100.

    :param destination_id: checked, as it becomes a part of the URL.
    :param read: makes a stored backup of the API's form.
    :param key: what one is known by: each addon has IDs of its own.
    """
    with needing(PERMISSION_TO_READ_DESTINATIONS):
        return api.list_of(f"{api.root()}/backup-destinations/{destination_id}/backups", "data", read, key)
