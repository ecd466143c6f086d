"""The documentation site; ./run docs calls Sphinx with it."""

import os
import typing as t

from pygments.lexers.sql import TransactSqlLexer

project = "lync.persistent_chat"
project_copyright = "the lync.persistent_chat contributors"
title = html_short_title = "lync.persistent_chat"
extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext", "myst_parser"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
html_theme = "sphinx_ansible_theme"
html_theme_options = {
    "vcs_pageview_mode": "edit",
    "documentation_home_url": "index.html",
    "topbar_links": {},
}
html_use_smartypants = True
html_use_modindex = html_use_index = html_copy_source = html_show_sourcelink = False
highlight_language = "yaml"
default_role = "any"
nitpicky = False
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
# Labels of Ansible's own documentation.
# Where the network does not reach it, ./run docs does not set the variable, and lets those labels
# pass.
intersphinx_mapping = (
    {"ansible_devel": (os.environ["ANSIBLE_DOCS"], None)} if "ANSIBLE_DOCS" in os.environ else {}
)


def setup(app: t.Any) -> None:
    """All SQL in the guides is T-SQL, whose names may hold a backslash."""
    app.add_lexer("sql", TransactSqlLexer)
