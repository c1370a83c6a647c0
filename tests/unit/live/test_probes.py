# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of the real API mean, as tables. Above all: what proves nothing is not taken for an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import NorthflankError
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Timing
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import ApiTarget
from hypothesis import given, settings
from hypothesis import strategies as st

from live import report
from live.evidence import Evidence, Finding, refused
from live.lab import Lab, Place, id_of, next_page
from live.probe import EITHER, HISTORY, READ, WRITE
from live.probes import NOT_ASKED, PROBES
from live.probes_lists import order_of
from live.probes_others import lifetime
from live.reading import READING
from live.wire import Answer, Wire
from live.writing import WRITING, WRITING_NOT_RUNNING, plan

NOW = 1_772_366_400.0


def answer(
    status: int | None, body: Any = None, headers: dict[str, str] | None = None, text: str | None = None
) -> Answer:
    return Answer("GET", "/", status, headers or {}, json.dumps(body) if text is None else text, body, NOW)


def error(status: int, **more: Any) -> Answer:
    return answer(status, {"error": {"status": status, "message": "No.", **more}})


DONE = answer(200, {"data": {}})


def evidence(answers: dict[str, list[Answer]], **facts: Any) -> Evidence:
    made = Evidence()
    for question, several in answers.items():
        for each in several:
            made.add(question, each)
    made.facts.update(facts)
    return made


def backups(*entries: dict[str, Any]) -> Answer:
    return answer(200, {"data": {"backups": list(entries)}})


def entry(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"id-{number}", "createdAt": f"2026-03-0{number}T00:00:00Z", "status": "completed", **more}


@pytest.mark.parametrize(
    ("numbers", "ids", "order"),
    [
        ([3, 2, 1], "bca", "newest"),
        ([1, 2, 3], "bca", "oldest"),
        ([2, 3, 1], "abc", "id"),
        ([2, 3, 1], "bca", "shuffled"),
        ([3, 2, 1], "abc", None),
        ([1, 2, 3], "abc", None),
        ([2, 1], "ba", None),
        ([2, 2, 1, 1], "bacd", None),
        ([], "", None),
    ],
)
def test_an_order_that_fits_twice_or_few_entries_tell_nothing(numbers: list[int], ids: str, order: str | None) -> None:
    assert order_of([{**entry(number), "id": letter} for number, letter in zip(numbers, ids)]) == order


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (DONE, Finding("allow", "HTTP 200")),
        (error(409), Finding("refuse", "HTTP 409")),
        (error(400), Finding("refuse with 400")),
        (answer(409, None, text="<html>"), None),
        (answer(200, None, text="<html>"), None),
        (answer(409, {"message": "no error object"}), None),
        (error(401), None),
        (error(403), None),
        (error(500), None),
        (answer(None), None),
        (None, None),
    ],
)
def test_only_the_error_object_of_the_api_proves_a_refusal(given: Answer | None, found: Finding | None) -> None:
    said = refused(given, 409, "allow")
    assert said == found if found is not None else said.value is None


def test_a_conflict_says_nothing_about_a_body() -> None:
    assert refused(error(409), 400, "ignore").value is None
    assert refused(error(422), 400, "ignore").value == "refuse with 422"


@pytest.mark.parametrize(
    ("restores", "entries", "value"),
    [
        ([], [entry(1)], None),
        ([{"backupId": "id-1", "restoreTimestamp": "2026-03-02T00:00:00Z"}], [entry(1)], "absent"),
        # An ID that was given again: the restore was one of a backup that is gone.
        ([{"backupId": "id-1", "restoreTimestamp": "2026-02-02T00:00:00Z"}], [entry(1)], None),
        ([{"backupId": "other", "restoreTimestamp": "2026-03-02T00:00:00Z"}], [entry(1)], None),
        ([], [entry(1, lastRestore={"status": "completed"})], "present"),
        ([{"backupId": "id-1", "restoreTimestamp": "2026-03-02T00:00:00Z"}], [entry(1, lastRestore=None)], "absent"),
    ],
)
def test_last_restore_is_absent_only_where_a_backup_was_restored(
    restores: list[dict[str, Any]], entries: list[dict[str, Any]], value: str | None
) -> None:
    seen = evidence({"restores": [answer(200, {"data": {"restores": restores}})], "list": [backups(*entries)]})
    assert PROBES["list_last_restore"].find(seen).value == value


def test_a_list_from_before_a_restore_tells_nothing_about_it() -> None:
    restores = answer(200, {"data": {"restores": [{"backupId": "id-1", "restoreTimestamp": "2026-03-02T00:00:00Z"}]}})
    seen = evidence({"list": [backups(entry(1))], "restores": [restores]})
    assert PROBES["list_last_restore"].find(seen).value is None
    seen.add("list", backups(entry(2)))
    assert PROBES["list_last_restore"].find(seen).value is None
    seen.add("list", backups(entry(1)))
    assert PROBES["list_last_restore"].find(seen).value == "absent"


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("X-Amz-Expires=900&X-Amz-Signature=ab", 900),
        ("X-Goog-Expires=60", 60),
        (f"Expires={NOW + 120:.0f}&Signature=ab", 120),
        ("se=2026-03-01T12:10:00Z&sig=ab", 600),
        ("se=2026-03-01T12:10:00&sig=ab", 600),
        ("token=abc", None),
        ("expires=soon&X-Amz-Expires=", None),
        ("", None),
    ],
)
def test_a_link_tells_how_long_it_is_good(query: str, seconds: int | None) -> None:
    assert lifetime(f"https://store.example/file?{query}", NOW) == seconds


READ_SPEC, READ_ONLY = "Project > Addons > General > Read Spec", "Project > Addons > General > Read"


@pytest.mark.parametrize(
    ("link", "granted", "value"),
    [
        (error(403), None, "needed"),
        (answer(200, {"data": {"downloadLink": "x"}}), [READ_ONLY], "read_is_enough"),
        (answer(200, {"data": {"downloadLink": "x"}}), [READ_ONLY, READ_SPEC], None),
        (answer(200, {"data": {"downloadLink": "x"}}), ["project.addons.general.read"], "read_is_enough"),
        (answer(200, {"data": {"downloadLink": "x"}}), ["Something else"], None),
        (answer(200, {"data": {"downloadLink": "x"}}), None, None),
        (error(404), [READ_ONLY], None),
        (answer(None), [READ_ONLY], None),
    ],
)
def test_read_is_enough_only_for_a_token_that_has_no_more(link: Answer, granted: Any, value: str | None) -> None:
    auth = answer(200, {"data": {"permissions": {"projectScope": granted}}}) if granted else error(404)
    seen = evidence({"link": [link], "auth": [auth], "list": [backups()]})
    assert PROBES["read_spec"].find(seen).value == value


@pytest.mark.parametrize(
    ("same", "other", "value"),
    [
        (DONE, None, "false"),
        (error(409), DONE, "true"),
        (error(409), error(409), None),
        (error(409), None, None),
        (error(422), DONE, "refuse with 422"),
        (None, None, None),
    ],
)
def test_a_name_is_the_reason_only_if_another_one_is_accepted(
    same: Answer | None, other: Answer | None, value: str | None
) -> None:
    given = {"same name": same, "other name": other}
    seen = evidence({question: [each] for question, each in given.items() if each is not None})
    assert PROBES["names_unique"].find(seen).value == value


@pytest.mark.parametrize(
    ("hourly", "weekly", "within", "value"),
    [
        (error(400), None, DONE, "by_interval"),
        (error(400), None, error(400), None),
        (error(400), None, None, None),
        (DONE, error(400), None, "120"),
        (DONE, DONE, None, "none"),
        (DONE, None, None, None),
        (None, None, None, None),
    ],
)
def test_a_limit_is_one_only_if_a_day_less_is_accepted(
    hourly: Answer | None, weekly: Answer | None, within: Answer | None, value: str | None
) -> None:
    given = {"hourly beyond": hourly, "weekly beyond": weekly, "hourly within": within}
    seen = evidence({question: [each] for question, each in given.items() if each is not None})
    assert PROBES["retention_limits"].find(seen).value == value


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (answer(200, None, text=""), "no_body"),
        (answer(200, {}), "empty"),
        (DONE, "empty_data"),
        (answer(200, {"data": {"id": "a", "status": "scheduled"}}), "backup"),
        (answer(200, {"data": {"job": 1}}), "some other object"),
        (error(400), None),
    ],
)
def test_what_an_import_answers_has_one_of_four_shapes(given: Answer, value: str | None) -> None:
    assert PROBES["import_answer"].find(evidence({"import": [given]})).value == value


@pytest.mark.parametrize(
    ("details", "value"),
    [
        ({"backupType": ["must be one of"]}, "paths"),
        ({"backupType": "must be one of"}, "other"),
        ({"violations": [{"path": "/backupType"}]}, "other"),
        (["backupType"], "other"),
        ({}, "missing"),
        (None, "missing"),
    ],
)
def test_details_are_messages_by_path_or_something_else(details: Any, value: str) -> None:
    assert PROBES["error_details"].find(evidence({"invalid": [error(400, details=details)]})).value == value


def test_the_status_of_a_token_without_its_team_counts_only_if_the_team_s_path_works() -> None:
    probe = PROBES["org_token_without_team"]
    seen = {"without team": [error(404)], "addon": [DONE]}
    assert probe.find(evidence(seen)).value == "404"
    assert probe.find(evidence({**seen, "addon": [error(404)]})).value is None
    assert probe.find(evidence({**seen, "without team": [DONE]})).value is None


@pytest.mark.parametrize("key", PROBES)
def test_nothing_is_found_out_from_nothing(key: str) -> None:
    found = PROBES[key].result(Evidence(), writes=True)
    assert found.value is None
    assert found.note


@pytest.mark.parametrize("key", PROBES)
@pytest.mark.parametrize("given", [answer(None), error(500), answer(200, None, text="<html>"), answer(200, [])])
def test_nothing_is_found_out_from_answers_that_say_nothing(key: str, given: Answer) -> None:
    questions = {"auth", "addon", "restores", "list", "schedules", "busy addon", "link", "store", "log", "destinations"}
    found = PROBES[key].find(evidence({question: [given] for question in questions}))
    # The storage answers with bytes, so any of its answers says something.
    assert found.value is None or key in ("store_ranges", "store_validator"), found


def test_a_value_that_nobody_has_thought_of_is_marked() -> None:
    assert PROBES["link_lifetime"].knows("900")
    assert not PROBES["link_lifetime"].knows("soon")
    assert PROBES["max_page_size_served"].knows("none")
    assert not PROBES["delete_active"].knows("refuse with 400")
    row = report.Row("delete_active", Finding("refuse with 400"), False, PROBES["delete_active"].does)
    printed = " ".join(" ".join(report.table([row], 120)).split())
    assert "new to the collection" in printed


@pytest.mark.parametrize(
    ("pagination", "more"),
    [
        (None, None),
        ({"hasNextPage": False}, None),
        ({"hasNextPage": True}, {"page": 2}),
        ({"hasNextPage": True, "cursor": "c"}, {"cursor": "c"}),
        ({"cursor": "c"}, {"cursor": "c"}),
        ({"cursor": ""}, None),
        ({"cursor": None, "hasNextPage": True}, {"page": 2}),
    ],
)
def test_there_is_another_page_if_anything_says_so(pagination: Any, more: dict[str, Any] | None) -> None:
    assert next_page(answer(200, {"data": {}, "pagination": pagination}), 1) == more


def test_only_a_paused_addon_is_left_alone() -> None:
    assert plan("paused") is WRITING_NOT_RUNNING
    assert [plan(status) for status in ("running", "backup", None)] == [WRITING] * 3


def test_every_probe_names_steps_that_there_are_and_says_what_it_needs() -> None:
    reading = {step.name for step in READING}
    steps = reading | {step.name for step in [*WRITING, *WRITING_NOT_RUNNING]} | {"429"}
    for probe in PROBES.values():
        assert set(probe.steps) <= steps, probe.key
        assert (probe.needs in (READ, HISTORY)) <= (set(probe.steps) <= reading | {"429"}), probe.key
        assert probe.needs in (READ, EITHER, WRITE, HISTORY)
        assert probe.does.endswith("."), probe.key
    assert all(reason.endswith(".") for reason in NOT_ASKED.values())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("No addon orders-db in shop", "No addon <addon> in <project>"),
        ("orders-db-2 is another one", "orders-db-2 is another one"),
        ("see https://api.example/x?token=abc now", "see <url> now"),
        ("ask jane.doe@example.com", "ask <e-mail>"),
        ("88283b31-06f3-4857-b75f-f807bd7a52af", "<uid>"),
        ("62cc20b90956ab62a58e8474", "<id>"),
        ("restore 1611305397038", "restore <number>"),
        ("Bearer eyJhbGciOi.eyJzdWIi.c2ln", "Bearer <token>"),
        ("backup before-v1 named Before v1", "backup <id> named <name>"),
        ("team acme, run 0a1b2c3d", "team <team>, run <run>"),
        ("nf-invalid-request-body", "nf-invalid-request-body"),
    ],
)
def test_whatever_the_api_says_about_somebody_is_replaced(text: str, shown: str) -> None:
    """A note holds the API's own words now and then, such as the ID of an error."""
    lab = lab_of(Evidence())
    lab.evidence.facts["before"] = [{"id": "before-v1", "name": "Before v1"}]
    rows = [
        report.Row("error_id", Finding("other", text), True, ""),
        report.Row("fork_latest", Finding(None, text), True, ""),
    ]
    whole = report.document(lab, rows, "1.0.0", "2026-03-01", 0)
    assert whole["found"][0]["note"] == whole["not_found"][0]["reason"] == shown
    assert whole["found"][0]["assumption"] == "error_id"


def lab_of(seen: Evidence) -> Lab:
    wire = Wire(ApiTarget("https://api.example", "secret"), Timing(), 0)
    place = Place("shop", "orders-db", "acme")
    return Lab(wire, place, lambda _line: None, writes=True, evidence=seen, stamp="0a1b2c3d")


def test_text_of_the_api_is_bounded_and_does_nothing_to_a_terminal() -> None:
    hostile = "\x1b[31mred\x07 https://user:word@api.example/?token=abc " + "long " * 200
    seen = evidence({"invalid": [error(400, id=hostile)], "busy addon": [answer(200, {"data": {"status": hostile}})]})
    seen.facts["type"] = "my-own-type"
    lab = lab_of(seen)
    rows = report.rows(lab)
    printed = "\n".join(report.table(rows, 100))
    text = report.written(report.document(lab, rows, "1.0.0", "2026-03-01", 0))
    for shown in (printed, text):
        assert "red" in shown
        assert [word for word in ("\x1b", "\x07", "word@", "token=abc", "my-own-type") if word in shown] == []
    assert max(len(row.found.note) for row in rows) < 400


@pytest.mark.parametrize("odd", ["a/../../b", "a b", "a'; true '", "", 5, None, ["a"]])
def test_an_id_that_could_lead_elsewhere_is_none(odd: Any) -> None:
    """IDs become parts of paths, and of commands that people paste."""
    assert [each["id"] for each in backups({"id": odd}).items("backups")] == [None]
    assert id_of(answer(200, {"data": {"id": odd}})) is None


@pytest.mark.parametrize(
    "link",
    [
        "http://93.184.216.34/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/x",
        "https://10.0.0.1/x",
        "ftp://a",
        "x",
    ],
)
def test_a_link_to_where_no_storage_should_be_is_not_followed(link: str) -> None:
    """The API is at a public address here."""
    wire = Wire(ApiTarget("https://93.184.216.34", "secret"), Timing(), 0)
    with pytest.raises(NorthflankError):
        wire.store(link)


_SCALARS = (
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "completed", "2026-03-01T00:00:00Z", "id-1"])
)
_WORDS = (
    "id name status config source type size completedAt createdAt lastRestore restoreTimestamp backupId spec features "
    "pendingActions permissions projectScope schedules scheduling interval minute credentials downloadLink logs data "
    "containerId details message pagination hasNextPage cursor"
)
_KEYS = st.sampled_from(_WORDS.split())
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=12
)
_LISTS = {
    "list": "backups",
    "restores": "restores",
    "backup restores": "restores",
    "schedules": "schedules",
    "destinations": "backupDestinations",
}
_OTHERS = [
    "auth",
    "addon",
    "busy addon",
    "log",
    "link",
    "restored elsewhere",
    "import",
    "without team",
    "snapshot link",
]
_ENTRIES = st.lists(st.dictionaries(_KEYS, _JSON, max_size=5), max_size=4)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.sampled_from(list(_LISTS)), _ENTRIES)), st.lists(st.tuples(st.sampled_from(_OTHERS), _JSON))
)
def test_no_answer_whatever_breaks_a_probe(lists: list[Any], others: list[Any]) -> None:
    seen = evidence({"invalid": [error(400, details=[1], id=["x"])]})
    for question, entries in lists:
        seen.add(question, answer(200, {"data": {_LISTS[question]: entries}, "pagination": {"cursor": 1}}))
    for question, data in others:
        seen.add(question, answer(200, {"data": data}))
    for probe in PROBES.values():
        found = probe.result(seen, writes=True)
        assert found.value is None or isinstance(found.value, str), probe.key
    assert report.shapes(seen) is not None
