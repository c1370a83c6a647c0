# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What addon_backup takes, finds or acts upon.

    It stands here because a module's own text is sent to the host with each task, and this is not.
    """

    DOCUMENTATION = r"""
options:
  addon_id:
    description:
      - The addon's ID, or several IDs without repetition. You find the ID in the URL of the addon's page. It is not the
        addon's name.
      - Waits for addons in a transitional state, such as V(scaling) or V(restore).
    type: list
    elements: str
    required: true
  name:
    description:
      - The backup's name. It has 3 to 39 characters, namely letters without accents, digits, and single hyphens,
        spaces, slashes or colons between them. Dots are not allowed, so C(v2.4) is refused and C(v2-4) is fine.
      - A complete backup of this name and O(backup_type) is reused, and one that is still running is joined.
      - With the other values of O(state), it selects the backup. If several have the name, the task fails and lists
        them, unless O(all_matches) selects all of them.
      - If not given, the module makes a name from the date, such as C(ansible-20260301T120000Z-1a2b3c4d).
    type: str
  backup_id:
    description:
      - The ID of the backup to delete, abort or retain, with O(state=absent), O(state=aborted) or O(state=retained).
        Allows only one addon.
      - Give either this or O(name).
    type: str
  max_age:
    description:
      - Reuse or join a backup of O(backup_type) that is no older than this. Seconds, or a number followed by V(s),
        V(m), V(h), V(d) or V(w), such as V(90), V(1.5h) or V(2d).
      - The age counts from the start of the backup, by the API's clock.
      - With O(name), both conditions must be met. Imported backups are never reused by age.
      - A backup is not reused or joined by age if a restore into the addon began after it, because it does not contain
        the addon's present data. This check takes one more request if there is a backup that is recent enough.
      - The safety snapshot of a rollback (RV(backup.purpose=safety)) is reused by age only if O(name) asks for it.
    type: str
  backup_type:
    description:
      - V(snapshot) is a copy of the addon's disk. V(dump) is written by the database's own tools and can be downloaded.
        Not every type of addon supports dumps.
    type: str
    choices: [snapshot, dump]
    default: snapshot
  compression_type:
    description:
      - How to compress a dump. If not given, the API uses V(gz).
      - Only with O(backup_type=dump).
    type: str
    choices: [gz, zstd]
  additional_destinations:
    description:
      - Further places to store a snapshot.
      - Only with O(backup_type=snapshot).
    type: list
    elements: dict
    suboptions:
      destination_id:
        description:
          - The ID of one of the account's backup destinations. It has 3 to 100 characters, namely letters, digits, and
            single hyphens between them.
        type: str
        required: true
      retention_time:
        description:
          - Days to keep the copy there, at least 1. Some versions of the API's reference allow at most 120, and the API
            may refuse more.
        type: int
      type:
        description:
          - The kind of destination.
        type: str
        choices: [custom]
        default: custom
  custom_destination_id:
    description:
      - The ID of one of the account's backup destinations, to store a dump there instead of at Northflank. For its
        form, see O(additional_destinations[].destination_id).
      - Only with O(backup_type=dump).
    type: str
  state:
    description:
      - V(present) makes sure that a usable backup exists.
      - V(absent) deletes a backup permanently. If it is still running, the task aborts it first and waits for that. If
        there is no such backup, nothing changes.
      - V(aborted) stops a running backup. If there is none, or if it has already ended, nothing changes.
      - V(retained) keeps a backup that a schedule made, so that it is not deleted after its retention time. It is
        always reported as changed, because the API does not show it.
    type: str
    choices: [present, absent, aborted, retained]
    default: present
  all_matches:
    description:
      - With O(state=absent), delete all backups that have this O(name).
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the backup is complete. If you do not wait, the backup can still fail, so do not continue
        with a deployment.
      - If the backup is still scheduled after a few seconds, the task checks the addon, which takes one more request.
        If the addon is paused, failed or being deleted, the task fails, and aborts the backup if it started it. With
        O(wait=false), it checks right after it has started the backup.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the whole task may take, including retries and waiting. It also applies with O(wait=false).
      - Seconds, or a number followed by V(s), V(m), V(h), V(d) or V(w), from 1 second to 30 days.
    type: str
    default: "1800"
  on_timeout:
    description:
      - What to do when O(wait_timeout) has passed. The task fails in any case.
      - V(fail) leaves the backup running, so that a later run can join it.
      - V(abort) stops the backup if this task started it, which may take 30 seconds more. A backup that the task only
        joined keeps running.
    type: str
    choices: [fail, abort]
    default: fail
"""
