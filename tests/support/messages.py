# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All messages that the collection can show, gathered from its code, for the page that explains them.

The sentences of the files of messages come from calling each of their functions with all kinds of arguments. Of the
other files, every text of three words or more is taken, with ``...`` for what is filled in.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import ApiError, BackupError, NorthflankError
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Backup, Restore
from ansible_collections.northflank.cloud.plugins.module_utils._api.schedule_models import (
    Destination,
    Schedule,
    ScheduleSettings,
)
from ansible_collections.northflank.cloud.plugins.module_utils._fork.models import AddonFacts, ForkSpec

ROOT = Path(__file__).resolve().parents[2]
GAP = "..."
_FEWEST_BLANKS = 2
_SHORTEST_PART = 12
# Not shown as they are: other functions make their sentences with them.
PARTS = {
    "DESCRIPTION",
    "NOTHING_STARTED",
    "NOTHING_TO_ABORT",
    "NOT_KNOWN",
    "PERMISSION_TO_LIST_PROJECTS",
    "PERMISSION_TO_READ",
    "PERMISSION_TO_WRITE",
    "addon_does_not_run",
    "as_task",
    "backup_label",
    "brief",
    "by_cause",
    "duration",
    "headline",
    "last_seen",
    "listed",
    "moment",
    "names",
    "nothing_started",
    "of_addon",
    "of_project",
    "place",
    "pruned_label",
    "delete_command",
    "removal_command",
    "download_progress",
    "fork_plan_summary",
    "fork_summary",
    "mirror_progress",
    "projects_not_listed",
    "reason",
    "schedule_label",
    "size",
    "span_of",
    "state_label",
    "describe_error",
    "told_of_dump",
}
# Texts of three words or more that are no messages, but pieces of some, or what is shown where nothing is wrong.
OTHER_TEXTS = {
    "a backup destination",
    "a stored backup",
    r"\(ID [^ ()]+\)",
    "&&",
    "... d ... h",
    "... -e generation=...",
    "... (from ...)",
    "... is ...",
    "...: ... (ID ..., ..., ...)",
    "; got ...",
    "a backup's config",
    "a schedule's scheduling",
    "Account > Platform > BackupDestinations > Read",
    "Project > Addons > General > Create",
    "Project > Addons > General > Delete",
    "Project > Addons > General > Read Spec",
    "addon_id in targets",
    "and ... more",
    "an addon's credentials",
    "an addon's spec",
    "an additional destination",
    "an answer begins with its head, not with ...",
    "at least ...",
    "attempts after the first",
    "downloads at once",
    "from ... to ...",
    "its present data",
    "no such addon",
    "northflank.cloud restore drill",
    "none of them",
    "requests at once",
    "the ID '...'",
    "the proxy ..., or a",
    "the settings of the system",
    "the data of backup '...' (ID ...) of ...",
    "the name '...'",
}
FILES = sorted({*ROOT.glob("plugins/module_utils/*/*messages.py"), *ROOT.glob("plugins/plugin_utils/*messages.py")})
MODULES = [
    importlib.import_module(
        ".".join(("ansible_collections.northflank.cloud", *path.relative_to(ROOT).with_suffix("").parts))
    )
    for path in FILES
]


def sentences() -> dict[str, set[str]]:
    """By function of the files of messages, all sentences that it makes."""
    return {name: set(_calls(function)) for name, function in _functions().items() if name.split(".")[1] not in PARTS}


def untold() -> list[str]:
    """Texts in the files of messages that no call has brought forth: the samples do not know a function well enough."""
    said = "\n".join(text for function in _functions().values() for text in _calls(function))
    trees = [ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")) for module in MODULES]
    parts = {part for tree in trees for text in _texts(tree) for part in text.split(GAP) if len(part) >= _SHORTEST_PART}
    return sorted(part for part in parts if part not in said)


def texts() -> set[str]:
    """Each other message in the code, with the option where it is about one."""
    found: set[str] = set()
    for path in [*ROOT.glob("plugins/module_utils/*/*.py"), *ROOT.glob("plugins/modules/*.py")]:
        # What stands in a report or in evidence is no message: nothing has failed that needs to be explained.
        if path not in FILES and path.parent.name != "_report" and path.parts[-2:] != ("_drill", "summary.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {text.strip() for text in _texts(tree) if text.count(" ") >= _FEWEST_BLANKS}
    return found


def role_messages() -> list[str]:
    """What the role itself says when it stops, or when something could not be done."""
    found: list[str] = []
    for path in sorted(ROOT.glob("roles/*/tasks/*.yml")):
        for task in _tasks(yaml.safe_load(path.read_text(encoding="utf-8"))):
            if "ansible.builtin.fail" in task:
                found.append(task["ansible.builtin.fail"]["msg"])
            found += [one["ansible.builtin.debug"]["msg"] for one in task.get("rescue", ()) if _is_debug(one)]
    return [" ".join(re.sub(r"\{\{.*?\}\}", GAP, text).split()) for text in found]


def _is_debug(task: Mapping[str, Any]) -> bool:
    return "ansible.builtin.debug" in task


def _tasks(tasks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for task in tasks:
        yield task
        for part in ("block", "rescue", "always"):
            yield from _tasks(task.get(part, ()))


def _functions() -> dict[str, Callable[..., str]]:
    found: list[tuple[ModuleType, str, Callable[..., str]]] = [
        (module, name, function)
        for module in MODULES
        for name, function in _constants(module) + inspect.getmembers(module, inspect.isfunction)
    ]
    return {
        f"{'/'.join(module.__name__.split('.')[-2:])}.{name}": function
        for module, name, function in found
        if function.__module__ in (module.__name__, __name__) and name[0] != "_" and _takes_what_it_names(function)
    }


def _constants(module: ModuleType) -> list[tuple[str, Callable[..., str]]]:
    """Sentences without a gap, as functions that make them."""

    def saying(text: str) -> Callable[..., str]:
        def say() -> str:
            return text

        return say

    return [
        (name, saying(value))
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.count(" ") >= _FEWEST_BLANKS
    ]


def _takes_what_it_names(function: Callable[..., str]) -> bool:
    """A function that takes any number of things puts words together, and has none of its own."""
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(parameter.kind not in open_ended for parameter in inspect.signature(function).parameters.values())


def _calls(function: Callable[..., str]) -> Iterator[str]:
    """What comes of a function for all combinations of samples; those that make no sense to it are left out."""
    kinds = typing.get_type_hints(function)
    kinds.pop("return")
    for values in itertools.product(*(_samples(name, kind) for name, kind in kinds.items())):
        try:
            yield " ".join(function(**dict(zip(kinds, values, strict=True))).split())
        except IndexError:  # a list that is never empty
            continue


def _samples(name: str, kind: Any) -> Sequence[Any]:
    """Values for a parameter, so that each branch of each function is taken."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union:
        return [None, *_samples(name, inner[0])]
    if origin is tuple:
        return [tuple(_samples(name, one)[0] for one in inner)]
    if inner and issubclass(origin, Sequence):
        first = _samples(name, inner[0])[0]
        return [[], [first], [first] * 12]
    if inner:
        return [{"from": "16.1", "to": "16.2"}]
    return _BY_KIND[kind]


def _backup(backup_type: str, status: str, backup_id: str = "an-id") -> Backup:
    source = {"snapshot": "snapshot", "dump": "sameAddon", "import": "fileUpload"}.get(backup_type, backup_type)
    data = {"id": backup_id, "name": "A name", "status": status, "createdAt": "2026-03-01T12:00:00.000Z"}
    return Backup.from_api({**data, "config": {"source": {"type": source}}})


def _settings(destinations: tuple[Destination, ...] = ()) -> ScheduleSettings:
    return ScheduleSettings("weekly", "dump", (0,), 7, (2,), (6,), "gz", "", destinations)


_REFUSALS = [
    ApiError(status, "Refused", method=method) for status in (400, 401, 403, 404, 409) for method in ("GET", "POST")
]
_BY_KIND: dict[Any, Sequence[Any]] = {
    str: ["some-words"],
    int: [3],
    float: [60.0],
    bool: [False, True],
    ApiError: _REFUSALS,
    NorthflankError: [BackupError("Something went wrong"), ApiError(403, "Refused", method="GET")],
    BaseException: [ValueError("wrong")],
    Backup: [
        *(_backup("snapshot", status) for status in ("completed", "in-progress", "failed", "aborted", "not-supported")),
        _backup("import", "completed"),
        _backup("dump", "in-progress"),
        _backup("not-known", "completed"),
        _backup("snapshot", "completed", backup_id="A name"),
    ],
    AddonFacts: [AddonFacts("an-id", "a-name", "postgresql", "failed")],
    ForkSpec: [ForkSpec("a-project", project, "an-addon") for project in ("a-project", "another")],
    Schedule: [Schedule("an-id", _settings(), extra={"encrypted": True})],
    ScheduleSettings: [_settings(), _settings((Destination("offsite"),))],
    Restore: [
        Restore.from_api({"id": "r", "status": status, "backupId": "b", "restoreTimestamp": "2026-03-01T12:00:00Z"})
        for status in ("failed", "completed")
    ],
}
_BY_NAME: dict[str, Sequence[Any]] = {
    "action": ["created", "joined", "deleted", "none"],
    "state": ["absent", "aborted"],
    "identity": [
        {
            "name": "ci",
            "owner": "acme",
            "role": "Read only",
            "expires": "2027-01-01T00:00:00Z",
            "permissions": ["a"] * 12,
        },
        {"projects": ["staging"], "only": True},
        {"projects": [], "only": False},
    ],
    "addon_status": ["failed", "paused", "deleting"],
    "elsewhere": [0.0, 1e300],
    "backup_type": ["some-words", "any"],
    "failed": [0, 1, 3],
    "total": [0, 1, 3],
    "too_many_of": [{"an-addon": (4, 5)}],
    "known": [[], ["some-word"], ["quite-different"], ["quite-different"] * 12],
    "untried": [0, 3],
    "left": [0, 3],
    "held_back": [0, 1],
    "errors": [{"an-addon": "It is broken."}],
    "holders": [[], _BY_KIND[Backup]],
    "completing": ["", "some-words"],
    "undo": ["", "some-words"],
    "removal": ["", "some-words"],
    "deletion_error": ["", "some-words"],
    "earlier": ["", "some-words"],
    "variable": ["", "some-words"],
    "not_back": [[("an-addon", one)] for one in (None, *_BY_KIND[Restore])],
}


def _texts(tree: ast.Module) -> Iterator[str]:
    """All texts in a file but documentation, with gaps for what is filled in."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and node.body:
            skipped.add(_expression(node.body[0]))
        if isinstance(node, ast.Assign) and {"DOCUMENTATION", "EXAMPLES", "RETURN"} & set(
            map(ast.unparse, node.targets)
        ):
            skipped.add(node.value)
        if isinstance(node, ast.JoinedStr):
            skipped |= set(node.values)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "InvalidInput":
            skipped |= set(node.args)
            yield f"{_text(node.args[0])} {_text(node.args[1])}"
    yield from (_text(node) for node in ast.walk(tree) if node not in skipped and _is_text(node))


def _expression(node: ast.stmt) -> ast.AST:
    """A docstring's own node, where the statement is one."""
    return node.value if isinstance(node, ast.Expr) else node


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else GAP
