# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx, for the tree that build.py lays out: the guides as they stand in the repository, and the reference."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

HERE = Path(__file__).resolve().parent
GALAXY = yaml.safe_load((HERE.parents[1] / "galaxy.yml").read_text(encoding="utf-8"))
NAME = f"{GALAXY['namespace']}.{GALAXY['name']}"

project = NAME
author = "the northflank.cloud contributors"
copyright = f"2026, {author}"  # noqa: A001  # Sphinx wants that name
release = str(GALAXY["version"])

extensions = ["myst_parser", "sphinx_copybutton", "sphinx_antsibull_ext"]
# The navigation does what these do.
exclude_patterns = ["reference/index.rst", "reference/environment_variables.rst"]
# Anchors as code hosts make them, so that one link serves both.
myst_heading_anchors = 4
# What stands on a screen is searched for as it stands there, with straight quotes and three dots.
smartquotes = False
highlight_language = "yaml+jinja"

html_theme = "furo"
html_title = f"{NAME} {release}"
html_static_path = [str(HERE / "style.css")]
html_css_files = ["style.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_theme_options: dict[str, Any] = {"top_of_page_buttons": []}
# The tables of options get the theme's own colours from style.css, as those that come with them know no dark mode
# that a reader chooses.
antsibull_ext_color_scheme = "none"

FILE = re.compile(r"^( *)<!-- file: (\S+) -->\n *```(\w+)$", re.MULTILINE)
# What pages of the reference refer to in Ansible's own documentation. Its list of labels would have to be downloaded.
ANSIBLE = "https://docs.ansible.com/ansible/latest/"
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
CONTENTS = re.compile(r"^\.\. contents::\n(?: +:.*\n)+", re.MULTILINE)
# A frame that tells on each page what the start page tells.
NOTE = re.compile(r"^\.\. Collection note\n\n\.\. note::\n(?: .*\n|\n)+", re.MULTILINE)
TITLE = re.compile(rf"^(?:{re.escape(NAME)}\.)?(\w+ \w+|Entry point ``\w+``) -- ", re.MULTILINE)
# A role's page has no examples; its README has.
ROLE = ":doc:`A playbook to paste, and what the role promises </roles/{}/README>`\n\n"


def prepare(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Show the names of files above them, and leave out what the theme or the start page have already."""
    if docname.startswith("reference/"):
        name = docname.removeprefix("reference/").removesuffix("_role")
        text = NOTE.sub(ROLE.format(name) if docname.endswith("_role") else "", CONTENTS.sub("", source[0]))
        source[0] = TITLE.sub(r"\1: ", text)
    else:
        source[0] = FILE.sub(r"\1```{code-block} \3\n\1:caption: \2\n", source[0])


def refer(
    _app: Sphinx, _env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """Lead to Ansible's own documentation where that is meant."""
    page = ANSIBLE_LABELS.get(node["reftarget"])
    return None if page is None else nodes.reference("", "", content, internal=False, refuri=ANSIBLE + page)


class ExamplesFirst(SphinxTransform):
    """On the page of a module, the examples come before the options: most readers need nothing else."""

    default_priority = 200  # type: ignore[assignment]  # as Sphinx's own do

    def apply(self, **_kwargs: Any) -> None:
        sections = {name: part for part in self.document.findall(nodes.section) for name in part["names"]}
        if self.env.docname.startswith("reference/") and {"examples", "synopsis"} <= set(sections):
            examples, synopsis = sections["examples"], sections["synopsis"]
            examples.parent.remove(examples)
            synopsis.parent.insert(synopsis.parent.index(synopsis) + 1, examples)


class NamesAsLinks(SphinxTransform):
    """Where a guide names a module or a role of the collection, that leads to its page."""

    default_priority = 210  # type: ignore[assignment]  # as Sphinx's own do
    kinds: ClassVar = ("module", "role", "inventory")

    def apply(self, **_kwargs: Any) -> None:
        if self.env.docname.startswith("reference/"):
            return
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext().removeprefix(f"{NAME}.")
            pages = [page for kind in self.kinds if (page := f"reference/{name}_{kind}") in self.env.found_docs]
            if pages and literal.astext().startswith(f"{NAME}.") and not isinstance(literal.parent, nodes.reference):
                link = addnodes.pending_xref(
                    "", refdomain="std", reftype="doc", reftarget=f"/{pages[0]}", refexplicit=True, refwarn=True
                )
                link["refdoc"] = self.env.docname
                literal.replace_self(link)
                link += literal


def setup(app: Sphinx) -> None:
    """Add what this site does beyond what its extensions do."""
    app.connect("source-read", prepare)
    app.connect("missing-reference", refer)
    app.add_transform(ExamplesFirst)
    app.add_transform(NamesAsLinks)
