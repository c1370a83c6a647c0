# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the modules have in common beside their options."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode), and says what would change. Sends only GET requests then.
  diff_mode:
    description: Will return details on what has changed (or would change in C(check_mode)), when in diff mode.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
  action_group:
    description: Use C(group/northflank.cloud.all) in C(module_defaults) to set defaults for this module.
notes:
  - On the machine that runs Ansible, the task runs in Ansible's own worker process, so there is no Python to start and
    no payload to build. With C(become), with C(async), on macOS, on other connections, and if the controller has no
    C(requests), it runs as a module. What it does and returns is the same. To always run it as a module, set the
    variable C(northflank_run_in_controller) to V(false).
  - In the worker process, a task that waits reports its progress on stderr, at each change and once a minute. To turn
    this off, set the variable C(northflank_progress) to V(false).
"""

    # For modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: This module changes nothing.
  diff_mode:
    support: N/A
    details: This module changes nothing.
  idempotent:
    support: full
    details: This module changes nothing.
  action_group:
    support: full
    membership:
      - northflank.cloud.all
"""
