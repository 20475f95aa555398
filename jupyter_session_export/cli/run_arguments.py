"""The arguments of `jupyter session-export run`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

TIMEOUT_SECONDS = 600.0


def add_run(commands: Commands, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    text = "run code in a session, and end with the code's own exit code"
    parser = commands.add_parser("run", help=text, description=text, parents=parents)
    parser.add_argument("script", metavar="FILE", nargs="?", help="the code; - is standard input")
    parser.add_argument("-c", dest="code", metavar="CODE", help="the code itself")
    _add_session(parser)
    _add_files(parser)
    _add_server(parser)
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=TIMEOUT_SECONDS,
        help="interrupt the code then, with exit code 124; 0 is never (default: 600)",
    )
    parser.add_argument("--export", metavar="PATH", help="write the session's ZIP, too")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds, at least 0")
    return seconds


def _add_session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", metavar="NAME", default="", help="default: python")
    parser.add_argument("--kernel", metavar="NAME", help="a kernelspec; goes before --language")
    parser.add_argument("--template", metavar="NAME", help="one of SessionExport.session_templates")
    parser.add_argument("--cwd", metavar="DIR", help="where to work (default: a folder of its own)")
    _repeatable(parser, "--env", "NAME=VALUE", "a variable of the kernel's environment")
    _repeatable(parser, "--package", "NAME", "install it for the session first")


def _add_files(parser: argparse.ArgumentParser) -> None:
    _repeatable(parser, "--file", "[PATH=]FILE", "send a file first, to PATH in the session")
    _repeatable(parser, "--download", "PATH", "fetch a file of the session afterwards")


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="run it on a Jupyter server, or a gateway")
    parser.add_argument("--token", help="that server's token")
    parser.add_argument("--session", metavar="ID", help="go on in a session of that server")
    parser.add_argument("--keep", action="store_true", help="leave the session to live on there")


def _repeatable(parser: argparse.ArgumentParser, name: str, metavar: str, text: str) -> None:
    parser.add_argument(
        name, metavar=metavar, action="append", default=[], help=f"{text}; repeatable"
    )
