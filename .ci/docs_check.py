# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the documentation of every plugin as a user would; any word of ansible-doc on stderr is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ANSIBLE_DOC = str(Path(sys.executable).parent / "ansible-doc")
# A copy that is installed in the user's home would come first.
ENVIRONMENT = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib")}
KINDS = {"modules": "module", "inventory": "inventory", "filter": "filter", "lookup": "lookup"}


def plugins() -> list[tuple[str, str]]:
    """Kind and full name of each documented plugin."""
    return [
        (kind, f"northflank.cloud.{path.stem}")
        for folder, kind in KINDS.items()
        for path in sorted((ROOT / "plugins" / folder).glob("*.py"))
        if not path.stem.startswith("_")
    ]


def main() -> int:
    """0 if each page can be read, and there is at least one."""
    bad = 0
    found = plugins()
    for kind, name in found:
        command = [ANSIBLE_DOC, "-t", kind, name]
        ended = subprocess.run(  # noqa: S603  # names of our own files
            command, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        ok = ended.returncode == 0 and not ended.stderr.strip() and "EXAMPLES" in ended.stdout
        sys.stdout.write(f"{name} ({kind}): {'ok' if ok else 'BAD'}\n")
        if not ok:
            bad += 1
            sys.stdout.write(ended.stderr)
    return 1 if bad or not found else 0


if __name__ == "__main__":
    sys.exit(main())
