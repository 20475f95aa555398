"""Whose recording a file is, by its place and its name; pure, and able to say why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

PLACEHOLDERS = {
    # The least of each, so that the first mark in a name counts: a name has one session.
    "prefix": ".+?",
    "date": ".+",
    "ID": "(?P<id>[0-9a-f]{32}|0*[1-9][0-9]{0,17})",
}
_SESSION_FOLDER = re.compile(r"session([0-9a-f]{32}|0*[1-9][0-9]{0,17})", re.IGNORECASE)
_HAS_SUFFIX = re.compile(r"\.\w+$")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a session is called in names: its number, or its id of 32 hex digits."""

    number: int
    id: str

    def is_named(self, text: str) -> bool:
        """Tell whether a number or id means this session; zeros before a number don't count."""
        if text.lower() == self.id:
            return True
        return text.isdecimal() and len(text) < 32 and int(text) == self.number


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file is a session's recording, and why; `name` is its path in `recordings/`."""

    taken: bool
    reason: str
    name: str | None = None


class InvalidPattern(ValueError):
    """A pattern without `{ID}`, or with a placeholder that there isn't."""


class Matcher:
    """Tells a session's recordings by their paths below a folder that is looked through.

    A file belongs to one session at most. Its place comes first: what lies in
    `Session42/` is never another's. Its name comes next, and of several marks in a
    name the first one, by the order of the patterns.
    """

    def __init__(self, patterns: Sequence[str], types: Sequence[str]) -> None:
        self.patterns = tuple(patterns)
        self.types = frozenset(type_.lower().lstrip(".") for type_ in types)
        self._compiled = tuple(compiled(pattern) for pattern in patterns)

    def judge(self, path: str, session: Identity) -> Verdict:
        """Judge a file by its path, with `/`, below a folder that is looked through."""
        parts = PurePosixPath(path).parts
        for depth, part in enumerate(parts[:-1]):
            match = _SESSION_FOLDER.fullmatch(part)
            if match:
                return self._judge_place(parts, depth, match[1], session)
        return self._judge_name(path, parts[-1] if parts else "", session)

    def _judge_place(
        self, parts: tuple[str, ...], depth: int, named: str, session: Identity
    ) -> Verdict:
        if not session.is_named(named):
            return Verdict(False, f"it lies in {parts[depth]}/, the folder of another session")
        if len(parts) > depth + 2 and parts[depth + 1].lower() == "recordings":
            name = "/".join(parts[depth + 2 :])
            return Verdict(True, f"it lies in {parts[depth]}/{parts[depth + 1]}/", name)
        return self._judge_name("/".join(parts[depth + 1 :]), parts[-1], session)

    def _judge_name(self, path: str, name: str, session: Identity) -> Verdict:
        stem, _, suffix = name.rpartition(".")
        if not stem or suffix.lower() not in self.types:
            return Verdict(False, f"{_shown(suffix if stem else '')} is no type of recordings")
        for pattern, expression in zip(self.patterns, self._compiled, strict=True):
            match = expression.fullmatch(name if _HAS_SUFFIX.search(pattern) else stem)
            if match:
                if session.is_named(match["id"]):
                    return Verdict(True, f"its name is like {pattern}", path)
                return Verdict(
                    False, f"its name is like {pattern}, of another session: {match['id']}"
                )
        return Verdict(
            False, f"its name is like none of {', '.join(self.patterns) or 'no pattern'}"
        )


def session_folder(name: str, session: Identity) -> bool:
    """Tell whether a folder of this name is the session's."""
    match = _SESSION_FOLDER.fullmatch(name)
    return match is not None and session.is_named(match[1])


def compiled(pattern: str) -> re.Pattern[str]:
    """Turn a pattern into an expression. Raises InvalidPattern."""
    pieces = _PLACEHOLDER.split(pattern)
    unknown = sorted(set(pieces[1::2]) - set(PLACEHOLDERS))
    if unknown or pieces[1::2].count("ID") != 1:
        raise InvalidPattern(
            f"{pattern!r} must hold {{ID}} once, and may hold {{prefix}} and {{date}}."
        )
    parts = [PLACEHOLDERS[piece] if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)]
    return re.compile(_bounded("".join(parts)), re.IGNORECASE | re.DOTALL)


def _bounded(expression: str) -> str:
    """Have the ID end where it ends, and the word before it begin as a word.

    `s4` within `cams4` names no session, nor does the 4 of a 42.
    """
    before, _, after = expression.partition(PLACEHOLDERS["ID"])
    word = re.search(r"[A-Za-z]*$", before)
    at = word.start() if word else len(before)
    begins, ends = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
    return f"{before[:at]}{begins}{before[at:]}{PLACEHOLDERS['ID']}{ends}{after}"


def _shown(suffix: str) -> str:
    return f".{suffix}" if suffix else "a name without a suffix"
