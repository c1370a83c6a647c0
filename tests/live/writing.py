# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps that take, restore and delete backups. All that they make carries the run's stamp in its name."""

from __future__ import annotations

from .evidence import ACTIVE, FINAL, slug
from .lab import MOST_LOOKS, MOST_PAGES, MOST_SHORT_LOOKS, Lab, StepFailed, id_of, pauses, required_id
from .reading import look_at_dump
from .schedules import SCHEDULES
from .steps import Step

# What a backup costs that is only asked for to see whether it is refused: a POST, and its removal.
_TRIAL = 4 + MOST_SHORT_LOOKS


def _invalid(lab: Lab) -> None:
    lab.release(lab.write("invalid", "POST", f"{lab.place.path}/backups", {"backupType": "neither"}))


def _first(lab: Lab) -> None:
    """Take a snapshot, look at everything while it runs, ask for a second one, and wait for both."""
    lab.be_ready()
    first = required_id(lab.take("taken", lab.name("M")))
    lab.evidence.facts["first"] = first
    lab.list_backups()
    addon = lab.wire.send("GET", lab.place.path)
    # Two backups of one moment would hide the order of lists.
    lab.wire.timing.sleep(0.1)
    second = lab.take("second", lab.name("Z"))
    if lab.is_active(first):
        lab.evidence.add("busy addon", addon)
        lab.evidence.add("second while busy", second)
    for backup_id in (first, id_of(second)):
        if backup_id is not None and lab.wait(backup_id) != "completed":
            raise StepFailed("A backup of this run did not complete.")
    lab.evidence.facts["completed"] = first
    lab.list_backups()


def _victim(lab: Lab) -> None:
    """Take a backup under a name that is used already; delete one while it runs; abort one."""
    _completed(lab)
    lab.be_ready()
    name = lab.name("M")
    answer = lab.take("same name", name)
    if id_of(answer) is None:
        name = lab.name("K")
        answer = lab.take("other name", name)
    victim = required_id(answer)
    if not lab.is_active(victim):
        raise StepFailed("A backup of this run was over before it could be deleted.")
    deleted = lab.delete("deleted", victim)
    if deleted.ok:
        lab.evidence.add("delete active", deleted)
        victim = required_id(lab.take("victim", name))
    elif lab.is_active(victim):
        lab.evidence.add("delete active", deleted)
    if lab.stop("abort", victim) == "aborted":
        lab.evidence.facts["aborted"] = (victim, name)
    lab.list_backups()


def _failed_name(lab: Lab) -> None:
    """Take a backup with the name of an aborted one, if names have to be unique."""
    _victim_id, name = _aborted(lab)
    same = lab.evidence.last("same name")
    if same is not None and same.ok:
        raise StepFailed("Names need not be unique.")
    lab.be_ready()
    lab.release(lab.take("failed name", name))


def _reborn(lab: Lab) -> None:
    """Delete an aborted backup, and take another one of its name."""
    victim, name = _aborted(lab)
    if not lab.delete("deleted", victim).ok:
        raise StepFailed("A backup could not be deleted.")
    for pause in pauses(MOST_SHORT_LOOKS):
        if lab.status(victim) is None:
            break
        lab.wire.timing.sleep(pause)
    else:
        raise StepFailed("A backup that was deleted is still there.")
    lab.be_ready()
    answer = lab.take("reborn", name)
    lab.evidence.facts["reborn"] = (victim, id_of(answer))
    lab.release(answer)


def _compression(lab: Lab) -> None:
    lab.be_ready()
    lab.release(lab.take("compression", lab.name("E"), compressionType="gz"))


def _unknown_key(lab: Lab) -> None:
    lab.be_ready()
    lab.release(lab.take("unknown key", lab.name("F"), northflankCloudLive=True))


def _destination_of_other_type(lab: Lab) -> None:
    """Send a snapshot's request with a destination for dumps."""
    listed = lab.evidence.facts.get("destinations") or []
    if not listed:
        raise StepFailed("The account has no backup destination, or the token may not list them.")
    destination = listed[0].get("id") or slug(str(listed[0].get("name", "")))
    lab.be_ready()
    lab.release(lab.take("destination of other type", lab.name("G"), customDestinationId=destination))


def _on_completed(lab: Lab) -> None:
    """Ask of a completed snapshot what it is not made for."""
    done = lab.backup(_completed(lab))
    lab.get("backup restores", f"{done}/restores")
    lab.get("snapshot link", f"{done}/download-link")
    lab.write("abort final", "POST", f"{done}/abort")
    lab.write("retain", "POST", f"{done}/retain")


def _dump(lab: Lab) -> None:
    """Take a dump, look at it while it runs, and read its log, its link, and a byte of its file."""
    lab.be_ready()
    answer = lab.take("dump", lab.name("A"), backupType="dump")
    if not answer.ok and lab.evidence.facts.get("dumps") is False:
        return
    dump = required_id(answer)
    lab.list_backups()
    status = lab.wait(dump)
    lab.evidence.facts["dump status"] = status
    lab.list_backups()
    if status == "completed":
        lab.evidence.facts["dump"] = dump
        look_at_dump(lab, dump)


def _import(lab: Lab) -> None:
    """Import the dump that was just taken, from its own download link."""
    dump = lab.evidence.facts.get("dump")
    link = next((answer.fields.get("downloadLink") for answer in lab.evidence.good("link")), None)
    if dump is None or not isinstance(link, str):
        raise StepFailed("There is no dump of this run to import.")
    lab.be_ready()
    name = lab.name("I")
    lab.write("import", "POST", f"{lab.place.path}/import", {"name": name, "importUrl": link})
    imported = [entry for entry in lab.list_backups() if entry.get("name") == name]
    for entry in imported:
        if lab.wait(str(entry.get("id"))) in FINAL:
            lab.delete("deleted", str(entry.get("id")))


def _restore(lab: Lab) -> None:
    """Restore the snapshot that was taken a moment ago."""
    done = _completed(lab)
    lab.be_ready()
    answer = lab.write("restore", "POST", f"{lab.backup(done)}/restore")
    if not answer.ok:
        raise StepFailed(f"The restore was refused (HTTP {answer.status}).")
    addon = lab.wire.send("GET", lab.place.path)
    if lab.restore_status(done) in ACTIVE:
        lab.evidence.add("restoring addon", addon)
    lab.wait_for_restore(done)
    lab.list_of("restores", f"{lab.place.path}/restores", "restores", 1)
    lab.list_backups()


def _destination_body(lab: Lab) -> None:
    """Send a destination without any key, which cannot be accepted, to see which keys are asked for."""
    answer = lab.write("destination body", "POST", lab.place.destinations, {})
    if answer.ok:
        lab.say("  The API has accepted a backup destination without a name. Remove it in your account's settings.")
        lab.evidence.facts["stray destination"] = True


def _list_again(lab: Lab) -> None:
    lab.list_backups()


def _not_running(lab: Lab) -> None:
    """Ask for a backup of an addon that does not run."""
    answer = lab.take("not running", lab.name("M"))
    backup_id = id_of(answer)
    if backup_id is not None:
        lab.evidence.facts["not running status"] = lab.status(backup_id)
        lab.list_backups()
    lab.release(answer)


def _completed(lab: Lab) -> str:
    found = lab.evidence.facts.get("completed")
    if found is None:
        raise StepFailed("There is no completed backup of this run.")
    return str(found)


def _aborted(lab: Lab) -> tuple[str, str]:
    found: tuple[str, str] | None = lab.evidence.facts.get("aborted")
    if found is None:
        raise StepFailed("No backup of this run was aborted.")
    return found


# Requests to list all backups, and to wait until the addon is ready.
_LIST = MOST_PAGES
_READY = MOST_SHORT_LOOKS
WRITING = [
    Step("invalid", "send a backup request that is not valid", 1 + _TRIAL, _invalid),
    Step(
        "taken",
        "take a snapshot, a second one while it runs, and wait",
        4 + _READY + 2 * _LIST + 2 * MOST_LOOKS,
        _first,
    ),
    Step(
        "same name",
        "take a backup of the same name, delete one while it runs, abort one",
        7 + _READY + _LIST + MOST_SHORT_LOOKS,
        _victim,
    ),
    Step("failed name", "take a backup with an aborted one's name", _READY + _TRIAL, _failed_name),
    Step("compression", "ask for a snapshot with a compression", _READY + _TRIAL, _compression),
    Step("unknown key", "ask for a snapshot with a key that does not exist", _READY + _TRIAL, _unknown_key),
    Step(
        "destination of other type",
        "ask for a snapshot with a destination for dumps",
        _READY + _TRIAL,
        _destination_of_other_type,
    ),
    Step("on completed", "abort and retain the completed snapshot, ask for its link", 4, _on_completed),
    Step(
        "dump",
        "take a dump, and read its log, its link and a byte of it",
        3 + _READY + 2 * _LIST + MOST_LOOKS,
        _dump,
    ),
    Step("import", "import this dump", 2 + _READY + _LIST + MOST_LOOKS, _import),
    Step(
        "restore",
        "RESTORE the snapshot that was just taken: this replaces the addon's data",
        5 + _READY + _LIST + MOST_LOOKS,
        _restore,
    ),
    *SCHEDULES,
    Step("list", "list the backups once more", MOST_PAGES, _list_again),
    Step("reborn", "delete the aborted one, and take another of its name", 1 + 2 * _READY + _TRIAL, _reborn),
    Step("destination body", "send a backup destination that is not valid", 1, _destination_body),
]
WRITING_NOT_RUNNING = [
    Step("not running", "ask for a backup, as the addon does not run", 2 + _LIST + _TRIAL, _not_running),
]


def plan(status: object) -> list[Step]:
    """What is to be done with an addon in a status. One that is not paused is waited for."""
    return WRITING_NOT_RUNNING if status == "paused" else WRITING
