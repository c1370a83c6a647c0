# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the contract forbids is refused, with the error object and the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Assumptions, Fault, Sandbox, VirtualClock, contract, handlers
from sandbox.access import digest

if TYPE_CHECKING:
    from .conftest import Api

BACKUPS = "addons/postgres-main/backups"
DESTINATION = {"destinationId": "offsite-s3", "type": "custom"}

# What a message says about the rule that was broken.
RULES = {
    "additionalProperties": "Additional properties are not allowed",
    "backupType": "cannot be used with backupType",
    "cursor": "not one of this list",
    "enum": "is not one of",
    "json": "is not JSON",
    "contentType": "has to be application/json",
    "maxLength": "is longer than",
    "maximum": "is greater than the maximum",
    "minLength": "is shorter than",
    "minimum": "is less than the minimum",
    "object": "has to be a JSON object",
    "pattern": "does not match",
    "repeated": "once only",
    "required": "is a required property",
    "type": "is not of type",
}
BAD_BODIES: list[tuple[Any, str, str]] = [
    ({"name": "ab"}, "name", "minLength"),
    ({"name": "a" * 40}, "name", "maxLength"),
    ({"name": "trailing newline\n"}, "name", "pattern"),
    ({"name": "two  blanks"}, "name", "pattern"),
    ({"name": "-start"}, "name", "pattern"),
    ({"name": "end-"}, "name", "pattern"),
    ({"name": "K\u00f6pfe"}, "name", "pattern"),
    ({"name": "under_score"}, "name", "pattern"),
    ({"name": "a\u0085b"}, "name", "pattern"),
    ({"name": None}, "name", "type"),
    ({"name": 1234}, "name", "type"),
    ({"backupType": "copy"}, "backupType", "enum"),
    ({"backupType": "dump", "compressionType": "xz"}, "compressionType", "enum"),
    ({"compressionType": "gz"}, "compressionType", "backupType"),
    ({"customDestinationId": "offsite-s3"}, "customDestinationId", "backupType"),
    ({"backupType": "dump", "additionalDestinations": [DESTINATION]}, "additionalDestinations", "backupType"),
    ({"backupType": "dump", "customDestinationId": "ab"}, "customDestinationId", "minLength"),
    ({"additionalDestinations": DESTINATION}, "additionalDestinations", "type"),
    ({"additionalDestinations": [{"type": "custom"}]}, "additionalDestinations.0.destinationId", "required"),
    ({"additionalDestinations": [{"destinationId": "offsite-s3"}]}, "additionalDestinations.0.type", "required"),
    ({"additionalDestinations": [{**DESTINATION, "type": "s3"}]}, "additionalDestinations.0.type", "enum"),
    (
        {"additionalDestinations": [{**DESTINATION, "retentionTime": 121}]},
        "additionalDestinations.0.retentionTime",
        "maximum",
    ),
    (
        {"additionalDestinations": [{**DESTINATION, "retentionTime": 1.5}]},
        "additionalDestinations.0.retentionTime",
        "type",
    ),
    ({"name": "abc", "surprise": 1}, "surprise", "additionalProperties"),
    ({"additionalDestinations": [{**DESTINATION, "also": 1}]}, "additionalDestinations.0.also", "additionalProperties"),
    ([], "", "object"),
    ("text", "", "object"),
]


@pytest.mark.parametrize(("body", "path", "rule"), BAD_BODIES, ids=[json.dumps(row[0])[:50] for row in BAD_BODIES])
def test_a_body_that_breaks_the_contract_is_refused(
    sandbox: Sandbox, api: Api, body: Any, path: str, rule: str
) -> None:
    answer = api.post(BACKUPS, body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["status"], error["id"]) == (400, "nf-invalid-request-body")
    assert error["message"] == "Request failed payload validation - see details."
    assert [message for message in error["details"][path] if RULES[rule] in message], error["details"]
    assert sandbox.backups("postgres-main") == []


@pytest.mark.parametrize(
    "name", ["abc", "A b:c/d-e", "a" * 39, "a\u00a0b", "a\u2003b", "a\tb", "a\nb", "2026-03-01 12:00:00"]
)
def test_a_name_that_keeps_to_the_pattern_as_ecmascript_reads_it_is_taken(api: Api, name: str) -> None:
    assert api.start(name=name)["name"] == name


@pytest.mark.parametrize(
    ("raw", "content_type", "rule"),
    [
        (b"{}", "text/plain", "contentType"),
        (b"{}", None, "contentType"),
        (b"", "application/json", "json"),
        (b'{"name": "abc"', "application/json", "json"),
        (b'{"x": NaN}', "application/json", "json"),
        (b'\xff{"name": "abc"}', "application/json", "json"),
        (b"[" * 100_000, "application/json", "json"),
    ],
)
def test_what_is_no_json_is_refused(
    sandbox: Sandbox, api: Api, raw: bytes, content_type: str | None, rule: str
) -> None:
    answer = api.send("POST", BACKUPS, data=raw, headers={"Content-Type": content_type})
    assert answer.status_code == 400
    where = "Content-Type" if rule == "contentType" else ""
    assert RULES[rule] in answer.json()["error"]["details"][where][0]
    assert sandbox.backups("postgres-main") == []


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ({"per_page": 0}, "minimum"),
        ({"per_page": 101}, "maximum"),
        ({"per_page": "ten"}, "type"),
        ({"per_page": "1_0"}, "type"),
        ({"per_page": "1.5"}, "type"),
        ({"per_page": ""}, "type"),
        ({"per_page": [1, 2]}, "repeated"),
        ({"page": 0}, "minimum"),
        ({"page": "x"}, "type"),
        ({"cursor": "made-up"}, "minLength"),
        ({"cursor": "x" * 25}, "maxLength"),
        ({"cursor": "x" * 24}, "cursor"),
        ({"cursor": "\u00e9" * 24}, "cursor"),
        ({"cursor": ""}, "minLength"),
    ],
)
def test_a_query_that_breaks_the_contract_is_refused(api: Api, query: dict[str, Any], rule: str) -> None:
    answer = api.get(BACKUPS, **query)
    assert answer.status_code == 400
    (name,) = query
    assert any(RULES[rule] in message for message in answer.json()["error"]["details"][name])


def test_properties_that_the_contract_does_not_know_may_pass_and_are_logged(
    clock: VirtualClock, connect: Callable[..., Api]
) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(unknown_body_keys="ignore")) as sandbox:
        body = {"name": "abc", "surprise": 1, "additionalDestinations": [{**DESTINATION, "also": 1}]}
        assert connect(sandbox).post(BACKUPS, body, verbose=1).status_code == 200
        assert sandbox.requests[0].unknown == ["verbose", "surprise"]


@pytest.mark.parametrize("error_id", ["nf-invalid-request-body", "other", "missing"])
@pytest.mark.parametrize("details", ["paths", "other", "missing"])
def test_what_an_error_tells_may_differ(
    clock: VirtualClock, connect: Callable[..., Api], error_id: str, details: str
) -> None:
    with Sandbox(clock=clock, assumptions=Assumptions(error_id=error_id, error_details=details)) as sandbox:
        refused, absent = (connect(sandbox).post(BACKUPS, {"name": 1}), connect(sandbox).get(f"{BACKUPS}/none"))
        sandbox.fault(Fault(kind="503"))
        broken = connect(sandbox).get(BACKUPS)
    ids = {"nf-invalid-request-body": "nf-invalid-request-body", "other": "invalid_request", "missing": None}
    assert [answer.json()["error"].get("id") for answer in (refused, absent, broken)] == [
        ids[error_id],
        *((None, None) if error_id == "missing" else ("backup_not_found", "fault_503")),
    ]
    shapes: dict[str, type] = {"paths": dict, "other": list, "missing": type(None)}
    assert isinstance(refused.json()["error"].get("details"), shapes[details])
    assert ("details" in broken.json()["error"]) is (details != "missing")


@pytest.mark.parametrize(
    "body",
    [
        {"additionalDestinations": [{"destinationId": "unknown-place", "type": "custom"}]},
        {"backupType": "dump", "customDestinationId": "unknown-place"},
    ],
)
def test_a_destination_that_does_not_exist_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = api.post(BACKUPS, body)
    assert (answer.status_code, answer.json()["error"]["id"]) == (404, "destination_not_found")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer ", "Bearer wrong", "Basic abc", "bearer {token}", "{token}"]
)
def test_without_a_good_token_nobody_gets_in(sandbox: Sandbox, api: Api, authorization: str | None) -> None:
    given = None if authorization is None else authorization.format(token=sandbox.token)
    answer = api.send("POST", BACKUPS, json={}, headers={"Authorization": given})
    assert (answer.status_code, answer.json()["error"]["id"]) == (401, "unauthorized")
    assert answer.headers["x-ratelimit-remaining"] == "1000"
    assert sandbox.backups("postgres-main") == []
    assert not sandbox.requests[0].token_ok


def test_a_token_that_was_revoked_is_refused(sandbox: Sandbox, api: Api) -> None:
    assert api.get("/v1/login").status_code == 200
    sandbox.revoke_token()
    assert api.get("/v1/login").status_code == 401


def test_a_reading_token_reads_and_does_not_write(sandbox: Sandbox, connect: Callable[..., Api]) -> None:
    held = sandbox.add_backup("postgres-main", name="abc")
    reader = connect(sandbox, sandbox.read_token)
    assert reader.get(BACKUPS).status_code == 200
    for method, path in (
        ("POST", BACKUPS),
        ("DELETE", f"{BACKUPS}/{held['id']}"),
        ("POST", f"{BACKUPS}/{held['id']}/restore"),
        ("POST", "addons/postgres-main/backup-schedules"),
    ):
        answer = reader.send(method, path, json={})
        assert (answer.status_code, answer.json()["error"]["id"]) == (403, "forbidden")
        assert "Project > Addons > General > Update" in answer.json()["error"]["message"]
        assert sandbox.read_token not in answer.text
    assert len(sandbox.backups("postgres-main")) == 1


def test_a_permission_that_is_denied_is_named_and_others_are_not_touched(sandbox: Sandbox, api: Api) -> None:
    sandbox.deny("Project > Projects > Manage > Read")
    answer = api.get("/v1/projects")
    assert (answer.status_code, answer.json()["error"]["id"]) == (403, "forbidden")
    assert "Project > Projects > Manage > Read" in answer.json()["error"]["message"]
    assert api.get("addons").status_code == 200


@pytest.mark.parametrize(
    ("path", "error_id"),
    [
        ("/v1/projects/unknown/addons/postgres-main/backups", "project_not_found"),
        ("/v1/projects/default-project/addons/unknown/backups", "addon_not_found"),
        ("/v1/projects/default-project/addons/postgres-staging/backups", "addon_not_found"),
        ("/v1/projects/default-project/addons/postgres-main/backups/unknown", "backup_not_found"),
        ("/v1/teams/unknown/projects/default-project/addons", "team_not_found"),
        ("/v1/projects/default-project/addons/", "not_found"),
        ("/v1/projects//default-project/addons", "not_found"),
        ("/v2/projects", "not_found"),
        ("/", "not_found"),
    ],
)
def test_what_does_not_exist_is_told_apart(api: Api, path: str, error_id: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["error"]["id"]) == (404, error_id)


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", BACKUPS), ("PATCH", BACKUPS), ("OPTIONS", BACKUPS), ("HEAD", BACKUPS)]
)
def test_other_methods_are_refused(api: Api, method: str, path: str) -> None:
    assert api.send(method, path).status_code == 405


def test_a_body_that_is_far_too_large_is_refused(api: Api) -> None:
    answer = api.send("POST", BACKUPS, data=b" " * 2_000_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_team_has_the_same_projects_under_its_own_paths(sandbox: Sandbox, api: Api) -> None:
    path = "/v1/teams/example-team/projects/default-project/addons/postgres-main/backups"
    assert api.post(path, {"name": "abc"}).status_code == 200
    assert [held["name"] for held in sandbox.backups("postgres-main")] == ["abc"]


def test_every_path_of_a_project_has_its_twin_for_teams() -> None:
    for operation in contract.operations():
        expected = 2 if operation.rules[0].startswith(("/v1/projects", "/v1/backup-destinations")) else 1
        assert len(operation.rules) == expected


def test_the_operations_that_the_sandbox_does_not_have(api: Api) -> None:
    known = {operation.id for operation in contract.operations()}
    assert set(handlers.HANDLERS) <= known
    for operation in contract.operations():
        if operation.id not in handlers.HANDLERS:
            answer = api.send(operation.method, operation.rules[0].replace("<", "").replace(">", ""))
            assert (answer.status_code, answer.json()["error"]["id"]) == (501, "not_implemented")


def test_the_token_is_asked_for_first_then_the_limit_then_the_path(sandbox: Sandbox, api: Api) -> None:
    sandbox.set_rate(remaining=0)
    assert api.send("GET", "/v1/unknown", headers={"Authorization": None}).status_code == 401
    assert api.get("/v1/unknown").status_code == 429
    sandbox.set_rate(remaining=5)
    assert api.get("/v1/unknown").status_code == 404


def test_the_log_tells_what_was_sent_and_no_secret(sandbox: Sandbox, api: Api) -> None:
    api.post(BACKUPS, {"name": "abc"}, page=3)
    api.get(BACKUPS)
    first, second = sandbox.requests
    assert (first.number, first.method, first.path) == (1, "POST", f"/v1/projects/default-project/{BACKUPS}")
    assert (first.query, first.body, first.status, first.fault, first.token_ok) == (
        {"page": "3"},
        {"name": "abc"},
        200,
        None,
        True,
    )
    assert first.headers["Authorization"] == digest(f"Bearer {sandbox.token}") == second.headers["Authorization"]
    assert sandbox.token not in repr(sandbox.requests)
    assert sandbox.writes == [first]
    sandbox.clear_log()
    assert sandbox.requests == []
    api.get("addons/a%2Fb/backups")
    assert sandbox.requests[0].path == "/v1/projects/default-project/addons/a%2Fb/backups"


def test_the_date_header_tells_the_time_of_the_clock(clock: VirtualClock, api: Api) -> None:
    clock.advance(90)
    assert api.get("/v1/login").headers["Date"] == "Sun, 01 Mar 2026 12:01:30 GMT"


def test_the_connection_is_kept(sandbox: Sandbox) -> None:
    connection = HTTPConnection(sandbox.url.removeprefix("http://"), timeout=10)
    with closing(connection):
        places = set()
        for _turn in range(3):
            connection.request("GET", "/v1/login", headers={"Authorization": f"Bearer {sandbox.token}"})
            assert connection.getresponse().read() == b'{"data": {}}'
            places.add(connection.sock.getsockname())
    assert len(places) == 1
