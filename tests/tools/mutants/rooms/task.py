# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _task, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_task/watch.py",
        "tests/unit/test_progress.py tests/wire/backup/test_waiting.py",
        {
            "waiting: what was not seen is not claimed": (
                "self.error = OutOfTime(self.state, self.unseen)",
                "self.error = OutOfTime(self.state)",
            ),
            "waiting: an answer after a lost one is news": (
                "self._asked_to_pause, self._trouble = 0.0, None",
                "self._asked_to_pause = 0.0",
            ),
            "waiting: it was seen when there was an answer": (
                "        if self._trouble is None or self._seen_at is None:\n",
                "        if True:\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/each.py",
        "tests/wire/task/test_tables.py",
        {
            "each: of a project, one that cannot be read hides no other": (
                "return addon_ids is not None or holds_for_all(error)",
                "return True",
            ),
            "each: one that is named has to be readable": ("return addon_ids is not None or ", "return "),
            "each: a project of which nothing can be read is a failure": (
                "if ends_all(error) or not found:",
                "if ends_all(error):",
            ),
            "each: one goes ahead": ("(calls[:1], calls[1:])", "(calls,)"),
            "each: after a failure that holds for all, nothing is asked": (
                "        if any(map(ends_all, tuple(failed.values()))):\n",
                "        if False:\n",
            ),
            "each: the others are read side by side": ("_AT_ONCE = 8", "_AT_ONCE = 1"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/not_found.py",
        "tests/wire/task/test_tables.py tests/wire/backup/test_sets.py",
        {
            "holds for all: a refusal of the token": ("return error.status in BY_TOKEN", "return False"),
            "holds for all: a project or a host that is not there": (
                "isinstance(error, (NotSent, NoProject, RateLimited))",
                "isinstance(error, RateLimited)",
            ),
            "holds for all: a budget that is used up": ("(NotSent, NoProject, RateLimited)", "(NotSent, NoProject)"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/tables.py",
        "tests/wire/task/test_tables.py",
        {
            "tables: what comes from the API cannot break a line": ("safe_text(cell, _WIDEST)", "str(cell)"),
            "tables: what is not known is not shown as something": (
                "NO_VALUE if count is None else messages.size(count)",
                "messages.size(count or 0)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/ages.py",
        "tests/wire/task/test_tables.py",
        {
            "tables: a clock that is wrong tells no age": (
                "        return trusted(clock)\n",
                "        return clock.now\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/backups.py",
        "tests/unit/backup/test_backup_plan.py",
        {
            "table: the newest is chosen": ("return max(backups, key", "return min(backups, key"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/watch.py",
        "tests/wire/backup/test_waiting.py tests/wire/task/test_frugal.py",
        {
            "waiting: it ends at the deadline": ("deadline.remaining() - _LAST_LOOK", "max(1.0, deadline.remaining())"),
            "waiting: an unknown state ends it": ("if self.state.status not in self._known:", "if False:"),
            "waiting: a lost look is tolerated": (
                "        except (DeadlineReached, OutcomeUnknown) as error:\n            self._trouble = error",
                "        except (DeadlineReached, OutcomeUnknown):\n            raise",
            ),
            "waiting: a list that shows nobody busy is given up": ("and self._vain < _VAIN_LOOKS", "and True"),
            "waiting: the list costs no more than it saves": ("self.cost <= pending", "True"),
            "waiting: a list that cannot be had is no reason to fail": (
                "except NorthflankError:\n            #",
                "except KeyError:\n            #",
            ),
            "waiting: what is no longer busy is looked at": ("if was_busy and not watch.shown_busy:", "if False:"),
            "waiting: an end is believed only of what was shown busy": ("if was_busy and not", "if not"),
            "waiting: a list is no proof": ("beside if watch.shown_busy else own", "9e9 if watch.shown_busy else own"),
            "waiting: looks beside the list are left out where the budget is small": (
                "left >= _PLENTY * len(pending)",
                "True",
            ),
            "waiting: the list is looked at first": (
                "own = max(own, self._listing_due - self._deadline.elapsed())",
                "pass",
            ),
            "waiting: looks are paid from the purse": (
                "self._purse.spend(max(0, self._client.requests - before - sum(watch.over for watch in due)))",
                "pass",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/polling_pace.py",
        "tests/unit/task tests/wire/task/test_frugal.py",
        {
            "pace: a small budget is spread": ("if looks is not None and ahead > 0:", "if False:"),
            "pace: without budget it waits for the next hour": (
                "    if looks < 1:\n        return ahead\n",
                "    if looks < 1:\n        return 0.0\n",
            ),
            "pace: what confirms is not spent on looks": ("rate.remaining - owed", "rate.remaining"),
            "pace: only a share is spent": ("self._share * free", "free"),
            "pace: what others use is gone": (
                "return min(max(0.0, self._allowed - self._spent), free)",
                "return max(0.0, self._allowed - self._spent)",
            ),
            "pace: a new hour fills the purse": ("or rate.reset > self._reset + _NEW_HOUR", ""),
            "pace: an answer that was overtaken does not": ("self._reset + _NEW_HOUR", "self._reset"),
            "pace: looks become rarer in a set": ("min(_RAREST_FROM, members) / _RARER_FROM", "1.0"),
            "pace: freshness has a limit of its own": (
                "min(left, _FOR_FRESHNESS * self._first - self._spent)",
                "left",
            ),
            "pace: one of many has nothing to spare": ("or by_others > self._spent + _OTHERS_MAY", ""),
            "pace: the history does not count where little is to spare": (" and spare >= _TO_AIM", ""),
            "pace: what is spare makes it fresher": ("if waited > 0 and spare >= 1:", "if False:"),
            "pace: looks become rarer with time": ("max(pace.least, pace.growth * waited)", "pace.least"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/expectation.py",
        "tests/unit/task/test_expectation.py",
        {
            "aim: few say nothing": ("if len(spans) < _ENOUGH:", "if not spans:"),
            "aim: durations that differ widely say nothing": ("if end <= _WIDEST * begin else None", ""),
            "aim: close around the end": ("max(_LEAST, _CLOSE * taken)", "plain"),
            "aim: what ends sooner than ever is seen": ("max(_FIRST, _EARLY * taken)", "until"),
            "aim: one odd duration does not count": ("spans = spans[1:-1]", "pass"),
            "aim: what grows goes on": ("return [span + slope * (len(spans) - place)", "return [span"),
        },
    ),
    *broken(
        "plugins/module_utils/_backup/present.py",
        "tests/wire/backup/test_waiting.py",
        {
            "aim: another type says nothing": (" and one.backup_type == run.result.wanted.backup_type", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_task/polling_pace.py",
        "tests/wire/backup/test_exactly_one.py",
        {
            "waiting: polling heeds the budget": ("if rate.remaining is None or rate.reset is None:", "if True:"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/backups.py",
        "tests/wire/api/test_other_answers.py",
        {
            "answer: what was there before is known without a uid": (
                "any(backup.is_same_as(one) for one in self._by_id.get(backup.id, ()))",
                "any(backup.identity == one.identity for one in self._by_id.get(backup.id, ()))",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/access.py",
        "tests/wire/task/test_access.py",
        {
            "access: only a refused token is asked about": (
                "    if not api.client.refusals & BY_TOKEN:",
                "    if False:",
            ),
            "access: an answer that fails explains nothing": (
                "    except NorthflankError:",
                "    except ZeroDivisionError:",
            ),
            "access: a team that is given is not asked for": ("if api.team_id is None and", "if True and"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/validation.py",
        "tests/unit/task/test_validation.py",
        {
            "rule: a name's length": ("if not 3 <= len(value) <= 39:", "if False:"),
            "rule: a name's pattern": ("if not _NAME.fullmatch(value):", "if False:"),
            "rule: a name's very end": ("_NAME.fullmatch(value)", '_NAME.fullmatch(value.rstrip("\\n"))'),
            "rule: ECMAScript's blanks": ("\\u3000\\ufeff", "\\u3000"),
            "rule: a destination's length": ("if not 3 <= len(value) <= 100:", "if False:"),
            "rule: a destination's pattern": ("if not _DESTINATION.fullmatch(value):", "if False:"),
            "rule: a destination is required": (
                'if value is None:\n        raise InvalidInput(option, "is required")',
                'if value is None:\n        return "abc"',
            ),
            "rule: days of retention": ('1, MOST_DAYS, "days")', '0, MOST_DAYS + 1, "days")'),
            "rule: an ID is not empty": (
                '    if not value:\n        raise InvalidInput(option, "must not be empty")',
                '    if False:\n        raise InvalidInput(option, "must not be empty")',
            ),
            "rule: an ID never changes the path": ("if not _ID.fullmatch(value):", "if False:"),
            "rule: no addon twice": ("if addon_id in ids:", "if False:"),
            "rule: at least one addon": ("    if not values:\n", "    if False:\n"),
            "rule: addon IDs are stripped": ("identifier(option, value.strip())", "identifier(option, value)"),
            "rule: bounds of whole numbers": ("if value < least or (most is not None and value > most):", "if False:"),
            "rule: bounds of shares": ("if not 0 < value <= 1:", "if False:"),
            "rule: a duration is above 0": ("if seconds <= 0:", "if False:"),
            "rule: options of one type": ("if value is not None and backup_type != needed:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/task.py",
        "tests/wire/task/test_refusals.py",
        {
            "argument: the project ID is checked": (
                'validation.identifier("project_id", self.params["project_id"])',
                'self.params["project_id"]',
            ),
            "argument: wait_timeout is checked": (
                'validation.time_limit("wait_timeout", self.params["wait_timeout"])',
                'validation.time_limit("wait_timeout", "1800")',
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/connection.py",
        "tests/unit/task/test_connection.py",
        {
            "connection: a token is needed": ("    if token is None:\n", "    if False:\n"),
            "connection: empty variables count as unset": (
                "next((value for value in values if value), None)",
                "next((value for value in values if value is not None), None)",
            ),
            "connection: http is for loopback": ('if parts.scheme == "http" and not is_loopback(host):', "if False:"),
            "connection: an address has no path": (
                'if parts.path not in ("", "/") or parts.query or parts.fragment:',
                "if False:",
            ),
            "connection: credentials in an address are not shown": (
                '    shown = None if "@" in text else text\n    try:\n        parts',
                "    shown = text\n    try:\n        parts",
            ),
            "connection: nor those of a variable": (
                'shown = None if "@" in text else text\n        raise',
                "shown = text\n        raise",
            ),
            "connection: our variable comes first": (
                "for name in URL_VARIABLES",
                "for name in reversed(URL_VARIABLES)",
            ),
            "connection: the team's ID is checked": ('validation.identifier("team_id", team_id)', "team_id"),
            "connection: the CA file exists": (
                "    if not os.path.isfile(path) and not os.path.isdir(path):",
                "    if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/members.py",
        "tests/unit/task/test_concurrency.py",
        {
            "set: what the first is refused is known before the others go on": (
                "        if client.refusals & BY_TOKEN:",
                "        if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/causes.py",
        "tests/unit/task/test_causes.py",
        {
            "causes: a cause is told once": (
                'groups.setdefault(_ID.sub("", text), {})',
                "groups.setdefault(error + addon_id, {})",
            ),
            "causes: IDs tell no causes apart": ('_ID.sub("", text)', "text"),
            "causes: what all say is told once": ("shared += 1", "break"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/backup/test_sets.py",
        {
            "set: the others do not wait for all that the first one does": (
                '        if method != "GET":\n            self.written.set()',
                "        if False:\n            self.written.set()",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/members.py",
        "tests/wire/backup/test_sets.py",
        {
            "set: all or nothing": (
                '            if run.result.error is None:\n                run.note(error=""',
                '            if False:\n                work.note(error=""',
            ),
            "set: one failure fails the task": (
                "each.error for each in found if each.error is not None and",
                "each.error for each in found[:1] if each.error is not None and",
            ),
            "set: a refusal of the first ends it for all": (
                "        if leaders and leaders[-1].holds_for_all and run.result.error is None:",
                "        if False:",
            ),
            "set: the others follow the first": ("        may_follow.wait()\n", ""),
            "set: only what asks the API goes ahead": (
                "while left and client.requests == before and not may_follow.is_set():",
                "if left:",
            ),
            "set: what was not touched is no part of a failure": (
                " for each in found if not each.held_back]\n",
                " for each in found]\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/connection.py",
        "tests/wire/task/test_contexts.py",
        {
            "context: a context's token goes to its host": ("None if context is None else context.host)", "None)"),
            "context: an explicit token wins": (
                "return token or context.token, context",
                "return context.token, context",
            ),
            "context: an explicit context wins over the environment": (
                "    if name is not None:\n        context = read",
                "    if False:\n        context = read",
            ),
            "context: the environment's token wins over its context": (
                "    if token is not None or name is None:",
                "    if name is None:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/cli_context.py",
        "tests/wire/task/test_contexts.py",
        {
            "context: what is nested too deeply is no error of the program": (
                "    except (ValueError, RecursionError) as error:",
                "    except ValueError as error:",
            ),
            "context: a readable file is warned about": (
                "    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):\n",
                "    if False:\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/members.py",
        "tests/wire/restore/test_restore.py",
        {
            "restore: all or nothing": (
                '            if run.result.error is None:\n                run.note(error=""',
                '            if False:\n                work.note(error=""',
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/restore_history.py",
        "tests/model/test_model.py",
        {
            "whole runs: another backup that was put back counts as well": (
                "return any(posix_time(one.started_at) >= posix_time(backup.created_at) for one in restores)",
                "return any(may_be_of(one, backup) for one in restores)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/restore_history.py",
        "tests/unit/retention/test_retention.py",
        {
            "role: an ID may have been an earlier backup's": (
                "return is_named and posix_time(restore.started_at) >= posix_time(backup.created_at)",
                "return is_named",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/connection.py",
        "tests/wire/api/test_proxies.py tests/wire/api/test_tls.py",
        {
            "proxy: a bundle is PEM": ("    if os.path.isfile(path):  #", "    if False:  #"),
        },
    ),
    *broken(
        "plugins/module_utils/_retention/policy.py",
        "tests/wire/retention/test_prune.py",
        {
            "argument: no minutes": ("[0-9.]+[hdw]", "[0-9.]+[smhdw]?"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/module.py",
        "tests/wire/download/test_download.py",
        {
            "download: a new file is for its owner only": ("before = os.umask(0o077)", "before = os.umask(0o022)"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/ages.py",
        "tests/unit/task/test_ages.py tests/wire/task/test_clocks.py",
        {
            "clocks: one that jumps judges nothing": ("    if clock.spread > _SLACK:\n", "    if False:\n"),
            "clocks: one that is far away judges nothing": (
                "    if abs(clock.now - clock.here) > _FAR:\n",
                "    if False:\n",
            ),
            "clocks: far away is so on both sides": ("abs(clock.now - clock.here)", "(clock.now - clock.here)"),
            "clocks: no backup is younger than now": ("last.age(now) < -_SLACK", "False"),
        },
    ),
    *broken(
        "plugins/module_utils/_task/patterns.py",
        "tests/unit/task/test_patterns.py",
        {
            "prune: a separator that stands elsewhere is none": (
                "any(_overlap(body[0], other) for other in _all(body[1:])) or ",
                "",
            ),
            "prune: repetitions in a row share a text": (" or repeats_in_a_row(pattern) > _MOST_IN_A_ROW", ""),
            "prune: alternatives that begin alike": (
                "not is_told_apart or any(_overlap(one[0], other[0]) for one, other in combinations(firsts, 2))",
                "not is_told_apart",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_task/task.py",
        "tests/wire/task/test_diffs.py",
        {
            "diff: callbacks cannot show a list": (
                "if isinstance(side, (list, tuple)) else side",
                "if False else side",
            ),
        },
    ),
]
