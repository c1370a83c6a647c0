# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let Ansible's own importer load the collection from this checkout, before anything else imports it.

pytest-ansible brings that importer in some time after the first conftest files; what was imported until then would not
fit together with what is imported later. And a copy in the user's home would come first.
"""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

from ansible.plugins.loader import init_plugin_loader
from hypothesis import HealthCheck, Phase, settings

ROOT = Path(__file__).resolve().parents[1]
IS_IN_A_TREE = ROOT.parts[-3:] == ("ansible_collections", "northflank", "cloud")
COLLECTIONS = ROOT.parents[2] if IS_IN_A_TREE else Path(sysconfig.get_path("purelib"))

os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)
init_plugin_loader([str(COLLECTIONS)])

# A machine that is busy is no reason for a test to fail: none depends on timing.
settings.register_profile("timeless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("timeless")
# For the mutants: that a test fails says enough, and its simplest example takes long to find.
settings.register_profile("rough", settings.get_profile("timeless"), phases=set(Phase) - {Phase.shrink, Phase.explain})
