# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps that only read. Each asks one thing, and keeps the answer as evidence."""

from __future__ import annotations

from typing import Any

from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import NorthflankError

from .evidence import ACTIVE, config
from .lab import MOST_PAGES, Lab, StepFailed
from .steps import Step

# Other addons that are looked at where this one has nothing to show.
_MOST_OTHERS = 4


def _auth(lab: Lab) -> None:
    lab.get("auth", "/v1/auth")


def _addon(lab: Lab) -> None:
    answer = lab.get("addon", lab.place.path)
    if not answer.ok:
        return
    kind = answer.fields.get("spec", {}).get("type") if isinstance(answer.fields.get("spec"), dict) else None
    lab.evidence.facts["type"] = kind
    types = lab.get("types", "/v1/addon-types").items("addonTypes")
    for found in types:
        if found.get("type") == kind and isinstance(found.get("features"), dict):
            lab.evidence.facts["dumps"] = found["features"].get("backupsDump")


def _restores(lab: Lab) -> None:
    # Before the backups, so that a restore that is listed is over for certain when they are.
    lab.list_of("restores", f"{lab.place.path}/restores", "restores", 1)


def _backups(lab: Lab) -> None:
    lab.evidence.facts["before"] = [entry for entry in lab.list_backups() if entry.get("id")]


def _running(lab: Lab) -> None:
    running = next((entry for entry in lab.evidence.facts["before"] if entry.get("status") in ACTIVE), None)
    if running is None:
        raise StepFailed("No backup of the addon is running.")
    answer = lab.wire.send("GET", lab.place.path)
    if lab.is_active(str(running.get("id"))):
        lab.evidence.add("busy addon", answer)


def _backup_restores(lab: Lab) -> None:
    done = {entry.get("backupId") for answer in lab.evidence.good("restores") for entry in answer.items("restores")}
    never = next((entry for entry in lab.evidence.facts["before"] if entry.get("id") not in done), None)
    if never is None:
        raise StepFailed("The addon has no backup that was never restored.")
    lab.get("backup restores", f"{lab.backup(str(never.get('id')))}/restores")


def _schedules(lab: Lab) -> None:
    own = lab.list_of("schedules", f"{lab.place.path}/backup-schedules", "schedules", 1)
    if not lab.evidence.all("schedules")[-1].ok:
        raise StepFailed("The schedules cannot be read.")
    lab.evidence.facts["schedules"] = own
    if not own:
        return
    for other in _others(lab):
        if not lab.list_of("schedules", f"{lab.place.addons}/{other}/backup-schedules", "schedules", 1):
            return


def _others(lab: Lab, of_its_type: bool = False) -> list[str]:
    """Other addons of the project."""
    kind = lab.evidence.facts.get("type")
    if lab.evidence.last("addons") is None:
        lab.list_of("addons", lab.place.addons, "addons", 1)
    others = [
        entry
        for answer in lab.evidence.good("addons")
        for entry in answer.items("addons")
        if isinstance(entry.get("id"), str) and entry["id"] != lab.place.addon
        if not of_its_type or _type_of(entry) == kind
    ]
    return [str(entry["id"]) for entry in others[:_MOST_OTHERS]]


def _type_of(addon: dict[str, Any]) -> object:
    spec = addon.get("spec")
    return spec.get("type") if isinstance(spec, dict) else None


def _foreign_restores(lab: Lab) -> None:
    """Look for a restore of one of this addon's backups into another addon."""
    own = {entry.get("id") for entry in lab.evidence.facts["before"]}
    for other in _others(lab, of_its_type=True):
        path = f"{lab.place.addons}/{other}"
        restored = lab.list_of("foreign restores", f"{path}/restores", "restores", 1)
        candidates = [entry for entry in restored if entry.get("backupId") in own]
        if not candidates:
            continue
        theirs = {entry.get("id") for entry in lab.list_of("foreign backups", f"{path}/backups", "backups")}
        for restore in candidates:
            if restore["backupId"] not in theirs:
                lab.evidence.facts["foreign"] = restore
                lab.get("restored elsewhere", lab.backup(str(restore["backupId"])))
                return
    raise StepFailed("No backup of this addon was restored into another addon of the project that was looked at.")


def _query(lab: Lab) -> None:
    lab.get("unknown query", f"{lab.place.path}/backups", per_page=1, northflankCloudLive="1")


def _destinations(lab: Lab) -> None:
    found = lab.list_of("destinations", lab.place.destinations, "backupDestinations", 1)
    lab.evidence.facts["destinations"] = found


def _snapshot_link(lab: Lab) -> None:
    for entry in lab.evidence.facts["before"]:
        source = config(entry).get("source")
        is_snapshot = isinstance(source, dict) and source.get("type") == "snapshot"
        if is_snapshot and entry.get("status") == "completed" and "compressionType" not in config(entry):
            lab.get("snapshot link", f"{lab.backup(str(entry.get('id')))}/download-link")
            return
    raise StepFailed("The addon has no completed snapshot.")


def _dump(lab: Lab) -> None:
    for entry in lab.evidence.facts["before"]:
        if entry.get("status") == "completed" and "compressionType" in config(entry):
            look_at_dump(lab, str(entry.get("id")))
            return
    raise StepFailed("The addon has no completed dump.")


def look_at_dump(lab: Lab, backup_id: str) -> None:
    """Read a dump's log, its link, and the first byte of its file."""
    lab.get("log", f"{lab.backup(backup_id)}/logs")
    link = lab.get("link", f"{lab.backup(backup_id)}/download-link").fields.get("downloadLink")
    if not isinstance(link, str):
        return
    try:
        lab.evidence.add("store", lab.wire.store(link))
    except NorthflankError as error:
        lab.evidence.reasons["store"] = str(error)


def _without_team(lab: Lab) -> None:
    if lab.place.team is None:
        raise StepFailed("NORTHFLANK_TEAM_ID is not set, so the token is not one that needs it.")
    lab.get("without team", f"/v1/projects/{lab.place.project}/addons/{lab.place.addon}")


READING = [
    Step("auth", "ask whose token this is and what it may do", 1, _auth),
    Step("addon", "read the addon and its type", 2, _addon),
    Step("restores", "list the restores into the addon", 1, _restores),
    Step("list", "list the addon's backups", MOST_PAGES, _backups),
    Step("running", "look at the addon while one of its backups runs, if one does", 2, _running),
    Step("backup restores", "list the restores of a backup that was never restored", 1, _backup_restores),
    Step("schedules", "list the schedules of the addon, or of others if it has some", 2 + _MOST_OTHERS, _schedules),
    Step(
        "foreign restores",
        "look for a restore of one of its backups into another addon of the project",
        2 + _MOST_OTHERS * (1 + MOST_PAGES),
        _foreign_restores,
    ),
    Step("unknown query", "list backups with a query parameter that does not exist", 1, _query),
    Step("destinations", "list the account's backup destinations", 1, _destinations),
    Step("snapshot link", "ask for the download link of a snapshot, which has none", 1, _snapshot_link),
    Step("dump", "read the log of a dump, its download link, and the first byte of its file", 2, _dump),
    Step("without team", "read the addon by the path without a team, if a team is set", 1, _without_team),
]
