# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses a link from outside may lead to. Pure."""

from __future__ import annotations

import ipaddress
from typing import Union

LOOPBACK = "loopback"
PRIVATE = "private"
PUBLIC = "public"
# Link-local (where clouds serve credentials to their machines), multicast, unspecified and reserved ones.
SPECIAL = "special"
_LAST_BITS = tuple(
    ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
)
_ISATAP = 0x5EFE


def is_loopback(host: str) -> bool:
    """Return whether a host, as a URL has it, is this machine."""
    if host == "localhost":
        return True
    try:
        return reach(host) == LOOPBACK
    except ValueError:
        return False


def reach(address: str) -> str:
    """Return where an IP address is. One that stands for an IPv4 address is where that one is.

    :raises ValueError: it is none.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [_reach(one) for one in _embedded(ip)]
        if inner:
            # Of several, as in Teredo, any that is not public is a way to where it leads.
            return next((where for where in inner if where != PUBLIC), PUBLIC)
    return _reach(ip)


def _reach(ip: Union[ipaddress.IPv4Address, ipaddress.IPv6Address]) -> str:
    if ip.is_loopback:
        return LOOPBACK
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return SPECIAL
    # Site-local addresses are of former times, and Python takes them for public.
    return PUBLIC if ip.is_global and not getattr(ip, "is_site_local", False) else PRIVATE


def _embedded(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address stands for: traffic to it ends up there, or goes through there."""
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    if ip.sixtofour is not None:
        return [ip.sixtofour]
    if ip.teredo is not None:
        return list(ip.teredo)
    # NAT64 by the well-known and the local prefix, addresses of translators, ISATAP, and ::192.0.2.1 of former times.
    last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if any(ip in network for network in _LAST_BITS) or (int(ip) >> 32) & 0xFDFFFFFF == _ISATAP:
        return [last] if int(ip) > 1 else []
    return []
