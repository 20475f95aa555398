"""The data folder: that it is one, can be written to, and is its owner's alone."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from .commands import moving, quoted
from .finding import Finding, found, well
from .trial import nearest, trial_folder

TRIAL_BYTES = 64 * 1024
ELSEWHERE = 'Set c.SessionExport.data_dir = "/another/folder" in jupyter_session_export_config.py'
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
MOST_LOOKED_AT = 10_000


def examine_folder(data_dir: Path) -> Iterator[Finding]:
    """Try to write where sessions lie, and look who may read them."""
    place = nearest(data_dir / "sessions")
    if not place.is_dir():
        yield found(
            "DATA_FOLDER_NO_FOLDER",
            f"{place} is a file or leads nowhere; sessions are to lie in {data_dir}.",
            moving(place, place.with_name(f"{place.name}.old")),
            path=str(place),
        )
        return
    try:
        with trial_folder(data_dir) as folder:
            _write(folder / "trial")
    except OSError as error:
        yield _unwritable(place, error)
    else:
        state = "can be written to" if place == data_dir / "sessions" else "is made when needed"
        yield well("DATA_FOLDER", f"{data_dir} {state}.", path=str(data_dir))
    # Windows has other means than modes.
    if sys.platform != "win32" and (open_ones := _open_to_others(data_dir)):
        yield found(
            "FILES_OPEN_TO_OTHERS",
            f"Other accounts may get at what was recorded: {open_ones[0]}.",
            f"chmod -R go-rwx {quoted(str(data_dir))}",
            paths=open_ones,
        )


def _write(path: Path) -> None:
    with path.open("xb") as file:
        file.write(os.urandom(TRIAL_BYTES))
        file.flush()
        os.fsync(file.fileno())


def _unwritable(place: Path, error: OSError) -> Finding:
    if error.errno in NO_ROOM:
        return found(
            "DISK_FULL",
            f"There is no room in {place}: {error.strerror}.",
            "jupyter session-export cleanup",
            path=str(place),
        )
    return found(
        "DATA_FOLDER_READ_ONLY",
        f"Nothing can be written to {place}: {error.strerror}.",
        f"chmod u+rwx {quoted(str(place))}" if error.errno == errno.EACCES else ELSEWHERE,
        path=str(place),
    )


def _open_to_others(data_dir: Path) -> list[str]:
    """Return what others may get at, in folders that are open; one that is shut keeps the rest."""
    if not data_dir.is_dir() or _is_shut(data_dir):
        return []
    top = _children(data_dir)
    folders = [path for path in top if path.is_dir() and not path.is_symlink()]
    below = (path for folder in folders if not _is_shut(folder) for path in _children(folder))
    files = (path for path in top if path not in folders)
    return [str(path) for path in (*below, *files) if not _is_shut(path)][:MOST_LOOKED_AT]


def _is_shut(path: Path) -> bool:
    return not path.lstat().st_mode & _OTHERS or path.is_symlink()


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())[:MOST_LOOKED_AT]
    except OSError:
        # That it can't be read is found where sessions are listed.
        return []
