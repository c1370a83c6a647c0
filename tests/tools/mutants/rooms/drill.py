# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _drill and in the role that uses it, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

_UNIT, _WIRE = "tests/unit/drill/", "tests/wire/drill/"
# The runner wants tests that run lines of ours in its own process, too.
_PLAYS = f"{_UNIT} tests/programs/test_drill_role.py"

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_drill/plan.py",
        _UNIT,
        {
            "drills: who was never drilled comes first": ('(drilled_at.get(addon_id, ""), addon_id)', "addon_id"),
            "drills: a fork is never drilled": (
                "one.type in FORKABLE_TYPES and not is_fork(one)",
                "one.type in FORKABLE_TYPES",
            ),
            "drills: where tags are told, a name alone is no fork": (
                "(not addon.tags and _FORK_NAME",
                "(_FORK_NAME",
            ),
            "drills: a sample that is too small is told": ("-(-count // sample) <= days", "count // sample <= days"),
        },
    ),
    *broken(
        "plugins/module_utils/_drill/evidence.py",
        _UNIT,
        {
            "drills: a check without a result has not passed": (
                'one.get("passed") is not True',
                'one.get("passed") is False',
            ),
            "drills: a check that did not run is no success": (
                "    elif facts.not_run and not reasons:\n",
                "    elif False:\n",
            ),
            "drills: a fork that is left over fails": (
                'if facts.fork.get("changed") and not _is_gone(facts)',
                "if False",
            ),
            "drills: a deletion that nobody asked for is none": ("return bool(facts.deleted) and not", "return not"),
            "drills: the words of a connection are masked": ("value.replace(secret, _HIDDEN)", "value"),
            "drills: a drill that failed is nothing to compare with": ('if one["passed"] and one', "if one"),
        },
    ),
    *broken(
        "plugins/module_utils/_drill/folder.py",
        _WIRE,
        {
            "drills: evidence is never replaced": ("    while path.exists():\n", "    while False:\n"),
            "drills: a foreign file is not replaced": (
                "if os.path.lexists(path) and EVIDENCE_MARK",
                "if EVIDENCE_MARK is None and EVIDENCE_MARK",
            ),
        },
    ),
    *broken(
        "plugins/modules/restore_drill_info.py",
        _WIRE,
        {
            "drills: a young fork may be of a drill that runs": ("one.age is None or one.age >= least_age", "True"),
            "drills: a check file that is missing is refused before": ("if not Path(path).is_file():", "if False:"),
        },
    ),
    *broken(
        "plugins/modules/restore_drill_evidence.py",
        _WIRE,
        {"drills: check mode writes no evidence": ("    if not call.check_mode:\n", "    if True:\n")},
    ),
    *broken(
        "plugins/action/addon_credentials_info.py",
        _WIRE,
        {"drills: secrets need no_log": ("if not self._task.no_log:", "if False:")},
    ),
    *broken(
        "roles/restore_drill/tasks/_database.yml",
        _PLAYS,
        {
            "drills: the fork is deleted": (
                "      when: _restore_drill_fork.changed | default(false) and not ansible_check_mode\n",
                "      when: false\n",
            ),
            "drills: the evidence gets the secrets that it masks": (
                '        connection: "{{ restore_drill_connection }}"\n',
                "",
            ),
            "drills: check mode tells why a database cannot be drilled": (
                "default(_restore_drill_fork.msg, true)",
                "default('')",
            ),
        },
    ),
    *broken(
        "roles/restore_drill/tasks/main.yml",
        _PLAYS,
        {
            "drills: a check that is delegated runs where it says": (
                "  become: false\n  ignore_errors: false\n  vars:\n",
                "  become: false\n  ignore_errors: false\n  vars:\n    ansible_connection: local\n",
            ),
            "drills: checks that cannot run are noticed before a fork is made": (
                "      ansible.builtin.ping:\n",
                "      ansible.builtin.meta: noop\n",
            ),
        },
    ),
    *broken(
        "roles/restore_drill/tasks/_check.yml",
        _PLAYS,
        {
            "drills: nothing is checked after a migration that failed": (
                "  when: not _restore_drill_migration_path or _restore_drill_number == 0 or _restore_drill_of_this[0].passed\n",
                "",
            ),
            "drills: checks are kept off the screen": (
                '          no_log: "{{ restore_drill_no_log | default(true, true) | bool }}"\n',
                "",
            ),
        },
    ),
]
