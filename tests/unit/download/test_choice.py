# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a dump's file is called: never another dump's name, and never one that leads out of a folder."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup
from ansible_collections.northflank.cloud.plugins.module_utils._download.choice import completed_dumps, file_name


def dump(**facts: Any) -> Backup:
    config = {"size": "1", "source": {"type": "sameAddon"}, "compressionType": "gz", **facts.pop("config", {})}
    usual = {"id": "nightly", "name": "Nightly", "status": "completed", "createdAt": "2026-03-01T12:00:00.500Z"}
    return Backup.from_api({**usual, "config": config, **facts})


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({}, "p_a_20260301T120000Z_nightly.gz"),
        ({"config": {"compressionType": "zstd"}}, "p_a_20260301T120000Z_nightly.zst"),
        ({"createdAt": "2026-03-01T00:30:00+02:00"}, "p_a_20260228T223000Z_nightly.gz"),
        ({"id": "Nightly-2"}, "p_a_20260301T120000Z_Nightly-2.gz"),
    ],
)
def test_a_name(facts: dict[str, Any], name: str) -> None:
    assert file_name("p", "a", dump(**facts)) == name


@pytest.mark.parametrize(
    "facts",
    [
        {"id": "../../etc/passwd"},
        {"id": "a/b"},
        {"id": ".."},
        {"id": "a_b"},
        {"id": "a\n"},
        {"id": "\u00e4"},
        {"id": "a" * 81},
        {"config": {"compressionType": None}},
        {"config": {"compressionType": "../x"}},
        {"config": {"compressionType": ["gz"]}},
    ],
)
def test_what_gets_no_name(facts: dict[str, Any]) -> None:
    with pytest.raises(BackupError, match="Name a file in dest, not a folder"):
        file_name("p", "a", dump(**facts))


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        ({}, True),
        ({"status": "in-progress"}, False),
        ({"status": "failed"}, False),
        ({"config": {"source": {"type": "snapshot"}}}, False),
        ({"config": {"source": {"type": "fileUpload"}}}, False),
        ({"config": {"source": {"type": "later"}, "compressionType": None}}, False),
        ({"config": {"source": {"type": "later"}}}, True),
    ],
)
def test_what_can_be_downloaded_for_certain(facts: dict[str, Any], fits: bool) -> None:
    assert bool(completed_dumps([dump(**facts)])) is fits
