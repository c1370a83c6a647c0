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
from rawserver import raw
from werkzeug.serving import make_server

import harness
from sandbox import Sandbox

from ..conftest import Task

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


@pytest.mark.parametrize("bundle", [None, "/nowhere/ca.pem"])
def test_validate_certs_false_trusts_anybody_whatever_the_environment_says(
    task: Task, tls: str, bundle: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bundle is not None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    assert not task(api_url=tls, name=NAME, validate_certs=False).failed


@pytest.mark.parametrize("content", [b"", b"no PEM", b"\x00\x01", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
@pytest.mark.parametrize("how", ["ca_path", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_is_none_is_refused_before_the_first_request(
    task: Task, tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, content: bytes
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(content)
    ran = with_bundle(task, tls, monkeypatch, how, str(bundle))
    assert f"{how} must be readable and contain certificates as PEM text; got '{bundle}'" in ran.msg
    assert "requests" not in ran.result


@pytest.mark.parametrize("how", ["ca_path", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_is_missing_is_refused_before_the_first_request(
    task: Task, tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ran = with_bundle(task, tls, monkeypatch, how, str(tmp_path / "missing.pem"))
    assert f"{how} must be a file or folder that exists where the task runs" in ran.msg
    assert "requests" not in ran.result


def with_bundle(task: Task, tls: str, monkeypatch: pytest.MonkeyPatch, how: str, bundle: str) -> harness.Ran:
    if how == "ca_path":
        return task(api_url=tls, name=NAME, ca_path=bundle)
    monkeypatch.setenv(how, bundle)
    return task(api_url=tls, name=NAME)


def test_https_to_a_port_for_http_says_so(task: Task, sandbox: Sandbox) -> None:
    ran = task(api_url=sandbox.url.replace("http:", "https:"), name=NAME)
    assert (ran.failed, ran.changed) == (True, False)
    assert (
        f"{sandbox.url.replace('http:', 'https:')} answers http, not https, or another protocol without TLS" in ran.msg
    )
    assert "Check the scheme and the port of api_url." in ran.msg
    assert ran.result["requests"] == 1


def test_http_to_a_port_for_https_says_so(task: Task, tls: str) -> None:
    ran = task(api_url=tls.replace("https:", "http:"), name=NAME, api_retries=0)
    assert (ran.failed, ran.changed) == (True, False)
    assert "port speaks https" in ran.msg


def test_http_to_a_port_that_answers_with_an_alert_of_tls_says_so(task: Task) -> None:
    with raw(lambda _asked: [b"\x15\x03\x01\x00\x02\x02\x16", b""]) as server:
        ran = task(api_url=server.url, name=NAME, api_retries=0)
    assert "The port speaks https." in ran.msg


def test_nobody_listening_is_told_with_a_command_to_try(task: Task) -> None:
    ran = task(api_url="http://127.0.0.1:1", name=NAME, api_retries=0)
    assert "no connection to http://127.0.0.1:1" in ran.msg
    assert "curl -sSI http://127.0.0.1:1" in ran.msg
