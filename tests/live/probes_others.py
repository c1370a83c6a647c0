# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules, logs, downloads, errors and tokens. Each function decides by the evidence alone."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .evidence import Evidence, Finding, refused, unknown
from .probe import EITHER, HISTORY, NUMBER, READ, WRITE, Probe
from .wire import Answer

INVALID_BODY = "nf-invalid-request-body"


def patch_schedules(evidence: Evidence) -> Finding:
    """What is left of one schedule after a PATCH with another one."""
    entries = evidence.facts.get("patched other")
    if entries is None:
        return unknown("No schedule was changed.")
    there = {_interval(entry) for entry in entries}
    known = {("daily",): "replace", ("daily", "weekly"): "merge", ("weekly",): "retention_only"}
    return Finding(known.get(tuple(sorted(there)), "deletes them" if not there else "something else"))


def patch_schedule_ids(evidence: Evidence) -> Finding:
    before, after = evidence.facts.get("unpatched"), evidence.facts.get("patched same")
    answer = evidence.last("patch same")
    if not before or after is None or answer is None:
        return unknown("No schedule was changed.")
    if not answer.ok:
        return unknown(f"The PATCH was refused (HTTP {answer.status}).")
    if not after:
        return Finding("deletes them")
    ids = {entry.get("id") for entry in before}
    return Finding("kept" if {entry.get("id") for entry in after} == ids else "new")


def schedules_per_addon(evidence: Evidence) -> Finding:
    found = refused(evidence.last("other type"), 409, "interval_and_type")
    if found.value == "refuse with 400":
        return Finding("interval", "HTTP 400")
    return found._replace(value="interval") if found.value == "refuse" else found


def retention_limits(evidence: Evidence) -> Finding:
    """Which of the vendor's limits hold, by a day more than each."""
    hourly, within = evidence.last("hourly beyond"), evidence.last("hourly within")
    if hourly is None:
        return unknown("No schedule was created.")
    if hourly.ok:
        found = refused(evidence.last("weekly beyond"), 400, "none")
        return found._replace(value="120") if found.value == "refuse" else found
    if within is None or not within.ok:
        return unknown("A schedule within the limits was refused as well.")
    found = refused(hourly, 400, "none")
    return found._replace(value="by_interval") if found.value == "refuse" else found


def log_envelope(evidence: Evidence) -> Finding:
    answer = _log(evidence)
    if answer is None:
        return _no_log(evidence)
    if isinstance(answer.data, list):
        return Finding("data")
    for key in ("logs", "data"):
        if isinstance(answer.fields.get(key), list):
            return Finding(f"data.{key}")
    return Finding("something else")


def log_container_id(evidence: Evidence) -> Finding:
    answer = _log(evidence)
    if answer is None:
        return _no_log(evidence)
    lines: list[Any] = next((found for found in _line_lists(answer) if found), [])
    if not lines:
        return unknown("The log has no lines.")
    return Finding("present" if all(isinstance(each, dict) and "containerId" in each for each in lines) else "missing")


def link_lifetime(evidence: Evidence) -> Finding:
    """For how long a link says that it is good. Its parameters tell; waiting for it to end would cost too much."""
    for answer in evidence.good("link"):
        seconds = lifetime(str(answer.fields.get("downloadLink", "")), answer.at)
        return unknown("The link does not tell.") if seconds is None else Finding(str(seconds), "seconds")
    return _no_link(evidence)


def lifetime(link: str, now: float) -> int | None:
    """Seconds that a signed link is good for, by the parameters that the storages in use have for that."""
    query = {name.lower(): value for name, value in parse_qsl(urlsplit(link).query)}
    for name in ("x-amz-expires", "x-goog-expires"):
        if re.fullmatch(r"\d{1,9}", query.get(name, "")):
            return int(query[name])
    if re.fullmatch(r"\d{9,11}", query.get("expires", "")):
        return round(int(query["expires"]) - now)
    try:
        end = datetime.fromisoformat(query.get("se", ""))
    except ValueError:
        return None
    return round((end if end.tzinfo else end.replace(tzinfo=timezone.utc)).timestamp() - now)


def store_ranges(evidence: Evidence) -> Finding:
    answer = evidence.last("store")
    if answer is None:
        return _no_link(evidence)
    return {206: Finding("true"), 200: Finding("false")}.get(answer.status or 0, unknown(f"HTTP {answer.status}"))


def store_validator(evidence: Evidence) -> Finding:
    answer = evidence.last("store")
    if answer is None:
        return _no_link(evidence)
    if answer.status not in (200, 206):
        return unknown(f"HTTP {answer.status}")
    tag = answer.headers.get("etag")
    if not tag:
        return Finding("none")
    return Finding("weak" if tag.startswith("W/") else "etag")


def read_spec(evidence: Evidence) -> Finding:
    """Whether a token that can read, but not Read Spec, gets a download link."""
    link = evidence.last("link")
    if link is None or not any(evidence.good("list")):
        return _no_link(evidence)
    if link.status == 403:
        return Finding("needed", "HTTP 403")
    granted = permissions(evidence.last("auth"))
    if not link.ok or granted is None:
        return unknown("The API does not tell what the token may do.")
    if any(re.sub(r"[^a-z]", "", name.lower()).endswith("addonsgeneralreadspec") for name in granted):
        return unknown("The token has Read Spec. One with Read and without Read Spec finds out.")
    if any(re.sub(r"[^a-z]", "", name.lower()).endswith("addonsgeneralread") for name in granted):
        return Finding("read_is_enough")
    return unknown("The token's permissions cannot be read.")


def permissions(auth: Answer | None) -> list[str] | None:
    """What a token may do in projects, by the API's own answer."""
    held = auth.fields.get("permissions") if auth is not None and auth.ok else None
    scope = held.get("projectScope") if isinstance(held, dict) else None
    return [str(name) for name in scope] if isinstance(scope, list) else None


def destination_usage(evidence: Evidence) -> Finding:
    """Whether a body without any key is told that ``usage`` is missing."""
    refusal = evidence.last("destination body")
    if refusal is None or refusal.error is None or refusal.status != 400:
        return unknown("A destination that is not valid got no refusal that tells.")
    said = str([refusal.error.get("message"), refusal.error.get("details")])
    if "usage" in said:
        return Finding("required")
    if all(key in said for key in ("prefix", "credentials")):
        return Finding("unknown")
    return unknown("The refusal does not tell which keys are missing.")


def retry_after(evidence: Evidence) -> Finding:
    answer = evidence.last("429")
    if answer is None:
        return unknown("The request limit was not reached, and this program does not use it up.")
    return Finding("true" if "retry-after" in answer.headers else "false")


def error_id(evidence: Evidence) -> Finding:
    error = _invalid(evidence)
    if error is None:
        return unknown("A body that is not valid was not refused with HTTP 400.")
    found = error.get("id")
    if not found:
        return Finding("missing")
    return Finding(INVALID_BODY) if found == INVALID_BODY else Finding("other", str(found))


def error_details(evidence: Evidence) -> Finding:
    """The shape of ``details``: ``{"<dotted path>": ["message"]}`` or another one."""
    error = _invalid(evidence)
    if error is None:
        return unknown("A body that is not valid was not refused with HTTP 400.")
    details = error.get("details")
    if not details:
        return Finding("missing")
    return Finding("paths" if "backupType" in details and _has_messages(details) else "other")


def org_token_without_team(evidence: Evidence) -> Finding:
    own = evidence.last("addon")
    answer = evidence.last("without team")
    if answer is None:
        return unknown("No team is set.")
    if own is None or not own.ok:
        return unknown("The addon cannot be read by its team's path either.")
    if answer.ok:
        return unknown("The token does not need the team's path. One of an organisation's role does.")
    return Finding(str(answer.status))


def _invalid(evidence: Evidence) -> dict[str, Any] | None:
    """The error object for a body that is not valid; a refusal of something else, such as the token, is none."""
    answer = evidence.last("invalid")
    return answer.error if answer is not None and answer.status in (400, 422) else None


def _has_messages(details: Any) -> bool:
    return isinstance(details, dict) and all(
        isinstance(messages, list) and all(isinstance(text, str) for text in messages) for messages in details.values()
    )


def _interval(schedule: dict[str, Any]) -> str:
    scheduling = schedule.get("scheduling")
    return str(scheduling.get("interval")) if isinstance(scheduling, dict) else ""


def _log(evidence: Evidence) -> Answer | None:
    return next(evidence.good("log"), None)


def _no_log(evidence: Evidence) -> Finding:
    answer = evidence.last("log")
    return unknown("No dump's log was read." if answer is None else f"A dump's log got HTTP {answer.status}.")


def _no_link(evidence: Evidence) -> Finding:
    answer = evidence.last("link")
    if answer is not None and answer.ok:
        return unknown(evidence.reasons.get("store", "The storage did not answer."))
    return unknown("No dump's link was asked for." if answer is None else f"A dump's link got HTTP {answer.status}.")


def _line_lists(answer: Answer) -> list[Any]:
    shapes = [answer.data, answer.fields.get("logs"), answer.fields.get("data")]
    return [shape for shape in shapes if isinstance(shape, list)]


PROBES = [
    Probe(
        "patch_schedules", WRITE, ("patch",), "a PATCH of an addon with another schedule; it must have none before",
        ("replace", "merge", "retention_only"), "Deletes and creates schedules, as the guide says, and sends no PATCH.",
        patch_schedules,
    ),
    Probe(
        "patch_schedule_ids", WRITE, ("patch",), "a PATCH of an addon with the schedule that it has", ("kept", "new"),
        "Does not rely on it, because it sends no PATCH.", patch_schedule_ids,
    ),
    Probe(
        "schedules_per_addon", WRITE, ("per addon",), "two schedules of one interval, for snapshots and for dumps",
        ("interval_and_type", "interval"), "Lets the API decide, and explains the refusal.", schedules_per_addon,
    ),
    Probe(
        "retention_limits", WRITE, ("limits",), "schedules with a day more than each limit",
        ("by_interval", "120", "none"), "Warns about a long retention, and lets the API decide.", retention_limits,
    ),
    Probe(
        "log_envelope", EITHER, ("dump",), "the log of a dump", ("data", "data.logs", "data.data"),
        "Finds the lines in each of the three places.", log_envelope,
    ),
    Probe(
        "log_container_id", EITHER, ("dump",), "the log of a dump", ("present", "missing"),
        "Shows time and text only.", log_container_id,
    ),
    Probe(
        "link_lifetime", EITHER, ("dump",), "what a download link says about its end", (NUMBER,),
        "Asks for a new link when one has ended, and goes on where it was.", link_lifetime,
    ),
    Probe(
        "store_ranges", EITHER, ("dump",), "the first byte of a dump's file", ("true", "false"),
        "Starts again from the first byte where a part cannot be had.", store_ranges,
    ),
    Probe(
        "store_validator", EITHER, ("dump",), "the first byte of a dump's file", ("etag", "weak", "none"),
        "Joins parts only if a strong ETag or the check sum proves that they belong together.", store_validator,
    ),
    Probe(
        "read_spec", EITHER, ("dump", "auth"), "a download link with a token that has Read and not Read Spec",
        ("needed", "read_is_enough"), "Names Read Spec in the message about a 403.", read_spec,
    ),
    Probe(
        "destination_usage", WRITE, ("destination body",),
        "a destination without any key, which is refused", ("required", "unknown"), "Does not create destinations.",
        destination_usage,
    ),
    Probe(
        "retry_after", HISTORY, ("429",), "a refusal because of the request limit, if one comes", ("true", "false"),
        "Waits as Retry-After says, and as x-ratelimit-reset says where there is none.", retry_after,
    ),
    Probe(
        "error_id", WRITE, ("invalid",), "a backup request that is not valid", (INVALID_BODY, "other", "missing"),
        "Shows the message, and never decides by the ID.", error_id,
    ),
    Probe(
        "error_details", WRITE, ("invalid",), "a backup request that is not valid", ("paths", "other", "missing"),
        "Shows the details as they are, without secrets.", error_details,
    ),
    Probe(
        "org_token_without_team", READ, ("without team",), "the addon by the path without a team (needs such a token)",
        ("403", "404", "401"), "Says that a token of an organisation needs team_id, for each of the three.",
        org_token_without_team,
    ),
]  # fmt: skip
