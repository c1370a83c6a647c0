# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in modules, action plugins and what runs on the controller, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/plugin_utils/_play.py",
        "tests/unit/plugin_utils/test_play.py",
        {
            "role in a play: an import that was not chosen does not run": (
                "return bool(bare.evaluate_tags(run, skip, dict(variables)))",
                "return True",
            ),
            "role in a play: an include that was chosen runs": ("not include.statically_loaded)", "False)"),
            "role in a play: tags of the role itself choose nothing": ("    bare._tags = []  # noqa: SLF001\n", ""),
            "role in a play: free is refused": (
                'strategy.endswith(("free", "host_pinned"))',
                'strategy.endswith("host_pinned")',
            ),
            "role in a play: one host may be free": ("or []) < 2:", "or []) < 1:"),
            "role in a play: the connection of the play counts": ("for group in groups[:-1]:", "for group in []:"),
        },
    ),
    *broken(
        "plugins/modules/addon_backup_prune.py",
        "tests/wire/retention/test_prune.py",
        {
            "prune: argument: check mode does nothing": (
                "planned(work) if call.check_mode else",
                "planned(work) if False else",
            ),
            "prune: argument: a short prefix is refused": (
                "    if len(prefix) < _SHORTEST_PREFIX:\n",
                "    if False:\n",
            ),
            "prune: argument: a rule is required": ("    if not given and keep_within is None:\n", "    if False:\n"),
            "prune: argument: keep is at least 1": ("given[option], 1, None", "given[option], -9, None"),
            "prune: argument: one group at most": ("compiled.groups > 1:", "False:"),
            "prune: argument: a pattern compiles": ("except (re.error, ", "except ("),
            "prune: a pattern that explodes is refused": ("    if explodes:\n", "    if False:\n"),
        },
    ),
    *broken(
        "plugins/modules/addon_backup_mirror.py",
        "tests/unit/download/test_mirror_plan.py tests/wire/download/test_mirror.py",
        {
            "mirror: that too much would go fails": ("    return held_back(planned, settings)\n", "    return None\n"),
        },
    ),
    *broken(
        "plugins/modules/addon_backup_info.py",
        "tests/unit/task/test_ages.py tests/wire/task/test_clocks.py",
        {
            "clocks: a list by age asks": ("            ages.check_clock(now, backups)\n", ""),
        },
    ),
    *broken(
        "plugins/plugin_utils/_worker.py",
        "tests/programs/test_controller_side.py",
        {
            "worker: an orphan stops": (" or os.getppid() != parent", ""),
            "worker: no_log silences progress": (" and not self._task.no_log", ""),
            "worker: paths are those of the task's environment": (
                "        with self._environment():\n",
                "        if True:\n",
            ),
        },
    ),
    *broken(
        "plugins/plugin_utils/_inventory.py",
        "tests/wire/inventory/test_inventory.py",
        {
            "fleet: two projects never make one name": ('f"{self.addon.id}.{self.project_id}"', "self.addon.id"),
            "fleet: an empty list is not all": ("    if not values:\n", "    if False:\n"),
            "fleet: a project is named once": ("        if project_id in ids:\n", "        if False:\n"),
            "fleet: an option that is none is refused": ("        if name not in known:\n", "        if False:\n"),
            "fleet: a project that cannot be read is an error": (
                "        if project_id in failures:\n",
                "        if False:\n",
            ),
            "fleet: a slip in a filter is told": ("            if value not in known\n", "            if False\n"),
            "fleet: a token that the API repeats is masked": ('value.replace(token, "********")', "value"),
            "fleet: another address is another cache": ("[connection.target.url, ", '["", '),
            "fleet: another team is another cache": ("connection.team_id, ", ""),
            "fleet: other projects are another cache": ("None if projects is None else sorted(projects)", "None"),
            "fleet: what is kept is looked at": ("    if not isinstance(kept, list):\n        return None\n", ""),
            "fleet: an ID that no task could use is an error": (
                '        _require_id("an addon", addon_id)\n',
                "        pass\n",
            ),
            "fleet: a project's ID is looked at": (
                '            _require_id("a project", project_id)\n',
                "            pass\n",
            ),
        },
    ),
    *broken(
        "plugins/plugin_utils/_files.py",
        "tests/unit/plugin_utils/test_files.py",
        {
            "worker: a file that is replaced hands on its permissions": (
                "        Path(source).chmod(stat.S_IMODE(before.st_mode))\n",
                "",
            ),
            "worker: modes and owners are left to the module": (
                "not FILE_COMMON_ARGUMENTS.keys().isdisjoint(options)",
                "False",
            ),
            "worker: SELinux is left to the module": ("SELINUX.is_dir() or ", ""),
        },
    ),
]
