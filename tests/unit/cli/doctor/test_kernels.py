"""What is made of kernelspecs, and of what their interpreters say."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import pytest

from jupyter_session_export import __version__
from jupyter_session_export.cli.doctor.kernels import Kernel, judge
from jupyter_session_export.cli.doctor.probe import ProbeFailed, ProbeTimedOut

PYTHON = Kernel("py", [sys.executable, "-m", "ipykernel_launcher", "-f", "{file}"], "python", {})
WELL: dict[str, Any] = {
    "python": "3.12.1",
    "launched": True,
    "plugin": __version__,
    "error": None,
    "startup": "/startup.py",
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "KERNEL"),
        ({"launched": False}, "KERNEL_BROKEN"),
        ({"plugin": None}, "KERNEL_WITHOUT_PLUGIN"),
        ({"plugin": None, "error": "ImportError: zmq"}, "KERNEL_PLUGIN_BROKEN"),
        ({"startup": None}, "KERNEL_PLUGIN_NOT_LOADED"),
        ({"plugin": "0.0.1"}, "KERNEL_PLUGIN_OTHER_VERSION"),
    ],
)
def test_what_an_interpreter_says(change: Mapping[str, Any], code: str) -> None:
    """Each answer is one finding, which names the kernel, with a command of its interpreter's."""
    finding = judge(PYTHON, {**WELL, **change})
    assert finding.code == code
    assert finding.message.startswith("py: ")
    assert finding.remedy is None if code == "KERNEL" else sys.executable in finding.remedy or ""
    # pip does nothing about a version that is there already, unless it is told to.
    assert ("--force-reinstall" in (finding.remedy or "")) == (
        code in ("KERNEL_PLUGIN_BROKEN", "KERNEL_PLUGIN_NOT_LOADED")
    )


def test_an_interpreter_that_hangs_or_fails() -> None:
    """The first may be a slow disk, the second can't work."""
    assert judge(PYTHON, ProbeTimedOut("slow")).code == "KERNEL_SILENT"
    finding = judge(PYTHON, ProbeFailed("SyntaxError"))
    assert (finding.code, "SyntaxError" in finding.message) == ("KERNEL_BROKEN", True)


def test_a_program_that_is_gone() -> None:
    """As after its environment was removed; the kernelspec can go."""
    gone = Kernel("old", ["/no/such/python", "-m", "ipykernel_launcher"], "python", {})
    finding = judge(gone, None)
    assert finding.code == "KERNEL_INTERPRETER_GONE"
    assert finding.remedy == "jupyter kernelspec remove old"
    assert judge(Kernel("none", [], "", {}), None).code == "KERNEL_INTERPRETER_GONE"


@pytest.mark.parametrize(
    ("argv", "asked"),
    [
        (["python3.11", "-m", "ipykernel_launcher"], True),
        (["/env/bin/python", "-Xfrozen_modules=off", "-m", "ipykernel"], True),
        (["python", "-m", "xpython_launcher", "-f", "{file}"], True),
        (["python", "-m", "xpython_launcher", "-f", "{file}", "--raw"], False),
        (["python", "-m", "bash_kernel"], False),
        (["ark", "-m", "ipykernel"], False),
        (["python"], False),
    ],
)
def test_only_ipython_is_asked(argv: list[str], asked: bool) -> None:
    """The magics are for IPython; a program that is no Python would not understand."""
    assert Kernel("k", argv, "python", {}).is_ipython is asked


def test_a_kernel_that_starts_elsewhere_is_not_asked() -> None:
    """Its interpreter need not be on this machine."""
    remote = Kernel("pod", ["/no/such/python"], "python", {}, "k8s-provisioner")
    assert not remote.is_ipython
    assert judge(remote, None).code == "KERNEL_RECORDED_ONLY"


def test_kernelspecs_of_one_interpreter_are_one_question() -> None:
    """Unless their environments differ."""
    again = Kernel("again", PYTHON.argv, "python", {})
    other = Kernel("other", PYTHON.argv, "python", {"PYTHONPATH": "/x"})
    assert PYTHON.question == again.question
    assert PYTHON.question != other.question
