# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS: what is not trusted is refused, and the message says what to do about it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from werkzeug.serving import make_server

from sandbox import Sandbox

from .conftest import Task

NAME = "Example Backup"


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(sandbox: Sandbox, authority: trustme.CA) -> Iterator[str]:
    """The sandbox once more, behind a certificate of an authority that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = make_server("127.0.0.1", 0, sandbox.wsgi_app, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(variable, raising=False)


def test_a_certificate_that_is_not_trusted_is_refused_at_once(sandbox: Sandbox, task: Task, tls: str) -> None:
    ran = task(api_url=tls, name=NAME)
    assert ran.failed
    assert not ran.changed
    assert "has no certificate that is trusted here" in ran.msg
    assert "ca_path" in ran.msg
    assert f"openssl s_client -connect {tls.removeprefix('https://')}" in ran.msg
    assert ran.result["requests"] == 1
    assert sandbox.requests == []


def test_ca_path_names_an_authority_to_trust(task: Task, tls: str, authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    assert not task(api_url=tls, name=NAME, ca_path=str(bundle)).failed


def test_the_environments_bundle_keeps_working(
    task: Task, tls: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert not task(api_url=tls, name=NAME).failed


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("bundle", [None, "/nowhere/ca.pem"])
def test_validate_certs_false_trusts_anybody_whatever_the_environment_says(
    task: Task, tls: str, bundle: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bundle is not None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    assert not task(api_url=tls, name=NAME, validate_certs=False).failed


def test_nobody_listening_is_told_with_a_command_to_try(task: Task) -> None:
    ran = task(api_url="http://127.0.0.1:1", name=NAME, api_retries=0)
    assert "no connection to http://127.0.0.1:1" in ran.msg
    assert "curl -sSI http://127.0.0.1:1" in ran.msg
