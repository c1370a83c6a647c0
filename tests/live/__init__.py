# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find out what the real API does where its contract leaves something open.

``make live`` runs it. Everything that is sent goes through ``wire.py``, what the answers mean is decided in the pure
functions of ``probes_*.py``, and ``cleanup.py`` removes whatever was made.
"""

from __future__ import annotations
