# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore drills: who comes next, what is left over, what has passed, and what is kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError, InvalidInput
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Addon
from ansible_collections.northflank.cloud.plugins.module_utils._drill import evidence, plan, summary
from ansible_collections.northflank.cloud.plugins.module_utils._fork.names import FORK_TAG, fork_digits

PROJECT, ADDON, BACKUP = "default-project", "postgres-main", "nightly"
NAME = f"drill-{fork_digits(PROJECT, ADDON, BACKUP)}-260301020000"
TWO_O_CLOCK = 1772330400.0  # 2026-03-01T02:00:00Z
MADE = {
    "changed": True,
    "fork": {"name": NAME, "id": NAME, "uid": "u", "type": "postgresql", "created_at": "2026-03-01T02:00:00Z"},
    "backup": {"id": BACKUP, "name": "Nightly", "created_at": "2026-03-01T01:00:00Z", "size": 1234},
    "elapsed": 95.0,
    "requests": 9,
}
GONE = {"changed": True, "requests": 3}
FAILED = {"failed": True, "msg": "HTTP 403."}
GOOD, BAD = {"name": "a.yml", "passed": True}, {"name": "b.yml", "passed": False, "task": "Look", "detail": "No rows."}


def addon(addon_id: str, kind: str = "postgresql", *tags: str) -> Addon:
    return Addon(addon_id, addon_id, kind, "running", tags)


def facts(**given: Any) -> evidence.DrillFacts:
    usual: dict[str, Any] = {"rehearsal": False, "fork": MADE, "credentials": {}, "deleted": GONE, "checks": [GOOD]}
    usual |= {"not_run": [], "measured": {}}
    return evidence.DrillFacts(**{"project_id": PROJECT, "addon_id": ADDON, **usual, **given})


ORDERS = [
    ({}, ["a", "b", "c"]),
    ({"a": "2026-03-01T02:00:00Z"}, ["b", "c", "a"]),
    ({"a": "2026-03-01T02:00:00Z", "b": "2026-02-01T02:00:00Z", "c": "2026-03-02T02:00:00Z"}, ["b", "a", "c"]),
]


@pytest.mark.parametrize(("drilled_at", "order"), ORDERS)
def test_never_drilled_comes_first_and_then_the_oldest_drill(drilled_at: dict[str, str], order: list[str]) -> None:
    assert plan.next_drills(["c", "a", "b"], drilled_at, None) == order
    assert plan.next_drills(["c", "a", "b"], drilled_at, 2) == order[:2]


def test_in_a_row_of_runs_each_database_is_drilled_before_one_is_drilled_again() -> None:
    drilled_at: dict[str, str] = {}
    ids = [f"db-{number}" for number in range(7)]
    drilled = []
    for day in range(1, 5):
        for one in plan.next_drills(ids, drilled_at, 2):
            drilled.append(one)
            drilled_at[one] = f"2026-03-{day:02}T02:00:00Z"
    assert set(drilled[:7]) == set(ids)


@pytest.mark.parametrize(("sample", "days", "words"), [(2, 5, "to 3 or more"), (4, 3, "once in 4 days")])
def test_a_sample_that_breaks_the_promise_is_told(sample: int, days: int, words: str) -> None:
    assert words in plan.too_few(14, sample, days)


@pytest.mark.parametrize(("sample", "days"), [(None, 1), (14, 1), (1, 14), (3, 5)])
def test_a_sample_that_keeps_the_promise_is_fine(sample: int | None, days: int) -> None:
    assert plan.too_few(14, sample, days) == ""


def test_all_that_can_be_forked_and_no_fork_are_candidates() -> None:
    found = [addon("b"), addon("a", "mysql"), addon("r", "redis"), addon("x", "mysql", FORK_TAG), addon(NAME)]
    assert plan.candidates(found, None) == ["a", "b"]
    assert plan.candidates(found, ["r"]) == ["r"]
    with pytest.raises(BackupError, match="nothing to drill"):
        plan.candidates([addon("r", "redis")], None)


def test_a_number_below_1_is_refused() -> None:
    plan.check_number("sample", None)
    plan.check_number("sample", 1)
    with pytest.raises(InvalidInput, match="at least 1"):
        plan.check_number("sample", 0)


def test_forks_of_drills_are_left_over_and_other_addons_are_not() -> None:
    odd = "drill-123456-269999999999"
    own = addon("drill-485c70-260101000000", "postgresql", "keep")
    found = [addon(ADDON), addon(NAME, "postgresql", FORK_TAG), addon(odd, "mysql", FORK_TAG), own]
    look = addon("look-485c70", "postgresql", FORK_TAG)
    left = plan.leftovers([*found, look], TWO_O_CLOCK + 60)
    assert [(one.name, one.age) for one in left] == [(NAME, 60.0), (odd, None)]


def test_what_a_fork_was_made_of_is_proved_by_its_name() -> None:
    fork = plan.Leftover(NAME, 60.0)
    ids = {"mysql-orders": ["nightly", "x"], ADDON: ["other", BACKUP]}
    assert plan.source_of_leftover(fork, PROJECT, ids).source == (ADDON, BACKUP)
    assert plan.source_of_leftover(fork, "another-project", ids).source is None


REASONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"checks": []}, []),
    (
        {"fork": {**FAILED, "changed": False}, "deleted": {}, "checks": [], "not_run": ["a.yml"]},
        ["not restored: HTTP 403."],
    ),
    ({"credentials": FAILED, "checks": [], "not_run": ["a.yml"]}, ["credentials of the fork could not be read: HTTP"]),
    ({"checks": [GOOD, BAD]}, ["Checks failed: b.yml."]),
    ({"checks": [{"name": "a.yml"}]}, ["Checks failed: a.yml."]),
    ({"not_run": ["c.yml"]}, ["Checks did not run: c.yml."]),
    ({"deleted": {}}, ["nothing has asked for it"]),
    ({"deleted": {"skipped": True}}, ["nothing has asked for it"]),
    ({"deleted": FAILED}, ["was not deleted, and costs money by the hour: HTTP 403."]),
    ({"checks": [BAD], "deleted": FAILED}, ["Checks failed", "was not deleted"]),
    ({"fork": {**MADE, **FAILED}, "checks": []}, ["not restored"]),
]


@pytest.mark.parametrize(("given", "reasons"), REASONS)
def test_a_drill_passes_only_if_all_is_proved(given: dict[str, Any], reasons: list[str]) -> None:
    told = evidence.evidence_of(facts(**given), "2026-03-01T02:02:00Z")
    assert told["passed"] == (not reasons)
    assert len(told["reasons"]) == len(reasons)
    assert all(words in reason for words, reason in zip(reasons, told["reasons"], strict=True))


def test_evidence_has_what_an_auditor_asks_for() -> None:
    told = evidence.evidence_of(
        facts(checks=[GOOD, BAD], not_run=["c.yml"], measured={"orders": 7}, credentials={"requests": 1}),
        "2026-03-01T02:02:00Z",
    )
    assert told["backup"] == {
        "id": BACKUP,
        "name": "Nightly",
        "created_at": "2026-03-01T01:00:00Z",
        "size": 1234,
        "age_seconds": 3600.0,
    }
    assert (told["restore_seconds"], told["requests"], told["fork_is_gone"]) == (95.0, 13, True)
    assert [(one["name"], one["passed"]) for one in told["checks"]] == [
        ("a.yml", True),
        ("b.yml", False),
        ("c.yml", None),
    ]
    assert told["measured"] == {"orders": 7}
    assert evidence.loaded_drill(evidence.drill_as_json(told)) == told


def test_a_fork_that_did_not_run_has_no_time_and_one_that_was_not_made_is_not_gone() -> None:
    told = evidence.evidence_of(facts(fork={**MADE, **FAILED}), "2026-03-01T02:02:00Z")
    assert told["restore_seconds"] is None
    told = evidence.evidence_of(facts(fork=FAILED, deleted={}), "2026-03-01T02:02:00Z")
    assert told["fork_is_gone"] is None
    assert told["backup"]["age_seconds"] is None


def test_no_word_of_the_connection_stays_in_evidence() -> None:
    secrets = evidence.secrets_of(
        {"secrets": {"password": "correct-horse", "hosts": ["db.example", 1234567890]}, "envs": {"a": "b"}}
    )
    assert secrets == ["correct-horse", "1234567890", "db.example"]
    told = evidence.without_secrets(
        {"a": ["no correct-horse at db.example", 5, None], "b": "password=hunter22"}, secrets
    )
    assert told == {"a": ["no ******** at ********", 5, None], "b": "password=********"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"generator": "another"}', f'{{"generator": "{evidence.EVIDENCE_MARK}"}}']
)
def test_a_file_that_is_no_evidence_is_none(text: str) -> None:
    assert evidence.loaded_drill(text) is None


def test_the_next_drill_compares_with_the_newest_that_passed() -> None:
    drills = [
        {"passed": False, "kind": "drill", "measured": {"n": 4}},
        {"passed": True, "kind": "rehearsal", "measured": {"n": 3}},
        {"passed": True, "kind": "drill", "measured": None},
        {"passed": True, "kind": "drill", "measured": {"n": 1}},
    ]
    assert evidence.last_measured(drills) == {"n": 1}
    assert evidence.last_measured(drills[:3]) is None


def test_the_page_tells_all_drills_and_escapes_what_they_say() -> None:
    bad = {**BAD, "detail": "<b>5 | 6</b>"}
    drills = [
        evidence.evidence_of(facts(**given), "2026-03-01T02:02:00Z")
        for given in ({}, {"checks": [bad], "deleted": FAILED}, {"fork": FAILED, "deleted": {}, "checks": []})
    ]
    page = summary.drills_as_markdown(json.loads(json.dumps(drills)))
    assert "# 1 of 3 restore drills passed" in page
    assert "| postgres-main | passed | Nightly | 1 h 0 m | 1.2 kB | 1 m 35 s | deleted |" in page
    assert "| b.yml | **failed** | Look: &lt;b&gt;5 \\| 6&lt;/b&gt; |" in page
    assert "**left over**" in page
    assert "- There were no checks. This proves only that the restored database runs." in page
