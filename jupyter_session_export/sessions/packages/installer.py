"""Runs uv, or pip where that isn't there, into a folder of its own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from pathlib import Path

from ...errors import PackagesFailed
from ...records.scrubbing import scrubbed
from .requirements import Requirements

SECONDS = 1800.0
MOST_LINES = 40
"""Of the installer's own words in an error."""
MOST_CHARACTERS = 1000
_CHUNK = 16 * 1024

OnLine = Callable[[str], None]


def ignore(_: str) -> None:
    """Hear nothing."""


def uv() -> str | None:
    """Return where uv is: on the PATH, or a package of this interpreter's."""
    if found := shutil.which("uv"):
        return found
    if find_spec("uv") is None:
        return None
    from uv import find_uv_bin  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        return None


def command(requirements: Requirements, interpreter: Path, target: Path) -> list[str]:
    """Return how to install. Raises PackagesFailed where there is nothing to do it with."""
    to = ["--target", str(target), *requirements.arguments()]
    if found := uv():
        return [found, "pip", "install", "--no-progress", "--python", str(interpreter), *to]
    pip = ["-m", "pip", "--no-input", "--disable-pip-version-check"]
    if find_spec("pip") is None:
        return [str(interpreter), *pip, "install", "--progress-bar=off", *to]
    return [
        *(sys.executable, *pip, "--python", str(interpreter)),
        *("install", "--progress-bar=off", *to),
    ]


async def install(
    requirements: Requirements,
    interpreter: Path,
    target: Path,
    on_line: OnLine = ignore,
    seconds: float = SECONDS,
) -> None:
    """Install into a folder; `on_line` gets what the installer says.

    Raises PackagesFailed with its words, also after `seconds`. When it is cancelled, the
    installer has ended, too.
    """
    said: deque[str] = deque(maxlen=MOST_LINES)
    process = await asyncio.create_subprocess_exec(
        *command(requirements, interpreter, target),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(),
        start_new_session=True,
    )
    try:
        await asyncio.wait_for(_hear(process, said, on_line), seconds)
    except asyncio.TimeoutError:
        said.append(f"It was ended after {seconds:g} s.")
    finally:
        _kill(process)
        code = await process.wait()
    if code:
        raise PackagesFailed(
            # The address of a package may have a password.
            scrubbed(
                f"Could not install {', '.join([*requirements.wanted, *_names(requirements)])}."
            ),
            "\n".join(said),
        )


async def _hear(process: asyncio.subprocess.Process, said: deque[str], on_line: OnLine) -> None:
    async for line in _lines(process.stdout):
        said.append(line)
        on_line(line)
    await process.wait()


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """Yield the lines that say something; of an endless one the beginning."""
    rest = ""
    while stream is not None and (chunk := await stream.read(_CHUNK)):
        *whole, rest = re.split(r"[\r\n]+", rest + chunk.decode(errors="replace"))
        for line in filter(str.strip, whole):
            yield scrubbed(line[:MOST_CHARACTERS].rstrip())
        rest = rest[:_CHUNK]
    if rest.strip():
        yield scrubbed(rest[:MOST_CHARACTERS].rstrip())


def _environment() -> dict[str, str]:
    """Return ours, without what would lead an installer elsewhere than it is told."""
    return {
        **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
    }


def _names(requirements: Requirements) -> list[str]:
    return [path.name for path in requirements.files]


def _kill(process: asyncio.subprocess.Process) -> None:
    """End it and what it has started, unless it has ended."""
    if process.returncode is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
