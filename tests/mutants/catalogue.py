# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break on purpose: each row of the decision table and each rule for arguments, one at a time."""

from __future__ import annotations

from dataclasses import dataclass

_UTILS = "plugins/module_utils"
_PURE = "tests/unit/plugins"
_WIRE = "tests/integration/wire"
_SETS = f"{_WIRE}/test_sets.py"
_FRUGAL = f"{_WIRE}/test_frugal.py"
_ENGINE = f"{_WIRE}/test_decisions.py {_WIRE}/test_waiting.py {_WIRE}/test_exactly_one.py"


@dataclass(frozen=True)
class Mutant:
    """One fault.

    :ivar name: what is taken out, as a sentence without "it no longer holds that".
    :ivar file: where.
    :ivar old: text that stands in the file exactly once.
    :ivar new: what stands there instead.
    :ivar tests: where a test should notice; one file or folder, or several with blanks between them.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str = f"{_PURE}/module_utils/test_models.py"


def _plan(name: str, old: str, new: str) -> Mutant:
    place = f"{_PURE}/module_utils/test_backup_plan.py"
    return Mutant(f"table: {name}", f"{_UTILS}/_backup_plan.py", old, new, place)


def _engine(name: str, old: str, new: str, file: str = "present") -> Mutant:
    return Mutant(f"engine: {name}", f"{_UTILS}/_backup_{file}.py", old, new, _ENGINE)


def _start(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"exactly one: {name}", f"{_UTILS}/_backup_start.py", old, new, f"{_WIRE}/test_exactly_one.py")


def _wait(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"waiting: {name}", f"{_UTILS}/_backup_wait.py", old, new, f"{_WIRE}/test_waiting.py")


def _watch(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"waiting: {name}", f"{_UTILS}/_watch.py", old, new, f"{_WIRE}/test_waiting.py {_FRUGAL}")


def _pace(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"pace: {name}", f"{_UTILS}/_pace.py", old, new, f"{_PURE}/module_utils/test_pace.py {_FRUGAL}")


def _state(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"state: {name}", f"{_UTILS}/_backup_states.py", old, new, f"{_WIRE}/test_states.py")


def _context(name: str, old: str, new: str, file: str) -> Mutant:
    return Mutant(f"context: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_contexts.py")


def _restore(name: str, old: str, new: str, part: str = "") -> Mutant:
    return Mutant(f"restore: {name}", f"{_UTILS}/_restore{part}.py", old, new, f"{_WIRE}/test_restore.py")


def _safety(name: str, part: str, old: str, new: str) -> Mutant:
    return Mutant(f"safety snapshots: {name}", f"{_UTILS}/{part}.py", old, new, f"{_WIRE}/test_safety_snapshots.py")


def _abort(name: str, old: str, new: str) -> Mutant:
    file = f"{_UTILS}/_restore_abort.py"
    return Mutant(f"abort of a restore: {name}", file, old, new, f"{_WIRE}/test_restore_failures.py")


def _role(name: str, old: str, new: str, part: str) -> Mutant:
    return Mutant(
        f"role: {name}", f"{_UTILS}/_pre_deploy_{part}.py", old, new, f"{_PURE}/module_utils/test_pre_deploy.py"
    )


def _fleet(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"fleet: {name}", f"{_UTILS}/_fleet.py", old, new, f"{_WIRE}/test_inventory.py")


def _named(name: str, old: str, new: str) -> Mutant:
    file = f"{_UTILS}/_pre_deploy_names.py"
    return Mutant(f"role: {name}", file, old, new, f"{_PURE}/module_utils/test_pre_deploy.py")


def _variable(name: str, old: str, new: str) -> Mutant:
    file = f"{_UTILS}/_role_options.py"
    return Mutant(f"role's variables: {name}", file, old, new, f"{_PURE}/module_utils/test_role_options.py")


def _play(name: str, old: str, new: str) -> Mutant:
    file = "plugins/plugin_utils/_play.py"
    return Mutant(f"role in a play: {name}", file, old, new, f"{_PURE}/plugin_utils/test_play.py")


def _schedule(name: str, old: str, new: str, part: str = "") -> Mutant:
    return Mutant(f"schedule: {name}", f"{_UTILS}/_schedule{part}.py", old, new, f"{_WIRE}/test_schedule.py")


def _sets(name: str, old: str, new: str) -> Mutant:
    file = f"{_UTILS}/_pre_deploy_prune.py"
    return Mutant(f"prune of sets: {name}", file, old, new, f"{_PURE}/module_utils/test_pre_deploy_prune.py")


def _half_way(name: str, old: str, new: str, part: str = "unfinished") -> Mutant:
    file = f"{_UTILS}/_pre_deploy_{part}.py"
    return Mutant(f"half-way: {name}", file, old, new, f"{_PURE}/module_utils/test_pre_deploy_unfinished.py")


def _found(name: str, file: str, old: str, new: str) -> Mutant:
    tests = f"{_WIRE}/../soak/test_soak.py::test_what_was_found_stays_mended"
    return Mutant(f"found: {name}", f"{_UTILS}/{file}.py", old, new, tests)


def _whole(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"whole runs: {name}", f"{_UTILS}/{file}.py", old, new, "tests/integration/model/test_model.py")


def _hostile(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"hostile: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_hostile.py")


def _proof(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"proof: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_what_answers_prove.py")


def _secret(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"secret: {name}", f"{_UTILS}/{file}.py", old, new, f"{_PURE}/module_utils/test_errors.py")


def _proxy(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"proxy: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_proxies.py {_WIRE}/test_tls.py")


def _header(name: str, old: str, new: str) -> Mutant:
    tests = f"{_PURE}/module_utils/test_transport.py"
    return Mutant(f"header: {name}", f"{_UTILS}/_transport.py", old, new, tests)


def _keep(name: str, old: str, new: str, part: str = "") -> Mutant:
    return Mutant(
        f"prune: {name}", f"{_UTILS}/_retention{part}.py", old, new, f"{_PURE}/module_utils/test_retention.py"
    )


def _prune(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"prune: {name}", f"{_UTILS}/_prune.py", old, new, f"{_WIRE}/test_prune.py")


def _lost(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"prune: {name}", f"{_UTILS}/_backup_start.py", old, new, f"{_WIRE}/test_prune.py")


def _prune_argument(name: str, old: str, new: str) -> Mutant:
    file = "plugins/modules/addon_backup_prune.py"
    return Mutant(f"prune: argument: {name}", file, old, new, f"{_WIRE}/test_prune.py")


def _download(name: str, old: str, new: str, file: str = "_download") -> Mutant:
    return Mutant(f"download: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_download.py")


def _place(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"files: {name}", f"{_UTILS}/_place.py", old, new, f"{_WIRE}/test_download.py {_WIRE}/test_mirror.py")


def _clock(name: str, old: str, new: str, file: str = "module_utils/_ages") -> Mutant:
    tests = f"{_PURE}/module_utils/test_ages.py {_WIRE}/test_clocks.py"
    return Mutant(f"clocks: {name}", f"plugins/{file}.py", old, new, tests)


def _mirror(name: str, old: str, new: str, file: str = "_mirror") -> Mutant:
    tests = f"{_PURE}/module_utils/test_mirror_plan.py {_WIRE}/test_mirror.py"
    path = "plugins/modules/addon_backup_mirror.py" if file == "_module" else f"{_UTILS}/{file}.py"
    return Mutant(f"mirror: {name}", path, old, new, tests)


def _reach(name: str, old: str, new: str) -> Mutant:
    place = f"{_PURE}/module_utils/test_addresses.py"
    return Mutant(f"download: {name}", f"{_UTILS}/_addresses.py", old, new, place)


def _answer(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"answer: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_other_answers.py")


def _access(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"access: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_access.py")


def _sight(name: str, part: str, old: str, new: str) -> Mutant:
    return Mutant(f"sight: {name}", f"{_UTILS}/_restore_{part}.py", old, new, f"{_WIRE}/test_restore_failures.py")


def _still(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"not running: {name}", f"{_UTILS}/_backup_{file}.py", old, new, f"{_WIRE}/test_not_running.py")


def _slip(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"pages: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_shifting_lists.py")


def _rule(name: str, old: str, new: str) -> Mutant:
    return Mutant(f"rule: {name}", f"{_UTILS}/_checks.py", old, new, f"{_PURE}/module_utils/test_checks.py")


def _argument(name: str, old: str, new: str, file: str = "_backup_arguments") -> Mutant:
    return Mutant(f"argument: {name}", f"{_UTILS}/{file}.py", old, new, f"{_WIRE}/test_refusals.py")


def _connection(name: str, old: str, new: str) -> Mutant:
    return Mutant(
        f"connection: {name}", f"{_UTILS}/_connection.py", old, new, f"{_PURE}/module_utils/test_connection.py"
    )


def _live(name: str, old: str, new: str, file: str, test: str) -> Mutant:
    """A guard of the program that asks the real API."""
    return Mutant(f"live: {name}", f"tests/live/{file}.py", old, new, f"tests/{test}")


MUTANTS = [
    _plan(
        "neither name nor age is always new",
        "return Plan(CREATED)\n    if wanted.max_age",
        "pass\n    if wanted.max_age",
    ),
    _plan("a completed one is reused", "return Plan(REUSED, chosen", "return Plan(CREATED, None"),
    _plan("an active one is joined", "return Plan(JOINED, chosen", "return Plan(CREATED, None"),
    _plan("failed ones do not count", "if backup.status == COMPLETED)", 'if backup.status in (COMPLETED, "failed"))'),
    _plan("aborted ones do not count", "if backup.status == COMPLETED)", 'if backup.status in (COMPLETED, "aborted"))'),
    _plan(
        "aborting ones are not joined",
        "if backup.status in ACTIVE_STATES)",
        'if backup.status in ACTIVE_STATES | {"aborting"})',
    ),
    _plan(
        "completed before active",
        "chosen = newest(backup for backup in candidates if backup.status == COMPLETED)",
        "chosen = None",
    ),
    Mutant(
        "table: the newest is chosen",
        f"{_UTILS}/_backups.py",
        "return max(backups, key",
        "return min(backups, key",
        f"{_PURE}/module_utils/test_backup_plan.py",
    ),
    _plan("another name does not serve", "backup.name != wanted.name:", "False:"),
    _plan("age is judged", "return backup.age(now) <= wanted.max_age", "return True"),
    _plan("exactly as old as allowed serves", "backup.age(now) <= wanted.max_age", "backup.age(now) < wanted.max_age"),
    _plan(
        "only the asked type serves by age",
        "if backup.backup_type != wanted.backup_type or now is None",
        "if now is None",
    ),
    _plan("only the asked type serves by name", "return not _other_type(wanted, backup)", "return True"),
    _plan("another type under the name is refused", "    if other is not None:\n", "    if False:\n"),
    _plan("a dead one of another type is no conflict", "if backup.usable and _other_type", "if _other_type"),
    _plan("an unknown state is refused", "if backup.status not in KNOWN_STATES:", "if False:"),
    _plan("without a clock no age is judged", "    if now is None:", "if False:"),
    _plan("a type that is not told is warned about", "if chosen.backup_type is None:", "if False:"),
    _plan(
        "only dead records are replaced",
        "return holders if all(backup.status in DEAD_STATES for backup in holders) else []",
        "return holders",
    ),
    _plan("duplicates are usable", "if backup.usable and (chosen", "if (chosen"),
    Mutant("model: an import is no dump", f"{_UTILS}/_models.py", '"fileUpload": IMPORT', '"fileUpload": DUMP'),
    Mutant(
        "model: an external dump is an import", f"{_UTILS}/_models.py", '"externalDump": IMPORT', '"externalDump": DUMP'
    ),
    Mutant(
        "model: compression proves no dump",
        f"{_UTILS}/_models.py",
        "return _TYPE_OF_SOURCE.get(kind) if isinstance(kind, str) else None",
        'return _TYPE_OF_SOURCE.get(kind, DUMP if config.get("compressionType") else None)',
    ),
    Mutant(
        "model: a uid tells backups apart",
        f"{_UTILS}/_models.py",
        "return (self.id, self.uid) == (other.id, other.uid)",
        "return self.id == other.id",
    ),
    Mutant(
        "model: secrets are left out",
        f"{_UTILS}/_models.py",
        "if not _SECRET_KEY.search(snake_case(str(key))) and",
        "if",
    ),
    Mutant(
        "engine: check mode does nothing",
        f"{_UTILS}/_backup_set.py",
        "    if settings.check_mode:\n",
        "    if False:\n",
        f"{_WIRE}/test_decisions.py",
    ),
    _engine("check mode tells what would be done", "    if work.settings.check_mode:\n", "    if False:\n"),
    _engine(
        "a new one is started",
        "    if work.plan is not None and work.plan.action == CREATED:\n",
        "    if False:\n",
    ),
    _engine("the task waits", "    if work.settings.wait:\n", "    if False:\n"),
    _engine("a bad end fails", "        if backup.status != COMPLETED:\n", "        if False:\n"),
    _engine("a dead record is replaced", "    if not records:\n", "    if True:\n"),
    _engine("nothing is deleted while the addon is not ready", "if status != RUNNING:", "if False:"),
    _engine("a deletion is a change", "        raise\n    work.note(changed=True)", "        raise"),
    _engine("replaced is told", "_start(work, request, REPLACED)", "_start(work, request, CREATED)"),
    _engine(
        "whoever was faster is joined",
        "if work.plan is not None and work.plan.action != CREATED:",
        "if False:",
    ),
    _engine(
        "what was joined is not aborted",
        "if work.started is None or not work.settings.abort_on_timeout:",
        "if not work.settings.abort_on_timeout:",
        "member",
    ),
    _engine(
        "on_timeout=abort aborts",
        "if work.started is None or not work.settings.abort_on_timeout:",
        "if True:",
        "member",
    ),
    _engine(
        "an unknown start may be a change",
        "work.note(changed=True, error=str(error))",
        "work.note(error=str(error))",
        "member",
    ),
    _engine(
        "a twin of one's own name is removed",
        "reason = None if wanted.name is not None else _remove(work, twin)",
        'reason = "no"',
    ),
    _engine(
        "a twin of the user's name is kept",
        "reason = None if wanted.name is not None else _remove(work, twin)",
        "reason = _remove(work, twin)",
    ),
    _engine("facts of the request are filled in", "config={**asked, **backup.config}", "config=dict(backup.config)"),
    _start("what was there before is not adopted", "        and backup not in before\n", ""),
    _start("a lost answer is looked for", "    if found is not None:\n        return Started(found)\n", ""),
    _start("it is looked for long enough", "LATE_COMMIT_OTHERWISE = 60.0", "LATE_COMMIT_OTHERWISE = 5.0"),
    _start(
        "it is sent again when it is not there",
        "        return Started(api.create_backup(addon_id, request), asked_twice=True)",
        "        raise lost",
    ),
    _start("a lost delete is checked before it is repeated", "if not still_there(api, addon_id, backup):", "if False:"),
    _start("a repeated request is followed by a look for twins", "request), asked_twice=True)", "request))"),
    _watch("it ends at the deadline", "deadline.remaining() - _LAST_LOOK", "max(1.0, deadline.remaining())"),
    _watch("an unknown state ends it", "if self.state.status not in KNOWN_STATES:", "if False:"),
    _wait(
        "a vanished backup ends it",
        "        if error.status == 404:\n            raise",
        "        if error.status == 404:\n            return known\n        if False:\n            raise",
    ),
    _wait("an exchanged backup ends it", "if not now.is_same_as(known):", "if False:"),
    _watch(
        "a lost look is tolerated",
        "except (DeadlineReached, OutcomeUnknown):\n            pass",
        "except (DeadlineReached, OutcomeUnknown):\n            raise",
    ),
    _watch("a list that shows nobody busy is given up", "and self._vain < _VAIN_LOOKS", "and True"),
    _watch("the list costs no more than it saves", "self.cost <= pending", "True"),
    _watch(
        "a list that cannot be had is no reason to fail",
        "except NorthflankError:\n            #",
        "except KeyError:\n            #",
    ),
    _watch("what is no longer busy is looked at", "if was_busy and not watch.shown_busy:", "if False:"),
    _watch("an end is believed only of what was shown busy", "if was_busy and not", "if not"),
    _watch("a list is no proof", "beside if watch.shown_busy else own", "9e9 if watch.shown_busy else own"),
    _watch("looks beside the list are left out where the budget is small", "left >= _PLENTY * len(pending)", "True"),
    _watch("the list is looked at first", "own = max(own, self._listing_due - self._deadline.elapsed())", "pass"),
    _watch(
        "looks are paid from the purse",
        "self._purse.spend(max(0, self._client.requests - before - sum(watch.over for watch in due)))",
        "pass",
    ),
    _pace("a small budget is spread", "if looks is not None and ahead > 0:", "if False:"),
    _pace(
        "without budget it waits for the next hour",
        "    if looks < 1:\n        return ahead\n",
        "    if looks < 1:\n        return 0.0\n",
    ),
    _pace("what confirms is not spent on looks", "rate.remaining - owed", "rate.remaining"),
    _pace("only a share is spent", "self._share * free", "free"),
    _pace(
        "what others use is gone",
        "return min(max(0.0, self._allowed - self._spent), free)",
        "return max(0.0, self._allowed - self._spent)",
    ),
    _pace("a new hour fills the purse", "or rate.reset > self._reset + _NEW_HOUR", ""),
    _pace("an answer that was overtaken does not", "self._reset + _NEW_HOUR", "self._reset"),
    _pace("looks become rarer in a set", "min(_RAREST_FROM, members) / _RARER_FROM", "1.0"),
    _pace("looks become rarer with time", "max(pace.least, pace.growth * waited)", "pace.least"),
    Mutant(
        "budget: nonsense is ignored",
        f"{_UTILS}/_transport.py",
        "None if value is None or value > most else int(value)",
        "None if value is None else int(value)",
        _FRUGAL,
    ),
    _wait(
        "the new state is taken",
        "now = _same_backup(api, addon_id, known, repeat=False).informed_by(known)",
        "now = known.informed_by(_same_backup(api, addon_id, known, repeat=False))",
    ),
    Mutant(
        "waiting: a rate limit past the deadline fails at once",
        f"{_UTILS}/_client.py",
        "if pause > self.deadline.remaining():",
        "if False:",
        f"{_WIRE}/test_exactly_one.py",
    ),
    Mutant(
        "waiting: polling heeds the budget",
        f"{_UTILS}/_pace.py",
        "if rate.remaining is None or rate.reset is None:",
        "if True:",
        f"{_WIRE}/test_exactly_one.py",
    ),
    Mutant(
        "wire: a lost POST is not repeated blindly",
        f"{_UTILS}/_client.py",
        "return isinstance(error, NotSent)",
        "return True",
        f"{_WIRE}/test_exactly_one.py",
    ),
    Mutant(
        "wire: a 5xx is no refusal",
        f"{_UTILS}/_transport.py",
        "if status >= 500:",
        "if False:",
        f"{_WIRE}/test_exactly_one.py",
    ),
    Mutant(
        "wire: the token survives a .netrc",
        f"{_UTILS}/_transport.py",
        "session.auth = _Bearer(self._target.token)",
        'session.headers["Authorization"] = f"Bearer {self._target.token}"',
        f"{_WIRE}/test_refusals.py",
    ),
    Mutant(
        "wire: all pages are read",
        f"{_UTILS}/_client.py",
        "            if cursor is None:\n",
        "            if True:\n",
        f"{_WIRE}/test_decisions.py",
    ),
    _answer("another backup in an answer is no answer", "_api", "    if found.id != asked_id:", "    if False:"),
    _answer("a create's answer has the name that was sent", "_api", "if started.name != name:", "if False:"),
    _answer(
        "a create's answer has the type that was sent",
        "_api",
        "if started.backup_type not in (kind, None):",
        "if False:",
    ),
    _answer(
        "what was there before is known without a uid",
        "_backups",
        "any(backup.is_same_as(one) for one in self._by_id.get(backup.id, ()))",
        "any(backup.identity == one.identity for one in self._by_id.get(backup.id, ()))",
    ),
    _answer(
        "such a read is repeated", "_client", "                if failures > retries:\n", "                if True:\n"
    ),
    _still("a scheduled backup's addon is looked at", "wait", "        if can_begin is not None:", "        if False:"),
    _still("without waiting too", "present", "        CanBegin(work.api, addon_id).check(backup)", "        pass"),
    _still("a blocked addon ends the wait", "wait", "if status in BLOCKED_STATES:", "if False:"),
    _still(
        "one look is enough",
        "wait",
        "self._is_known = status in (RUNNING, BACKUP_RUNS)",
        "self._is_known = False",
    ),
    _still(
        "a state that passes is looked at again",
        "wait",
        "self._is_known = status in (RUNNING, BACKUP_RUNS)",
        "self._is_known = True",
    ),
    _still(
        "another run's backup is left alone",
        "member",
        "    if work.started is None:\n        return",
        "    if False:\n        return",
    ),
    _still(
        "what was not aborted is not called so",
        "member",
        "    if final.status in FINAL_STATES:\n",
        "    if True:\n",
    ),
    _still(
        "the abort has a time of its own", "member", "Deadline(work.deadline.timing, ABORT_SECONDS)", "work.deadline"
    ),
    _access("a link needs Read Spec", "_api", "            error.permission = PERMISSION_TO_DOWNLOAD\n", ""),
    _access(
        "only a refused token is asked about", "_access", "    if not api.client.refusals & _BY_TOKEN:", "    if False:"
    ),
    _access(
        "an answer that fails explains nothing",
        "_access",
        "    except NorthflankError:",
        "    except ZeroDivisionError:",
    ),
    _access("a team that is given is not asked for", "_access", "if api.team_id is None and", "if True and"),
    _sight(
        "a restore may be listed late",
        "member",
        "        if self._is_late():\n            raise",
        "        if True:\n            raise",
    ),
    _sight(
        "a restore may have another ID in lists",
        "member",
        "        return begun_since(",
        "        return by_id or False and begun_since(",
    ),
    _sight("what was there before is another", "plan", "if one.id not in before\n        and", "if True\n        and"),
    _sight("an ID of the same form is another's", "plan", "(by_any_id or _form(one.id) != _form(known.id))", "True"),
    _sight("an abort sends the backup's source", "abort", "restore.id, *source)", "restore.id)"),
    _slip(
        "a cursor alone leads on",
        "_client",
        'if more is False or (more is None and cursor in (None, "")):',
        "if not more:",
    ),
    _slip("repeats are dropped", "_paged", "{key(item): item for item in items}", "dict(enumerate(items))"),
    _slip("a list of several pages is confirmed", "_paged", "return self.pages > 1", "return False"),
    _slip("a start is confirmed", "_backup_present", "if step.action == CREATED and seen.may_have_gaps:", "if False:"),
    _slip(
        "a name's holders are confirmed",
        "_backup_states",
        "named(work.api.confirm_backups(wanted.addon_id, seen), wanted.name)",
        "named(seen, wanted.name)",
    ),
    _slip(
        "the latest to restore is confirmed",
        "_restore_start",
        "source.confirm_backups(owner, source.list_backups(owner))",
        "source.list_backups(owner)",
    ),
    _slip(
        "no restore under way is confirmed",
        "_restore_start",
        "return work.api.confirm_restores(addon_id, work.api.list_restores(addon_id))",
        "return work.api.list_restores(addon_id)",
    ),
    _slip(
        "a vanished restore is confirmed",
        "_restore_member",
        " or self._find(api.confirm_restores(addon_id, seen), known)",
        "",
    ),
    _slip(
        "schedules are confirmed",
        "_schedule_start",
        "return api.confirm_schedules(addon_id, listed(api, addon_id), Schedule.from_api)",
        "return listed(api, addon_id)",
    ),
    _slip("no schedules may be left out", "_client", "if items is None and may_lack", "if items is None and False"),
    _rule("a name's length", "if not 3 <= len(value) <= 39:", "if False:"),
    _rule("a name's pattern", "if not _NAME.fullmatch(value):", "if False:"),
    _rule("a name's very end", "_NAME.fullmatch(value)", '_NAME.fullmatch(value.rstrip("\\n"))'),
    _rule("ECMAScript's blanks", r"\u3000\ufeff", r"\u3000"),
    _rule("a destination's length", "if not 3 <= len(value) <= 100:", "if False:"),
    _rule("a destination's pattern", "if not _DESTINATION.fullmatch(value):", "if False:"),
    _rule(
        "a destination is required",
        'if value is None:\n        raise InvalidInput(option, "is required")',
        'if value is None:\n        return "abc"',
    ),
    _schedule(
        "a compression that is not told fits",
        "held.compression_type or wanted.compression_type",
        "held.compression_type",
        "_plan",
    ),
    _schedule("days that are not told fit", "in (None, place.retention_time))", "in (place.retention_time,))", "_plan"),
    _rule("days of retention", '1, MOST_DAYS, "days")', '0, MOST_DAYS + 1, "days")'),
    _rule(
        "an ID is not empty",
        '    if not value:\n        raise InvalidInput(option, "must not be empty")',
        '    if False:\n        raise InvalidInput(option, "must not be empty")',
    ),
    _rule("an ID never changes the path", "if not _ID.fullmatch(value):", "if False:"),
    _rule("no addon twice", "if addon_id in ids:", "if False:"),
    _rule("at least one addon", "    if not values:\n", "    if False:\n"),
    _rule("addon IDs are stripped", "identifier(option, value.strip())", "identifier(option, value)"),
    _rule("bounds of whole numbers", "if value < least or (most is not None and value > most):", "if False:"),
    _rule("bounds of shares", "if not 0 < value <= 1:", "if False:"),
    _rule("a duration is above 0", "if seconds <= 0:", "if False:"),
    _rule("options of one type", "if value is not None and backup_type != needed:", "if False:"),
    _argument("compression is for dumps", '        ("compression_type", DUMP),\n', ""),
    _argument("a custom destination is for dumps", '        ("custom_destination_id", DUMP),\n', ""),
    _argument("additional destinations are for snapshots", '        ("additional_destinations", SNAPSHOT),\n', ""),
    _argument("the name is checked", 'name=None if name is None else _checks.backup_name("name", name)', "name=name"),
    _argument(
        "the project ID is checked",
        '_checks.identifier("project_id", self.params["project_id"])',
        'self.params["project_id"]',
        "_task",
    ),
    _argument(
        "wait_timeout is checked",
        '_checks.time_limit("wait_timeout", self.params["wait_timeout"])',
        '_checks.time_limit("wait_timeout", "1800")',
        "_task",
    ),
    _argument(
        "the custom destination is checked",
        '_checks.destination_id(\n            "custom_destination_id", params["custom_destination_id"]\n        )',
        'params["custom_destination_id"]',
    ),
    _argument(
        "budget_share is checked", '_checks.share("budget_share", params["budget_share"])', 'params["budget_share"]'
    ),
    _connection("a token is needed", "    if token is None:\n", "    if False:\n"),
    _connection(
        "empty variables count as unset",
        "next((value for value in values if value), None)",
        "next((value for value in values if value is not None), None)",
    ),
    _connection("http is for loopback", 'if parts.scheme == "http" and not is_loopback(host):', "if False:"),
    _connection(
        "an address has no path", 'if parts.path not in ("", "/") or parts.query or parts.fragment:', "if False:"
    ),
    _connection(
        "credentials in an address are not shown",
        '    shown = None if "@" in text else text\n    try:\n        parts',
        "    shown = text\n    try:\n        parts",
    ),
    _connection(
        "nor those of a variable", 'shown = None if "@" in text else text\n        raise', "shown = text\n        raise"
    ),
    _connection("our variable comes first", "for name in URL_VARIABLES", "for name in reversed(URL_VARIABLES)"),
    _connection("the team's ID is checked", '_checks.identifier("team_id", team_id)', "team_id"),
    _connection("the CA file exists", "    if not os.path.isfile(path) and not os.path.isdir(path):", "    if False:"),
    Mutant(
        "set: a missing addon is a problem",
        f"{_UTILS}/_preflight.py",
        "        if addon is None:\n",
        "        if addon is None:\n            continue\n        if False:\n",
        _SETS,
    ),
    Mutant(
        "set: a paused addon is a problem",
        f"{_UTILS}/_preflight.py",
        "elif addon.status != RUNNING:",
        "elif False:",
        _SETS,
    ),
    Mutant(
        "set: a passing state is waited for",
        f"{_UTILS}/_backup_set.py",
        "    if not passing or",
        "    if True or",
        _SETS,
    ),
    Mutant(
        "set: types without dumps are a problem",
        f"{_UTILS}/_preflight.py",
        "dumps.get(addon.type) is False",
        "False",
        _SETS,
    ),
    Mutant(
        "set: all or nothing",
        f"{_UTILS}/_together.py",
        "        if broken and work.member.error is None:",
        "        if False:",
        _SETS,
    ),
    Mutant(
        "set: a fault of one is not the others'",
        f"{_UTILS}/_backup_member.py",
        "    except Exception as error:",
        "    except MemoryError as error:",
        _SETS,
    ),
    Mutant(
        "set: a busy single addon is waited for",
        f"{_UTILS}/_backup_present.py",
        "        if status not in PASSING_STATES:\n            break",
        "        if True:\n            break",
        _SETS,
    ),
    Mutant(
        "set: one failure fails the task",
        f"{_UTILS}/_together.py",
        "    errors = [member.error for member in members if member.error is not None and",
        "    errors = [member.error for member in members[:1] if member.error is not None and",
        _SETS,
    ),
    _state("a name that several share is refused", "if len(targets) > 1 and not", "if False and not"),
    _state("all_matches is for absent", '(state == "absent" and wanted.all_matches)', "wanted.all_matches or True"),
    _state("what is final is not aborted", "or backup.status not in FINAL_STATES]", "or True]"),
    _state(
        "what is under way is aborted before it is deleted",
        "        if target.status not in FINAL_STATES:\n",
        "        if False:\n",
    ),
    _state("an addon that is missing is no absent backup", "    work.api.get_addon(work.member.addon_id)\n", ""),
    _state("what is not there cannot be retained", "    if not work.targets:\n", "    if False:\n"),
    _argument(
        "name or backup_id", '    if (params["name"] is None) == (params["backup_id"] is None):\n', "    if False:\n"
    ),
    _argument("backup_id is for one addon", "    if backup_id is not None and addons > 1:\n", "    if False:\n"),
    _argument("backup_id is not for present", "    elif backup_id is not None:\n", "    elif False:\n"),
    _argument("all_matches is for absent", '    if params["all_matches"] and (', "    if False and ("),
    _argument("options that start are for present", "        if params[option] is not None:\n", "        if False:\n"),
    _argument("on_timeout is for present", '    if params["on_timeout"] == "abort":\n', "    if False:\n"),
    _argument(
        "concurrency is bounded",
        '_checks.whole_number("concurrency", params["concurrency"], 1, 64, "requests at once")',
        'params["concurrency"]',
    ),
    _context(
        "a context's token goes to its host", "None if context is None else context.host)", "None)", "_connection"
    ),
    _context(
        "an explicit token wins",
        "return token or context.token, context",
        "return context.token, context",
        "_connection",
    ),
    _context(
        "an explicit context wins over the environment",
        "    if name is not None:\n        context = read",
        "    if False:\n        context = read",
        "_connection",
    ),
    _context(
        "the environment's token wins over its context",
        "    if token is not None or name is None:",
        "    if name is None:",
        "_connection",
    ),
    _context(
        "a readable file is warned about",
        "    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):\n",
        "    if False:\n",
        "_context",
    ),
    _restore("a name never chooses", "if len(good) > 1:", "if False:", "_plan"),
    _restore("an import is never the latest", "            and backup.backup_type != IMPORT\n", "", "_plan"),
    _safety("neither joined nor reused by age", "_backup_plan", "if backup.is_safety and", "if False and"),
    _safety("by its name, it is meant", "_backup_plan", "backup.is_safety and wanted.name is None", "backup.is_safety"),
    _safety(
        "young is not enough",
        "_backup_plan",
        "max_age is not None and replaced_since",
        "max_age is None and replaced_since",
    ),
    _safety("restores are asked for", "_backup_present", "if not needs_restores(wanted, step):", "if True:"),
    _safety("a name needs no restores", "_backup_plan", "wanted.max_age is not None and step.backup", "step.backup"),
    _safety(
        "never the latest", "_restore_plan", "(asks_for_safety(target.name_prefix) or not backup.is_safety)", "True"
    ),
    _safety("the latest by its prefix", "_restore_plan", "asks_for_safety(target.name_prefix) or", ""),
    _safety("what is replaced is told", "_restore", "if target.latest and", "if False and"),
    _safety("never the newest dump", "_download_plan", "for dump in dumps if not dump.is_safety", "for dump in dumps"),
    _safety("counts for no other scheme", "_retention", "if backup.is_safety and", "if False and"),
    _safety("has a scheme of its own", "_retention", " and not asks_for_safety(policy.name_prefix)", ""),
    _safety(
        "a name that begins alike is another",
        "_purpose",
        "_SAFETY_NAME.fullmatch(name)",
        "name.startswith(SAFETY_PREFIX)",
    ),
    _safety(
        "a short prefix says nothing",
        "_purpose",
        'prefix.startswith(SAFETY_PREFIX.rstrip("-"))',
        "SAFETY_PREFIX.startswith(prefix)",
    ),
    _restore("what is not complete is refused", "    if backup.status != COMPLETED:\n", "    if False:\n", "_plan"),
    _restore("an import is refused", "    if backup.backup_type == IMPORT:\n", "    if False:\n", "_plan"),
    _restore("another restore under way is an error", "if restore.backup_id != backup.id or", "if False or", "_plan"),
    _restore("the same restore is joined", "    if under_way:\n", "    if False:\n", "_plan"),
    _restore(
        "an unknown state is named", "        if restore.status not in KNOWN_STATES:\n", "        if False:\n", "_plan"
    ),
    _restore("only the newest restore is a reason to skip", "and last.backup_id == backup.id", "", "_plan"),
    _restore("only since the given time", "if _started(last)[0] >= max(moment", "if True or max(moment", "_plan"),
    Mutant(
        "restore: all or nothing",
        f"{_UTILS}/_together.py",
        "        if broken and work.member.error is None:",
        "        if False:",
        f"{_WIRE}/test_restore.py",
    ),
    _restore("check mode does nothing", "        if settings.check_mode:\n", "        if False:\n"),
    _restore(
        "an exchanged backup is not put back",
        "if not chosen_backup(replace(work, target=by_id)).is_same_as(backup):",
        "if False:",
        "_start",
    ),
    _restore("a lost answer is looked for", "        if found is not None:\n            return found\n", "", "_start"),
    _restore(
        "what another run has started meanwhile is joined",
        "if good and restore.id not in work.before and restore.backup_id == backup.id:",
        "if False:",
        "_start",
    ),
    _restore(
        "a restore that was there before is not taken for it",
        "good and restore.id not in work.before",
        "good",
        "_start",
    ),
    _restore(
        "a refusal may mean that it was started", "if refused.status == 409 else None", "if False else None", "_start"
    ),
    _restore("a bad end fails", "    if final.status != COMPLETED:\n", "    if False:\n"),
    _restore(
        "an addon that is not running is refused",
        "    if work.addon.status != RUNNING and work",
        "    if False and work",
    ),
    _abort("a lost answer may have worked", "        if may_have_acted(error):\n", "        if False:\n"),
    _abort(
        "one that comes too late is no failure",
        "error.status == 409:\n            return False",
        "False:\n            pass",
    ),
    _abort("one that comes too late is told", "            if final.status != ABORTED:\n", "            if False:\n"),
    _abort("an unknown state is named", "        if restore.status not in KNOWN_STATES:\n", "        if False:\n"),
    _abort("what is being aborted is not asked for", "if restore.status != ABORTING and _abort", "if _abort"),
    _abort(
        "check mode tells only what would be done",
        " and restore.status != ABORTING:\n            work.note",
        ":\n            work.note",
    ),
    _role(
        "a set whose addons were restored since is not used again",
        " and last.is_present_state(restores)",
        "",
        "snapshot",
    ),
    _whole(
        "what lists do not tell of restores is asked for",
        "_pre_deploy_snapshot",
        "last.is_present_state(restores)",
        "not any(backup.last_restore for backup in last.members.values())",
    ),
    _whole(
        "another backup that was put back counts as well",
        "_restore_history",
        "return any(posix_time(one.started_at) >= posix_time(backup.created_at) for one in restores)",
        "return any(may_be_of(one, backup) for one in restores)",
    ),
    _whole(
        "what was put back is not put back again",
        "_pre_deploy_rollback",
        "if not restore_again and _is_back(",
        "if restore_again and _is_back(",
    ),
    _whole(
        "what is about to be replaced is kept",
        "_pre_deploy_rollback",
        "sorted(set(plan.restore) - set(plan.joined))",
        "sorted(set(plan.restore) - set(plan.joined))[1:]",
    ),
    _whole(
        "as many releases are kept as were asked for",
        "_pre_deploy_prune",
        "left = keep_last - 1",
        "left = keep_last - 2",
    ),
    _whole(
        "no set is taken of what a rollback has left half-way",
        "_pre_deploy_snapshot",
        "if reports and not wish.ignore_incomplete:",
        "if reports and wish.ignore_incomplete:",
    ),
    _whole(
        "the newest generation is put back",
        "_pre_deploy_rollback",
        "chosen = candidates[-1]",
        "chosen = candidates[0]",
    ),
    Mutant(
        "role: an ID may have been an earlier backup's",
        f"{_UTILS}/_restore_history.py",
        "return is_named and posix_time(restore.started_at) >= posix_time(backup.created_at)",
        "return is_named",
        f"{_PURE}/module_utils/test_retention.py",
    ),
    _role("only a young set is used again", "and backup.age(now) <= wish.max_age", "", "snapshot"),
    _role(
        "only usable members are used again", "backup.usable and backup.backup_type", "backup.backup_type", "snapshot"
    ),
    _role(
        "only the members asked for are used again",
        "        and last.name == set_name(wish.release, wish.addon_ids, last.generation)\n",
        "       ",
        "snapshot",
    ),
    _role(
        "the names prove the members",
        "return members_digest(self.members) == digest_in(self.name)",
        "return True",
        "sets",
    ),
    _role("an incomplete set is not restored", "    if not chosen.complete:\n", "    if False:\n", "rollback"),
    _role("of twins the oldest counts", "return min(completed, key", "return max(completed, key", "sets"),
    _role(
        "a restore of another backup is no reason to skip", "or last.backup_id != backup.id:", "or False:", "rollback"
    ),
    _role(
        "a deployment since is a reason to restore again",
        "other.name.startswith(PREFIX) and _time(other) > restored",
        "False",
        "rollback",
    ),
    _role(
        "a set of another type is not used again", "backup.backup_type in (None, wish.backup_type)", "True", "snapshot"
    ),
    _named("a release must be text", "    if not isinstance(release, str):\n", "    if False:\n"),
    _named("digits of the release tell releases apart", "sha256(release.encode())", "sha256(b'')"),
    _named("names of version 0.9 are read", "|[0-9a-f]{6})-([0-9a-f]{6})(?:", ")-([0-9a-f]{6})(?:"),
    _named("they are those of their release", "in (key, key_of_0_9(key))", "== key"),
    _named("they may be another's", "is_of_0_9(name) and len(_readable(release)) >= _PART_OF_0_9", "False"),
    _role("another's known release stops", "if not is_named and any(", "if False and any(", "rollback"),
    _role("one's own names of today do not", " and other != key", "", "rollback"),
    _sets(
        "sets of version 0.9 belong to their release",
        "return heirs[0] if len(heirs) == 1 else release_of(name)",
        "return release_of(name)",
    ),
    _sets("a shared name is left alone", "    if release.is_shared:\n", "    if False:\n"),
    _half_way("sets of version 0.9 say nothing", "and not is_of_0_9(one.name)", ""),
    _half_way(
        "a restore that failed is none",
        "return restore is not None and restore.status == COMPLETED",
        "return restore is not None",
    ),
    _half_way(
        "an addon that was never put back counts",
        "    if last is None:\n        return history.heeds",
        "    if last is None:\n        return True or history.heeds",
    ),
    _half_way("what was put back before does not count", "posix_time(last.started_at) > began", "True"),
    _half_way("restores of no set count", "+ list(_of_no_set(chosen, history))", ""),
    _half_way(
        "a later set makes it past", "and self.taken_since(addon_id, posix_time(newest.started_at))", "and False"
    ),
    _half_way(
        "a later set that failed does not",
        "            and one.usable\n",
        "",
    ),
    _half_way(
        "an ID may have been an earlier backup's",
        "restore.backup_id == one.id and may_be_of(restore, one)",
        "restore.backup_id == one.id",
    ),
    _half_way(
        "only what was before a set was taken speaks against it",
        "self.until is None or posix_time(moment) < self.until",
        "True",
    ),
    _half_way("the others of a set are asked", "return sorted(others - history.restores.keys())", "return []"),
    _half_way("what is half-way stops", "if reports and not wish.ignore_incomplete:", "if False:", "snapshot"),
    _half_way("who goes back to half-way data has to say so", "if own and not is_named:", "if False:", "rollback"),
    _half_way("a release is judged when all of it was read", "if is_read and _began", "if _began"),
    _half_way("what a rollback needs is not pruned", "*_half_way(one, found, restores)", "*()", "prune"),
    _half_way("also where newer sets are there", "heeds_later_sets=False", "heeds_later_sets=True", "prune"),
    _sets("this release is kept", '{present: ["this release"]}', "{}"),
    _sets("what failed does not count", "left -= one.complete", "left -= 1"),
    _sets("this release counts", "left = keep_last - 1", "left = keep_last"),
    _sets("what is under way keeps the release", "*_under_way(one, restores)", "*()"),
    _sets("the newest completed one of an addon is kept", "if (addon_id, backup.identity) in best:", "if False:"),
    _sets("imports are kept", "if backup.backup_type == IMPORT:", "if False:"),
    _sets("what is not proved is kept", "if not set(taken.members) <=", "if False and not set(taken.members) <="),
    _sets("keep_within 0 keeps nothing", "now - keep_within if keep_within else math.inf", "now - keep_within"),
    _named("a time of YAML is refused", "if _TIME_OF_YAML.fullmatch(release):", "if False:"),
    _variable(
        "empty text is not given", "(not value.strip() or value.startswith(_OMITTED))", "value.startswith(_OMITTED)"
    ),
    _variable("what was omitted is not given", " or value.startswith(_OMITTED)", ""),
    _variable("the text false is false", '_FALSE = frozenset({"false", ', "_FALSE = frozenset({"),
    _variable("other words are no booleans", "if word not in _TRUE | _FALSE:", "if False:"),
    _variable("a slip is an error", "if unknown:", "if False:"),
    _variable("other words of a choice are refused", "if given not in allowed:", "if False:"),
    _variable("a set is published for its project", " {project_id} {release}", " {release}"),
    _variable("a set is published for its release", " {project_id} {release}", " {project_id}"),
    _play(
        "an import that was not chosen does not run",
        "return bool(bare.evaluate_tags(run, skip, dict(variables)))",
        "return True",
    ),
    _play("an include that was chosen runs", "not include.statically_loaded)", "False)"),
    _play("tags of the role itself choose nothing", "    bare._tags = []  # noqa: SLF001\n", ""),
    _play("free is refused", 'strategy.endswith(("free", "host_pinned"))', 'strategy.endswith("host_pinned")'),
    _play("one host may be free", "or []) < 2:", "or []) < 1:"),
    _play("the connection of the play counts", "for group in groups[:-1]:", "for group in []:"),
    _sets("keep_within counts", "one.time >= since", "False"),
    _sets("releases are counted, not sets", "setdefault(_key(one.name, today), [])", "setdefault(one.name, [])"),
    _found(
        "what is repeated is checked", "_client", "            if before_repeat is not None:", "            if False:"
    ),
    _found(
        "a lost abort may have worked", "_backup_wait", "        if may_have_acted(error):\n", "        if False:\n"
    ),
    _found("a restore is checked before it is repeated", "_restore_start", "*source, check)", "*source)"),
    _found(
        "a delete is checked",
        "_backup_start",
        "api.delete_backup(addon_id, backup.id, again)",
        "api.delete_backup(addon_id, backup.id)",
    ),
    _found(
        "an abort is checked",
        "_backup_wait",
        "api.abort_backup(addon_id, backup.id, check)",
        "api.abort_backup(addon_id, backup.id)",
    ),
    _found(
        "a second target is checked",
        "_backup_states",
        "        if number and not still_there(",
        "        if False and not still_there(",
    ),
    _found("a lost delete is told", "_backup_start", "raise error from lost", "raise error"),
    _hostile("a body is bounded", "_transport", "            if size > LARGEST_BODY:\n", "            if False:\n"),
    _hostile(
        "unpacking is bounded",
        "_transport",
        "unpack.decompress(packed, LARGEST_BODY + 1 - size)",
        "unpack.decompress(packed)",
    ),
    _hostile("a key stands once", "_transport", "    if len(found) < len(pairs):\n", "    if False:\n"),
    _hostile("a number is one", "_transport", "            parse_constant=_no_number,\n", ""),
    _hostile("an encoding was asked for", "_transport", 'if encoding not in ("identity", "gzip"):', "if False:"),
    _hostile("lists end", "_client", "while len(seen) < MOST_PAGES:", "while len(seen) < 10**6:"),
    _hostile("pages make no circle", "_client", "            if cursor in seen:\n", "            if False:\n"),
    _hostile("redirects are not looked at", "_wire", "    session.get_redirect_target = lambda _response: None\n", ""),
    _hostile("the bytes of an answer are bounded", "_wire", "        if self._left < 0:\n", "        if False:\n"),
    _hostile(
        "the bytes before an answer are bounded",
        "_wire",
        "        if self._left < 0 and not self._is_in_body:\n",
        "        if False:\n",
    ),
    _hostile(
        "heads without an answer are bounded",
        "_wire",
        "            if interim > _MOST_INTERIM:\n",
        "            if False:\n",
    ),
    _hostile("gzip has an end", "_transport", "(unpack is not None and not unpack.eof)", "False"),
    _hostile("JSON is not deep", "_transport", "        if _is_deep(body):\n", "        if False:\n"),
    _hostile("a number has few digits", "_transport", "    if len(digits) > _LONGEST_NUMBER:\n", "    if False:\n"),
    _hostile(
        "a number is not infinite", "_transport", '    if value in (float("inf"), float("-inf")):\n', "    if False:\n"
    ),
    _hostile("escapes reach no terminal", "_errors", "    return _UNPRINTABLE.sub(", "    _UNPRINTABLE.sub("),
    _hostile(
        "queries are taken out of links",
        "_errors",
        "_without_query(_without_login(_URL, word.group()))",
        "_without_login(_URL, word.group())",
    ),
    _hostile(
        "credentials are taken out of links",
        "_errors",
        "_without_query(_without_login(_URL, word.group()))",
        "_without_query(word.group())",
    ),
    _proof(
        "an answer is not another's: what comes before it is skipped",
        "_wire",
        "        while 100 <= self.status < 200 and self",
        "        while False and self",
    ),
    _proof(
        "a connection that had more than one answer ends",
        "_wire",
        "            if self.peek(1):\n",
        "            if False:\n",
    ),
    _proof("a list has a connection of its own", "_transport", "        if not shares:\n", "        if False:\n"),
    _proof("reads by ID share a connection", "_client", "bool(seen)", "False"),
    _proof("the API's refusal has its status", "_transport", "isinstance(told, int) and told == status and ", ""),
    _proof("the API's refusal has a message", "_transport", ' and isinstance(error.get("message"), str)', ""),
    _proof("a redirect is no refusal", "_transport", "or not 400 <= status < 500:", "or not 300 <= status < 500:"),
    _proof(
        "a 429 of others is no refusal of a write",
        "_transport",
        'status == 429 and asked.method == "GET"',
        "status == 429",
    ),
    _proof(
        "an exception after the request was sent is not known",
        "_transport",
        "    if not line.sent:\n",
        "    if True:\n",
    ),
    _proof("an exception before it is not sent", "_transport", "    if not line.sent:\n", "    if False:\n"),
    _proof("what is given up is ended", "_transport", "self.line.give_up() if was_given_up else True", "True"),
    _proof("what is given up sends nothing", "_wire", "            if self._given_up:\n", "            if False:\n"),
    _proof(
        "a read that came too slowly is repeated",
        "_client",
        "_PASSING = frozenset({408, 425})",
        "_PASSING = frozenset({425})",
    ),
    _proof("what others answer is not asked for again", "_client", " or not error.passing:", ":"),
    _proof(
        "what urllib3 logs goes nowhere",
        "_wire",
        "                logger.addFilter(_is_not_ours)\n",
        "                pass\n",
    ),
    _proof(
        "others keep their log",
        "_wire",
        "return not isinstance(threading.current_thread(), WireThread)",
        "return False",
    ),
    _proof("a stream that is given up is ended", "_store", "        self.line.give_up()\n", ""),
    _proof("a pause past the deadline is no pause", "_client", "if self.deadline.remaining() < pause:", "if False:"),
    _proof("a token is hidden", "_transport", "        never_show(target.token)\n", ""),
    _secret("known ones are masked", "_errors", "        text = text.replace(secret, _MASK)\n", "        pass\n"),
    _secret("masked, then cut", "_errors", "masked(whole[:_LONGEST_LOOK])", "masked(whole[:limit])"),
    _secret(
        "cut, then escaped", "_errors", "    text = text if len(text) <= limit else", "    text = whole if False else"
    ),
    _secret("passwords hold an @", "_errors", '    end = text.rfind("@")', '    end = text.find("@")'),
    _secret("passwords hold blanks", "_errors", "_without_login(_LOGIN, line) for", "line for"),
    _secret("values have names", "_errors", 'return _NAMED.sub(rf"\\1{_MASK}", text)', "return text"),
    _secret("tokens are borne", "_errors", '    text = _BEARER.sub(rf"\\1{_MASK}", text)\n', ""),
    _secret(
        "what ends within a secret is left out",
        "_errors",
        "    if len(whole) > _LONGEST_LOOK and len(text) <= limit:",
        "    if False:",
    ),
    _proxy(
        "a value that is no URL is not told",
        "_wire",
        "    if parts is None or ",
        "    if parts is not None and False or ",
    ),
    _proxy("passwords can be sent", "_wire", ' or not _is_hidden(parts["user"] or ""):', ":"),
    _proxy("a proxy that refuses is named", "_wire", "        if self._is_of_proxy:\n", "        if False:\n"),
    _proxy("a proxy is not tried again", "_transport", "words), passing=False)", "words))"),
    _proxy("a bundle is PEM", "_connection", "    if os.path.isfile(path):  #", "    if False:  #"),
    _proxy("no certificate, no warning", "_wire", "            self.is_verified = True\n", ""),
    _proxy("no TLS is told", "_transport", "isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS", "False"),
    _proxy("an alert of TLS is told", "_wire", "str(error.args[0]).startswith(_TLS_ALERT)", "False"),
    _header("days of a month", "calendar.monthrange(year, month)[1]", "31"),
    _header("years of two digits", '    if len(found["year"]) == 2:\n', "    if False:\n"),
    _header("a pause may be a date", "_number(text) if date is None else", "_number(text) if True else"),
    _header("a pause is not negative", "max(0.0, date - now)", "date - now"),
    _reach("6to4 stands for IPv4", "        return [ip.sixtofour]\n", "        return []\n"),
    _reach("Teredo stands for IPv4", "        return list(ip.teredo)\n", "        return []\n"),
    _reach("NAT64 stands for IPv4", "any(ip in network for network in _LAST_BITS)", "False"),
    _reach("ISATAP stands for IPv4", " or (int(ip) >> 32) & 0xFDFFFFFF == _ISATAP", ""),
    _reach("site-local is private", ' and not getattr(ip, "is_site_local", False)', ""),
    _keep("only the prefix is looked at", "    if not name.startswith(policy.name_prefix):\n", "    if False:\n"),
    _keep("the pattern fits the whole rest", "policy.name_pattern.fullmatch(rest)", "policy.name_pattern.match(rest)"),
    _keep("the group pattern fits the whole name", "match = pattern.fullmatch(name)", "match = pattern.match(name)"),
    _keep("imports are never deleted", "    if backup.backup_type == IMPORT:\n", "    if False:\n"),
    _keep(
        "another type is left alone",
        "policy.backup_type is not None and backup.backup_type not in (None, policy.backup_type)",
        "False",
    ),
    _keep(
        "a type that is not told is never deleted when one is asked",
        "    if policy.backup_type is not None and backup.backup_type is None:\n",
        "    if False:\n",
    ),
    _keep("a type that is not told does not count", " and policy.backup_type in (None, backup.backup_type)", ""),
    _keep(
        "what gives no group is kept",
        "    if policy.group_pattern is not None and group_of(backup.name, policy.group_pattern) is None:\n",
        "    if False:\n",
    ),
    _keep(
        "the newest completed one is kept", "        if (addon_id, backup.identity) in newest:\n", "        if False:\n"
    ),
    _keep("only completed ones are the newest", "return backup.status == COMPLETED and", "return True and"),
    _keep("protected ones are kept", "    if policy.protect & {backup.name, backup.id}:\n", "    if False:\n"),
    _keep("protected by ID, too", "{backup.name, backup.id}", "{backup.name}"),
    _keep("active ones are kept", "if backup.status in ACTIVE_STATES or backup", "if backup"),
    _keep("aborting ones are kept", " or backup.status == ABORTING", ""),
    _keep("an unknown state is kept", "    if backup.status not in FINAL_STATES:\n", "    if False:\n"),
    _keep("one being restored is kept", "return being_restored(backup, restores)", "return None"),
    _keep("failed ones are kept unless asked", " and not policy.delete_failed", " and False"),
    _keep(
        "each backup counts once", "setdefault((pair[0], pair[1].identity), pair)", "setdefault((id(pair), ()), pair)"
    ),
    _keep(
        "of two states the guarded one counts",
        "(_guard(pair[0], pair[1], policy, restores) is None, _rank(pair))",
        "(_rank(pair),)",
    ),
    _keep(
        "each member guards its group", "in unit.members:\n        if (addon", "in unit.members[:1]:\n        if (addon"
    ),
    _keep("a set that failed in part uses up nothing", "        if unit.whole:\n", "        if True:\n", "_rules"),
    _keep("a group has the time of its newest member", "time=max((posix_time", "time=min((posix_time"),
    _keep("days without a backup do not count", "            used = period\n", "            used = None\n", "_rules"),
    _keep("the numbers are heeded", "        if count == 0:\n            return\n", "", "_rules"),
    _keep("the calendar is in UTC", "_EPOCH + timedelta(seconds", "_EPOCH + timedelta(hours=2, seconds", "_rules"),
    _keep("weeks are those of ISO 8601", '"{}-W{:02}".format(*time.isocalendar()[:2])', 'f"{time:%Y-W%U}"', "_rules"),
    _keep("exactly as old as allowed is kept", "<= policy.keep_within:", "< policy.keep_within:", "_rules"),
    _keep("each addon is decided on for itself", 'setdefault(key[0] if single else "", [])', 'setdefault("", [])'),
    _keep("groups count over all addons", "if group is None else (group,)", "if group is None else (group, addon_id)"),
    _prune("the oldest goes first", "for one in reversed(decisions):", "for one in decisions:"),
    _prune("what is kept is not deleted", "        if one.keep:\n", "        if False:\n"),
    _prune("a failure of all stops", "_concerns_all(error) or", "False or"),
    _prune("after three failures it stops", " or len(failed) == _MOST_FAILURES", ""),
    _prune("one refusal does not stop", "return error.status in (401, 403)", "return True"),
    _prune("one unknown outcome does not stop", "return not isinstance(error, (OutcomeUnknown, _Held))", "return True"),
    _prune(
        "what is restored is asked for again after a while",
        "read_at.get(addon_id, -_FRESH) >= _FRESH:",
        "read_at.get(addon_id, 0) < 0:",
    ),
    _prune(
        "a backup whose ID is another's is not deleted",
        "    if now is None:\n        raise Gone\n",
        "    if now is None:\n        return\n",
    ),
    _prune("each is looked at before it goes", "        may_go()\n        delete(", "        delete("),
    _prune(
        "each is looked at before a DELETE is repeated",
        "one.addon_id, one.backup, may_go)",
        "one.addon_id, one.backup)",
    ),
    _prune(
        "what is restored at the last moment is kept",
        "    if reason is not None:\n        raise _Held",
        "    if False:\n        raise _Held",
    ),
    _prune("what is kept in the end is no failure", "not isinstance(error, _Held) or may_have_acted(error)", "True"),
    Mutant(
        "prune: what is being restored is asked for before anything goes",
        f"{_UTILS}/_prune_plan.py",
        "            work.read_restores(addon_id)\n",
        "            work.restores[addon_id] = ()\n            work.read_at[addon_id] = 0.0\n            work._decided = None\n",
        f"{_WIRE}/test_prune.py {_WIRE}/test_pre_deploy_sets.py",
    ),
    Mutant(
        "prune: what slipped from one page to another is looked for",
        f"{_UTILS}/_prune_plan.py",
        "        work.take(without_gaps(work.api, work.found))\n",
        "        pass\n",
        f"{_WIRE}/test_prune.py",
    ),
    _sets(
        "all addons of a release are asked", "if key_of_0_9(release_of(one.backup.name)) in going}", "if not one.keep}"
    ),
    _lost("a lost answer may have changed something", "isinstance(error, OutcomeUnknown) or may", "may"),
    _lost("also where the deadline came then", " or may_have_acted(error.__cause__ or error.__context__)", ""),
    _prune("a failure fails", "if left else None,", "if False else None,"),
    _prune(
        "only what is gone is told as deleted",
        "before if key_of(one) in gone),",
        "before if not one.keep),",
    ),
    _prune_argument("check mode does nothing", "planned(work) if call.check_mode else", "planned(work) if False else"),
    _prune_argument("a short prefix is refused", "    if len(prefix) < _SHORTEST_PREFIX:\n", "    if False:\n"),
    _prune_argument("a rule is required", "    if not given and keep_within is None:\n", "    if False:\n"),
    _prune_argument("keep is at least 1", "given[option], 1, None", "given[option], -9, None"),
    Mutant(
        "argument: no minutes",
        f"{_UTILS}/_checks.py",
        "[0-9.]+[hdw]",
        "[0-9.]+[smhdw]?",
        f"{_WIRE}/test_prune.py",
    ),
    _prune_argument("one group at most", "compiled.groups > 1:", "False:"),
    _prune_argument("a pattern compiles", "except (re.error, ", "except ("),
    _schedule("only its own kind is looked at", "if one.settings.kind == settings.kind)", "if True)", "_plan"),
    _schedule("two of a kind are an error", "    if len(held) > 1:\n", "    if False:\n", "_plan"),
    _schedule("times are compared", "(wanted.minute, wanted.hour, wanted.day) ==", "True or () ==", "_plan"),
    _schedule(
        "minutes are compared",
        "(wanted.minute, wanted.hour, wanted.day)",
        "(held.minute, wanted.hour, wanted.day)",
        "_plan",
    ),
    _schedule(
        "hours are compared",
        "(wanted.minute, wanted.hour, wanted.day)",
        "(wanted.minute, held.hour, wanted.day)",
        "_plan",
    ),
    _schedule(
        "days are compared",
        "(wanted.minute, wanted.hour, wanted.day)",
        "(wanted.minute, wanted.hour, held.day)",
        "_plan",
    ),
    _schedule("retention is compared", "wanted.retention_time == held.retention_time", "True", "_plan"),
    _schedule(
        "compression is compared",
        "        (wanted.compression_type, held.compression_type or wanted.compression_type),\n",
        "",
        "_plan",
    ),
    _schedule(
        "the destination is compared",
        "        (wanted.custom_destination_id, held.custom_destination_id),\n",
        "",
        "_plan",
    ),
    _schedule("what was not asked for does not count", "wish in (None, is_now)", "wish == is_now", "_plan"),
    _schedule(
        "copies are compared",
        "and _places_fit(wanted.additional_destinations, held.additional_destinations or ())",
        "",
        "_plan",
    ),
    _schedule("one copy less counts", "len(wanted) == len(held) and all(", "all(", "_plan"),
    _schedule(
        "another place counts",
        "place.destination_id in by_id\n        and",
        "place.destination_id not in by_id\n        or",
        "_plan",
    ),
    _schedule(
        "the time of a copy counts",
        "by_id[place.destination_id].retention_time in (None, place.retention_time)",
        "True",
        "_plan",
    ),
    _schedule(
        "copies that nobody spoke of do not count",
        "    if wanted is None:\n        return True\n",
        "    if wanted is None:\n        return not held\n",
        "_plan",
    ),
    _schedule(
        "compression that nobody spoke of stays",
        "_or(wanted.compression_type, held.compression_type)",
        "wanted.compression_type",
        "_plan",
    ),
    _schedule(
        "a destination that nobody spoke of stays",
        "_or(wanted.custom_destination_id, held.custom_destination_id)",
        "wanted.custom_destination_id",
        "_plan",
    ),
    _schedule("copies that nobody spoke of stay", "        places = is_now\n", "        places = ()\n", "_plan"),
    _schedule(
        "the time of a copy that nobody spoke of stays",
        "place._replace(retention_time=days.get(place.destination_id))",
        "place",
        "_plan",
    ),
    _schedule("an empty destination is not an open one", "is_now if wish is None else wish", "wish or is_now", "_plan"),
    _schedule(
        "those that are listed are sorted", "return rank, settings.interval", "return -rank, settings.interval", "_plan"
    ),
    _schedule("absent takes no times", "        if params[option] is not None:\n", "        if False:\n", "_rules"),
    _schedule(
        "times that the interval has not are refused",
        "        if values is not None:\n",
        "        if values:\n",
        "_rules",
    ),
    _schedule(
        "times that the interval needs are required", "    if not values:\n", "    if values is None:\n", "_rules"
    ),
    _schedule("times have a range", "        if not 0 <= value <= most:\n", "        if value > most:\n", "_rules"),
    _schedule("the last minute is 59", '"minute": 59', '"minute": 60', "_rules"),
    _schedule("the last hour is 23", '"hour": 23', '"hour": 24', "_rules"),
    _schedule("the last day is 6", '"day": 6', '"day": 7', "_rules"),
    _schedule("a time twice is refused", "        if values.count(value) > 1:\n", "        if False:\n", "_rules"),
    _schedule("retention is required", "    if value is None:\n", "    if False:\n", "_rules"),
    _schedule("retention has bounds", "value, 1, _checks.MOST_DAYS", "value, 0, 10**9", "_rules"),
    _schedule(
        "what only some sources forbid is warned of", "        if days > longest\n", "        if False\n", "_rules"
    ),
    _schedule("what all sources allow is not", "        if days > longest\n", "        if days >= longest\n", "_rules"),
    _schedule("hourly copies stay 7 days", '"hourly": 7', '"hourly": 8', "_rules"),
    _schedule("daily copies stay 60 days", '"daily": 60', '"daily": 61', "_rules"),
    _schedule(
        "a copy twice is refused", "        if copy.destination_id in [other", "        if False and [other", "_rules"
    ),
    _schedule("more than 500 are refused", "MOST_BACKUPS = 500", "MOST_BACKUPS = 501", "_rules"),
    _schedule("exactly 500 are taken", "number > MOST_BACKUPS", "number + 20 >= MOST_BACKUPS", "_rules"),
    _schedule("an hourly one runs 24 times a day", "(len(settings.hour) or 24)", "(len(settings.hour) or 1)", "_rules"),
    _schedule("a daily one runs 7 times a week", "(len(settings.day) or 7)", "(len(settings.day) or 1)", "_rules"),
    _schedule("an empty destination is allowed", "if value else value", "if value is not None else value", "_rules"),
    _schedule(
        "the answer to a creation may be lost",
        "look_for(api.client.deadline, late_commit(lost), look) or _repeated",
        "_repeated",
        "_start",
    ),
    _schedule(
        "another's is not taken for ours", "    if not fits(settings, found.settings):\n", "    if False:\n", "_start"
    ),
    _schedule(
        "what was there before is not ours",
        "Made(_fitting(held, settings), ours=False)",
        "Made(_fitting(held, settings))",
        "_start",
    ),
    _schedule(
        "the deleted one is not the new one", "return None if _is(held, gone) else held", "return held", "_start"
    ),
    _schedule(
        "one that is still there is noticed", "    if _is(held, gone):\n        raise StillThere\n", "", "_start"
    ),
    _schedule(
        "a second 409 is understood",
        "        # Refused because there is one: by then, the first request may have had its effect after all.\n        if error.status != 409:\n",
        "        if True:\n",
        "_start",
    ),
    _schedule(
        "a second refusal is a refusal",
        "        # Refused because there is one: by then, the first request may have had its effect after all.\n        if error.status != 409:\n",
        "        if False:\n",
        "_start",
    ),
    _schedule(
        "another refusal is no 409",
        "    except ApiError as error:\n        if error.status != 409:\n            raise\n        refused = error",
        "    except ApiError as error:\n        refused = error",
        "_start",
    ),
    _schedule(
        "a deletion is repeated for the same one only",
        "if not any(one.is_same_as(schedule) for",
        "if not any(True for",
        "_start",
    ),
    _schedule(
        "gone already is fine",
        "        if error.status != 404:\n            raise\n        return may_have_acted(error)",
        "        raise",
        "_start",
    ),
    _schedule(
        "what another deleted is not ours",
        "        return may_have_acted(error)\n    return True",
        "        return True\n    return True",
        "_start",
    ),
    _schedule("check mode does nothing", "    if work.check_mode:\n", "    if False:\n"),
    _schedule("check mode deletes nothing", "    if work.check_mode and found:\n", "    if False:\n"),
    _schedule(
        "the old one is put back",
        "        made = _put_back(work, api, decided, old, _missing.told(work.api, work.addon_id, error))\n",
        "        raise BackupError(_missing.told(work.api, work.addon_id, error)) from error\n",
    ),
    _schedule(
        "the old one is told whole", "    if work.error is not None and work.at_stake is not None:\n", "    if False:\n"
    ),
    _schedule(
        "what is safe is not told as lost",
        "            work.at_stake = None\n            raise\n",
        "            raise\n",
    ),
    _schedule(
        "what was put back is not told as lost",
        "work.at_stake, work.schedule, work.action = None, back",
        "_, work.schedule, work.action = None, back",
    ),
    _schedule(
        "a late new one is found when the old one is put back",
        "        if fits(decided.settings, taken.held.settings):\n",
        "        if False:\n",
    ),
    _schedule(
        "a late new one is not taken for the old one",
        "    if fits(decided.settings, back.schedule.settings):\n",
        "    if False:\n",
    ),
    _schedule("what another deleted is not put back", "        if not deleted:\n", "        if False:\n"),
    _schedule(
        "a lost creation may have changed something",
        "        work.changed, work.settings = True, settings\n",
        "        work.settings = settings\n",
    ),
    _schedule(
        "a lost deletion may have changed something",
        "            work.changed = work.changed or may_have_acted(error)\n",
        "",
    ),
    _schedule(
        "it does not begin what it might not end",
        "    if left is None or reset is None or left >= _REQUESTS_TO_FINISH:\n",
        "    if True:\n",
    ),
    _schedule(
        "it waits for the next hour if that is near", "    if pause > client.deadline.remaining():\n", "    if True:\n"
    ),
    _schedule(
        "it goes on until the schedule is there again", "_SECONDS_TO_FINISH = 3900.0", "_SECONDS_TO_FINISH = 0.0"
    ),
    _schedule(
        "unknown settings are warned of", "    if decided.old is not None and decided.old.extra:\n", "    if False:\n"
    ),
    _schedule(
        "what is unlike asked is warned of", "    if not fits(settings, schedule.settings):\n", "    if False:\n"
    ),
    _download("a broken file gets no name", "        self._intake.frames.finish()\n", ""),
    _download("a file that is too short is taken up again", "self._intake.size < stream.head.total:", "False:"),
    _download("what broke off is not begun anew", "not can_resume:", "True:"),
    _download("without a way to notice, it is", "is not None or self._intake.frames.can_tell)", "is not None or True)"),
    _download("a mixture of versions is no reason to fail", "if not self._is_patchwork:", "if True:"),
    _download("a file of another length is another", "!= self._intake.size or is_other:", "!= self._intake.size:"),
    _download("progress counts", "if self._intake.size > self._furthest:", "if False:"),
    _download("it is given up at last", "if self._failures > self._source.retries:", "if False:"),
    _download("the deadline ends it", "self._source.check_deadline()\n                self._source", "self._source"),
    _download("an expired link is made anew", "frozenset({401, 403, 410})", "frozenset({401, 410})"),
    _download("a second refusal is the last", "_NO_LONGER_GOOD or self._refused:", "_NO_LONGER_GOOD:"),
    _download("an ID may be another's by now", "if self._asked_before and not", "if False and not"),
    _download("a deleted backup is told", "if error.status == 404:", "if False:"),
    _download("room is needed for what comes", "        require_room(self._partial", "        (self._partial"),
    _download("the end is compared", "is_part and _are(stream, last_bytes(path, size - start))", "is_part"),
    _download("all of what is there is read", "found.frames.is_proven_by_end and", "True and"),
    _download("the same is not replaced", 'is_other = before["checksum"] != came.checksum', "is_other = True"),
    _download("what cannot be done to the file is found first", "        rehearse(str(partial.path))\n", ""),
    _download("several frames prove nothing by their end", " and self._check.frames == 1", "", "_frames"),
    _download(
        "gzip has an end",
        "        if not self._member.eof:\n            raise",
        "        if False:\n            raise",
        "_frames",
    ),
    _download("zstd has an end", "        if not self._frame.eof:\n", "        if False:\n", "_frames"),
    Mutant(
        "download: what packs extremely well fills no memory",
        f"{_UTILS}/_frames.py",
        "decompress(piece, _MOST_AT_ONCE)",
        "decompress(piece)",
        f"{_PURE}/module_utils/test_frames.py",
    ),
    _download("it is what the API says", "if compression not in (None, found):", "if False:", "_frames"),
    _download("a failure leaves nothing behind", "            self.path.unlink()", "            pass", "_place"),
    _download("a folder is no file", "    if path.is_dir():\n        raise", "    if False:\n        raise", "_place"),
    _download("a pipe is no file", "    if os.path.lexists(path) and not", "    if False and not", "_place"),
    _download("too little room is refused", "if usage.total and needed > usage.free:", "if False:", "_place"),
    _download("cookies are not kept", "DefaultCookiePolicy(allowed_domains=[])", "DefaultCookiePolicy()", "_store"),
    _download("a .netrc is not read", "    session.auth = lambda request: request\n", "", "_store"),
    _download("plain http is for this machine", " and both_here)", ")", "_store"),
    _download("a circle of redirects ends", "range(_MOST_REDIRECTS + 1)", "range(10_000)", "_store"),
    _download("addresses are looked at", "    if not may_lead_to(where, origin):", "    if False:", "_store"),
    _download(
        "a part is told by its place",
        "_CONTENT_RANGE.fullmatch(str(response",
        '_CONTENT_RANGE.match("bytes 0-0/1" or str(response',
        "_store",
    ),
    Mutant(
        "download: a new file is for its owner only",
        f"{_UTILS}/_module.py",
        "before = os.umask(0o077)",
        "before = os.umask(0o022)",
        f"{_WIRE}/test_download.py",
    ),
    _download(
        "an error quotes no link", "the storage {place}: {_words(error)}", "the storage {place}: {error}", "_store"
    ),
    _mirror("somebody else's file is not replaced", "    if entry is None:\n", "    if False:\n", "_mirror_plan"),
    _mirror(
        "a changed file is told",
        "    if entry.size != there[name]:\n        return Step(name, FAIL",
        "    if False:\n        return Step(name, FAIL",
        "_mirror_plan",
    ),
    _mirror("a file is of one backup", "    if not is_of(name, entry, backup):\n", "    if False:\n", "_mirror_plan"),
    _mirror(
        "a uid counts where both have one", "        return entry.uid == backup.uid\n", "        pass\n", "_mirror_plan"
    ),
    _mirror(
        "a uid may be left out", "if entry.uid is not None and backup.uid is not None:", "if True:", "_mirror_plan"
    ),
    _mirror("a folder is one API's", "    if others:\n", "    if False:\n"),
    _mirror("a folder is one team's", "(entry.api, entry.team_id) != ours", "entry.api != ours[0]", "_mirror_plan"),
    _mirror("an old list has to be proved", "    if unknown:\n", "    if False:\n"),
    _mirror("what proves an old list is a backup", "return {} if is_proved else old", "return {}", "_mirror_plan"),
    _mirror("an old list is bound", "**told_origin(origin_of(api, settings), known), ", ""),
    _mirror(
        "the newest stays", "if step.action == DELETE and step is newest", "if False and step is newest", "_mirror_plan"
    ),
    _mirror("not all goes at once", "    elif held_back(steps, settings) is not None:\n", "    elif False:\n"),
    _mirror(
        "that too much would go fails", "    return held_back(planned, settings)\n", "    return None\n", "_module"
    ),
    _mirror(
        "a list may be wrong about what is gone", "        return step.action == DELETE or step", "        return step"
    ),
    _mirror(
        "only a 404 is gone",
        "            if error.status == 404:\n                return step\n",
        "            return step\n",
    ),
    _mirror(
        "what is asked about may be there", "        if not is_of(step.name, entry, backup):\n", "        if True:\n"
    ),
    _mirror("a lost list is made anew", " or step.reason == _hints_mirror.NOT_OURS", ""),
    _mirror("only what proves right is taken in", "        if found is None:\n            return step\n", ""),
    _clock("one that jumps judges nothing", "    if clock.spread > _SLACK:\n", "    if False:\n"),
    _clock("one that is far away judges nothing", "    if abs(clock.now - clock.here) > _FAR:\n", "    if False:\n"),
    _clock("far away is so on both sides", "abs(clock.now - clock.here)", "(clock.now - clock.here)"),
    _clock("no backup is younger than now", "last.age(now) < -_SLACK", "False"),
    _clock(
        "max_age asks", "        _require_clock(wanted, found, now)\n", "        pass\n", "module_utils/_backup_plan"
    ),
    _clock(
        "a new set asks",
        "    _ages.check(now, (backup for backups in found.values() for backup in backups))\n",
        "",
        "module_utils/_pre_deploy_snapshot",
    ),
    _clock(
        "a prune asks",
        "    if keep_within:\n        _ages.check",
        "    if False:\n        _ages.check",
        "module_utils/_pre_deploy_prune",
    ),
    _clock("a list by age asks", "            _ages.check(now, backups)\n", "", "modules/addon_backup_info"),
    _clock(
        "all answers are compared",
        "(min(least, offset), max(most, offset))",
        "(offset, offset)",
        "module_utils/_client",
    ),
    *(
        Mutant(
            f"worker: {name}", "plugins/plugin_utils/_worker.py", old, new, "tests/integration/test_controller_side.py"
        )
        for name, old, new in (
            ("an orphan stops", " or os.getppid() != parent", ""),
            ("no_log silences progress", " and not self._task.no_log", ""),
            ("paths are those of the task's environment", "        with self._environment():\n", "        if True:\n"),
        )
    ),
    _place("devices are no place", "        if any(place == root or", "        if False and any(place == root or"),
    _place(
        "links are followed one by one", "        if not path.is_symlink():\n            return\n", "        return\n"
    ),
    _place("a pipe is no place", "if os.path.lexists(path) and not path.is_file() and (", "if False and ("),
    _place("an immutable file is told", "    if _is_frozen(path):\n", "    if False:\n"),
    _place(
        "what is left is swept",
        "                path.unlink()\n\n\ndef abandon",
        "                pass\n\n\ndef abandon",
    ),
    _place("what is used is not swept", "                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n", ""),
    _place("what is given up is removed", "    for path in tuple(_in_use):\n", "    for path in ():\n"),
    Mutant(
        "prune: a pattern that explodes is refused",
        "plugins/modules/addon_backup_prune.py",
        "    if explodes:\n",
        "    if False:\n",
        f"{_WIRE}/test_prune.py",
    ),
    Mutant(
        "prune: a separator that stands elsewhere is none",
        f"{_UTILS}/_patterns.py",
        " or any(_may_be(inner, one, value) for inner, one in _all(body[1:]))",
        "",
        f"{_PURE}/module_utils/test_patterns.py",
    ),
    Mutant(
        "diff: callbacks cannot show a list",
        f"{_UTILS}/_task.py",
        "if isinstance(side, (list, tuple)) else side",
        "if False else side",
        f"{_WIRE}/test_diffs.py",
    ),
    _mirror(
        "a pipe keeps nobody waiting",
        "        with open_regular(path) as file:\n            data",
        "        with path.open('rb') as file:\n            data",
        "_manifest",
    ),
    _mirror(
        "an addon that is gone may have the last", "    if addon_id not in found:\n", "    if False:\n", "_mirror_plan"
    ),
    _mirror("what is listed stays", "        if is_of(name, entry, backup):\n", "        if False:\n", "_mirror_plan"),
    _mirror(
        "what was changed stays",
        "    if entry.size != there[name]:\n        return Step(name, KEEP",
        "    if False:\n        return Step(name, KEEP",
        "_mirror_plan",
    ),
    _mirror("delete can be off", "    if not delete:\n", "    if False:\n", "_mirror_plan"),
    _mirror("other projects are left alone", "entry.project_id == project_id and (whole", "(whole", "_mirror_plan"),
    _mirror("other addons are left alone", "(whole_project or entry.addon_id in found)", "True", "_mirror_plan"),
    _mirror(
        "content counts before it is deleted",
        "if entry is None or checksum(",
        "if entry is None or False and checksum(",
    ),
    _mirror(
        "what came meanwhile is not replaced", "            if os.path.lexists(path):\n", "            if False:\n"
    ),
    _mirror("nothing goes where something did not come", "if any(step.action == FAIL for step in steps):", "if False:"),
    _mirror("room is needed for all together", "    require_room(settings.folder, sum(coming))\n", ""),
    _mirror("no name leads elsewhere", "not is_a_name(name) or not", "not", "_manifest"),
    _mirror("one run at a time", "            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n", "", "_manifest"),
    _mirror("a link is no file of ours", "path.is_file() and not path.is_symlink()", "path.is_file()", "_manifest"),
    _mirror("what came is noted", "            self.manifest.put({step.name: entry})\n", ""),
    _reach("a private network is none of the API's", "return PRIVATE in origin or LOOPBACK in origin", "return True"),
    _reach("this machine is none of the API's", "(target == LOOPBACK and LOOPBACK in origin)", "target == LOOPBACK"),
    _reach("where clouds serve credentials", "ip.is_link_local or ", ""),
    _reach("an address in another's clothes", "        return [ip.ipv4_mapped]\n", "        return []\n"),
    _fleet("two projects never make one name", 'f"{self.addon.id}.{self.project_id}"', "self.addon.id"),
    _fleet("an empty list is not all", "    if not values:\n", "    if False:\n"),
    _fleet("a project is named once", "        if project_id in ids:\n", "        if False:\n"),
    _fleet("an option that is none is refused", "        if name not in known:\n", "        if False:\n"),
    _fleet("a project that cannot be read is an error", "        if project_id in failures:\n", "        if False:\n"),
    _fleet("a slip in a filter is told", "            if value not in known\n", "            if False\n"),
    _fleet("another address is another cache", "[connection.target.url, ", '["", '),
    _fleet("another team is another cache", "connection.team_id, ", ""),
    _fleet("other projects are another cache", "None if projects is None else sorted(projects)", "None"),
    _fleet("what is kept is looked at", "    if not isinstance(kept, list):\n        return None\n", ""),
    _fleet("an ID that no task could use is an error", '        _require_id("an addon", addon_id)\n', "        pass\n"),
    _fleet("a project's ID is looked at", '            _require_id("a project", project_id)\n', "            pass\n"),
    Mutant(
        "worker: a file that is replaced hands on its permissions",
        "plugins/plugin_utils/_files.py",
        "        Path(source).chmod(stat.S_IMODE(before.st_mode))\n",
        "",
        f"{_PURE}/plugin_utils/test_files.py",
    ),
    Mutant(
        "worker: modes and owners are left to the module",
        "plugins/plugin_utils/_files.py",
        "not FILE_COMMON_ARGUMENTS.keys().isdisjoint(options)",
        "False",
        f"{_PURE}/plugin_utils/test_files.py",
    ),
    Mutant(
        "worker: SELinux is left to the module",
        "plugins/plugin_utils/_files.py",
        "SELINUX.is_dir() or ",
        "",
        f"{_PURE}/plugin_utils/test_files.py",
    ),
    _live(
        "the addon's name is typed again",
        "    if typed != options.place.addon:\n",
        "    if not typed:\n",
        "cli",
        "integration/test_live.py::test_nothing_is_sent_where_another_name_is_typed",
    ),
    _live(
        "GETs only without WRITE",
        "        if lab.writes:\n",
        "        if True:\n",
        "cli",
        "integration/test_live.py::test_without_write_it_sends_gets_only",
    ),
    _live(
        "nothing is begun that the budget may not hold",
        "            lab.wire.require(most_requests(steps))\n",
        "",
        "cli",
        "integration/test_live.py::test_it_does_not_begin_to_write_what_the_budget_may_not_hold",
    ),
    _live(
        "the margin is left to others",
        "self.remaining - count >= self.margin",
        "self.remaining - count >= 0",
        "wire",
        "integration/test_live.py::test_it_leaves_the_margin_to_others",
    ),
    _live(
        "it cleans up whatever has happened",
        "        left = clean_up(lab)\n",
        "        left = []\n",
        "cli",
        "integration/test_live.py::test_ctrl_c_at_any_wait_leaves_nothing_behind",
    ),
    _live(
        "the cleanup may use the margin",
        "    lab.wire.margin = 0\n",
        "",
        "cleanup",
        "integration/test_live.py::test_it_stops_and_cleans_up_where_others_use_the_budget_up",
    ),
    _live(
        "it waits for its restore before it deletes",
        "        _restore(lab)\n",
        "",
        "cleanup",
        "integration/test_live.py::test_ctrl_c_at_any_wait_leaves_nothing_behind",
    ),
    _live(
        "what is active is aborted first",
        "        if status_in(answer, backup_id) in ACTIVE:\n",
        "        if False:\n",
        "cleanup",
        "integration/test_live.py::test_ctrl_c_at_any_wait_leaves_nothing_behind",
    ),
    _live(
        "what others have made stays",
        ".endswith(stamp)",
        '.endswith("")',
        "cleanup",
        "integration/test_live.py::test_what_others_have_made_stays",
    ),
    _live(
        "schedules of the addon's own stay",
        '    if lab.evidence.facts.get("schedules") != []:\n',
        "    if False:\n",
        "schedules",
        "integration/test_live.py::test_what_others_have_made_stays",
    ),
    _live(
        "schedules that cannot be read are not none",
        '    if not lab.evidence.all("schedules")[-1].ok:\n',
        "    if False:\n",
        "reading",
        "integration/test_live.py::test_schedules_that_cannot_be_read_are_not_touched",
    ),
    _live(
        "names are replaced in the file",
        '        value = re.sub(rf"(?<![\\w-]){re.escape(name)}(?![\\w-])", instead, value)\n',
        "        pass\n",
        "report",
        "unit/live/test_probes.py",
    ),
    _live(
        "a proxy's page is no success",
        "self.accepted and isinstance(self.body, dict)",
        "self.accepted",
        "wire",
        "unit/live/test_probes.py",
    ),
    _live(
        "a refusal needs the error object",
        "    if answer.error is None or answer.status in (401, 403)",
        "    if answer.status in (401, 403)",
        "evidence",
        "unit/live/test_probes.py",
    ),
    _live(
        "an order that fits twice tells nothing",
        "    if len(fitting) > 1:\n        return None\n",
        "",
        "probes_lists",
        "unit/live/test_probes.py",
    ),
    _live(
        "a restore of an earlier backup of the ID is none",
        ' and at >= str(entry.get("createdAt", ""))',
        "",
        "probes_lists",
        "unit/live/test_probes.py",
    ),
    _live(
        "a name is the reason only if another is accepted",
        "    if other is None or not other.ok:\n",
        "    if False:\n",
        "probes_actions",
        "unit/live/test_probes.py",
    ),
    _live(
        "a limit is one only if a day less is accepted",
        "    if within is None or not within.ok:\n",
        "    if False:\n",
        "probes_others",
        "unit/live/test_probes.py",
    ),
    _live(
        "a request without an answer may take effect late",
        "    if lab.unanswered:\n",
        "    if False:\n",
        "cleanup",
        "integration/test_live.py::test_a_request_that_takes_effect_late_leaves_nothing_behind",
    ),
    _live(
        "the addon in the answer is the one that was asked for",
        '    if answer.fields.get("id") != lab.place.addon:\n',
        "    if False:\n",
        "cli",
        "integration/test_live.py::test_an_answer_about_another_addon_ends_it",
    ),
    _live(
        "a list that is none does not prove that nothing is left",
        "    return [command(lab, backup_id) for backup_id in remaining] if is_known else _everything(lab)\n",
        "    return [command(lab, backup_id) for backup_id in remaining]\n",
        "cleanup",
        "integration/test_live.py::test_answers_that_make_no_sense_end_nothing_but_what_they_are_about",
    ),
    _live(
        "a list from before a restore lacks nothing",
        '    for question, answer in evidence.in_order("restores", "list"):\n',
        '    for question, answer in sorted(evidence.in_order("restores", "list"), key=lambda each: each[0] == "list"):\n',
        "probes_lists",
        "unit/live/test_probes.py",
    ),
    _live(
        "a conflict says nothing about a body",
        "    if answer.status == 409:\n",
        "    if False:\n",
        "evidence",
        "unit/live/test_probes.py",
    ),
]
