# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words that results have for what a task did, or would do in check mode. They are part of the public interface."""

from __future__ import annotations

NONE = "none"
CREATED = "created"
REPLACED = "replaced"
JOINED = "joined"
REUSED = "reused"
DELETED = "deleted"
ABORTED = "aborted"
RETAINED = "retained"
RESTORED = "restored"
SKIPPED = "skipped"
# An old schedule was created again, because the new one could not be.
PUT_BACK = "put_back"
