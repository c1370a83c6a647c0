# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the contract leaves open, as switches: a client has to work under every setting."""

from __future__ import annotations

from dataclasses import dataclass, fields

LIST_ORDERS = ("newest", "oldest", "id", "shuffled")
DUMP_SOURCES = ("sameAddon", "liveInstance", None)
_CHOICES: dict[str, tuple[str | None, ...]] = {
    "list_order": LIST_ORDERS,
    "dump_source_type": DUMP_SOURCES,
    "delete_active": ("refuse", "allow"),
    "unsupported_dump": ("status", "refuse"),
    "store_validator": ("etag", "weak", None),
    "list_last_restore": ("absent", "present"),
    "not_running": ("refuse", "schedule"),
    "running_completed_at": ("missing", "null", "empty"),
    "has_next_page": ("present", "missing"),
    "schedules_key_when_empty": ("present", "missing"),
    "restores_key_when_empty": ("present", "missing"),
    "unknown_body_keys": ("refuse", "ignore"),
    "error_id": ("nf-invalid-request-body", "other", "missing"),
    "error_details": ("paths", "other", "missing"),
}


@dataclass(frozen=True)
class Assumptions:
    """One reading of what the contract does not say.

    :ivar list_order: newest, oldest, id, or shuffled (stable for a ``shuffle_seed``).
    :ivar names_unique: a POST with the name of another backup of the addon is refused with 409.
    :ivar failed_names_free: failed, aborted and not-supported backups do not count for ``names_unique``.
    :ivar ids_reused: the ID of a deleted backup may be given to a later one.
    :ivar addon_status_follows_backup: the addon's status is "backup" while one runs.
    :ivar addon_busy_refuses: no second backup or restore while a backup of the addon runs.
    :ivar last_restore_counts_other_addons: a restore into another addon shows in the backup's lastRestore.
    :ivar dump_source_type: what ``config.source.type`` says for a dump; None for no source at all.
    :ivar with_uid: backups carry a uid.
    :ivar retry_after: a 429 carries a Retry-After header.
    :ivar delete_active: whether a DELETE of a running backup is refused with 409 or allowed.
    :ivar unsupported_dump: whether a dump of a type without dumps ends as not-supported or is refused with 409.
    :ivar store_ranges: the storage sends parts of a file to those who ask for one.
    :ivar store_validator: whether the storage tells versions of a file apart by a strong or a weak ETag, or not at all.
    :ivar link_lifetime: seconds that a download link is good for.
    :ivar max_page_size_served: the most items of a page, whatever ``per_page`` asks for; None for no such limit.
    :ivar list_last_restore: whether lists show a backup's lastRestore.
    :ivar not_running: whether a backup of an addon that does not run is refused with 409, or scheduled until it runs.
    :ivar running_completed_at: what lists show as completedAt of a backup that is not final.
    :ivar has_next_page: whether a page says if there is another; if not, only a cursor tells.
    :ivar schedules_key_when_empty: whether an addon without schedules has an empty list of them, or none.
    :ivar restores_key_when_empty: likewise for the restores of a backup.
    :ivar unknown_body_keys: whether a body with keys that the contract does not know is refused with 400.
    :ivar error_id: what a refusal of a body has for an ID; with "missing", no error has one.
    :ivar error_details: whether a refusal's details are messages by dotted path, something else, or missing everywhere.
    """

    list_order: str = "newest"
    names_unique: bool = False
    failed_names_free: bool = True
    ids_reused: bool = True
    addon_status_follows_backup: bool = True
    addon_busy_refuses: bool = False
    last_restore_counts_other_addons: bool = False
    dump_source_type: str | None = "sameAddon"
    with_uid: bool = True
    retry_after: bool = True
    delete_active: str = "refuse"
    unsupported_dump: str = "status"
    store_ranges: bool = True
    store_validator: str | None = "etag"
    link_lifetime: int = 900
    max_page_size_served: int | None = None
    list_last_restore: str = "absent"
    not_running: str = "refuse"
    running_completed_at: str = "missing"
    has_next_page: str = "present"
    schedules_key_when_empty: str = "present"
    restores_key_when_empty: str = "present"
    unknown_body_keys: str = "refuse"
    error_id: str = "nf-invalid-request-body"
    error_details: str = "paths"
    shuffle_seed: int = 0

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {choices}, not {getattr(self, name)!r}")
        if self.max_page_size_served is not None and self.max_page_size_served < 1:
            raise ValueError("max_page_size_served must be at least 1")


def parse_assumptions(settings: list[str]) -> Assumptions:
    """Assumptions from a command line's ``KEY=VALUE`` words.

    :raises ValueError: a word names no assumption, or has a value that it cannot have.
    """
    types = {field.name: str(field.type) for field in fields(Assumptions)}
    chosen: dict[str, object] = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or key not in types:
            raise ValueError(f"{setting!r} is not KEY=VALUE with one of: {', '.join(types)}")
        chosen[key] = _parse(key, value, types[key])
    return Assumptions(**chosen)  # type: ignore[arg-type]  # each value was parsed for its field's type


def _parse(key: str, value: str, kind: str) -> object:
    if kind.endswith("None") and value.lower() in ("none", ""):
        return None
    if kind.startswith("bool"):
        if value.lower() not in ("true", "false"):
            raise ValueError(f"{key} must be true or false, not {value!r}")
        return value.lower() == "true"
    return int(value) if kind.startswith("int") else value
