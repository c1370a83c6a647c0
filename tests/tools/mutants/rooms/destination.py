# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _destination, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

_WIRE = "tests/wire/destination/test_destinations.py"

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_destination/models.py",
        "tests/unit/destination/test_destination_models.py",
        {
            "destinations: only named keys are shown": (
                '"name": self.name, **self.facts}',
                '"name": self.name, **self.facts, "credentials": {}}',
            ),
            "destinations: a text with a secret is not shown": (
                "None if text is None or holds_secret(text)",
                "None if text is None",
            ),
            "destinations: an ID belongs to one addon": ("self.project_id, self.addon_id, self.id", "self.id"),
            "destinations: an odd time of expiry is not known": (
                "except (MalformedAnswer, OverflowError, OSError, ValueError):",
                "except (MalformedAnswer, OSError):",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/permission.py",
        _WIRE,
        {
            "destinations: a refusal names their permission": ("        error.permission = permission\n", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_destination/engine.py",
        _WIRE,
        {
            "destinations: another refusal is not told as missing": ("if error.status != 404:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        _WIRE,
        {"destinations: a bare list is one": ('if key == "data" and isinstance(data, list):', "if False:")},
    ),
    *broken(
        "plugins/modules/backup_destination_info.py",
        _WIRE,
        {
            "destinations: an ID is checked before it is sent": (
                'validation.destination_id("destination_id", wanted)',
                "wanted",
            ),
            "destinations: only what is asked for": (" if one.fits(project_id, addon_ids)]", "]"),
        },
    ),
]
