"""How a program of ours is run in an interpreter of its own."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

HOME = str(Path(__file__).resolve().parents[1])


def command(module: str, *arguments: str) -> list[str]:
    """Return what runs the `main` of a module with these arguments, in `sys.argv[1:]`.

    It imports from where this interpreter does, but never from the folder where it is
    started, which may be one of notebooks; and it means the same files by their names.
    """
    program = f"import sys; sys.path[:] = {_places()!r}; from {module} import main; main()"
    encoding = f"utf8={int(sys.getfilesystemencoding() == 'utf-8')}"
    return [sys.executable, "-X", encoding, "-c", program, *arguments]


def _places() -> list[str]:
    here = ""
    # A folder that was removed holds no modules.
    with suppress(OSError):
        here = os.path.realpath(Path.cwd())
    return [
        place
        for place in sys.path
        if isinstance(place, str)
        and os.path.isabs(place)  # noqa: PTH117 - strings
        and (os.path.realpath(place) != here or here == HOME)
    ]
