# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AnsibleModule does with a file that a task leaves, as far as the worker needs it too.

Modes, owners and SELinux contexts that somebody asks for are none of it: then the module runs.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from pathlib import Path
from typing import Any, Iterable

from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS

SELINUX = Path("/sys/fs/selinux")


def need_the_module(options: Iterable[str]) -> bool:
    """Return whether more is to be done to a file than what is done here.

    :param options: those that the task was given.
    """
    return SELINUX.is_dir() or not FILE_COMMON_ARGUMENTS.keys().isdisjoint(options)


def move(source: str, target: str) -> None:
    """Give a file its final name, in one step; the permissions and the owner of a file that had it stay.

    :raises OSError: it cannot be done, and the target is as it was.
    """
    with contextlib.suppress(FileNotFoundError):
        before = Path(target).stat()
        Path(source).chmod(stat.S_IMODE(before.st_mode))
        # Only root can give a file to somebody else.
        with contextlib.suppress(PermissionError):
            os.chown(source, before.st_uid, before.st_gid)
    Path(source).replace(target)


def facts(path: str) -> dict[str, Any]:
    """Return what each module tells of the file that its result calls ``dest``; nothing where there is none."""
    place = Path(path)
    try:
        there = place.stat()
    except FileNotFoundError:
        return {}
    own = place.lstat()
    return {
        "uid": own.st_uid,
        "gid": own.st_gid,
        "owner": _name_of_user(own.st_uid),
        "group": _name_of_group(own.st_gid),
        "mode": f"0{stat.S_IMODE(own.st_mode):03o}",
        "state": _kind(own, there),
        "size": own.st_size,
    }


def _kind(own: os.stat_result, there: os.stat_result) -> str:
    if stat.S_ISLNK(own.st_mode):
        return "link"
    if stat.S_ISDIR(own.st_mode):
        return "directory"
    return "hard" if there.st_nlink > 1 else "file"


def _name_of_user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _name_of_group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
