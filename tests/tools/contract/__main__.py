# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hold the sandbox against its contract from outside. Started by ``make contract``.

The sandbox checks its own answers against the contract, but with code of its own. Here, Schemathesis reads the
contract, draws requests that keep to it and requests that break it, and judges the answers: their status, type and
schema, whether what breaks the contract is refused, and whether a token is asked for. It runs once for each profile,
with the contract as the profile reads it.
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
# Run as a folder, this is no package yet.
sys.path[:0] = [str(ROOT / "tests")]

from sandbox.assumptions import Assumptions  # noqa: E402  # needs the line above
from sandbox.contract import Reading, operations, read_as  # noqa: E402
from sandbox.facade import Sandbox  # noqa: E402
from sandbox.handlers import HANDLERS  # noqa: E402

PLACE = ROOT / ".cache" / "schemathesis"
PROGRAM = PLACE / "venv" / "bin" / "schemathesis"
PROFILES = {"usual": Assumptions(), "spartan": Assumptions.spartan()}
# Without "positive_data_acceptance": what keeps to the schema may still be refused, for the state of the addon, a name
# that is taken, or a plan that does not exist.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "negative_data_rejection,ignored_auth,unsupported_method"
)
BACKUPS = 12


def main() -> int:
    """Return 0 if both profiles keep to their contracts."""
    return max(_judge(name, assumptions) for name, assumptions in PROFILES.items())


def _judge(name: str, assumptions: Assumptions) -> int:
    with Sandbox(assumptions=assumptions, rate_limit=10**9, duration=0.1) as sandbox:
        contract = PLACE / f"{name}.json"
        document = _with_values(read_as(Reading.of(assumptions)), _known(sandbox))
        contract.write_text(json.dumps(document), encoding="utf-8")
        sys.stdout.write(f"The {name} profile:\n")
        sys.stdout.flush()
        return subprocess.run(_command(contract, sandbox), check=False, cwd=PLACE).returncode


def _command(contract: Path, sandbox: Sandbox) -> list[str]:
    return [
        str(PROGRAM),
        "run",
        str(contract),
        f"--url={sandbox.url}",
        f"--header=Authorization: Bearer {sandbox.token}",
        f"--checks={CHECKS}",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=15",
        "--seed=1",
        "--workers=1",
        "--warnings=off",
        "--no-color",
        "--suppress-health-check=all",
        # Of these, the sandbox says itself that it does not have them.
        *(f"--exclude-operation-id={each.id}" for each in operations() if each.id not in HANDLERS),
    ]


def _known(sandbox: Sandbox) -> dict[str, list[str]]:
    """Return IDs that exist, by the name of the path's parameter, as a path that leads nowhere is only ever a 404."""
    addons = sandbox.addon_ids
    backups = [sandbox.add_backup(addon, f"Seed {number}")["id"] for addon in addons[:2] for number in range(BACKUPS)]
    return {"projectId": [sandbox.project_id], "addonId": addons, "backupId": backups}


def _with_values(contract: dict[str, Any], known: dict[str, list[str]]) -> dict[str, Any]:
    contract = copy.deepcopy(contract)
    for name, values in known.items():
        contract["components"]["parameters"][name]["schema"]["enum"] = values
    return contract


if __name__ == "__main__":
    sys.exit(main())
