# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One addon's part in a task that starts, ends or restores something, and what becomes of all of them together.

A run is kept up to date at each stage, so that whatever goes wrong is told truthfully.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Generic, Mapping, NamedTuple, Optional, Sequence, TypeVar

from .._api.client import Client
from .._api.endpoints import Api
from .._api.errors import BY_TOKEN, BackupError, NorthflankError
from . import messages, not_found
from .actions import NONE
from .causes import set_failed
from .concurrency import RunAll
from .task import Observer, Outcome, quiet
from .watch import AddonStatusHint, Poll, watch_all

# A NamedTuple with addon_id, project_id, action, changed, error, held_back, warnings, to_result and to_failure.
AddonResult = TypeVar("AddonResult", bound=Any)


class RunOptions(NamedTuple):
    """How a task goes about it.

    :ivar wait: go on until what was started is final.
    :ivar abort_on_timeout: stop what this task started when the deadline comes.
    :ivar budget_share: the part of the request budget, above 0 to 1, that polling may use.
    :ivar check_mode: decide, and do nothing.
    :ivar concurrency: requests under way at once.
    :ivar observe: is told how the wait goes.
    """

    wait: bool = True
    abort_on_timeout: bool = False
    budget_share: float = 0.5
    check_mode: bool = False
    concurrency: int = 1
    observe: Observer = quiet


@dataclass
class AddonRun(Generic[AddonResult]):
    """One addon's work under way.

    :ivar result: what is known of it.
    :ivar poll: what is waited for.
    :ivar holds_for_all: it failed for a reason that is the same for each addon.
    """

    api: Api
    options: RunOptions
    result: AddonResult
    poll: Optional[Poll] = None
    holds_for_all: bool = False

    def note(self, **facts: Any) -> None:
        """Keep what has become known."""
        self.result = self.result._replace(**facts)

    def warn(self, text: str) -> None:
        """Keep something that the user should know."""
        self.note(warnings=(*self.result.warnings, text))


Stage = Callable[[Any], None]
SetFailed = Callable[[Mapping[str, str], int, int], str]
# Words a failure of which the room knows more than its own text says; None for all others.
Tell = Callable[[Any, NorthflankError], Optional[str]]


def attempt(tell: Tell, stage: Stage, run: AddonRun[Any]) -> None:
    """Go through a stage, unless an earlier one has failed. What goes wrong becomes the result's error.

    So does a fault of the program: one addon's never takes the other addons' results with it.
    """
    if run.result.error is not None:
        return
    try:
        stage(run)
    except NorthflankError as error:
        text = tell(run, error)
        run.note(error=_explained(run, error) if text is None else text)
    except Exception as error:  # noqa: BLE001  # see above; the text names the fault and asks to report it
        run.note(error=messages.unexpected(run.result.addon_id, error))


def _explained(run: AddonRun[Any], error: NorthflankError) -> str:
    if run.result.changed and not isinstance(error, BackupError):
        return messages.half_done(run.result.addon_id, error)
    cause = not_found.cause(run.api, run.result.addon_id, error, messages.NOTHING_STARTED)
    run.holds_for_all = not_found.holds_for_all(cause)
    return str(cause) if isinstance(cause, BackupError) else messages.nothing_started(error)


def begin_and_wait(
    runs: Sequence[AddonRun[Any]], tell: Tell, begin: Stage, finish: Optional[Stage], busy: str, run_all: RunAll
) -> None:
    """Begin what was decided, wait for what has a poll then, and judge what it has come to.

    :param busy: the status of an addon on which it runs.
    """
    api, options = runs[0].api, runs[0].options
    led(runs, partial(attempt, tell, begin), api.client, run_all, api.client.written)
    polls = [run.poll for run in runs if run.poll is not None]
    watch_all(polls, api.client, run_all, options.budget_share, AddonStatusHint(api, busy), options.observe)
    if finish is not None:
        run_all([partial(attempt, tell, finish, run) for run in runs])


def led(
    runs: Sequence[AddonRun[Any]],
    act: Callable[[Any], None],
    client: Client,
    run_all: RunAll,
    answered: Optional[threading.Event] = None,
) -> None:
    """Act for all side by side, behind the first that asks the API; a failure of it that holds for all ends them.

    :param answered: set once the others may follow; without it, they do at the end of the first.
    """
    left, leaders = deque(runs), []
    may_follow, has_ended = answered or threading.Event(), threading.Event()

    def lead() -> None:
        before = client.requests
        try:
            while left and client.requests == before and not may_follow.is_set():
                leaders.append(left.popleft())
                act(leaders[-1])
        finally:
            has_ended.set()
            may_follow.set()
        follow()

    def follow() -> None:
        may_follow.wait()
        if client.refusals & BY_TOKEN:
            # Its answer is there. What it comes to will be, in a moment.
            has_ended.wait()
        # Several threads take from it, so that it is not empty says nothing.
        with contextlib.suppress(IndexError):
            while True:
                after_the_first(left.popleft())

    def after_the_first(run: Any) -> None:
        if leaders and leaders[-1].holds_for_all and run.result.error is None:
            run.note(error=leaders[-1].result.error)
        act(run)

    run_all([lead, *[follow] * (len(runs) - 1)])


def all_or_nothing(runs: Sequence[AddonRun[Any]]) -> None:
    """Let nothing be started for any addon where one of them cannot be served."""
    if any(run.result.error is not None for run in runs):
        for run in runs:
            if run.result.error is None:
                run.note(error="", held_back=True, action=NONE, changed=False)


def outcome(
    found: Sequence[Any], client: Client, one: str, several: str, diff: Mapping[str, Any], tell: SetFailed = set_failed
) -> Outcome:
    """Return what a task on several addons came to: all of each, or after a failure what is not fine and what was done.

    :param found: the results, in the order in which the task named its addons.
    :param one: the key of a single result; ``several`` is that of the list.
    :param tell: makes one text of the errors by addon, given them, how many addons there are, and how many of them were
        held back.
    """
    errors = {each.addon_id: each.error for each in found if each.error is not None and not each.held_back}
    result: dict[str, Any] = {"changed": any(each.changed for each in found)}
    if errors:
        result[several] = [each.to_failure() for each in found if not each.held_back]
    else:
        result[several] = [each.to_result() for each in found]
        result.update({one: result[several][0]} if len(found) == 1 else {})
    error = next(iter(errors.values()), None)
    if errors and len(found) > 1:
        error = tell(errors, len(found), sum(each.held_back for each in found))
    warnings = tuple(warning for each in found for warning in each.warnings)
    return Outcome(result, client, error, warnings, diff)
