# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the steps of a plan: say what each is about to do, and keep to the request budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .lab import Lab, StepFailed
from .wire import Stopped


class Step(NamedTuple):
    """One thing to do.

    :ivar name: the question that it asks.
    :ivar says: what it does, as it is announced.
    :ivar most: the most requests that it sends.
    """

    name: str
    says: str
    most: int
    act: Callable[[Lab], None]


def most_requests(steps: Sequence[Step]) -> int:
    """What all of them send at most."""
    return sum(step.most for step in steps)


def run_steps(lab: Lab, steps: Sequence[Step]) -> None:
    """Take each step. What one cannot do is kept as a reason, and the next one goes on.

    :raises Stopped: the request budget does not hold the next step; those that are left are kept as not taken.
    """
    for number, step in enumerate(steps):
        try:
            lab.wire.require(step.most)
            lab.evidence.reasons.pop(step.name, None)
            lab.say(f"  {step.says}")
            step.act(lab)
        except StepFailed as failure:
            lab.evidence.reasons[step.name] = str(failure)
        except Stopped as end:
            for left in steps[number:]:
                lab.evidence.reasons[left.name] = f"Not asked. {end}"
            raise
