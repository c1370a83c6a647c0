# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads backup destinations and what is stored in one. Never one destination by its ID: that answer has its secrets."""

from __future__ import annotations

from .._api.destination_endpoints import list_destination_backups, list_destinations
from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError
from .messages import no_such_destination
from .models import BackupDestination, StoredBackup, newest_first


def read_destinations(api: Api) -> list[BackupDestination]:
    """Return the account's destinations, by name."""
    found = list_destinations(api, BackupDestination.from_api, lambda one: one.identity)
    return sorted(found, key=lambda one: (one.name, one.id or ""))


def read_stored(api: Api, destination_id: str, known: list[BackupDestination]) -> list[StoredBackup]:
    """Return what is stored in a destination, newest first.

    :param known: the account's destinations, to name them where this one is none of them.
    :raises BackupError: there is no such destination.
    """
    try:
        found = list_destination_backups(api, destination_id, StoredBackup.from_api, lambda one: one.identity)
    except ApiError as error:
        if error.status != 404:
            raise
        raise BackupError(no_such_destination(destination_id, [one.id or one.name for one in known])) from error
    return newest_first(found)
