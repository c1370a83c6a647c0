# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Break the collection in one place at a time, and demand that a test notices each time. Started by ``make mutants``.

Works on copies in a temporary folder, each in a process that is forked from this one. At first all tests are run where
nothing is broken; that tells also which of them run a line, and those come first where it is broken. With words as
arguments, only mutants whose name holds one of them are run.
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from catalogue import MUTANTS  # needs the line above, because this folder is run, not imported
from forks import Call, statuses
from mutant import Mutant
from trials import Order, Watched, Watcher, copy_of_the_collection, import_what_is_heavy, run_tests

ROOT = Path(__file__).resolve().parents[3]
TESTS_FAILED = 1
# A fault that makes tests run on for ever is noticed, too: by these seconds, and so many times what the same tests take
# where nothing is broken.
PATIENCE, TIMES_LONGER = 30.0, 5.0
BASELINE_PATIENCE = 600.0
WORKERS = os.cpu_count() or 1


def lines_of(mutant: Mutant, text: str) -> range:
    """The lines that the mutant breaks, counted from 1."""
    first = text[: text.index(mutant.old)].count("\n") + 1
    return range(first, first + mutant.old.count("\n") + 1)


def try_mutant(mutant: Mutant, whole: Path, first: list[str]) -> int:
    """Run the mutant's tests in a copy where it is made.

    :param first: the tests to begin with.
    :returns: pytest's exit status.
    """
    with tempfile.TemporaryDirectory(dir=whole.parents[2]) as place:
        tree = copy_of_the_collection(whole, Path(place))
        target = tree / mutant.file
        text = target.read_text(encoding="utf-8")
        target.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        return run_tests(tree, mutant.tests, Order(first), Path(place))


def verdict(status: int | None) -> str:
    """What a mutant's exit status says; tests that do not end have failed."""
    if status in (TESTS_FAILED, None):
        return "caught"
    return "SURVIVED" if status == 0 else f"cannot be judged: the tests ended with status {status}"


def baseline(whole: Path, mutants: list[Mutant]) -> dict[str, Watched] | None:
    """Run all tests where nothing is broken. None if any fails: then "caught" would mean nothing."""
    tests = sorted({mutant.tests for mutant in mutants})
    places = [Path(tempfile.mkdtemp(dir=whole.parents[2])) for _one in tests]
    calls = [
        Call(functools.partial(run_tests, whole, one, Watcher(whole, place), place), BASELINE_PATIENCE)
        for one, place in zip(tests, places)
    ]
    failed = [place for place, status in zip(places, statuses(calls, WORKERS)) if status != 0]
    for place in failed:
        print((place / "output").read_text(encoding="utf-8"), file=sys.stderr)
    return None if failed else {one: Watched(place) for one, place in zip(tests, places)}


def outcomes(whole: Path, mutants: list[Mutant], watched: dict[str, Watched]) -> list[str]:
    """Of each mutant "caught", or why that cannot be said."""
    calls, said = {}, {}
    for mutant in mutants:
        text = (whole / mutant.file).read_text(encoding="utf-8")
        if text.count(mutant.old) != 1:
            said[mutant] = f"cannot be made: its text stands {text.count(mutant.old)} times in {mutant.file}"
            continue
        unbroken = watched[mutant.tests]
        first = unbroken.who_runs(whole / mutant.file, lines_of(mutant, text))
        patience = PATIENCE + TIMES_LONGER * unbroken.seconds
        calls[mutant] = Call(functools.partial(try_mutant, mutant, whole, first), patience)
    ended = statuses(list(calls.values()), WORKERS)
    said.update({mutant: verdict(status) for mutant, status in zip(calls, ended)})
    return [said[mutant] for mutant in mutants]


def main(words: list[str]) -> int:
    """Run the catalogue; 0 only if every mutant was caught."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    began = time.monotonic()
    import_what_is_heavy()
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        whole = copy_of_the_collection(ROOT, Path(place))
        watched = baseline(whole, chosen)
        if watched is None:
            print("The tests fail already where nothing is broken.", file=sys.stderr)
            return 1
        all_said = outcomes(whole, chosen, watched)
    bad = [(mutant, said) for mutant, said in zip(chosen, all_said) if said != "caught"]
    for mutant, said in bad:
        print(f"{mutant.name}: {said}")
    print(f"{len(chosen) - len(bad)} of {len(chosen)} mutants caught in {time.monotonic() - began:.0f} s")
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
