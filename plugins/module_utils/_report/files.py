# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a report on this machine: whether they may be written, and how each is replaced at once."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Mapping

from .._api.errors import BackupError
from .._task.whole_file import write_at_once
from . import messages
from .facts import MARK

NAMES = ("report.html", "report.json", "report.md", "report.prom")
# The mark stands within so many bytes of a file's beginning.
_HEAD = 200


def report_folder(dest: str) -> Path:
    """Return the folder of a report, after looking whether its files can be written there. It need not exist.

    :raises BackupError: they cannot be, or a file of one of their names is somebody else's.
    """
    folder = Path(dest).absolute()
    is_there = os.path.lexists(folder)
    if not (folder if is_there else folder.parent).is_dir():
        raise BackupError(messages.no_report_folder(str(folder)))
    try:
        # Whether a file can be made is known only after trying: rights, quotas and read-only disks differ.
        with tempfile.TemporaryFile(dir=folder if is_there else folder.parent):
            pass
    except OSError as error:
        raise BackupError(messages.folder_not_writable(str(folder), error.strerror or str(error))) from error
    _require_ours(folder)
    return folder.resolve()


def write_report(folder: Path, contents: Mapping[str, str]) -> None:
    """Write the files, each at once: whoever reads one meets the old or the new one, and no half of it.

    :param contents: by name of the file.
    :raises BackupError: one cannot be written.
    """
    # While the projects were read, somebody may have put a file there.
    _require_ours(folder)
    try:
        folder.mkdir(exist_ok=True)
        for name, content in contents.items():
            write_at_once(folder / name, content)
    except OSError as error:
        raise BackupError(messages.report_not_written(str(folder), error.strerror or str(error))) from error


def _require_ours(folder: Path) -> None:
    for name in NAMES:
        path = folder / name
        if os.path.lexists(path) and not _is_ours(path):
            raise BackupError(messages.not_our_report(str(path)))


def _is_ours(path: Path) -> bool:
    """Whether a report has written a file. A link may lead anywhere, so it is not one of ours."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        with path.open("rb") as file:
            return MARK.encode() in file.read(_HEAD)
    except OSError:
        return False
