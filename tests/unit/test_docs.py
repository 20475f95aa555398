"""README.md, docs/ and what lies beside them name what exists, and say why a block isn't run."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from traitlets.config import Config

from docs.generated import TEXTS
from docs.generated.errors import codes
from jupyter_session_export.cli.arguments import parser
from jupyter_session_export.client.export_options import add_export_options
from jupyter_session_export.kernel import session_recording
from jupyter_session_export.kernel.arguments import parse, read
from jupyter_session_export.records.sections import SECTIONS
from jupyter_session_export.server import statuses
from jupyter_session_export.settings import SessionExport
from tests.pages import DOCS, MARKS, ROOT, Page, page, pages

PAGES = pages()
ALL = [*PAGES, Page(ROOT / "CHANGELOG.md"), Page(ROOT / "CONTRIBUTING.md")]
MADE = ("artefacts", "build", "dist")
"""Folders of what is made, which git doesn't know."""
FOLDERS = [path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."]
TOP = "|".join(name for name in FOLDERS if name not in MADE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
URL = re.compile(r"https?://[^\s)>\"'`|]+")
ANCHOR = re.compile(r"^#+ (.*)$", re.MULTILINE)


def lines(start: str) -> list[str]:
    """Return what follows in each line of any block that starts so."""
    found = (re.findall(rf"^{re.escape(start)}(.*)$", each.text, re.MULTILINE) for each in PAGES)
    return sorted({line for page in found for line in page})


@pytest.mark.parametrize("line", lines("jupyter session-export "))
def test_commands(line: str) -> None:
    """Each line of the command line is one that it takes."""
    assert parser().parse_args(shlex.split(line.removesuffix("\\"), comments=True)).command


@pytest.mark.parametrize("line", lines("%session_recording "))
def test_magics_of_the_recording(line: str) -> None:
    """Each is one that it takes, as it stands."""
    assert read(session_recording._parser(), line).action


@pytest.mark.parametrize("line", lines("%session_export"))
def test_magics_of_the_export(line: str) -> None:
    """Each is one that it takes, as it stands."""
    parse(line)


def test_settings() -> None:
    """Each setting that a page names is there."""
    named = {name for each in PAGES for name in re.findall(r"SessionExport\.(\w+)", each.text)}
    assert {"record", "session_templates"} <= named
    for name in named:
        assert SessionExport(config=Config()).has_trait(name), name


def test_the_lab_page_shows_the_defaults() -> None:
    """What it says of recordings and collectors is what holds without it."""
    (code,) = (block.code for block in page("lab-sessions.md").blocks() if block.kind == "settings")
    config = Config()
    exec(code, {"c": config})  # noqa: S102  # the page's own code
    assert set(config.SessionExport) == {
        "recordings_dirs",
        "recording_patterns",
        "recording_types",
        "data_dirs",
    }
    for name, value in config.SessionExport.items():
        assert getattr(SessionExport(), name) == value


def test_marks() -> None:
    """A comment in a page is one that is understood; a block that isn't run says why."""
    for each in ALL:
        for mark in each.marks():
            assert mark.partition(":")[0].strip() in MARKS, f"{each.name}: {mark}"
        for block in each.blocks():
            assert block.not_run is None or len(block.not_run) > 10, f"{each.name}:{block.line}"


def test_few_blocks_are_not_run() -> None:
    """At most one in six."""
    blocks = [block for each in PAGES for block in each.blocks() if block.kind]
    assert 6 * sum(block.not_run is not None for block in blocks) <= len(blocks)


def test_each_error_code_says_what_to_do() -> None:
    """Each code has a section of its own, and no section is about none."""
    sections = re.split(r"^## (.*)$", page("reference/errors.md").text, flags=re.MULTILINE)[1:]
    told = dict(zip(sections[::2], sections[1::2], strict=True))
    assert sorted(told) == sorted(codes())
    for code, remedy in told.items():
        assert len(remedy.split()) > 5, code


@pytest.mark.parametrize("code", [*statuses._CODES.values(), "REFUSED"])
def test_the_codes_of_the_web_server_are_there(code: str) -> None:
    """Those that no class of ours stands for, too."""
    assert f"`{code}`" in page("reference/errors.md").text or code in codes()


def test_generated_pages() -> None:
    """Each place is for something that is made, and each text has its place."""
    places = [name for each in PAGES for name in re.findall(r"<!-- generated: (\w+)", each.text)]
    assert sorted(places) == sorted(TEXTS)


def test_the_settings_page_has_every_setting() -> None:
    """With its help, in words."""
    text = TEXTS["settings"]()
    for name, trait in SessionExport.class_own_traits(config=True).items():
        assert f"## `{name}`\n" in text
        assert " ".join(trait.help.split()) in text


def test_each_section_of_the_zip_can_be_asked_for() -> None:
    """By the names that options and routes tell of."""
    options = ArgumentParser()
    add_export_options(options)
    (told,) = (each.help or "" for each in options._actions if each.dest == "include")
    assert re.findall(r"\w+", told.partition(":")[2].partition("(")[0]) == [*SECTIONS]
    described = yaml.safe_load((DOCS / "rest-api.yml").read_text(encoding="utf-8"))
    include = described["components"]["schemas"]["ExportRequest"]["properties"]["include"]
    assert include["anyOf"][-1]["items"]["enum"] == [*SECTIONS]


def test_the_routes_page_has_every_request() -> None:
    """Once, be it of the current session or of a named one, with what it takes."""
    text = TEXTS["routes"]()
    paths = yaml.safe_load((DOCS / "rest-api.yml").read_text(encoding="utf-8"))["paths"]
    for path, item in paths.items():
        current = path.replace("/sessions/{session_id}/", "/session/")
        told = (current if current in paths else path)[1:]
        for method in item.keys() - {"parameters"}:
            assert text.count(f"| `{method.upper()} {told}` |") == 1
    assert "| `POST sessions/{session_id}/run` | Run code. | `code`, `timeout?`" in text
    assert "session/status" not in text


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_links(each: Page) -> None:
    """Each leads to a file, and to a heading in it."""
    for link in LINK.findall(each.prose):
        address = urlsplit(link)
        if address.scheme:
            continue
        target = (each.path.parent / unquote(address.path)) if address.path else each.path
        assert target.exists(), link
        if address.fragment:
            assert address.fragment in anchors(target), link


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_files_that_are_named(each: Page) -> None:
    """A path of the repository in the text is one that exists; so is a test's name."""
    for path in re.findall(rf"`((?:{TOP})/[\w./-]+)`", each.text):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"\b(test_\w+\.py)\b", each.text):
        assert list((ROOT / "tests").rglob(name)), name


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_addresses(each: Page) -> None:
    """An address elsewhere is well formed, and encrypted unless it is this machine or made up."""
    for url in URL.findall(each.text):
        address = urlsplit(url.rstrip(".,;:"))
        host = address.hostname or ""
        made_up = host in ("localhost", "127.0.0.1") or host.endswith(".example")
        assert made_up or (address.scheme == "https" and "." in host), url


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = ANCHOR.findall(path.read_text(encoding="utf-8"))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def test_tests() -> None:
    """Each test that a page names is there: what it says of itself is really tried."""
    pages = "".join(each.text for each in PAGES)
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", pages))
    assert len(named) >= 20
    for path, name in named:
        content = (ROOT / path).read_text()
        assert re.search(rf"^(?:async )?def {name}\(", content, re.MULTILINE), (path, name)
