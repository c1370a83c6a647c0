# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a download link may lead: never into a network that the API itself is not in."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.addresses import (
    LOOPBACK,
    PRIVATE,
    PUBLIC,
    SPECIAL,
    is_loopback,
    reach,
)
from ansible_collections.northflank.cloud.plugins.module_utils._download.storage import may_lead_to

REACH = [
    ("93.184.216.34", PUBLIC),
    ("2606:2800:220:1::1", PUBLIC),
    ("::ffff:93.184.216.34", PUBLIC),
    ("127.0.0.1", LOOPBACK),
    ("127.9.9.9", LOOPBACK),
    ("::1", LOOPBACK),
    ("::ffff:127.0.0.1", LOOPBACK),
    ("10.0.0.1", PRIVATE),
    ("172.16.0.1", PRIVATE),
    ("192.168.1.1", PRIVATE),
    ("100.64.0.1", PRIVATE),
    ("fc00::1", PRIVATE),
    ("::ffff:10.0.0.1", PRIVATE),
    ("169.254.169.254", SPECIAL),
    ("::ffff:169.254.169.254", SPECIAL),
    ("fe80::1%eth0", SPECIAL),
    ("0.0.0.0", SPECIAL),  # noqa: S104  # nobody listens there
    ("::", SPECIAL),
    ("224.0.0.1", SPECIAL),
    ("255.255.255.255", SPECIAL),
    ("ff02::1", SPECIAL),
    # What stands for an IPv4 address is where that one is.
    ("2002:a9fe:a9fe::1", SPECIAL),
    ("2002:a00:1::1", PRIVATE),
    ("2002:7f00:1::", LOOPBACK),
    ("2002:5db8:d822::1", PUBLIC),
    ("2001:0:a9fe:a9fe:0:0:a247:27dd", SPECIAL),
    ("2001:0:5db8:d822:0:0:f5ff:fffe", PRIVATE),
    ("2001:0:5db8:d822:0:0:a247:27dd", PUBLIC),
    ("64:ff9b::a9fe:a9fe", SPECIAL),
    ("64:ff9b::192.168.1.1", PRIVATE),
    ("64:ff9b::93.184.216.34", PUBLIC),
    ("64:ff9b:1::10.0.0.1", PRIVATE),
    ("::ffff:0:10.0.0.1", PRIVATE),
    ("::10.0.0.1", PRIVATE),
    ("::127.0.0.1", LOOPBACK),
    ("2606:2800:220:1:0:5efe:10.0.0.1", PRIVATE),
    ("2606:2800:220:1:200:5efe:169.254.169.254", SPECIAL),
    ("fec0::1", PRIVATE),
    ("2001:db8::1", PRIVATE),
]


@pytest.mark.parametrize(("address", "where"), REACH)
def test_where_an_address_is(address: str, where: str) -> None:
    assert reach(address) == where


@pytest.mark.parametrize(
    ("target", "origin", "may"),
    [
        (PUBLIC, set(), True),
        (PUBLIC, {PUBLIC}, True),
        (PRIVATE, {PUBLIC}, False),
        (LOOPBACK, {PUBLIC}, False),
        (SPECIAL, {PUBLIC}, False),
        (PRIVATE, set(), False),
        (LOOPBACK, set(), False),
        (PRIVATE, {PRIVATE}, True),
        (PRIVATE, {PUBLIC, PRIVATE}, True),
        (LOOPBACK, {PRIVATE}, False),
        (PRIVATE, {LOOPBACK}, True),
        (LOOPBACK, {LOOPBACK}, True),
        (SPECIAL, {SPECIAL, LOOPBACK, PRIVATE}, False),
    ],
)
def test_where_a_link_may_lead(target: str, origin: set[str], may: bool) -> None:
    assert may_lead_to(target, origin) is may


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("localhost.example", False), ("10.0.0.1", False)],
)
def test_which_host_is_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here
