# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API does when backups are started, deleted and restored. Each function decides by the evidence alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .evidence import Evidence, Finding, refused, unknown
from .probe import EITHER, HISTORY, WRITE, Probe
from .probes_lists import backup_id_shape


def by_refusal(question: str, expected: int, otherwise: str) -> Callable[[Evidence], Finding]:
    """A probe that only looks whether one request was refused."""

    def find(evidence: Evidence) -> Finding:
        return refused(evidence.last(question), expected, otherwise)

    return find


def not_running(evidence: Evidence) -> Finding:
    answer = evidence.last("not running")
    if answer is None:
        return unknown("The addon runs. ADDON=<one that is paused> with WRITE=1 finds out.")
    found = refused(answer, 409, "schedule")
    status = evidence.facts.get("not running status")
    if found.value == "schedule" and status not in (None, "scheduled"):
        return Finding(f"{status} at once")
    return found


def names_unique(evidence: Evidence) -> Finding:
    """Whether a second backup of one name was refused, and one of another name was not."""
    same, other = evidence.last("same name"), evidence.last("other name")
    if same is None:
        return unknown("No second backup of one name was asked for.")
    if same.ok:
        return Finding("false")
    if other is None or not other.ok:
        return unknown("Another name was refused as well, so the name is not the reason.")
    return _flag(refused(same, 409, "false"))


def failed_names_free(evidence: Evidence) -> Finding:
    if names_unique(evidence).value == "false":
        return unknown("Does not matter, because names need not be unique.")
    answer = evidence.last("failed name")
    if answer is None:
        return unknown("No backup was asked for with an aborted one's name.")
    return Finding("true") if answer.ok else _flag(refused(answer, 409, "true"), "false")


def ids_reused(evidence: Evidence) -> Finding:
    old, new = evidence.facts.get("reborn", (None, None))
    if new is None:
        return unknown("No backup was deleted and taken again under its name.")
    if old == new:
        return Finding("true")
    if backup_id_shape(evidence).value != "slug":
        return unknown("IDs are not made of names alone, so a name never gives the same ID twice.")
    return Finding("false")


def addon_busy_refuses(evidence: Evidence) -> Finding:
    answer = evidence.last("second while busy")
    if answer is None:
        return unknown("The first backup was over before a second one could be asked for.")
    return _flag(refused(answer, 409, "false"))


def unsupported_dump(evidence: Evidence) -> Finding:
    answer = evidence.last("dump")
    if answer is None or evidence.facts.get("dumps") is True:
        return unknown("Addons of this type have dumps. ADDON=<one whose type has none> with WRITE=1 finds out.")
    if not answer.ok:
        return refused(answer, 409, "status")
    status = evidence.facts.get("dump status")
    if status == "not-supported":
        return Finding("status")
    return unknown("A dump was taken, so this type has them.") if status == "completed" else Finding(str(status))


def addon_status_follows_backup(evidence: Evidence) -> Finding:
    answer = next(evidence.good("busy addon"), None)
    status = None if answer is None else answer.fields.get("status")
    if not isinstance(status, str):
        return unknown("No backup was running when the addon was read.")
    if status == "backup":
        return Finding("true")
    return Finding("false") if status == "running" else Finding(f"status {status}")


def pending_actions_follow(evidence: Evidence) -> Finding:
    answer = next(evidence.good("busy addon"), None)
    if answer is None or not answer.fields:
        return unknown("No backup was running when the addon was read.")
    spec = answer.fields.get("spec")
    pending = spec.get("pendingActions") if isinstance(spec, dict) else None
    types = [entry.get("type") for entry in pending or [] if isinstance(entry, dict)]
    return Finding("true" if "backup" in types else "false", "no such key" if pending is None else "")


def last_restore_counts_other_addons(evidence: Evidence) -> Finding:
    """Whether a backup that was restored into another addon says so."""
    restore, answer = evidence.facts.get("foreign"), evidence.last("restored elsewhere")
    if restore is None or answer is None or not answer.ok:
        return unknown("")
    last = answer.fields.get("lastRestore")
    shown = last.get("restoreTimestamp") if isinstance(last, dict) else None
    if shown is None:
        return Finding("false")
    if shown == restore.get("restoreTimestamp"):
        return Finding("true")
    return unknown("The backup was restored several times, which hides it.")


def download_of_snapshot(evidence: Evidence) -> Finding:
    answer = evidence.last("snapshot link")
    if answer is None:
        return unknown("The addon has no completed snapshot.")
    if answer.status in (401, 403) or (answer.status or 500) >= 500:
        return unknown(f"HTTP {answer.status}, which proves nothing about it.")
    return Finding(str(answer.status))


def import_answer(evidence: Evidence) -> Finding:
    answer = evidence.last("import")
    if answer is None:
        return unknown("Nothing was imported.")
    if not answer.accepted:
        return unknown(f"The import was refused (HTTP {answer.status}).")
    if not answer.text.strip():
        return Finding("no_body")
    if answer.body == {}:
        return Finding("empty")
    if answer.data == {}:
        return Finding("empty_data")
    return Finding("backup" if {"id", "status"} <= answer.fields.keys() else "some other object")


def _flag(found: Finding, when_refused: str = "true") -> Finding:
    """The same as true or false."""
    return found._replace(value=when_refused) if found.value == "refuse" else found


def _refusal(key: str, step: str, how: str, values: Mapping[int, str], does: str) -> Probe:
    ((expected, otherwise),) = values.items()
    return Probe(key, WRITE, (step,), how, ("refuse", otherwise), does, by_refusal(step, expected, otherwise))


PROBES = [
    Probe(
        "not_running", WRITE, ("not running",), "a backup of an addon that does not run (give it as ADDON)",
        ("refuse", "schedule"),
        "Looks at the addon while a backup stays scheduled, and says within seconds that the addon does not run.",
        not_running,
    ),
    Probe(
        "names_unique", WRITE, ("same name",), "a second backup of one name", ("false", "true"),
        "Looks for the name first, and explains a refusal.", names_unique,
    ),
    Probe(
        "failed_names_free", WRITE, ("failed name", "same name"), "a backup with an aborted one's name",
        ("true", "false"),
        "Deletes the failed backups that hold the name, and asks once more.", failed_names_free,
    ),
    Probe(
        "ids_reused", WRITE, ("reborn",), "another backup with the name of one that was deleted", ("true", "false"),
        "Compares uid or createdAt before it deletes, so that it deletes the backup that was meant.", ids_reused,
    ),
    Probe(
        "addon_busy_refuses", WRITE, ("taken",), "a second backup while one runs", ("false", "true"),
        "Waits while the addon shows that it is busy, and shows the refusal if it does not.", addon_busy_refuses,
    ),
    _refusal(
        "compression_with_snapshot", "compression", "a snapshot with a compression", {400: "ignore"},
        "Refuses it before the first request.",
    ),
    _refusal(
        "destinations_of_other_type", "destination of other type",
        "a snapshot with a destination for dumps; the account needs one", {400: "ignore"},
        "Refuses it before the first request.",
    ),
    _refusal(
        "unknown_body_keys", "unknown key", "a snapshot with a key that does not exist", {400: "ignore"},
        "Sends only the keys that the contract has.",
    ),
    Probe(
        "unsupported_dump", WRITE, ("dump",), "a dump of an addon whose type has none (give it as ADDON)",
        ("status", "refuse"), "Says that the type has no dumps, or shows the refusal.", unsupported_dump,
    ),
    Probe(
        "delete_active", WRITE, ("same name",), "deleting a backup that runs", ("refuse", "allow"),
        "Never deletes one that runs: it aborts it, waits, and deletes it then.",
        by_refusal("delete active", 409, "allow"),
    ),
    Probe(
        "abort_final", WRITE, ("on completed",), "aborting a completed backup", ("refuse", "ignore"),
        "Reads the backup again, and reports the state that it has.", by_refusal("abort final", 409, "ignore"),
    ),
    Probe(
        "retain_unscheduled", WRITE, ("on completed",), "retaining a backup that no schedule made",
        ("ignore", "refuse"), "Reports what the API answers; no answer shows whether a backup is retained.",
        by_refusal("retain", 409, "ignore"),
    ),
    Probe(
        "addon_status_follows_backup", EITHER, ("taken", "running"), "the addon while one of its backups runs",
        ("true", "false"), "Reads the backups, and takes the addon's status for a hint only.",
        addon_status_follows_backup,
    ),
    Probe(
        "pending_actions_follow", EITHER, ("taken", "running"), "the addon while one of its backups runs",
        ("true", "false"), "Does not use it.", pending_actions_follow,
    ),
    Probe(
        "last_restore_counts_other_addons", HISTORY, ("foreign restores",),
        "a backup that was restored into another addon of the project before", ("false", "true"),
        "Asks for the restores of the addon that it acts on.", last_restore_counts_other_addons,
    ),
    Probe(
        "download_of_snapshot", EITHER, ("on completed", "snapshot link"), "the download link of a snapshot",
        ("404", "409", "400"), "Downloads dumps only, and takes any of these for: this is no dump.",
        download_of_snapshot,
    ),
    Probe(
        "import_answer", WRITE, ("import",), "importing a dump from its own download link",
        ("no_body", "empty", "empty_data", "backup"), "Does not import.", import_answer,
    ),
]  # fmt: skip
