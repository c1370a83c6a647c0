# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a 404: whether it is the project or the addon that does not exist, and what was probably meant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, NorthflankError
from .._api.models import Addon, Backup
from .._api.paged import Paged
from . import messages


def read_project(api: Api) -> tuple[Paged[Addon], dict[str, Paged[Backup]]]:
    """All addons of the project, and by addon all backups.

    :raises BackupError: the project does not exist, or an addon has gone meanwhile.
    """
    with told_apart(api, ""):
        # An addon that slipped from one page to another would be left out of a set without a word.
        addons = api.confirm_addons(api.list_addons())
    found = {}
    for addon in addons:
        with told_apart(api, addon.id):
            found[addon.id] = api.list_backups(addon.id)
    return addons, found


@contextmanager
def told_apart(api: Api, addon_id: str) -> Iterator[None]:
    """Let a 404 inside fail with what is missing.

    :param addon_id: the addon that is asked for; empty where only the project is.
    :raises BackupError: instead of the 404.
    """
    try:
        yield
    except ApiError as error:
        if error.status != 404:
            raise
        raise BackupError(explain(api, addon_id, error)) from error


def explain(api: Api, addon_id: str, error: ApiError, beside: str = "") -> str:
    """Find out what is missing. Costs a request or two, on the way to a failure only.

    :param addon_id: the addon that was asked for; empty where only the project was.
    :param error: the 404.
    :param beside: what else there is to say.
    :returns: sentences for the user.
    """
    if addon_id:
        try:
            known = sorted(addon.id for addon in api.list_addons())
        except ApiError as other:
            if other.status != 404:
                return messages.sentences(messages.told(error), beside)
        except NorthflankError:
            return messages.sentences(messages.told(error), beside)
        else:
            if addon_id in known:
                return messages.something_else_missing(addon_id, error, beside)
            return messages.no_such_addon(addon_id, api.project_id, known, beside)
    return messages.no_such_project(api.project_id, _project_ids(api), beside, api.team_id is not None)


def told(api: Api, addon_id: str, error: NorthflankError, beside: str = "") -> str:
    """Any failure, with what can be done about it; after a 404, with what is missing.

    :param beside: what else there is to say.
    """
    if isinstance(error, ApiError) and error.status == 404:
        return explain(api, addon_id, error, beside)
    # What ends with a command gets no stop behind it.
    return messages.sentences(messages.told(error), beside) if beside else messages.told(error)


def _project_ids(api: Api) -> list[str]:
    """The projects that there are; none where the token may not list them, as what is missing is known all the same."""
    try:
        return sorted(api.list_project_ids())
    except NorthflankError:
        return []
