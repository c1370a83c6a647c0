# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rooms: which may import which, and each outside thing is known in one place."""

from __future__ import annotations

import ast
import graphlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import picture
from house.imports import PLUGINS, UTILS, imports, place

# What each room may import beside itself.
ROOMS = {
    "_api": set(),
    "_task": {"_api"},
    "_backup": {"_task", "_api"},
    "_restore": {"_destination", "_task", "_api"},
    "_schedule": {"_task", "_api"},
    "_download": {"_task", "_api"},
    "_retention": {"_task", "_api"},
    "_freshness": {"_task", "_api"},
    "_report": {"_freshness", "_task", "_api"},
    "_destination": {"_task", "_api"},
    "_fork": {"_task", "_api"},
    "_drill": {"_fork", "_task", "_api"},
    "_pre_deploy": {"_retention", "_task", "_api"},
}
FILES = sorted(UTILS.rglob("*.py"))


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=place)
def test_what_is_imported_of_ours_is_there(path: Path) -> None:
    ours = {name for name in imports(path) if "/" in name}
    assert {name for name in ours if not (PLUGINS / f"{name}.py").exists()} == set()


def test_there_are_thirteen_rooms_and_no_file_outside_of_them() -> None:
    assert {path.name for path in UTILS.iterdir() if path.name != "__pycache__"} == set(ROOMS)
    rows = (PLUGINS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
    told = {cells[0]: set(re.findall(r"_\w+", cells[2])) for cells in map(_cells, rows) if cells[0] in ROOMS}
    assert told == ROOMS


def _cells(row: str) -> list[str]:
    return [cell.strip(" `") for cell in row.strip("|").split("|")]


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    room = path.parent.name
    ours = {Path(name) for name in imports(path) if "/" in name}
    assert {name.parts[0] for name in ours} <= {"module_utils"}
    assert {name.parts[1] for name in ours} <= ROOMS[room] | {room}


def test_no_file_leads_back_to_itself() -> None:
    graphlib.TopologicalSorter({place(path): imports(path) for path in FILES}).prepare()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_each_outside_thing_is_known_in_one_place(path: Path) -> None:
    names, here = imports(path), place(path).removeprefix("module_utils/")
    # Three files, because what is right for the API is wrong for the storage: no token, but redirects and long bodies.
    # Both use the same connections.
    assert ("requests" in names) == (here in {"_api/wire", "_api/transport", "_download/storage"})
    assert ("zstandard" in names) == (here == "_download/integrity")
    assert ("ansible" in names) == (here == "_task/module")


def test_url_paths_stand_in_one_file() -> None:
    assert [place(path) for path in FILES if "/v1" in path.read_text(encoding="utf-8")] == [
        "module_utils/_api/endpoints"
    ]


@pytest.mark.parametrize("module", sorted((PLUGINS / "modules").glob("*.py")), ids=lambda path: path.stem)
def test_what_a_task_sends_to_its_host_is_small(module: Path) -> None:
    """Each task packs the module and all it imports, compressed."""
    needed, todo = {module}, [module]
    while todo:
        found = {PLUGINS / f"{name}.py" for name in imports(todo.pop()) if "/" in name}
        todo += found - needed
        needed |= found
    assert sum(len(zlib.compress(path.read_bytes())) for path in needed) < 95_000


# What Ansible wants under the same name in each file, and what all modules have in common by our own rule.
EVERYWHERE = {"DOCUMENTATION", "EXAMPLES", "RETURN", "ARGUMENTS", "TASK", "task", "main", "ActionModule"}
EVERYWHERE |= {"ModuleDocFragment"}


def defined(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_one_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted(PLUGINS.rglob("*.py")):
        for name in defined(path):
            if not name.startswith("_") and name not in EVERYWHERE:
                places.setdefault(name, []).append(place(path))
    assert len(places) > 500
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


PAGE = PLUGINS.parent / "docs" / "architecture.md"


def test_the_picture_of_the_rooms_is_the_one_that_the_imports_draw() -> None:
    assert picture.PICTURE.read_text(encoding="utf-8") == picture.draw(), "run make house"


def test_an_arrow_that_others_replace_is_left_out() -> None:
    assert picture.direct({("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")}) == {("a", "b"), ("b", "c"), ("d", "c")}


def test_the_page_about_the_architecture_names_files_that_exist() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = re.findall(r"`((?:_[a-z_]+|plugin_utils|plugins/[a-z]+|tests/[a-z/]+|docs)/\w+\.(?:py|md))`", text)
    folders = [PLUGINS.parent, PLUGINS, UTILS]
    assert len(named) > 20
    assert [name for name in named if not any((folder / name).exists() for folder in folders)] == []


def test_the_page_about_the_architecture_has_all_rooms() -> None:
    rows = PAGE.read_text(encoding="utf-8").splitlines()
    assert [cells[0] for cells in map(_cells, rows) if cells[0].startswith("_") and len(cells) == 2] == list(ROOMS)
