# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a sequence, and judges what each run says by what the server holds: its databases, backups and restores."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from textwrap import indent
from typing import Any

from sandbox import Assumptions
from sandbox import backups as sandbox_backups
from sandbox.errors import ApiError
from sandbox.records import ACTIVE, Act, Addon, Backup

from .interpreter import ROOT, Done, Play, TaskFailed, parsed
from .sequences import ADDONS, DAY, HOUR, Both, Others, Pass, Run, Step, Write
from .stage import PROJECT, Job, Put, Stage, written_in

MAX_AGE = 6 * HOUR
KEEP_WITHIN = DAY
SET_INFO, OPTIONS, PRUNE, BACKUP = (
    f"northflank.cloud.{name}"
    for name in ("pre_deploy_set_info", "pre_deploy_options", "pre_deploy_set_prune", "addon_backup")
)
_DEPLOY, _IS_BACK = "Deploy", "Everything is put back"
# One request after the other: which of two addons is served first would be chance.
FORCED = {
    f"northflank.cloud.{module}": {"concurrency": 1, "api_timeout": 300}
    for module in ("addon_backup", "addon_backup_restore")
}
# The play of the README, with a deployment that is a row in each database.
_HEAD = """
- name: Deploy a release
  hosts: localhost
  gather_facts: false
  tasks:
"""
_SNAPSHOT = """
    - name: Take a snapshot
      ansible.builtin.include_role:
        name: northflank.cloud.pre_deploy_snapshot
    - name: Deploy
      ansible.builtin.debug:
        msg: The set is there
"""
_ROLLBACK = """
    - name: Put everything back
      ansible.builtin.include_role:
        name: northflank.cloud.pre_deploy_snapshot
        tasks_from: rollback
    - name: Everything is put back
      ansible.builtin.debug:
        msg: The rollback says so
"""
BOOKS = {
    "snapshot": f"{_HEAD}{_SNAPSHOT}",
    "rollback": f"{_HEAD}{_ROLLBACK}",
    "deploy": f"""{_HEAD}{_SNAPSHOT}
    - name: Deploy, and go back if that fails
      block:
        - name: Look whether it works
          ansible.builtin.fail:
            msg: The new release does not work
          when: not release_works
      rescue:
{indent(_ROLLBACK, "    ")}
        - name: Tell that the release is not there
          ansible.builtin.fail:
            msg: The release was taken back
""",
}
_PARSED = {name: parsed(text) for name, text in BOOKS.items()}
# What a play may have for other tasks of its own, and what would break each promise of the role.
_DEFAULTS = {
    BACKUP: {"wait": False, "backup_type": "dump", "max_age": "30d"},
    "northflank.cloud.addon_backup_restore": {"wait": False, "latest": True},
    SET_INFO: {"max_age": "30d", "restore_again": True, "ignore_incomplete_rollback": True},
    PRUNE: {"keep_within": "0"},
}


class Broken(AssertionError):
    """Something that must hold does not."""


@dataclass(frozen=True)
class SetOf:
    """What a run has said about a set that it is about to take or to use."""

    release: str
    generation: int
    addon_ids: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """What a deployment of a release stands on, as the last snapshot that succeeded has told.

    :ivar backups: by addon.
    :ivar written: what each addon held that a rollback has to bring back.
    """

    name: str
    backups: dict[str, Backup]
    written: dict[str, frozenset[int]]

    @property
    def since(self) -> float:
        return min(backup.created_at for backup in self.backups.values())


@dataclass
class Model:
    """A sequence under way.

    :ivar written: of each thing that was written: into which addon, when, and, if a deployment did it, when that was
        announced by the run that took its snapshot.
    :ivar sets: by name, the sets that runs have told of.
    :ivar twins: names of sets that two jobs may have taken at once.
    :ivar announced: when the last deployment was announced, by a run that takes snapshots.
    :ivar told: what has happened so far, for whoever has to find out why something is broken.
    """

    stage: Stage
    written: dict[int, tuple[str, float, float | None]] = field(default_factory=dict)
    sets: dict[str, SetOf] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    twins: set[str] = field(default_factory=set)
    announced: float = -1.0
    told: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _judged: int = 0

    @property
    def now(self) -> float:
        return self.stage.clock.now()

    def step(self, step: Step) -> None:
        """Play a step, and judge it."""
        self.told.append(repr(step))
        if isinstance(step, Run):
            self._runs([step])
        elif isinstance(step, Both):
            self._runs([step.first, step.second], step.switches)
        elif isinstance(step, Write):
            self.write(self.stage.addon_ids if step.addon is None else [ADDONS[step.addon]])
        elif isinstance(step, Pass):
            self.stage.clock.advance(step.seconds)
        else:
            self._by_hand(step)

    def write(self, addon_ids: Sequence[str], announced: float | None = None) -> None:
        for addon_id in addon_ids:
            number = next(self._numbers)
            self.written[number] = (addon_id, self.now, announced)
            self.stage.write(addon_id, number)

    def _by_hand(self, step: Others) -> None:
        addon_id = ADDONS[step.addon]
        if step.what in ("pause", "resume"):
            status = "paused" if step.what == "pause" else "running"
            self.stage.sandbox.set_addon_status(addon_id, status, PROJECT)
        elif step.what == "abort":
            self._abort(addon_id)
        elif step.what == "backup":
            self.stage.sandbox.add_backup(addon_id, name="By hand", age=0.0, project_id=PROJECT)

    def _abort(self, addon_id: str) -> None:
        addon = self.stage.addon(addon_id)
        for life in [one.life for one in addon.backups.values()] + [one.life for one in addon.restores]:
            with suppress(ApiError):
                sandbox_backups.abort_life(self.stage.sandbox.world, life, "record", addon_id)

    # Runs

    def _runs(self, runs: Sequence[Run], switches: Sequence[int] = ()) -> None:
        for run in runs:
            self._prepare(run)
        releases = [run.release for run in runs]
        games = [_Game(self, run, releases, f"{run.play} of {run.release}") for run in runs]
        try:
            self.stage.run([game.job for game in games], [game.play for game in games], switches)
        finally:
            self.stage.sandbox.clear_faults()
            for addon_id in self.stage.addon_ids:
                addon = self.stage.addon(addon_id)
                addon.outcomes.clear()
                addon.restore_outcomes.clear()
        self.told += [f"    {game.job.label}: {game.told}" for game in games]
        self._judge_puts()

    def _prepare(self, run: Run) -> None:
        sandbox = self.stage.sandbox
        for number, outcome, seconds in run.outcomes:
            sandbox.next_outcome(ADDONS[number], outcome, seconds)
        for number, outcome, seconds in run.restore_outcomes:
            sandbox.next_restore_outcome(ADDONS[number], outcome, seconds)
        if run.fault is not None:
            sandbox.fault(run.fault)

    def hand(self, what: str) -> Callable[[], object]:
        """Something that somebody else does meanwhile."""
        return partial(self._by_hand, Others(what)) if what != "nothing" else lambda: None

    def members(self, run: Run) -> list[str]:
        return self.stage.addon_ids[: run.addons or None]

    def backups_of(self, name: str, addon_id: str) -> list[Backup]:
        return [backup for backup in self.stage.backups(addon_id) if backup.name == name]

    def is_complete(self, name: str) -> bool:
        return all(
            any(self.stage.status(one) == "completed" for one in self.backups_of(name, addon_id))
            for addon_id in self.sets[name].addon_ids
        )

    def half_way(self, addon_ids: Sequence[str]) -> str:
        """What a rollback has not brought to its end, of these addons or of a set that one of them was put back to."""
        last = {addon_id: self.stage.addon(addon_id).restores[-1:] for addon_id in self.stage.addon_ids}
        for addon_id in addon_ids:
            for one in last[addon_id]:
                if self.stage.status(one) != "completed":
                    return f"the last restore of {addon_id} is {self.stage.status(one)}"
                name = one.backup.name
                of_set = [other for held in last.values() for other in held if other.backup.name == name]
                began = min(other.created_at for other in of_set)
                members = self.sets[name].addon_ids if name in self.sets else ()
                left = [
                    member
                    for member in members
                    if not any(
                        self.stage.status(one) == "completed" and one.created_at >= began for one in last[member]
                    )
                ]
                if left:
                    return f"{addon_id} was put back to {name}, and {', '.join(left)} not"
        return ""

    def generation_of(self, promise: Promise) -> int:
        return self.sets[promise.name].generation

    # What must hold

    def _judge_puts(self) -> None:
        """What was replaced can be got back, and nothing is put back twice."""
        for put in self.stage.puts[self._judged :]:
            addon = put.restore.target
            if not put.kept:
                raise Broken(f"{put.job} replaced what {addon.id} held ({_shown(put.before)}), which nothing keeps")
            self._judge_twice(put, addon)
        self._judged = len(self.stage.puts)

    def _judge_twice(self, put: Put, addon: Addon) -> None:
        earlier = [one for one in addon.restores if one.number < put.restore.number]
        if not earlier or earlier[-1].backup is not put.restore.backup or self.stage.status(earlier[-1]) != "completed":
            return
        since = earlier[-1].created_at
        writes = [at for addon_id, at, _deployed in self.written.values() if addon_id == addon.id and at > since]
        if not writes and self.announced <= since:
            raise Broken(f"{put.job} has put {addon.id} back twice, with nothing written in between")


@dataclass
class _Game:
    """One run: what was there before it, and what it says.

    :ivar releases: of all the runs that are under way.
    :ivar expected: the backups that a run has to use again, as there is no reason for others.
    """

    model: Model
    run: Run
    releases: Sequence[str]
    label: str

    def __post_init__(self) -> None:
        self.stage = self.model.stage
        self.alone = len(self.releases) == 1
        others = iter([self.model.hand(what) for what in self.run.others])
        self.job = Job(self.label, self.run.kill, others)
        self.began = self.model.now
        self.expected = self._to_be_used_again()
        self.told = "killed"
        self._seen = 0
        self._before: dict[str, tuple[float, bool]] = {}
        self._half_way: dict[str, str] = {}
        self._book = Play({}, on_task=self._at, on_result=self._result, check_mode=self.run.check, forced=FORCED)

    def play(self) -> None:
        if self.run.play != "rollback" and not self.run.check:
            self.model.announced = self.model.now
        (book,) = _PARSED[self.run.play]
        members = self.model.members(self.run)
        given = {
            "project_id": PROJECT,
            "addon_ids": ",".join(members) if self.run.text else members,
            **self.run.variables,
        }
        connection = {"api_url": self.stage.sandbox.url, "api_token": self.stage.sandbox.token}
        named = {f"pre_deploy_snapshot_{name}": value for name, value in {**given, **connection}.items()}
        variables = {**named, "release_works": self.run.works, "northflank_progress": False}
        try:
            around = {"module_defaults": _DEFAULTS} if self.run.defaults else {}
            self._book.plays([{**book, "vars": variables, **around}], ROOT / "playbooks")
        except TaskFailed as failure:
            self.told = f"failed: {failure}"
        else:
            self.told = "ok"

    def _at(self, name: str, action: str) -> None:
        if self.run.check:
            return
        if name == _DEPLOY:
            self._is_taken()
            if self.run.play == "deploy":
                self.model.write(self.model.members(self.run), self.began)
        elif name == _IS_BACK:
            self._is_back()
        if action == PRUNE:
            self._before = self._releases()
            self._half_way = {release: self._unfinished(release) for release in self._before}

    def _result(self, done: Done) -> None:
        if not done.action.startswith("northflank.cloud."):
            return
        acts = self.job.acts[self._seen :]
        self._seen = len(self.job.acts)
        if self.run.check:
            if self.job.writes:
                raise Broken(f"{done.name} has sent something in check mode, and has done {_told(acts)}")
            return
        # Where an answer was lost, a task may have to take what it has sent for done.
        is_known = self.run.fault is None or self.job.writes == 0
        if bool(acts) != bool(done.result["changed"]) and (acts or is_known):
            raise Broken(f"{done.name} says changed={done.result['changed']}, and has done {_told(acts)}")
        if done.action == OPTIONS and done.args["purpose"] == "snapshot" and "name" in done.result:
            self._learn(done.result)
        for act in acts:
            if act.what == "delete":
                self._judge_delete(done, act)

    def _learn(self, said: dict[str, Any]) -> None:
        self.model.sets[said["name"]] = SetOf(self.run.release, said["generation"], tuple(said["addon_ids"]))
        if not self.alone:
            self.model.twins.add(said["name"])

    # A snapshot

    def _to_be_used_again(self) -> dict[str, Backup] | None:
        run, promise = self.run, self.model.promises.get(self.run.release)
        if run.fault or run.others or promise is None or set(promise.backups) != set(self.model.members(run)):
            return None
        later = [name for name, one in self.model.sets.items() if one.release == run.release and name != promise.name]
        # What another release has written since is not in the set.
        others = [name for name, one in self.model.sets.items() if one.release != run.release]
        for addon_id, backup in promise.backups.items():
            addon = self.stage.addon(addon_id)
            if (
                backup not in addon.backups.values()
                or self.stage.status(backup) != "completed"
                or self.model.now - backup.created_at > MAX_AGE - 600
                or any(one.created_at >= backup.created_at for one in addon.restores)
                or any(one.name in later and one.created_at >= backup.created_at for one in addon.backups.values())
                or any(one.name in others and one.created_at >= backup.created_at for one in addon.backups.values())
            ):
                return None
        return promise.backups

    def _is_taken(self) -> None:
        """The set that a snapshot tells of is there, and holds what a rollback has to bring back."""
        told = {one["addon_id"]: one for one in self._book.facts["pre_deploy_snapshot_backups"]}
        if set(told) != set(self.model.members(self.run)):
            raise Broken(f"the set of {sorted(told)} was published")
        backups = {}
        for addon_id, one in told.items():
            backup = self.stage.addon(addon_id).backups.get(one["id"])
            if backup is None or self.stage.status(backup) != "completed":
                raise Broken(f"the backup {one['id']} of {addon_id} was published, and is not complete")
            backups[addon_id] = backup
        (name,) = {backup.name for backup in backups.values()}
        if self.alone:
            self._judge_set(backups)
            half_way = self.model.half_way(sorted(backups))
            # What is taken while another job puts a set back tells nothing about whether that came to its end.
            if half_way and not self.model.twins:
                raise Broken(f"a set was taken, and {half_way}")
        # What another job writes or puts back at the same moment, nobody can hold apart.
        protected = self._protected(name, backups) if self.alone else {}
        self.model.promises[self.run.release] = Promise(name, backups, protected)

    def _judge_set(self, backups: dict[str, Backup]) -> None:
        for addon_id, backup in backups.items():
            since = [one for one in self.stage.addon(addon_id).restores if one.created_at > backup.created_at]
            if any(self.stage.status(one) not in ("failed", "aborted") for one in since):
                raise Broken(f"{addon_id} was restored since the backup was taken that the deployment stands on")
            if backup.created_at >= self.began:
                if written_in(backup.image) != self.stage.held(addon_id):
                    raise Broken(f"the new backup of {addon_id} does not hold what the addon does")
            elif self.began - backup.created_at > MAX_AGE:
                raise Broken(f"the backup of {addon_id} that the deployment stands on is too old")
            usable = [one for one in self.model.backups_of(backup.name, addon_id) if self._is_usable(one)]
            if len(usable) > 1 and backup.name not in self.model.twins:
                raise Broken(f"{addon_id} has {len(usable)} backups of the name {backup.name}")
        if self.expected is not None and self.expected != backups:
            raise Broken("another set was taken without a reason")

    def _is_usable(self, backup: Backup) -> bool:
        return self.stage.status(backup) in (*ACTIVE, "completed")

    def _protected(self, name: str, backups: dict[str, Backup]) -> dict[str, frozenset[int]]:
        """What there is now, unless the run is one more of the same deployment."""
        earlier = self.model.promises.get(self.run.release)
        held = {addon_id: self.stage.held(addon_id) for addon_id in backups}
        if earlier is None or earlier.name != name:
            return held
        restored = any(
            one.created_at > earlier.since and self.stage.status(one) == "completed"
            for addon_id in backups
            for one in self.stage.addon(addon_id).restores
        )
        return held if restored else earlier.written

    # A rollback

    def _is_back(self) -> None:
        """The data is that of the newest complete set of the release, and what the deployment wrote is gone."""
        plans = [one.result for one in self._book.done if one.action == OPTIONS and one.args["purpose"] == "rollback"]
        name = plans[-1]["name"]
        chosen = self.model.sets.get(name)
        if chosen is None or chosen.release != self.run.release:
            raise Broken(f"the set {name} is none of {self.run.release}")
        if self.alone:
            self._judge_choice(name, chosen)
        # Two that go back to different states at once: the later one wins, and neither can know.
        if len(set(self.releases)) == 1:
            for addon_id in chosen.addon_ids:
                self._judge_data(name, addon_id)

    def _judge_choice(self, name: str, chosen: SetOf) -> None:
        if self.run.play != "rollback" or self.run.generation is not None:
            return
        for other, one in self.model.sets.items():
            if one.release == chosen.release and one.generation > chosen.generation and self.model.is_complete(other):
                raise Broken(f"it went back to {name}, and {other} is newer")

    def _judge_data(self, name: str, addon_id: str) -> None:
        addon = self.stage.addon(addon_id)
        completed = [one for one in addon.restores if self.stage.status(one) == "completed"]
        if not completed or completed[-1].backup.name != name:
            raise Broken(f"{addon_id} was not put back to {name}")
        last = completed[-1]
        held = self.stage.held(addon_id)
        for number in held:
            _where, _at, announced = self.model.written[number]
            if announced is not None and announced > last.created_at:
                raise Broken(f"{addon_id} still holds what a deployment wrote: {number}")
        promise = self.model.promises.get(self.run.release)
        if promise is not None and promise.name == name and self.alone:
            lost = promise.written.get(addon_id, frozenset()) - held
            if lost:
                raise Broken(f"{addon_id} has lost {_shown(lost)}, which was there before the deployment")

    # Pruning

    def _releases(self) -> dict[str, tuple[float, bool]]:
        """Of each release, when its newest completed backup was taken, and whether it has a complete set."""
        found: dict[str, tuple[float, bool]] = {}
        for name, one in self.model.sets.items():
            backups = [backup for addon_id in one.addon_ids for backup in self.model.backups_of(name, addon_id)]
            completed = [backup.created_at for backup in backups if self.stage.status(backup) == "completed"]
            at, complete = found.get(one.release, (0.0, False))
            found[one.release] = (max([at, *completed]), complete or self.model.is_complete(name))
        return found

    def _unfinished(self, release: str) -> str:
        """What the last rollback to a set of a release has left half-way."""
        for name, one in self.model.sets.items():
            if one.release == release:
                aimed = [
                    addon_id
                    for addon_id in one.addon_ids
                    for last in self.stage.addon(addon_id).restores[-1:]
                    if last.backup.name == name
                ]
                half_way = self.model.half_way(aimed)
                if half_way:
                    return half_way
        return ""

    def _judge_delete(self, done: Done, act: Act) -> None:
        backup = self.stage.deleted[act.subject]
        if done.action == BACKUP:
            if self._is_usable(backup):
                raise Broken(f"{done.name} has deleted a usable backup, {backup.name}")
            return
        if backup.name not in self.model.sets:
            raise Broken(f"{done.name} has deleted {backup.name}, which is no set")
        release = self.model.sets[backup.name].release
        at, _complete = self._before[release]
        newer = [
            name for name, (taken, complete) in self._before.items() if complete and taken > at and name != release
        ]
        others = len([name for name in newer if name != self.run.release])
        if release == self.run.release or others < (self.run.keep_last or 0) - 1:
            raise Broken(f"{done.name} has deleted {backup.name}, and {release} is one of those to keep")
        if self._half_way.get(release):
            raise Broken(f"{done.name} has deleted {backup.name}, and {self._half_way[release]}")
        if at > self.began - KEEP_WITHIN:
            raise Broken(f"{done.name} has deleted {backup.name}, and {release} is young")


def play(steps: Sequence[Step], addons: int, assumptions: Assumptions) -> None:
    """Play a sequence on a server of its own. With nothing in the way, the last deployment can be taken back then.

    :raises Broken: something that must hold does not.
    """
    stage = Stage(ADDONS[:addons], assumptions)
    with stage.open():
        model = Model(stage)
        try:
            for step in steps:
                model.step(fitted(step, addons))
            _end(model)
        except Broken as error:
            raise Broken("\n".join([str(error), "What happened:", *model.told])) from error


def fitted(step: Step, addons: int) -> Step:
    """A step for fewer addons than there might be."""
    if isinstance(step, Both):
        return Both(_fitted(step.first, addons), _fitted(step.second, addons), step.switches)
    if isinstance(step, Run):
        return _fitted(step, addons)
    if isinstance(step, (Write, Others)) and step.addon is not None:
        return replace(step, addon=step.addon % addons)
    return step


def _fitted(run: Run, addons: int) -> Run:
    return replace(run, outcomes=_among(run.outcomes, addons), restore_outcomes=_among(run.restore_outcomes, addons))


def _among(outcomes: Sequence[tuple[int, str, float]], addons: int) -> tuple[tuple[int, str, float], ...]:
    return tuple((number % addons, outcome, seconds) for number, outcome, seconds in outcomes)


def _end(model: Model) -> None:
    """Whatever has happened, the last deployment that stood on a set can be taken back."""
    stage = model.stage
    for addon_id in stage.addon_ids:
        model.step(Others("resume", ADDONS.index(addon_id)))
        model.step(Others("abort", ADDONS.index(addon_id)))
    model.step(Pass(2 * HOUR))
    standing = {
        release: promise
        for release, promise in model.promises.items()
        if all(one in stage.addon(addon_id).backups.values() for addon_id, one in promise.backups.items())
    }
    if standing:
        release = max(standing, key=lambda one: standing[one].since)
        model.step(Run("rollback", release, generation=model.generation_of(standing[release])))
        if not model.told[-1].endswith(": ok"):
            raise Broken(f"{release} cannot be taken back, though its set is complete")


def _shown(numbers: frozenset[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers)) or "nothing"


def _told(acts: Sequence[Act]) -> str:
    return ", ".join(f"{act.what} of {act.addon_id}" for act in acts) or "nothing"
