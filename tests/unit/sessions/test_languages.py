"""Which kernel speaks a language."""

from __future__ import annotations

import pytest

from jupyter_session_export.errors import KernelNotInstalled
from jupyter_session_export.sessions.languages import WAYS, choose_kernel

SPECS = {
    "conda-env": "python",
    "python3": "python",
    "xpython": "python",
    "bash": "bash",
    "deno": "typescript",
    "ir": "R",
}


@pytest.mark.parametrize(
    ("language", "kernel"),
    [
        ("python", "python3"),
        ("Python", "python3"),
        ("py", "python3"),
        ("bash", "bash"),
        ("sh", "bash"),
        ("javascript", "deno"),
        ("ts", "deno"),
        ("r", "ir"),
    ],
)
def test_a_language_has_its_kernel(language: str, kernel: str) -> None:
    """A language goes by its usual names; Jupyter's own kernelspec goes first."""
    assert choose_kernel(SPECS, language) == kernel


def test_a_kernel_goes_before_the_language() -> None:
    """Who names a kernel gets that one."""
    assert choose_kernel(SPECS, "python", "xpython") == "xpython"


def test_without_the_usual_one_the_first_by_name_is_taken() -> None:
    """The choice doesn't depend on the order in which kernels are found."""
    assert choose_kernel({"b": "python", "a": "python"}, "python") == "a"


@pytest.mark.parametrize("language", sorted(WAYS))
def test_a_missing_language_says_how_to_get_it(language: str) -> None:
    """The error has the way to install a kernel, and what there is."""
    with pytest.raises(KernelNotInstalled) as told:
        choose_kernel({"mine": "cobol"}, language)
    assert WAYS[language] in str(told.value.detail)
    assert "cobol" in str(told.value.detail)


def test_a_kernel_that_nobody_installed_is_told() -> None:
    """So does a kernel's name."""
    with pytest.raises(KernelNotInstalled, match="'julia-mine'") as told:
        choose_kernel({}, "python", "julia-mine")
    assert "none" in str(told.value.detail)
