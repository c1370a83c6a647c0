# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role finds out about the play around it, on plays as Ansible itself loads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.role_include import IncludeRole
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from ansible_collections.northflank.cloud.plugins.plugin_utils import _play

ROLE = {"name": "northflank.cloud.pre_deploy_snapshot", "tasks_from": "rollback"}
INCLUDED, IMPORTED = "ansible.builtin.include_role", "ansible.builtin.import_role"


def first_task(task: dict[str, Any], **keywords: Any) -> Any:
    """The role's first task, where a play has one task that includes or imports it."""
    loader = DataLoader()
    manager = VariableManager(loader=loader)
    data = {"name": "x", "hosts": "all", "gather_facts": False, "tasks": [task], **keywords}
    play = Play.load(data, variable_manager=manager, loader=loader)

    def tasks(nodes: list[Any]) -> Iterator[Any]:
        for node in nodes:
            if isinstance(node, Block):
                yield from tasks(node.block)
            elif isinstance(node, IncludeRole):
                yield from tasks(node.get_block_list(play=play, variable_manager=manager, loader=loader)[0])
            elif node.action == "northflank.cloud.pre_deploy_options":
                yield node

    return next(tasks(play.compile()))


@pytest.mark.parametrize(
    ("how", "own", "run", "skip", "chosen"),
    [
        (INCLUDED, ["back"], ["back"], [], True),
        (INCLUDED, [], ["all"], ["always"], True),
        (IMPORTED, ["back"], ["all"], [], True),
        (IMPORTED, ["back"], ["back"], [], True),
        (IMPORTED, ["back"], ["back"], ["always"], True),
        (IMPORTED, ["back"], ["deploy"], [], False),
        (IMPORTED, [], ["deploy"], [], False),
        (IMPORTED, ["back"], ["all"], ["back"], False),
        (IMPORTED, ["never", "back"], ["all"], [], False),
        (IMPORTED, ["never", "back"], ["back"], [], True),
        (IMPORTED, ["always"], ["deploy"], [], True),
    ],
)
def test_a_role_is_chosen_as_ansible_itself_would_choose_it(
    how: str, own: list[str], run: list[str], skip: list[str], chosen: bool
) -> None:
    task = first_task({"name": "x", how: ROLE, "tags": own})
    assert _play.is_chosen(task, {"ansible_run_tags": run, "ansible_skip_tags": skip}) == chosen


@pytest.mark.parametrize(
    ("strategy", "hosts", "refused"),
    [
        ("free", ["a", "b"], True),
        ("ansible.builtin.free", ["a", "b"], True),
        ("host_pinned", ["a", "b"], True),
        ("mitogen_free", ["a", "b"], True),
        ("linear", ["a", "b"], False),
        ("ansible.builtin.debug", ["a", "b"], False),
        ("free", ["localhost"], False),
    ],
)
def test_strategies_that_run_a_task_for_each_of_several_hosts(strategy: str, hosts: list[str], refused: bool) -> None:
    task = first_task({"name": "x", INCLUDED: ROLE}, strategy=strategy)
    assert bool(_play.strategy_for_each_host(task, {"ansible_play_hosts_all": hosts})) == refused


def test_the_defaults_of_the_play_are_found_behind_those_of_the_role() -> None:
    around = {"module_defaults": {_play.GROUP: {"team_id": "block", "api_retries": 1}}}
    block = {"name": "x", "block": [{"name": "x", INCLUDED: ROLE}], **around}
    task = first_task(block, module_defaults={_play.GROUP: {"team_id": "play", "api_url": "https://example.com"}})
    templar = Templar(loader=DataLoader(), variables={})
    found = _play.defaults_of_play(task, templar)
    assert found == {"team_id": "block", "api_retries": 1, "api_url": "https://example.com"}
