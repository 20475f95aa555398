"""Session numbers: 1, 2, 3 …, each given once, whoever else asks at the same time."""

from __future__ import annotations

import os
from pathlib import Path

from .faults import StoreFaults
from .folder import open_private, private_folder


def claim_number(folder: Path) -> int:
    """Take the next number by making an empty file: that is atomic on every file system.

    The files stay, so that a removed session's number is not given again.
    """
    with StoreFaults("number the session"):
        names = (path.name for path in private_folder(folder).iterdir())
        number = max((int(name) for name in names if name.isdecimal()), default=0)
        while True:
            number += 1
            try:
                descriptor = open_private(
                    folder / str(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL
                )
            except FileExistsError:
                continue
            os.close(descriptor)
            return number
