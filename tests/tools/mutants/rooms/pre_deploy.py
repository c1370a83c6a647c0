# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _pre_deploy, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_pre_deploy/listing.py",
        "tests/wire/pre_deploy/test_pre_deploy_sets.py",
        {
            "listing: the newest set comes first": ("reverse=True)", "reverse=False)"),
            "listing: what is incomplete is shown so": ('if one["complete"] else', "if True else"),
            "listing: a size that is not known is not 0": ("None if None in sizes else", ""),
        },
    ),
    *broken(
        "plugins/modules/pre_deploy_set_info.py",
        "tests/wire/pre_deploy/test_pre_deploy_sets.py",
        {
            "listing: only that needs no release": ('    elif params["purpose"] != "list":\n', "    elif False:\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/snapshot.py",
        "tests/unit/pre_deploy/test_pre_deploy.py",
        {
            "role: a set whose addons were restored since is not used again": (
                " and last.is_present_state(restores)",
                "",
            ),
            "role: only a young set is used again": ("and backup.age(now) <= wish.max_age", ""),
            "role: only usable members are used again": ("backup.usable and backup.backup_type", "backup.backup_type"),
            "role: only the members asked for are used again": (
                "        and last.name == set_name(wish.release, wish.addon_ids, last.generation)\n",
                "       ",
            ),
            "role: a set of another type is not used again": ("backup.backup_type in (None, wish.backup_type)", "True"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/snapshot.py",
        "tests/model/test_model.py",
        {
            "whole runs: what lists do not tell of restores is asked for": (
                "last.is_present_state(restores)",
                "not any(backup.last_restore for backup in last.members.values())",
            ),
            "whole runs: no set is taken of what a rollback has left half-way": (
                "if reports and not wish.ignore_incomplete:",
                "if reports and wish.ignore_incomplete:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/rollback.py",
        "tests/model/test_model.py",
        {
            "whole runs: what was put back is not put back again": (
                "if not restore_again and _is_back(",
                "if restore_again and _is_back(",
            ),
            "whole runs: what is about to be replaced is kept": (
                "sorted(plan.restore.keys() - plan.joined.keys() - held)",
                "sorted(plan.restore.keys() - plan.joined.keys() - held)[1:]",
            ),
            "whole runs: the newest generation is put back": ("chosen = candidates[-1]", "chosen = candidates[0]"),
        },
    ),
    *broken(
        "roles/pre_deploy_snapshot/tasks/main.yml",
        "tests/model/test_model.py",
        {
            "whole runs: the play's defaults do not reach the role": (
                "    northflank.cloud.addon_backup: {}\n",
                "",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_restore/engine.py",
        "tests/model/test_model.py",
        {
            "whole runs: check mode restores nothing": (
                "if run.plan.action != RESTORED or run.options.check_mode:",
                "if run.plan.action != RESTORED:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/prune.py",
        "tests/model/test_model.py",
        {
            "whole runs: as many releases are kept as were asked for": ("left = keep_last - 1", "left = keep_last - 2"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/snapshot.py",
        "tests/unit/pre_deploy/test_pre_deploy.py",
        {
            "role: a set is not used again after another release": (
                "and not _another_was_deployed_since(last, release, found)",
                "",
            ),
            "role: a snapshot of another release that failed does not count": (
                "        backup.usable\n        and bool(release_of",
                "        bool(release_of",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/sets.py",
        "tests/unit/pre_deploy/test_pre_deploy.py",
        {
            "role: the names prove the members": (
                "return members_digest(self.members) == digest_in(self.name)",
                "return True",
            ),
            "role: of twins the oldest counts": ("return min(completed, key", "return max(completed, key"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/rollback.py",
        "tests/unit/pre_deploy/test_pre_deploy.py",
        {
            "role: an incomplete set is not restored": ("    if not chosen.complete:\n", "    if False:\n"),
            "role: a restore of another backup is no reason to skip": ("or last.backup_id != backup.id:", "or False:"),
            "role: a deployment since is a reason to restore again": (
                "other.name.startswith(SET_PREFIX) and _time(other) > restored",
                "False",
            ),
            "role: another's known release stops": ("if not is_named and any(", "if False and any("),
            "role: one's own names of today do not": (" and other != key", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/names.py",
        "tests/unit/pre_deploy/test_pre_deploy.py",
        {
            "role: a release must be text": ("    if not isinstance(release, str):\n", "    if False:\n"),
            "role: digits of the release tell releases apart": ("sha256(release.encode())", "sha256(b'')"),
            "role: names of version 0.9 are read": ("|[0-9a-f]{6})-([0-9a-f]{6})(?:", ")-([0-9a-f]{6})(?:"),
            "role: they are those of their release": ("in (key, key_of_0_9(key))", "== key"),
            "role: they may be another's": ("is_of_0_9(name) and len(_readable(release)) >= _PART_OF_0_9", "False"),
            "role: a time of YAML is refused": ("if _TIME_OF_YAML.fullmatch(release):", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/names.py",
        "tests/wire/pre_deploy/test_left_by_0_9.py",
        {
            "left by 0.9: its digits are the first of today's": (".hex()[:_DIGITS_OF_0_9]", ".hex()[-_DIGITS_OF_0_9:]"),
            "left by 0.9: its safety snapshots are of their release": (
                "if len(digits) == len(other) else _digits_of_0_9(digits) == _digits_of_0_9(other)",
                "and len(digits) == 8",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/purpose.py",
        "tests/wire/pre_deploy/test_left_by_0_9.py",
        {"left by 0.9: its safety snapshots are known": ("|[0-9a-f]{6})-[0-9]{12}", ")-[0-9]{12}")},
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/prune.py",
        "tests/unit/pre_deploy/test_pre_deploy_prune.py",
        {
            "prune of sets: sets of version 0.9 belong to their release": (
                "return heirs[0] if len(heirs) == 1 else release_of(name)",
                "return release_of(name)",
            ),
            "prune of sets: a shared name is left alone": ("    if release.is_shared:\n", "    if False:\n"),
            "prune of sets: this release is kept": ('{present: ["this release"]}', "{}"),
            "prune of sets: what failed does not count": ("left -= one.complete", "left -= 1"),
            "prune of sets: this release counts": ("left = keep_last - 1", "left = keep_last"),
            "prune of sets: what is under way keeps the release": ("*_under_way(one, restores)", "*()"),
            "prune of sets: the newest completed one of an addon is kept": (
                "if (addon_id, backup.identity) in best:",
                "if False:",
            ),
            "prune of sets: imports are kept": ("if backup.backup_type == IMPORT:", "if False:"),
            "prune of sets: what is not proved is kept": (
                "if not set(taken.members) <=",
                "if False and not set(taken.members) <=",
            ),
            "prune of sets: keep_within 0 keeps nothing": (
                "now - keep_within if keep_within else math.inf",
                "now - keep_within",
            ),
            "prune of sets: keep_within counts": ("one.time >= since", "False"),
            "prune of sets: releases are counted, not sets": (
                "setdefault(_key(one.name, today), [])",
                "setdefault(one.name, [])",
            ),
            "prune of sets: all addons of a release are asked": (
                "if key_of_0_9(release_of(one.backup.name)) in going}",
                "if not one.keep}",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/unfinished.py",
        "tests/unit/pre_deploy/test_pre_deploy_unfinished.py",
        {
            "half-way: sets of version 0.9 say nothing": ("and not is_of_0_9(one.name)", ""),
            "half-way: a restore that failed is none": (
                "return restore is not None and restore.status == COMPLETED",
                "return restore is not None",
            ),
            "half-way: an addon that was never put back counts": (
                "    if last is None:\n        return history.heeds",
                "    if last is None:\n        return True or history.heeds",
            ),
            "half-way: what was put back before does not count": (
                " or posix_time(last.started_at) <= began:",
                ":",
            ),
            "half-way: restores of no set count": ("+ list(_of_no_set(chosen, history))", ""),
            "half-way: a later set makes it past": (
                "and self.taken_since(addon_id, posix_time(newest.started_at))",
                "and False",
            ),
            "half-way: a later set that failed does not": ("            and one.usable\n", ""),
            "half-way: an ID may have been an earlier backup's": (
                "restore.backup_id == one.id and may_be_of(restore, one)",
                "restore.backup_id == one.id",
            ),
            "half-way: only what was before a set was taken speaks against it": (
                "self.until is None or posix_time(moment) < self.until",
                "True",
            ),
            "half-way: the others of a set are asked": ("return sorted(others - history.restores.keys())", "return []"),
            "half-way: a release is judged when all of it was read": ("if is_read and _began", "if _began"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/snapshot.py",
        "tests/unit/pre_deploy/test_pre_deploy_unfinished.py",
        {
            "half-way: what is half-way stops": ("if reports and not wish.ignore_incomplete:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/rollback.py",
        "tests/unit/pre_deploy/test_pre_deploy_unfinished.py",
        {
            "half-way: who goes back to half-way data has to say so": ("if own and not is_named:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/prune.py",
        "tests/unit/pre_deploy/test_pre_deploy_unfinished.py",
        {
            "half-way: what a rollback needs is not pruned": ("*_half_way(one, found, restores)", "*()"),
            "half-way: also where newer sets are there": ("heeds_later_sets=False", "heeds_later_sets=True"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/unfinished.py",
        "tests/unit/pre_deploy/test_pre_deploy_unfinished.py",
        {
            "undo: of some addons it puts nothing right": (
                "return backup is None or not is_safety_of(backup.name, target.name)",
                "return True",
            ),
            "undo: another release's safety snapshot is any backup": (
                "return backup is None or not is_safety_of(backup.name, target.name)",
                "return backup is None or not backup.is_safety",
            ),
            "undo: what a set puts back is put back to that only": ("not covered.intersection(one.left)", "True"),
            "half-way: another release's rollback is named where it is known": (
                "release if is_of_release(target.name, release) else release_in(target.name)",
                "release if is_of_release(target.name, release) else None",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/rollback.py",
        "tests/unit/pre_deploy/test_pre_deploy_safety.py",
        {
            "undo: what is half-way is not kept in place of what was before": (
                "plan.restore.keys() - plan.joined.keys() - held",
                "plan.restore.keys() - plan.joined.keys()",
            ),
            "undo: it names what was there before the rollback": (
                ", **{addon_id: kept.backup.name for addon_id, kept in plan.kept.items()}}",
                "}",
            ),
            "undo: without safety nothing is taken": (" if with_safety else []", ""),
            "undo: what is put back once more is another rollback": (
                "if addon_id in skipped or not _is_complete(",
                "if True or not _is_complete(",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/safety.py",
        "tests/unit/pre_deploy/test_pre_deploy_safety.py",
        {
            "undo: after an hour, what is there is kept again": ("now - self.until <= _IN_ONE_GO", "True"),
            "undo: the hour is counted from the end of the restore": (
                "(last.started_at, last.completed_at)",
                "(last.started_at, None)",
            ),
            "undo: a restore of another backup ends it": ("if is_other or (found", "if (found"),
            "undo: a complete restore ends it": ("(found and one.status == COMPLETED)", "False"),
            "undo: a set ends it": ("any(began < taken < next_began for taken in sets)", "False"),
            "undo: of another release nothing is taken": ("if is_safety_of(one.name, name)", "if one.is_safety"),
            "undo: only what is complete undoes": (" and one.status == COMPLETED and since", " and since"),
            "undo: what was before an earlier restore does not": (
                "max([posix_time(backup.created_at), *earlier])",
                "posix_time(backup.created_at)",
            ),
            "undo: what was before the set does not": (
                "max([posix_time(backup.created_at), *earlier])",
                "max([0.0, *earlier])",
            ),
            "undo: what came after the first restore does not": ("<= first", "<= math.inf"),
            "stopped rollback: a restore ends it": ("and not replaced_since(one, restores.get(addon_id, ()))", ""),
            "stopped rollback: a set ends it": (
                "release_of(other.name) and posix_time(other.created_at) > posix_time(one.created_at)",
                "False",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/names.py",
        "tests/unit/pre_deploy/test_pre_deploy_safety.py",
        {
            "undo: the digest tells whose it is": ("return digits == other if", "return True if"),
            "undo: version 0.9 had fewer digits": (
                "_digits_of_0_9(digits) == _digits_of_0_9(other)",
                "digits == other",
            ),
            "half-way: a release is known by its digest only": (
                "if _digest(release) == match.group(2):",
                "if True:",
            ),
        },
    ),
    *broken(
        "plugins/action/pre_deploy_options.py",
        "tests/programs/test_role.py",
        {
            "role: a strategy for each host is refused once": ("reason if is_first else", "reason if True else"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/snapshot.py",
        "tests/wire/pre_deploy/test_pre_deploy_sets.py",
        {
            "commands: what was left out stays left out": ("*(wanted['exclude'] or []), *blocked", "*blocked"),
            "commands: addons that are named are not left out by exclude": (
                'if wanted["addon_ids"] is None:\n        return f"-e',
                'if True:\n        return f"-e',
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/commands.py",
        "tests/unit/pre_deploy/test_role_options.py",
        {
            "commands: they reach the same team": (
                "for key, value in {**beside, **variables}",
                "for key, value in {**variables}",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/options.py",
        "tests/unit/pre_deploy/test_role_options.py",
        {
            "role's variables: empty text is not given": (
                "(not value.strip() or value.startswith(_OMITTED))",
                "value.startswith(_OMITTED)",
            ),
            "role's variables: what was omitted is not given": (" or value.startswith(_OMITTED)", ""),
            "role's variables: the text false is false": ('_FALSE = frozenset({"false", ', "_FALSE = frozenset({"),
            "role's variables: other words are no booleans": ("if word not in _TRUE | _FALSE:", "if False:"),
            "role's variables: a slip is an error": ("if unknown:", "if False:"),
            "role's variables: other words of a choice are refused": ("if given not in allowed:", "if False:"),
            "role's variables: a set is published for its project": (" {project_id} {release}", " {release}"),
            "role's variables: a set is published for its release": (" {project_id} {release}", " {project_id}"),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/snapshot.py",
        "tests/unit/task/test_ages.py tests/wire/task/test_clocks.py",
        {
            "clocks: a new set asks": (
                "    ages.check_clock(now, (backup for backups in found.values() for backup in backups))\n",
                "",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_pre_deploy/prune.py",
        "tests/unit/task/test_ages.py tests/wire/task/test_clocks.py",
        {
            "clocks: a prune asks": (
                "    if keep_within:\n        ages.check_clock",
                "    if False:\n        ages.check_clock",
            ),
        },
    ),
]
