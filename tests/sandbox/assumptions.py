# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the contract leaves open, as switches: a client has to work under every setting."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

LIST_ORDERS = ("newest", "oldest", "id", "shuffled")
DUMP_SOURCES = ("sameAddon", "liveInstance", None)
_SHOWN = ("present", "missing")
_REFUSED = ("refuse", "ignore")
CHOICES: dict[str, tuple[str | None, ...]] = {
    "list_order": LIST_ORDERS,
    "list_last_restore": ("absent", "present"),
    "running_completed_at": ("missing", "null", "empty"),
    "failed_completed_at": _SHOWN,
    "running_size": ("0", "empty"),
    "has_next_page": _SHOWN,
    "schedules_key_when_empty": _SHOWN,
    "schedules_pagination": _SHOWN,
    "restores_key_when_empty": _SHOWN,
    "destination_list_id": _SHOWN,
    "destination_list_credentials": _SHOWN,
    "unknown_query_keys": _REFUSED,
    "not_running": ("refuse", "schedule"),
    "backup_id_shape": ("slug", "suffix", "opaque"),
    "compression_with_snapshot": _REFUSED,
    "destinations_of_other_type": _REFUSED,
    "unknown_body_keys": _REFUSED,
    "unsupported_dump": ("status", "refuse"),
    "delete_active": ("refuse", "allow"),
    "abort_final": _REFUSED,
    "retain_unscheduled": _REFUSED,
    "dump_source_type": DUMP_SOURCES,
    "patch_schedules": ("replace", "merge", "retention_only"),
    "patch_schedule_ids": ("kept", "new"),
    "schedules_per_addon": ("interval_and_type", "interval"),
    "retention_limits": ("by_interval", "120", "none"),
    "import_answer": ("no_body", "empty", "empty_data", "backup"),
    "log_envelope": ("data", "data.logs", "data.data"),
    "log_container_id": _SHOWN,
    "download_of_snapshot": ("404", "409", "400"),
    "store_validator": ("etag", "weak", None),
    "read_spec": ("needed", "read_is_enough"),
    "put_addon_matches": ("name", "never"),
    "fork_latest": ("accept", "refuse"),
    "gone_source": ("accept", "refuse"),
    "destination_usage": ("required", "unknown"),
    "error_id": ("nf-invalid-request-body", "other", "missing"),
    "error_details": ("paths", "other", "missing"),
    "optional_fields": ("present", "absent"),
    "org_token_without_team": ("403", "404", "401"),
}


@dataclass(frozen=True)
class Assumptions:
    """One reading of what the contract does not say. The keys are the contract's, where they are explained.

    :ivar list_order: newest, oldest, id, or shuffled (stable for a ``shuffle_seed``).
    :ivar list_last_restore: whether lists show a backup's lastRestore.
    :ivar running_completed_at: what lists show as completedAt of a backup that is not final.
    :ivar failed_completed_at: whether backups that have ended without being complete show when.
    :ivar running_size: the size of a backup that is not final.
    :ivar with_uid: backups, addons and projects carry a uid.
    :ivar has_next_page: whether a page says if there is another; if not, only a cursor tells.
    :ivar max_page_size_served: the most items of a page, whatever ``per_page`` asks for; None for no such limit.
    :ivar schedules_key_when_empty: whether an addon without schedules has an empty list of them, or none.
    :ivar schedules_pagination: whether the list of schedules has pages; if not, it is always whole.
    :ivar restores_key_when_empty: whether a backup without restores has an empty list of them, or none.
    :ivar destination_list_id: whether the list of backup destinations tells their IDs.
    :ivar destination_list_credentials: whether it tells bucket, endpoint and region.
    :ivar unknown_query_keys: whether a query with keys that the contract does not know is refused with 400.
    :ivar not_running: whether a backup of an addon that does not run is refused with 409, or scheduled until it runs.
    :ivar names_unique: a POST with the name of another backup of the addon is refused with 409.
    :ivar failed_names_free: failed, aborted and not-supported backups do not count for ``names_unique``.
    :ivar ids_reused: the ID of a deleted backup may be given to a later one.
    :ivar backup_id_shape: whether a backup's ID is made from its name, with an ending or without, or says nothing.
    :ivar addon_busy_refuses: no second backup or restore while one of the addon runs.
    :ivar compression_with_snapshot: whether a snapshot with compressionType is refused with 400.
    :ivar destinations_of_other_type: whether a destination that belongs to the other type of backup is.
    :ivar unknown_body_keys: whether a body with keys that the contract does not know is refused with 400.
    :ivar unsupported_dump: whether a dump of a type without dumps ends as not-supported or is refused with 409.
    :ivar delete_active: whether a DELETE of a running backup is refused with 409 or allowed.
    :ivar abort_final: whether to abort what is final is refused with 409, or changes nothing.
    :ivar retain_unscheduled: whether to retain a backup that no schedule made is refused with 409, or changes nothing.
    :ivar dump_source_type: what ``config.source.type`` says for a dump; None for no source at all.
    :ivar addon_status_follows_backup: the addon's status is "backup" ("restore") while one runs.
    :ivar pending_actions_follow: spec.pendingActions lists what runs on an addon.
    :ivar last_restore_counts_other_addons: a restore into another addon shows in the backup's lastRestore.
    :ivar patch_schedules: what the schedules of a PATCH do to those there are.
    :ivar patch_schedule_ids: whether a schedule that a PATCH leaves as it was keeps its ID.
    :ivar schedules_per_addon: whether there is one schedule of each interval and type, or one of each interval.
    :ivar retention_limits: the longest retention: 7, 60 or 120 days by interval, 120 for all, or no limit.
    :ivar import_answer: what an import answers: nothing at all, ``{}``, ``{"data": {}}``, or the backup.
    :ivar log_envelope: where the lines of a log stand.
    :ivar log_container_id: whether they tell their container.
    :ivar download_of_snapshot: the status that a link for a snapshot is refused with.
    :ivar link_lifetime: seconds that a download link is good for.
    :ivar store_ranges: the storage sends parts of a file to those who ask for one.
    :ivar store_validator: whether the storage tells versions of a file apart by a strong or a weak ETag, or not at all.
    :ivar read_spec: whether download links and credentials need the permission Read Spec, or only Read.
    :ivar put_addon_matches: whether the PUT of an addon changes the one of this name, or makes another one.
    :ivar fork_latest: whether a fork may start from the backup "latest".
    :ivar gone_source: whether a stored backup can be restored once its addon was deleted.
    :ivar destination_usage: whether a new backup destination has to say its usage, or the API does not know the key.
    :ivar retry_after: a 429 carries a Retry-After header.
    :ivar error_id: what a refusal of a body has for an ID; with "missing", no error has one.
    :ivar error_details: whether a refusal's details are messages by dotted path, something else, or missing everywhere.
    :ivar org_token_without_team: the status that an organisation's token gets for a path that names no team.
    :ivar shuffle_seed: no assumption of the contract: which order is called shuffled.
    :ivar optional_fields: no assumption of the contract: whether answers have what it calls optional.
    :ivar types_told: likewise, if they have not: whether dumps, snapshots and imports can be told apart all the same.
    """

    list_order: str = "newest"
    list_last_restore: str = "absent"
    running_completed_at: str = "missing"
    failed_completed_at: str = "present"
    running_size: str = "0"
    with_uid: bool = True
    has_next_page: str = "present"
    max_page_size_served: int | None = None
    schedules_key_when_empty: str = "present"
    schedules_pagination: str = "missing"
    restores_key_when_empty: str = "present"
    destination_list_id: str = "missing"
    destination_list_credentials: str = "present"
    unknown_query_keys: str = "ignore"
    not_running: str = "refuse"
    names_unique: bool = False
    failed_names_free: bool = True
    ids_reused: bool = True
    backup_id_shape: str = "slug"
    addon_busy_refuses: bool = False
    compression_with_snapshot: str = "refuse"
    destinations_of_other_type: str = "refuse"
    unknown_body_keys: str = "refuse"
    unsupported_dump: str = "status"
    delete_active: str = "refuse"
    abort_final: str = "refuse"
    retain_unscheduled: str = "ignore"
    dump_source_type: str | None = "sameAddon"
    addon_status_follows_backup: bool = True
    pending_actions_follow: bool = True
    last_restore_counts_other_addons: bool = False
    patch_schedules: str = "replace"
    patch_schedule_ids: str = "kept"
    schedules_per_addon: str = "interval_and_type"
    retention_limits: str = "by_interval"
    import_answer: str = "no_body"
    log_envelope: str = "data"
    log_container_id: str = "present"
    download_of_snapshot: str = "404"
    link_lifetime: int = 900
    store_ranges: bool = True
    store_validator: str | None = "etag"
    read_spec: str = "needed"
    put_addon_matches: str = "name"
    fork_latest: str = "accept"
    gone_source: str = "accept"
    destination_usage: str = "required"
    retry_after: bool = True
    error_id: str = "nf-invalid-request-body"
    error_details: str = "paths"
    org_token_without_team: str = "403"  # noqa: S105  # it is a status
    shuffle_seed: int = 0
    optional_fields: str = "present"
    types_told: bool = True

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {choices}, not {getattr(self, name)!r}")
        if self.max_page_size_served is not None and self.max_page_size_served < 1:
            raise ValueError("max_page_size_served must be at least 1")

    @classmethod
    def spartan(cls) -> Assumptions:
        """The server that helps least: no answer has what is optional, and no assumption is what a client hopes for."""
        return cls(
            list_order="shuffled",
            list_last_restore="absent",
            running_completed_at="empty",
            failed_completed_at="missing",
            running_size="empty",
            with_uid=False,
            has_next_page="missing",
            max_page_size_served=2,
            schedules_key_when_empty="missing",
            schedules_pagination="missing",
            restores_key_when_empty="missing",
            destination_list_id="missing",
            destination_list_credentials="missing",
            unknown_query_keys="refuse",
            not_running="schedule",
            # A server that refuses a second one of a name, or a second restore, protects its clients.
            names_unique=False,
            failed_names_free=False,
            ids_reused=True,
            backup_id_shape="opaque",
            addon_busy_refuses=False,
            compression_with_snapshot="refuse",
            destinations_of_other_type="refuse",
            unknown_body_keys="refuse",
            unsupported_dump="status",
            delete_active="allow",
            abort_final="ignore",
            retain_unscheduled="ignore",
            # Hidden with all else that is optional, and what is told where a test needs types.
            dump_source_type="sameAddon",
            addon_status_follows_backup=False,
            pending_actions_follow=False,
            last_restore_counts_other_addons=True,
            patch_schedules="retention_only",
            patch_schedule_ids="new",
            schedules_per_addon="interval",
            retention_limits="by_interval",
            import_answer="no_body",
            log_envelope="data.data",
            log_container_id="missing",
            download_of_snapshot="400",
            link_lifetime=60,
            store_ranges=False,
            store_validator=None,
            read_spec="needed",
            put_addon_matches="never",
            fork_latest="refuse",
            gone_source="refuse",
            destination_usage="required",
            retry_after=False,
            error_id="missing",
            error_details="missing",
            org_token_without_team="404",  # noqa: S106  # it is a status
            optional_fields="absent",
            types_told=False,
        )


USUAL, SPARTAN = "usual", "spartan"
PROFILE_VARIABLE = "SANDBOX_PROFILE"
PROFILES: dict[str, Callable[[], Assumptions]] = {USUAL: Assumptions, SPARTAN: Assumptions.spartan}


def profile() -> Assumptions:
    """The assumptions that the environment asks for: ``SANDBOX_PROFILE=spartan``, or the likeliest of each.

    :raises ValueError: there is no such profile.
    """
    return profile_named(os.environ.get(PROFILE_VARIABLE) or USUAL)


def profile_named(name: str) -> Assumptions:
    """The assumptions of a profile.

    :raises ValueError: there is no such profile.
    """
    if name not in PROFILES:
        raise ValueError(f"a profile must be one of {', '.join(PROFILES)}, not {name!r}")
    return PROFILES[name]()


def assume(**chosen: Any) -> Assumptions:
    """The assumptions of the profile, but for those that are chosen because a test is about them."""
    return replace(profile(), **chosen)


def parse_assumptions(settings: list[str]) -> Assumptions:
    """Assumptions from a command line's words: the name of a profile, and ``KEY=VALUE`` for what differs from it.

    :raises ValueError: a word names no assumption, or has a value that it cannot have.
    """
    base = [setting for setting in settings if setting in PROFILES]
    types = {field.name: str(field.type) for field in fields(Assumptions)}
    chosen: dict[str, object] = {}
    for setting in settings:
        if setting in PROFILES:
            continue
        key, separator, value = setting.partition("=")
        if not separator or key not in types:
            raise ValueError(f"{setting!r} is no profile, and not KEY=VALUE with one of: {', '.join(types)}")
        chosen[key] = _parse(key, value, types[key])
    return replace(profile_named(base[-1]) if base else profile(), **chosen)  # type: ignore[arg-type]  # parsed above


def _parse(key: str, value: str, kind: str) -> object:
    if kind.endswith("None") and value.lower() in ("none", ""):
        return None
    if kind.startswith("bool"):
        if value.lower() not in ("true", "false"):
            raise ValueError(f"{key} must be true or false, not {value!r}")
        return value.lower() == "true"
    return int(value) if kind.startswith("int") else value
