# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers: imports go down only, and each outside thing is known in one place."""

from __future__ import annotations

import ast
import re
import zlib
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
OURS = "ansible_collections.northflank.cloud.plugins.module_utils"

# From the bottom to the top; a file may import what stands before it. Read from the table that people read.
LAYERS = [
    name
    for row in (PLUGINS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
    if row.startswith("| `_")
    for name in re.findall(r"`(_\w+)\.py`", row.split("|")[1])
][::-1]
FILES = sorted((PLUGINS / "module_utils").glob("*.py"))


def imports(path: Path) -> set[str]:
    """Names of everything that a file imports; for our own utils, the bare file name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module == OURS):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.removeprefix(OURS + "."))
    return found


def test_every_file_has_its_place_in_the_layers() -> None:
    assert sorted(LAYERS) == [path.stem for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imports_go_down_only(path: Path) -> None:
    below = set(LAYERS[: LAYERS.index(path.stem)])
    assert imports(path) & set(LAYERS) <= below


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_outside_thing_is_known_in_one_place(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    # Two files, as what is right for the API is wrong for the storage: no token, but redirects and long bodies. Both
    # stand on the same connections.
    assert ("requests" in roots) == (path.stem in {"_wire", "_transport", "_store"})
    assert ("zstandard" in roots) == (path.stem == "_frames")
    assert ("ansible" in roots) == (path.stem == "_module")


def test_url_paths_stand_in_one_file() -> None:
    assert [path.stem for path in FILES if "/v1" in path.read_text(encoding="utf-8")] == ["_api"]


@pytest.mark.parametrize("module", sorted((PLUGINS / "modules").glob("*.py")), ids=lambda path: path.stem)
def test_what_a_task_sends_to_its_host_is_small(module: Path) -> None:
    """Each task packs the module and all it imports, compressed."""
    needed, todo = {module}, [module]
    while todo:
        found = {PLUGINS / "module_utils" / f"{name}.py" for name in imports(todo.pop()) & set(LAYERS)}
        todo += found - needed
        needed |= found
    assert sum(len(zlib.compress(path.read_bytes())) for path in needed) < 95_000
