# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All probes, and the assumptions that no probe finds out."""

from __future__ import annotations

from . import probes_actions, probes_lists, probes_others

PROBES = {
    probe.key: probe for probe in [*probes_lists.PROBES, *probes_actions.PROBES, *probes_others.PROBES]
}  # fmt: skip

# Not found out even with an account: the reason for each.
NOT_ASKED = {
    "put_addon_matches": "A PUT of an addon would change one that is there, or create one that costs money.",
    "fork_latest": "A fork that is accepted is a new addon, which costs money.",
    "gone_source": "An addon would have to be deleted, with a backup of it in a destination.",
}
