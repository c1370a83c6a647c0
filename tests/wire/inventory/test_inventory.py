# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin, read by Ansible's own classes in this process: hosts, groups, cache, and what it refuses."""

from __future__ import annotations

import importlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import template
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.template import Templar

import harness
from sandbox import Fault, Sandbox, VirtualClock, assume

NAME = "northflank.cloud.addons"
MAIN, OTHER = "default-project", "staging-project"
RUN_ME = "lookup('ansible.builtin.pipe', 'id')"
HOSTILE_TAGS = ["{{ 1 + 1 }}", "{% raw %}", "{# none", RUN_ME, "a:b,c!d&e", "x\n\x1b[2J", ""]

# Since ansible-core 2.19, text that is to be a template has to be said to be one.
TRUSTED: Callable[[str], str] = getattr(template, "trust_as_template", str)

Read = Callable[..., InventoryData]


@pytest.fixture(autouse=True)
def environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NORTHFLANK_API_URL", sandbox.url)
    monkeypatch.setenv("NORTHFLANK_API_TOKEN", sandbox.token)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def read(clock: VirtualClock, tmp_path: Path) -> Read:
    """Read an inventory; options as in its file. ``_cache`` as Ansible says whether the cache may be used."""

    def run(_cache: bool = True, **options: Any) -> InventoryData:
        path = tmp_path / "addons.northflank.yml"
        path.write_text(yaml.safe_dump({"plugin": NAME, **options}), encoding="utf-8")
        return parsed(path, clock, _cache)

    return run


def parsed(path: Path, clock: VirtualClock, cache: bool = True) -> InventoryData:
    """Read an inventory as Ansible's manager does, which would make warnings of errors."""
    plugin, inventory = inventory_loader.get(NAME), InventoryData()
    assert plugin.verify_file(str(path))
    with harness.module_timing(harness.virtual(clock)):
        plugin.parse(inventory, DataLoader(), str(path), cache)
    if plugin.get_option("cache"):
        plugin.update_cache_if_changed()
    return inventory


def names(inventory: InventoryData) -> list[str]:
    return sorted(inventory.hosts)


def group(inventory: InventoryData, name: str) -> list[str]:
    return sorted(host.name for host in inventory.groups[name].get_hosts())


def test_each_addon_is_a_host_that_carries_what_a_task_needs(sandbox: Sandbox, read: Read) -> None:
    inventory = read(projects=[MAIN])
    assert names(inventory) == sorted(f"{addon_id}.{MAIN}" for addon_id in sandbox.addon_ids)
    variables = inventory.hosts[f"postgres-main.{MAIN}"].get_vars()
    own = {name: value for name, value in variables.items() if name.startswith(("ansible_", "northflank_"))}
    assert own == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "northflank_addon_id": "postgres-main",
        "northflank_project_id": MAIN,
        "northflank_status": "running",
        "northflank_tags": ["critical", "orders"],
        "northflank_type": "postgresql",
    }


@pytest.mark.assume(max_page_size_served=None)
def test_ansible_finds_the_plugin_by_itself(sandbox: Sandbox, clock: VirtualClock, tmp_path: Path) -> None:
    path = tmp_path / "addons.northflank.yml"
    path.write_text(f"plugin: {NAME}\n", encoding="utf-8")
    with harness.module_timing(harness.virtual(clock)):
        manager = InventoryManager(loader=DataLoader(), sources=[str(path)])
    assert len(manager.get_hosts("northflank_type_postgresql:!northflank_status_paused")) == 2
    assert [host.name for host in manager.get_hosts(f"northflank:&northflank_project_{OTHER.replace('-', '_')}")] == [
        f"postgres-staging.{OTHER}"
    ]
    assert len(sandbox.requests) == 3


def test_addons_of_one_name_in_two_projects_are_two_hosts(sandbox: Sandbox, read: Read) -> None:
    sandbox.add_addon("postgres-main", project_id=OTHER)
    sandbox.add_addon("main", project_id="staging-project-postgres")
    inventory = read()
    ours = [host for host in names(inventory) if "main" in host.split(".")[0]]
    assert ours == [f"main.{OTHER}-postgres", f"postgres-main.{MAIN}", f"postgres-main.{OTHER}"]
    assert len({host.get_vars()["northflank_project_id"] for host in inventory.hosts.values()}) == 3


def test_groups_are_made_by_project_type_tag_and_status(sandbox: Sandbox, read: Read) -> None:
    sandbox.add_addon("tagged", tags=["two words", "two-words"], project_id=OTHER)
    inventory = read()
    assert {name for name in inventory.groups if name not in ("all", "ungrouped")} == {
        "northflank",
        "northflank_project_default_project",
        "northflank_project_staging_project",
        "northflank_status_paused",
        "northflank_status_running",
        "northflank_tag_cache",
        "northflank_tag_critical",
        "northflank_tag_orders",
        "northflank_tag_two_words",
        *(f"northflank_type_{kind}" for kind in ("minio", "mongodb", "mysql", "postgresql", "rabbitmq", "redis")),
    }
    assert group(inventory, "northflank") == names(inventory)
    assert group(inventory, "northflank_status_paused") == [f"postgres-paused.{MAIN}"]
    assert group(inventory, "northflank_tag_orders") == [f"mysql-orders.{MAIN}", f"postgres-main.{MAIN}"]
    assert group(inventory, "northflank_tag_two_words") == [f"tagged.{OTHER}"]


FILTERS = [
    ({"types": ["mysql", "redis"]}, ["mysql-orders.default-project", "redis-cache.default-project"]),
    ({"tags": ["critical", "cache"]}, ["postgres-main.default-project", "redis-cache.default-project"]),
    ({"statuses": ["paused"]}, ["postgres-paused.default-project"]),
    ({"types": ["postgresql"], "tags": ["orders"], "statuses": ["running"]}, ["postgres-main.default-project"]),
    ({"projects": [OTHER]}, ["postgres-staging.staging-project"]),
    ({"projects": OTHER, "types": "mysql"}, []),
]


@pytest.mark.parametrize(("asked", "found"), FILTERS, ids=json.dumps)
def test_addons_are_narrowed_by_what_is_asked(read: Read, asked: dict[str, Any], found: list[str]) -> None:
    assert names(read(**asked)) == found


def test_a_type_or_a_tag_that_no_addon_has_is_told(read: Read, capsys: pytest.CaptureFixture[str]) -> None:
    assert names(read(types=["postgres"], tags=["orders", "quite-another"])) == []
    said = " ".join(capsys.readouterr().err.split())
    assert "No addon that was read has the type 'postgres' of the option types. There are: minio, mongodb" in said
    assert "No addon that was read has the tag 'quite-another' of the option tags." in said
    assert "'orders'" not in said


@pytest.mark.assume(max_page_size_served=None)
def test_what_it_costs_is_a_request_for_each_page(sandbox: Sandbox, read: Read) -> None:
    for number in range(250):
        sandbox.add_addon(f"db-{number:03}", project_id=OTHER)
    assert len(read(projects=[OTHER]).hosts) == 251
    assert [request.path for request in sandbox.requests] == [f"/v1/projects/{OTHER}/addons"] * 3
    sandbox.clear_log()
    read()
    assert [request.path for request in sandbox.requests].count("/v1/projects") == 1
    assert len(sandbox.requests) == 1 + 1 + 3
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_a_team_s_addons_are_read_from_the_team(sandbox: Sandbox, read: Read) -> None:
    read(team_id="example-team")
    assert all(request.path.startswith("/v1/teams/example-team/projects") for request in sandbox.requests)


def test_variables_and_groups_of_ones_own(read: Read) -> None:
    inventory = read(
        projects=[MAIN],
        compose={"backup_name": "'Nightly ' ~ northflank_addon_id"},
        groups={"production": "'critical' in northflank_tags and backup_name is defined"},
        keyed_groups=[{"key": "northflank_project_id.split('-')[0]", "prefix": "stage"}],
        strict=True,
    )
    assert inventory.hosts[f"postgres-main.{MAIN}"].get_vars()["backup_name"] == "Nightly postgres-main"
    assert group(inventory, "production") == [f"postgres-main.{MAIN}"]
    assert group(inventory, "stage_default") == names(inventory)


@pytest.mark.parametrize(
    "mistake",
    [
        {"compose": {"x": "no_such_variable"}},
        {"groups": {"x": "no_such_variable"}},
        {"keyed_groups": [{"key": "no_such_variable"}]},
    ],
    ids=str,
)
def test_a_mistake_in_them_is_an_error_only_if_strict(read: Read, mistake: dict[str, Any]) -> None:
    assert len(read(projects=[OTHER], **mistake).hosts) == 1
    with pytest.raises(AnsibleError, match="no_such_variable"):
        read(projects=[OTHER], strict=True, **mistake)


# What the API sends is never taken for more than text.


def test_tags_that_look_like_templates_stay_text(sandbox: Sandbox, read: Read) -> None:
    sandbox.add_addon("hostile", tags=HOSTILE_TAGS, project_id=OTHER)
    inventory = read(
        projects=[OTHER],
        compose={"first": "northflank_tags | first", "all_of_them": "northflank_tags | join('|')"},
        keyed_groups=[{"key": "northflank_tags", "prefix": "mine"}],
    )
    loader = DataLoader()
    host = inventory.hosts[f"hostile.{OTHER}"]
    variables = host.get_vars()
    templar = Templar(loader=loader, variables={**variables, "ansible_playbook_python": "/usr/bin/the-python"})
    shown = templar.template(TRUSTED("{{ northflank_tags | join('|') }} {{ first }} {{ all_of_them }}"))
    assert shown == f"{'|'.join(HOSTILE_TAGS)} {{{{ 1 + 1 }}}} {'|'.join(HOSTILE_TAGS)}"
    assert templar.template(variables["northflank_tags"]) == HOSTILE_TAGS
    assert templar.template(variables["ansible_python_interpreter"]) == "/usr/bin/the-python"
    made = [name for name in inventory.groups if name.startswith(("northflank_tag_", "mine_"))]
    assert len(made) == 2 * 6 + 1
    assert all(re.fullmatch(r"\w+", name) for name in made)


@pytest.mark.parametrize("kind", [RUN_ME, "{{ 6 * 7 }}", "a\x1b[2J"])
def test_a_type_or_status_that_nobody_knows_stays_text(sandbox: Sandbox, read: Read, kind: str) -> None:
    addon = {"id": "odd", "name": "odd", "spec": {"type": kind}, "status": kind}
    page = {"data": {"addons": [addon]}, "pagination": {"hasNextPage": False, "count": 1}}
    sandbox.fault(Fault(method="GET", path="/addons$", kind="wrong-type", body=page))
    inventory = read(projects=[MAIN])
    variables = inventory.hosts[f"odd.{MAIN}"].get_vars()
    templar = Templar(loader=DataLoader(), variables=variables)
    assert templar.template(TRUSTED("{{ northflank_type }}{{ northflank_status }}")) == kind * 2
    assert all(re.fullmatch(r"\w+", name) for name in inventory.groups)


@pytest.mark.parametrize("addon_id", ["a.b", "{{ x }}", "../x", "a b", "x:22", "all,localhost", "\x1b[2J"])
def test_an_id_that_no_task_could_use_is_an_error(sandbox: Sandbox, read: Read, addon_id: str) -> None:
    addon = {"id": addon_id, "name": "x", "spec": {"type": "mysql"}, "status": "running"}
    page = {"data": {"addons": [addon]}, "pagination": {"hasNextPage": False, "count": 1}}
    sandbox.fault(Fault(method="GET", path="/addons$", kind="wrong-type", body=page))
    with pytest.raises(AnsibleParserError, match=f"^Project {MAIN}: the API's answer cannot be used") as refused:
        read(projects=[MAIN])
    assert "which no task could use" in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("project", [{"id": "a.b"}, {"id": 7}, {"name": "x"}, "x", {"id": ""}], ids=str)
def test_a_list_of_projects_that_cannot_be_read_is_an_error(sandbox: Sandbox, read: Read, project: Any) -> None:
    page = {"data": {"projects": [{"id": MAIN}, project]}, "pagination": {"hasNextPage": False, "count": 2}}
    sandbox.fault(Fault(method="GET", path="/projects$", kind="wrong-type", body=page))
    with pytest.raises(AnsibleParserError, match="the API's answer cannot be used: a project has"):
        read()
    assert [request.path for request in sandbox.requests] == ["/v1/projects"]


# What cannot be read is an error, in the words of the modules, and never a smaller fleet.


def test_a_token_that_is_refused(sandbox: Sandbox, read: Read) -> None:
    sandbox.revoke_token()
    with pytest.raises(AnsibleParserError, match=r"HTTP 401.*Check api_token, context") as refused:
        read()
    assert str(refused.value).count("HTTP 401") == 1
    with pytest.raises(AnsibleParserError, match=f"^Project {MAIN}: .*HTTP 401"):
        read(projects=[MAIN, OTHER])


def test_a_proxy_that_is_no_url_is_told_by_its_variable_only(
    sandbox: Sandbox, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://backup:Geheim#1234@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "elsewhere.example")
    with pytest.raises(AnsibleError, match="the proxy in http_proxy is not a usable URL") as raised:
        read()
    assert not any(part in str(raised.value) for part in ("Geheim", "1234", "backup:"))
    assert sandbox.requests == []


def test_a_permission_that_lacks_is_named(sandbox: Sandbox, read: Read) -> None:
    sandbox.deny("Project > Projects > Manage > Read")
    with pytest.raises(AnsibleParserError, match=r"'Project > Projects > Manage > Read'. Name them with"):
        read()
    assert len(read(projects=[MAIN, OTHER]).hosts) == len(sandbox.addon_ids) + 1
    sandbox.deny("Project > Addons > General > Read")
    with pytest.raises(AnsibleParserError, match=f"^Project {OTHER}: .*'Project > Addons > General > Read'"):
        read(projects=[OTHER])


def test_a_project_that_does_not_exist_is_an_error_with_the_nearest_one(sandbox: Sandbox, read: Read) -> None:
    with pytest.raises(AnsibleParserError, match=r"no project 'defualt-project' .*Did you mean 'default-project'\?"):
        read(projects=[OTHER, "defualt-project"])
    assert sandbox.writes == []


def test_of_several_projects_that_cannot_be_read_the_first_is_named(sandbox: Sandbox, read: Read) -> None:
    sandbox.fault(Fault(method="GET", path="/addons$", kind="503", when="before", times=None))
    with pytest.raises(AnsibleParserError, match=f"^Project {OTHER}: .*HTTP 503"):
        read(projects=[OTHER, MAIN], api_retries=0)


def test_a_failure_that_passes_is_waited_for(sandbox: Sandbox, read: Read) -> None:
    sandbox.fault(Fault(method="GET", path="/addons$", kind="503", when="before", times=2))
    assert len(read(projects=[OTHER]).hosts) == 1


def test_a_budget_that_comes_back_soon_is_waited_for_and_one_that_does_not_is_an_error(
    sandbox: Sandbox, read: Read, clock: VirtualClock
) -> None:
    read(projects=[OTHER])
    clock.advance(3400)
    sandbox.set_rate(0)
    began = clock.monotonic()
    assert len(read(projects=[OTHER]).hosts) == 1
    assert 200 <= clock.monotonic() - began <= 202
    sandbox.set_rate(0)
    with pytest.raises(AnsibleParserError, match="request limit is used up, and the API takes requests again in 3"):
        read(projects=[OTHER])


def test_nonsense_about_the_budget_is_told(sandbox: Sandbox, read: Read, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.pretend_rate(remaining="-78")
    read(projects=[OTHER])
    assert "a header that makes no sense (x-ratelimit-remaining: -78)" in " ".join(capsys.readouterr().err.split())


BAD_INPUT = [
    ({"projects": []}, "projects must name at least one project; without the option, all are read."),
    ({"projects": ["default project"]}, "projects may hold only letters, digits and hyphens; got 'default project'."),
    ({"projects": ["a", " a"]}, "projects must name each project once only; got 'a'."),
    ({"projects": [""]}, "projects must not be empty."),
    ({"project": [MAIN]}, "project is no option of this inventory; did you mean projects?; got None"),
    ({"zzz": 1}, "zzz is no option of this inventory."),
    ({"team_id": "a/b"}, "team_id may hold only letters, digits and hyphens; got 'a/b'."),
    ({"api_url": "http://api.northflank.com"}, "api_url must be https, or the token could be read on its way"),
    ({"api_timeout": 0}, "api_timeout must be at least 1 second; got 0."),
    ({"api_retries": 101}, "api_retries must be from 0 to 100 attempts after the first; got 101."),
    ({"ca_path": "/no/such/file"}, "ca_path must be a file or folder that exists where the task runs"),
    ({"context": "no-such"}, "context needs the client's file"),
    (
        {"api_token": "two words"},
        "api_token contains whitespace or characters that are not valid in a token (its value is not shown).",
    ),
]


@pytest.mark.parametrize(("options", "words"), BAD_INPUT, ids=[str(options) for options, _words in BAD_INPUT])
def test_bad_input_is_refused_before_the_first_request(
    sandbox: Sandbox, read: Read, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(AnsibleParserError) as refused:
        read(**options)
    assert str(refused.value).startswith(words.replace("; got None", "."))
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "options", [{"statuses": ["asleep"]}, {"api_timeout": "soon"}, {"plugin": "northflank.cloud.addon"}], ids=str
)
def test_what_ansible_checks_is_refused_before_the_first_request(
    sandbox: Sandbox, read: Read, options: dict[str, Any]
) -> None:
    with pytest.raises(AnsibleError) as refused:
        read(**options)
    option, value = next(iter(options.items()))
    # Of a value that is no number, ansible-core 2.18 names the option only.
    assert str(value).strip("[']") in str(refused.value) or f"setting: {option} " in str(refused.value)
    assert sandbox.requests == []


def test_without_a_token_nothing_is_sent(sandbox: Sandbox, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTHFLANK_API_TOKEN")
    with pytest.raises(AnsibleParserError, match=r"^api_token is missing: give the option or a context, or set"):
        read()
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("file", "is_ours"),
    [
        ("northflank.yml", True),
        ("northflank.yaml", True),
        ("addons.northflank.yml", True),
        ("production-northflank.yaml", True),
        ("addons.yml", False),
        ("northflank.yml.bak", False),
        ("northflank.json", False),
    ],
)
def test_a_file_is_ours_by_the_end_of_its_name(tmp_path: Path, file: str, is_ours: bool) -> None:
    (tmp_path / file).write_text(f"plugin: {NAME}\n", encoding="utf-8")
    plugin = inventory_loader.get(NAME)
    assert plugin.verify_file(str(tmp_path / file)) is is_ours
    assert plugin.verify_file(str(tmp_path / "not-there" / file)) is False


# The connection: as for modules, from options, context and environment.


def test_a_token_may_come_from_a_lookup(sandbox: Sandbox, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORTHFLANK_API_TOKEN", "a-token-that-nobody-has")
    monkeypatch.setenv("ANOTHER_TOKEN", sandbox.token)
    found = {"api_token": "{{ lookup('ansible.builtin.env', 'ANOTHER_TOKEN') }}"}
    assert read(**found).hosts
    assert all(request.token_ok for request in sandbox.requests)


def test_a_token_may_come_from_a_context_whose_file_others_must_not_read(
    sandbox: Sandbox,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NORTHFLANK_API_TOKEN")
    file = tmp_path / ".northflank" / "config.json"
    file.parent.mkdir()
    contexts = [{"name": "work", "host": sandbox.url, "token": sandbox.token}]
    file.write_text(json.dumps({"contexts": contexts, "current": "work"}), encoding="utf-8")
    file.chmod(0o644)
    assert read(context="current").hosts
    assert "can be read by other users of this machine" in " ".join(capsys.readouterr().err.split())


# The cache: what it saves, what it tells apart, and what it never holds.


@pytest.fixture
def cached(tmp_path: Path) -> dict[str, Any]:
    place = str(tmp_path / "cache")
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": place, "cache_timeout": 600}


def test_a_second_run_reads_the_cache_and_sends_nothing(sandbox: Sandbox, read: Read, cached: dict[str, Any]) -> None:
    sandbox.add_addon("hostile", tags=HOSTILE_TAGS)
    first = read(**cached)
    sent = len(sandbox.requests)
    sandbox.add_addon("new")
    second = read(**cached)
    assert len(sandbox.requests) == sent
    assert names(second) == names(first)
    for host in names(first):
        assert second.hosts[host].get_vars() == first.hosts[host].get_vars()
    assert set(second.groups) == set(first.groups)


def test_whoever_wants_it_anew_gets_it_anew_and_so_does_the_next(
    sandbox: Sandbox, read: Read, cached: dict[str, Any]
) -> None:
    read(**cached)
    sandbox.add_addon("new")
    assert f"new.{MAIN}" in names(read(_cache=False, **cached))
    sandbox.clear_log()
    assert f"new.{MAIN}" in names(read(**cached))
    assert sandbox.requests == []


def test_filters_are_looked_at_after_the_cache(sandbox: Sandbox, read: Read, cached: dict[str, Any]) -> None:
    assert names(read(types=["mysql"], **cached)) == [f"mysql-orders.{MAIN}"]
    sandbox.clear_log()
    assert names(read(types=["redis"], **cached)) == [f"redis-cache.{MAIN}"]
    assert sandbox.requests == []


@pytest.mark.parametrize("other", [{"projects": [OTHER]}, {"team_id": "example-team"}], ids=str)
def test_another_team_or_other_projects_are_another_cache(
    sandbox: Sandbox, read: Read, cached: dict[str, Any], other: dict[str, Any]
) -> None:
    read(**cached)
    sandbox.clear_log()
    read(**cached, **other)
    assert sandbox.requests != []


def test_another_address_is_another_cache(
    sandbox: Sandbox, clock: VirtualClock, read: Read, cached: dict[str, Any]
) -> None:
    read(**cached)
    with Sandbox(clock=clock, token=sandbox.token) as elsewhere:
        read(**cached, api_url=elsewhere.url)
        assert elsewhere.requests != []


def test_a_cache_that_is_too_old_is_not_used(
    sandbox: Sandbox, read: Read, cached: dict[str, Any], tmp_path: Path
) -> None:
    read(**cached)
    for file in (tmp_path / "cache").iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    sandbox.clear_log()
    read(**cached)
    assert sandbox.requests != []


NONSENSE: list[Any] = [
    [],
    {},
    "x",
    [{"id": "a"}],
    [None],
    [{"project_id": "../x", "id": "a", "name": "a", "type": "mysql", "status": "running", "tags": []}],
    [{"project_id": "p", "id": "a.b", "name": "a", "type": "mysql", "status": "running", "tags": []}],
]


@pytest.mark.parametrize("kept", NONSENSE, ids=str)
def test_a_cache_that_this_version_has_not_written_is_not_used(
    sandbox: Sandbox, read: Read, cached: dict[str, Any], tmp_path: Path, kept: Any
) -> None:
    whole = names(read(**cached))
    (file,) = (tmp_path / "cache").iterdir()
    text = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**text, "__payload__": json.dumps(kept)} if "__payload__" in text else kept), "utf-8")
    sandbox.clear_log()
    # An empty list is what a project without addons leaves.
    expected = [] if kept == [] else whole
    assert names(read(**cached)) == expected
    assert (sandbox.requests == []) == (kept == [])


def test_the_token_is_in_no_variable_and_in_no_cache(
    sandbox: Sandbox, read: Read, cached: dict[str, Any], tmp_path: Path
) -> None:
    inventory = read(**cached, compose={"everything": "vars | default('')"})
    assert sandbox.token not in str([host.get_vars() for host in inventory.hosts.values()])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not [path for path in files if sandbox.token in path.read_text(encoding="utf-8") + path.name]


@pytest.mark.parametrize("order", ["newest", "shuffled"])
def test_pages_in_any_order_come_to_the_same(clock: VirtualClock, read: Read, order: str) -> None:
    with Sandbox(clock=clock, assumptions=assume(list_order=order, max_page_size_served=2)) as sandbox:
        found = read(api_url=sandbox.url, api_token=sandbox.token, projects=[MAIN])
        assert names(found) == sorted(f"{addon_id}.{MAIN}" for addon_id in sandbox.addon_ids)


PLUGIN = importlib.import_module("ansible_collections.northflank.cloud.plugins.inventory.addons")
# Files of their own, all but the first one in comments: sanity tests want one document.
EXAMPLES = [
    yaml.safe_load(text)
    for text in re.split(r"\n#?\n", re.sub(r"^# (?=.)", "", PLUGIN.EXAMPLES, flags=re.MULTILINE))
    if text.startswith("plugin:")
]


def test_there_are_examples() -> None:
    assert [len(example) for example in EXAMPLES] == [2, 2, 5, 9]


def test_a_token_that_the_api_repeats_comes_into_no_variable_group_or_cache(
    sandbox: Sandbox, read: Read, cached: dict[str, Any], tmp_path: Path
) -> None:
    sandbox.add_addon("tagged", tags=["plain", f"tag {sandbox.token}"])
    for _turn in ("from the API", "from the cache"):
        inventory = read(projects=[MAIN], **cached)
        assert inventory.hosts[f"tagged.{MAIN}"].get_vars()["northflank_tags"] == ["plain", "tag ********"]
        assert not any(sandbox.token in name for name in inventory.groups)
    kept = [path.read_text(encoding="utf-8") for path in (tmp_path / "cache").iterdir()]
    assert "tagged" in "".join(kept)
    assert sandbox.token not in "".join(kept)


def test_ansible_masks_the_token_from_then_on(sandbox: Sandbox, read: Read) -> None:
    secrets = pytest.importorskip("ansible.module_utils.secrets", reason="came with ansible-core 2.22")
    read()
    assert sandbox.token not in secrets.mask_secrets(f"a text with {sandbox.token}")


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_example_works(
    sandbox: Sandbox, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int
) -> None:
    monkeypatch.setenv("TOKEN_OF_THE_OTHER_TEAM", sandbox.token)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "addons.northflank.yml"
    path.write_text(yaml.safe_dump(EXAMPLES[number]), encoding="utf-8")
    assert parsed(path, clock).hosts
