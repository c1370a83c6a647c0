# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contexts of the official client: which wins, where their token goes, and what is said when one cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, VirtualClock

from ..conftest import Task, backup_task

SECRET = "a-token-of-another-context-that-must-not-show"  # noqa: S105  # it opens nothing


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(home: Path, content: Any, mode: int = 0o600) -> Path:
    file = home / ".northflank" / "config.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    file.chmod(mode)
    return file


def contexts(sandbox: Sandbox, current: str | None = "work") -> dict[str, Any]:
    return {
        "contexts": [
            {"name": "home", "host": "http://127.0.0.1:1", "token": SECRET},
            {"name": "work", "host": sandbox.url, "token": sandbox.token},
        ],
        "current": current,
    }


@pytest.mark.parametrize("context", ["work", "current"])
def test_a_context_gives_token_and_host(sandbox: Sandbox, home: Path, task: Task, context: str) -> None:
    write(home, contexts(sandbox))
    ran = task(context=context, api_token=None, api_url=None)
    assert not ran.failed, ran.result
    assert all(request.token_ok for request in sandbox.requests)
    assert ran.warnings == []


def test_the_environments_context_is_the_last_resort(
    sandbox: Sandbox, home: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, contexts(sandbox))
    monkeypatch.setenv("NORTHFLANK_CONTEXT", "work")
    assert not task(api_token=None, api_url=None).failed
    monkeypatch.setenv("NF_API_TOKEN", "wrong-token-of-the-environment-that-wins")
    monkeypatch.setenv("NORTHFLANK_API_URL", sandbox.url)
    assert "does not accept the token" in task(api_token=None, api_url=None).msg


def test_an_explicit_context_wins_over_the_environments_token_and_address(
    sandbox: Sandbox, home: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, contexts(sandbox))
    monkeypatch.setenv("NORTHFLANK_API_TOKEN", "wrong-token-of-the-environment")
    monkeypatch.setenv("NORTHFLANK_API_URL", "http://127.0.0.1:1")
    assert not task(context="work", api_token=None, api_url=None).failed


def test_an_explicit_token_wins_over_an_explicit_context(sandbox: Sandbox, home: Path, task: Task) -> None:
    broken = contexts(sandbox)
    broken["contexts"][1]["token"] = SECRET
    write(home, broken)
    assert not task(context="work", api_url=None).failed


def test_a_contexts_token_never_goes_to_another_host_unless_the_task_says_so(
    sandbox: Sandbox, clock: VirtualClock, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, contexts(sandbox))
    with Sandbox(clock=clock) as elsewhere:
        monkeypatch.setenv("NORTHFLANK_API_URL", elsewhere.url)
        backup_task(sandbox, clock, context="work", api_token=None, api_url=None)
        assert elsewhere.requests == []
        backup_task(sandbox, clock, context="work", api_token=None, api_url=elsewhere.url)
        assert elsewhere.requests != []


def test_a_file_that_others_can_read_brings_a_warning(sandbox: Sandbox, home: Path, task: Task) -> None:
    file = write(home, contexts(sandbox), mode=0o644)
    ran = task(context="work", api_token=None, api_url=None)
    assert not ran.failed
    (warning,) = ran.warnings
    assert "can be read by other users" in warning
    assert f"chmod 600 {file}" in warning


@pytest.mark.parametrize(
    ("content", "context", "words"),
    [
        (None, "work", ["context needs", "cannot be read"]),
        ("{", "work", ["context needs", "not JSON"]),
        ("[" * 100_000, "work", ["context needs", "not JSON"]),
        ("[]", "work", ["no list of contexts"]),
        ({"contexts": "x"}, "work", ["no list of contexts"]),
        ({}, "work", ["one of those in", "none", "'work'"]),
        ({"contexts": [{"name": "a"}, {"name": "b"}]}, "work", ["one of those in", "a, b", "'work'"]),
        ({"contexts": []}, "current", ["no current context"]),
        ({"contexts": [{"name": "a"}], "current": "b"}, "current", ["one of those in", "a", "'b'"]),
        ({"contexts": [{"name": "a", "token": SECRET}]}, "a", ["host and token"]),
        ({"contexts": [{"name": "a", "host": "http://127.0.0.1:1", "token": ""}]}, "a", ["host and token"]),
        ({"contexts": [{"name": "a", "host": "http://example.com", "token": SECRET}]}, "a", ["api_url must be https"]),
    ],
)
def test_a_context_that_cannot_be_used_is_refused_and_nothing_of_the_file_shows(
    sandbox: Sandbox, home: Path, task: Task, content: Any, context: str, words: list[str]
) -> None:
    if content is not None:
        write(home, content)
    ran = task(context=context, api_token=None, api_url=None)
    assert ran.failed
    for word in words:
        assert word in ran.msg
    assert SECRET not in repr(ran)
    assert sandbox.requests == []


def test_a_pipe_in_place_of_the_file_is_not_waited_for(sandbox: Sandbox, home: Path, task: Task) -> None:
    """Nobody writes into it, so that reading would never end."""
    file = write(home, {})
    file.unlink()
    os.mkfifo(file)
    ran = task(context="work", api_token=None, api_url=None)
    assert ran.failed
    assert f"context needs the client's file {file}, which is not a file" in ran.msg
    assert sandbox.requests == []
