# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contexts of Northflank's official command line client: a host and a token under a name.

The file's shape is the one that the client itself writes (seen with version 0.9.24).
"""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Optional

from .._api.errors import InvalidInput, safe_text

# Below the home of whoever the task runs as.
CONFIG_FILE = ".northflank/config.json"
CURRENT = "current"


@dataclass(frozen=True)
class Context:
    """One context.

    :ivar token: never shown (``repr`` leaves it out).
    :ivar warning: what is wrong with the file's permissions, if anything is.
    """

    name: str
    host: str
    token: str = field(repr=False)
    warning: Optional[str] = None


def read_context(option: str, name: str, home: Path) -> Context:
    """Read one context from the client's configuration file. What is in the file is never quoted, but for names.

    :param option: what asked for it, for messages.
    :param name: the context's name; ``current`` means the one that the client uses now.
    :param home: where the configuration is looked for.
    :raises InvalidInput: there is no such file or context, or it cannot be read.
    """
    path = home / CONFIG_FILE
    config = _read(option, path)
    contexts = [entry for entry in config.get("contexts") or [] if isinstance(entry, dict)]
    wanted = config.get("current") if name == CURRENT else name
    if name == CURRENT and not isinstance(wanted, str):
        raise InvalidInput(
            option, f"is 'current', but {path} has no current context; log in with the client, or name one"
        )
    names = [safe_text(str(entry.get("name")), 60) for entry in contexts]
    entry = next((entry for entry in contexts if entry.get("name") == wanted), None)
    if entry is None:
        raise InvalidInput(option, f"must be 'current' or one of those in {path}: {', '.join(names) or 'none'}", wanted)
    host, token = entry.get("host"), entry.get("token")
    if not isinstance(host, str) or not host or not isinstance(token, str) or not token:
        raise InvalidInput(option, f"must be a context with host and token, and {path} has not both for it", wanted)
    return Context(str(wanted), host, token, _warning(path))


def _read(option: str, path: Path) -> Mapping[str, Any]:
    try:
        # Reading a pipe would wait for whoever writes into it.
        if path.exists() and not path.is_file():
            raise InvalidInput(option, f"needs the client's file {path}, which is not a file")
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(
            option, f"needs the client's file {path}, which cannot be read ({error.strerror})"
        ) from error
    except (ValueError, RecursionError) as error:
        # The parser's own words could quote the file, which holds tokens.
        raise InvalidInput(option, f"needs the client's file {path}, which is not JSON") from error
    if not isinstance(config, dict) or not isinstance(config.get("contexts") or [], list):
        raise InvalidInput(option, f"needs the client's file {path}, which has no list of contexts")
    return config


def _warning(path: Path) -> Optional[str]:
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return f"{path} holds API tokens and can be read by other users of this machine. Run: chmod 600 {path}"
    return None
