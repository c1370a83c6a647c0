# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _backup, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_backup/plan.py",
        "tests/unit/backup/test_backup_plan.py",
        {
            "table: neither name nor age is always new": (
                "return BackupPlan(CREATED)\n    if wanted.max_age",
                "pass\n    if wanted.max_age",
            ),
            "table: a completed one is reused": ("return BackupPlan(REUSED, chosen", "return BackupPlan(CREATED, None"),
            "table: an active one is joined": ("return BackupPlan(JOINED, chosen", "return BackupPlan(CREATED, None"),
            "table: failed ones do not count": (
                "if backup.status == COMPLETED)",
                'if backup.status in (COMPLETED, "failed"))',
            ),
            "table: aborted ones do not count": (
                "if backup.status == COMPLETED)",
                'if backup.status in (COMPLETED, "aborted"))',
            ),
            "table: aborting ones are not joined": (
                "if backup.status in ACTIVE_STATES)",
                'if backup.status in ACTIVE_STATES | {"aborting"})',
            ),
            "table: completed before active": (
                "chosen = newest(backup for backup in candidates if backup.status == COMPLETED)",
                "chosen = None",
            ),
            "table: another name does not serve": ("backup.name != wanted.name:", "False:"),
            "table: age is judged": ("return backup.age(now) <= wanted.max_age", "return True"),
            "table: exactly as old as allowed serves": (
                "backup.age(now) <= wanted.max_age",
                "backup.age(now) < wanted.max_age",
            ),
            "table: only the asked type serves by age": (
                "if backup.backup_type != wanted.backup_type or now is None",
                "if now is None",
            ),
            "table: only the asked type serves by name": ("return not _other_type(wanted, backup)", "return True"),
            "table: another type under the name is refused": ("    if other is not None:\n", "    if False:\n"),
            "table: a dead one of another type is no conflict": ("if backup.usable and _other_type", "if _other_type"),
            "table: an unknown state is refused": ("if backup.status not in KNOWN_STATES:", "if False:"),
            "table: without a clock no age is judged": ("    if now is None:", "if False:"),
            "table: a type that is not told is warned about": ("if chosen.backup_type is None:", "if False:"),
            "table: only dead records are replaced": (
                "return holders if all(backup.status in FAILED_STATES for backup in holders) else []",
                "return holders",
            ),
            "table: duplicates are usable": ("if backup.usable and (chosen", "if (chosen"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/engine.py",
        "tests/wire/backup/test_decisions.py",
        {
            "engine: check mode does nothing": ("    if options.check_mode:\n", "    if False:\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/present.py",
        "tests/wire/backup/test_decisions.py tests/wire/backup/test_waiting.py tests/wire/backup/test_exactly_one.py",
        {
            "engine: check mode tells what would be done": ("    if run.options.check_mode:\n", "    if False:\n"),
            "engine: a new one is started": (
                "    if run.plan is not None and run.plan.action == CREATED:\n",
                "    if False:\n",
            ),
            "engine: the task waits": ("    if run.options.wait:\n", "    if False:\n"),
            "engine: a bad end fails": ("        if backup.status != COMPLETED:\n", "        if False:\n"),
            "engine: a dead record is replaced": ("    if not records:\n", "    if True:\n"),
            "engine: nothing is deleted while the addon is not ready": ("if status != RUNNING:", "if False:"),
            "engine: a deletion is a change": ("changed=run.result.changed or is_ours", "changed=run.result.changed"),
            "engine: replaced is told": ("_start(run, request, REPLACED)", "_start(run, request, CREATED)"),
            "engine: whoever was faster is joined": (
                "if run.plan is not None and run.plan.action != CREATED:",
                "if False:",
            ),
            "engine: a twin of one's own name is removed": (
                "reason = None if wanted.name is not None else _remove(run, twin)",
                'reason = "no"',
            ),
            "engine: a twin of the user's name is kept": (
                "reason = None if wanted.name is not None else _remove(run, twin)",
                "reason = _remove(run, twin)",
            ),
            "engine: facts of the request are filled in": (
                "config={**asked, **backup.config}",
                "config=dict(backup.config)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/member.py",
        "tests/wire/backup/test_decisions.py tests/wire/backup/test_waiting.py tests/wire/backup/test_exactly_one.py",
        {
            "engine: what was joined is not aborted": (
                "if run.started is None or not run.options.abort_on_timeout:",
                "if not run.options.abort_on_timeout:",
            ),
            "engine: on_timeout=abort aborts": (
                "if run.started is None or not run.options.abort_on_timeout:",
                "if True:",
            ),
            "engine: an unknown start may be a change": (
                "        run.note(changed=True)\n        return str(error)",
                "        return str(error)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/start.py",
        "tests/wire/backup/test_exactly_one.py",
        {
            "exactly one: what was there before is not adopted": ("        and backup not in before\n", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_api/recovery.py",
        "tests/wire/backup/test_exactly_one.py",
        {
            "exactly one: a lost answer is looked for": (
                "        if found is not None:\n            return Sent(found, was_found=True)\n",
                "",
            ),
            "exactly one: it is sent again when it is not there": (
                "        return Sent(send(), asked_twice=True)",
                "        raise lost",
            ),
            "exactly one: a repeated request is followed by a look for twins": (
                "Sent(send(), asked_twice=True)",
                "Sent(send())",
            ),
            "exactly one: a second 409 is followed by a look": (
                "        if error.status != 409:\n            raise\n        again = error",
                "        raise",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/wait.py",
        "tests/wire/backup/test_waiting.py",
        {
            "waiting: a vanished backup ends it": (
                "        if error.status == 404:\n            raise",
                "        if error.status == 404:\n            return known\n        if False:\n            raise",
            ),
            "waiting: an exchanged backup ends it": ("if not now.is_same_as(known):", "if False:"),
            "waiting: the new state is taken": (
                "now = _same_backup(api, addon_id, known, repeat=False).informed_by(known)",
                "now = known.informed_by(_same_backup(api, addon_id, known, repeat=False))",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/wait.py",
        "tests/wire/backup/test_not_running.py",
        {
            "not running: a scheduled backup's addon is looked at": (
                "        if can_begin is not None:",
                "        if False:",
            ),
            "not running: a blocked addon ends the wait": ("if status in BLOCKED_STATES:", "if False:"),
            "not running: one look is enough": (
                "self._is_known = status in (RUNNING, BACKUP_RUNS)",
                "self._is_known = False",
            ),
            "not running: a state that passes is looked at again": (
                "self._is_known = status in (RUNNING, BACKUP_RUNS)",
                "self._is_known = True",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/present.py",
        "tests/wire/backup/test_not_running.py",
        {
            "not running: without waiting too": ("        CanBegin(run.api, addon_id).check(backup)", "        pass"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/member.py",
        "tests/wire/backup/test_not_running.py",
        {
            "not running: another run's backup is left alone": (
                "    if run.started is None:\n        return",
                "    if False:\n        return",
            ),
            "not running: what was not aborted is not called so": (
                "    if final.status in FINAL_STATES:\n",
                "    if True:\n",
            ),
            "not running: the abort has a time of its own": (
                "Deadline(run.api.client.deadline.timing, ABORT_SECONDS)",
                "run.api.client.deadline",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/present.py",
        "tests/wire/api/test_shifting_lists.py",
        {
            "pages: a start is confirmed": ("if step.action == CREATED and seen.may_have_gaps:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/existing.py",
        "tests/wire/api/test_shifting_lists.py",
        {
            "pages: a name's holders are confirmed": (
                "named(run.api.confirm_backups(wanted.addon_id, seen), wanted.name)",
                "named(seen, wanted.name)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/arguments.py",
        "tests/wire/task/test_refusals.py",
        {
            "argument: compression is for dumps": ('        ("compression_type", DUMP),\n', ""),
            "argument: a custom destination is for dumps": ('        ("custom_destination_id", DUMP),\n', ""),
            "argument: additional destinations are for snapshots": (
                '        ("additional_destinations", SNAPSHOT),\n',
                "",
            ),
            "argument: the name is checked": (
                'name=None if name is None else validation.backup_name("name", name)',
                "name=name",
            ),
            "argument: the custom destination is checked": (
                'validation.destination_id(\n            "custom_destination_id", params["custom_destination_id"]\n        )',
                'params["custom_destination_id"]',
            ),
            "argument: budget_share is checked": (
                'validation.share("budget_share", params["budget_share"])',
                'params["budget_share"]',
            ),
            "argument: name or backup_id": (
                '    if (params["name"] is None) == (params["backup_id"] is None):\n',
                "    if False:\n",
            ),
            "argument: backup_id is for one addon": (
                "    if backup_id is not None and addons > 1:\n",
                "    if False:\n",
            ),
            "argument: backup_id is not for present": ("    elif backup_id is not None:\n", "    elif False:\n"),
            "argument: all_matches is for absent": ('    if params["all_matches"] and (', "    if False and ("),
            "argument: options that start are for present": (
                "        if params[option] is not None:\n",
                "        if False:\n",
            ),
            "argument: on_timeout is for present": ('    if params["on_timeout"] == "abort":\n', "    if False:\n"),
            "argument: concurrency is bounded": (
                'validation.whole_number("concurrency", params["concurrency"], 1, 64, "requests at once")',
                'params["concurrency"]',
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/preflight.py",
        "tests/wire/backup/test_sets.py",
        {
            "set: a missing addon is a problem": (
                "        if addon is None:\n",
                "        if addon is None:\n            continue\n        if False:\n",
            ),
            "set: a paused addon is a problem": ("elif addon.status != RUNNING:", "elif False:"),
            "set: types without dumps are a problem": ("dumps.get(addon.type) is False", "False"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/engine.py",
        "tests/wire/backup/test_sets.py",
        {
            "set: a passing state is waited for": ("    if not passing or", "    if True or"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/members.py",
        "tests/wire/backup/test_sets.py",
        {
            "set: a fault of one is not the others'": (
                "    except Exception as error:",
                "    except MemoryError as error:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/present.py",
        "tests/wire/backup/test_sets.py",
        {
            "set: a busy single addon is waited for": (
                "        if status not in TRANSITIONAL_STATES:\n            break",
                "        if True:\n            break",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/existing.py",
        "tests/wire/backup/test_states.py",
        {
            "state: an abort that comes too late changes nothing": ("run.note(**before)", "pass"),
            "state: what another one deletes is not claimed": ("        if is_ours:\n", "        if True:\n"),
            "state: a name that several share is refused": ("if len(targets) > 1 and not", "if False and not"),
            "state: all_matches is for absent": (
                '(state == "absent" and wanted.all_matches)',
                "wanted.all_matches or True",
            ),
            "state: what is final is not aborted": ("or backup.status not in FINAL_STATES]", "or True]"),
            "state: what is under way is aborted before it is deleted": (
                "        if target.status not in FINAL_STATES:\n",
                "        if False:\n",
            ),
            "state: an addon that is missing is no absent backup": (
                "    run.api.get_addon(run.result.addon_id)\n",
                "",
            ),
            "state: what is not there cannot be retained": ("    if not run.targets:\n", "    if False:\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/plan.py",
        "tests/wire/backup/test_safety_snapshots.py",
        {
            "safety snapshots: neither joined nor reused by age": ("if backup.is_safety and", "if False and"),
            "safety snapshots: by its name, it is meant": (
                "backup.is_safety and wanted.name is None",
                "backup.is_safety",
            ),
            "safety snapshots: young is not enough": (
                "max_age is not None and replaced_since",
                "max_age is None and replaced_since",
            ),
            "safety snapshots: a name needs no restores": ("wanted.max_age is not None and step.backup", "step.backup"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/present.py",
        "tests/wire/backup/test_safety_snapshots.py",
        {
            "safety snapshots: restores are asked for": ("if not needs_restores(wanted, step):", "if True:"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/wait.py",
        "tests/wire/../soak/test_soak.py::test_what_was_found_stays_mended",
        {
            "found: a lost abort may have worked": ("        if may_have_acted(error):\n", "        if False:\n"),
            "found: an abort is checked": (
                "api.abort_backup(addon_id, backup.id, check)",
                "api.abort_backup(addon_id, backup.id)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/existing.py",
        "tests/wire/../soak/test_soak.py::test_what_was_found_stays_mended",
        {
            "found: a second target is checked": (
                "        if number and not still_there(",
                "        if False and not still_there(",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/plan.py",
        "tests/unit/task/test_ages.py tests/wire/task/test_clocks.py",
        {
            "clocks: max_age asks": ("        _require_clock(wanted, found, now)\n", "        pass\n"),
        },
    ),
]
