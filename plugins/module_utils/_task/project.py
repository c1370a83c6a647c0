# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that a project has."""

from __future__ import annotations

from .._api.endpoints import Api
from .._api.models import Addon, Backup
from .._api.paged import Paged
from .not_found import explain_not_found


def read_project(api: Api) -> tuple[Paged[Addon], dict[str, Paged[Backup]]]:
    """Return all addons of the project, and by addon all backups.

    :raises BackupError: the project does not exist, or an addon has gone meanwhile.
    """
    with explain_not_found(api, ""):
        # An addon that slipped from one page to another would be left out of a set without a word.
        addons = api.confirm_addons(api.list_addons())
    found = {}
    for addon in addons:
        with explain_not_found(api, addon.id):
            found[addon.id] = api.list_backups(addon.id)
    return addons, found
