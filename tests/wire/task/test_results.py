# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module's documentation says about its result, held against results that it really has."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Callable

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.module_utils._pre_deploy.names import set_name
from ansible_collections.northflank.cloud.plugins.module_utils._task import actions

import harness
from sandbox import Fault, Sandbox, VirtualClock

ADDON, OTHER = "postgres-main", "mysql-orders"
RELEASE = "build-117"
PACKAGE = "ansible_collections.northflank.cloud.plugins.modules"
MODULES = sorted(path.stem for path in (Path(__file__).resolve().parents[3] / "plugins" / "modules").glob("*.py"))
# What Ansible adds to a result by itself, and what each module has by its rules.
ANSIBLES = {"changed", "failed", "msg", "invocation", "warnings", "deprecations", "diff", "secontext"}
TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "dict": dict,
    "list": list,
}


@dataclass(frozen=True)
class Case:
    """A task, and what holds of it.

    :ivar before: what goes wrong, or is there before.
    :ivar holds: which conditions are met beside success, in the words of the documentation.
    """

    module: str
    title: str
    arguments: dict[str, Any]
    holds: frozenset[str] = frozenset()
    before: Callable[[Sandbox], object] = lambda _sandbox: None


VALID = "when the arguments are valid"
ONE = "success, with one addon"
READ = "when the backups could be read"
SNAPSHOT, ROLLBACK = "success, with purpose=snapshot", "success, with purpose=rollback"
UNLESS_LIST, SETS_LISTED = "success, unless purpose=list", "success, with purpose=list"
KEEP = "success, with purpose=snapshot and keep_last"
FILE = "when the file is there"
LISTED, DECIDED = "success, with table=true", f"{READ}, with table=true"
CONDITIONS = {"success", FILE, VALID, ONE, READ, SNAPSHOT, ROLLBACK, KEEP, LISTED, DECIDED} | {
    *(UNLESS_LIST, SETS_LISTED, f"{SETS_LISTED} and table=true"),
}


def there(sandbox: Sandbox) -> None:
    """One backup of each kind, and a whole set of the release."""
    for addon_id in (ADDON, OTHER):
        sandbox.add_backup(addon_id, name="Good", age=600)
        sandbox.add_backup(addon_id, name=set_name(RELEASE, [ADDON, OTHER], 1), age=7200)
        sandbox.add_backup(addon_id, name=set_name("build-99", [ADDON, OTHER], 1), age=864000)


def failing(sandbox: Sandbox) -> None:
    """A good backup, one that failed, and one that runs."""
    for name, status in (("Good", "completed"), ("Bad", "failed"), ("Next", "in-progress")):
        sandbox.add_backup(ADDON, name=name, status=status, age=60)


def scheduled(sandbox: Sandbox) -> None:
    """A schedule of each kind of backups."""
    for interval, times in (("daily", {"hour": [2]}), ("hourly", {})):
        scheduling = {"interval": interval, "minute": [0], **times}
        body: dict[str, Any] = {"backupType": "snapshot", "retentionTime": 7, "scheduling": scheduling}
        sandbox.add_schedule(
            ADDON, {**body, "additionalDestinations": [{"destinationId": "offsite-s3", "type": "custom"}]}
        )
        sandbox.add_schedule(ADDON, {**body, "backupType": "dump", "customDestinationId": "offsite-s3"})


def unschedulable(sandbox: Sandbox) -> None:
    """A schedule can be deleted and not be created."""
    scheduled(sandbox)
    sandbox.fault(Fault(method="POST", times=None, kind="redirect"))


def restored_before(sandbox: Sandbox) -> None:
    there(sandbox)
    sandbox.start_restore(ADDON, "good")
    sandbox.clock.sleep(60)


def forbidden(sandbox: Sandbox) -> None:
    """Nothing can be read."""
    sandbox.fault(Fault(path="/addons", times=None, kind="redirect"))


def stubborn(sandbox: Sandbox) -> None:
    """What can be read cannot be deleted, started or restored."""
    there(sandbox)
    sandbox.fault(Fault(method="POST", times=None, kind="redirect"))
    sandbox.fault(Fault(method="DELETE", times=None, kind="redirect"))


def newer_version(sandbox: Sandbox) -> None:
    there(sandbox)
    sandbox.set_addon_version(ADDON, "17.0.0")


def dump(sandbox: Sandbox) -> None:
    sandbox.add_backup(ADDON, name="Good", backup_type="dump")


def drilled_before(sandbox: Sandbox) -> None:
    """A drill was interrupted, and has left its fork."""
    there(sandbox)
    with sandbox.world.lock:
        sandbox.world.add_addon(
            "drill-485c70-260101000000", "postgresql", sandbox.project_id, ["northflank-cloud-fork"], 0.0
        )


def stored(sandbox: Sandbox) -> None:
    sandbox.add_backup(ADDON, name="Good", backup_type="dump", custom_destination="offsite-s3")


def no_links(sandbox: Sandbox) -> None:
    """What can be read cannot be downloaded."""
    dump(sandbox)
    sandbox.fault(Fault(path="/download-link$", times=None, kind="403"))


BAD = {"project_id": "a/b"}
SINGLE, PAIR = frozenset({VALID, ONE}), frozenset({VALID})
PRUNE: dict[str, Any] = {"addon_id": ADDON, "name_prefix": "pre-deploy-", "keep_last": 1}
NIGHTLY = {
    "addon_id": ADDON,
    "interval": "daily",
    "backup_type": "snapshot",
    "hour": [2],
    "minute": [30],
    "retention_time": 14,
}
HOURLY_DUMPS = {"addon_id": ADDON, "interval": "hourly", "backup_type": "dump"}
DUMP = {"addon_id": ADDON, "latest": True, "dest": "dump.gz"}
MIRROR = {"addon_id": ADDON, "dest": "."}
FRESH = {"max_age": "1d"}
REPORT = {**FRESH, "dest": "report"}
FORK = {"source_addon_id": ADDON}
# The digits are those of the addon and the backup.
GONE_FORK = {**FORK, "backup_id": "good", "fork_name": "drill-485c70", "state": "absent"}
DRILLED = {"dest": "drills", "fork": {"failed": True, "msg": "No."}}
SETS = {"release": RELEASE, "keep_last": 1}
TAKE = {"release": RELEASE, "purpose": "snapshot", "addon_ids": [ADDON, OTHER]}
BACK = {"release": RELEASE, "purpose": "rollback"}

CASES = [
    Case("addon_backup", "created", {"addon_id": ADDON, "name": "New one"}, SINGLE),
    Case("addon_backup", "reused", {"addon_id": ADDON, "name": "Good"}, SINGLE, restored_before),
    Case("addon_backup", "planned", {"addon_id": ADDON, "name": "New one", "_check_mode": True}, SINGLE),
    Case("addon_backup", "not waited for", {"addon_id": ADDON, "name": "New one", "wait": False}, SINGLE),
    Case("addon_backup", "deleted", {"addon_id": ADDON, "name": "Good", "state": "absent"}, SINGLE, there),
    Case("addon_backup", "several", {"addon_id": [ADDON, OTHER], "name": "New one"}, PAIR),
    Case("addon_backup", "refused", {"addon_id": ADDON, "name": "New one"}, PAIR, stubborn),
    Case("addon_backup", "bad input", {"addon_id": ADDON, "name": "x"}),
    Case("addon_backup_download", "downloaded", DUMP, frozenset({FILE}), dump),
    Case("addon_backup_download", "looked into", {**DUMP, "verify": "content"}, frozenset({FILE}), dump),
    Case("addon_backup_download", "planned", {**DUMP, "_check_mode": True}, before=dump),
    Case("addon_backup_download", "no dump", DUMP),
    Case("addon_backup_freshness_info", "judged", FRESH, before=there),
    Case("addon_backup_freshness_info", "with schedules", {**FRESH, "require_schedule": True}, before=scheduled),
    Case("addon_backup_freshness_info", "failed since", FRESH, before=failing),
    Case("addon_backup_freshness_info", "no such addon", {**FRESH, "addon_id": [ADDON, "gone"]}, before=there),
    Case("addon_backup_freshness_info", "without a table", {**FRESH, "table": False}, before=there),
    Case("addon_backup_freshness_info", "refused", FRESH, before=forbidden),
    Case("addon_backup_freshness_info", "bad input", {"max_age": "soon"}),
    Case("addon_backup_info", "listed", {"addon_id": [ADDON, OTHER]}, before=there),
    Case("addon_backup_info", "none", {"addon_id": ADDON}),
    Case("addon_backup_info", "without a table", {"addon_id": ADDON, "table": False}, before=there),
    Case("addon_backup_info", "of the whole project", {}, before=there),
    Case("addon_backup_info", "refused", {"addon_id": ADDON}, before=forbidden),
    Case("addon_backup_mirror", "downloaded", MIRROR, frozenset({READ}), dump),
    Case("addon_backup_mirror", "looked into", {**MIRROR, "verify": "content"}, frozenset({READ}), dump),
    Case("addon_backup_mirror", "planned", {**MIRROR, "_check_mode": True}, frozenset({READ}), dump),
    Case("addon_backup_mirror", "not downloaded", MIRROR, frozenset({READ}), no_links),
    Case("addon_backup_mirror", "not read", MIRROR, before=forbidden),
    Case("addon_backup_prune", "deleted", PRUNE, frozenset({READ}), there),
    Case("addon_backup_prune", "without a table", {**PRUNE, "table": False}, frozenset({READ}), there),
    Case("addon_backup_prune", "not deleted", PRUNE, frozenset({READ}), stubborn),
    Case("addon_backup_prune", "not read", PRUNE, before=forbidden),
    Case("addon_backup_report", "written", REPORT, frozenset({READ}), there),
    Case("addon_backup_report", "planned", {**REPORT, "_check_mode": True}, frozenset({READ}), there),
    Case("addon_backup_report", "stale", {**REPORT, "fail_if_stale": True}, frozenset({READ})),
    Case("addon_backup_report", "not read", REPORT, before=forbidden),
    Case("addon_backup_report", "bad input", {**REPORT, "max_age": "soon"}),
    Case("addon_backup_restore", "restored", {"addon_id": ADDON, "name": "Good"}, SINGLE, newer_version),
    Case("addon_backup_restore", "planned", {"addon_id": ADDON, "name": "Good", "_check_mode": True}, SINGLE, there),
    Case("addon_backup_restore", "several", {"addon_id": [ADDON, OTHER], "name": "Good"}, PAIR, there),
    Case("addon_backup_restore", "nothing to abort", {"addon_id": ADDON, "state": "aborted"}, SINGLE),
    Case("addon_backup_restore", "refused", {"addon_id": ADDON, "name": "Good"}, PAIR, stubborn),
    Case("addon_backup_restore", "bad input", {"addon_id": ADDON}),
    Case("addon_backup_schedule", "created", NIGHTLY, PAIR),
    Case("addon_backup_schedule", "replaced", NIGHTLY, PAIR, scheduled),
    Case("addon_backup_schedule", "as it is", {**NIGHTLY, "minute": [0], "retention_time": 7}, PAIR, scheduled),
    Case("addon_backup_schedule", "planned", {**NIGHTLY, "_check_mode": True}, PAIR),
    Case("addon_backup_schedule", "deleted", {**HOURLY_DUMPS, "state": "absent"}, PAIR, scheduled),
    Case("addon_backup_schedule", "none to delete", {**HOURLY_DUMPS, "state": "absent"}, PAIR),
    Case("addon_backup_schedule", "lost", NIGHTLY, PAIR, unschedulable),
    Case("addon_backup_schedule", "refused", NIGHTLY, PAIR, stubborn),
    Case("addon_backup_schedule", "bad input", {**NIGHTLY, "minute": [60]}),
    Case("addon_backup_schedule_info", "listed", {"addon_id": [ADDON, OTHER]}, before=scheduled),
    Case("addon_backup_schedule_info", "of the whole project", {}, before=scheduled),
    Case("addon_backup_schedule_info", "without a table", {"table": False}, before=scheduled),
    Case("addon_backup_schedule_info", "bad input", {"addon_id": [ADDON], **BAD}),
    Case("addon_credentials_info", "read", {"addon_id": ADDON}),
    Case("addon_credentials_info", "bad input", {"addon_id": "", **BAD}),
    Case("addon_fork", "created", {**FORK, "name": "Good"}, PAIR, there),
    Case("addon_fork", "planned", {**FORK, "latest": True, "_check_mode": True}, PAIR, there),
    Case("addon_fork", "none to delete", GONE_FORK, PAIR),
    Case("addon_fork", "lost", {**FORK, "name": "Good"}, PAIR, stubborn),
    Case("addon_fork", "no such backup", {**FORK, "backup_id": "good"}, PAIR),
    Case("addon_fork", "bad input", FORK),
    Case("addon_info", "listed", {}),
    Case("addon_info", "without a table", {"table": False}),
    Case("addon_info", "bad input", BAD),
    Case("backup_destination_info", "listed", {}),
    Case("backup_destination_info", "what is stored", {"destination_id": "offsite-s3"}, before=stored),
    Case("backup_destination_info", "without a table", {"table": False}),
    Case("backup_destination_info", "no such destination", {"destination_id": "no-such-place"}),
    Case("backup_destination_info", "bad input", {"destination_id": "a b"}),
    Case("pre_deploy_options", "read", {"release": RELEASE, "variables": {"keep_last": "3"}}),
    Case("pre_deploy_options", "bad input", {"release": RELEASE, "variables": {"keep_last": "x"}}),
    Case("pre_deploy_set_info", "a set that is there", TAKE, frozenset({SNAPSHOT, UNLESS_LIST}), there),
    Case("pre_deploy_set_info", "a new one", {**TAKE, "keep_last": 1}, frozenset({SNAPSHOT, KEEP, UNLESS_LIST}), there),
    Case("pre_deploy_set_info", "a rollback", BACK, frozenset({ROLLBACK, UNLESS_LIST}), there),
    Case("pre_deploy_set_info", "a rollback of nothing", BACK),
    Case("pre_deploy_set_info", "all sets", {"purpose": "list"}, frozenset({SETS_LISTED}), there),
    Case("pre_deploy_set_info", "no table", {"purpose": "list", "table": False}, frozenset({SETS_LISTED}), there),
    Case("pre_deploy_set_prune", "deleted", SETS, frozenset({READ}), there),
    Case("pre_deploy_set_prune", "without a table", {**SETS, "table": False}, frozenset({READ}), there),
    Case("pre_deploy_set_prune", "not deleted", SETS, frozenset({READ}), stubborn),
    Case("pre_deploy_set_prune", "not read", SETS, before=forbidden),
    Case("restore_drill_evidence", "written", {"addon_id": ADDON, **DRILLED}),
    Case("restore_drill_evidence", "planned", {"addon_id": ADDON, **DRILLED, "_check_mode": True}),
    Case("restore_drill_evidence", "bad input", {"addon_id": "", **DRILLED}),
    Case("restore_drill_info", "chosen", {"addon_id": [ADDON], "dest": "drills"}, before=drilled_before),
    Case("restore_drill_info", "bad input", {"dest": "drills"}),
]


def returned(module: str) -> dict[str, Any]:
    documentation: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{module}").RETURN)
    return documentation


def result_of(sandbox: Sandbox, clock: VirtualClock, case: Case) -> harness.Ran:
    case.before(sandbox)
    return harness.run_task(importlib.import_module(f"{PACKAGE}.{case.module}"), sandbox, clock, **case.arguments)


def with_table(case: Case, holds: frozenset[str]) -> frozenset[str]:
    """What holds, with what holds beside it unless the table is switched off."""
    listed = {READ: DECIDED, "success": LISTED, SETS_LISTED: f"{SETS_LISTED} and table=true"}
    beside = listed if case.arguments.get("table", True) else {}
    return holds | {condition for own, condition in beside.items() if own in holds}


def mismatches(documented: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    """Where a value is not of the documented type, or has keys that are not documented, or lacks some."""
    contains = documented.get("contains")
    if value is None:
        if "V(null)" not in str(documented["description"]):
            yield f"{place} is null, which is not documented"
    elif not isinstance(value, TYPES[documented["type"]]):
        yield f"{place} is {value!r}, and not of the type {documented['type']}"
    elif isinstance(value, list):
        element = {"description": "", "type": documented["elements"], "contains": contains}
        yield from chain(*(mismatches(element, part, f"{place}[{number}]") for number, part in enumerate(value)))
    elif contains:
        if set(contains) != set(value):
            yield f"{place} has not the documented keys, but {sorted(value)}"
        yield from chain(*(mismatches(contains[key], value[key], f"{place}.{key}") for key in contains if key in value))


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For what a task leaves."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.module}: {case.title}")
@pytest.mark.assume(schedules_per_addon="interval_and_type")
@pytest.mark.assume(types_told=True)
def test_the_result_is_the_documented_one(sandbox: Sandbox, clock: VirtualClock, case: Case) -> None:
    ran = result_of(sandbox, clock, case)
    holds = with_table(case, case.holds | (set() if ran.failed else {"success"}))
    expected = {key: entry for key, entry in returned(case.module).items() if entry["returned"] in holds}
    assert set(ran.result) - ANSIBLES == set(expected), ran.result
    if ran.failed:
        # Such as the schedule as far as there is one, and no null for what is not there.
        expected = {key: as_far_as_known(entry, ran.result[key]) for key, entry in expected.items()}
    assert [line for key, entry in expected.items() for line in mismatches(entry, ran.result[key], key)] == []


def as_far_as_known(documented: dict[str, Any], value: Any) -> dict[str, Any]:
    """What is documented of the parts that a value has."""
    parts = documented.get("contains")
    return {**documented, "contains": {key: parts[key] for key in parts if key in value}} if parts else documented


REPEATED = {"requests", "rate_limit", "invocation"}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.title in ("refused", "lost")],
    ids=lambda case: f"{case.module}: {case.title}",
)
@pytest.mark.assume(schedules_per_addon="interval_and_type")
def test_a_failure_says_nothing_twice_and_has_no_field_for_what_is_not_there(
    sandbox: Sandbox, clock: VirtualClock, case: Case
) -> None:
    ran = result_of(sandbox, clock, case)
    assert ran.failed
    shown = {key: value for key, value in ran.result.items() if key not in REPEATED}
    assert json.dumps(shown).count(json.dumps(ran.msg)[1:-1]) == 1
    assert "None" not in str({key: value for key, value in shown.items() if key != "msg"})


@pytest.mark.parametrize("module", MODULES)
def test_every_part_of_the_documentation_is_held_against_a_result(module: str) -> None:
    conditions = {entry["returned"] for entry in returned(module).values()}
    assert conditions <= CONDITIONS
    # Each is met by one case at least, and there is one in which only some are, or none.
    cases = [case for case in CASES if case.module == module]
    assert cases, "CASES has none for this module"
    met = [
        with_table(case, case.holds | ({"success"} if case.holds & {SNAPSHOT, ROLLBACK, SETS_LISTED} else set()))
        for case in cases
    ]
    assert conditions - {"success", LISTED} <= set().union(*met)
    assert not all(conditions <= holds for holds in met)


def test_what_all_modules_return_is_documented_alike() -> None:
    assert len({returned(module)["requests"]["description"] for module in MODULES}) == 1
    limits = {str(returned(module)["rate_limit"]["description"]) for module in MODULES if module != "addon_backup"}
    assert len(limits) == 1
    # addon_backup tells of each part by itself; the others name them.
    assert all(f"C({part})" in str(limits) for part in returned("addon_backup")["rate_limit"]["contains"])


def samples(documented: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    for entry in documented.values():
        if "sample" in entry:
            yield entry, entry["sample"]
        yield from samples(entry.get("contains", {}))


@pytest.mark.parametrize("module", MODULES)
def test_a_sample_is_of_the_documented_type(module: str) -> None:
    entries = list(samples(returned(module)))
    assert entries
    assert [line for entry, sample in entries for line in mismatches({**entry, "contains": None}, sample, "")] == []


FACTS = set(returned("addon_backup")["backup"]["contains"])
TASKS_OWN = {"addon_id", "project_id", "changed", "action", "error", "duplicates"}


@pytest.mark.parametrize(
    ("module", "key", "beside"),
    [
        ("addon_backup_info", "backups", {"addon_id", "project_id"}),
        ("addon_backup_prune", "deleted", {"addon_id", "project_id", "reason"}),
        ("addon_backup_prune", "kept", {"addon_id", "project_id", "reason"}),
        ("pre_deploy_set_prune", "deleted", {"addon_id", "project_id", "reason"}),
        ("pre_deploy_set_prune", "kept", {"addon_id", "project_id", "reason"}),
    ],
)
def test_backups_in_lists_have_the_keys_that_are_promised_and_that_the_sample_shows(
    sandbox: Sandbox, clock: VirtualClock, module: str, key: str, beside: set[str]
) -> None:
    """They are documented as "the keys of addon_backup's backup from id on"."""
    ran = result_of(sandbox, clock, next(case for case in CASES if case.module == module))
    promised = (FACTS - TASKS_OWN) | beside
    assert ran.result[key]
    for shown in (*ran.result[key], *returned(module)[key]["sample"]):
        assert set(shown) == promised


@pytest.mark.assume(schedules_per_addon="interval_and_type")
def test_schedules_in_a_list_have_the_keys_that_are_promised_and_that_the_sample_shows(
    sandbox: Sandbox, clock: VirtualClock
) -> None:
    ran = result_of(sandbox, clock, next(case for case in CASES if case.module == "addon_backup_schedule_info"))
    promised = set(returned("addon_backup_schedule")["schedule"]["contains"]) - {"changed", "action", "error"}
    assert len(ran.result["schedules"]) == 4
    for shown in (*ran.result["schedules"], *returned("addon_backup_schedule_info")["schedules"]["sample"]):
        assert set(shown) == promised


ACTIONS = {
    ("addon_backup", "backup"): (
        *(actions.CREATED, actions.REPLACED, actions.JOINED, actions.REUSED, actions.NONE),
        *(actions.DELETED, actions.ABORTED, actions.RETAINED),
    ),
    ("addon_backup_schedule", "schedule"): (
        *(actions.CREATED, actions.REPLACED, actions.PUT_BACK),
        *(actions.DELETED, actions.NONE),
    ),
    ("addon_backup_restore", "restore"): (
        *(actions.RESTORED, actions.JOINED, actions.SKIPPED),
        *(actions.ABORTED, actions.NONE),
    ),
}


@pytest.mark.parametrize(("module", "key"), ACTIONS)
def test_every_action_is_documented(module: str, key: str) -> None:
    description = str(returned(module)[key]["contains"]["action"]["description"])
    assert [action for action in ACTIONS[module, key] if f"V({action})" not in description] == []
