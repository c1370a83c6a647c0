# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can happen while a task runs, as hypothesis draws it: faults, other users, page sizes, clocks, rate limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from sandbox import Assumptions, Fault

from .answers import Answer, rows

NAME = "Before release"
SAME = st.just(NAME)

# Requests by what they are for: method, and what the path ends with.
REQUESTS = {
    "start": ("POST", r"/backups$"),
    "list": ("GET", r"/backups$"),
    "look": ("GET", r"/backups/[^/]+$"),
    "delete": ("DELETE", r"/backups/[^/]+$"),
    "abort": ("POST", r"/abort$"),
    "restore": ("POST", r"/restore$"),
    "restores": ("GET", r"/restores$"),
    "addons": ("GET", r"/addons$"),
    "schedule": ("POST", r"/backup-schedules$"),
    "schedules": ("GET", r"/backup-schedules$"),
    "unschedule": ("DELETE", r"/backup-schedules/[^/]+$"),
    "link": ("GET", r"/download-link$"),
}
# Where a further fault strikes, if the task is about schedules of backups and not about backups.
INSTEAD = {"start": "schedule", "list": "schedules", "look": "schedules", "delete": "unschedule", "abort": "schedule"}
# Which of them each kind of task surely sends.
TASKS = {
    "present": ["start", "list", "look"],
    "set": ["addons", "start"],
    "absent": ["list", "delete"],
    "aborted": ["list", "abort", "look"],
    "restore": ["restore", "restores"],
    "schedule": ["schedules", "unschedule", "schedule"],
}
# The same, of tasks that meet answers of the grammar only.
OTHER_TASKS = {
    "prune": ["list", "restores", "look", "delete"],
    "read": ["list"],
    "download": ["list", "link"],
}
BOTH = ["reset", "close", "cut", "garbage", "empty", "wrong-type", "500", "502", "503", "504", "timeout"]
# These have one meaning only: they never act, or act at their own time, or are an answer.
ONE = ["429", "redirect", "late-commit", "slow"]
# Longer than this, a lost request is not looked for (the collection's own constant, by its documentation).
LATE = 60.0


@dataclass(frozen=True)
class Cell:
    """A fault that surely strikes."""

    task: str
    request: str
    kind: str
    when: str
    answer: Answer | None = None

    def __str__(self) -> str:
        return f"{self.task}/{self.request}: {self.answer or f'{self.kind} {self.when}'}"

    def fault(self, delay: float) -> Fault:
        if self.answer is not None:
            return self.answer.fault(*REQUESTS[self.request])
        return fault(self.request, self.kind, self.when, delay=delay)


CELLS = [
    Cell(task, request, kind, when)
    for task, requests in TASKS.items()
    for request in requests
    for kind, when in [
        *((kind, when) for kind in BOTH for when in ("before", "after")),
        *((kind, "once") for kind in ONE),
    ]
    # A GET has no effect that could come late.
    if kind != "late-commit" or REQUESTS[request][0] != "GET"
]

# Each request of each task, with each part of an answer in each of its forms.
OPERATIONS = [(task, request) for task, requests in {**TASKS, **OTHER_TASKS}.items() for request in requests]
ANSWERS = [
    Cell(task, request, "raw", "once", answer)
    for task, request in OPERATIONS
    for answer in rows(f"{task}/{request}", REQUESTS[request][0])
]


def fault(request: str, kind: str, when: str, turn: int = 1, delay: float = 0.0) -> Fault:
    """A fault of one kind of request."""
    method, path = REQUESTS[request]
    moment = "after" if when in ("after", "once") else "before"
    return Fault(
        method=method, path=path, kind=kind, when=moment, turn=turn, delay=delay if kind == "late-commit" else 0.0
    )


@dataclass(frozen=True)
class Earlier:
    """A backup that was there before."""

    name: str
    status: str
    age: float


@dataclass(frozen=True)
class Schedule:
    """All that is not in the hands of the task.

    :ivar named: whether the task gives its backup a name.
    :ivar late: seconds until the first fault's request takes effect, where that is late.
    :ivar others: what other users do, one thing at each pause of the task.
    :ivar skew: how far the client's clock is ahead of the server's, in seconds.
    :ivar remaining: what is left of the request budget.
    """

    named: bool
    late: float
    faults: tuple[Fault, ...]
    others: tuple[str, ...]
    earlier: tuple[Earlier, ...]
    assumptions: Assumptions
    skew: float
    duration: float
    outcome: str
    remaining: int | None
    wait: bool
    wait_timeout: int
    abort: bool

    @property
    def is_late_beyond(self) -> bool:
        """Whether a request may take effect later than the collection looks for it."""
        return max([self.late, *(one.delay for one in self.faults if one.kind == "late-commit")]) >= LATE


def fitted(cell: Cell, schedule: Schedule) -> Schedule:
    """The schedule, so that the task sends the request that the cell is about, if nothing else stops it before."""
    named = schedule.named or (cell.task == "present" and cell.request == "list")
    wait = schedule.wait or cell.request == "look"
    starts = cell.request in ("start", "look") and cell.task in ("present", "set")
    earlier = tuple(
        one for one in schedule.earlier if not starts or one.name != NAME or one.status in ("failed", "aborted")
    )
    faults = tuple(map(aimed_at_schedules, schedule.faults)) if cell.task == "schedule" else schedule.faults
    return replace(schedule, named=named, wait=wait, earlier=earlier, faults=faults)


def aimed_at_schedules(one: Fault) -> Fault:
    """The same fault of a request that a task about schedules of backups sends."""
    instead = {REQUESTS[request]: REQUESTS[other] for request, other in INSTEAD.items()}
    method, path = instead.get((str(one.method), one.path), (one.method, one.path))
    kind = "504" if (method, one.kind) == ("GET", "late-commit") else one.kind
    return replace(one, method=method, path=path, kind=kind)


DELAYS = st.one_of(st.floats(1.0, 59.0), st.floats(61.0, 150.0))
MORE_FAULTS = st.builds(
    fault,
    st.sampled_from(sorted({*REQUESTS} - {*TASKS["schedule"]})),
    st.sampled_from([kind for kind in [*BOTH, *ONE] if kind != "timeout"]),
    st.sampled_from(["before", "after"]),
    st.integers(1, 3),
    DELAYS,
)
READINGS = [
    Assumptions(),
    Assumptions(list_order="oldest", max_page_size_served=1),
    Assumptions(list_order="shuffled", max_page_size_served=2, names_unique=True),
    Assumptions(names_unique=True, failed_names_free=False, retry_after=False),
    Assumptions(list_order="id", ids_reused=False, addon_busy_refuses=True),
    Assumptions(addon_status_follows_backup=False),
]
SCHEDULES = st.builds(
    Schedule,
    named=st.booleans(),
    late=DELAYS,
    faults=st.lists(MORE_FAULTS, max_size=2).map(tuple),
    others=st.lists(st.sampled_from(["same", "exchange", "delete", "noise", "rate", "nothing"]), max_size=4).map(tuple),
    earlier=st.lists(
        st.builds(
            Earlier,
            st.sampled_from([NAME, "nightly", "Nightly 2"]),
            st.sampled_from(["completed", "failed", "aborted", "in-progress"]),
            st.floats(60.0, 90_000.0),
        ),
        max_size=3,
    ).map(tuple),
    assumptions=st.sampled_from(READINGS),
    skew=st.sampled_from([0.0, -3600.0, 3600.0]),
    duration=st.sampled_from([0.0, 1.0, 45.0, 400.0]),
    outcome=st.sampled_from(["completed", "completed", "completed", "failed", "stuck"]),
    remaining=st.sampled_from([None, None, 3, 30]),
    wait=st.booleans(),
    wait_timeout=st.sampled_from([20, 300, 1800, 7200]),
    abort=st.booleans(),
)
