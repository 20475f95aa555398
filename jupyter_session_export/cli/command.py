"""`jupyter session-export`: from the arguments to the exit code."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from traitlets import TraitError

from ..errors import InvalidRequest, SessionExportError
from ..exports.belongings import Belongings
from ..settings import SessionExport, load_settings
from ..store.catalog import Catalog
from .arguments import parser
from .cleanup import clean_up
from .doctor.doctor import visit
from .doctor.examinations import Scope
from .doctor.files import diagnose
from .export import Recorded, write_export
from .importing import import_zip
from .listing import list_sessions
from .migrate import migrate
from .purge import purge
from .restore import restore_notebook
from .screen import Screen
from .selection import may_name_session, select
from .signals import Terminated
from .stats import show_stats
from .verify import verify_archives

DONE, PROBLEM, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes; argparse ends with `USAGE` too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return the exit code."""
    options = parser().parse_args(arguments)
    screen = Screen.of_process(json=options.json)
    try:
        code = _run(options, screen)
        screen.out.flush()
        return code
    except Terminated as ended:
        screen.note("Ended by a signal; nothing was left behind.")
        return 128 + ended.signal
    except KeyboardInterrupt:
        screen.note("Interrupted; nothing was left behind.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except SessionExportError as error:
        screen.problem(error)
        # By the code, as a server may have found it out.
        return USAGE if error.code == InvalidRequest.code else PROBLEM


def _run(options: Namespace, screen: Screen) -> int:
    if options.command == "verify":
        return verify_archives(options.archives, screen)
    if options.command == "import":
        return import_zip(options, screen)
    if options.command == "doctor" and not options.files:
        return visit(_scope(options), screen)
    settings = _settings()
    if options.command == "run":
        from .run import run_code  # noqa: PLC0415  # no other command starts kernels

        return run_code(settings, options, screen)
    catalog = Catalog(Path(options.data_dir or settings.data_dir).expanduser())
    if options.command in ("list", "cleanup", "migrate", "restore"):
        return _run_on_all(catalog, settings, options, screen)
    return _run_on_session(catalog, settings, options, screen)


def _run_on_all(
    catalog: Catalog, settings: SessionExport, options: Namespace, screen: Screen
) -> int:
    if options.command == "list":
        return list_sessions(catalog, screen)
    if options.command == "cleanup":
        return clean_up(catalog, settings, options, screen)
    if options.command == "restore":
        return restore_notebook(catalog, options, screen)
    return migrate(catalog, options, screen)


def _run_on_session(
    catalog: Catalog, settings: SessionExport, options: Namespace, screen: Screen
) -> int:
    if options.command == "export":
        _read_lone_path(options)
    sessions = catalog.sessions()
    session = select(sessions, options.session)
    if options.command == "doctor":
        return diagnose(options.files, session, sessions, Belongings.by(settings), screen)
    if options.command == "stats":
        return show_stats(catalog, session, settings, screen)
    if options.command == "purge":
        return purge(catalog, session, options, screen)
    return write_export(Recorded(catalog, session, settings), options, screen)


def _scope(options: Namespace) -> Scope:
    """Return what the doctor looks at: also where the settings are wrong, by the defaults then."""
    wrong = None
    try:
        settings = _settings()
    except InvalidRequest as error:
        settings, wrong = SessionExport(), error.detail
    catalog = Catalog(Path(options.data_dir or settings.data_dir).expanduser())
    named = [select(catalog.sessions(), options.session)] if options.session else None
    return Scope(
        catalog=catalog,
        settings=settings,
        settings_error=wrong,
        sessions=named,
        kernel=options.kernel,
        url=options.url,
    )


def _settings() -> SessionExport:
    try:
        return load_settings()
    except Exception as error:
        # The file is Python, so it may raise anything.
        what = "" if isinstance(error, TraitError) else f"{type(error).__name__}: "
        raise InvalidRequest("The settings are wrong.", f"{what}{error}") from error


def _read_lone_path(options: Namespace) -> None:
    """Take a single argument that names no session as the path: `export somewhere.zip`."""
    if options.session and options.path is None and not may_name_session(options.session):
        options.session, options.path = None, options.session
