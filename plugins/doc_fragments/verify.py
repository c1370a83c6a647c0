# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How closely a dump is looked at."""

    DOCUMENTATION = r"""
options:
  verify:
    description:
      - What to verify of a dump. V(file) verifies that the file is whole. V(content) also verifies that what it holds
        begins and ends as a dump does, so that a dump whose program stopped half-way fails, and warns if it is much
        smaller than the dump before it.
      - The formats it knows are those of C(pg_dump) (SQL and custom), C(pg_dumpall), C(mysqldump), C(mariadb-dump),
        C(mongodump --archive) and Redis (RDB). The custom format of C(pg_dump) has no end to know it by. Of other
        formats, nothing is claimed, and the task warns. The same holds if the file cannot be unpacked.
      - A dump that fails is discarded, like a file that is not whole.
    type: str
    choices: [file, content]
    default: file
    version_added: 0.10.0
  min_size_share:
    description:
      - With O(verify=content), warn about a dump that is smaller than this share of the addon's dump before it with the
        same compression. Above V(0) and at most V(1). The file is kept.
    type: float
    default: 0.5
    version_added: 0.10.0
"""
