# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup destinations, which are the account's. Each function expects the world's lock to be held."""

from __future__ import annotations

from typing import Any

from .backups import slug_of
from .errors import ApiError
from .records import Addon, Backup, Destination
from .world import World


def find(world: World, destination_id: str) -> Destination:
    if destination_id not in world.destinations:
        raise ApiError(404, "destination_not_found", f'There is no backup destination "{destination_id}".')
    return world.destinations[destination_id]


def add(world: World, request: dict[str, Any]) -> Destination:
    """A new destination by the body of a POST that has passed the contract's schema."""
    destination_id = slug_of(request["name"])
    if destination_id in world.destinations:
        raise ApiError(409, "name_taken", f'There already is a backup destination "{destination_id}".')
    made = Destination(destination_id, world.number(), world.now(), world.now(), request)
    world.destinations[destination_id] = made
    return made


def patch(world: World, destination: Destination, request: dict[str, Any]) -> None:
    """Change what a body names."""
    destination.request = {**destination.request, **request}
    destination.updated_at = world.now()


def delete(world: World, destination: Destination) -> None:
    """Forget a destination. What lies there is not touched."""
    del world.destinations[destination.id]


def held_in(world: World, destination: Destination) -> list[tuple[Addon, Backup]]:
    """The backups in a destination, also those of addons that are no more."""
    addons = [addon for project in world.projects.values() for addon in project.addons.values()]
    return [
        (addon, backup)
        for addon in [*addons, *world.gone]
        for backup in addon.backups.values()
        if backup.custom_destination == destination.id
        or destination.id in [each["destinationId"] for each in backup.additional_destinations]
    ]
