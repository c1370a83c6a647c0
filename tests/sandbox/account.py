# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operations around backups do: addons' own life, backup destinations, tokens. As in handlers.py."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import addons, destinations, views
from .calls import NO_BODY, Answer, Call
from .clock import iso
from .records import Addon, Backup, Destination
from .world import ADDON_TYPES, TEAMS


def list_addons(call: Call) -> Answer:
    shown, pagination = call.page(list(call.project.addons.values()), f"addons {call.project.id}")
    return {"data": {"addons": [views.addon_summary(call.world, each) for each in shown]}, "pagination": pagination}


def get_addon(call: Call) -> Answer:
    return {"data": views.addon_view(call.world, call.addon)}


def create_addon(call: Call) -> Answer:
    return _defined(call, addons.create(call.world, call.project, call.body), "create-addon")


def put_addon(call: Call) -> Answer:
    return _defined(call, addons.put(call.world, call.project, call.body), "put-addon")


def patch_addon(call: Call) -> Answer:
    return _defined(call, addons.patch(call.world, call.addon, call.body), "patch-addon")


def delete_addon(call: Call) -> Answer:
    call.world.did("delete-addon", call.addon, call.addon.uid)
    addons.delete(call.world, call.addon)
    return {"data": {}}


def pause_addon(call: Call) -> Answer:
    addons.pause(call.addon)
    return {"data": {}}


def resume_addon(call: Call) -> Answer:
    addons.resume(call.world, call.addon)
    return {"data": {}}


def restart_addon(call: Call) -> Answer:
    addons.restart(call.world, call.addon)
    return {"data": {}}


def reset_addon(call: Call) -> Answer:
    addons.reset(call.world, call.addon)
    return {"data": {}}


def get_addon_version(call: Call) -> Answer:
    current = call.addon.version
    return {"data": {"version": current, "lifecycleStatus": "active", "upgradeTo": [], "upgradeHistory": []}}


def get_addon_credentials(call: Call) -> Answer:
    words = {"username": "sandbox", "password": secrets.token_hex(16), "database": str(call.addon.database)}
    return {"data": {"secrets": words, "envs": {}}}


def import_addon_backup(call: Call) -> Answer:
    backup = addons.import_backup(call.world, call.addon, call.body)
    call.world.did("start", call.addon, backup.uid)
    detail = views.backup_detail(call.world, call.addon, backup, status=backup.life.steps[0][1])
    forms = {"no_body": NO_BODY, "empty": {}, "empty_data": {"data": {}}, "backup": {"data": detail}}
    return forms[call.world.assumptions.import_answer]


def list_addon_types(_call: Call) -> Answer:
    return {"data": {"addonTypes": [views.addon_type_view(each) for each in ADDON_TYPES]}}


def list_projects(call: Call) -> Answer:
    shown, pagination = call.page(list(call.world.projects.values()), "projects")
    return {"data": {"projects": [views.project_view(call.world, each) for each in shown]}, "pagination": pagination}


def list_backup_destinations(call: Call) -> Answer:
    shown, pagination = call.page(list(call.world.destinations.values()), "destinations")
    listed = [views.destination_list_item(call.world, each) for each in shown]
    return {"data": {"backupDestinations": listed}, "pagination": pagination}


def add_backup_destination(call: Call) -> Answer:
    return {"data": views.destination_view(call.world, destinations.add(call.world, call.body))}


def get_backup_destination(call: Call) -> Answer:
    return {"data": views.destination_view(call.world, _destination(call))}


def patch_backup_destination(call: Call) -> Answer:
    destinations.patch(call.world, _destination(call), call.body)
    return {"data": {}}


def delete_backup_destination(call: Call) -> Answer:
    destinations.delete(call.world, _destination(call))
    return {"data": {}}


def list_backup_destinations_backups(call: Call) -> Answer:
    destination = _destination(call)
    held = [_Held(addon, backup) for addon, backup in destinations.held_in(call.world, destination)]
    shown, pagination = call.page(held, f"held {destination.id}")
    listed = [views.destination_backup(call.world, each.addon, each.backup, destination) for each in shown]
    return {"data": listed, "pagination": pagination}


def get_auth(call: Call) -> Answer:
    """Whose token it is."""
    team, made = TEAMS[0], call.world.project("default-project")
    return {
        "data": {
            "id": "sandbox-token",
            "name": "Sandbox token",
            "tokenKind": "api",
            "entityType": "org" if call.is_org else "team",
            "entityId": f"{team}-org" if call.is_org else team,
            "entityUid": made.uid,
            "createdAt": iso(made.created_at),
            "expiresAt": None,
            "scope": "role",
            "permissions": {
                "orgScope": [],
                "teamScope": [each for each in call.grants if each.startswith("Account")],
                "projectScope": [each for each in call.grants if each.startswith("Project")],
            },
            "projectRestrictions": {"enabled": False, "projects": [], "restrictionMode": "in"},
        }
    }


def login(_call: Call) -> Answer:
    return {"data": {}}


HANDLERS: dict[str, Callable[[Call], Answer]] = {
    "listAddons": list_addons,
    "getAddon": get_addon,
    "createAddon": create_addon,
    "putAddon": put_addon,
    "patchAddon": patch_addon,
    "deleteAddon": delete_addon,
    "pauseAddon": pause_addon,
    "resumeAddon": resume_addon,
    "restartAddon": restart_addon,
    "resetAddon": reset_addon,
    "getAddonVersion": get_addon_version,
    "getAddonCredentials": get_addon_credentials,
    "importAddonBackup": import_addon_backup,
    "listAddonTypes": list_addon_types,
    "listProjects": list_projects,
    "listBackupDestinations": list_backup_destinations,
    "addBackupDestination": add_backup_destination,
    "getBackupDestination": get_backup_destination,
    "patchBackupDestination": patch_backup_destination,
    "deleteBackupDestination": delete_backup_destination,
    "listBackupDestinationsBackups": list_backup_destinations_backups,
    "getAuth": get_auth,
    "login": login,
}


@dataclass(frozen=True)
class _Held:
    """A backup in a destination, as paging wants what it puts in order."""

    addon: Addon
    backup: Backup

    @property
    def id(self) -> str:
        return self.backup.id

    @property
    def number(self) -> int:
        return self.backup.number

    @property
    def created_at(self) -> float:
        return self.backup.created_at


def _destination(call: Call) -> Destination:
    return destinations.find(call.world, call.path["backupDestinationId"])


def _defined(call: Call, addon: Addon, what: str) -> dict[str, Any]:
    call.world.did(what, addon, addon.uid)
    return {"data": views.addon_definition(call.world, addon)}
