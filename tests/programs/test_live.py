# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make live`` against the sandbox: whatever that assumes, the program finds it out, and leaves nothing behind."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest

import harness
from live import cli
from live.probes import NOT_ASKED, PROBES
from live.reading import READING
from live.writing import WRITING
from sandbox import Assumptions, Fault, Sandbox, SystemClock, VirtualClock
from sandbox.assumptions import CHOICES
from sandbox.world import TEAMS

ADDON, TWIN, REDIS, PAUSED = "postgres-main", "postgres-twin", "redis-cache", "postgres-paused"
PROJECT = "default-project"
ROOT = Path(__file__).resolve().parents[2]
# No assumptions of the contract.
_NO_ASSUMPTIONS = {"shuffle_seed", "optional_fields", "types_told"}


@dataclass
class Run:
    """One run of the program.

    :ivar lines: what it printed, each with the number of requests that the sandbox had seen by then.
    """

    code: int
    lines: list[tuple[int, str]]
    file: dict[str, Any]
    text: str

    @property
    def found(self) -> dict[str, str]:
        return {each["assumption"]: each["value"] for each in self.file["found"]}

    @property
    def printed(self) -> str:
        return "\n".join(line for _seen, line in self.lines)


@dataclass
class Server:
    """A sandbox with its clock, and the program to be run against it."""

    sandbox: Sandbox
    clock: VirtualClock
    folder: Path
    addon: str = ADDON
    environment: dict[str, str] = field(default_factory=dict)
    on_sleep: Callable[[float], None] | None = None

    def run(
        self,
        *arguments: str,
        writes: bool = False,
        answer: str | None = None,
        ask: Callable[[str], str] | None = None,
        bare: bool = False,
    ) -> Run:
        """Run the program as a person would who types the addon's name, or something else, when asked for it."""
        lines: list[tuple[int, str]] = []
        out = self.folder / "live.json"
        given = [] if bare else ["--project", PROJECT, "--addon", self.addon, "--out", str(out), *arguments]
        if writes:
            given += ["--write", "1"]
        code = cli.main(
            given,
            {
                "NORTHFLANK_API_URL": self.sandbox.url,
                "NORTHFLANK_API_TOKEN": self.sandbox.token,
                "HOME": str(self.folder),
            }
            | self.environment,
            harness.virtual(self.clock, self.on_sleep),
            ask or (lambda _question: self.addon if answer is None else answer),
            lambda line: lines.append((len(self.sandbox.requests), line)),
        )
        text = out.read_text(encoding="utf-8") if out.exists() else "{}"
        return Run(code, lines, json.loads(text), text)


@pytest.fixture
def serve(tmp_path: Path) -> Any:
    """A sandbox for some assumptions. What it did against the contract fails the test at its end."""
    started: list[Sandbox] = []

    def start(**assumed: Any) -> Server:
        clock = VirtualClock(start="2026-03-01T12:00:00Z")
        sandbox = Sandbox(clock=clock, assumptions=Assumptions(**assumed), duration=8.0)
        sandbox.start()
        started.append(sandbox)
        return Server(sandbox, clock, tmp_path)

    yield start
    for sandbox in started:
        sandbox.__exit__(None, None, None)


def left_behind(sandbox: Sandbox) -> list[str]:
    return [
        *(str(backup["name"]) for backup in sandbox.backups(ADDON) if str(backup["name"]).startswith("Live check")),
        *(str(schedule["id"]) for schedule in sandbox.schedules(ADDON)),
    ]


# What some assumptions need before they show: further ones, or another addon, or a history.


@dataclass(frozen=True)
class Circumstances:
    """What has to be so for an assumption to show."""

    addon: str = ADDON
    assumed: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[Server], None] = lambda _server: None


def long_history(server: Server) -> None:
    for number in range(101):
        server.sandbox.add_backup(ADDON, f"Night {number}", age=3600.0 * (number + 1))


def restored_elsewhere(server: Server) -> None:
    sandbox = server.sandbox
    sandbox.add_addon(TWIN)
    backup = sandbox.add_backup(ADDON, "For the twin")
    with sandbox.world.lock:
        from sandbox import restores

        source = sandbox.world.addon(PROJECT, ADDON)
        restores.start(sandbox.world, sandbox.world.addon(PROJECT, TWIN), source.backups[backup["id"]], source)
    server.clock.advance(60.0)


def used_up(server: Server) -> None:
    server.sandbox.set_rate(0)


def may_read_only(server: Server) -> None:
    server.sandbox.deny("Project > Addons > General > Read Spec")


def with_an_organisations_token(server: Server) -> None:
    server.environment = {"NORTHFLANK_API_TOKEN": server.sandbox.org_token, "NORTHFLANK_TEAM_ID": TEAMS[0]}


CIRCUMSTANCES: dict[str, Circumstances] = {
    "max_page_size_served": Circumstances(prepare=long_history),
    "failed_names_free": Circumstances(assumed={"names_unique": True}),
    "not_running": Circumstances(addon=PAUSED),
    "unsupported_dump": Circumstances(addon=REDIS),
    "last_restore_counts_other_addons": Circumstances(prepare=restored_elsewhere),
    "read_spec": Circumstances(prepare=may_read_only),
    "retry_after": Circumstances(prepare=used_up),
    "org_token_without_team": Circumstances(prepare=with_an_organisations_token),
}
# Values of what may be any number.
NUMBERS: dict[str, list[Any]] = {"link_lifetime": [900, 60], "max_page_size_served": [None, 2]}


def values(key: str) -> list[Any]:
    """All values that an assumption can have in the sandbox."""
    if key in NUMBERS:
        return NUMBERS[key]
    if key in CHOICES:
        return list(CHOICES[key])
    default = getattr(Assumptions(), key)
    assert isinstance(default, bool), f"{key} has neither choices nor numbers here"
    return [False, True]


def spelled(value: Any) -> str:
    """A value as the command line of the sandbox takes it, which is how the program tells it."""
    return {None: "none", True: "true", False: "false"}.get(value, str(value))


SWITCHES = [each.name for each in fields(Assumptions) if each.name not in _NO_ASSUMPTIONS]
CASES = [(key, value) for key in SWITCHES if key not in NOT_ASKED for value in values(key)]


def found_under(serve: Any, needed: Circumstances, **assumed: Any) -> Run:
    """Run the program under assumptions, and see that nothing is left, whatever they are."""
    server: Server = serve(**{**needed.assumed, **assumed})
    server.addon = needed.addon
    needed.prepare(server)
    ran = server.run(writes=True)
    assert left_behind(server.sandbox) == []
    return ran


@pytest.fixture(scope="module")
def by_default() -> dict[str, Run]:
    """Runs under the defaults, which are the same for most assumptions, by the one that they were made for."""
    return {}


@pytest.mark.parametrize(("key", "value"), CASES, ids=spelled)
def test_each_value_of_each_assumption_is_found_out(
    serve: Any, by_default: dict[str, Run], key: str, value: Any
) -> None:
    needed = CIRCUMSTANCES.get(key, Circumstances())
    if value != getattr(Assumptions(**needed.assumed), key):
        ran = found_under(serve, needed, **{key: value})
    else:
        shared = key if key in CIRCUMSTANCES else ""
        if shared not in by_default:
            by_default[shared] = found_under(serve, needed)
        ran = by_default[shared]
    assert ran.found.get(key) == spelled(value), ran.printed
    assert PROBES[key].knows(spelled(value))


def test_every_switch_has_a_probe_or_a_reason() -> None:
    assert set(SWITCHES) <= set(PROBES) | set(NOT_ASKED)
    assert not set(PROBES) & set(NOT_ASKED)


# What is refused before the first request.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--project", ""], "PROJECT must not be empty"),
        (["--project", "a/b"], "PROJECT may hold only letters, digits and hyphens"),
        (["--addon", ""], "ADDON must not be empty"),
        (["--addon", "postgres main"], "ADDON may hold only letters, digits and hyphens"),
        (["--write", "please"], "WRITE must be 1, or left out"),
        (["--out", "no/such/folder/live.json"], "OUT must be a file in a folder that exists"),
        (["--ca-path", "no-such-file"], "ca_path must be a file or folder that exists"),
        (["--write", "1", "--confirm", "postgres-mian"], "CONFIRM must be the name of the addon, postgres-main"),
        (["--write", "1", "--confirm", "POSTGRES-MAIN"], "CONFIRM must be the name of the addon, postgres-main"),
    ],
)
def test_bad_input_is_refused_before_the_first_request(
    serve: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    server: Server = serve()
    assert server.run(*arguments).code == cli.BAD_INPUT
    assert words in capsys.readouterr().err
    assert server.sandbox.requests == []


@pytest.mark.parametrize("answer", ["", "postgres", "postgres-main2"])
def test_nothing_is_sent_where_another_name_is_typed(serve: Any, answer: str) -> None:
    server: Server = serve()
    assert server.run(writes=True, answer=answer).code == cli.BAD_INPUT
    assert server.sandbox.requests == []


def test_nothing_is_sent_where_nobody_can_be_asked(serve: Any) -> None:
    server: Server = serve()

    def nobody(_question: str) -> str:
        raise EOFError

    assert server.run(writes=True, ask=nobody).code == cli.BAD_INPUT
    assert server.sandbox.requests == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("NORTHFLANK_API_TOKEN", "", "api_token is missing"),
        ("NORTHFLANK_API_URL", "http://api.example.com", "api_url (from NORTHFLANK_API_URL) must be https"),
        ("NORTHFLANK_TEAM_ID", "a/b", "team_id may hold only"),
    ],
)
def test_a_connection_that_breaks_a_rule_is_refused(
    serve: Any, capsys: pytest.CaptureFixture[str], variable: str, value: str, words: str
) -> None:
    server: Server = serve()
    server.environment = {variable: value}
    assert server.run().code == cli.BAD_INPUT
    assert words in capsys.readouterr().err
    assert server.sandbox.requests == []


def test_the_words_of_make_come_in_the_environment(serve: Any) -> None:
    server: Server = serve()
    server.environment = {"PROJECT": PROJECT, "ADDON": ADDON, "WRITE": "1", "CONFIRM": ADDON}
    server.environment["OUT"] = str(server.folder / "live.json")
    ran = server.run(bare=True)
    assert ran.code == cli.FINE
    assert ran.file["mode"] == "write"
    assert ran.file["requests"] == len(server.sandbox.requests)


# What it says, and what it sends.


def everything_there(server: Server) -> None:
    """A history that lets GETs find out as much as they can."""
    sandbox = server.sandbox
    for number, kind in enumerate(["dump", "snapshot", "dump", "snapshot"]):
        made = sandbox.add_backup(ADDON, f"Before {number}", backup_type=kind, age=3600.0 * (4 - number))
    sandbox.add_backup(ADDON, "Broken", status="failed", age=60.0)
    sandbox.start_restore(ADDON, made["id"])
    restored_elsewhere(server)
    sandbox.add_backup(ADDON, "Nightly 9", status="in-progress", age=1.0)
    sandbox.add_schedule(ADDON, SCHEDULE)


SCHEDULE = {
    "backupType": "snapshot",
    "retentionTime": 7,
    "scheduling": {"interval": "daily", "minute": [5], "hour": [3]},
}


def test_without_write_it_sends_gets_only(serve: Any) -> None:
    server: Server = serve()
    everything_there(server)
    ran = server.run()
    assert ran.code == cli.FINE
    assert {request.method for request in server.sandbox.requests} == {"GET"}
    assert server.sandbox.acts == []
    by_reading = {"list_order", "list_last_restore", "running_completed_at", "failed_completed_at", "running_size"}
    by_reading |= {
        "with_uid",
        "backup_id_shape",
        "dump_source_type",
        "log_envelope",
        "log_container_id",
        "link_lifetime",
    }
    by_reading |= {"store_ranges", "store_validator", "download_of_snapshot", "addon_status_follows_backup"}
    by_reading |= {"last_restore_counts_other_addons", "restores_key_when_empty", "schedules_key_when_empty"}
    assert by_reading <= ran.found.keys()
    assert [(request.authorization, request.cookie) for request in server.sandbox.store_requests] == [(False, False)]


@pytest.mark.parametrize("writes", [False, True])
def test_it_says_what_it_does_before_it_does_it_and_needs_no_more_than_it_says(serve: Any, writes: bool) -> None:
    server: Server = serve()
    ran = server.run(writes=writes)
    first = [line for seen, line in ran.lines if seen == 0]
    assert any(line.startswith("It sends at most ") for line in first)
    assert any("RESTORES" in line and "deletes all" in line for line in first) == writes
    assert any("is LOST" in line for line in first) == writes
    steps = [*READING, *(WRITING if writes else [])]
    assert [f"  - {step.says}" for step in steps] == [line for line in first if line.startswith("  - ")]
    marks = [(seen, line.strip()) for seen, line in ran.lines if line.startswith("  ") and not line.startswith("  -")]
    marks = marks[: len(steps)]
    assert [line for _seen, line in marks] == [step.says for step in steps]
    ends = [seen for seen, _line in marks[1:]]
    for step, (begun, _line), ended in zip(steps, marks, ends):
        assert ended - begun <= step.most, step.name
    # The first request that changes something comes after it was announced.
    if writes:
        number = server.sandbox.requests.index(server.sandbox.writes[0])
        assert any(seen <= number and line.startswith("Now to what changes something") for seen, line in ran.lines)


def test_the_file_tells_nothing_about_whose_account_it_was(serve: Any) -> None:
    server: Server = serve()
    sandbox = server.sandbox
    everything_there(server)
    ran = server.run(writes=True)
    backups = sandbox.backups(ADDON)
    restores = sandbox.restores(ADDON)
    private = [
        sandbox.token,
        PROJECT,
        ADDON,
        TWIN,
        "127.0.0",
        "http",
        "signature",
        "expires=",
        "@",
        "example-destination",
    ]
    private += [str(backup[key]) for backup in backups for key in ("id", "uid", "name")]
    private += [str(restore["id"]) for restore in restores]
    assert [word for word in private if word in ran.text] == []
    # It fits into an issue.
    assert len(ran.text) < 20_000
    # And what is printed shows no secret either.
    assert [word for word in (sandbox.token, "signature") if word in ran.printed] == []


# The request budget.


def test_it_does_not_begin_to_write_what_the_budget_may_not_hold(serve: Any) -> None:
    server: Server = serve()
    server.sandbox.set_rate(300)
    ran = server.run(writes=True)
    assert ran.code == cli.INCOMPLETE
    assert server.sandbox.writes == []
    assert "are left of this hour" in ran.printed


def test_it_leaves_the_margin_to_others(serve: Any) -> None:
    server: Server = serve()
    server.sandbox.set_rate(cli.MARGIN + 5)
    assert server.run().code == cli.INCOMPLETE
    assert len(server.sandbox.requests) <= 5


@pytest.mark.parametrize("turn", [1, 4, 7, 9])
def test_it_stops_and_cleans_up_where_others_use_the_budget_up(serve: Any, turn: int) -> None:
    server: Server = serve()
    sleeps: list[float] = []

    def others(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == turn:
            server.sandbox.set_rate(cli.MARGIN)

    server.on_sleep = others
    ran = server.run(writes=True)
    assert ran.code == cli.INCOMPLETE
    assert left_behind(server.sandbox) == []
    assert any("Not asked." in each["reason"] for each in ran.file["not_found"])


# Nothing is left behind.


@pytest.mark.parametrize("turn", range(1, 11))
def test_ctrl_c_at_any_wait_leaves_nothing_behind(serve: Any, turn: int) -> None:
    server: Server = serve(names_unique=True)
    sleeps: list[float] = []

    def interrupt(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == turn:
            raise KeyboardInterrupt

    server.on_sleep = interrupt
    ran = server.run(writes=True)
    assert left_behind(server.sandbox) == []
    assert ran.code == cli.INCOMPLETE


@pytest.mark.parametrize(("method", "turn"), [*(("POST", turn) for turn in range(1, 17)), ("DELETE", 1), ("DELETE", 3)])
def test_a_lost_answer_to_any_request_that_writes_leaves_nothing_behind(serve: Any, method: str, turn: int) -> None:
    server: Server = serve()
    server.sandbox.fault(Fault(method=method, path=r".", kind="reset", when="after", turn=turn))
    ran = server.run(writes=True)
    assert left_behind(server.sandbox) == []
    assert ran.file["left_behind"] == 0


@pytest.mark.parametrize("turn", [2, 3, 4, 8])
def test_a_request_that_takes_effect_late_leaves_nothing_behind(serve: Any, turn: int) -> None:
    """Ctrl-C, or a proxy that gives up, while the API is at work still."""
    server: Server = serve()
    server.sandbox.fault(Fault(method="POST", path=r"/backups$", kind="late-commit", delay=20.0, turn=turn))
    server.run(writes=True)
    server.clock.advance(60.0)
    assert left_behind(server.sandbox) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_the_program_cleans_up_when_it_is_told_to_end(tmp_path: Path, how: signal.Signals) -> None:
    with Sandbox(clock=SystemClock(), duration=0.0) as sandbox:
        looks = sandbox.hold("GET", r"/backups/[^/]+$", "before")
        words = {"PROJECT": PROJECT, "ADDON": ADDON, "WRITE": "1", "CONFIRM": ADDON, "OUT": str(tmp_path / "live.json")}
        env = harness.clean_environment(NORTHFLANK_API_URL=sandbox.url, NORTHFLANK_API_TOKEN=sandbox.token, **words)
        program = subprocess.Popen(
            [sys.executable, "tests/live"],
            cwd=ROOT,
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        looks.wait_for(1)
        assert len(sandbox.backups(ADDON)) == 2
        program.send_signal(how)
        looks.release()
        output, _none = program.communicate(timeout=120)
        assert program.returncode == cli.INCOMPLETE, output
        assert "Interrupted." in output
        assert sandbox.token not in output
        assert left_behind(sandbox) == []
    assert json.loads((tmp_path / "live.json").read_text(encoding="utf-8"))["left_behind"] == 0


def test_a_token_that_may_only_read_is_no_answer(serve: Any) -> None:
    server: Server = serve()
    server.environment = {"NORTHFLANK_API_TOKEN": server.sandbox.read_token}
    ran = server.run(writes=True)
    assumed = Assumptions()
    assert {key: value for key, value in ran.found.items() if value != spelled(getattr(assumed, key))} == {}
    assert server.sandbox.acts == []


def test_what_cannot_be_deleted_is_named_with_the_command_that_does(serve: Any) -> None:
    server: Server = serve()
    server.sandbox.fault(Fault(method="DELETE", path=r"/backups/", kind="403", times=None))
    server.sandbox.fault(Fault(method="DELETE", path=r"/backup-schedules/", kind="403", times=None))
    ran = server.run(writes=True)
    assert ran.code == cli.INCOMPLETE
    for backup in server.sandbox.backups(ADDON):
        command = f"addon_backup -a 'project_id={PROJECT} addon_id={ADDON} backup_id={backup['id']} state=absent'"
        assert command in ran.printed
    for schedule in server.sandbox.schedules(ADDON):
        interval, kind = schedule["scheduling"]["interval"], schedule["backupType"]
        assert f"addon_id={ADDON} interval={interval} backup_type={kind} state=absent'" in ran.printed
    assert ran.file["left_behind"] == len(left_behind(server.sandbox)) > 0


def test_a_second_ctrl_c_ends_the_cleanup_and_names_what_may_be_left(serve: Any) -> None:
    server: Server = serve()

    def interrupt(_seconds: float) -> None:
        if server.sandbox.writes[1:]:
            raise KeyboardInterrupt

    server.on_sleep = interrupt
    ran = server.run(writes=True)
    assert ran.code == cli.INCOMPLETE
    (left,) = [line for line in ran.printed.splitlines() if "backup_id=" in line]
    assert f"backup_id={server.sandbox.backups(ADDON)[0]['id']}" in left


def test_what_others_have_made_stays(serve: Any) -> None:
    """A backup of another run is named, and not deleted; schedules of the addon's own are not touched."""
    server: Server = serve(ids_reused=True)
    sandbox = server.sandbox
    other = sandbox.add_backup(ADDON, "Live check M 00000000", age=86400.0)
    plain = sandbox.add_backup(ADDON, "Before v1", age=7200.0)
    schedule = sandbox.add_schedule(ADDON, SCHEDULE)
    ran = server.run(writes=True)
    assert [backup["uid"] for backup in sandbox.backups(ADDON)] == [other["uid"], plain["uid"]]
    assert sandbox.schedules(ADDON) == [schedule]
    assert [request for request in sandbox.writes if "schedules" in request.path or request.method == "PATCH"] == []
    assert f"backup_id={other['id']} state=absent" in ran.printed
    assert "An earlier run has left backups behind" in ran.printed


def test_schedules_that_cannot_be_read_are_not_touched(serve: Any) -> None:
    server: Server = serve()
    schedule = server.sandbox.add_schedule(ADDON, SCHEDULE)
    server.sandbox.fault(Fault(method="GET", path=rf"{ADDON}/backup-schedules$", kind="403", times=None))
    server.run(writes=True)
    server.sandbox.clear_faults()
    assert server.sandbox.schedules(ADDON) == [schedule]
    assert [request for request in server.sandbox.writes if "schedules" in request.path] == []


def test_the_data_is_that_of_the_snapshot_of_this_run(serve: Any) -> None:
    """Whoever may not lose anything loses nothing but what was written after the snapshot."""
    server: Server = serve()
    before = server.sandbox.query(ADDON, "select count(*) from orders")
    server.run(writes=True)
    assert server.sandbox.query(ADDON, "select count(*) from orders") == before
    assert len(server.sandbox.restores(ADDON)) == 1


def test_an_answer_about_another_addon_ends_it(serve: Any) -> None:
    server: Server = serve()
    other = {"data": {"id": "mysql-orders", "status": "running"}}
    server.sandbox.fault(Fault(method="GET", path=rf"/addons/{ADDON}$", kind="wrong-type", body=other, times=None))
    assert server.run(writes=True).code == cli.INCOMPLETE
    assert server.sandbox.writes == []


def test_an_addon_that_cannot_be_read_ends_it(serve: Any) -> None:
    server: Server = serve()
    server.addon = "no-such-addon"
    ran = server.run(writes=True)
    assert ran.code == cli.INCOMPLETE
    assert "The addon cannot be read (HTTP 404)" in ran.printed
    assert server.sandbox.writes == []


# Whatever comes together: what is found out is so.


@pytest.mark.parametrize("seed", [1, 2, 3, 12, 29, 43, 49])
def test_no_mixture_of_assumptions_makes_it_say_what_is_not_so(serve: Any, seed: int) -> None:
    """Not all shows in each mixture. What shows must be right."""
    drawn = random.Random(seed)  # noqa: S311  # nothing is secret here
    assumed = {key: drawn.choice(values(key)) for key in SWITCHES}
    server: Server = serve(**assumed)
    if seed % 2:
        everything_there(server)
    ran = server.run(writes=True)
    wrong = {key: value for key, value in ran.found.items() if value != spelled(assumed[key])}
    # Few backups that are in order by chance cannot be told from many that are.
    if assumed["list_order"] == "shuffled":
        wrong.pop("list_order", None)
    assert wrong == {}, assumed
    assert [name for name in left_behind(server.sandbox) if name.startswith("Live check")] == []


def test_backups_that_take_no_time_make_it_say_less_and_nothing_wrong(serve: Any) -> None:
    server: Server = serve()
    server.sandbox.world.duration = server.sandbox.world.restore_duration = 0.0
    ran = server.run(writes=True)
    assumed = Assumptions()
    assert {key: value for key, value in ran.found.items() if value != spelled(getattr(assumed, key))} == {}
    assert "delete_active" not in ran.found
    assert left_behind(server.sandbox) == []


ODD: list[Any] = [
    [],
    {},
    {"data": None},
    {"data": []},
    {"data": {"backups": None, "restores": 1, "schedules": "x", "addons": {}, "backupDestinations": [1]}},
    {"data": {"backups": [{"id": [], "name": {}, "status": [], "config": 1}], "restores": [{"backupId": []}]}},
    {"data": {"id": 1, "status": [], "spec": [], "schedules": [{"id": [], "scheduling": [], "backupType": {}}]}},
]


@pytest.mark.parametrize("body", ODD, ids=json.dumps)
@pytest.mark.parametrize("after", [1, 40])
def test_answers_that_make_no_sense_end_nothing_but_what_they_are_about(serve: Any, after: int, body: Any) -> None:
    """From the first answer on, or from later ones on, up to the cleanup, which can only name what may be left then."""
    server: Server = serve()
    server.sandbox.fault(Fault(method="GET", path=r".", kind="wrong-type", body=body, turn=after, times=None))
    ran = server.run(writes=True)
    if left_behind(server.sandbox):
        assert ran.code == cli.INCOMPLETE
        assert "LEFT BEHIND" in ran.printed


@pytest.mark.parametrize("addon", [ADDON, REDIS, PAUSED])
def test_on_a_server_that_leaves_out_all_it_may_it_says_what_is_so(serve: Any, addon: str) -> None:
    assumed = Assumptions.spartan()
    server: Server = serve(**vars(assumed))
    server.addon = addon
    ran = server.run(writes=True)
    wrong = {key: value for key, value in ran.found.items() if value != spelled(getattr(assumed, key))}
    # The source is optional, so there is none to tell its type.
    assert wrong.pop("dump_source_type", "none") == "none"
    assert wrong == {}
    assert left_behind(server.sandbox) == []
    assert len(ran.found) > (25 if addon == ADDON else 8)
