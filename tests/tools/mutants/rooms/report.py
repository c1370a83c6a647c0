# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _report, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_report/files.py",
        "tests/wire/report/test_report.py",
        {
            "report: a foreign file is refused before the first request": (
                "    _require_ours(folder)\n    return folder.resolve()\n",
                "    return folder.resolve()\n",
            ),
            "report: a foreign file that comes meanwhile is not replaced": (
                "    _require_ours(folder)\n    try:\n",
                "    try:\n",
            ),
            "report: a link is none of ours": (
                "        if not stat.S_ISREG(path.lstat().st_mode):\n",
                "        if not stat.S_ISREG(path.stat().st_mode):\n",
            ),
            "report: the folder is tried before the first request": (
                "        with tempfile.TemporaryFile(dir=folder if is_there else folder.parent):\n            pass\n",
                "        pass\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/whole_file.py",
        "tests/wire/report/test_report.py",
        {"report: text that is no text is written": (', errors="replace"', "")},
    ),
    *broken(
        "plugins/module_utils/_report/document.py",
        "tests/wire/report/test_report.py",
        {"report: the JSON repeats no token": ("json.dumps(_without_secrets(facts), ", "json.dumps(facts, ")},
    ),
    *broken(
        "plugins/modules/addon_backup_report.py",
        "tests/wire/report/test_report.py",
        {
            "report: check mode writes nothing": ("    if not call.check_mode:\n", "    if True:\n"),
            "report: stale fails where it was asked for": (
                "    if report.survey.fresh or not call",
                "    if True or not call",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_report/page.py",
        "tests/unit/report/test_report_forms.py",
        {
            "report: names on the page are escaped": (
                "    return html.escape(safe_text(text, _LONGEST))\n",
                "    return text\n",
            ),
            "report: nothing at all is not fine": (
                "    is_fine = report.survey.fresh\n",
                "    is_fine = not report.stale\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_report/markdown.py",
        "tests/unit/report/test_report_forms.py",
        {"report: names in the table are escaped": ('_SPECIAL.sub(r"\\\\\\1", ', "(")},
    ),
    *broken(
        "plugins/module_utils/_report/metrics.py",
        "tests/unit/report/test_report_forms.py",
        {
            "report: labels are escaped": (".replace('\"', '\\\\\"')", ""),
            "report: what is not known is no sample": ("if value is not None]", "]"),
        },
    ),
]
