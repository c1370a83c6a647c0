#!/usr/bin/python

# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: addon_backup_download
short_description: Download a dump of a Northflank addon, verified
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Downloads the file of a completed dump to the host where the task runs. Snapshots cannot be downloaded.
  - The file gets its name only after it is complete and verified. So O(dest) is always a whole dump, or what was there
    before. A task that fails leaves nothing behind.
  - If the connection breaks, the download resumes where it stopped, if the storage supports that. If the link expires,
    the task gets a new one.
  - The API gives a link to a storage. The API token is never sent there, and the link never appears in output. The link
    is followed only to C(https) addresses. It is followed into a private network, or to the host itself, only if the
    API is there, too.
notes:
  - "What is verified: the length, and with gzip the checksum of the whole content. With zstd, the content is unpacked
    if the Python that runs the task has C(zstandard) or is 3.14 or newer. Otherwise only the length is verified, and
    the task warns. RV(verified) says which it was. With O(verify=content), the dump's own beginning and end are
    verified as well, and RV(content) says what was found."
  - "What counts as the same: a file at O(dest) is kept if it certainly contains this dump. That is so if its length and
    its last 64 KiB are those of the file in the storage, and it ends with a correct checksum of all its content. gzip
    always has one, zstd often. Otherwise the dump is downloaded. It replaces the file, and the task is changed, only if
    the two differ in at least one byte."
  - Needs free space for the whole dump, even if it replaces a file. The space is checked before the download starts.
  - Needs a few megabytes of memory, whatever the size of the dump.
  - Takes one request for each 100 backups of the addon, and one for each link. Requests to the storage do not count.
  - O(validate_certs), O(ca_path) and the proxies of the environment apply to the storage, too. If the storage sends
    less than 64 KiB in O(api_timeout) seconds, the attempt ends. There are up to O(api_retries) further attempts in a
    row that bring nothing more of the file.
  - With O(mode) or another file option, and with SELinux, the task always runs as a module, even where others run in
    Ansible's own worker process.
  - A task that is killed leaves a partial file next to O(dest), whose name begins with C(.northflank-) and ends with
    C(.part).
extends_documentation_fragment:
  - northflank.cloud.connection
  - northflank.cloud.project
  - northflank.cloud.verify
  - northflank.cloud.attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: partial
    details:
      - Sends only GET requests, and changes nothing. If there is a file at O(dest), its end is compared with that of
        the file in the storage. If that proves nothing, the dump would be downloaded, and the file counts as changed.
  diff_mode:
    support: full
  idempotent:
    support: full
  action_group:
    support: full
    membership:
      - northflank.cloud.all
options:
  addon_id:
    description:
      - The addon's ID.
    type: str
    required: true
  backup_id:
    description:
      - The ID of the dump.
      - Exactly one of this, O(name) and O(latest) is required.
    type: str
  name:
    description:
      - The name of the dump. If several completed dumps have it, the task fails and lists them.
    type: str
  latest:
    description:
      - Take the newest completed dump, by its start. Imports are never taken.
    type: bool
    default: false
  dest:
    description:
      - Where to put the file, on the host where the task runs.
      - If it is a folder, or ends with a slash, the file is put there. Its name then consists of the project, the
        addon, the start of the dump (UTC), and its ID, for example
        C(default-project_postgres-main_20260301T120000Z_nightly.gz). No other dump gets the same name.
      - The folder must exist. A symbolic link is replaced, and its target is not changed.
    type: path
    required: true
  force:
    description:
      - Download the dump even if it is certainly there. The file is replaced only if it differs.
    type: bool
    default: false
  mode:
    description:
      - The permissions of the file, as a string of octal digits such as V('0640'), or as symbols such as V(u=rw,g=r).
      - If not given, only the owner can read and write a new file, whatever the umask is, because it contains a
        database. A file that replaces another one takes its permissions.
    type: raw
  wait_timeout:
    description:
      - How long the whole task may take. 5 GB take 1800 seconds at 2.8 MB a second.
      - Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w), from 1 second to 30 days.
    type: str
    default: "1800"
requirements:
  - zstandard, or Python 3.14, to verify the content of dumps that are compressed with zstd
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.

- name: The newest dump, as a file
  northflank.cloud.addon_backup_download:
    project_id: default-project
    addon_id: postgres-main
    latest: true
    dest: /srv/dumps/postgres-main.gz

- name: The newest dump, verified up to its own end
  northflank.cloud.addon_backup_download:
    project_id: default-project
    addon_id: postgres-main
    latest: true
    dest: /srv/dumps/postgres-main.gz
    verify: content

- name: Take a dump
  northflank.cloud.addon_backup:
    project_id: default-project
    addon_id: postgres-main
    backup_type: dump
    name: Before the move
  register: taken

- name: Download exactly that dump into a folder, for a group to read
  northflank.cloud.addon_backup_download:
    project_id: default-project
    addon_id: postgres-main
    backup_id: "{{ taken.backup.id }}"
    dest: /srv/dumps/
    mode: '0640'
  register: downloaded

- name: Say where it is
  ansible.builtin.debug:
    msg: "{{ downloaded.dest }}, {{ downloaded.size }} bytes, SHA-256 {{ downloaded.checksum }}"
"""

RETURN = r"""
dest:
  description: The file, as an absolute path.
  returned: success
  type: str
  sample: /srv/dumps/postgres-main.gz
checksum:
  description: SHA-256 of the file, in hexadecimal digits. V(null) in check mode, if the dump would be downloaded.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
size:
  description: Size in bytes. V(null) in check mode, if the dump would be downloaded.
  returned: success
  type: int
  sample: 1234567890
verified:
  description:
    - How the file was verified, beside its length. V(checksum) means by a checksum of all its content, V(frame) by
      unpacking all of it, and V(length) by nothing else. V(null) in check mode, if the dump would be downloaded.
  returned: success
  type: str
  sample: checksum
content:
  description:
    - What O(verify=content) found in the dump. V(null) without this, and in check mode, if the dump would be
      downloaded.
  returned: success
  type: dict
  contains:
    checked:
      description:
        - V(complete) means that the dump begins and ends as its format does, V(beginning) that it begins so and the
          format has no end to know it by, and V(nothing) that its format is not known or that it cannot be unpacked.
      type: str
      sample: complete
    format:
      description:
        - V(postgresql-sql), V(postgresql-cluster-sql), V(postgresql-custom), V(mysql-sql) (MariaDB, too),
          V(mongodb-archive) or V(redis-rdb). V(null) if it is none of these.
      type: str
      sample: postgresql-sql
    size:
      description: How many bytes the dump has when it is unpacked. V(null) if it cannot be unpacked.
      type: int
      sample: 5234567890
    size_before:
      description:
        - Size in bytes of the addon's dump before it with the same compression, as the API says. V(null) if there is
          none.
      type: int
      sample: 1233456789
backup:
  description:
    - The dump. It has the keys that RV(northflank.cloud.addon_backup#module:backup) describes from C(id) on, and
      C(addon_id) and C(project_id).
  returned: success
  type: dict
  sample:
    addon_id: postgres-main
    project_id: default-project
    id: nightly
    uid: 3f5c8a52-4b7e-4c2b-9a39-0f6f8f3f8f0e
    name: Nightly
    status: completed
    created_at: "2026-03-01T12:00:00.000Z"
    completed_at: "2026-03-01T12:00:42.000Z"
    backup_type: dump
    purpose: null
    size: 1234567890
    duration: 42.0
    config: {"source": {"type": "sameAddon"}, "size": 1234567890, "compression_type": "gz"}
    last_restore: null
mode:
  description: The permissions of the file, in octal digits.
  returned: when the file is there
  type: str
  sample: "0600"
owner:
  description: The name of the file's owner.
  returned: when the file is there
  type: str
  sample: backup
group:
  description: The name of the file's group.
  returned: when the file is there
  type: str
  sample: backup
uid:
  description: The number of the file's owner.
  returned: when the file is there
  type: int
  sample: 34
gid:
  description: The number of the file's group.
  returned: when the file is there
  type: int
  sample: 34
state:
  description: What RV(dest) is, in the words of C(ansible.builtin.file).
  returned: when the file is there
  type: str
  sample: file
requests:
  description: How many requests this task sent to the API.
  returned: success
  type: int
  sample: 2
rate_limit:
  description:
    - The account's request budget, as the API last reported it, with C(limit), C(remaining) and C(reset) (seconds).
  returned: success
  type: dict
  sample: {"limit": 1000, "remaining": 998, "reset": 3600}
"""

from typing import Any, Mapping, Optional

from ..module_utils._api.errors import InvalidInput
from ..module_utils._download.choice import DumpSelector, choose_dump, dump_before, file_name
from ..module_utils._download.content import CONTENT, verify_spec
from ..module_utils._download.doubts import DownloadedDump, unsure_of
from ..module_utils._download.fetch import DownloadResult, Source, bring_if_missing, download, look
from ..module_utils._download.files import require_replaceable, target
from ..module_utils._download.storage import Store
from ..module_utils._task import validation
from ..module_utils._task.module import run_module
from ..module_utils._task.not_found import explain_not_found
from ..module_utils._task.task import Call, Outcome, Task, project_spec

ARGUMENTS: dict[str, Any] = {
    **project_spec(),
    **verify_spec(),
    "addon_id": {"type": "str", "required": True},
    "backup_id": {"type": "str"},
    "name": {"type": "str"},
    "latest": {"type": "bool", "default": False},
    "dest": {"type": "path", "required": True},
    "force": {"type": "bool", "default": False},
    "wait_timeout": {"type": "str", "default": "1800"},
}


def wanted(params: Mapping[str, Any]) -> DumpSelector:
    """Return which dump is asked for.

    :raises InvalidInput: none, several, or what cannot be one.
    """
    given = [option for option in ("backup_id", "name", "latest") if params[option] not in (None, False)]
    if len(given) != 1:
        found = "all of them" if len(given) == 3 else " and ".join(given) or "none of them"
        raise InvalidInput("backup_id", f"or name or latest is required, and only one of them; given: {found}")
    if params["backup_id"] is not None:
        validation.identifier("backup_id", params["backup_id"])
    if params["name"] is not None:
        validation.backup_name("name", params["name"])
    return DumpSelector(params["backup_id"], params["name"])


def task(call: Call) -> Outcome:
    """Check, choose, then bring it here."""
    params = call.params
    addon_id = validation.identifier("addon_id", params["addon_id"])
    asked = wanted(params)
    validation.share("min_size_share", params["min_size_share"])
    if not params["dest"]:
        raise InvalidInput("dest", "must not be empty")
    api = call.connect()
    with explain_not_found(api, addon_id):
        # The latest, or the only one of a name, is what it is because there is no other.
        found = api.confirm_backups(addon_id, api.list_backups(addon_id))
    backup = choose_dump(api.project_id, addon_id, asked, found)
    path = target(params["dest"], lambda: file_name(api.project_id, addon_id, backup))
    source = Source(
        api,
        Store(call.connection.target),
        addon_id,
        backup,
        call.connection.retries,
        call.hide,
        look_inside=params["verify"] == CONTENT,
    )
    before = dump_before(backup, found)
    return download_outcome(call, source, landed(call, source, path), None if before is None else before.size)


def landed(call: Call, source: Source, path: Any) -> DownloadResult:
    """Do what is to be done, or in check mode look what that would be."""

    def rehearse(partial: str) -> None:
        if not call.params.get("unsafe_writes"):
            require_replaceable(path)
        call.files.adjust(partial)

    if call.check_mode:
        here = look(source, path, call.params["force"])
        if here.changed and not call.params.get("unsafe_writes"):
            require_replaceable(path)
        return here
    do = download if call.params["force"] else bring_if_missing
    return do(source, path, rehearse, call.files.move)


def download_outcome(call: Call, source: Source, here: DownloadResult, size_before: Optional[int]) -> Outcome:
    """Return the result, after the file has got its mode and owner.

    :param size_before: of the dump before it, where that is known.
    """
    is_adjusted = (here.size is not None) and call.files.adjust(str(here.path))
    backup = {"addon_id": source.addon_id, "project_id": source.api.project_id, **source.backup.to_result()}
    file = DownloadedDump(here.path.name, source.addon_id, here.size or 0, here.verified, here.content, size_before)
    return Outcome(
        result={
            "changed": here.changed or is_adjusted,
            "dest": str(here.path),
            "checksum": here.checksum,
            "size": here.size,
            "verified": here.verified,
            "content": None if here.content is None else here.content.to_result(size_before),
            "backup": backup,
        },
        client=source.api.client,
        warnings=tuple(unsure_of([file], call.params["min_size_share"])),
        diff={"before": dict(here.before), "after": here.after},
    )


TASK = Task(ARGUMENTS, task, has_file_arguments=True)


def main() -> None:
    """Entry point."""
    run_module(TASK)


if __name__ == "__main__":
    main()
