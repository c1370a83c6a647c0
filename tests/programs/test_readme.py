# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation, taken at its word: its files are written and its commands run, in its order, verbatim."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pages
import pytest
import yaml
from jinja2 import Environment

import harness
from sandbox import Sandbox, SystemClock

ROOT = Path(__file__).resolve().parents[2]
README, ROLE, GUIDE = "README.md", "roles/pre_deploy_snapshot/README.md", "docs/deploy-with-a-safety-net.md"
START, CI, AWX = "docs/getting-started.md", "docs/in-ci.md", "docs/in-awx.md"
PROMISES, TROUBLES, MIGRATING = "docs/what-we-promise.md", "docs/troubleshooting.md", "docs/migrating.md"
SANDBOX, DUMPS, FLEETS = "tests/sandbox/README.md", "docs/have-your-dumps.md", "docs/fleets.md"
LIVE, SCHEDULES, RECIPES = "docs/try-it-on-the-real-api.md", "docs/schedules.md", "docs/recipes.md"
REPORT, REPORT_ROLE = "docs/report.md", "roles/backup_report/README.md"
DRILL, REHEARSAL, DRILL_ROLE = (
    "docs/prove-your-backups.md",
    "docs/rehearse-a-migration.md",
    "roles/restore_drill/README.md",
)
INTERFACE, UPGRADING = "docs/public-interface.md", "docs/upgrading.md"
ABOUT = ["docs/matrix.md", "docs/versioning.md", "docs/performance.md", "SECURITY.md", "CODE_OF_CONDUCT.md"]
ABOUT += ["docs/checklist.md"]
DELETED = "docs/project-deleted.md"
DOCUMENTS = [README, ROLE, START, GUIDE, CI, AWX, PROMISES, TROUBLES, MIGRATING, DUMPS, FLEETS, SANDBOX, LIVE]
DOCUMENTS += [DRILL, REHEARSAL, DRILL_ROLE, SCHEDULES, RECIPES, REPORT, REPORT_ROLE, INTERFACE, UPGRADING, *ABOUT]
DOCUMENTS += [DELETED]
# These have commands for people who work on the collection, which are not run here. Their links are looked at.
FOR_CONTRIBUTORS = ["CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"]
BLOCK = re.compile(
    r"(?:^ *<!-- file: (?P<file>\S+) -->\n)?(?P<text>^ *```(?P<language>\w+)\n.*?^ *```$)", re.DOTALL | re.MULTILINE
)
MAKE_ONLY = re.compile(r"(make \w+\n)+")
# Commands of Northflank's own client need Node.js: test_official_clients.py runs them.
CLIENT_ONLY = re.compile(r"(northflank (.*\\\n)*.*\n)+")
REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
# Where Galaxy shows the README, only a whole address leads anywhere.
WHOLE = rf"{re.escape(REPOSITORY)}/blob/main/"
LINK = re.compile(rf"\]\((?P<whole>{WHOLE})?(?!https://)(?P<file>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")


class Block:
    """A piece of a document in a frame of its own."""

    def __init__(self, match: re.Match[str]) -> None:
        self.file, self.language = match["file"], match["language"]
        self.text = textwrap.dedent(match["text"]).split("\n", 1)[1].rsplit("```", 1)[0]


def blocks(document: str) -> list[Block]:
    return [Block(match) for match in BLOCK.finditer((ROOT / document).read_text(encoding="utf-8"))]


def test_all_pages_are_tested() -> None:
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("**/*.md")} <= {*DOCUMENTS, *FOR_CONTRIBUTORS}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_is_of_a_kind_that_is_tested(document: str) -> None:
    kinds = {(block.language, bool(block.file)) for block in blocks(document)}
    python = [("python", False)] if document == SANDBOX else []
    assert kinds <= {("sh", False), ("yaml", True), ("text", False), ("ini", True), ("json", True), *python}


def anchors(document: Path) -> set[str]:
    """Of each heading, what code hosts make of it."""
    text = re.sub(r"^ *```.*?^ *```$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", [*DOCUMENTS, *FOR_CONTRIBUTORS])
def test_every_link_leads_to_something(document: str) -> None:
    for link in LINK.finditer((ROOT / document).read_text(encoding="utf-8")):
        folder = ROOT if link["whole"] else (ROOT / document).parent
        target = folder / link["file"] if link["file"] else ROOT / document
        assert target.exists(), link.group()
        assert link["anchor"] is None or link["anchor"] in anchors(target), link.group()


def test_the_readme_s_links_lead_somewhere_from_any_site() -> None:
    links = list(LINK.finditer((ROOT / README).read_text(encoding="utf-8")))
    assert links
    assert [link.group() for link in links if not link["whole"]] == []


@pytest.mark.parametrize("page", pages.TABLES)
def test_the_tables_of_the_pages_are_what_the_tests_say(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert pages.written(page, text) == text, "python tests/support/pages.py writes them anew"


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
        elif block.language == "sh" and not MAKE_ONLY.fullmatch(block.text) and not CLIENT_ONLY.fullmatch(block.text):
            # What takes the checkout runs in it; everything else runs where the user is.
            here = ROOT if re.search(r"make (build|live)", block.text) else folder
            parts.append(f'cd "{here}"\n{block.text}')
    return "\n".join(parts)


def run(commands: str, sandbox: Sandbox, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run commands in a shell that knows the sandbox's address. Its token can be typed, where something asks for it."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        ["bash", "-c", commands],
        input=sandbox.token + "\n",
        env=harness.clean_environment(HOME=str(home), NORTHFLANK_API_URL=sandbox.url, **variables),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def follow(commands: str, sandbox: Sandbox, folder: Path, **variables: str) -> str:
    """Run commands as a newcomer would. Returns all that is shown."""
    ended = run(commands, sandbox, folder, **variables)
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output
    assert sandbox.token not in output
    return output


def follow_all(document: str, sandbox: Sandbox, folder: Path, **variables: str) -> None:
    """Run a document, and look for all that it says will be shown, in its order."""
    look_for_all(document, follow(script(document, folder), sandbox, folder, **variables))


def look_for_all(document: str, output: str) -> None:
    output = " ".join(output.split())
    for block in blocks(document):
        if block.language == "text":
            # Three dots stand for what differs each time.
            parts = [re.escape(" ".join(part.split())) for part in block.text.split("...")]
            found = re.search(".*?".join(parts), output)
            assert found, block.text
            output = output[found.end() :]


def published(folder: Path) -> dict[str, str]:
    """Let git find what belongs to the repository, as it is here, at the repository's public address."""
    subprocess.run([ROOT / ".ci" / "copy", folder], check=True)
    (tree,) = folder.glob("*/*/*")
    for words in ("init -q -b main", "add -A", "-c user.name=x -c user.email=x@example.com commit -q -m x"):
        subprocess.run(["git", *words.split()], cwd=tree, check=True)
    address = {"GIT_CONFIG_KEY_0": f"url.{tree.as_uri()}.insteadOf", "GIT_CONFIG_VALUE_0": f"{REPOSITORY}.git"}
    return {"GIT_CONFIG_COUNT": "1", **address}


@pytest.mark.pages
@pytest.mark.parametrize("way", ["git", "tarball"])
def test_a_newcomer_who_follows_the_readme_gets_what_it_promises(tmp_path: Path, way: str) -> None:
    """From either source, Galaxy's command then finds that there is nothing left to install."""
    git = "ansible-galaxy collection install -r requirements.yml\n"
    (tarball,) = [block.text for block in blocks(README) if "make build" in block.text]
    commands = script(README, tmp_path)
    assert commands.index(git) < commands.index(tarball)
    commands = commands.replace(tarball, "")
    if way == "tarball":
        commands = commands.replace(git, f'cd "{ROOT}"\n{tarball}cd "{tmp_path}"\n')
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        output = follow(commands, sandbox, tmp_path, **published(tmp_path / "published"))
        look_for_all(README, output)
        assert "Nothing to do. All requested collections are already installed." in output
        assert list(tmp_path.glob("home/.ansible/collections/ansible_collections/northflank/cloud/MANIFEST.json"))
        # What has no body is a restore.
        done = [str((write.body or {}).get("name", "restore")) for write in sandbox.writes]
        assert done[:3] == ["By hand", "restore", "Before build-117"]
        role = [name.rsplit("-", 2)[0] if "-" in name else name for name in done[3:]]
        assert role == [*["pre-deploy-build-118"] * 2, *["pre-rollback"] * 2, *["restore"] * 2]


@pytest.mark.pages
def test_who_gets_started_gets_what_is_promised(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(START, sandbox, tmp_path)
        assert len(sandbox.restores("postgres-main")) == 1
        deleted = [write.path for write in sandbox.writes if write.method == "DELETE"]
        assert [path.rpartition("/")[2] for path in deleted] == ["by-hand"]
        assert [backup["name"] for backup in sandbox.backups("mysql-orders")] == ["Before maintenance"]
        assert [write.body for write in sandbox.writes if write.method == "POST" and write.body] == [
            {"name": "By hand", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": "Before maintenance", "backupType": "snapshot"},
            {"name": sandbox.writes[-1].body["name"], "backupType": "dump", "compressionType": "zstd"},
        ]
        assert re.fullmatch(r"nightly-\d{8}", sandbox.writes[-1].body["name"])


@pytest.mark.pages
def test_who_follows_the_page_about_schedules_has_them(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        taken = sandbox.add_backup("postgres-main", by_schedule=True)["id"]
        follow_all(SCHEDULES, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        kinds = [(one["scheduling"]["interval"], one["backupType"]) for one in sandbox.schedules("postgres-main")]
        assert sorted(kinds) == [("daily", "snapshot"), ("weekly", "dump")]
        assert sandbox.schedules("mysql-orders") == []
        assert [write.path for write in sandbox.writes if taken in write.path] != []


@pytest.mark.pages
def test_who_has_lost_a_project_gets_the_data_back(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        sandbox.add_addon("postgres-main", "postgresql", project_id="old-shop")
        sandbox.add_addon("postgres-new", "postgresql")
        sandbox.execute("postgres-main", "DELETE FROM customers WHERE id = 1", project_id="old-shop")
        lost = sandbox.query("postgres-main", "SELECT * FROM customers", project_id="old-shop")
        sandbox.add_backup("postgres-main", "Nightly", project_id="old-shop", custom_destination="offsite-s3")
        sandbox.remove_addon("postgres-main", "old-shop")
        follow_all(DELETED, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert sandbox.query("postgres-new", "SELECT * FROM customers") == lost
        assert len(sandbox.writes) == 1


@pytest.mark.pages
def test_who_upgrades_sees_what_is_there_and_changes_nothing(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(UPGRADING, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert sandbox.writes == []


@pytest.mark.pages
def test_who_cooks_by_the_recipes_gets_what_is_promised(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(RECIPES, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert len(sandbox.backups("postgres-main")) == len(sandbox.restores("postgres-main")) == 1


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address, and what is sent to it."""
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            self.send_response(200)
            self.end_headers()

        do_GET = do_POST = answer  # noqa: N815  # names of the standard library

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", sent
        finally:
            server.shutdown()


@pytest.mark.pages
def test_who_follows_the_page_about_the_report_has_it_and_tells_it(
    tmp_path: Path, listener: tuple[str, list[str]]
) -> None:
    """First where something is stale, then where all is fresh."""
    address, sent = listener
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        sandbox.add_backup("postgres-main", name="Nightly", age=3600)
        hooks = {"PING_URL": f"{address}?ping", "CHAT_URL": f"{address}?chat"}
        follow_all(REPORT, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.read_token, **hooks)
        headline = "1 of 3 databases has a backup younger than 26 hours"
        assert json.loads(sent.pop()) == {"text": f"{headline}. Without: mongo-events, mysql-orders"}
        for addon_id in ("mysql-orders", "mongo-events"):
            sandbox.add_backup(addon_id, name="Nightly", age=60)
        follow("ansible-playbook tell.yml", sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.read_token, **hooks)
        assert sent == [""]
        job = steps(tmp_path / "report-workflow.yml")
        awx = "ansible-playbook awx-report.yml -e project_id=default-project -e dest=report -e fail_if_stale=true"
        for command in (job, awx):
            ended = run(command, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.read_token)
            assert ended.returncode != 0
            assert "Not all is known to be fresh: 3 of 7" in ended.stdout
        assert sandbox.writes == []


@pytest.mark.pages
def test_who_follows_the_readme_of_the_report_s_role_has_it(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(REPORT_ROLE, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.read_token)
        told = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
        assert told["project_ids"] == ["default-project", "staging-project"]


@pytest.mark.pages
@pytest.mark.parametrize("page", [DRILL, REHEARSAL, DRILL_ROLE])
def test_who_follows_the_pages_about_drills_has_evidence_and_no_fork(tmp_path: Path, page: str) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        for addon_id in ("postgres-main", "mysql-orders", "mongo-events"):
            sandbox.add_backup(addon_id, name="Nightly", age=3600, size=1234)
        before = sandbox.addon_ids
        follow_all(page, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        (path,) = tmp_path.glob("*/drill.json")
        assert json.loads(path.read_text(encoding="utf-8"))["passed"]
        assert sandbox.addon_ids == before


def test_the_alert_rules_use_metrics_that_the_report_has(tmp_path: Path) -> None:
    script(REPORT, tmp_path)
    text = (ROOT / REPORT).read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(northflank_\w+)` \|", text, re.MULTILINE))
    source = (ROOT / "plugins" / "module_utils" / "_report" / "metrics.py").read_text(encoding="utf-8")
    names = {f"northflank_backup_{name}" for name in re.findall(r'_Metric\(\s*"(\w+)"', source)}
    names |= {f"northflank_backup_report_{name}" for name in re.findall(r'\("(\w+_seconds)", "', source)}
    assert told == names | {"northflank_project_readable"}
    rules = yaml.safe_load((tmp_path / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    used = {name for rule in rules for name in re.findall(r"northflank_\w+", rule["expr"])}
    assert used <= told


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_promtool_accepts_the_alert_rules(tmp_path: Path) -> None:
    script(REPORT, tmp_path)
    subprocess.run(["promtool", "check", "rules", str(tmp_path / "alerts.yml")], check=True, timeout=60)


@pytest.mark.pages
def test_a_backup_that_fails_keeps_the_risky_command_from_running(tmp_path: Path) -> None:
    (first, *_others) = [block.text for block in blocks(RECIPES) if block.language == "sh"]
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        sandbox.set_addon_status("postgres-main", "paused")
        ended = run(first, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert ended.returncode != 0
        assert "Your command comes here" not in ended.stdout


@pytest.mark.pages
def test_who_follows_the_sandbox_s_readme_drives_it_from_another_terminal(tmp_path: Path) -> None:
    """Its commands, against the program that it tells to start; on a free port, and with backups that take no time."""
    texts = [block.text for block in blocks(SANDBOX) if block.language == "sh"]
    (start,) = [text for text in texts if "tests/sandbox" in text]
    others = [text for text in texts if text != start and not MAKE_ONLY.fullmatch(text)]
    command = [sys.executable, *start.split()[1:], "--port", "0", "--duration", "0", "--json"]
    assert start.startswith(".venv/bin/python tests/sandbox ")
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as program:
        try:
            assert program.stdout is not None
            facts = json.loads(program.stdout.readline())
            exported = {"NORTHFLANK_API_URL": facts["url"], "NORTHFLANK_API_TOKEN": facts["token"]}
            env = harness.clean_environment(HOME=str(tmp_path), **exported)
            session = "\n".join(["set -euo pipefail", *others])
            ended = subprocess.run(
                ["bash", "-c", session], env=env, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
            )
        finally:
            program.terminate()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    log = json.loads(ended.stdout.splitlines()[-1])["data"]
    posts = [(sent["body"]["name"], sent["fault"]) for sent in log["requests"] if sent["method"] == "POST"]
    assert posts == [("By hand", None), ("Not lost", "reset")]
    assert log["contract_violations"] == []


@pytest.mark.pages
def test_the_sandbox_s_example_of_a_test_passes() -> None:
    first, *more = [block.text for block in blocks(SANDBOX) if block.language == "python"]
    names: dict[str, object] = {}
    exec(first, names)  # noqa: S102  # our own text
    # What comes after it goes on with a sandbox of its own.
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        for text in more:
            exec(text, {**names, "sandbox": sandbox})  # noqa: S102


@pytest.mark.pages
def test_who_follows_the_role_s_readme_gets_what_it_promises(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(ROLE, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        names = [backup["name"].rsplit("-", 2)[0] for backup in sandbox.backups("postgres-main")]
        assert names == ["pre-deploy-build-117", "pre-rollback", "pre-deploy-build-118"]
        assert len(sandbox.restores("postgres-main")) == 1


@pytest.mark.pages
def test_who_follows_the_guide_gets_what_it_promises(tmp_path: Path) -> None:
    """One rollback of the deployment that fails, and one of the first by name."""
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(GUIDE, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert [len(sandbox.restores(addon_id)) for addon_id in ("postgres-main", "mysql-orders")] == [2, 2]


@pytest.mark.pages
def test_who_searches_for_a_trouble_can_run_what_stands_there(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(TROUBLES, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert sandbox.writes == []


@pytest.mark.pages
def test_who_follows_the_page_about_dumps_has_them(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        output = follow(script(DUMPS, tmp_path), sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        (held,) = sandbox.backups("postgres-main")
        content = sandbox.file("postgres-main", held["id"])
        assert (tmp_path / "postgres-main.gz").read_bytes() == content
        assert [path.read_bytes() for path in (tmp_path / "dumps").glob("*.gz")] == [content]
        assert "checked by its checksum" in output


@pytest.mark.pages
def test_a_ci_job_that_only_looks_needs_no_right_to_change_anything(tmp_path: Path) -> None:
    script(GUIDE, tmp_path)
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(CI, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.read_token)
        assert sandbox.writes == []


def steps(workflow: Path) -> str:
    """The commands of a workflow that run playbooks. Those that install from the internet are not among them."""
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    if "jobs" in jobs:
        lines = [step.get("run", "") for job in jobs["jobs"].values() for step in job["steps"]]
    else:
        lines = [line for job in jobs.values() for line in job.get("script", ())]
    return "\n".join(line for line in lines if line.startswith("ansible-playbook"))


@pytest.mark.pages
def test_who_tries_it_on_the_real_api_leaves_nothing_behind(tmp_path: Path) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(LIVE, sandbox, tmp_path, OUT=str(tmp_path / "live.json"))
        assert sandbox.backups("postgres-main") == sandbox.schedules("postgres-main") == []
        assert len(sandbox.restores("postgres-main")) == 1
    assert json.loads((tmp_path / "live.json").read_text(encoding="utf-8"))["mode"] == "write"


@pytest.mark.pages
def test_the_ci_jobs_do_what_they_should(tmp_path: Path) -> None:
    for document in (GUIDE, CI):
        script(document, tmp_path)
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        environment = {"NORTHFLANK_API_TOKEN": sandbox.token, "GITHUB_SHA": "1e10", "RELEASE": "1e10"}
        for workflow in ("workflow.yml", "rollback-workflow.yml"):
            follow(steps(tmp_path / workflow), sandbox, tmp_path, **environment)
        assert len(sandbox.restores("postgres-main")) == 1
        # Its two jobs, one after the other.
        environment = {"NORTHFLANK_API_TOKEN": sandbox.token, "CI_COMMIT_SHA": "2e10"}
        follow(steps(tmp_path / ".gitlab-ci.yml"), sandbox, tmp_path, **environment)
        assert len(sandbox.restores("postgres-main")) == 2


@pytest.mark.pages
def test_awx_gives_its_jobs_what_they_need(tmp_path: Path) -> None:
    script(AWX, tmp_path)
    read = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*.yml")}
    (secret,) = read["awx-inputs.yml"]["fields"]
    assert secret["secret"]
    assert read["awx-inputs.yml"]["required"] == [secret["id"]]
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    wanted = [{"name": f"{galaxy['namespace']}.{galaxy['name']}"}]
    assert read["requirements.yml"]["collections"] == wanted
    assert read["execution-environment.yml"]["dependencies"]["galaxy"]["collections"] == wanted
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        given = {secret["id"]: sandbox.token}
        environment = {
            name: Environment(autoescape=False).from_string(text).render(given)  # noqa: S701  # no web page
            for name, text in read["awx-injectors.yml"]["env"].items()
        }
        script(GUIDE, tmp_path)
        follow("ansible-playbook deploy.yml -e release=1e10", sandbox, tmp_path, **environment)
        rollback = "ansible-playbook rollback.yml -e project_id=default-project -e release=1e10"
        assert "Restored from " in follow(rollback, sandbox, tmp_path, **environment)
        assert len(sandbox.restores("postgres-main")) == 1


@pytest.mark.pages
def test_who_migrates_gets_what_is_promised(tmp_path: Path) -> None:
    """The recipe starts a second backup of the same name; the task finds one."""
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        follow_all(MIGRATING, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert [backup["name"] for backup in sandbox.backups("postgres-main")] == ["Before build-117"] * 2


@pytest.mark.pages
@pytest.mark.parametrize(
    ("flags", "shown"), [("--check", "skipping: [localhost]"), ("-vvv", "Bearer {token}"), ("", "429")]
)
def test_the_recipe_forgets_what_the_page_says(tmp_path: Path, flags: str, shown: str) -> None:
    """Check mode, the token in the output, and the request limit."""
    script(MIGRATING, tmp_path)
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        if shown == "429":
            sandbox.set_rate(0)
        command = f"ansible-playbook recipe.yml -e release=x {flags}"
        ended = run(command, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)
        assert shown.format(token=sandbox.token) in ended.stdout
        assert (ended.returncode == 0) == (flags == "-vvv")


@pytest.mark.pages
@pytest.mark.parametrize("flags", ["--check", "-vvv"])
def test_the_task_does_not_forget_it(tmp_path: Path, flags: str) -> None:
    script(MIGRATING, tmp_path)
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        command = f"ansible-playbook backup.yml -e release=x {flags}"
        assert "changed: [localhost]" in follow(command, sandbox, tmp_path, NORTHFLANK_API_TOKEN=sandbox.token)


@pytest.mark.pages
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
