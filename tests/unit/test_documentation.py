# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written in several places is the same in all of them: options, defaults, choices, names, versions.

What modules return is held against their documentation in tests/wire/test_results.py.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.options import (
    CONNECTION,
    FACTS,
    KNOWN,
    VARIABLES,
    boolean,
    choice,
    limit,
    number,
    places,
    text,
    words,
)
from ansible_collections.northflank.cloud.plugins.module_utils._task.messages import (
    PERMISSION_TO_READ,
    PERMISSION_TO_WRITE,
)
from ansible_collections.northflank.cloud.plugins.module_utils._task.task import connection_spec

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
INVENTORIES = sorted(path.stem for path in (ROOT / "plugins" / "inventory").glob("*.py"))
PACKAGE = "ansible_collections.northflank.cloud.plugins.modules"
ROLE = ROOT / "roles" / "pre_deploy_snapshot"
PREFIX = "pre_deploy_snapshot_"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "tests/sandbox/README.md")),
    ROLE / "README.md",
    *sorted((ROOT / "docs").glob("**/*.md")),
]
CONTRACT = yaml.safe_load((ROOT / "tests" / "sandbox" / "contract.yaml").read_text(encoding="utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]

Options = dict[str, dict[str, Any]]


def read(*parts: str) -> Any:
    """A YAML file of the repository."""
    return yaml.safe_load(ROOT.joinpath(*parts).read_text(encoding="utf-8"))


def documented(name: str, kind: str = "module") -> Options:
    """A plugin's options with those of its fragments, as ansible-doc shows them."""
    path = str(ROOT / "plugins" / {"module": "modules"}.get(kind, kind) / f"{name}.py")
    documentation = get_docstring(path, fragment_loader, collection_name="northflank.cloud", plugin_type=kind)[0]
    options: Options = documentation["options"]
    return options


def specified(module: str) -> Options:
    """A module's argument spec with that of the connection, as AnsibleModule gets it, and what that adds."""
    task = importlib.import_module(f"{PACKAGE}.{module}").TASK
    return {**(FILE_COMMON_ARGUMENTS if task.has_file_arguments else {}), **task.spec}


def core(option: dict[str, Any], inner: str) -> dict[str, Any]:
    """What an option is, in one form for documentation and argument spec.

    :param inner: under which key the options of its elements stand.
    """
    return {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "required": option.get("required", False),
        "default": option.get("default"),
        "choices": sorted(option.get("choices") or []),
        "inner": {name: core(part, inner) for name, part in (option.get(inner) or {}).items()},
    }


@pytest.mark.parametrize("module", MODULES)
def test_each_option_is_documented_as_it_is(module: str) -> None:
    as_documented = {name: core(option, "suboptions") for name, option in documented(module).items()}
    assert as_documented == {name: core(option, "options") for name, option in specified(module).items()}


# What two modules rightly mean by one name, where it is not the same.
DIFFERENT = {"addon_id", "backup_type", "concurrency", "keep_within", "max_age", "project_id", "state", "status"}


def test_an_option_of_two_modules_is_the_same_in_both() -> None:
    """But for whether it is required."""
    meanings: dict[str, list[dict[str, Any]]] = {}
    for module in MODULES:
        for name, option in specified(module).items():
            meaning = {**core(option, "options"), "required": None}
            if meaning not in meanings.setdefault(name, []):
                meanings[name].append(meaning)
    assert {name for name, several in meanings.items() if len(several) > 1} == DIFFERENT


CHOICES = [
    ("addon_info", "status", SCHEMAS["AddonStatus"]["enum"]),
    ("addon_backup_info", "status", SCHEMAS["Status"]["enum"]),
    ("addon_backup_info", "backup_type", [*SCHEMAS["BackupType"]["enum"], "import"]),
    ("addon_backup", "backup_type", SCHEMAS["BackupType"]["enum"]),
    ("addon_backup_freshness_info", "backup_type", [*SCHEMAS["BackupType"]["enum"], "any"]),
    ("addon_backup_report", "backup_type", [*SCHEMAS["BackupType"]["enum"], "any"]),
    ("addon_backup", "compression_type", SCHEMAS["CompressionType"]["enum"]),
    ("addon_backup_restore", "backup_type", SCHEMAS["BackupType"]["enum"]),
    ("addon_backup_prune", "backup_type", SCHEMAS["BackupType"]["enum"]),
    ("addon_backup_schedule", "interval", SCHEMAS["Scheduling"]["properties"]["interval"]["enum"]),
    ("addon_backup_schedule", "backup_type", SCHEMAS["BackupType"]["enum"]),
    ("addon_backup_schedule", "compression_type", SCHEMAS["CompressionType"]["enum"]),
    ("addon_backup_schedule_info", "interval", SCHEMAS["Scheduling"]["properties"]["interval"]["enum"]),
    ("addon_backup_schedule_info", "backup_type", SCHEMAS["BackupType"]["enum"]),
    ("pre_deploy_set_info", "backup_type", SCHEMAS["BackupType"]["enum"]),
]


@pytest.mark.parametrize(("module", "option", "values"), CHOICES, ids=[f"{row[0]}.{row[1]}" for row in CHOICES])
def test_choices_are_those_of_the_contract(module: str, option: str, values: list[str]) -> None:
    assert sorted(specified(module)[option]["choices"]) == sorted(values)


@pytest.mark.parametrize("module", MODULES)
def test_no_result_has_a_key_that_ansible_reads_for_itself(module: str) -> None:
    returned = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{module}").RETURN)
    reserved = {"skipped", "failed", "unreachable", "results", "ansible_facts", "rc", "stdout", "stderr", "exception"}
    assert not reserved & set(returned)


def test_the_action_group_holds_every_module() -> None:
    assert read("meta", "runtime.yml")["action_groups"]["all"] == MODULES


def test_the_readme_names_every_module() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for module in MODULES:
        assert f"| `northflank.cloud.{module}` |" in readme


def test_the_readme_names_every_inventory() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for inventory in INVENTORIES:
        assert f"| `northflank.cloud.{inventory}` |" in readme
        assert f"ansible-doc -t inventory northflank.cloud.{inventory}\n" in readme


def test_the_inventory_has_the_options_of_the_connection_and_means_the_same_by_them() -> None:
    for inventory in INVENTORIES:
        options = documented(inventory, "inventory")
        for name, option in connection_spec().items():
            assert core(options[name], "suboptions") == core(option, "options"), name
        assert options["statuses"]["choices"] == documented("addon_info")["status"]["choices"]


NAMES = {
    *MODULES,
    *INVENTORIES,
    *(path.name for path in (ROOT / "roles").iterdir()),
    *(path.stem for path in (ROOT / "playbooks").glob("*.yml")),
    *(path.stem for path in (ROOT / "plugins" / "doc_fragments").glob("*.py")),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_calls_by_name_exists(page: Path) -> None:
    # In the cells of a table, Markdown's own characters are escaped.
    text = page.read_text(encoding="utf-8").replace("\\_", "_")
    named = set(re.findall(r"(?<![/.])\bnorthflank\.cloud\.([a-z_]+)", text))
    assert named <= {*NAMES, "all"}, "no such module, role, playbook or fragment"
    variables = set(re.findall(rf"\b{PREFIX}([a-z_]+)", text))
    assert variables <= {*role_options("main"), *role_options("rollback"), *FACTS}, "no such variable"


# For people, and for their assistants.
FOR_DEVELOPERS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "AGENTS.md")}
# What the reader of "Add a module in ten steps" makes.
TO_BE_MADE = {"plugins/modules/addon_things_info.py", "changelogs/fragments/addon-things-info.yml"}


@pytest.mark.parametrize(("page", "to_be_made"), [("CONTRIBUTING.md", TO_BE_MADE), ("AGENTS.md", set())])
def test_what_the_pages_for_developers_tell_to_open_exists(page: str, to_be_made: set[str]) -> None:
    folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
    paths = set(re.findall(rf"(?:^|[`\s(])((?:{folders}|\.ci)/[\w./*-]+)", FOR_DEVELOPERS[page], re.MULTILINE))
    assert len(paths) > 10 + 5 * len(to_be_made)
    assert {path for path in paths if not list(ROOT.glob(path))} == to_be_made


@pytest.mark.parametrize("page", FOR_DEVELOPERS)
def test_what_the_pages_for_developers_tell_to_type_exists(page: str) -> None:
    makefile, text = (ROOT / "Makefile").read_text(encoding="utf-8"), FOR_DEVELOPERS[page]
    targets = {
        target for words in re.findall(r"(?:^|`)make ([a-z][a-z -]*)", text, re.MULTILINE) for target in words.split()
    }
    assert targets
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("**/test_*.py"))
    assert [name for name in re.findall(r"pytest \S+ -k (\w+)", text) if name not in tests] == []
    mutants = importlib.import_module("catalogue").MUTANTS
    for word in re.findall(r'python tests/tools/mutants "(.+)"', text):
        assert len([mutant for mutant in mutants if word in mutant.name]) == 1


def test_the_first_guide_names_the_permissions_that_refusals_name() -> None:
    guide = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
    general, _colon, read_only = PERMISSION_TO_READ.rpartition(" > ")
    assert f"*{general} > {read_only}* and *{PERMISSION_TO_WRITE.rpartition(' > ')[2]}*" in guide


def test_the_oldest_ansible_is_the_same_everywhere() -> None:
    oldest = re.fullmatch(r">=(\d+\.\d+)\.0", read("meta", "runtime.yml")["requires_ansible"])
    assert oldest
    assert read("roles", ROLE.name, "meta", "main.yml")["galaxy_info"]["min_ansible_version"] == oldest[1]
    assert f"ansible-core {oldest[1]} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")


# The role: its variables, their defaults, and the options of the modules that they go into.


def role_options(entry: str) -> Options:
    """The variables of an entry point, without their prefix."""
    options = read("roles", ROLE.name, "meta", "argument_specs.yml")["argument_specs"][entry]["options"]
    assert all(name.startswith(PREFIX) for name in options)
    return {name[len(PREFIX) :]: option for name, option in options.items()}


ALL_OPTIONS = {**role_options("rollback"), **role_options("main")}


def test_both_entry_points_mean_the_same_by_a_variable() -> None:
    main, rollback = role_options("main"), role_options("rollback")
    common = main.keys() & rollback.keys()
    assert common
    assert {name: main[name] for name in common} == {name: rollback[name] for name in common}


def test_the_role_s_defaults_are_those_that_its_documentation_tells() -> None:
    told = {f"{PREFIX}{name}": option["default"] for name, option in ALL_OPTIONS.items() if "default" in option}
    assert read("roles", ROLE.name, "defaults", "main.yml") == told


# Defaults for all modules reach those that the role's tasks use.
ROLE_MODULES = sorted(
    {
        module
        for path in (ROLE / "tasks").glob("*.yml")
        for module in re.findall(r"^ *northflank\.cloud\.([a-z_]+):", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
)


def module_calls(node: Any) -> list[tuple[str, dict[str, Any]]]:
    """Each use of our modules in a file of tasks, with its arguments; defaults for all of them are a use of each."""
    if isinstance(node, list):
        return [call for part in node for call in module_calls(part)]
    if not isinstance(node, dict):
        return []
    found = []
    for key, value in node.items():
        if key == "group/northflank.cloud.all":
            found += [(module, value) for module in ROLE_MODULES]
        elif key.startswith("northflank.cloud."):
            found.append((key.rsplit(".", 1)[1], value))
        else:
            found += module_calls(value)
    return found


# How a variable goes into an option: as the role's first task has read it, or as it is.
GOES_INTO = re.compile(
    rf"{{{{ (?:_{PREFIX}plan\.options\.([a-z_]+)(?: \| default\((?:omit|false)\))?"
    rf"|{PREFIX}([a-z_]+)(?: \| default\(omit, true\))?"
    rf"|omit if {PREFIX}[a-z_]+ \| default\(none\) in \[none, ''\] else {PREFIX}([a-z_]+)) }}}}"
)
CALLS = [
    (module, option, match[1] or match[2] or match[3])
    for path in sorted((ROLE / "tasks").glob("*.yml"))
    for module, arguments in module_calls(yaml.safe_load(path.read_text(encoding="utf-8")))
    for option, value in arguments.items()
    for match in [GOES_INTO.fullmatch(" ".join(str(value).split()))]
    if match
]
# What the role's first task has read, and passes on to the decision.
CALLS += [
    ("pre_deploy_set_info", name, name)
    for name in sorted(ALL_OPTIONS.keys() & VARIABLES.keys())
    if name in specified("pre_deploy_set_info")
]


READERS = {
    ("str", None): (text, limit, choice),
    ("int", None): (number,),
    ("bool", None): (boolean,),
    ("list", "str"): (words,),
    ("list", "dict"): (places,),
}


def test_the_role_s_first_task_reads_every_variable_of_its_entry_point() -> None:
    assert set(ALL_OPTIONS) == KNOWN - set(FACTS)
    for entry in ("main", "rollback"):
        (arguments,) = [
            arguments
            for module, arguments in module_calls(read("roles", ROLE.name, "tasks", f"{entry}.yml"))
            if module == "pre_deploy_options" and "variables" in arguments
        ]
        own = role_options(entry).keys() - {"project_id", "release", *CONNECTION}
        assert arguments["variables"] == {name: f"{{{{ {PREFIX}{name} | default(omit) }}}}" for name in own}


def actions(node: Any) -> set[str]:
    """Every action that takes defaults, and that is used in a file of tasks."""
    if isinstance(node, list):
        return {action for part in node for action in actions(part)}
    own = {key for key in node if re.match(r"ansible\.builtin\.(?!include)|northflank\.", key)}
    return own | {action for part in ("block", "rescue", "always") for action in actions(node.get(part, []))}


def test_no_defaults_of_the_play_for_a_module_come_into_the_role() -> None:
    used = {action for path in (ROLE / "tasks").glob("*.yml") for action in actions(yaml.safe_load(path.read_text()))}
    for entry in ("main", "rollback"):
        (block,) = read("roles", ROLE.name, "tasks", f"{entry}.yml")
        defaults = {name: value for name, value in block["module_defaults"].items() if not name.startswith("group/")}
        assert defaults == {action: {} for action in used}


def test_a_variable_is_the_option_that_it_goes_into() -> None:
    """In how it is read, and in type, elements and choices."""
    used = set()
    for module, option, variable in CALLS:
        if variable == "backups":
            continue
        theirs, ours = core(specified(module)[option], "options"), core(ALL_OPTIONS[variable], "options")
        used.add(variable)
        if variable in VARIABLES:
            reads = VARIABLES[variable]
            assert sorted(*getattr(reads, "args", [()])) == theirs["choices"], variable
            assert getattr(reads, "func", reads) in READERS[theirs["type"], theirs["elements"]], variable
        # Where Ansible would refuse empty text, the role's first task checks alone.
        if ours["type"] != "raw":
            assert [ours[key] for key in ("type", "elements")] == [theirs[key] for key in ("type", "elements")], (
                variable
            )
        assert all(f"V({choice})" in str(ALL_OPTIONS[variable]["description"]) for choice in theirs["choices"]), (
            variable
        )
    assert set(ALL_OPTIONS) == used


def test_defaults_of_the_role_are_those_of_its_modules() -> None:
    """So that the role and its modules, used by hand, decide alike."""
    for module, option, variable in CALLS:
        default = specified(module)[option].get("default")
        if variable in ALL_OPTIONS and "default" in ALL_OPTIONS[variable] and default is not None:
            assert ALL_OPTIONS[variable]["default"] == default, (module, option)
