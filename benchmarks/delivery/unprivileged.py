"""Runs a program for which permissions hold, also for root: `python unprivileged.py PROGRAM…`.

Root reads whatever its mode is by two capabilities of Linux's. A process that has given them up
from its bounding set doesn't get them back when it becomes another program (capabilities(7)).
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
LAUNCHER = (sys.executable, __file__)


def main() -> None:
    if sys.platform == "linux" and os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  # no shell is what is wanted


if __name__ == "__main__":
    main()
