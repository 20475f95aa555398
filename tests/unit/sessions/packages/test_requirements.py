"""What is to be installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_session_export.errors import FileMissing, InvalidRequest
from jupyter_session_export.sessions.packages import Requirements
from tests.wheels import make_wheel

PYTHON = Path(sys.executable)


def test_the_same_set_has_the_same_name() -> None:
    """However it is written, and in whatever order."""
    one = Requirements.parse(["NumPy>=2", "some_package[extra]", "numpy>=2"])
    other = Requirements.parse([" some-package[extra] ", "numpy >= 2"])
    assert one == other
    assert one.digest(PYTHON) == other.digest(PYTHON)
    assert len(one.digest(PYTHON)) == 32


def test_another_set_or_interpreter_has_another(tmp_path: Path) -> None:
    """An interpreter that was replaced is another one."""
    digests = {
        Requirements.parse(packages).digest(PYTHON)
        for packages in (["a"], ["a==1"], ["a", "b"], ["a", "--no-index"], [])
    }
    python = tmp_path / "python"
    for content in ("1", "22"):
        python.write_text(content)
        digests.add(Requirements.parse(["a"]).digest(python))
    assert len(digests) == 7


def test_a_wheel_counts_by_its_content(tmp_path: Path) -> None:
    """Wherever it lies."""
    wheel = make_wheel(tmp_path / "one", "small")
    copy = tmp_path / "two" / wheel.name
    copy.parent.mkdir()
    copy.write_bytes(wheel.read_bytes())
    before = Requirements.parse([str(wheel)]).digest(PYTHON)
    assert Requirements.parse([str(copy)]).digest(PYTHON) == before
    make_wheel(tmp_path / "one", "small", code="changed = True")
    assert Requirements.parse([str(wheel)]).digest(PYTHON) != before
    assert Requirements.parse([str(wheel)]).arguments() == ["--", str(wheel)]


@pytest.mark.parametrize("text", ["--target=/", "-r/etc/passwd", "--index-url=x", "a b", ""])
def test_what_names_no_package_is_refused(text: str) -> None:
    """Options could have the installer do anything."""
    with pytest.raises(InvalidRequest):
        Requirements.parse([text])


def test_a_missing_wheel_is_told(tmp_path: Path) -> None:
    """It is no name of a package."""
    with pytest.raises(FileMissing, match=r"small\.whl"):
        Requirements.parse([str(tmp_path / "small.whl")])


def test_offline_options_go_along() -> None:
    """Before the names, which may not be taken for options."""
    parsed = Requirements.parse(["small", "--no-index", "--find-links=/wheels"])
    assert parsed.arguments() == ["--find-links=/wheels", "--no-index", "--", "small"]
    assert parsed
    assert not Requirements.parse(["--no-index"])
