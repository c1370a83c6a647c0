# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release brings along proves what SECURITY.md says it does, with the commands that stand there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"
COMMANDS = dict(
    re.findall(
        r"\*\*(Who|What)[^*]+\*\*.+?```sh\n(.+?)```", (ROOT / "SECURITY.md").read_text(encoding="utf-8"), re.DOTALL
    )
)
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed here")


class Maintainer:
    """Somebody with a key, in a checkout with a tarball."""

    def __init__(self, folder: Path, home: Path, tarball: Path) -> None:
        self.environment = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(home),
            "GNUPGHOME": str(home / "gnupg"),
            # Without the link to the checkout in .venv, which counts as installed.
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        }
        (home / "gnupg").mkdir(mode=0o700)
        subprocess.run([ROOT / ".ci" / "copy", folder], check=True)
        self.checkout = folder / "ansible_collections" / "northflank" / "cloud"
        self.dist = self.checkout / "dist"
        self.dist.mkdir()
        self.tarball = Path(shutil.copy(tarball, self.dist))
        self.run("gpg --batch --quiet --passphrase '' --quick-generate-key maintainer@example.com ed25519 sign")
        keys = self.run("gpg --with-colons --list-secret-keys").stdout
        self.fingerprint = re.findall(r"^\w+:{9}(\w{40}):", keys, re.MULTILINE)[0]
        self.environment["FINGERPRINT"] = self.fingerprint

    def run(self, command: str, *, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder with the tarball, as a shell does."""
        words = ["bash", "-ec", command]
        environment = {**self.environment, **more}
        return subprocess.run(words, cwd=self.dist, env=environment, check=check, capture_output=True, text=True)

    def show_fingerprint(self) -> None:
        """Write it as gpg shows it, in groups of four."""
        with (self.checkout / "SECURITY.md").open("a", encoding="utf-8") as page:
            page.write("\n" + " ".join(re.findall("....", self.fingerprint)) + "\n")


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tarball")
    subprocess.run([ROOT / ".ci" / "build", folder], check=True, capture_output=True)
    (file,) = folder.glob("*.tar.gz")
    return file


@pytest.fixture
def maintainer(tmp_path: Path, tarball: Path) -> Iterator[Maintainer]:
    # The socket of gpg's agent is in its home, and the path of a socket is short.
    with tempfile.TemporaryDirectory() as home:
        this = Maintainer(tmp_path, Path(home), tarball)
        yield this
        this.run("gpgconf --kill all")


def test_what_is_signed_is_verified_and_what_was_changed_is_not(maintainer: Maintainer) -> None:
    maintainer.show_fingerprint()
    maintainer.run("../.ci/sign")
    maintainer.run(COMMANDS["Who"])
    maintainer.run(f"ansible-galaxy collection install --offline --no-deps {maintainer.tarball.name}")
    assert "Successfully verified" in maintainer.run(COMMANDS["What"]).stdout

    installed = Path(maintainer.environment["HOME"], ".ansible/collections/ansible_collections/northflank/cloud")
    for name in ("README.md", "MANIFEST.json"):
        before = (installed / name).read_bytes()
        (installed / name).write_bytes(before + b"\n")
        assert maintainer.run(COMMANDS["What"], check=False).returncode != 0
        (installed / name).write_bytes(before)
    maintainer.tarball.write_bytes(maintainer.tarball.read_bytes() + b"changed")
    assert maintainer.run(COMMANDS["Who"], check=False).returncode != 0


def test_the_key_may_come_from_the_environment(maintainer: Maintainer) -> None:
    """As in the workflow, whose machine has no keys."""
    maintainer.show_fingerprint()
    key = maintainer.run("gpg --armor --export-secret-keys").stdout
    with tempfile.TemporaryDirectory() as empty:
        said = maintainer.run("../.ci/sign", SIGNING_KEY=key, GNUPGHOME=empty)
        assert "PRIVATE" not in said.stdout + said.stderr
        assert list(Path(empty).iterdir()) == []
    maintainer.run(COMMANDS["Who"])


def test_a_key_that_nobody_can_compare_signs_nothing(maintainer: Maintainer) -> None:
    ended = maintainer.run("../.ci/sign", check=False)
    assert ended.returncode == 1
    assert maintainer.fingerprint in ended.stderr
    assert list(maintainer.dist.glob("*.asc")) == []


def test_the_bill_of_materials_is_that_of_the_tarball(maintainer: Maintainer) -> None:
    maintainer.run(f"python {maintainer.checkout}/.ci/sbom.py .")
    text = (maintainer.dist / "sbom.cdx.json").read_text(encoding="utf-8")
    bill = json.loads(text)
    this = bill["metadata"]["component"]
    assert this["version"] == GALAXY["version"]
    assert this["hashes"] == [
        {"alg": "SHA-256", "content": hashlib.sha256(maintainer.tarball.read_bytes()).hexdigest()}
    ]
    needed = {other["name"]: other["properties"][0]["value"] for other in bill["components"]}
    requests = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").strip().removeprefix("requests")
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert needed == {"ansible-core": runtime["requires_ansible"], "requests": requests}
    maintainer.run(f"python {maintainer.checkout}/.ci/sbom.py .")
    assert (maintainer.dist / "sbom.cdx.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("tag", ["v9.9.9", GALAXY["version"], "main"])
def test_a_tag_of_another_version_is_refused(tag: str) -> None:
    ended = subprocess.run([ROOT / ".ci" / "tagged", tag], check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert tag in ended.stderr


def test_a_tag_needs_its_changelog(tmp_path: Path) -> None:
    subprocess.run([ROOT / ".ci" / "copy", tmp_path], check=True)
    checkout = tmp_path / "ansible_collections" / "northflank" / "cloud"
    command = [str(checkout / ".ci" / "tagged"), f"v{GALAXY['version']}"]
    changelog = checkout / "changelogs" / "changelog.yaml"
    changelog.write_text("releases:\n  0.0.1:\n    changes: {}\n", encoding="utf-8")
    assert "make release" in subprocess.run(command, check=False, capture_output=True, text=True).stderr
    changelog.write_text(f"releases:\n  {GALAXY['version']}:\n    changes: {{}}\n", encoding="utf-8")
    subprocess.run(command, check=True)
