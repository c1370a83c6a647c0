# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account's limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sandbox import Assumptions, Sandbox, VirtualClock

if TYPE_CHECKING:
    from .conftest import Api


def test_each_answer_tells_what_is_left_of_the_hour(clock: VirtualClock, api: Api) -> None:
    for path, remaining in (("/v1/login", 999), ("/v1/unknown", 998), ("addons", 997)):
        headers = api.get(path).headers
        assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("1000", str(remaining))
    clock.advance(60)
    assert api.get("/v1/login").headers["x-ratelimit-reset"] == "3540"


@pytest.mark.parametrize("retry_after", [True, False])
def test_when_the_hour_is_used_up_requests_are_refused_until_it_is_over(
    clock: VirtualClock, connect: Callable[..., Api], retry_after: bool
) -> None:
    with Sandbox(clock=clock, rate_limit=3, assumptions=Assumptions(retry_after=retry_after)) as sandbox:
        api = connect(sandbox)
        clock.advance(5000)
        assert [api.get("/v1/login").status_code for _turn in range(3)] == [200] * 3
        clock.advance(600)
        refused = api.post("addons/postgres-main/backups", {})
        assert (refused.status_code, refused.json()["error"]["id"]) == (429, "rate_limited")
        assert (refused.headers["x-ratelimit-remaining"], refused.headers["x-ratelimit-reset"]) == ("0", "3000")
        assert refused.headers.get("Retry-After") == ("3000" if retry_after else None)
        assert sandbox.backups("postgres-main") == []
        clock.advance(3000)
        again = api.get("/v1/login")
        assert (again.status_code, again.headers["x-ratelimit-remaining"]) == (200, "2")


def test_what_is_left_can_be_set(sandbox: Sandbox, api: Api) -> None:
    sandbox.set_rate(remaining=3)
    assert api.get("/v1/login").headers["x-ratelimit-remaining"] == "2"


def test_a_wrong_token_uses_up_nothing(api: Api) -> None:
    api.send("GET", "/v1/login", headers={"Authorization": "Bearer wrong"})
    assert api.get("/v1/login").headers["x-ratelimit-remaining"] == "999"
