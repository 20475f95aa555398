"""What Python code says of itself before it runs: names bound and used, installs."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

from .names import NameVisitor

MOST_BYTES = 64 * 1024
"""A source larger than this is not looked at."""
_FILE = "<recorded cell>"
_INSTALL = re.compile(
    r"""[!%]{1,2}\s*(?:\{?\s*sys\.executable\s*\}?|python[\d.]*)?\s*(?:-m\s+)?(?:uv\s+)?
    (?:pip3?|conda|mamba|micromamba|uv)\s+(?:install|add)\b""",
    re.VERBOSE,
)
_SHELL_INSTALL = re.compile(r"(?:pip3?|conda|mamba|uv(?:\s+pip)?)\s+(?:install|add)\b")
_CALLED_INSTALL = re.compile(r"""['"]pip3?['"]\s*,\s*['"]install\b""")
_ASSIGNED = re.compile(r"(\s*[\w\s,.()\[\]]+=)\s*[!%].*")
_RUNS_PYTHON = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "lprun"})
_BINDS_NOTHING = frozenset(
    {"bash", "sh", "html", "HTML", "javascript", "js", "latex", "markdown", "perl", "ruby"}
    | {"script", "svg", "SVG", "system", "sx", "writefile", "file", "cmd"}
)
_BINDS_ANYTHING = frozenset(
    {"run", "store", "pylab", "load", "load_ext", "reset", "reset_selective", "xdel", "macro"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """`uses` are names that it reads before it binds them, `later` those its functions read.

    `changes` are names that it may change without binding them, `made` has a hash of the code
    that binds or changes each. An `opaque` source may bind or remove any name. `installs`: it
    installs packages, `only_installs`: and does no more.
    """

    binds: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    removes: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    made: Mapping[str, int] = field(default_factory=dict)
    opaque: bool = False
    installs: bool = False
    only_installs: bool = False


def look_at(text: str) -> Source | None:
    """Return what a cell's code says of itself; None where it can't be parsed or is too long."""
    if len(text) > MOST_BYTES:
        return None
    installs, only = _installs(text)
    first, _, rest = text.lstrip().partition("\n")
    opaque = False
    if first.startswith("%%"):
        magic = first[2:].split(maxsplit=1)[0] if first[2:].strip() else ""
        if magic not in _RUNS_PYTHON:
            known = magic in _BINDS_NOTHING
            return Source(opaque=not known, installs=installs, only_installs=only)
        text = rest
    tree = _parsed(text)
    if tree is None:
        text, opaque = _without_magics(text)
        tree = _parsed(text)
    if tree is None:
        return None
    visitor = NameVisitor()
    try:
        visitor.visit(tree)
    except RecursionError:
        return None
    return Source(
        binds=frozenset(visitor.binds),
        uses=frozenset(visitor.uses),
        later=frozenset(visitor.later),
        changes=frozenset(visitor.changes),
        removes=frozenset(visitor.removes),
        modules=frozenset(visitor.modules),
        made=_made(visitor, text),
        opaque=opaque or visitor.opaque,
        installs=installs,
        only_installs=only,
    )


def _made(visitor: NameVisitor, text: str) -> dict[str, int]:
    lines = text.split("\n")
    return {
        name: hash(tuple(_code(each, lines) for each in statements))
        for name, statements in visitor.made.items()
    }


def _code(statement: ast.stmt, lines: list[str]) -> tuple[str, ...]:
    return tuple(lines[statement.lineno - 1 : statement.end_lineno])


def silence_warnings() -> None:
    """Keep Python from warning of the code of others; once before many are looked at."""
    warnings.filterwarnings("ignore", module=re.escape(_FILE))


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text, _FILE)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _installs(text: str) -> tuple[bool, bool]:
    """Tell whether packages are installed, and whether that is all that is done."""
    if "install" not in text and " add" not in text:
        return False, False
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    shell = bool(lines) and lines[0].startswith(("%%bash", "%%sh", "%%script"))
    pattern = _SHELL_INSTALL if shell else _INSTALL
    found = [bool(pattern.match(line)) for line in lines[shell:]]
    called = _CALLED_INSTALL.search(text) is not None
    return any(found) or called, bool(found) and all(found)


def _without_magics(text: str) -> tuple[str, bool]:
    """Return IPython's lines as Python; tell whether one of them may bind any name."""
    opaque, lines = False, []
    for line in text.splitlines():
        code = line.lstrip()
        indent = line[: len(line) - len(code)]
        if code.startswith("%"):
            words = code.lstrip("%").split(maxsplit=1)
            opaque = opaque or bool(words and words[0] in _BINDS_ANYTHING)
            lines.append(indent + "pass")
        elif code.startswith(("!", "?")) or code.rstrip().endswith("?"):
            lines.append(indent + "pass")
        elif assigned := _ASSIGNED.fullmatch(line):
            lines.append(f"{assigned[1]} None")
        else:
            lines.append(line)
    return "\n".join(lines), opaque
