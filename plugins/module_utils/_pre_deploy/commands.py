# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that messages print, for a shell. Pure."""

from __future__ import annotations

import json
import shlex
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .._task.messages import command

# What somebody else needs to reach the same project. The token is not shown.
_REACH = ("context", "api_url", "team_id", "ca_path")


class Commands(NamedTuple):
    """Commands that reach what a task has reached.

    :ivar target: the options of project and connection that were given, but for the token.
    """

    target: Mapping[str, str]

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Commands:
        """Return those of a task, by its options."""
        given = {name: params[name] for name in ("project_id", *_REACH) if params[name]}
        return cls(given if params["validate_certs"] else {**given, "validate_certs": "false"})

    def task(self, module: str, **arguments: str) -> str:
        """Return a task of its own."""
        return command(module, **self.target, **arguments)

    def playbook(self, name: str, release: str, **variables: str) -> str:
        """Return one of the collection's playbooks.

        :param variables: of the role, without its prefix.
        """
        beside = {key: value for key, value in self.target.items() if key != "project_id"}
        prefixed = {f"pre_deploy_snapshot_{key}": value for key, value in {**beside, **variables}.items()}
        given = {"project_id": self.target["project_id"], "release": release, **prefixed}
        return " ".join([f"ansible-playbook northflank.cloud.{name}", *(_extra(*pair) for pair in given.items())])

    def rollback(self, release: str, generation: Optional[int] = None) -> str:
        """Go back to a set of a release; without a generation to its last one."""
        line = self.playbook("rollback", release)
        return line if generation is None else f"{line} -e generation={generation}"

    def undo(self, kept: Mapping[str, str]) -> str:
        """Put back what a rollback has replaced; empty if nothing is kept.

        :param kept: by addon, the name of the backup that holds it.
        """
        by_name: dict[str, list[str]] = {}
        for addon_id, name in sorted(kept.items()):
            by_name.setdefault(name, []).append(addon_id)
        return in_a_row(
            [self.task("addon_backup_restore", addon_id=",".join(ids), name=name) for name, ids in by_name.items()]
        )


def in_a_row(lines: Sequence[str]) -> str:
    """Return commands as one, which stops where one of them fails."""
    return " && ".join(lines)


def _extra(name: str, value: str) -> str:
    """Return a variable for a command line. What a shell or Ansible would take apart goes there as JSON."""
    if shlex.quote(value) == value:
        return f"-e {name}={value}"
    return f"-e {shlex.quote(json.dumps({name: value}, ensure_ascii=False))}"
