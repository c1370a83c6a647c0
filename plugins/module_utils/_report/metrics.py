# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a monitor: metrics in the text format of Prometheus, as its textfile collector reads them. Pure."""

from __future__ import annotations

from typing import Callable, Iterable, Mapping, NamedTuple, Optional

from .._api.models import posix_time
from .._freshness.engine import AddonFreshness
from .facts import MARK, Report


class _Metric(NamedTuple):
    """A gauge with a value for each addon; None leaves one out."""

    name: str
    told: str
    value: Callable[[AddonFreshness], Optional[float]]


_METRICS = (
    _Metric("fresh", "Whether the addon has a backup that is young enough (1) or not (0).", lambda one: one.fresh),
    _Metric("readable", "Whether the addon could be read (1) or not (0).", lambda one: one.found is not None),
    _Metric(
        "newest_timestamp_seconds",
        "When the newest usable backup began, in seconds since 1970.",
        lambda one: posix_time(one.verdict.newest.created_at) if one.verdict.newest else None,
    ),
    _Metric(
        "newest_age_seconds",
        "How old the newest usable backup was when the report was made.",
        lambda one: one.verdict.age,
    ),
    _Metric(
        "newest_size_bytes",
        "Size of the newest usable backup.",
        lambda one: one.verdict.newest.size if one.verdict.newest else None,
    ),
    _Metric(
        "completed_backups",
        "How many completed backups there are.",
        lambda one: len(one.verdict.completed) if one.found is not None else None,
    ),
    _Metric(
        "failed_since_newest",
        "How many backups have failed since the newest usable one.",
        lambda one: one.verdict.failed if one.found is not None else None,
    ),
    _Metric(
        "running",
        "Whether a backup is under way (1) or not (0).",
        lambda one: one.verdict.running is not None if one.found is not None else None,
    ),
)


def as_metrics(report: Report) -> str:
    """Make the text of ``report.prom``."""
    lines = [f"# {MARK}"]
    for name, told, value in _METRICS:
        samples = [(_labels(one), value(one)) for one in report.survey.addons]
        lines += _family(f"northflank_backup_{name}", told, samples)
    projects = [({"project": one}, float(one not in report.survey.unread)) for one in report.spec.project_ids]
    lines += _family("northflank_project_readable", "Whether the project could be read (1) or not (0).", projects)
    for name, told, number in (
        ("timestamp_seconds", "When the report was made, in seconds since 1970.", report.made_at),
        ("max_age_seconds", "How old a backup may be to be fresh.", report.spec.max_age),
    ):
        lines += _family(f"northflank_backup_report_{name}", told, [({}, number)])
    return "\n".join(lines) + "\n"


def _family(name: str, told: str, samples: Iterable[tuple[Mapping[str, str], Optional[float]]]) -> list[str]:
    known = [f"{name}{_braced(labels)} {_number(value)}" for labels, value in samples if value is not None]
    return [f"# HELP {name} {told}", f"# TYPE {name} gauge", *known] if known else []


def _labels(one: AddonFreshness) -> dict[str, str]:
    return {"project": one.project_id or "", "addon": one.addon_id, "type": one.addon.type if one.addon else ""}


def _braced(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    """Whole numbers as such, others to the millisecond."""
    return str(int(value)) if value == int(value) else f"{value:.3f}"
