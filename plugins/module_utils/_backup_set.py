# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of addon_backup: make sure that usable backups exist, under one deadline, with a result for each.

Knows nothing of Ansible: client, clock and sleep come in from outside.
"""

from __future__ import annotations

from typing import Sequence

from ansible_collections.northflank.cloud.plugins.module_utils._api import Api
from ansible_collections.northflank.cloud.plugins.module_utils._backup_member import (
    Member,
    Settings,
    Work,
    attempt,
    begin,
    decide,
    finish,
)
from ansible_collections.northflank.cloud.plugins.module_utils._backup_plan import Wanted
from ansible_collections.northflank.cloud.plugins.module_utils._backup_wait import one_by_one, watch_all


def run(api: Api, wanted: Sequence[Wanted], settings: Settings) -> list[Member]:
    """Make sure that each addon has the backup that is wanted.

    Never raises for what can go wrong on the way: each result says it in ``error``, beside what was done until then.

    :param api: its client's deadline is the one for everything; ``on_timeout=abort`` may take 30 s more.
    :returns: one result for each wanted backup, in the given order.
    """
    deadline = api.client.deadline
    works = [Work(api, deadline, settings, Member(one.addon_id, api.project_id, one)) for one in wanted]
    for work in works:
        attempt(work, decide)
    if settings.check_mode:
        return [work.member for work in works]
    for work in works:
        attempt(work, begin)
    watch_all([work.watch for work in works if work.watch is not None], deadline, one_by_one)
    for work in works:
        attempt(work, finish)
    return [work.member for work in works]
