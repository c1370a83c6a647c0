# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _restore, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_restore/member.py",
        "tests/wire/restore/test_restore_failures.py",
        {
            "sight: a restore may be listed late": (
                "        if self._is_late():\n            raise",
                "        if True:\n            raise",
            ),
            "sight: a restore may have another ID in lists": (
                "        return begun_since(",
                "        return by_id or False and begun_since(",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/plan.py",
        "tests/wire/restore/test_restore_failures.py",
        {
            "sight: what was there before is another": ("if one.id not in before\n        and", "if True\n        and"),
            "sight: an ID of the same form is another's": ("(by_any_id or _form(one.id) != _form(known.id))", "True"),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/abort.py",
        "tests/wire/restore/test_restore_failures.py",
        {
            "sight: an abort sends the backup's source": ("restore.id, *source)", "restore.id)"),
            "abort of a restore: a lost answer may have worked": (
                "        if may_have_acted(error):\n",
                "        if False:\n",
            ),
            "abort of a restore: one that comes too late is no failure": (
                "error.status == 409:\n            return False",
                "False:\n            pass",
            ),
            "abort of a restore: one that comes too late is told": (
                "            if final.status != ABORTED:\n",
                "            if False:\n",
            ),
            "abort of a restore: an unknown state is named": (
                "        if restore.status not in KNOWN_STATES:\n",
                "        if False:\n",
            ),
            "abort of a restore: what is being aborted is not asked for": (
                "if restore.status != ABORTING and _abort",
                "if _abort",
            ),
            "abort of a restore: check mode tells only what would be done": (
                " and restore.status != ABORTING:\n            run.note",
                ":\n            run.note",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/start.py",
        "tests/wire/api/test_shifting_lists.py",
        {
            "pages: the latest to restore is confirmed": (
                "source.confirm_backups(owner, source.list_backups(owner))",
                "source.list_backups(owner)",
            ),
            "pages: no restore under way is confirmed": (
                "    found = run.api.confirm_restores(addon_id, run.api.list_restores(addon_id))",
                "    found = run.api.list_restores(addon_id)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/member.py",
        "tests/wire/api/test_shifting_lists.py",
        {
            "pages: a vanished restore is confirmed": (
                " or self._find(api.confirm_restores(addon_id, seen), known)",
                "",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/plan.py",
        "tests/wire/restore/test_restore.py",
        {
            "restore: a name never chooses": ("if len(good) > 1:", "if False:"),
            "restore: an import is never the latest": ("            and backup.backup_type != IMPORT\n", ""),
            "restore: what is not complete is refused": ("    if backup.status != COMPLETED:\n", "    if False:\n"),
            "restore: an import is refused": ("    if backup.backup_type == IMPORT:\n", "    if False:\n"),
            "restore: another restore under way is an error": ("if restore.backup_id != backup.id or", "if False or"),
            "restore: the same restore is joined": ("    if under_way:\n", "    if False:\n"),
            "restore: an unknown state is named": (
                "        if restore.status not in KNOWN_STATES:\n",
                "        if False:\n",
            ),
            "restore: only the newest restore is a reason to skip": ("and last.backup_id == backup.id", ""),
            "restore: only since the given time": ("if _started(last)[0] >= max(moment", "if True or max(moment"),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/plan.py",
        "tests/wire/backup/test_safety_snapshots.py",
        {
            "safety snapshots: never the latest": (
                "(asks_for_safety(target.name_prefix) or not backup.is_safety)",
                "True",
            ),
            "safety snapshots: the latest by its prefix": ("asks_for_safety(target.name_prefix) or", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/engine.py",
        "tests/wire/backup/test_safety_snapshots.py",
        {
            "safety snapshots: what is replaced is told": ("if target.latest and", "if False and"),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/engine.py",
        "tests/wire/restore/test_restore.py",
        {
            "restore: check mode does nothing": ("        if options.check_mode:\n", "        if False:\n"),
            "restore: a bad end fails": ("    if final.status != COMPLETED:\n", "    if False:\n"),
            "restore: an addon that is not running is refused": (
                "    if run.addon.status != RUNNING and run",
                "    if False and run",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/start.py",
        "tests/wire/restore/test_restore.py",
        {
            "restore: an exchanged backup is not put back": (
                "if not chosen_backup(run.api, by_id).is_same_as(backup):",
                "if False:",
            ),
            "restore: what another run has started meanwhile is joined": (
                "if good and restore.id not in run.before and restore.backup_id == backup.id:",
                "if False:",
            ),
            "restore: a restore that was there before is not taken for it": (
                "good and restore.id not in run.before",
                "good",
            ),
            "restore: a refusal may mean that it was started": (
                "if refused.status == 409 else None",
                "if False else None",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/recovery.py",
        "tests/wire/restore/test_restore.py",
        {
            "restore: a lost answer is looked for": (
                "        if found is not None:\n            return Sent(found, was_found=True)\n",
                "",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/start.py",
        "tests/wire/../soak/test_soak.py::test_what_was_found_stays_mended",
        {
            "found: a restore is checked before it is repeated": ("*source, check)", "*source)"),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/member.py",
        "tests/wire/restore/test_restore.py",
        {
            "restore: those of other runs are waited for": ("        if not others:\n", "        if True:\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/plan.py",
        "tests/wire/restore/test_from_destination.py",
        {
            "stored: only a backup of the ID that is meant": ("if one.id == target.backup_id]", "]"),
            "stored: one that is another's is not taken": (
                "one.project_id in (None, wanted[0]) and one.addon_id in (None, wanted[1])",
                "True",
            ),
            "stored: between several, nothing is guessed": (
                "len(told) > 1 or (not told and open_ones and len(same_id) > 1)",
                "len(told) > 1",
            ),
            "stored: a backup of another type is refused": (
                "if of is not None and addon_type is not None and of != addon_type:",
                "if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/engine.py",
        "tests/wire/restore/test_from_destination.py",
        {
            "stored: one whose owner is not told is told": (
                "target.source_destination_id is not None and not backup.extra",
                "False",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/start.py",
        "tests/wire/restore/test_from_destination.py",
        {
            "stored: it is looked up where it is stored": ("if target.source_destination_id is not None:", "if False:"),
            "source: a restore of the addon's own backup is another's": (" and one.id not in known)", " and False)"),
            "source: one that appears after a lost answer is looked at": (" and one.id not in doubtful)", ")"),
            "source: nothing is sent again in doubt": ("        if doubtful:\n", "        if False:\n"),
            "source: what is not told is not guessed": (
                "        raise BackupError(messages.restores_not_told(addon_id, backup, source)) from error",
                "        others = frozenset()",
            ),
            "stored: without a destination, the way there is told": (
                "messages.no_such_backup if target.source_addon_id is None else messages.no_such_source",
                "messages.no_such_backup",
            ),
        },
    ),
]
