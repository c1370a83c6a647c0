# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a prune knows of backups and of what is being restored, and so what it decides, before the first one goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional, Sequence, Set, Tuple

from .._api.endpoints import Api
from .._api.models import Backup, Restore
from .._api.paged import Paged
from .._task.not_found import explain_not_found
from .._task.restore_history import Restores
from .decisions import Decision

# A backup, by its addon and its identity.
Key = Tuple[str, Tuple[str, str]]
Decide = Callable[[Mapping[str, Sequence[Backup]], Restores], Sequence[Decision]]
Asks = Callable[[Sequence[Decision]], Set[str]]


@dataclass
class Pruning:
    """A prune under way: what is known, and so what is decided. More knowledge only keeps more.

    :ivar decide: the decision on all backups, given them and the restores that were read; pure.
    :ivar asks: the addons whose restores such decisions depend on; pure.
    :ivar found: by addon, all backups.
    :ivar restores: by addon, all restores, of the addons that are asked.
    :ivar read_at: when those were read, in seconds of the task.
    """

    api: Api
    decide: Decide
    asks: Asks
    found: Mapping[str, Sequence[Backup]]
    restores: dict[str, Sequence[Restore]] = field(default_factory=dict)
    read_at: dict[str, float] = field(default_factory=dict)
    _decided: Optional[tuple[Decision, ...]] = None

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What follows from what is known now, newest first."""
        if self._decided is None:
            self._decided = tuple(self.decide(self.found, self.restores))
        return self._decided

    def read_restores(self, addon_id: str) -> None:
        """Ask what is being restored, of one addon."""
        self.restores[addon_id] = all_restores(self.api, addon_id)
        self.read_at[addon_id] = self.api.client.deadline.elapsed()
        self._decided = None

    def take(self, found: Mapping[str, Sequence[Backup]]) -> None:
        """Decide on these backups from now on."""
        self.found = dict(found)
        self._decided = None

    def learn(self, addon_id: str, backup: Backup, now: Backup) -> None:
        """Take in what the API says of a backup by now."""
        if (backup.status, backup.last_restore) == (now.status, now.last_restore):
            return
        news = backup._replace(status=now.status, last_restore=now.last_restore)
        known = [news if one.identity == backup.identity else one for one in self.found[addon_id]]
        self.take({**self.found, addon_id: known})


def read_backups(api: Api, addon_ids: Sequence[str]) -> dict[str, Sequence[Backup]]:
    """Return the backups of all addons.

    :raises NorthflankError: one cannot be read, so nothing is decided.
    """
    found: dict[str, Sequence[Backup]] = {}
    for addon_id in addon_ids:
        with explain_not_found(api, addon_id):
            found[addon_id] = api.list_backups(addon_id)
    return found


def without_gaps(api: Api, found: Mapping[str, Sequence[Backup]]) -> dict[str, Sequence[Backup]]:
    """Return backups by addon, so that it is certain which are not there.

    Asks only for lists that came in several pages.

    :param found: as they were read, or as this function has returned them.
    """
    sure: dict[str, Sequence[Backup]] = {}
    for addon_id, seen in found.items():
        with explain_not_found(api, addon_id):
            sure[addon_id] = tuple(api.confirm_backups(addon_id, seen) if isinstance(seen, Paged) else seen)
    return sure


def all_restores(api: Api, addon_id: str) -> Sequence[Restore]:
    """Return an addon's restores, so that it is certain which are not there.

    One request for each 100, in most cases one.
    """
    with explain_not_found(api, addon_id):
        return api.confirm_restores(addon_id, api.list_restores(addon_id))


def plan_retention(work: Pruning) -> Pruning:
    """Read what the decisions depend on beside the lists of backups: nothing where nothing would go.

    :raises NorthflankError: it cannot be read, so nothing is decided.
    """
    if work.asks(work.decisions):
        # One that slipped from one page to another may be what keeps others, as their group's or release's.
        work.take(without_gaps(work.api, work.found))
    while True:
        unread = sorted(work.asks(work.decisions) - work.restores.keys())
        if not unread:
            return work
        for addon_id in unread:
            work.read_restores(addon_id)


def key_of(one: Decision) -> Key:
    """Return what tells a decision's backup from all others."""
    return one.addon_id, one.backup.identity
