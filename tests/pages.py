"""README.md and the pages of docs/: their blocks of code, and how a comment before one marks it.

<!-- not run: why -->      it can't be run here
<!-- fails: TEXT -->       it fails, and says so
<!-- shows -->             what the block before it prints
<!-- before: sh            more that is run first, and that readers don't see; or `cell`, which
…                          may have `id=` (the cell's) and `fails=`
-->
<!-- server: Session7 -->  anywhere in a page: it has a server of its own, whose session is that
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^( *)```(\w*|\{\w+\})\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"^ *<!-- (.*?)\s*-->\n", re.DOTALL | re.MULTILINE)
KINDS = {"sh": "sh", "bash": "sh", "console": "sh", "ipython": "cell", "python": "cell"}
MARKS = ("not run", "fails", "shows", "before", "server", "generated")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: `kind` is sh, cell, settings, shown, or empty where nothing is run."""

    line: int
    kind: str
    code: str
    not_run: str | None = None
    fails: str | None = None
    cell_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page, by its path below the repository."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without blocks of code and comments."""
        return COMMENT.sub("", FENCE.sub("", self.text))

    @property
    def own_session(self) -> int | None:
        """The number of its session, where it wants a server of its own."""
        named = re.search(r"<!-- server: Session(\d+) -->", self.text)
        return int(named[1]) if named else None

    def marks(self) -> list[str]:
        """Return what its comments say."""
        return COMMENT.findall(self.text)

    def blocks(self) -> Iterator[Block]:
        """Yield its blocks and those that readers don't see, in their order."""
        text, end = self.text, 0
        for fence in FENCE.finditer(text):
            marks: dict[str, str] = {}
            for comment in COMMENT.finditer(text, end, fence.start()):
                kind, _, said = comment[1].partition(":")
                if kind == "before":
                    yield _hidden(_line(text, comment.start()), said)
                else:
                    marks[kind] = said.strip()
            end = fence.end()
            yield _block(_line(text, fence.start()), fence[2], dedent(fence[3]), marks)


def pages() -> list[Page]:
    """Return all pages, README.md first."""
    return [Page(ROOT / "README.md"), *map(Page, sorted(DOCS.rglob("*.md")))]


def page(name: str) -> Page:
    """Return a page of docs/."""
    return Page(DOCS / name)


def _hidden(line: int, said: str) -> Block:
    head, _, code = said.strip().partition("\n")
    kind, *options = head.split()
    named = dict(option.split("=") for option in options)
    return Block(line, kind, code + "\n", fails=named.get("fails"), cell_id=named.get("id"))


def _block(line: int, language: str, code: str, marks: dict[str, str]) -> Block:
    kind = "shown" if "shows" in marks else KINDS.get(language, "")
    if kind == "cell" and "c.SessionExport." in code:
        kind = "settings"
    return Block(line, kind, code, marks.get("not run"), marks.get("fails"))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
