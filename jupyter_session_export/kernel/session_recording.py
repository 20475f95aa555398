"""`%session_recording`: pause, resume and take back the recording, from within the notebook."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from ..client.access import Access
from ..client.client import SessionExportClient
from ..client.moments import moment
from ..client.wording import problem_line, purged_text
from ..errors import SessionExportError
from ..records.times import now
from .arguments import HelpShown, MagicParser, read
from .origin import notebook_path
from .own import own_recorder

STATES = {"on": "on", "pause": "paused"}
HELP = {"on": "go on recording", "pause": "record nothing until it is turned on again"}
TOLD_OF_NOTEBOOK = {
    "on": "This notebook is recorded.",
    "paused": "This notebook isn't recorded. %session_recording on --notebook resumes.",
}
TOLD = {
    "on": "Recording is on.",
    "paused": "Recording is paused: what runs now is not recorded. %session_recording on resumes.",
    "stopped": "Recording has stopped: {reason}",
}


class Control(Protocol):
    """Who records: a server, or this kernel itself."""

    def set_recording(self, state: str, notebook: str | None) -> dict[str, Any]: ...
    def purge(self, scope: Mapping[str, Any], /) -> dict[str, Any]: ...


def run(line: str) -> None:
    """Do as the line says; a problem is one line on stderr, never a traceback."""
    try:
        arguments = read(_parser(), line)
        with _control() as control:
            sys.stdout.write(f"{_carry_out(arguments, control)}\n")
    except HelpShown:
        return
    except SessionExportError as error:
        sys.stderr.write(f"{problem_line(error)}\n")


def _control() -> AbstractContextManager[Control]:
    """Return the server's client, or what controls this kernel's own recorder."""
    own = own_recorder()
    if own is None:
        return SessionExportClient(Access.of_kernel())
    from .own.control import OwnControl  # noqa: PLC0415  # it brings all that makes a ZIP

    return nullcontext(OwnControl(own))


def _carry_out(arguments: Namespace, control: Control) -> str:
    if arguments.action == "purge":
        return purged_text(control.purge(_scope(arguments)), own=1)
    notebook = notebook_path() if arguments.notebook else None
    recording = control.set_recording(STATES[arguments.action], notebook)
    if notebook is not None and recording["state"] == "on":
        return TOLD_OF_NOTEBOOK[STATES[arguments.action]]
    return TOLD[recording["state"]].format(reason=recording["reason"])


def _scope(arguments: Namespace) -> dict[str, Any]:
    if arguments.all:
        return {"scope": "all"}
    if arguments.notebook:
        return {"notebook": notebook_path()}
    return {"since": moment(arguments.since, now())}


def _parser() -> MagicParser:
    parser = MagicParser(
        prog="%session_recording",
        description="Pause, resume or take back the recording of this Jupyter session.",
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="on|pause|purge")
    for name, text in HELP.items():
        change = actions.add_parser(name, help=text, allow_abbrev=False)
        change.add_argument("--notebook", action="store_true", help="this notebook only")
    purge = actions.add_parser(
        "purge", help="remove what was recorded, for good and without asking", allow_abbrev=False
    )
    what = purge.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help="all of this session")
    what.add_argument("--notebook", action="store_true", help="what ran in this notebook")
    what.add_argument(
        "--since",
        metavar="T",
        help="what ran at or after a time (2026-01-31T12:00 is in UTC), or the last 90s, 10m, 2h",
    )
    return parser
