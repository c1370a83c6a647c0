# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs plays in this process: the files of the role and of the playbooks as they are, on one host.

Ansible itself takes a third of a second for a play, and the model wants thousands. So this walks through the tasks, and
leaves all else to Ansible: its templates, its conditions, and the action plugins, the collection's own among them. What
it does not know, it refuses: a task that it passed over would make the model judge another role than the user's.
``test_interpreter.py`` compares it with ansible-playbook.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import jinja2
import yaml
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins import loader as plugin_loader
from ansible.template import Templar

ROOT = Path(__file__).resolve().parents[2]
ROLES = ROOT / "roles"
NAMESPACE = "northflank.cloud"
Data = dict[str, Any]

# What a block or a task may say that changes nothing here: one host, which is this machine.
_INERT: dict[str, tuple[object, ...]] = {
    "run_once": (True,),
    "delegate_to": ("localhost",),
    "become": (False,),
    "no_log": (True, False),
}
# Likewise, but not on a task.
_INERT_AROUND = {"ignore_errors": (False,)}
_INHERITED = frozenset({"name", "vars", "when", "module_defaults", "tags", *_INERT})
_BLOCK = _INHERITED | {"block", "rescue", "always", *_INERT_AROUND}
_TASK = _INHERITED | {
    *("register", "loop", "loop_control", "until", "retries", "delay"),
    *("failed_when", "changed_when", "ignore_errors"),
}
_INCLUDE = _INHERITED
_PLAY = frozenset({"name", "hosts", "gather_facts", "vars", "module_defaults", "tasks"})
# Those of Ansible's actions that run as they are. All modules of the collection do.
_ACTIONS = frozenset(
    f"ansible.builtin.{name}" for name in ("assert", "debug", "fail", "set_fact", "validate_argument_spec")
)
_INCLUDES = frozenset({"ansible.builtin.include_tasks", "ansible.builtin.include_role"})
# Arguments that the action itself evaluates.
_RAW = {("ansible.builtin.assert", "that"), ("ansible.builtin.debug", "var")}


class UnknownToInterpreter(Exception):
    """A play has something that is not interpreted here."""


class TaskFailed(Exception):
    """A task has failed, and nothing has rescued it so far."""

    def __init__(self, name: str, result: Data) -> None:
        super().__init__(f"{name}: {result.get('msg')}")
        self.name = name
        self.result = result


@dataclass(frozen=True)
class Done:
    """A task that has run.

    :ivar args: as the action got them.
    """

    name: str
    action: str
    args: Data
    result: Data


@dataclass(frozen=True)
class Scope:
    """What a task has from the blocks and includes around it.

    :ivar folder: where ``include_tasks`` looks.
    :ivar defaults: of the role.
    :ivar layers: variables of blocks, the innermost last.
    :ivar params: variables of includes, which win over facts.
    :ivar role: the full name of the role, if it is one.
    """

    folder: Path
    defaults: Data = field(default_factory=dict)
    layers: tuple[Data, ...] = ()
    params: tuple[Data, ...] = ()
    when: tuple[Any, ...] = ()
    module_defaults: tuple[Data, ...] = ()
    role: str = ""


@dataclass
class Play:
    """A run of plays on one host.

    :ivar check_mode: whether it runs with ``--check``.
    :ivar forced: by action, arguments that it gets whatever the role says.
    :ivar variables: of the play.
    :ivar extra: as given with ``-e``.
    :ivar on_task: is called with the name and the action of each task before it runs, unless it is skipped.
    :ivar on_result: is called with each task that has run.
    :ivar facts: what ``set_fact`` and ``register`` have left.
    """

    extra: Data
    on_task: Callable[[str, str], None] = lambda _name, _action: None
    on_result: Callable[[Done], None] = lambda _done: None
    check_mode: bool = False
    forced: Mapping[str, Data] = field(default_factory=dict)
    variables: Data = field(default_factory=dict)
    facts: Data = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)

    def book(self, path: Path) -> None:
        """Run a playbook.

        :raises TaskFailed: a task has failed.
        """
        self.plays(loaded(path), path.parent)

    def plays(self, plays: Sequence[Data], folder: Path) -> None:
        """Run plays that were loaded."""
        for play in plays:
            _only(play, _PLAY, "play")
            if play["hosts"] != "localhost" or play["gather_facts"] is not False:
                raise UnknownToInterpreter("a play has to be on localhost, without facts")
            self.variables = play.get("vars", {})
            defaults = (play["module_defaults"],) if "module_defaults" in play else ()
            self._each(play["tasks"], Scope(folder, module_defaults=defaults))

    def _each(self, tasks: Sequence[Data], scope: Scope) -> None:
        for task in tasks:
            if "block" in task:
                self._block(task, scope)
            else:
                self._task(task, scope)

    def _block(self, block: Data, scope: Scope) -> None:
        _only(block, _BLOCK, "block")
        inner = _inside(block, scope)
        try:
            self._each(block["block"], inner)
        except TaskFailed as failure:
            if not block.get("rescue"):
                raise
            self.facts.update(ansible_failed_task={"name": failure.name}, ansible_failed_result=failure.result)
            self._each(block["rescue"], inner)
        finally:
            # On the way out of a killed run, nothing is done any more.
            if not isinstance(sys.exc_info()[1], BaseException) or isinstance(sys.exc_info()[1], Exception):
                self._each(block.get("always", []), inner)

    def _task(self, task: Data, scope: Scope) -> None:
        action = _action(task)
        inner = _inside(task, scope)
        if action in _INCLUDES:
            _only(task, _INCLUDE | {action}, action)
            # The condition is the include's own; what is included has those of the blocks around it only.
            self._include(action, task, replace(inner, when=scope.when))
            return
        _only(task, _TASK | {action}, action)
        name = str(task.get("name", action))
        results = []
        for extra, about in self._loop(task, inner):
            one = self._once(name, action, task, inner, extra)
            one.update(about)
            results.append(one)
        result = _of_loop(results) if "loop" in task else results[0]
        if "register" in task:
            self.facts[task["register"]] = result
        if result.get("failed") and not task.get("ignore_errors", False):
            raise TaskFailed(name, result)

    def _loop(self, task: Data, scope: Scope) -> Iterator[tuple[Data, Data]]:
        """The variables of each round, and what its result says about it."""
        control = task.get("loop_control", {})
        _only(control, frozenset({"label", "loop_var", "index_var"}), "loop_control")
        if "loop" not in task:
            yield {}, {}
            return
        named = control.get("loop_var", "item")
        for index, item in enumerate(self._templar(scope).template(task["loop"])):
            counted = {control["index_var"]: index} if "index_var" in control else {}
            about = {"ansible_loop_var": named, named: item, **counted}
            yield {named: item, **counted}, about | ({"ansible_index_var": control["index_var"]} if counted else {})

    def _once(self, name: str, action: str, task: Data, scope: Scope, extra: Data) -> Data:
        inner = replace(scope, layers=(*scope.layers, extra))
        if not self._holds(inner.when, inner):
            return {"changed": False, "skipped": True}
        for attempt in range(1 + int(task.get("retries", 3 if "until" in task else 0))):
            if attempt:
                _Sleeper.sleep(float(task.get("delay", 5)))
            result = self._run(name, action, task[action] or {}, inner)
            registered = {task["register"]: result} if "register" in task else {}
            after = replace(inner, params=(*inner.params, registered))
            for key in ("changed", "failed"):
                if f"{key}_when" in task:
                    result[key] = self._holds(_listed(task[f"{key}_when"]), after)
            if "until" not in task or self._holds(_listed(task["until"]), after):
                break
        return result

    def _run(self, name: str, action: str, given: Data, scope: Scope) -> Data:
        templar = self._templar(scope)
        self.on_task(name, action)
        args: Data = {}
        try:
            args = _arguments(action, given, scope.module_defaults, templar) | self.forced.get(action, {})
            result = _act(action, args, templar, scope, self.check_mode)
        except AnsibleError as error:
            result = {"failed": True, "msg": str(error), **getattr(error, "result", {})}
        result = dict(json.loads(json.dumps(result)))
        result.setdefault("changed", False)
        result.setdefault("failed", False)
        self.facts.update(result.get("ansible_facts", {}))
        done = Done(name, action, args, result)
        self.done.append(done)
        self.on_result(done)
        return result

    def _include(self, action: str, task: Data, scope: Scope) -> None:
        own = replace(scope, when=(*scope.when, *_listed(task["when"]))) if "when" in task else scope
        if not self._holds(own.when, own):
            return
        given = task[action]
        within = replace(scope, params=(*scope.params, task.get("vars", {})))
        if action.endswith("include_tasks"):
            given = {"file": given} if isinstance(given, str) else given
            _only(given, frozenset({"file"}), action)
            self._each(loaded(scope.folder / self._templar(scope).template(given["file"])), within)
            return
        self._role(self._templar(scope).template(given), within)

    def _role(self, given: Data, scope: Scope) -> None:
        _only(given, frozenset({"name", "tasks_from"}), "include_role")
        prefix, _dot, name = given["name"].rpartition(".")
        if prefix != NAMESPACE:
            raise UnknownToInterpreter(f"the role {given['name']}")
        place = ROLES / name
        _only_files(place)
        entry = given.get("tasks_from", "main")
        defaults = loaded(place / "defaults" / "main.yml")
        inner = replace(scope, folder=place / "tasks", defaults=defaults, role=given["name"])
        spec = loaded(place / "meta" / "argument_specs.yml")["argument_specs"].get(entry)
        # As Ansible does, and not for an entry that is named with its ending.
        if spec is not None:
            check = {"argument_spec": spec.get("options", {}), "provided_arguments": {}}
            task = {"name": "Validate the arguments", "ansible.builtin.validate_argument_spec": check}
            self._each([task], inner)
        self._each(loaded(place / "tasks" / (entry if entry.endswith(".yml") else f"{entry}.yml")), inner)

    def _holds(self, conditions: Sequence[Any], scope: Scope) -> bool:
        templar = self._templar(scope)
        return all(templar.evaluate_conditional(condition) for condition in conditions)

    def _templar(self, scope: Scope) -> Templar:
        variables = {**scope.defaults, **self.variables}
        for layer in (*scope.layers, self.facts, *scope.params, self.extra, _magic(self.check_mode)):
            variables.update(layer)
        return Templar(_LOADER, variables)


_LOADER = DataLoader()


class _Sleeper:
    """What a task with ``until`` sleeps on."""

    sleep: Callable[[float], None] = staticmethod(time.sleep)


@contextlib.contextmanager
def compiled_once() -> Iterator[None]:
    """Keep what templates are compiled to: there are some dozens, and each is used thousands of times."""
    compile_anew = jinja2.Environment.compile
    kept: dict[Any, Any] = {}

    def compile_once(self: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(source, str):
            return compile_anew(self, source, *args, **kwargs)
        key = (type(self), str(source), args, tuple(sorted(kwargs.items())))
        if key not in kept:
            kept[key] = compile_anew(self, source, *args, **kwargs)
        return kept[key]

    with mock.patch.object(jinja2.Environment, "compile", compile_once):
        yield


@functools.cache
def loaded(path: Path) -> Any:
    """A YAML file of ours, whose templates are trusted."""
    return _LOADER.load_from_file(str(path), cache="none", trusted_as_template=True)


def parsed(text: str) -> Any:
    """YAML of a test, whose templates are trusted."""
    from ansible.template import trust_as_template

    return _LOADER.load(trust_as_template(text))


@functools.cache
def _groups() -> dict[str, tuple[str, ...]]:
    """The action groups of each module of the collection."""
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    modules = {name for names in groups.values() for name in names}
    return {
        f"{NAMESPACE}.{name}": tuple(f"group/{NAMESPACE}.{group}" for group in groups if name in groups[group])
        for name in modules
    }


@functools.cache
def _magic(check_mode: bool) -> Data:
    return {
        "ansible_check_mode": check_mode,
        "ansible_playbook_python": sys.executable,
        "ansible_play_hosts": ["localhost"],
        "ansible_play_hosts_all": ["localhost"],
        "ansible_play_batch": ["localhost"],
        "ansible_run_tags": ["all"],
        "ansible_skip_tags": [],
        "inventory_hostname": "localhost",
        "inventory_hostname_short": "localhost",
    }


def _only(given: Mapping[str, Any], known: frozenset[str] | set[str], where: str) -> None:
    unknown = set(given) - known
    if unknown:
        raise UnknownToInterpreter(f"{where} has {', '.join(sorted(unknown))}")
    inert = {**_INERT, **_INERT_AROUND} if where == "block" else _INERT
    for key, values in inert.items():
        if key in given and given[key] not in values:
            raise UnknownToInterpreter(f"{key}: {given[key]} in {where}")
    # All tags are chosen, and this one does not run then.
    if "never" in given.get("tags", ()):
        raise UnknownToInterpreter(f"the tag never in {where}")


def _only_files(place: Path) -> None:
    """A role may have more than what is read here, such as variables or dependencies."""
    unknown = {part.name for part in place.iterdir()} - {"tasks", "defaults", "meta", "README.md"}
    if unknown or loaded(place / "meta" / "main.yml").get("dependencies"):
        raise UnknownToInterpreter(f"{place.name} has {', '.join(sorted(unknown)) or 'dependencies'}")


def _action(task: Data) -> str:
    named = [key for key in task if key in _ACTIONS or key in _INCLUDES or key in _groups()]
    if len(named) != 1:
        raise UnknownToInterpreter(f"the action of {dict(task)}")
    return named[0]


def _inside(task: Data, scope: Scope) -> Scope:
    """The scope of what is in a block, or of a task."""
    return replace(
        scope,
        layers=(*scope.layers, task["vars"]) if "vars" in task else scope.layers,
        when=(*scope.when, *_listed(task["when"])) if "when" in task else scope.when,
        module_defaults=(*scope.module_defaults, task["module_defaults"])
        if "module_defaults" in task
        else scope.module_defaults,
    )


def _listed(conditions: Any) -> list[Any]:
    return conditions if isinstance(conditions, list) else [conditions]


def _arguments(action: str, given: Data, defaults: Sequence[Data], templar: Templar) -> Data:
    """What an action gets. The innermost default of a group or an action takes the place of others of the same key."""
    merged: Data = {}
    for one in defaults:
        merged.update(one)
    args: Data = {}
    for key in [key for key in merged if key in _groups().get(action, ())] + [action]:
        args.update(merged.get(key, {}))
    args.update(given)
    raw = {key: value for key, value in args.items() if (action, key) in _RAW}
    return {**templar.template({key: value for key, value in args.items() if key not in raw}), **raw}


def _of_loop(results: list[Data]) -> Data:
    failed, changed = (any(one.get(key) for one in results) for key in ("failed", "changed"))
    skipped = bool(results) and all(one.get("skipped") for one in results)
    together: Data = {"results": results, "changed": changed, "failed": failed}
    if skipped:
        together["skipped"] = True
    if failed:
        together["msg"] = "One or more items failed"
    return together


@functools.cache
def _around() -> tuple[PlayContext, Any]:
    play = PlayContext()
    return play, plugin_loader.connection_loader.get("ansible.builtin.local", play, os.devnull)


@dataclass(frozen=True)
class _Role:
    """What an action plugin may ask of the role of its task."""

    name: str

    def get_name(self) -> str:
        return self.name


def _act(action: str, args: Data, templar: Templar, scope: Scope, check_mode: bool) -> Data:
    """Run an action plugin, with Ansible's own objects around it."""
    play, connection = _around()
    task = Task(role=_Role(scope.role) if scope.role else None)
    task.action, task.args = action, args
    task.module_defaults = list(scope.module_defaults)
    task.check_mode, task.diff = check_mode, False
    plugin = plugin_loader.action_loader.get(
        action,
        task=task,
        connection=connection,
        play_context=play,
        loader=_LOADER,
        templar=templar,
        shared_loader_obj=plugin_loader,
    )
    result: Data = plugin.run(task_vars=templar.available_variables)
    return result
