# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names the permission that an endpoint needs, where that is not the one that others of its kind need."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

from .errors import ApiError


@contextmanager
def needing(permission: str) -> Iterator[None]:
    """Let a refusal inside name this permission."""
    try:
        yield
    except ApiError as error:
        error.permission = permission
        raise
