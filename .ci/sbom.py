# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the bill of materials of the tarball in a folder: what it is, and what it needs. It holds no code of others.

The same tarball gives the same file, in the form of CycloneDX 1.6.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]


def collection(tarball: Path) -> dict[str, Any]:
    """Describe a tarball that was built from this checkout."""
    info = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    name = f"{info['namespace']}.{info['name']}"
    return {
        "type": "library",
        "bom-ref": f"{name}@{info['version']}",
        "name": name,
        "version": info["version"],
        "description": info["description"],
        "licenses": [{"license": {"id": licence}} for licence in info["license"]],
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(tarball.read_bytes()).hexdigest()}],
        "externalReferences": [
            {"type": "vcs", "url": info["repository"]},
            {"type": "issue-tracker", "url": info["issues"]},
        ],
    }


def needs() -> list[dict[str, Any]]:
    """List the packages that it needs. Which version of each is there, its user decides."""
    core = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    packages = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    return [package(*re.split(r"(?=[<>=!~])", line, maxsplit=1)) for line in (f"ansible-core{core}", *packages)]


def package(name: str, versions: str) -> dict[str, Any]:
    """Describe one package of PyPI."""
    return {
        "type": "library",
        "bom-ref": name,
        "name": name,
        "purl": f"pkg:pypi/{name}",
        "properties": [{"name": "northflank.cloud:versions", "value": versions}],
    }


def bill(tarball: Path) -> dict[str, Any]:
    """Put it together."""
    this, others = collection(tarball), needs()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, this["hashes"][0]["content"]).urn,
        "version": 1,
        "metadata": {"component": this},
        "components": others,
        "dependencies": [{"ref": this["bom-ref"], "dependsOn": [other["bom-ref"] for other in others]}],
    }


if __name__ == "__main__":
    (only,) = Path(sys.argv[1]).glob("*.tar.gz")
    only.with_name("sbom.cdx.json").write_text(json.dumps(bill(only), indent=2) + "\n", encoding="utf-8")
