"""Asking a program: its answer is one line of JSON, and it has so much time and no more."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

TOLD_CHARACTERS = 500


class ProbeFailed(Exception):
    """A program could not be started, ended badly or told nothing; `why` is its own words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ProbeTimedOut(ProbeFailed):
    """A program took longer than it may."""


def ask(
    command: Sequence[str], seconds: float, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run a program, in a folder that shadows no module, and return what it tells.

    Raises ProbeFailed, ProbeTimedOut.
    """
    with tempfile.TemporaryDirectory(prefix="session-export-doctor-") as folder:
        try:
            done = subprocess.run(  # noqa: S603  # a kernelspec's or our own interpreter
                list(command),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ProbeTimedOut(f"It did not answer within {seconds:g} s.") from error
        except OSError as error:
            raise ProbeFailed(str(error)) from error
    answer = read_answer(done.stdout.decode(errors="replace"))
    if answer is None:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ProbeFailed(
            said[-1][:TOLD_CHARACTERS] if said else f"It ended with {done.returncode}."
        )
    return answer


def read_answer(text: str) -> dict[str, Any] | None:
    """Return the last line that is a JSON object; start-up files of users may print, too."""
    for line in reversed(text.splitlines()):
        with suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict):
                return answer
    return None
