# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the matrix runs in: interpreters that are here, and virtual environments with pinned packages."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / ".cache" / "matrix"
PINS = ROOT / ".ci" / "pins"
TELL = "import platform, sys; print(platform.python_version(), getattr(sys, '_base_executable', sys.executable))"


@dataclass(frozen=True)
class Python:
    """An interpreter; ``version`` is the full one."""

    version: str
    program: Path


@cache
def interpreter(version: str) -> Python | None:
    """A Python of a version such as 3.9: by name, or from where pyenv keeps them.

    Each is run before it is believed, as version managers put stand-ins on the path.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for candidate in [f"python{version}", *map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python")))]:
        try:
            told = subprocess.run([candidate, "-c", TELL], capture_output=True, text=True, check=True).stdout.split()
        except (OSError, subprocess.CalledProcessError):
            continue
        if told[0].startswith(f"{version}."):
            return Python(told[0], Path(told[1]))
    return None


def environment(name: str, python: Path, *pins: str) -> Path:
    """The programs of a virtual environment with what these files pin; made anew where one of them has changed."""
    place = CACHE / name
    files = [PINS / pin for pin in pins]
    stamp = "\n".join([str(python), *(file.read_text(encoding="utf-8") for file in files)])
    complete = place / ".complete"
    if not complete.exists() or complete.read_text(encoding="utf-8") != stamp:
        shutil.rmtree(place, ignore_errors=True)
        run([python, "-m", "venv", place])
        wanted = [word for file in files for word in ("-r", file)]
        run([ROOT / ".venv" / "bin" / "uv", "pip", "install", "--quiet", "--python", place / "bin" / "python", *wanted])
        complete.write_text(stamp, encoding="utf-8")
    return place / "bin"


def link_checkout(programs: Path) -> None:
    """Let the Ansible of an environment find the collection in this checkout."""
    (packages,) = programs.parent.glob("lib/python3.*/site-packages")
    link = packages / "ansible_collections" / "northflank" / "cloud"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT)


def install_collection(programs: Path, place: Path) -> Path:
    """Install the collection as users do, into an empty folder."""
    shutil.rmtree(place, ignore_errors=True)
    home = CACHE / "home"
    variables = {"HOME": str(home), "ANSIBLE_HOME": str(home / ".ansible"), "LC_ALL": "C.UTF-8"}
    run([programs / "ansible-galaxy", "collection", "install", "--offline", "-p", place, tarball()], **variables)
    return place


def tarball() -> Path:
    """The collection, as it was built last."""
    (file,) = (CACHE / "dist").glob("*.tar.gz")
    return file


def build(without: str) -> str:
    """Build the collection's tarball; returns a digest of all the files in it but one."""
    run([ROOT / ".ci" / "build", CACHE / "dist"])
    with tarfile.open(tarball()) as archive:
        listing = archive.extractfile("FILES.json")
        files = json.load(listing)["files"] if listing else []
    sums = sorted((file["name"], file["chksum_sha256"] or "") for file in files if file["name"] != without)
    return hashlib.sha256(json.dumps(sums).encode()).hexdigest()


def run(command: list[str | Path], **variables: str) -> None:
    """Run a program that has to succeed; what it says is shown only if it does not."""
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", **variables}
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{ended.stdout}{ended.stderr}")
