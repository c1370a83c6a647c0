# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user: what happened, to which addon, what is still running, and what to do next. Pure.

Here is what all tasks have in common. What only some say stands in the ``messages`` of their rooms.
"""

from __future__ import annotations

import difflib
import shlex
from datetime import datetime, timezone
from typing import Any, Mapping, Optional, Sequence

from .._api.errors import ApiError, BackupError, NorthflankError, NotSent, safe_text
from .._api.models import Backup

_HINTS = {
    401: (
        "Check api_token, context, or NORTHFLANK_API_TOKEN where the task runs. To set it anew: "
        "read -rs NORTHFLANK_API_TOKEN && export NORTHFLANK_API_TOKEN"
    ),
    404: "Check project_id and addon_id (and team_id, if the project belongs to a team).",
}
PERMISSION_TO_READ = "Project > Addons > General > Read"
PERMISSION_TO_WRITE = "Project > Addons > General > Update"
NOTHING_STARTED = "Nothing was started or changed."
NOT_KNOWN = "which this version of northflank.cloud does not know, so it does not guess what that means."
_LONGEST_LIST = 10

_BY_NO_AGE = (
    "Nothing was started or deleted. Look at the clocks of both, and at proxies that answer from a cache; then run the "
    "task again."
)


def clock_jumps(seconds: float) -> str:
    """The API's answers disagree about the time."""
    return (
        f"The API's clock has jumped by {duration(seconds)} while the task ran, so it cannot be relied on for the age "
        f"of backups. {_BY_NO_AGE}"
    )


def clocks_differ(elsewhere: float, here: float) -> str:
    """One of two clocks is wrong by far: the API's, or that of this machine (seconds since 1970)."""
    return (
        f"The API's clock says {moment(elsewhere)}, and the clock of the machine that the task runs on says "
        f"{moment(here)}. One of them is wrong, so the age of backups cannot be relied on. {_BY_NO_AGE}"
    )


def clock_is_behind(now: float, name: str, created: float) -> str:
    """A backup is younger than now (seconds since 1970)."""
    return (
        f"The API's clock says {moment(now)}, and backup '{brief(name)}' was created later, at {moment(created)}. So "
        f"the clock is behind, and cannot be relied on for the age of backups. {_BY_NO_AGE}"
    )


def moment(seconds: float) -> str:
    """A time in seconds since 1970."""
    # A clock that is wrong may be so by more than a calendar has years.
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return f"{seconds:g} s after 1970"


def brief(text: str, limit: int = 80) -> str:
    """A name, an ID or a word of the API, fit to be shown and not too long."""
    return safe_text(text, limit)


def state_label(status: str) -> str:
    """A state as messages name it."""
    return f"'{brief(status, 40)}'"


def last_seen(status: str, since: float, reason: str) -> str:
    """How something is going that nothing can be seen of just now."""
    return (
        f"was last seen as {state_label(status)} at {moment(since)}, and no look since then got a usable answer: "
        f"{reason.rstrip('.')}. It may still be running"
    )


def backup_label(backup: Backup) -> str:
    """A backup as messages name it."""
    name = brief(backup.name)
    return f"backup '{name}'" if backup.id == backup.name else f"backup '{name}' (ID {brief(backup.id)})"


def of_addon(addon_id: str, backup: Backup) -> str:
    """The beginning of a sentence about a backup."""
    return f"The {backup_label(backup)} of addon {addon_id}"


def listed(backups: Sequence[Backup]) -> str:
    """Backups that share a name, told apart."""
    shown = [
        f"ID {brief(one.id)} ({brief(one.status, 40)}, created {one.created_at})" for one in backups[:_LONGEST_LIST]
    ]
    more = f" and {len(backups) - _LONGEST_LIST} more" if len(backups) > _LONGEST_LIST else ""
    return ", ".join(shown) + more


def sentences(*parts: str) -> str:
    """Parts as sentences: each ends with a stop, empty ones are left out."""
    return " ".join(part if part.endswith((".", "!", "?")) else part + "." for part in parts if part)


def refused(error: ApiError, beside: str = "") -> str:
    """A refusal of the API, and what can be done about it.

    :param beside: what else there is to say; it comes before what to do, as that may end with a command.
    """
    hint, what = _HINTS.get(error.status, ""), str(error)
    if error.status == 403:
        usual = PERMISSION_TO_READ if error.method == "GET" else PERMISSION_TO_WRITE
        permission = error.needs or error.permission or usual
        what = "HTTP 403" if not error.message or permission in error.message else f"HTTP 403: {error.message}"
        hint = f"The token lacks the permission '{permission}'. Use a token whose role grants it."
    first = "The API does not accept the token" if error.status == 401 else "The API refused the request"
    said = sentences(f"{first}: {what}", beside)
    return f"{said} {hint}".rstrip()


def describe_error(error: NorthflankError, beside: str = "") -> str:
    """Any failure, with what can be done about it.

    :param beside: what else there is to say.
    """
    if isinstance(error, ApiError):
        return refused(error, beside)
    if isinstance(error, NotSent):
        said = sentences(error.reason, beside)
        return f"{said} {error.hint}".rstrip()
    # What says it already may end with a command, which gets no stop behind it.
    said = str(error) if isinstance(error, BackupError) else sentences(str(error))
    return sentences(said, beside) if beside else said


def nothing_started(error: NorthflankError) -> str:
    """A failure before anything was changed."""
    return describe_error(error, NOTHING_STARTED)


def duration(seconds: float) -> str:
    """``42 s``, ``1 m 20 s`` or ``1 h 2 m``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} m"
    return f"{minutes} m {rest} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """A number of bytes, for people."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def invalid_budget_header(header: str) -> str:
    """The API's answer has a header about the request budget that makes no sense.

    :param header: with its value.
    """
    return (
        f"The API sent a header that makes no sense ({header}). It was ignored, so requests may be less well planned."
    )


def unexpected(addon_id: str, error: BaseException) -> str:
    """A fault of the collection itself."""
    return (
        f"Addon {addon_id}: internal error in northflank.cloud "
        f"({type(error).__name__}: {safe_text(str(error), 200)}). The result lists what was completed before it. "
        "Please report this with the output of the task at -vvv."
    )


def command(module: str, **arguments: str) -> str:
    """A command to type, for a shell."""
    words = " ".join(f"{key}={_argument(value)}" for key, value in arguments.items())
    return f"ansible localhost -m northflank.cloud.{module} -a {_quoted(words)}"


def no_such_addon(addon_id: str, project_id: str, known: Sequence[str], beside: str = "") -> str:
    """An addon that the project does not have.

    :param beside: what else there is to say; the command comes last, without a stop that would be typed with it.
    """
    missing = sentences(f"Project {project_id} has no addon '{brief(addon_id)}'", _nearest(addon_id, known), beside)
    return f"{missing} To list them: {command('addon_info', project_id=project_id)}"


def something_else_missing(addon_id: str, error: ApiError, beside: str) -> str:
    """After a 404 for an addon that exists."""
    return sentences(f"Addon {addon_id} exists, so what is missing is something else: {error}", beside)


def no_such_project(project_id: str, known: Sequence[str], beside: str, has_team: bool) -> str:
    """A project that the token cannot see.

    :param has_team: the team was named.
    """
    return sentences(
        f"There is no project '{brief(project_id)}' that the token may see",
        _nearest(project_id, known),
        "" if has_team else "If it belongs to a team, or the token to an organisation, give team_id.",
        beside,
    )


def left_out(addon_id: str, reason: str) -> str:
    """An addon of the project could not be read, and the list has those of all others."""
    return f"The list is without addon {addon_id}, which could not be read: {reason}"


def ambiguous(addon_id: str, state: str, targets: Sequence[Backup]) -> str:
    """A name that several backups share, where one is meant."""
    choice = "Choose one with backup_id"
    choice += ", or set all_matches=true to delete them all." if state == "absent" else "."
    return (
        f"Addon {addon_id} has {len(targets)} backups named '{brief(targets[0].name)}': {listed(targets)}. "
        f"Nothing was changed. {choice}"
    )


def half_done(addon_id: str, error: NorthflankError) -> str:
    """A failure after something was changed."""
    unfinished = "Something was changed before that, or may have been. Run the same task again to finish it."
    return f"Addon {addon_id}: {describe_error(error, unfinished)}"


def about_token(identity: Mapping[str, Any]) -> str:
    """What the API tells of the token that it refused.

    :param identity: ``name``, ``owner``, ``role`` and ``expires`` are texts, ``projects`` and ``permissions`` lists of
        them, and ``only`` says whether the projects are those that it may use; each may be missing, and one is there.
    """
    may = "use these projects only" if identity.get("only") else "not use these projects"
    facts = sentences(
        _fact("Its name is", identity.get("name")),
        _fact("It belongs to the team or organisation", identity.get("owner")),
        _fact("Its role is", identity.get("role")),
        _names(f"It may {may}", identity.get("projects")),
        _names("Its permissions for addons", identity.get("permissions")),
        _fact("It expires at", identity.get("expires")),
    )
    return f"What the API tells of the token that was refused: {facts}"


def needs_team(is_certain: bool) -> str:
    """A token of an organisation was used without a team.

    :param is_certain: the token is known to be one.
    """
    if is_certain:
        return "The token belongs to an organisation, so the task needs team_id or NORTHFLANK_TEAM_ID."
    who = "A token of an organisation, or one that acts for a team,"
    return f"No team_id was given. {who} needs team_id or NORTHFLANK_TEAM_ID."


def _nearest(wanted: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(wanted, known, n=1)
    if close:
        return f"Did you mean '{brief(close[0])}'?"
    if not known:
        return ""
    shown = ", ".join(brief(name) for name in known[:_LONGEST_LIST])
    return f"There are: {shown}{', ...' if len(known) > _LONGEST_LIST else ''}."


def _argument(value: str) -> str:
    """A value as the key=value form of a task's arguments takes it."""
    text = brief(value)
    return f'"{text}"' if " " in text else text


def _quoted(words: str) -> str:
    return shlex.quote(words) if " " in words else words


def _fact(beginning: str, value: Optional[str]) -> str:
    return "" if value is None else f"{beginning} '{brief(value)}'"


def _names(beginning: str, names: Optional[Sequence[str]]) -> str:
    if names is None:
        return ""
    more = f" and {len(names) - _LONGEST_LIST} more" if len(names) > _LONGEST_LIST else ""
    return f"{beginning}: {', '.join(map(brief, names[:_LONGEST_LIST])) or 'none'}{more}"
