"""The arguments of `%session_export`."""

from __future__ import annotations

import argparse
import os
import shlex
from typing import NoReturn

from ..client.export_options import add_export_options
from ..errors import InvalidRequest


class HelpShown(Exception):
    """The help was asked for and printed."""


class MagicParser(argparse.ArgumentParser):
    """Raises where argparse would end the process, which is the kernel here."""

    def error(self, message: str) -> NoReturn:
        raise InvalidRequest(f"{message[:1].upper()}{message[1:]}.", self.remedy)

    @property
    def remedy(self) -> str:
        magic = self.prog.partition(" ")[0]
        return f"{magic} --help says what it takes."

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise HelpShown


def parse(line: str) -> argparse.Namespace:
    """Read the magic's line. Raises InvalidRequest, or HelpShown after printing the help."""
    return read(_parser(), line)


def read(parser: MagicParser, line: str) -> argparse.Namespace:
    """Read a line as a shell would. Raises as `parse`."""
    try:
        words = _words(line)
    except ValueError as error:
        raise InvalidRequest(f"{error}.", parser.remedy) from None
    return parser.parse_args(words)


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if os.name == "nt":
        lexer.escape = ""  # a backslash parts folders there
    return list(lexer)


def _parser() -> MagicParser:
    parser = MagicParser(
        prog="%session_export",
        description="Write everything that ran in this Jupyter session into one ZIP.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="a folder, or the name of a .zip file; nothing is ever overwritten "
        "(default: the notebook's folder)",
    )
    parser.add_argument(
        "--session", metavar="ID", help="another session of yours (default: this one)"
    )
    parser.add_argument("--notebook", action="store_true", help="only this notebook")
    add_export_options(parser)
    return parser
