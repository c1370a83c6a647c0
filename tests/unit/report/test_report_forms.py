# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms of a report: what they say of given facts, in which order, and that no name breaks them."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.models import Addon, Backup, posix_time
from ansible_collections.northflank.cloud.plugins.module_utils._api.schedule_models import Schedule, ScheduleSettings
from ansible_collections.northflank.cloud.plugins.module_utils._freshness import messages as freshness_messages
from ansible_collections.northflank.cloud.plugins.module_utils._freshness.arguments import FreshnessSpec
from ansible_collections.northflank.cloud.plugins.module_utils._freshness.engine import AddonFreshness, Survey
from ansible_collections.northflank.cloud.plugins.module_utils._freshness.plan import judge
from ansible_collections.northflank.cloud.plugins.module_utils._report.document import as_json
from ansible_collections.northflank.cloud.plugins.module_utils._report.facts import (
    Report,
    counted,
    differences,
    kind_of,
    schedules_in_words,
)
from ansible_collections.northflank.cloud.plugins.module_utils._report.markdown import as_markdown
from ansible_collections.northflank.cloud.plugins.module_utils._report.metrics import as_metrics
from ansible_collections.northflank.cloud.plugins.module_utils._report.page import as_page
from ansible_collections.northflank.cloud.plugins.module_utils._report.plot import plot, window
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

NOON = posix_time("2026-03-01T12:00:00Z")
DAY = 86_400.0
SPEC = FreshnessSpec(["p"], None, 26 * 3600.0)
EVIL = '<script>alert("x")</script>|`a`\n# HELP\\ "'


def backup(created: str, status: str = "completed", kind: str | None = "snapshot", size: int | None = 10) -> Backup:
    return Backup(created, "n", status, created, backup_type=kind, size=size)


def schedule(interval: str = "daily", days: int = 7) -> Schedule:
    return Schedule("s", ScheduleSettings(interval, "snapshot", (0,), days))


def seen(
    addon_id: str,
    found: list[Backup] | None,
    schedules: list[Schedule] | None = None,
    name: str | None = None,
    project_id: str = "p",
    **facts: Any,
) -> AddonFreshness:
    """An addon as the engine hands it over; without backups, one that could not be read."""
    addon = Addon(addon_id, name or addon_id, "postgresql", "running")._replace(**facts)
    verdict = judge(SPEC, addon.status, found or [], schedules or [], NOON)
    if found is None:
        verdict = verdict._replace(reason=freshness_messages.cannot_be_read(EVIL), completed=())
    return AddonFreshness(project_id, addon_id, addon, verdict, found, schedules)


YOUNG, OLD = backup("2026-03-01T10:00:00Z"), backup("2026-02-20T10:00:00Z", size=5)
BAD, NEXT = backup("2026-03-01T11:00:00Z", "failed", None, None), backup("2026-03-01T11:59:00Z", "in-progress", None)
FINE, STALE = seen("fine", [OLD, YOUNG], [schedule()]), seen("stale", [OLD, BAD, NEXT], [])


def report(*addons: AddonFreshness, spec: FreshnessSpec = SPEC, unread: dict[str, str] | None = None) -> Report:
    return Report(spec, Survey(addons, unread or {}, NOON), NOON)


def metrics(text: str) -> dict[str, dict[str, float]]:
    """By name, the values by addon or project."""
    return {
        family.name: {
            sample.labels.get("addon", sample.labels.get("project", "")): sample.value for sample in family.samples
        }
        for family in text_string_to_metric_families(text)
    }


class Page(HTMLParser):
    """What stands on a page, and whether all that is opened is closed in its order."""

    VOID = frozenset({"meta", "input", "br", "path", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def rows(page: Page) -> list[str | None]:
    return [attrs.get("class") for tag, attrs in page.tags if tag == "tr" and "style" in attrs]


# The page


def test_what_is_wrong_comes_first_and_the_worst_is_the_first_row() -> None:
    page = Page(as_page(report(STALE, FINE)))
    assert "1 of 2 databases has a backup younger than 26 hours" in page.text
    reason = "newest completed backup is 9 days old, the last backup failed, one is running"
    assert f"stale: {reason}." in page.text
    assert page.text.index(f"stale: {reason}.") < page.text.index("Databases")
    assert rows(page) == ["stale", "fresh"]


def test_where_all_is_fine_it_says_so() -> None:
    text = as_page(report(FINE))
    assert "Nothing is wrong." in text
    assert "lead is-fine" in text


def test_databases_with_the_same_trouble_are_told_together() -> None:
    page = Page(as_page(report(*(seen(f"db-{number:02}", []) for number in range(20)))))
    assert "db-00, db-01, db-02 and 17 more: no backup at all." in page.text


def test_of_much_different_trouble_only_the_worst_is_told_above_the_table() -> None:
    old = [seen(f"db-{day}", [backup(f"2026-02-{day:02}T10:00:00Z")]) for day in range(10, 20)]
    assert "; and 5 more, see below." in Page(as_page(report(*old))).text


def test_nothing_at_all_is_not_fine() -> None:
    text = as_page(report())
    assert "No database was looked at: the projects have none, or none was asked for." in text
    assert "is-fine" not in text.split("</style>")[1]


def test_a_project_that_could_not_be_read_comes_first() -> None:
    page = Page(as_page(report(FINE, unread={"q": "HTTP 403"})))
    assert "project q could not be read (HTTP 403)." in page.text
    assert "✗" in page.text


def test_the_page_needs_nothing_else() -> None:
    text = as_page(report(STALE, FINE, seen("unread", None)))
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _attrs in page.tags}
    assert not [attrs for _tag, attrs in page.tags if {"src", "href"} & set(attrs)]
    assert "url(" not in text
    assert "@import" not in text
    assert "http:" not in text
    assert "https:" not in text


def test_the_page_is_for_both_colours_all_widths_and_a_screen_reader() -> None:
    text = as_page(report(STALE, FINE))
    page = Page(text)
    assert "prefers-color-scheme:dark" in text
    assert "@media (max-width:900px)" in text
    assert any(attrs.get("content") == "width=device-width,initial-scale=1" for _tag, attrs in page.tags)
    assert ("html", {"lang": "en"}) in page.tags
    plots = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("class") == "plot"]
    assert [attrs["role"] for attrs in plots] == ["img", "img"]
    assert all(attrs["aria-label"] for attrs in plots)
    # Rows are laid out as a grid, so a browser no longer takes them for those of a table by itself.
    assert {attrs.get("role") for tag, attrs in page.tags if tag == "tr" and "style" in attrs} == {"row"}


FRAME = """<iframe src="report.html" style="border:0;width:{width}px;height:900px"></iframe><script>
addEventListener("load", () => {{ const page = document.querySelector("iframe").contentDocument;
const orders = [...page.querySelectorAll("tbody tr[style]")];
const first = () => orders.filter(row => row.offsetParent).reduce((a, b) => a.offsetTop < b.offsetTop ? a : b)
.querySelector("th").firstChild.data;
const found = [page.documentElement.scrollWidth, first()];
page.querySelector("#by-name").click(); found.push(first()); page.querySelector("#only").click(); found.push(first());
document.title = JSON.stringify(found) }})</script>"""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [400, 1280])
def test_a_browser_shows_it_without_scrolling_sideways_and_sorts_it(tmp_path: Path, width: int) -> None:
    long = seen("z-" + "long-name" * 9, None, name="n" * 200, tags=("t" * 90,), schedules=[schedule()])
    other = seen("a-fine", [YOUNG], [], tags=("t" * 90,))
    (tmp_path / "report.html").write_text(as_page(report(STALE, long, other, unread={"q" * 90: "e" * 300})))
    (tmp_path / "frame.html").write_text(FRAME.format(width=width), encoding="utf-8")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom"]
    place = [f"--user-data-dir={tmp_path / 'profile'}", f"file://{tmp_path / 'frame.html'}"]
    ended = subprocess.run(["chromium", *flags, *place], capture_output=True, text=True, check=True, timeout=60)
    (found,) = re.findall(r"<title>(.*?)</title>", ended.stdout)
    shown, worst, by_name, of_stale = json.loads(html.unescape(found))
    # Less by the width of a scrollbar.
    assert shown <= width
    assert (worst, by_name, of_stale) == ("stale", "a-fine", "stale")


def test_it_can_be_sorted_without_a_script() -> None:
    big = seen("a-big", [backup("2026-03-01T10:00:00Z", size=99)], type="redis")
    page = Page(as_page(report(STALE, FINE, big)))
    orders = [attrs["style"] for tag, attrs in page.tags if tag == "tr" and "style" in attrs]
    assert orders == ["--n:2;--t:1;--s:2", "--n:1;--t:0;--s:1", "--n:0;--t:2;--s:0"]


def test_schedules_and_what_differs_within_a_tag_are_told() -> None:
    other = seen("other", [YOUNG], [schedule("weekly", 28)], tags=("blue",))
    same = [seen(f"same-{number}", [YOUNG], [schedule()], tags=("blue",)) for number in range(7)]
    page = Page(as_page(report(other, *same)))
    assert "daily snapshot, kept 7 d" in page.text
    assert "same-0, same-1, same-2 and 4 more" in page.text
    (found,) = differences(report(other, *same))
    assert (found.tag, [does for does, _addons in found.policies]) == (
        "blue",
        ["daily snapshot, kept 7 d", "weekly snapshot, kept 28 d"],
    )
    assert differences(report(*same)) == []


@pytest.mark.parametrize(
    ("schedules", "told"),
    [(None, "not known"), ([], "no schedule"), ([schedule(), schedule()], "daily snapshot, kept 7 d")],
)
def test_a_policy_in_words(schedules: list[Schedule] | None, told: str) -> None:
    assert schedules_in_words(schedules) == told


# Names from the API


NASTY = report(
    seen("a", [], name=EVIL, type=EVIL, tags=(EVIL,), status=EVIL),
    seen("b", None, project_id=EVIL),
    seen("c", [backup("2026-03-01T10:00:00Z", EVIL, None)], [schedule(EVIL)], tags=(EVIL,)),
    unread={"q": EVIL},
)


def test_names_from_the_api_are_text_on_the_page() -> None:
    page = Page(as_page(NASTY))
    assert "script" not in {tag for tag, _attrs in page.tags}
    assert "<script>" in page.text


def test_names_from_the_api_break_no_row_of_the_table() -> None:
    lines = [line for line in as_markdown(NASTY).splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 3
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {7}
    assert "<script>" not in as_markdown(NASTY)


def test_names_from_the_api_are_labels_of_metrics() -> None:
    samples = [sample for family in text_string_to_metric_families(as_metrics(NASTY)) for sample in family.samples]
    assert EVIL in {sample.labels.get("type") for sample in samples}


@given(name=st.text(max_size=40), size=st.none() | st.integers(0, 10**15))
def test_whatever_a_name_is_each_form_can_be_read(name: str, size: int | None) -> None:
    made = report(seen("a", [backup("2026-03-01T10:00:00Z", size=size)], name=name, type=name or "x", tags=(name,)))
    Page(as_page(made))
    assert json.loads(as_json(made))["addons"][0]["name"] == (name or "a")
    families = list(text_string_to_metric_families(as_metrics(made)))
    assert families[0].samples[0].labels["type"] == (name or "x")
    assert as_markdown(made).count("\n") == 8


# Metrics


def test_metrics_say_how_old_how_large_and_in_which_state_the_newest_is() -> None:
    found = metrics(as_metrics(report(STALE, FINE, seen("unread", None), spec=SPEC)))
    assert found["northflank_backup_fresh"] == {"stale": 0, "fine": 1, "unread": 0}
    assert found["northflank_backup_readable"] == {"stale": 1, "fine": 1, "unread": 0}
    assert found["northflank_backup_newest_age_seconds"] == {"stale": 9 * DAY + 7200, "fine": 7200}
    assert found["northflank_backup_newest_timestamp_seconds"]["fine"] == NOON - 7200
    assert found["northflank_backup_newest_size_bytes"] == {"stale": 5, "fine": 10}
    assert found["northflank_backup_completed_backups"] == {"stale": 1, "fine": 2}
    assert found["northflank_backup_failed_since_newest"] == {"stale": 1, "fine": 0}
    assert found["northflank_backup_running"] == {"stale": 1, "fine": 0}
    assert found["northflank_backup_report_timestamp_seconds"] == {"": NOON}
    assert found["northflank_backup_report_max_age_seconds"] == {"": 26 * 3600}


def test_metrics_tell_a_project_that_could_not_be_read() -> None:
    made = report(FINE, spec=SPEC._replace(project_ids=["p", "q"]), unread={"q": "no"})
    assert metrics(as_metrics(made))["northflank_project_readable"] == {"p": 1, "q": 0}


def test_each_metric_has_a_help_and_a_type() -> None:
    text = as_metrics(report(STALE, FINE))
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}
    assert {line.split()[2] for line in text.splitlines() if line.startswith("# HELP ")} == names
    assert {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")} == names
    assert all(re.fullmatch(r"northflank_[a-z_]+", name) for name in names)


# JSON and Markdown


def test_json_has_all_backups_oldest_first() -> None:
    told = json.loads(as_json(report(STALE, FINE)))
    assert (told["generated_at"], told["fresh"], told["stale"]) == ("2026-03-01T12:00:00Z", False, ["stale"])
    assert [one["status"] for one in told["addons"][0]["history"]] == ["completed", "failed", "in-progress"]
    assert told["addons"][1]["newest"]["size"] == 10
    assert told["addons"][1]["schedules"][0]["interval"] == "daily"


def test_markdown_is_a_table_with_the_headline_above() -> None:
    text = as_markdown(report(STALE, FINE)).splitlines()
    assert text[1] == "# 1 of 2 databases has a backup younger than 26 hours"
    assert text[-1] == "| fine | postgresql | 2026-03-01T10:00:00Z | 10 bytes | 2 | fresh |"
    assert text[-2].endswith("| **newest completed backup is 9 days old, the last backup failed, one is running** |")


def test_with_several_projects_each_database_is_told_with_its_own() -> None:
    made = report(seen("a", [], project_id="q"), spec=SPEC._replace(project_ids=["p", "q"]))
    assert "| q | a |" in as_markdown(made)
    assert "q/a: no backup at all." in Page(as_page(made)).text


# Plots


def bars(svg: str) -> dict[str, str]:
    return dict(re.findall(r'<path class="([a-z]+)" d="([^"]*)"', svg))


def test_a_bar_is_as_high_as_a_backup_is_large() -> None:
    drawn = bars(plot([OLD, YOUNG], window(NOON, SPEC.max_age)))
    assert re.findall(r"v-(\d+)", drawn["snapshot"]) == ["17", "34"]


def test_each_kind_is_drawn_in_its_own_way() -> None:
    kinds = [YOUNG, BAD, NEXT, *(backup("2026-02-27T10:00:00Z", kind=kind) for kind in ("dump", "import", None))]
    found = [*kinds, backup("2026-02-26T10:00:00Z", "dreaming")]
    assert sorted(map(kind_of, found)) == sorted(["snapshot", "failed", "running", "dump", "import", "unsure", "other"])
    drawn = bars(plot(found, window(NOON, SPEC.max_age)))
    assert set(drawn) == {"axis", *map(kind_of, found)}
    assert len(set(drawn.values())) >= 5
    told = "1 snapshot, 1 dump, 1 of a type that is not told, 1 imported, 1 running, 1 failed, 1 in another state"
    assert counted(found) == told
    assert f'aria-label="{told} in the plot; the largest has 10 bytes"' in plot(found, window(NOON, SPEC.max_age))


def test_what_is_older_than_the_plot_is_left_out() -> None:
    svg = plot([backup("2025-01-01T10:00:00Z")], window(NOON, SPEC.max_age))
    assert "none in the plot" in svg
    assert set(bars(svg)) == {"axis"}


def test_sizes_that_are_not_told_are_bars_all_the_same() -> None:
    assert "v-17" in bars(plot([backup("2026-03-01T10:00:00Z", size=None)], window(NOON, DAY)))["snapshot"]


@pytest.mark.parametrize(("max_age", "days"), [(3600.0, 7), (DAY, 30), (26 * 3600.0, 33), (90 * DAY, 366)])
def test_a_plot_goes_back_by_what_is_asked_for(max_age: float, days: int) -> None:
    assert window(NOON, max_age).seconds == days * DAY


def test_a_database_with_1500_backups_takes_no_more_room_than_the_plot_has() -> None:
    found = [backup(f"2026-02-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00Z") for number in range(1500)]
    assert len(plot(found, window(NOON, SPEC.max_age))) < 3000
