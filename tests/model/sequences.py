# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can happen to the databases of an application over some days, one step after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from hypothesis import strategies as st

from sandbox import Fault

ADDONS = ("one", "two", "three")
RELEASES = ("v1", "v2", "v3")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class _Readable:
    """Says only what is not usual, so that the shortest sequence reads like a report."""

    def __repr__(self) -> str:
        said = [
            f"{one.name}={getattr(self, one.name)!r}"
            for one in fields(self)  # type: ignore[arg-type]  # all who inherit it are dataclasses
            if getattr(self, one.name) != one.default
        ]
        return f"{type(self).__name__}({', '.join(said)})"


@dataclass(frozen=True, repr=False)
class Run(_Readable):
    """A job of Ansible.

    :ivar play: ``snapshot`` and ``rollback`` as the playbooks of these names do, ``deploy`` as the README's play does:
        a snapshot, the deployment, and a rollback if that fails.
    :ivar works: whether the deployment does; one that does not has changed the data, too.
    :ivar addons: how many of the addons belong to it; 0 for all.
    :ivar outcomes: what becomes of the next backups: the addon's number, a state, and how many seconds it takes.
    :ivar restore_outcomes: likewise of restores.
    :ivar kill: at which request it is killed, and whether the server still acts on that.
    :ivar others: what other people do, one thing at each of its pauses.
    :ivar text: whether each variable is text, as ``-e name=value`` gives it, and what is not given is empty.
    :ivar defaults: whether the play has defaults for single modules, which are not meant for the role.
    :ivar check: whether it runs with ``--check``.
    :ivar fault: something that goes wrong with a request.
    """

    play: str
    release: str = RELEASES[0]
    works: bool = True
    addons: int = 0
    keep_last: int | None = None
    generation: int | None = None
    abort_late: bool = False
    outcomes: tuple[tuple[int, str, float], ...] = ()
    restore_outcomes: tuple[tuple[int, str, float], ...] = ()
    kill: tuple[int, str] | None = None
    others: tuple[str, ...] = ()
    text: bool = False
    defaults: bool = False
    check: bool = False
    fault: Fault | None = None

    @property
    def variables(self) -> dict[str, Any]:
        """The role's variables, without their prefix."""
        given: dict[str, Any] = {
            "release": self.release,
            "keep_last": self.keep_last,
            "generation": self.generation,
            "on_timeout": "abort" if self.abort_late else None,
        }
        if self.text:
            return {name: "" if value is None else str(value) for name, value in given.items()}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, repr=False)
class Both(_Readable):
    """Two jobs at once.

    :ivar switches: how many requests one sends until the other goes on, and so on in turns.
    """

    first: Run
    second: Run
    switches: tuple[int, ...] = ()


@dataclass(frozen=True, repr=False)
class Write(_Readable):
    """Users write into an addon; into all of them without a number."""

    addon: int | None = None


@dataclass(frozen=True, repr=False)
class Pass(_Readable):
    """Time goes by."""

    seconds: float = MINUTE


@dataclass(frozen=True, repr=False)
class Others(_Readable):
    """Somebody does something by hand: see ``model.BY_HAND``."""

    what: str
    addon: int = 0


Step = Run | Both | Write | Pass | Others

BY_HAND = ("abort", "pause", "resume", "backup")
_PLAYS = st.sampled_from(["deploy", "deploy", "deploy", "snapshot", "rollback", "rollback"])
_ENDS = st.sampled_from(["failed", "aborted", "not-supported", "completed", "stuck"])
_TIMES = st.sampled_from([0.4, 30.0, 900.0, 4000.0])
_ADDON = st.integers(0, len(ADDONS) - 1)
_OUTCOMES = st.lists(st.tuples(_ADDON, _ENDS, _TIMES), max_size=2).map(tuple)
_KILLS = st.tuples(st.integers(1, 45), st.sampled_from(["before", "after"]))
_FAULTS = st.builds(
    Fault,
    method=st.sampled_from(["POST", "POST", "GET", "DELETE"]),
    kind=st.sampled_from(["reset", "cut", "502", "503", "empty"]),
    when=st.sampled_from(["after", "before"]),
    turn=st.integers(1, 4),
)


def runs(
    releases: int = 2,
    plays: st.SearchStrategy[str] = _PLAYS,
    killed: bool = False,
    keep: bool = False,
    fails: bool = False,
    lost: bool = False,
    others: bool = False,
    around: bool = False,
) -> st.SearchStrategy[Run]:
    """Runs; each flag says what may happen to them."""
    no_outcomes: st.SearchStrategy[tuple[tuple[int, str, float], ...]] = st.just(())
    return st.builds(
        Run,
        play=plays,
        release=st.sampled_from(RELEASES[:releases]),
        works=st.booleans(),
        addons=st.sampled_from([0, 0, 0, 0, 0, 2]),
        keep_last=st.sampled_from([1, 2, None]) if keep else st.none(),
        abort_late=st.booleans() if fails else st.just(False),
        outcomes=no_outcomes | _OUTCOMES if fails else no_outcomes,
        restore_outcomes=no_outcomes | _OUTCOMES if fails else no_outcomes,
        kill=st.none() | _KILLS if killed else st.none(),
        text=st.booleans() if around else st.just(False),
        defaults=st.booleans() if around else st.just(False),
        check=st.sampled_from([False, False, False, True]) if around else st.just(False),
        others=st.lists(st.sampled_from(["nothing", *BY_HAND]), max_size=3).map(tuple) if others else st.just(()),
        fault=st.none() | _FAULTS if lost else st.none(),
    )


def both(releases: int = 1, plays: Sequence[str] = ("snapshot", "rollback")) -> st.SearchStrategy[Both]:
    """Two jobs that take turns, for the same addons, as two sets of one generation are refused."""
    one = runs(releases, st.sampled_from(list(plays)))
    switches = st.lists(st.integers(1, 12), max_size=8).map(tuple)
    return st.builds(
        lambda first, second, turns: Both(first, replace(second, addons=first.addons), turns), one, one, switches
    )


HANDS = st.builds(Others, st.sampled_from(BY_HAND), _ADDON)
BETWEEN: st.SearchStrategy[list[Step]] = st.sampled_from(
    [[], [Write()], [Write()], [Write(), Pass()], [Pass(2 * HOUR)], [Pass(7 * HOUR)], [Pass(2 * DAY)]]
)


def sequences(
    *jobs: st.SearchStrategy[Run] | st.SearchStrategy[Both],
    between: st.SearchStrategy[list[Step]] = BETWEEN,
    most: int = 4,
) -> st.SearchStrategy[list[Step]]:
    """Jobs of these kinds, with what happens in between: a sequence of which little is without any effect."""
    step = st.tuples(st.one_of(*jobs), between)
    return st.lists(step, min_size=2, max_size=most).map(
        lambda steps: [one for job, others in steps for one in (job, *others)]
    )


_HANDS_BETWEEN = st.builds(lambda others, hand: [*others, *hand], BETWEEN, st.lists(HANDS, max_size=2))
_DAYS: st.SearchStrategy[list[Step]] = st.sampled_from([[Pass(2 * DAY)], [Write(), Pass(2 * DAY)], []])
# What is drawn, by what it is about; each has its share of all runs.
THEMES: dict[str, st.SearchStrategy[list[Step]]] = {
    "one job after the other": sequences(runs(around=True), most=5),
    "kept and pruned": sequences(runs(3, keep=True, fails=True), between=_DAYS, most=6),
    "killed at any request": sequences(runs(killed=True)),
    "what fails": sequences(runs(fails=True, around=True)),
    "what is lost on the way": sequences(runs(lost=True)),
    "other people": sequences(runs(others=True), between=_HANDS_BETWEEN),
    "all at once": sequences(
        runs(3, killed=True, keep=True, fails=True, lost=True, others=True, around=True), between=_HANDS_BETWEEN
    ),
    "two jobs at once": sequences(runs(1), both(), most=3),
    "two jobs of two releases": sequences(runs(), both(2, ["deploy", "snapshot", "rollback"]), most=3),
}
