# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lists show. Each function decides by the evidence alone."""

from __future__ import annotations

from typing import Any

from .evidence import ACTIVE, UNUSABLE, Evidence, Finding, config, slug, unknown
from .lab import PER_PAGE, next_page
from .probe import EITHER, NUMBER, READ, Probe


def list_order(evidence: Evidence) -> Finding:
    """Which of the known orders the longest list has. One that fits several tells nothing."""
    lists = [answer.items("backups") for answer in evidence.good("list")]
    longest = max(lists, key=len, default=[])
    found = order_of(longest)
    if found is None:
        return unknown("The addon's backups are too few to tell their order.")
    return Finding(found, f"{len(longest)} backups")


def order_of(entries: list[dict[str, Any]]) -> str | None:
    """The one order that entries are in, ``shuffled`` for none; None where several fit."""
    times = [str(entry.get("createdAt", "")) for entry in entries]
    ids = [str(entry.get("id", "")) for entry in entries]
    if len(set(times)) < 3:
        return None
    fits = {
        "newest": times == sorted(times, reverse=True),
        "oldest": times == sorted(times),
        "id": ids == sorted(ids),
    }
    fitting = [name for name, does in fits.items() if does]
    if len(fitting) > 1:
        return None
    return fitting[0] if fitting else "shuffled"


def list_last_restore(evidence: Evidence) -> Finding:
    """Whether an entry of a backup that was restored has ``lastRestore``."""
    if any(entry.get("lastRestore") for entry in evidence.listed()):
        return Finding("present")
    # Only a list that came after a restore had been listed can lack it.
    restored: set[tuple[object, str]] = set()
    for question, answer in evidence.in_order("restores", "list"):
        if question == "restores":
            restored |= {
                (each.get("backupId"), str(each.get("restoreTimestamp", ""))) for each in answer.items("restores")
            }
        elif any(_was_restored(entry, restored) for entry in answer.items("backups")):
            return Finding("absent")
    return unknown("No backup in the list was restored.")


def _was_restored(entry: dict[str, Any], restored: set[tuple[object, str]]) -> bool:
    """Whether a backup was. An ID may be given again: a restore before the backup was one of another backup."""
    return any(entry.get("id") == known and at >= str(entry.get("createdAt", "")) for known, at in restored)


def running_completed_at(evidence: Evidence) -> Finding:
    for entry in evidence.listed():
        if entry.get("status") in ACTIVE:
            return Finding(_shape(entry, "completedAt"))
    return unknown("No backup was running when the addon's were listed.")


def failed_completed_at(evidence: Evidence) -> Finding:
    for entry in evidence.listed():
        if entry.get("status") in UNUSABLE:
            return Finding("present" if entry.get("completedAt") else "missing", str(entry["status"]))
    return unknown("The addon has no backup that was aborted or failed.")


def running_size(evidence: Evidence) -> Finding:
    for entry in evidence.listed():
        if entry.get("status") in ACTIVE:
            size = config(entry).get("size")
            return Finding({"0": "0", "": "empty"}.get(str(size), "missing" if size is None else "some other text"))
    return unknown("No backup was running when the addon's were listed.")


def with_uid(evidence: Evidence) -> Finding:
    for entry in evidence.listed():
        return Finding("true" if entry.get("uid") else "false")
    return unknown("The addon has no backup.")


def has_next_page(evidence: Evidence) -> Finding:
    for question in ("list", "addons", "restores"):
        for answer in evidence.good(question):
            if answer.pagination is not None:
                return Finding("present" if "hasNextPage" in answer.pagination else "missing")
    return unknown("No list had a pagination.")


def max_page_size_served(evidence: Evidence) -> Finding:
    """How many entries a page has that asked for the most."""
    seen = 0
    for answer in evidence.good("list"):
        count = len(answer.items("backups"))
        if count >= PER_PAGE:
            return Finding("none", f"{count} of {PER_PAGE}")
        if count and next_page(answer, 1) is not None:
            return Finding(str(count), f"of {PER_PAGE} that were asked for")
        seen = max(seen, count)
    return unknown(f"The addon has fewer than {PER_PAGE} backups; a page of {seen} is served whole.")


def schedules_key_when_empty(evidence: Evidence) -> Finding:
    for answer in evidence.good("schedules"):
        if not answer.items("schedules"):
            return Finding("present" if "schedules" in answer.fields else "missing")
    return unknown("Each addon that was looked at has schedules.")


def schedules_pagination(evidence: Evidence) -> Finding:
    for answer in evidence.good("schedules"):
        return Finding("missing" if answer.pagination is None else "present")
    return unknown("The schedules could not be listed.")


def restores_key_when_empty(evidence: Evidence) -> Finding:
    for answer in evidence.good("backup restores"):
        if not answer.items("restores"):
            return Finding("present" if "restores" in answer.fields else "missing")
    return unknown("The addon has no backup that was never restored.")


def destination_list_id(evidence: Evidence) -> Finding:
    for answer in evidence.good("destinations"):
        for entry in answer.items("backupDestinations"):
            return Finding("present" if entry.get("id") else "missing")
    return unknown("The account has no backup destination, or the token may not list them.")


def destination_list_credentials(evidence: Evidence) -> Finding:
    """Which keys of the credentials a list shows; their names only."""
    for answer in evidence.good("destinations"):
        for entry in answer.items("backupDestinations"):
            shown = entry.get("credentials")
            keys = sorted(shown) if isinstance(shown, dict) else []
            if {"accessKey", "secretKey"} & set(keys):
                return Finding("with secrets")
            return Finding("present" if keys else "missing", ", ".join(keys))
    return unknown("The account has no backup destination, or the token may not list them.")


def unknown_query_keys(evidence: Evidence) -> Finding:
    answer = evidence.last("unknown query")
    if answer is None:
        return unknown("No answer came.")
    if answer.ok:
        return Finding("ignore")
    return Finding("refuse", f"HTTP {answer.status}") if answer.status == 400 else unknown(f"HTTP {answer.status}")


def backup_id_shape(evidence: Evidence) -> Finding:
    """Whether IDs are made of names; a second backup of one name has to get a suffix in any case."""
    found: set[str] = set()
    entries = list(evidence.listed())
    # Those of this run, where there are some: older ones may be from a time with other rules.
    own = [answer.fields for question in ("taken", "not running") for answer in evidence.good(question)]
    for entry in own or entries:
        made_of = slug(str(entry.get("name", "")))
        backup_id = str(entry.get("id", ""))
        if made_of and backup_id == made_of:
            return Finding("slug")
        found.add("suffix" if made_of and backup_id.startswith(f"{made_of}-") else "opaque")
    if not found:
        return unknown("The addon has no backup.")
    return Finding("opaque" if "opaque" in found else "suffix")


def dump_source_type(evidence: Evidence) -> Finding:
    for entry in evidence.listed():
        if entry.get("id") == evidence.facts.get("dump") or "compressionType" in config(entry):
            source = config(entry).get("source")
            shown = source.get("type") if isinstance(source, dict) else None
            if shown in ("fileUpload", "externalDump"):
                continue
            return Finding("none" if not shown else str(shown))
    return unknown("The addon has no dump.")


def _shape(entry: dict[str, Any], key: str) -> str:
    if key not in entry:
        return "missing"
    if entry[key] is None:
        return "null"
    return "empty" if entry[key] == "" else "a time"


PROBES = [
    Probe(
        "list_order", EITHER, ("list",), "the order of the addon's backups",
        ("newest", "oldest", "id", "shuffled"),
        "Never relies on the order. It reads all pages and compares times itself.", list_order,
    ),
    Probe(
        "list_last_restore", EITHER, ("restore", "restores", "list"), "the entry of a backup that was restored",
        ("absent", "present"),
        "Never needs lastRestore in lists. It asks for the addon's restores where a decision depends on them.",
        list_last_restore,
    ),
    Probe(
        "running_completed_at", EITHER, ("taken", "list"), "the entry of a backup that runs",
        ("missing", "null", "empty"), "Takes all three for not completed yet.", running_completed_at,
    ),
    Probe(
        "failed_completed_at", EITHER, ("same name", "list"), "the entry of a backup that was aborted or failed",
        ("present", "missing"), "Decides by the status, never by this time.", failed_completed_at,
    ),
    Probe(
        "running_size", EITHER, ("taken", "list"), "the entry of a backup that runs", ("0", "empty"),
        "Reads a size only of a completed backup; anything that is no number is no size.", running_size,
    ),
    Probe(
        "with_uid", EITHER, ("list",), "any backup in the list", ("true", "false"),
        "Tells backups apart by uid where they have one, and by createdAt where not.", with_uid,
    ),
    Probe(
        "has_next_page", READ, ("list",), "the pagination of any list", ("present", "missing"),
        "Goes on to the next page if hasNextPage or a cursor says so.", has_next_page,
    ),
    Probe(
        "max_page_size_served", READ, ("list",), f"a page of {PER_PAGE} backups; the addon needs more than one page",
        ("none", NUMBER), "Counts what came, never what it asked for.", max_page_size_served,
    ),
    Probe(
        "schedules_key_when_empty", READ, ("schedules",), "the schedules of an addon that has none",
        ("present", "missing"), "Takes a missing key for an empty list.", schedules_key_when_empty,
    ),
    Probe(
        "schedules_pagination", READ, ("schedules",), "the list of schedules", ("missing", "present"),
        "Takes a list without pagination for the only page.", schedules_pagination,
    ),
    Probe(
        "restores_key_when_empty", EITHER, ("backup restores",), "the restores of a backup that was never restored",
        ("present", "missing"), "Takes a missing key for an empty list.", restores_key_when_empty,
    ),
    Probe(
        "destination_list_id", READ, ("destinations",), "any backup destination of the account",
        ("missing", "present"), "Takes destination IDs from your options only.", destination_list_id,
    ),
    Probe(
        "destination_list_credentials", READ, ("destinations",), "any backup destination; the names of the keys only",
        ("present", "missing"), "Does not read them.", destination_list_credentials,
    ),
    Probe(
        "unknown_query_keys", READ, ("unknown query",), "a list with a query parameter that does not exist",
        ("ignore", "refuse"), "Sends only the parameters that the contract has.", unknown_query_keys,
    ),
    Probe(
        "backup_id_shape", EITHER, ("list",), "IDs and names in the list", ("slug", "suffix", "opaque"),
        "Never makes an ID of a name. It finds a backup by its name in the list.", backup_id_shape,
    ),
    Probe(
        "dump_source_type", EITHER, ("dump",), "the entry of a dump", ("sameAddon", "liveInstance", "none"),
        "Takes both for a dump. Where no source is shown, the type counts as not known.", dump_source_type,
    ),
]  # fmt: skip
