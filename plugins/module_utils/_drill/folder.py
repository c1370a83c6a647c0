# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of evidence: ``<project>/<addon>/<time>.json`` for each drill, and ``drill.json`` for the last run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from .._api.errors import BackupError
from .._task.whole_file import write_at_once
from . import messages
from .evidence import EVIDENCE_MARK, drill_as_json, loaded_drill
from .summary import drills_as_markdown

RUN_FILES = ("drill.json", "drill.md")
# The mark stands within so many characters of a file's beginning.
_HEAD_SIZE = 200


def evidence_folder(dest: str) -> Path:
    """Return the folder, after looking whether files can be written there. It need not exist.

    :raises BackupError: they cannot be, or a file of one of the names is somebody else's.
    """
    folder = Path(dest).absolute()
    is_there = os.path.lexists(folder)
    place = folder if is_there else folder.parent
    if not place.is_dir():
        raise BackupError(messages.no_evidence_folder(str(folder)))
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise BackupError(messages.evidence_not_writable(str(folder), error.strerror or str(error))) from error
    for name in RUN_FILES:
        path = folder / name
        if os.path.lexists(path) and EVIDENCE_MARK not in (read_text(path) or "")[:_HEAD_SIZE]:
            raise BackupError(messages.not_our_evidence(str(path)))
    return folder


def read_text(path: Path) -> Optional[str]:
    """Return what is in a file; None where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def drills_of(folder: Path, project_id: str, addon_id: str) -> list[dict[str, Any]]:
    """Return the drills of an addon that left evidence, the newest first."""
    paths = sorted((folder / project_id / addon_id).glob("*.json"), reverse=True)
    told = [loaded_drill(read_text(path) or "") for path in paths]
    about = {"project_id": project_id, "addon_id": addon_id}
    return [drill for drill in told if drill is not None and about.items() <= drill.items()]


def write_drill(folder: Path, drill: Mapping[str, Any], time_in_name: str) -> Path:
    """Write the evidence of one drill, and replace none.

    :returns: the JSON file.
    :raises OSError: it cannot be written.
    """
    place = folder / str(drill["project_id"]) / str(drill["addon_id"])
    place.mkdir(parents=True, exist_ok=True)
    path, number = place / f"{time_in_name}.json", 1
    while path.exists():
        number += 1
        path = place / f"{time_in_name}-{number}.json"
    write_at_once(path.with_suffix(".md"), drills_as_markdown([drill]))
    write_at_once(path, drill_as_json(drill))
    return path


def write_run(folder: Path, drills: Sequence[Mapping[str, Any]]) -> list[Path]:
    """Write what all drills of a run have shown.

    :raises OSError: it cannot be written.
    """
    passed = all(one["passed"] for one in drills)
    whole = {"generator": EVIDENCE_MARK, "passed": passed, "drills": list(drills)}
    paths = [folder / name for name in RUN_FILES]
    for path, content in zip(paths, (drill_as_json(whole), drills_as_markdown(drills))):
        write_at_once(path, content)
    return paths
