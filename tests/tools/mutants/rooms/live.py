# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in the program that asks the real API, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "tests/live/cli.py",
        "tests/programs/test_live.py::test_nothing_is_sent_where_another_name_is_typed",
        {
            "live: the addon's name is typed again": ("    if typed != options.place.addon:\n", "    if not typed:\n"),
        },
    ),
    *broken(
        "tests/live/cli.py",
        "tests/programs/test_live.py::test_without_write_it_sends_gets_only",
        {
            "live: GETs only without WRITE": ("        if lab.writes:\n", "        if True:\n"),
        },
    ),
    *broken(
        "tests/live/cli.py",
        "tests/programs/test_live.py::test_it_does_not_begin_to_write_what_the_budget_may_not_hold",
        {
            "live: nothing is begun that the budget may not hold": (
                "            lab.wire.require(most_requests(steps))\n",
                "",
            ),
        },
    ),
    *broken(
        "tests/live/wire.py",
        "tests/programs/test_live.py::test_it_leaves_the_margin_to_others",
        {
            "live: the margin is left to others": (
                "self.remaining - count >= self.margin",
                "self.remaining - count >= 0",
            ),
        },
    ),
    *broken(
        "tests/live/cli.py",
        "tests/programs/test_live.py::test_ctrl_c_at_any_wait_leaves_nothing_behind",
        {
            "live: it cleans up whatever has happened": ("        left = clean_up(lab)\n", "        left = []\n"),
        },
    ),
    *broken(
        "tests/live/cleanup.py",
        "tests/programs/test_live.py::test_it_stops_and_cleans_up_where_others_use_the_budget_up",
        {
            "live: the cleanup may use the margin": ("    lab.wire.margin = 0\n", ""),
        },
    ),
    *broken(
        "tests/live/cleanup.py",
        "tests/programs/test_live.py::test_ctrl_c_at_any_wait_leaves_nothing_behind",
        {
            "live: it waits for its restore before it deletes": ("        _restore(lab)\n", ""),
            "live: what is active is aborted first": (
                "        if status_in(answer, backup_id) in ACTIVE:\n",
                "        if False:\n",
            ),
        },
    ),
    *broken(
        "tests/live/cleanup.py",
        "tests/programs/test_live.py::test_what_others_have_made_stays",
        {
            "live: what others have made stays": (".endswith(stamp)", '.endswith("")'),
        },
    ),
    *broken(
        "tests/live/schedules.py",
        "tests/programs/test_live.py::test_what_others_have_made_stays",
        {
            "live: schedules of the addon's own stay": (
                '    if lab.evidence.facts.get("schedules") != []:\n',
                "    if False:\n",
            ),
        },
    ),
    *broken(
        "tests/live/reading.py",
        "tests/programs/test_live.py::test_schedules_that_cannot_be_read_are_not_touched",
        {
            "live: schedules that cannot be read are not none": (
                '    if not lab.evidence.all("schedules")[-1].ok:\n',
                "    if False:\n",
            ),
        },
    ),
    *broken(
        "tests/live/report.py",
        "tests/unit/live/test_probes.py",
        {
            "live: names are replaced in the file": (
                '        value = re.sub(rf"(?<![\\w-]){re.escape(name)}(?![\\w-])", instead, value)\n',
                "        pass\n",
            ),
        },
    ),
    *broken(
        "tests/live/wire.py",
        "tests/unit/live/test_probes.py",
        {
            "live: a proxy's page is no success": ("self.accepted and isinstance(self.body, dict)", "self.accepted"),
        },
    ),
    *broken(
        "tests/live/evidence.py",
        "tests/unit/live/test_probes.py",
        {
            "live: a refusal needs the error object": (
                "    if answer.error is None or answer.status in (401, 403)",
                "    if answer.status in (401, 403)",
            ),
            "live: a conflict says nothing about a body": ("    if answer.status == 409:\n", "    if False:\n"),
        },
    ),
    *broken(
        "tests/live/probes_lists.py",
        "tests/unit/live/test_probes.py",
        {
            "live: an order that fits twice tells nothing": ("    if len(fitting) > 1:\n        return None\n", ""),
            "live: a restore of an earlier backup of the ID is none": (
                ' and at >= str(entry.get("createdAt", ""))',
                "",
            ),
            "live: a list from before a restore lacks nothing": (
                '    for question, answer in evidence.in_order("restores", "list"):\n',
                '    for question, answer in sorted(evidence.in_order("restores", "list"), key=lambda each: each[0] == "list"):\n',
            ),
        },
    ),
    *broken(
        "tests/live/probes_actions.py",
        "tests/unit/live/test_probes.py",
        {
            "live: a name is the reason only if another is accepted": (
                "    if other is None or not other.ok:\n",
                "    if False:\n",
            ),
        },
    ),
    *broken(
        "tests/live/probes_others.py",
        "tests/unit/live/test_probes.py",
        {
            "live: a limit is one only if a day less is accepted": (
                "    if within is None or not within.ok:\n",
                "    if False:\n",
            ),
        },
    ),
    *broken(
        "tests/live/cleanup.py",
        "tests/programs/test_live.py::test_a_request_that_takes_effect_late_leaves_nothing_behind",
        {
            "live: a request without an answer may take effect late": ("    if lab.unanswered:\n", "    if False:\n"),
        },
    ),
    *broken(
        "tests/live/cli.py",
        "tests/programs/test_live.py::test_an_answer_about_another_addon_ends_it",
        {
            "live: the addon in the answer is the one that was asked for": (
                '    if answer.fields.get("id") != lab.place.addon:\n',
                "    if False:\n",
            ),
        },
    ),
    *broken(
        "tests/live/cleanup.py",
        "tests/programs/test_live.py::test_answers_that_make_no_sense_end_nothing_but_what_they_are_about",
        {
            "live: a list that is none does not prove that nothing is left": (
                "    return [command(lab, backup_id) for backup_id in remaining] if is_known else _everything(lab)\n",
                "    return [command(lab, backup_id) for backup_id in remaining]\n",
            ),
        },
    ),
]
