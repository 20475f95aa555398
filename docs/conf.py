"""How Sphinx builds these pages: `make docs`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.generated import TEXTS
from jupyter_session_export import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "jupyter_session_export"
copyright = "2026, the authors of jupyter_session_export"  # noqa: A001  # Sphinx's name for it
release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["examples", "generated"]
myst_heading_anchors = 4
# Curly quotes would be copied into settings and shells.
smartquotes = False
# A block that names no language is none, such as what a program prints.
highlight_language = "none"

html_theme = "furo"
html_title = "Session Export"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}

PLACE = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def fill_in(app: Sphinx, page: str, source: list[str]) -> None:
    """Put what the code itself says in its place, so that no page can lag behind it."""
    source[0] = PLACE.sub(lambda place: TEXTS[place[1]](), source[0])


def made_anew(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Return the pages whose texts are made: the code may have changed where the page hasn't."""
    found = ((page, Path(env.doc2path(page))) for page in env.found_docs)
    return [page for page, path in found if PLACE.search(path.read_text(encoding="utf-8"))]


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("env-get-outdated", made_anew)
    app.connect("source-read", fill_in)
