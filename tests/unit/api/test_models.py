# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API sends, read: strictly where decisions hang on it, shown completely but for secrets."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import MalformedAnswer
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import (
    Addon,
    Backup,
    Restore,
    posix_time,
    snake_case,
)
from ansible_collections.northflank.cloud.plugins.module_utils._api.schedule_models import Schedule
from ansible_collections.northflank.cloud.plugins.module_utils._download.choice import may_be_dump
from hypothesis import given
from hypothesis import strategies as st

FULL: dict[str, Any] = {
    "id": "example-backup",
    "name": "Example Backup",
    "uid": "3f5c8a52-4b7e-4c2b-9a39-0f6f8f3f8f0e",
    "status": "completed",
    "createdAt": "2026-03-01T12:00:00.000Z",
    "completedAt": "2026-03-01T12:00:42.500Z",
    "config": {"source": {"type": "snapshot"}, "size": "1234", "addonVersion": "16.2.0"},
    "lastRestore": {"restoreTimestamp": "2026-03-02T00:00:00Z", "status": "completed"},
}


def but(**changes: Any) -> dict[str, Any]:
    return {**FULL, **changes}


def test_a_backup_is_shown_in_snake_case_with_size_and_duration_as_numbers() -> None:
    assert Backup.from_api(FULL).to_result() == {
        "id": "example-backup",
        "uid": "3f5c8a52-4b7e-4c2b-9a39-0f6f8f3f8f0e",
        "name": "Example Backup",
        "status": "completed",
        "created_at": "2026-03-01T12:00:00.000Z",
        "completed_at": "2026-03-01T12:00:42.500Z",
        "backup_type": "snapshot",
        "purpose": None,
        "size": 1234,
        "duration": 42.5,
        "config": {"source": {"type": "snapshot"}, "size": 1234, "addon_version": "16.2.0"},
        "last_restore": {"restore_timestamp": "2026-03-02T00:00:00Z", "status": "completed"},
    }


@pytest.mark.parametrize("key", ["id", "name", "status", "createdAt"])
@pytest.mark.parametrize("value", [None, "", 5, [], {}])
def test_what_decisions_hang_on_must_be_there_and_be_text(key: str, value: Any) -> None:
    with pytest.raises(MalformedAnswer, match=key):
        Backup.from_api(but(**{key: value}))


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T00:00:00Z", "2026-03-01", "1772366400"])
def test_a_creation_time_that_is_none_is_refused(time: str) -> None:
    with pytest.raises(MalformedAnswer, match="is not a time"):
        Backup.from_api(but(createdAt=time))


@pytest.mark.parametrize("data", [None, [], "backup", 5])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(MalformedAnswer, match="not an object"):
        Backup.from_api(data)


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"source": {"type": "snapshot"}}, "snapshot"),
        ({"source": {"type": "sameAddon"}}, "dump"),
        ({"source": {"type": "liveInstance"}}, "dump"),
        ({"source": {"type": "fileUpload"}}, "import"),
        ({"source": {"type": "externalDump"}}, "import"),
        ({"source": {"type": "fileUpload"}, "compressionType": "gz"}, "import"),
        ({"source": {"type": "snapshot"}, "compressionType": "gz"}, "snapshot"),
        ({"source": {"type": "sameAddon"}, "compressionType": "gz"}, "dump"),
        ({"compressionType": "zstd"}, None),
        ({"source": {}, "compressionType": "zstd"}, None),
        ({"source": {"type": "later"}, "compressionType": "gz"}, None),
        ({"source": {"type": "later"}}, None),
        ({"source": {"type": ["snapshot"]}}, None),
        ({"source": "snapshot"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_type_is_told_by_the_configuration(config: Any, kind: str | None) -> None:
    assert Backup.from_api(but(config=config)).backup_type == kind


@pytest.mark.parametrize(
    ("size", "bytes_"), [("0", 0), (7, 7), ("", None), ("1e3", None), (None, None), ("-1", None), (True, None)]
)
def test_a_size_that_cannot_be_read_is_just_not_known(size: Any, bytes_: int | None) -> None:
    assert Backup.from_api(but(config={"size": size})).size == bytes_


def test_what_the_api_adds_later_is_passed_on_in_snake_case_and_never_replaces_a_key_of_ours() -> None:
    shown = Backup.from_api(
        but(newThing={"innerKey": 1}, backupType="odd", changed=True, action="odd", size=9)
    ).to_result()
    assert shown["new_thing"] == {"inner_key": 1}
    assert (shown["backup_type"], shown["size"]) == ("snapshot", 1234)
    assert not {"changed", "action"} & set(shown)


@pytest.mark.parametrize(
    "secret",
    [
        {"apiToken": "S3CRET"},
        {"nested": {"clientSecret": "S3CRET"}},
        {"list": [{"dbPassword": "S3CRET"}, "https://store.example/x?sig=S3CRET"]},
        {"downloadLink": "https://store.example/file?signature=S3CRET"},
        {"address": "postgres://user:S3CRET@db.example/main"},
        {"connectionString": "S3CRET"},
        {"config": {"accessKeyCredential": "S3CRET", "size": "1"}},
    ],
)
def test_what_looks_like_a_secret_is_left_out(secret: dict[str, Any]) -> None:
    assert "S3CRET" not in repr(Backup.from_api(but(**secret)).to_result())


def test_a_backup_is_the_same_by_id_and_uid() -> None:
    first = Backup.from_api(FULL)
    assert first.is_same_as(Backup.from_api(but(status="failed")))
    assert not first.is_same_as(Backup.from_api(but(uid="another")))
    assert not first.is_same_as(Backup.from_api(but(id="another")))


def test_without_a_uid_on_either_side_a_backup_is_the_same_by_id_and_creation() -> None:
    first = Backup.from_api(FULL)
    assert first.is_same_as(Backup.from_api(but(uid=None, createdAt="2026-03-01T13:00:00+01:00")))
    assert not first.is_same_as(Backup.from_api(but(uid=None, createdAt="2026-03-01T12:00:01Z")))


def test_a_later_answer_that_tells_less_keeps_what_an_earlier_one_told() -> None:
    config = {"compressionType": "zstd", "source": {"type": "sameAddon"}, "size": "0"}
    earlier = Backup.from_api(but(status="scheduled", config=config))
    later = Backup.from_api(but(config={"size": "99"})).informed_by(earlier)
    assert (later.status, later.backup_type, later.size) == ("completed", "dump", 99)
    assert later.config == {"compression_type": "zstd", "source": {"type": "sameAddon"}, "size": 99}


@pytest.mark.parametrize(
    ("config", "may_be"),
    [
        ({"source": {"type": "sameAddon"}}, True),
        ({"compressionType": "gz"}, True),
        ({"source": {"type": "later"}, "compressionType": "gz"}, True),
        ({"source": {"type": "snapshot"}, "compressionType": "gz"}, False),
        ({"source": {"type": "fileUpload"}, "compressionType": "gz"}, False),
        ({}, False),
    ],
)
def test_what_may_be_a_dump_is_what_can_be_tried_to_download(config: Any, may_be: bool) -> None:
    assert may_be_dump(Backup.from_api(but(config=config))) == may_be


def test_a_uid_that_a_later_answer_leaves_out_is_not_forgotten() -> None:
    assert Backup.from_api(but(uid="")).informed_by(Backup.from_api(FULL)).uid == FULL["uid"]


ADDON = {"id": "a", "name": "A", "spec": {"type": "redis"}, "status": "running", "tags": ["x"], "description": "D"}
RESTORE = {"id": "r", "status": "completed", "restoreTimestamp": "2026-03-02T00:00:00Z", "backupId": "b"}
SCHEDULE: dict[str, Any] = {
    "id": "s",
    "backupType": "dump",
    "scheduling": {"interval": "weekly", "minute": [0], "hour": [1], "day": [2]},
    "retentionTime": 7,
    "backupCompressionType": "gz",
    "customDestinationId": "offsite-s3",
    "additionalDestinations": [{"destinationId": "offsite-s3", "type": "custom", "retentionTime": 3}],
    "createdAt": "2026-03-02T00:00:00Z",
    "updatedAt": "2026-03-02T00:00:00Z",
}
# By model: a whole answer, and what may be missing in it, as a path.
OPTIONAL: list[tuple[Any, dict[str, Any], str]] = [
    *((Backup, FULL, path) for path in ("uid", "completedAt", "lastRestore", "config.source", "config.source.type")),
    *((Backup, FULL, path) for path in ("config.addonVersion", "config.size", "config.compressionType")),
    *((Addon, {**ADDON, "completedAt": ""}, path) for path in ("tags", "description", "uid", "spec.config")),
    *((Restore, RESTORE, path) for path in ("completedAt", "backupId")),
    *((Schedule, SCHEDULE, path) for path in ("backupCompressionType", "customDestinationId", "scheduling.hour")),
    *((Schedule, SCHEDULE, path) for path in ("additionalDestinations", "scheduling.day", "createdAt", "updatedAt")),
]


def without(value: Any, path: str, instead: Any) -> Any:
    """A copy with something else at a path; without it where that is the class ``Missing``."""
    key, _dot, rest = path.partition(".")
    if rest:
        return {**value, key: without(value.get(key) or {}, rest, instead)}
    return {name: part for name, part in {**value, key: instead}.items() if part is not Missing}


class Missing:
    """Stands for what is not there."""


@pytest.mark.parametrize("instead", [Missing, None, ""], ids=["missing", "null", "empty"])
@pytest.mark.parametrize(("model", "whole", "path"), OPTIONAL, ids=[f"{row[0].__name__} {row[2]}" for row in OPTIONAL])
def test_what_is_optional_may_be_missing_null_or_empty_and_is_never_shown_as_empty_text(
    model: Any, whole: dict[str, Any], path: str, instead: Any
) -> None:
    if instead == "" and path in ("scheduling.hour", "scheduling.day", "additionalDestinations", "spec.config"):
        instead = []
    read = model.from_api(without(whole, path, instead))
    missing = model.from_api(without(whole, path, Missing))
    shown = [value for name, value in read._asdict().items() if name not in ("settings", "extra", "config")]
    assert "" not in shown
    assert _less_free_form(read) == _less_free_form(missing)


def _less_free_form(read: Any) -> Any:
    """Without what is passed on as the API sent it."""
    return read._replace(**{key: {} for key in {"config", "extra"} & set(read._fields)})


def test_a_schedule_is_the_same_by_id_where_a_time_is_missing() -> None:
    first = Schedule.from_api(SCHEDULE)
    assert first.is_same_as(Schedule.from_api({**SCHEDULE, "createdAt": None}))
    assert not first.is_same_as(Schedule.from_api({**SCHEDULE, "createdAt": "2026-03-02T00:00:01Z"}))
    assert not first.is_same_as(Schedule.from_api({**SCHEDULE, "id": "t", "createdAt": None}))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T00:00:01.5Z", 1.5),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T01:00:00+0100", 0.0),
        ("1970-01-01T00:00:00", 0.0),
        ("1970-01-01T00:00:00.123456789Z", 0.123456789),
    ],
)
def test_times_are_read_in_every_iso_form(text: str, seconds: float) -> None:
    assert posix_time(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("camel", "snake"),
    [("createdAt", "created_at"), ("id", "id"), ("lastRestore", "last_restore"), ("s3Bucket", "s3_bucket")],
)
def test_snake_case(camel: str, snake: str) -> None:
    assert snake_case(camel) == snake


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FULL, "extra"]), JSON))
def test_whatever_comes_is_read_or_refused_and_nothing_else_is_raised(changes: dict[str, Any]) -> None:
    with contextlib.suppress(MalformedAnswer):
        Backup.from_api(but(**changes)).to_result()


def test_an_addon_is_read() -> None:
    assert Addon.from_api({"id": "a", "name": "A", "spec": {"type": "redis"}, "status": "running"}) == Addon(
        "a", "A", "redis", "running"
    )


@pytest.mark.parametrize("data", [{}, {"id": "a", "name": "A", "spec": [], "status": "running"}, []])
def test_an_addon_that_breaks_the_contract_is_refused(data: Any) -> None:
    with pytest.raises(MalformedAnswer):
        Addon.from_api(data)
