"""Another program that changes files while they are read: a process of its own, told what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = """
import json, os, sys

def grow(path, size):
    with open(path, "ab") as file:
        file.write(b"+" * size)

def shrink(path, size):
    os.truncate(path, size)

def vanish(path):
    os.unlink(path)

def overwrite(path, size):
    with open(path, "r+b") as file:
        file.seek(-size, 2)
        file.write(b"!" * size)

def replace(path, size):
    with open(path + ".new", "wb") as file:
        file.write(b"?" * size)
    os.replace(path + ".new", path)

def link(path, target):
    os.unlink(path)
    os.symlink(target, path)

def fifo(path):
    os.unlink(path)
    os.mkfifo(path)

def folder(path):
    os.unlink(path)
    os.mkdir(path)

def lead_out(path, target):
    above = os.path.dirname(path)
    os.rename(above, above + ".away")
    os.symlink(target, above)

def storm(paths, size):
    print(json.dumps("done"), flush=True)
    while True:
        for number, path in enumerate(paths):
            what = number % 5
            try:
                if what == 0:
                    grow(path, 1000)
                    if os.path.getsize(path) > 4 * size:
                        shrink(path, size)
                elif what == 1:
                    shrink(path, 10)
                    grow(path, size)
                elif what == 2:
                    vanish(path)
                    grow(path, size)
                elif what == 3:
                    replace(path, size)
                else:
                    overwrite(path, 10)
            except FileNotFoundError:
                grow(path, size)

for line in sys.stdin:
    what, *how = json.loads(line)
    globals()[what](*how)
    print(json.dumps("done"), flush=True)
"""


class WriterProcess:
    """Does one thing after the other, and says when it is done."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def do(self, what: str, *how: object) -> None:
        """Have something done, and wait until it is; a storm lasts until the process ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        words = [[str(each) for each in a] if isinstance(a, list) else a for a in how]
        command = [what, *(str(a) if isinstance(a, Path) else a for a in words)]
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == '"done"\n'


@contextmanager
def writing() -> Iterator[WriterProcess]:
    """Run such a process for as long as the block lasts."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield WriterProcess(process)
        finally:
            process.kill()
