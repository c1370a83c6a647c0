# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading something of several addons, or of all addons of the project, side by side."""

from __future__ import annotations

from functools import partial
from typing import Callable, Optional, Sequence, TypeVar

from .._api.endpoints import Api
from .._api.errors import NorthflankError
from . import messages
from .concurrency import side_by_side
from .not_found import explain_not_found, holds_for_all

Reading = TypeVar("Reading")

_AT_ONCE = 8


def read_each(
    api: Api, addon_ids: Optional[Sequence[str]], read: Callable[[str], Reading]
) -> tuple[dict[str, Reading], dict[str, str]]:
    """Read something of each addon. Of a whole project, an addon that cannot be read hides no other.

    :param addon_ids: None for all addons of the project, which takes a request for each 100 of them.
    :param read: reads it of one addon, by its ID.
    :returns: by addon, in their order, what was read; and by addon why it could not be read.
    :raises NorthflankError: an addon that was named cannot be read, none of the project can, or the reason is the same
        for all.
    """
    asked = _project(api) if addon_ids is None else addon_ids
    found: dict[str, Reading] = {}
    failed: dict[str, NorthflankError] = {}

    def ends_all(error: NorthflankError) -> bool:
        return addon_ids is not None or holds_for_all(error)

    def call(addon_id: str) -> None:
        if any(map(ends_all, tuple(failed.values()))):
            return
        try:
            with explain_not_found(api, addon_id):
                found[addon_id] = read(addon_id)
        except NorthflankError as error:
            failed[addon_id] = error

    calls = [partial(call, addon_id) for addon_id in asked]
    # One goes ahead. Where its failure holds for all, no other request is sent.
    for together in filter(None, (calls[:1], calls[1:])):
        with side_by_side(_AT_ONCE, len(together)) as run_all:
            run_all(together)
    errors = {addon_id: failed[addon_id] for addon_id in asked if addon_id in failed}
    for error in errors.values():
        if ends_all(error) or not found:
            raise error
    told = {addon_id: messages.describe_error(error) for addon_id, error in errors.items()}
    return {addon_id: found[addon_id] for addon_id in asked if addon_id in found}, told


def _project(api: Api) -> list[str]:
    with explain_not_found(api, ""):
        return sorted(addon.id for addon in api.list_addons())
