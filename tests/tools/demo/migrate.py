# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A migration as nobody wants it: it drops a table in the addon's real data, and then fails."""

from __future__ import annotations

import os
import sqlite3
import sys

with sqlite3.connect(os.environ["DEMO_DATABASE"]) as connection:
    connection.execute("DROP TABLE customers")
connection.close()
sys.exit("The migration failed, and the table customers is gone.")
