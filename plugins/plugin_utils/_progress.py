# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees while a task waits: a short line when something changes, and now and then when nothing does."""

from __future__ import annotations

from typing import Callable, Optional, Sequence

from ..module_utils._api.errors import safe_text
from ..module_utils._api.models import Restore
from ..module_utils._api.states import COMPLETED
from ..module_utils._task.messages import duration, moment
from ..module_utils._task.watch import Poll

# Often enough for whoever looks at the screen, and for CI systems that stop a job which says nothing for long.
CALM = 60.0
_MOST_NAMES = 3


class Progress:
    """An observer of waits that says how they go.

    :param say: shows one line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last = ""
        self._said_at = 0.0

    def __call__(self, watches: Sequence[Poll], waited: float) -> Optional[float]:
        """Say what has changed; returns in how many seconds to ask again."""
        if not watches:
            return None
        text = state(watches)
        if text != self._last or waited - self._said_at >= CALM:
            self._last, self._said_at = text, waited
            self._say(f"{text}{_time(watches, waited)}")
        return CALM - (waited - self._said_at)


def _time(watches: Sequence[Poll], waited: float) -> str:
    """Return how long it has taken, and what the history says of that, as far as there is one."""
    taken = f"  {duration(waited)}"
    pending = [watch.expected for watch in watches if not watch.over]
    if None in pending or not pending:
        return taken
    usual, end = max(one.usual for one in pending), max(one.end for one in pending)
    if waited > end:
        return f"{taken}, usually about {duration(usual)}"
    if len(watches) == 1:
        return f"{taken} of about {duration(usual)}"
    return f"{taken}, about {duration(usual - waited)} left" if usual > waited else taken


def state(watches: Sequence[Poll]) -> str:
    """Return how far a wait has come, in one line."""
    if len(watches) == 1:
        what = "restore " if _is_restore(watches[0]) else ""
        return f"{watches[0].addon_id}  {what}{_status(watches[0])}"
    done = sum(_is_good(watch) for watch in watches)
    bad = [watch.addon_id for watch in watches if watch.over and not _is_good(watch)]
    parts = [f"{done} of {len(watches)} {'restored' if _is_restore(watches[0]) else 'completed'}"]
    unseen = sum(watch.unseen is not None and not watch.over for watch in watches)
    if done + len(bad) + unseen < len(watches):
        parts.append(f"{len(watches) - done - len(bad) - unseen} in progress")
    if unseen:
        parts.append(f"no answer about {unseen}")
    if bad:
        more = f" and {len(bad) - _MOST_NAMES} more" if len(bad) > _MOST_NAMES else ""
        parts.append(f"{len(bad)} failed ({', '.join(bad[:_MOST_NAMES])}{more})")
    return ", ".join(parts)


def _is_restore(watch: Poll) -> bool:
    return isinstance(watch.state, Restore)


def _is_good(watch: Poll) -> bool:
    return watch.error is None and str(watch.state.status) == COMPLETED


def _status(watch: Poll) -> str:
    if watch.error is not None:
        return "can no longer be watched"
    status = safe_text(watch.state.status, 40)
    return status if watch.unseen is None else f"no answer since {moment(watch.unseen.since)}, last seen as {status}"
