# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program: options, what it announces, the confirmation, and its end."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import yaml
from ansible_collections.northflank.cloud.plugins.module_utils._api.errors import InvalidInput
from ansible_collections.northflank.cloud.plugins.module_utils._api.timing import Timing
from ansible_collections.northflank.cloud.plugins.module_utils._task import connection as task_connection
from ansible_collections.northflank.cloud.plugins.module_utils._task import validation

from . import report
from .cleanup import clean_up, command, leftovers
from .lab import Lab, Place
from .reading import READING
from .steps import Step, most_requests, run_steps
from .wire import Say, Stopped, Wire
from .writing import WRITING, plan

ROOT = Path(__file__).resolve().parents[2]
# Requests of the hour that this program leaves to others, and to its own cleanup.
MARGIN = 100
_ON, _OFF = ("1", "true", "yes"), ("", "0", "false", "no")
FINE, INCOMPLETE, BAD_INPUT = 0, 1, 2


class Options(NamedTuple):
    """What the person has given.

    :ivar out: the file to write.
    """

    place: Place
    connection: task_connection.Connection
    writes: bool
    confirm: str
    out: Path


def main(
    arguments: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
    timing: Timing | None = None,
    ask: Callable[[str], str] = input,
    say: Say = lambda line: print(line, flush=True),
) -> int:
    """Find out what can be found out. Returns 0, 1 where not all was done, 2 where nothing was sent."""
    try:
        options = _options(arguments, os.environ if environment is None else environment)
        _announce(options, say)
        _confirm(options, ask)
    except InvalidInput as error:
        print(f"make live: {error}", file=sys.stderr)
        return BAD_INPUT
    timing = timing or Timing()
    lab = Lab(Wire(options.connection.target, timing, MARGIN), options.place, say, writes=options.writes)
    is_whole, left = True, []
    try:
        is_whole = _look(lab)
    finally:
        left = clean_up(lab)
        _tell(lab, options, timing, left)
    return FINE if is_whole and not left else INCOMPLETE


def _look(lab: Lab) -> bool:
    """Take all steps. False where not all could be taken."""
    try:
        run_steps(lab, READING)
        _require_addon(lab)
        _tell_leftovers(lab)
        if lab.writes:
            steps = plan(lab.evidence.facts.get("status"))
            if steps is not WRITING:
                lab.say("The addon is paused: it is only asked for a backup, which is removed again.")
            lab.wire.require(most_requests(steps))
            lab.say(f"Now to what changes something: at most {most_requests(steps)} requests.")
            run_steps(lab, steps)
    except Stopped as end:
        lab.say(str(end))
        if lab.wire.refused is not None:
            lab.evidence.add("429", lab.wire.refused)
        return False
    except KeyboardInterrupt:
        lab.say("Interrupted.")
        return False
    return True


def _require_addon(lab: Lab) -> None:
    answer = lab.evidence.last("addon")
    if answer is None or not answer.ok:
        shown = "no answer came" if answer is None else f"HTTP {answer.status}"
        raise Stopped(f"The addon cannot be read ({shown}). Check PROJECT, ADDON, NORTHFLANK_TEAM_ID and the token.")
    if answer.fields.get("id") != lab.place.addon:
        raise Stopped("The API answers with something else than the addon that it was asked for. Nothing was changed.")
    lab.evidence.facts["status"] = answer.fields.get("status")


def _tell_leftovers(lab: Lab) -> None:
    left = leftovers(lab.evidence.facts.get("before", []))
    if left:
        lab.say("An earlier run has left backups behind. To delete them:")
    for backup_id in left:
        lab.say(f"  {command(lab, backup_id)}")


def _tell(lab: Lab, options: Options, timing: Timing, left: Sequence[str]) -> None:
    """Print the table, write the file, and name what is left."""
    made = report.rows(lab)
    lab.say("")
    for line in report.table(made, shutil.get_terminal_size().columns):
        lab.say(line)
    date = datetime.fromtimestamp(timing.wall(), timezone.utc).date().isoformat()
    text = report.written(report.document(lab, made, _version(), date, len(left)))
    try:
        options.out.write_text(text, encoding="utf-8")
    except OSError as error:
        lab.say(f"{options.out} cannot be written ({error.strerror}).")
    found = sum(row.found.value is not None for row in made)
    lab.say("")
    lab.say(f"{found} of {len(made)} found out with {lab.wire.sent} requests. {options.out} has it without secrets and")
    lab.say("names, to be posted in an issue; read it first.")
    if left:
        lab.say("")
        lab.say("LEFT BEHIND. Remove it with:")
    for line in left:
        lab.say(f"  {line}")


def _announce(options: Options, say: Say) -> None:
    """Say what will be done, before anything is."""
    place = options.place
    say(f"Looks at addon {place.addon} of project {place.project} on {options.connection.target.url}.")
    steps: list[Step] = [*READING, *(WRITING if options.writes else [])]
    if options.writes:
        say(f"It sends at most {most_requests(steps)} requests, usually about 150, and leaves {MARGIN} of the hour.")
        say(f"It takes about ten backups of {place.addon}, RESTORES one of them, and deletes all of them.")
        say("The restore replaces the addon's data with that of minutes before: what is written meanwhile is LOST.")
        say("If the addon has no schedules, it creates some, and deletes them. Use an addon that nobody needs.")
    else:
        say(f"It sends at most {most_requests(steps)} requests, GETs only, and leaves {MARGIN} of the hour.")
    say("In this order:")
    for step in steps:
        say(f"  - {step.says}")


def _confirm(options: Options, ask: Callable[[str], str]) -> None:
    """Let the addon's name be typed again before anything is changed."""
    if not options.writes:
        return
    typed = options.confirm
    if not typed:
        try:
            typed = ask("Type the name of the addon to go on: ").strip()
        except EOFError:
            typed = ""
    if typed != options.place.addon:
        raise InvalidInput("CONFIRM", f"must be the name of the addon, {options.place.addon}; nothing was sent", typed)


def _options(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> Options:
    given = _parser(environment).parse_args(arguments)
    team = environment.get("NORTHFLANK_TEAM_ID") or None
    place = Place(validation.identifier("PROJECT", given.project), validation.identifier("ADDON", given.addon), team)
    if given.write.lower() not in (*_ON, *_OFF):
        raise InvalidInput("WRITE", "must be 1, or left out", given.write)
    out = Path(given.out)
    if not out.parent.is_dir() or out.is_dir():
        raise InvalidInput("OUT", "must be a file in a folder that exists", given.out)
    asked = {"validate_certs": True, "ca_path": given.ca_path, "api_timeout": 30, "api_retries": 0}
    connection = task_connection.resolve(asked, environment)
    place = Place(place.project, place.addon, connection.team_id)
    return Options(place, connection, given.write.lower() in _ON, given.confirm, out)


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="live", description=__doc__)
    for name, words in {
        "project": "ID of the project",
        "addon": "ID of the addon",
        "write": "1 to also take, restore and delete backups of the addon",
        "confirm": "the addon's ID once more, where nobody can be asked for it",
        "ca_path": "certificates to trust",
    }.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default=environment.get(name.upper(), ""), metavar="TEXT", help=words)
    parser.add_argument("--out", default=environment.get("OUT") or "live.json", metavar="FILE", help="file to write")
    return parser


def _version() -> str:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    return str(galaxy["version"])
