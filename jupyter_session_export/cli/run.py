"""`jupyter session-export run`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..client.destination import Destination
from ..errors import InvalidRequest
from ..records.timing import INSTALLING, UPLOADING, StageTiming
from ..sessions.events import Event, Finished, Missed, Output, Progress, Stderr, Stdout
from ..sessions.hosting import Hosting
from ..sessions.local.backend import LocalBackend
from ..sessions.result import RunResult
from ..sessions.session import Host, Session
from ..settings import SessionExport
from .screen import Screen
from .signals import ending_by_exception

SLOW = (UPLOADING, INSTALLING)
"""Stages of which a person is told."""


def run_code(settings: SessionExport, options: Namespace, screen: Screen) -> int:
    """Run code in a session and pass its output on; return the code's own exit code."""
    code = _code(options)
    if options.export is not None:
        # Not only when all has run.
        Destination.parse(options.export, Path.cwd())
    with ending_by_exception(), host_of(settings, options) as host, _session(host, options) as one:
        result = _follow(one, code, options, screen)
        exported = None
        if options.export is not None:
            exported = one.export(options.export)
    if screen.json:
        told = {**result.to_json(), "export": exported and exported.to_json()}
        screen.document(told)
    elif exported is not None:
        screen.note(str(exported.path))
    return result.exit_code


def host_of(settings: SessionExport, options: Namespace) -> Host:
    """Return where the code is to run."""
    if options.url is not None:
        return Session.connect(options.url, token=options.token)
    if options.session or options.keep:
        raise InvalidRequest(
            "Sessions of this machine end with the command.",
            "Give --url: those of a Jupyter server live on.",
        )
    if options.data_dir:
        settings.data_dir = options.data_dir
    return Host(Hosting(LocalBackend, settings))


@contextmanager
def _session(host: Host, options: Namespace) -> Iterator[Session]:
    if options.session:
        yield host.get(options.session)
        return
    session = host.create(
        language=options.language,
        kernel=options.kernel,
        env=_pairs(options.env, "--env"),
        cwd=options.cwd,
        template=options.template,
    )
    try:
        yield session
    finally:
        if not options.keep:
            session.close()


def _follow(session: Session, code: str, options: Namespace, screen: Screen) -> RunResult:
    events = session.stream(
        code,
        timeout=options.timeout or None,
        files=_files(options.file),
        packages=options.package,
        download_files=options.download,
    )
    for event in events:
        if isinstance(event, Finished):
            return event.result
        if not screen.json:
            _pass_on(event, screen)
    raise AssertionError("a run ends with its result, or with an error")


def _pass_on(event: Event, screen: Screen) -> None:
    if isinstance(event, Stdout):
        screen.out.write(event.text)
        screen.out.flush()
    elif isinstance(event, Stderr):
        screen.err.write(event.text)
        screen.err.flush()
    elif isinstance(event, Output):
        _show(event.output, screen)
    elif isinstance(event, Missed):
        screen.note(f"[{event.bytes:,} bytes were not shown; the session's record has them]")
    elif isinstance(event, Progress) and event.stage.stage in SLOW and event.stage.message:
        screen.note(_progress(event.stage))


def _show(output: Mapping[str, object], screen: Screen) -> None:
    data = output.get("data")
    if isinstance(data, dict):
        screen.line(str(data.get("text/plain", "")))
    elif output.get("output_type") == "error":
        traceback = output.get("traceback")
        lines = traceback if isinstance(traceback, list) else []
        screen.note("\n".join(map(str, lines)) or f"{output['ename']}: {output['evalue']}")


def _progress(stage: StageTiming) -> str:
    percent = "" if stage.percent is None else f" {stage.percent:.0f} %"
    return f"{stage.stage}{percent}: {stage.message}"


def _code(options: Namespace) -> str:
    if (options.code is None) == (options.script is None):
        raise InvalidRequest("There must be either a FILE or -c CODE.", "FILE may be - for stdin.")
    if options.code is not None:
        return str(options.code)
    if options.script == "-":
        return sys.stdin.read()
    try:
        return Path(options.script).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{options.script} can't be read.", str(error)) from error


def _files(given: list[str]) -> dict[str, str]:
    """Read `path` and `path=file`; a path alone is both."""
    pairs = (text.partition("=") for text in given)
    return {(path if equals else Path(path).name): file or path for path, equals, file in pairs}


def _pairs(given: list[str], option: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise InvalidRequest(f"{option} takes NAME=VALUE, not {wrong[0]!r}.")
    return {name: value for name, _, value in pairs}
