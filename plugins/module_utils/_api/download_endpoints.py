# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoint that gives a link to a dump. It raises what those of :class:`Api` raise."""

from __future__ import annotations

from typing import Any

from .endpoints import Api
from .errors import MalformedAnswer
from .permission import needing

# The newest source (the Python SDK 2.1.0) names this one; older ones say that Read is enough.
PERMISSION_TO_DOWNLOAD = "Project > Addons > General > Read Spec"


def download_link(api: Api, addon_id: str, backup_id: str) -> str:
    """Return a link to a dump's file, good for a while.

    It leads to another host, which must never see the token.
    """
    with needing(PERMISSION_TO_DOWNLOAD):
        return api.client.get(api.path(addon_id, "backups", backup_id, "download-link"), _download_link)


def _download_link(data: Any) -> str:
    link = data.get("downloadLink") if isinstance(data, dict) else None
    if not isinstance(link, str) or not link:
        raise MalformedAnswer("there is no downloadLink")
    return link
