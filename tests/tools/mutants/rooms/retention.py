# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _retention, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_retention/decisions.py",
        "tests/wire/backup/test_safety_snapshots.py",
        {
            "safety snapshots: counts for no other scheme": ("if backup.is_safety and", "if False and"),
            "safety snapshots: has a scheme of its own": (" and not asks_for_safety(policy.name_prefix)", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_retention/decisions.py",
        "tests/unit/retention/test_retention.py",
        {
            "prune: only the prefix is looked at": (
                "    if not name.startswith(policy.name_prefix):\n",
                "    if False:\n",
            ),
            "prune: the pattern fits the whole rest": (
                "policy.name_pattern.fullmatch(rest)",
                "policy.name_pattern.match(rest)",
            ),
            "prune: the group pattern fits the whole name": (
                "match = pattern.fullmatch(name)",
                "match = pattern.match(name)",
            ),
            "prune: imports are never deleted": ("    if backup.backup_type == IMPORT:\n", "    if False:\n"),
            "prune: another type is left alone": (
                "policy.backup_type is not None and backup.backup_type not in (None, policy.backup_type)",
                "False",
            ),
            "prune: a type that is not told is never deleted when one is asked": (
                "    if policy.backup_type is not None and backup.backup_type is None:\n",
                "    if False:\n",
            ),
            "prune: a type that is not told does not count": (
                " and policy.backup_type in (None, backup.backup_type)",
                "",
            ),
            "prune: what gives no group is kept": (
                "    if policy.group_pattern is not None and group_of(backup.name, policy.group_pattern) is None:\n",
                "    if False:\n",
            ),
            "prune: the newest completed one is kept": (
                "        if (addon_id, backup.identity) in newest:\n",
                "        if False:\n",
            ),
            "prune: only completed ones are the newest": ("return backup.status == COMPLETED and", "return True and"),
            "prune: protected ones are kept": (
                "    if policy.protect & {backup.name, backup.id}:\n",
                "    if False:\n",
            ),
            "prune: protected by ID, too": ("{backup.name, backup.id}", "{backup.name}"),
            "prune: active ones are kept": ("if backup.status in ACTIVE_STATES or backup", "if backup"),
            "prune: aborting ones are kept": (" or backup.status == ABORTING", ""),
            "prune: an unknown state is kept": ("    if backup.status not in FINAL_STATES:\n", "    if False:\n"),
            "prune: one being restored is kept": ("return _being_restored(backup, restores)", "return None"),
            "prune: failed ones are kept unless asked": (" and not policy.delete_failed", " and False"),
            "prune: each backup counts once": (
                "setdefault((pair[0], pair[1].identity), pair)",
                "setdefault((id(pair), ()), pair)",
            ),
            "prune: of two states the guarded one counts": (
                "(_guard(pair[0], pair[1], policy, restores) is None, _rank(pair))",
                "(_rank(pair),)",
            ),
            "prune: each member guards its group": (
                "in unit.members:\n        if (addon",
                "in unit.members[:1]:\n        if (addon",
            ),
            "prune: a group has the time of its newest member": ("time=max((posix_time", "time=min((posix_time"),
            "prune: each addon is decided on for itself": (
                'setdefault(key[0] if single else "", [])',
                'setdefault("", [])',
            ),
            "prune: groups count over all addons": (
                "if group is None else (group,)",
                "if group is None else (group, addon_id)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_retention/policy.py",
        "tests/unit/retention/test_retention.py",
        {
            "prune: a set that failed in part uses up nothing": ("        if unit.whole:\n", "        if True:\n"),
            "prune: days without a backup do not count": ("            used = period\n", "            used = None\n"),
            "prune: the numbers are heeded": ("        if count == 0:\n            return\n", ""),
            "prune: the calendar is in UTC": ("_EPOCH + timedelta(seconds", "_EPOCH + timedelta(hours=2, seconds"),
            "prune: weeks are those of ISO 8601": ('"{}-W{:02}".format(*time.isocalendar()[:2])', 'f"{time:%Y-W%U}"'),
            "prune: years are those of the calendar": ('f"{time:%Y}"', 'f"{time:%G}"'),
            "prune: exactly as old as allowed is kept": ("<= policy.keep_within:", "< policy.keep_within:"),
        },
    ),
    *broken(
        "plugins/module_utils/_retention/prune.py",
        "tests/wire/retention/test_prune.py",
        {
            "prune: the oldest goes first": ("for one in reversed(decisions):", "for one in decisions:"),
            "prune: what is kept is not deleted": ("        if one.keep:\n", "        if False:\n"),
            "prune: a failure of all stops": ("_concerns_all(error) or", "False or"),
            "prune: after three failures it stops": (" or len(failed) == _MOST_FAILURES", ""),
            "prune: one refusal does not stop": ("return error.status in (401, 403)", "return True"),
            "prune: one unknown outcome does not stop": (
                "return not isinstance(error, (OutcomeUnknown, _Held))",
                "return True",
            ),
            "prune: what is restored is asked for again after a while": (
                "read_at.get(addon_id, -_FRESH) >= _FRESH:",
                "read_at.get(addon_id, 0) < 0:",
            ),
            "prune: a backup whose ID is another's is not deleted": (
                "    if now is None:\n        raise Gone\n",
                "    if now is None:\n        return\n",
            ),
            "prune: each is looked at before it goes": ("        may_go()\n", "        pass\n"),
            "prune: each is looked at before a DELETE is repeated": (
                "one.addon_id, one.backup, may_go)",
                "one.addon_id, one.backup)",
            ),
            "prune: what is restored at the last moment is kept": (
                "    if reason is not None:\n        raise _Held",
                "    if False:\n        raise _Held",
            ),
            "prune: what is kept in the end is no failure": (
                "not isinstance(error, _Held) or may_have_acted(error)",
                "True",
            ),
            "prune: a failure fails": ("if left else None,", "if False else None,"),
            "prune: only what is gone is told as deleted": (
                "before if key_of(one) in ours),",
                "before if not one.keep),",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_retention/plan.py",
        "tests/wire/retention/test_prune.py tests/wire/pre_deploy/test_pre_deploy_sets.py",
        {
            "prune: what is being restored is asked for before anything goes": (
                "            work.read_restores(addon_id)\n",
                "            work.restores[addon_id] = ()\n            work.read_at[addon_id] = 0.0\n            work._decided = None\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_retention/plan.py",
        "tests/wire/retention/test_prune.py",
        {
            "prune: what slipped from one page to another is looked for": (
                "        work.take(without_gaps(work.api, work.found))\n",
                "        pass\n",
            ),
        },
    ),
]
