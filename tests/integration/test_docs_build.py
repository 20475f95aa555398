"""docs/ as a site: it builds without a warning, links lead somewhere, nothing is of other hosts."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.pages import DOCS, ROOT

LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
"""What a browser fetches by itself, and by which attribute."""


class Html(HTMLParser):
    """The links, anchors and loaded files of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if identity := named.get("id"):
            self.ids.add(identity)
        if tag == "a" and (link := named.get("href")):
            self.links.append(link)
        if loaded := named.get(LOADED.get(tag, "")):
            self.loads.append(loaded)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Html]:
    """Every page of the site by its file, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    command = ["-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-d", folder / "trees"]
    done = subprocess.run(
        [sys.executable, *map(str, command), str(DOCS), str(folder / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return {path: Html(path) for path in (folder / "html").rglob("*.html")}


def test_every_page_is_there(site: dict[Path, Html]) -> None:
    """One for each of docs/, and the search."""
    built = {path.stem for path in site}
    assert {path.stem for path in DOCS.rglob("*.md")} | {"search"} <= built


def test_each_link_leads_somewhere(site: dict[Path, Html]) -> None:
    """To a file of the site, and to an anchor that it has."""
    broken = [
        (path.name, link)
        for path, page in site.items()
        for link in page.links
        if not leads_somewhere(path, link, site)
    ]
    assert broken == []


def leads_somewhere(path: Path, link: str, site: dict[Path, Html]) -> bool:
    address = urlsplit(link)
    if address.scheme:
        return address.scheme == "https"
    target = (path.parent / unquote(address.path)).resolve() if address.path else path
    if target not in site or not address.fragment:
        return target.is_file()
    return unquote(address.fragment) in site[target].ids


def test_nothing_is_loaded_from_elsewhere(site: dict[Path, Html]) -> None:
    """No page and no stylesheet asks another host for fonts, scripts or pictures."""
    for path, page in site.items():
        assert page.loads
        for loaded in page.loads:
            assert not urlsplit(loaded).netloc, f"{path.name}: {loaded}"
    root = next(path.parent for path in site if path.name == "search.html")
    for style in root.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert "@import" not in text
        assert "url(http" not in text
        assert "url(//" not in text
