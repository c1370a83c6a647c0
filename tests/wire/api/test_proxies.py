# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies: one that is in the way is named by its host, never with its password, and is not asked again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._task.cli_context import CONFIG_FILE
from ansible_collections.northflank.cloud.plugins.modules import addon_backup, addon_info
from rawserver import Asked, honest, message, raw

import harness
from sandbox import Sandbox, VirtualClock

from ..conftest import ADDON

PASSWORD = "Geheim-1234"  # noqa: S105  # of nobody
NOBODY = "https://api.northflank.invalid"
Ran = Callable[..., harness.Ran]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def slept() -> list[float]:
    """The pauses before another attempt."""
    return []


@pytest.fixture(params=["module", "worker"])
def run(request: pytest.FixtureRequest, slept: list[float]) -> Ran:
    """Run addon_info as a module, or in the controller's worker."""
    timing = harness.virtual(VirtualClock(start="2026-03-01T12:00:00Z"), slept.append)

    def call(**arguments: Any) -> harness.Ran:
        given = {"project_id": "default-project", "api_url": NOBODY, "api_token": "token-for-nobody", "api_timeout": 5}
        if request.param == "module":
            return harness.run_main(addon_info.main, timing, {**given, **arguments})
        return harness.run_action("addon_info", timing, {**given, **arguments})

    return call


def quiet_about(ran: harness.Ran) -> bool:
    """Whether neither the password nor a part of it is told."""
    return not any(part in repr(ran.result) + ran.said for part in (PASSWORD, "Geheim", "1234", "backup:"))


@pytest.mark.parametrize(
    "value",
    [
        f"http://backup:{PASSWORD}#x@proxy.example:3128",
        f"http://backup:{PASSWORD}/x@proxy.example:3128",
        f"http://backup:1234/{PASSWORD}@proxy.example:3128",
        f"http://backup:{PASSWORD}?x@proxy.example:3128",
        f"http://backup:{PASSWORD}[x@proxy.example:3128",
        f"http://backup:{PASSWORD}]x@proxy.example:3128",
        f"http://backup:{PASSWORD} x@proxy.example:3128",
        f"http://backup:{PASSWORD}@",
        f"backup:{PASSWORD}@",
        f"http://backup:{PASSWORD}\N{EURO SIGN}@proxy.example:3128",
        f"http://backup:{PASSWORD}@proxy.example:99999",
        f"http://backup:{PASSWORD}@proxy.example:port",
        f"ftp://backup:{PASSWORD}@proxy.example",
        "http://u:p@",
        "http://",
    ],
)
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_what_is_no_url_of_a_proxy_is_told_by_its_variable_only(
    run: Ran, slept: list[float], monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    ran = run()
    assert ran.failed
    assert f"the proxy in {variable} is not a usable URL (its value is not shown)" in ran.msg
    assert slept == []
    assert quiet_about(ran)


def test_a_proxy_that_is_down_is_named_and_not_tried_again(
    run: Ran, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://backup:{PASSWORD}@127.0.0.1:1")
    ran = run()
    assert "the proxy 127.0.0.1:1 (from https_proxy) cannot be reached, so there is no connection to" in ran.msg
    assert NOBODY in ran.msg
    assert slept == []
    assert quiet_about(ran)


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_to_connect_is_named_and_not_tried_again(
    run: Ran, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with raw(lambda _asked: [message(f"{status} No", b"<html>")]) as proxy:
        place = proxy.url.removeprefix("http://")
        monkeypatch.setenv("https_proxy", f"http://backup:{PASSWORD}@{place}")
        ran = run()
        assert f"the proxy {place} (from https_proxy) refused to connect to {NOBODY} with HTTP {status}." in ran.msg
        assert ("It wants a user name and a password." in ran.msg) == (status == 407)
        assert [asked.method for asked in proxy.seen] == ["CONNECT"]
        assert quiet_about(ran)


def test_the_page_of_a_proxy_names_the_proxy(run: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TLS, which is for this machine only, the proxy answers itself."""
    with raw(lambda _asked: [message("407 Proxy Authentication Required", b"<html>")]) as proxy:
        place = proxy.url.removeprefix("http://")
        monkeypatch.setenv("http_proxy", f"http://backup:{PASSWORD}@{place}")
        ran = run(api_url="http://127.0.0.1:9")
        assert "HTTP 407 without the API's error object" in ran.msg
        assert f"the proxy {place} (from http_proxy), or a firewall or gateway on the way to" in ran.msg
        assert len(proxy.seen) == 1
        assert quiet_about(ran)


def test_user_name_and_password_may_hold_anything_that_is_percent_encoded(
    sandbox: Sandbox, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rule(asked: Asked) -> Iterable[bytes]:
        return honest(asked)

    with raw(rule, sandbox.url) as proxy:
        monkeypatch.setenv("http_proxy", f"http://back%40up:%2F%23%3F%5B@{proxy.url.removeprefix('http://')}/")
        ran = harness.run_task(addon_backup, sandbox, clock, addon_id=ADDON, api_url="http://127.0.0.1:9")
    assert not ran.failed, ran.result
    assert any("proxy-authorization: basic " in line.lower() for line in proxy.seen[0].head)


def test_nobody_needs_a_home_without_asking_for_a_context(run: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user whom the machine does not know."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 54321)
    ran = run(api_url="http://127.0.0.1:1", api_retries=0)
    assert "no connection to http://127.0.0.1:1" in ran.msg
    ran = run(context="work", api_token=None)
    assert f"context needs the client's file ~/{CONFIG_FILE}, which cannot be read" in ran.msg
