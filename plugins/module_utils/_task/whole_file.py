# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that is there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_at_once(path: Path, content: str) -> None:
    """Write a file, so that whoever reads it meets the old or the new one, and no half of it.

    :raises OSError: it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # Readable for others, as the umask allows: a monitor or a web server runs as another user.
        with partial.open("x", encoding="utf-8", errors="replace") as file:
            file.write(content)
        partial.replace(path)
    finally:
        if partial.exists():
            partial.unlink()
