# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the check of the documentation site finds, and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

import linkcheck

GOOD = """
<link rel="stylesheet" href="style.css?v=1"><script src="search.js"></script>
<h1 id="top">Top</h1> <a href="#top">up</a> <a href="guides/one.html#part%20two">one</a>
<a href="guides/one.html">one</a>
<a href="https://example.com/elsewhere#there">elsewhere</a> <a href="LICENSE">licence</a>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "one.html").write_text('<p id="part two"><a href="../index.html#top">back</a></p>')
    (tmp_path / "index.html").write_text(GOOD)
    (tmp_path / "style.css").write_text("body { background: url(data:image/svg+xml,x) } p { mask: url('paper.png') }")
    for name in ("search.js", "LICENSE"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_good_site_has_no_faults(site: Path) -> None:
    assert linkcheck.faults(site) == []


def test_no_site_is_a_fault(tmp_path: Path) -> None:
    assert linkcheck.faults(tmp_path) == [f"{tmp_path} has no pages"]


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="two.html">', "two.html leads nowhere"),
        ('<a href="#nowhere">', "#nowhere leads nowhere"),
        ('<a href="../index.html#nowhere">', "../index.html#nowhere leads nowhere"),
        ('<a href="../LICENSE#part">', "../LICENSE#part leads nowhere"),
        ('<a href="javascript:alert()">', "javascript:alert() leads nowhere"),
        ('<script src="https://example.com/x.js">', "fetches https://example.com/x.js"),
        ('<img src="//example.com/x.png">', "fetches //example.com/x.png"),
        ('<link href="https://example.com/font" rel="preconnect">', "fetches https://example.com/font"),
        ('<p style="background: url(https://example.com/x.png)">', "fetches https://example.com/x.png"),
        ('<img src="x.png">', "fetches x.png, which is not there"),
    ],
)
def test_a_fault_in_a_page_is_found(site: Path, html: str, fault: str) -> None:
    (site / "guides" / "one.html").write_text(f'<p id="part two">{html}')
    assert linkcheck.faults(site) == [f"guides/one.html: {fault}"]


@pytest.mark.parametrize("css", ["@import '//example.com/x.css';", 'p { src: url( "https://example.com/x.woff2" ) }'])
def test_a_style_sheet_that_fetches_something_is_found(site: Path, css: str) -> None:
    (site / "style.css").write_text(css)
    (fault,) = linkcheck.faults(site)
    assert fault.startswith("style.css: fetches ")
