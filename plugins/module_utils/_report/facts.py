# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report is made of, and what its four files have in common. Pure."""

from __future__ import annotations

from typing import Iterable, NamedTuple, Optional, Sequence

from .._api.models import IMPORT, Backup
from .._api.schedule_models import Schedule
from .._api.states import ACTIVE_STATES, COMPLETED, FAILED_STATES
from .._freshness.arguments import FreshnessSpec
from .._freshness.engine import AddonFreshness, Survey
from .._freshness.messages import headline

# Each file of a report holds this near its beginning. By it, the next report knows which files it may replace.
MARK = "northflank.cloud backup report"


class Report(NamedTuple):
    """What is known, and of which moment.

    :ivar made_at: seconds since 1970.
    """

    spec: FreshnessSpec
    survey: Survey
    made_at: float

    @property
    def fresh(self) -> int:
        """How many addons are fresh."""
        return sum(one.fresh for one in self.survey.addons)

    @property
    def headline(self) -> str:
        """How many are fresh, in one line."""
        return headline(self.fresh, len(self.survey.addons), self.spec.backup_type, self.spec.max_age)

    @property
    def stale(self) -> list[AddonFreshness]:
        """The addons that are not, the worst first."""
        return [one for one in self.survey.addons if not one.fresh]

    @property
    def has_several_projects(self) -> bool:
        """Whether an addon's ID alone may be that of two."""
        return len(self.spec.project_ids) > 1

    def label(self, one: AddonFreshness) -> str:
        """Return what an addon is called in a sentence."""
        return f"{one.project_id or '-'}/{one.addon_id}" if self.has_several_projects else one.addon_id


class Difference(NamedTuple):
    """Databases of one tag that are backed up in different ways.

    :ivar policies: by what their schedules do, in words, the addons; the most common first.
    """

    tag: str
    policies: Sequence[tuple[str, Sequence[str]]]


def kind_of(backup: Backup) -> str:
    """Return snapshot, dump, unsure (it may be an import), import, running, failed or other."""
    if backup.status == COMPLETED:
        return backup.backup_type or "unsure"
    if backup.status in ACTIVE_STATES:
        return "running"
    return "failed" if backup.status in FAILED_STATES else "other"


def counted(backups: Iterable[Backup]) -> str:
    """How many backups of each kind there are, in words."""
    kinds = [kind_of(backup) for backup in backups]
    named = {"unsure": "of a type that is not told", IMPORT: "imported", "other": "in another state"}
    parts = [
        f"{kinds.count(kind)} {named.get(kind, kind if kind in ('running', 'failed') else _plural(kind, kinds))}"
        for kind in ("snapshot", "dump", "unsure", IMPORT, "running", "failed", "other")
        if kind in kinds
    ]
    return ", ".join(parts) or "none"


def schedules_in_words(schedules: Optional[Sequence[Schedule]]) -> str:
    """Tell what an addon's schedules do, in words; equal for equal policies."""
    if schedules is None:
        return "not known"
    does = sorted({(one.settings.interval, one.settings.backup_type, one.settings.retention_time) for one in schedules})
    return "; ".join(f"{interval} {kind}, kept {days} d" for interval, kind, days in does) or "no schedule"


def differences(report: Report) -> list[Difference]:
    """By tag, in which ways its databases are backed up; only the tags where these differ."""
    known = [one for one in report.survey.addons if one.addon is not None and one.schedules is not None]
    found = []
    for tag in sorted({tag for one in known for tag in (one.addon.tags if one.addon else ())}):
        policies: dict[str, list[str]] = {}
        for one in known:
            if one.addon is not None and tag in one.addon.tags:
                policies.setdefault(schedules_in_words(one.schedules), []).append(report.label(one))
        if len(policies) > 1:
            ordered = sorted(policies.items(), key=lambda item: (-len(item[1]), item[0]))
            found.append(Difference(tag, [(does, sorted(labels)) for does, labels in ordered]))
    return found


def _plural(word: str, kinds: Sequence[str]) -> str:
    return word if kinds.count(word) == 1 else f"{word}s"
