# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation, taken at its word: its files are written and its commands run, in its order, verbatim."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from pathlib import Path

import pages
import pytest
import yaml

import harness
from sandbox import Sandbox, SystemClock

ROOT = Path(__file__).resolve().parents[2]
README, ROLE, GUIDE = "README.md", "roles/pre_deploy_snapshot/README.md", "docs/deploy-with-a-safety-net.md"
PROMISES, FLEETS = "docs/what-we-promise.md", "docs/fleets.md"
DOCUMENTS = [README, ROLE, GUIDE, PROMISES, FLEETS]
BLOCK = re.compile(
    r"(?:^ *<!-- file: (?P<file>\S+) -->\n)?(?P<text>^ *```(?P<language>\w+)\n.*?^ *```$)", re.DOTALL | re.MULTILINE
)
MAKE_ONLY = re.compile(r"(make \w+\n)+")


class Block:
    """A piece of a document in a frame of its own."""

    def __init__(self, match: re.Match[str]) -> None:
        self.file, self.language = match["file"], match["language"]
        self.text = textwrap.dedent(match["text"]).split("\n", 1)[1].rsplit("```", 1)[0]


def blocks(document: str) -> list[Block]:
    return [Block(match) for match in BLOCK.finditer((ROOT / document).read_text(encoding="utf-8"))]


def test_all_pages_are_tested() -> None:
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("**/*.md")} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_is_of_a_kind_that_is_tested(document: str) -> None:
    kinds = {(block.language, bool(block.file)) for block in blocks(document)}
    assert kinds <= {("sh", False), ("yaml", True), ("ini", True), ("json", True)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_something(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert (ROOT / document).parent.joinpath(target).exists(), target


def test_the_tables_of_the_promises_are_what_the_tests_say() -> None:
    text = (ROOT / PROMISES).read_text(encoding="utf-8")
    assert pages.written(text) == text, "python tests/pages.py writes them anew"


def test_the_promises_name_tests_that_exist() -> None:
    text = (ROOT / PROMISES).read_text(encoding="utf-8")
    there = {path.stem for path in (ROOT / "tests").glob("**/test_*.py")}
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named
    assert named <= there


def test_the_two_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    texts = [block.text for block in blocks(README) if MAKE_ONLY.fullmatch(block.text)]
    commands = [line for text in texts for line in text.splitlines()]
    assert commands == ["make demo", "make test"]
    for command in commands:
        assert re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE)


def script(document: str, folder: Path) -> str:
    """All commands of a document as one session; its files are written into the folder where they run."""
    parts = ["set -euo pipefail"]
    for block in blocks(document):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif not MAKE_ONLY.fullmatch(block.text):
            # What builds from the checkout runs in it; everything else runs where the user is.
            here = ROOT if "make build" in block.text else folder
            parts.append(f'cd "{here}"\n{block.text}')
    return "\n".join(parts)


def follow(commands: str, sandbox: Sandbox, folder: Path, **variables: str) -> str:
    """Run commands as a newcomer would. Returns all that is shown."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    ended = subprocess.run(
        ["bash", "-c", commands],
        input=sandbox.token + "\n",
        env=harness.clean_environment(HOME=str(home), NORTHFLANK_API_URL=sandbox.url, **variables),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output
    assert sandbox.token not in output
    return output


def test_a_newcomer_who_follows_the_readme_gets_what_it_promises(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow(script(README, tmp_path), sandbox, tmp_path)
        assert [write.body for write in sandbox.writes] == [
            {"name": "Before build-117", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "By hand", "backupType": "snapshot"},
            {**sandbox.writes[-1].body, "backupType": "dump", "compressionType": "zstd"},
        ]


def test_who_follows_the_role_s_readme_gets_what_it_promises(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow(script(ROLE, tmp_path), sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        names = [backup["name"].rsplit("-", 2)[0] for backup in sandbox.backups("postgres-main")]
        assert names == ["pre-deploy-build-117", "pre-rollback", "pre-deploy-build-118"]
        assert len(sandbox.restores("postgres-main")) == 1


def test_who_follows_the_guide_gets_what_it_promises(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow(script(GUIDE, tmp_path), sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert [len(sandbox.restores(addon_id)) for addon_id in ("postgres-main", "mysql-orders")] == [1, 1]


def test_the_guide_s_ci_jobs_and_its_playbook_for_awx_do_what_they_should(tmp_path: Path) -> None:
    """Without the steps that install from the internet."""
    script(GUIDE, tmp_path)
    steps = {
        name: [
            step["run"]
            for job in yaml.safe_load((tmp_path / name).read_text(encoding="utf-8"))["jobs"].values()
            for step in job["steps"]
            if "ansible-playbook" in step.get("run", "")
        ]
        for name in ("workflow.yml", "rollback-workflow.yml")
    }
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        environment = {"NORTHFLANK_API_TOKEN": sandbox.token, "GITHUB_SHA": "1e10", "RELEASE": "1e10"}
        follow("\n".join(steps["workflow.yml"]), sandbox, tmp_path, **environment)
        follow("\n".join(steps["rollback-workflow.yml"]), sandbox, tmp_path, **environment)
        assert len(sandbox.restores("postgres-main")) == 1
        again = "ansible-playbook rollback.yml -e project_id=default-project -e release=1e10"
        assert "Left as they are" in follow(again, sandbox, tmp_path, **environment)


def test_who_backs_up_a_fleet_gets_what_is_promised(tmp_path: Path) -> None:
    """Every database once a run, on one machine, by project, and with ansible-runner; and no token is left behind."""
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        contexts = [{"name": "work", "host": sandbox.url, "token": sandbox.token}]
        file = tmp_path / "home" / ".northflank" / "config.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"contexts": contexts, "current": "work"}), encoding="utf-8")
        file.chmod(0o600)
        follow(script(FLEETS, tmp_path), sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        fleet = [("default-project", one) for one in ("postgres-main", "mysql-orders", "mongo-events")]
        for project_id, addon_id in [*fleet, ("staging-project", "postgres-staging")]:
            names = [backup["name"] for backup in sandbox.backups(addon_id, project_id)]
            assert [re.sub(r"^Nightly [0-9-]{10}", "", name) for name in names] == ["", "-sets", "-first", "-second"]
        assert sandbox.backups("redis-cache") == sandbox.backups("postgres-paused") == []
    leaks = [path for path in tmp_path.rglob("*") if path.is_file() and sandbox.token.encode() in path.read_bytes()]
    assert leaks == [file]
    assert (tmp_path / "context" / "Containerfile").exists() or (tmp_path / "context" / "Dockerfile").exists()
