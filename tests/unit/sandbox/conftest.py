# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sandbox on a virtual clock and a small client for it, over real HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

TESTS = str(Path(__file__).resolve().parents[2])
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)

from sandbox import Sandbox, VirtualClock  # noqa: E402  # needs the line above where pytest is run without its settings

PROJECT = "/v1/projects/default-project"


class Api:
    """Requests to a sandbox. Paths that do not start with a slash are those of the first project."""

    def __init__(self, sandbox: Sandbox, token: str | None = None) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token or sandbox.token}"

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        whole = path if path.startswith("/") else f"{PROJECT}/{path}"
        options.setdefault("timeout", 10)
        return self.session.request(method, self.sandbox.url + whole, allow_redirects=False, **options)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.send("POST", path, json=body, params=query)

    def delete(self, path: str) -> requests.Response:
        return self.send("DELETE", path)

    def start(self, addon: str = "postgres-main", **body: Any) -> dict[str, Any]:
        """Start a backup, which has to work."""
        answer = self.post(f"addons/{addon}/backups", body)
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start="2026-03-01T12:00:00Z")


@pytest.fixture
def sandbox(clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, duration=10.0) as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Callable[..., Api]]:
    """Make clients, which are closed in the end."""
    made: list[Api] = []

    def make(sandbox: Sandbox, token: str | None = None) -> Api:
        made.append(Api(sandbox, token))
        return made[-1]

    yield make
    for api in made:
        api.session.close()


@pytest.fixture
def api(sandbox: Sandbox, connect: Callable[..., Api]) -> Api:
    return connect(sandbox)
