# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a 404: whether it is the project or the addon that does not exist, and what was probably meant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

from .._api.endpoints import Api
from .._api.errors import BY_TOKEN, ApiError, BackupError, NorthflankError, NotSent, RateLimited
from . import messages


class NoProject(BackupError):
    """There is no such project."""


def holds_for_all(error: NorthflankError) -> bool:
    """Return whether a failure is about the token, the project or the way to the API, so the same for each addon."""
    if isinstance(error, ApiError):
        return error.status in BY_TOKEN
    return isinstance(error, (NotSent, NoProject, RateLimited))


@contextmanager
def explain_not_found(api: Api, addon_id: str) -> Iterator[None]:
    """Let a 404 inside fail with what is missing.

    :param addon_id: the addon that is asked for; empty where only the project is.
    :raises BackupError: instead of the 404.
    """
    try:
        yield
    except ApiError as error:
        if error.status != 404:
            raise
        raise explain(api, addon_id, error) from error


def explain(api: Api, addon_id: str, error: ApiError, beside: str = "") -> BackupError:
    """Find out what is missing. Costs a request or two, on the way to a failure only.

    :param addon_id: the addon that was asked for; empty where only the project was.
    :param error: the 404.
    :param beside: what else there is to say.
    :returns: sentences for the user, as an error to raise.
    """
    if addon_id:
        try:
            known = sorted(addon.id for addon in api.list_addons())
        except ApiError as other:
            if other.status != 404:
                return BackupError(messages.describe_error(error, beside))
        except NorthflankError:
            return BackupError(messages.describe_error(error, beside))
        else:
            if addon_id in known:
                return BackupError(messages.something_else_missing(addon_id, error, beside))
            return BackupError(messages.no_such_addon(addon_id, api.project_id, known, beside))
    return NoProject(messages.no_such_project(api.project_id, _project_ids(api), beside, api.team_id is not None))


def cause(api: Api, addon_id: str, error: NorthflankError, beside: str = "") -> NorthflankError:
    """Return why a task failed; after a 404, what is missing.

    :param beside: what else there is to say.
    """
    if isinstance(error, ApiError) and error.status == 404:
        return explain(api, addon_id, error, beside)
    return error


def describe_failure(api: Api, addon_id: str, error: NorthflankError, beside: str = "") -> str:
    """Return any failure, with what can be done about it; after a 404, with what is missing.

    :param beside: what else there is to say.
    """
    found = cause(api, addon_id, error, beside)
    return str(found) if found is not error else messages.describe_error(error, beside)


def _project_ids(api: Api) -> list[str]:
    """Return the projects that there are.

    None where the token may not list them, as what is missing is known all the same.
    """
    try:
        return sorted(api.list_project_ids())
    except NorthflankError:
        return []
