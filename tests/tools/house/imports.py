# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files of the plugins import, read from their text."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
UTILS = PLUGINS / "module_utils"


def place(path: Path) -> str:
    """Return where a file stands: its room and its name."""
    return path.relative_to(PLUGINS).with_suffix("").as_posix()


def imports(path: Path) -> set[str]:
    """Return all that a file imports: a place for what is ours, the name of the package for the rest."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= _imported_from(path, node)
    return found


def room_of(name: str) -> str:
    """Return the room that a place is in; outside of the rooms, the folder."""
    parts = name.split("/")
    return parts[1] if parts[0] == "module_utils" else parts[0]


def edges() -> Counter[tuple[str, str]]:
    """Count how many files of a room import one of another room, by the two rooms."""
    return Counter(
        (room_of(place(path)), room)
        for path in PLUGINS.rglob("*.py")
        for room in {room_of(name) for name in imports(path) if "/" in name}
        if room != room_of(place(path))
    )


def _imported_from(path: Path, node: ast.ImportFrom) -> set[str]:
    module = node.module or ""
    if not node.level:
        assert not module.startswith("ansible_collections"), f"{path}: imports inside the collection are relative"
        return {module.split(".")[0]}
    folder = path.parents[node.level - 1].joinpath(*module.split(".")) if module else path.parents[node.level - 1]
    if folder.is_dir():
        return {place(folder / alias.name) for alias in node.names}
    return {place(folder)}
