# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for backups and restores until all of them are final: under one deadline, with few requests.

Where the project's list of addons shows who is busy, one request tells of up to 100 of them. That is a hint to look
less often, and never the proof: each end is confirmed by a request of its own.
"""

from __future__ import annotations

from typing import Any, Callable, Container, Iterator, Mapping, NamedTuple, Optional, Sequence, TypeVar

from .._api.client import Client
from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, DeadlineReached, NorthflankError, NotSent, OutcomeUnknown, RateLimited
from .._api.states import FINAL_STATES, KNOWN_STATES
from .._api.timing import Deadline
from . import messages
from .concurrency import RunAll, one_by_one
from .polling_pace import BESIDE, SINGLE, Pace, RequestBudget, next_pause, one_of, shared
from .task import Observer, quiet

# The last look is taken this long before the deadline, so that what was done in time is not missed.
_LAST_LOOK = 0.5
# Sums of times are never exact: what is due in a microsecond is due.
_TOLERANCE = 1e-6
# Whoever watches the wait is not told more often than this, in seconds.
_OFTENEST = 1.0
# So many looks at the list of addons in a row that show nobody busy, and it is not asked again.
_VAIN_LOOKS = 3
# Looks beside a listing are for what it does not know. They are left out where the budget has less than this for each.
_PLENTY = 10

Seen = TypeVar("Seen")


class Unseen(NamedTuple):
    """Nothing can be said of how something goes.

    :ivar since: when it was last seen, in seconds since 1970.
    :ivar reason: what came of the last look instead of an answer.
    """

    since: float
    reason: str


class OutOfTime(DeadlineReached):
    """Timed out before the operation finished.

    :param state: what was waited for, as last seen.
    :param unseen: where the looks since then got no usable answer, since when, and why.
    """

    def __init__(self, state: Any, unseen: Optional[Unseen] = None) -> None:
        self.state = state
        self.unseen = unseen
        super().__init__("timed out before the operation finished")


class Poll:
    """Something that is waited for: a backup, or a restore.

    Looks that get no usable answer are tolerated until the deadline: they say nothing about what is waited for.

    :param addon_id: whose it is.
    :param state: what is known of it now; has a ``status``.
    :param ask: asks the API once, given what is known, and returns what is known then.
    :param on_unknown_status: the text for a status that nobody documented.
    :param on_lost: the text for a refusal or a broken connection, given what is known and the reason.
    :param final: the states that end the wait, among those that are ``known``.
    :ivar state: what the last look told.
    :ivar error: why there is no point in looking on.
    :ivar unseen: why nothing is known of it just now.
    :ivar due: when to look next, in seconds on the deadline's clock (``elapsed``).
    :ivar shown_busy: whether the list of addons shows that something is under way.
    :ivar expected: the ``Expectation`` of what began with the wait.
    """

    def __init__(
        self,
        addon_id: str,
        state: Any,
        ask: Callable[[Any], Any],
        on_unknown_status: Callable[[Any], str],
        on_lost: Callable[[Any, str], str],
        final: Container[str] = FINAL_STATES,
        known: Container[str] = KNOWN_STATES,
    ) -> None:
        self.addon_id = addon_id
        self.state = state
        self.error: Optional[NorthflankError] = None
        self.unseen: Optional[Unseen] = None
        self.due = 0.0
        self.shown_busy = False
        self.expected: Any = None
        self._ask = ask
        self._on_unknown_status = on_unknown_status
        self._on_lost = on_lost
        self._final = final
        self._known = known
        self._asked_to_pause = 0.0
        self._trouble: Optional[NorthflankError] = None
        self._seen_at: Optional[float] = None
        self._check_state()

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for any more."""
        return self.error is not None or self.state.status in self._final

    def look(self) -> None:
        """Ask the API once. What goes wrong is kept in ``error``."""
        self._asked_to_pause, self._trouble = 0.0, None
        try:
            self._look()
        except NorthflankError as error:
            self.error = error
        else:
            self._check_state()

    def plan(self, deadline: Deadline, pause: float) -> None:
        """Say when to look next, unless it is over.

        :param pause: seconds; longer where the API asked to be left alone, shorter where the deadline comes first.
        """
        if self.over:
            return
        if self._trouble is None or self._seen_at is None:
            self.unseen, self._seen_at = None, deadline.timing.wall()
        else:
            self.unseen = Unseen(self._seen_at, str(self._trouble))
        left = deadline.remaining() - _LAST_LOOK
        if left <= _TOLERANCE:
            self.error = OutOfTime(self.state, self.unseen)
            return
        self.due = deadline.elapsed() + min(left, max(pause, self._asked_to_pause))

    def result(self) -> Any:
        """Return the final state.

        :raises OutOfTime: the deadline came first.
        :raises BackupError: it disappeared, is in a state that nobody documented, or can no longer be watched.
        """
        if self.error is not None:
            raise self.error
        return self.state

    def _check_state(self) -> None:
        if self.state.status not in self._known:
            self.error = BackupError(self._on_unknown_status(self.state))

    def _look(self) -> None:
        try:
            self.state = self._ask(self.state)
        except RateLimited as error:
            self._asked_to_pause, self._trouble = error.pause, error
        except (DeadlineReached, OutcomeUnknown) as error:
            self._trouble = error
        except NotSent as error:
            if not error.passing:
                raise BackupError(self._on_lost(self.state, str(error))) from error
            self._trouble = error
        except ApiError as error:
            raise BackupError(self._on_lost(self.state, messages.refused(error))) from error


class AddonStatusHint:
    """The project's addons, as a shared look at all that is under way.

    Whether it follows what runs is documented nowhere, so that is found out: an addon that it has shown as busy is
    believed to be done when it no longer does, and for others it says nothing.

    :param busy: the status of an addon on which it runs.
    :ivar cost: requests that one look takes.
    """

    def __init__(self, api: Api, busy: str) -> None:
        self._api = api
        self._busy = busy
        self._vain = 0
        self.cost = 1

    def is_worth(self, pending: int) -> bool:
        """Return whether one look costs no more than one at each, and has told anything lately."""
        return self.cost <= pending and self._vain < _VAIN_LOOKS

    def look(self, watches: Sequence[Poll]) -> list[Poll]:
        """Ask once, and note who is busy. What is over by this is due at once, as far as it was shown busy before.

        :returns: those that are busy, and were not shown as that by the look before.
        """
        before = self._api.client.requests
        statuses = self._statuses()
        self.cost = max(1, self._api.client.requests - before)
        newly_busy = []
        for watch in watches:
            was_busy = watch.shown_busy
            watch.shown_busy = statuses.get(watch.addon_id) == self._busy
            if watch.shown_busy and not was_busy:
                newly_busy.append(watch)
            if was_busy and not watch.shown_busy:
                watch.due = 0.0
        self._vain = 0 if any(watch.shown_busy for watch in watches) else self._vain + 1
        return newly_busy

    def _statuses(self) -> Mapping[str, str]:
        try:
            return {addon.id: addon.status for addon in self._api.list_addons(repeat=False)}
        except NorthflankError:
            # A hint that did not come. What is wrong shows in the looks that count.
            return {}


def looks(client: Client, share: float, ask: Callable[[], Seen]) -> Iterator[Seen]:
    """Ask again and again, at the pace of polls.

    :param share: the part of the request budget, above 0 to 1, that this may use.
    :param ask: asks the API once.
    :raises DeadlineReached: no time is left.
    """
    deadline, budget = client.deadline, RequestBudget(share)
    began, cost = deadline.elapsed(), 1
    while True:
        left = budget.left(client.rate, 1)
        affordable = None if left is None else left / cost
        waited = deadline.elapsed() - began
        deadline.pause(next_pause(SINGLE, waited, affordable, _ahead(client), deadline.timing.chance()))
        before = client.requests
        seen = ask()
        cost = max(1, client.requests - before)
        budget.spend(cost)
        yield seen


def watch_all(
    watches: Sequence[Poll],
    client: Client,
    run_all: RunAll,
    share: float,
    listing: Optional[AddonStatusHint] = None,
    observe: Observer = quiet,
) -> None:
    """Look at each when it is due, until all are over.

    :param client: whose deadline and request budget count.
    :param share: the part of the request budget, above 0 to 1, that looking may use.
    :param listing: a shared look at all of them, where there is one.
    :param observe: is told of everything that changes.
    """
    vigil = _PollLoop(watches, client, share, listing)
    pending = vigil.pending()
    while pending:
        again = observe(watches, vigil.waited())
        if vigil.pause(pending, again):
            vigil.look(pending, run_all)
        pending = vigil.pending()
        if not pending:
            observe(watches, vigil.waited())


def wait_for(watch: Poll, client: Client) -> Any:
    """Watch one thing until it is final; not held back to save requests.

    :returns: the final state.
    :raises OutOfTime: the deadline came first.
    :raises BackupError: as :meth:`Poll.result`.
    """
    watch_all([watch], client, one_by_one, share=1.0)
    return watch.result()


class _PollLoop:
    """One wait for several."""

    def __init__(
        self, watches: Sequence[Poll], client: Client, share: float, listing: Optional[AddonStatusHint]
    ) -> None:
        self._watches = watches
        self._client = client
        self._deadline = client.deadline
        self._purse = RequestBudget(share)
        # For a single one it saves nothing.
        self._listing = listing if len(watches) > 1 else None
        self._began = self._deadline.elapsed()
        self._listing_due = 0.0
        self._plan_listing(self.pending())
        self._plan(self.pending())

    def pending(self) -> list[Poll]:
        return [watch for watch in self._watches if not watch.over]

    def waited(self) -> float:
        return self._deadline.elapsed() - self._began

    def pause(self, pending: Sequence[Poll], again: Optional[float]) -> bool:
        """Wait for what is due next. Returns whether anything is; otherwise somebody wanted to be told."""
        due = min(watch.due for watch in pending)
        if self._listing is not None:
            due = min(due, self._listing_due)
        pause = due - self._deadline.elapsed()
        wanted = pause if again is None else min(pause, max(_OFTENEST, again))
        if wanted > _TOLERANCE:
            self._deadline.pause(wanted)
        return wanted == pause

    def look(self, pending: Sequence[Poll], run_all: RunAll) -> None:
        now = self._deadline.elapsed() + _TOLERANCE
        if self._listing is not None and self._listing_due <= now:
            newly_busy = self._listing.look(pending)
            self._purse.spend(self._listing.cost)
            self._plan(newly_busy)
            self._listing_due = 0.0
        due = [watch for watch in pending if watch.due <= now]
        before = self._client.requests
        run_all([watch.look for watch in due])
        # A look may take several requests. One for each end confirms it, and is never held back.
        self._purse.spend(max(0, self._client.requests - before - sum(watch.over for watch in due)))
        self._plan_listing(pending)
        self._plan(due)

    def _plan_listing(self, watches: Sequence[Poll]) -> None:
        """Say when to look at all of them next.

        :param watches: those that were pending before the last look: where some have just ended, others soon will.
        """
        if self._listing is None or self._listing_due > self._deadline.elapsed():
            return
        if not self._listing.is_worth(len(watches)):
            self._listing = None
            shown = [watch for watch in watches if watch.shown_busy]
            for watch in shown:
                watch.shown_busy = False
            self._plan(shown)
            return
        left = self._left()
        looks = None if left is None else left / self._listing.cost
        pace = shared(self._listing.cost, len(watches))
        self._listing_due = self._deadline.elapsed() + self._pause(pace, looks)

    def _plan(self, watches: Sequence[Poll]) -> None:
        """Say for each when to look at it next."""
        pending, left = self.pending(), self._left()
        alone = max(1, sum(not watch.shown_busy for watch in pending))
        # In a set, a look for all is what makes it fresh.
        spare = self._purse.spare(left) if len(self._watches) == 1 else 0.0
        own = self._pause(one_of(alone), None if left is None else left / alone, spare)
        if self._listing is not None:
            # The first thing to look at is what shows them all.
            own = max(own, self._listing_due - self._deadline.elapsed())
        is_rich = left is None or left >= _PLENTY * len(pending)
        beside = self._pause(BESIDE, None) if is_rich else _ahead(self._client)
        for watch in watches:
            watch.plan(self._deadline, beside if watch.shown_busy else own)

    def _pause(self, pace: Pace, looks: Optional[float], spare: float = 0.0) -> float:
        chance = self._deadline.timing.chance()
        expected = self._watches[0].expected if spare > 0 else None
        return next_pause(pace, self.waited(), looks, _ahead(self._client), chance, spare, expected)

    def _left(self) -> Optional[float]:
        return self._purse.left(self._client.rate, len(self.pending()))


def _ahead(client: Client) -> float:
    """Return seconds that the present budget has to last."""
    reset, left = client.rate.reset, client.deadline.remaining()
    return left if reset is None else min(left, float(reset))
