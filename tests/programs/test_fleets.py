# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole fleets, with the programs that run them, and the files of the page about them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench import fleets
from plays import Plays

from sandbox import Sandbox, SystemClock

from .test_readme import FLEETS, ROOT, script

PROJECTS = ("default-project", "staging-project", "third-project")
SOURCE = "addons.northflank.yml"
PAGE = (ROOT / FLEETS).read_text(encoding="utf-8")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A fleet of 4 in two projects that can be backed up, and one that is paused."""
    with Sandbox(clock=SystemClock(), duration=0.0) as server:
        yield server


@pytest.fixture
def plays(sandbox: Sandbox, tmp_path: Path) -> Plays:
    """Runs what is on the page, in a folder that has the page's files."""
    script(FLEETS, tmp_path)
    return Plays(sandbox, tmp_path)


def times_backed_up(sandbox: Sandbox) -> Counter[str]:
    """How often each addon was backed up, by the name that its host has."""
    return Counter(
        f"{addon_id}.{project_id}"
        for project_id, project in sandbox.world.projects.items()
        for addon_id in project.addons
        for _backup in sandbox.backups(addon_id, project_id)
    )


def slice_of(listed: dict[str, Any], number: int, count: int, folder: Path) -> str:
    """A slice of an inventory as AWX makes it: of the hosts by name, each count-th, from the number-th on.

    AWX keeps what ``ansible-inventory --list`` says, and hands each job a script that prints its part of that.
    """
    hosts = sorted(listed["_meta"]["hostvars"])[number - 1 :: count]
    part: dict[str, Any] = {
        group: {**facts, "hosts": [host for host in facts["hosts"] if host in hosts]}
        for group, facts in listed.items()
        if "hosts" in facts
    }
    part["_meta"] = {"hostvars": {host: listed["_meta"]["hostvars"][host] for host in hosts}}
    path = folder / f"slice{number}"
    path.write_text(f"#!{sys.executable}\nprint({json.dumps(part)!r})\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_100_addons_of_3_projects_in_two_slices_are_each_backed_up_once_from_one_budget(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0, rate_limit=1000) as sandbox:
        for addon_id in [one for one in sandbox.addon_ids if one != "postgres-paused"]:
            sandbox.remove_addon(addon_id)
        sandbox.remove_addon("postgres-staging")
        for number in range(100):
            sandbox.add_addon(f"db-{number // 3:02}", project_id=PROJECTS[number % 3], tags=["{{ 1 / 0 }}", "nightly"])
        script(FLEETS, tmp_path)
        (tmp_path / SOURCE).write_text("plugin: northflank.cloud.addons\n", encoding="utf-8")
        plays = Plays(sandbox, tmp_path)
        assert (
            plays.start("-i", SOURCE, "--list", "--export", "--output", "l.json", program="ansible-inventory").end().ok
        )
        listed = json.loads((tmp_path / "l.json").read_text(encoding="utf-8"))
        variables = json.dumps({"night": "2026-03-01", "slices": 2})
        jobs = [
            plays.start("-i", slice_of(listed, number, 2, tmp_path), "fleet.yml", "-e", variables) for number in (1, 2)
        ]
        for job in jobs:
            ran = job.end()
            assert ran.ok, ran.output
        done = times_backed_up(sandbox)
        assert len(done) == 100
        assert set(done.values()) == {1}
        assert [request for request in sandbox.requests if request.status == 429] == []
        # Four to read the inventory; for each addon one to list, one to start, and one or two to look.
        assert 4 + 3 * 100 <= len(sandbox.requests) <= 4 + 4 * 100


def test_a_database_that_fails_holds_up_no_other_and_the_next_run_does_the_rest(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.next_outcome("mysql-orders", "failed")
    arguments = ["-i", SOURCE, "fleet.yml", "-e", "night=2026-03-01"]
    ran = plays.start(*arguments).end()
    assert not ran.ok
    assert "The backup 'Nightly 2026-03-01'" in ran.output
    assert "skipping: [postgres-paused.default-project]" in ran.output
    fleet = [f"{one}.default-project" for one in ("mongo-events", "mysql-orders", "postgres-main")]
    fleet.append("postgres-staging.staging-project")
    assert times_backed_up(sandbox) == Counter(fleet)
    ran = plays.start(*arguments).end()
    assert ran.ok, ran.output
    assert times_backed_up(sandbox) == Counter([*fleet, "mysql-orders.default-project"])


def test_a_database_that_fails_stops_its_project_s_set_and_no_other(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.set_addon_status("mysql-orders", "failed")
    ran = plays.start("-i", SOURCE, "by-project.yml", "-e", "night=2026-03-01").end()
    assert not ran.ok
    assert "mysql-orders" in ran.output
    assert times_backed_up(sandbox) == Counter(["postgres-staging.staging-project"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fleet.yml", "-i", SOURCE], "HTTP 401"),
        (["fleet.yml", "-i", "no-such.northflank.yml"], "no-such.northflank.yml"),
        (["mistyped.yml", "-i", SOURCE], "northflank_type_postgres"),
    ],
    ids=["inventory that cannot be read", "inventory that is not there", "group that is not there"],
)
def test_a_fleet_of_none_is_no_success(sandbox: Sandbox, plays: Plays, arguments: list[str], words: str) -> None:
    """With the page's ansible.cfg."""
    text = (plays.folder / "fleet.yml").read_text(encoding="utf-8")
    (plays.folder / "mistyped.yml").write_text(text.replace("hosts: northflank", "hosts: northflank_type_postgres"))
    if words == "HTTP 401":
        sandbox.revoke_token()
    ran = plays.start(*arguments, "-e", "night=2026-03-01").end()
    assert not ran.ok
    assert words in ran.output
    assert sandbox.writes == []


def test_ansible_runner_tells_of_each_database_and_fails_where_one_has(sandbox: Sandbox, plays: Plays) -> None:
    sandbox.next_outcome("mysql-orders", "failed")
    for file, place in (("fleet.yml", "project"), ("ansible.cfg", "project"), (SOURCE, "inventory")):
        (plays.folder / "runner" / place).mkdir(parents=True, exist_ok=True)
        (plays.folder / file).rename(plays.folder / "runner" / place / file)
    variables = "-e night=2026-03-01"
    job = plays.start(
        "run", "runner", "-p", "fleet.yml", "--ident", "x", "--cmdline", variables, "--quiet", program="ansible-runner"
    )
    assert job.end().code == 2
    events = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (plays.folder / "runner" / "artifacts" / "x" / "job_events").glob("*.json")
    ]
    told = {
        event["event_data"]["host"]: (
            event["event"],
            # A task that failed returns what became of each addon, and not the facts of a backup.
            next((one["status"] for one in event["event_data"].get("res", {}).get("backups", ())), None),
        )
        for event in events
        if event["event"].startswith("runner_on_") and event["event"] != "runner_on_start"
    }
    assert told == {
        "mongo-events.default-project": ("runner_on_ok", "completed"),
        "mysql-orders.default-project": ("runner_on_failed", "failed"),
        "postgres-main.default-project": ("runner_on_ok", "completed"),
        "postgres-paused.default-project": ("runner_on_skipped", None),
        "postgres-staging.staging-project": ("runner_on_ok", "completed"),
    }
    # What the page warns of: a token in the environment is written down, and nowhere else.
    command = plays.folder / "runner" / "artifacts" / "x" / "command"
    files = [path for path in plays.folder.rglob("*") if path.is_file()]
    assert [path for path in files if sandbox.token.encode() in path.read_bytes()] == [command]


# The rules of AWX's API reference for a survey.
KINDS = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}


def test_the_survey_is_one_that_awx_takes_and_its_answers_roll_back(sandbox: Sandbox, plays: Plays) -> None:
    survey = json.loads((plays.folder / "rollback-survey.json").read_text(encoding="utf-8"))
    assert set(survey) == {"name", "description", "spec"}
    for question in survey["spec"]:
        assert question["type"] in KINDS
        assert question["question_name"]
        assert question["question_description"]
        assert isinstance(question["required"], bool)
        assert question["min"] <= question["max"]
    assert plays.snapshot("1.10").ok
    # Text stays text, as AWX passes answers on in JSON.
    typed = dict(zip([question["variable"] for question in survey["spec"]], ["default-project", "1.10"]))
    ran = plays.start("northflank.cloud.rollback", "-e", json.dumps(typed)).end()
    assert ran.ok, ran.output
    assert len(sandbox.restores("postgres-main")) == 1


@pytest.mark.pages
@pytest.mark.parametrize(("addons", "duration"), [(20, 60.0), (50, 60.0)])
def test_the_page_s_costs_are_what_the_simulation_says(addons: int, duration: float) -> None:
    assert fleets.cost(addons, duration) in PAGE.splitlines(), "python tests/tools/bench/fleets.py writes them anew"


def test_the_page_has_all_rows_of_its_tables() -> None:
    lines = PAGE.splitlines()
    for addons in fleets.SIZES:
        assert sum(line.startswith(f"| {addons} | ") and " min | " in line for line in lines) == len(fleets.DURATIONS)
    for limit in fleets.LIMITS:
        assert sum(line.startswith(f"| {limit} | ") for line in lines) == 1
