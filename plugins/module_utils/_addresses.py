# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses a link from outside may lead to. Pure."""

from __future__ import annotations

import ipaddress
from typing import Collection

LOOPBACK = "loopback"
PRIVATE = "private"
PUBLIC = "public"
# Link-local (where clouds serve credentials to their machines), multicast, unspecified and reserved ones.
SPECIAL = "special"


def is_loopback(host: str) -> bool:
    """Whether a host, as a URL has it, is this machine."""
    if host == "localhost":
        return True
    try:
        return reach(host) == LOOPBACK
    except ValueError:
        return False


def reach(address: str) -> str:
    """Where an IP address is.

    :raises ValueError: it is none.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return LOOPBACK
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return SPECIAL
    return PUBLIC if ip.is_global else PRIVATE


def may_lead_to(target: str, origin: Collection[str]) -> bool:
    """Whether a link may lead to an address: into a private network, or to this machine, only if its giver is there.

    :param target: where the address is, by :func:`reach`.
    :param origin: where the giver of the link is, by all its addresses.
    """
    if target == PRIVATE:
        return PRIVATE in origin or LOOPBACK in origin
    return target == PUBLIC or (target == LOOPBACK and LOOPBACK in origin)
