# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site: the reference from the plugins, the guides as they are, one navigation. No network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import terminal
import yaml

import linkcheck

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".cache" / "docs"
SOURCE, SITE = PLACE / "source", PLACE / "site"
BIN = Path(sys.executable).parent
COLLECTION = "northflank.cloud"
REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
KINDS = {"modules": "module", "inventory": "inventory", "filter": "filter", "lookup": "lookup"}
# In the order in which somebody needs them. Pages of docs/ that are not here come after these.
GUIDES = [
    "docs/getting-started",
    "docs/recipes",
    "docs/report",
    "docs/prove-your-backups",
    "docs/rehearse-a-migration",
    "docs/schedules",
    "docs/deploy-with-a-safety-net",
    "docs/in-ci",
    "docs/in-awx",
    "docs/fleets",
    "docs/have-your-dumps",
    "docs/project-deleted",
    "docs/what-we-promise",
    "docs/performance",
    "docs/troubleshooting",
    "docs/migrating",
    "docs/public-interface",
    "docs/upgrading",
    "docs/try-it-on-the-real-api",
    "CHANGELOG",
]
PROJECT = ["CONTRIBUTING", "docs/architecture", "SECURITY", "CODE_OF_CONDUCT", "tests/sandbox/README"]
ROLES = "roles/*/README.md"
# The reference in the order of somebody's days with it.
JOBS = {
    "Reference: back up": [
        "addon_backup_module",
        "addon_backup_info_module",
        "addon_backup_freshness_info_module",
        "addon_backup_report_module",
        "backup_destination_info_module",
        "backup_report_role",
        "addon_info_module",
        "addons_inventory",
    ],
    "Reference: restore": [
        "addon_backup_restore_module",
        "addon_fork_module",
        "restore_drill_role",
        "restore_drill_info_module",
        "restore_drill_evidence_module",
        "addon_credentials_info_module",
    ],
    "Reference: deploy": [
        "pre_deploy_snapshot_role",
        "pre_deploy_set_info_module",
        "pre_deploy_set_prune_module",
        "pre_deploy_options_module",
    ],
    "Reference: every night": [
        "addon_backup_schedule_module",
        "addon_backup_schedule_info_module",
        "addon_backup_prune_module",
    ],
    "Reference: dumps as files": ["addon_backup_download_module", "addon_backup_mirror_module"],
}
# What the pages link to beside one another.
FILES = [
    "LICENSE",
    "docs/performance.svg",
    "docs/performance-late.svg",
    "docs/performance-polls.svg",
    "docs/architecture.svg",
    "tests/sandbox/contract.yaml",
    ".github/workflows/release.yml",
]


def documented() -> list[str]:
    """Return the names of the pages that the reference must have."""
    plugins = [
        f"{path.stem}_{kind}"
        for folder, kind in KINDS.items()
        for path in sorted((ROOT / "plugins" / folder).glob("*.py"))
        if not path.stem.startswith("_")
    ]
    roles = sorted(path.parents[1].name for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
    return plugins + [f"{name}_role" for name in roles]


def make_reference(target: Path) -> None:
    """Pages of all plugins and roles. The tool takes a collection that it does not find for one without plugins."""
    home = ROOT / ".cache" / "home"
    home.mkdir(parents=True, exist_ok=True)
    target.mkdir(mode=0o755, parents=True)
    run(
        "antsibull-docs",
        "collection",
        "--use-current",
        "--squash-hierarchy",
        "--fail-on-error",
        "--no-add-antsibull-docs-version",
        "--dest-dir",
        str(target),
        COLLECTION,
        HOME=str(home),
        ANSIBLE_HOME=str(home / ".ansible"),
        ANSIBLE_COLLECTIONS_PATH=sysconfig.get_path("purelib"),
    )
    lost = [name for name in documented() if not (target / f"{name}.rst").exists()]
    if lost or not documented():
        sys.exit(f"The reference lacks pages: {', '.join(lost) or 'all of them'}")


def lay_out() -> None:
    """Copy what belongs to the site, each page to where its links expect it. The README is the start page."""
    pages = [ROOT / f"{page}.md" for page in [*GUIDES, *PROJECT]]
    pages += [*(ROOT / "docs").glob("*.md"), *ROOT.glob(ROLES)]
    for path in {*pages, *(ROOT / file for file in FILES)}:
        target = SOURCE / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if path.parent.name == "docs":
            text = text.replace("](../README.md", "](../index.md")
        target.write_text(text, encoding="utf-8")
    # Its links are whole addresses, as it is shown elsewhere, too.
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace(f"]({REPOSITORY}/blob/main/", "](")
    # Who has ten seconds sees what it does, and then how to install it.
    head, rest = readme.split("## Install\n", 1)
    screen = f"```{{raw}} html\n{terminal.as_html()}```\n\n"
    (SOURCE / "index.md").write_text(f"{head}{screen}## Install\n{rest}\n{navigation()}", encoding="utf-8")


def navigation() -> str:
    """Return the site's navigation, for the start page."""
    more = sorted({f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")} - {*GUIDES, *PROJECT})
    guides = ["Changelog <CHANGELOG>" if page == "CHANGELOG" else page for page in GUIDES]
    return "\n".join(
        [
            *toctree("Guides", [*guides, *more]),
            *(line for job, pages in by_job().items() for line in toctree(job, entries(pages))),
            *toctree("Project", PROJECT),
        ]
    )


def by_job() -> dict[str, list[str]]:
    """Return the pages of the reference by what somebody wants to do. A new page is under the last one."""
    known = {page for pages in JOBS.values() for page in pages}
    more = [page for page in documented() if page not in known]
    return {**JOBS, **({"Reference: more": more} if more else {})}


def entries(pages: list[str]) -> list[str]:
    """Pages of the reference for the navigation. A role's own README comes behind the role."""
    more = [page.removesuffix("_role") for page in pages if page.endswith("_role")]
    return [*map(reference_entry, pages), *(f"What the role promises <roles/{role}/README>" for role in more)]


def reference_entry(page: str) -> str:
    """Return a page of the reference with a short title: most are modules, so those are named without their kind."""
    name, kind = page.rsplit("_", 1)
    return f"{name if kind == 'module' else f'{name} ({kind})'} <reference/{page}>"


def toctree(caption: str, entries: list[str]) -> list[str]:
    return ["```{toctree}", ":hidden:", f":caption: {caption}", "", *entries, "```", ""]


def run(*command: str, **environment: str) -> None:
    """Run a program; its failure is this one's."""
    # The tools call one another by name.
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, **environment}
    ended = subprocess.run(command, env=environment, check=False)  # noqa: S603  # our own words
    if ended.returncode != 0:
        sys.exit(ended.returncode)


def main() -> None:
    """Build, then check what was built."""
    shutil.rmtree(PLACE, ignore_errors=True)
    make_reference(SOURCE / "reference")
    lay_out()
    here, trees = str(Path(__file__).parent), str(PLACE / "trees")
    run("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", "-c", here, "-d", trees, str(SOURCE), str(SITE))
    shutil.copy(ROOT / "docs" / "site" / "llms.txt", SITE)
    faults = linkcheck.faults(SITE)
    if faults:
        sys.exit("\n".join(faults))
    sys.stdout.write(f"The site: {(SITE / 'index.html').as_uri()}\n")


if __name__ == "__main__":
    main()
