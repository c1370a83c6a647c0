# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox's contract, held against the vendor's own Python SDK, so that neither can move away unseen.

``sdk`` reads the SDK's types and endpoints into a document of the form that the contract has, ``shapes`` reads either,
and ``compare`` lists what differs. ``meant`` is the table of what may differ, and why.
"""

from __future__ import annotations

from .compare import Comparison, compare, concerns
from .meant import MEANT
from .sdk import read_sdk
from .shapes import Document, Pointer, UncomparableSchema

__all__ = ["MEANT", "Comparison", "Document", "Pointer", "UncomparableSchema", "compare", "concerns", "read_sdk"]
