# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a fork runs, or until it is gone: by its own answer, under the task's one deadline."""

from __future__ import annotations

from typing import AbstractSet, Callable, Optional

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError
from .._api.states import ADDON_STATES, BLOCKED_STATES, RUNNING
from .._task.concurrency import one_by_one
from .._task.task import Observer
from .._task.watch import OutOfTime, Poll, watch_all
from . import messages
from .lookup import addon_facts
from .models import AddonFacts, ForkSpec

DELETED_STATE = "deleted"
GOING_STATES = frozenset({"deleting", DELETED_STATE})


class ForkWatch:
    """One wait for a fork.

    :param share: the part of the request budget, above 0 to 1, that looking may use.
    :param observe: is told how the wait goes.
    :ivar fork: as last seen.
    """

    def __init__(
        self, api: Api, spec: ForkSpec, fork: AddonFacts, backup_id: str, share: float, observe: Observer
    ) -> None:
        self.fork = fork
        self._api = api
        self._spec = spec
        self._backup_id = backup_id
        self._share = share
        self._observe = observe

    def until_running(self) -> None:
        """Wait until it runs.

        :raises BackupError: it does not, or not in time, or nobody knows.
        """

        def ask(known: AddonFacts) -> AddonFacts:
            found = self._seen(known)
            if found is None:
                raise BackupError(messages.fork_vanished(self._spec, known))
            return found

        self._watch(ask, BLOCKED_STATES | {RUNNING}, messages.fork_still_coming_up)
        if self.fork.status != RUNNING:
            raise BackupError(messages.fork_does_not_run(self._spec, self.fork, self._backup_id))

    def until_gone(self) -> None:
        """Wait until there is none.

        :raises BackupError: it is still there, or nobody knows.
        """

        def ask(known: AddonFacts) -> AddonFacts:
            return self._seen(known) or known._replace(status=DELETED_STATE)

        self._watch(ask, {DELETED_STATE}, messages.fork_still_there)

    def _watch(
        self,
        ask: Callable[[AddonFacts], AddonFacts],
        final: AbstractSet[str],
        too_late: Callable[..., str],
    ) -> None:
        spec, backup_id, client = self._spec, self._backup_id, self._api.client
        poll = Poll(
            self.fork.name,
            self.fork,
            ask,
            on_unknown_status=lambda known: messages.unknown_fork_status(spec, known, backup_id),
            on_lost=lambda known, reason: messages.fork_out_of_sight(spec, known, backup_id, reason),
            final=final,
            known=ADDON_STATES,
        )
        watch_all([poll], client, one_by_one, self._share, observe=self._observe)
        self.fork = poll.state
        try:
            poll.result()
        except OutOfTime as late:
            seconds = client.deadline.seconds
            raise BackupError(too_late(spec, self.fork, backup_id, seconds, late.unseen)) from late

    def _seen(self, known: AddonFacts) -> Optional[AddonFacts]:
        """Return what the API tells now; None where there is none, or it is another addon by now."""
        try:
            found = addon_facts(self._api, known.id, repeat=False)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return None if found.is_another_than(known) else found
