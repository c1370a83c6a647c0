# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""backup_destination_info: what it shows of which server, from how many requests, and what it never shows."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Callable

import pytest
import requests
from ansible_collections.northflank.cloud.plugins.modules import backup_destination_info

import harness
from sandbox import Assumptions, Fault, Sandbox, VirtualClock

from ..conftest import ADDON
from ..task.test_examples import examples

PLACE, OTHER = "offsite-s3", "mysql-orders"
PERMISSION = "Account > Platform > BackupDestinations > Read"
PROFILES = {"usual": Assumptions(), "spartan": Assumptions.spartan()}
NAME = "northflank.cloud.backup_destination_info"

Look = Callable[..., harness.Ran]


def look_at(sandbox: Sandbox, clock: VirtualClock, **arguments: Any) -> harness.Ran:
    ran = harness.run_task(backup_destination_info, sandbox, clock, **{"project_id": None, **arguments})
    assert not ran.changed
    # The answer about a single destination has its secrets, so nobody asks for it.
    places = {request.path.partition("/backup-destinations")[2] for request in sandbox.requests}
    assert places <= {"", f"/{PLACE}/backups", "/no-such-place/backups"} | {"/v1/auth"}
    assert {request.method for request in sandbox.requests} <= {"GET"}
    return ran


@pytest.fixture
def look(sandbox: Sandbox, clock: VirtualClock) -> Look:
    return partial(look_at, sandbox, clock)


def store(sandbox: Sandbox, addon_id: str = ADDON, age: float = 3600, **more: Any) -> None:
    sandbox.add_backup(addon_id, name="Nightly", age=age, backup_type="dump", custom_destination=PLACE, **more)


def owners(ran: harness.Ran) -> list[tuple[str, str]]:
    return [(one["project_id"], one["addon_id"]) for one in ran.result["backups"]]


@pytest.mark.assume(destination_list_id="present", destination_list_credentials="present", optional_fields="present")
def test_the_destinations_are_listed_by_name(look: Look) -> None:
    ran = look()
    assert [one["id"] for one in ran.result["destinations"]] == ["example-destination", PLACE]
    assert ran.result["backups"] == []
    assert ran.result["destinations"][1]["bucket_name"]
    assert ran.result["requests"] == 1
    assert ran.result["table"][0].split() == ["DESTINATION", "NAME", "TYPE", "BUCKET", "PREFIX"]
    assert len(ran.result["table"]) == 3


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_stored_is_whole_on_every_server(clock: VirtualClock, profile: str) -> None:
    with Sandbox(clock=clock, assumptions=PROFILES[profile]) as sandbox:
        for number in range(5):
            store(sandbox, age=60 + number)
        store(sandbox, OTHER, age=30)
        sandbox.add_backup(ADDON, name="Elsewhere", age=10)
        ran = look_at(sandbox, clock, destination_id=PLACE)
    # Whose they are is optional.
    told = profile == "usual"
    expected = [("default-project", OTHER), *[("default-project", ADDON)] * 5]
    assert owners(ran) == (expected if told else [(None, None)] * 6)
    assert [one["name"] for one in ran.result["backups"]] == ["Nightly"] * 6
    first = ran.result["backups"][0]
    assert first["expires_at"] == "2026-03-31T11:59:30.000Z"
    shown = ["default-project", OTHER, "mysql"] if told else ["-", "-", "-"]
    assert ran.result["table"][1].split()[:5] == [*shown, "nightly", "Nightly"]


@pytest.mark.assume(max_page_size_served=None)
def test_each_hundred_backups_take_one_request(sandbox: Sandbox, look: Look) -> None:
    for number in range(150):
        store(sandbox, age=60 + number)
    ran = look(destination_id=PLACE)
    assert len(ran.result["backups"]) == 150
    assert ran.result["requests"] == 3


@pytest.mark.assume(optional_fields="present")
def test_one_id_in_two_addons_is_two_backups(sandbox: Sandbox, look: Look) -> None:
    for addon_id in (ADDON, OTHER):
        store(sandbox, addon_id, id="nightly")
    assert sorted(owners(look(destination_id=PLACE))) == [("default-project", OTHER), ("default-project", ADDON)]


@pytest.mark.assume(optional_fields="present")
def test_backups_of_an_addon_and_of_a_project_that_are_gone_are_listed(
    sandbox: Sandbox, clock: VirtualClock, look: Look
) -> None:
    store(sandbox)
    store(sandbox, "postgres-staging", project_id="staging-project")
    for project_id, addon_id in (("default-project", ADDON), ("staging-project", "postgres-staging")):
        url = f"{sandbox.url}/v1/projects/{project_id}/addons/{addon_id}"
        assert requests.delete(url, headers={"Authorization": f"Bearer {sandbox.token}"}, timeout=30).ok
    clock.sleep(600)
    assert requests.get(url, headers={"Authorization": f"Bearer {sandbox.token}"}, timeout=30).status_code == 404
    del sandbox.world.projects["staging-project"]
    sandbox.clear_log()
    assert sorted(owners(look(destination_id=PLACE))) == [
        ("default-project", ADDON),
        ("staging-project", "postgres-staging"),
    ]


@pytest.mark.assume(optional_fields="present")
def test_backups_are_narrowed_by_project_and_addon(sandbox: Sandbox, look: Look) -> None:
    store(sandbox)
    store(sandbox, OTHER)
    store(sandbox, "postgres-staging", project_id="staging-project")
    find = partial(look, destination_id=PLACE)
    assert owners(find(project_id="staging-project")) == [("staging-project", "postgres-staging")]
    assert owners(find(addon_id=[OTHER])) == [("default-project", OTHER)]
    assert owners(find(project_id="staging-project", addon_id=[OTHER])) == []
    assert owners(find(project_id="no-such-project")) == []


@pytest.mark.parametrize("destination_id", [None, PLACE])
def test_a_secret_is_never_shown_even_if_the_list_has_it(
    sandbox: Sandbox, look: Look, destination_id: str | None
) -> None:
    keys = {"accessKey": "AKIAHUSHHUSH", "secretKey": "hush hush", "bucketName": "b", "endpoint": "e", "region": "r"}
    listed = [{"name": "Odd", "type": "s3", "prefix": "p/", "credentials": keys, **keys}]
    body = {"data": {"backupDestinations": listed}}
    sandbox.fault(Fault(path="/backup-destinations$", times=None, kind="wrong-type", body=body))
    ran = look(destination_id=destination_id)
    assert ran.result["destinations"][0]["bucket_name"] == "b"
    assert "hush" not in json.dumps(ran.result).lower()


@pytest.mark.parametrize("data", [None, {}, {"backups": []}, "none"])
def test_an_answer_without_a_list_is_no_empty_list(sandbox: Sandbox, look: Look, data: Any) -> None:
    sandbox.fault(Fault(path="/backups$", times=None, kind="wrong-type", body={"data": data}))
    ran = look(destination_id=PLACE)
    assert ran.failed
    assert "the API's answer cannot be used" in ran.msg


@pytest.mark.assume(destination_list_id="present")
def test_a_destination_that_does_not_exist_is_named_beside_those_that_do(look: Look) -> None:
    ran = look(destination_id="no-such-place")
    assert ran.failed
    assert ran.msg == (
        "There is no backup destination 'no-such-place' that the token may see. There are: example-destination, "
        f"offsite-s3. To list them: ansible localhost -m {NAME}"
    )


def test_a_permission_that_is_missing_is_named(sandbox: Sandbox, look: Look) -> None:
    sandbox.deny(PERMISSION)
    for arguments in ({}, {"destination_id": PLACE}):
        ran = look(**arguments)
        assert ran.failed
        assert f"The token lacks the permission '{PERMISSION}'." in ran.msg


@pytest.mark.parametrize("path", ["/backup-destinations$", "/backups$"])
def test_the_right_permission_is_named_also_if_the_api_names_none(sandbox: Sandbox, look: Look, path: str) -> None:
    sandbox.fault(Fault(path=path, times=None, kind="403"))
    assert f"The token lacks the permission '{PERMISSION}'." in look(destination_id=PLACE).msg


@pytest.mark.parametrize(
    "arguments",
    [{"destination_id": "../projects"}, {"destination_id": "ab"}, {"project_id": "a/b"}, {"addon_id": ["a/b"]}],
)
def test_bad_input_is_refused_before_the_first_request(sandbox: Sandbox, look: Look, arguments: dict[str, Any]) -> None:
    ran = look(**arguments)
    assert ran.failed
    assert next(iter(arguments)) in ran.msg
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("_title", "arguments"),
    examples(backup_destination_info.EXAMPLES, NAME),
)
def test_the_example_works(look: Look, _title: str, arguments: dict[str, Any]) -> None:
    ran = look(**arguments)
    assert not ran.failed, ran.result
