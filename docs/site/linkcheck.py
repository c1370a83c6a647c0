# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with a built site: links that lead nowhere, and pages that fetch something from other hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FOREIGN_IN_CSS = re.compile(r"""(?:url\(|@import)\s*["']?\s*((?:https?:)?//[^"')\s]+)""")


@dataclass
class Page:
    """What one page has and what it wants."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.page.anchors |= {found[key] for key in ("id", "name") if key in found}
        if tag == "a" and "href" in found:
            self.page.links.append(found["href"])
        else:
            self.page.fetched += [found[key] for key in ("href", "src", "srcset", "data", "action") if key in found]
        self.page.fetched += FOREIGN_IN_CSS.findall(found.get("style", ""))


def faults(site: Path) -> list[str]:
    """One sentence for each; none means that all is well."""
    pages = {path.resolve(): _read(path) for path in sorted(site.rglob("*.html"))}
    found = [] if pages else [f"{site} has no pages"]
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        for link in page.links:
            found += [f"{name}: {link} leads nowhere"] if not _leads_somewhere(link, path, pages) else []
        for address in page.fetched:
            place = urlsplit(address)
            if place.netloc:
                found.append(f"{name}: fetches {address}")
            elif place.path and not (path.parent / unquote(place.path)).exists():
                found.append(f"{name}: fetches {address}, which is not there")
    for path in sorted(site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(site)}: fetches {address}" for address in FOREIGN_IN_CSS.findall(text)]
    return found


def _read(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def _leads_somewhere(link: str, path: Path, pages: dict[Path, Page]) -> bool:
    place = urlsplit(link)
    if place.scheme or place.netloc:
        return place.scheme in ("https", "http", "mailto")
    target = (path.parent / unquote(place.path)).resolve() if place.path else path
    if not place.fragment or target not in pages:
        return target.is_file() and not place.fragment
    return unquote(place.fragment) in pages[target].anchors
