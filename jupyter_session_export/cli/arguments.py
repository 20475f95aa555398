"""The arguments of `jupyter session-export`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .. import __version__
from ..client.export_options import add_export_options
from ..client.wording import size
from ..importing.limits import Limits
from .run_arguments import add_run

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """Return the parser; `command` names the subcommand."""
    top = argparse.ArgumentParser(
        prog="jupyter session-export",
        description="What ran in the Jupyter sessions of this account, and ZIPs of it.",
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_list(commands)
    _add_stats(commands)
    _add_export(commands)
    _add_verify(commands)
    _add_import(commands)
    _add_purge(commands)
    _add_restore(commands)
    _add_cleanup(commands)
    _add_migrate(commands)
    _add_doctor(commands)
    add_run(commands, [_reporting(), _recorded()])
    return top


def _reporting() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--json", action="store_true", help="write the result as JSON")
    return options


def _recorded() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument(
        "--data-dir", metavar="FOLDER", help="where the sessions are recorded (default: settings)"
    )
    return options


def _command(
    commands: Commands, name: str, text: str, *, recorded: bool = True
) -> argparse.ArgumentParser:
    """Add a subcommand, which says in its own help what the list of all says of it."""
    parents = [_reporting(), _recorded()] if recorded else [_reporting()]
    return commands.add_parser(name, help=text, description=text, parents=parents)


def _session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "session",
        metavar="SESSION",
        nargs="?",
        help="a number (42 or Session42), an id or the beginning of one (default: the newest)",
    )


def _add_list(commands: Commands) -> None:
    _command(commands, "list", "list the recorded sessions, the newest first")


def _add_stats(commands: Commands) -> None:
    parser = _command(commands, "stats", "count what a session holds")
    _session(parser)


def _add_export(commands: Commands) -> None:
    parser = _command(commands, "export", "write a session's ZIP")
    _session(parser)
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="a folder, or the name of a .zip file; nothing is overwritten (default: this folder)",
    )
    add_export_options(parser)
    parser.add_argument("--notebook", metavar="PATH", help="only this notebook")


def _add_verify(commands: Commands) -> None:
    parser = _command(
        commands, "verify", "check every file of a ZIP against its manifest", recorded=False
    )
    parser.add_argument("archives", metavar="ZIP", nargs="+", help="an exported file, or several")


def _add_import(commands: Commands) -> None:
    parser = _command(
        commands,
        "import",
        "unpack an exported ZIP into a new folder, once it is verified",
        recorded=False,
    )
    parser.add_argument(
        "archive",
        metavar="ZIP|URL",
        help="a file, or where to download it from: http(s), or http+unix for a server on a socket",
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        help="the folder to make, or an existing one to make it in; nothing is overwritten "
        "(default: beside the ZIP, or here, by the ZIP's name)",
    )
    parser.add_argument("--token", help="the Jupyter server's token; sent to the URL's server only")
    parser.add_argument(
        "--certificate",
        metavar="PEM",
        help="the server's own TLS certificate, to be trusted exactly (default: the system's)",
    )
    limits = Limits()
    harmless = size(limits.harmless_bytes)
    _limit(parser, "--max-bytes", limits.max_bytes, "refuse what unpacks to more bytes")
    _limit(parser, "--max-files", limits.max_files, "refuse what holds more files")
    text = f"refuse what unpacks to more than {harmless} and to more times its own size"
    _limit(parser, "--max-ratio", limits.max_ratio, text)


def _limit(parser: argparse.ArgumentParser, option: str, default: float, text: str) -> None:
    parser.add_argument(
        option,
        metavar="N",
        type=type(default),
        default=default,
        help=f"{text} (default: {default:,})",
    )


def _add_purge(commands: Commands) -> None:
    parser = _command(commands, "purge", "remove what was recorded of a session, for good")
    parser.add_argument(
        "session", metavar="SESSION", help="a number (42 or Session42), an id or its beginning"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help="all of it")
    what.add_argument("--notebook", metavar="PATH", help="what ran in this notebook")
    what.add_argument("--execution", metavar="N", help="one execution, by its number or id")
    what.add_argument(
        "--since",
        metavar="T",
        help="what ran at or after a time (2026-01-31T12:00 is in UTC), or the last 90s, 10m, 2h",
    )
    parser.add_argument("--yes", action="store_true", help="don't ask")


def _add_restore(commands: Commands) -> None:
    parser = _command(
        commands, "restore", "write the recorded outputs of a notebook's cells into its file"
    )
    parser.add_argument("notebook", metavar="NOTEBOOK", help="an .ipynb file")
    parser.add_argument(
        "--kernel",
        metavar="ID",
        help="only what this kernel ran, by its id or the beginning of one; also where nobody "
        "told of which notebook it was (nbclient): then cells are found by their source",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace the outputs also of cells that were edited since, or run unrecorded",
    )
    parser.add_argument(
        "--undo", action="store_true", help="put back what the last restore has replaced"
    )
    _dry_run(parser)


def _add_cleanup(commands: Commands) -> None:
    parser = _command(commands, "cleanup", "remove the sessions whose time is over")
    parser.add_argument(
        "--max-age-hours",
        metavar="N",
        type=float,
        help="remove at once what was last active so long ago (default: the settings' rules)",
    )
    _dry_run(parser)


def _add_migrate(commands: Commands) -> None:
    parser = _command(
        commands, "migrate", "take outputs/single/ and outputs/bulk/ of a folder into a session"
    )
    parser.add_argument("folder", metavar="DIR", help="the folder that has outputs/ in it")
    parser.add_argument(
        "--session",
        metavar="ID",
        help="a number, an id or the beginning of one (default: the newest)",
    )
    parser.add_argument("--backup", action="store_true", help="make a verified copy first, in DIR")
    parser.add_argument(
        "--rollback", action="store_true", help="restore what the last migration of DIR found"
    )
    _dry_run(parser)


def _dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def _add_doctor(commands: Commands) -> None:
    text = (
        "examine this install, its kernels, sessions and servers, and say what to do; "
        "or tell why files are recordings of a session, or why not"
    )
    parser = _command(commands, "doctor", text)
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="what may be a recording of a session"
    )
    parser.add_argument(
        "--session",
        metavar="ID",
        help="a number (42 or Session42), an id or the beginning of one "
        "(default: the newest; without FILE, all)",
    )
    parser.add_argument(
        "--kernel", metavar="NAME", help="a kernelspec; by default all are examined"
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        help="where browsers reach a server, through a proxy: it is asked there, too; "
        "the environment's JUPYTER_TOKEN opens one that isn't of this machine",
    )
