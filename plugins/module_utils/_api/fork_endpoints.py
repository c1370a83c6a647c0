# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints that make and delete addons. They raise what those of :class:`Api` raise."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional, TypeVar

from .client import Guard
from .endpoints import Api
from .permission import needing

PERMISSION_TO_CREATE_ADDONS = "Project > Addons > General > Create"
PERMISSION_TO_DELETE_ADDONS = "Project > Addons > General > Delete"
_Told = TypeVar("_Told")


def create_addon(
    api: Api, request: Mapping[str, Any], read: Callable[[Any], _Told], before_repeat: Optional[Guard] = None
) -> _Told:
    """Make an addon. What the answer tells is not in the form that :func:`read_addon` gets.

    :param request: the body, as the API wants it.
    :param read: makes an addon of the answer.
    :param before_repeat: see :meth:`Client.post`.
    """
    with needing(PERMISSION_TO_CREATE_ADDONS):
        return api.client.post(api.path(), request, None, before_repeat, read)


def read_addon(api: Api, addon_id: str, read: Callable[[Any], _Told], repeat: bool = True) -> _Told:
    """Return all that the API tells of one addon.

    :param read: makes an addon of the API's form; it notices what is another addon's.
    :param repeat: False for one attempt only.
    """
    return api.client.get(api.path(addon_id), read, repeat=repeat, names_itself=True)


def remove_addon(api: Api, addon_id: str, before_repeat: Optional[Guard] = None) -> None:
    """Delete an addon with its data and its backups.

    :param before_repeat: see :meth:`Client.post`.
    """
    with needing(PERMISSION_TO_DELETE_ADDONS):
        api.client.delete(api.path(addon_id), before_repeat)
