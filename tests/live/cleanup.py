# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove what a run has made, whatever happened to it, and name what cannot be removed."""

from __future__ import annotations

from typing import Any

from . import schedules
from .evidence import ACTIVE
from .lab import PREFIX, Lab, StepFailed, status_in
from .wire import Stopped

# However small the API makes the pages, what was made has to be found among what was there.
_MOST_PAGES = 50
# Seconds after which a request whose answer was lost has taken effect, or never will.
_LATE = 30.0


def leftovers(entries: list[dict[str, Any]], stamp: str = "") -> list[str]:
    """The IDs of the backups that a run has made, told by their names.

    :param stamp: of the run; without one, of any run.
    """
    return [
        str(entry["id"])
        for entry in entries
        if str(entry.get("name", "")).startswith(f"{PREFIX} ")
        and str(entry.get("name", "")).endswith(stamp)
        and isinstance(entry.get("id"), str)
    ]


def clean_up(lab: Lab) -> list[str]:
    """Remove everything. Returns a command for each thing that is still there, or may be."""
    if not lab.wrote:
        return []
    lab.say("Cleaning up: delete the schedules and backups of this run.")
    # What is there has to go, whatever that costs.
    lab.wire.margin = 0
    left: list[str] = []
    try:
        _restore(lab)
        left += _schedules(lab)
        left += _backups(lab)
    except (Stopped, KeyboardInterrupt) as end:
        lab.say(f"The cleanup has ended early. {end}".rstrip())
        left += _everything(lab)
    return left


def command_for_all(lab: Lab) -> str:
    """How to see what a run has left behind, if its IDs are not known."""
    where = f"'project_id={lab.place.project} addon_id={lab.place.addon}'"
    return f'ansible localhost -m northflank.cloud.addon_backup_info -a {where}  # look for "{PREFIX} ... {lab.stamp}"'


def command(lab: Lab, backup_id: str) -> str:
    """How to delete one backup."""
    return (
        "ansible localhost -m northflank.cloud.addon_backup -a "
        f"'project_id={lab.place.project} addon_id={lab.place.addon} backup_id={backup_id} state=absent'"
    )


def _everything(lab: Lab) -> list[str]:
    """The commands where the backups cannot be listed."""
    return [*(command(lab, backup_id) for backup_id in sorted(lab.made)), command_for_all(lab)]


def _restore(lab: Lab) -> None:
    """Let a restore that runs come to its end: to abort it could leave the addon with half of its data."""
    backup_id = lab.evidence.facts.get("completed")
    if backup_id is None or not lab.evidence.all("restore"):
        return
    try:
        if lab.restore_status(backup_id) in ACTIVE:
            lab.say("  The restore runs still. Waiting for its end.")
            lab.wait_for_restore(backup_id)
    except StepFailed as failure:
        lab.say(f"  {failure}")


def _schedules(lab: Lab) -> list[str]:
    if not lab.evidence.facts.get("sent schedules"):
        return []
    for entry in schedules.own(lab, schedules.listed(lab, "schedules at the end")):
        if entry.get("id") is not None:
            _try(lab, "DELETE", f"{schedules.path(lab)}/{entry['id']}")
    where = f"project_id={lab.place.project} addon_id={lab.place.addon}"
    left = map(schedules.mark, schedules.own(lab, schedules.listed(lab, "schedules at the end")))
    return [
        "ansible localhost -m northflank.cloud.addon_backup_schedule -a "
        f"'{where} interval={interval} backup_type={kind} state=absent'"
        for kind, interval, _minutes in left
    ]


def _backups(lab: Lab) -> list[str]:
    for backup_id in _still_there(lab)[0]:
        _remove(lab, backup_id)
    if lab.unanswered:
        lab.say(f"  Waiting {_LATE:g} s, because a request without an answer may take effect late.")
        lab.wire.timing.sleep(_LATE)
        for backup_id in _still_there(lab)[0]:
            _remove(lab, backup_id)
    remaining, is_known = _still_there(lab)
    return [command(lab, backup_id) for backup_id in remaining] if is_known else _everything(lab)


def _still_there(lab: Lab) -> tuple[list[str], bool]:
    """The backups of this run: those that a list shows, and those that an answer has named and no list has.

    The second value tells whether the list can be relied on.
    """
    entries = lab.list_backups(_MOST_PAGES)
    listed = leftovers(entries, lab.stamp)
    is_known = lab.evidence.all("list")[-1].has_list("backups")
    is_known = is_known and all(entry.get("id") and entry.get("name") for entry in entries)
    return [*listed, *sorted(lab.made - set(listed))], is_known


def _remove(lab: Lab, backup_id: str) -> None:
    """Delete a backup if it is one of this run: an ID may have been given to somebody else's meanwhile."""
    answer = lab.get("backup", lab.backup(backup_id))
    is_another = answer.fields.get("id") == backup_id and not leftovers([answer.fields], lab.stamp)
    if answer.status == 404 or (is_another and isinstance(answer.fields.get("name"), str)):
        lab.made.discard(backup_id)
        return
    try:
        if status_in(answer, backup_id) in ACTIVE:
            _try(lab, "POST", f"{lab.backup(backup_id)}/abort")
            lab.wait(backup_id)
        lab.delete("cleanup", backup_id)
    except StepFailed as failure:
        lab.say(f"  {failure}")


def _try(lab: Lab, method: str, path: str) -> bool:
    try:
        return lab.write("cleanup", method, path).ok
    except StepFailed:
        return False
