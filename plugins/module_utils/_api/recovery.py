# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about a lost answer: look for what a request may have started, and send only what does no harm twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Generic, Optional, TypeVar

from .client import Guard
from .endpoints import Api
from .errors import ApiError, BackupError, NorthflankError, OutcomeUnknown
from .models import Backup
from .timing import Deadline, backoff

# How long a request without a usable answer may still take effect. After these statuses the server itself has
# given up, so what is not there soon will not come; after anything else, a request may sit in a queue.
QUICK_STATUSES = frozenset({500, 502, 503})
LATE_COMMIT_AFTER_QUICK_STATUS = 5.0
LATE_COMMIT_OTHERWISE = 60.0
_ATTEMPTS = 3
Sought = TypeVar("Sought")


class Gone(BackupError):
    """A backup is not there any more; its ID may be another's."""


def late_commit(lost: OutcomeUnknown) -> float:
    """Return how long a request that got no usable answer may still take effect, in seconds."""
    return LATE_COMMIT_AFTER_QUICK_STATUS if lost.status in QUICK_STATUSES else LATE_COMMIT_OTHERWISE


def look_for(deadline: Deadline, window: float, look: Callable[[], Optional[Sought]]) -> Optional[Sought]:
    """Return what a lost request may have started, looked for as long as it may start late.

    :param window: seconds.
    :param look: asks the API once.
    """
    end = deadline.elapsed() + window
    pause = 1.0
    while True:
        found = look()
        left = end - deadline.elapsed()
        if found is not None or left <= 0:
            return found
        deadline.pause(min(pause, left))
        pause *= 2


class _SentTwice(OutcomeUnknown):
    """Neither of two requests shows an effect."""


@dataclass(frozen=True)
class Sent(Generic[Sought]):
    """What a request has made.

    :ivar asked_twice: it was sent twice, so there may be a second one, now or a little later.
    :ivar was_found: no answer told of it. It was found, and is another user's if that one asked for the same.
    """

    made: Sought
    asked_twice: bool = False
    was_found: bool = False


def send_once(
    deadline: Deadline,
    send: Callable[[], Sought],
    look: Callable[[], Optional[Sought]],
    check: Optional[Guard] = None,
) -> Sent[Sought]:
    """Send a request that must not have its effect twice.

    Where its answer is lost, what it makes is looked for as long as a late effect is likely. Only if that is not there,
    the request is sent once more.

    :param send: sends it, and returns what it has made.
    :param look: asks once for what it may have made.
    :param check: called before it is sent again; what it raises ends the matter.
    :raises OutcomeUnknown: a request is out, and its effect cannot be found out.
    :raises NorthflankError: any other is about the first request, which has made nothing, or comes from ``check``.
    """
    try:
        return Sent(send())
    except OutcomeUnknown as error:
        lost = error
    try:
        found = look_for(deadline, late_commit(lost), look)
        if found is not None:
            return Sent(found, was_found=True)
        if check is not None:
            check()
        return _send_again(deadline, send, look, lost)
    except (BackupError, _SentTwice) as error:
        # The chain tells that an answer was lost.
        raise error from lost
    except NorthflankError as error:
        raise OutcomeUnknown(f"the first request got no usable answer ({lost}), and then: {error}") from error


def _send_again(
    deadline: Deadline, send: Callable[[], Sought], look: Callable[[], Optional[Sought]], lost: OutcomeUnknown
) -> Sent[Sought]:
    again: NorthflankError
    window = 0.0
    try:
        return Sent(send(), asked_twice=True)
    except OutcomeUnknown as error:
        again, window = error, late_commit(error)
    except ApiError as error:
        # Refused because there is one: by then, the first request may have had its effect after all.
        if error.status != 409:
            raise
        again = error
    found = look_for(deadline, window, look)
    if found is None:
        raise _SentTwice(f"the request was sent twice, and it shows no effect yet ({lost}; then {again})")
    return Sent(found, asked_twice=True, was_found=True)


def delete_backup(api: Api, addon_id: str, backup: Backup, may_go: Optional[Guard] = None) -> bool:
    """Delete this backup and no other, see :func:`delete_once`.

    :param may_go: is asked before a second DELETE, where more speaks against one than that the backup is gone.
    """

    def check() -> None:
        if not still_there(api, addon_id, backup):
            raise Gone

    again = check if may_go is None else may_go
    return delete_once(api.client.deadline, lambda: api.delete_backup(addon_id, backup.id, again), again)


def delete_once(deadline: Deadline, request: Callable[[], None], check: Guard) -> bool:
    """Delete a thing; that it is gone already is fine.

    :param request: sends the DELETE.
    :param check: is called before it is sent a second time, for whatever reason, as the ID may be another's by then.
        Raises :class:`Gone` for what is not there any more, and whatever else ends the matter.
    :returns: whether this task did it, or may have; False where another one did.
    :raises ApiError: the API refused.
    :raises NotSent: nobody could be reached.
    :raises OutcomeUnknown: no attempt got a usable answer.
    """
    try:
        retry_idempotent(deadline, request, check)
    except Gone as gone:
        return may_have_acted(gone)
    except ApiError as error:
        if error.status != 404:
            raise
        return may_have_acted(error)
    return True


def retry_idempotent(deadline: Deadline, request: Callable[[], None], check: Guard) -> None:
    """Send a request that does no harm when it is done twice, until an answer comes.

    :param check: called before it is sent again, as the ID in it may be another's by then; what it raises ends the
        matter.
    :raises NorthflankError: no attempt got an answer, or one was refused. :func:`may_have_acted` tells whether an
        answer was lost on the way.
    """
    lost: Optional[OutcomeUnknown] = None
    for attempt in range(_ATTEMPTS + 1):
        try:
            if lost is not None:
                deadline.pause(backoff(attempt, deadline.timing.chance()))
                check()
            if attempt < _ATTEMPTS:
                request()
                return
        except OutcomeUnknown as error:
            lost = error
        except NorthflankError as error:
            # The chain tells that an earlier answer was lost, so that it may have been done.
            raise error from lost
    if lost is not None:
        raise lost


def still_there(api: Api, addon_id: str, backup: Backup) -> bool:
    """Return whether the ID still leads to this backup."""
    return backup_by_id(api, addon_id, backup) is not None


def backup_by_id(api: Api, addon_id: str, backup: Backup) -> Optional[Backup]:
    """Return what the API says of this backup now; None where there is none of the ID, or it is another's by now."""
    try:
        found = api.get_backup(addon_id, backup.id)
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return found if found.is_same_as(backup) else None


def may_have_acted(error: Optional[BaseException]) -> bool:
    """Return whether an answer was lost on the way to this error, so that what was asked for may have happened."""
    if error is None:
        return False
    return isinstance(error, OutcomeUnknown) or may_have_acted(error.__cause__ or error.__context__)
