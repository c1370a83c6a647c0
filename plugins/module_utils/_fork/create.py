# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making exactly one fork over a wire that loses answers, and deleting no addon but that."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, MalformedAnswer, NorthflankError, safe_text
from .._api.fork_endpoints import create_addon, remove_addon
from .._api.models import Backup
from .._api.recovery import Gone, delete_once, send_once, still_there
from . import messages
from .lookup import addon_or_none, find_addon, source_of
from .models import AddonFacts, ForkSpec
from .plan import check_joinable, check_same_fork, doubt


class MadeFork(NamedTuple):
    """A fork that is there now.

    :ivar ours: this task made it, or may have.
    """

    fork: AddonFacts
    ours: bool = True


def make_fork(api: Api, spec: ForkSpec, request: Mapping[str, Any], backup: Backup) -> MadeFork:
    """Make one fork, and never a second one. See :func:`send_once`.

    :param request: the body, which names it.
    :raises BackupError: another addon has the name by now, or the backup was replaced.
    :raises ApiError: the API refused, so that nothing was made.
    :raises OutcomeUnknown: it cannot be found out.
    """
    name, source_type, source_api = request["name"], request["type"], source_of(api, spec)

    def check() -> None:
        # The ID in the body may be another backup's by the time when it is sent again.
        if not still_there(source_api, spec.source_addon_id, backup):
            raise BackupError(messages.source_backup_replaced(spec.source_addon_id, backup))

    def send() -> AddonFacts:
        return create_addon(api, request, lambda data: _asked_for(AddonFacts.of_new(data), request), check)

    def look() -> Optional[AddonFacts]:
        found = find_addon(api, name)
        if found is not None:
            check_same_fork(spec, name, found, backup, source_type)
        return found

    try:
        return MadeFork(send_once(api.client.deadline, send, look, check).made)
    except ApiError as error:
        if error.status != 409:
            raise
        return _held(api, spec, request, backup, error)


def _held(api: Api, spec: ForkSpec, request: Mapping[str, Any], backup: Backup, refused: ApiError) -> MadeFork:
    """Return the fork that has the name, because another run was faster.

    :raises BackupError: what has the name is another addon, or may not be joined.
    :raises ApiError: nothing has it, so that the API refused for another reason.
    """
    held = _or_none(api, request["name"])
    if held is None:
        raise refused
    if spec.fork_name is None:
        raise BackupError(messages.name_is_taken(spec.project_id, request["name"], messages.NOT_JOINED)) from refused
    check_joinable(spec, request["name"], held, backup, request["type"])
    return MadeFork(held, ours=False)


def _or_none(api: Api, name: str) -> Optional[AddonFacts]:
    """Return the addon that has a name, where anything can be seen."""
    try:
        return find_addon(api, name)
    except NorthflankError:
        return None


def _asked_for(made: AddonFacts, request: Mapping[str, Any]) -> AddonFacts:
    """Return the addon that a request made, if the answer tells of that one."""
    name, kind = request["name"], request["type"]
    if made.name != name:
        raise MalformedAnswer(f"a fork named '{name}' was asked for, and it is about '{safe_text(made.name, 80)}'")
    if made.type != kind:
        raise MalformedAnswer(f"a {kind} was asked for, and it is about a {safe_text(made.type, 80)}")
    return made


def delete_fork(api: Api, spec: ForkSpec, fork: AddonFacts, backup_id: str) -> bool:
    """Delete this fork and no other addon; that it is gone already is fine.

    :param fork: proved to be one, which may be a while ago.
    :returns: whether this task did it, or may have.
    """

    def check() -> None:
        found = addon_or_none(api, fork.id)
        if found is None or found.is_another_than(fork):
            raise Gone
        reason = doubt(spec, fork.name, found, backup_id)
        if not reason and not found.is_certainly(fork):
            reason = messages.MAYBE_REPLACED
        if reason:
            raise BackupError(messages.not_ours(spec, fork.name, reason))

    try:
        # The backup was read since the fork was, and that may have paused for as long as the rate limit wants. By now,
        # somebody may have made another addon of the name.
        check()
    except Gone:
        return False
    return delete_once(api.client.deadline, lambda: remove_addon(api, fork.id, check), check)
