# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosted workflow does what .ci/run does, and the matrix with each supported version. What it uses is pinned."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.galaxy.dependency_resolution.versioning import meets_requirements
from matrix.cells import CHECKS, CORES, PYTHONS

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
JOBS: dict[str, Any] = WORKFLOW["jobs"]
RELEASE = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
# What the workflow does for every version.
CORNERS = {"matrix-corners", "installed"}
# What takes too long to be run before each change.
LONG = {"mutants", "fuzz"}


def commands(job: dict[str, Any]) -> set[str]:
    """What a job lets make do."""
    given = job.get("strategy", {}).get("matrix", {})
    lines = [step.get("run", "") for step in job["steps"]]
    asked = re.findall(r"^make (.+)$", "\n".join(lines), re.MULTILINE)
    return {name for what in asked for name in (given["command"] if what == '"$COMMAND"' else what.split())}


def test_it_does_all_that_must_hold_before_a_change_is_taken() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(r"for name in (.+); do", text)
    assert found
    assert set.union(*map(commands, JOBS.values())) - {"setup"} - LONG == set(found[1].split()) - CORNERS


def test_all_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in set.union(*map(commands, [*JOBS.values(), *RELEASE["jobs"].values()])):
        assert re.search(rf"^{name}:", makefile, re.MULTILINE)


def test_it_runs_the_matrix() -> None:
    assert JOBS["core"]["strategy"]["matrix"]["core"] == [core.version for core in CORES]
    assert JOBS["matrix"]["strategy"]["matrix"] == {
        "core": [core.version for core in CORES],
        "python": list(PYTHONS),
    }
    assert JOBS["core"]["steps"][-1]["run"].split()[-len(CHECKS) :] == list(CHECKS)


def test_what_ansible_develops_is_run_and_only_that_may_fail() -> None:
    assert [name for name, job in JOBS.items() if "continue-on-error" in job] == ["devel"]
    assert "ansible/archive/refs/heads/devel.tar.gz" in words(JOBS["devel"])
    assert "-p no:ansible" in words(JOBS["devel"])


def test_it_may_only_read() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in JOBS.values())


def words(job: dict[str, Any]) -> str:
    """All that a job says, as one text."""
    return yaml.safe_dump(job, width=1000)


def test_a_release_is_built_then_attested_then_published() -> None:
    jobs = RELEASE["jobs"]
    assert [(name, job.get("needs")) for name, job in jobs.items()] == [
        ("build", None),
        ("attest", "build"),
        ("publish", "attest"),
    ]
    assert {"test", "sanity", "galaxy", "installed", "sbom"} <= commands(jobs["build"])
    # What builds may write nothing, and what may sign in the workflow's name runs no code of the repository.
    assert RELEASE["permissions"] == {}
    assert [job["permissions"] for job in jobs.values()] == [
        {"contents": "read"},
        {"attestations": "write", "id-token": "write"},
        {"contents": "write"},
    ]
    assert not any("run" in step or "checkout" in step["uses"] for step in jobs["attest"]["steps"])


def test_only_the_step_that_needs_a_secret_has_it_after_a_maintainer_has_agreed() -> None:
    *others, publish = RELEASE["jobs"].values()
    assert "secrets." not in "".join(map(words, [*others, *JOBS.values()]))
    assert publish["environment"] == "galaxy"
    with_secret = {
        step["run"].split()[0]: re.findall(r"secrets\.(\w+)", words(step)) for step in publish["steps"] if "run" in step
    }
    assert with_secret == {"pip": [], ".ci/sign": ["SIGNING_KEY"], "ansible-galaxy": ["GALAXY_TOKEN"], "gh": []}
    assert len(re.findall(r"secrets\.", words(publish))) == 2


def test_the_programs_of_a_release_exist() -> None:
    programs = set(re.findall(r"\.ci/[\w./-]+", "".join(map(words, RELEASE["jobs"].values()))))
    assert programs
    assert all((ROOT / program).is_file() for program in programs)


PAGES = [*WORKFLOWS, *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_action_is_a_commit_and_says_of_which_version(path: Path) -> None:
    """A tag can be moved to other code. Dependabot raises the version in the comment with the commit."""
    used = re.findall(r"^[ -]+uses: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used or path not in WORKFLOWS
    for what in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", what), what


def test_an_action_is_the_same_everywhere() -> None:
    used = {what for path in PAGES for what in re.findall(r"uses: (\S+@.+)", path.read_text(encoding="utf-8"))}
    assert len({what.split("@")[0] for what in used}) == len(used)


@pytest.fixture(scope="module")
def examples() -> dict[str, str]:
    """The files for CI that the pages show, by their names."""

    def shown(page: str) -> dict[str, str]:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        return dict(re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.+?)```", text, re.DOTALL))

    report = "report-workflow.yml"
    return {**shown("in-ci.md"), report: shown("report.md")[report]}


def test_what_the_examples_install_is_pinned(examples: dict[str, str]) -> None:
    """Otherwise the pipeline of somebody who copied them breaks on a day when nobody touched it."""
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    for text in examples.values():
        assert re.findall(r"image: .+", text) == re.findall(r"image: \w+:\d+\.\d+\.\d+-\w+", text)
        packages = [word for line in re.findall(r"pip install (.+)", text) for word in shlex.split(line)]
        assert packages
        assert all(re.fullmatch(r"[\w-]+==[\d.]+", word) for word in packages)
        (wanted,) = re.findall(r"collection install '?northflank\.cloud:?(.*?)'?\n", text)
        assert wanted
        assert meets_requirements(version, wanted)


def test_zizmor_has_nothing_against_the_examples(examples: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name in ("workflow.yml", "rollback-workflow.yml", "report-workflow.yml"):
        (folder / name).write_text(examples[name], encoding="utf-8")
    program = ROOT / ".venv" / "bin" / "zizmor"
    subprocess.run([program, "--offline", "--quiet", tmp_path], check=True)


def test_what_the_collection_asks_for_is_the_oldest_that_is_run() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == f">={CORES[0].version}.0"
    for path in ROOT.glob("roles/*/meta/main.yml"):
        role = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert role["galaxy_info"]["min_ansible_version"] == CORES[0].version
    tests = yaml.safe_load((ROOT / "tests" / "config.yml").read_text(encoding="utf-8"))
    assert tests["modules"]["python_requires"] == f">={PYTHONS[0]}"


def test_each_version_is_pinned() -> None:
    pinned = {path.name for path in (ROOT / ".ci" / "pins").glob("core-*.txt")}
    assert pinned == {f"core-{core.version}.txt" for core in CORES}
    for core in CORES:
        text = (ROOT / ".ci" / "pins" / f"core-{core.version}.txt").read_text(encoding="utf-8")
        assert re.search(rf"^ansible-core=={re.escape(core.version)}\.\d+(rc\d+)?$", text, re.MULTILINE)


def test_the_page_has_the_cells_of_the_matrix_and_none_has_failed() -> None:
    page = (ROOT / "docs" / "matrix.md").read_text(encoding="utf-8")
    head, _line, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")
    ]
    names = ["ansible-core", "runs on Python", *CHECKS.values()]
    assert head[: len(names)] == names
    assert [".".join(title.split()[-1].split(".")[:2]) for title in head[len(names) :]] == list(PYTHONS)
    assert [".".join(row[0].split(".")[:2]) for row in rows] == [core.version for core in CORES]
    for core, row in zip(CORES, rows):
        assert len(row) == len(head)
        for cell in row[2:]:
            assert re.fullmatch(r"(\d+ )?passed( \\\*)?|not run.+", cell), cell
        assert [cell.endswith("\\*") for cell in row[len(names) :]] == [not core.supports(python) for python in PYTHONS]
