"""Programs that are asked: what they answer, how they fail, and that they can't hang."""

from __future__ import annotations

import sys

import pytest

from jupyter_session_export.cli.doctor.probe import ProbeFailed, ProbeTimedOut, ask, read_answer


def test_the_answer_is_the_last_object() -> None:
    """What start-up files print, before or after, is passed over."""
    assert read_answer('hello\n{"a": 1}\n[2]\nbye\n') == {"a": 1}
    assert read_answer("hello\n") is None


def test_a_program_is_asked_where_nothing_shadows_its_modules() -> None:
    """With what the environment has besides."""
    code = "import json, os; print(json.dumps({'here': os.listdir(), 'x': os.environ['X']}))"
    assert ask([sys.executable, "-c", code], 60, {"X": "1"}) == {"here": [], "x": "1"}


def test_a_program_that_fails_is_quoted() -> None:
    """Its last line says most; one that says nothing has its exit code."""
    with pytest.raises(ProbeFailed, match="ValueError: on purpose"):
        ask([sys.executable, "-c", "raise ValueError('on purpose')"], 60)
    with pytest.raises(ProbeFailed, match="3"):
        ask([sys.executable, "-c", "import sys; sys.exit(3)"], 60)
    with pytest.raises(ProbeFailed, match="No such file"):
        ask(["/no/such/program"], 60)


def test_a_program_that_hangs_is_given_up() -> None:
    """A kernel's interpreter may wait for a dead disk."""
    with pytest.raises(ProbeTimedOut):
        ask([sys.executable, "-c", "import time; time.sleep(600)"], 0.2)
