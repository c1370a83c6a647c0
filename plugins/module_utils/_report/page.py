# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: one page that needs nothing else, no script either. What is wrong comes first. Pure."""

from __future__ import annotations

import html
from typing import Callable, Iterable, Optional, Sequence

from .._api.errors import safe_text
from .._api.models import posix_time
from .._freshness.engine import AddonFreshness
from .._freshness.messages import span_of
from .._task import tables
from .._task.messages import moment
from .facts import MARK, Report, differences, schedules_in_words
from .plot import Window, plot, window
from .style import STYLE

_HEAD = (
    f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="{MARK}">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta http-equiv="Content-Security-Policy" '
    'content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;">'
    "<title>{title}</title><style>" + STYLE.replace("{", "{{").replace("}", "}}") + "</style></head><body>"
)
_LONGEST = 300
_MOST_IN_LEAD = 5
_MOST_OF_A_GROUP = 3
_COLUMNS = ("Database", "State", "Newest", "Size", "Backups")
_KEY = (
    ("snapshot", "M7 14v-12", "snapshot, as high as it is large"),
    ("dump", "M7 14v-12m-3 0h6", "dump"),
    ("unsure", "M7 14v-12", "import, or of a type that is not told"),
    ("failed", "M4 5l6 6m0-6l-6 6", "failed"),
    ("running", "M4 8a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "running"),
)
_ORDERS = (("worst", "worst first"), ("name", "name"), ("type", "type"), ("size", "largest first"))


def as_page(report: Report) -> str:
    """Make the text of ``report.html``."""
    over = window(report.made_at, report.spec.max_age)
    title = _sentence(report.headline)
    parts = [
        _HEAD.format(title=_text(title)),
        _header(report, title),
        "<main>",
        _databases(report, over) if report.survey.addons else "",
        _differences(report),
        _schedules(report),
        "</main>",
        f"<footer>Made {_time(report.made_at)} by northflank.cloud, from what the API told then.</footer>",
        "</body></html>\n",
    ]
    return "\n".join(filter(None, parts))


def _header(report: Report, title: str) -> str:
    spec, total = report.spec, len(report.survey.addons)
    is_fine = report.survey.fresh
    mark = '<span class="mark is-good">&#10003;</span>' if is_fine else '<span class="mark is-bad">&#10007;</span>'
    schedule = ", and a schedule that takes the next one in time" if spec.require_schedule else ""
    kind = "backup" if spec.backup_type == "any" else spec.backup_type
    share = f'<rect class="part" width="{100 * report.fresh / total:.2f}" height="8"/>' if total else ""
    return (
        f"<header><h1>{mark}<span>{_text(title)}</span></h1>"
        f'<p class="soft">{_names("Project", spec.project_ids)} at {_time(report.made_at)}</p>'
        f'<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="rest" width="100" height="8"/>{share}</svg>'
        f'<p class="lead{" is-fine" if is_fine else ""}">{_lead(report)}</p>'
        f'<p class="soft">Asked for: a completed {_text(kind)} of the last {_text(span_of(spec.max_age))}, made of the '
        f"database&#8217;s own data{schedule}. An import does not count, and neither does what may be one.</p></header>"
    )


def _lead(report: Report) -> str:
    """Tell what is wrong, in one sentence."""
    unread = [f"project {_text(name)} could not be read ({_text(why)})" for name, why in report.survey.unread.items()]
    if not report.survey.addons and not unread:
        return "No database was looked at: the projects have none, or none was asked for."
    groups: dict[str, list[str]] = {}
    for one in report.stale:
        groups.setdefault(one.verdict.reason or "", []).append(report.label(one))
    told = [f"<b>{_first(labels, _MOST_OF_A_GROUP)}</b>: {_text(why)}" for why, labels in groups.items()]
    rest = sum(map(len, list(groups.values())[_MOST_IN_LEAD:]))
    more = [f"and {rest} more, see below"] if rest else []
    return "; ".join([*unread, *told[:_MOST_IN_LEAD], *more]) + "." if unread or told else "Nothing is wrong."


def _databases(report: Report, over: Window) -> str:
    orders = "".join(
        f'<label><input type="radio" name="order" id="by-{name}"{" checked" if name == "worst" else ""}> {told}</label>'
        for name, told in _ORDERS
    )
    heads = "".join(
        f'<th role="columnheader" scope="col">{head}</th>' for head in (*_COLUMNS, f"Last {span_of(over.seconds)}")
    )
    rows = "".join(_rows(report, over))
    key = "".join(
        f'<li><svg viewBox="0 0 14 14" aria-hidden="true"><path class="{kind}" d="{shape}"/></svg>{told}</li>'
        for kind, shape, told in _KEY
    )
    shaded = '<li><svg viewBox="0 0 14 14" aria-hidden="true"><rect class="band" width="14" height="14"/></svg>'
    return (
        f'<section aria-labelledby="databases"><h2 id="databases">Databases</h2><fieldset class="tools"><legend>Order'
        f'</legend>{orders}<label><input type="checkbox" id="only"> only what is not fresh</label></fieldset>'
        f'<ul class="key">{key}{shaded}the last {span_of(report.spec.max_age)}</li></ul>'
        f'<table class="databases" role="table" aria-labelledby="databases"><thead role="rowgroup"><tr role="row">'
        f'{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table></section>'
    )


def _rows(report: Report, over: Window) -> Iterable[str]:
    addons = report.survey.addons
    by_name = _places(addons, lambda one: (one.addon_id, one.project_id or ""))
    by_type = _places(addons, lambda one: (one.addon.type if one.addon else "", one.addon_id, one.project_id or ""))
    by_size = _places(addons, lambda one: (-(_size(one) or 0), one.addon_id, one.project_id or ""))
    for number, one in enumerate(addons):
        order = f"--n:{by_name[number]};--t:{by_type[number]};--s:{by_size[number]}"
        state = "fresh" if one.fresh else "stale"
        yield f'<tr role="row" class="{state}" style="{order}">{_cells(report, one, over)}</tr>'


def _cells(report: Report, one: AddonFreshness, over: Window) -> str:
    verdict, told = one.verdict, one.addon
    beside = [told.type, told.status] if told else []
    if told and told.name != one.addon_id:
        beside.insert(0, told.name)
    why = f'<span class="why">&#10007; {_text(verdict.reason)}</span>' if verdict.reason else "&#10003; fresh"
    total = [backup.size for backup in verdict.completed if backup.size is not None]
    cells = [
        ("Newest", _age(one)),
        ("Size", f'<span class="num">{tables.size_cell(_size(one))}</span>'),
        ("Backups", _count(one, sum(total) if total else None)),
    ]
    return (
        f'<th role="rowheader" scope="row">{_text(report.label(one))}<small>{_text(" · ".join(beside))}</small></th>'
        f'<td role="cell" class="state">{why}</td>'
        + "".join(f'<td role="cell"><span class="label">{label}</span>{cell}</td>' for label, cell in cells)
        + f'<td role="cell" class="over">{plot(one.found, over) if one.found else ""}</td>'
    )


def _age(one: AddonFreshness) -> str:
    newest, age = one.verdict.newest, one.verdict.age
    if newest is None or age is None:
        return tables.NO_VALUE
    created = posix_time(newest.created_at)
    told, ago = moment(created), tables.age(newest.created_at, created + age)
    return f'<time datetime="{told}" title="{told}">{ago}</time>'


def _count(one: AddonFreshness, total: Optional[int]) -> str:
    if one.found is None:
        return tables.NO_VALUE
    size = "" if total is None else f"<br><small>{tables.size_cell(total)}</small>"
    return f'<span class="num">{len(one.verdict.completed)}</span>{size}'


def _size(one: AddonFreshness) -> Optional[int]:
    return None if one.verdict.newest is None else one.verdict.newest.size


def _places(addons: Sequence[AddonFreshness], key: Callable[[AddonFreshness], tuple[object, ...]]) -> dict[int, int]:
    """By place among the worst, the place in another order. The page can be sorted without a script by it."""
    ordered = sorted(range(len(addons)), key=lambda number: key(addons[number]))
    return {number: place for place, number in enumerate(ordered)}


def _differences(report: Report) -> str:
    found = differences(report)
    rows = "".join(
        f'<tr><th scope="row">{_text(one.tag) if not number else ""}</th><td>{_text(does)}</td>'
        f"<td>{_several(addons)}</td></tr>"
        for one in found
        for number, (does, addons) in enumerate(one.policies)
    )
    head = "<thead><tr><th>Tag</th><th>Schedules</th><th>Databases</th></tr></thead>"
    explained = '<p class="soft">Databases of one tag that Northflank backs up in different ways.</p>'
    return (
        f'<section><h2>Differences</h2>{explained}<table class="list">{head}{rows}</table></section>' if found else ""
    )


def _schedules(report: Report) -> str:
    known = [one for one in report.survey.addons if one.schedules is not None]
    groups: dict[str, list[str]] = {}
    for one in known:
        groups.setdefault(schedules_in_words(one.schedules), []).append(report.label(one))
    rows = "".join(
        f"<tr><td>{_text(does)}</td><td>{len(addons)}</td><td>{_several(sorted(addons))}</td></tr>"
        for does, addons in sorted(groups.items(), key=lambda item: -len(item[1]))
    )
    head = "<thead><tr><th>Schedules</th><th>Count</th><th>Databases</th></tr></thead>"
    return f'<section><h2>Schedules</h2><table class="list">{head}{rows}</table></section>' if known else ""


def _several(labels: Sequence[str]) -> str:
    """Names in a cell; many of them folded away."""
    names = ", ".join(map(_text, labels))
    if len(labels) <= _MOST_IN_LEAD:
        return names
    return f"<details><summary>{_first(labels, _MOST_OF_A_GROUP)}</summary>{names}</details>"


def _first(labels: Sequence[str], most: int) -> str:
    """Name some, and how many more there are."""
    more = f" and {len(labels) - most} more" if len(labels) > most else ""
    return f"{', '.join(map(_text, labels[:most]))}{more}"


def _names(word: str, names: Sequence[str]) -> str:
    return f"{word}{'s' if len(names) > 1 else ''} {', '.join(map(_text, names))}"


def _time(seconds: float) -> str:
    told = moment(seconds)
    return f'<time datetime="{told}">{told[:10]} {told[11:16]} UTC</time>'


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _text(text: str) -> str:
    """Text of the API, fit for a page."""
    return html.escape(safe_text(text, _LONGEST))
