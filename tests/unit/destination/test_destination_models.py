# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown of destinations and of what is stored in them, of whatever an API sends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import MalformedAnswer
from ansible_collections.northflank.cloud.plugins.module_utils._destination.models import (
    BackupDestination,
    StoredBackup,
    newest_first,
)

KEYS = {"id", "name", "description", "type", "prefix", "usage", "bucket_name", "region", "endpoint"}
LEAST = {"id": "abc", "name": "Nightly", "status": "completed", "createdAt": "2026-03-01T12:00:00.000Z"}
NOTHING: list[Any] = [None, {}, "", 7, []]


def test_a_destination_is_shown_by_its_named_keys_and_nothing_else() -> None:
    storage = {"bucketName": "b", "region": "r", "endpoint": "e", "accessKey": "AKIA", "secretKey": "hush", "new": "x"}
    sent = {"id": "i", "name": "n", "type": "s3", "prefix": "p/", "credentials": storage, "workload": "w"}
    shown = BackupDestination.from_api(sent).to_result()
    assert set(shown) == KEYS
    assert (shown["id"], shown["bucket_name"], shown["endpoint"]) == ("i", "b", "e")
    assert not {"AKIA", "hush", "x", "w"} & set(shown.values())


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("endpoint", "https://user:hush@storage.example"),
        ("description", "https://storage.example/?X-Amz-Signature=hush"),
    ],
)
def test_a_text_that_holds_a_secret_is_not_shown(key: str, text: str) -> None:
    sent = {"name": "n", key: text, "credentials": {key: text}}
    assert BackupDestination.from_api(sent).to_result()[key] is None


@pytest.mark.parametrize("nothing", NOTHING)
def test_what_is_missing_or_odd_in_a_destination_is_null(nothing: Any) -> None:
    sent = {"name": "n", **dict.fromkeys(("id", "description", "type", "prefix", "usage", "credentials"), nothing)}
    shown = BackupDestination.from_api(sent).to_result()
    assert shown == {**dict.fromkeys(KEYS), "name": "n"} == BackupDestination.from_api({"name": "n"}).to_result()


@pytest.mark.parametrize("nothing", NOTHING)
def test_what_is_missing_or_odd_in_a_stored_backup_is_null(nothing: Any) -> None:
    optional = ("project", "addon", "config", "schedules", "completedAt")
    shown = StoredBackup.from_api({**LEAST, **dict.fromkeys(optional, nothing)})
    assert shown == StoredBackup.from_api(LEAST)
    assert {value for value in shown if value is not None} == set(LEAST.values())
    parts = {"project": {"id": nothing}, "addon": {"name": nothing}, "config": {"addonType": nothing}}
    odd = StoredBackup.from_api({**LEAST, **parts})
    assert (odd.project_id, odd.addon_name, odd.addon_type) == (None, None, None)


@pytest.mark.parametrize("key", LEAST)
def test_what_the_contract_requires_is_required(key: str) -> None:
    with pytest.raises(MalformedAnswer):
        StoredBackup.from_api({**LEAST, key: None})


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (1729232400000, "2024-10-18T06:20:00.000Z"),
        ("1729232400000.0", "2024-10-18T06:20:00.000Z"),
        ("2024-10-18T07:00:00Z", "2024-10-18T07:00:00.000Z"),
        (None, None),
        ("", None),
        ("soon, That is", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e300, None),
        ([], None),
    ],
)
def test_when_a_backup_expires_is_told_in_any_form(told: Any, shown: str | None) -> None:
    assert StoredBackup.from_api({**LEAST, "expiredBy": told}).expires_at == shown


def test_the_same_id_in_another_addon_is_another_backup() -> None:
    one, other = (StoredBackup.from_api({**LEAST, "addon": {"id": addon}}) for addon in ("a", "b"))
    assert one.identity != other.identity


def test_newest_first() -> None:
    found = [StoredBackup.from_api({**LEAST, "createdAt": f"2026-03-0{day}T12:00:00Z"}) for day in (1, 3, 2)]
    assert [one.created_at[:10] for one in newest_first(found)] == ["2026-03-03", "2026-03-02", "2026-03-01"]
