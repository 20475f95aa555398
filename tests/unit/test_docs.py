"""The pages of docs/ name commands, settings and tests that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from traitlets.config import Config

from jupyter_session_export.cli.arguments import parser
from jupyter_session_export.kernel import session_recording
from jupyter_session_export.kernel.arguments import read
from jupyter_session_export.settings import SessionExport

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "what-is-recorded.md").read_text()
PAGES = PAGE + (DOCS / "restore.md").read_text() + (DOCS / "sessions.md").read_text()


@pytest.mark.parametrize("line", re.findall(r"^jupyter session-export (.*)$", PAGES, re.MULTILINE))
def test_commands(line: str) -> None:
    """Each line of the command line is one that it takes."""
    assert parser().parse_args(shlex.split(line, comments=True)).command


@pytest.mark.parametrize("line", re.findall(r"^%session_recording (.*)$", PAGE, re.MULTILINE))
def test_magics(line: str) -> None:
    """Each magic is one that it takes."""
    assert read(session_recording._parser(), line).action


def test_settings() -> None:
    """Each setting that a page names is there."""
    pages = [path.read_text() for path in DOCS.glob("*.md")]
    named = {name for page in pages for name in re.findall(r"SessionExport\.(\w+)", page)}
    assert {"record", "session_templates"} <= named
    for name in {*named, "retention_days"}:
        assert SessionExport(config=Config()).has_trait(name)


def test_tests() -> None:
    """Each test that a page names is there: what it says of itself is really tried."""
    pages = "".join(path.read_text() for path in DOCS.glob("*.md"))
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", pages))
    assert len(named) >= 20
    for path, name in named:
        content = (DOCS.parent / path).read_text()
        assert re.search(rf"^(?:async )?def {name}\(", content, re.MULTILINE), (path, name)
