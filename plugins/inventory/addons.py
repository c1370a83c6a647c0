# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: addons
short_description: Northflank addons as hosts, so that one task backs up a whole fleet
version_added: 0.9.0
author:
  - The northflank.cloud contributors (@northflank-cloud)
description:
  - Makes each managed database ("addon") of one or more projects a host, named C(<addon>.<project>). So the names of
    two projects never collide.
  - Ansible never connects to these hosts. Their tasks run on the controller (C(ansible_connection=local), with the
    playbook's own interpreter), and the variables C(northflank_project_id) and C(northflank_addon_id) name the addon.
    Further variables are C(northflank_type), C(northflank_status) and C(northflank_tags), as they were when the
    inventory was read.
  - All hosts are in the group C(northflank), and in C(northflank_project_<project>), C(northflank_type_<type>),
    C(northflank_status_<status>) and, for each of their tags, C(northflank_tag_<tag>). In group names, everything
    except letters, digits and underscores becomes an underscore, so the tags C(a-b) and C(a b) share a group.
  - The name of the file must end in C(northflank.yml) or C(northflank.yaml).
  - Takes one request for each 100 addons of a project. Without O(projects), it takes one more for each 100 projects.
  - What the API sends is never evaluated as a template, even if a tag looks like one.
  - By default, Ansible continues if it cannot read an inventory. It then backs up nothing, and reports success. To make
    that an error, set C(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED), or C(any_unparsed_is_failed=true) in the section
    C([inventory]) of C(ansible.cfg).
extends_documentation_fragment:
  - northflank.cloud.connection
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Marks the file as one for this plugin.
    type: str
    required: true
    choices:
      - northflank.cloud.addons
  projects:
    description:
      - The IDs of the projects to read.
      - If not given, these are all projects that the token may list. This needs the permission C(Project > Projects >
        Manage > Read).
      - A project that does not exist, or that the token may not read, is an error, because a fleet must not shrink
        unnoticed.
    type: list
    elements: str
  types:
    description:
      - Only addons of these types, such as V(postgresql), V(mysql), V(mongodb), V(redis), V(minio) or V(rabbitmq).
    type: list
    elements: str
  tags:
    description:
      - Only addons that have at least one of these tags.
    type: list
    elements: str
  statuses:
    description:
      - Only addons that are in one of these states at the moment.
      - While an addon is being backed up, its state is V(backup). So do not select V(running) to exclude paused addons,
        or others will be missing now and then. Exclude the paused ones in the playbook
        (C(northflank:!northflank_status_paused)).
    type: list
    elements: str
    choices:
      - preDeployment
      - triggerAllocation
      - allocating
      - postDeployment
      - running
      - paused
      - scaling
      - upgrading
      - resetting
      - backup
      - restore
      - failed
      - error
      - errorAllocating
      - deleting
      - deleted
notes:
  - The connection options may be templates with lookups, such as C({{ lookup('ansible.builtin.env',
    'TOKEN_OF_THE_OTHER_TEAM') }}), or values that C(ansible-vault) has encrypted. Unlike in modules, the variables of
    hosts and plays are not available.
  - The token is neither in the cache nor in any variable.
  - The cache holds all addons of the projects, before O(types), O(tags) and O(statuses) are applied. It is specific to
    the file, the API's address, the team and O(projects), but not to the token.
  - While the cache is in use, a new addon is missing, a deleted one is still there (a task for it fails and says so),
    and states and tags are those of the time when it was filled. C(ansible-playbook --flush-cache), with ansible-core
    2.19 or newer C(ansible-inventory --flush-cache) as well, and the task C(meta=refresh_inventory) read everything
    again. Because reading all addons takes only a few requests, leave the cache off unless you run many playbooks in a
    row.
"""

EXAMPLES = r"""
# The token is taken from the environment variable NORTHFLANK_API_TOKEN.
#
# Save this as addons.northflank.yml, and see what is there: ansible-inventory -i addons.northflank.yml --graph

plugin: northflank.cloud.addons
projects: [default-project]

# Back up every PostgreSQL database: ansible-playbook -i addons.northflank.yml backup.yml, with this as backup.yml:
#
# - hosts: northflank_type_postgresql:!northflank_status_paused
#   gather_facts: false
#   tasks:
#     - northflank.cloud.addon_backup:
#         project_id: "{{ northflank_project_id }}"
#         addon_id: "{{ northflank_addon_id }}"
#         name: Nightly 2026-03-01
#
# Other files, each of which may stand beside the first one:
#
# All projects that the token may list, but only what is tagged.
#
# plugin: northflank.cloud.addons
# tags: [critical]
#
# Another account's databases.
#
# plugin: northflank.cloud.addons
# api_token: "{{ lookup('ansible.builtin.env', 'TOKEN_OF_THE_OTHER_TEAM') }}"
# team_id: example-team
# projects: [default-project, staging-project]
# types: [postgresql, mysql, mongodb]
#
# Groups and variables of your own, and a cache for many runs after one another.
#
# plugin: northflank.cloud.addons
# compose:
#   backup_name: "'Nightly ' ~ northflank_addon_id[:20]"
# groups:
#   production: "'critical' in northflank_tags"
# keyed_groups:
#   - key: northflank_project_id.split('-')[0]
#     prefix: stage
# strict: true
# cache: true
# cache_plugin: ansible.builtin.jsonfile
# cache_connection: .cache/inventory
# cache_timeout: 600
"""

import os
import re
from typing import Any, Optional

from ansible import template
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.basic import missing_required_lib
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._api.errors import NorthflankError
from ..module_utils._api.timing import Deadline
from ..module_utils._api.transport import REQUESTS_IMPORT_ERROR
from ..module_utils._task import messages, module
from ..module_utils._task.connection import Connection, connect, resolve
from ..module_utils._task.task import READING_SECONDS, connection_spec
from ..plugin_utils import _inventory as inventory_inventory

# Since ansible-core 2.19, text is a template only if it is said to be one; before, unless it is said not to be.
_TRUST: Any = getattr(template, "trust_as_template", None)
_DISTRUST: Any = None
if _TRUST is None:
    from ansible.utils.unsafe_proxy import wrap_var

    _DISTRUST = wrap_var

SUFFIXES = ("northflank.yml", "northflank.yaml")
# Neither a template nor, as a condition, an expression that could do anything.
_HARMLESS = re.compile(r"[\w.:/@ +-]*")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads the projects, and puts each addon where Ansible wants it."""

    NAME = "northflank.cloud.addons"

    def verify_file(self, path: str) -> bool:
        """Return whether the file is meant for this plugin, by its name."""
        readable = bool(super().verify_file(path))  # type: ignore[no-untyped-call]
        return readable and path.endswith(SUFFIXES)

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Fill the inventory.

        :param cache: False where the user wants everything to be read anew.
        """
        super().parse(inventory, loader, path, cache)
        if REQUESTS_IMPORT_ERROR is not None:
            raise AnsibleParserError(missing_required_lib("requests"))
        config = self._read_config_data(path)
        try:
            inventory_inventory.known_options(list(config), list(self.get_options()))
            projects = inventory_inventory.project_ids(self.get_option("projects"))
            filters = inventory_inventory.Filters(*(self.get_option(name) for name in ("types", "tags", "statuses")))
            connection = resolve(self._connection_options(), os.environ)
            if module.register_secret is not None:
                module.register_secret(connection.target.token)
            hosts = self._hosts(path, connection, projects, cache)
        except NorthflankError as error:
            # Ansible adds the texts of causes, and this text has them all.
            raise AnsibleParserError(messages.describe_error(error)) from None
        for warning in [*connection.warnings, *filters.unmatched(hosts)]:
            self.display.warning(warning)
        for host in filters.narrow(hosts):
            self._add(inventory, host)

    def _connection_options(self) -> dict[str, Any]:
        options = {name: self.get_option(name) for name in connection_spec()}
        return {name: self._filled_in(value) for name, value in options.items()}

    def _filled_in(self, value: Any) -> Any:
        return self.templar.template(value) if isinstance(value, str) and self.templar.is_template(value) else value

    def _hosts(
        self, path: str, connection: Connection, projects: Optional[list[str]], may_use_cache: bool
    ) -> list[inventory_inventory.Host]:
        with_cache = self.get_option("cache")
        key = f"{self.get_cache_key(path)}_{inventory_inventory.cache_key(connection, projects)}"
        kept = inventory_inventory.from_cache(self._cache.get(key)) if with_cache and may_use_cache else None
        if kept is not None:
            return kept
        api = connect(connection, "", Deadline(module.TIMING, READING_SECONDS))
        hosts = inventory_inventory.without_token(
            inventory_inventory.read_hosts(api, projects), connection.target.token
        )
        for header in api.client.invalid_headers:
            self.display.warning(messages.invalid_budget_header(header))
        if with_cache:
            self._cache[key] = inventory_inventory.to_cache(hosts)
        return hosts

    def _add(self, inventory: InventoryData, host: inventory_inventory.Host) -> None:
        inventory.add_host(host.name)
        variables = {name: _as_text(value) for name, value in host.variables.items()}
        variables["ansible_connection"] = _as_template("local")
        variables["ansible_python_interpreter"] = _as_template("{{ ansible_playbook_python }}")
        for name, value in variables.items():
            inventory.set_variable(host.name, name, value)
        for group in host.groups:
            inventory.add_child(inventory.add_group(self._sanitize_group_name(group)), host.name)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host.name, strict)
        composed = inventory.hosts[host.name].get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), composed, host.name, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), composed, host.name, strict)


def _as_template(value: str) -> Any:
    """Return text of ours, which Ansible may fill in."""
    return value if _TRUST is None else _TRUST(value)


def _as_text(value: Any) -> Any:
    """Return a value of the API that is never taken for a template, and is shown without a mark where it is plain."""
    if isinstance(value, list):
        return [_as_text(part) for part in value]
    if _HARMLESS.fullmatch(value):
        return _as_template(value)
    return value if _DISTRUST is None else _DISTRUST(value)
