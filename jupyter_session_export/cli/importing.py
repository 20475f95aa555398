"""`jupyter session-export import`."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..client.fetching import Fetching, is_url
from ..client.job import Progress
from ..client.wording import counted, size
from ..errors import ArchiveUnreadable
from ..importing.importing import Imported, import_archive
from ..importing.limits import Limits
from ..importing.place import Place, told
from .screen import ProgressLine, Screen
from .signals import ending_by_exception

PREFIX = ".session_export-"
MOST_SHOWN = 10
"""Names that were changed, told one by one."""


def import_zip(arguments: Namespace, screen: Screen) -> int:
    """Unpack an exported ZIP, from a file or a URL, into a new folder, and say where."""
    limits = Limits(
        max_bytes=arguments.max_bytes,
        max_files=arguments.max_files,
        max_ratio=arguments.max_ratio,
    )
    with (
        ending_by_exception(),
        ProgressLine(screen) as line,
        _opened(arguments, limits, line) as (file, place),
    ):
        imported = import_archive(
            file,
            place,
            limits,
            lambda stage, done, total: line.report(_shown(stage, done, total)),
        )
    _tell(imported, screen)
    return 0


@contextmanager
def _opened(
    arguments: Namespace, limits: Limits, line: ProgressLine
) -> Iterator[tuple[IO[bytes], Place]]:
    if is_url(arguments.archive):
        with _fetched(arguments, limits, line) as found:
            yield found
        return
    path = Path(arguments.archive).expanduser()
    place = Place.parse(arguments.to, path.absolute().parent, path.name)
    with _own(path) as file:
        yield file, place


@contextmanager
def _fetched(
    arguments: Namespace, limits: Limits, line: ProgressLine
) -> Iterator[tuple[IO[bytes], Place]]:
    """Fetch a ZIP into a file without a name: it is gone with this process, however that ends."""
    fetching = Fetching(
        arguments.archive,
        token=arguments.token,
        certificate=arguments.certificate,
        most_bytes=limits.max_bytes,
    )
    folder = Place.parse(arguments.to, Path.cwd(), "x").folder
    with told(folder):
        file = tempfile.TemporaryFile(dir=folder, prefix=PREFIX, suffix=".part")  # noqa: SIM115 - below
    with file:
        fetching.into(file, line.report)
        file.flush()
        yield file, Place.parse(arguments.to, Path.cwd(), fetching.name)


def _own(path: Path) -> IO[bytes]:
    try:
        if path.exists() and not path.is_file():
            raise ArchiveUnreadable(f"{path} is no file.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise ArchiveUnreadable(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:
        raise ArchiveUnreadable(f"{path} can't be read.", str(error)) from error


def _shown(stage: str, done: int, total: int) -> Progress:
    return Progress(stage, 100.0 * done / total if total else 100.0, 0, 0, done, total)


def _tell(imported: Imported, screen: Screen) -> None:
    if screen.json:
        screen.document(imported.to_json())
        return
    screen.line(str(imported.path))
    screen.note(f"{counted(imported.files, 'file')}, {size(imported.bytes)}, all as recorded")
    for each in imported.renamed[:MOST_SHOWN]:
        screen.note(f"renamed: {each.path} is {each.name} here")
    if (rest := len(imported.renamed) - MOST_SHOWN) > 0:
        screen.note(f"renamed: {rest:,} more; --json has each")
