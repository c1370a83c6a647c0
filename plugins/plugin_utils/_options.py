# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell of options that a module does not have, before anything runs: the one that was meant, first. Pure."""

from __future__ import annotations

import difflib
import re
from typing import Any, Iterable, Mapping, Optional

from ..module_utils._task.messages import brief

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def unknown_options(module: str, given: Iterable[str], spec: Mapping[str, Any]) -> Optional[str]:
    """Return what to say of names that are no options.

    :param module: its full name.
    :param given: the names that a task gives; those that begin with ``_`` are Ansible's own.
    :param spec: the module's argument spec.
    :returns: None where all names are options.
    """
    known = {*spec, *(alias for option in spec.values() for alias in option.get("aliases", ()))}
    unknown = sorted(name for name in map(str, given) if name not in known and not name.startswith("_"))
    if not unknown:
        return None
    hints = " ".join(_hint(name, sorted(known)) for name in unknown)
    return f"{hints} Nothing was started. All options: ansible-doc {module}"


def _hint(name: str, known: list[str]) -> str:
    spelled = _HUMP.sub("_", name).replace("-", "_").lower()
    if spelled in known:
        return f"{brief(name)} is written {spelled} here."
    close = difflib.get_close_matches(spelled, known, n=1, cutoff=0.5)
    meant = f" Did you mean {close[0]}?" if close else ""
    return f"There is no option {brief(name)}.{meant}"
