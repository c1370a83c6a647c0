#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_report
short_description: Write a report about which Northflank addons have a fresh backup
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Looks at the backups of all addons, as M(northflank.cloud.addon_backup_freshness_info) does, and writes what it
    finds into four files.
  - C(report.html) is a page for people, with what is wrong first and a plot of each addon's backups. It needs no other
    file and no script. C(report.md) is the same as a table in Markdown.
  - C(report.json) is for programs. C(report.prom) is for the textfile collector of Prometheus' node exporter.
  - Each file is replaced at once. A file of one of these names that no report has written is never replaced, and the
    task fails before its first request.
notes:
  - The files tell when they were made, so each run writes them. They hold names, sizes and times, and no secrets.
  - Takes one request for each 100 addons of each project, twice if there are more than 100, one for each 100 backups of
    each addon, and one for the schedules of each addon.
  - The role P(northflank.cloud.backup_report#role) and the playbook C(northflank.cloud.report) run this module.
seealso:
  - module: northflank.cloud.addon_backup_freshness_info
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.attributes
attributes:
  check_mode:
    support: full
    details: Reads everything, and writes nothing.
  diff_mode:
    support: none
    details: The files tell what is, and not what has changed.
  idempotent:
    support: none
    details: Each run writes a new report.
  action_group:
    support: full
    membership:
      - northflank.cloud.all
options:
  project_id:
    description:
      - The projects' IDs, one or several. You find an ID in the URL of the project's page.
    type: list
    elements: str
    required: true
  addon_id:
    description:
      - Only the addons with these IDs. One that does not exist is not fresh. If not given, all addons of the projects.
    type: list
    elements: str
  types:
    description:
      - Only addons of these types, such as V(postgresql), V(mysql), V(mongodb), V(redis), V(minio) or V(rabbitmq).
    type: list
    elements: str
  tags:
    description:
      - Only addons that have at least one of these tags.
    type: list
    elements: str
  exclude:
    description:
      - Addons to leave out.
    type: list
    elements: str
  max_age:
    description:
      - How old the newest backup that counts may be. Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w).
      - With a daily schedule, V(26h) leaves room for the time that a backup takes.
    type: str
    required: true
  backup_type:
    description:
      - Which backups count. With V(any), snapshots and dumps do.
    type: str
    choices: [any, snapshot, dump]
    default: any
  require_schedule:
    description:
      - An addon is fresh only if Northflank also has a schedule that takes such backups at least once in O(max_age).
    type: bool
    default: false
  dest:
    description:
      - The folder for the files, on the host where the task runs. If it does not exist, it is created in a folder that
        does.
    type: path
    required: true
  fail_if_stale:
    description:
      - Fail after the files are written if an addon has no fresh backup, a project could not be read, or no addon was
        looked at.
    type: bool
    default: false
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: Write a report about the backups of all databases
  northflank.cloud.addon_backup_report:
    project_id: [default-project, staging-project]
    types: [postgresql, mysql, mongodb]
    max_age: 26h
    dest: report

- name: Write it for the monitor, and fail if a database has no snapshot of the last day
  northflank.cloud.addon_backup_report:
    project_id: default-project
    backup_type: snapshot
    max_age: 26h
    dest: report
    fail_if_stale: true
"""

RETURN = r"""
folder:
  description: The folder of the report.
  returned: when the backups could be read
  type: str
  sample: /srv/report
files:
  description: The files of the report. In check mode, those that would be written.
  returned: when the backups could be read
  type: list
  elements: str
  sample: [/srv/report/report.html, /srv/report/report.json, /srv/report/report.md, /srv/report/report.prom]
stale:
  description: The IDs of the addons that are not fresh, the worst first.
  returned: when the backups could be read
  type: list
  elements: str
  sample: [postgres-main]
fresh:
  description: Whether there is at least one addon, and all of them are fresh.
  returned: when the backups could be read
  type: bool
  sample: false
headline:
  description: How many are fresh, in one line.
  returned: when the backups could be read
  type: str
  sample: 38 of 40 databases have a backup younger than 26 hours
summary:
  description:
    - As RV(northflank.cloud.addon_backup_freshness_info#module:summary).
  returned: when the backups could be read
  type: dict
  sample: {"addons": 40, "fresh": 38, "stale": 2, "unread": 0, "running": 1}
unread:
  description:
    - By project, why it could not be read. If no project can be read, or none of the addons, the task fails, and the
      files of the last report stay.
  returned: when the backups could be read
  type: dict
  sample: {}
requests:
  description: How many requests this task sent to the API.
  returned: when the backups could be read
  type: int
  sample: 81
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: when the backups could be read
  type: dict
  sample: {"limit": 1000, "remaining": 919, "reset": 3600}
"""

from itertools import starmap
from typing import Any, Optional

from ..module_utils._freshness import messages as freshness_messages
from ..module_utils._freshness.arguments import freshness_arguments, freshness_spec
from ..module_utils._freshness.engine import survey
from ..module_utils._freshness.result import to_result
from ..module_utils._report import messages
from ..module_utils._report.document import as_json
from ..module_utils._report.facts import Report
from ..module_utils._report.files import report_folder, write_report
from ..module_utils._report.markdown import as_markdown
from ..module_utils._report.metrics import as_metrics
from ..module_utils._report.page import as_page
from ..module_utils._task.module import run_module
from ..module_utils._task.task import Call, Outcome, Task

ARGUMENTS: dict[str, Any] = {
    **freshness_arguments(),
    "dest": {"type": "path", "required": True},
    "fail_if_stale": {"type": "bool", "default": False},
}
FORMS = {"report.html": as_page, "report.json": as_json, "report.md": as_markdown, "report.prom": as_metrics}


def task(call: Call) -> Outcome:
    """Check, then read, then write."""
    spec = freshness_spec(call.params)
    folder = report_folder(call.params["dest"])
    api = call._replace(params={**call.params, "project_id": spec.project_ids[0]}).connect()
    found = survey(api, spec, with_schedules=True)
    # A report without a time would be worth nothing. The API's clock judges ages; where it is not told, none is fresh.
    report = Report(spec, found, call.timing.wall() if found.now is None else found.now)
    if not call.check_mode:
        write_report(folder, {name: form(report) for name, form in FORMS.items()})
    result = to_result(spec, found)
    result.pop("addons")
    facts = {"changed": True, "folder": str(folder), "files": [str(folder / name) for name in FORMS], **result}
    nothing = () if found.addons else (freshness_messages.NOTHING_SELECTED,)
    warnings = (*starmap(freshness_messages.project_unread, found.unread.items()), *nothing)
    return Outcome(facts, api.client, failure_of_report(call, report, str(folder)), warnings)


def failure_of_report(call: Call, report: Report, folder: str) -> Optional[str]:
    """Tell what the task fails with, where it was told to and anything is not fresh."""
    if report.survey.fresh or not call.params["fail_if_stale"]:
        return None
    named = [f"{report.label(one)} ({one.verdict.reason})" for one in report.stale]
    return messages.stale(report.headline, named, list(report.survey.unread), folder)


TASK = Task(ARGUMENTS, task)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
