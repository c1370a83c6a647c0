# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``restore_drill_info`` in the worker of the controller, where that is the same; see the module for all else."""

from __future__ import annotations

from ..modules import restore_drill_info
from ..plugin_utils._worker import WorkerAction


class ActionModule(WorkerAction):
    """The same task, with less around it."""

    TASK = restore_drill_info.TASK
