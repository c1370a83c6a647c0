# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _fork, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

_WIRE = "tests/wire/fork/"
_UNIT = "tests/unit/fork/test_fork_plan.py"

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_fork/plan.py",
        f"{_WIRE}test_fork_absent.py",
        {
            "forks: an addon of another name is no fork": ("if found.name != fork_name or not", "if not"),
            "forks: an addon without the tag is no fork": (
                "if found.tags is None or FORK_TAG not in found.tags:",
                "if 0:",
            ),
            "forks: tags that are not told prove nothing": (
                "if found.tags is None or FORK_TAG not in found.tags:",
                "if found.tags is not None and FORK_TAG not in found.tags:",
            ),
            "forks: an addon of a type without forks is none": (
                "    if found.type not in FORKABLE_TYPES:\n        return messages.OTHER_TYPE\n",
                "",
            ),
            "forks: the uid that was returned has to match": (
                "if spec.fork_uid is not None and found.uid != spec.fork_uid:",
                "if False:",
            ),
            "forks: a uid that is not told proves nothing": (
                "spec.fork_uid is not None and found.uid != spec.fork_uid",
                "None not in (spec.fork_uid, found.uid) and found.uid != spec.fork_uid",
            ),
            "forks: a time that is not told proves nothing": (
                "return found.created_at is None or posix_time",
                "return found.created_at is not None and posix_time",
            ),
            "forks: an addon that is older than the backup is none": (
                "posix_time(found.created_at) < posix_time(backup.created_at)",
                "False",
            ),
            "forks: one that was made with the backup is one": (
                "posix_time(found.created_at) < posix_time(backup.created_at)",
                "posix_time(found.created_at) <= posix_time(backup.created_at)",
            ),
            "forks: a name without the digits is refused before a request": (
                "if spec.fork_name is not None and not bears_digits(spec.fork_name, digits):",
                "if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/plan.py",
        f"{_WIRE}test_fork.py {_UNIT}",
        {
            "forks: the digits of the found name count": (
                " or not bears_digits(found.name, spec.digits(backup_id)):",
                ":",
            ),
            "forks: a name never chooses": ("if spec.name is not None and len(good) > 1:", "if False:"),
            "forks: the latest is no safety snapshot": ("[one for one in found if not one.is_safety]", "[*found]"),
            "forks: a dump is no snapshot": ("if backup.backup_type in (DUMP, IMPORT):", "if False:"),
            "forks: an import is no snapshot": (
                "if backup.backup_type in (DUMP, IMPORT):",
                "if backup.backup_type == DUMP:",
            ),
            "forks: an unfinished backup is refused": ("if backup.status != COMPLETED:", "if False:"),
            "forks: only completed ones are chosen": (
                "[backup for backup in holders if backup.status == COMPLETED]",
                "[*holders]",
            ),
            "forks: a told snapshot goes before one whose type is not told": (
                "    good = good or [backup",
                "    good = good + [backup",
            ),
            "forks: a source of another type is refused": ("if source.type not in FORKABLE_TYPES:", "if False:"),
            "forks: each has the tag": ('"tags": [FORK_TAG],', '"tags": [],'),
            "forks: the project of the source is told": (
                "elsewhere = {} if spec.source_project_id == spec.project_id else",
                "elsewhere = {} if True else",
            ),
            "forks: the version is the backup's": (
                "told_version if isinstance(told_version, str) and told_version else source.version",
                "source.version",
            ),
            "forks: a size that is not known is not sent": ("    if missing:\n", "    if False:\n"),
            "forks: one of another type is not joined": ("if not reason and found.type != source_type:", "if False:"),
            "forks: one that is older is not joined": ("if not reason and is_older(found, backup):", "if False:"),
            "forks: what is no such fork is not joined": (
                "    if reason:\n        raise BackupError(messages.name_is_taken",
                "    if False:\n        raise BackupError(messages.name_is_taken",
            ),
            "forks: one that has failed is not joined": ("if found.status in BLOCKED_STATES:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/names.py",
        _UNIT,
        {
            "forks: each part of the source counts": (
                'f"{project_id}\\n{addon_id}\\n{backup_id}"',
                'f"{project_id}{addon_id}{backup_id}"',
            ),
            "forks: digits in front are none": ('name.split("-")[1:]', 'name.split("-")'),
            "forks: digits stand alone": ('return digits in name.split("-")[1:]', 'return f"-{digits}" in name'),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/models.py",
        f"{_UNIT} {_WIRE}test_fork_absent.py",
        {
            "forks: an answer about another addon is none": ("    if found.id != addon_id:\n", "    if False:\n"),
            "forks: a later addon of the name is another": (
                "return posix_time(self.created_at) != posix_time(other.created_at)",
                "return False",
            ),
            "forks: another uid is another addon": ("None not in (self.uid, other.uid)", "False"),
            "forks: a time that is none is not told": (
                "    except MalformedAnswer:\n        return None\n",
                "    except ZeroDivisionError:\n        return None\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/engine.py",
        f"{_WIRE}test_fork_absent.py {_WIRE}test_fork.py",
        {
            "forks: nothing is deleted that is not proved": (
                "    if reason:\n        raise BackupError(messages.not_ours(spec, name, reason))",
                "    if False:\n        raise BackupError(messages.not_ours(spec, name, reason))",
            ),
            "forks: each doubt counts": ("    reason = doubt(spec, name, fork, backup_id)\n", '    reason = ""\n'),
            "forks: the time of the backup counts": (
                'reason = messages.OLDER if is_older(fork, run.backup) else ""',
                'reason = ""',
            ),
            "forks: without the backup only the uid proves it": ("elif spec.fork_uid is None:", "elif False:"),
            "forks: check mode makes nothing": (
                "        if run.check_mode:\n            run.action, run.changed = CREATED",
                "        if False:\n            run.action, run.changed = CREATED",
            ),
            "forks: check mode deletes nothing": (
                "    if run.check_mode:\n        going",
                "    if False:\n        going",
            ),
            "forks: one that goes already is not deleted": (
                "    if fork.status not in GOING_STATES:\n",
                "    if True:\n",
            ),
            "forks: a default name joins nothing": (
                "        if spec.fork_name is None:\n",
                "        if False:\n",
            ),
            "forks: the name fits the backup that was found": ("    check_fork_name(spec, backup.id)\n", ""),
            "forks: a type without forks is refused": ("        check_source(spec, source)\n", ""),
            "forks: what cannot be forked is refused": ("    check_backup(spec, backup)\n", ""),
            "forks: a deletion by another is no change": (
                "run.action = DELETED if run.changed else NONE",
                "run.action = DELETED",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/engine.py",
        "tests/wire/task/test_results.py",
        {"forks: a failed task returns no nulls": ("fork, backup = _known(fork), _known(backup)", "pass")},
    ),
    *broken(
        "plugins/module_utils/_fork/create.py",
        f"{_WIRE}test_fork_lost_answers.py {_WIRE}test_fork_absent.py",
        {
            "forks: an addon that may be another one by now is kept": (
                "if not reason and not found.is_certainly(fork):",
                "if False:",
            ),
            "forks: the proof is fresh when the first DELETE is sent": (
                "        check()\n    except Gone:",
                "        pass\n    except Gone:",
            ),
            "forks: a request is not sent again for another backup": (
                "if not still_there(source_api, spec.source_addon_id, backup):",
                "if False:",
            ),
            "forks: a request that is refused for the rate is checked, too": (
                "_asked_for(AddonFacts.of_new(data), request), check)",
                "_asked_for(AddonFacts.of_new(data), request))",
            ),
            "forks: what is found after a lost answer is proved": (
                "            check_same_fork(spec, name, found, backup, source_type)\n",
                "            pass\n",
            ),
            "forks: only a 409 means that the name may be taken": ("if error.status != 409:", "if True:"),
            "forks: a default name that was taken is not joined": (
                "    if spec.fork_name is None:\n",
                "    if False:\n",
            ),
            "forks: what holds the name is proved": (
                '    check_joinable(spec, request["name"], held, backup, request["type"])\n',
                "",
            ),
            "forks: an answer about another name is none": ("    if made.name != name:\n", "    if False:\n"),
            "forks: an answer about another type is none": ("    if made.type != kind:\n", "    if False:\n"),
            "forks: another addon of the name is not deleted": (
                "if found is None or found.is_another_than(fork):",
                "if found is None:",
            ),
            "forks: one that a person keeps is not deleted": (
                "        if reason:\n            raise BackupError(messages.not_ours",
                "        if False:\n            raise BackupError(messages.not_ours",
            ),
            "forks: a second DELETE looks first": (
                "lambda: remove_addon(api, fork.id, check), check)",
                "lambda: remove_addon(api, fork.id, check), lambda: None)",
            ),
            "forks: a DELETE that was refused for the rate looks first": (
                "lambda: remove_addon(api, fork.id, check), check)",
                "lambda: remove_addon(api, fork.id), check)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/lookup.py",
        f"{_WIRE}test_fork_absent.py {_WIRE}test_fork.py",
        {
            "forks: a project that does not exist is told": (
                "listed = api.confirm_addons(api.list_addons())",
                "listed = []",
            ),
            "forks: an addon is found by its name, too": ("if name in (one.name, one.id)", "if name == one.id"),
            "forks: a refusal is not taken for a missing backup": (
                "        return api.get_backup(addon_id, backup_id)\n    except ApiError as error:\n        if error.status != 404:",
                "        return api.get_backup(addon_id, backup_id)\n    except ApiError as error:\n        if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/wait.py",
        f"{_WIRE}test_fork_waiting.py",
        {
            "forks: the wait is for a fork that runs": (
                "        if self.fork.status != RUNNING:\n",
                "        if False:\n",
            ),
            "forks: a fork that is gone is not waited for": (
                "            if found is None:\n                raise BackupError(messages.fork_vanished(self._spec, known))\n",
                "",
            ),
            "forks: another addon of the name is not the fork": (
                "return None if found.is_another_than(known) else found",
                "return found",
            ),
            "forks: an unknown state ends the wait": (
                "known=ADDON_STATES,",
                'known=type("Any", (), {"__contains__": lambda *_: True})(),',
            ),
            "forks: a refusal while waiting is no end": (
                "            if error.status != 404:\n",
                "            if False:\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_fork/arguments.py",
        f"{_WIRE}test_fork.py",
        {
            "forks: the name is checked before the first request": (
                "    if spec.backup_id is not None:\n        check_fork_name(spec, spec.backup_id)\n",
                "",
            ),
            "forks: absent needs what proves it": (
                "            if params[option] is None:\n",
                "            if False:\n",
            ),
            "forks: absent takes no other options": ("if params[option] not in (None, False):", "if False:"),
            "forks: exactly one backup is meant": ("    if len(given) != 1:\n", "    if False:\n"),
            "forks: a name is its own slug": ("if not _FORK_NAME.fullmatch(value):", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/fork_endpoints.py",
        f"{_WIRE}test_fork.py",
        {
            "forks: the permission to make one is named": ("with needing(PERMISSION_TO_CREATE_ADDONS):", "if True:"),
            "forks: the permission to delete one is named": ("with needing(PERMISSION_TO_DELETE_ADDONS):", "if True:"),
        },
    ),
]
