"""Rows of a JSON file of any size: an array, an object around arrays, or objects one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO

CHUNK = 256 * 1024
MOST = 8 * 1024 * 1024
"""Characters that one row may have; what is longer is broken."""
_SPACE = re.compile(r"[\s\ufeff]*")
_NEXT_ROW = re.compile(r"\}[\s,]*(?=\{)|\n[\s,]*(?=\{)")
_decode = json.JSONDecoder(strict=False).raw_decode


class Row(NamedTuple):
    """A row; `key` is the member of the file that it stood in, `around` that file's other ones."""

    value: Any
    key: str | None = None
    around: dict[str, Any] | None = None


class Torn(NamedTuple):
    """A piece of a file that is no JSON."""

    text: str
    reason: str


class BrokenJson(ValueError):
    """What comes next is no JSON."""


def json_rows(file: TextIO) -> Iterator[Row | Torn]:
    """Yield what a file holds; after what is no JSON it goes on with the next row."""
    text = _Text(file)
    while (first := text.peek()) != "":
        try:
            if first == "[":
                yield from _array(text, None, {})
            elif first in ",]}":
                text.at += 1
            elif first == "{" and not text.fits():
                yield from _object(text)
            else:
                yield from _whole(text.value())
        except BrokenJson as error:
            yield Torn(text.skip(), str(error))


def _whole(value: Any) -> Iterator[Row]:
    if not isinstance(value, dict):
        yield from (Row(each) for each in (value if isinstance(value, list) else [value]))
        return
    lists = {key: each for key, each in value.items() if _is_rows(each)}
    around = {key: each for key, each in value.items() if key not in lists}
    for key, rows in lists.items():
        yield from (Row(each, key, _plain(around)) for each in rows)
    if not lists:
        yield from _members(around)


def _members(around: dict[str, Any]) -> Iterator[Row]:
    """Take an object without arrays for a row, or for one of rows by their device."""
    if around and all(isinstance(each, dict) for each in around.values()):
        yield from (Row(each, key) for key, each in around.items())
    elif around:
        yield Row(around)


def _object(text: _Text) -> Iterator[Row | Torn]:
    """Stream an object that is longer than what was read of it."""
    text.at += 1
    around: dict[str, Any] = {}
    streamed = False
    while (first := text.peek()) not in ("}", ""):
        if first == ",":
            text.at += 1
            continue
        key = text.value()
        if not isinstance(key, str) or text.peek() != ":":
            raise BrokenJson("a member without a name or value")
        text.at += 1
        if text.peek() == "[":
            streamed = True
            yield from _array(text, key, _plain(around))
        else:
            around[key] = text.value()
    if first == "":
        yield Torn("", "the file ends in the middle of an object")
    text.at += 1
    if not streamed:
        yield from _members(around)


def _array(text: _Text, key: str | None, around: dict[str, Any]) -> Iterator[Row | Torn]:
    text.at += 1
    while (first := text.peek()) not in ("]", ""):
        if first == ",":
            text.at += 1
            continue
        try:
            yield Row(text.value(), key, around)
        except BrokenJson as error:
            yield Torn(text.skip(), str(error))
    if first == "":
        yield Torn("", "the file ends in the middle of an array")
    text.at += 1


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _plain(around: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in around.items() if not isinstance(each, (dict, list))}


class _Text:
    """The text of a file, of which as much is held as the row that is being read needs."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._held = ""
        self._ended = False
        self.at = 0

    def peek(self) -> str:
        """Return the next character that is no space; "" at the end."""
        while True:
            self.at = _SPACE.match(self._held, self.at).end()  # type: ignore[union-attr]  # always matches
            if self.at < len(self._held):
                return self._held[self.at]
            if not self._more():
                return ""

    def fits(self) -> bool:
        """Tell whether all that is left of the file is held."""
        while not self._ended and len(self._held) - self.at < CHUNK:
            self._more()
        if self._ended:
            return True
        # One object a line: the row is whole although the file is not.
        line = self._held.find("\n", self.at)
        return line > 0 and self._held[self.at : line].rstrip().endswith("}")

    def value(self) -> Any:
        """Read a value. Raises BrokenJson."""
        while True:
            try:
                value, end = _decode(self._held, self.at)
            except json.JSONDecodeError as error:
                if self._may_go_on(error) and self._more():
                    continue
                raise BrokenJson(f"no JSON: {error.msg}") from None
            except (RecursionError, ValueError) as error:
                raise BrokenJson(f"no JSON: {error}") from None
            # A number may go on where the text that is held ends.
            if end == len(self._held) and self._more():
                continue
            self.at = end
            return value

    def skip(self) -> str:
        """Skip what is broken, up to the next row; return it, cut where it is long."""
        skipped = ""
        while True:
            match = _NEXT_ROW.search(self._held, self.at)
            end = match.end() if match else len(self._held)
            skipped = (skipped + self._held[self.at : end])[:MOST]
            self.at = end
            if match or not self._more():
                return skipped

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        if len(self._held) - self.at > MOST:
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._held) - 16

    def _more(self) -> bool:
        if self._ended:
            return False
        chunk = self._file.read(CHUNK)
        self._ended = not chunk
        self._held = self._held[self.at :] + chunk
        self.at = 0
        return not self._ended
