# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether all addons of a set can be backed up: decided for all of them before anything is started for one. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping, NamedTuple, Optional, Sequence

from .._api.models import DUMP, Addon
from .._api.states import RUNNING, TRANSITIONAL_STATES
from .._task import messages as task_messages
from . import messages


class Preflight(NamedTuple):
    """What a look at the project's addons has shown.

    :ivar problems: why an addon cannot be backed up, by its ID.
    :ivar passing: the addons that have to be waited for, with their states.
    """

    problems: Mapping[str, str] = MappingProxyType({})
    passing: Mapping[str, str] = MappingProxyType({})


def check_addons(
    addon_ids: Sequence[str],
    addons: Sequence[Addon],
    backup_type: str,
    project_id: str,
    dumps: Optional[Mapping[str, bool]] = None,
) -> Preflight:
    """Check the members of a set.

    :param addon_ids: the members.
    :param addons: all addons of the project.
    :param dumps: by type of addon, whether it supports dumps; None where that was not asked for.
    """
    known = {addon.id: addon for addon in addons}
    problems: dict[str, str] = {}
    passing: dict[str, str] = {}
    for addon_id in addon_ids:
        addon = known.get(addon_id)
        if addon is None:
            problems[addon_id] = task_messages.no_such_addon(addon_id, project_id, sorted(known))
        elif backup_type == DUMP and dumps is not None and dumps.get(addon.type) is False:
            problems[addon_id] = messages.no_dumps(addon_id, addon.type)
        elif addon.status in TRANSITIONAL_STATES:
            passing[addon_id] = addon.status
        elif addon.status != RUNNING:
            problems[addon_id] = messages.addon_not_running(addon_id, addon.status)
    return Preflight(problems, passing)
