# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer proves, tried with bytes that a test writes itself.

Each answer belongs to one request. Only the API's own error object is a refusal: after whatever else comes to a request
that writes, the task looks what became of it, and never says that nothing happened.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import BackupError, NotSent, OutcomeUnknown
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import ApiTarget, Transport
from ansible_collections.northflank.cloud.plugins.module_utils._api.wire import Line, WireThread
from ansible_collections.northflank.cloud.plugins.module_utils._download.storage import Store
from ansible_collections.northflank.cloud.plugins.modules import (
    addon_backup,
    addon_backup_info,
    addon_backup_prune,
    addon_backup_restore,
    addon_backup_schedule,
)
from rawserver import Asked, Rule, honest, message, raw

import harness
from sandbox import Sandbox, VirtualClock, assume

from ..conftest import ADDON

OTHER = "mysql-orders"
PAGE = b"<html><title>Blocked</title>The rules of this network forbid it.</html>"
DEEP = b"[" * 900 + b"]" * 900
LATER = 0.3


def refusal(status: int, **others: Any) -> bytes:
    return json.dumps({"error": {"status": status, "message": "No", **others}}).encode()


# Answers that are not the API's own refusal, whatever their status says.
FOREIGN: dict[str, bytes] = {
    "a proxy's 403": message("403 Forbidden", PAGE, "Content-Type: text/html"),
    "a proxy's 404": message("404 Not Found", PAGE),
    "a proxy's 407": message("407 Proxy Authentication Required", PAGE, 'Proxy-Authenticate: Basic realm="x"'),
    "a proxy's 408": message("408 Request Timeout", PAGE),
    "a proxy's 409": message("409 Conflict", b""),
    "a proxy's 429": message("429 Too Many Requests", PAGE, "Retry-After: 1"),
    "a 499": message("499 Client Closed Request", PAGE),
    "JSON of another program": message("403 Forbidden", b'{"error": {"code": 403, "status": "PERMISSION_DENIED"}}'),
    "an error without its status": message("403 Forbidden", b'{"error": {"message": "Forbidden"}}'),
    "an error without a message": message("403 Forbidden", b'{"error": {"status": 403}}'),
    "an error of another status": message("403 Forbidden", refusal(404)),
    "an error that is a text": message("404 Not Found", b'{"error": "Not Found"}'),
    "an error of the API in a redirect": message("302 Found", refusal(302), "Location: /login"),
    "a redirect": message("302 Found", PAGE, "Location: http://127.0.0.1:9/"),
    "a redirect to keep the method": message("307 Temporary Redirect", b"", "Location: /v1/elsewhere"),
    "a redirect to no URL": message("302 Found", b"", "Location: http://[::1/"),
    "a redirect to no port": message("302 Found", b"", "Location: http://a:b:c/"),
    "a redirect to bytes": message("302 Found", b"", "Location: \x00\x80"),
    "not modified": message("304 Not Modified"),
    "other protocols": message("101 Switching Protocols", b"", "Upgrade: websocket"),
    "lists 900 deep": message("200 OK", b'{"data": ' + DEEP + b"}"),
    "an error 900 deep": message("403 Forbidden", refusal(403)[:-2] + b', "details": ' + DEEP + b"}}"),
    "a number of 9,000 digits": message("200 OK", b'{"data": {"size": ' + b"9" * 9000 + b"}}"),
    "a web page": message("200 OK", PAGE),
    "an object without data": message("200 OK", b"{}"),
    "data that is null": message("200 OK", b'{"data": null}'),
    "data that is a text": message("200 OK", b'{"data": "done"}'),
    "nothing": message("204 No Content"),
}


class Operation(NamedTuple):
    """A task that writes once, where nothing goes wrong.

    :ivar prepare: what the sandbox holds before.
    :ivar held: what it holds, as far as the task can change it.
    """

    module: Any
    arguments: dict[str, Any]
    prepare: Callable[[Sandbox], object]
    held: Callable[[Sandbox], object]


NIGHTLY = {"interval": "daily", "backup_type": "snapshot", "hour": [2], "minute": [30], "retention_time": 14}
SCHEDULE = {
    "scheduling": {"interval": "daily", "hour": [2], "minute": [30]},
    "backupType": "snapshot",
    "retentionTime": 14,
}


def backups(sandbox: Sandbox) -> list[Any]:
    return [(one["name"].split("T")[0], one["status"], one.get("retained")) for one in sandbox.backups(ADDON)]


def restores(sandbox: Sandbox) -> list[Any]:
    return [one["status"] for one in sandbox.restores(ADDON)]


def under_way(sandbox: Sandbox) -> None:
    sandbox.next_outcome(ADDON, "completed", duration=4000.0)
    sandbox.add_backup(ADDON, name="Good", status="in-progress")


def restored(sandbox: Sandbox) -> None:
    backup = sandbox.add_backup(ADDON, name="Good", age=60)
    sandbox.next_restore_outcome(ADDON, "completed", duration=4000.0)
    sandbox.start_restore(ADDON, backup["id"])


def good(sandbox: Sandbox) -> None:
    sandbox.add_backup(ADDON, name="Good", age=60)


def old_ones(sandbox: Sandbox) -> None:
    for day in range(2):
        sandbox.add_backup(ADDON, name=f"nightly-{day}", age=day * 86400.0 + 60)


OPERATIONS: dict[str, Operation] = {
    "create": Operation(addon_backup, {"name": "Good"}, lambda _sandbox: None, backups),
    "create without a name": Operation(addon_backup, {}, lambda _sandbox: None, backups),
    "absent": Operation(addon_backup, {"name": "Good", "state": "absent"}, good, backups),
    "abort": Operation(addon_backup, {"name": "Good", "state": "aborted"}, under_way, backups),
    "retain": Operation(addon_backup, {"name": "Good", "state": "retained"}, good, backups),
    "restore": Operation(addon_backup_restore, {"name": "Good"}, good, restores),
    "abort a restore": Operation(addon_backup_restore, {"state": "aborted"}, restored, restores),
    "prune": Operation(addon_backup_prune, {"name_prefix": "nightly-", "keep_last": 1}, old_ones, backups),
    "schedule": Operation(
        addon_backup_schedule, NIGHTLY, lambda _sandbox: None, lambda sandbox: len(sandbox.schedules(ADDON))
    ),
    "schedule absent": Operation(
        addon_backup_schedule,
        {"interval": "daily", "backup_type": "snapshot", "state": "absent"},
        lambda sandbox: sandbox.add_schedule(ADDON, SCHEDULE),
        lambda sandbox: len(sandbox.schedules(ADDON)),
    ),
}


class End(NamedTuple):
    """How a task ended, and what the server holds then."""

    failed: bool
    changed: bool
    action: Any
    held: object
    before: object
    writes: int
    msg: str


def ended(operation: Operation, rule: Rule, **arguments: Any) -> End:
    """Run an operation through a server that answers by a rule."""
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, duration=8.0) as sandbox:
        operation.prepare(sandbox)
        before = operation.held(sandbox)
        with raw(rule, sandbox.url) as server:
            given = {"addon_id": ADDON, "api_url": server.url, "api_timeout": 5, **operation.arguments, **arguments}
            ran = harness.run_task(operation.module, sandbox, clock, **given)
        result = ran.result
        shown = result.get("backup") or result.get("restore") or result.get("schedule") or {}
        action = shown.get("action", [one["name"] for one in result.get("deleted", [])])
        msg = ran.msg if ran.failed else ""
        return End(ran.failed, ran.changed, action, operation.held(sandbox), before, len(server.writes), msg)


def first_write(answer: bytes, acts: bool = True) -> Rule:
    """The first request that writes is answered with something else than the truth."""
    done: list[int] = []

    def rule(asked: Asked) -> Iterable[bytes]:
        if asked.method == "GET" or done:
            return honest(asked)
        done.append(asked.turn)
        if acts:
            asked.act()
        return [answer]

    return rule


def all_writes(answer: bytes, acts: bool) -> Rule:
    def rule(asked: Asked) -> Iterable[bytes]:
        if asked.method == "GET":
            return honest(asked)
        if acts:
            asked.act()
        return [answer]

    return rule


GATEWAY = message("504 Gateway Timeout", PAGE)


@pytest.fixture(scope="module")
def after_504() -> dict[tuple[str, bool], End]:
    """How each operation ends where the first answer is a gateway's."""
    return {
        (name, acts): ended(operation, first_write(GATEWAY, acts))
        for name, operation in OPERATIONS.items()
        for acts in (True, False)
    }


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("acts", [True, False], ids=["acted", "not acted"])
def test_after_a_lost_answer_the_task_finds_out_what_became_of_its_request(
    after_504: dict[tuple[str, bool], End], name: str, acts: bool
) -> None:
    end = after_504[name, acts]
    assert (end.failed, end.changed) == (False, True), end
    assert end.held == ended(OPERATIONS[name], honest).held


@pytest.mark.parametrize("answer", FOREIGN)
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("acts", [True, False], ids=["acted", "not acted"])
def test_what_is_no_refusal_of_the_api_is_looked_into_as_a_504_is(
    after_504: dict[tuple[str, bool], End], name: str, answer: str, acts: bool
) -> None:
    assert ended(OPERATIONS[name], first_write(FOREIGN[answer], acts)) == after_504[name, acts]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("acts", [True, False], ids=["acts", "never acts"])
@pytest.mark.parametrize("answer", ["a proxy's 403", "a proxy's 404", "a redirect", "lists 900 deep"])
def test_where_each_write_is_answered_so_a_task_never_says_that_nothing_was_changed(
    name: str, acts: bool, answer: str
) -> None:
    end = ended(OPERATIONS[name], all_writes(FOREIGN[answer], acts))
    # It may have happened, as far as anybody can tell; so handlers had better run. That a backup is complete
    # proves that it was not aborted.
    assert end.changed is (acts or name != "abort"), end
    assert "Nothing was" not in end.msg
    if acts and name != "retain":
        assert end.held != end.before
    # What is to be aborted ends by itself, and whether a backup is retained does not show.
    if not acts and name not in ("abort", "abort a restore", "retain"):
        assert end.failed
        assert end.held == end.before


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
@pytest.mark.parametrize("name", ["create", "restore", "schedule", "retain"])
def test_the_api_s_own_refusal_is_one(name: str, status: int) -> None:
    end = ended(OPERATIONS[name], first_write(message(f"{status} No", refusal(status)), acts=False))
    assert end.failed, end
    assert not end.changed
    assert end.held == end.before
    assert end.writes == 1


@pytest.mark.parametrize("answer", ["a proxy's 403", "JSON of another program", "an error without its status"])
def test_a_403_that_is_not_the_api_s_names_no_permission(answer: str) -> None:
    end = ended(OPERATIONS["create"], lambda _asked: [FOREIGN[answer]])
    assert (end.failed, end.changed) == (True, False)
    assert "permission" not in end.msg
    assert "HTTP 403" in end.msg
    assert "without the API's error object: it may come from a proxy, firewall or gateway on the way to" in end.msg
    assert "Nothing was started or changed." in end.msg


def test_a_403_of_the_api_names_the_permission() -> None:
    end = ended(OPERATIONS["create"], lambda _asked: [message("403 Forbidden", refusal(403))])
    assert "The token lacks the permission 'Project > Addons > General > Read'." in end.msg


def test_what_others_answer_to_a_read_is_not_asked_for_again_and_again() -> None:
    seen = []

    def rule(asked: Asked) -> Iterable[bytes]:
        seen.append(asked)
        return [FOREIGN["a proxy's 403"]]

    end = ended(OPERATIONS["create"], rule)
    assert end.failed
    assert len(seen) == 1


@pytest.mark.parametrize("answer", [message("408 Request Timeout", PAGE), message("408 No", refusal(408))])
def test_a_read_that_came_too_slowly_is_repeated(answer: bytes) -> None:
    def rule(asked: Asked) -> Iterable[bytes]:
        return [answer] if asked.turn == 1 else honest(asked)

    end = ended(OPERATIONS["create"], rule)
    assert (end.failed, end.changed, end.writes) == (False, True, 1)


# What can stand beside an answer, on a connection that stays open.
def hints_first(status: str) -> Rule:
    def rule(asked: Asked) -> Iterator[bytes]:
        yield f"HTTP/1.1 {status}\r\nLink: </x>; rel=preload\r\n\r\n".encode()
        # Whoever takes that for the answer asks the next thing now.
        asked.is_followed(LATER)
        yield asked.act()

    return rule


def twice(asked: Asked) -> Iterator[bytes]:
    answer = asked.act()
    yield answer
    asked.is_followed(LATER)
    yield answer


def at_once(asked: Asked) -> Iterable[bytes]:
    answer = asked.act()
    return [answer + answer]


def longer_than_it_says(asked: Asked) -> Iterable[bytes]:
    return [asked.act() + b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"data": {}}']


def two_lengths(asked: Asked) -> Iterable[bytes]:
    return [asked.act().replace(b"\r\n", b"\r\nTransfer-Encoding: identity\r\n", 1) + b" "]


BESIDE: dict[str, Rule] = {
    "103, and the answer later": hints_first("103 Early Hints"),
    "102, and the answer later": hints_first("102 Processing"),
    "199, and the answer later": hints_first("199 What"),
    "100, and the answer later": hints_first("100 Continue"),
    "the answer twice": twice,
    "the answer twice, at once": at_once,
    "another answer behind it": longer_than_it_says,
    "an end that is not certain": two_lengths,
}


@pytest.mark.parametrize("beside", BESIDE)
def test_no_answer_is_taken_for_that_to_another_request(beside: str) -> None:
    """Two addons, of which only the first has old backups: nothing of the second may go."""
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, duration=8.0) as sandbox:
        old_ones(sandbox)
        sandbox.add_backup(OTHER, name="nightly-1", age=86400.0 + 60)
        with raw(BESIDE[beside], sandbox.url) as server:
            given: dict[str, Any] = {
                "addon_id": [ADDON, OTHER],
                "name_prefix": "nightly-",
                "keep_last": 1,
                "api_url": server.url,
            }
            ran = harness.run_task(addon_backup_prune, sandbox, clock, **given)
            assert (ran.failed, ran.changed) == (False, True), ran.result
        assert [one["name"] for one in sandbox.backups(ADDON)] == ["nightly-0"]
        assert [one["name"] for one in sandbox.backups(OTHER)] == ["nightly-1"]
        assert [(one["addon_id"], one["name"]) for one in ran.result["deleted"]] == [(ADDON, "nightly-1")]


def test_each_write_and_each_list_has_a_connection_that_no_answer_came_from() -> None:
    """Their answers do not tell what they are about."""
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, assumptions=assume(max_page_size_served=None), duration=8.0) as sandbox:
        for day in range(4):
            sandbox.add_backup(ADDON, name=f"nightly-{day}", age=day * 86400.0 + 60)
        with raw(honest, sandbox.url) as server:
            given: dict[str, Any] = {
                "addon_id": [ADDON, OTHER],
                "name_prefix": "nightly-",
                "keep_last": 1,
                "api_url": server.url,
            }
            assert not harness.run_task(addon_backup_prune, sandbox, clock, **given).failed
    assert [asked.method for asked in server.writes] == ["DELETE"] * 3
    alone = [asked for asked in server.seen if asked.method != "GET" or asked.path.split("?")[0].endswith("/backups")]
    assert len(alone) >= 5
    for asked in alone:
        assert asked.connection not in {other.connection for other in server.seen if other.turn < asked.turn}


def test_reads_share_a_connection_as_long_as_each_answer_is_whole() -> None:
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, assumptions=assume(max_page_size_served=None), duration=8.0) as sandbox:
        for number in range(250):
            sandbox.add_backup(ADDON, name=f"nightly-{number}", age=number * 60.0)
        with raw(honest, sandbox.url) as server:
            ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON, api_url=server.url)
            assert len(ran.result["backups"]) == 250
            assert (len(server.seen), server.connections) == (3, 1)


@pytest.mark.parametrize("beside", BESIDE)
def test_a_connection_ends_with_an_answer_that_is_not_whole_and_alone(beside: str) -> None:
    """All but one show that before the next request; that one is the reason why not all requests share a connection."""
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with Sandbox(clock=clock, assumptions=assume(max_page_size_served=None), duration=8.0) as sandbox:
        for number in range(250):
            sandbox.add_backup(ADDON, name=f"nightly-{number}", age=number * 60.0)
        with raw(BESIDE[beside], sandbox.url) as server:
            ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON, api_url=server.url)
            if beside == "the answer twice":
                # Whether the second comes before the next request or after it is not ours to say.
                assert "lead in a circle" in ran.msg if ran.failed else len(ran.result["backups"]) == 250
            elif beside.startswith("100"):
                assert (len(ran.result["backups"]), server.connections) == (250, 1)
            else:
                assert (len(ran.result["backups"]), server.connections) == (250, 3)


@pytest.mark.parametrize("name", ["create", "absent", "restore"])
def test_an_exception_of_our_own_after_a_request_was_sent_is_not_known(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever raises there: here what reads the cookies of an answer does."""
    from requests import adapters

    original = adapters.HTTPAdapter.build_response

    def build_response(self: Any, request: Any, response: Any) -> Any:
        if request.method != "GET":
            raise KeyError("a fault of another library")
        return original(self, request, response)

    monkeypatch.setattr(adapters.HTTPAdapter, "build_response", build_response)
    end = ended(OPERATIONS[name], honest)
    assert end.changed, end
    assert end.held != end.before


@pytest.mark.parametrize("headers", ["", "Connection: close"], ids=["it stays", "it ends"])
def test_an_answer_that_cannot_be_read_leaves_no_connection(headers: str) -> None:
    """Not even until the next garbage collection: a warning about a socket would fail the test."""
    answer = message("200 OK", b"{}", "Content-Length: 3", *filter(None, [headers]))
    with raw(lambda _asked: [answer]) as server, pytest.raises(OutcomeUnknown):
        Transport(ApiTarget(server.url, "token-for-nobody", timeout=5.0)).send("GET", "/v1/projects")
    gc.collect()


def test_an_attempt_that_was_given_up_reads_nothing_more() -> None:
    """The server sends a byte now and then, for ever, until the client hangs up."""
    hung_up = threading.Event()

    def rule(_asked: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
        try:
            while True:
                time.sleep(0.02)
                yield b" "
        except GeneratorExit:
            hung_up.set()

    with raw(rule) as server:
        transport = Transport(ApiTarget(server.url, "token-for-nobody", timeout=0.2))
        with pytest.raises(OutcomeUnknown, match="not complete after"):
            transport.send("GET", "/v1/projects")
        assert hung_up.wait(30)
        for thread in threading.enumerate():
            if isinstance(thread, WireThread):
                thread.join(30)
                assert not thread.is_alive()


def test_what_fails_before_the_first_byte_of_a_request_was_sent_is_not_sent() -> None:
    """Here the other side never answers to the beginning of TLS."""
    with raw(lambda _asked: []) as server:
        transport = Transport(ApiTarget(server.url.replace("http:", "https:"), "token-for-nobody", timeout=0.2))
        with pytest.raises(NotSent):
            transport.send("POST", "/v1/projects", body={})
    assert server.seen == []


def test_an_attempt_that_was_given_up_sends_nothing_more() -> None:
    line = Line()
    assert line.give_up() is False
    with pytest.raises(ConnectionAbortedError):
        line.sending(None)
    assert line.sent is False


SIGNATURE = "signature=a-signature-that-nobody-may-see"
MALFORMED = b"HTTP/1.1 200 OK\r\nthis is no header\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("answer", [MALFORMED, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"", b"\x00"])
def test_nothing_that_urllib3_logs_about_a_link_goes_anywhere(
    caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder, answer: bytes
) -> None:
    """It logs whole URLs, signatures and all, also where nobody has asked for more than warnings."""
    caplog.set_level("DEBUG")
    logging.getLogger("urllib3").warning("of others")
    with raw(lambda _asked: [answer]) as server:
        with contextlib.suppress(OutcomeUnknown, BackupError):
            stream = Store(ApiTarget(server.url, "token-for-nobody", timeout=5.0)).open(
                f"{server.url}/file?{SIGNATURE}"
            )
            list(stream)
        with contextlib.suppress(OutcomeUnknown):
            Transport(ApiTarget(server.url, "token-for-nobody", timeout=5.0)).send("GET", f"/v1/x?{SIGNATURE}")
        assert len(server.seen) == 2
    assert [record.getMessage() for record in caplog.records] == ["of others"]
    assert list(recwarn) == []


def test_a_stream_that_was_given_up_reads_nothing_more() -> None:
    hung_up = threading.Event()

    def rule(_asked: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
        try:
            while True:
                time.sleep(0.02)
                yield b" "
        except GeneratorExit:
            hung_up.set()

    with raw(rule) as server:
        stream = Store(ApiTarget(server.url, "token-for-nobody", timeout=5.0)).open(f"{server.url}/file")
        stream.close()
        assert hung_up.wait(30)
        stream.join(30)
        assert not stream.is_alive()


def test_a_redirect_of_the_storage_is_not_read() -> None:
    """Its body has no end."""

    def rule(asked: Asked) -> Iterator[bytes]:
        if asked.turn > 1:
            yield message("200 OK", b"the file")
            return
        yield b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n"
        while True:
            yield b" " * 65536

    with raw(rule) as server:
        stream = Store(ApiTarget(server.url, "token-for-nobody", timeout=5.0)).open(f"{server.url}/file")
        assert b"".join(stream) == b"the file"


def test_a_token_that_the_api_repeats_is_told_in_no_part() -> None:
    """The text of a refusal is cut at 500 characters, and the token stands across that."""
    for before in range(455, 500, 5):

        def rule(asked: Asked, before: int = before) -> Iterable[bytes]:
            token = next(line for line in asked.head if line.startswith("Authorization")).split()[-1]
            words = "x" * before + " " + token
            return [message("400 No", json.dumps({"error": {"status": 400, "message": words}}).encode())]

        end = ended(OPERATIONS["create"], rule)
        assert end.failed
        with Sandbox() as sandbox:
            assert sandbox.token[:6] not in end.msg


@pytest.mark.parametrize("later", ["86400", "Mon, 02 Mar 2026 12:00:00 GMT"])
def test_a_503_that_asks_for_more_than_there_is_time_is_told_at_once(later: str) -> None:
    clock = VirtualClock(start="2026-03-01T12:00:00Z")
    with (
        Sandbox(clock=clock) as sandbox,
        raw(lambda _asked: [message("503 No", PAGE, f"Retry-After: {later}")]) as server,
    ):
        began = clock.monotonic()
        ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON, api_url=server.url)
        assert "HTTP 503 (Retry-After: 86400 s)" in ran.msg
        assert len(server.seen) == 1
        assert clock.monotonic() - began < 1


@pytest.mark.parametrize(("answer", "headers"), [("503 No", []), ("429 No", ["x-ratelimit-reset: 3000"])])
def test_a_date_says_how_long_to_wait(answer: str, headers: list[str]) -> None:
    clock = VirtualClock(start="2026-03-01T12:00:00Z")

    def rule(asked: Asked) -> Iterable[bytes]:
        if asked.turn > 1:
            return honest(asked)
        return [message(answer, PAGE, "Retry-After: Sun, 01 Mar 2026 12:01:00 GMT", *headers)]

    with Sandbox(clock=clock) as sandbox, raw(rule, sandbox.url) as server:
        began = clock.monotonic()
        ran = harness.run_task(addon_backup_info, sandbox, clock, addon_id=ADDON, api_url=server.url)
        assert not ran.failed, ran.result
        assert 60 <= clock.monotonic() - began < 62
