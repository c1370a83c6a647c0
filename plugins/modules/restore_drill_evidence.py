#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_drill_evidence
short_description: Write down what a restore drill has shown
version_added: 0.10.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Writes what is known of a drill into files, as the last step of the role P(northflank.cloud.restore_drill#role). It
    sends no request.
  - C(<project>/<addon>/<time>.json) and C(.md) in O(dest) hold one drill, and are never replaced. C(drill.json) and
    C(drill.md) in O(dest) hold all drills of the last run.
  - Whatever looks like a secret is masked, and each word of O(connection) with at least 8 characters.
notes:
  - The task needs C(no_log=true) if O(connection) is given.
seealso:
  - module: northflank.cloud.restore_drill_info
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.attributes
attributes:
  check_mode:
    support: full
    details: Decides whether the drill has passed, and writes nothing.
  diff_mode:
    support: none
    details: The files tell what is, and not what has changed.
  idempotent:
    support: none
    details: Each run writes new files.
  action_group:
    support: full
    membership:
      - northflank.cloud.all
options:
  addon_id:
    description:
      - The ID of the addon whose backup was restored.
    type: str
    required: true
  dest:
    description:
      - The folder for the files, on the host where the task runs. If it does not exist, it is created in a folder that
        does.
    type: path
    required: true
  rehearsal:
    description:
      - Whether a migration was run on the fork.
    type: bool
    default: false
  fork:
    description:
      - What M(northflank.cloud.addon_fork) returned when it made the fork.
    type: dict
    required: true
  credentials:
    description:
      - What M(northflank.cloud.addon_credentials_info) returned. Give C(failed), C(msg) and C(requests) only.
    type: dict
    default: {}
  deleted:
    description:
      - What M(northflank.cloud.addon_fork) returned when it deleted the fork.
    type: dict
    default: {}
  checks:
    description:
      - The checks that ran, each with C(name), C(passed), C(task) and C(detail). C(task) is the task that failed.
    type: list
    elements: dict
    default: []
  expected:
    description:
      - The names of all checks. Those that are not in O(checks) did not run.
    type: list
    elements: str
    default: []
  measured:
    description:
      - Numbers and words that the next drill of this addon can compare with.
    type: dict
    default: {}
  connection:
    description:
      - How the checks connected to the fork. It is used to mask, and not kept.
    type: dict
    default: {}
  earlier:
    description:
      - The files of this run's other drills, as RV(file) named them.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Note that the backup could be restored
  northflank.cloud.restore_drill_evidence:
    project_id: default-project
    addon_id: postgres-main
    dest: drills
    fork: "{{ made }}"
    deleted: "{{ gone }}"
    checks:
      - {name: orders, passed: true}
"""

RETURN = r"""
passed:
  description: Whether the backup was restored, all checks ran and passed, and the fork is gone.
  returned: success
  type: bool
  sample: true
reasons:
  description: Why the drill has not passed. Empty if it has.
  returned: success
  type: list
  elements: str
  sample: ["Checks failed: orders."]
file:
  description: The JSON file of this drill. V(null) in check mode.
  returned: success
  type: str
  sample: /srv/drills/default-project/postgres-main/20260301T020400Z.json
files:
  description: The files of the run.
  returned: success
  type: list
  elements: str
  sample: [/srv/drills/drill.json, /srv/drills/drill.md]
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 3
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 997, "reset": 3600}
"""

import time
from pathlib import Path
from typing import Any

from ..module_utils._api.errors import BackupError
from ..module_utils._drill import messages
from ..module_utils._drill.evidence import DrillFacts, evidence_of, loaded_drill, secrets_of, without_secrets
from ..module_utils._drill.folder import RUN_FILES, evidence_folder, read_text, write_drill, write_run
from ..module_utils._task import validation
from ..module_utils._task.messages import moment
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    "addon_id": {"type": "str", "required": True},
    "dest": {"type": "path", "required": True},
    "rehearsal": {"type": "bool", "default": False},
    "fork": {"type": "dict", "required": True},
    "credentials": {"type": "dict", "default": {}},
    "deleted": {"type": "dict", "default": {}},
    "checks": {"type": "list", "elements": "dict", "default": []},
    "expected": {"type": "list", "elements": "str", "default": []},
    "measured": {"type": "dict", "default": {}},
    "connection": {"type": "dict", "default": {}},
    "earlier": {"type": "list", "elements": "path", "default": []},
}


def task(call: Call) -> Outcome:
    """Decide, then write."""
    params = call.params
    validation.identifier("addon_id", params["addon_id"])
    api, folder, now = call.connect(), evidence_folder(params["dest"]), call.timing.wall()
    ran = {str(one.get("name")) for one in params["checks"]}
    same = ("addon_id", "rehearsal", "fork", "credentials", "deleted", "checks", "measured")
    not_run = [name for name in params["expected"] if name not in ran]
    facts = DrillFacts(project_id=api.project_id, not_run=not_run, **{name: params[name] for name in same})
    drill = without_secrets(evidence_of(facts, moment(now)), secrets_of(params["connection"]))
    file, files = None, [str(folder / name) for name in RUN_FILES]
    if not call.check_mode:
        others = [loaded_drill(read_text(Path(path)) or "") for path in params["earlier"]]
        try:
            path = write_drill(folder, drill, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now)))
            write_run(folder, [*(one for one in others if one is not None), drill])
        except OSError as error:
            raise BackupError(messages.evidence_not_written(str(folder), error.strerror or str(error))) from error
        file = str(path)
    result = {"passed": drill["passed"], "reasons": drill["reasons"], "file": file, "files": files}
    return Outcome({"changed": True, **result}, api.client)


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
